"""Updates against rebuilds: whatever comes, goes or changes, the graph is the same to the last bit."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders import updates
from loaders.links import Linked, link
from loaders.neighbors import nearest_neighbors
from loaders.updates import delta_between, read_lists, update
from stores.angles import unit
from stores.network import Network
from stores.records import EmbedderFacts, GraphFacts, Vectors
from tests.made import made_ids

FACTS = GraphFacts("0" * 64, 5, EmbedderFacts("made", 4, "c", "p", "l", "s"))
K = 5


def clustered(rng: np.random.Generator, count: int) -> Vectors:
    """Unit vectors in a few tight clusters with copies among them, so that there are bridges and ties."""
    centres = np.eye(4) * 3
    vectors = unit(centres[rng.integers(0, 4, count)] + 0.15 * rng.normal(size=(count, 4)))
    copies = rng.integers(0, count, count // 6)
    vectors[rng.permutation(count)[: len(copies)]] = vectors[copies]
    return vectors


def rebuilt(rows: list[int], vectors: Vectors) -> Linked:
    """The graph of some rows, from nothing."""
    own = np.ascontiguousarray(vectors[rows])
    return link(made_ids(10_000)[rows], own, nearest_neighbors(own, K))


def same(found: Network, expected: Linked) -> None:
    """To the last bit."""
    np.testing.assert_array_equal(found.reach, expected.reach)
    for part in fields(found.edges):
        np.testing.assert_array_equal(getattr(found.edges, part.name), getattr(expected.edges, part.name), part.name)


@pytest.fixture(autouse=True)
def _never_cheaper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Update however much changes."""
    monkeypatch.setattr(updates, "REBUILD", 1.0)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), rounds=st.integers(1, 4), data=st.data())
def test_an_update_is_the_rebuild(seed: int, rounds: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    vectors, ids = clustered(rng, 120), made_ids(10_000)
    rows = sorted(rng.choice(120, 60, replace=False).tolist())
    now = rebuilt(rows, vectors)
    network = Network(now.edges, now.reach)
    for _ in range(rounds):
        removed = set(rng.choice(rows, data.draw(st.integers(0, 12)), replace=False).tolist())
        added = set(
            rng.choice(sorted(set(range(120)) - set(rows)), data.draw(st.integers(0, 12)), replace=False).tolist()
        )
        stays = sorted(set(rows) - removed)
        moved = rng.choice(stays, data.draw(st.integers(0, 5)), replace=False).tolist()
        vectors = vectors.copy()
        vectors[moved] = clustered(rng, max(len(moved), 6))[: len(moved)]
        before, rows = set(rows), sorted(set(stays) | added)
        changed = np.array([row in moved or row not in before for row in rows])
        found = update(network, ids[rows], np.ascontiguousarray(vectors[rows]), changed, K)
        assert found is not None
        delta = delta_between(network, found.linked, FACTS)
        network = network.after(delta)
        same(network, rebuilt(rows, vectors))


def test_nothing_changed_is_nothing_to_write() -> None:
    vectors = clustered(np.random.default_rng(4), 60)
    now = rebuilt(list(range(60)), vectors)
    network = Network(now.edges, now.reach)
    found = update(network, now.edges.ids, vectors, np.zeros(60, dtype=np.bool_), K)
    assert found is not None
    assert found.looked_at == 0
    delta = delta_between(network, found.linked, FACTS)
    assert delta.edges is not None
    assert (len(delta.edges), len(delta.edges.ids), delta.dropped, delta.removed) == (0, 0, (), ())


@pytest.mark.parametrize("count", [0, 1, 3, 6])
def test_too_few_artworks_are_for_a_rebuild(count: int) -> None:
    vectors = clustered(np.random.default_rng(4), 12)
    now = rebuilt(list(range(12)), vectors)
    few = rebuilt(list(range(count)), vectors)
    everything = np.zeros(count, dtype=np.bool_)
    if count <= K:
        assert update(Network(now.edges, now.reach), few.edges.ids, vectors[:count], everything, K) is None
        assert read_lists(few.edges, K) is None
    else:
        assert update(Network(now.edges, now.reach), few.edges.ids, vectors[:count], everything, K) is not None
