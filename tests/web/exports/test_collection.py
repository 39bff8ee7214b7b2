"""The whole collection: graphs that networkx reads, safe tables, a few artworks held at a time."""

import tracemalloc
from contextlib import ExitStack
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from flask.testing import FlaskClient

from service.graphml import graphml
from service.tables import EDGE_COLUMNS, artwork_table, edge_table
from service.web.app import create_app
from stores.artwork import Artwork
from stores.connect import Stores, open_stores
from stores.records import Edges, EmbedderFacts, GraphDelta, GraphFacts
from stores.rights import attribution
from stores.settings import Settings
from tests.made import made_id, made_ids
from tests.web.exports.answers import rows_of, sent


def test_networkx_finds_in_the_graphml_the_paths_that_the_service_finds(
    client: FlaskClient, artworks: dict[str, Artwork]
) -> None:
    graph = nx.parse_graphml(sent(client, "graph.graphml"))
    assert set(graph) == set(artworks)
    first, *_, last = artworks
    path = client.get("/api/v1/path", query_string={"from": first, "to": last, "pace": "direct"}).json or {}
    assert nx.shortest_path_length(graph, first, last, "distance") == pytest.approx(path["cost"], rel=1e-9)
    for artwork_id, node in graph.nodes(data=True):
        artwork = artworks[artwork_id]
        assert (node["label"], node["credit"]) == (artwork.title, artwork.credit)
        assert node["attribution"] == attribution(artwork)
    for _, _, edge in graph.edges(data=True):
        assert edge["closeness"] == pytest.approx(1 / (1 + edge["distance"]))


def test_the_edges_are_a_table_that_gephi_reads(client: FlaskClient, opened: Stores) -> None:
    rows = rows_of(sent(client, "edges.csv"))
    edges = opened.graph.edges()
    assert tuple(rows[0]) == EDGE_COLUMNS
    assert len(rows) == len(edges)
    assert {row["Type"] for row in rows} == {"Undirected"}
    assert [float(row["distance"]) for row in rows] == edges.weight.tolist()
    assert [row["Source"] for row in rows] == edges.ids[edges.a].tolist()
    assert sum(row["kind"] == "bridge" for row in rows) == edges.bridge.sum()


def test_artworks_are_a_table_with_every_column_and_no_formula(
    client: FlaskClient, artworks: dict[str, Artwork]
) -> None:
    rows = rows_of(sent(client, "artworks.csv"))
    assert [row["id"] for row in rows] == sorted(artworks)
    for row in rows:
        artwork = artworks[row["id"]]
        assert row["Wall, left"] == f"'{artwork.metadata['Wall, left']}"
        assert row["Wall, left"].startswith("'=")
        assert (row["attribution"], row["advisory"]) == (attribution(artwork), artwork.advisory)
        assert (row["year_from"], row["display"]) == (str(artwork.year_from or ""), artwork.display)


def test_a_column_of_the_metadata_that_is_named_as_a_field_is_kept_beside_it(stores: Stores) -> None:
    artwork = Artwork(made_id(1), "k1", title="Own", metadata={"title": "Working title", "note": "n"})
    facts = GraphFacts("d" * 64, 1, EmbedderFacts("made", 8))
    stores.graph.apply(GraphDelta(facts, (artwork,), reach=np.ones(1)))
    (row,) = rows_of("".join(artwork_table(stores.graph, "")))
    assert (row["title"], row["title (metadata)"], row["note"]) == ("Own", "Working title", "n")


@pytest.mark.parametrize("name", ["artworks.csv", "edges.csv", "graph.graphml"])
def test_an_export_that_is_had_already_is_not_sent_again(client: FlaskClient, name: str) -> None:
    tag = client.head(f"/api/v1/{name}", buffered=True).headers["ETag"]
    assert client.get(f"/api/v1/{name}", headers={"If-None-Match": tag}).status_code == 304


def test_two_exports_are_sent_at_once_and_the_next_waits_until_one_has_ended(client: FlaskClient) -> None:
    with ExitStack() as stack:
        for _ in range(2):
            stack.callback(client.get("/api/v1/edges.csv").close)
        answer = client.get("/api/v1/graph.graphml")
        assert (answer.status_code, (answer.json or {})["code"]) == (503, "busy")
        assert int(answer.headers["Retry-After"]) > 0
    for _ in range(5):
        assert client.head("/api/v1/graph.graphml", buffered=True).status_code == 200


@pytest.mark.parametrize("name", ["artworks.csv", "edges.csv", "graph.graphml"])
def test_nothing_loaded_is_said(tmp_path: Path, name: str) -> None:
    settings = Settings(home=tmp_path / "empty", rate_limit="")
    with open_stores(settings) as stores:
        assert create_app(stores, settings).test_client().get(f"/api/v1/{name}").status_code == 503


def test_memory_does_not_grow_with_the_collection(stores: Stores) -> None:
    """20,000 artworks with 2 kB of metadata each, 40 MB and more as a file: a few of them are held at a time."""
    count = 20_000
    ids = made_ids(count)
    artworks = tuple(Artwork(made_id(n), f"k{n}", metadata={"note": f"{n:05} " + "x" * 2000}) for n in range(count))
    a = np.arange(count - 1)
    flat = np.ones(count - 1)
    edges = Edges(ids, a, a + 1, flat, flat, a * 0 + 1, a * 0 + 1, flat < 0)
    facts = GraphFacts("d" * 64, 1, EmbedderFacts("made", 8))
    stores.graph.apply(GraphDelta(facts, artworks, reach=np.ones(count), edges=edges))
    del artworks
    stores.graph.edges()
    for made, least in (
        (artwork_table(stores.graph, ""), 40e6),
        (graphml(stores.graph, ""), 5e6),
        (edge_table(stores.graph), 2e6),
    ):
        tracemalloc.start()
        try:
            size = sum(len(part) for part in made)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert size > least
        assert most < 24e6, f"{most / 1e6:.0f} MB"
