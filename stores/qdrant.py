"""VectorStore on a Qdrant server: as many machines as the collection needs."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from qdrant_client import QdrantClient, models

from stores.artwork import Payload
from stores.errors import Unavailable
from stores.qdrant_calls import Calls
from stores.qdrant_open import make_client, refuse_version, shown_address
from stores.qdrant_requests import alias_switch, collection_name, to_filter
from stores.records import EmbedderFacts, Hits, VectorBatch, Vectors, VectorStats, Where
from stores.vector_rules import (
    begins_anew,
    in_order,
    nearest_hits,
    no_hits,
    read_facts,
    refuse_dimension,
    to_batch,
    vicinity_hits,
    written_facts,
)

WRITES: Final = 256
"""Points written at once: some 6 MB of JSON at 1,280 numbers each; the server takes 32."""

READS: Final = 1000
"""Points read or deleted at once."""

QUERIES: Final = 16
"""Questions asked at once; an answer carries the vectors of all neighbours."""

INDEXES: Final = {
    "facets": models.PayloadSchemaType.KEYWORD,
    "year_from": models.PayloadSchemaType.INTEGER,
    "year_to": models.PayloadSchemaType.INTEGER,
}
"""The parts of a payload that filters ask for."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The collection in use, and whose vectors it holds; one record, so that threads see both or neither."""

    collection: str
    facts: EmbedderFacts


