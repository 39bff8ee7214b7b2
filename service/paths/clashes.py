"""What may not stand together on a path: near-duplicates, views of one object, pairs that an editor keeps apart."""

from collections.abc import Iterable
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
    clash: Bools = angle < near_duplicate
    artworks, objects = (np.unique(names, return_inverse=True)[1] for names in (places.ids, np.array(places.objects)))
    clash |= artworks[:, None] == artworks[None, :]
    clash |= (objects[:, None] == objects[None, :]) & (np.array(places.objects) != "")[:, None]
    for pair in apart:
        held = np.isin(places.ids, np.array(sorted(pair), dtype="U36"))
        clash |= held[:, None] & held[None, :]
    np.fill_diagonal(clash, val=False)
    return clash
