"""Neighbour lists become a weighted graph of one component: reach, weight, bridges.

Weights are angles in units of how crowded both ends are (local scaling; Zelnik-Manor and Perona 2004,
"Self-tuning spectral clustering"), so that dense clusters do not swallow the paths.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np

from loaders.bridges import bridges, components
from loaders.neighbors import NeighborLists
from stores.records import Edges, Floats, Ids, Ints, Vectors

DEFINITIONS: Final = "angle=2asin(chord/2); reach>=0.1; weight=angle/sqrt(reach*reach); bridges=mst"
"""Part of every graph's digest: change it whenever the same vectors would give another graph."""

SHORTEST_REACH: Final = 0.1
"""Radians. Keeps weight^16 from drowning every other step in a sum of doubles beside a dense print series."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A graph made from vectors.

    Attributes:
        edges: as the stores keep them, ordered by both ends.
        reach: (n,) radians, in the order of ``edges.ids``.
        components: how many there were before the bridges.
    """

    edges: Edges
    reach: Floats
    components: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs that are in a neighbour list, each once; arrays of one length.

    Attributes:
        a, b: rows; ``a`` has the smaller id.
        angle: radians.
        rank_a, rank_b: places in each other's lists, from 1; 0 where it is not in it.
        code: one number per pair, ascending.
    """

    a: Ints
    b: Ints
    angle: Floats
    rank_a: Ints
    rank_b: Ints
    code: Ints


def link(ids: Ids, vectors: Vectors, lists: NeighborLists) -> Linked:
    """Make the graph of (n,) ascending ids, their (n, dimension) vectors and their neighbour lists."""
    n, k = lists.index.shape
    places = np.tile(np.arange(1, k + 1), n)
    owner = np.repeat(np.arange(n), k)
    pairs = pair_up(owner, lists.index.ravel(), places, lists.angle.ravel(), np.arange(n))
    labels = components(len(ids), pairs.a, pairs.b)
    found = bridges(vectors, labels)
    reach = reaches(lists)
    a, b = np.append(pairs.a, found.a), np.append(pairs.b, found.b)
    angle = np.append(pairs.angle, found.angle)
    unranked = np.zeros(len(found.a), dtype=np.int64)
    order = np.lexsort((b, a))
    edges = Edges(
        ids=ids,
        a=a[order],
        b=b[order],
        angle=angle[order],
        weight=weights(angle, reach[a], reach[b])[order],
        rank_a=np.append(pairs.rank_a, unranked)[order],
        rank_b=np.append(pairs.rank_b, unranked)[order],
        bridge=(np.arange(len(a)) >= len(pairs.a))[order],
    )
    return Linked(edges, reach, int(labels.max(initial=-1)) + 1)


def reaches(lists: NeighborLists) -> Floats:
    """Angle of each artwork to the last in its list, (n,) radians, at least :data:`SHORTEST_REACH`."""
    n, k = lists.angle.shape
    return np.maximum(lists.angle[:, k - 1], SHORTEST_REACH) if k else np.full(n, SHORTEST_REACH)


def weights(angle: Floats, reach_a: Floats, reach_b: Floats) -> Floats:
    """The angle in units of how crowded both ends are: ``angle / sqrt(reach_a · reach_b)``."""
    return np.asarray(angle / np.sqrt(reach_a * reach_b))


def digest(vector_digests: Iterable[str], n: int, k: int) -> str:
    """Name of the graph that follows from n vectors: sha256 of their digests by ascending id, k and the definitions.

    Equal ids, vectors and k give equal names, whatever the order or the store they were loaded in.
    """
    whole = sha256(f"{DEFINITIONS}; k={k}; n={n}".encode())
    whole.update(bytes.fromhex("".join(vector_digests)))
    return whole.hexdigest()


def vector_digest(artwork_id: str, vector: Vectors) -> str:
    """Sha256 of one artwork's id and the bytes of its vector (little-endian float32), in hex."""
    return sha256(artwork_id.encode() + vector.astype("<f4", copy=False).tobytes()).hexdigest()


def pair_up(owner: Ints, other: Ints, place: Ints, angle: Floats, order: Ints) -> Pairs:
    """Join entries of lists, arrays of one length, to pairs; ``order`` (n,) is the place of each row among the ids."""
    n = len(order)
    from_low = order[owner] < order[other]
    low, high = np.where(from_low, owner, other), np.where(from_low, other, owner)
    code, first, pair = np.unique(order[low] * n + order[high], return_index=True, return_inverse=True)
    ranks = np.zeros((2, len(code)), dtype=np.int64)
    ranks[(~from_low).astype(np.int64), pair] = place
    return Pairs(low[first], high[first], angle[first], ranks[0], ranks[1], code)
