"""The smallest largest step over all artworks, found in another way than the project finds its own."""

from dataclasses import dataclass

import numpy as np

from stores.records import Floats, Ids, Vectors


@dataclass(frozen=True)
class Everything:
    """All artworks as they lie in the space.

    Attributes:
        plain: (n, n) angle over the root of both reaches.
        weights: the same, infinite below the near-duplicate angle.
    """

    ids: Ids
    angles: Floats
    plain: Floats
    weights: Floats

    @classmethod
    def of(cls, ids: Ids, vectors: Vectors, reach: Floats, near_duplicate: float) -> "Everything":
        """Measure everything against everything."""
        wide = vectors.astype(np.float64)
        measured = np.arccos(np.clip(wide @ wide.T, -1, 1))
        plain = measured / np.sqrt(np.outer(reach, reach))
        return cls(ids, measured, plain, np.where(measured < near_duplicate, np.inf, plain))

    def smallest_largest(self, source: int, target: int, most: int) -> dict[int, float]:
        """Return, for every number of images up to ``most``, the largest step of the best path between two rows.

        Paths go forward in the angle to the source less that to the target. Only consecutive near-duplicates are
        forbidden here, so that no path of the project's can be better.
        """
        order = np.lexsort((self.ids, self.angles[source] - self.angles[target]))
        order = order[(order != source) & (order != target)]
        rows = np.concatenate([[source], order, [target]])
        forward = np.where(
            np.triu(np.ones((len(rows), len(rows)), dtype=bool), 1), self.weights[np.ix_(rows, rows)], np.inf
        )
        reached = np.full(len(rows), np.inf)
        reached[0] = 0.0
        found = {}
        for images in range(2, most + 1):
            reached = np.min(np.maximum(reached[:, None], forward), axis=0)
            found[images] = float(reached[-1])
        return found
