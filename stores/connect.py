"""Settings to opened stores. Drivers are imported here, late, and nowhere else."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from stores.lock import hold
from stores.ports import GraphStore, VectorStore
from stores.settings import Settings
from stores.turns import PATIENCE, Turns
from stores.unfinished import refuse_unfinished


@dataclass(frozen=True, slots=True)
class Stores:
    """Both stores, opened."""

    vectors: VectorStore
    graph: GraphStore
    turns: Turns = field(default_factory=Turns)

    @property
    def clean(self) -> bool:
        """Whether the last writer ended without an error; False means that something may be left half done.

        It stays False within the :meth:`writing` that follows, which has to finish what was left, and is True
        once that ended well.
        """
        return self.turns.clean

    @contextmanager
    def writing(self, patience: float = PATIENCE) -> Iterator[None]:
        """Be the one writer; within another ``writing`` of the same thread, go on with that.

        Threads queue. Busy says who is writing, at once where too many wait, else after ``patience`` seconds.
        """
        with self.turns.take(patience=patience):
            yield


@contextmanager
def open_stores(settings: Settings, *, writing: bool = True, restoring: bool = False) -> Iterator[Stores]:
    """Open both stores. One process at a time may write to a home, or use its embedded engine: Busy says which does.

    Unavailable, here and below, where the collection is only half restored; ``restoring`` opens it all the same.
    """
    if not restoring:
        refuse_unfinished(settings.home)
    with ExitStack() as stack:
        if writing or not settings.qdrant_url:
            stack.enter_context(hold(settings.home))
        vectors = stack.enter_context(_open_vectors(settings))
        yield Stores(vectors, stack.enter_context(_open_graph(settings)))


@contextmanager
def open_vectors(settings: Settings) -> Iterator[VectorStore]:
    """Open the vectors to read; Busy where another process uses the embedded engine."""
    refuse_unfinished(settings.home)
    with ExitStack() as stack:
        if not settings.qdrant_url:
            stack.enter_context(hold(settings.home))
        yield stack.enter_context(_open_vectors(settings))


@contextmanager
def open_graph(settings: Settings) -> Iterator[GraphStore]:
    """Open the graph to read; others may read and write it meanwhile."""
    refuse_unfinished(settings.home)
    with _open_graph(settings) as graph:
        yield graph


@contextmanager
def _open_graph(settings: Settings) -> Iterator[GraphStore]:
    if settings.neo4j_uri:
        from stores.neo4j import Neo4jGraph  # noqa: PLC0415 -- drivers are slow to import
        from stores.neo4j_driver import Address  # noqa: PLC0415

        address = Address(
            settings.neo4j_uri,
            settings.neo4j_user,
            settings.neo4j_password.get_secret_value(),
            settings.neo4j_database,
            settings.neo4j_timeout,
        )
        with Neo4jGraph(address, settings.collection, settings.public_url) as server:
            yield server
    else:
        from stores.sqlite import SqliteGraph  # noqa: PLC0415 -- it brings numba

        with SqliteGraph(settings.home / "graph.sqlite") as file:
            yield file


def check(settings: Settings) -> None:
    """Open what can be opened before a fork, so that what is wrong is said at once, in one line."""
    with ExitStack() as stack:
        if settings.qdrant_url:
            stack.enter_context(_open_vectors(settings))
        else:
            stack.enter_context(hold(settings.home))
        stack.enter_context(open_graph(settings))


@contextmanager
def _open_vectors(settings: Settings) -> Iterator[VectorStore]:
    if settings.qdrant_url:
        from stores.qdrant import QdrantVectors  # noqa: PLC0415 -- drivers are slow to import

        with QdrantVectors.open(
            settings.qdrant_url,
            settings.collection,
            api_key=settings.qdrant_api_key.get_secret_value() or None,
            timeout=settings.qdrant_timeout,
            grpc=settings.qdrant_grpc,
            shards=settings.qdrant_shards,
            replicas=settings.qdrant_replicas,
            consistency=settings.qdrant_consistency,
        ) as server:
            yield server
    else:
        from stores.qdrant_edge import EdgeVectors  # noqa: PLC0415 -- the engine is slow to import

        with EdgeVectors(settings.home / "vectors") as embedded:
            yield embedded
