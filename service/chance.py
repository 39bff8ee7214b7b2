"""Two artworks worth connecting, at random."""

import random
import uuid
from typing import Final

from service.paths.find import find_path
from service.paths.records import FoundPath, Question
from service.paths.space import Space
from service.steering import Steering
from stores.errors import NotFound
from stores.ports import GraphStore
from stores.records import Search

TRIES: Final = 6
FEATURED: Final = 0.5
"""Share of featured pairs: an editor's choice is seen, and so is the collection."""

FEWEST, MOST = 5, 10
"""Artworks of a path that is worth looking at and seen at a glance."""


def random_path(space: Space, steering: Steering | None = None, chance: random.Random | None = None) -> FoundPath:
    """Find a path between two artworks drawn at random, every other time a featured pair where there are any.

    NotFound while there are fewer than two.
    """
    steering, chance = steering or Steering(), chance or random.Random()  # noqa: S311 -- a choice of pictures, no secret
    if steering.featured and chance.random() < FEATURED:
        source, target = chance.choice(steering.featured)
        return find_path(space, steering.steer(Question(source, target)))
    best: FoundPath | None = None
    for _ in range(TRIES):
        source, target = (any_artwork(space.graph, chance, steering.exclude) for _ in range(2))
        found = find_path(space, steering.steer(Question(source, target)))
        if best is None or _off(found) < _off(best):
            best = found
        if _off(best) == 0:
            break
    if best is None or len(best.artworks) < 2:  # noqa: PLR2004 -- a pair
        raise NotFound("there are fewer than two artworks to connect: load some more")
    return best


def _off(path: FoundPath) -> int:
    """How many artworks a path has too few or too many; too few is worse."""
    count = len(path.artworks)
    return 100 * max(FEWEST - count, 0) + max(count - MOST, 0)


def any_artwork(graph: GraphStore, chance: random.Random, exclude: frozenset[str]) -> str:
    """Draw an artwork: ids are spread evenly, so the first after a random one is as good as any."""
    drawn = str(uuid.UUID(int=chance.getrandbits(128)))
    for after in ((3, drawn), None):
        found = [one.id for one in graph.find(Search(limit=1 + len(exclude), after=after)).artworks]
        if shown := [one for one in found if one not in exclude]:
            return shown[0]
    raise NotFound("there is no artwork at all: run 'xdegrees load FOLDER' first")
