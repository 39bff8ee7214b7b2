"""What a writer keeps in memory of a collection between two writes, so that one artwork costs one pass."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from loaders.links import digest
from loaders.marks import moved_mark
from loaders.plan import held_payloads
from loaders.relink import read_vectors
from loaders.standing import Standing, read_standing
from loaders.updates import delta_of, lists_to_redo, update
from stores.artwork import Artwork
from stores.network import Network
from stores.ports import GraphStore, VectorStore
from stores.records import Bools, GraphDelta, GraphFacts, Vectors


@dataclass(slots=True)
class Holdings:
    """A collection as it is linked.

    Attributes:
        version: of the graph.
        facts: of the graph.
        standing: vectors, lists and components.
        digests: of each vector, by id.
        pictures: by how many artworks each picture, a content hash and the name of a size, is shown.
    """

    version: int
    facts: GraphFacts
    standing: Standing
    digests: dict[str, str]
    pictures: Counter[tuple[str, str]]

    def relinks(self, gone: Iterable[str], count: int) -> float:
        """Return the share of the lists that are worked out anew where these go and so many come."""
        return (lists_to_redo(self.standing, self._rows(gone)) + count) / max(len(self.standing), 1)

    def change(self, gone: Iterable[Artwork], fresh: Sequence[Artwork], vectors: Vectors) -> GraphDelta:
        """Return what has to be written when artworks go and others come, or come back changed.

        ``fresh`` know their vector's digest; (len(fresh), dimension) are their vectors.
        """
        leaving = {artwork.id: artwork for artwork in gone}
        names = [artwork.id for artwork in fresh]
        change = update(self.standing, self._rows(leaving), names, vectors)
        self.pictures.subtract(shown_pictures(leaving.values()))
        self.pictures.update(shown_pictures(fresh))
        for one in leaving:
            del self.digests[one]
        self.digests.update((artwork.id, artwork.vector) for artwork in fresh)
        ordered = self.standing.ascending
        self.facts = replace(
            self.facts,
            digest=digest(map(self.digests.__getitem__, ordered), len(ordered), self.facts.k),
            components=change.components,
            metadata_mark=moved_mark(self.facts.metadata_mark, leaving.values(), fresh),
        )
        return delta_of(change, self.facts, fresh, sorted(leaving.keys() - set(names)))

    def _rows(self, ids: Iterable[str]) -> Bools:
        flags = np.zeros(len(self.standing), dtype=np.bool_)
        flags[[self.standing.rows[one] for one in ids]] = True
        return flags


def read_holdings(vectors: VectorStore, graph: GraphStore) -> Holdings | None:
    """Read a collection; None where its graph does not follow from its vectors, or is too small for updates."""
    stats = graph.stats()
    if stats.facts is None or not stats.facts.k + 1 < stats.artworks == vectors.stats().count:
        return None
    held = {one: Artwork.from_payload(one, payload) for one, payload in held_payloads(vectors).items()}
    digests = {one: held[one].vector for one in sorted(held)}
    if digest(digests.values(), len(digests), stats.facts.k) != stats.facts.digest:
        return None
    _, matrix = read_vectors(vectors, stats.facts.embedder, stats.artworks)
    standing = read_standing(Network(graph.edges(), graph.reach()), matrix, stats.facts.k)
    if standing is None:
        return None
    return Holdings(stats.version, stats.facts, standing, digests, shown_pictures(held.values()))


def shown_pictures(artworks: Iterable[Artwork]) -> Counter[tuple[str, str]]:
    """Count by how many artworks each picture is shown."""
    return Counter((artwork.content_hash, size) for artwork in artworks for size in artwork.images)
