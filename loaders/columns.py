"""What the columns of metadata are called, and how the values under them become text."""

import difflib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
    "collection": ("collection", "department", "sammlung", "abteilung"),
    "object_id": ("object id", "object", "work id", "parent id"),
    "page_url": ("page url", "link resource", "web url", "object url", "url", "painting info url", "link"),
    "rights": (
        "rights",
        "rights and reproduction",
        "license",
        "licence",
        "copyright",
        "thumbnail copyright",
        "rights text",
        "rechte",
        "lizenz",
        "urheberrecht",
        "droits",
    ),
    "rights_uri": ("rights uri", "rights url", "license url", "licence url"),
    "credit": ("credit", "credit line", "creditline", "credits", "bildnachweis", "crédit", "crédits"),
    "alt_text": ("alt text", "alt", "alternative text", "image description"),
    "advisory": ("advisory", "content advisory", "content warning", "sensitivity", "inhaltshinweis"),
    "display": ("display",),
}
"""Field to the headers that are read as it, best first; case, spaces and underscores do not count."""


_NOTHING: Final = ("", None)


@dataclass(frozen=True, slots=True)
class Row:
    """One record.

    Attributes:
        number: line of a CSV or JSONL at which it begins, from 1; item of a JSON list.
        fields: what was understood; texts, or a list of texts.
        extra: every other column that is not empty, as it was.
        names: further texts that may name its picture's file.
    """

    number: int
    fields: Mapping[str, Any]
    extra: Mapping[str, str]
    names: tuple[str, ...] = ()


def understand(
    headers: Sequence[str],
    told: Mapping[str, str],
    place: str,
    known: Mapping[str, tuple[str, ...]] = FIELDS,
) -> dict[str, str]:
    """Return field to header: what the user says first, then the best that is there of the ``known`` headers.

    BadInput, naming the ``place`` of the headers, where the user names what is not there.
    """
    for name, header in told.items():
        if name not in FIELDS:
            raise BadInput(f"--column {name}={header}: there is no field {name!r}; there are {', '.join(FIELDS)}")
        if header not in headers:
            close = difflib.get_close_matches(header, headers, n=1) or headers[:8]
            raise BadInput(f"--column {name}={header}: {place} has no column {header!r}; is it {', '.join(close)}?")
    by_name = {plain_header(header): header for header in reversed(headers)}
    found = dict(told)
    for name, synonyms in known.items():
        plain = [plain_header(synonym) for synonym in synonyms]
        free = [by_name[p] for p in plain if p in by_name and by_name[p] not in found.values()]
        if name not in found and free:
            found[name] = free[0]
    return found


def lacking(headers: Sequence[str], needed: Sequence[str]) -> list[str]:
    """Return those of the needed headers that are not there."""
    there = {plain_header(header) for header in headers}
    return [header for header in needed if plain_header(header) not in there]


def read_row(number: int, record: Mapping[str, Any], understood: Mapping[str, str]) -> Row:
    """Read one record, by header, as its ``number``; ``understood`` is field to header."""
    fields: dict[str, Any] = {}
    used = set()
    for name, header in understood.items():
        value = record.get(header)
        if isinstance(value, str) or not _is_nested(value):
            used.add(header)
        if read := value_of(value):
            fields[name] = read
    extra = {
        header if header.isascii() else _storable(header): text
        for header, value in record.items()
        if value not in _NOTHING and header not in used and (text := _as_text(value))  # most are empty
    }
    return Row(number, fields, extra)


@lru_cache(maxsize=2**12)
def plain_header(header: str) -> str:
    """Return a header without what does not count in it: case, spaces, underscores and the like."""
    return "".join(c for c in unicodedata.normalize("NFC", header).casefold() if c.isalnum())


def _is_nested(value: Any) -> bool:
    """Whether a field takes only a part of a value, so that the whole is kept beside it."""
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def value_of(value: Any) -> str | list[str]:
    """Return a field's value as text, or as texts where it is a list; of a nested record, its name or address."""
    if isinstance(value, str):  # as nearly all are
        return _as_text(value)
    if isinstance(value, list):
        return [text for item in value if (text := _as_text(_named(item)))]
    return _as_text(_named(value))


def _named(value: Any) -> Any:
    keys = ("full_name", "name", "title", "image_url", "url")
    return next((value[key] for key in keys if value.get(key)), value) if isinstance(value, dict) else value


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and value.isascii():
        return value.strip()
    return _storable(value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _storable(text: str) -> str:
    """Replace the halves of characters that JSON can spell and no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
