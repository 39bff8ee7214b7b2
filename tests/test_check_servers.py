"""The same damage on Neo4j and Qdrant, and what only a server can get wrong."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from neo4j import GraphDatabase
from qdrant_client import QdrantClient

from loaders.check import Checkup, check
from loaders.pipeline import load, relink
from loaders.progress import Progress
from loaders.request import LoadRequest
from stores.neo4j import Neo4jGraph
from stores.neo4j_driver import Address
from stores.qdrant import QdrantVectors
from stores.qdrant_edge import EdgeVectors
from stores.records import GraphDelta
from tests import damage, servers
from tests.checked import copied, kinds
from tests.damage import FOR_A_LOAD, SEEDS, Collection

NAME = "checked"


@pytest.fixture(scope="module")
def client() -> Iterator[QdrantClient]:
    """An engine of Qdrant's in this process."""
    opened = QdrantClient(":memory:")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def graph() -> Iterator[Neo4jGraph]:
    """A collection on the run's server."""
    with Neo4jGraph(Address(servers.neo4j().uri), NAME) as store:
        yield store


@pytest.fixture
def on(client: QdrantClient, graph: Neo4jGraph, demo_home: Path, tmp_path: Path) -> Collection:
    """The demo's artworks on both servers, healthy, with their copy in memory."""
    home = copied(demo_home, tmp_path / "home")
    vectors = QdrantVectors(client, NAME, ":memory:")
    with EdgeVectors(home / "vectors") as embedded:
        facts = embedded.stats().facts
        assert facts is not None
        vectors.prepare(facts)
        vectors.delete([one for batch in vectors.scan(with_vectors=False) for one in batch.ids.tolist()])
        for batch in embedded.scan():
            vectors.upsert(batch.ids.tolist(), batch.vectors, batch.payloads)
    cypher(f"{ANY} DETACH DELETE n")
    graph.stats()
    relink(vectors, graph, None, Progress(quiet=True))
    return Collection(vectors, graph, home)


ANY = "MATCH (n {collection: $name})"


def cypher(text: str, **values: Any) -> list[dict[str, Any]]:
    """Run a statement behind the store's back."""
    with GraphDatabase.driver(servers.neo4j().uri) as driver:
        return [row.data() for row in driver.execute_query(text, name=NAME, **values)[0]]


def looked_at(on: Collection, *, repair: bool = False) -> Checkup:
    """Check the collection."""
    return check(on.vectors, on.graph, on.home, Progress(quiet=True), repair=repair)


def everything(on: Collection) -> tuple[Any, ...]:
    """All that both servers hold, but for what moves with every write."""
    vectors = {
        one: (vector.tobytes(), {**payload, "file": []})
        for batch in on.vectors.scan()
        for one, vector, payload in zip(batch.ids.tolist(), batch.vectors, batch.payloads, strict=True)
    }
    nodes = cypher(f"{ANY} WHERE NOT n:Meta RETURN labels(n) AS l, properties(n) AS p ORDER BY l, p.id")
    edges = cypher(
        "MATCH (a {collection: $name})-[e:SIMILAR]->(b) RETURN a.id AS a, b.id AS b, properties(e) AS p ORDER BY a, b"
    )
    (meta,) = cypher("MATCH (m:Meta {collection: $name}) RETURN m.artworks AS a, m.edges AS e, m.columns AS c")
    pictures = {
        str(path.relative_to(on.home)): path.read_bytes() for path in (on.home / "images").rglob("*") if path.is_file()
    }
    return vectors, nodes, edges, meta, pictures, asdict(on.facts)


def test_a_healthy_collection_agrees_and_nothing_is_written(on: Collection) -> None:
    before, stats = everything(on), on.graph.stats()
    assert kinds(looked_at(on, repair=True)) == []
    assert on.graph.stats() == stats
    assert everything(on) == before


@pytest.mark.parametrize("name", SEEDS)
def test_damage_is_named_and_undone_as_in_one_file(on: Collection, name: str) -> None:
    kind, seed = SEEDS[name]
    before = everything(on)
    named = seed(on)
    found = looked_at(on)
    assert kinds(found) == [kind]
    assert named in found.found[0].what if named else not found.found[0].what
    mended = looked_at(on, repair=True)
    assert (kinds(mended), mended.left) == ([kind], ())
    assert kinds(looked_at(on)) == []
    assert everything(on) == before


@pytest.mark.parametrize("name", FOR_A_LOAD)
def test_damage_that_only_a_load_can_mend_is_mended_by_one(on: Collection, demo: Path, name: str) -> None:
    kind, seed = FOR_A_LOAD[name]
    before = everything(on)
    seed(on)
    assert kinds(looked_at(on)) == [kind]
    assert [one.kind for one in looked_at(on, repair=True).left] == [kind]
    load(LoadRequest(folder=demo, source="artworks"), on.vectors, on.graph, on.home, Progress(quiet=True))
    assert kinds(looked_at(on)) == []
    assert everything(on) == before


def test_what_was_taken_down_is_taken_out(on: Collection) -> None:
    named = damage.withheld(on)
    assert kinds(looked_at(on)) == ["withheld"]
    assert looked_at(on, repair=True).left == ()
    assert kinds(looked_at(on)) == []
    assert cypher("MATCH (n {collection: $name, id: $id}) RETURN n", id=named) == []
    assert named not in everything(on)[0]


