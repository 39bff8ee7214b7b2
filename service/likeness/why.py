"""Why a step is a step: how close it is among all neighbours, and what both pictures have in common."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from service.likeness.traits import APART, CLOSE, LONG, Traits, in_common, read_traits, sentence
from service.likeness.vocabulary import PROMPT, WORDS, Vocabulary
from service.paths.records import FoundPath, Guest, Step, Why
from service.paths.space import Space
from service.sight import Sight
from stores.artwork import Artwork
from stores.errors import BadInput
from stores.pictures import largest_size, picture_path
from stores.records import Floats, GraphStats, Search, Vectors
from stores.words import facets, fold

FAR: Final = 90.0
"""Percentile of the angles between neighbours beyond which nobody calls two pictures close."""

SAMPLE: Final = 1000
"""Artworks whose edges stand for all: the percentile is then right to about one in a hundred. Ids are digests, so
the first are as good as any."""


COMMONPLACE: Final = 0.5
"""Share of the sample with a value of a column from which on it says nothing of two artworks that both have it."""


_FEW: Final = 10


class Explainer:
    """Explains the steps of paths in one collection; what it has to read once is kept; safe in several threads."""

    def __init__(self, space: Space, images: Path, sight: Sight) -> None:
        self._space = space
        self._images = images
        self._sight = sight
        self._seen: tuple[str, int] | None = None
        self._angles: Floats = np.zeros(0)
        self._commonplace: frozenset[tuple[str, str]] = frozenset()
        self._vocabulary: Vocabulary | None = None
        self._lock = threading.Lock()

    def explain(self, found: FoundPath, guests: Sequence[Guest] = ()) -> FoundPath:
        """Return the path, and its alternatives, with a reason at every step but those beside a gap."""
        self._prepare(found.stats)
        return self._explained(found, {guest.name: guest for guest in guests})

    def _explained(self, found: FoundPath, guests: Mapping[str, Guest]) -> FoundPath:
        artworks = {artwork.id: artwork for artwork in found.artworks}
        vectors = self._vectors([one for one in artworks if one not in guests]) if self._vocabulary else {}
        vectors = vectors | {name: guest.vector for name, guest in guests.items()}
        traits = {one: guests[one].traits if one in guests else self._traits(artworks[one]) for one in artworks}
        return replace(
            found,
            steps=tuple(replace(step, why=self._why(step, traits, vectors)) for step in found.steps),
            alternatives=tuple(self._explained(other, guests) for other in found.alternatives),
        )

    def _why(self, step: Step, traits: Mapping[str, Traits | None], vectors: Mapping[str, Vectors]) -> Why | None:
        if step.angle is None:  # beside an artwork that is no longer there
            return None
        first, second = traits[step.source], traits[step.target]
        common = in_common(first, second) if first and second else ()
        words: tuple[str, ...] = ()
        if self._vocabulary and step.source in vectors and step.target in vectors:
            words = self._vocabulary.closest(vectors[step.source], vectors[step.target])
        telling = {name: value for name, value in step.shared.items() if (name, fold(value)) not in self._commonplace}
        percentile = self._percentile(step.angle)
        return Why(sentence(common, telling, _unnamed(step, percentile)), common, words, percentile)

    def _percentile(self, angle: float) -> float | None:
        if not len(self._angles):
            return None
        return 100.0 * float(np.searchsorted(self._angles, angle, side="left")) / len(self._angles)

    def _traits(self, artwork: Artwork) -> Traits | None:
        size = "thumb" if "thumb" in artwork.images else largest_size(artwork)
        return read_traits(picture_path(self._images, artwork.content_hash, size)) if size else None

    def _vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        places = self._space.places(ids)
        return dict(zip(places.ids.tolist(), places.vectors, strict=True))

    def _prepare(self, stats: GraphStats) -> None:
        """Read a sample of the graph, once for each, and of the metadata whenever they have changed."""
        seen = (stats.facts.digest if stats.facts else "", stats.metadata_version)
        with self._lock:
            if seen == self._seen:
                return
            artworks = self._space.graph.find(Search(limit=SAMPLE)).artworks
            self._commonplace = _commonplace(artworks)
            if self._seen is None or seen[0] != self._seen[0]:
                sample = [artwork.id for artwork in artworks]
                edges = self._space.graph.edges(sample)
                self._angles = np.sort(edges.angle[~edges.bridge])
                self._vocabulary = self._read_vocabulary(sample, stats)
            self._seen = seen

    def _read_vocabulary(self, sample: Sequence[str], stats: GraphStats) -> Vocabulary | None:
        """Embed the words, where the embedder knows any and is here."""
        if stats.facts is None or not stats.facts.embedder.text or not self._space.has_vectors:
            return None
        try:
            words = self._sight.embed_words([PROMPT.format(word) for word in WORDS], stats)
        except BadInput:
            return None
        self._space.enter(stats)
        return Vocabulary.over(words, self._space.places(sample).vectors)


def _unnamed(step: Step, percentile: float | None) -> str:
    """Return what is true of a step where nothing can be named: only neighbours are close, and not all of those."""
    if percentile is not None and percentile > FAR:
        return LONG
    neighbors = step.kind == "neighbor" or step.rank is not None
    return CLOSE if neighbors and percentile is not None else APART


def _commonplace(artworks: Sequence[Artwork]) -> frozenset[tuple[str, str]]:
    """Return the (column, folded value) pairs that most artworks have; of a few artworks none is."""
    counts = Counter(pair for artwork in artworks for pair in {(name, fold(value)) for name, value in facets(artwork)})
    most = max(COMMONPLACE * len(artworks), _FEW)
    return frozenset(pair for pair, count in counts.items() if count > most)
