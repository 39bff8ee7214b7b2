"""Candidates in order of progress, what a step between any two weighs, and the best ways through them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from service.paths.branching import Way, without_clashes
from service.paths.clashes import angles_between, clashes
from service.paths.layers import Weights, cheapest, most_even, smallest_largest
from service.paths.space import Places
from stores.angles import angles_to
from stores.records import Bools, Ints

WORK: Final = 200_000_000
"""Steps that are weighed while pairs that clash are branched on: about a third of a second."""

FEWEST_TRIES, MOST_TRIES = 8, 200
"""Ways that are sought meanwhile, whatever they cost."""

_SLACK: Final = 1.000001
"""Float32 rounds the largest step; the path that has it must stay within the bound."""


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Rows from source to target by progress, segment by segment.

    Attributes:
        places: all rows.
        fixed: rows that are on every path: the stops.
        last: the last row that a step from each may go to: the next stop.
        weights: (n, n) of a step; infinite where it is forbidden.
        clash: (n, n) whether two rows may not both be on a path.
        closed: rows that no path may pass, since they clash with a stop.
    """

    places: Places
    fixed: Bools
    last: Ints
    weights: Weights
    clash: Bools
    closed: Bools

    def without_leaps(self) -> "Lattice":
        """Return the same without a step from any stop straight to the next."""
        at = np.flatnonzero(self.fixed)
        weights = self.weights.copy()
        weights[at[:-1], at[1:]] = np.inf
        return replace(self, weights=weights)


def build(
    stops: Sequence[Places], between: Sequence[Places], near_duplicate: float, apart: Iterable[frozenset[str]] = ()
) -> Lattice:
    """Lay out the candidates between each two stops; ``between`` has one entry fewer than ``stops``."""
    parts, orders = [stops[0]], [np.zeros(1, dtype=np.int64)]
    for (start, end), candidates in zip(pairwise(stops), between, strict=True):
        parts += [candidates, end]
        orders += [_by_progress(start, end, candidates), orders[0]]
    places = Places.join(parts, orders)
    at = np.cumsum([len(part) for part in parts])[::2] - 1
    rows = np.arange(len(places))
    fixed = np.isin(rows, at)
    last = at[np.minimum(np.searchsorted(at, rows, side="right"), len(at) - 1)]
    weights = angles_between(places, near_duplicate)
    clash = clashes(places, weights, near_duplicate, apart)
    clash[np.ix_(at, at)] = False
    root = np.sqrt(places.reach).astype(np.float32)
    weights /= root[:, None]
    weights /= root
    weights[clash] = np.inf
    return Lattice(places, fixed, last, weights, clash, clash[at].any(axis=0))


def even_way(lattice: Lattice, images: int, closed: Bools) -> list[int] | None:
    """Rows of the path of exactly so many artworks whose largest step is smallest, and then its sum of squares.

    Among those that make steady progress: at every step the angle to the stop before, less that to the next, grows.
    A way that turns back may have smaller steps and is not looked for.
    """

    def solve(shut: Bools) -> Way | None:
        bound = smallest_largest(lattice.weights, lattice.last, shut, images)
        if bound == np.inf:
            return None
        rows = most_even(lattice.weights, lattice.last, shut, images, bound * _SLACK).tolist()
        return (bound, sum(float(lattice.weights[pair]) ** 2 for pair in pairwise(rows))), rows

    return without_clashes(lattice.clash, solve, lattice.closed | closed, _tries(lattice, images))


def cheapest_way(lattice: Lattice, power: int, closed: Bools) -> list[int] | None:
    """Rows of the path with the smallest sum of ``weight ** power``."""

    def solve(shut: Bools) -> Way | None:
        rows = cheapest(lattice.weights, lattice.last, shut, power).tolist()
        return ((sum(float(lattice.weights[pair]) ** power for pair in pairwise(rows)),), rows) if rows else None

    return without_clashes(lattice.clash, solve, lattice.closed | closed, _tries(lattice, power))


def _tries(lattice: Lattice, layers: int) -> int:
    """Return how many ways are sought before less than the best will do."""
    return min(max(WORK // (layers * len(lattice.places) ** 2), FEWEST_TRIES), MOST_TRIES)


def _by_progress(start: Places, end: Places, candidates: Places) -> Ints:
    """Return the order of candidates by ``angle to start - angle to end``, then id."""
    progress = angles_to(candidates.vectors, start.vectors[0]) - angles_to(candidates.vectors, end.vectors[0])
    return np.lexsort((candidates.ids, progress))
