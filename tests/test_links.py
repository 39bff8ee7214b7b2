"""Reach, weights and bridges: definitions, and scipy as the oracle of the spanning tree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from loaders import bridges as bridging
from loaders.bridges import bridges, components
from loaders.links import Linked, digest, link, reaches, vector_digest
from loaders.neighbors import nearest_neighbors
from stores.angles import angle, unit
from stores.records import Vectors
from tests.made import RealCollection, made_ids, made_vectors


def made_graph(vectors: Vectors, k: int) -> Linked:
    """Link vectors under made ids."""
    return link(made_ids(len(vectors)), vectors, nearest_neighbors(vectors, k))


def clusters(count: int, size: int, seed: int = 0) -> Vectors:
    """Groups of vectors far from each other."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(count, 24)) * 4
    return unit(np.concatenate([centre + rng.normal(size=(size, 24)) * 0.3 for centre in centres]))


def test_every_edge_is_in_a_neighbour_list_or_is_a_bridge() -> None:
    vectors = clusters(5, 30)
    lists = nearest_neighbors(vectors, 6)
    edges = made_graph(vectors, 6).edges
    for row in range(len(edges)):
        a, b = int(edges.a[row]), int(edges.b[row])
        assert a < b
        in_a = lists.index[a].tolist().index(b) + 1 if b in lists.index[a] else 0
        in_b = lists.index[b].tolist().index(a) + 1 if a in lists.index[b] else 0
        assert (edges.rank_a[row], edges.rank_b[row]) == (in_a, in_b)
        assert edges.bridge[row] == (in_a == in_b == 0)
        assert edges.angle[row] == angle(vectors[a], vectors[b])
    pairs = {(min(i, j), max(i, j)) for i in range(len(vectors)) for j in lists.index[i].tolist()}
    assert pairs == {(a, b) for a, b, bridge in zip(edges.a, edges.b, edges.bridge, strict=True) if not bridge}


def test_weight_is_the_angle_over_the_geometric_mean_of_the_reaches() -> None:
    vectors = made_vectors(100, 10)
    linked = made_graph(vectors, 7)
    edges, reach = linked.edges, linked.reach
    expected = edges.angle / np.sqrt(reach[edges.a] * reach[edges.b])
    np.testing.assert_array_equal(edges.weight, expected)


def test_reach_is_the_angle_to_the_last_neighbour_but_never_below_a_tenth() -> None:
    vectors = made_vectors(60, 10)
    vectors[:30] = vectors[0]
    lists = nearest_neighbors(vectors, 5)
    reach = reaches(lists)
    assert reach[:30].tolist() == [0.1] * 30
    assert reach[30:].tolist() == lists.angle[30:, 4].tolist()


@pytest.mark.parametrize("block", [5, 2048])
@pytest.mark.parametrize("seed", range(4))
def test_bridges_are_the_minimum_spanning_tree_between_components(
    block: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridging, "BLOCK", block)
    vectors = clusters(7, 12, seed)
    linked = made_graph(vectors, 4)
    edges = linked.edges
    own = ~edges.bridge
    labels = components(len(vectors), edges.a[own], edges.b[own])
    count = int(labels.max()) + 1
    assert linked.components == count > 1
    shortest = np.full((count, count), np.inf)
    for i in range(len(vectors)):
        for j in range(len(vectors)):
            if labels[i] != labels[j]:
                pair = labels[i], labels[j]
                shortest[pair] = min(shortest[pair], angle(vectors[i], vectors[j]))
    tree = minimum_spanning_tree(np.where(np.isinf(shortest), 0, shortest))
    assert edges.bridge.sum() == count - 1
    assert sorted(edges.angle[edges.bridge].tolist()) == pytest.approx(sorted(tree.data.tolist()), rel=1e-15)
    assert components(len(vectors), edges.a, edges.b).max() == 0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 50), st.integers(1, 8), st.integers(0, 50))
def test_there_is_always_one_component(n: int, k: int, seed: int) -> None:
    edges = made_graph(made_vectors(n, 3, seed), k).edges
    matrix = coo_matrix((np.ones(len(edges)), (edges.a, edges.b)), shape=(n, n))
    assert n == 0 or connected_components(matrix, directed=False)[0] == 1


def test_components_agree_with_scipy() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 200, (2, 120))
    labels = components(200, a, b)
    count, expected = connected_components(coo_matrix((np.ones(120), (a, b)), shape=(200, 200)), directed=False)
    assert labels.max() + 1 == count
    assert len(set(zip(labels.tolist(), expected.tolist(), strict=True))) == count


def test_bridges_of_one_component_are_none() -> None:
    assert len(bridges(made_vectors(9), np.zeros(9, dtype=np.int64)).a) == 0


def test_the_digest_names_ids_vectors_and_k() -> None:
    ids, vectors = made_ids(5), made_vectors(5)
    one = [vector_digest(str(i), v) for i, v in zip(ids, vectors, strict=True)]
    assert digest(one, 5, 15) == digest(one, 5, 15)
    assert digest(one, 5, 15) != digest(one, 5, 14)
    assert digest(one[:4], 4, 15) != digest(one, 5, 15)
    moved = vectors.copy()
    moved[2, 0] = np.nextafter(moved[2, 0], np.float32(2))
    assert vector_digest(str(ids[2]), moved[2]) != one[2]
    assert vector_digest(str(ids[3]), vectors[2]) != one[2]


def test_the_real_artworks_are_one_component_without_bridges(real: RealCollection) -> None:
    assert real.report.components == 1
    assert real.report.edges == len(made_graph(real.vectors, 15).edges)
