"""Artworks put in, described and taken down, in both graph stores: always the graph that a rebuild would make."""

import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qdrant_client import QdrantClient

from loaders.artworks import artwork_id
from loaders.links import link, vector_digest
from loaders.marks import mark_of
from loaders.neighbors import nearest_neighbors
from loaders.pipeline import load
from loaders.plan import held_payloads
from loaders.progress import Progress
from loaders.relink import bring_up_to_date, read_vectors
from loaders.request import LoadRequest
from loaders.writing import Writer, payload_of
from stores.angles import unit
from stores.artwork import Artwork
from stores.connect import Stores, open_stores, open_to_serve
from stores.errors import Mismatch, NotFound, Refused, Unavailable
from stores.neo4j import Neo4jGraph
from stores.neo4j_driver import Address
from stores.pictures import picture_path, written_pictures
from stores.qdrant import QdrantVectors
from stores.records import EmbedderFacts, Search, Vectors
from stores.settings import Settings, read_settings
from stores.withheld import Withheld
from tests import servers

FACTS = EmbedderFacts("made", 6, source="vectors from a file")
K = 4


def artwork(number: int, title: str = "") -> Artwork:
    """An artwork without pictures."""
    return Artwork(artwork_id("made", str(number)), str(number), "made", title=title or f"Number {number}")


def made(count: int, seed: int = 0) -> Vectors:
    """Clustered unit vectors with copies among them."""
    rng = np.random.default_rng(seed)
    vectors = unit(np.eye(6)[rng.integers(0, 3, count)] + 0.2 * rng.normal(size=(count, 6)))
    vectors[: count // 8] = vectors[count // 2 : count // 2 + count // 8]
    return vectors


def follows(stores: Stores, k: int = K) -> None:
    """The graph is what a rebuild makes of the vectors, to the last bit; the metadata too."""
    held = held_payloads(stores.vectors)
    ids, matrix = read_vectors(stores.vectors, FACTS, len(held))
    expected = link(ids, matrix, nearest_neighbors(matrix, k))
    found = stores.graph.edges()
    for part in fields(found):
        np.testing.assert_array_equal(getattr(found, part.name), getattr(expected.edges, part.name), part.name)
    np.testing.assert_array_equal(stores.graph.reach(), expected.reach)
    facts = stores.graph.stats().facts
    artworks = [Artwork.from_payload(one, payload) for one, payload in held.items()]
    assert facts is not None
    assert (facts.components, facts.metadata_mark) == (expected.components, mark_of(artworks))
    assert stores.graph.artworks(sorted(held)) == tuple(sorted(artworks, key=lambda one: one.id))


@pytest.fixture(scope="module", params=["embedded", "servers"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stores, Path]]:
    """Both stores, embedded and on servers; shared by a module, since hypothesis asks many times."""
    home = tmp_path_factory.mktemp("writing") / "home"
    if request.param == "embedded":
        with open_stores(read_settings(home=home)) as stores:
            yield stores, home
        return
    address = Address(servers.neo4j().uri, "neo4j", "", "neo4j", 10.0)
    client = QdrantClient(":memory:")
    with Neo4jGraph(address, "writing") as graph:
        yield Stores(QdrantVectors(client, "writing", ":memory:"), graph), home
    client.close()


def begin(opened: tuple[Stores, Path], numbers: list[int], vectors: Vectors) -> Writer:
    """Start again with these artworks."""
    stores, home = opened
    writer = Writer(stores, home)
    stores.vectors.delete(sorted(held_payloads(stores.vectors)))
    (home / "withheld.json").unlink(missing_ok=True)
    stores.vectors.prepare(FACTS)
    some = [artwork(number) for number in numbers]
    fresh = [replace(one, vector=vector_digest(one.id, v)) for one, v in zip(some, vectors[numbers], strict=True)]
    stores.vectors.upsert([one.id for one in fresh], vectors[numbers], [payload_of(one) for one in fresh])
    bring_up_to_date(stores.vectors, stores.graph, held_payloads(stores.vectors), K, Progress(quiet=True))
    return writer


def reload(opened: tuple[Stores, Path], numbers: list[int], vectors: Vectors) -> list[int]:
    """Load a list of these artworks with other vectors, and take out what was loaded before; return who is there."""
    stores, home = opened
    home.mkdir(exist_ok=True)
    (home / "list.csv").write_text("\n".join(["id,title", *(f"{n},Number {n}" for n in numbers)]), encoding="utf-8")
    np.savez(home / "v.npz", keys=np.array([str(n) for n in numbers]), vectors=vectors[numbers])
    request = LoadRequest(
        folder=None, source="made", metadata=home / "list.csv", vectors=home / "v.npz", embedder="made", k=K,
        prune=True, prune_limit=100, overwrite=True, readmit=("",),
    )  # fmt: skip
    report = load(request, stores.vectors, stores.graph, home, Progress(quiet=True))
    there = sorted(int(payload["key"]) for payload in held_payloads(stores.vectors).values())
    assert (report.artworks, report.withheld, report.quarantined) == (len(there), [], [])
    assert set(numbers) <= set(there)
    return there


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 1000), data=st.data())
def test_any_sequence_of_writes_ends_in_the_graph_of_a_rebuild(
    opened: tuple[Stores, Path], seed: int, data: st.DataObject
) -> None:
    vectors = made(60, seed)
    there = list(range(30))
    writer = begin(opened, there, vectors)
    for _ in range(data.draw(st.integers(1, 4), label="writes")):
        kind = data.draw(st.sampled_from(["add", "remove", "replace", "describe", "reload"]), label="kind")
        if kind == "add":
            some = data.draw(st.lists(st.integers(0, 59), min_size=1, max_size=5, unique=True))
            writer.put([artwork(number) for number in some], vectors[some], FACTS)
            there = sorted({*there, *some})
        elif kind == "remove":
            some = data.draw(st.lists(st.sampled_from(there), min_size=1, max_size=5, unique=True))
            writer.remove([artwork(number).id for number in some], "test")
            there = sorted({*there} - {*some})
        elif kind == "replace":
            some = data.draw(st.lists(st.sampled_from(there), min_size=1, max_size=3, unique=True))
            writer.put([artwork(number, "Anew") for number in some], made(len(some), seed + 1), FACTS)
        elif kind == "describe":
            writer.describe([artwork(data.draw(st.sampled_from(there)), "Another title")])
        else:
            some = data.draw(st.lists(st.integers(0, 59), min_size=20, unique=True), label="listed")
            there = reload(opened, some, made(60, seed + 2))
            writer = Writer(*opened)
        follows(opened[0])


