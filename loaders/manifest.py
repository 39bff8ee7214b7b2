"""Metadata files as museums have them: CSV, TSV or JSONL, in whatever encoding and with whatever headers."""

import csv
import difflib
import io
import itertools
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from stores.errors import BadInput

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "filename": ("filename", "file name", "file", "image file", "image filename", "dateiname", "path", "image path"),
    "image": ("image", "image url", "imageurl", "thumbnail url", "thumbnailurl", "images", "img"),
    "id": ("id", "object number", "accession number", "inventory number", "inventarnummer"),
    "title": ("title", "titel", "titre", "titulo", "name of work", "object title"),
    "artist": ("artist", "artists", "artist display name", "artist name", "creator", "maker", "künstler", "painter"),
    "year": ("date text", "object date", "display date", "creation date", "date", "dated", "datierung", "year"),
    "year_from": ("object begin date", "year from", "begin date of work", "date earliest", "creation date earliest"),
    "year_to": ("object end date", "year to", "end date of work", "date latest", "creation date latest"),
    "style": ("style", "movement", "stil"),
    "medium": ("medium", "materials", "material", "technique", "technik"),
    "collection": ("collection", "department", "sammlung"),
    "object_id": ("object id", "object", "work id", "parent id"),
    "page_url": ("page url", "link resource", "web url", "object url", "url", "painting info url", "link"),
    "rights": ("rights", "rights and reproduction", "license", "licence", "copyright", "thumbnail copyright"),
    "rights_uri": ("rights uri", "rights url", "license url", "licence url"),
    "credit": ("credit", "credit line", "credits"),
    "alt_text": ("alt text", "alt", "alternative text", "image description"),
    "display": ("display",),
}
"""Field to the headers that are read as it, best first; case, spaces and underscores do not count."""

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
class Row:
    """One record.

    Attributes:
        number: line of a CSV or JSONL at which it begins, from 1; item of a JSON list.
        fields: what was understood; texts, or a list of texts.
        extra: every other column that is not empty, as it was.
    """

    number: int
    fields: Mapping[str, Any]
    extra: Mapping[str, str]


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
    understood = _understand(headers, columns or {}, path)
    rows = tuple(_row(number, record, understood) for number, record in records)
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


def _plain(header: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", header).casefold() if c.isalnum())


def _understand(headers: Sequence[str], told: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return field to header: what the user says first, then the best synonym that is there."""
    for name, header in told.items():
        if name not in FIELDS:
            raise BadInput(f"--column {name}={header}: there is no field {name!r}; there are {', '.join(FIELDS)}")
        if header not in headers:
            close = difflib.get_close_matches(header, headers, n=1) or headers[:8]
            raise BadInput(f"--column {name}={header}: {path.name} has no column {header!r}; is it {', '.join(close)}?")
    by_name = {_plain(header): header for header in reversed(headers)}
    found = dict(told)
    for name, synonyms in FIELDS.items():
        plain = [_plain(synonym) for synonym in synonyms]
        free = [by_name[p] for p in plain if p in by_name and by_name[p] not in found.values()]
        if name not in found and free:
            found[name] = free[0]
    return found


def _row(number: int, record: Mapping[str, Any], understood: Mapping[str, str]) -> Row:
    values = {name: _value(record.get(header)) for name, header in understood.items()}
    fields = {name: value for name, value in values.items() if value}
    used = {header for header in understood.values() if not _is_nested(record.get(header))}
    extra = {
        _storable(header): text for header, value in record.items() if header not in used and (text := _as_text(value))
    }
    return Row(number, fields, extra)


def _is_nested(value: Any) -> bool:
    """Whether a field takes only a part of a value, so that the whole is kept beside it."""
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def _value(value: Any) -> str | list[str]:
    """Return a field's value as text, or as texts where it is a list; of a nested record, its name or address."""
    if isinstance(value, list):
        return [text for item in value if (text := _as_text(_named(item)))]
    return _as_text(_named(value))


def _named(value: Any) -> Any:
    keys = ("full_name", "name", "title", "image_url", "url")
    return next((value[key] for key in keys if value.get(key)), value) if isinstance(value, dict) else value


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return _storable(value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _storable(text: str) -> str:
    """Replace the halves of characters that JSON can spell and no file can hold."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
