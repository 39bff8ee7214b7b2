"""The records of a table, one at a time: CSV, TSV, JSONL or a list in JSON."""

import csv
import itertools
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from loaders.texts import Text, open_text

Record = dict[str, Any]

_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_JSON: Final = (".jsonl", ".ndjson", ".json")
_LONGEST_CELL: Final = 10_000_000
_LONGEST_RECORD: Final = 1_000_000
"""Characters of a record of several lines; one that is longer has a quote that is never closed."""
_KEYS_FROM: Final = 10_000
"""Records of a JSONL whose keys are its headers: the first so many."""
_DECODER: Final = json.JSONDecoder()
_UNCLOSED: Final = "a quote is opened and never closed"
_ODD: Final = "a byte that is no UTF-8, read as Windows-1252"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a record; ``refused`` where it was left out, else a ``notice``.

    Attributes:
        place: number of its line or item, or what a part of a document calls itself.
        cells: texts that it has all the same, one of which may name its picture.
    """

    place: int | str
    reason: str
    kind: str = "refused"
    cells: tuple[str, ...] = ()


Found = tuple[int, Record] | Flaw
"""Number and record, without its empty cells, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        form: comma, semicolon, tab, jsonl, or another way in which documents hold records.
        headers: columns, in their order; for JSON the keys of its first records.
        records: reads it from its beginning.
    """

    path: Path
    encoding: str
    form: str
    headers: tuple[str, ...]
    records: Callable[[], Iterator[Found]]


def open_table(path: Path) -> Table:
    """Read the headers of a table; BadInput where it cannot be read at all."""
    text = open_text(path)
    if path.suffix.lower() in _JSON:
        records = itertools.islice(_json_records(text), _KEYS_FROM)
        keys = dict.fromkeys(key for found in records if isinstance(found, tuple) for key in found[1])
        return Table(path, text.encoding, "jsonl", tuple(keys), partial(_json_records, text))
    start = list(itertools.islice(text.lines(), 50))
    delimiter = _delimiter(start)
    rows = (cells for _, _, cells in _cut(text.lines(), delimiter) if not isinstance(cells, Flaw))
    header = next((cells for cells in rows if any(cell.strip() for cell in cells)), [])
    headers = tuple(_distinct(header))
    reading = partial(_csv_records, text, delimiter, headers)
    return Table(path, text.encoding, _DELIMITERS[delimiter], headers, reading)


def _csv_records(text: Text, delimiter: str, headers: Sequence[str]) -> Iterator[Found]:
    width, seen = len(headers), False
    for first, last, cells in _cut(text.lines(), delimiter):
        if isinstance(cells, Flaw):
            yield cells
        elif not any(cell.strip() for cell in cells):
            continue
        elif not seen:
            seen = True
        elif len(cells) != width:
            where = f" in lines {first} to {last}" if last > first else ""
            yield Flaw(first, f"{len(cells)} cells{where} where the header has {width}", cells=tuple(cells))
        else:
            yield first, {header: cell for header, cell in zip(headers, cells, strict=True) if cell}
            yield from _odd(text, first, last)


def _odd(text: Text, first: int, last: int) -> Iterator[Flaw]:
    """Notice a record in whose lines bytes of another encoding were met."""
    if text.odd and text.odd[0] <= last:
        met = [line for line in text.odd if line <= last]
        del text.odd[: len(met)]
        if met[-1] >= first:
            yield Flaw(first, _ODD, "notice")


def _delimiter(start: Sequence[str]) -> str:
    """Choose the delimiter with which most of the first rows have as many cells as the header, and more than one."""

    def fitting(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in csv.reader(start, delimiter=delimiter) if any(cell.strip() for cell in row)]
        except csv.Error:
            return 0, 0
        width = widths[0] if widths else 0
        return (width > 1) * widths.count(width), width

    csv.field_size_limit(_LONGEST_CELL)
    return max(_DELIMITERS, key=fitting)


class _Feed:
    """Lines for a reader of CSV, the last record's of which can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._back = lines, deque[str]()
        self.taken: list[str] = []
        self.size = self.before = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.taken and self.size > _LONGEST_RECORD:
            raise StopIteration
        line = self._back.popleft() if self._back else next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        self.size += len(line)
        return line

    def done(self, count: int) -> None:
        """Count the first ``count`` lines taken as read, and give the others back."""
        self._back.extendleft(reversed(self.taken[count:]))
        self.before += count
        self.taken, self.size = [], 0


