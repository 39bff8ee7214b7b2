"""What leaves as files: manifests for viewers, ZIPs with their credits, graphs that networkx reads, safe tables."""

import csv
import io
import json
import re
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from iiif_prezi3 import Manifest
from PIL import Image

from loaders.given import read_given
from loaders.iiif.documents import read_iiif
from service.cli.main import main
from service.graphml import graphml
from service.tables import EDGE_COLUMNS, artwork_table, edge_table
from service.web.app import create_app
from stores.artwork import Artwork
from stores.connect import Stores, open_stores
from stores.records import Edges, EmbedderFacts, GraphDelta, GraphFacts, Search
from stores.rights import attribution, is_decided
from stores.settings import Settings
from tests.made import made_id, made_ids
from tests.rightful import draw_rightful, load_rightful

HOST = "https://museum.example/discover"


@pytest.fixture(scope="module")
def rightful(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("exports")
    return load_rightful(draw_rightful(folder / "gallery"), folder / "home")


@pytest.fixture
def opened(rightful: Settings) -> Iterator[Stores]:
    with open_stores(rightful) as stores:
        yield stores


@pytest.fixture
def client(opened: Stores, rightful: Settings) -> FlaskClient:
    return create_app(opened, rightful).test_client()


@pytest.fixture
def artworks(opened: Stores) -> dict[str, Artwork]:
    return {artwork.id: artwork for artwork in opened.graph.find(Search(limit=100)).artworks}


def ids_of(artworks: dict[str, Artwork]) -> str:
    """Artworks of every display, with and without advisory, of all rights."""
    return ",".join(list(artworks)[:16])


# --- IIIF ------------------------------------------------------------------------------------------


def manifest_at(client: FlaskClient, **query: object) -> dict[str, Any]:
    answer = client.get("/api/v1/path.iiif", query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'
    return dict(json.loads(answer.data))


def every(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from every(part)


def test_a_path_is_a_valid_manifest_of_version_3(client: FlaskClient, artworks: dict[str, Artwork]) -> None:
    """The models are generated from the schema of the specification; what that leaves open is checked by hand."""
    body = manifest_at(client, ids=ids_of(artworks))
    Manifest.model_validate(body)
    assert body["@context"] == "http://iiif.io/api/presentation/3/context.json"
    named = [
        one["id"] for one in every(body) if one.get("type") in ("Manifest", "Canvas", "Annotation", "AnnotationPage")
    ]
    assert len(set(named)) == len(named)
    assert all(one["id"].startswith("http://localhost/") and "#" not in one["id"] for one in body["items"])
    for canvas in body["items"]:
        assert canvas["width"] > 0
        assert canvas["height"] > 0
        assert canvas["label"]["none"]
        for page in canvas["items"]:
            (annotation,) = page["items"]
            assert (annotation["motivation"], annotation["target"]) == ("painting", canvas["id"])
    for one in every(body):
        assert "label" not in one or all(isinstance(texts, list) for texts in one["label"].values())
        assert one.get("rights", "http://creativecommons.org/").startswith(
            ("http://creativecommons.org/", "http://rightsstatements.org/vocab/")
        )
    with pytest.raises(ValueError, match="rights"):
        Manifest.model_validate({**body, "rights": "free"})


def test_canvases_show_what_may_be_shown_with_credit_and_rights(
    client: FlaskClient, artworks: dict[str, Artwork]
) -> None:
    body = manifest_at(client, ids=ids_of(artworks))
    assert len(body["items"]) == 16
    for canvas, artwork in zip(body["items"], artworks.values(), strict=False):
        assert canvas["requiredStatement"]["value"] == {"none": [attribution(artwork)]}
        assert ("rights" in canvas) == is_decided(artwork.rights_uri)
        size = {"full": "medium", "thumb": "thumb", "none": None}[artwork.display]
        painted = [one["items"][0]["body"] for one in canvas["items"]]
        linked = canvas.get("rendering", [])
        assert bool(painted) == bool(size and not artwork.advisory)
        assert bool(linked) == bool(size and artwork.advisory)
        assert all(artwork.advisory in one["label"]["none"][0] for one in linked)
        for picture in (*painted, *linked):
            shown = client.get(picture["id"].removeprefix("http://localhost"), buffered=True)
            with Image.open(io.BytesIO(shown.data)) as image:
                assert image.size == (canvas["width"], canvas["height"]) == tuple(artwork.images[size or ""])
        assert bool(canvas.get("thumbnail")) == (bool(artwork.images) and not artwork.advisory)
        if artwork.advisory:
            assert canvas["summary"]["none"][0] == artwork.advisory


def test_a_manifest_goes_round_through_the_reader(
    client: FlaskClient, artworks: dict[str, Artwork], tmp_path: Path
) -> None:
    body = manifest_at(client, ids=ids_of(artworks))
    file = tmp_path / "path.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    found = read_iiif(file)
    shown = [artwork for artwork in list(artworks.values())[:16] if artwork.images and not artwork.advisory]
    assert len(found.problems) == 16 - len(shown)
    assert found.listed == []
    for record, artwork in zip(found.records, shown, strict=True):
        assert record["title"] == artwork.title
        assert record["credit"] == attribution(artwork)
        assert record.get("rights_uri", "") == artwork.rights_uri.replace("https:", "http:")
        assert (record["Identifier"], record["Artist"]) == (artwork.key, "; ".join(artwork.artists))
        assert record["image"].startswith(f"http://localhost/images/{artwork.content_hash}")
        assert record["Wall, left"] == artwork.metadata["Wall, left"]


def test_a_manifest_is_found_where_it_says_it_is_and_may_be_read_by_any_viewer(
    client: FlaskClient, artworks: dict[str, Artwork]
) -> None:
    first, *_, last = artworks
    body = manifest_at(client, **{"from": first, "to": last, "images": 5})
    answer = client.get(body["id"].removeprefix("http://localhost"), headers={"Origin": "https://viewer.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.data) == body
    again = client.get(body["id"].removeprefix("http://localhost"), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for link in (*body["seeAlso"], *body["rendering"], *(one for canvas in body["items"] for one in canvas["seeAlso"])):
        found = client.get(link["id"].removeprefix("http://localhost"))
        assert (found.status_code, found.mimetype) == (200, link["format"])


def test_addresses_in_a_manifest_are_the_public_ones(
    opened: Stores, rightful: Settings, artworks: dict[str, Artwork]
) -> None:
    public = create_app(opened, rightful.model_copy(update={"public_url": HOST})).test_client()
    body = manifest_at(public, ids=ids_of(artworks))
    assert {one["id"].startswith((f"{HOST}/", "https://museum.example/")) for one in every(body) if "id" in one} == {
        True
    }
    assert "localhost" not in json.dumps(body)


# --- ZIP -------------------------------------------------------------------------------------------


def test_a_zip_has_pictures_strip_tables_and_credits_and_is_the_same_again(
    client: FlaskClient, artworks: dict[str, Artwork]
) -> None:
    query = {"ids": ids_of(artworks)}
    first, again = (client.get("/api/v1/path.zip", query_string=query, buffered=True) for _ in range(2))
    assert first.data == again.data
    with zipfile.ZipFile(io.BytesIO(first.data)) as archive:
        names = archive.namelist()
        pictures = [name for name in names if name.startswith("pictures/")]
        shown = [artwork for artwork in list(artworks.values())[:16] if artwork.images]
        assert len(pictures) == len(shown)
        assert names[len(pictures) :] == ["strip.png", "path.json", "path.csv", "credits.txt"]
        credits_told = archive.read("credits.txt").decode()
        assert all(name in credits_told for name in pictures)
        assert archive.read("strip.png") == client.get("/api/v1/path.png", query_string=query).data
        told = {"path.json": json.loads(archive.read("path.json")), "path.csv": archive.read("path.csv").decode()}
        whole = {
            name: client.get(f"/api/v1/{name.removesuffix('.json')}", query_string=query)
            .text.replace('"/', '"http://localhost/')
            .replace(",/images", ",http://localhost/images")
            .replace(" /api", " http://localhost/api")
            for name in told
        }
        assert told == {"path.json": json.loads(whole["path.json"]), "path.csv": whole["path.csv"]}
        assert re.fullmatch(
            r"Path of .* graph [0-9a-f]{12}\. http://localhost/api/v1/path\?ids=\S+", credits_told.splitlines()[0]
        )
        for name, artwork in zip(pictures, shown, strict=True):
            with Image.open(io.BytesIO(archive.read(name))) as image:
                assert image.size == artwork.images["medium" if artwork.display == "full" else "thumb"]


def test_no_name_in_a_zip_leads_out_of_its_folder(
    client: FlaskClient, opened: Stores, artworks: dict[str, Artwork]
) -> None:
    first, second = [artwork for artwork in artworks.values() if artwork.images][:2]
    facts = opened.graph.stats().facts
    assert facts is not None
    bad = Artwork.from_payload(first.id, {**first.to_payload(), "title": "../../etc/pass\\wd\u202e 波"})
    opened.graph.apply(GraphDelta(facts, (bad,)))
    try:
        answer = client.get("/api/v1/path.zip", query_string={"ids": f"{first.id},{second.id}"}, buffered=True)
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert archive.namelist()[0] == "pictures/01-etc-pass-wd.jpg"
    finally:
        opened.graph.apply(GraphDelta(facts, (first,)))


# --- the whole collection --------------------------------------------------------------------------


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sent(client: FlaskClient, name: str) -> str:
    answer = client.get(f"/api/v1/{name}", buffered=True)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.text


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


# --- the command line ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "flags", "first"),
    [("a.csv", [], "id,key,"), ("e.csv", ["--edges"], "Source,Target,"), ("deep/g.graphml", [], "<?xml")],
)
def test_the_command_writes_what_the_service_sends(
    rightful: Settings, tmp_path: Path, name: str, flags: list[str], first: str
) -> None:
    out = tmp_path / name
    done = CliRunner().invoke(main, ["export", str(out), *flags, "--home", str(rightful.home)])
    assert done.exit_code == 0, done.output
    assert "34 artworks" in done.output
    text = out.read_bytes().decode()
    assert text.startswith(first)
    with open_stores(rightful) as stores:
        route = {"a.csv": "artworks.csv", "e.csv": "edges.csv"}.get(name, "graph.graphml")
        assert sent(create_app(stores, rightful).test_client(), route) == text


def test_an_export_that_fails_leaves_the_file_of_before_and_nothing_else(
    rightful: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[str]:
        yield "id,key"
        raise OSError("no space left on device")

    monkeypatch.setattr("service.tables.artwork_table", broken)
    out = tmp_path / "a.csv"
    out.write_text("of before", encoding="utf-8")
    assert CliRunner().invoke(main, ["export", str(out), "--home", str(rightful.home)]).exit_code != 0
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [("a.csv", "of before")]


def test_the_command_writes_a_path_as_the_table_that_the_service_sends(rightful: Settings, tmp_path: Path) -> None:
    out, ends = tmp_path / "new" / "p.csv", ["key:stars-0001.jpg", "key:waves-0002.jpg"]
    done = CliRunner().invoke(main, ["path", *ends, "--csv", str(out), "--home", str(rightful.home)])
    assert done.exit_code == 0, done.output
    with open_stores(rightful) as stores:
        client = create_app(stores, rightful).test_client()
        answer = client.get("/api/v1/path.csv", query_string=dict(zip(("from", "to"), ends, strict=True)))
    assert out.read_bytes() == answer.data


def test_exported_vectors_have_the_facts_of_their_embedder(rightful: Settings, tmp_path: Path) -> None:
    out = tmp_path / "v.npz"
    assert CliRunner().invoke(main, ["export", str(out), "--home", str(rightful.home)]).exit_code == 0
    assert len(read_given(out).rows) == 34
    with np.load(out) as file:
        facts = json.loads(str(file["facts"]))
    assert (facts["name"], facts["dimension"]) == ("classic", read_given(out).vectors.shape[1])


@pytest.mark.parametrize(
    ("words", "told"), [(["x.xlsx"], "one of .npz, .graphml, .csv"), (["x.npz", "--edges"], "--edges is for a CSV")]
)
def test_an_export_of_another_kind_is_refused_before_anything_is_opened(words: list[str], told: str) -> None:
    done = CliRunner().invoke(main, ["export", *words, "--home", "/nonexistent"])
    assert done.exit_code == 2
    assert told in done.output


def test_the_command_packs_a_path_with_an_end_that_is_no_artwork(rightful: Settings, tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), "#a04020").save(tmp_path / "mine.png")
    out, key = tmp_path / "new" / "p.zip", "stars-0001.jpg"
    done = CliRunner().invoke(
        main, ["path", str(tmp_path / "mine.png"), f"key:{key}", "--zip", str(out), "--home", str(rightful.home)]
    )
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(out) as archive:
        assert json.loads(archive.read("path.json"))["ids"][0] == "image:from"
        credits_told = archive.read("credits.txt").decode()
        assert "Nothing is known of its rights." in credits_told
        assert re.search(r"graph [0-9a-f]{12}\.$", credits_told.splitlines()[0])
