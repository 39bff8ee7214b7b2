"""What may not stand together on a path: near-duplicates, views of one object, pairs that an editor keeps apart."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import numpy as np

from service.paths.layers import Weights
from service.paths.space import Places
from stores.angles import angle
from stores.compiled import compiled
from stores.records import Bools, Vectors

_NEAR: Final = 1e-3
"""Radians from the near-duplicate angle within which a float32 product may be on the wrong side of it."""


def angles_between(places: Places, near_duplicate: float) -> Weights:
    """Return the (n, n) angles from float32 products; what is close to a near-duplicate is measured exactly."""
    found: Weights = places.vectors @ places.vectors.T
    np.clip(found, -1, 1, out=found)
    np.arccos(found, out=found)
    _measure(found, places.vectors, near_duplicate - _NEAR, near_duplicate + _NEAR)
    return found


def clashes(places: Places, measured: Weights, near_duplicate: float, apart: Iterable[frozenset[str]]) -> Bools:
    """Return (n, n) which two rows may not both be on a path; a row does not clash with itself."""
    clash: Bools = measured < near_duplicate
    clash |= kept_apart(places.ids.tolist(), places.objects, apart)
    np.fill_diagonal(clash, val=False)
    return clash


def kept_apart(ids: Sequence[str], objects: Sequence[str], apart: Iterable[frozenset[str]]) -> Bools:
    """Return the part of it that needs no vectors: (n, n) from ids and the object of each, empty where it has none."""
    clash = np.zeros((len(ids), len(ids)), dtype=np.bool_)
    rows_of = _rows_of(ids)
    views = _rows_of(objects)
    views.pop("", None)
    pairs = ([row for artwork_id in pair for row in rows_of.get(artwork_id, ())] for pair in apart)
    for rows in chain(rows_of.values(), views.values(), pairs):
        if len(rows) > 1:
            clash[np.ix_(rows, rows)] = True
    np.fill_diagonal(clash, val=False)
    return clash


def _rows_of(names: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        rows.setdefault(name, []).append(row)
    return rows


@compiled
def _measure(found: Weights, vectors: Vectors, low: float, high: float) -> None:
    """Put the exact angle where a rounded one lies between two bounds."""
    for i in range(len(found)):
        for j in range(i):
            if low < found[i, j] < high:
                exact = angle(vectors[i], vectors[j])
                found[i, j] = exact
                found[j, i] = exact
