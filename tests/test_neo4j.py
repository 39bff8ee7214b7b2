"""The graph on Neo4j: the same answers as in one file, from two procedures, while the graph changes."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from loaders.pipeline import relink
from loaders.progress import Progress
from service.web.app import create_app
from stores.connect import Stores, open_stores
from stores.neo4j import Neo4jGraph
from stores.neo4j_driver import Address
from stores.ports import PACES, GraphStore
from stores.records import EmbedderFacts, GraphDelta, PathQuery, Search
from stores.settings import Settings
from tests import servers
from tests.made import RealCollection, made_vectors
from tests.test_graph_store_contract import FACTS, artwork, linked, whole


def pairs(ids: list[str], count: int, seed: int = 5) -> list[tuple[str, str]]:
    """Draw pairs of different artworks."""
    chance = random.Random(seed)
    return [(a, b) for a, b in (chance.sample(ids, 2) for _ in range(count))]


@pytest.fixture(scope="module")
def real_settings(real: RealCollection) -> Settings:
    """Settings of the real artworks, with their graph on Neo4j."""
    return real.settings.model_copy(update={"neo4j_uri": servers.neo4j().uri, "collection": "real", "rate_limit": ""})


@pytest.fixture(scope="module")
def both(real: RealCollection, real_settings: Settings) -> Iterator[tuple[Stores, Stores]]:
    """The real artworks in one file, and on Neo4j: linked again from the vectors, without a picture."""
    with open_stores(real.settings) as embedded, Neo4jGraph(Address(real_settings.neo4j_uri), "real") as server:
        assert relink(embedded.vectors, server, None, Progress(quiet=True))
        yield embedded, Stores(embedded.vectors, server)


def test_the_graph_is_the_same_one(both: tuple[Stores, Stores]) -> None:
    file, server = (stores.graph.stats() for stores in both)
    assert file.facts is not None
    assert server.facts == replace(file.facts, metadata_mark=server.facts.metadata_mark if server.facts else "")
    assert (server.artworks, server.edges, server.columns) == (file.artworks, file.edges, file.columns)
    assert not relink(both[0].vectors, both[1].graph, None, Progress(quiet=True))


def test_500_real_pairs_at_four_paces_cost_the_same_and_answer_the_same(
    both: tuple[Stores, Stores], real: RealCollection, real_settings: Settings
) -> None:
    plain = real.settings.model_copy(update={"rate_limit": ""})
    file, server = (
        create_app(stores, of).test_client() for stores, of in zip(both, (plain, real_settings), strict=True)
    )
    warm(both[1].graph)
    for (source, target), pace in product(pairs(real.ids.tolist(), 500), PACES):
        query = {"from": source, "to": target, "pace": pace}
        one, other = (client.get("/api/v1/path", query_string=query) for client in (file, server))
        assert 'desc="gds"' in other.headers["Server-Timing"]
        assert one.json
        assert other.json
        assert other.json["cost"] == pytest.approx(one.json["cost"], rel=1e-9)
        assert without_version(other.json) == without_version(one.json)


def warm(graph: GraphStore) -> None:
    """Wait for the copy in memory that the first who asks brings about."""
    ids = graph.edges().ids
    query = PathQuery(str(ids[0]), str(ids[-1]), 8)
    while graph.shortest_paths(query)[0].engine != "gds":
        time.sleep(0.05)


def without_version(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without the number of writes that came before it."""
    return answer | {"graph": answer["graph"]["id"]}


@pytest.mark.parametrize(
    "question", ["/api/v1/graph", "/api/v1/artworks?q=the&facets=style&limit=7", "/api/v1/artworks?limit=3"]
)
def test_other_questions_answer_the_same(
    both: tuple[Stores, Stores], real: RealCollection, real_settings: Settings, question: str
) -> None:
    answers: list[Any] = [
        create_app(stores, of).test_client().get(question).json
        for stores, of in zip(both, (real.settings, real_settings), strict=True)
    ]
    for answer in answers:
        answer.get("graph", {}).pop("version", None)
        answer.pop("metadata_version", None)
    assert answers[0] == answers[1]


def test_two_collections_do_not_see_each_other() -> None:
    address = Address(servers.neo4j().uri)
    with Neo4jGraph(address, "one") as one, Neo4jGraph(address, "other") as other:
        one.apply(whole(30))
        assert other.stats().facts is None
        other.apply(whole(20, seed=3))
        assert one.find(Search(limit=100)).total == 30
        assert other.find(Search(text="möwe", limit=100)).total == 10
        assert len(one.edges()) == len(linked(30).edges)
        assert len(other.edges()) == len(linked(20, 3).edges)
        query = PathQuery(artwork(0).id, artwork(19).id, 8)
        warm(one)
        before = one.shortest_paths(query)
        other.apply(GraphDelta(FACTS, removed=tuple(artwork(row).id for row in range(1, 19))))
        assert one.shortest_paths(query) == before


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Neo4jGraph]:
    """A small graph on the run's server."""
    with Neo4jGraph(Address(servers.neo4j().uri), str(tmp_path)) as store:
        store.apply(whole(60))
        warm(store)
        yield store