def _cut(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, int, list[str] | Flaw]]:
    """Yield first line, last line and cells of each record, or what is wrong with it.

    A quote that is opened and never closed costs its own line, not all that follow; so does a cell too long to hold.
    """
    csv.field_size_limit(_LONGEST_CELL)
    feed = _Feed(lines)
    while not feed.ended:
        reader = csv.reader(feed, delimiter=delimiter)
        try:
            for cells in reader:
                first, count = feed.before + 1, len(feed.taken)
                if count > 1 and not _is_sound(feed.taken, delimiter):
                    found = Flaw(first, _UNCLOSED, cells=tuple(feed.taken[0].split(delimiter)))
                    feed.done(1)
                    feed.ended = False
                    yield first, first, found
                    break
                feed.done(count)
                yield first, feed.before, cells
        except csv.Error as error:
            first = feed.before + 1
            feed.done(1)
            yield first, first, Flaw(first, str(error))


def _is_sound(lines: Sequence[str], delimiter: str) -> bool:
    """Whether every quote of a record is closed, and at the end of a cell: else it may have taken in other records."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _distinct(header: Sequence[str]) -> list[str]:
    """Number the headers that stand twice or are empty, so that no column is lost."""
    given = {cell.strip() for cell in header}
    names: dict[str, None] = {}
    for cell in header:
        name = cell.strip()
        if not name or name in names:
            numbered = (f"{name or 'column'} {number}" for number in itertools.count(2 if name else 1))
            name = next(choice for choice in numbered if choice not in names and choice not in given)
        names[name] = None
    return list(names)


def _json_records(text: Text) -> Iterator[Found]:
    for number, found in _json_values(text):
        if isinstance(found, Flaw):
            yield found
        elif isinstance(found, dict):
            yield number, found
            yield from _odd(text, number, number)
        else:
            yield Flaw(number, "no JSON object")


def _json_values(text: Text) -> Iterator[tuple[int, Any]]:
    """Yield the values of the lines of a JSONL, or the items of a JSON list."""
    if _is_list(next(text.chunks(), "")):
        yield from _items(text)
        return
    for number, line in enumerate(text.lines("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, Flaw(number, f"no JSON: {error}")


def _is_list(start: str) -> bool:
    """Whether a file is one list, and no JSONL the first line of which is one."""
    first, _, rest = start.lstrip().partition("\n")
    if not first.startswith("["):
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return True
    return not rest.strip()


def _items(text: Text) -> Iterator[tuple[int, Any]]:
    """Yield the items of a list, which may be longer than memory; after what is no JSON, nothing."""
    number, buffer, begun = 1, "", False
    for part in text.chunks():
        buffer = (buffer + part).lstrip()
        if not begun and buffer:
            begun, buffer = True, buffer.removeprefix("[")
        place = 0
        while found := _next_item(buffer, place):
            value, place = found
            yield number, value
            number += 1
        buffer = buffer[place:]
        if len(buffer) > _LONGEST_CELL:
            break
    if (rest := buffer.strip(" \t\r\n,")) != "]":
        yield number, Flaw(number, f"no JSON: {rest[:40]!r}; items from here on are missing")


def _next_item(buffer: str, place: int) -> tuple[Any, int] | None:
    """Return the next item and where it ends; None where it is not whole, or none is left."""
    while place < len(buffer) and buffer[place] in " \t\r\n,":
        place += 1
    try:
        return _DECODER.raw_decode(buffer, place)
    except (ValueError, RecursionError):
        return None
