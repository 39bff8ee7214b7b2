"""From a row of metadata to an artwork."""

import html
import re
import unicodedata
import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from loaders.columns import Row
from loaders.dates import Span, years
from loaders.licences import rights_uri
from loaders.manifest import LONGEST_NAMES, Problem
from stores.artwork import Artwork
from stores.rights import canonical

_NAMESPACE: Final = uuid.UUID("0b0f7c56-8f0a-5d3e-9c41-6c1f2f3e7a10")

_NAME: Final = re.compile(r"[^\W\d_][\w.'’-]*(?: [\w.'’-]+)+")
"""A full name: two words or more."""

_LORDLY: Final = re.compile(r"(?:Sir|Dame|Lady|Lord|Baron(?:ess)?|Count(?:ess)?|Mrs|Mme|Madame|Miss|Dr|Prof)\b")
"""What begins the second half of a name that is turned round, as in "Clarke Hall, Lady Edna"."""

_SPLIT: Final = re.compile(r"[;|\n](?![^(]*\))")
_COMMA: Final = re.compile(r",(?![^(]*\))")
"""Where a cell may name another artist: not inside of brackets."""

_TAG: Final = re.compile(
    r"</?(?:a|abbr|b|big|cite|div|em|font|h[1-6]|i|li|ol|p|q|s|small|span|strike|strong|sub|sup|tt|u|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_BREAK: Final = re.compile(r"<(?:br|hr|/p|/div|/li)\b[^<>]*>", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)

_VERBATIM: Final = frozenset(("id", "filename", "image", "page_url", "rights_uri", "object_id", "display"))
"""Fields that name something, and are no text for a person."""

_SHORT: Final = re.compile(r"\d{1,2}")
_WHOLE: Final = re.compile(r"-?\d{1,6}(?:\.0+)?")

AS_GIVEN: Final = " as given"
"""Behind the name of a field: a column with what stood there, where an address of the same meaning was taken."""

_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)

Report = Callable[[Problem], object]


def artwork_id(source: str, key: str) -> str:
    """Return the id of a key: uuid5 of source and key, the same for ever."""
    return str(uuid.uuid5(_namespace(source), key))


@lru_cache(maxsize=16)
def _namespace(source: str) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, source)


def artwork_of(row: Row, source: str, key: str, report: Report) -> Artwork:
    """Make the artwork that a row describes; what is doubtful is reported and kept."""
    given = {name: _clean(value) for name, value in row.fields.items()}
    plain = {name: bare for name, value in given.items() if (bare := _without_markup(name, value)) != value}
    fields = given | plain
    extra = {name: value if _is_clean(value) else _clean_text(value) for name, value in row.extra.items()}
    extra |= {f"{name}_as_written": _text(given, name) for name in plain}
    date_text = _text(fields, "year")
    first, last = _span(fields, date_text)
    extra = {**_unused(fields, key, first, last), **extra}
    addresses = {name: _text(fields, name) for name in ("page_url", "rights_uri")}
    for name, text in addresses.items():
        if text and not _ADDRESS.fullmatch(text):
            report(Problem(key, f"{name} {text!r} is no web address; kept as metadata", "notice"))
            extra[name], addresses[name] = text, ""
    rights = _text(fields, "rights")
    uri = canonical(addresses["rights_uri"]) or rights_uri(rights)
    told = {"rights_uri": addresses["rights_uri"], "rights": rights if canonical(rights) == uri else ""}
    extra |= {f"{name}{AS_GIVEN}": text for name, text in told.items() if text not in ("", uri)}
    return Artwork(
        id=artwork_id(source, key),
        key=key,
        source=source,
        title=_text(fields, "title"),
        artists=_artists(fields.get("artist", "")),
        date_text=date_text,
        year_from=first,
        year_to=last,
        style=_text(fields, "style"),
        medium=_text(fields, "medium"),
        collection=_text(fields, "collection"),
        object_id=_text(fields, "object_id"),
        page_url=addresses["page_url"],
        rights_uri=uri,
        rights_text="" if canonical(rights) == uri else rights,
        credit=_text(fields, "credit"),
        alt_text=_text(fields, "alt_text"),
        advisory=_text(fields, "advisory"),
        display=_display(_text(fields, "display"), key, report),
        metadata=extra,
    )


