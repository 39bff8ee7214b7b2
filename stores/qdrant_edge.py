"""VectorStore on Qdrant's own engine inside this process: one folder, no server."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import qdrant_edge as edge

from stores.angles import angles, dot_error
from stores.artwork import Payload
from stores.errors import Busy, Mismatch, NotFound, Unavailable
from stores.records import EmbedderFacts, Floats, Hits, Ids, VectorBatch, Vectors, VectorStats, Where
from stores.words import facet_term

FORMAT: Final = 1
"""Moves when points or payloads change in a way an older release cannot read."""

BATCH: Final = 1000
"""Points read or written at once."""


class EdgeVectors:
    """A VectorStore (see :mod:`stores.ports`) in the folder ``path``. One process at a time may open it.

    Vectors are kept under Dot: Cosine would scale them again, and what is read back would no longer be
    what was written, bit for bit.
    """

    def __init__(self, path: Path) -> None:
        self._points = path / "points"
        self._facts_file = path / "embedder.json"
        self._facts = _read_facts(self._facts_file)
        self._shard: edge.EdgeShard | None = None
        if self._facts is not None:
            with self._translated():
                self._shard = edge.EdgeShard.load(str(self._points))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder; the store cannot be used afterwards."""
        if self._shard is not None:
            self._shard.close()
            self._shard = None

    def prepare(self, facts: EmbedderFacts) -> None:
        """Make the store ready for vectors of this embedder."""
        if self._facts is not None and self.stats().count:
            _refuse_another(self._facts, facts)
        elif self._facts is None or self._facts.identity != facts.identity:
            self._create(facts)

    def upsert(self, ids: Sequence[str], vectors: Vectors, payloads: Sequence[Payload]) -> None:
        """Write vectors and payloads; the engine's log holds them when the call returns."""
        if len(ids) == 0:
            return
        shard = self._ready(vectors.shape[1])
        for at in range(0, len(ids), BATCH):
            rows = zip(
                ids[at : at + BATCH],
                vectors[at : at + BATCH].tolist(),
                payloads[at : at + BATCH],
                strict=True,
            )
            points = [edge.Point(str(point_id), vector, dict(payload)) for point_id, vector, payload in rows]
            with self._translated():
                shard.update(edge.UpdateOperation.upsert_points(points))

    def get(self, ids: Sequence[str]) -> VectorBatch:
        """Return these artworks in this order."""
        found = {str(record.id): record for record in self._retrieve(ids)}
        missing = next((str(point_id) for point_id in ids if str(point_id) not in found), None)
        if missing is not None:
            raise NotFound(f"there is no vector with the id {missing}")
        return self._batch([found[str(point_id)] for point_id in ids], with_vectors=True)

    def nearest(self, vectors: Vectors, k: int, where: Where | None = None) -> Hits:
        """Return the exact k nearest of each row."""
        hits = Hits(np.full((len(vectors), k), "", dtype="U36"), np.full((len(vectors), k), np.inf))
        if self._shard is None:
            return hits
        self._ready(vectors.shape[1])
        for row, vector in enumerate(vectors):
            ids, measured = self._nearest(vector, k, _filter(where))
            hits.ids[row, : len(ids)], hits.angles[row, : len(ids)] = ids, measured
        return hits

    def scan(self, *, with_vectors: bool = True) -> Iterator[VectorBatch]:
        """Yield everything once; the engine scrolls by ascending id."""
        offset = None
        while self._shard is not None:
            request = edge.ScrollRequest(offset=offset, limit=BATCH, with_payload=True, with_vector=with_vectors)
            with self._translated():
                records, offset = self._shard.scroll(request)
            if records:
                yield self._batch(records, with_vectors=with_vectors)
            if offset is None:
                return

    def delete(self, ids: Sequence[str]) -> None:
        """Take these out."""
        if self._shard is not None and len(ids):
            with self._translated():
                self._shard.update(edge.UpdateOperation.delete_points([str(point_id) for point_id in ids]))

    def stats(self) -> VectorStats:
        """Say how many there are, and of which embedder."""
        if self._shard is None:
            return VectorStats(0, None)
        return VectorStats(self._shard.count(edge.CountRequest(exact=True)), self._facts)

    def _create(self, facts: EmbedderFacts) -> None:
        """Begin anew. The facts are written last, so a folder without them was never written to."""
        self.close()
        self._facts_file.unlink(missing_ok=True)
        shutil.rmtree(self._points, ignore_errors=True)
        self._points.mkdir(parents=True)
        config = edge.EdgeConfig(vectors=edge.EdgeVectorParams(size=facts.dimension, distance=edge.Distance.Dot))
        with self._translated():
            self._shard = edge.EdgeShard.create(str(self._points), config)
        written = self._facts_file.with_suffix(".new")
        written.write_text(json.dumps({"format": FORMAT, **asdict(facts)}, indent=1), encoding="utf-8")
        written.replace(self._facts_file)
        self._facts = facts

    def _ready(self, dimension: int) -> edge.EdgeShard:
        if self._shard is None or self._facts is None:
            raise Mismatch("the vector store has not been prepared for an embedder yet")
        if dimension != self._facts.dimension:
            raise Mismatch(
                f"vectors of {dimension} numbers do not fit {self._facts.name}, which has {self._facts.dimension}"
            )
        return self._shard

    def _retrieve(self, ids: Sequence[str]) -> list[edge.Record]:
        if self._shard is None or not len(ids):
            return []
        with self._translated():
            return self._shard.retrieve([str(point_id) for point_id in ids], with_payload=True, with_vector=True)

    def _batch(self, records: Sequence[edge.Record], *, with_vectors: bool) -> VectorBatch:
        dimension = self._facts.dimension if self._facts and with_vectors else 0
        vectors = np.array([record.vector for record in records] if dimension else [], dtype=np.float32)
        return VectorBatch(
            ids=np.array([str(record.id) for record in records], dtype="U36"),
            vectors=vectors.reshape(len(records), dimension),
            payloads=tuple(record.payload or {} for record in records),
        )

    def _nearest(self, vector: Vectors, k: int, condition: edge.Filter | None) -> tuple[Ids, Floats]:
        """Ask for more than k until no vector left out could be as near, then order by angle and id."""
        limit = k + 8
        while True:
            request = edge.QueryRequest(
                query=edge.Query.Nearest(vector.tolist()),
                limit=limit,
                filter=condition,
                params=edge.SearchParams(exact=True),
                with_vector=True,
                with_payload=False,
            )
            with self._translated():
                found = self._shard.query(request) if self._shard else []
            if len(found) < limit or found[k - 1].score - found[-1].score > 2 * dot_error(len(vector)):
                break
            limit *= 4
        ids = np.array([str(point.id) for point in found], dtype="U36")
        rows = np.array([point.vector for point in found], dtype=np.float32).reshape(len(found), len(vector))
        measured = angles(np.broadcast_to(vector, rows.shape).copy(), rows)
        order = np.lexsort((ids, measured))[:k]
        return ids[order], measured[order]

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the engine's one kind of error into ours; it says what went wrong only in words."""
        try:
            yield
        except Exception as error:
            if "WouldBlock" in str(error):
                raise Busy(f"{self._points} is in use by another process; stop it and try again") from error
            if type(error) is not Exception:
                raise
            raise Unavailable(f"{self._points}: {error}") from error


