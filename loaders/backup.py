"""A collection into one file, through the ports: the same for a home that is served and for servers.

Others may write meanwhile. Each artwork is taken as it stood when it was read, with its pictures, and the graph is
not in the file: it follows from the vectors that are, so whatever was read is a collection that can be restored.
An artwork whose pictures are gone when they are to be read was taken out, or given another picture, since: it is
looked up again, and left out, or taken as it is now.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from loaders import archive
from loaders.archive import ArchiveWriter, pictures_of
from loaders.checks.kept import is_understood
from loaders.contents import Manifest, graph_digest
from loaders.embedders.checkpoints import noted
from loaders.progress import Progress
from loaders.relink import DEFAULT_K
from stores.artwork import Artwork, Payload
from stores.errors import BadInput, Busy, Damaged, Mismatch, NotFound
from stores.maps import read_map
from stores.ports import GraphStore, VectorStore
from stores.records import EmbedderFacts, GraphStats, VectorBatch, Vectors
from stores.unfinished import refuse_unfinished
from stores.withheld import Withheld

PIECE: Final = 128
"""Artworks written at once, with all their pictures in memory: some 20 MB."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds.

    Attributes:
        size: of the file, in bytes.
        taken_down: artworks that were taken down after they had been written: in the file, but never restored.
        seconds: stage to seconds.
    """

    file: str
    size: int
    manifest: Manifest
    taken_down: int
    seconds: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        made = self.manifest
        pictures = "no pictures" if made.pictures is None else f"{made.pictures} pictures"
        yield f"{made.artworks} artworks, {pictures}: {self.file} ({self.size / 1e6:.1f} MB)"
        if made.lost:
            yield f"{made.lost} pictures that artworks show were not in the home, and are not in the file"
        if self.taken_down:
            yield f"{self.taken_down} were taken down meanwhile: in the file, but no restore brings them back"
        if made.graph_version is None:
            yield "it changed meanwhile: each artwork is in the file as it stood when it was read"


def backup(
    vectors: VectorStore,
    graph: GraphStore,
    home: Path,
    file: Path,
    progress: Progress,
    *,
    steering: Path,
    pictures: bool = True,
    force: bool = False,
) -> BackupReport:
    """Write everything that cannot be derived into ``file``; Refused where it is there and not ``force``.

    Args:
        vectors: what is backed up.
        graph: says how many neighbours the artworks have.
        home: where the pictures and the lists are.
        file: gets its name when it is whole.
        progress: is shown how many artworks are done.
        steering: the editor's file, where there is one.
        pictures: whether those in the home go with it.
        force: whether an older file is overwritten.
    """
    stats, before, made = vectors.stats(), graph.stats(), datetime.now(UTC)
    if stats.facts is None or not stats.count:
        raise BadInput("there is nothing to back up yet: run 'xdegrees load FOLDER' first, or name another --home")
    with archive.create(file, force=force) as written:
        copy = _Copy(vectors, home, written, pictures=pictures)
        with progress.stage("back up", stats.count) as advance:
            for batch in vectors.scan():
                for piece in _pieces(batch):
                    copy.take(piece)
                    advance(len(piece))
        _refuse_replaced(vectors, home, stats.facts)
        manifest = copy.close(stats.facts, before, graph.stats(), steering, made)
    taken_down = len(copy.digests) - manifest.artworks
    return BackupReport(str(file), file.stat().st_size, manifest, taken_down, dict(progress.seconds))


@dataclass(frozen=True, slots=True)
class _Row:
    """An artwork as the vector store held it; ``vector`` is (dimension,) float32."""

    id: str
    vector: Vectors
    payload: Payload

    @property
    def pictures(self) -> tuple[str, ...]:
        return pictures_of(Artwork.from_payload(self.id, self.payload))


@dataclass(slots=True)
class _Copy:
    """Writes artworks with their pictures, and counts them."""

    vectors: VectorStore
    home: Path
    written: ArchiveWriter
    pictures: bool
    digests: dict[str, str] = field(default_factory=dict)
    files: int = 0
    lost: int = 0

    def take(self, piece: list[_Row]) -> None:
        """Write these, but for those that are withheld or gone by now."""
        withheld = Withheld(self.home).entries()
        settled = [found for row in piece if row.id not in withheld and (found := self._settled(row)) is not None]
        if not settled:
            return
        self.written.add_rows(
            VectorBatch(
                np.array([row.id for row, _ in settled], dtype="U36"),
                np.stack([row.vector for row, _ in settled]),
                tuple(row.payload for row, _ in settled),
            )
        )
        self.digests |= {row.id: str(row.payload.get("vector", "")) for row, _ in settled}
        files = {name: data for _, pictures in settled for name, data in pictures.items()}
        for name, data in files.items():
            if data is None:
                self.lost += 1
            else:
                self.written.add(name, data)
                self.files += 1

    def close(
        self, facts: EmbedderFacts, before: GraphStats, after: GraphStats, steering: Path, made: datetime
    ) -> Manifest:
        """Write the small files. The list of what is withheld is read last: nothing that is on it comes back."""
        withheld = Withheld(self.home).entries()
        lists = json.dumps(dict(withheld), indent=1).encode() if withheld else None
        small = {
            archive.STEERING: _read(steering),
            archive.RIGHTS: _read(self.home / archive.RIGHTS),
            archive.QUARANTINE: _read(self.home / archive.QUARANTINE),
            archive.WITHHELD: lists,
            archive.MAP: _whole_map(self.home, withheld),
        }
        k = after.facts.k if after.facts else DEFAULT_K
        kept = {one: found for one, found in self.digests.items() if one not in withheld}
        name = graph_digest(kept, k)
        still = before.version == after.version and after.facts is not None and after.facts.digest == name
        manifest = Manifest(
            format=archive.FORMAT,
            release=version("xdegrees"),
            created=made.isoformat(timespec="seconds"),
            artworks=len(kept),
            pictures=self.files if self.pictures else None,
            lost=self.lost,
            embedder=facts,
            k=k,
            digest=name,
            graph_version=after.version if still else None,
            checkpoint=noted(self.home),
        )
        for file, data in (*small.items(), (archive.MANIFEST, manifest.to_json())):
            if data is not None:
                self.written.add(file, data)
        return manifest

    def _settled(self, row: _Row) -> tuple[_Row, Mapping[str, bytes | None]] | None:
        """Return an artwork with its pictures, as it is when they are read; None where it is gone since."""
        while True:
            found = {name: _read(self.home / name) for name in (row.pictures if self.pictures else ())}
            if None not in found.values():
                return row, found
            now = self._look_up(row.id)
            if now is None:
                return None
            if now.pictures == row.pictures:  # nobody took them out: they are lost
                return now, found
            row = now

    def _look_up(self, artwork_id: str) -> _Row | None:
        try:
            return next(_rows(self.vectors.get([artwork_id])))
        except NotFound:
            return None


def _pieces(batch: VectorBatch) -> Iterator[list[_Row]]:
    rows = _rows(batch)
    while piece := list(islice(rows, PIECE)):
        yield piece


def _rows(batch: VectorBatch) -> Iterator[_Row]:
    for one, vector, payload in zip(batch.ids, batch.vectors, batch.payloads, strict=True):
        if not is_understood(payload):  # a restore would refuse the file
            raise Damaged(
                f"the metadata of {one} cannot be understood: run 'xdegrees check --repair', then back up again"
            )
        yield _Row(str(one), vector, payload)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _whole_map(home: Path, withheld: Mapping[str, Any]) -> bytes | None:
    """Return the map without what is withheld; none where there is none that can be read, for it can be made again."""
    try:
        found = read_map(home)
    except (Damaged, Mismatch):
        return None
    return None if found is None else found.only(set(found.ids.tolist()) - withheld.keys()).to_bytes()


def _refuse_replaced(vectors: VectorStore, home: Path, facts: EmbedderFacts) -> None:
    """A collection that was exchanged for another meanwhile would be half of each."""
    refuse_unfinished(home)
    if vectors.stats().facts != facts:
        raise Busy("the collection was replaced while it was read: run 'xdegrees backup' again")
