"""Words of art for embedders that know words: which of them are closest to both pictures of a step."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from stores.records import Floats, Vectors

WORDS: Final = (
    "portrait", "self-portrait", "crowd", "mother and child", "nude", "dancers", "musicians", "soldiers", "saints",
    "angels", "mythology", "horses", "birds", "dogs", "cats", "cattle", "fish", "insects", "dragons", "landscape",
    "mountains", "forest", "garden", "river", "lake", "waterfall", "sea", "ships", "harbour", "beach", "snow", "rain",
    "storm", "clouds", "sunset", "moonlight", "night", "fire", "city street", "bridge", "church", "ruins", "palace",
    "farm", "windmill", "interior", "window", "staircase", "still life", "flowers", "fruit", "books", "skull", "mirror",
    "vase", "bowl", "jewellery", "coins", "armour", "textile", "carpet", "furniture", "mask", "map", "calligraphy",
    "manuscript", "poster", "advertisement", "photograph", "etching", "engraving", "woodcut", "lithograph", "drawing",
    "watercolour", "oil painting", "ink painting", "mosaic", "fresco", "stained glass", "sculpture", "relief",
    "ceramic", "porcelain", "bronze", "gold", "marble", "wood carving", "lacquer", "collage", "geometric abstraction",
    "abstract painting", "gestural brushwork", "pointillism", "ornament", "pattern", "stripes", "grid", "spiral",
    "symmetry", "architecture drawing", "caricature", "icon", "altarpiece", "scroll", "screen", "fan", "costume",
    "theatre", "market", "feast", "hunt", "battle", "funeral", "wedding", "work in the fields", "children playing",
    "dream", "melancholy", "joy", "solitude", "silence", "violence", "romance",
)  # fmt: skip
"""Subjects, things, techniques and moods; what an embedder sees is put into words only as far as these go."""

PROMPT: Final = "an artwork: {}"

_SHOWN: Final = 3
_LEAST: Final = 1.0
"""Standard deviations above the collection's mean: what fits every picture says nothing of these two."""


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The words, as close as they are to this collection on the whole.

    Attributes:
        vectors: (words, dimension) unit length.
        mean, spread: (words,) of the products with a sample of the collection.
    """

    vectors: Vectors
    mean: Floats
    spread: Floats

    @classmethod
    def over(cls, vectors: Vectors, sample: Vectors) -> "Vocabulary":
        """Measure the words against a (n, dimension) sample of the collection."""
        products = (sample @ vectors.T).astype(np.float64)
        return cls(vectors, products.mean(axis=0), products.std(axis=0) + 1e-9)

    def closest(self, first: Vectors, second: Vectors) -> tuple[str, ...]:
        """Return up to three words that fit both (dimension,) pictures and few others, the closest first."""
        ends = (self.vectors @ first, self.vectors @ second)
        fit = np.minimum(*((products - self.mean) / self.spread for products in ends))
        order = np.lexsort((np.arange(len(fit)), -fit))[:_SHOWN]
        return tuple(WORDS[row] for row in order.tolist() if fit[row] >= _LEAST)