def test_too_few_artworks_for_lists_are_linked_all_the_same(opened: tuple[Stores, Path]) -> None:
    vectors = made(20)
    writer = begin(opened, [0, 1], vectors)
    for number in range(2, 9):
        writer.put([artwork(number)], vectors[[number]], FACTS)
        follows(opened[0])
    for number in range(8):
        writer.remove([artwork(number).id], "test")
        follows(opened[0])


def test_one_artwork_touches_only_what_is_near(opened: tuple[Stores, Path]) -> None:
    stores, _ = opened
    vectors = made(60)
    writer = begin(opened, list(range(59)), vectors)
    before = stores.graph.stats().version
    assert writer.put([artwork(59)], vectors[[59]], FACTS) == before + 1
    assert writer.put([artwork(59)], vectors[[59]], FACTS) == before + 2
    follows(stores)


def test_another_embedders_vectors_are_refused_and_nothing_changes(opened: tuple[Stores, Path]) -> None:
    stores, _ = opened
    writer = begin(opened, list(range(20)), made(20))
    before = stores.graph.stats()
    with pytest.raises(Mismatch):
        writer.put([artwork(50)], made(1), replace(FACTS, name="another"))
    assert stores.graph.stats() == before
    writer.put([artwork(50)], made(1, 5), FACTS)
    follows(stores)


def test_what_is_not_there_cannot_be_taken_down_or_described(opened: tuple[Stores, Path]) -> None:
    stores, home = opened
    writer = begin(opened, list(range(20)), made(20))
    with pytest.raises(NotFound):
        writer.remove([artwork(3).id, artwork(99).id], "test")
    with pytest.raises(NotFound):
        writer.describe([artwork(99)])
    assert not Withheld(home).entries()
    assert stores.clean
    follows(stores)


def test_a_write_sees_what_another_writer_did(opened: tuple[Stores, Path]) -> None:
    vectors = made(40)
    first = begin(opened, list(range(20)), vectors)
    second = Writer(*opened)
    for number in range(20, 30):
        (first if number % 2 else second).put([artwork(number)], vectors[[number]], FACTS)
    follows(opened[0])


def test_a_write_that_ended_after_the_vectors_is_finished(opened: tuple[Stores, Path]) -> None:
    stores, home = opened
    vectors = made(40)
    begin(opened, list(range(20)), vectors)
    fresh = replace(artwork(30), vector=vector_digest(artwork(30).id, vectors[30]))
    stores.vectors.upsert([fresh.id], vectors[[30]], [payload_of(fresh)])
    Writer(stores, home).finish()
    assert stores.graph.artworks([fresh.id]) == (fresh,)
    follows(stores)


