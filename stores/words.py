"""How artworks are found by words, the same folding and the same tokens in every store; and how they are counted."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from stores.artwork import Artwork
from stores.records import Where
from stores.rights import rights_facet

_WITHOUT_ACCENT: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that Unicode does not take apart into a base letter and an accent."""

_KANA_VOICING: Final = "\u3099\u309a"
"""Marks that make another letter rather than an accented one."""

_IDEOGRAPHS: Final = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_TOKEN: Final = re.compile(rf"[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+")


@lru_cache(maxsize=2**14)
def fold(text: str) -> str:
    """Casefold, drop accents, join white space: ``fold("Dürer") == "durer"``."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in apart if not unicodedata.combining(c) or c in _KANA_VOICING)
    return " ".join(unicodedata.normalize("NFC", bare).translate(_WITHOUT_ACCENT).split())


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: ``counted(1, "artwork") == "1 artwork"``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tokens(text: str) -> list[str]:
    """Words of a text, folded; Chinese and Japanese characters are words of their own.

    A phrase of such tokens is found wherever it stands, which is how a script without spaces is searched.
    """
    return _TOKEN.findall(fold(text))


def phrases(query: str) -> list[list[str]]:
    """What a query asks for: each of its words as a phrase whose last token may go on."""
    return [found for word in query.split() if (found := tokens(word))]


def searched(artwork: Artwork) -> str:
    """Return the tokens an artwork is found by: of title, artists and key."""
    return " ".join(tokens(" ".join((artwork.title, *artwork.artists, artwork.key))))


def facets(artwork: Artwork) -> Iterator[tuple[str, str]]:
    """Yield the (column, value) pairs an artwork can be filtered by, values as written."""
    for column in ("style", "medium", "collection", "object_id", "source"):
        if value := getattr(artwork, column):
            yield column, value
    for artist in artwork.artists:
        yield "artist", artist
    if rights := rights_facet(artwork):
        yield "rights", rights
    yield from ((column, value) for column, value in artwork.metadata.items() if value)


def matches(artwork: Artwork, where: Where) -> bool:
    """Whether an artwork satisfies a filter."""
    held: dict[str, set[str]] = {}
    for column, value in facets(artwork):
        held.setdefault(column, set()).add(fold(value))
    by_value = all(held.get(column, set()) & set(values) for column, values in where.values.items())
    return by_value and (not where.years or any(_touches(artwork, span) for span in where.years))


def _touches(artwork: Artwork, span: tuple[int, int]) -> bool:
    if artwork.year_from is None or artwork.year_to is None:
        return False
    return artwork.year_from <= span[1] and artwork.year_to >= span[0]


def facet_terms(artwork: Artwork) -> list[str]:
    """Return what a vector store filters by: every ``column=folded value``."""
    return sorted({facet_term(column, fold(value)) for column, value in facets(artwork)})


def facet_term(column: str, folded: str) -> str:
    """One column and one folded value as one word; no column name holds an equals sign that matters."""
    return f"{column}={folded}"
