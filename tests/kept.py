"""Collections that are backed up and restored in tests, and all that is in them."""

from collections.abc import Sequence
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from loaders.artworks import artwork_id
from loaders.backup import BackupReport, backup
from loaders.contents import verified
from loaders.links import link
from loaders.neighbors import nearest_neighbors
from loaders.plan import held_payloads
from loaders.progress import Progress
from loaders.relink import read_vectors
from loaders.restore import RestoreReport, restore
from loaders.writing import Writer
from stores.artwork import Artwork
from stores.connect import Stores
from stores.pictures import SIZES, picture_path
from stores.records import EmbedderFacts
from tests.made import made_vectors

FACTS = EmbedderFacts("made", 8, "c0ffee", "p", licence="none", source="a test", near_duplicate=0.2)


def painted(number: int, home: Path, content: object = None) -> Artwork:
    """An artwork whose two pictures are in the home; what they show is no matter here."""
    content_hash = sha256(f"content {number if content is None else content}".encode()).hexdigest()
    for size in SIZES:
        path = picture_path(home / "images", content_hash, size)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{content_hash} {size}".encode() * 9)
    return Artwork(
        artwork_id("made", str(number)),
        str(number),
        "made",
        content_hash,
        title=f"Nº {number}, \u2028“süß”",
        year_from=1800 + number % 200,
        year_to=1801 + number % 200,
        images={"thumb": (256, 192), "medium": (1024, 768)},
        metadata={"room": str(number % 7)},
    )


def fill(stores: Stores, home: Path, count: int = 300, seed: int = 0) -> list[Artwork]:
    """Put artworks with pictures and an editor's file into a collection."""
    artworks = [painted(number, home) for number in range(count)]
    Writer(stores, home).put(artworks, made_vectors(count, FACTS.dimension, seed), FACTS)
    (home / "steering.toml").write_text(f'exclude = ["{artworks[0].id}"]\n', encoding="utf-8")
    (home / "quarantine.json").write_text('{"made": {"bad.jpg": ["no picture", [3, 4]]}}', encoding="utf-8")
    return artworks


def everything(stores: Stores, home: Path) -> dict[str, Any]:
    """All that a restore brings back: to the last bit."""
    edges = stores.graph.edges()
    stats = stores.graph.stats()
    return {
        "rows": {
            str(one): (vector.tobytes(), payload)
            for batch in stores.vectors.scan()
            for one, vector, payload in zip(batch.ids, batch.vectors, batch.payloads, strict=True)
        },
        "embedder": stores.vectors.stats().facts,
        "graph": stats.facts,
        "artworks": stores.graph.artworks(edges.ids.tolist()),
        "edges": {part.name: getattr(edges, part.name).tobytes() for part in fields(edges)},
        "reach": stores.graph.reach().tobytes(),
        "pictures": pictures(home),
        "lists": {name: (home / name).read_bytes() for name in ("steering.toml", "quarantine.json")},
    }


def pictures(home: Path) -> dict[str, bytes]:
    """Every picture in a home."""
    return {path.name: path.read_bytes() for path in (home / "images").rglob("*") if path.is_file()}


def follows(stores: Stores) -> None:
    """The graph is what a rebuild makes of the vectors."""
    ids, matrix = read_vectors(stores.vectors, FACTS, len(held_payloads(stores.vectors)))
    facts = stores.graph.stats().facts
    assert facts is not None
    expected, found = link(ids, matrix, nearest_neighbors(matrix, facts.k)), stores.graph.edges()
    for part in fields(found):
        assert getattr(found, part.name).tolist() == getattr(expected.edges, part.name).tolist(), part.name


def keep(stores: Stores, home: Path, file: Path, **more: Any) -> BackupReport:
    """Back a collection up."""
    given = {"steering": home / "steering.toml", **more}
    return backup(stores.vectors, stores.graph, home, file, Progress(quiet=True), **given)


def bring_back(file: Path, stores: Stores, home: Path, *, replace: bool = False) -> RestoreReport:
    """Restore a collection."""
    with verified(file, Progress(quiet=True)) as found:
        return restore(found, stores.vectors, stores.graph, home, Progress(quiet=True), replace=replace)


def shown(artworks: Sequence[Artwork]) -> set[str]:
    """Names of the pictures of some artworks."""
    return {f"{artwork.content_hash}-{size}.jpg" for artwork in artworks for size in artwork.images}
