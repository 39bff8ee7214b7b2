"""Where artworks lie that the map does not have yet: among their neighbours, without computing it again."""

from typing import Final

import numpy as np

from stores.maps import Map, Places
from stores.records import Bools, Edges, Floats, Ints

NEAREST: Final = 0.05
"""Weight below which an edge counts as no shorter: identical pictures would else outvote all others."""

SHARE: Final = 0.5
"""Share of an artwork's neighbours, by closeness, that decides where it lies."""

_MIDDLE: Final = 0.5


def place(known: Map, edges: Edges) -> tuple[Places, Bools]:
    """Return where each of ``edges.ids`` lies, (n, 2), and which of them, (n,), the map itself says.

    The others lie at the robust centre of their neighbours that have places; neighbours of those follow in turn. What
    is joined to nobody in the map lies in the middle. The same map and graph give the same places.
    """
    places = np.full((len(edges.ids), 2), _MIDDLE)
    rows = np.minimum(np.searchsorted(known.ids, edges.ids), max(len(known.ids) - 1, 0))
    said = known.ids[rows] == edges.ids if len(known.ids) else np.zeros(len(edges.ids), dtype=np.bool_)
    places[said] = known.places[rows[said]]
    waiting = ~said
    while waiting.any():
        reached = _place_next(places, waiting, edges)
        if not len(reached):
            break
        waiting[reached] = False
    return places.astype(np.float32), said


def _place_next(places: Floats, waiting: Bools, edges: Edges) -> Ints:
    """Place those who wait and have a neighbour with a place; return their rows."""
    from_a, from_b = waiting[edges.a] & ~waiting[edges.b], waiting[edges.b] & ~waiting[edges.a]
    owner = np.append(edges.a[from_a], edges.b[from_b])
    other = np.append(edges.b[from_a], edges.a[from_b])
    closeness = 1.0 / np.maximum(np.append(edges.weight[from_a], edges.weight[from_b]), NEAREST)
    order = np.lexsort((other, owner))
    rows, starts = np.unique(owner[order], return_index=True)
    groups = np.split(order, starts[1:])
    for row, group in zip(rows.tolist(), groups, strict=False):  # of no rows there is one empty group
        places[row] = _centre(places[other[group]], closeness[group])
    return rows


def _centre(points: Floats, closeness: Floats) -> Floats:
    """Return a centre of (m, 2) points that those far off do not move.

    The point with the smallest weighted sum of distances to the others (the medoid), then the weighted mean of those
    nearest to it that have half of all weight: between two clusters would be a place that is near to nobody.
    """
    apart = np.hypot(*(points[:, None] - points[None]).T)
    medoid = int(np.argmin(apart @ closeness))
    order = np.argsort(apart[medoid], kind="stable")
    within = np.cumsum(closeness[order])
    chosen = order[: int(np.searchsorted(within, SHARE * within[-1])) + 1]
    return np.asarray(closeness[chosen] @ points[chosen] / closeness[chosen].sum())
