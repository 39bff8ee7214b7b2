"""Two embedders as one: unit vectors, the second scaled, joined."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from loaders.embedders.base import Embedder, Prepare, Prepared
from stores.angles import unit
from stores.records import EmbedderFacts, Vectors


@dataclass(frozen=True, slots=True)
class _Both:
    """Prepare a picture for each part."""

    parts: tuple[Prepare, Prepare]

    def __call__(self, image: Image.Image) -> Prepared:
        return tuple(part(image) for part in self.parts)


class Blend:
    """An Embedder: vectors of ``first`` joined with ``weight`` times those of ``second``.

    The dot product of two blended vectors is the mean of the parts' dot products, weighted 1 to weight².
    """

    def __init__(self, first: Embedder, second: Embedder, weight: float) -> None:
        self._parts = (first, second)
        self._weight = weight
        self.prepare = _Both((first.prepare, second.prepare))
        self.facts = _facts(first.facts, second.facts, weight)

    def embed(self, prepared: Sequence[Prepared]) -> Vectors:
        """Return (n, dimension) unit vectors."""
        first, second = (
            part.embed([both[q] for both in prepared]).astype(np.float64) for q, part in enumerate(self._parts)
        )
        return unit(np.hstack([first, self._weight * second]))


def _facts(first: EmbedderFacts, second: EmbedderFacts, weight: float) -> EmbedderFacts:
    return EmbedderFacts(
        name=f"{first.name}+{second.name}@{weight:g}",
        dimension=first.dimension + second.dimension,
        checkpoint=f"{first.checkpoint}+{second.checkpoint}",
        preprocessing=f"{first.preprocessing}+{second.preprocessing}",
        licence=f"{first.licence}; {second.licence}",
        source=f"{first.source}; {second.source}",
        near_duplicate=math.hypot(first.near_duplicate, weight * second.near_duplicate) / math.hypot(1.0, weight),
    )
