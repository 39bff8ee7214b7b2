"""A graph after some artworks came, went or changed: exactly the one a rebuild would make, for less.

Neighbour lists are read back from the ranks of the edges. Only lists that can have changed are looked at: those of
new vectors, those that lost a neighbour, and those a new vector is near enough to enter. What follows from the
lists (reach, weights, components, bridges) is worked out as in a rebuild.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from loaders.links import Linked, link
from loaders.neighbors import NeighborLists, insert, smallest_product
from stores.angles import angle, dot_error
from stores.artwork import Artwork
from stores.compiled import compiled
from stores.network import Network, difference
from stores.records import Bools, Edges, Floats, GraphDelta, GraphFacts, Ids, Ints, Vectors

BLOCK: Final = 256
"""Lists worked out at once: 256 x 50,000 float32 products are 51 MB."""

REBUILD: Final = 0.25
"""Share of the lists above which all of them are worked out anew: a rebuild compares each pair once, and in threads."""


@dataclass(frozen=True, slots=True)
class Update:
    """What an update made of the lists.

    Attributes:
        linked: the whole graph afterwards.
        looked_at: how many lists were worked out anew.
    """

    linked: Linked
    looked_at: int


def update(before: Network, ids: Ids, vectors: Vectors, changed: Bools, k: int) -> Update | None:
    """Bring a graph ``before``, made with the same k, to (n,) ascending ids and their (n, dimension) vectors.

    ``changed`` (n,) are those whose vector is not the one that the graph was made with, the new ones among them.
    None where only a rebuild can, or where it is cheaper.
    """
    lists = read_lists(before.edges, k)
    if lists is None or len(ids) <= k:
        return None
    kept = ~changed & np.isin(ids, before.edges.ids)
    carried = _carried(before.edges.ids, lists, ids, kept)
    anew = ~kept | (carried.index < 0).any(axis=1)
    if anew.sum() > REBUILD * len(ids):
        return None
    carried.index[anew], carried.angle[anew] = len(ids), np.inf
    _bring_in(vectors, np.flatnonzero(anew), kept, anew, carried)
    return Update(link(ids, vectors, carried), int(anew.sum()))


def read_lists(edges: Edges, k: int) -> NeighborLists | None:
    """Return the (n, k) lists whose ranks the edges keep; None where they are shorter than k."""
    n = len(edges.ids)
    index, measured = np.full((n, k), -1, dtype=np.int64), np.full((n, k), np.inf)
    for owner, other, rank in ((edges.a, edges.b, edges.rank_a), (edges.b, edges.a, edges.rank_b)):
        listed = (rank > 0) & (rank <= k)
        index[owner[listed], rank[listed] - 1] = other[listed]
        measured[owner[listed], rank[listed] - 1] = edges.angle[listed]
    longest = max(edges.rank_a.max(initial=0), edges.rank_b.max(initial=0))
    return NeighborLists(index, measured) if n and longest == k and (index >= 0).all() else None


def delta_between(before: Network, linked: Linked, facts: GraphFacts, artworks: Iterable[Artwork] = ()) -> GraphDelta:
    """Return what has to be written: nothing that is the same to the last bit."""
    after = Network(linked.edges, linked.reach)
    found = difference(before, after)
    rows = np.unique(np.concatenate([found.reach, found.edges.a, found.edges.b]))
    named = Edges(
        ids=after.edges.ids[rows],
        a=np.searchsorted(rows, found.edges.a),
        b=np.searchsorted(rows, found.edges.b),
        angle=found.edges.angle,
        weight=found.edges.weight,
        rank_a=found.edges.rank_a,
        rank_b=found.edges.rank_b,
        bridge=found.edges.bridge,
    )
    return GraphDelta(
        facts=facts,
        artworks=tuple(artworks),
        removed=tuple(map(str, found.removed)),
        reach=after.reach[rows],
        edges=named,
        dropped=tuple((str(a), str(b)) for a, b in found.dropped),
    )


def _carried(old_ids: Ids, lists: NeighborLists, ids: Ids, kept: Bools) -> NeighborLists:
    """Count the lists of those that stay in the new rows; -1 for a neighbour that went or moved.

    Rows ascend with the ids before and after, so what stands in order still does.
    """
    k = lists.index.shape[1]
    place = np.minimum(np.searchsorted(ids, old_ids), len(ids) - 1)
    row_of = np.where((ids[place] == old_ids) & kept[place], place, -1)
    index, measured = np.full((len(ids), k), -1, dtype=np.int64), np.full((len(ids), k), np.inf)
    stays = row_of >= 0
    index[row_of[stays]] = row_of[lists.index[stays]]
    measured[row_of[stays]] = lists.angle[stays]
    return NeighborLists(index, measured)


def _bring_in(vectors: Vectors, rows: Ints, kept: Bools, anew: Bools, lists: NeighborLists) -> None:
    """Work out the lists of some rows, and offer those with new vectors to all other lists."""
    slack = dot_error(vectors.shape[1])
    floor = _floors(lists.angle, slack)
    for at in range(0, len(rows), BLOCK):
        block = rows[at : at + BLOCK]
        products = vectors[block] @ vectors.T
        _offer(products, block, vectors, ~kept[block], anew, lists.index, lists.angle, floor, slack)


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
    vectors: Vectors,
    fresh: Bools,
    anew: Bools,
    index: Ints,
    angles: Floats,
    floor: Floats,
    slack: float,
) -> None:
    """Offer everything to the lists of ``rows``, and those of them that are fresh to every list not worked out anew."""
    for r in range(len(rows)):
        i = rows[r]
        for j in range(products.shape[1]):
            if j == i:
                continue
            product = products[r, j]
            wanted_i = product >= floor[i]
            wanted_j = fresh[r] and not anew[j] and product >= floor[j]
            if wanted_i or wanted_j:
                measured = angle(vectors[i], vectors[j])
                if wanted_i:
                    floor[i] = insert(index[i], angles[i], j, measured, slack)
                if wanted_j:
                    floor[j] = insert(index[j], angles[j], i, measured, slack)
