"""Neighbour lists against brute force in float64, on sets made to be awkward."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import neighbors
from loaders.neighbors import nearest_neighbors
from stores.angles import angle, unit
from stores.records import Vectors
from tests.made import RealCollection, made_vectors


def brute_force(vectors: Vectors, k: int) -> tuple[list[list[int]], list[list[float]]]:
    """Every pair, in plain float64 numpy, ordered by angle and row."""
    wide = vectors.astype(np.float64)
    index, angles = [], []
    for row, vector in enumerate(wide):
        measured = [angle(vectors[row], other) for other in vectors]
        chord = np.linalg.norm(wide - vector, axis=1)
        np.testing.assert_allclose(measured, 2 * np.arcsin(np.minimum(chord / 2, 1)), rtol=1e-12, atol=1e-15)
        nearest = sorted((a, other) for other, a in enumerate(measured) if other != row)[:k]
        index.append([other for _, other in nearest])
        angles.append([a for a, _ in nearest])
    return index, angles


def _duplicates() -> Vectors:
    vectors = made_vectors(120, 16)
    vectors[30:80] = vectors[0]
    return vectors


def _ties() -> Vectors:
    return unit(np.sign(np.random.default_rng(1).normal(size=(150, 6))))


def _opposites() -> Vectors:
    vectors = made_vectors(20, 5)
    return np.concatenate([vectors, -vectors])


def _nearly_equal() -> Vectors:
    return unit(made_vectors(1, 32) + np.random.default_rng(2).normal(size=(90, 32)) * 1e-6)


SETS: dict[str, Callable[[], Vectors]] = {
    "random": lambda: made_vectors(200, 12),
    "duplicates": _duplicates,
    "ties": _ties,
    "opposites": _opposites,
    "nearly equal": _nearly_equal,
    "one": lambda: made_vectors(1),
    "two": lambda: made_vectors(2),
    "none": lambda: made_vectors(0),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("k", [1, 15, 500])
@pytest.mark.parametrize("tile", [7, 2048])
def test_lists_equal_brute_force_exactly(name: str, k: int, tile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors, "TILE", tile)
    vectors = SETS[name]()
    lists = nearest_neighbors(vectors, k)
    index, angles = brute_force(vectors, k)
    assert lists.index.tolist() == index
    assert lists.angle.tolist() == angles


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 9), st.integers(1, 4), st.integers(0, 9))
def test_lists_do_not_depend_on_tiles_or_threads(n: int, k: int, tile: int, threads: int, seed: int) -> None:
    vectors = made_vectors(n, 6, seed)
    usual = nearest_neighbors(vectors, k, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbors, "TILE", tile)
        other = nearest_neighbors(vectors, k, threads)
    assert (usual.index == other.index).all()
    assert (usual.angle == other.angle).all()


def test_many_copies_of_one_picture_are_not_measured_in_pairs() -> None:
    """With 4,000 copies, 8 million pairs: skipped by comparing rows, or this takes minutes."""
    lists = nearest_neighbors(np.repeat(made_vectors(1, 256), 4000, axis=0), 15)
    assert lists.index[0].tolist() == list(range(1, 16))
    assert lists.index[3999].tolist() == list(range(15))
    assert not lists.angle.any()


def test_real_artworks_have_the_neighbours_that_brute_force_finds(real: RealCollection) -> None:
    lists = nearest_neighbors(real.vectors, 15)
    wide = real.vectors.astype(np.float64)
    for row in range(len(wide)):
        chord = np.sqrt(((wide - wide[row]) ** 2).sum(axis=1))
        chord[row] = np.inf
        assert lists.index[row].tolist() == np.lexsort((np.arange(len(wide)), chord))[:15].tolist()
