"""Settings to opened stores. Drivers are imported here, late, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stores.lock import hold
from stores.ports import GraphStore, VectorStore
from stores.settings import Settings


@dataclass(frozen=True, slots=True)
class Stores:
    """Both stores, opened."""

    vectors: VectorStore
    graph: GraphStore


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """Open both stores, alone: to write, or to serve. Busy says who holds them."""
    from stores.qdrant_edge import EdgeVectors  # noqa: PLC0415 -- drivers are slow to import

    with (
        hold(settings.home),
        EdgeVectors(settings.home / "vectors") as vectors,
        open_graph(settings) as graph,
    ):
        yield Stores(vectors, graph)


@contextmanager
def open_graph(settings: Settings) -> Iterator[GraphStore]:
    """Open the graph to read; others may read and write it meanwhile."""
    from stores.sqlite import SqliteGraph  # noqa: PLC0415 -- it brings numba

    with SqliteGraph(settings.home / "graph.sqlite") as graph:
        yield graph
