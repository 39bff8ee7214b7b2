"""The best way on which no two rows clash, by a search around a solver that knows single steps only.

What may not stand together on a path (near-duplicates, views of one object, pairs kept apart) is no matter of
single steps, so it is branched on: while the best way holds such a pair, it is sought again without the one and
without the other. The first way found without a pair is the best there is.

Where there are many such pairs that has no end. So after some tries, whatever clashes with an earlier row of the best
way is given up at once, as often as that takes; and in the end one of each who clash is kept before anything is
sought, which leaves no pair to be found. That way is good, not always the best.
"""

import heapq
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from stores.records import Bools

Way = tuple[tuple[float, ...], list[int]]
"""How good a way is, the smaller the better, and its rows."""

Solver = Callable[[Bools], Way | None]
"""Finds the best way that passes none of the (n,) rows marked."""


def without_clashes(clash: Bools, solve: Solver, closed: Bools, tries: int) -> list[int] | None:
    """Return rows of which no two clash; None where there is no such way.

    Args:
        clash: (n, n) which two rows may not both be on a path.
        solve: is called at most ``2 * tries + 3`` times.
        closed: (n,) rows that no path may pass.
        tries: within so many the way is the best there is.
    """
    nearest = _branched(clash, solve, closed, tries)
    if nearest is None:
        return None
    rows, shut = nearest
    for _ in range(tries):
        given_up = _later(clash, rows)
        if not given_up:
            return rows
        further = _without(shut, given_up)
        found = solve(further)
        if found is None:
            break
        rows, shut = found[1], further
    for start, first in ((shut, rows), (closed, [])):
        if found := solve(_one_of_each(clash, start, first)):
            return found[1]
    return None


def _branched(clash: Bools, solve: Solver, closed: Bools, tries: int) -> tuple[list[int], Bools] | None:
    """Return the best way without clashes, or after so many tries the best with some, and what was shut for it."""
    heap: list[tuple[tuple[float, ...], int, list[int], Bools]] = []
    waiting, tried = [closed], 0
    while True:
        for shut in waiting:
            tried += 1
            if found := solve(shut):
                heapq.heappush(heap, (found[0], tried, found[1], shut))
        if not heap:
            return None
        _, _, rows, shut = heapq.heappop(heap)
        pair = next((pair for pair in combinations(rows, 2) if clash[pair]), None)
        if pair is None or tried >= tries:
            return rows, shut
        waiting = [_without(shut, [row]) for row in pair]


def _without(shut: Bools, rows: Sequence[int]) -> Bools:
    further = shut.copy()
    further[rows] = True
    return further


def _later(clash: Bools, rows: Sequence[int]) -> list[int]:
    """Return the rows of a way that clash with an earlier one, of those not given up themselves."""
    kept: list[int] = []
    given_up: list[int] = []
    for row in rows:
        crowd = given_up if clash[row, kept].any() else kept
        crowd.append(row)
    return given_up


def _one_of_each(clash: Bools, closed: Bools, first: Sequence[int]) -> Bools:
    """Close rows until no two that are open clash: some are kept first, then those that clash with the fewest."""
    shut = closed.copy()
    clashing = (clash & ~shut[None, :]).sum(axis=1)
    for row in (*first, *np.argsort(clashing, kind="stable").tolist()):
        if not shut[row]:
            shut |= clash[row]
    return shut
