"""All artworks of a collection, some at a time, so that no answer holds them all."""

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Final

import numpy as np

from stores.artwork import Artwork
from stores.errors import NotFound
from stores.ports import GraphStore

BATCH: Final = 1000
"""Artworks read from the graph at once."""


def batches(graph: GraphStore) -> Iterator[tuple[Artwork, ...]]:
    """Yield every artwork once, by ascending id; those that are taken down meanwhile are left out."""
    ids = graph.edges().ids
    for at in range(0, len(ids), BATCH):
        yield still_there(graph, ids[at : at + BATCH].tolist())


def still_there(graph: GraphStore, ids: Sequence[str]) -> tuple[Artwork, ...]:
    """Return those of some artworks that are still there: others may be taken down meanwhile."""
    while True:
        try:
            return graph.artworks(ids)
        except NotFound:
            ids = list(compress(ids, ~np.isnan(graph.reach(ids))))
