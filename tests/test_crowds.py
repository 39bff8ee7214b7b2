"""Collections full of near-duplicates and views of one object: paths are found, good ones, and soon."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from service.paths import lattice as lattices
from service.paths.lattice import FEWEST_TRIES, Lattice, build, even_way
from service.paths.layers import smallest_largest
from service.paths.space import Places
from stores.angles import unit
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
