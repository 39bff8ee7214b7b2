"""Collections full of near-duplicates and views of one object: paths are found, good ones, and soon."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from service.paths import lattice as lattices
from service.paths.find import find_path
from service.paths.lattice import FEWEST_TRIES, Lattice, build, even_way
from service.paths.layers import smallest_largest
from service.paths.records import Question
from service.paths.space import Places, Space
from stores.angles import angle, unit
from stores.connect import Stores, open_stores
from stores.errors import NoPath
from stores.records import PathQuery, Search, Vectors, Where
from stores.settings import read_settings
from tests.made import made_ids, made_vectors

NEAR = 0.15


def grouped(groups: int, each: int, *, objects: bool = False) -> Places:
    """Groups of near-duplicates in 32 dimensions, or of views of one object that look less alike."""
    rng, rows = np.random.default_rng(7), groups * each
    noise = rng.normal(size=(rows, 32)) / np.sqrt(32)
    vectors = unit(np.repeat(made_vectors(groups, 32, 7), each, axis=0) + (0.6 if objects else 0.06) * noise)
    names = tuple(f"object {row // each}" if objects else "" for row in range(rows))
    return Places(made_ids(rows), vectors, rng.uniform(0.6, 0.9, rows), names)


def laid_out(places: Places) -> Lattice:
    """All of them as candidates from the first to the last."""
    rows = np.arange(len(places))
    ends = [places.take(rows[:1]), places.take(rows[-1:])]
    return build(ends, [places.take(rows[1:-1])], NEAR)


@pytest.mark.parametrize(
    ("groups", "each", "objects", "images"),
    [(60, 10, False, 20), (75, 8, False, 13), (200, 3, False, 20), (120, 5, True, 20), (60, 10, False, 50)],
)
def test_a_crowd_is_passed_in_few_tries_and_nearly_as_evenly_as_can_be(
    monkeypatch: pytest.MonkeyPatch, *, groups: int, each: int, objects: bool, images: int
) -> None:
    places = grouped(groups, each, objects=objects)
    lattice, nothing = laid_out(places), np.zeros(len(places), dtype=np.bool_)
    tried: list[None] = []

    def counted(*given: object) -> float:
        tried.append(None)
        return smallest_largest(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(lattices, "smallest_largest", counted)
    monkeypatch.setattr(lattices, "WORK", 1)
    rows = even_way(lattice, images, nothing)
    assert rows is not None
    assert len(tried) <= 2 * FEWEST_TRIES + 3
    assert len(set(rows)) == images
    assert not any(lattice.clash[pair] for pair in combinations(rows, 2))
    one_of_each = ~np.isin(lattice.places.ids, [places.ids[row] for row in (*range(0, len(places), each), -1)])
    simple = smallest_largest(lattice.weights, lattice.last, lattice.closed | one_of_each, images)
    assert max(float(lattice.weights[pair]) for pair in pairwise(rows)) <= simple


def test_there_is_a_way_wherever_one_of_each_group_is_enough() -> None:
    lattice, nothing = laid_out(grouped(12, 30)), np.zeros(360, dtype=np.bool_)
    rows = even_way(lattice, 12, nothing)
    assert rows is not None
    assert {int(str(one)[:8], 16) // 30 for one in lattice.places.ids[rows]} == set(range(12))
    assert even_way(lattice, 13, nothing) is None


def rewrite(folder: Path, stores: Stores, objects: Sequence[str]) -> None:
    """Load the collection, or only what has changed of it: the object of each artwork."""
    rows = [f"{row:05},{name}" for row, name in enumerate(objects)]
    (folder / "m.csv").write_text("\n".join(["id,object_id", *rows]), encoding="utf-8")
    request = LoadRequest(
        folder=None, source="a", metadata=folder / "m.csv", vectors=folder / "v.npz", embedder="theirs", k=8
    )
    load(request, stores.vectors, stores.graph, folder / "home", Progress(quiet=True))


@contextmanager
def loaded(folder: Path, vectors: Vectors, objects: Sequence[str]) -> Iterator[tuple[Stores, list[str]]]:
    """A collection of these vectors, and the ids of its artworks, row by row."""
    keys = [f"{row:05}" for row in range(len(vectors))]
    np.savez(folder / "v.npz", keys=np.array(keys), vectors=vectors)
    with open_stores(read_settings(home=folder / "home")) as stores:
        rewrite(folder, stores, objects)
        found: dict[str, str] = {}
        after = None
        while len(found) < len(keys):
            page = stores.graph.find(Search(limit=1000, after=after))
            found |= {artwork.key: artwork.id for artwork in page.artworks}
            after = page.after
        yield stores, [found[key] for key in keys]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stores, list[str]]]:
    """Two ends, 1,000 near-duplicates of a picture halfway between them, and 200 others farther off."""
    rng, ends = np.random.default_rng(2), unit(np.eye(2, 16) + 0.1)
    halfway = np.repeat(ends.sum(axis=0)[None] / np.sqrt(2), 1000, axis=0) + rng.normal(size=(1000, 16)) * 0.01
    others = ends.sum(axis=0)[None] + rng.normal(size=(200, 16)) * 0.4
    vectors = unit(np.concatenate([ends, halfway, others]))
    objects = ["one" if row in (2, 3) else "" for row in range(len(vectors))]
    with loaded(tmp_path_factory.mktemp("crowd"), vectors, objects) as opened:
        yield opened


def test_a_crowd_on_the_line_does_not_hide_who_is_left(crowd: tuple[Stores, list[str]]) -> None:
    stores, ids = crowd
    space = Space(stores.graph, stores.vectors)
    path = find_path(space, Question(ids[0], ids[1], images=20))
    vectors = stores.vectors.get([artwork.id for artwork in path.artworks]).vectors
    assert len(vectors) == 20
    assert all(angle(one, other) >= NEAR for one, other in combinations(vectors, 2))


def test_who_is_avoided_does_not_hide_who_is_left(crowd: tuple[Stores, list[str]]) -> None:
    stores, ids = crowd
    space, avoid = Space(stores.graph, stores.vectors), frozenset(ids[2:1002])
    path = find_path(space, Question(ids[0], ids[1], images=20, avoid=avoid))
    assert len(path.artworks) == 20
    assert not avoid & {artwork.id for artwork in path.artworks}
    via = tuple(ids[1010:1020])
    path = find_path(space, Question(ids[0], ids[1], images=30, avoid=avoid, via=via))
    assert len(path.artworks) == 30


def test_how_many_are_left_is_said_of_all_there_are(crowd: tuple[Stores, list[str]]) -> None:
    stores, ids = crowd
    space = Space(stores.graph, stores.vectors)
    with pytest.raises(NoPath, match=r"^30 artworks are left .* needs 38, .*: ask for fewer images or avoid fewer$"):
        find_path(space, Question(ids[0], ids[1], images=40, avoid=frozenset(ids[32:])))
    named = Question(ids[0], ids[1], images=5, via=(ids[2],), where=Where({"object_id": ("one",)}))
    with pytest.raises(NoPath, match=r"^1 artwork is left .* needs 2, .*images, relax where or leave out some of via$"):
        find_path(space, named)
    with pytest.raises(NoPath, match=r"^1000 artworks are left .* needs 18, "):
        find_path(space, Question(ids[0], ids[1], images=20, avoid=frozenset(ids[1002:])))


@pytest.mark.parametrize("images", [2, 3, 6])
def test_no_path_is_better_than_its_bound_between_near_duplicates_either(
    crowd: tuple[Stores, list[str]], images: int
) -> None:
    stores, ids = crowd
    for ends in ((ids[2], ids[3]), (ids[2], ids[900]), (ids[0], ids[2])):
        for via in ((), (ids[500],))[: images - 1]:
            quality = find_path(Space(stores.graph, stores.vectors), Question(*ends, images, via=via)).quality
            assert quality.lower_bound is not None
            assert 0 < quality.lower_bound <= quality.largest_step * (1 + 1e-9)


def test_natural_paths_show_one_of_the_same_and_one_view_of_an_object(tmp_path: Path) -> None:
    """What is written about artworks while the service runs holds for the next path."""
    rng = np.random.default_rng(4)
    line = np.stack([np.cos(np.linspace(0, 1.5, 60)), np.sin(np.linspace(0, 1.5, 60))], axis=1)
    vectors = unit(np.concatenate([line, rng.normal(size=(60, 6)) * 0.05], axis=1))
    vectors = np.concatenate([vectors, unit(vectors + rng.normal(size=vectors.shape) * 0.01)])
    objects = [""] * len(vectors)
    with loaded(tmp_path, vectors, objects) as (stores, ids):
        space = Space(stores.graph, stores.vectors)
        question = Question(ids[0], ids[59], pace="scenic")
        raw = stores.graph.shortest_paths(PathQuery(ids[0], ids[59], question.power))[0].ids
        walked = [vectors[ids.index(one)] for one in raw]
        assert any(angle(one, other) < NEAR for one, other in combinations(walked, 2))
        before = [ids.index(artwork.id) for artwork in find_path(space, question).artworks]
        assert all(angle(vectors[a], vectors[b]) >= NEAR for a, b in combinations(before, 2))
        views = before[1:4]
        assert len(views) == 3
        rewrite(tmp_path, stores, ["one" if row in views else "" for row in range(len(vectors))])
        for space_now in (space, Space(stores.graph, stores.vectors), Space(stores.graph)):
            for images in (None, 6) if space_now.has_vectors else (None,):
                after = find_path(space_now, Question(ids[0], ids[59], images, "scenic"))
                assert len([artwork for artwork in after.artworks if artwork.object_id == "one"]) <= 1
