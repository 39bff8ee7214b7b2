"""The map: where each artwork lies in a square, as the last ``xdegrees map`` left it; one file in the home.

It follows from the graph and may be older than that: :mod:`stores.placing` says where newcomers lie. Positions are in a
square of side 1, with x to the right and y downwards; neighbours in the graph lie near each other.
"""

import io
import zipfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stores.errors import Damaged, Mismatch
from stores.files import alone, write_whole
from stores.records import Ids

NAME: Final = "map.npz"

FORMAT: Final = 1
"""Moves when an older release could not read the file."""

Places = NDArray[np.float32]
"""(n, 2) positions, x and y from 0 to 1."""

_ID: Final = 36
"""Characters of an id."""


@dataclass(frozen=True, slots=True)
class Map:
    """Where artworks lie.

    Attributes:
        ids: (n,) ascending.
        places: (n, 2) float32, x and y from 0 to 1.
        digest: of the graph that it was computed from.
        side: of the square, in units of t-SNE: what a later map goes on from.
    """

    ids: Ids
    places: Places
    digest: str
    side: float

    def only(self, ids: Collection[str]) -> "Map":
        """Return the same without what is not among these ids."""
        wanted = ids if isinstance(ids, set | frozenset) else set(ids)
        stays = np.array([one in wanted for one in self.ids.tolist()], dtype=np.bool_)
        return replace(self, ids=self.ids[stays], places=self.places[stays])

    def to_bytes(self) -> bytes:
        """Return it as it stands in the file; the same map gives the same bytes."""
        file = io.BytesIO()
        np.savez(
            file,
            format=np.int64(FORMAT),
            ids=self.ids.astype(f"S{_ID}"),
            places=self.places.astype("<f4"),
            digest=np.str_(self.digest),
            side=np.float64(self.side),
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Map":
        """Read what :meth:`to_bytes` wrote; Damaged for anything else, Mismatch where a newer release wrote it."""
        try:
            return _parsed(data)
        except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, NotImplementedError) as error:
            raise Damaged(
                f"the map ({NAME} in the home) cannot be read ({type(error).__name__}): run 'xdegrees map --anew', "
                "which makes it again"
            ) from error


def _parsed(data: bytes) -> Map:
    """Nothing in the file is packed, so that it takes no more memory than it has bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as members:
        if any(one.file_size > len(data) for one in members.infolist()) or members.testzip() is not None:
            raise ValueError("packed, or a sum is wrong")
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        if (found := int(file["format"])) != FORMAT:
            raise Mismatch(f"the map is of format {found}, this release reads {FORMAT}: run 'xdegrees map --anew'")
        ids, places = file["ids"].astype("U36"), file["places"]
        known = Map(ids, places, str(file["digest"]), float(file["side"]))
    if places.dtype != np.float32 or places.shape != (len(ids), 2) or not (known.side > 0 and np.isfinite(known.side)):
        raise ValueError("not one place of each artwork")
    if not ((places >= 0).all() and (places <= 1).all() and (ids[:-1] < ids[1:]).all()):
        raise ValueError("places outside the square, or ids that do not ascend")
    return known


def read_map(home: Path) -> Map | None:
    """Read the map of a home, None where there is none; Damaged or Mismatch as :meth:`Map.from_bytes`."""
    try:
        return Map.from_bytes((home / NAME).read_bytes())
    except FileNotFoundError:
        return None


def write_map(home: Path, new: Map) -> None:
    """Write the map of a home, whole or not at all."""
    write_whole(home / NAME, new.to_bytes())


def forget(home: Path, gone: Collection[str]) -> None:
    """Take artworks out of the map of a home, if it has one; one that cannot be read is left for a check to name.

    Of those that were taken down no place is kept, and one that has another picture now lies elsewhere.
    """
    if not gone or not (home / NAME).exists():
        return
    with alone(home / NAME):
        try:
            held = read_map(home)
        except (Damaged, Mismatch):
            return
        if held is not None and len((left := held.only(set(held.ids.tolist()) - set(gone))).ids) < len(held.ids):
            write_map(home, left)


class MapFile:
    """The map of a home, read again when it changes, so that what another process computes is seen."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._read: tuple[tuple[int, int, int], Map | Damaged | Mismatch] | None = None

    def mark(self) -> tuple[int, int, int]:
        """Tell one state of the file from another; zeros where there is none."""
        try:
            found = (self._home / NAME).stat()
        except FileNotFoundError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def current(self) -> Map | None:
        """Return the map, None where there is none; Damaged or Mismatch where it cannot be read."""
        mark = self.mark()
        if not any(mark):
            return None
        held = self._read
        if held is None or held[0] != mark:
            try:
                found: Map | Damaged | Mismatch | None = read_map(self._home)
            except (Damaged, Mismatch) as error:
                found = error
            if found is None:
                return None
            held = self._read = (mark, found)
        if isinstance(held[1], Map):
            return held[1]
        raise held[1]

    def there(self) -> bool:
        """Whether there is a map that can be read."""
        try:
            return self.current() is not None
        except (Damaged, Mismatch):
            return False
