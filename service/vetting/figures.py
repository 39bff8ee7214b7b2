"""What a graph and its metadata show of a collection: what is lacking, what is nearly the same, what stands alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from loaders.bridges import components
from stores.artwork import Artwork
from stores.ports import GraphStore
from stores.records import Edges, GraphStats, Search

SHOWN: Final = 12
"""Artworks, groups or bridges that are shown of each kind; the others are counted."""

_PAGE: Final = 1000
_KEYS: Final = 5


@dataclass(frozen=True, slots=True)
class Lack:
    """Artworks that say nothing of something.

    Attributes:
        share: of all artworks, 0 to 1.
        keys: of the first few.
    """

    name: str
    count: int
    share: float
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """A collection in figures.

    Attributes:
        groups: of artworks nearly the same, the largest first; ``groups_total`` counts all.
        bridges: (id, id, angle) of edges without which the graph would fall apart, the longest first.
        loneliest: (id, angle to the nearest) of the artworks farthest from any other.
    """

    artworks: int
    edges: int
    lacks: tuple[Lack, ...]
    groups: tuple[tuple[str, ...], ...]
    groups_total: int
    bridges: tuple[tuple[str, str, float], ...]
    bridges_total: int
    loneliest: tuple[tuple[str, float], ...]


_SAID: Final[Mapping[str, Callable[[Artwork], object]]] = {
    "alternative text": lambda artwork: artwork.alt_text,
    "rights or credit": lambda artwork: artwork.rights_uri or artwork.rights_text or artwork.credit,
    "title": lambda artwork: artwork.title,
    "artist": lambda artwork: artwork.artists,
    "date": lambda artwork: artwork.date_text,
    "picture that may be shown": lambda artwork: artwork.images,
}


def measure_collection(graph: GraphStore, stats: GraphStats) -> Figures:
    """Read the whole graph once."""
    edges, count = graph.edges(), 0
    lacking: dict[str, list[str]] = {name: [] for name in _SAID}
    for artwork in every_artwork(graph):
        count += 1
        for name, said in _SAID.items():
            if not said(artwork):
                lacking[name].append(artwork.key)
    near = stats.facts.embedder.near_duplicate if stats.facts else 0.0
    groups, bridges = _groups(edges, near), _bridges(edges)
    return Figures(
        artworks=count,
        edges=len(edges),
        lacks=tuple(
            Lack(name, len(keys), len(keys) / max(count, 1), tuple(keys[:_KEYS])) for name, keys in lacking.items()
        ),
        groups=tuple(groups[:SHOWN]),
        groups_total=len(groups),
        bridges=tuple(bridges[:SHOWN]),
        bridges_total=len(bridges),
        loneliest=_loneliest(edges),
    )


def every_artwork(graph: GraphStore) -> Iterator[Artwork]:
    """Yield every artwork, a page at a time."""
    after = None
    while True:
        page = graph.find(Search(limit=_PAGE, after=after))
        yield from page.artworks
        if not page.after:
            return
        after = page.after


def _groups(edges: Edges, near: float) -> list[tuple[str, ...]]:
    """Return what hangs together by steps below the near-duplicate angle."""
    close = edges.angle < near
    labels = components(len(edges.ids), edges.a[close], edges.b[close])
    sizes = np.bincount(labels)
    found = [tuple(map(str, edges.ids[labels == label])) for label in np.flatnonzero(sizes > 1)]
    return sorted(found, key=lambda group: (-len(group), group))


def _bridges(edges: Edges) -> list[tuple[str, str, float]]:
    rows = np.flatnonzero(edges.bridge)
    found = [(str(edges.ids[edges.a[row]]), str(edges.ids[edges.b[row]]), float(edges.angle[row])) for row in rows]
    return sorted(found, key=lambda bridge: (-bridge[2], bridge))


def _loneliest(edges: Edges) -> tuple[tuple[str, float], ...]:
    nearest = np.full(len(edges.ids), np.inf)
    np.minimum.at(nearest, edges.a, edges.angle)
    np.minimum.at(nearest, edges.b, edges.angle)
    rows = np.lexsort((edges.ids, -np.where(np.isinf(nearest), 0, nearest)))[:SHOWN]
    return tuple((str(edges.ids[row]), float(nearest[row])) for row in rows if np.isfinite(nearest[row]))
