"""Collections made for tests."""

from dataclasses import dataclass

import numpy as np

from loaders.report import LoadReport
from stores.angles import unit
from stores.artwork import Payload
from stores.records import Ids, Vectors
from stores.settings import Settings


@dataclass(frozen=True)
class RealCollection:
    """The real artworks, loaded with MobileNetV2 once per run."""

    settings: Settings
    report: LoadReport
    ids: Ids
    vectors: Vectors
    payloads: list[Payload]

    def column(self, name: str) -> list[str]:
        """A column of the metadata, by row of ``vectors``."""
        return [str(payload.get(name, "")) for payload in self.payloads]


def made_id(row: int) -> str:
    """An id of the right form; they ascend."""
    return f"{row:08x}-0000-5000-8000-000000000000"


def made_ids(count: int) -> Ids:
    """Return the first so many ids."""
    return np.array([made_id(row) for row in range(count)], dtype="U36")


def made_vectors(count: int, dimension: int = 8, seed: int = 0) -> Vectors:
    """Random unit vectors."""
    return unit(np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32))
