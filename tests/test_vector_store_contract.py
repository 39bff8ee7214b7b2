"""What every vector store promises. An adapter joins by one more entry in ADAPTERS."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qdrant_client import QdrantClient

from stores.angles import angle
from stores.errors import Mismatch, NotFound
from stores.handing import handing
from stores.ports import VectorStore
from stores.qdrant import QdrantVectors
from stores.qdrant_edge import EdgeVectors
from stores.records import EmbedderFacts, Where
from stores.remote import RemoteVectors
from stores.turns import Turns
from tests.made import made_ids, made_vectors

FACTS = EmbedderFacts("made", 8, checkpoint="abc", preprocessing="1", licence="none", source="a test")

Open = Callable[[Path], AbstractContextManager[VectorStore]]
QDRANT_URL = os.environ.get("XDEGREES_TEST_QDRANT_URL", "")
OURS = f"xdegrees-test-{os.getpid()}"
IN_MEMORY: dict[Path, QdrantClient] = defaultdict(lambda: QdrantClient(":memory:"))


def on_server(folder: Path) -> QdrantVectors:
    """Open a store of this folder's own on the server."""
    return QdrantVectors.open(QDRANT_URL, f"{OURS}-{hashlib.sha256(bytes(folder)).hexdigest()[:12]}")


@contextmanager
def over_a_socket(folder: Path) -> Iterator[RemoteVectors]:
    """Open a store that another thread serves, as a process that holds the home does."""
    folder.mkdir(exist_ok=True)
    with EdgeVectors(folder / "vectors") as served, handing(folder, served, Turns()):
        remote = RemoteVectors.open(folder)
        assert remote is not None
        with remote, remote.turn(1.0, print):
            yield remote


ADAPTERS: dict[str, Open] = {
    "remote": over_a_socket,
    "edge": lambda folder: EdgeVectors(folder / "vectors"),
    "qdrant-memory": lambda folder: QdrantVectors(IN_MEMORY[folder], "made", ":memory:"),
}
if QDRANT_URL:
    ADAPTERS["qdrant-server"] = on_server


@pytest.fixture(scope="module", autouse=True)
def _left_behind() -> Iterator[None]:
    """Leave nothing on the server, and no client open."""
    yield
    for client in IN_MEMORY.values():
        client.close()
    if QDRANT_URL:
        client = QdrantClient(url=QDRANT_URL)
        for collection in client.get_collections().collections:
            if collection.name.startswith(OURS):
                client.delete_collection(collection.name)
        client.close()


@pytest.fixture(scope="module", params=ADAPTERS)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorStore]:
    """One store for the module; hypothesis cannot have one per test."""
    with ADAPTERS[request.param](tmp_path_factory.mktemp("vectors")) as store:
        yield store


@pytest.fixture
def store(opened: VectorStore) -> VectorStore:
    """The store, empty and prepared."""
    return emptied(opened)


def emptied(store: VectorStore) -> VectorStore:
    """Take everything out."""
    for batch in list(store.scan(with_vectors=False)):
        store.delete(batch.ids.tolist())
    store.prepare(FACTS)
    return store


def put(store: VectorStore, rows: list[int], seed: int = 0) -> None:
    """Write the made vectors of these rows."""
    vectors = made_vectors(64, 8, seed)
    ids = made_ids(64)
    payloads = [{"n": row, "year_from": row, "year_to": row + 1, "facets": [f"style=s{row % 3}"]} for row in rows]
    store.upsert(ids[rows].tolist(), vectors[rows], payloads)


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_store_is_empty_at_start_and_has_no_facts(name: str, tmp_path: Path) -> None:
    with ADAPTERS[name](tmp_path) as store:
        assert (store.stats().count, store.stats().facts) == (0, None)
        assert list(store.scan()) == []
        assert (store.nearest(made_vectors(1), 3).ids == "").all()
        with pytest.raises(NotFound):
            store.get(["00000000-0000-5000-8000-000000000000"])


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_was_written_is_there_after_opening_again(name: str, tmp_path: Path) -> None:
    with ADAPTERS[name](tmp_path) as store:
        store.prepare(FACTS)
        put(store, [3, 1])
    with ADAPTERS[name](tmp_path) as store:
        assert store.stats().facts == FACTS
        assert store.get([str(made_ids(64)[3])]).payloads[0]["n"] == 3


