"""Weights are data the user brings: finding them, naming them, and saying what to do where there are none."""

from hashlib import file_digest
from pathlib import Path
from typing import Final

from stores.errors import BadInput

_REMEMBERED: Final = "checkpoint"


def checkpoint_hash(path: Path) -> str:
    """Sha256 of a checkpoint file, in hex."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(
            f"cannot read the checkpoint {path}: {error.strerror}; give another file with --checkpoint, "
            "or use --embedder classic, which needs none"
        ) from error


def remember(home: Path, checkpoint: Path) -> None:
    """Note in a home which file its vectors were made with, so that what is embedded later need not be told."""
    (home / _REMEMBERED).write_text(f"{checkpoint.resolve()}\n", encoding="utf-8")


def noted(home: Path) -> str:
    """Return the path that :func:`remember` noted, whatever became of the file; empty where it noted none."""
    note = home / _REMEMBERED
    return note.read_text(encoding="utf-8").strip() if note.is_file() else ""


def remembered(home: Path) -> Path | None:
    """Return the file that :func:`remember` noted, where it is still there."""
    name = noted(home)
    return found if name and (found := Path(name)).is_file() else None


def missing(name: str, expected: Path | str, command: str) -> BadInput:
    """Return the error for weights that are not on this machine."""
    return BadInput(
        f"no weights for {name}: {expected} is not there; get it with: {command} "
        "(or give a file with --checkpoint, or use --embedder classic, which needs none)"
    )
