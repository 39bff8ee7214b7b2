"""Paths as they are asked for: exactly so many, via, avoid, filters, alternatives; against brute force and by law."""

import re
from itertools import combinations, pairwise, permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.filters import parse_where
from service.paths.describe import describe_given
from service.paths.find import find_path
from service.paths.lattice import build, cheapest_way, even_way
from service.paths.records import FoundPath, Question
from service.paths.space import Places, Space
from stores.angles import angle
from stores.connect import Stores, open_stores
from stores.errors import BadInput, NoPath
from stores.records import Where
from stores.settings import read_settings
from stores.words import matches
from tests.made import RealCollection, made_ids, made_vectors
from tests.optimum import Everything

NEAR = 0.4
"""Radians: large enough that made vectors have near-duplicates among them."""


def made_places(rows: int, seed: int) -> Places:
    """Random places in three dimensions; every fourth is a view of one of two objects."""
    reach = np.random.default_rng(seed).uniform(0.3, 0.9, rows)
    objects = tuple(f"object {row % 8}" if row % 4 == 0 else "" for row in range(rows))
    return Places(made_ids(rows), made_vectors(rows, 3, seed), reach, objects)


def some(places: Places, rows: list[int]) -> Places:
    """Some of the places."""
    return Places(places.ids[rows], places.vectors[rows], places.reach[rows], tuple(places.objects[r] for r in rows))


def brute_force(places: Places, images: int, *, steady: bool = True) -> float:
    """Largest step of the best sequence of all, from the first place to the last; infinite where there is none.

    Steady progress leaves out those that turn back: in which the angle to the first place less that to the last
    becomes smaller at any step.
    """
    last = len(places) - 1
    measured = [[angle(a, b) for b in places.vectors] for a in places.vectors]
    progress = [(measured[row][0] - measured[row][last], row) for row in range(len(places))]

    def clash(a: int, b: int) -> bool:
        same = places.objects[a] != "" and places.objects[a] == places.objects[b]
        return {a, b} != {0, last} and (same or measured[a][b] < NEAR)

    best = np.inf
    for between in permutations(range(1, last), images - 2):
        rows = (0, *between, last)
        forward = not steady or list(between) == sorted(between, key=lambda row: progress[row])
        if forward and not any(clash(*pair) for pair in combinations(rows, 2)):
            steps = (measured[a][b] / np.sqrt(places.reach[a] * places.reach[b]) for a, b in pairwise(rows))
            best = min(best, max(steps))
    return best


@settings(deadline=None, max_examples=80)
@given(rows=st.integers(2, 8), images=st.integers(2, 5), seed=st.integers(0, 10_000))
def test_the_largest_step_is_that_of_brute_force(rows: int, images: int, seed: int) -> None:
    places = made_places(rows, seed)
    ends = [some(places, [0]), some(places, [rows - 1])]
    lattice = build(ends, [some(places, list(range(1, rows - 1)))], NEAR)
    found = even_way(lattice, images, np.zeros(rows, dtype=np.bool_))
    expected = brute_force(places, images)
    assert (found is None) == np.isinf(expected) == np.isinf(brute_force(places, images, steady=False))
    if found is not None:
        largest = max(float(lattice.weights[pair]) for pair in pairwise(found))
        assert largest >= brute_force(places, images, steady=False) * (1 - 1e-5)
        assert len(set(found)) == images
        assert largest == pytest.approx(expected, rel=1e-5)


@settings(deadline=None, max_examples=60)
@given(rows=st.integers(4, 30), fewer=st.integers(0, 10), images=st.integers(2, 6), seed=st.integers(0, 10_000))
def test_more_candidates_never_make_the_largest_step_larger(rows: int, fewer: int, images: int, seed: int) -> None:
    places = made_places(rows, seed)
    largest = []
    for until in (max(rows - 1 - fewer, 1), rows - 1):
        ends = [some(places, [0]), some(places, [rows - 1])]
        lattice = build(ends, [some(places, list(range(1, until)))], NEAR)
        found = even_way(lattice, images, np.zeros(until + 1, dtype=np.bool_))
        largest.append(max(float(lattice.weights[pair]) for pair in pairwise(found)) if found else np.inf)
    assert largest[1] <= largest[0] * (1 + 1e-6)


