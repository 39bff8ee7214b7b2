"""Metadata files as museums have them: tables in whatever encoding and with whatever headers, or IIIF documents."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from loaders.columns import FIELDS, Row, read_row, understand, value_of
from loaders.iiif.documents import is_iiif
from loaders.joins import Joins, arrange, files_of
from loaders.presets import preset_called
from loaders.presets.records import Preset, Unfit, text_of
from loaders.tables import Flaw, Found, Record, Table, open_table
from stores.errors import BadInput

_LISTED: Final = 10_000
"""Problems of a kind that are named; of more only the number is told, so that they do not fill the memory."""

LONGEST_NAMES: Final = 10_000
"""Characters of a cell that may name several artists."""

_SAMPLE: Final = 500
"""Records from which it is seen how a table writes names."""

_APART: Final = re.compile(r"[;|\n](?![^(]*\))")
"""What parts artists whose names have commas of their own."""

_PEOPLE: Final = re.compile(r"(?:year|date|place)ofbirth|birth(?:date|year|place)|born", re.IGNORECASE)
"""Headers of tables about artists."""


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


@dataclass(slots=True)
class Problems:
    """Problems of the rows of one file: as many as can be read, and the number of the others."""

    place: str
    count: Counter[str] = field(default_factory=Counter)
    _listed: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Take one more."""
        self.count[problem.kind] += 1
        if self.count[problem.kind] <= _LISTED:
            self._listed.append(problem)

    def __iter__(self) -> Iterator[Problem]:
        yield from self._listed
        for kind, count in self.count.items():
            if count > _LISTED:
                what = "rows refused" if kind == "refused" else "notices"
                yield Problem(self.place, f"{count - _LISTED:,} more {what}, {count:,} in all", kind)


