"""Vectors and reaches of one graph, kept in memory as far as they were read."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stores.angles import angles_to
from stores.errors import NotFound, Unavailable
from stores.ports import GraphStore, VectorStore
from stores.records import Floats, GraphStats, Ids, Ints, Vectors, Where

MEMORY: Final = 256 * 2**20
"""Bytes of vectors that are kept: 50,000 of 1,280 numbers, or 130,000 of 512."""

SPARE: Final = 8
"""More than are wanted are asked for, so that what is equally near is cut off the same way by every engine."""


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
    def join(cls, parts: Sequence["Places"]) -> "Places":
        """Put places one after the other."""
        return cls(
            np.concatenate([part.ids for part in parts]),
            np.concatenate([part.vectors for part in parts]),
            np.concatenate([part.reach for part in parts]),
            tuple(name for part in parts for name in part.objects),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    vector: Vectors
    reach: float
    object_id: str


class Space:
    """Where the artworks of one graph lie, once it was entered; safe to use from several threads.

    Without a vector store only what the graph itself knows can be asked; the rest raises Unavailable.

    Attributes:
        graph: the graph.
    """

    def __init__(self, graph: GraphStore, vectors: VectorStore | None = None) -> None:
        self.graph = graph
        self._vectors = vectors
        self._kept: OrderedDict[str, _Place] = OrderedDict()
        self._digest = ""
        self._dimension = 0
        self._lock = threading.Lock()

    @property
    def has_vectors(self) -> bool:
        """Whether angles can be measured at all."""
        return self._vectors is not None

    def enter(self, stats: GraphStats) -> None:
        """Forget what was read of any other graph than this one."""
        digest = stats.facts.digest if stats.facts else ""
        with self._lock:
            if digest != self._digest:
                self._kept.clear()
                self._digest = digest
                self._dimension = stats.facts.embedder.dimension if stats.facts else 0

    def places(self, ids: Sequence[str]) -> Places:
        """Return where these artworks lie, in this order; those that the graph does not know are left out."""
        found = self._read(ids)
        known = [artwork_id for artwork_id in ids if artwork_id in found]
        rows = [found[artwork_id] for artwork_id in known]
        return Places(
            np.array(known, dtype="U36"),
            np.stack([row.vector for row in rows]) if rows else np.zeros((0, self._dimension), dtype=np.float32),
            np.array([row.reach for row in rows], dtype=np.float64),
            tuple(row.object_id for row in rows),
        )

    def place(self, artwork_id: str) -> Places:
        """Return where one artwork lies; NotFound where the graph does not know it."""
        found = self.places([artwork_id])
        if not len(found):
            raise NotFound(f"there is no artwork with the id {artwork_id}")
        return found

    def around(self, points: Vectors, k: int, where: Where | None = None) -> list[list[str]]:
        """Return the ids of the k artworks nearest to each (n, dimension) point, by angle, then id."""
        hits = self._store().vicinity(points, k + SPARE, where)
        found = [[artwork_id for artwork_id in row if artwork_id] for row in hits.ids.tolist()]
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

    def _read(self, ids: Sequence[str]) -> dict[str, _Place]:
        """Return what is known of these artworks, reading what is not in memory."""
        wanted = dict.fromkeys(str(artwork_id) for artwork_id in ids)
        with self._lock:
            digest = self._digest
            found = {artwork_id: self._kept[artwork_id] for artwork_id in wanted if artwork_id in self._kept}
            for artwork_id in found:
                self._kept.move_to_end(artwork_id)
        missing = [artwork_id for artwork_id in wanted if artwork_id not in found]
        if not missing:
            return found
        fresh = self._fetch(missing)
        with self._lock:
            if digest == self._digest:
                self._keep(fresh)
        return found | fresh

    def _fetch(self, ids: list[str]) -> dict[str, _Place]:
        reaches = self.graph.reach(ids)
        known = [artwork_id for artwork_id, gone in zip(ids, np.isnan(reaches).tolist(), strict=True) if not gone]
        if not known:
            return {}
        batch = self._store().get(known)
        return {
            artwork_id: _Place(vector, reach, str(payload.get("object_id", "")))
            for artwork_id, vector, payload, reach in zip(
                known, batch.vectors, batch.payloads, reaches[~np.isnan(reaches)].tolist(), strict=True
            )
        }

    def _keep(self, fresh: dict[str, _Place]) -> None:
        self._kept.update(fresh)
        most = MEMORY // (4 * len(next(iter(fresh.values())).vector)) if fresh else 1
        while len(self._kept) > most:
            self._kept.popitem(last=False)

    def _store(self) -> VectorStore:
        if self._vectors is None:
            raise Unavailable(
                "this needs the vectors, which are not here: name their --home, or set XDEGREES_QDRANT_URL"
            )
        return self._vectors