def test_the_cheapest_way_is_no_dearer_than_going_straight() -> None:
    places = made_places(20, 3)
    lattice = build([some(places, [0]), some(places, [19])], [some(places, list(range(1, 19)))], 0.05)
    for power in (1, 4, 8, 16):
        rows = cheapest_way(lattice, power, np.zeros(20, dtype=np.bool_)) or []
        cost = sum(float(lattice.weights[pair]) ** power for pair in pairwise(rows))
        assert cost <= float(lattice.weights[0, 19]) ** power * (1 + 1e-6)


@pytest.fixture(scope="module")
def gallery(demo_home: Path) -> object:
    """The drawn gallery, opened."""
    with open_stores(read_settings(home=demo_home), writing=False) as stores:
        yield stores


def check_laws(stores: Stores, question: Question, path: FoundPath) -> None:
    """Hold a path against everything that was asked of it."""
    ids = [artwork.id for artwork in path.artworks]
    assert (ids[0], ids[-1]) == (question.source, question.target)
    assert len(set(ids)) == len(ids)
    assert question.images in (None, len(ids))
    assert [one for one in ids if one in question.via] == list(question.via)
    assert not set(ids) & question.avoid
    assert all(matches(artwork, question.where) for artwork in path.artworks[1:-1])
    vectors = dict(zip(ids, stores.vectors.get(ids).vectors, strict=True))
    facts = stores.graph.stats().facts
    assert facts is not None
    for first, second in combinations(ids, 2):
        if not {first, second} <= set(question.stops):
            assert angle(vectors[first], vectors[second]) >= facts.embedder.near_duplicate
    for step, pair in zip(path.steps, pairwise(ids), strict=True):
        assert (step.source, step.target) == pair
        assert step.angle == pytest.approx(angle(vectors[pair[0]], vectors[pair[1]]), abs=1e-12)
    if path.quality.lower_bound is not None:
        assert path.quality.lower_bound <= path.quality.largest_step * (1 + 1e-9)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.integers(0, 84), min_size=2, max_size=8, unique=True),
    images=st.one_of(st.none(), st.integers(2, 30)),
    via=st.integers(0, 2),
    filtered=st.booleans(),
    alternatives=st.integers(0, 2),
    pace=st.sampled_from(["direct", "gentle", "scenic"]),
)
def test_a_path_is_what_was_asked_for(
    gallery: Stores, *, rows: list[int], images: int | None, via: int, filtered: bool, alternatives: int, pace: str
) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]
    named = [ids[row] for row in rows]
    where = Where(years=((1900, 1960),)) if filtered else Where()
    middle, avoid = named[2 : 2 + via], frozenset(named[2 + via :])
    if filtered:
        middle = [one.id for one in gallery.graph.artworks(middle) if matches(one, where)]
    if images is not None:
        images = max(images, 2 + len(middle))
    question = Question(named[0], named[1], images, pace, tuple(middle), avoid, where, alternatives)
    try:
        found = find_path(Space(gallery.graph, gallery.vectors), question)
    except NoPath:
        assert filtered or images
        return
    used: set[str] = set()
    for path in (found, *found.alternatives):
        check_laws(gallery, question, path)
        inner = {artwork.id for artwork in path.artworks} - set(question.stops)
        assert not inner & used
        used |= inner
    relative = [path.relative for path in found.alternatives]
    assert relative == sorted(relative)
    if images is not None:
        assert all(ratio >= 1 for ratio in relative)
        largest = found.quality.largest_step
        assert relative == pytest.approx([path.quality.largest_step / largest for path in found.alternatives])


