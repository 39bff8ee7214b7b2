"""Image files of a folder, and how a row of metadata names one of them."""

import contextlib
import errno
import os
import stat
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
    for path in _walk(folder, folder, listing, set()):
        name = printable(path.relative_to(folder))
        if path.suffix.lower() not in SUFFIXES:
            listing.ignored += 1
        elif name in listing.files:
            listing.problems.append(Problem(name, "another file has the same name, spelt in other bytes", "refused"))
        else:
            listing.files[name] = path
    return listing


def printable(path: Path) -> str:
    r"""Return a file's name as text; bytes that are no UTF-8 become ``\xNN``."""
    text = os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
    return _composed(text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _walk(folder: Path, root: Path, listing: Listing, seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        identity = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        listing.problems.append(Problem(_name(folder, root), f"cannot be listed: {error.strerror}", "refused"))
        return
    if (identity.st_dev, identity.st_ino) in seen:
        return
    seen.add((identity.st_dev, identity.st_ino))
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower() in _LITTER:
            continue
        path = Path(entry.path)
        try:
            mode = path.stat().st_mode
        except OSError as error:
            _report(path, root, listing, _dead(path, error))
            continue
        if stat.S_ISDIR(mode):
            yield from _walk(path, root, listing, seen)
        elif stat.S_ISREG(mode):
            yield path
        else:
            _report(path, root, listing, "not a regular file")


def _report(path: Path, root: Path, listing: Listing, reason: str) -> None:
    """Report what may be a picture, or a folder of them."""
    if path.suffix and path.suffix.lower() not in SUFFIXES:
        listing.ignored += 1
    else:
        listing.problems.append(Problem(_name(path, root), reason, "refused"))


def _name(path: Path, root: Path) -> str:
    return printable(path if path == root else path.relative_to(root))


def _dead(path: Path, error: OSError) -> str:
    lost = error.errno in (errno.ENOENT, errno.ELOOP) and path.is_symlink()
    return "a link that leads nowhere" if lost else f"cannot be read: {error.strerror}"


Form = Callable[[str], str]
"""A coarser spelling of a name."""


class Finder:
    """Finds the file that a row names: exactly, or as nearly as leaves no doubt."""

    def __init__(self, names: Sequence[str]) -> None:
        self._exact = {_composed(name): name for name in names} | {name: name for name in names}
        self._near = [self._index(names, form) for form in (_folded, _bare, _stem)]

    @staticmethod
    def _index(names: Sequence[str], form: Form) -> dict[str, str]:
        """Map each form of a name that only one file has to that file."""
        count = Counter(form(name) for name in names)
        return {form(name): name for name in names if count[form(name)] == 1}

    def has(self, reference: str) -> bool:
        """Whether a file has exactly this name."""
        return reference in self._exact or next(_spellings(reference)) in self._exact

    def find(self, reference: str) -> str | None:
        """Return the name of the file meant, or None."""
        for wanted in (reference, *_spellings(reference)):
            if wanted in self._exact:
                return self._exact[wanted]
            for form, index in zip((_folded, _bare, _stem), self._near, strict=True):
                if found := index.get(form(wanted)):
                    return found
        return None


def _spellings(reference: str) -> Iterator[str]:
    """Ways in which a row may spell a file's name: as it is, out of an address, in the bytes of an older system."""
    wanted = _composed(reference.strip()).replace("\\", "/").removeprefix("./")
    yield wanted
    if "://" in wanted:
        with contextlib.suppress(ValueError):  # an address can be wrong in ways that cannot be split
            yield unquote(urlsplit(wanted).path).rpartition("/")[2]
    elif not wanted.isascii():
        for encoding in ("cp1252", "latin-1"):
            with contextlib.suppress(UnicodeEncodeError):
                yield wanted.encode(encoding).decode("utf-8", "backslashreplace")


def _folded(name: str) -> str:
    return _composed(name).casefold()


def _bare(name: str) -> str:
    return _folded(name).rpartition("/")[2]


def _stem(name: str) -> str:
    bare = _bare(name)
    stem, dot, suffix = bare.rpartition(".")
    return stem if dot and f".{suffix}" in SUFFIXES else bare
