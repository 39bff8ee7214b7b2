"""What was taken down and must not come back: a file in the home that knows ids, and nothing else of an artwork.

It is written before anything is taken out, so a removal that was interrupted is known, and finished.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from stores.errors import Mismatch
from stores.files import write_whole

NAME: Final = "withheld.json"

Entry = Mapping[str, str]
"""When it was taken down (``at``), and the name of the key or the command that did it (``by``)."""


class Withheld:
    """The list in the folder ``home``; read again when it changes, so that other processes' removals are seen."""

    def __init__(self, home: Path) -> None:
        self._path = home / NAME
        self._read: tuple[tuple[int, int, int], dict[str, Entry]] = ((0, 0, 0), {})

    def entries(self) -> Mapping[str, Entry]:
        """Return what is withheld, by id; Mismatch where the file is not a list of ours."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return {}
        mark = (found.st_mtime_ns, found.st_size, found.st_ino)
        if mark != self._read[0]:
            self._read = (mark, _parsed(self._path))
        return self._read[1]

    def __contains__(self, artwork_id: object) -> bool:
        return artwork_id in self.entries()

    def add(self, ids: Iterable[str], by: str) -> None:
        """Withhold these from now on; those that are withheld already keep their entry."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._write({**{one: {"at": at, "by": by} for one in ids}, **self.entries()})

    def merge(self, others: Mapping[str, Entry]) -> None:
        """Withhold what another list withholds too."""
        self._write({**others, **self.entries()})

    def readmit(self, ids: Iterable[str] | None = None) -> tuple[str, ...]:
        """Let these, or all, come back with the next load; return those that had been withheld."""
        held = self.entries()
        freed = tuple(sorted(held if ids is None else set(ids) & held.keys()))
        if freed:
            self._write({one: entry for one, entry in held.items() if one not in freed})
        return freed

    def tidy(self) -> None:
        """Take out what an interrupted write left beside the list; for the one who may write it."""
        for path in self._path.parent.glob(f"{NAME}.*"):
            path.unlink(missing_ok=True)

    def _write(self, entries: Mapping[str, Entry]) -> None:
        if entries == self.entries():
            return
        write_whole(self._path, json.dumps(dict(sorted(entries.items())), indent=1).encode())


def _parsed(path: Path) -> dict[str, Entry]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {str(one): {"at": str(entry["at"]), "by": str(entry["by"])} for one, entry in held.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Mismatch(
            f"{path} is damaged ({type(error).__name__}); it says what was taken down: restore it from a backup, or "
            "remove it if nothing was"
        ) from error
