"""A linked collection as arrays that can be changed: what an update starts from, and leaves behind."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from loaders.bridges import Bridges, components
from loaders.links import reaches
from loaders.neighbors import NeighborLists
from stores.network import Network
from stores.records import Bools, Edges, Floats, Ids, Vectors

T = TypeVar("T", bound=np.generic)


class Column(Generic[T]):
    """An array that grows at its end without being copied each time."""

    def __init__(self, values: NDArray[T]) -> None:
        self._room, self._count = values, len(values)

    @property
    def values(self) -> NDArray[T]:
        """What it holds; a view."""
        return self._room[: self._count]

    def append(self, values: NDArray[T]) -> None:
        """Put rows at the end."""
        total = self._count + len(values)
        if total > len(self._room):
            room = np.empty((total + total // 8, *self._room.shape[1:]), dtype=self._room.dtype)
            room[: self._count] = self.values
            self._room = room
        self._room[self._count : total] = values
        self._count = total


@dataclass(slots=True)
class Standing:
    """Vectors, neighbour lists and components of n artworks, row by row, in the order in which they came.

    Attributes:
        names: the id of each row.
        rows: the row of each id; of one that is replaced, the new.
        ascending: the same ids, in order.
        rank: (n,) place of each row in ``ascending``.
        vectors: (n, dimension) unit length.
        index, angle: (n, k) neighbour lists, as rows and radians.
        label: (n,) component without bridges, from 0.
        bridges: between them, as rows; ``a`` has the smaller id.
    """

    names: list[str]
    rows: dict[str, int]
    ascending: list[str]
    rank: Column[np.int64]
    vectors: Column[np.float32]
    index: Column[np.int64]
    angle: Column[np.float64]
    label: Column[np.int64]
    bridges: Bridges

    @classmethod
    def of(cls, ids: Ids, vectors: Vectors, lists: NeighborLists, edges: Edges) -> "Standing":
        """Hold a graph of (n,) ascending ids that was linked from these lists."""
        owner = np.repeat(np.arange(len(ids)), lists.index.shape[1])
        bridged = edges.bridge
        names = [str(one) for one in ids]
        return cls(
            names,
            {name: row for row, name in enumerate(names)},
            names.copy(),
            Column(np.arange(len(ids))),
            Column(vectors),
            Column(lists.index),
            Column(lists.angle),
            Column(components(len(ids), owner, lists.index.ravel())),
            Bridges(edges.a[bridged], edges.b[bridged], edges.angle[bridged]),
        )

    def __len__(self) -> int:
        """How many rows."""
        return len(self.names)

    def reach(self) -> Floats:
        """Return how far each list reaches: (n,) radians."""
        return reaches(NeighborLists(self.index.values, self.angle.values))

    @property
    def k(self) -> int:
        """Neighbours in a list."""
        return int(self.index.values.shape[1])

    def append(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Put artworks at the end, without neighbours or component; an id may be there already, in a row that goes."""
        count = len(ids)
        for name in ids:
            place = bisect_left(self.ascending, name)
            if place == len(self.ascending) or self.ascending[place] != name:
                insort(self.ascending, name)
                self.rank.values[self.rank.values >= place] += 1
            self.rows[name] = len(self.names)
            self.names.append(name)
            self.rank.append(np.array([place]))
        self.vectors.append(vectors)
        self.index.append(np.full((count, self.k), -1))
        self.angle.append(np.full((count, self.k), np.inf))
        self.label.append(np.full(count, -1))

    def without(self, gone: Bools) -> None:
        """Take (n,) rows out; no list and no bridge may name them any more."""
        stays = np.flatnonzero(~gone)
        place = np.full(len(self), -1)
        place[stays] = np.arange(len(stays))
        self.names = [self.names[row] for row in stays.tolist()]
        self.rows = {name: row for row, name in enumerate(self.names)}
        self.ascending = sorted(self.names)
        self.vectors = Column(self.vectors.values[stays])
        self.index = Column(place[self.index.values[stays]])
        self.angle = Column(self.angle.values[stays])
        self.label = Column(self.label.values[stays])
        self.bridges = Bridges(place[self.bridges.a], place[self.bridges.b], self.bridges.angle)
        order = np.argsort(self.rank.values[stays], kind="stable")
        rank = np.empty(len(stays), dtype=np.int64)
        rank[order] = np.arange(len(stays))
        self.rank = Column(rank)


def read_lists(edges: Edges, k: int) -> NeighborLists | None:
    """Return the (n, k) lists whose ranks the edges keep; None where they are shorter than k."""
    n = len(edges.ids)
    index, measured = np.full((n, k), -1), np.full((n, k), np.inf)
    for owner, other, rank in ((edges.a, edges.b, edges.rank_a), (edges.b, edges.a, edges.rank_b)):
        listed = (rank > 0) & (rank <= k)
        index[owner[listed], rank[listed] - 1] = other[listed]
        measured[owner[listed], rank[listed] - 1] = edges.angle[listed]
    longest = max(edges.rank_a.max(initial=0), edges.rank_b.max(initial=0))
    return NeighborLists(index, measured) if n and longest == k and (index >= 0).all() else None


def read_standing(network: Network, vectors: NDArray[Any], k: int) -> Standing | None:
    """Hold a graph that is kept, with the (n, dimension) vectors of its artworks; None where its lists are short.

    The vectors of artworks that are taken out next are never looked at.
    """
    lists = read_lists(network.edges, k)
    return Standing.of(network.edges.ids, vectors, lists, network.edges) if lists else None
