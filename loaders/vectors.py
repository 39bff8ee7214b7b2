"""Embed what is new, upsert in batches; each batch is durable, so a load that is stopped goes on where it was."""

from collections.abc import Callable, Container, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import compress, islice
from typing import Any, Final

from loaders.embedders.base import Prepared
from loaders.entries import Entry
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


Turn = Callable[[], AbstractContextManager[None]]
"""A turn to write after which there is more to do."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The vector store as a load writes to it: in short turns, so that others can write between two of them.

    Attributes:
        held: payloads by id, brought up to date with every write.
        turn: to be taken for each write.
        withheld: what must not be written, since it was taken down meanwhile.
    """

    store: VectorStore
    held: Held
    turn: Turn
    withheld: Container[str]

    def put(self, ids: Sequence[str], vectors: Vectors, payloads: Sequence[dict[str, Any]]) -> None:
        """Write (n, dimension) vectors and what stands beside them."""
        with self.turn():
            wanted = [one not in self.withheld for one in ids]
            some = list(compress(ids, wanted)), vectors[wanted], list(compress(payloads, wanted))
            self.store.upsert(*some)
        self.held.update(zip(some[0], some[2], strict=True))

    def describe(self, entries: Sequence[Entry]) -> None:
        """Rewrite the metadata of entries whose vectors stay as they are."""
        for at in range(0, len(entries), BATCH):
            with self.turn():
                some = [entry for entry in entries[at : at + BATCH] if entry.artwork.id not in self.withheld]
                kept = self.store.get([entry.artwork.id for entry in some])
                payloads = [
                    payload_of(entry, as_held(entry.artwork, payload), str(payload.get("vector", "")))
                    for entry, payload in zip(some, kept.payloads, strict=True)
                ]
                self.store.upsert([entry.artwork.id for entry in some], kept.vectors, payloads)
            self.held.update(zip((entry.artwork.id for entry in some), payloads, strict=True))


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
    shelf: Shelf,
    advance: Advance,
    again: AbstractSet[str] = frozenset(),
) -> Embedded:
    """Embed entries as their results arrive, in the same order.

    A file whose bytes are held already keeps its vector, except for the ids in ``again``.
    """
    done = Embedded()
    pairs = zip(entries, results, strict=True)
    while batch := list(islice(pairs, BATCH)):
        good = [(entry, result) for entry, result in batch if isinstance(result, Ingested)]
        done.quarantine += [
            Problem(entry.artwork.key, result.reason, "image") for entry, result in batch if isinstance(result, Failed)
        ]
        same = [
            entry for entry, result in good if entry.artwork.id not in again and _is_same(entry, result, shelf.held)
        ]
        kept = {entry.artwork.id for entry in same}
        _write([pair for pair in good if pair[0].artwork.id not in kept], vectorize, shelf, done)
        shelf.describe(same)
        done.same += [entry.artwork.id for entry in same]
        advance(len(batch))
    return done


def _is_same(entry: Entry, result: Ingested, held: Held) -> bool:
    """Whether a file that was read again has the bytes, and the pictures, that are held with a sound vector."""
    payload = held.get(entry.artwork.id, {})
    pictures = {name: list(size) for name, size in result.images.items()}
    same = payload.get("content_hash") == result.content_hash and payload.get("images", {}) == pictures
    return same and AGAIN not in payload


def _write(good: Sequence[tuple[Entry, Ingested]], vectorize: Vectorize, shelf: Shelf, done: Embedded) -> None:
    if not good:
        return
    vectors = vectorize([entry for entry, _ in good], [result.prepared for _, result in good])
    ids = [entry.artwork.id for entry, _ in good]
    for artwork_id in ids:
        (done.changed if artwork_id in shelf.held else done.added).append(artwork_id)
    payloads = [
        payload_of(
            entry,
            described(entry.artwork, result.content_hash, result.images),
            vector_digest(entry.artwork.id, vector),
        )
        for (entry, result), vector in zip(good, vectors, strict=True)
    ]
    shelf.put(ids, vectors, payloads)
