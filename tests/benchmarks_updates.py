"""One artwork more: what it costs beside one read of all vectors, and beside a rebuild.

``python -m tests.benchmarks_updates`` prints this table alone.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from loaders.links import link, vector_digest
from loaders.neighbors import nearest_neighbors
from loaders.plan import held_payloads
from loaders.progress import Progress
from loaders.relink import bring_up_to_date
from loaders.standing import Standing
from loaders.updates import update
from loaders.writing import Writer, payload_of
from stores.angles import unit
from stores.artwork import Artwork
from stores.connect import Stores, open_stores
from stores.records import EmbedderFacts, Vectors
from stores.settings import read_settings
from tests.made import made_id, made_ids

DIMENSION = 512
K = 15
ADDS = 25
SIZES = (4_000, 50_000)
FACTS = EmbedderFacts("made", DIMENSION)


def print_updates() -> None:
    """Add artworks one by one to synthetic collections of two sizes."""
    print(f"\n| one artwork more, k = {K}, {DIMENSION} numbers, ms | " + " | ".join(f"{n:,}" for n in SIZES) + " |")
    print("| --- |" + " --- |" * len(SIZES))
    columns = [[*_in_memory(count), *_whole(count)] for count in SIZES]
    for row in zip(*columns, strict=True):
        print(f"| {row[0][0]} | " + " | ".join(text for _, text in row) + " |")


def clustered(count: int, seed: int = 3) -> Vectors:
    """Unit vectors in a few hundred clusters of uneven size."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(200, DIMENSION))
    sizes = rng.zipf(1.5, count) % 200
    return unit(centres[sizes] + 1.1 * rng.normal(size=(count, DIMENSION)).astype(np.float32))


def _in_memory(count: int) -> list[tuple[str, str]]:
    """The update alone, against a product of all vectors with one, which is one read of them; and a rebuild."""
    vectors = clustered(count + 2 * ADDS)
    ids, own = made_ids(count), np.ascontiguousarray(vectors[:count])
    spent = []
    started = time.perf_counter()
    lists = nearest_neighbors(own, K)
    linked = link(ids, own, lists)
    rebuild = 1e3 * (time.perf_counter() - started)
    held = Standing.of(ids, own, lists, linked.edges)
    for row in range(count, count + 2 * ADDS):
        read = _milliseconds(lambda row=row: held.vectors.values @ vectors[row])  # type: ignore[misc]
        gone, fresh = np.zeros(len(held), dtype=np.bool_), vectors[[row]]
        spent.append((read, _milliseconds(lambda: update(held, gone, [made_id(row)], fresh))))  # noqa: B023 -- called at once
    reads, updates = (statistics.median(some[ADDS:]) for some in zip(*spent, strict=True))
    return [
        ("components", f"{linked.components}"),
        ("one read of the vectors in memory", f"{reads:.2f}"),
        ("the update of lists, edges, components and bridges", f"{updates:.2f} (ratio {updates / reads:.2f})"),
        ("rebuild of all lists and links", f"{rebuild:,.0f} (ratio {rebuild / reads:,.0f})"),
    ]


def _whole(count: int) -> list[tuple[str, str]]:
    """A whole write, vectors and graph durable, against one read of the vector store; and a rebuild by command."""
    vectors = clustered(count + 2 * ADDS)
    with tempfile.TemporaryDirectory() as folder, open_stores(read_settings(home=Path(folder) / "home")) as stores:
        _fill(stores, vectors[:count])
        rebuild = _milliseconds(lambda: _relink(stores))
        read = statistics.median(_milliseconds(lambda: list(stores.vectors.scan())) for _ in range(3))
        writer, spent = Writer(stores, Path(folder) / "home"), []
        for row in range(count, count + 2 * ADDS):
            one = [Artwork(made_id(row), str(row))]
            spent.append(_milliseconds(lambda: writer.put(one, vectors[[row]], FACTS)))  # noqa: B023 -- called at once
    add = statistics.median(spent[ADDS:])
    return [
        ("one read of the vector store", f"{read:,.0f}"),
        ("the whole write, when the artwork can be walked to", f"{add:,.0f} (ratio {add / read:.2f})"),
        ("rebuild from the vector store", f"{rebuild:,.0f} (ratio {rebuild / read:.1f})"),
    ]


def _fill(stores: Stores, vectors: Vectors) -> None:
    artworks = [Artwork(made_id(row), str(row), vector=vector_digest(made_id(row), v)) for row, v in enumerate(vectors)]
    stores.vectors.prepare(FACTS)
    stores.vectors.upsert([one.id for one in artworks], vectors, [payload_of(one) for one in artworks])


def _relink(stores: Stores) -> None:
    bring_up_to_date(stores.vectors, stores.graph, held_payloads(stores.vectors), K, Progress(quiet=True))


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - started)


if __name__ == "__main__":
    print_updates()