ONE = "MATCH (a:Artwork {collection: $name})-[e:SIMILAR]->(b) WITH a, e, b ORDER BY a.id, b.id SKIP 40 LIMIT 1 "
NODE = "MATCH (a:Artwork {collection: $name}) WITH a ORDER BY a.id SKIP 40 LIMIT 1 "
RECORD = "MATCH (r:Record {collection: $name}) WITH r ORDER BY r.id SKIP 40 LIMIT 1 "
META = "MATCH (m:Meta {collection: $name}) "
ON_THE_SERVER = {
    "an artwork without a record": (["half-node"], RECORD + "DELETE r"),
    "a record without an artwork": (["half-node", "wrong-count"], NODE + "DETACH DELETE a"),
    "a record of nothing": (["half-node"], RECORD + "REMOVE r.record"),
    "a record cut short": (["damaged-record"], RECORD + "SET r.record = left(r.record, 40)"),
    "an edge twice": (["damaged-edges", "wrong-count"], ONE + "CREATE (a)-[f:SIMILAR]->(b) SET f = properties(e)"),
    "an edge the wrong way round": (
        ["damaged-edges"],
        ONE + "CREATE (b)-[f:SIMILAR]->(a) SET f = properties(e) DELETE e",
    ),
    "an edge without a number": (["damaged-edges"], ONE + "REMOVE e.angle"),
    "a weight": (["wrong-weight"], ONE + "SET e.weight = 0.001"),
    "a cost": (["wrong-cost"], ONE + "SET e.gentle = 0.001"),
    "a cost gone": (["wrong-cost"], ONE + "REMOVE e.scenic"),
    "a reach gone": (["wrong-reach"], NODE + "REMOVE a.reach"),
    "words": (["lost-search"], RECORD + "SET r.words = 'nothing'"),
    "terms": (["lost-search"], RECORD + "REMOVE r.terms"),
    "a year": (["lost-search"], RECORD + "SET r.year_from = 3000"),
    "a title in the Browser": (["stale-node"], NODE + "SET a.title = 'Another'"),
    "a column in the Browser": (["stale-node"], NODE + "SET a.invented = 'so'"),
    "edges counted": (["wrong-count"], META + "SET m.edges = m.edges + 5"),
    "artworks counted": (["wrong-count"], META + "SET m.artworks = 3"),
    "columns": (["wrong-count"], META + "SET m.columns = ['style']"),
    "no version": (["wrong-version"], META + "REMOVE m.version"),
    "no facts": (["lost-facts"], META + "REMOVE m.facts"),
    "an index": (["lost-index"], "DROP INDEX record_words"),
}


@pytest.mark.parametrize("name", ON_THE_SERVER)
def test_damage_on_the_server_is_named_and_mended(on: Collection, name: str) -> None:
    expected, statement = ON_THE_SERVER[name]
    before = everything(on)
    version = on.graph.stats().version
    cypher(statement)
    assert kinds(looked_at(on)) == expected
    mended = looked_at(on, repair=True)
    assert (kinds(mended), mended.left) == (expected, ())
    assert kinds(looked_at(on)) == []
    assert everything(on) == before
    assert (mended.version > version) == (name != "an index")


def test_a_meta_that_is_gone_is_made_again(on: Collection) -> None:
    before = everything(on)
    cypher(META + "DELETE m")
    assert looked_at(on, repair=True).left == ()
    assert kinds(looked_at(on)) == []
    assert everything(on) == before


def test_a_lost_and_an_old_projection_are_named_and_mended_without_a_write(on: Collection) -> None:
    version = on.graph.stats().version
    (held,) = projections()
    cypher("CALL gds.graph.drop($held) YIELD graphName RETURN graphName", held=held)
    assert kinds(looked_at(on)) == ["lost-projection"]
    assert looked_at(on, repair=True).version == version
    assert projections() == [held]
    old = f"{held.rpartition('/')[0]}/0"
    cypher(
        f"{ANY} WITH gds.graph.project($old, n, null) AS graph RETURN graph.nodeCount AS nodes",
        old=old,
    )
    found = looked_at(on, repair=True)
    assert [(one.kind, one.what) for one in found.found] == [("old-projection", (old,))]
    assert projections() == [held]
    assert kinds(looked_at(on)) == []


def projections() -> list[str]:
    """Names of this collection's graphs in memory."""
    found = [row["graphName"] for row in cypher("CALL gds.graph.list() YIELD graphName RETURN graphName")]
    (epoch,) = cypher(META + "RETURN m.epoch AS epoch")
    return [name for name in found if f"/{epoch['epoch']}/" in name]


def test_much_at_once_is_mended_at_once(on: Collection) -> None:
    before = everything(on)
    for name in (
        "orphan_node",
        "stale_metadata",
        "wrong_weight",
        "lost_edge",
        "wrong_digest",
        "wrong_k",
        "wrong_facets",
    ):
        SEEDS[name][1](on)
    for name in ("an edge twice", "a record without an artwork", "words", "edges counted", "no version"):
        cypher(ON_THE_SERVER[name][1])
    assert looked_at(on, repair=True).left == ()
    assert kinds(looked_at(on)) == []
    assert everything(on) == before


def test_an_emptied_graph_is_filled_and_a_graph_without_vectors_left(on: Collection) -> None:
    before = everything(on)
    cypher(f"{ANY} DETACH DELETE n")
    assert kinds(looked_at(on, repair=True)) == ["empty-graph"]
    assert everything(on) == before
    on.vectors.delete(on.graph.edges().ids.tolist())
    assert [one.kind for one in looked_at(on, repair=True).left] == ["lost-vectors"]
    assert everything(on)[1:] == before[1:]


def test_edges_that_are_rebuilt_are_the_same_to_the_last_bit(on: Collection) -> None:
    edges, reach = on.graph.edges(), on.graph.reach()
    on.graph.apply(GraphDelta(on.facts, removed=tuple(edges.ids[10:30].tolist())))
    assert looked_at(on, repair=True).left == ()
    assert np.array_equal(on.graph.edges().weight, edges.weight)
    assert np.array_equal(on.graph.reach(), reach)
