"""Vectors and reaches of one graph, kept in memory as far as they were read."""

import threading
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np

from stores.angles import angles_to
from stores.artwork import Artwork
from stores.errors import NotFound, Unavailable
from stores.ports import GraphStore, VectorStore
from stores.records import Edge, Floats, GraphStats, Ids, Ints, Vectors, Where

MEMORY: Final = 256 * 2**20
"""Bytes of vectors that are kept: 50,000 of 1,280 numbers, or 130,000 of 512."""

SPARE: Final = 8
"""More than are wanted are asked for, so that what is equally near is cut off the same way by every engine."""


_ROUNDING: Final = 0.01
"""Radians by which the angle of a float32 product may be off where vectors nearly coincide."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Some artworks of the graph as they lie in the space, row by row.

    Attributes:
        ids: (n,).
        vectors: (n, dimension) unit length.
        reach: (n,) radians.
        objects: the ``object_id`` of each; empty where it has none.
    """

    ids: Ids
    vectors: Vectors
    reach: Floats
    objects: tuple[str, ...]

    def __len__(self) -> int:
        """How many."""
        return len(self.ids)

    def take(self, rows: Ints) -> "Places":
        """Some of them, in this order."""
        objects = tuple(self.objects[row] for row in rows.tolist())
        return Places(self.ids[rows], self.vectors[rows], self.reach[rows], objects)

    @classmethod
    def join(cls, parts: Sequence["Places"], orders: Sequence[Ints]) -> "Places":
        """Put some of each places one after the other, in these orders; vectors are megabytes, and copied only once."""
        total, dimension = sum(map(len, orders)), parts[0].vectors.shape[1]
        vectors, at = np.empty((total, dimension), dtype=np.float32), 0
        for part, order in zip(parts, orders, strict=True):
            np.take(part.vectors, order, axis=0, out=vectors[at : at + len(order)], mode="clip")
            at += len(order)
        both = list(zip(parts, orders, strict=True))
        return cls(
            np.concatenate([part.ids[order] for part, order in both]),
            vectors,
            np.concatenate([part.reach[order] for part, order in both]),
            tuple(part.objects[row] for part, order in both for row in order.tolist()),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where one artwork lies."""

    vector: Vectors
    reach: float
    object_id: str


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """A guest, linked to the collection for one question.

    Attributes:
        artwork: the record that stands for it.
        place: where it lies; its reach is the angle to the last of its own neighbours.
        edges: by the artwork at their other end.
    """

    artwork: Artwork
    place: Place
    edges: Mapping[str, Edge]


@dataclass(slots=True)
class _Memory:
    """What was read of one graph and its metadata."""

    seen: tuple[str, int] = ("", 0)
    dimension: int = 0
    largest_reach: float | None = None
    kept: dict[str, Place] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Space:
    """Where the artworks of one graph lie, once it was entered; safe to use from several threads.

    Without a vector store only what the graph itself knows can be asked; the rest raises Unavailable.

    Attributes:
        graph: the graph.
        guests: by name, what is treated as if it were in the graph.
    """

    def __init__(self, graph: GraphStore, vectors: VectorStore | None = None) -> None:
        self.graph = graph
        self.guests: Mapping[str, Linked] = {}
        self._vectors = vectors
        self._memory = _Memory()

    def hosting(self, guests: Mapping[str, Linked]) -> "Space":
        """Return this space with guests; what is read is kept for both."""
        hosting = Space(self.graph, self._vectors)
        hosting.guests, hosting._memory = guests, self._memory
        return hosting

    @property
    def has_vectors(self) -> bool:
        """Whether angles can be measured at all."""
        return self._vectors is not None

    def enter(self, stats: GraphStats) -> None:
        """Forget what was read of any other graph than this one, or before its metadata changed."""
        seen = (stats.facts.digest if stats.facts else "", stats.metadata_version)
        memory = self._memory
        with memory.lock:
            if seen != memory.seen:
                memory.kept.clear()
                memory.seen, memory.largest_reach = seen, None
                memory.dimension = stats.facts.embedder.dimension if stats.facts else 0

    def places(self, ids: Sequence[str]) -> Places:
        """Return where these artworks lie, in this order; those that the graph does not know are left out."""
        found = self._read(ids)
        known = [artwork_id for artwork_id in ids if artwork_id in found]
        rows = [found[artwork_id] for artwork_id in known]
        none = np.zeros(0, dtype=np.float32)
        vectors = np.concatenate([none, *(row.vector for row in rows)])  # far quicker than np.stack
        return Places(
            np.array(known, dtype="U36"),
            vectors.reshape(len(rows), len(rows[0].vector) if rows else self._memory.dimension),
            np.array([row.reach for row in rows], dtype=np.float64),
            tuple(row.object_id for row in rows),
        )

    def place(self, artwork_id: str) -> Places:
        """Return where one artwork lies; NotFound where the graph does not know it."""
        found = self.places([artwork_id])
        if not len(found):
            raise NotFound(f"there is no artwork with the id {artwork_id}")
        return found

    def around(
        self, points: Vectors, k: int, where: Where | None = None, out: AbstractSet[str] = frozenset()
    ) -> list[list[str]]:
        """Return the ids of the k artworks nearest to each (n, dimension) point, by angle, then id.

        Nobody in ``out`` is among them; there are fewer than k only where there are no more.
        """
        limit, most = k + SPARE + min(len(out), k), k + SPARE + len(out)
        while True:
            hits = self._store().vicinity(points, limit, where)
            found = [[one for one in row if one and one not in out][: k + SPARE] for row in hits.ids.tolist()]
            ended = ~np.isfinite(hits.angles[:, -1])
            if limit >= most or all(len(row) >= k or over for row, over in zip(found, ended.tolist(), strict=True)):
                break
            limit = min(4 * limit, most)
        self._read([artwork_id for row in found for artwork_id in row])
        return [self._nearest(point, row, k) for point, row in zip(points, found, strict=True)]

    def _nearest(self, point: Vectors, ids: Sequence[str], k: int) -> list[str]:
        """Cut off what is farthest, by exact angles; only near the cut does the order matter."""
        if len(ids) <= k:
            return list(ids)
        sure, last = list(ids[: k - SPARE]), self.places(ids[max(k - SPARE, 0) :])
        measured = angles_to(last.vectors, point)
        order = np.lexsort((last.ids, measured))[: k - len(sure)]
        return [*sure, *map(str, last.ids[order])]

    def within(self, point: Vectors, k: int) -> tuple[Places, Floats]:
        """Return the k artworks nearest to a point, and all that reach it, with their angles, by angle, then id.

        What is not in the graph yet, as during a load, is passed over: there are fewer than k only where there are no
        more.
        """
        store, limit = self._store(), 4 * k
        while True:
            hits = store.vicinity(point[None], limit)
            ids = [artwork_id for artwork_id in hits.ids[0].tolist() if artwork_id]
            reach = self.graph.reach(ids)
            rows = np.flatnonzero(~np.isnan(reach))
            wide = len(rows) >= min(k + SPARE, 4 * k) and hits.angles[0, -1] > self.largest_reach() + _ROUNDING
            if wide or len(ids) < limit:
                break
            limit *= 4
        reaching = hits.angles[0, rows] < reach[rows] + _ROUNDING
        reaching[: k + SPARE] = True
        places = self.places([ids[row] for row in rows[reaching].tolist()])
        measured = angles_to(places.vectors, point)
        order = np.lexsort((places.ids, measured))
        return places.take(order), measured[order]

    def largest_reach(self) -> float:
        """Return the largest reach of any artwork, in radians."""
        with self._memory.lock:
            seen, largest = self._memory.seen, self._memory.largest_reach
        if largest is None:
            largest = float(self.graph.reach().max(initial=0.0))
            with self._memory.lock:
                if seen == self._memory.seen:
                    self._memory.largest_reach = largest
        return largest

    def _read(self, ids: Sequence[str]) -> dict[str, Place]:
        """Return what is known of these artworks, reading what is not in memory."""
        wanted, memory = dict.fromkeys(str(artwork_id) for artwork_id in ids), self._memory
        found = {name: guest.place for name, guest in self.guests.items() if name in wanted}
        with memory.lock:
            seen = memory.seen
            held = {artwork_id: memory.kept[artwork_id] for artwork_id in wanted if artwork_id in memory.kept}
        found |= held
        missing = [artwork_id for artwork_id in wanted if artwork_id not in found]
        if not missing:
            return found
        fresh = self._fetch(missing)
        with memory.lock:
            if seen == memory.seen:
                _keep(memory.kept, fresh)
        return found | fresh

    def _fetch(self, ids: list[str]) -> dict[str, Place]:
        reaches = self.graph.reach(ids)
        known = [artwork_id for artwork_id, gone in zip(ids, np.isnan(reaches).tolist(), strict=True) if not gone]
        if not known:
            return {}
        batch = self._store().get(known)
        return {
            artwork_id: Place(vector, reach, str(payload.get("object_id", "")))
            for artwork_id, vector, payload, reach in zip(
                known, batch.vectors, batch.payloads, reaches[~np.isnan(reaches)].tolist(), strict=True
            )
        }

    def _store(self) -> VectorStore:
        if self._vectors is None:
            raise Unavailable(
                "this needs the vectors, which are not here: name their --home, or set XDEGREES_QDRANT_URL"
            )
        return self._vectors


def _keep(kept: dict[str, Place], fresh: Mapping[str, Place]) -> None:
    """Keep what was read, and forget what was read longest ago where that is too much."""
    kept.update(fresh)
    most = MEMORY // (4 * len(next(iter(fresh.values())).vector)) if fresh else len(kept)
    for artwork_id in list(islice(kept, max(len(kept) - most, 0))):
        del kept[artwork_id]
