"""Damage of every kind, done on purpose: named by its own kind, mended, and nothing else touched."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as lasting
from hypothesis import strategies as st

from loaders.pipeline import load, relink
from loaders.progress import Progress
from loaders.request import LoadRequest
from loaders.writing import Writer
from stores.connect import open_stores, open_to_serve
from stores.disagreements import BY_HAND, KINDS
from stores.errors import Refused, Unavailable
from stores.qdrant_edge import EdgeVectors
from stores.records import GraphDelta, Search
from stores.settings import read_settings
from tests import damage
from tests.checked import copied, everything, kinds, loaded, looked_at, opened, sql, touched, unmarked, watched
from tests.conftest import ROOT
from tests.damage import FOR_A_LOAD, SEEDS


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    """A healthy home that may be damaged."""
    return copied(demo_home, tmp_path / "home")


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose 40 artworks are in four clusters, so that its graph needs bridges."""
    folder = tmp_path_factory.mktemp("clusters")
    rng = np.random.default_rng(2)
    vectors = np.repeat(np.eye(4, 8), 10, axis=0) + 0.05 * rng.normal(size=(40, 8))
    np.savez(folder / "mine.npz", keys=np.array([f"{row:02}" for row in range(40)]), vectors=vectors)
    request = LoadRequest(folder=None, vectors=folder / "mine.npz", embedder="mine", source="artworks", k=4)
    with opened(folder / "home") as on:
        load(request, on.vectors, on.graph, on.home, Progress(quiet=True))
    return folder / "home"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of whatever is written to the vector store, or taken out."""
    ids: list[str] = []
    for name in ("upsert", "delete"):
        real: Callable[..., None] = getattr(EdgeVectors, name)

        def note(self: EdgeVectors, some: Any, *rest: Any, real: Callable[..., None] = real) -> None:
            ids.extend(map(str, some))
            real(self, some, *rest)

        monkeypatch.setattr(EdgeVectors, name, note)
    return ids


def test_a_healthy_home_agrees_and_nothing_is_written(home: Path, written: list[str]) -> None:
    before = everything(home)
    with opened(home) as on:
        stats = on.graph.stats()
    watched(home)
    checkup = looked_at(home, repair=True)
    assert (kinds(checkup), checkup.left, checkup.pictures) == ([], (), 170)
    assert (checkup.artworks, checkup.edges, checkup.version) == (stats.artworks, stats.edges, stats.version)
    with opened(home) as on:
        assert on.graph.stats() == stats
    assert everything(home) == before
    assert (touched(home), written) == (set(), [])


@pytest.mark.parametrize("name", SEEDS)
def test_damage_is_named_mended_and_nothing_else_touched(home: Path, written: list[str], name: str) -> None:
    kind, seed = SEEDS[name]
    before = everything(home)
    with opened(home) as on:
        edges = on.graph.edges()
        named = seed(on)
    watched(home)
    written.clear()
    damaged = {path: path.stat().st_mtime_ns for path in (home / "images").rglob("*.jpg")}
    found = looked_at(home)
    assert kinds(found) == [kind]
    assert named in found.found[0].what if named else not found.found[0].what
    assert (touched(home), written) == (set(), [])
    assert {path: path.stat().st_mtime_ns for path in (home / "images").rglob("*.jpg")} == damaged
    mended = looked_at(home, repair=True)
    assert (kinds(mended), mended.left) == ([kind], ())
    assert kinds(looked_at(home)) == []
    assert unmarked(everything(home), name) == unmarked(before, name)
    about = {end for what in found.found[0].what for end in what.split()}
    beside = np.isin(edges.ids[edges.a], list(about)) | np.isin(edges.ids[edges.b], list(about))
    assert touched(home) <= {*about, *edges.ids[edges.a[beside]].tolist(), *edges.ids[edges.b[beside]].tolist()}
    assert set(written) <= about


@pytest.mark.parametrize("name", FOR_A_LOAD)
def test_damage_that_only_a_load_can_mend_is_mended_by_one(home: Path, demo: Path, name: str) -> None:
    kind, seed = FOR_A_LOAD[name]
    before = everything(home)
    with opened(home) as on:
        named = seed(on)
        version = on.graph.stats().version
    found = looked_at(home)
    assert (kinds(found), found.found[0].what) == ([kind], (named,))
    mended = looked_at(home, repair=True)
    assert [one.kind for one in mended.left] == [kind]
    again = looked_at(home, repair=True)
    assert kinds(again) == (["missing-picture"] if kind == "unreadable-picture" else [kind])
    assert again.version == version
    loaded(home, demo)
    assert kinds(looked_at(home)) == []
    vectors, graph, pictures, facts = everything(home)
    assert (vectors, graph, facts) == (before[0], before[1], before[3])
    assert {one: data for one, (data, _) in pictures.items()} == {one: data for one, (data, _) in before[2].items()}
    moved = [one for one in pictures if pictures[one][1] != before[2][one][1]]
    assert len(moved) == (1 if "picture" in kind else 0)


def test_a_vector_without_a_number_is_named_and_embedded_again(home: Path, demo: Path) -> None:
    before = everything(home)
    with opened(home) as on:
        named = on.set_vector(8, lambda vectors: np.where(np.arange(vectors.shape[1]) == 3, np.nan, vectors))
    assert [(one.kind, one.what) for one in looked_at(home, repair=True).found] == [("bad-vector", (named,))]
    loaded(home, demo)
    assert kinds(looked_at(home)) == []
    assert everything(home) == before


def test_a_vector_that_is_asked_for_again_is_asked_for_after_a_new_title_too(home: Path, demo: Path) -> None:
    with opened(home) as on:
        named = damage.damaged_vector(on)
    looked_at(home, repair=True)
    with open_stores(read_settings(home=home)) as stores:
        Writer(stores, home).describe([replace(stores.graph.artworks([named])[0], title="Corrected")])
    assert kinds(looked_at(home)) == ["damaged-vector"]
    loaded(home, demo)
    assert kinds(looked_at(home)) == []


def test_what_follows_from_a_lost_vector_is_named_and_mended(home: Path, demo: Path) -> None:
    before = everything(home)
    with opened(home) as on:
        lost = on.artwork(17)
        on.vectors.delete([lost.id])
    found = looked_at(home)
    assert found.found[0].kind == "orphan-node"
    assert found.found[0].what == (lost.id,)
    assert set(kinds(found)) <= {"orphan-node", "stale-list", "lost-edge", "extra-edge", "wrong-reach", "wrong-weight"}
    assert looked_at(home, repair=True).left == ()
    assert kinds(looked_at(home)) == []
    assert not list((home / "images").rglob(f"{lost.content_hash}*"))
    loaded(home, demo)
    assert kinds(looked_at(home)) == []
    vectors, graph, _, facts = everything(home)
    assert (vectors, graph, facts) == (before[0], before[1], before[3])


def test_a_write_that_was_interrupted_before_the_graph_is_finished(home: Path) -> None:
    with opened(home) as on:
        on.set_payload(8, title="Corrected")
    found = looked_at(home)
    assert kinds(found) == ["stale-metadata"]
    assert looked_at(home, repair=True).left == ()
    with opened(home) as on:
        assert on.graph.find(Search(text="corrected")).total == 1
    assert kinds(looked_at(home)) == []


def test_what_was_taken_down_is_taken_out(home: Path, demo: Path) -> None:
    with opened(home) as on:
        named = damage.withheld(on)
        content = on.graph.artworks([named])[0].content_hash
    found = looked_at(home)
    assert [(one.kind, one.what) for one in found.found] == [("withheld", (named,))]
    assert looked_at(home, repair=True).left == ()
    vectors, graph, pictures, _ = everything(home)
    assert named not in vectors
    assert named not in graph
    assert not [one for one in pictures if content in one]
    loaded(home, demo)
    assert kinds(looked_at(home)) == []
    with opened(home) as on:
        assert on.graph.stats().artworks == 84


def test_a_lost_bridge_and_a_false_one_are_told_from_edges(clusters: Path, tmp_path: Path) -> None:
    home = copied(clusters, tmp_path / "home")
    assert kinds(looked_at(home)) == []
    before = everything(home)
    assert before[3].components == 4
    for seed, kind in ((damage.lost_bridge, "lost-bridge"), (damage.false_bridge, "false-bridge")):
        with opened(home) as on:
            named = seed(on)
        found = looked_at(home, repair=True)
        assert [(one.kind, one.what) for one in found.found] == [(kind, (named,))]
        assert everything(home) == before


def test_a_bridge_that_is_no_longer_called_one_is_lost(clusters: Path, tmp_path: Path) -> None:
    home = copied(clusters, tmp_path / "home")
    with opened(home) as on:
        named = on.write_edge(int(np.flatnonzero(on.graph.edges().bridge)[0]), bridge=False)
    assert [(one.kind, one.what) for one in looked_at(home, repair=True).found] == [("lost-bridge", (named,))]
    assert kinds(looked_at(home)) == []


def test_a_lost_graph_is_made_again(home: Path) -> None:
    before = everything(home)
    (home / "graph.sqlite").unlink()
    found = looked_at(home, repair=True)
    assert (kinds(found), found.left) == (["empty-graph"], ())
    assert everything(home) == before


def test_a_graph_without_an_artwork_is_filled(home: Path) -> None:
    before = everything(home)
    with opened(home) as on:
        damage.empty_graph(on)
    assert kinds(looked_at(home, repair=True)) == ["missing-node"]
    assert everything(home) == before


def test_a_graph_is_not_emptied_because_the_vectors_are_gone(home: Path, demo: Path) -> None:
    with opened(home) as on:
        on.vectors.delete(on.graph.edges().ids.tolist())
        stats = on.graph.stats()
    pictures = everything(home)[2]
    found = looked_at(home, repair=True)
    assert (kinds(found), len(found.left)) == (["lost-vectors"], 1)
    with opened(home) as on:
        assert on.graph.stats() == stats
    assert everything(home)[2] == pictures
    loaded(home, demo)
    assert kinds(looked_at(home)) == []


def test_a_payload_that_nobody_can_restore_is_for_a_load(home: Path, demo: Path) -> None:
    before = everything(home)
    with opened(home) as on:
        named = damage.malformed_payload(on)
        on.graph.apply(GraphDelta(on.facts, removed=(named,)))
    found = looked_at(home, repair=True)
    assert [(one.kind, one.what) for one in found.left] == [("malformed-payload", (named,))]
    loaded(home, demo)
    assert looked_at(home, repair=True).left == ()
    assert everything(home) == before


def test_everything_at_once_is_mended_by_a_repair_a_load_and_a_repair(home: Path, demo: Path) -> None:
    before = everything(home)
    with opened(home) as on:
        for kind, seed in [*SEEDS.values(), *FOR_A_LOAD.values()]:
            if kind not in ("malformed-payload", "wrong-vector-digest", "bad-vector"):  # the same artwork as another
                seed(on)
    sql(home, "DELETE FROM facets WHERE n = 50")
    first = looked_at(home, repair=True)
    assert {"damaged-vector", "stale-metadata", "missing-picture", "orphan-node", "lost-search"} <= set(kinds(first))
    assert {one.kind for one in first.left} <= {"orphan-node", "missing-node", "stale-vector", *BY_HAND}
    loaded(home, demo)
    assert looked_at(home, repair=True).left == ()
    assert kinds(looked_at(home)) == []
    vectors, graph, pictures, facts = everything(home)
    assert (vectors, graph, facts) == (before[0], before[1], before[3])
    assert {one: data for one, (data, _) in pictures.items()} == {one: data for one, (data, _) in before[2].items()}


@lasting(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.sampled_from(sorted(set(SEEDS) - {"wrong_vector_digest"})), min_size=2, max_size=5, unique=True)
)
def test_any_damage_in_any_order_is_mended(
    demo_home: Path, tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    home = copied(demo_home, tmp_path_factory.mktemp("any") / "home")
    before = everything(home)
    with opened(home) as on:
        for name in names:
            SEEDS[name][1](on)
    assert looked_at(home, repair=True).left == ()
    assert kinds(looked_at(home)) == []
    assert unmarked(everything(home), "malformed_payload") == unmarked(before, "malformed_payload")
    shutil.rmtree(home)


def test_an_empty_home_agrees(tmp_path: Path) -> None:
    found = looked_at(tmp_path / "home", repair=True)
    assert (kinds(found), found.artworks) == ([], 0)


def test_a_start_does_not_throw_away_what_is_left_of_lost_vectors(home: Path) -> None:
    with open_stores(read_settings(home=home)) as stores:
        stores.vectors.delete(stores.graph.edges().ids.tolist())
        Writer(stores, home).finish()
        assert stores.graph.stats().artworks == 85
    assert len(list((home / "images").rglob("*.jpg"))) == 170


def test_every_kind_is_in_the_documents() -> None:
    text = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    assert {kind for kind in KINDS if f"`{kind}`" not in text} == set()


def test_a_graph_is_not_thinned_out_because_many_vectors_are_gone(home: Path, demo: Path) -> None:
    before = everything(home)
    with opened(home) as on:
        lost = sorted(on.graph.edges().ids.tolist())[:40]
        on.vectors.delete(lost)
        stats = on.graph.stats()
    found = looked_at(home, repair=True)
    assert [(one.kind, one.what) for one in found.left] == [("lost-vectors", tuple(lost))]
    with open_to_serve(read_settings(home=home)) as stores:
        Writer(stores, home).finish()
        assert stores.graph.stats() == stats
        with pytest.raises(Unavailable, match="vectors are lost"):
            Writer(stores, home).remove([stores.graph.edges().ids.tolist()[60]], "test")
        other = LoadRequest(folder=demo, source="another", limit=30)
        with pytest.raises(Refused, match="vectors are lost"):
            load(other, stores.vectors, stores.graph, home, Progress(quiet=True))
        assert stores.graph.stats() == stats
    assert everything(home)[2].keys() >= before[2].keys()
    loaded(home, demo)
    assert set(everything(home)[1]) >= set(lost)


def test_relink_goes_on_without_lost_vectors(home: Path) -> None:
    with opened(home) as on:
        on.vectors.delete(sorted(on.graph.edges().ids.tolist())[:40])
        assert relink(on.vectors, on.graph, None, Progress(quiet=True))
    assert kinds(looked_at(home, repair=True)) == ["orphan-picture"]
