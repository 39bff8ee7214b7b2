"""The other files of a home: lists that must be readable, and what an interrupted write left."""

import json
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from loaders.quarantine import NAME as QUARANTINE
from stores.disagreements import Disagreement, named
from stores.errors import Damaged, Mismatch
from stores.maps import NAME as MAP
from stores.maps import read_map
from stores.withheld import Withheld

_WRITTEN: Final = frozenset({"embedder", "map", "quarantine", "restoring", "rights", "steering", "withheld"})
"""Files of a home that are written as a whole."""


def withheld_ids(home: Path) -> frozenset[str] | None:
    """Ids of what was taken down; None where the list cannot be read."""
    try:
        return frozenset(Withheld(home).entries())
    except Mismatch:
        return None


def look_at_files(home: Path, unfinished: Iterable[Path]) -> Iterator[Disagreement]:
    """Name lists that cannot be read and files that were never finished; ``unfinished`` are pictures."""
    if withheld_ids(home) is None:
        yield Disagreement("unreadable-withheld", mendable=False)
    if not _quarantine_is_readable(home / QUARANTINE):
        yield Disagreement("unreadable-quarantine")
    if not _map_is_readable(home):
        yield Disagreement("unreadable-map")
    left = [*unfinished, *_left(home)]
    yield from named("unfinished-file", (str(path.relative_to(home)) for path in left))


def mend_files(home: Path) -> None:
    """Take out what an interrupted write left, and a list that the next load makes anew."""
    for path in _left(home):
        path.unlink(missing_ok=True)
    if not _quarantine_is_readable(home / QUARANTINE):
        (home / QUARANTINE).unlink(missing_ok=True)
    if not _map_is_readable(home):
        (home / MAP).unlink(missing_ok=True)


def off_the_graph(home: Path, held: AbstractSet[str]) -> frozenset[str]:
    """Ids on the map of artworks that are not held; none where there is no map that can be read."""
    found = read_map(home) if _map_is_readable(home) else None
    return frozenset(found.ids.tolist()) - held if found else frozenset()


def _map_is_readable(home: Path) -> bool:
    try:
        read_map(home)
    except (Damaged, Mismatch):
        return False
    return True


def _left(home: Path) -> list[Path]:
    """Files that are written beside their place, and then put into it, by the names that those who write give them."""
    beside = [*home.glob("*.new"), *(home / "vectors").glob("*.new"), *home.glob("*.[0-9]*")]
    ours = (path for path in beside if path.name.partition(".")[0] in _WRITTEN)
    return sorted(path for path in ours if path.suffix == ".new" or path.suffix[1:].isdigit())


def _quarantine_is_readable(path: Path) -> bool:
    try:
        held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return all(len(entry) == 2 for source in held.values() for entry in source.values())  # noqa: PLR2004 -- reason and mark
    except (ValueError, AttributeError, TypeError):
        return False
