"""Paths as the public may be shown them: drawn at random, the best and the worst of them, and where they crowd."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from service.paths.find import find_path
from service.paths.records import FoundPath, Question
from service.paths.space import Space
from service.steering import Steering
from service.vetting.figures import SHOWN
from stores.errors import NoPath

IMAGES: Final = 7
ASKED: Final = 60
STRIPS: Final = 10
"""Of each kind: best, worst, random."""

WALKS: Final = 200
"""Natural paths by which it is told who is busiest."""


@dataclass(frozen=True, slots=True)
class Samples:
    """What some random pairs gave.

    Attributes:
        best, worst, others: paths of seven artworks, by their largest step; no path is in two of them.
        failed: pairs between which there was no such path.
        busiest: (id, share of the natural paths that pass it), ends not counted.
    """

    best: tuple[FoundPath, ...]
    worst: tuple[FoundPath, ...]
    others: tuple[FoundPath, ...]
    failed: int
    busiest: tuple[tuple[str, float], ...]


def draw_samples(space: Space, ids: Sequence[str], steering: Steering, seed: int) -> Samples:
    """Ask for paths between random pairs, as the service would; the same seed gives the same pairs."""
    chance = Random(seed)  # noqa: S311 -- a choice of pictures, no secret
    shown = [one for one in ids if one not in steering.exclude]
    found, failed = [], 0
    for source, target in _pairs(shown, ASKED, chance):
        try:
            images = min(IMAGES, len(shown))
            found.append(find_path(space, steering.steer(Question(source, target, images))))
        except NoPath:
            failed += 1
    found.sort(key=lambda path: path.quality.largest_step)
    each = min(STRIPS, len(found) // 3 or len(found))
    best, worst = found[:each], found[max(len(found) - each, each) :][::-1]
    rest = found[each : len(found) - len(worst)]
    others = chance.sample(rest, min(each, len(rest)))
    return Samples(tuple(best), tuple(worst), tuple(others), failed, _busiest(space, shown, steering, chance))


def _busiest(space: Space, ids: Sequence[str], steering: Steering, chance: Random) -> tuple[tuple[str, float], ...]:
    passed: Counter[str] = Counter()
    pairs = _pairs(ids, WALKS, chance)
    for source, target in pairs:
        path = find_path(space, steering.steer(Question(source, target)))
        passed.update(artwork.id for artwork in path.artworks[1:-1])
    ordered = sorted(passed.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    return tuple((artwork_id, count / len(pairs)) for artwork_id, count in ordered)


def _pairs(ids: Sequence[str], count: int, chance: Random) -> list[tuple[str, str]]:
    """Draw different pairs of different artworks; of a small collection every pair at most once."""
    if len(ids) < 2:  # noqa: PLR2004 -- a pair
        return []
    possible = len(ids) * (len(ids) - 1) // 2
    drawn: dict[frozenset[str], tuple[str, str]] = {}
    while len(drawn) < min(count, possible):
        source, target = chance.sample(list(ids), 2)
        drawn.setdefault(frozenset((source, target)), (source, target))
    return list(drawn.values())
