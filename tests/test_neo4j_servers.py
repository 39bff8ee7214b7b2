"""What goes wrong with a Neo4j: passwords, restarts, missing procedures, a copy that is read-only.

The tests of this file share one server and run in their order: each starts it as the next needs it.
"""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from neo4j import GraphDatabase

from service.web.app import create_app
from stores.connect import Stores, open_graph, open_stores, open_to_serve
from stores.errors import Mismatch, Unavailable
from stores.neo4j import Neo4jGraph
from stores.neo4j_driver import Address, refuse_version
from stores.ports import PACES
from stores.records import EmbedderFacts, GraphDelta, PathQuery, Search
from stores.records import Path as FoundPath
from stores.settings import Settings, read_settings
from tests import servers
from tests.made import made_id, made_vectors
from tests.neo4j_server import LocalNeo4j
from tests.test_graph_store_contract import FACTS, artwork, linked, whole

pytestmark = pytest.mark.filterwarnings(
    # the driver drops the sockets of a server that was killed or halted in the middle of a greeting
    r"ignore:Exception ignored in. <socket\.socket:pytest.PytestUnraisableExceptionWarning"
)
ROWS = 300
PASSWORD = "correct horse battery"  # noqa: S105 -- of a server that lives for a minute
XDEGREES = str(Path(sys.executable).with_name("xdegrees"))
QUERIES = [
    PathQuery(made_id(row), made_id((row * 7 + 100) % ROWS), power) for row in range(50) for power in PACES.values()
]
"""Two hundred questions."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalNeo4j]:
    """A server of its own, with a password."""
    servers.neo4j()  # skips, or fails, where none can be started
    local = LocalNeo4j(tmp_path_factory.mktemp("guarded"))
    local.start(auth=True)
    with GraphDatabase.driver(local.uri, auth=("neo4j", "neo4j")) as driver:
        driver.execute_query("ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new", new=PASSWORD, database_="system")
    yield local
    local.kill()


@pytest.fixture(scope="module")
def found(server: LocalNeo4j) -> list[tuple[FoundPath, ...]]:
    """What GDS answers to the two hundred questions."""
    with opened(server) as graph:
        graph.apply(whole(ROWS))
        assert graph.stats().engines == ("gds", "apoc")
        return [graph.shortest_paths(query) for query in QUERIES]


def opened(server: LocalNeo4j, password: str = PASSWORD, timeout: float = 60) -> Neo4jGraph:
    """Open the collection of these tests; a server that has just started may take its time."""
    return Neo4jGraph(Address(server.uri, password=password, timeout=timeout), "made")


def settings_of(server: LocalNeo4j, home: Path, **flags: object) -> Settings:
    """Settings for that collection."""
    return read_settings(
        home=home, neo4j_uri=server.uri, neo4j_password=PASSWORD, collection="made", rate_limit="", **flags
    )


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_is_said_and_never_shown(server: LocalNeo4j, password: str) -> None:
    with pytest.raises(Unavailable, match="XDEGREES_NEO4J_PASSWORD") as error:
        opened(server, password)
    assert "wrong" not in str(error.value)


def test_the_command_says_it_in_one_line_and_takes_the_password_from_a_file(
    server: LocalNeo4j, found: list[tuple[FoundPath, ...]], tmp_path: Path
) -> None:
    (tmp_path / "right").write_text(f"{PASSWORD}\n", encoding="utf-8")
    (tmp_path / "wrong").write_text("else", encoding="utf-8")
    for name, code in (("right", 0), ("wrong", 6)):
        environment = {
            "XDEGREES_NEO4J_URI": server.uri,
            "XDEGREES_NEO4J_PASSWORD_FILE": str(tmp_path / name),
            "XDEGREES_COLLECTION": "made",
        }
        command = [XDEGREES, "path", made_id(0), f"key:{artwork(150).key}", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
        assert done.returncode == code, done.stderr
        assert done.stderr.count("\n") == (1 if code else 0)
        assert PASSWORD not in done.stdout + done.stderr
        if not code:
            assert json.loads(done.stdout)["cost"] > 0
    assert found


def test_a_server_that_dies_is_503s_until_it_is_back(
    server: LocalNeo4j, found: list[tuple[FoundPath, ...]], tmp_path: Path
) -> None:
    """Killed under load, started again: nothing but 503s with Retry-After, then right answers within 5 seconds."""
    costs = {
        (query.source, query.target): paths[0].cost
        for query, paths in zip(QUERIES, found, strict=True)
        if query.power == 8
    }
    answers: list[tuple[float, int, bool, bool]] = []
    stop = threading.Event()

    def visit(client: FlaskClient, offset: int) -> None:
        ends = list(costs)
        turn = offset
        while not stop.is_set():
            source, target = ends[turn % len(ends)]
            answer = client.get("/api/v1/path", query_string={"from": source, "to": target})
            right = answer.status_code == 200 and (answer.json or {})["cost"] == pytest.approx(
                costs[source, target], rel=1e-9
            )
            answers.append((time.monotonic(), answer.status_code, "Retry-After" in answer.headers, right))
            turn += 1

    with open_stores(read_settings(home=tmp_path / "home")) as embedded, opened(server, timeout=3) as graph:
        embedded.vectors.prepare(EmbedderFacts("made", 6))
        embedded.vectors.upsert([made_id(row) for row in range(ROWS)], made_vectors(ROWS, 6), [{}] * ROWS)
        app = create_app(Stores(embedded.vectors, graph), settings_of(server, tmp_path))
        visitors = [threading.Thread(target=visit, args=(app.test_client(), n)) for n in range(4)]
        for visitor in visitors:
            visitor.start()
        time.sleep(2)
        killed = time.monotonic()
        server.kill()
        time.sleep(2)
        assert app.test_client().get("/readyz").status_code == 503
        assert app.test_client().get("/livez").status_code == 200
        server.start(auth=True)
        ready = time.monotonic()
        time.sleep(6)
        stop.set()
        for visitor in visitors:
            visitor.join()
    assert {status for at, status, *_ in answers if at < killed} == {200}
    assert {status for _, status, *_ in answers} == {200, 503}
    assert all(retry for _, status, retry, _ in answers if status == 503)
    assert all(right for _, status, _, right in answers if status == 200)
    assert all(status == 200 for at, status, *_ in answers if at > ready + 5)
    assert any(at > ready + 5 for at, *_ in answers)


def test_a_server_that_hangs_is_a_503_in_time_and_answers_when_it_goes_on(
    server: LocalNeo4j, found: list[tuple[FoundPath, ...]], tmp_path: Path
) -> None:
    with open_stores(read_settings(home=tmp_path / "home")) as embedded, opened(server, timeout=3) as graph:
        client = create_app(Stores(embedded.vectors, graph), settings_of(server, tmp_path)).test_client()
        assert client.get("/readyz").status_code == 200
        server.signal(signal.SIGSTOP)
        started = time.monotonic()
        answer = client.get("/readyz")
        spent = time.monotonic() - started
        server.signal(signal.SIGCONT)
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
        assert spent < 40
        assert client.get("/readyz").status_code == 200
        assert graph.shortest_paths(QUERIES[0])[0].cost == found[0][0].cost


@pytest.mark.parametrize("agent", ["Neo4j/4.4.30", "Neo4j/5.12.0", "Memgraph/3.1", ""])
def test_a_server_that_is_too_old_or_none_of_neo4js_is_refused(agent: str) -> None:
    with pytest.raises(Unavailable, match=r"needs Neo4j 5\.13"):
        refuse_version("bolt://here", agent)
    for good in ("Neo4j/5.13.0", "Neo4j/5.26.29", "Neo4j/2025.10.1"):
        refuse_version("bolt://here", good)


def test_without_gds_apoc_answers_the_same(server: LocalNeo4j, found: list[tuple[FoundPath, ...]]) -> None:
    server.stop()
    server.start(plugins="apoc*", auth=True)
    with opened(server) as graph:
        assert graph.stats().engines == ("apoc",)
        for query, expected in zip(QUERIES, found, strict=True):
            (path,) = graph.shortest_paths(query)
            assert path.engine == "apoc"
            assert path.cost == pytest.approx(expected[0].cost, rel=1e-9)
            assert path.ids == expected[0].ids
        passed = frozenset(found[3][0].ids[1:-1])
        assert passed
        with pytest.raises(Unavailable, match="GDS"):
            graph.shortest_paths(replace(QUERIES[3], avoid=passed))
        version = graph.apply(GraphDelta(FACTS, (replace(artwork(0), title="Another"),)))
        assert graph.stats().version == version


def test_with_neither_procedure_it_says_so_at_start(server: LocalNeo4j, tmp_path: Path) -> None:
    server.kill()
    server.start(plugins="none*", auth=True)
    with pytest.raises(Unavailable, match="neither GDS nor APOC"), open_graph(settings_of(server, tmp_path)):
        pass


def test_a_read_only_copy_answers_everything_and_takes_nothing(
    server: LocalNeo4j, found: list[tuple[FoundPath, ...]], tmp_path: Path
) -> None:
    server.kill()
    server.start(settings={"server.databases.default_to_read_only": "true"}, auth=True)
    with open_graph(settings_of(server, tmp_path)) as graph:
        (path,) = graph.shortest_paths(QUERIES[2])
        assert path == found[2][0] or path.cost == found[2][0].cost
        assert graph.find(Search(text="another")).total == 1
        before = graph.stats()
        with pytest.raises(Unavailable, match="read-only"):
            graph.apply(whole(10))
        assert graph.stats() == before
        assert len(graph.edges()) == len(linked(ROWS).edges)
    with open_to_serve(settings_of(server, tmp_path)) as stores, stores.writing(0.0):
        assert stores.graph.stats() == before  # a service takes its turn at its start, to finish what was left


def test_nobody_there_is_said_within_the_time_given(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable, match="is it running"):
        Neo4jGraph(Address("bolt://127.0.0.1:9", timeout=1), "made")
    assert time.monotonic() - started < 10
    assert not list(tmp_path.iterdir())


def test_a_collection_of_another_format_is_refused() -> None:
    address = Address(servers.neo4j().uri)
    with Neo4jGraph(address, "future") as graph:
        graph.apply(whole(3))
    with GraphDatabase.driver(address.uri) as driver:
        driver.execute_query("MATCH (meta:Meta {collection: 'future'}) SET meta.format = 99")
    with pytest.raises(Mismatch, match="format 99"):
        Neo4jGraph(address, "future")