def test_a_removal_that_ended_after_the_list_is_finished(opened: tuple[Stores, Path]) -> None:
    stores, home = opened
    begin(opened, list(range(20)), made(20))
    Withheld(home).add([artwork(7).id], "test")
    Writer(stores, home).finish()
    with pytest.raises(NotFound):
        stores.graph.artworks([artwork(7).id])
    with pytest.raises(NotFound):
        stores.vectors.get([artwork(7).id])
    follows(stores)


def loaded(demo: Path, settings: Settings, stores: Stores, **asked: object) -> dict[str, object]:
    """Load the gallery; return the report."""
    request = LoadRequest(folder=demo, source="artworks", **asked)  # type: ignore[arg-type]  # readmit alone
    return load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True)).to_json()


def test_a_take_down_holds_until_it_is_readmitted(demo: Path, settings: Settings, stores: Stores) -> None:
    loaded(demo, settings, stores)
    page = stores.graph.find(Search(limit=3))
    ids = [one.id for one in page.artworks]
    removed = Writer(stores, settings.home).remove(ids, "anna")
    assert len(removed.pictures) == 2 * len(ids)
    for one in page.artworks:
        assert not picture_path(settings.images, one.content_hash, "thumb").exists()
        assert not stores.graph.find(Search(key=one.key)).artworks
    report = loaded(demo, settings, stores)
    assert (report["added"], report["withheld"]) == (0, sorted(one.key for one in page.artworks))
    assert {entry["by"] for entry in Withheld(settings.home).entries().values()} == {"anna"}
    with pytest.raises(Refused, match="key:nothing"):
        loaded(demo, settings, stores, readmit=("key:nothing",))
    report = loaded(demo, settings, stores, readmit=(f"key:{page.artworks[0].key}",))
    assert (report["added"], len(list(report["withheld"]))) == (1, 2)  # type: ignore[call-overload]
    report = loaded(demo, settings, stores, readmit=("",))
    assert (report["added"], report["withheld"], report["artworks"]) == (2, [], 85)
    assert stores.graph.artworks(ids) == tuple(page.artworks)


def test_a_picture_that_another_artwork_shows_stays(demo: Path, settings: Settings, stores: Stores) -> None:
    loaded(demo, settings, stores)
    writer = Writer(stores, settings.home)
    one, facts = stores.graph.find(Search(limit=1)).artworks[0], stores.vectors.stats().facts
    assert facts is not None
    copy = replace(one, id=artwork_id("artworks", "copy"), key="copy")
    writer.put([copy], stores.vectors.get([one.id]).vectors, facts)
    assert writer.remove([one.id], "test").pictures == ()
    assert picture_path(settings.images, one.content_hash, "thumb").exists()
    assert len(writer.remove([copy.id], "test").pictures) == 2
    assert not picture_path(settings.images, one.content_hash, "thumb").exists()


def test_pictures_that_an_interrupted_write_left_are_cleared(demo: Path, settings: Settings) -> None:
    with open_to_serve(settings) as stores:
        loaded(demo, settings, stores)
        before = set(written_pictures(settings.images))
        orphan, half = (picture_path(settings.images, f"{digit}" * 64, "thumb") for digit in "ab")
        orphan.parent.mkdir(exist_ok=True)
        half.parent.mkdir(exist_ok=True)
        orphan.write_bytes(b"x")
        half.with_suffix(".123").write_bytes(b"x")
        (settings.home / "withheld.json.123").write_bytes(b"{")
        writer = Writer(stores, settings.home)
        writer.finish()
        assert orphan.exists()
        with pytest.raises(ZeroDivisionError), stores.writing():
            raise ZeroDivisionError
        writer.finish()
        assert set(written_pictures(settings.images)) == before
        assert not half.with_suffix(".123").exists()
        assert not (settings.home / "withheld.json.123").exists()


def test_lost_vectors_take_no_picture_and_no_artwork_along(demo: Path, settings: Settings) -> None:
    with open_to_serve(settings) as stores:
        loaded(demo, settings, stores)
        facts = stores.vectors.stats().facts
        assert facts is not None
    shutil.rmtree(settings.home / "vectors")
    before = set(written_pictures(settings.images))
    with open_to_serve(settings) as stores:
        writer, seen = Writer(stores, settings.home), stores.graph.stats()
        writer.finish()
        with pytest.raises(ZeroDivisionError), stores.writing():
            raise ZeroDivisionError
        writer.finish()
        vector = np.eye(1, facts.dimension, dtype=np.float32)
        with pytest.raises(Unavailable, match="vectors are lost"):
            writer.put([artwork(1)], vector, facts)
        assert stores.graph.stats() == seen
    assert set(written_pictures(settings.images)) == before


def test_a_damaged_list_of_what_is_withheld_is_named(tmp_path: Path) -> None:
    (tmp_path / "withheld.json").write_text('["x"]')
    with pytest.raises(Mismatch, match="taken down"):
        Withheld(tmp_path).entries()
