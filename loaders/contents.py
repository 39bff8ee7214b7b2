"""What is in a backup, and whether all of it is as it was written: known before anything is restored."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar
from uuid import UUID

import numpy as np
from pydantic import TypeAdapter, ValidationError

from loaders import archive
from loaders.archive import Member, damaged
from loaders.checks.kept import is_understood
from loaders.links import digest
from loaders.progress import Advance, Progress
from stores.artwork import Artwork
from stores.errors import Damaged, Mismatch
from stores.maps import Map
from stores.records import EmbedderFacts, VectorBatch
from stores.withheld import Entry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself.

    Attributes:
        format: of the file, see :data:`loaders.archive.FORMAT`.
        release: that wrote it.
        created: when, as ISO 8601 in UTC.
        artworks: how many are restored into an empty home: those that its own list does not withhold.
        pictures: files among its members; None where it was made without.
        lost: pictures that were not in the home though an artwork shows them.
        k: neighbours of each artwork in the graph.
        digest: of the graph that follows from the vectors.
        graph_version: of the graph that followed from them then; None where it changed during the backup.
        checkpoint: path of the weights that the home remembered; their sha256 is among the embedder's facts.
    """

    format: int
    release: str
    created: str
    artworks: int
    pictures: int | None
    lost: int
    embedder: EmbedderFacts
    k: int
    digest: str
    graph_version: int | None = None
    checkpoint: str = ""

    def to_json(self) -> bytes:
        """Return it as it stands in the file."""
        return _MANIFEST.dump_json(self, indent=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """An artwork that is withheld, as :mod:`stores.withheld` keeps it."""

    at: str
    by: str


_MANIFEST: Final = TypeAdapter(Manifest)
_WITHHELD: Final = TypeAdapter(dict[str, Listed])


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was read to its end and found whole.

    Attributes:
        digests: of every artwork in it, by id, the digest of its vector.
        withheld: what its own list withholds.
        file: as it is read from.
        map: where its artworks lay, if that had been computed.
    """

    path: Path
    manifest: Manifest
    digests: Mapping[str, str]
    withheld: Mapping[str, Entry]
    file: BinaryIO
    map: Map | None = None

    def parts(self) -> Iterator[VectorBatch | Member]:
        """Yield artworks, piece by piece, each followed by their pictures; then the small files."""
        return archive.read_parts(archive.read_members(self.file, self.path), self.path)

    def to_json(self) -> dict[str, Any]:
        """Return what it says about itself, as plain data."""
        return {"file": str(self.path), "manifest": asdict(self.manifest), "withheld": len(self.withheld)}

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        made = self.manifest
        pictures = "without pictures" if made.pictures is None else f"{made.pictures} pictures"
        yield f"{self.path} is whole: {made.artworks} artworks, {pictures}, {len(self.withheld)} withheld"
        yield f"made {made.created} by release {made.release}, vectors of {made.embedder.name}"

    def kept(self, withheld: Mapping[str, Entry]) -> dict[str, str]:
        """Return the digests of the artworks that are not withheld."""
        return {one: found for one, found in self.digests.items() if one not in withheld}


@contextmanager
def verified(path: Path, progress: Progress) -> Iterator[Backup]:
    """Lend a backup after all of it was read. BadInput or Mismatch say what is wrong with it."""
    with path.open("rb") as file:
        with progress.stage("verify", path.stat().st_size) as advance:
            seen = _Seen(path)
            for part in archive.read_parts(_counted(archive.checked_members(file, path), advance), path):
                seen.take(part)
        manifest, withheld = seen.manifest(), seen.withheld()
        backup = Backup(path, manifest, seen.digests, withheld, file, seen.map())
        _refuse_another_graph(backup)
        yield backup


def graph_digest(digests: Mapping[str, str], k: int) -> str:
    """Name of the graph that follows from vectors, by the digests of those; ids ascend."""
    return digest(digests.values(), len(digests), k)


@dataclass(slots=True)
class _Seen:
    """What was read so far, each part checked against those before it."""

    path: Path
    digests: dict[str, str] = field(default_factory=dict)
    small: dict[str, bytes] = field(default_factory=dict)
    pictures: int = 0
    dimension: int | None = None
    _last: str = ""
    _shown: frozenset[str] = frozenset()

    def take(self, part: VectorBatch | Member) -> None:
        if isinstance(part, VectorBatch):
            self._take_rows(part)
        elif part.name in archive.SMALL:
            self._refuse(part.name in self.small, f"{part.name} is in it twice")
            self.small[part.name] = part.data
        else:
            self._refuse(part.name not in self._shown, f"no artwork beside it shows {part.name}")
            self.pictures += 1

    def _take_rows(self, rows: VectorBatch) -> None:
        self._refuse(self.dimension not in (None, rows.vectors.shape[1]), "its vectors differ in length")
        self._refuse(not np.isfinite(rows.vectors).all(), "a vector is not finite")
        self.dimension, shown = rows.vectors.shape[1], set[str]()
        for one, payload in zip(rows.ids.tolist(), rows.payloads, strict=True):
            self._refuse(not _is_id(one) or one <= self._last, f"{one!r} is no id, or does not stand in order")
            self._refuse(not is_understood(payload), f"the metadata of {one} cannot be understood")
            artwork = Artwork.from_payload(one, payload)
            self._last, self.digests[one] = one, artwork.vector
            shown.update(archive.pictures_of(artwork))
        self._shown = frozenset(shown)

    def manifest(self) -> Manifest:
        found = self._parsed(archive.MANIFEST, _MANIFEST)
        counted = (found.format, found.pictures or 0)
        self._refuse(counted != (archive.FORMAT, self.pictures), "its manifest speaks of another file")
        self._refuse(self.dimension != found.embedder.dimension, "its vectors are not of the embedder it names")
        return found

    def withheld(self) -> dict[str, Entry]:
        if archive.WITHHELD not in self.small:
            return {}
        found = self._parsed(archive.WITHHELD, _WITHHELD)
        return {one: asdict(entry) for one, entry in found.items()}

    def map(self) -> Map | None:
        try:
            return Map.from_bytes(self.small[archive.MAP]) if archive.MAP in self.small else None
        except (Damaged, Mismatch) as error:
            raise damaged(self.path, f"{archive.MAP} cannot be understood") from error

    def _parsed(self, name: str, kind: TypeAdapter[T]) -> T:
        self._refuse(name not in self.small, f"it has no {name}")
        try:
            return kind.validate_json(self.small[name])
        except ValidationError as error:
            raise damaged(self.path, f"{name} cannot be understood") from error

    def _refuse(self, wrong: object, what: str) -> None:
        if wrong:
            raise damaged(self.path, what)


def _counted(members: Iterator[Member], advance: Advance) -> Iterator[Member]:
    """Tell a progress bar of every byte; what headers and padding take is too little to be seen."""
    for member in members:
        advance(len(member.data))
        yield member


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _refuse_another_graph(backup: Backup) -> None:
    """Refuse a manifest that names another graph than the one that follows from the vectors."""
    kept = backup.kept(backup.withheld)
    if len(kept) != backup.manifest.artworks or graph_digest(kept, backup.manifest.k) != backup.manifest.digest:
        raise damaged(backup.path, "its graph does not follow from its vectors")