def test_a_graph_in_memory_that_is_lost_is_made_again(small: Neo4jGraph) -> None:
    query = PathQuery(artwork(0).id, artwork(59).id, 8)
    (expected,) = small.shortest_paths(query)
    assert expected.engine == "gds"
    lose_memory(small)
    (meanwhile,) = small.shortest_paths(query)
    assert meanwhile == replace(expected, engine=meanwhile.engine)
    lose_memory(small)
    (around,) = small.shortest_paths(replace(query, avoid=frozenset(expected.ids[1:-1])))
    assert not set(around.ids) & set(expected.ids[1:-1])
    assert small.shortest_paths(query) == (expected,)


def lose_memory(store: Neo4jGraph) -> None:
    """Take the graphs in memory away, as a restart does."""
    driver = store._driver  # noqa: SLF001 -- what a restart takes away has no door
    for row in driver.patiently("projections"):
        driver.patiently("drop_projection", projection=row["name"])


def test_only_what_differs_is_written(small: Neo4jGraph) -> None:
    before = edge_elements(small)
    small.apply(whole(60))
    assert edge_elements(small) == before
    small.apply(whole(59))
    assert edge_elements(small) & before


def test_two_writers_take_turns(small: Neo4jGraph, tmp_path: Path) -> None:
    def write(rows: int) -> None:
        with Neo4jGraph(Address(servers.neo4j().uri), str(tmp_path)) as other:
            for seed in range(3):
                other.apply(whole(rows, seed))
                other.apply(GraphDelta(FACTS, (replace(artwork(1), title=f"{rows} {seed}"),)))

    version = small.stats().version
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (40, 50)))
    stats = small.stats()
    assert stats.version == version + 12
    assert stats.artworks in (40, 50)
    expected = linked(stats.artworks, 2).edges
    assert stats.edges == len(small.edges()) == len(expected)


def edge_elements(store: Neo4jGraph) -> set[str]:
    """The server's own names of the edges."""
    from neo4j import GraphDatabase  # noqa: PLC0415

    with GraphDatabase.driver(servers.neo4j().uri) as driver:
        rows = driver.execute_query(
            "MATCH (:Artwork {collection: $name})-[edge]->() RETURN elementId(edge) AS id",
            name=store._collection,  # noqa: SLF001
        ).records
    return {row["id"] for row in rows}


def test_a_change_too_large_for_one_transaction_is_never_seen_half(
    small: Neo4jGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.neo4j_write.ONE_TRANSACTION", 10)
    monkeypatch.setattr("stores.neo4j_write.BATCH", 20)
    seen = set()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(small.apply, whole(100, seed=1))
        while not writing.done():
            stats = small.stats()
            seen.add((stats.artworks, stats.edges) if stats.facts else None)
    assert seen <= {None, (60, len(linked(60).edges)), (100, len(linked(100, 1).edges))}
    assert small.stats().artworks == 100
    assert len(small.edges()) == len(linked(100, 1).edges)


def test_2000_requests_while_the_graph_changes_20_times(tmp_path: Path, settings: Settings) -> None:
    """Whichever version answers, its cost is right: no error, nothing of two versions."""
    graphs = [replace(whole(200, seed), facts=replace(FACTS, digest=f"{seed:064}")) for seed in (0, 1)]
    ends = pairs(linked(200).edges.ids.tolist(), 40)
    costs = [expected_costs(delta, ends, tmp_path / str(n)) for n, delta in enumerate(graphs)]
    with Neo4jGraph(Address(servers.neo4j().uri), str(tmp_path)) as store, open_stores(settings) as embedded:
        embedded.vectors.prepare(EmbedderFacts("made", 6))
        embedded.vectors.upsert(linked(200).edges.ids.tolist(), made_vectors(200, 6), [{}] * 200)
        store.apply(graphs[0])
        app = create_app(Stores(embedded.vectors, store), settings.model_copy(update={"rate_limit": ""}))
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(ask_path, app.test_client(), *ends[n % len(ends)]) for n in range(2000)]
            for n in range(20):
                store.apply(graphs[(n + 1) % 2])
            for n, answer in enumerate(asked):
                status, cost = answer.result()
                assert status == 200
                assert any(cost == pytest.approx(of[n % len(ends)], rel=1e-9) for of in costs)
        assert asked[-1].done()


def ask_path(client: FlaskClient, source: str, target: str) -> tuple[int, float]:
    """Ask for a path's cost."""
    answer = client.get("/api/v1/path", query_string={"from": source, "to": target})
    return answer.status_code, (answer.json or {}).get("cost", -1.0)


def expected_costs(delta: GraphDelta, ends: list[tuple[str, str]], folder: Path) -> list[float]:
    """What the embedded store says the paths cost."""
    from stores.sqlite import SqliteGraph  # noqa: PLC0415

    with SqliteGraph(folder / "graph.sqlite") as store:
        store.apply(delta)
        return [store.shortest_paths(PathQuery(a, b, PACES["gentle"]))[0].cost for a, b in ends]
