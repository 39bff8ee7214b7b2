"""From what a person types to an artwork: an id, ``key:…``, or a title."""

import difflib
import re
from typing import Final

from stores.artwork import Artwork
from stores.errors import BadInput, NotFound
from stores.ports import GraphStore
from stores.records import Search
from stores.words import fold, tokens

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHOWN: Final = 5
_SHORTEST: Final = 3
"""Letters of a word that are still worth searching for."""


def find_id(graph: GraphStore, reference: str) -> str:
    """Return the id that an id or ``key:…`` stands for; NotFound names the closest titles."""
    if reference.startswith("key:"):
        return _by_key(graph, reference.removeprefix("key:"))
    wanted = reference.strip().lower()
    if _ID.fullmatch(wanted):
        try:
            return graph.artworks([wanted])[0].id
        except NotFound as error:
            raise _not_found(graph, reference) from error
    raise _not_found(graph, reference)


def take_id(graph: GraphStore, reference: str) -> str:
    """Return what looks like an id unseen, for a question that will find out by itself; else as :func:`find_id`."""
    wanted = reference.strip().lower()
    return wanted if _ID.fullmatch(wanted) else find_id(graph, reference)


def find_artwork(graph: GraphStore, reference: str) -> str:
    """Return the id that an id, ``key:…`` or a title stands for; BadInput lists what an ambiguous title may mean."""
    if reference.startswith("key:") or _ID.fullmatch(reference.strip().lower()):
        return find_id(graph, reference)
    found = graph.find(Search(text=reference, limit=50)).artworks
    exact = [artwork for artwork in found if fold(reference) in (fold(artwork.title), fold(artwork.key))] or list(found)
    if len(exact) == 1:
        return exact[0].id
    if not exact:
        raise _not_found(graph, reference)
    shown = "; ".join(f"{label(artwork)} (key:{artwork.key})" for artwork in exact[:_SHOWN])
    more = f"; and {len(exact) - _SHOWN} more" if len(exact) > _SHOWN else ""
    raise BadInput(f"{reference!r} may mean {shown}{more}: give one of these keys, or an id")


def label(artwork: Artwork) -> str:
    """Title, artist and date in one line."""
    return ", ".join(
        part for part in (artwork.title or artwork.key, " & ".join(artwork.artists), artwork.date_text) if part
    )


def closest(graph: GraphStore, reference: str) -> list[Artwork]:
    """Return a few artworks that may have been meant, most alike first."""
    if _ID.fullmatch(reference.strip().lower()):
        return list(graph.find(Search(after=(3, reference.lower()), limit=_SHOWN)).artworks)
    found: dict[str, Artwork] = {}
    for word in tokens(reference):
        found |= {artwork.id: artwork for artwork in _starting_like(graph, word)}
    alike = difflib.SequenceMatcher(b=fold(reference))

    def likeness(artwork: Artwork) -> float:
        alike.set_seq1(fold(artwork.title))
        return -alike.ratio()

    return sorted(found.values(), key=likeness)[:_SHOWN]


def _starting_like(graph: GraphStore, word: str) -> tuple[Artwork, ...]:
    """Artworks with a word that begins as this one does, for as many letters as possible."""
    for length in range(len(word), min(_SHORTEST, len(word)) - 1, -1):
        if found := graph.find(Search(text=word[:length], limit=50)).artworks:
            return found
    return ()


def _by_key(graph: GraphStore, key: str) -> str:
    found = graph.find(Search(key=key, limit=_SHOWN)).artworks
    if len(found) > 1:
        ids = ", ".join(f"{artwork.id} ({artwork.source})" for artwork in found)
        raise BadInput(f"several sources have the key {key!r}: give one of the ids {ids}")
    if not found:
        raise _not_found(graph, key)
    return found[0].id


def _not_found(graph: GraphStore, reference: str) -> NotFound:
    near = closest(graph, reference)
    hint = f"; closest: {', '.join(repr(artwork.title or artwork.key) for artwork in near)}" if near else ""
    return NotFound(f"there is no artwork {reference!r}{hint}", [(artwork.id, artwork.title) for artwork in near])
