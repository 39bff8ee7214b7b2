"""Weights are data the user brings: finding them, naming them, and saying what to do where there are none."""

from hashlib import file_digest
from pathlib import Path

from stores.errors import BadInput


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


def missing(name: str, expected: Path | str, command: str) -> BadInput:
    """Return the error for weights that are not on this machine."""
    return BadInput(
        f"no weights for {name}: {expected} is not there; get it with: {command} "
        "(or give a file with --checkpoint, or use --embedder classic, which needs none)"
    )