def test_vectors_come_back_bit_for_bit(store: VectorStore) -> None:
    put(store, list(range(64)))
    found = store.get(made_ids(64).tolist())
    assert (found.vectors == made_vectors(64)).all()
    assert found.vectors.dtype == np.float32


def test_writing_twice_is_writing_once(store: VectorStore) -> None:
    put(store, [1, 2])
    put(store, [2, 1])
    assert store.stats().count == 2


def test_writing_again_overwrites_vector_and_payload(store: VectorStore) -> None:
    put(store, [1])
    put(store, [1], seed=9)
    assert (store.get([str(made_ids(64)[1])]).vectors[0] == made_vectors(64, 8, 9)[1]).all()
    store.upsert([str(made_ids(64)[1])], made_vectors(64)[1:2], [{"only": "this"}])
    assert store.get([str(made_ids(64)[1])]).payloads[0] == {"only": "this"}


def test_a_missing_id_is_named(store: VectorStore) -> None:
    put(store, [1])
    missing = str(made_ids(64)[7])
    with pytest.raises(NotFound, match=missing):
        store.get([str(made_ids(64)[1]), missing])


def test_get_keeps_the_order_asked_for(store: VectorStore) -> None:
    put(store, [1, 2, 3])
    wanted = made_ids(64)[[3, 1, 2]].tolist()
    assert store.get(wanted).ids.tolist() == wanted
    assert store.get([]).ids.tolist() == []


def test_scan_yields_everything_once_by_ascending_id(store: VectorStore) -> None:
    rows = np.random.default_rng(0).permutation(64).tolist()
    put(store, rows)
    batches = list(store.scan())
    assert [str(i) for batch in batches for i in batch.ids] == made_ids(64).tolist()
    assert (np.concatenate([batch.vectors for batch in batches]) == made_vectors(64)).all()
    assert [p["n"] for batch in store.scan(with_vectors=False) for p in batch.payloads] == list(range(64))
    assert all(batch.vectors.shape[1] == 0 for batch in store.scan(with_vectors=False))


def test_another_dimension_is_a_mismatch(store: VectorStore) -> None:
    with pytest.raises(Mismatch, match="9 numbers"):
        store.upsert([str(made_ids(1)[0])], made_vectors(1, 9), [{}])


@pytest.mark.parametrize(
    "other",
    [
        EmbedderFacts("other", 8, checkpoint="abc", preprocessing="1"),
        EmbedderFacts("made", 9, checkpoint="abc", preprocessing="1"),
        EmbedderFacts("made", 8, checkpoint="abd", preprocessing="1"),
        EmbedderFacts("made", 8, checkpoint="abc", preprocessing="2"),
    ],
)
def test_another_embedder_is_refused_while_there_are_vectors(store: VectorStore, other: EmbedderFacts) -> None:
    put(store, [1])
    with pytest.raises(Mismatch, match="made"):
        store.prepare(other)
    store.delete([str(made_ids(64)[1])])
    store.prepare(other)
    assert store.stats().facts == other


def test_deleting_what_is_not_there_is_no_error(store: VectorStore) -> None:
    put(store, [1])
    store.delete(made_ids(64)[[1, 5]].tolist())
    store.delete([])
    assert store.stats().count == 0