@pytest.mark.parametrize("pace", ["direct", "gentle", "scenic"])
def test_there_are_as_many_alternatives_as_are_asked_for_while_artworks_are_left(gallery: Stores, pace: str) -> None:
    edges, space = gallery.graph.edges(), Space(gallery.graph, gallery.vectors)
    ids = [str(one) for one in edges.ids]
    neighbors = [(ids[edges.a[row]], ids[edges.b[row]]) for row in range(0, len(edges), len(edges) // 12)]
    for source, target in [*neighbors, *zip(ids[:12], ids[40:52], strict=True)]:
        question = Question(source, target, pace=pace, alternatives=4)
        found = find_path(space, question)
        ways = [[artwork.id for artwork in path.artworks] for path in (found, *found.alternatives)]
        assert len(ways) == 5
        assert len(set(map(tuple, ways))) == 5
        for path in (found, *found.alternatives):
            check_laws(gallery, question, path)
    filtered = find_path(space, Question(*neighbors[0], where=Where(years=((1900, 1990),)), alternatives=2))
    assert len(filtered.alternatives) == 2


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"images": 1}, "images"),
        ({"images": 51}, "images"),
        ({"images": 2, "via": (2,)}, "images"),
        ({"via": (2, 2)}, "via"),
        ({"via": (0,)}, "via"),
        ({"via": (2,), "avoid": (2,)}, "avoid"),
        ({"avoid": (1,)}, "avoid"),
        ({"pace": "brisk"}, "pace"),
        ({"alternatives": 11}, "alternatives"),
        ({"target": 0, "images": 3}, "to"),
    ],
)
def test_what_contradicts_itself_is_named(gallery: Stores, change: dict[str, object], parameter: str) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]

    def named(value: object) -> tuple[str, ...]:
        return tuple(ids[row] for row in value) if isinstance(value, tuple) else ()

    question = Question(
        ids[0],
        ids[int(str(change.get("target", 1)))],
        change.get("images"),  # type: ignore[arg-type]
        str(change.get("pace", "gentle")),
        named(change.get("via")),
        frozenset(named(change.get("avoid"))),
        alternatives=int(str(change.get("alternatives", 0))),
    )
    with pytest.raises(BadInput) as error:
        find_path(Space(gallery.graph, gallery.vectors), question)
    assert parameter in {name for name, _ in error.value.problems}


def test_more_than_there_are_says_how_many_are_left(gallery: Stores) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]
    question = Question(ids[0], ids[1], images=30, avoid=frozenset(ids[20:]))
    with pytest.raises(NoPath, match=r"18 artworks are left .* needs 28"):
        find_path(Space(gallery.graph, gallery.vectors), question)


def test_a_filter_that_nothing_satisfies_says_so(gallery: Stores) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]
    space = Space(gallery.graph, gallery.vectors)
    artworks = gallery.graph.artworks(ids)
    held = {(artwork.style, artist) for artwork in artworks for artist in artwork.artists}
    style, artist = next((one.style, a) for one in artworks for _, a in sorted(held) if (one.style, a) not in held)
    nothing = parse_where([f"style:{style}", f"artist:{artist}"], ("style", "artist"))
    with pytest.raises(NoPath, match="relax it"):
        find_path(space, Question(ids[0], ids[1], where=nothing))
    with pytest.raises(NoPath, match=r"0 artworks are left .* needs 3"):
        find_path(space, Question(ids[0], ids[1], images=5, where=nothing))


@pytest.mark.parametrize("images", [None, 5])
def test_a_value_that_no_artwork_has_is_named_with_the_closest(gallery: Stores, images: int | None) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]
    space = Space(gallery.graph, gallery.vectors)
    for term, says in (
        ("style:Sedimentisme", "no artwork has style 'Sedimentisme'; closest: 'Sedimentism'"),
        ("artist:Kaarina Jarvenhelmy", "no artwork has artist 'Kaarina Jarvenhelmy'; closest: 'Kaarina Järvenhelmi'"),
        ("style:qwerty", "no artwork has style 'qwerty'; there are: 'Quiltism', 'Currentism', 'Arborism', …"),
        ("year:3000..", "no artwork is of the years 3000..: give others, or leave them out"),
        ("year:3000", "no artwork is of the years 3000: give others, or leave them out"),
    ):
        where = parse_where([term], ("style", "artist"))
        with pytest.raises(NoPath, match=f"^{re.escape(says)}$"):
            find_path(space, Question(ids[0], ids[1], images, where=where))
    where = parse_where(["style:Sedimentisme"], ("style",))
    with pytest.raises(BadInput, match=r"^where: no artwork has style 'Sedimentisme'; closest: 'Sedimentism'$"):
        find_path(space, Question(ids[0], ids[1], via=(ids[2],), where=where))


