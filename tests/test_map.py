"""The map: where artworks lie, how it goes on from what there was, and where newcomers lie meanwhile."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from loaders.layout import MapReport, Task, arrange, keep, read_task
from loaders.links import link
from loaders.neighbors import nearest_neighbors
from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from loaders.writing import Writer
from stores.angles import unit
from stores.connect import Stores, open_stores
from stores.errors import Unavailable
from stores.maps import NAME, Map, MapFile, forget, read_map, write_map
from stores.placing import place
from stores.records import Edges, Vectors
from stores.settings import Settings, read_settings
from tests import kept
from tests.checked import copied
from tests.made import made_id, made_ids, made_vectors
from tests.serving import serving
from tests.test_cli import one_line, run


def mapped(stores: Stores, home: Path, *, anew: bool = False) -> MapReport:
    """Bring the map of a home to its graph."""
    progress = Progress(quiet=True)
    task = read_task(stores.vectors, stores.graph, home, progress, anew=anew)
    if isinstance(task, MapReport):
        return task
    found, report = arrange(task, progress)
    keep(found, stores.graph, home)
    return report


def the_map(home: Path) -> Map:
    """The map of a home that has one."""
    found = read_map(home)
    assert found is not None
    return found


def linked(vectors: Vectors, k: int = 5) -> Edges:
    """The graph of some vectors."""
    return link(made_ids(len(vectors)), vectors, nearest_neighbors(vectors, k)).edges


def clusters(count: int, each: int) -> Vectors:
    """Some clusters of vectors, far from each other."""
    rng = np.random.default_rng(3)
    return unit((np.repeat(np.eye(count, 16), each, axis=0) + 0.05 * rng.normal(size=(count * each, 16))).astype("f4"))


def arranged(vectors: Vectors, k: int = 5) -> Map:
    """The map of some vectors, begun anew."""
    edges = linked(vectors, k)
    nowhere, none = np.zeros((len(vectors), 2), dtype=np.float32), np.zeros(len(vectors), dtype=np.bool_)
    return arrange(Task("digest", edges, vectors, nowhere, none, 1.0, 0), Progress(quiet=True))[0]


def nearest_in(places: np.ndarray, k: int) -> np.ndarray:
    """Rows of the k nearest of each place."""
    apart = np.hypot(*(places[:, None] - places[None]).T)
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1)[:, :k]


def test_artworks_that_look_alike_lie_together(tmp_path: Path) -> None:
    found = arranged(clusters(5, 40))
    write_map(tmp_path, found)
    same = the_map(tmp_path)
    assert same.places.dtype == np.float32
    assert (same.places.min(), same.places.max()) == (0.0, 1.0)
    assert (np.array_equal(same.ids, found.ids), same.digest, same.side) == (True, "digest", found.side)
    own = np.repeat(np.arange(5), 40)
    assert np.mean(own[nearest_in(same.places, 5)] == own[:, None]) > 0.99


def test_the_same_graph_gives_the_same_map_to_the_last_bit() -> None:
    vectors = made_vectors(120)
    assert arranged(vectors).to_bytes() == arranged(vectors).to_bytes()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 12])
@pytest.mark.parametrize("alike", [True, False])
def test_the_very_few_have_places_too(count: int, alike: bool) -> None:  # noqa: FBT001 -- a parameter
    vectors = np.repeat(made_vectors(1), count, axis=0) if alike else made_vectors(count)
    places = arranged(vectors).places
    assert places.shape == (count, 2)
    assert ((places >= 0) & (places <= 1)).all()
    assert len(np.unique(places, axis=0)) >= (min(count, 2) if alike else count)


def test_a_hundred_copies_of_one_picture_do_not_break_the_map() -> None:
    places = arranged(np.concatenate([np.repeat(made_vectors(1), 100, axis=0), made_vectors(50, seed=4)])).places
    assert np.isfinite(places).all()


def test_vectors_of_one_number_have_a_map() -> None:
    assert arranged(np.repeat(np.array([[1], [-1]], dtype=np.float32), 10, axis=0)).places.shape == (20, 2)


def test_no_component_drifts_away_from_the_others() -> None:
    places = arranged(clusters(4, 30), k=4).places
    centres = places.reshape(4, 30, 2).mean(axis=1)
    spread = np.hypot(*(places.reshape(4, 30, 2) - centres[:, None]).reshape(-1, 2).T).mean()
    assert np.hypot(*(centres[:, None] - centres[None]).reshape(-1, 2).T).max() < 40 * spread


def test_nothing_is_done_for_an_unchanged_graph(stores: Stores, settings: Settings) -> None:
    kept.fill(stores, settings.home, 80)
    first = mapped(stores, settings.home)
    assert (first.artworks, first.added, first.removed, first.changed, first.anew) == (80, 80, 0, True, True)
    before = (settings.home / NAME).stat().st_mtime_ns
    again = mapped(stores, settings.home)
    assert (again.changed, again.added) == (False, 0)
    assert (settings.home / NAME).stat().st_mtime_ns == before
    assert mapped(stores, settings.home, anew=True).anew


def test_a_changed_graph_goes_on_from_the_old_places(stores: Stores, settings: Settings) -> None:
    kept.fill(stores, settings.home, 200)
    mapped(stores, settings.home)
    before = the_map(settings.home)
    writer = Writer(stores, settings.home)
    writer.remove(before.ids[:3].tolist(), "a test")
    writer.put([kept.painted(900, settings.home)], made_vectors(1, kept.FACTS.dimension, 9), kept.FACTS)
    report = mapped(stores, settings.home)
    assert (report.artworks, report.added, report.anew) == (198, 1, False)
    assert report.moved is not None
    after = the_map(settings.home)
    _, old, new = np.intersect1d(before.ids, after.ids, return_indices=True)
    went_on = np.hypot(*(before.places[old] - after.places[new]).T)
    mapped(stores, settings.home, anew=True)
    fresh = np.hypot(*(before.places[old] - the_map(settings.home).places[new]).T)
    assert np.median(went_on) == pytest.approx(report.moved)
    assert np.median(went_on) < np.median(fresh) / 2


def test_where_most_is_new_the_map_begins_anew(stores: Stores, settings: Settings) -> None:
    kept.fill(stores, settings.home, 40)
    mapped(stores, settings.home)
    kept.fill(stores, settings.home, 200)
    assert mapped(stores, settings.home).anew


def test_nothing_loaded_has_no_map(stores: Stores, settings: Settings) -> None:
    with pytest.raises(Unavailable, match="xdegrees load"):
        mapped(stores, settings.home)


def test_what_was_taken_down_while_the_map_was_computed_is_not_on_it(stores: Stores, settings: Settings) -> None:
    artworks = kept.fill(stores, settings.home, 60)
    progress = Progress(quiet=True)
    task = read_task(stores.vectors, stores.graph, settings.home, progress, anew=False)
    assert isinstance(task, Task)
    Writer(stores, settings.home).remove([artworks[7].id], "a test")
    keep(arrange(task, progress)[0], stores.graph, settings.home)
    assert artworks[7].id not in the_map(settings.home).ids
    assert len(the_map(settings.home).ids) == 59


def test_a_newcomer_lies_where_most_of_its_nearest_lie() -> None:
    edges = linked(clusters(3, 20))
    ids = edges.ids
    places = np.repeat(np.array([[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]], dtype=np.float32), 20, axis=0)
    known = Map(np.delete(ids, 25), np.delete(places, 25, axis=0), "", 1.0)
    found, said = place(known, edges)
    assert np.flatnonzero(~said).tolist() == [25]
    assert found[25] == pytest.approx([0.9, 0.1])
    assert np.array_equal(np.delete(found, 25, axis=0), known.places)


def star(weights: dict[int, float], count: int) -> Edges:
    """A graph in which artwork 0 is joined to some others."""
    edges = linked(made_vectors(count))
    ends = np.array(sorted(weights))
    none = np.zeros(len(ends), dtype=np.int64)
    values = np.array([weights[int(end)] for end in ends])
    return Edges(edges.ids, none, ends, values, values, none + 1, none + 1, none.astype(np.bool_))


def test_one_neighbour_far_off_does_not_draw_a_newcomer_away() -> None:
    around = np.array([[0.2, 0.2], [0.22, 0.2], [0.2, 0.22], [0.22, 0.22], [1.0, 1.0]], dtype=np.float32)
    edges = star(dict.fromkeys(range(1, 6), 1.0), 6)
    found, _ = place(Map(edges.ids[1:], around, "", 1.0), edges)
    assert np.hypot(*(found[0] - [0.21, 0.21])) < 0.02


def test_a_nearer_neighbour_counts_for_more() -> None:
    edges = star({1: 0.2, 2: 1.0}, 3)
    found, _ = place(Map(edges.ids[1:], np.array([[0.1, 0.1], [0.9, 0.9]], dtype=np.float32), "", 1.0), edges)
    assert found[0] == pytest.approx([0.1, 0.1])


def test_newcomers_among_newcomers_follow_in_turn_and_strangers_lie_in_the_middle() -> None:
    edges = linked(made_vectors(5))
    chain, none = np.arange(3), np.zeros(3, dtype=np.int64)
    weight = np.ones(3)
    path = Edges(edges.ids, chain, chain + 1, weight, weight, none + 1, none + 1, none.astype(np.bool_))
    found, said = place(Map(edges.ids[:1], np.array([[0.3, 0.7]], dtype=np.float32), "", 1.0), path)
    assert said.tolist() == [True, False, False, False, False]
    assert found[:4] == pytest.approx(np.tile([0.3, 0.7], (4, 1)))
    assert found[4].tolist() == [0.5, 0.5]
    nobody, said = place(Map(edges.ids[:0], np.zeros((0, 2), dtype=np.float32), "", 1.0), path)
    assert (nobody == 0.5).all()
    assert not said.any()


def test_a_replaced_picture_is_placed_among_its_new_neighbours(stores: Stores, settings: Settings) -> None:
    kept.fill(stores, settings.home, 60)
    mapped(stores, settings.home)
    again = kept.painted(5, settings.home, content="another")
    Writer(stores, settings.home).put([again], made_vectors(1, kept.FACTS.dimension, 77), kept.FACTS)
    assert again.id not in the_map(settings.home).ids
    assert len(the_map(settings.home).ids) == 59


def test_a_load_that_changes_or_prunes_takes_places_away(demo: Path, demo_home: Path, tmp_path: Path) -> None:
    home, folder = copied(demo_home, tmp_path / "home"), Path(shutil.copytree(demo, tmp_path / "pictures"))
    with open_stores(read_settings(home=home)) as stores:
        mapped(stores, home)
        shutil.copy(folder / "waves-0002.jpg", folder / "trees-0001.jpg")
        (folder / "stripes-0001.jpg").unlink()
        request = LoadRequest(folder, "artworks", prune=True)
        report = load(request, stores.vectors, stores.graph, home, Progress(quiet=True))
    assert (report.image_changed, report.pruned, len(the_map(home).ids)) == (1, 1, 83)


def test_what_another_process_computes_is_seen(tmp_path: Path) -> None:
    file, first = MapFile(tmp_path), arranged(made_vectors(10))
    assert (file.current(), file.there()) == (None, False)
    write_map(tmp_path, first)
    seen = file.current()
    assert seen is not None
    assert seen is file.current()
    forget(tmp_path, [made_id(3), made_id(4711)])
    left = file.current()
    assert left is not None
    assert left.ids.tolist() == [made_id(row) for row in range(10) if row != 3]
    (tmp_path / NAME).unlink()
    assert file.current() is None


def test_the_command_computes_goes_on_and_finds_nothing_to_do(demo_home: Path, tmp_path: Path) -> None:
    home = copied(demo_home, tmp_path / "home")
    first = run("map", "--home", str(home), cwd=tmp_path).stdout
    assert first.startswith("85 artworks on the map: 85 new, 0 gone\n")
    assert "nothing to do" in run("map", "--home", str(home), cwd=tmp_path).stdout
    run("remove", "key:trees-0001.jpg", "--home", str(home), cwd=tmp_path)
    body = json.loads(run("map", "--json", "--home", str(home), cwd=tmp_path).stdout)
    assert (body["artworks"], body["added"], body["changed"], body["anew"]) == (84, 0, True, False)
    assert json.loads(run("map", "--anew", "--json", "--home", str(home), cwd=tmp_path).stdout)["anew"]
    assert "xdegrees load" in one_line(run("map", "--home", "nowhere", cwd=tmp_path, code=6))
    assert not (tmp_path / "nowhere").exists()


def test_a_running_server_shows_a_new_map_at_once(demo_home: Path, tmp_path: Path) -> None:
    home = copied(demo_home, tmp_path / "home")
    with serving(home) as served:
        assert served.ask("/api/v1/graph")["capabilities"]["map"] is False
        done = served.run("map")
        assert done.returncode == 0, done.stderr
        assert served.ask("/api/v1/graph")["capabilities"]["map"] is True
        assert len(served.ask("/api/v1/map")["ids"]) == 85
        assert served.run("remove", "key:trees-0001.jpg").returncode == 0
        assert len(served.ask("/api/v1/map")["ids"]) == 84
