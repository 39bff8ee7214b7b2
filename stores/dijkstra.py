"""Bidirectional Dijkstra over a graph in memory (Pohl 1971), in compiled code.

A search leaves its memory as it found it by undoing only what it touched, so asking does not slow down with
the size of the collection. One :class:`Workspace` serves one thread.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from stores.compiled import compiled
from stores.records import Bools, Floats, Ints

NOWHERE: Final = -1

Rows = NDArray[np.int32]
Memory = tuple[Floats, Rows, Rows, Rows, Rows]


@dataclass(frozen=True, slots=True)
class Csr:
    """An undirected graph as compressed sparse rows; every edge stands in the rows of both its ends.

    Attributes:
        start: (n + 1,) where each artwork's row begins.
        other: (2 x edges,) the far end of each entry.
        weight: (2 x edges,) not negative.
    """

    start: Ints
    other: Rows
    weight: Floats

    @classmethod
    def of(cls, n: int, a: Ints, b: Ints, weight: Floats) -> Self:
        """Build from edges a-b between n artworks; rows are ordered by weight, so that a search can stop early."""
        near, far, both = np.append(a, b), np.append(b, a), np.append(weight, weight)
        order = np.lexsort((far, both, near))
        start = np.zeros(n + 1, dtype=np.int64)
        np.cumsum(np.bincount(near, minlength=n), out=start[1:])
        return cls(start, far[order].astype(np.int32), both[order])


class Workspace:
    """Memory of one search at a time, for a graph of n artworks; side 0 forward, side 1 backward.

    Attributes:
        distance: (2, n) infinite between searches.
        parent: (2, n) the row before, only meaningful where the distance is finite.
        place: (2, n) where a row stands in its side's heap.
        heap: (2, n) rows by distance.
        touched: (2, n) rows whose distance was set.
    """

    def __init__(self, n: int) -> None:
        self.distance: Floats = np.full((2, n), np.inf)
        self.parent, self.place, self.heap, self.touched = np.zeros((4, 2, n), dtype=np.int32)


def shortest_path(
    csr: Csr,
    space: Workspace,
    source: int,
    target: int | Mapping[int, float],
    power: int,
    blocked: Bools | None = None,
) -> Ints | None:
    """Return the rows on the cheapest path from source to target, both included; None where there is none.

    A step costs ``weight ** power``; power is a power of two. Of several targets, each with a cost that is
    added, the path goes to that with the smallest sum. Rows marked in ``blocked`` are not passed; an end is
    never blocked.
    """
    targets = {target: 0.0} if isinstance(target, int) else target
    ends = np.array(sorted(targets, key=lambda row: (targets[row], row)), dtype=np.int64)
    further = np.array([targets[row] for row in ends.tolist()], dtype=np.float64)
    passed_by = np.zeros(0, dtype=np.bool_)
    if blocked is not None:
        passed_by = blocked.copy()
        passed_by[source], passed_by[ends] = False, False
    memory = (space.distance, space.parent, space.place, space.heap, space.touched)
    rows = _search(csr.start, csr.other, csr.weight, source, ends, further, power.bit_length() - 1, passed_by, memory)
    return rows if len(rows) else None


def step_cost(weight: float, power: int) -> float:
    """``weight ** power`` by repeated squaring, the same bits here as in the search."""
    return float(_power(weight, power.bit_length() - 1))


@compiled
def _power(weight: float, squarings: int) -> float:
    for _ in range(squarings):
        weight = weight * weight
    return weight


@compiled
def _search(
    start: Ints,
    other: Rows,
    weight: Floats,
    source: int,
    targets: Ints,
    further: Floats,
    squarings: int,
    blocked: Bools,
    memory: Memory,
) -> Ints:
    """Grow the side whose front is nearer until no shorter meeting is possible; return the rows between."""
    distance, parent, place, heap, touched = memory
    sizes = np.array([1, len(targets)])
    reached = sizes.copy()
    _begin(0, np.array([source]), np.zeros(1), memory)
    _begin(1, targets, further, memory)
    best = distance[1, source]
    meeting = source if best < np.inf else NOWHERE
    while sizes[0] > 0 and sizes[1] > 0:
        front = (distance[0, heap[0, 0]], distance[1, heap[1, 0]])
        if front[0] + front[1] >= best:
            break
        side = 0 if front[0] <= front[1] else 1
        row = _pop(heap[side], place[side], distance[side], sizes, side)
        for e in range(start[row], start[row + 1]):
            far = other[e]
            length = front[side] + _power(weight[e], squarings)
            if length + front[1 - side] >= best:
                break  # rows are ordered by weight: nothing further on makes a shorter meeting
            if length >= distance[side, far] or _is_blocked(blocked, far):
                continue
            if distance[side, far] == np.inf:
                touched[side, reached[side]] = far
                reached[side] += 1
                place[side, far] = sizes[side]
                heap[side, sizes[side]] = far
                sizes[side] += 1
            distance[side, far] = length
            parent[side, far] = row
            _rise(heap[side], place[side], distance[side], place[side, far])
            if length + distance[1 - side, far] < best:
                best = length + distance[1 - side, far]
                meeting = far
    _clear(distance, touched, reached)
    return _rows_through(meeting, parent)


@compiled
def _begin(side: int, rows: Ints, costs: Floats, memory: Memory) -> None:
    """Put the rows where a side begins into its heap, by ascending cost."""
    distance, parent, place, heap, touched = memory
    for q in range(len(rows)):
        row = rows[q]
        distance[side, row] = costs[q]
        parent[side, row] = NOWHERE
        heap[side, q] = touched[side, q] = row
        place[side, row] = q


@compiled
def _is_blocked(blocked: Bools, row: int) -> bool:
    return bool(len(blocked) > 0 and blocked[row])


@compiled
def _clear(distance: Floats, touched: Rows, reached: Ints) -> None:
    for side in range(2):
        for q in range(reached[side]):
            distance[side, touched[side, q]] = np.inf


@compiled
def _rows_through(meeting: int, parent: Rows) -> Ints:
    """Rows from the source through the meeting to the target; none if the sides never met."""
    if meeting == NOWHERE:
        return np.zeros(0, dtype=np.int64)
    length = 1
    for side in range(2):
        row = parent[side, meeting]
        while row != NOWHERE:
            length += 1
            row = parent[side, row]
    rows = np.empty(length, dtype=np.int64)
    q = 0
    row = meeting
    while row != NOWHERE:
        q += 1
        row = parent[0, row]
    middle = q
    row = meeting
    while row != NOWHERE:
        q -= 1
        rows[q] = row
        row = parent[0, row]
    row = parent[1, meeting]
    while row != NOWHERE:
        rows[middle] = row
        middle += 1
        row = parent[1, row]
    return rows


@compiled
def _before(distance: Floats, x: int, y: int) -> bool:
    """Heap order: nearer first, then the smaller row, so that equal costs give the same path every time."""
    return bool(distance[x] < distance[y] or (distance[x] == distance[y] and x < y))


@compiled
def _rise(heap: Rows, place: Rows, distance: Floats, q: int) -> None:
    row = heap[q]
    while q > 0:
        above = (q - 1) // 2
        if not _before(distance, row, heap[above]):
            break
        heap[q] = heap[above]
        place[heap[q]] = q
        q = above
    heap[q] = row
    place[row] = q


@compiled
def _pop(heap: Rows, place: Rows, distance: Floats, sizes: Ints, side: int) -> int:
    """Take the nearest row out of a side's heap."""
    top = heap[0]
    place[top] = NOWHERE
    sizes[side] -= 1
    size = sizes[side]
    if size == 0:
        return int(top)
    row = heap[size]
    q = 0
    while 2 * q + 1 < size:
        below = 2 * q + 1
        if below + 1 < size and _before(distance, heap[below + 1], heap[below]):
            below += 1
        if not _before(distance, heap[below], row):
            break
        heap[q] = heap[below]
        place[heap[q]] = q
        q = below
    heap[q] = row
    place[row] = q
    return int(top)