def test_from_an_artwork_to_itself_is_that_artwork_whatever_may_lie_between(gallery: Stores) -> None:
    one = str(gallery.graph.edges().ids[0])
    for where in (Where(), Where(years=((1900, 1960),))):
        found = find_path(Space(gallery.graph, gallery.vectors), Question(one, one, where=where, alternatives=2))
        assert ([artwork.id for artwork in found.artworks], found.cost, found.alternatives) == ([one], 0, ())


def test_what_is_kept_apart_is_not_together_on_a_path(gallery: Stores) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]
    space = Space(gallery.graph, gallery.vectors)
    for images in (None, 8):
        before = [artwork.id for artwork in find_path(space, Question(ids[3], ids[40], images)).artworks]
        apart = frozenset({frozenset(before[1:3])})
        after = {artwork.id for artwork in find_path(space, Question(ids[3], ids[40], images, apart=apart)).artworks}
        assert not set(before[1:3]) <= after


def test_what_is_kept_apart_is_so_where_no_vectors_are_too(gallery: Stores) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]
    space = Space(gallery.graph)
    before = [artwork.id for artwork in find_path(space, Question(ids[3], ids[40])).artworks]
    apart = frozenset({frozenset(before[1:3])})
    found = find_path(space, Question(ids[3], ids[40], apart=apart))
    assert not set(before[1:3]) <= {artwork.id for artwork in found.artworks}
    assert {step.kind for step in found.steps} == {"neighbor"}


def test_a_given_sequence_is_described_with_gaps(gallery: Stores) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids[:3]]
    gone = "00000000-0000-5000-8000-000000000000"
    path = describe_given(Space(gallery.graph, gallery.vectors), [ids[0], ids[1], gone, ids[2]])
    assert [step.kind for step in path.steps] == ["given"] * 3
    assert path.steps[0].angle is not None
    assert path.steps[1].angle is path.steps[2].weight is None
    assert path.artworks[2].title == "No longer in the collection"


def test_real_paths_are_near_the_exhaustive_optimum(real: RealCollection) -> None:
    """Over all 3,082 artworks as candidates; ten pairs here, a hundred in the benchmark."""
    rng, allowed = np.random.default_rng(11), {5: 0.01, 7: 0.01, 9: 0.01, 13: 0.03}
    with open_stores(real.settings, writing=False) as stores:
        space, facts = Space(stores.graph, stores.vectors), stores.graph.stats().facts
        assert facts is not None
        everything = Everything.of(real.ids, real.vectors, stores.graph.reach(), facts.embedder.near_duplicate)
        gaps: dict[int, list[float]] = {images: [] for images in allowed}
        for source, target in (rng.choice(len(real.ids), 2, replace=False).tolist() for _ in range(10)):
            best = everything.smallest_largest(source, target, max(allowed))
            for images, found in gaps.items():
                path = find_path(space, Question(str(real.ids[source]), str(real.ids[target]), images))
                found.append(path.quality.largest_step / best[images] - 1)
    for images, found in gaps.items():
        assert min(found) > -1e-6
        assert np.median(found) <= allowed[images]
        assert np.quantile(found, 0.9) <= 0.05


def test_there_is_a_way_even_where_what_is_avoided_takes_the_graph_apart(gallery: Stores) -> None:
    ids = [str(one) for one in gallery.graph.edges().ids]
    at_first = gallery.graph.edges(ids[:1])
    near = {str(at_first.ids[row]) for row in (*at_first.a, *at_first.b)}
    target = next(one for one in reversed(ids) if one not in near)
    question = Question(ids[0], target, avoid=frozenset(ids) - {ids[0], target})
    found = find_path(Space(gallery.graph, gallery.vectors), question)
    check_laws(gallery, question, found)
    assert [step.kind for step in found.steps] == ["chord"]
    with pytest.raises(NoPath):
        find_path(Space(gallery.graph), question)
