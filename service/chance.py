"""Two artworks worth connecting, at random."""

import random
import uuid
from typing import Final

from service.paths import FoundPath, find_path
from stores.errors import NotFound
from stores.ports import GraphStore
from stores.records import Search

TRIES: Final = 6
ENOUGH: Final = 5
"""Artworks that make a path worth looking at; of pairs with fewer, the one with most is taken."""


def random_path(graph: GraphStore, chance: random.Random | None = None) -> FoundPath:
    """Find a path between two artworks drawn at random; NotFound while there are fewer than two."""
    chance = chance or random.Random()  # noqa: S311 -- a choice of pictures, no secret
    best: FoundPath | None = None
    for _ in range(TRIES):
        found = find_path(graph, _any(graph, chance), _any(graph, chance))
        if best is None or len(found.artworks) > len(best.artworks):
            best = found
        if len(best.artworks) >= ENOUGH:
            break
    if best is None or len(best.artworks) < 2:  # noqa: PLR2004 -- a pair
        raise NotFound("there are fewer than two artworks to connect: load some more")
    return best


def _any(graph: GraphStore, chance: random.Random) -> str:
    """Draw an artwork: ids are spread evenly, so the first after a random one is as good as any."""
    drawn = str(uuid.UUID(int=chance.getrandbits(128)))
    for after in ((3, drawn), None):
        if found := graph.find(Search(limit=1, after=after)).artworks:
            return found[0].id
    raise NotFound("there is no artwork at all: run 'xdegrees load FOLDER' first")
