"""A graph after some artworks came, went or changed: exactly the one a rebuild would make, for less.

One pass over the vectors gives each new artwork its neighbours and shows which lists it enters; lists that lost a
neighbour are worked out anew; everything at those lists is weighed again. What follows is true to the last bit,
ties included (tests compare it with rebuilds).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from loaders.bridges import Bridges
from loaders.joining import Arrivals, entries_at, join
from loaders.links import Linked, Pairs, pair_up, weights
from loaders.neighbors import insert, smallest_product
from loaders.standing import Standing
from stores.angles import angle, dot_error
from stores.artwork import Artwork
from stores.compiled import compiled
from stores.network import Network, difference
from stores.records import Bools, Edges, Floats, GraphDelta, GraphFacts, Ints, Vectors

BLOCK: Final = 256
"""Lists worked out at once: 256 x 50,000 float32 products are 51 MB."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an update changed.

    Attributes:
        edges: edges that are new or may differ; their ids are all artworks whose reach may.
        reach: (n,) radians, for ``edges.ids``.
        dropped: ends of edges that are no longer there though both ends are.
        components: how many there are without bridges.
        looked_at: how many lists were worked out anew or entered.
    """

    edges: Edges
    reach: Floats
    dropped: tuple[tuple[str, str], ...]
    components: int
    looked_at: int


def delta_between(before: Network, linked: Linked, facts: GraphFacts, artworks: Iterable[Artwork] = ()) -> GraphDelta:
    """Return what has to be written to get from one graph to another: nothing that is the same to the last bit."""
    after = Network(linked.edges, linked.reach)
    found = difference(before, after)
    rows = np.unique(np.concatenate([found.reach, found.edges.a, found.edges.b]))
    place = np.zeros(len(after.edges.ids), dtype=np.int64)
    place[rows] = np.arange(len(rows))
    edges = replace(found.edges, ids=after.edges.ids[rows], a=place[found.edges.a], b=place[found.edges.b])
    return GraphDelta(
        facts=facts,
        artworks=tuple(artworks),
        removed=tuple(map(str, found.removed)),
        reach=after.reach[rows],
        edges=edges,
        dropped=tuple((str(a), str(b)) for a, b in found.dropped),
    )


def delta_of(change: Change, facts: GraphFacts, artworks: Iterable[Artwork], removed: Sequence[str]) -> GraphDelta:
    """Return an update as what has to be written."""
    return GraphDelta(
        facts=replace(facts, components=change.components),
        artworks=tuple(artworks),
        removed=tuple(removed),
        reach=change.reach,
        edges=change.edges,
        dropped=change.dropped,
    )


def lists_to_redo(held: Standing, gone: Bools) -> int:
    """How many lists lose a neighbour when (n,) rows go: what a removal costs, in lists."""
    return int((gone[held.index.values].any(axis=1) & ~gone).sum())


def update(held: Standing, gone: Bools, ids: Sequence[str], vectors: Vectors) -> Change:
    """Take (n,) rows out of a linked collection and bring (m, dimension) vectors in; ``held`` is what is left then.

    An id that is there already has to be among the rows that go. More than k artworks have to be left.
    """
    n = len(held)
    before = held.index.values.copy(), held.angle.values.copy()
    held.append(ids, vectors)
    gone = np.append(gone, np.zeros(len(ids), dtype=np.bool_))
    anew = ~gone
    anew[:n] &= gone[before[0]].any(axis=1)
    held.index.values[anew | gone], held.angle.values[anew | gone] = -1, np.inf
    touched, arrivals = _bring_in(held, n, gone, anew)
    old = _pairs_at(*before, touched | gone, held.rank.values)
    new = _pairs_at(held.index.values, held.angle.values, touched, held.rank.values)
    bridged = held.bridges
    lost = gone[old.a] | gone[old.b] | ~np.isin(old.code, new.code)
    components = join(held, gone, np.append(old.a[lost], old.b[lost]), new, arrivals)
    changed = _change(held, bridged, old, new, touched, gone)
    if gone.any():
        held.without(gone)
    return Change(*changed, components, int(touched.sum()))


def _bring_in(held: Standing, n: int, gone: Bools, anew: Bools) -> tuple[Bools, Arrivals]:
    """Work out the lists of the rows ``anew`` and offer those from ``n`` on to all others; say which lists changed."""
    vectors, rank = held.vectors.values, held.rank.values
    slack = dot_error(vectors.shape[1])
    floor = _floors(held.angle.values, slack)
    touched = anew.copy()
    arrivals = Arrivals.at(n, len(vectors) - n, int(held.label.values.max(initial=-1)) + 1)
    rows = np.flatnonzero(anew)
    with threadpool_limits(2, user_api="blas"):
        for at in range(0, len(rows), BLOCK):
            block = rows[at : at + BLOCK]
            products = vectors[block] @ vectors.T
            lists = held.index.values, held.angle.values, floor, touched
            _offer(products, block, n, vectors, rank, gone, anew, *lists, slack)
            arrivals.look(products, block, vectors, rank, gone, held.label.values, slack)
    return touched, arrivals


def _pairs_at(index: Ints, angles: Floats, flags: Bools, rank: Ints) -> Pairs:
    """Return the pairs of lists at any of the flagged rows."""
    owner, place = entries_at(index, flags)
    return pair_up(owner, index[owner, place], place + 1, angles[owner, place], rank)


@compiled
def _floors(angles: Floats, slack: float) -> Floats:
    floor = np.empty(len(angles))
    for i in range(len(angles)):
        floor[i] = smallest_product(angles[i, -1], slack)
    return floor


@compiled
def _offer(
    products: Vectors,
    rows: Ints,
    n: int,
    vectors: Vectors,
    rank: Ints,
    gone: Bools,
    anew: Bools,
    index: Ints,
    angles: Floats,
    floor: Floats,
    touched: Bools,
    slack: float,
) -> None:
    """Offer everything to the lists of ``rows``, and those from ``n`` on to every list not worked out anew."""
    for r in range(len(rows)):
        i = rows[r]
        for j in range(products.shape[1]):
            product = products[r, j]
            wanted_i = product >= floor[i]
            wanted_j = i >= n and not anew[j] and product >= floor[j]
            if not (wanted_i or wanted_j) or j == i or gone[j]:
                continue
            wanted_i = wanted_i and not _is_full_of_equals(index[i], angles[i], j, rank)
            wanted_j = wanted_j and not _is_full_of_equals(index[j], angles[j], i, rank)
            if not (wanted_i or wanted_j):
                continue
            measured = angle(vectors[i], vectors[j])
            if wanted_i:
                floor[i] = insert(index[i], angles[i], j, measured, rank, slack)
            if wanted_j and (measured < angles[j, -1] or (measured == angles[j, -1] and rank[i] < rank[index[j, -1]])):
                floor[j] = insert(index[j], angles[j], i, measured, rank, slack)
                touched[j] = True


@compiled
def _is_full_of_equals(index: Ints, angles: Floats, other: int, rank: Ints) -> bool:
    """Whether a list holds nothing but identical vectors of smaller ids: nothing can be nearer."""
    return bool(angles[-1] == 0.0 and rank[index[-1]] < rank[other])


def _change(
    held: Standing, bridged: Bridges, old: Pairs, new: Pairs, touched: Bools, gone: Bools
) -> tuple[Edges, Floats, tuple[tuple[str, str], ...]]:
    """Weigh what is new or beside a list that changed, and name what is no longer an edge."""
    rank, now = held.rank.values, held.bridges
    fresh = ~np.isin(_codes(now, rank), _codes(bridged, rank)) | touched[now.a] | touched[now.b]
    joined = _with_bridges(new, now, fresh)
    a, b, reach = joined.a, joined.b, held.reach()
    rows = np.unique(np.concatenate([np.flatnonzero(touched), a, b]))
    rows = rows[np.argsort(rank[rows])]
    place = np.zeros(len(rank), dtype=np.int64)
    place[rows] = np.arange(len(rows))
    order = np.lexsort((rank[b], rank[a]))
    edges = Edges(
        ids=np.array([held.names[row] for row in rows.tolist()], dtype="U36"),
        a=place[a][order],
        b=place[b][order],
        angle=joined.angle[order],
        weight=weights(joined.angle, reach[a], reach[b])[order],
        rank_a=joined.rank_a[order],
        rank_b=joined.rank_b[order],
        bridge=(np.arange(len(a)) >= len(new.a))[order],
    )
    before, after = np.append(old.code, _codes(bridged, rank)), np.append(new.code, _codes(now, rank))
    return edges, reach[rows], _dropped(held, np.setdiff1d(before, after), gone)


def _codes(found: Bridges, rank: Ints) -> Ints:
    """One number per bridge, as pairs of lists have."""
    return np.asarray(rank[found.a] * len(rank) + rank[found.b])


def _with_bridges(pairs: Pairs, found: Bridges, chosen: Bools) -> Pairs:
    """Put the chosen bridges, which stand in no list, after the pairs of lists."""
    none = np.zeros(int(chosen.sum()), dtype=np.int64)
    return Pairs(
        np.append(pairs.a, found.a[chosen]),
        np.append(pairs.b, found.b[chosen]),
        np.append(pairs.angle, found.angle[chosen]),
        np.append(pairs.rank_a, none),
        np.append(pairs.rank_b, none),
        pairs.code,
    )


def _dropped(held: Standing, codes: Ints, gone: Bools) -> tuple[tuple[str, str], ...]:
    """Name the ends of edges that are no more; an artwork that goes takes its own along."""
    stays = np.zeros(len(held.ascending), dtype=np.bool_)
    stays[held.rank.values[~gone]] = True
    ends = np.stack(np.divmod(codes, len(held)), axis=1)
    kept = ends[stays[ends].all(axis=1)]
    return tuple((held.ascending[a], held.ascending[b]) for a, b in kept.tolist())
