"""Dynamic programming over artworks in order of progress, in compiled code.

Rows are ordered so that a step only ever goes to a later row. ``weights`` is (n, n) float32, infinite where a
step is forbidden; from row i steps go to the rows i+1 to ``last[i]``; row 0 is the source, the last row the
target; rows marked in ``closed`` are not passed.
"""

import numpy as np
from numpy.typing import NDArray

from stores.compiled import compiled
from stores.records import Bools, Ints

Weights = NDArray[np.float32]
NOWHERE = -1


@compiled
def smallest_largest(weights: Weights, last: Ints, closed: Bools, images: int) -> float:
    """Return the smallest possible largest step of a path of exactly so many rows; infinite where there is none."""
    n = len(weights)
    best = np.full((2, n), np.inf, dtype=np.float32)
    best[0, 0] = 0.0
    for layer in range(1, images):
        here, there = best[(layer - 1) % 2], best[layer % 2]
        there[:] = np.inf
        for i in range(n):
            so_far = here[i]
            if so_far == np.inf:
                continue
            for j in range(i + 1, last[i] + 1):
                largest = max(so_far, weights[i, j])
                there[j] = min(there[j], largest)
        for j in range(n):
            if closed[j]:
                there[j] = np.inf
    return float(best[(images - 1) % 2, n - 1])


@compiled
def most_even(weights: Weights, last: Ints, closed: Bools, images: int, bound: float) -> Ints:
    """Return the rows of the path with the smallest sum of squared steps, none larger than ``bound``."""
    n = len(weights)
    best = np.full((2, n), np.inf)
    before = np.full((images, n), NOWHERE, dtype=np.int32)
    best[0, 0] = 0.0
    for layer in range(1, images):
        here, there = best[(layer - 1) % 2], best[layer % 2]
        there[:] = np.inf
        for i in range(n):
            so_far = here[i]
            if so_far == np.inf:
                continue
            for j in range(i + 1, last[i] + 1):
                step = weights[i, j]
                if step <= bound and not closed[j] and so_far + step * step < there[j]:
                    there[j] = so_far + step * step
                    before[layer, j] = i
    rows = np.empty(images, dtype=np.int64)
    row = n - 1
    for layer in range(images - 1, -1, -1):
        rows[layer] = row
        row = before[layer, row]
    return rows


@compiled
def cheapest(weights: Weights, last: Ints, closed: Bools, power: int) -> Ints:
    """Return the rows of the path with the smallest sum of ``weight ** power``; none where there is no path."""
    n = len(weights)
    best = np.full(n, np.inf)
    before = np.full(n, NOWHERE, dtype=np.int64)
    best[0] = 0.0
    for i in range(n):
        if best[i] == np.inf or closed[i]:
            continue
        for j in range(i + 1, last[i] + 1):
            cost = best[i] + np.float64(weights[i, j]) ** power
            if cost < best[j] and not closed[j]:
                best[j] = cost
                before[j] = i
    if best[n - 1] == np.inf:
        return np.empty(0, dtype=np.int64)
    length = 1
    row = n - 1
    while row != 0:
        row = before[row]
        length += 1
    rows = np.empty(length, dtype=np.int64)
    row = n - 1
    for q in range(length - 1, -1, -1):
        rows[q] = row
        row = before[row]
    return rows
