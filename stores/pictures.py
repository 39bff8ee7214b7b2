"""Where the pictures lie that are served: two sizes of each artwork, named by content, in the home."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from stores.artwork import Artwork

SIZES: Final = {"thumb": 256, "medium": 1024}
"""Longest side in pixels; a smaller original is not enlarged."""

PICTURE: Final = re.compile(rf"([0-9a-f]{{64}})-({'|'.join(SIZES)})\.jpg")
"""Name of a picture: a content hash and the name of a size."""

_NOTHING: Final = "no-picture"
"""Name of a file that is never there."""

_SHOWN: Final[dict[str, tuple[str, ...]]] = {"full": ("thumb", "medium"), "thumb": ("thumb",), "none": ()}


def sizes_for(display: str) -> tuple[str, ...]:
    """Return which pictures there may be of an artwork that is displayed ``full``, as ``thumb``, or ``none``."""
    return _SHOWN.get(display, ())


def picture_name(content_hash: str, size: str) -> str:
    """Name of a picture's file, and of its address."""
    return f"{content_hash}-{size}.jpg"


def written_pictures(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield content hash and size name of every picture that lies where it belongs; no file is looked at."""
    for inside in folder.glob("??/"):
        for entry in os.scandir(inside):
            if (match := PICTURE.fullmatch(entry.name)) and entry.name.startswith(inside.name):
                yield match[1], match[2]


def unfinished_pictures(folder: Path) -> Iterator[Path]:
    """Yield what was left by a process that was ended while it wrote a picture: it put its number for the suffix."""
    yield from (path for path in folder.glob("??/*") if path.suffix[1:].isdigit())


@contextmanager
def bringing(folder: Path) -> Iterator[None]:
    """Have pictures that no artwork shows yet: until this ends, however it ends, nobody sweeps any away."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


@contextmanager
def sweeping(folder: Path) -> Iterator[bool]:
    """Be alone with the pictures; yields whether that is so: not while any process is :func:`bringing` some."""
    try:
        with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield True
    except BlockingIOError:
        yield False


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("a", encoding="utf-8") as file:
        fcntl.flock(file.fileno(), how)
        yield


def picture_path(folder: Path, content_hash: str, size: str) -> Path:
    """Where a picture lies; a folder for each first two digits, so that none holds half a million files.

    What is no name of a picture leads to a place in the folder where nothing lies, whatever is written of an artwork.
    """
    name = picture_name(content_hash, size)
    return folder / content_hash[:2] / name if PICTURE.fullmatch(name) else folder / _NOTHING


def largest_size(artwork: Artwork) -> str | None:
    """Name of the largest picture of an artwork that may be shown; None where none may."""
    return next((size for size in ("medium", "thumb") if size in artwork.images), None)
