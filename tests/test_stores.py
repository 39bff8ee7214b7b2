"""Each store is chosen by its own setting, and every pair of them makes the same graph."""

from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from stores.connect import open_stores
from stores.errors import BadInput, Unavailable
from stores.neo4j import Neo4jGraph
from stores.neo4j_driver import Address
from stores.pictures import picture_path
from stores.qdrant import QdrantVectors
from stores.qdrant_edge import EdgeVectors
from stores.settings import read_settings
from stores.sqlite import SqliteGraph
from tests import servers


@pytest.mark.parametrize("vectors", ["edge", "qdrant"])
@pytest.mark.parametrize("graph", ["sqlite", "neo4j"])
def test_every_pair_of_stores_ends_in_the_same_graph(
    vectors: str, graph: str, demo: Path, demo_home: Path, tmp_path: Path
) -> None:
    with (
        QdrantVectors(QdrantClient(":memory:"), "artworks", "memory")
        if vectors == "qdrant"
        else EdgeVectors(tmp_path / "vectors") as kept,
        Neo4jGraph(Address(servers.neo4j().uri), str(tmp_path))
        if graph == "neo4j"
        else SqliteGraph(tmp_path / "graph.sqlite") as linked,
        SqliteGraph(demo_home / "graph.sqlite") as expected,
    ):
        request = LoadRequest(folder=demo, source="artworks")
        report = load(request, kept, linked, tmp_path, Progress(quiet=True))
        assert (report.added, report.graph_version) == (85, 1)
        facts, wanted = linked.stats().facts, expected.stats().facts
        assert facts is not None
        assert wanted is not None
        assert facts.digest == wanted.digest
        assert (linked.edges().weight == expected.edges().weight).all()
        again = load(request, kept, linked, tmp_path, Progress(quiet=True))
        assert (again.unchanged, again.graph_version) == (85, 1)


def test_a_server_that_is_not_there_stops_at_once(tmp_path: Path) -> None:
    for address in ({"neo4j_uri": "bolt://127.0.0.1:9"}, {"qdrant_url": "http://127.0.0.1:9"}):
        settings = read_settings(home=tmp_path / "home", neo4j_timeout=1, qdrant_timeout=1, **address)
        with pytest.raises(Unavailable, match="is it running"), open_stores(settings):
            pass


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ({}, "nothing has been loaded in .*home yet"),
        ({"qdrant_url": "http://127.0.0.1:9"}, "nothing has been loaded in .*home yet"),
        ({"neo4j_uri": "bolt://127.0.0.1:9"}, "there are no vectors in .*home"),
    ],
)
def test_opening_to_read_creates_nothing(tmp_path: Path, address: dict[str, str], says: str) -> None:
    settings = read_settings(home=tmp_path / "home", **address)
    with pytest.raises(Unavailable, match=says), open_stores(settings, writing=False):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "setting",
    [
        {"neo4j_uri": "http://127.0.0.1:7474"},
        {"neo4j_uri": "bolt://neo4j:hidden@127.0.0.1"},
        {"qdrant_url": "127.0.0.1:6333"},
        {"neo4j_browser_url": "javascript:hidden"},
        {"neo4j_timeout": 0},
        {"neo4j_password_file": "/nowhere/hidden"},
    ],
)
def test_a_setting_that_cannot_be_is_named_without_its_secret(setting: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=r"XDEGREES_(NEO4J|QDRANT)_") as error:
        read_settings(**setting)
    assert "hidden@" not in str(error.value)
    assert "neo4j:hidden" not in str(error.value)


def test_a_secret_comes_from_its_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush-hush\n", encoding="utf-8")
    settings = read_settings(qdrant_api_key_file=tmp_path / "key", neo4j_password="hush-too")  # noqa: S106
    assert settings.qdrant_api_key.get_secret_value() == "hush-hush"
    assert "hush" not in " ".join(settings.shown().values()) + repr(settings)


@pytest.mark.parametrize(
    ("content_hash", "size"),
    [
        ("../../../victim", "thumb"),
        ("a" * 64, "/../../victim"),
        ("", "thumb"),
        ("A" * 64, "thumb"),
        ("a" * 64, "large"),
    ],
)
def test_what_is_no_name_of_a_picture_leads_nowhere(content_hash: str, size: str) -> None:
    assert picture_path(Path("images"), content_hash, size) == Path("images/no-picture")
