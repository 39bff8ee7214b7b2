"""A researcher's own vectors, from a file, in place of an embedder; and vectors out to such a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from loaders.embedders.base import Prepared
from loaders.entries import Entry
from loaders.links import vector_digest
from stores.angles import unit
from stores.errors import BadInput
from stores.ports import VectorStore
from stores.records import EmbedderFacts, Vectors

_ROWS = 10_000
"""Rows scaled to unit length at once, so that the float64 copy stays small."""


@dataclass(frozen=True, slots=True)
class GivenVectors:
    """Unit vectors by key.

    Attributes:
        vectors: (n, dimension) float32.
        rows: the row of each key.
    """

    vectors: Vectors
    rows: Mapping[str, int]

    def facts(self, name: str) -> EmbedderFacts:
        """Facts of an embedder that only its name is known of."""
        return EmbedderFacts(name=name, dimension=self.vectors.shape[1], source="vectors from a file")

    def vectorize(self, entries: Sequence[Entry], _prepared: Sequence[Prepared]) -> Vectors:
        """Return the vectors of these entries."""
        return np.stack([self.vectors[self.rows[entry.artwork.key]] for entry in entries])

    def digest(self, entry: Entry) -> str:
        """Name of an entry's vector, as it is kept in its payload."""
        return vector_digest(entry.artwork.id, self.vectors[self.rows[entry.artwork.key]])


def nothing(image: Image.Image) -> None:
    """Prepare a picture for no embedder: its vector is given."""


def read_given(path: Path) -> GivenVectors:
    """Read an ``.npz`` with ``keys`` (n,) and ``vectors`` (n, dimension); BadInput says what is wrong with it."""
    try:
        with np.load(path, allow_pickle=False) as file:
            keys, vectors = file["keys"], file["vectors"]
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"{path}: {error}; an .npz with the arrays 'keys' (n,) and 'vectors' (n, dimension) is needed"
        ) from error
    _check(path, keys, vectors)
    scaled = np.empty(vectors.shape, dtype=np.float32)
    for at in range(0, len(vectors), _ROWS):
        scaled[at : at + _ROWS] = unit(vectors[at : at + _ROWS])
    return GivenVectors(scaled, {str(key): row for row, key in enumerate(keys)})


def write_given(path: Path, store: VectorStore) -> int:
    """Write every vector, with the facts of its embedder, to what :func:`read_given` reads; return how many."""
    batches = list(store.scan())
    keys = np.array([str(payload["key"]) for batch in batches for payload in batch.payloads])
    facts = store.stats().facts
    if facts is None or len(keys) == 0:
        raise BadInput("there are no vectors to export yet: run 'xdegrees load FOLDER' first")
    vectors = np.concatenate([batch.vectors for batch in batches])
    with path.open("wb") as file:
        told = json.dumps(asdict(facts))
        np.savez(file, keys=keys, vectors=vectors, embedder=np.array(facts.name), facts=np.array(told))
    return len(keys)


def _check(path: Path, keys: np.ndarray, vectors: np.ndarray) -> None:
    if vectors.ndim != 2 or keys.shape != vectors.shape[:1]:  # noqa: PLR2004 -- a matrix
        raise BadInput(f"{path}: keys {keys.shape} and vectors {vectors.shape} must be (n,) and (n, dimension)")
    if len(np.unique(keys)) < len(keys):
        raise BadInput(f"{path}: some keys stand twice; each artwork has one vector")
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1) | ~np.any(vectors, axis=1))
    if len(bad):
        raise BadInput(f"{path}: the vector of {keys[bad[0]]} (and {len(bad) - 1} more) is zero or not finite")
