"""VectorStore on Qdrant's own engine inside this process: one folder, no server."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import qdrant_edge as edge

from stores.artwork import Payload
from stores.errors import Busy, Damaged, Unavailable
from stores.records import EmbedderFacts, Hits, VectorBatch, Vectors, VectorStats, Where
from stores.vector_rules import (
    begins_anew,
    facet_conditions,
    in_order,
    nearest_hits,
    no_hits,
    read_facts,
    refuse_dimension,
    to_batch,
    vicinity_hits,
    written_facts,
)

BATCH: Final = 1000
"""Points read or written at once."""

FACTS: Final = "embedder.json"
"""Says what made the points; a folder without it was never written to."""


class EdgeVectors:
    """A VectorStore (see :mod:`stores.ports`) in the folder ``path``. One process at a time may open it.

    Vectors are kept under Dot: Cosine would scale them again, and what is read back would no longer be
    what was written, bit for bit.
    """

    def __init__(self, path: Path) -> None:
        self._points = path / "points"
        self._facts_file = path / FACTS
        self._facts = _read_facts(self._facts_file)
        self._shard: edge.EdgeShard | None = None
        if lost := nameless_points(path):
            raise Damaged(f"nothing says what made the {lost} vectors in {path}: run 'xdegrees check --repair'")
        if self._facts is not None:
            with _translated(self._points, Damaged):
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
        if begins_anew(self.stats(), facts):
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
            with _translated(self._points):
                shard.update(edge.UpdateOperation.upsert_points(points))

    def get(self, ids: Sequence[str]) -> VectorBatch:
        """Return these artworks in this order."""
        return to_batch(in_order(ids, self._retrieve(ids)), self._dimension())

    def nearest(self, vectors: Vectors, k: int, where: Where | None = None, *, exact: bool = True) -> Hits:
        """Return the k nearest of each row; the engine has an HNSW index only where one was built."""
        if self._shard is None:
            return no_hits(len(vectors), k)
        self._ready(vectors.shape[1])
        return nearest_hits(vectors, k, partial(self._ask, where=where, exact=exact), exact=exact)

    def vicinity(self, vectors: Vectors, k: int, where: Where | None = None) -> Hits:
        """Return the k nearest of each row as the engine has them."""
        if self._shard is None or not len(vectors):
            return no_hits(len(vectors), k)
        self._ready(vectors.shape[1])
        return vicinity_hits(k, list(self._ask(vectors, k, where=where, exact=True, measured=False)))

    def scan(self, *, with_vectors: bool = True) -> Iterator[VectorBatch]:
        """Yield everything once; the engine scrolls by ascending id."""
        offset = None
        while self._shard is not None:
            request = edge.ScrollRequest(offset=offset, limit=BATCH, with_payload=True, with_vector=with_vectors)
            with _translated(self._points, Damaged):
                records, offset = self._shard.scroll(request)
            if records:
                yield to_batch(records, self._dimension() if with_vectors else 0)
            if offset is None:
                return

    def delete(self, ids: Sequence[str]) -> None:
        """Take these out."""
        if self._shard is not None and len(ids):
            with _translated(self._points):
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
        with _translated(self._points):
            self._shard = edge.EdgeShard.create(str(self._points), config)
        name_points(self._points.parent, facts)
        self._facts = facts

    def _ready(self, dimension: int) -> edge.EdgeShard:
        refuse_dimension(self._facts, dimension)
        if self._shard is None:
            raise Unavailable(f"{self._points} is closed")
        return self._shard

    def _retrieve(self, ids: Sequence[str]) -> list[edge.Record]:
        if self._shard is None or not len(ids):
            return []
        with _translated(self._points, Damaged):
            return self._shard.retrieve([str(point_id) for point_id in ids], with_payload=True, with_vector=True)

    def _dimension(self) -> int:
        return self._facts.dimension if self._facts else 0

    def _ask(
        self, vectors: Vectors, limit: int, *, where: Where | None, exact: bool, measured: bool = True
    ) -> Iterator[list[edge.ScoredPoint]]:
        condition, params = _filter(where), edge.SearchParams(exact=exact)
        for vector in vectors:
            request = edge.QueryRequest(
                query=edge.Query.Nearest(vector.tolist()),
                limit=limit,
                filter=condition,
                params=params,
                with_vector=measured,
                with_payload=False,
            )
            with _translated(self._points):
                found = self._shard.query(request) if self._shard else []
            yield found


def nameless_points(path: Path) -> int:
    """How many points lie in the folder of a store that does not say what made them; Damaged where nobody can tell."""
    points = path / "points"
    if (path / FACTS).exists() or not points.is_dir() or not any(points.iterdir()):
        return 0
    with _translated(points, Damaged):
        shard = edge.EdgeShard.load(str(points))
        count = shard.count(edge.CountRequest(exact=True))
        shard.close()
    return count


def name_points(path: Path, facts: EmbedderFacts) -> None:
    """Say in the folder of a store what made its points."""
    written = (path / FACTS).with_suffix(".new")
    written.write_text(json.dumps(written_facts(facts), indent=1), encoding="utf-8")
    written.replace(path / FACTS)


@contextmanager
def _translated(points: Path, kind: type[Unavailable] = Unavailable) -> Iterator[None]:
    """Turn the engine's errors into ours; it says what went wrong only in words, or panics over damaged files."""
    try:
        yield
    except BaseException as error:
        if "WouldBlock" in str(error):
            raise Busy(f"{points} is in use by another process; stop it and try again") from error
        if type(error) is not Exception and type(error).__name__ != "PanicException":
            raise
        hint = "; 'xdegrees check' says more" if kind is Damaged else ""
        raise kind(f"{points}: {str(error).splitlines()[0]}{hint}") from error


def _read_facts(path: Path) -> EmbedderFacts | None:
    if not path.exists():
        return None
    try:
        return read_facts(json.loads(path.read_text(encoding="utf-8")), path)
    except (ValueError, TypeError) as error:
        raise Damaged(f"{path} cannot be read ({error}); 'xdegrees check --repair' can write it again") from error


def _filter(where: Where | None) -> edge.Filter | None:
    if not where:
        return None
    must: list[Any] = [edge.FieldCondition("facets", match=edge.MatchAny(terms)) for terms in facet_conditions(where)]
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
