"""A home whose collection is being replaced says so until it is whole: nobody takes half of one for all of it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from stores.errors import Unavailable
from stores.files import write_whole

NAME: Final = "restoring.json"


def begin(home: Path, file: Path, pictures: Iterable[str]) -> frozenset[str]:
    """Mark a home as unfinished before anything in it changes.

    Args:
        home: what is being restored into.
        file: the backup that it is restored from.
        pictures: files that the collection showed before, relative to the home.

    Returns:
        These, with those that an earlier, interrupted attempt had noted.
    """
    noted = frozenset(pictures) | frozenset(_read(home).get("pictures", ()))
    mark = {"file": str(file.absolute()), "pictures": sorted(noted)}
    write_whole(home / NAME, json.dumps(mark, indent=1).encode())
    return noted


def finish(home: Path) -> None:
    """Take the mark away, once everything that was written is on the disk."""
    os.sync()
    (home / NAME).unlink(missing_ok=True)


def is_unfinished(home: Path) -> bool:
    """Whether a home is being restored, or its restore was interrupted."""
    return (home / NAME).exists()


def refuse_unfinished(home: Path) -> None:
    """Raise Unavailable where a home is being restored, or its restore was interrupted."""
    if is_unfinished(home):
        file = _read(home).get("file", "FILE")
        raise Unavailable(
            f"{home} is being restored, or was and is not finished: wait for it, or run 'xdegrees restore {file}' again"
        )


def _read(home: Path) -> dict[str, list[str] | str]:
    try:
        found: dict[str, list[str] | str] = json.loads((home / NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found
