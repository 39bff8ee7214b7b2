"""What may not stand together on a path: near-duplicates, views of one object, pairs that an editor keeps apart."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from service.paths.layers import Weights
from service.paths.space import Places
from stores.angles import angles
from stores.records import Bools

_NEAR: Final = 1e-3
"""Radians from the near-duplicate angle within which a float32 product may be on the wrong side of it."""


def angles_between(places: Places, near_duplicate: float) -> Weights:
    """Return the (n, n) angles from float32 products; what is close to a near-duplicate is measured exactly."""
    found: Weights = places.vectors @ places.vectors.T
    np.subtract(1, found, out=found)
    found *= 0.5
    np.clip(found, 0, 1, out=found)
    np.sqrt(found, out=found)
    np.arcsin(found, out=found)
    found *= 2
    unsure = np.argwhere(np.triu((found > near_duplicate - _NEAR) & (found < near_duplicate + _NEAR), 1))
    if len(unsure):
        exact = angles(places.vectors[unsure[:, 0]], places.vectors[unsure[:, 1]])
        found[unsure[:, 0], unsure[:, 1]] = found[unsure[:, 1], unsure[:, 0]] = exact
    return found


def clashes(places: Places, angle: Weights, near_duplicate: float, apart: Iterable[frozenset[str]]) -> Bools:
    """Return (n, n) which two rows may not both be on a path; a row does not clash with itself."""
    clash: Bools = (angle < near_duplicate) | kept_apart(places.ids.tolist(), places.objects, apart)
    np.fill_diagonal(clash, val=False)
    return clash


def kept_apart(ids: Sequence[str], objects: Sequence[str], apart: Iterable[frozenset[str]]) -> Bools:
    """Return the part of it that needs no vectors: (n, n) from ids and the object of each, empty where it has none."""
    artworks, views = (np.unique(np.array(names), return_inverse=True)[1] for names in (ids, objects))
    clash: Bools = artworks[:, None] == artworks[None, :]
    clash |= (views[:, None] == views[None, :]) & (np.array(objects) != "")[:, None]
    rows_of: dict[str, list[int]] = {}
    for row, artwork_id in enumerate(ids):
        rows_of.setdefault(artwork_id, []).append(row)
    for pair in apart:
        held = [row for artwork_id in pair for row in rows_of.get(artwork_id, ())]
        clash[np.ix_(held, held)] = True
    np.fill_diagonal(clash, val=False)
    return clash