def _read_facts(path: Path) -> EmbedderFacts | None:
    if not path.exists():
        return None
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if (found := held.pop("format", None)) != FORMAT:
        raise Mismatch(f"{path} has format {found}, this release reads {FORMAT}: use a newer release")
    return EmbedderFacts(**held)


def _refuse_another(held: EmbedderFacts, offered: EmbedderFacts) -> None:
    if held.identity == offered.identity:
        return
    parts = zip(("name", "dimension", "checkpoint", "preprocessing"), held.identity, offered.identity, strict=True)
    differing = ", ".join(f"{part} {str(a)[:12]!r} against {str(b)[:12]!r}" for part, a, b in parts if a != b)
    raise Mismatch(
        f"this collection holds vectors of {held.name} and cannot take those of {offered.name} ({differing}); "
        f"load with --embedder {held.name}, or into a new home with XDEGREES_HOME=another-folder"
    )


def _filter(where: Where | None) -> edge.Filter | None:
    if not where:
        return None
    must: list[Any] = [
        edge.FieldCondition("facets", match=edge.MatchAny([facet_term(column, value) for value in values]))
        for column, values in where.values.items()
    ]
    if where.years:
        must.append(edge.Filter(should=[_touching(*span) for span in where.years]))
    return edge.Filter(must=must)


def _touching(first: int, last: int) -> edge.Filter:
    return edge.Filter(
        must=[
            edge.FieldCondition("year_from", range=edge.RangeFloat(lte=last)),
            edge.FieldCondition("year_to", range=edge.RangeFloat(gte=first)),
        ]
    )
