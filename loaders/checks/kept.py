"""Everything the vector store holds, read once: vectors, payloads, and whether either is damaged."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from loaders.links import vector_digest
from loaders.progress import Progress
from stores.artwork import Artwork, Payload
from stores.errors import NotFound
from stores.ports import VectorStore
from stores.records import Ids, Vectors
from stores.words import facet_terms

SLACK: Final = 1e-6
"""How far from one the length of a vector may be: what :func:`stores.angles.unit` leaves as it is."""

_HEX: Final = "^[0-9a-f]{64}$"

_Side = Annotated[list[int], Field(min_length=2, max_length=2)]


class _Payload(BaseModel):
    """A payload as a load writes it; what else stands in it is nobody's business."""

    model_config = ConfigDict(strict=True)

    key: Annotated[str, Field(min_length=1)]
    vector: Annotated[str, Field(pattern=_HEX)]
    content_hash: Annotated[str, Field(pattern=f"{_HEX}|^$")] = ""
    display: Literal["full", "thumb", "none"] = "full"
    artists: list[str] = []
    year_from: int | None = None
    year_to: int | None = None
    images: dict[Literal["thumb", "medium"], _Side] = {}
    metadata: dict[str, str] = {}
    file: list[int] = []
    facets: list[str] = []
    source: str = ""
    title: str = ""
    date_text: str = ""
    style: str = ""
    medium: str = ""
    collection: str = ""
    object_id: str = ""
    page_url: str = ""
    rights_uri: str = ""
    rights_text: str = ""
    credit: str = ""
    alt_text: str = ""
    advisory: str = ""

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        if self.images and not self.content_hash:
            raise ValueError("pictures of no content")
        return self


@dataclass(slots=True)
class Kept:
    """What the vector store holds.

    Attributes:
        ids: (n,) ascending.
        vectors: (n, dimension) float32.
        artworks: by id, those whose payload can be understood.
        digests: of every vector's bytes, by id.
        malformed: ids of payloads that cannot be understood.
        unlisted: ids of payloads whose filter terms do not follow from their metadata.
        unfit: ids of vectors that are not of unit length, or no numbers.
    """

    ids: Ids
    vectors: Vectors
    artworks: dict[str, Artwork] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    malformed: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)

    def without(self, gone: AbstractSet[str]) -> "Kept":
        """Return what is left when some are taken out."""
        stays = np.array([str(one) not in gone for one in self.ids], dtype=np.bool_)
        return Kept(
            ids=self.ids[stays],
            vectors=self.vectors[stays],
            artworks={one: artwork for one, artwork in self.artworks.items() if one not in gone},
            digests={one: digest for one, digest in self.digests.items() if one not in gone},
            malformed=[one for one in self.malformed if one not in gone],
            unlisted=[one for one in self.unlisted if one not in gone],
            unfit=[one for one in self.unfit if one not in gone],
        )


def read_kept(vectors: VectorStore, progress: Progress) -> Kept:
    """Read every vector and payload once, and look at each."""
    stats = vectors.stats()
    dimension = stats.facts.dimension if stats.facts else 0
    found = Kept(np.empty(stats.count, dtype="U36"), np.empty((stats.count, dimension), dtype=np.float32))
    at = 0
    with progress.stage("read vectors", stats.count) as advance:
        for batch in vectors.scan():
            rows = slice(at, at + len(batch.ids))
            at += len(batch.ids)
            if at > stats.count:
                break
            found.ids[rows], found.vectors[rows] = batch.ids, batch.vectors
            _look_at_vectors(found, batch.ids, batch.vectors)
            for one, payload in zip(batch.ids.tolist(), batch.payloads, strict=True):
                _look_at_payload(found, one, payload)
            advance(len(batch.ids))
    if at != stats.count:
        raise NotFound(f"{stats.count} vectors were listed and {at} read: another process writes to the same store")
    return found


def is_understood(payload: Payload) -> bool:
    """Whether a payload is one that a load could have written: nothing in it leads out of where pictures lie."""
    try:
        _Payload.model_validate(payload)
    except ValidationError:
        return False
    return True


def restored(artwork: Artwork, digest: str) -> dict[str, Any]:
    """Return the payload of an artwork as the graph knows it; its file is not known, so a load reads it again."""
    return {**artwork.to_payload(), "vector": digest, "file": [], "facets": facet_terms(artwork)}


def _look_at_vectors(found: Kept, ids: Ids, vectors: Vectors) -> None:
    wide = vectors.astype(np.float64)
    length = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    found.unfit += ids[~(np.abs(length - 1.0) <= SLACK)].tolist()  # NaN is not within anything
    found.digests |= {one: vector_digest(one, vector) for one, vector in zip(ids.tolist(), vectors, strict=True)}


def _look_at_payload(found: Kept, artwork_id: str, payload: Payload) -> None:
    if not is_understood(payload):
        found.malformed.append(artwork_id)
        return
    artwork = Artwork.from_payload(artwork_id, payload)
    found.artworks[artwork_id] = artwork
    if sorted(payload.get("facets", ())) != facet_terms(artwork):
        found.unlisted.append(artwork_id)
