"""A whole graph in memory: what the embedded store answers from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from stores.dijkstra import Csr
from stores.errors import NotFound
from stores.records import Bools, Edge, Edges, Floats, GraphDelta, Ids, Ints


@dataclass(frozen=True)
class Network:
    """Edges and reach of every artwork of one version of the graph.

    Attributes:
        edges: ordered by both ends; ``edges.ids`` are all artworks, ascending.
        reach: (n,) radians.
    """

    edges: Edges
    reach: Floats

    @classmethod
    def empty(cls) -> "Network":
        """Return the graph of nothing."""
        none, zero = np.zeros(0, dtype=np.int64), np.zeros(0)
        ids, unset = np.zeros(0, dtype="U36"), np.zeros(0, dtype=np.bool_)
        return cls(Edges(ids, none, none, zero, zero, none, none, unset), zero)

    @cached_property
    def csr(self) -> Csr:
        """The same edges, by artwork."""
        return Csr.of(len(self.edges.ids), self.edges.a, self.edges.b, self.edges.weight)

    def rows(self, ids: Sequence[str]) -> Ints:
        """Positions of these ids; NotFound names the first that is missing."""
        wanted = np.asarray(ids, dtype="U36").reshape(-1)
        rows = np.searchsorted(self.edges.ids, wanted)
        if len(self.edges.ids) == 0:
            missing = np.ones(len(wanted), dtype=np.bool_)
        else:
            missing = self.edges.ids[np.minimum(rows, len(self.edges.ids) - 1)] != wanted
        if missing.any():
            raise NotFound(f"there is no artwork with the id {ids[int(missing.argmax())]}")
        return rows

    def reach_of(self, ids: Sequence[str]) -> Floats:
        """Reach of these ids in radians; NaN where one is missing."""
        wanted = np.asarray(ids, dtype="U36").reshape(-1)
        if len(self.edges.ids) == 0:
            return np.full(len(wanted), np.nan)
        rows = np.minimum(np.searchsorted(self.edges.ids, wanted), len(self.edges.ids) - 1)
        return np.where(self.edges.ids[rows] == wanted, self.reach[rows], np.nan)

    def at(self, ids: Sequence[str]) -> Edges:
        """Every edge with an end among these artworks."""
        chosen = np.zeros(len(self.edges.ids), dtype=np.bool_)
        chosen[self.rows(ids)] = True
        return select(self.edges, chosen[self.edges.a] | chosen[self.edges.b])

    def between(self, row: int, other: int) -> Edge:
        """Return the edge between two rows that have one."""
        low, high = sorted((row, other))
        start, end = np.searchsorted(self.edges.a, (low, low + 1))
        place = int(start + np.searchsorted(self.edges.b[start:end], high))
        ranks = [int(rank) for rank in (self.edges.rank_a[place], self.edges.rank_b[place]) if rank]
        return Edge(
            angle=float(self.edges.angle[place]),
            weight=float(self.edges.weight[place]),
            rank=min(ranks, default=None),
            bridge=bool(self.edges.bridge[place]),
        )

    def after(self, delta: GraphDelta) -> "Network":
        """Return the graph that a change leads to."""
        old = Network.empty() if delta.replace else self
        named = delta.edges.ids if delta.edges is not None else np.zeros(0, dtype="U36")
        written = np.array([artwork.id for artwork in delta.artworks], dtype="U36")
        ids, place = _changed_ids(old.edges.ids, np.append(named, written), np.asarray(delta.removed, dtype="U36"))
        reach = np.zeros(len(ids))
        reach[place[place >= 0]] = old.reach[place >= 0]
        if delta.reach is not None:
            reach[np.searchsorted(ids, named)] = delta.reach
        return Network(_merged(ids, old.edges, place, delta), reach)


def _changed_ids(old: Ids, more: Ids, removed: Ids) -> tuple[Ids, Ints]:
    """Return ascending ids after some came and some went, and where each old one is now; -1 for one that went.

    Ids are only compared where they change: comparing 50,000 of them as text takes longer than all else.
    """
    stays = np.ones(len(old), dtype=np.bool_)
    stays[[row for row, one in zip(_rows_of(old, removed), removed, strict=True) if old[row] == one]] = False
    left = old[stays]
    gone = set(removed.tolist())
    extra = np.array(sorted(one for one in set(more.tolist()) - gone if not _is_in(left, one)), dtype="U36")
    at = np.searchsorted(left, extra)
    place = np.full(len(old), -1)
    place[stays] = np.arange(len(left)) + np.searchsorted(at, np.arange(len(left)), side="right")
    return np.insert(left, at, extra), place


def _rows_of(ids: Ids, wanted: Ids) -> list[int]:
    return np.minimum(np.searchsorted(ids, wanted), len(ids) - 1).tolist() if len(ids) else []


def _is_in(ids: Ids, one: str) -> bool:
    row = int(np.searchsorted(ids, one))
    return row < len(ids) and bool(ids[row] == one)


def select(edges: Edges, chosen: Bools) -> Edges:
    """Return the chosen edges, counted in the same ids."""
    return replace(edges, **{name: getattr(edges, name)[chosen] for name in _ARRAYS})


_ARRAYS = ("a", "b", "angle", "weight", "rank_a", "rank_b", "bridge")


def _merged(ids: Ids, old: Edges, place: Ints, delta: GraphDelta) -> Edges:
    """Old edges that were not dropped, lost or set anew, then the new ones, ordered by both ends."""
    parts, codes = [old], [_paired(place, len(ids), old.a, old.b)]
    if delta.edges is not None:
        parts.append(delta.edges)
        codes.append(_codes(ids, delta.edges.ids, delta.edges.a, delta.edges.b))
    gone = np.unique(np.asarray(delta.dropped, dtype="U36"))
    ends = np.searchsorted(gone, np.asarray(delta.dropped, dtype="U36").reshape(-1, 2))
    overwritten = np.concatenate([_codes(ids, gone, ends[:, 0], ends[:, 1]), *codes[1:]])
    keep = [(codes[0] >= 0) & ~np.isin(codes[0], overwritten), *(code >= 0 for code in codes[1:])]
    code = np.concatenate([c[k] for c, k in zip(codes, keep, strict=True)])
    order = np.argsort(code, kind="stable")
    merged = {
        name: np.concatenate([getattr(p, name)[k] for p, k in zip(parts, keep, strict=True)])[order] for name in _ARRAYS
    }
    merged["a"], merged["b"] = np.divmod(code[order], max(len(ids), 1))
    return Edges(ids=ids, **merged)


def _paired(place: Ints, count: int, a: Ints, b: Ints) -> Ints:
    """One number per pair whose ends are at these places of so many; -1 where an end is at none."""
    if len(place) == 0:
        return np.full(len(a), -1)
    there = (place[a] >= 0) & (place[b] >= 0)
    return np.where(there, place[a] * count + place[b], -1)


def _codes(ids: Ids, own: Ids, a: Ints, b: Ints) -> Ints:
    """One number per pair, counted in ``ids`` instead of ``own``; -1 where an end is no longer there."""
    if len(ids) == 0 or len(own) == 0:
        return np.full(len(a), -1)
    place = np.minimum(np.searchsorted(ids, own), len(ids) - 1)
    return _paired(np.where(ids[place] == own, place, -1), len(ids), a, b)


@dataclass(frozen=True)
class Difference:
    """What has to be written to get from one network to another.

    Attributes:
        removed: ids that are no longer there.
        reach: rows of the other network whose reach is new.
        edges: edges of the other network that are new, or not what they were.
        dropped: (m, 2) ends of edges that are no longer there though both ends are.
    """

    removed: Ids
    reach: Ints
    edges: Edges
    dropped: Ids


def difference(before: Network, after: Network) -> Difference:
    """Compare two networks, to the last bit."""
    ids = np.union1d(before.edges.ids, after.edges.ids)
    old, new = (_codes(ids, net.edges.ids, net.edges.a, net.edges.b) for net in (before, after))
    place = np.minimum(np.searchsorted(old, new), max(len(old) - 1, 0))
    same = old[place] == new if len(old) else np.zeros(len(new), dtype=np.bool_)
    for name in _ARRAYS[2:] if len(old) else ():
        same &= getattr(before.edges, name)[place] == getattr(after.edges, name)
    gone = ~np.isin(old, new) & np.isin(before.edges.ids, after.edges.ids)[before.edges.a]
    gone &= np.isin(before.edges.ids, after.edges.ids)[before.edges.b]
    ends = np.stack([before.edges.ids[before.edges.a[gone]], before.edges.ids[before.edges.b[gone]]], axis=1)
    reach = dict(zip(before.edges.ids.tolist(), before.reach.tolist(), strict=True))
    moved = [reach.get(i) != own for i, own in zip(after.edges.ids.tolist(), after.reach.tolist(), strict=True)]
    return Difference(
        removed=np.setdiff1d(before.edges.ids, after.edges.ids),
        reach=np.flatnonzero(moved),
        edges=select(after.edges, ~same),
        dropped=ends,
    )
