"""Ends that are not in the collection, against a graph with that node really in it."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import igraph
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.links import SHORTEST_REACH
from service.paths.find import find_path
from service.paths.guests import guest_walk, link, receive
from service.paths.records import Guest, Question
from service.paths.space import Space
from stores.angles import angle, unit
from stores.connect import Stores, open_stores
from stores.records import Edges, PathQuery, Vectors
from stores.settings import read_settings
from tests.made import made_ids

POWERS = {"direct": 1, "gentle": 8, "scenic": 16}


@pytest.fixture(scope="module")
def gallery(demo_home: Path) -> Iterator[Stores]:
    """The drawn gallery, opened."""
    with open_stores(read_settings(home=demo_home), writing=False) as stores:
        yield stores


@pytest.fixture(scope="module")
def everything(gallery: Stores) -> tuple[Edges, Vectors]:
    """Its edges, and the vector of each id in them."""
    edges = gallery.graph.edges()
    return edges, gallery.vectors.get([str(one) for one in edges.ids]).vectors


def new_guest(vectors: Vectors, seed: int, name: str = "image:from") -> Guest:
    """A picture somewhere between three others, as seen by the embedder."""
    rng = np.random.default_rng(seed)
    mixed = rng.dirichlet(np.ones(3)) @ vectors[rng.choice(len(vectors), 3, replace=False)]
    noise = rng.normal(size=mixed.shape) * 0.2 / np.sqrt(len(mixed))
    return Guest(name, "Your picture", unit((mixed + noise)[None])[0])


def links_by_hand(stores: Stores, vectors: Vectors, guest: Guest) -> dict[int, float]:
    """Row of each artwork that a guest is linked to, and the weight, from the definition."""
    facts = stores.graph.stats().facts
    assert facts is not None
    reach = stores.graph.reach()
    measured = [angle(guest.vector, vector) for vector in vectors]
    nearest = sorted(range(len(vectors)), key=lambda row: (measured[row], row))[: facts.k]
    own = max(measured[nearest[-1]], SHORTEST_REACH)
    rows = {row for row in range(len(vectors)) if measured[row] < reach[row]} | set(nearest)
    return {row: measured[row] / float(np.sqrt(own * reach[row])) for row in rows}


def cost_by_hand(
    edges: Edges, guests: list[dict[int, float]], power: int, ends: tuple[int, int], avoid: set[int]
) -> float:
    """Cost of the cheapest path in a graph in which the guests really are nodes, after all others."""
    n = len(edges.ids)
    pairs = list(zip(edges.a.tolist(), edges.b.tolist(), strict=True))
    weights = (edges.weight**power).tolist()
    for number, links in enumerate(guests):
        pairs += [(n + number, row) for row in links]
        weights += [weight**power for weight in links.values()]
    shut = [weight if not avoid & set(pair) else float("inf") for pair, weight in zip(pairs, weights, strict=True)]
    graph = igraph.Graph(n=n + len(guests), edges=pairs)
    return float(graph.distances(ends[0], ends[1], weights=shut)[0][0])


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    pace=st.sampled_from(sorted(POWERS)),
    both=st.booleans(),
    turned=st.booleans(),
    avoided=st.sets(st.integers(1, 80), max_size=12),
)
def test_the_best_path_is_that_of_a_graph_with_the_guest_in_it(
    gallery: Stores, everything: tuple[Edges, Vectors], *, seed: int, pace: str, both: bool, turned: bool,
    avoided: set[int],
) -> None:  # fmt: skip
    edges, vectors = everything
    guests = [new_guest(vectors, seed), new_guest(vectors, seed + 1, "image:to")][: 1 + both]
    other = guests[1].name if both else str(edges.ids[0])
    ends = (guests[0].name, other)[:: -1 if turned else 1]
    stats = gallery.graph.stats()
    space, question = receive(
        Space(gallery.graph, gallery.vectors), Question(ends[0], ends[1], pace=pace, guests=tuple(guests)), stats
    )
    avoid = frozenset(str(edges.ids[row]) for row in avoided)
    walk = guest_walk(space, PathQuery(question.source, question.target, question.power, avoid))
    links = [links_by_hand(gallery, vectors, guest) for guest in guests]
    rows = (len(edges.ids), len(edges.ids) + 1 if both else 0)
    expected = cost_by_hand(edges, links, question.power, rows, avoided)
    if walk is None:
        assert expected == float("inf")
        return
    assert (walk.ids[0], walk.ids[-1]) == ends
    assert not set(walk.ids) & avoid
    steps = [walk.edges[pair].weight for pair in pairwise(walk.ids)]
    assert sum(weight**question.power for weight in steps) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("images", [None, 2, 3, 7])
@pytest.mark.parametrize("both", [False, True])
def test_a_guest_can_be_an_end_of_every_kind_of_path(
    gallery: Stores, everything: tuple[Edges, Vectors], images: int | None, *, both: bool
) -> None:
    edges, vectors = everything
    before = gallery.graph.stats(), gallery.vectors.stats(), gallery.graph.edges().weight.tolist()
    guests = [new_guest(vectors, 5), new_guest(vectors, 8, "image:to")][: 1 + both]
    target = guests[1].name if both else str(edges.ids[3])
    for via in ((), (str(edges.ids[50]),)):
        if images is not None and images < 2 + len(via):
            continue
        question = Question(guests[0].name, target, images, via=via, alternatives=1, guests=tuple(guests))
        space = Space(gallery.graph, gallery.vectors)
        for path in (found := find_path(space, question), *found.alternatives):
            ids = [artwork.id for artwork in path.artworks]
            assert (ids[0], ids[-1]) == (guests[0].name, target)
            assert len(set(ids)) == len(ids)
            assert images in (None, len(ids))
            assert [one for one in ids if one in via] == list(via)
            places = {guest.name: guest.vector for guest in guests}
            held = [one for one in ids if one not in places]
            places |= dict(zip(held, gallery.vectors.get(held).vectors, strict=True))
            for step in path.steps:
                assert step.angle == pytest.approx(angle(places[step.source], places[step.target]), abs=1e-12)
            assert not space.guests
    assert before == (gallery.graph.stats(), gallery.vectors.stats(), gallery.graph.edges().weight.tolist())


@pytest.mark.parametrize("images", [None, 6])
def test_a_copy_of_an_artwork_is_that_artwork(
    gallery: Stores, everything: tuple[Edges, Vectors], images: int | None
) -> None:
    edges, vectors = everything
    ids = [str(one) for one in edges.ids]
    nearly = unit((vectors[9].astype(np.float64) + 1e-6)[None])[0]
    space = Space(gallery.graph, gallery.vectors)
    copy = Guest("image:to", "Your picture", nearly)
    found = find_path(space, Question(ids[30], copy.name, images, guests=(copy,)))
    assert found == find_path(space, Question(ids[30], ids[9], images))
    twice = Guest("image:from", "Your picture", vectors[9])
    alone = find_path(space, Question(twice.name, copy.name, guests=(twice, copy)))
    assert [artwork.id for artwork in alone.artworks] == [ids[9]]


def test_what_is_not_in_the_graph_yet_takes_no_link_from_a_guest(
    demo_home: Path, tmp_path: Path, everything: tuple[Edges, Vectors]
) -> None:
    guest, rng = new_guest(everything[1], 5), np.random.default_rng(1)
    with open_stores(read_settings(home=shutil.copytree(demo_home, tmp_path / "home"))) as stores:
        stats, space = stores.graph.stats(), Space(stores.graph, stores.vectors)
        before = link(space, guest, stats)
        for count in (10, 300):  # some of those nearest to it, then all of them
            near = unit(guest.vector + rng.normal(size=(count, len(guest.vector))) * 1e-4)
            stores.vectors.upsert(made_ids(count).tolist(), near, [{}] * count)
            after = link(Space(stores.graph, stores.vectors), guest, stats)
            assert (after.edges, after.place.reach) == (before.edges, before.place.reach)


def test_two_copies_that_are_no_farther_from_each_other_than_from_an_artwork_are_that_artwork(
    gallery: Stores, everything: tuple[Edges, Vectors]
) -> None:
    edges, vectors = everything
    space, rng = Space(gallery.graph, gallery.vectors), np.random.default_rng(3)
    aside = rng.normal(size=vectors.shape[1])
    aside -= (aside @ vectors[9]) * vectors[9]
    near, far = (unit((vectors[9] + by * aside / np.linalg.norm(aside))[None])[0] for by in (0.006, 0.014))
    for first, second in ((near, far), (far, near)):
        guests = Guest("image:from", "Your picture", first), Guest("image:to", "Your picture", second)
        found = find_path(space, Question("image:from", "image:to", guests=guests))
        assert [artwork.id for artwork in found.artworks] == [str(edges.ids[9])]
