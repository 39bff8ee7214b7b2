"""Exact k nearest neighbours of every artwork: a symmetric blocked join.

Float32 products find the few pairs that could matter; each of those is measured again in float64, and
only that angle, then the id, decides. So the answer does not depend on tiles, threads or the BLAS.
"""

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from stores.angles import angle, dot_error
from stores.compiled import compiled
from stores.records import Floats, Ints, Vectors

TILE: Final = 2048
"""Rows of a tile: 2048 x 2048 float32 products are 16 MB a thread, the size at which BLAS is at full speed."""


@dataclass(frozen=True, slots=True)
class NeighborLists:
    """The k nearest of each of n artworks; k is less where there are not that many others.

    Attributes:
        index: (n, k) rows of the neighbours, by ascending angle, then row.
        angle: (n, k) radians.
    """

    index: Ints
    angle: Floats


def nearest_neighbors(vectors: Vectors, k: int, threads: int | None = None) -> NeighborLists:
    """Join (n, dimension) unit vectors with themselves; rows must stand in the order of their ids.

    Memory beside the vectors: the lists, and one tile a thread.
    """
    n = len(vectors)
    k = min(k, max(n - 1, 0))
    lists = NeighborLists(np.full((n, k), n, dtype=np.int64), np.full((n, k), np.inf))
    if k == 0:
        return lists
    floor = np.full(n, -np.inf)
    slack = dot_error(vectors.shape[1])
    rank = np.arange(n)
    starts = range(0, n, TILE)
    locks = {start: Lock() for start in starts}

    def join(corner: tuple[int, int]) -> None:
        top, left = corner
        products = vectors[top : top + TILE] @ vectors[left : left + TILE].T
        with ExitStack() as held:
            for start in sorted({top, left}):  # always upwards, so that two threads cannot wait for each other
                held.enter_context(locks[start])
            _scan(products, top, left, vectors, lists.index, lists.angle, floor, rank, slack)

    # Along the diagonals: tiles that follow each other share few rows, so threads seldom wait.
    corners = [(top, top + offset) for offset in starts for top in range(0, n - offset, TILE)]
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        deque(pool.map(join, corners), maxlen=0)  # raises what a thread raised
    return lists


@compiled
def _scan(
    products: Vectors,
    top: int,
    left: int,
    vectors: Vectors,
    index: Ints,
    angles: Floats,
    floor: Floats,
    rank: Ints,
    slack: float,
) -> None:
    """Offer every pair of a tile to the lists of both its ends."""
    for r in range(products.shape[0]):
        i = top + r
        start = r + 1 if top == left else 0
        for c in range(start, products.shape[1]):
            j = left + c
            product = products[r, c]
            wanted_i = product >= floor[i] and not _full_of_equals(index[i], angles[i], j)
            wanted_j = product >= floor[j] and not _full_of_equals(index[j], angles[j], i)
            if wanted_i or wanted_j:
                measured = angle(vectors[i], vectors[j])
                if wanted_i:
                    floor[i] = insert(index[i], angles[i], j, measured, rank, slack)
                if wanted_j:
                    floor[j] = insert(index[j], angles[j], i, measured, rank, slack)


@compiled
def _full_of_equals(index: Ints, angles: Floats, other: int) -> bool:
    """Whether a list holds nothing but identical vectors of smaller rows: nothing can be nearer.

    Without this a museum's 50,000 copies of one placeholder picture would all be measured in pairs.
    """
    return bool(angles[-1] == 0.0 and index[-1] < other)


@compiled
def smallest_product(last: float, slack: float) -> float:
    """Return the smallest float32 product of which the angle may still be as small as the last of a list."""
    if np.isinf(last):
        return -np.inf
    chord = 2.0 * np.sin(last / 2.0)
    return float(1.0 - chord * chord / 2.0 - slack)


@compiled
def insert(index: Ints, angles: Floats, other: int, measured: float, rank: Ints, slack: float) -> float:
    """Put a neighbour in its place by angle, then rank; return the smallest product that could still change the list.

    ``rank`` (n,) is the place of each row among the ids; free places of a list are infinitely far.
    """
    last = len(angles) - 1
    place = last + 1
    while place > 0 and (
        measured < angles[place - 1] or (measured == angles[place - 1] and rank[other] < rank[index[place - 1]])
    ):
        place -= 1
    if place <= last:
        for q in range(last, place, -1):
            index[q] = index[q - 1]
            angles[q] = angles[q - 1]
        index[place] = other
        angles[place] = measured
    return smallest_product(angles[last], slack)
