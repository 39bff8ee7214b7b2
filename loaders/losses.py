"""Vectors that are gone while the graph still knows their artworks: nothing may be made to follow from that.

A few may be what an interrupted removal left; many are a damaged store, and the graph may be the last that knows them.
"""

from collections.abc import Container
from typing import Final

from stores.ports import GraphStore, VectorStore

FEW: Final = 10
SHARE: Final = 0.05
"""As many as this of all artworks, or FEW, may be without a vector and be taken out without asking."""

LOST: Final = (
    "the graph holds {artworks:,} artworks and the vector store only {vectors:,}: vectors are lost. Restore a backup, "
    "or load the folders again that the artworks came from; 'xdegrees relink' goes on without them. Nothing is taken "
    "away until then"
)


def are_lost(missing: int, artworks: int) -> bool:
    """Whether so many artworks of a graph without a vector are more than a removal may have left."""
    return missing > max(FEW, SHARE * artworks) or 0 < missing == artworks


def told_lost(graph: GraphStore, vectors: VectorStore) -> str:
    """Return what somebody is told of whose vectors are lost."""
    return LOST.format(artworks=graph.stats().artworks, vectors=vectors.stats().count)


def orphans(graph: GraphStore, held: Container[str]) -> set[str]:
    """Return the ids of the artworks of a graph that are not among those held."""
    return {one for one in graph.edges().ids.tolist() if one not in held}
