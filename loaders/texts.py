"""The bytes of a table as lines of text: in whatever encoding, one line at a time."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from stores.errors import BadInput

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_CHUNK: Final = 2**17
_ESCAPED: Final = re.compile("[\udc80-\udcff]+")
"""Bytes that are no UTF-8, as ``surrogateescape`` carries them."""


@dataclass(slots=True)
class Text:
    """A text file.

    Attributes:
        encoding: ``utf-8``, ``utf-16``, ``cp1252`` or ``latin-1``.
        mixed: whether some bytes of a UTF-8 file are none, and are read as Windows-1252.
        odd: numbers from 1 of the lines read so far that hold such bytes; whoever reports them takes them out.
    """

    path: Path
    encoding: str
    mixed: bool = False
    odd: list[int] = field(default_factory=list)

    def lines(self, newline: str = "") -> Iterator[str]:
        """Yield every line with its end; ``newline`` as :func:`open` takes it."""
        self.odd.clear()
        with self._open(newline) as file:
            if not self.mixed:
                yield from file
                return
            for number, line in enumerate(file, 1):
                if not line.isascii() and _ESCAPED.search(line):
                    self.odd.append(number)
                    yield _ESCAPED.sub(_as_windows, line)
                else:
                    yield line

    def chunks(self) -> Iterator[str]:
        """Yield the text in parts of some 100,000 characters, whatever its lines are."""
        with self._open("\n") as file:
            while chunk := file.read(_CHUNK):
                yield _ESCAPED.sub(_as_windows, chunk) if self.mixed else chunk

    def _open(self, newline: str) -> TextIO:
        encoding = "utf-8-sig" if self.encoding == "utf-8" else self.encoding
        errors = "surrogateescape" if self.encoding == "utf-8" else "replace"
        return self.path.open(encoding=encoding, errors=errors, newline=newline)


def open_text(path: Path) -> Text:
    """Find out how a file is encoded; BadInput where it cannot be read or is no text."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise BadInput(f"cannot read the metadata {path}: {error.strerror}; name a CSV, TSV or JSONL") from error
    if start.startswith(_UTF16):
        return Text(path, "utf-16")
    if b"\0" in start:
        raise BadInput(f"{path} is no text file: give a CSV, TSV or JSONL (save a spreadsheet as CSV first)")
    if _decodes(path, "utf-8"):
        return Text(path, "utf-8")
    if _is_mostly_utf8(path):
        return Text(path, "utf-8", mixed=True)
    return Text(path, "cp1252" if _decodes(path, "cp1252") else "latin-1")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(path: Path) -> bool:
    """Whether of the lines beyond ASCII as many are UTF-8 as are not: no other encoding looks like it by chance."""
    good = bad = 0
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                continue
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good >= bad and good > 0


def _as_windows(match: re.Match[str]) -> str:
    """Read bytes that are no UTF-8 as Windows-1252, or as Latin-1 where that has no such character."""
    data = match[0].encode("utf-8", "surrogateescape")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
