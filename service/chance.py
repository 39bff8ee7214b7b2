"""Two artworks worth connecting, at random."""

import random
import uuid
from collections.abc import Sequence
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

PAGES: Final = 12
PAGE: Final = 100
"""Pages, and artworks of one, that are looked through for one without an advisory: bounded, however many have one."""

FEWEST, MOST = 5, 10
"""Artworks of a path that is worth looking at and seen at a glance."""


def random_path(space: Space, steering: Steering | None = None, chance: random.Random | None = None) -> FoundPath:
    """Find a path between two artworks drawn at random, every other time a featured pair where there are any.

    NotFound while there are fewer than two.
    """
    steering, chance = steering or Steering(), chance or random.Random()  # noqa: S311 -- a choice of pictures, no secret
    featured = _without_advisory(space.graph, steering.featured)
    if featured and chance.random() < FEATURED:
        source, target = chance.choice(featured)
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


def _without_advisory(graph: GraphStore, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs of which neither has an advisory: nobody who is surprised by a picture could be asked before."""
    ids = sorted({one for pair in pairs for one in pair})
    shown = {artwork.id for artwork in graph.artworks(ids) if not artwork.advisory} if ids else set()
    return [pair for pair in pairs if shown.issuperset(pair)]


def _off(path: FoundPath) -> int:
    """How many artworks a path has too few or too many; too few is worse."""
    count = len(path.artworks)
    return 100 * max(FEWEST - count, 0) + max(count - MOST, 0)


def any_artwork(graph: GraphStore, chance: random.Random, exclude: frozenset[str]) -> str:
    """Draw an artwork without an advisory: ids are spread evenly, so the first after a random one is as good as any."""
    after: tuple[int, str] | None = (3, str(uuid.UUID(int=chance.getrandbits(128))))
    limit = 1 + len(exclude)
    for _ in range(PAGES):
        page = graph.find(Search(limit=limit, after=after))
        if shown := [one.id for one in page.artworks if one.id not in exclude and not one.advisory]:
            return shown[0]
        after, limit = page.after, PAGE
    if graph.find(Search(limit=1)).total:
        raise NotFound("no artwork is left to draw: each is excluded or has an advisory; name two yourself")
    raise NotFound("there is no artwork at all: run 'xdegrees load FOLDER' first")
