"""Image files of a folder, and how a row of metadata names one of them."""

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from loaders.manifest import Problem
from stores.errors import BadInput

SUFFIXES: Final = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".webp", ".gif", ".bmp", ".jp2", ".j2k", ".avif")
)
_LITTER: Final = frozenset(("@eadir", "__macosx", "thumbs.db"))


@dataclass(slots=True)
class Listing:
    """What a folder holds.

    Attributes:
        files: relative name, as printable text with forward slashes, to path.
        ignored: files that are no images.
        problems: folders and links that could not be read.
    """

    files: dict[str, Path] = field(default_factory=dict)
    ignored: int = 0
    problems: list[Problem] = field(default_factory=list)


def list_images(folder: Path) -> Listing:
    """List every image below a folder; links are followed, but no folder is entered twice."""
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise BadInput(f"{folder} {what}: name the folder that holds the pictures")
    listing = Listing()
    for path in _walk(folder, listing, set()):
        if path.suffix.lower() in SUFFIXES:
            listing.files[printable(path.relative_to(folder))] = path
        else:
            listing.ignored += 1
    return listing


def printable(path: Path) -> str:
    r"""Return a file's name as text; bytes that are no UTF-8 become ``\xNN``."""
    text = os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
    return unicodedata.normalize("NFC", text)


def _walk(folder: Path, listing: Listing, seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        identity = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        listing.problems.append(Problem(printable(folder), f"cannot be listed: {error.strerror}", "refused"))
        return
    if (identity.st_dev, identity.st_ino) in seen:
        return
    seen.add((identity.st_dev, identity.st_ino))
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower() in _LITTER:
            continue
        path = Path(entry.path)
        if path.is_dir():
            yield from _walk(path, listing, seen)
        elif path.is_file():
            yield path
        elif path.suffix.lower() in SUFFIXES:
            listing.problems.append(Problem(printable(path.relative_to(folder)), _dead(path), "image"))


def _dead(path: Path) -> str:
    return "a link that leads nowhere" if path.is_symlink() else "not a regular file"


Form = Callable[[str], str]
"""A coarser spelling of a name."""


class Finder:
    """Finds the file that a row names: exactly, or as nearly as leaves no doubt."""

    def __init__(self, names: Sequence[str]) -> None:
        self._exact = set(names)
        self._near = [self._index(names, form) for form in (_folded, _bare, _stem)]

    @staticmethod
    def _index(names: Sequence[str], form: Form) -> dict[str, str]:
        """Map each form of a name that only one file has to that file."""
        count = Counter(form(name) for name in names)
        return {form(name): name for name in names if count[form(name)] == 1}

    def find(self, reference: str) -> str | None:
        """Return the name of the file meant, or None."""
        for wanted in _spellings(reference):
            if wanted in self._exact:
                return wanted
            for form, index in zip((_folded, _bare, _stem), self._near, strict=True):
                if found := index.get(form(wanted)):
                    return found
        return None


def _spellings(reference: str) -> Iterator[str]:
    """Ways in which a row may spell a file's name: as it is, out of an address, in the bytes of an older system."""
    wanted = unicodedata.normalize("NFC", reference.strip()).replace("\\", "/").removeprefix("./")
    yield wanted
    if "://" in wanted:
        yield unquote(urlsplit(wanted).path).rpartition("/")[2]
    else:
        for encoding in ("cp1252", "latin-1"):
            if wanted.isascii():
                return
            yield wanted.encode(encoding, "replace").decode("utf-8", "backslashreplace")


def _folded(name: str) -> str:
    return name.casefold()


def _bare(name: str) -> str:
    return name.casefold().rpartition("/")[2]


def _stem(name: str) -> str:
    bare = _bare(name)
    stem, dot, suffix = bare.rpartition(".")
    return stem if dot and f".{suffix}" in SUFFIXES else bare