def bare_artwork(source: str, key: str) -> Artwork:
    """Make the artwork of a file that no row describes: its title is the file's name."""
    stem = key.rpartition("/")[2].rpartition(".")[0] or key
    return Artwork(artwork_id(source, key), key, source, title=" ".join(re.split(r"[\s_-]+", stem)).strip())


def _artists(value: str | Sequence[str]) -> tuple[str, ...]:
    """Split a cell that names several: at ; and | always, at commas only between full names ("Last, First" stays)."""
    if not isinstance(value, str):
        return tuple(value)
    if len(value) > LONGEST_NAMES:
        return (value,)
    parts = [part.strip() for part in _SPLIT.split(value) if part.strip()]
    if len(parts) == 1 and "," in value:
        names = [name.strip() for name in _COMMA.split(value)]
        if all(_NAME.fullmatch(name) for name in names) and not _LORDLY.match(names[1]):
            parts = names
    return tuple(dict.fromkeys(parts))


def _span(fields: dict[str, Any], date_text: str) -> Span:
    """Years from columns of their own, where both are there; else from the text; else from the one column."""
    first, last = _year(_text(fields, "year_from"), 0), _year(_text(fields, "year_to"), 1)
    if first is not None and last is not None and first <= last:
        return first, last
    said = years(date_text)
    alone = last if first is None else first
    return (alone, alone) if said == (None, None) and (first is None or last is None) else said


@lru_cache(maxsize=2**12)
def _year(text: str, end: int) -> int | None:
    """First or last year of a column's text; there a short number is a year too, and 0 is none."""
    if _SHORT.fullmatch(text):
        return int(text) or None
    return years(text)[end]


def _unused(fields: dict[str, Any], key: str, first: int | None, last: int | None) -> dict[str, str]:
    """What was understood but stands in no other field of the artwork."""
    texts = {name: _text(fields, name) for name in ("id", "filename", "image")}
    spans = {"year_from": first, "year_to": last}
    columns = {name: text for name, year in spans.items() if not _is_year(text := _text(fields, name), year)}
    return {name: text for name, text in (texts | columns).items() if text not in ("", key)}


def _is_year(text: str, year: int | None) -> bool:
    """Whether a year says all that a column does; a day says more."""
    if year is not None and text == f"{-year} BC":
        return True
    return _WHOLE.fullmatch(text) is not None and int(float(text)) == year


def _display(value: str, key: str, report: Report) -> str:
    """Take an unknown value as ``none``: what was shown cannot be made unseen."""
    if not value:
        return "full"
    if (known := value.casefold()) in ("full", "thumb", "none"):
        return known
    report(Problem(key, f"display {value!r} is none of full, thumb, none; not shown", "notice"))
    return "none"


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else "; ".join(value)


def _clean(value: str | Sequence[str]) -> str | list[str]:
    if isinstance(value, str):
        return value if _is_clean(value) else _clean_text(value)
    return [_clean_text(text) for text in value]


def _is_clean(text: str) -> bool:
    """Whether nothing can be the matter with a text, as with nearly all: then none of it is looked at in Python."""
    return text.isascii() and text.isprintable() and text[:1] != " " != text[-1:]


def _without_markup(name: str, value: str | list[str]) -> str | list[str]:
    if name in _VERBATIM:
        return value
    return _plain_text(value) if isinstance(value, str) else [_plain_text(text) for text in value]


def _plain_text(text: str) -> str:
    """Take HTML's tags out and its entities for what they mean; what merely looks like it, as in ``<3``, stays."""
    if "<" not in text and "&" not in text:
        return text
    bare = _TAG.sub("", _BREAK.sub("\n", text)) if "<" in text else text
    for _ in range(2 if "&" in bare else 0):  # entities are met written twice, as in &amp;eacute;
        bare = _ENTITY.sub(lambda match: html.unescape(match[0]), bare)
    return text if bare == text else _clean_text("\n".join(" ".join(line.split()) for line in bare.split("\n")))


def _clean_text(text: str) -> str:
    """Compose accents, drop control characters."""
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():
        return composed.strip()
    return "".join(c for c in composed if c in "\n\t" or unicodedata.category(c) != "Cc").strip()
