"""One component, always: the minimum spanning tree between the components of a graph."""

from dataclasses import dataclass

import numpy as np

from stores.angles import angle, dot_error
from stores.compiled import compiled
from stores.records import Floats, Ints, Vectors

BLOCK = 2048
"""Rows compared at once: 2048 x 2048 float32 products are 16 MB."""


@dataclass(frozen=True, slots=True)
class Bridges:
    """Edges between components: positions ``a < b`` and the angle between them in radians."""

    a: Ints
    b: Ints
    angle: Floats


def components(n: int, a: Ints, b: Ints) -> Ints:
    """Label the components of n artworks joined by edges a-b: (n,) from 0, in order of first member."""
    return np.asarray(np.unique(roots(n, a, b), return_inverse=True)[1], dtype=np.int64)


def bridges(vectors: Vectors, labels: Ints) -> Bridges:
    """Find the minimum spanning tree between components, by (angle, rows).

    Borůvka's rounds: each component but the largest takes its shortest way out, until one is left. The
    order is total, so the tree is unique. Only artworks outside the largest component are compared.
    """
    found: dict[tuple[int, int], float] = {}
    labels = labels.copy()
    while labels.max(initial=0) > 0:
        found |= _ways_out(vectors, labels)
        ends = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
        inside = np.arange(len(labels)), np.unique(labels, return_index=True)[1][labels]
        labels = components(len(labels), np.append(inside[0], ends[:, 0]), np.append(inside[1], ends[:, 1]))
    pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    return Bridges(pairs[:, 0], pairs[:, 1], np.array([found[a, b] for a, b in pairs.tolist()], dtype=np.float64))


def _ways_out(vectors: Vectors, labels: Ints) -> dict[tuple[int, int], float]:
    """Shortest edge out of each component but the largest: ends to angle."""
    sizes = np.bincount(labels)
    outside = np.flatnonzero(labels != sizes.argmax())
    best = np.full(len(sizes), np.inf)
    ends = np.full((len(sizes), 2), len(labels), dtype=np.int64)
    floor = np.full(len(sizes), -np.inf)
    slack = dot_error(vectors.shape[1])
    for top in range(0, len(outside), BLOCK):
        rows = outside[top : top + BLOCK]
        for left in range(0, len(vectors), BLOCK):
            products = vectors[rows] @ vectors[left : left + BLOCK].T
            _scan(products, rows, left, vectors, labels, best, ends, floor, slack)
    return {(int(a), int(b)): float(best[c]) for c, (a, b) in enumerate(ends) if np.isfinite(best[c])}


@compiled
def _scan(
    products: Vectors,
    rows: Ints,
    left: int,
    vectors: Vectors,
    labels: Ints,
    best: Floats,
    ends: Ints,
    floor: Floats,
    slack: float,
) -> None:
    """Keep the shortest edge out of each row's component; ``floor`` is the product below which none is."""
    for r in range(products.shape[0]):
        i = rows[r]
        own = labels[i]
        for c in range(products.shape[1]):
            j = left + c
            if labels[j] == own or products[r, c] < floor[own]:
                continue
            measured = angle(vectors[i], vectors[j])
            a, b = min(i, j), max(i, j)
            if measured < best[own] or (
                measured == best[own] and (a < ends[own, 0] or (a == ends[own, 0] and b < ends[own, 1]))
            ):
                best[own] = measured
                ends[own, 0] = a
                ends[own, 1] = b
                chord = 2.0 * np.sin(measured / 2.0)
                floor[own] = 1.0 - chord * chord / 2.0 - slack


@compiled
def roots(n: int, a: Ints, b: Ints) -> Ints:
    """Union-find with path halving over n rows joined by edges a-b: (n,) the smallest member of each one's set."""
    parent = np.arange(n)
    for e in range(len(a)):
        x, y = a[e], b[e]
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        parent[max(x, y)] = min(x, y)
    for x in range(n):
        parent[x] = parent[parent[x]]
    return parent
