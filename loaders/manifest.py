"""Metadata files as museums have them: CSV, TSV or JSONL, in whatever encoding and with whatever headers."""

import csv
import io
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from loaders.columns import Row, read_row, understand
from stores.errors import BadInput

_ENCODINGS: Final = ("utf-8-sig", "cp1252", "latin-1")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_LONGEST_CELL: Final = 10_000_000
_Records = list[tuple[int, dict[str, Any]]]
_UNCLOSED: Final = "a quote is opened and never closed"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a folder or its metadata that a person should know of.

    Attributes:
        name: file name, key or line.
        kind: ``refused`` for a row that was left out, ``image`` for a file that cannot be loaded, ``notice``
            for what was loaded all the same.
    """

    name: str
    reason: str
    kind: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A metadata file.

    Attributes:
        columns: field to the header that was read as it.
        format: comma, semicolon, tab or jsonl.
        problems: rows that could not be read.
    """

    path: Path
    rows: tuple[Row, ...]
    columns: Mapping[str, str]
    encoding: str
    format: str
    problems: tuple[Problem, ...] = field(default=())


def read_manifest(path: Path, columns: Mapping[str, str] | None = None) -> Manifest:
    """Read a metadata file; ``columns`` says which header is which field where the header does not.

    BadInput where the file cannot be read at all, or ``columns`` names what is not there.
    """
    text, encoding = _text(path)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        records, problems = _json_records(text, path)
        headers, form = list(dict.fromkeys(header for _, record in records for header in record)), "jsonl"
    else:
        delimiter = _delimiter(text)
        records, problems, headers = _csv_records(text, delimiter, path)
        form = _DELIMITERS[delimiter]
    understood = understand(headers, columns or {}, path.name)
    rows = tuple(read_row(number, record, understood) for number, record in records)
    return Manifest(path, rows, understood, encoding, form, tuple(problems))


def _text(path: Path) -> tuple[str, str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read the metadata {path}: {error.strerror}; name a CSV, TSV or JSONL") from error
    if data.startswith(_UTF16):
        return data.decode("utf-16", "replace"), "utf-16"
    if b"\0" in data[:4096]:
        raise BadInput(f"{path} is no text file: give a CSV, TSV or JSONL (save a spreadsheet as CSV first)")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding), encoding if encoding != "utf-8-sig" else "utf-8"
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 decodes everything")


def _delimiter(text: str) -> str:
    """Choose the delimiter with which most of the first rows have as many cells as the header, and more than one."""
    start = list(itertools.islice(io.StringIO(text, newline=""), 50))

    def fitting(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in csv.reader(start, delimiter=delimiter) if any(cell.strip() for cell in row)]
        except csv.Error:
            return 0, 0
        width = widths[0] if widths else 0
        return (width > 1) * widths.count(width), width

    csv.field_size_limit(_LONGEST_CELL)
    return max(_DELIMITERS, key=fitting)


def _csv_records(text: str, delimiter: str, path: Path) -> tuple[_Records, list[Problem], list[str]]:
    records: _Records = []
    problems: list[Problem] = []
    header: list[str] = []
    last = 0
    try:
        for first, last, cells in _cut(list(io.StringIO(text, newline="")), delimiter):
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _distinct(cells)
            elif reason := _misfit(cells, header, first, last):
                problems.append(Problem(f"{path.name}:{first}", reason, "refused"))
            else:
                records.append((first, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        problems.append(Problem(f"{path.name}:{last + 1}", f"{error}; rows from here on are missing", "refused"))
    return records, problems, header


def _cut(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield first line, last line and cells of each record.

    A quote that is opened and never closed costs its own line, not all that follow.
    """
    done = 0
    while done < len(lines):
        before = done
        reader = csv.reader(lines[before:], delimiter=delimiter)
        for cells in reader:
            first, done = done + 1, before + reader.line_num
            if first < done == len(lines) and _is_open(lines[first - 1 :], delimiter):
                done = first
                yield first, first, [_UNCLOSED]
                break
            yield first, done, cells


def _is_open(lines: Sequence[str], delimiter: str) -> bool:
    """Whether a record ends inside a quote."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _misfit(cells: Sequence[str], header: Sequence[str], first: int, last: int) -> str:
    """Say why a record cannot be a row; nothing where it can."""
    if cells == [_UNCLOSED]:
        return _UNCLOSED
    where = f" in lines {first} to {last}" if last > first else ""
    return f"{len(cells)} cells{where} where the header has {len(header)}" if len(cells) != len(header) else ""


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


def _json_records(text: str, path: Path) -> tuple[_Records, list[Problem]]:
    records: _Records = []
    problems: list[Problem] = []
    for number, line in _json_lines(text):
        try:
            record = json.loads(line) if isinstance(line, str) else line
        except (ValueError, RecursionError) as error:
            problems.append(Problem(f"{path.name}:{number}", f"no JSON: {error}", "refused"))
            continue
        if isinstance(record, dict):
            records.append((number, record))
        else:
            problems.append(Problem(f"{path.name}:{number}", "no JSON object", "refused"))
    return records, problems


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    """Yield the lines of a JSONL, or the items of a JSON list."""
    if text.lstrip().startswith("["):
        try:
            yield from enumerate(json.loads(text), 1)
        except (ValueError, RecursionError):
            pass
        else:
            return
    yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
