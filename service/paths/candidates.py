"""Artworks that may lie between two stops: those near the line from one vector to the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from service.paths.clashes import angles_between, clashes
from service.paths.records import Question
from service.paths.space import Places, Space
from stores.angles import angles_to, unit
from stores.records import Vectors

PER_POINT: Final = 230
"""Asked for at each point of the line. Of 3,082 real artworks 150 at five points came within 1.2 % of the optimum
at 12 steps (median), 210 at three within the same, 230 within 1.0 %, 250 within 0.8 %; more points found the same
artworks again. What a path costs grows with the square."""

WIDER: Final = 4
"""Times as many are asked for where the first were not enough: the many who clash."""

_BLOCK: Final = 500


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What was found near the lines.

    Attributes:
        between: by leg, from stop to stop.
        left: how many artworks there are in all legs, those that clash counted.
        complete: whether there are no others at all.
    """

    between: tuple[Places, ...]
    left: int
    complete: bool


def candidates(
    space: Space, question: Question, stops: Sequence[Places], near_duplicate: float
) -> Iterator[Candidates]:
    """Yield the candidates between each two stops, then more of them, until there are no others.

    The first are whoever is nearest; later ones hold as many of whom no two clash, so that neither a crowd of
    near-duplicates takes all the places nor a lattice of all there are must be laid out.
    """
    points = np.concatenate([line(start.vectors[0], end.vectors[0]) for start, end in pairwise(stops)])
    each = max(max(PER_POINT, 10 * (question.images or 0)) // (len(stops) - 1), 60)
    out, most = question.avoid.union(*(stop.ids.tolist() for stop in stops)), 3 * each
    while True:
        found = space.around(points, each, question.where, out)
        legs = [sorted(set().union(*found[at : at + 3])) for at in range(0, len(found), 3)]
        between = [space.places(leg) for leg in legs]
        if any(len(places) > most for places in between):
            between = [
                _sparse(places, points[3 * leg : 3 * leg + 3], stops, most, near_duplicate, question.apart)
                for leg, places in enumerate(between)
            ]
        complete = all(len(row) < each for row in found)
        yield Candidates(tuple(between), len(set().union(*legs)), complete)
        if complete:
            return
        each *= WIDER


def _sparse(
    places: Places,
    points: Vectors,
    stops: Sequence[Places],
    most: int,
    near_duplicate: float,
    apart: Iterable[frozenset[str]],
) -> Places:
    """Return those nearest to any of some points that clash with no stop and no nearer one, ``most`` of them."""
    order = np.lexsort((places.ids, np.min([angles_to(places.vectors, point) for point in points], axis=0)))
    kept = Places.join(stops, [np.zeros(1, dtype=np.int64)] * len(stops))
    first = len(kept)
    for at in range(0, len(order), _BLOCK):
        block = order[at : at + _BLOCK]
        both = Places.join([kept, places], [np.arange(len(kept)), block])
        clash = clashes(both, angles_between(both, near_duplicate), near_duplicate, apart)
        rows = list(range(len(kept)))
        for row in range(len(kept), len(both)):
            if not clash[row, rows].any():
                rows.append(row)
        kept = both.take(np.array(rows[: first + most], dtype=np.int64))
        if len(kept) == first + most:
            break
    return kept.take(np.arange(first, len(kept)))


def line(start: Vectors, end: Vectors) -> Vectors:
    """Return the (3, dimension) points at a quarter, half and three quarters of the arc between unit vectors."""
    middle = _halfway(start, end)
    return np.stack([_halfway(start, middle), middle, _halfway(middle, end)])


def _halfway(start: Vectors, end: Vectors) -> Vectors:
    """Return the middle of an arc; where the ends are opposite every middle is as good, so the start is."""
    total = start.astype(np.float64) + end
    return unit(total[None])[0] if np.linalg.norm(total) > 1e-6 else start  # noqa: PLR2004 -- float32 rounding
