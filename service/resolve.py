"""From what a person types to an artwork: an id, ``key:…``, or a title."""

import difflib
import re
from collections.abc import Iterable
from typing import Final

from stores.artwork import Artwork
from stores.errors import NOTHING_LOADED, Ambiguous, BadInput, Names, NotFound, Unavailable
from stores.ports import GraphStore
from stores.records import Search
from stores.words import fold, tokens

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_KEY: Final = "key:"
_SUFFIX: Final = re.compile(r"\.[a-z]{2,4}$")
"""Of a file name; all keys of a collection may end alike, which says nothing of what was meant."""

_SHOWN: Final = 5
_SHORTEST: Final = 3
"""Letters of a word that are still worth searching for."""

_ALIKE: Final = 0.6
"""Likeness below which no title or key was meant. So like is 'Harbor VII' to 'Harbour VII, unhurried'; 'the sea' is not
0.4 like anything that only has one of its words."""


def find_id(graph: GraphStore, reference: str) -> str:
    """Return the id that an id or ``key:…`` stands for; NotFound names the closest artworks."""
    if reference.startswith(_KEY):
        return _by_key(graph, reference)
    wanted = reference.strip().lower()
    if not _ID.fullmatch(wanted):
        raise _not_found(graph, reference, "{!r} is neither an id nor key:KEY")
    try:
        return graph.artworks([wanted])[0].id
    except NotFound as error:
        raise _not_found(graph, reference) from error


def take_id(graph: GraphStore, reference: str) -> str:
    """Return what looks like an id unseen, for a question that will find out by itself; else as :func:`find_id`."""
    wanted = reference.strip().lower()
    return wanted if _ID.fullmatch(wanted) else find_id(graph, reference)


def take_artwork(graph: GraphStore, reference: str) -> str:
    """Return what looks like an id unseen; else as :func:`find_artwork`, of whose titles only whole ones count."""
    wanted = reference.strip().lower()
    return wanted if _ID.fullmatch(wanted) else find_artwork(graph, reference, whole=True)


def find_artwork(graph: GraphStore, reference: str, *, whole: bool = False) -> str:
    """Return the id that an id, ``key:…`` or a title stands for.

    A title may be written in either case and without accents. Unless it must be ``whole``, words of which only one
    artwork has all will do. Ambiguous lists what a title may mean; NotFound names the closest artworks.
    """
    if not reference.strip():
        raise BadInput("the name of an artwork is empty: give an id, key:KEY or a title")
    if reference.startswith(_KEY) or _ID.fullmatch(reference.strip().lower()):
        return find_id(graph, reference)
    found = graph.find(Search(text=reference, limit=50)).artworks
    exact = [artwork for artwork in found if fold(reference) in (fold(artwork.title), fold(artwork.key))]
    if not exact and not whole:
        exact = list(found)
    if len(exact) == 1:
        return exact[0].id
    if not exact:
        raise _not_found(graph, reference)
    shown = "; ".join(f"{label(artwork)} (key:{artwork.key})" for artwork in exact[:_SHOWN])
    more = f"; and {len(exact) - _SHOWN} more" if len(exact) > _SHOWN else ""
    raise Ambiguous(f"{reference!r} may mean {shown}{more}: give one of these keys, or an id", _names(exact))


def label(artwork: Artwork) -> str:
    """Title, artist and date in one line."""
    return ", ".join(
        part for part in (artwork.title or artwork.key, " & ".join(artwork.artists), artwork.date_text) if part
    )


def closest(graph: GraphStore, reference: str) -> list[Artwork]:
    """Return a few artworks that may have been meant, most alike first; none where nothing is like it.

    Ids are digests: that one looks like another says nothing.
    """
    if _ID.fullmatch(reference.strip().lower()):
        return []
    bare = _bare(reference.removeprefix(_KEY))
    meant = {artwork.id: artwork for artwork in _search(graph, bare)}
    found = dict(meant)
    for word in tokens(bare):
        found |= {artwork.id: artwork for artwork in _starting_like(graph, word)}
    alike = difflib.SequenceMatcher(b=bare)

    def likeness(name: str) -> float:
        alike.set_seq1(_bare(name))
        return alike.ratio()

    rated = [(max(likeness(one.title), likeness(one.key)), one) for one in found.values()]
    near = [(rate, one) for rate, one in rated if rate >= _ALIKE or one.id in meant]
    return [one for _, one in sorted(near, key=lambda pair: -pair[0])[:_SHOWN]]


def _bare(name: str) -> str:
    return _SUFFIX.sub("", fold(name))


def _search(graph: GraphStore, text: str) -> tuple[Artwork, ...]:
    return graph.find(Search(text=text, limit=50)).artworks if tokens(text) else ()


def _starting_like(graph: GraphStore, word: str) -> tuple[Artwork, ...]:
    """Artworks with a word that begins as this one does, for as many letters as possible."""
    for length in range(len(word), min(_SHORTEST, len(word)) - 1, -1):
        if found := _search(graph, word[:length]):
            return found
    return ()


def _by_key(graph: GraphStore, reference: str) -> str:
    key = reference.removeprefix(_KEY)
    if not key.strip():
        raise BadInput("key: names no key: write the collection's own key after it, such as key:1888.12")
    found = graph.find(Search(key=key, limit=_SHOWN)).artworks
    if len(found) > 1:
        ids = ", ".join(f"{artwork.id} ({artwork.source})" for artwork in found)
        raise Ambiguous(f"several sources have the key {key!r}: give one of the ids {ids}", _names(found))
    if not found:
        raise _not_found(graph, reference)
    return found[0].id


def _not_found(graph: GraphStore, reference: str, told: str = "there is no artwork {!r}") -> NotFound:
    if graph.stats().facts is None:
        raise Unavailable(NOTHING_LOADED)
    near = closest(graph, reference)
    shown = ", ".join(
        f"{artwork.title!r} (key:{artwork.key})" if artwork.title else f"key:{artwork.key}" for artwork in near
    )
    return NotFound(told.format(reference) + (f"; closest: {shown}" if near else ""), _names(near))


def _names(artworks: Iterable[Artwork]) -> list[Names]:
    return [(artwork.id, artwork.title, artwork.key) for artwork in artworks]