class QdrantVectors:
    """A VectorStore (see :mod:`stores.ports`) on a Qdrant server.

    Each embedder has a collection of its own, and the alias ``name`` points at the one in use. The facts of
    the embedder are metadata of its collection, so they come and go with it and are never a point.
    Vectors are kept under Dot: Cosine would scale them again, and what is read back would no longer be
    what was written, bit for bit.

    Args:
        client: a client of the server; whoever made it closes it.
        name: the alias.
        address: where the server is, as messages name it.
        shards, replicas, consistency: of a new collection; None leaves them to the server.
        timeout: seconds the client gives an attempt.
    """

    def __init__(
        self,
        client: QdrantClient,
        name: str,
        address: str,
        *,
        shards: int | None = None,
        replicas: int | None = None,
        consistency: int | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._client, self._name = client, name
        # The client's own in-memory engine has no index, and warns when it is told about one.
        self._remote = client.init_options["location"] != ":memory:"
        self._spread: dict[str, Any] = {
            "shard_number": shards,
            "replication_factor": replicas,
            "write_consistency_factor": consistency,
        }
        self._call = Calls(address, timeout)
        self._closing = ExitStack()
        self._held = self._look()

    @classmethod
    def open(
        cls,
        url: str,
        name: str,
        *,
        api_key: str | None = None,
        timeout: float = 10.0,
        grpc: bool = False,
        shards: int | None = None,
        replicas: int | None = None,
        consistency: int | None = None,
    ) -> Self:
        """Connect to the server at ``url``, which must answer and be of a version that the client speaks."""
        spread = {"shards": shards, "replicas": replicas, "consistency": consistency}
        with ExitStack() as closing:
            client = make_client(url, api_key, timeout, grpc=grpc)
            closing.callback(client.close)
            address = shown_address(url)
            refuse_version(client, Calls(address, timeout))
            store = cls(client, name, address, timeout=timeout, **spread)
            store._closing = closing.pop_all()
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the server; the store cannot be used afterwards."""
        self._closing.close()

    def prepare(self, facts: EmbedderFacts) -> None:
        """Make the store ready for vectors of this embedder."""
        if begins_anew(self.stats(), facts):
            self._begin(facts)

    def upsert(self, ids: Sequence[str], vectors: Vectors, payloads: Sequence[Payload]) -> None:
        """Write vectors and payloads; the server has applied them when the call returns."""
        if len(ids) == 0:
            return
        collection = self._ready(vectors.shape[1])
        for at in range(0, len(ids), WRITES):
            part = slice(at, at + WRITES)
            batch = models.Batch(
                ids=[str(point_id) for point_id in ids[part]],
                vectors=vectors[part].tolist(),
                payloads=[dict(payload) for payload in payloads[part]],
            )
            self._call(self._client.upsert, collection, batch, wait=True)

    def get(self, ids: Sequence[str]) -> VectorBatch:
        """Return these artworks in this order."""
        held = self._now()
        try:
            return to_batch(in_order(ids, self._retrieve(held, ids)), held.facts.dimension if held else 0)
        except Unavailable:
            self._held = None  # the alias may point elsewhere by now: the next question looks
            raise

    def nearest(self, vectors: Vectors, k: int, where: Where | None = None, *, exact: bool = True) -> Hits:
        """Return the k nearest of each row."""
        if self._now() is None:
            return no_hits(len(vectors), k)
        ask = partial(self._ask, self._ready(vectors.shape[1]), where=where, exact=exact)
        return nearest_hits(vectors, k, ask, exact=exact)

    def vicinity(self, vectors: Vectors, k: int, where: Where | None = None) -> Hits:
        """Return the k nearest of each row as the server's engine has them."""
        if self._now() is None or not len(vectors):
            return no_hits(len(vectors), k)
        collection = self._ready(vectors.shape[1])
        return vicinity_hits(k, list(self._ask(collection, vectors, k, where=where, exact=True, measured=False)))

    def scan(self, *, with_vectors: bool = True) -> Iterator[VectorBatch]:
        """Yield everything once; the server scrolls by ascending id."""
        held, offset = self._now(), None
        while held is not None:
            records, offset = self._call(
                self._client.scroll,
                held.collection,
                limit=READS,
                offset=offset,
                with_payload=True,
                with_vectors=with_vectors,
            )
            if records:
                yield to_batch(records, held.facts.dimension if with_vectors else 0)
            if offset is None:
                return

    def delete(self, ids: Sequence[str]) -> None:
        """Take these out."""
        held = self._now()
        for part in _parts(ids if held else (), READS):
            points = models.PointIdsList(points=list(part))
            self._call(self._client.delete, held.collection if held else "", points, wait=True)

    def stats(self) -> VectorStats:
        """Say how many there are, and of which embedder, whoever prepared the store."""
        self._held = held = self._look()
        return VectorStats(self._count(held.collection), held.facts) if held else VectorStats(0, None)

    def _now(self) -> _Held | None:
        """What is held; while nothing is, another process may have begun."""
        if self._held is None:
            self._held = self._look()
        return self._held

    def _look(self) -> _Held | None:
        """Find out which collection the alias points at, and what it holds."""
        aliases = self._call(self._client.get_aliases).aliases
        found = next((alias.collection_name for alias in aliases if alias.alias_name == self._name), None)
        return _Held(found, self._read_facts(found)) if found else None

    def _read_facts(self, collection: str) -> EmbedderFacts:
        metadata = self._call(self._client.get_collection, collection).config.metadata
        return read_facts(metadata or {}, f"{collection} at {self._call.address}")

    def _begin(self, facts: EmbedderFacts) -> None:
        """Begin anew. The alias is switched last, so that nobody reads what is only half made."""
        old, new = self._held.collection if self._held else None, collection_name(self._name, facts)
        self._call(self._make, new, facts)
        # It may be there already, from an attempt that was interrupted: then its facts are an older load's.
        self._read_facts(new)
        self._call(self._client.update_collection, new, metadata=written_facts(facts))
        for field, kind in INDEXES.items() if self._remote else ():
            self._call(self._client.create_payload_index, new, field, field_schema=kind, wait=True)
        self._call(self._client.update_collection_aliases, alias_switch(self._name, old, new))
        # Somebody may have written to the old one meanwhile: then it stays, and nothing is lost.
        if old is not None and not self._count(old):
            self._call(self._client.delete_collection, old)
        self._held = self._look()

    def _make(self, collection: str, facts: EmbedderFacts) -> None:
        """Create a collection unless it is there: whose answer was lost is asked for again."""
        if self._client.collection_exists(collection):
            return
        size, distance, kind = facts.dimension, models.Distance.DOT, models.Datatype.FLOAT32
        self._client.create_collection(
            collection,
            vectors_config=models.VectorParams(size=size, distance=distance, datatype=kind),
            metadata=written_facts(facts),
            **self._spread,
        )

    def _ready(self, dimension: int) -> str:
        held = self._held
        refuse_dimension(held.facts if held else None, dimension)
        return held.collection if held else ""

    def _count(self, collection: str) -> int:
        return self._call(self._client.count, collection, exact=True).count

    def _retrieve(self, held: _Held | None, ids: Sequence[str]) -> Iterator[models.Record]:
        for part in _parts(ids if held else (), READS):
            collection = held.collection if held else ""
            yield from self._call(self._client.retrieve, collection, part, with_payload=True, with_vectors=True)

    def _ask(
        self, collection: str, vectors: Vectors, limit: int, *, where: Where | None, exact: bool, measured: bool = True
    ) -> Iterator[list[models.ScoredPoint]]:
        condition = to_filter(where)
        params = models.SearchParams(exact=exact) if self._remote else None
        for at in range(0, len(vectors), QUERIES):
            requests = [
                models.QueryRequest(
                    query=vector, limit=limit, filter=condition, params=params, with_vector=measured, with_payload=False
                )
                for vector in vectors[at : at + QUERIES].tolist()
            ]
            for answer in self._call(self._client.query_batch_points, collection, requests):
                yield answer.points


def _parts(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    """Cut ids into lists of this size, as plain text: numpy's own strings are none to the client."""
    for at in range(0, len(ids), size):
        yield [str(point_id) for point_id in ids[at : at + size]]
