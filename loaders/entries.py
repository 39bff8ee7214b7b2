"""What a survey of a folder and its metadata finds: entries, and what was refused."""

from collections.abc import Container
from dataclasses import dataclass, replace
from pathlib import Path

from loaders.addresses import Mark
from loaders.manifest import Manifest, Problem
from stores.artwork import Artwork


@dataclass(frozen=True, slots=True)
class Entry:
    """An artwork and the file its picture is read from; None where only its vector is given.

    Attributes:
        by_hand: whether it is described as somebody wrote it by hand, not as the folder has it.
        mark: of a file that was downloaded; it may have been deleted since.
        bare: whether no row describes it.
    """

    path: Path | None
    artwork: Artwork
    by_hand: bool = False
    mark: Mark | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder and its metadata hold.

    Attributes:
        entries: by key.
        quarantine: rows and files that were refused, and notices of what was loaded all the same.
        rows: records of the metadata file; ``matched`` of them have a picture.
        ignored: files that are no images.
        closed: keys left out because they are not surely open.
    """

    entries: tuple[Entry, ...]
    manifest: Manifest | None
    quarantine: tuple[Problem, ...]
    rows: int = 0
    matched: int = 0
    ignored: int = 0
    closed: tuple[str, ...] = ()

    def of(self, ids: Container[str]) -> "Survey":
        """Return the same with those entries alone that have one of these ids."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.artwork.id in ids))

    @property
    def without_alt_text(self) -> int:
        """How many entries have no alternative text of their own."""
        return sum(not entry.artwork.alt_text for entry in self.entries)

    @property
    def held_back(self) -> dict[str, int]:
        """How many entries are not shown as they are, by how they are shown; after rights were obeyed."""
        artworks = [entry.artwork for entry in self.entries]
        told = {
            "shown small": sum(artwork.display == "thumb" for artwork in artworks),
            "not shown": sum(artwork.display == "none" for artwork in artworks),
            "with an advisory": sum(bool(artwork.advisory) for artwork in artworks),
        }
        return {name: count for name, count in told.items() if count}

    @property
    def without_rights(self) -> int:
        """How many entries say nothing of their rights."""
        return sum(not (entry.artwork.rights_text or entry.artwork.rights_uri) for entry in self.entries)
