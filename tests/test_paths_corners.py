"""Corners of paths: much that is avoided, editors, neighbours as ends, near-duplicates, views of one object."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.artworks import artwork_id
from loaders.links import vector_digest
from loaders.writing import Writer, payload_of
from service.likeness.why import Explainer
from service.paths.describe import describe_given
from service.paths.find import find_path
from service.paths.records import Guest, Question
from service.paths.space import Space
from service.sight import Sight
from service.steering import Steering, SteeringFile
from stores.angles import angle, unit
from stores.artwork import Artwork
from stores.connect import Stores, open_stores
from stores.errors import BadInput, NoPath, Unavailable
from stores.records import EmbedderFacts, Vectors
from stores.settings import read_settings

FACTS = EmbedderFacts("made", 8, "c", "p")


@pytest.fixture(scope="module")
def gallery(demo_home: Path) -> Iterator[Stores]:
    """The drawn gallery, opened."""
    with open_stores(read_settings(home=demo_home), writing=False) as stores:
        yield stores


def ids_of(stores: Stores) -> list[str]:
    """Every id."""
    return [str(one) for one in stores.graph.edges().ids]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stores, Vectors]]:
    """Sixty places, each with two prints of nearly the same picture; every third artwork has a second view."""
    home = tmp_path_factory.mktemp("crowded") / "home"
    rng = np.random.default_rng(7)
    places = unit(rng.normal(size=(60, 8)))
    vectors = unit(np.repeat(places, 2, axis=0) + 0.01 * rng.normal(size=(120, 8)))
    with open_stores(read_settings(home=home)) as stores:
        stores.vectors.prepare(FACTS)
        views = {row: f"object {row // 6}" if row % 3 == 0 else "" for row in range(120)}
        artworks = [Artwork(artwork_id("made", str(row)), str(row), "made", object_id=views[row]) for row in range(120)]
        fresh = [replace(one, vector=vector_digest(one.id, v)) for one, v in zip(artworks, vectors, strict=True)]
        stores.vectors.upsert([one.id for one in fresh], vectors, [payload_of(one) for one in fresh])
        Writer(stores, home).finish()
        yield stores, vectors


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), images=st.sampled_from([None, 2, 3, 4, 7, 16, 20]))
def test_no_two_prints_and_no_two_views_are_on_one_path(
    crowded: tuple[Stores, Vectors], seed: int, images: int | None
) -> None:
    stores, _ = crowded
    ids = ids_of(stores)
    source, target = np.random.default_rng(seed).choice(ids, 2, replace=False).tolist()
    try:
        found = find_path(Space(stores.graph, stores.vectors), Question(source, target, images))
    except NoPath:
        assert images is not None
        assert images > 16
        return
    inner = [artwork.id for artwork in found.artworks]
    held = dict(zip(inner, stores.vectors.get(inner).vectors, strict=True))
    objects = {artwork.id: artwork.object_id for artwork in found.artworks}
    assert len(set(inner)) == len(inner)
    assert images in (None, len(inner))
    for one, other in combinations(inner, 2):
        if {one, other} != {source, target}:
            assert angle(held[one], held[other]) >= FACTS.near_duplicate
            assert not objects[one] or objects[one] != objects[other]
    if found.quality.lower_bound is not None:
        assert found.quality.lower_bound <= found.quality.largest_step * (1 + 1e-9)


def test_two_prints_as_ends_are_bounded_by_what_they_are(crowded: tuple[Stores, Vectors]) -> None:
    stores, _ = crowded
    ends = [artwork_id("made", "10"), artwork_id("made", "11")]
    found = find_path(Space(stores.graph, stores.vectors), Question(ends[0], ends[1], 2))
    assert found.quality.lower_bound is None or found.quality.lower_bound <= found.quality.largest_step * (1 + 1e-9)


def test_what_is_avoided_takes_no_place_of_what_is_left(gallery: Stores) -> None:
    ids = ids_of(gallery)
    vectors = gallery.vectors.get(ids).vectors
    middle = unit((vectors[0] + vectors[50])[None])[0]
    order = np.argsort([angle(middle, vector) for vector in vectors])
    avoid = frozenset(ids[row] for row in order[:60]) - {ids[0], ids[50]}
    found = find_path(Space(gallery.graph, gallery.vectors), Question(ids[0], ids[50], 8, avoid=avoid))
    assert len(found.artworks) == 8
    assert not avoid & {artwork.id for artwork in found.artworks}


def test_neighbours_have_alternatives_and_they_come_best_first(gallery: Stores) -> None:
    edges = gallery.graph.edges()
    space = Space(gallery.graph, gallery.vectors)
    for row in range(0, len(edges), 90):
        ends = str(edges.ids[edges.a[row]]), str(edges.ids[edges.b[row]])
        for images in (None, 5):
            found = find_path(space, Question(*ends, images, alternatives=3))
            assert len(found.alternatives) == 3
            relative = [1.0, *(other.relative for other in found.alternatives)]
            assert relative == sorted(relative) or images is None
            inner = [{artwork.id for artwork in path.artworks[1:-1]} for path in (found, *found.alternatives)]
            assert all(not one & other for one, other in combinations(inner, 2))


def test_of_so_many_images_relative_is_the_largest_step(gallery: Stores) -> None:
    ids = ids_of(gallery)
    found = find_path(Space(gallery.graph, gallery.vectors), Question(ids[3], ids[40], 6, alternatives=2))
    for other in found.alternatives:
        assert other.relative == pytest.approx(other.quality.largest_step / found.quality.largest_step)
        assert other.relative >= 1 - 1e-6


def test_a_copy_of_what_an_editor_excludes_may_be_an_end(gallery: Stores) -> None:
    ids = ids_of(gallery)
    copy = Guest("image:from", "Mine", gallery.vectors.get([ids[5]]).vectors[0])
    steered = Steering(exclude=frozenset({ids[5], ids[6]})).steer(Question("image:from", ids[30], guests=(copy,)))
    found = find_path(Space(gallery.graph, gallery.vectors), steered)
    assert found.artworks[0].id == ids[5]
    assert ids[6] not in {artwork.id for artwork in found.artworks}


def test_the_same_picture_sent_as_both_ends_is_told(gallery: Stores) -> None:
    vector = unit(np.random.default_rng(3).normal(size=gallery.vectors.get(ids_of(gallery)[:1]).vectors.shape))[0]
    guests = (Guest("image:from", "Mine", vector), Guest("image:to", "Mine", vector))
    with pytest.raises(BadInput, match="same picture"):
        find_path(Space(gallery.graph, gallery.vectors), Question("image:from", "image:to", guests=guests))


def test_a_store_that_hiccups_does_not_make_an_editor_unheard(
    gallery: Stores, demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "steering.toml"
    path.write_text('exclude = ["key:stars-0004.jpg"]', encoding="utf-8")
    file = SteeringFile(read_settings(home=demo_home, steering=path), gallery.graph)
    with monkeypatch.context() as broken:
        broken.setattr(gallery.graph, "find", _unavailable)
        with pytest.raises(Unavailable):
            file.current()
    assert len(file.current().exclude) == 1


def _unavailable(_: object) -> None:
    raise Unavailable("away")


def test_nothing_untrue_is_said_of_a_long_step_or_beside_a_gap(gallery: Stores, demo_home: Path) -> None:
    ids = ids_of(gallery)
    vectors = gallery.vectors.get(ids).vectors
    far = max(range(len(ids)), key=lambda row: angle(vectors[0], vectors[row]))
    own = read_settings(home=demo_home)
    space = Space(gallery.graph, gallery.vectors)
    given_ = describe_given(space, [ids[0], ids[far], artwork_id("nobody", "x"), ids[3]])
    steps = Explainer(space, own.images, Sight(own)).explain(given_).steps
    assert steps[0].why is not None
    assert steps[0].why.percentile == 100.0
    assert "Close" not in steps[0].why.sentence
    assert [step.why for step in steps[1:]] == [None, None]
