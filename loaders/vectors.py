"""Embed what is new, upsert in batches; each batch is durable, so a load that is stopped goes on where it was."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from loaders.collection import Entry
from loaders.embedders.base import Prepared
from loaders.ingest import Failed, Ingested, Result
from loaders.links import vector_digest
from loaders.manifest import Problem
from loaders.plan import AGAIN, Held, as_held, described, payload_of
from loaders.progress import Advance
from stores.ports import VectorStore
from stores.records import Vectors

BATCH: Final = 128
"""Pictures embedded between two writes: what a killed load has to do again at most."""

Vectorize = Callable[[Sequence[Entry], Sequence[Prepared]], Vectors]
"""From entries and what their pictures were prepared to, to (n, dimension) unit vectors."""


@dataclass(slots=True)
class Embedded:
    """What became of the entries: ids, and the files that could not be loaded."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    quarantine: list[Problem] = field(default_factory=list)


def embed(
    entries: Sequence[Entry],
    results: Iterator[Result],
    vectorize: Vectorize,
    store: VectorStore,
    held: Held,
    advance: Advance,
    again: AbstractSet[str] = frozenset(),
) -> Embedded:
    """Embed entries as their results arrive, in the same order; ``held`` is brought up to date.

    A file whose bytes are held already keeps its vector, except for the ids in ``again``.
    """
    done = Embedded()
    pairs = zip(entries, results, strict=True)
    while batch := list(islice(pairs, BATCH)):
        good = [(entry, result) for entry, result in batch if isinstance(result, Ingested)]
        done.quarantine += [
            Problem(entry.artwork.key, result.reason, "image") for entry, result in batch if isinstance(result, Failed)
        ]
        same = [entry for entry, result in good if entry.artwork.id not in again and _is_same(entry, result, held)]
        kept = {entry.artwork.id for entry in same}
        _write([pair for pair in good if pair[0].artwork.id not in kept], vectorize, store, held, done)
        describe(same, store, held)
        done.same += [entry.artwork.id for entry in same]
        advance(len(batch))
    return done


def describe(entries: Sequence[Entry], store: VectorStore, held: Held) -> None:
    """Rewrite the metadata of entries whose vectors stay as they are."""
    for at in range(0, len(entries), BATCH):
        some = entries[at : at + BATCH]
        kept = store.get([entry.artwork.id for entry in some])
        payloads = [
            payload_of(entry, as_held(entry.artwork, payload), str(payload.get("vector", "")))
            for entry, payload in zip(some, kept.payloads, strict=True)
        ]
        _upsert(store, held, [entry.artwork.id for entry in some], kept.vectors, payloads)


def _is_same(entry: Entry, result: Ingested, held: Held) -> bool:
    """Whether a file that was read again has the bytes, and the pictures, that are held with a sound vector."""
    payload = held.get(entry.artwork.id, {})
    pictures = {name: list(size) for name, size in result.images.items()}
    same = payload.get("content_hash") == result.content_hash and payload.get("images", {}) == pictures
    return same and AGAIN not in payload


def _write(
    good: Sequence[tuple[Entry, Ingested]],
    vectorize: Vectorize,
    store: VectorStore,
    held: Held,
    done: Embedded,
) -> None:
    if not good:
        return
    vectors = vectorize([entry for entry, _ in good], [result.prepared for _, result in good])
    ids = [entry.artwork.id for entry, _ in good]
    for artwork_id in ids:
        (done.changed if artwork_id in held else done.added).append(artwork_id)
    payloads = [
        payload_of(
            entry,
            described(entry.artwork, result.content_hash, result.images),
            vector_digest(entry.artwork.id, vector),
        )
        for (entry, result), vector in zip(good, vectors, strict=True)
    ]
    _upsert(store, held, ids, vectors, payloads)


def _upsert(
    store: VectorStore, held: Held, ids: Sequence[str], vectors: Vectors, payloads: Sequence[dict[str, Any]]
) -> None:
    store.upsert(ids, vectors, payloads)
    held.update(zip(ids, payloads, strict=True))
