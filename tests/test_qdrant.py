"""What the adapter of the Qdrant server promises beyond the contract: its alias, its errors, its patience."""

import json
import logging
import socket
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pytest
from qdrant_client import QdrantClient, models

from stores.errors import BadInput, Mismatch, Unavailable
from stores.qdrant import QdrantVectors
from stores.records import EmbedderFacts
from tests.made import made_ids, made_vectors
from tests.qdrant_server import SmallServer

FACTS = EmbedderFacts("made", 8, checkpoint="abc", preprocessing="1", licence="none", source="a test", text=True)
OTHER = replace(FACTS, name="other")
KEY = "not-for-your-eyes"


@pytest.fixture
def memory() -> Iterator[QdrantClient]:
    client = QdrantClient(":memory:")
    yield client
    client.close()


@pytest.fixture
def server() -> Iterator[SmallServer]:
    with SmallServer() as small:
        thread = Thread(target=small.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield small
        small.shutdown()
        thread.join()


def refused() -> str:
    """Return an address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def failure(server: SmallServer, status: int, reason: str = "") -> str:
    """Open a store on a server that always answers this; return what is said."""
    server.first = [(status, json.dumps({"status": {"error": reason}, "time": 0}) if reason else "")] * 4
    with pytest.raises(Unavailable) as caught:
        QdrantVectors.open(server.url, "art", api_key=KEY)
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)
    return str(caught.value)


def in_use(client: QdrantClient) -> dict[str, str]:
    return {alias.alias_name: alias.collection_name for alias in client.get_aliases().aliases}


def names(client: QdrantClient) -> list[str]:
    return [collection.name for collection in client.get_collections().collections]


def test_the_alias_moves_with_the_embedder_and_one_collection_stays(memory: QdrantClient) -> None:
    store = QdrantVectors(memory, "art", ":memory:")
    store.prepare(FACTS)
    first = in_use(memory)["art"]
    store.prepare(OTHER)
    assert in_use(memory)["art"] != first
    assert names(memory) == [in_use(memory)["art"]]
    store.prepare(FACTS)
    assert in_use(memory) == {"art": first}
    assert store.stats().facts == FACTS


def test_the_same_embedder_again_changes_nothing(memory: QdrantClient) -> None:
    store = QdrantVectors(memory, "art", ":memory:")
    store.prepare(FACTS)
    store.upsert([str(made_ids(1)[0])], made_vectors(1), [{}])
    store.prepare(replace(FACTS, licence="another"))
    assert (store.stats().count, store.stats().facts) == (1, FACTS)


def test_two_names_on_one_server_do_not_see_each_other(memory: QdrantClient) -> None:
    left, right = QdrantVectors(memory, "left", ":memory:"), QdrantVectors(memory, "right", ":memory:")
    left.prepare(FACTS)
    right.prepare(FACTS)
    left.upsert([str(made_ids(1)[0])], made_vectors(1), [{}])
    assert (left.stats().count, right.stats().count) == (1, 0)


def test_what_an_interrupted_prepare_left_is_taken_over(memory: QdrantClient) -> None:
    QdrantVectors(memory, "art", ":memory:").prepare(FACTS)
    collection = in_use(memory)["art"]
    memory.delete_collection(collection)
    memory.create_collection(
        collection,
        models.VectorParams(size=8, distance=models.Distance.DOT),
        metadata={"format": 1, "name": "made", "dimension": 8},
    )
    store = QdrantVectors(memory, "art", ":memory:")
    assert store.stats().facts is None
    store.prepare(FACTS)
    assert (in_use(memory)["art"], store.stats().facts) == (collection, FACTS)


def test_a_collection_of_another_format_is_refused(memory: QdrantClient) -> None:
    QdrantVectors(memory, "art", ":memory:").prepare(FACTS)
    memory.update_collection(in_use(memory)["art"], metadata={"format": 2})
    with pytest.raises(Mismatch, match="has format 2, this release reads 1: use a newer release"):
        QdrantVectors(memory, "art", ":memory:")


def test_more_than_one_batch_is_written_read_and_deleted(memory: QdrantClient) -> None:
    store, ids, vectors = QdrantVectors(memory, "art", ":memory:"), made_ids(1030), made_vectors(1030)
    store.prepare(FACTS)
    store.upsert(ids.tolist(), vectors, [{"n": row} for row in range(1030)])
    assert [len(batch.ids) for batch in store.scan()] == [1000, 30]
    found = store.get(ids[::-1].tolist())
    assert (found.vectors[::-1] == vectors).all()
    assert store.nearest(vectors[:40], 1).ids[:, 0].tolist() == ids[:40].tolist()
    store.delete(ids[5:].tolist())
    assert store.stats().count == 5


def test_a_server_is_told_everything_about_a_new_collection(server: SmallServer) -> None:
    with QdrantVectors.open(server.url, "art", shards=3, replicas=2, consistency=1) as store:
        store.prepare(FACTS)
        store.prepare(OTHER)
        assert store.stats().facts == OTHER
    made = next(body for method, path, body in server.seen if method == "PUT" and path.count("/") == 2)
    assert made["vectors"] == {"size": 8, "distance": "Dot", "datatype": "float32"}
    assert (made["shard_number"], made["replication_factor"], made["write_consistency_factor"]) == (3, 2, 1)
    indexes = {body["field_name"]: body["field_schema"] for body in server.sent("PUT", "/index")}
    assert indexes == {"facets": "keyword", "year_from": "integer", "year_to": "integer"}
    assert [len(body["actions"]) for body in server.sent("POST", "/collections/aliases")] == [1, 2]
    assert len(server.metadata) == 1


def test_a_lost_answer_to_the_making_of_a_collection_is_no_error(server: SmallServer) -> None:
    with QdrantVectors.open(server.url, "art") as store:
        usual = server.result

        def losing(method: str, path: str, body: object) -> object:
            answer = usual(method, path, body)
            if method == "PUT" and path.count("/") == 2:
                server.result = usual  # type: ignore[method-assign]
                raise ConnectionAbortedError
            return answer

        server.result = losing  # type: ignore[method-assign]
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        store.prepare(FACTS)
        assert store.stats().facts == FACTS
    assert len([path for method, path, _ in server.seen if method == "PUT" and path.count("/") == 2]) == 1


def test_a_server_that_is_busy_for_a_moment_is_asked_again(server: SmallServer) -> None:
    server.first = [(503, ""), (429, ""), (500, "")]
    with QdrantVectors.open(server.url, "art") as store:
        assert store.stats().count == 0
    assert len(server.sent("GET", "/")) == 4


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_said_at_once_and_never_shown(
    server: SmallServer, status: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    assert "refuses the API key: check XDEGREES_QDRANT_API_KEY" in failure(server, status, "Invalid API key or JWT")
    assert len(server.seen) == 1
    assert server.headers[0]["api-key"] == KEY
    assert KEY not in caplog.text + "".join(capfd.readouterr())


def test_a_key_that_cannot_be_sent_is_not_quoted(server: SmallServer) -> None:
    with pytest.raises(Unavailable, match="check XDEGREES_QDRANT_API_KEY") as caught:
        QdrantVectors.open(server.url, "art", api_key=f"{KEY}\n{KEY}")
    assert KEY not in str(caught.value)
    QdrantVectors.open(server.url, "art", api_key=f"{KEY}\n").close()
    assert server.headers[0]["api-key"] == KEY


def test_a_full_disk_is_not_asked_twice(server: SmallServer) -> None:
    said = failure(server, 507, "No space left on device")
    assert "answers 507 (No space left on device): make room on its disk" in said
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "reason", "times"),
    [(400, "Wrong input", 1), (404, "Not found", 1), (500, "Service internal error", 4), (429, "Too many", 4)],
)
def test_any_other_answer_comes_with_the_server_s_own_reason(
    server: SmallServer, status: int, reason: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.qdrant_calls.PAUSES", (0.0, 0.0, 0.0))
    assert f"Qdrant at {server.url} answers {status} ({reason})" in failure(server, status, reason)
    assert len(server.seen) == times


def test_what_is_no_qdrant_is_recognised(server: SmallServer) -> None:
    for body in ("<html>hello</html>", "{}"):
        server.first = [(200, body)]
        with pytest.raises(Unavailable, match="is no Qdrant: check XDEGREES_QDRANT_URL"):
            QdrantVectors.open(server.url, "art")


def test_a_server_that_is_not_running_is_named() -> None:
    url = refused()
    with pytest.raises(Unavailable, match=f"Qdrant at {url} does not answer .*refused.*: is it running"):
        QdrantVectors.open(url, "art", timeout=0.5)


def test_a_server_that_is_not_running_is_named_by_grpc_too() -> None:
    url = refused()
    port = int(url.rpartition(":")[2])
    client = QdrantClient(url=url, grpc_port=port, prefer_grpc=True, check_compatibility=False, timeout=1)
    with pytest.raises(Unavailable, match=f"Qdrant at {url} does not answer .*refused.*: is it running"):
        QdrantVectors(client, "art", url, timeout=0.5)
    client.close()


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(Unavailable, match=r"does not answer \(timed out\)"):
            QdrantVectors.open(f"http://127.0.0.1:{silent.getsockname()[1]}", "art", timeout=0.5)
        assert time.monotonic() - started < 5  # without a deadline the attempts would take seven


@pytest.mark.parametrize("version", ["1.2.3", "2.0.0", "dev"])
def test_a_server_of_another_age_is_refused(server: SmallServer, version: str) -> None:
    server.version = version
    with pytest.raises(Mismatch, match=f"has version {version}, and its client here .*: they may be one minor"):
        QdrantVectors.open(server.url, "art")


def test_the_client_warns_of_nothing(server: SmallServer, memory: QdrantClient) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for store in (QdrantVectors.open(server.url, "art", api_key=KEY), QdrantVectors(memory, "art", ":memory:")):
            with store:
                store.prepare(FACTS)
    assert caught == []


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(Unavailable) as caught:
        QdrantVectors.open(refused().replace("//", f"//me:{KEY}@"), "art", timeout=0.5)
    assert KEY not in str(caught.value)


def test_what_is_no_address_is_bad_input() -> None:
    for url in ("ftp://somewhere", "http://[bad"):
        with pytest.raises(BadInput, match="XDEGREES_QDRANT_URL"):
            QdrantVectors.open(url, "art")
