"""A backup back into a collection. Run it again after anything: until it is done the home says that it is not.

The order is that of every write: what is withheld, then vectors, then pictures, then the graph that follows from
them; what was there before goes when nothing shows it any more.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from loaders import archive
from loaders.archive import Member, pictures_of
from loaders.contents import Backup, Manifest, graph_digest
from loaders.embedders.checkpoints import checkpoint_hash, remember
from loaders.pipeline import relink
from loaders.plan import held_payloads
from loaders.progress import Progress
from stores import unfinished
from stores.artwork import Artwork
from stores.errors import Mismatch, Refused
from stores.files import write_whole
from stores.maps import write_map
from stores.pictures import unfinished_pictures
from stores.ports import GraphStore, VectorStore
from stores.records import EmbedderFacts, GraphStats, VectorBatch
from stores.withheld import Withheld

DELETED: Final = 1000
"""Artworks taken out at once."""


@dataclass(slots=True)
class RestoreReport:
    """What a restore did.

    Attributes:
        withheld: artworks of the backup that were left out, because they had been taken down.
        replaced: artworks that were there before and are not in the backup.
        lacking: pictures that artworks show and that are not in the home.
        notes: what is left for a person to do.
        seconds: stage to seconds.
    """

    manifest: Manifest
    artworks: int = 0
    pictures: int = 0
    withheld: int = 0
    replaced: int = 0
    lacking: int = 0
    edges: int = 0
    digest: str = ""
    graph_version: int = 0
    notes: list[str] = field(default_factory=list)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        yield f"{self.artworks} artworks and {self.pictures} pictures as of {self.manifest.created}"
        yield f"{self.edges} edges, graph version {self.graph_version}"
        if self.withheld:
            yield f"{self.withheld} artworks of the backup had been taken down, and stay away"
        if self.replaced:
            yield f"{self.replaced} artworks that the backup does not have were taken out"
        if self.lacking:
            yield f"{self.lacking} pictures that artworks show are not in the home: copy the old home's images/ into it"
        yield from self.notes
        yield ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())


def restore(
    backup: Backup, vectors: VectorStore, graph: GraphStore, home: Path, progress: Progress, *, replace: bool = False
) -> RestoreReport:
    """Make a collection what the backup holds; Refused where it holds anything and not ``replace``."""
    _refuse_filled(vectors, graph, home, replace=replace)
    held, resumed = _held(vectors), unfinished.is_unfinished(home)
    before = unfinished.begin(home, backup.path, _shown(held.values()))
    withheld = Withheld(home)
    withheld.merge(backup.withheld)
    kept = backup.kept(withheld.entries())
    others = [one for one in held if one not in kept]
    report = RestoreReport(backup.manifest, withheld=len(backup.digests) - len(kept), replaced=len(others))
    _prepare(vectors, backup.manifest.embedder, held)
    with progress.stage("restore", len(kept)) as advance:
        for part in _wanted(backup, kept):
            if isinstance(part, VectorBatch):
                vectors.upsert(part.ids.tolist(), part.vectors, part.payloads)
                advance(len(part.ids))
            else:
                write_whole(home / part.name, part.data, synced=False)
                report.pictures += part.name not in archive.SMALL
    _take_out(vectors, others)
    relink(vectors, graph, backup.manifest.k, progress)
    _count(report, graph.stats(), graph_digest(kept, backup.manifest.k))
    _restore_map(backup, kept, home)
    shown = _shown(_held(vectors).values())
    for name in before - shown:
        (home / name).unlink(missing_ok=True)
    for path in unfinished_pictures(home / "images") if resumed else ():
        path.unlink(missing_ok=True)
    report.lacking = sum(not (home / name).is_file() for name in shown)
    report.notes += _weights(home, backup.manifest)
    unfinished.finish(home)
    report.seconds = dict(progress.seconds)
    return report


def _restore_map(backup: Backup, kept: Collection[str], home: Path) -> None:
    """Lay the artworks out as they lay; a map of what was there before is of other artworks."""
    if backup.map is None:
        (home / archive.MAP).unlink(missing_ok=True)
    else:
        write_map(home, backup.map.only(kept))


def _refuse_filled(vectors: VectorStore, graph: GraphStore, home: Path, *, replace: bool) -> None:
    """A collection that an interrupted restore left is nobody's: it may be restored over."""
    count = max(vectors.stats().count, graph.stats().artworks)
    if count and not replace and not unfinished.is_unfinished(home):
        raise Refused(
            f"this collection holds {count} artworks already: restore into another --home (on servers another "
            "XDEGREES_COLLECTION), or say --replace, which takes out what the backup does not have"
        )


def _held(vectors: VectorStore) -> dict[str, Artwork]:
    return {one: Artwork.from_payload(one, payload) for one, payload in held_payloads(vectors).items()}


def _shown(artworks: Iterable[Artwork]) -> set[str]:
    return {name for artwork in artworks for name in pictures_of(artwork)}


def _prepare(vectors: VectorStore, facts: EmbedderFacts, held: Collection[str]) -> None:
    """Make the store ready for the backup's embedder; what another one made cannot stand beside it."""
    now = vectors.stats().facts
    if now is not None and now.identity != facts.identity:
        _take_out(vectors, list(held))
    vectors.prepare(facts)


def _wanted(backup: Backup, kept: Container[str]) -> Iterator[VectorBatch | Member]:
    """Yield the artworks that are kept, the pictures that they show, and the small files that a home has."""
    shown: set[str] = set()
    for part in backup.parts():
        if isinstance(part, VectorBatch):
            rows = [row for row, one in enumerate(part.ids.tolist()) if one in kept]
            payloads = tuple(part.payloads[row] for row in rows)
            some = VectorBatch(part.ids[rows], part.vectors[rows], payloads)
            shown = _shown(map(Artwork.from_payload, some.ids.tolist(), payloads))
            yield some
        elif part.name in shown or part.name in (archive.STEERING, archive.RIGHTS, archive.QUARANTINE):
            yield part


def _take_out(vectors: VectorStore, ids: Sequence[str]) -> None:
    for at in range(0, len(ids), DELETED):
        vectors.delete(ids[at : at + DELETED])


def _count(report: RestoreReport, now: GraphStats, wanted: str) -> None:
    """Report the graph, which has to be the one that follows from the backup's vectors."""
    if now.facts is None or now.facts.digest != wanted:
        raise Mismatch("the graph is not that of the backup: another process writes here; run 'xdegrees restore' again")
    report.artworks, report.edges, report.graph_version = now.artworks, now.edges, now.version
    report.digest = now.facts.digest


def _weights(home: Path, manifest: Manifest) -> Iterator[str]:
    """Remember the weights that the vectors were made with, where they are on this machine too."""
    path, known = Path(manifest.checkpoint), manifest.embedder.checkpoint
    if not manifest.checkpoint:
        return
    if path.is_file() and checkpoint_hash(path) in known.split("+"):
        remember(home, path)
    else:
        yield (
            f"the weights of {manifest.embedder.name} were in {path} and are not here (sha256 {known}): "
            "XDEGREES_CHECKPOINT says where they are"
        )
