"""Artworks that may lie between two stops: those near the line from one vector to the other."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from service.paths.space import Places, Space
from stores.angles import unit
from stores.records import Vectors, Where

PER_POINT: Final = 250
"""Asked for at each point of the line. Of 3,082 real artworks 150 at five points came within 1.2 % of the optimum
at 12 steps (median), 250 at three within 0.7 %; more points found the same artworks again."""

WIDER: Final = 800
"""Asked for where the first were not enough: the many who clash, or are to be avoided."""


def candidates(
    space: Space, stops: Sequence[Places], per_point: int, where: Where, avoid: frozenset[str]
) -> tuple[list[Places], bool]:
    """Return the candidates between each two stops, and whether they are all that there are.

    What is avoided is asked for besides, so that it never takes the place of what may be passed.
    """
    points = np.concatenate([line(start.vectors[0], end.vectors[0]) for start, end in pairwise(stops)])
    each = max(per_point // (len(stops) - 1), 60)
    out = avoid.union(*(stop.ids.tolist() for stop in stops))
    found = space.around(points, each + len(out), where)
    near = [[one for one in row if one not in out][:each] for row in found]
    ids = [sorted(set().union(*near[at : at + 3])) for at in range(0, len(near), 3)]
    return [space.places(some) for some in ids], all(len(row) < each for row in near)


def line(start: Vectors, end: Vectors) -> Vectors:
    """Return the (3, dimension) points at a quarter, half and three quarters of the arc between unit vectors."""
    middle = _halfway(start, end)
    return np.stack([_halfway(start, middle), middle, _halfway(middle, end)])


def _halfway(start: Vectors, end: Vectors) -> Vectors:
    """Return the middle of an arc; where the ends are opposite every middle is as good, so the start is."""
    total = start.astype(np.float64) + end
    return unit(total[None])[0] if np.linalg.norm(total) > 1e-6 else start  # noqa: PLR2004 -- float32 rounding
