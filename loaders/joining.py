"""Components and bridges after an update, from what they were before it.

Nothing but the new artworks can bring a shorter way between components that stayed whole, so their minimum spanning
tree is among the old bridges and the shortest ways from each new artwork. Where a component may have come apart, or
an end of a bridge is gone, all is worked out anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from loaders.bridges import Bridges, bridges, components, roots
from loaders.links import Pairs
from loaders.standing import Standing
from stores.angles import angle
from stores.compiled import compiled
from stores.records import Bools, Floats, Ints, Vectors

MOST: Final = 1_000_000
"""Ways from new artworks to components, or to each other, that are kept in mind: 16 MB."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The shortest way from each of m new rows to each of c components that were there.

    Attributes:
        first: the first of the new rows.
        other: (m, c) row at the other end; -1 where there is none.
        angle: (m, c) radians.
    """

    first: int
    other: Ints
    angle: Floats

    @classmethod
    def at(cls, first: int, count: int, labels: int) -> "Arrivals":
        """Nothing known yet; of too many, nothing ever will be."""
        shape = (count, labels) if count * max(count, labels) <= MOST else (count, 0)
        return cls(first, np.full(shape, -1), np.full(shape, np.inf))

    @property
    def known(self) -> bool:
        """Whether the ways were looked for."""
        return bool(self.other.shape[1])

    def look(
        self, products: Vectors, rows: Ints, vectors: Vectors, rank: Ints, gone: Bools, label: Ints, slack: float
    ) -> None:
        """Look at the products of some rows with all others; rows that are not new are passed over."""
        if self.known:
            _look(products, rows, self.first, vectors, rank, gone, label, self.other, self.angle, slack)


def join(held: Standing, gone: Bools, loose: Ints, new: Pairs, arrivals: Arrivals) -> int:
    """Bring components and bridges to lists that have changed; return how many components there are.

    Args:
        held: what is linked; its lists are as they shall be, its labels and bridges as they were.
        gone: (n,) rows that go.
        loose: rows that lost an edge, any number of times.
        new: pairs of lists at every row whose list changed.
        arrivals: ways from the new rows.
    """
    cut = gone[held.bridges.a].any() or gone[held.bridges.b].any() or gone[: arrivals.first].all()
    if arrivals.known and not cut and _still_together(held, np.unique(loose[~gone[loose]])):
        return _grow(held, new, arrivals)
    return _anew(held, gone)


def _still_together(held: Standing, loose: Ints) -> bool:
    """Whether rows that lost an edge are joined by others, looked for near them first: no component came apart."""
    flags = np.zeros(len(held), dtype=np.bool_)
    flags[loose] = True
    return _joined_by(held, loose, flags) or _joined_by(held, loose, ~np.zeros(len(held), dtype=np.bool_))


def _joined_by(held: Standing, loose: Ints, flags: Bools) -> bool:
    """Whether the edges at flagged rows join those of some rows that were in one component."""
    owner, place = entries_at(held.index.values, flags)
    root = roots(len(held), owner, held.index.values[owner, place])
    labels = held.label.values[loose]
    return len(np.unique(labels)) == len(np.unique(np.stack([labels, root[loose]]), axis=1).T)


def _grow(held: Standing, new: Pairs, arrivals: Arrivals) -> int:
    """Join what has become neighbours, and bridge what is left apart."""
    first, (count, labels) = arrivals.first, arrivals.other.shape
    member = np.append(held.label.values[:first], labels + np.arange(count))
    group = components(labels + count, member[new.a], member[new.b])
    held.label.values[:] = group[member]
    if (joined := int(group.max(initial=-1)) + 1) > 1:
        held.bridges = _tree(_ways(held, arrivals), held, joined)
    else:
        held.bridges = _none()
    return joined


def _ways(held: Standing, arrivals: Arrivals) -> Iterator[tuple[float, int, int]]:
    """Yield the old bridges, and the shortest ways from each new row, as angle and rows."""
    old = held.bridges
    yield from zip(old.angle.tolist(), old.a.tolist(), old.b.tolist(), strict=True)
    for place, others in enumerate(arrivals.other.tolist()):
        row = arrivals.first + place
        yield from ((float(arrivals.angle[place, c]), row, other) for c, other in enumerate(others) if other >= 0)
        for later in range(row + 1, len(held)):
            yield angle(held.vectors.values[row], held.vectors.values[later]), row, later


def _tree(ways: Iterator[tuple[float, int, int]], held: Standing, count: int) -> Bridges:
    """Return the minimum spanning tree of components, by (angle, ids): Kruskal's."""
    rank, label = held.rank.values.tolist(), held.label.values.tolist()
    ordered = sorted(
        (measured, *sorted((rank[a], rank[b])), *sorted((a, b), key=rank.__getitem__))
        for measured, a, b in ways
        if label[a] != label[b]
    )
    root = list(range(count))
    found = []
    for measured, _, _, a, b in ordered:
        x, y = _root(root, label[a]), _root(root, label[b])
        if x != y:
            root[x] = y
            found.append((a, b, measured))
    found.sort(key=lambda bridge: (rank[bridge[0]], rank[bridge[1]]))
    return Bridges(
        np.array([a for a, _, _ in found], dtype=np.int64),
        np.array([b for _, b, _ in found], dtype=np.int64),
        np.array([measured for _, _, measured in found], dtype=np.float64),
    )