@dataclass(slots=True)
class Manifest:
    """A metadata file. Iterating reads its rows, one at a time, and reports on the way.

    Attributes:
        columns: field to the header that was read as it.
        format: comma, semicolon, tab, jsonl or iiif.
        preset: name of the preset it is read by, or nothing.
        reported: rows that could not be read, and notices, of the last reading.
        unread: cells of rows that could not be read, of the last reading.
        rows: all of them where :func:`read_manifest` read it.
    """

    path: Path
    columns: Mapping[str, str]
    encoding: str
    format: str
    preset: str
    reported: Problems
    _table: Table
    _known: Preset | None
    _joins: Joins
    _told: frozenset[str]
    _inverted: bool
    rows: tuple[Row, ...] = ()
    unread: set[str] = field(default_factory=set)

    @property
    def further(self) -> tuple[str, ...]:
        """Headers that were read as no field, and are kept as metadata."""
        return tuple(header for header in self._table.headers if header not in self.columns.values())

    @property
    def headers(self) -> Sequence[str]:
        """Every header of the table, or what its first records have where it has none."""
        return self._table.headers

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was reported of the last reading."""
        return tuple(self.reported)

    def __iter__(self) -> Iterator[Row]:
        self.reported = Problems(self.path.name)
        self._joins.alone.clear()
        self.unread.clear()
        for name, reason in self._joins.told:
            self.reported.add(Problem(name, reason, "notice"))
        empty = True
        for found in self._table.records():
            empty = False
            if (row := self._read(found)) is not None:
                yield row
        if empty:
            what = "no row below its headers" if self._table.headers else "nothing in it"
            self.reported.add(Problem(self.path.name, f"there is {what}: is it the right file?", "notice"))
        for joined, count in self._joins.alone.items():
            self.reported.add(Problem(joined.files[0], f"{count:,} artworks have no record in it", "notice"))

    def _read(self, found: Found) -> Row | None:
        """Return the row of a record; where there is none, report why."""
        if isinstance(found, Flaw):
            self._report(found.place, found.reason, found.kind)
            if len(self.unread) < _LISTED:
                self.unread.update(found.cells)
            return None
        number, record = found
        try:
            return self._row(number, record)
        except Unfit as reason:
            self._report(number, str(reason), "refused")
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            self._report(number, f"its values are none that the preset {self.preset} knows: {error}", "refused")
        return None

    def _report(self, place: int | str, reason: str, kind: str) -> None:
        name = place if isinstance(place, str) else f"{self.path.name}:{place}"
        self.reported.add(Problem(name, reason, kind))

    def _row(self, number: int, record: Record) -> Row:
        row = read_row(number, record, self.columns)
        if self._known is not None:
            row = _by_preset(row, self._joins.join(record), self._known, self.columns, self._told)
        artist = row.fields.get("artist")
        if self._inverted and isinstance(artist, str) and "," in artist and len(artist) <= LONGEST_NAMES:
            names = [name.strip() for name in _APART.split(artist)]
            return replace(row, fields={**row.fields, "artist": [name for name in names if name]})
        return row


def open_manifest(
    paths: Sequence[Path], columns: Mapping[str, str] | None = None, preset: str = "", beside: Path | None = None
) -> Manifest:
    """Open a metadata file to read its rows as a stream; with a ``preset``, further tables that are joined to it.

    Args:
        paths: files, and folders in which a preset's tables have their usual names.
        columns: which header is which field where the header, or the preset, does not say.
        preset: its name.
        beside: folder that is looked into where no path is given.

    BadInput where a file cannot be read at all, is no table of artworks, or ``columns`` names what is not there.
    """
    if preset:
        known = preset_called(preset)
        main, joins = arrange(known, files_of(known, paths, beside))
        understood = understand(main.headers, columns or {}, main.path.name, known.columns)
        inverted = known.inverted or bool(known.documents and _is_inverted(main, understood.get("artist")))
        return _manifest(main, understood, known, joins, frozenset(columns or ()), inverted=inverted)
    if len(paths) == 1 and is_iiif(paths[0]):
        return open_manifest(paths, columns, "iiif")
    if len(paths) != 1:
        raise BadInput(f"{len(paths)} metadata files: a --preset says how several are joined ('xdegrees presets')")
    table = open_table(paths[0])
    understood = understand(table.headers, columns or {}, table.path.name)
    _refuse_people(table, understood)
    return _manifest(
        table, understood, None, Joins(), frozenset(), inverted=_is_inverted(table, understood.get("artist"))
    )


def read_manifest(
    path: Path, columns: Mapping[str, str] | None = None, preset: str = "", further: Sequence[Path] = ()
) -> Manifest:
    """Read a metadata file as a whole; the same as :func:`open_manifest`, with all rows in memory."""
    manifest = open_manifest([path, *further], columns, preset)
    manifest.rows = tuple(manifest)
    return manifest


def _manifest(
    table: Table,
    columns: Mapping[str, str],
    known: Preset | None,
    joins: Joins,
    told: frozenset[str],
    *,
    inverted: bool,
) -> Manifest:
    return Manifest(
        path=table.path,
        columns=columns,
        encoding=table.encoding,
        format=table.form,
        preset=known.name if known else "",
        reported=Problems(table.path.name),
        _table=table,
        _known=known,
        _joins=joins,
        _told=told,
        _inverted=inverted,
    )


def _by_preset(row: Row, record: Record, preset: Preset, columns: Mapping[str, str], told: frozenset[str]) -> Row:
    """Add what the preset's reader says of a record; it wins over the preset's columns, not over what a person said.

    A cell that it replaces by other words stays in the metadata.
    """
    said = {name: value for name, value in preset.read(record).items() if value and name not in told}
    fields = {name: value for name, raw in said.items() if name in FIELDS and (value := value_of(raw))}
    replaced = (name for name in fields if name in row.fields and _words(row.fields[name]) != _words(fields[name]))
    kept = {columns[name]: value for name in replaced if isinstance(value := row.fields[name], str)}
    extra = {name: str(value) for name, value in said.items() if name not in FIELDS}
    names = (text_of(record, header) for header in preset.names)
    return Row(
        row.number, {**row.fields, **fields}, {**row.extra, **kept, **extra}, tuple(name for name in names if name)
    )


def _words(value: str | Sequence[str]) -> list[str]:
    return re.findall(r"\w+", value if isinstance(value, str) else " ".join(value))


def _refuse_people(table: Table, understood: Mapping[str, str]) -> None:
    """BadInput for a table about artists: its rows are nobody's pictures."""
    people = [header for header in table.headers if _PEOPLE.search(re.sub(r"[\W_]", "", header))]
    if people and not understood.keys() & {"title", "filename", "image"}:
        raise BadInput(
            f"{table.path} is a table of people ({', '.join(people)}) and not of artworks: it has no title, image or "
            "file name; give the table of the artworks, or say with --column title=HEADER what is one"
        )


def _is_inverted(table: Table, header: str | None) -> bool:
    """Whether a table writes "Last, First": then a comma parts no two artists, not even behind a double surname."""
    if header is None:
        return False
    records = (found[1] for found in itertools.islice(table.records(), _SAMPLE) if isinstance(found, tuple))
    cells = (value for record in records if isinstance(value := record.get(header), str))
    turned = whole = 0
    for cell in cells:
        first, comma, rest = cell.partition(",")
        one_word = bool(comma) and (" " not in first.strip() or " " not in rest.strip())
        turned += one_word
        whole += " " in first.strip() and not one_word
    return turned > whole
