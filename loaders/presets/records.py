"""What a preset is: data that says how the tables of one museum are read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loaders.columns import Row
from loaders.tables import Table

Record = Mapping[str, Any]
"""A row by header; of a joined table, under its name, the list of its records."""

CC0: Final = "https://creativecommons.org/publicdomain/zero/1.0/"


class Unfit(Exception):
    """Why a record is no artwork; its row is refused with these words."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where the museum's own records on the web, in JSON, have what a table lacks.

    Attributes:
        address: a row to the address of its record; empty where it would have no picture.
        picture: a record to the address of its picture; empty where it has none.
    """

    address: Callable[[Row], str]
    picture: Callable[[Record], str]


@dataclass(frozen=True, slots=True)
class Joined:
    """A further table, whose records are joined to those of another.

    Attributes:
        name: under which a record has the list of what is joined to it.
        files: what its file is usually called.
        needs: headers by which it is known, whatever it is called.
        key: its own column whose value stands in the column ``to`` of ``onto``.
        onto: the table it is joined to: another's name, or nothing for the artworks.
        lookup: how ``--download`` makes the table where it is not there.
        keep: columns that are read; the others would only take memory.
        gives: what is missing without it, for a person.
    """

    name: str
    files: tuple[str, ...]
    needs: tuple[str, ...]
    key: str
    to: str
    keep: tuple[str, ...]
    gives: str
    onto: str = ""
    lookup: Lookup | None = None


def nothing_more(_record: Record) -> dict[str, Any]:
    """Return no field beyond those of the columns."""
    return {}


@dataclass(frozen=True, slots=True)
class Preset:
    """How one museum's tables are read.

    Attributes:
        about: a sentence for ``xdegrees presets``: whose tables, and where pictures come from.
        columns: field to the headers that are read as it, the first that is there; case, spaces and _ do not count.
        files: what the table of artworks is usually called.
        needs: headers without which a table is another one.
        read: a record to what no column says by itself: fields, and metadata under any other name. It wins over the
            columns. Raises Unfit for what is no artwork.
        joined: further tables.
        names: columns that may name a picture's file, beside ``filename``, ``image`` and ``id``.
        inverted: whether artists are written "Last, First", so that a comma never parts two of them.
        documents: what reads the files together, where they are no tables.
    """

    name: str
    about: str
    columns: Mapping[str, tuple[str, ...]]
    files: tuple[str, ...]
    needs: tuple[str, ...]
    read: Callable[[Record], dict[str, Any]] = nothing_more
    joined: tuple[Joined, ...] = ()
    names: tuple[str, ...] = ()
    inverted: bool = False
    documents: Callable[[Sequence[Path]], Table] | None = None


_DOUBTS: Final = re.compile(
    r"(?:(?:possibly|probably|perhaps) )?"
    r"(?:after|attributed to|ascribed to|follower of|circle of|school of|style of|manner of|copy after|imitator of|"
    r"(?:the )?(?:work)?shop of|studio of)\b|(?:possibly|probably|perhaps)\b",
    re.IGNORECASE,
)


def ascribed(name: str, how: str) -> str:
    """Put before a name what keeps it from being the maker's: ``After``, ``Workshop of``; not ``Designed by``."""
    if not how:
        return name
    return f"{how} {name}" if name and _DOUBTS.match(how) and not name.casefold().startswith(how.casefold()) else name


def text_of(record: Record, header: str) -> str:
    """Return a column's text, empty where it is not there."""
    value = record.get(header)
    return "" if value is None else str(value).strip()


def parts(text: str, separator: str = "|") -> list[str]:
    """Split a cell that lists several, keeping empty places, so that two such cells can be laid side by side."""
    return [part.strip() for part in text.split(separator)]


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is empty, so that it does not hide what a column says."""
    return {name: value for name, value in fields.items() if value}


def of(record: Record, name: str) -> Sequence[Record]:
    """Return the records of a joined table, or those within a record."""
    value = record.get(name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else ()
