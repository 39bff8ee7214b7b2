"""Shortest paths in memory against scipy, on small graphs of every kind and on the real artworks."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from stores.connect import open_graph
from stores.dijkstra import Csr, Workspace, shortest_path, step_cost
from stores.ports import PACES
from stores.records import Floats, Ints, PathQuery
from tests.made import RealCollection


def cost_of(rows: Ints, weights: dict[tuple[int, int], float], power: int) -> float:
    """Cost of a walk; KeyError where it leaves the edges."""
    return sum(step_cost(weights[min(pair), max(pair)], power) for pair in pairwise(rows.tolist()))


def random_graph(n: int, edges: int, seed: int, *, ties: bool) -> tuple[Ints, Ints, Floats]:
    """Draw edges between n rows, each pair once; with ties, weights are whole numbers, nought among them."""
    rng = np.random.default_rng(seed)
    pairs = {(min(a, b), max(a, b)) for a, b in rng.integers(0, n, (edges, 2)).tolist() if a != b}
    a, b = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    weight = rng.integers(0, 4, len(a)).astype(np.float64) if ties else rng.uniform(0.2, 2, len(a))
    return a, b, weight


def _all_pairs(dense: Floats) -> Floats:
    """Floyd and Warshall, where scipy would take a weight of nought for no edge."""
    shortest = dense.copy()
    np.fill_diagonal(shortest, 0)
    for middle in range(len(shortest)):
        shortest = np.minimum(shortest, shortest[:, [middle]] + shortest[[middle]])
    return shortest


@settings(deadline=None, max_examples=150)
@given(
    n=st.integers(1, 30),
    edges=st.integers(0, 80),
    seed=st.integers(0, 10_000),
    power=st.sampled_from(sorted(PACES.values())),
    ties=st.booleans(),
)
def test_costs_equal_scipys(*, n: int, edges: int, seed: int, power: int, ties: bool) -> None:
    a, b, weight = random_graph(n, edges, seed, ties=ties)
    weights = dict(zip(zip(a.tolist(), b.tolist(), strict=True), weight.tolist(), strict=True))
    dense = np.full((n, n), np.inf)
    dense[a, b] = dense[b, a] = weight**power
    expected = _all_pairs(dense) if ties else dijkstra(csr_matrix(np.where(np.isinf(dense), 0, dense)))
    csr, space = Csr.of(n, a, b, weight), Workspace(n)
    for source in range(n):
        for target in range(0, n, 3):
            rows = shortest_path(csr, space, source, target, power)
            if rows is None:
                assert np.isinf(expected[source, target])
            else:
                assert (rows[0], rows[-1]) == (source, target)
                assert len(set(rows.tolist())) == len(rows)
                assert cost_of(rows, weights, power) == pytest.approx(expected[source, target], rel=1e-12)


@settings(deadline=None, max_examples=80)
@given(st.integers(2, 20), st.integers(5, 60), st.integers(0, 10_000), st.integers(0, 2**20))
def test_blocked_rows_are_never_passed_and_the_rest_is_still_shortest(n: int, edges: int, seed: int, mask: int) -> None:
    a, b, weight = random_graph(n, edges, seed, ties=False)
    blocked = np.array([(mask >> row) & 1 for row in range(n)], dtype=np.bool_)
    source, target = 0, n - 1
    free = ~blocked
    free[[source, target]] = True
    keep = free[a] & free[b]
    without = Csr.of(n, a[keep], b[keep], weight[keep])
    expected = shortest_path(without, Workspace(n), source, target, 4)
    found = shortest_path(Csr.of(n, a, b, weight), Workspace(n), source, target, 4, blocked)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found.tolist() == expected.tolist()


def test_a_workspace_is_left_as_it_was_found() -> None:
    a, b, weight = random_graph(40, 200, 1, ties=False)
    csr, space = Csr.of(40, a, b, weight), Workspace(40)
    for target in range(40):
        shortest_path(csr, space, 0, target, 8)
        assert np.isinf(space.distance).all()


def test_a_path_to_itself_is_itself() -> None:
    assert shortest_path(Csr.of(3, *random_graph(3, 5, 0, ties=False)), Workspace(3), 1, 1, 8).tolist() == [1]  # type: ignore[union-attr]


@pytest.mark.parametrize("power", sorted(PACES.values()))
def test_200_real_pairs_cost_what_scipy_says(real: RealCollection, power: int) -> None:
    rng = np.random.default_rng(11)
    with open_graph(real.settings) as graph:
        edges = graph.edges()
        n = len(edges.ids)
        matrix = csr_matrix((edges.weight**power, (edges.a, edges.b)), shape=(n, n))
        pairs = rng.integers(0, n, (200, 2))
        expected = dijkstra(matrix, directed=False, indices=pairs[:, 0])
        for row, (source, target) in enumerate(pairs.tolist()):
            (path,) = graph.shortest_paths(PathQuery(str(edges.ids[source]), str(edges.ids[target]), power))
            assert path.cost == pytest.approx(expected[row, target], rel=1e-9)


def test_no_artwork_lies_on_more_than_one_in_twenty_gentle_paths(real: RealCollection) -> None:
    """Of 2,000 random pairs; unscaled angles gave 13 %."""
    rng = np.random.default_rng(5)
    passed = np.zeros(len(real.ids))
    with open_graph(real.settings) as graph:
        for source, target in rng.integers(0, len(real.ids), (2000, 2)).tolist():
            (path,) = graph.shortest_paths(PathQuery(str(real.ids[source]), str(real.ids[target]), PACES["gentle"]))
            passed[np.searchsorted(real.ids, path.ids[1:-1])] += 1
    assert passed.max() <= 0.05 * 2000
