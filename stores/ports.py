"""The two ports. What every adapter promises is held by the contract suites in tests/.

Agreed for both: empty at start; writing twice is writing once; overwrite by id; a missing id raises
NotFound; another embedder or dimension raises Mismatch; an unreachable server raises Unavailable.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from stores.artwork import Artwork, Payload
from stores.records import (
    Edges,
    EmbedderFacts,
    Floats,
    GraphDelta,
    GraphStats,
    Hits,
    Page,
    Path,
    PathQuery,
    Search,
    VectorBatch,
    Vectors,
    VectorStats,
    Where,
)

PACES: Final = {"direct": 1, "balanced": 4, "gentle": 8, "scenic": 16}
"""Pace to power: a step costs ``weight ** power``, so the more, the smaller the steps and the longer the path."""


class VectorStore(Protocol):
    """What was embedded: vectors with their metadata. It cannot be derived from anything else."""

    def prepare(self, facts: EmbedderFacts) -> None:
        """Make the store ready for vectors of this embedder; Mismatch if it holds another's."""

    def upsert(self, ids: Sequence[str], vectors: Vectors, payloads: Sequence[Payload]) -> None:
        """Write (n, dimension) unit vectors and their payloads; durable when the call returns."""

    def get(self, ids: Sequence[str]) -> VectorBatch:
        """Return these artworks in this order; NotFound names the first that is missing."""

    def nearest(self, vectors: Vectors, k: int, where: Where | None = None, *, exact: bool = True) -> Hits:
        """Return the k nearest of each (queries, dimension) row, by angle, then id.

        With ``exact=False`` the engine may use its own HNSW index: some neighbours may be missed, the
        angles are exact all the same.
        """

    def vicinity(self, vectors: Vectors, k: int, where: Where | None = None) -> Hits:
        """Return the k nearest of each row as the engine has them, without reading one vector.

        Angles are those of float32 dot products, so what is equally near to within
        :func:`stores.angles.dot_error` may stand in any order.
        """

    def scan(self, *, with_vectors: bool = True) -> Iterator[VectorBatch]:
        """Yield everything once, by ascending id."""

    def delete(self, ids: Sequence[str]) -> None:
        """Take these out; ids that are not there are no error."""

    def stats(self) -> VectorStats:
        """Say how many there are, and of which embedder."""


class GraphStore(Protocol):
    """What follows from the vectors. It can be thrown away and rebuilt."""

    def apply(self, delta: GraphDelta) -> int:
        """Apply a change whole or not at all; return the version after it."""

    def artworks(self, ids: Sequence[str]) -> tuple[Artwork, ...]:
        """Return these artworks in this order; NotFound names the first that is missing."""

    def find(self, search: Search) -> Page:
        """Return a page of artworks: exact key, exact title, title prefix, the rest; then by id."""

    def edges(self, ids: Sequence[str] | None = None) -> Edges:
        """Return every edge at any of these artworks, or of all; NotFound as above."""

    def reach(self, ids: Sequence[str] | None = None) -> Floats:
        """Return how far the neighbours of these artworks reach, in radians, or of all; NaN where one is missing."""

    def shortest_paths(self, query: PathQuery) -> tuple[Path, ...]:
        """Return the cheapest paths, best first; none where there is no way. NotFound as above."""

    def stats(self) -> GraphStats:
        """Say what the graph holds, and its version."""
