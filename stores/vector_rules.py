"""What every VectorStore agrees on, whatever engine is behind it: facts, order, filters, exactness."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final, Protocol
from uuid import UUID

import numpy as np

from stores.angles import angles_to, dot_error
from stores.errors import Damaged, Mismatch, NotFound
from stores.records import EmbedderFacts, Floats, Hits, Ids, VectorBatch, Vectors, VectorStats, Where
from stores.words import facet_term

FORMAT: Final = 1
"""Moves when points or payloads change in a way an older release cannot read."""


class Record(Protocol):
    """A point as every engine of Qdrant's returns it."""

    @property
    def id(self) -> object:
        """Its id, as text or as a UUID."""

    @property
    def vector(self) -> Any:
        """Its numbers, where they were asked for."""

    @property
    def payload(self) -> dict[str, Any] | None:
        """Its metadata, where it was asked for."""


class Scored(Record, Protocol):
    """A point found near a vector."""

    @property
    def score(self) -> float:
        """The dot product, in float32."""


def written_facts(facts: EmbedderFacts) -> dict[str, Any]:
    """Return what a store keeps about its embedder, and about its own format."""
    return {"format": FORMAT, **asdict(facts)}


def read_facts(written: Mapping[str, Any], place: object) -> EmbedderFacts:
    """Return the facts a store kept at this place; Mismatch if another release wrote them."""
    held = dict(written)
    if (found := held.pop("format", None)) != FORMAT:
        raise Mismatch(f"{place} has format {found}, this release reads {FORMAT}: use a newer release")
    return EmbedderFacts(**held)


def begins_anew(stats: VectorStats, offered: EmbedderFacts) -> bool:
    """Whether a store has to be made afresh for this embedder; Mismatch if that would lose vectors."""
    if stats.facts is None or stats.facts.identity == offered.identity:
        return stats.facts is None
    if stats.count:
        _refuse_another(stats.facts, offered)
    return True


def refuse_dimension(facts: EmbedderFacts | None, dimension: int) -> None:
    """Raise Mismatch unless vectors of this many numbers fit the embedder."""
    if facts is None:
        raise Mismatch("the vector store has not been prepared for an embedder yet")
    if dimension != facts.dimension:
        raise Mismatch(f"vectors of {dimension} numbers do not fit {facts.name}, which has {facts.dimension}")


def in_order(ids: Sequence[str], records: Iterable[Record]) -> list[Record]:
    """Put records into the order they were asked for; NotFound names the first that is missing."""
    found = {str(record.id): record for record in records}
    missing = next((str(point_id) for point_id in ids if str(point_id) not in found), None)
    if missing is not None:
        raise NotFound(f"there is no vector with the id {missing}")
    return [found[str(point_id)] for point_id in ids]


def to_batch(records: Sequence[Record], dimension: int) -> VectorBatch:
    """Turn records into arrays; a dimension of 0 says that they carry no vectors. Damaged where one has none."""
    try:
        vectors = np.array([record.vector for record in records] if dimension else [], dtype=np.float32)
        vectors = vectors.reshape(len(records), dimension)
    except (TypeError, ValueError) as error:
        raise Damaged(f"some artwork has no vector of {dimension} numbers; 'xdegrees check' says more") from error
    return VectorBatch(
        ids=np.array([str(record.id) for record in records], dtype="U36"),
        vectors=vectors,
        payloads=tuple(record.payload or {} for record in records),
    )


def facet_conditions(where: Where) -> list[list[str]]:
    """Return one list per column asked for: one of its terms must be among a payload's ``facets``."""
    return [[facet_term(column, value) for value in values] for column, values in where.values.items()]


def no_hits(queries: int, k: int) -> Hits:
    """Return the answer of a store that holds nothing."""
    return Hits(np.full((queries, k), "", dtype="U36"), np.full((queries, k), np.inf))


def id_text(point_id: object) -> str:
    """Return an id as text; an engine that makes UUIDs of them makes thousands, and the same ones again and again."""
    return _uuid_text(point_id.int) if isinstance(point_id, UUID) else str(point_id)


@lru_cache(maxsize=2**16)
def _uuid_text(number: int) -> str:
    return str(UUID(int=number))


def nearest_hits(
    vectors: Vectors, k: int, ask: Callable[[Vectors, int], Iterable[Sequence[Scored]]], *, exact: bool
) -> Hits:
    """Ask for more than k until no vector left out could be as near, then order by angle and id.

    Args:
        vectors: (queries, dimension) unit vectors.
        k: neighbours of each.
        ask: returns, for each row, as many of its nearest as it is told, by descending score.
        exact: False takes the first answer for what it is.
    """
    hits = no_hits(len(vectors), k)
    rows, limit = list(range(len(vectors))), k + 8
    while rows:
        again = []
        for row, found in zip(rows, ask(vectors[rows], limit), strict=True):
            if exact and not _settled(found, k, limit, dot_error(vectors.shape[1])):
                again.append(row)
                continue
            ids, measured = _ordered(vectors[row], found, k)
            hits.ids[row, : len(ids)], hits.angles[row, : len(ids)] = ids, measured
        rows, limit = again, limit * 4
    return hits


def vicinity_hits(k: int, answers: Sequence[Sequence[Scored]]) -> Hits:
    """Turn what an engine found near some vectors into ids and angles, without a vector."""
    hits = no_hits(len(answers), k)
    for row, found in enumerate(answers):
        products = np.array([point.score for point in found], dtype=np.float64)
        hits.ids[row, : len(found)] = [id_text(point.id) for point in found]
        hits.angles[row, : len(found)] = 2.0 * np.arcsin(np.sqrt(np.clip((1.0 - products) / 2.0, 0.0, 1.0)))
    return hits


def _settled(found: Sequence[Scored], k: int, limit: int, error: float) -> bool:
    return len(found) < limit or found[k - 1].score - found[-1].score > 2 * error


def _ordered(vector: Vectors, found: Sequence[Scored], k: int) -> tuple[Ids, Floats]:
    ids = np.array([str(point.id) for point in found], dtype="U36")
    rows = np.array([point.vector for point in found], dtype=np.float32).reshape(len(found), len(vector))
    measured = angles_to(rows, vector)
    order = np.lexsort((ids, measured))[:k]
    return ids[order], measured[order]


def _refuse_another(held: EmbedderFacts, offered: EmbedderFacts) -> None:
    parts = zip(("name", "dimension", "checkpoint", "preprocessing"), held.identity, offered.identity, strict=True)
    differing = ", ".join(f"{part} {str(a)[:12]!r} against {str(b)[:12]!r}" for part, a, b in parts if a != b)
    anew = "into a new home with XDEGREES_HOME=another-folder (or XDEGREES_COLLECTION=another-name on servers)"
    if held.name == offered.name:
        raise Mismatch(
            f"this collection holds vectors of another {held.name} ({differing}): go on with the release or the "
            f"checkpoint that it was loaded with, or load everything {anew}"
        )
    raise Mismatch(
        f"this collection holds vectors of {held.name} and cannot take those of {offered.name} ({differing}); "
        f"load with --embedder {held.name}, or {anew}"
    )
