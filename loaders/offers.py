"""Metadata that is sent for one artwork, read as a row of a file would be; all that is wrong with it at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from loaders.artworks import AS_GIVEN, artwork_of
from loaders.columns import Row, read_row, understand
from loaders.dates import years
from loaders.manifest import Problem
from stores.artwork import Artwork

MOST_FIELDS: Final = 100
"""Of one artwork; the richest museum export that was seen has 52 columns."""

LONGEST_NAME: Final = 100
LONGEST_KEY: Final = 200
LONGEST_FIELD: Final = 2_000
LONGEST_TEXT: Final = 10_000
"""Characters of a column's name, a key, a field, and of alternative text or a further column."""

_FILES: Final = frozenset({"filename", "image"})
"""Fields that name a file; no patch can change one."""

_FOLLOWS: Final = {"year": ("year_from", "year_to"), "rights": ("rights_uri",)}
"""What was worked out from another field goes when that one is written anew."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An artwork as it was described, and ``(field, what is wrong with it)`` for everything that is."""

    artwork: Artwork
    problems: tuple[tuple[str, str], ...]


def read_offer(record: Mapping[str, Any], source: str, key: str) -> Offer:
    """Read the fields of a new artwork; ``key`` is its own where they give none."""
    row = read_row(1, record, understand(list(record), {}, ""))
    own = row.fields.get("id", "")
    if isinstance(own, str):
        return _offer(row, source, own or key)
    return _offer(row, source, key, ("id", "is given more than once: it is the one key of the artwork"))


def read_patch(artwork: Artwork, patch: Mapping[str, Any]) -> Offer:
    """Apply a JSON merge patch (RFC 7396) to the metadata of an artwork; its picture stays as it is.

    Fields may be called as in a file or as in an answer; further ones may stand in ``metadata``, too. Null removes.
    """
    further = patch.get("metadata", {})
    sent = {name: value for name, value in patch.items() if name not in ("metadata", "key")}
    understood = understand(list(sent), {}, "")
    found = read_row(1, sent, understood)
    fields = _fields_of(artwork)
    for name in understood:
        for old in (name, *_FOLLOWS.get(name, ())):
            fields.pop(old, None)
    stale = {
        f"{name}{AS_GIVEN}" for name in ("rights", "rights_uri") if not {"rights", "rights_uri"}.isdisjoint(understood)
    }
    extra = {} if further is None else {name: text for name, text in artwork.metadata.items() if name not in stale}
    unknown = sent.keys() - set(understood.values())
    columns = {name: sent[name] for name in unknown} | (dict(further) if isinstance(further, Mapping) else {})
    for name in columns:
        extra.pop(name, None)
    row = Row(1, fields | dict(found.fields), extra | dict(read_row(1, columns, {}).extra))
    return _offer(row, artwork.source, artwork.key, *_unchangeable(artwork, patch, understood))


def _fields_of(artwork: Artwork) -> dict[str, Any]:
    """Return the fields that describe an artwork as it is; years only where its date does not say them."""
    span = (artwork.year_from, artwork.year_to)
    told = {} if span == years(artwork.date_text) else {"year_from": _year(span[0]), "year_to": _year(span[1])}
    fields = {
        "title": artwork.title,
        "artist": list(artwork.artists),
        "year": artwork.date_text,
        "style": artwork.style,
        "medium": artwork.medium,
        "collection": artwork.collection,
        "object_id": artwork.object_id,
        "page_url": artwork.page_url,
        "rights": artwork.rights_text,
        "rights_uri": artwork.rights_uri,
        "credit": artwork.credit,
        "alt_text": artwork.alt_text,
        "advisory": artwork.advisory,
        "display": artwork.display,
    }
    return {name: value for name, value in (fields | told).items() if value}


def _year(year: int | None) -> str:
    return "" if year is None else str(year) if year > 0 else f"{-year} BC"


def _unchangeable(artwork: Artwork, patch: Mapping[str, Any], understood: Mapping[str, str]) -> list[tuple[str, str]]:
    """Say which parts of a patch would change what stays."""
    problems = []
    own = {"id": (artwork.id, artwork.key), "key": (artwork.key,)}
    for name, header in {**understood, "key": "key"}.items():
        if name in _FILES:
            problems.append((header, "cannot be patched: PUT sends another picture"))
        if header in patch and name in own and str(patch[header]) not in own[name]:
            problems.append((header, "stays for ever: add another artwork, and remove this one"))
    if not isinstance(patch.get("metadata", {}), Mapping | None):
        problems.append(("metadata", "is an object of further columns, or null"))
    return problems


def _offer(row: Row, source: str, key: str, *problems: tuple[str, str]) -> Offer:
    """Make an artwork of what keeps to the limits, and say what does not."""
    limits = _limits(row, key)
    over = {name for name, _ in limits}
    sound = Row(
        row.number,
        {name: value for name, value in row.fields.items() if name not in over},
        {} if "metadata" in over else {name: value for name, value in row.extra.items() if name not in over},
    )
    told: list[Problem] = []
    artwork = artwork_of(sound, source, key, told.append)
    return Offer(artwork, (*problems, *limits, *map(_complaint, told)))


def _limits(row: Row, key: str) -> list[tuple[str, str]]:
    """Say which parts of a row are longer, or more, than is taken."""
    problems = []
    if len(key) > LONGEST_KEY or not key.isprintable():
        problems.append(("id", f"is no key: at most {LONGEST_KEY} characters on one line are"))
    if len(row.fields) + len(row.extra) > MOST_FIELDS:
        problems.append(("metadata", f"has more than the {MOST_FIELDS} columns that are taken"))
    for name, value in (*row.fields.items(), *row.extra.items()):
        longest = LONGEST_TEXT if name in row.extra or name == "alt_text" else LONGEST_FIELD
        if len(name) > LONGEST_NAME:
            problems.append((name[:LONGEST_NAME], f"has a longer name than the {LONGEST_NAME} characters taken"))
        elif sum(len(text) + 1 for text in ([value] if isinstance(value, str) else value)) > longest + 1:
            problems.append((name, f"is longer than the {longest:,} characters that are taken"))
    return problems


def _complaint(problem: Problem) -> tuple[str, str]:
    """Take a reason apart: the field it begins with, and what is wrong; what a load does about it is done nowhere."""
    name, _, reason = (problem.reason.rpartition(";")[0] or problem.reason).partition(" ")
    return name, reason
