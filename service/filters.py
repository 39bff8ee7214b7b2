"""One language of filters everywhere: ``column:value``; same column = or, different columns = and."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from stores.errors import BadInput
from stores.records import Where
from stores.words import fold

_SPAN: Final = re.compile(r"(-?\d{1,6})?\.\.(-?\d{1,6})?|(-?\d{1,6})")
_EVER: Final = 10**6


def parse_where(
    terms: Iterable[str], columns: Sequence[str], shorthands: Mapping[str, Sequence[str]] | None = None
) -> Where:
    """Parse ``column:value`` terms and shorthands such as ``style``; BadInput names every term that cannot be."""
    pairs = [("where", term) for term in terms]
    pairs += [(name, f"{name}:{value}") for name, values in (shorthands or {}).items() for value in values]
    values: dict[str, list[str]] = {}
    years: list[tuple[int, int]] = []
    problems = []
    for parameter, term in pairs:
        column, colon, value = term.partition(":")
        if column == "year" and (span := _span(value)):
            years.append(span)
        elif column == "year":
            problems.append((parameter, f"{value!r} is no year or span of years such as 1500..1600"))
        elif not colon or not value.strip():
            problems.append((parameter, f"{term!r} is not of the form column:value"))
        elif column not in columns:
            problems.append((parameter, f"there is no column {column!r}; there are {', '.join((*columns, 'year'))}"))
        else:
            values.setdefault(column, []).append(fold(value))
    if problems:
        raise BadInput("; ".join(message for _, message in problems), problems)
    return Where({column: tuple(found) for column, found in values.items()}, tuple(years))


def _span(text: str) -> tuple[int, int] | None:
    match = _SPAN.fullmatch(text.strip())
    if not match or text.strip() == "..":
        return None
    if match[3]:
        return int(match[3]), int(match[3])
    first, last = int(match[1] or -_EVER), int(match[2] or _EVER)
    return (first, last) if first <= last else None