def _root(root: list[int], at: int) -> int:
    while root[at] != at:
        root[at] = at = root[root[at]]
    return at


def _none() -> Bridges:
    return Bridges(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))


def _anew(held: Standing, gone: Bools) -> int:
    """Work out components and bridges as a rebuild does."""
    rows = np.flatnonzero(~gone)
    rows = rows[np.argsort(held.rank.values[rows])]
    place = np.full(len(held), -1)
    place[rows] = np.arange(len(rows))
    owner = np.repeat(np.arange(len(rows)), held.k)
    labels = components(len(rows), owner, place[held.index.values[rows]].ravel())
    found = bridges(np.ascontiguousarray(held.vectors.values[rows]), labels)
    held.label.values[rows] = labels
    held.bridges = Bridges(rows[found.a], rows[found.b], found.angle)
    return int(labels.max(initial=-1)) + 1


def entries_at(index: Ints, flags: Bools) -> tuple[Ints, Ints]:
    """Return owner and place of every entry of (n, k) lists whose owner, or whose neighbour, is flagged.

    Lists of rows that go are to be empty or to be wanted: entries of -1 are passed over.
    """
    count = _count(index, flags)
    owner, place = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    _fill(index, flags, owner, place)
    return owner, place


@compiled
def _count(index: Ints, flags: Bools) -> int:
    count = 0
    for i in range(len(index)):
        for p in range(index.shape[1]):
            j = index[i, p]
            count += j >= 0 and (flags[i] or flags[j])
    return count


@compiled
def _fill(index: Ints, flags: Bools, owner: Ints, place: Ints) -> None:
    at = 0
    for i in range(len(index)):
        for p in range(index.shape[1]):
            j = index[i, p]
            if j >= 0 and (flags[i] or flags[j]):
                owner[at] = i
                place[at] = p
                at += 1


@compiled
def _look(
    products: Vectors,
    rows: Ints,
    first: int,
    vectors: Vectors,
    rank: Ints,
    gone: Bools,
    label: Ints,
    other: Ints,
    angles: Floats,
    slack: float,
) -> None:
    """Keep the shortest way of each new row to each component, by (angle, ids)."""
    for r in range(len(rows)):
        i = rows[r]
        if i < first:
            continue
        own, best = other[i - first], angles[i - first]
        floor = np.full(len(own), -np.inf)
        for j in range(first):
            c = label[j]
            if products[r, j] < floor[c] or gone[j]:
                continue
            measured = angle(vectors[i], vectors[j])
            if measured < best[c] or (measured == best[c] and rank[j] < rank[own[c]]):
                best[c] = measured
                own[c] = j
                chord = 2.0 * np.sin(measured / 2.0)
                floor[c] = 1.0 - chord * chord / 2.0 - slack
