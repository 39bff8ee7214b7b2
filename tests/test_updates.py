"""Updates against rebuilds: whatever comes, goes or changes, the graph is the same to the last bit."""

from dataclasses import fields
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.links import Linked, link
from loaders.neighbors import nearest_neighbors
from loaders.standing import Standing, read_standing
from loaders.updates import delta_between, delta_of, update
from stores.angles import unit
from stores.artwork import Artwork
from stores.network import Network
from stores.records import EmbedderFacts, GraphFacts, Vectors
from tests.made import made_ids

FACTS = GraphFacts("0" * 64, 5, EmbedderFacts("made", 4, "c", "p", "l", "s"))
K = 5
IDS = made_ids(10_000)


def clustered(rng: np.random.Generator, count: int) -> Vectors:
    """Unit vectors in a few tight clusters with copies among them, so that there are bridges and ties."""
    centres = np.eye(4) * 3
    vectors = unit(centres[rng.integers(0, 4, count)] + 0.15 * rng.normal(size=(count, 4)))
    copies = rng.integers(0, count, count // 6)
    vectors[rng.permutation(count)[: len(copies)]] = vectors[copies]
    return vectors


def rebuilt(rows: list[int], vectors: Vectors, k: int = K) -> Linked:
    """The graph of some rows, from nothing."""
    own = np.ascontiguousarray(vectors[rows])
    return link(IDS[rows], own, nearest_neighbors(own, k))


def standing(rows: list[int], vectors: Vectors, k: int = K) -> tuple[Standing, Network]:
    """The same graph as an update holds it, and as a store does."""
    linked = rebuilt(rows, vectors, k)
    network = Network(linked.edges, linked.reach)
    held = read_standing(network, np.ascontiguousarray(vectors[rows]), k)
    assert held is not None
    return held, network


def changed(held: Standing, network: Network, gone: set[int], fresh: list[int], vectors: Vectors) -> Network:
    """The graph after some rows went and others came."""
    names = {str(IDS[row]) for row in gone}
    removed = sorted(names - {str(IDS[row]) for row in fresh})
    flags = np.array([name in names for name in held.names])
    change = update(held, flags, [str(IDS[row]) for row in fresh], vectors[fresh])
    artworks = [Artwork(str(IDS[row]), str(row)) for row in fresh]
    return network.after(delta_of(change, FACTS, artworks, removed))


def same(found: Network, held: Standing, expected: Linked) -> None:
    """To the last bit."""
    np.testing.assert_array_equal(found.reach, expected.reach)
    for part in fields(found.edges):
        np.testing.assert_array_equal(getattr(found.edges, part.name), getattr(expected.edges, part.name), part.name)
    assert held.label.values.max() + 1 == expected.components
    assert sorted(held.names) == held.ascending == expected.edges.ids.tolist()


@settings(deadline=None, max_examples=200)
@given(seed=st.integers(0, 100_000), k=st.integers(1, 6), rounds=st.integers(1, 4), data=st.data())
def test_an_update_is_the_rebuild(seed: int, k: int, rounds: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    vectors = clustered(rng, 120)
    rows = sorted(rng.choice(120, 60, replace=False).tolist())
    held, network = standing(rows, vectors, k)
    for _ in range(rounds):
        removed = set(rng.choice(rows, data.draw(st.integers(0, 12)), replace=False).tolist())
        others = sorted(set(range(120)) - set(rows))
        added = rng.choice(others, data.draw(st.integers(0, 12)), replace=False).tolist()
        stays = sorted(set(rows) - removed)
        moved = rng.choice(stays, data.draw(st.integers(0, 5)), replace=False).tolist()
        vectors = vectors.copy()
        vectors[moved] = clustered(rng, max(len(moved), 6))[: len(moved)]
        rows = sorted({*stays, *added})
        network = changed(held, network, removed | set(moved), [*added, *moved], vectors)
        same(network, held, rebuilt(rows, vectors, k))


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 100_000), order=st.randoms(use_true_random=False))
def test_any_order_of_adding_gives_the_same_graph(seed: int, order: Random) -> None:
    vectors = clustered(np.random.default_rng(seed), 60)
    held, network = standing(list(range(20)), vectors)
    later = list(range(20, 60))
    order.shuffle(later)
    for row in later:
        network = changed(held, network, set(), [row], vectors)
    same(network, held, rebuilt(list(range(60)), vectors))


def test_taking_out_what_was_added_changes_nothing() -> None:
    vectors = clustered(np.random.default_rng(4), 80)
    held, network = standing(list(range(60)), vectors)
    after = changed(held, network, set(), list(range(60, 80)), vectors)
    after = changed(held, after, set(range(60, 80)), [], vectors)
    same(after, held, rebuilt(list(range(60)), vectors))


def test_copies_that_nothing_else_is_near_make_a_component_of_their_own() -> None:
    vectors = unit(np.vstack([clustered(np.random.default_rng(4), 60), np.full((7, 4), -1.0)]))
    held, network = standing(list(range(60)), vectors)
    after = changed(held, network, set(), list(range(60, 67)), vectors)
    same(after, held, rebuilt(list(range(67)), vectors))


def test_a_component_that_comes_apart_is_bridged() -> None:
    line = np.linspace(0, 2, 41)
    vectors = unit(np.stack([np.cos(line), np.sin(line)], axis=1))
    held, network = standing(list(range(41)), vectors, 2)
    after = changed(held, network, {19, 20, 21, 22}, [], vectors)
    same(after, held, rebuilt([*range(19), *range(23, 41)], vectors, 2))


def test_nothing_changed_is_nothing_to_write() -> None:
    vectors = clustered(np.random.default_rng(4), 60)
    held, network = standing(list(range(60)), vectors)
    change = update(held, np.zeros(60, dtype=np.bool_), [], vectors[:0])
    assert (change.looked_at, len(change.edges), len(change.edges.ids), change.dropped) == (0, 0, 0, ())
    linked = rebuilt(list(range(60)), vectors)
    delta = delta_between(network, linked, FACTS)
    assert delta.edges is not None
    assert (len(delta.edges), len(delta.edges.ids), delta.dropped, delta.removed) == (0, 0, (), ())


@pytest.mark.parametrize("count", [1, 3, 5])
def test_lists_of_too_few_artworks_are_not_read_back(count: int) -> None:
    vectors = clustered(np.random.default_rng(4), 12)
    few = rebuilt(list(range(count)), vectors)
    assert read_standing(Network(few.edges, few.reach), vectors[:count], K) is None