def test_nearest_is_exact_and_ordered_by_angle_then_id(store: VectorStore) -> None:
    vectors, ids = made_vectors(64), made_ids(64)
    vectors[40:60] = vectors[3]
    store.upsert(ids.tolist(), vectors, [{} for _ in ids])
    hits = store.nearest(vectors[[3, 8]], 10)
    for row, query in enumerate(vectors[[3, 8]]):
        expected = sorted((angle(query, vector), str(i)) for i, vector in zip(ids, vectors, strict=True))[:10]
        assert hits.ids[row].tolist() == [i for _, i in expected]
        assert hits.angles[row].tolist() == [a for a, _ in expected]


def test_an_engine_s_own_index_finds_nearly_all_and_its_angles_are_exact(store: VectorStore) -> None:
    put(store, list(range(64)))
    vectors, k = made_vectors(64), 10
    true, hits = store.nearest(vectors, k), store.nearest(vectors, k, exact=False)
    found = sum(len(set(a) & set(b)) for a, b in zip(true.ids.tolist(), hits.ids.tolist(), strict=True))
    assert found >= 0.9 * 64 * k
    row_of = {str(made_id): row for row, made_id in enumerate(made_ids(64))}
    for row, (ids, measured) in enumerate(zip(hits.ids.tolist(), hits.angles.tolist(), strict=True)):
        assert measured == [angle(vectors[row], vectors[row_of[i]]) for i in ids]
        assert list(zip(measured, ids, strict=True)) == sorted(zip(measured, ids, strict=True))


def test_nearest_fills_up_where_there_are_fewer(store: VectorStore) -> None:
    put(store, [1, 2])
    hits = store.nearest(made_vectors(1), 4)
    assert hits.ids[0].tolist()[2:] == ["", ""]
    assert np.isinf(hits.angles[0][2:]).all()


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (Where({"style": ("s1",)}), range(1, 64, 3)),
        (Where({"style": ("s1", "s2")}), [r for r in range(64) if r % 3]),
        (Where({"style": ("none",)}), []),
        (Where(years=((10, 12),)), [9, 10, 11, 12]),
        (Where(years=((10, 10), (30, 30))), [9, 10, 29, 30]),
        (Where({"style": ("s0",)}, ((0, 10),)), [0, 3, 6, 9]),
        (Where({"style": ("s0",), "artist": ("nobody",)}), []),
    ],
)
def test_nearest_keeps_to_a_filter(store: VectorStore, where: Where, rows: list[int]) -> None:
    put(store, list(range(64)))
    found = {i for i in store.nearest(made_vectors(1), 64, where).ids[0].tolist() if i}
    assert found == set(made_ids(64)[list(rows)].tolist())


@settings(deadline=None, max_examples=25)
@given(batches=st.lists(st.lists(st.integers(0, 63), max_size=9), max_size=5), gone=st.sets(st.integers(0, 63)))
def test_any_order_of_writing_and_deleting_ends_the_same(
    opened: VectorStore, batches: list[list[int]], gone: set[int]
) -> None:
    store = emptied(opened)
    for batch in batches:
        put(store, list(dict.fromkeys(batch)))
    store.delete(made_ids(64)[sorted(gone)].tolist())
    expected = sorted({row for batch in batches for row in batch} - gone)
    assert [p["n"] for batch in store.scan() for p in batch.payloads] == expected
    assert store.stats().count == len(expected)


@pytest.mark.parametrize("where", [None, Where({"style": ("s1",)})])
def test_the_vicinity_is_what_is_nearest_but_for_the_last_digits(store: VectorStore, where: Where | None) -> None:
    put(store, list(range(64)))
    asked = made_vectors(5, 8, seed=9)
    near, exact = store.vicinity(asked, 30, where), store.nearest(asked, 30, where)
    assert (near.ids == exact.ids).mean() > 0.95
    assert near.angles == pytest.approx(exact.angles, abs=1e-3)
    assert ((near.ids == "") == np.isinf(near.angles)).all()


def test_nothing_is_in_the_vicinity_of_an_empty_store(store: VectorStore) -> None:
    assert (store.vicinity(made_vectors(2), 3).ids == "").all()
