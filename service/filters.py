"""One language of filters everywhere: ``column:value``; same column = or, different columns = and."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from stores.errors import BadInput
from stores.ports import GraphStore
from stores.records import Search, Where
from stores.words import fold

YEAR: Final = "year"
"""Filters by span, whatever columns there are."""

_SPAN: Final = re.compile(r"(-?\d{1,6})?\.\.(-?\d{1,6})?|(-?\d{1,6})")
_EVER: Final = 10**6

_COMPARED: Final = 2000
"""Values of a column that a misspelt one is compared with, most frequent first: some hundredths of a second."""

_SHOWN: Final = 3


def parse_where(
    terms: Iterable[str], columns: Sequence[str], shorthands: Mapping[str, Sequence[str]] | None = None
) -> Where:
    """Parse ``column:value`` terms and shorthands such as ``style``; BadInput names every term that cannot be."""
    pairs = [("where", term) for term in terms]
    pairs += [(name, f"{name}:{value}") for name, values in (shorthands or {}).items() for value in values]
    values: dict[str, list[str]] = {}
    written: dict[str, str] = {}
    years: list[tuple[int, int]] = []
    problems = []
    for parameter, term in pairs:
        column, colon, value = term.partition(":")
        if column == YEAR and (span := _span(value)):
            years.append(span)
        elif column == YEAR:
            problems.append((parameter, f"{value!r} is no year or span of years such as 1500..1600"))
        elif not colon or not value.strip():
            problems.append((parameter, f"{term!r} is not of the form column:value"))
        elif column not in columns:
            problems.append((parameter, f"there is no column {column!r}; there are {', '.join((*columns, YEAR))}"))
        else:
            values.setdefault(column, []).append(fold(value))
            written[fold(value)] = value.strip()
    if problems:
        raise BadInput("; ".join(message for _, message in problems), problems)
    return Where({column: tuple(found) for column, found in values.items()}, tuple(years), written)


def unmatched(graph: GraphStore, where: Where) -> str:
    """Say what part of a filter not one artwork satisfies, and what may have been meant; empty where each has some.

    Reads the values of a column, so it is for questions that have failed.
    """
    for column, values in where.values.items():
        if not graph.find(Search(where=Where({column: values}), limit=1)).total:
            asked = " or ".join(repr(where.written.get(value, value)) for value in values)
            return f"no artwork has {column} {asked}; {_held(graph, column, values)}"
    if where.years and not graph.find(Search(where=Where(years=where.years), limit=1)).total:
        spans = " or ".join(_shown(*span) for span in where.years)
        return f"no artwork is of the years {spans}: give others, or leave them out"
    return ""


def _held(graph: GraphStore, column: str, values: Iterable[str]) -> str:
    """Name the values of a column that are closest to some, or else its most frequent ones."""
    counts = graph.find(Search(limit=1, facets=(column,))).facets.get(column, ())[:_COMPARED]
    held = {fold(value): value for value, _ in counts}
    close = [held[one] for value in values for one in get_close_matches(value, held, n=_SHOWN)]
    told, some = ("closest", close) if close else ("there are", list(held.values())[:_SHOWN])
    more = "" if close or len(held) <= _SHOWN else ", …"
    return f"{told}: {', '.join(map(repr, dict.fromkeys(some)))}{more}"


def _shown(first: int, last: int) -> str:
    ends = ["" if abs(year) == _EVER else str(year) for year in (first, last)]
    return ends[0] if first == last else "..".join(ends)


def _span(text: str) -> tuple[int, int] | None:
    match = _SPAN.fullmatch(text.strip())
    if not match or text.strip() == "..":
        return None
    if match[3]:
        return int(match[3]), int(match[3])
    first, last = int(match[1] or -_EVER), int(match[2] or _EVER)
    return (first, last) if first <= last else None
