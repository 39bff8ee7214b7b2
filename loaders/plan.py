"""What a load has to do: the folder compared with what is held. Nothing is read but names, sizes and times."""

from collections.abc import Container, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from loaders.collection import Entry
from stores.artwork import Artwork, Payload
from stores.pictures import sizes_for
from stores.ports import VectorStore
from stores.words import facet_terms

Held = dict[str, Payload]
"""Payload of every artwork in the vector store, by id."""


@dataclass(slots=True)
class Plan:
    """Entries by what they need; ids that a source no longer has.

    Attributes:
        new: not held yet.
        reread: held, but the file has another size or time, or another picture may be shown.
        described: only the metadata differs.
        unchanged: nothing to do.
        missing: ids of this source without a file.
        withheld: taken down before, and not to come back.
    """

    new: list[Entry] = field(default_factory=list)
    reread: list[Entry] = field(default_factory=list)
    described: list[Entry] = field(default_factory=list)
    unchanged: list[Entry] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    withheld: list[Entry] = field(default_factory=list)


def held_payloads(vectors: VectorStore) -> Held:
    """Read what the vector store holds, without the vectors."""
    return {
        str(artwork_id): payload
        for batch in vectors.scan(with_vectors=False)
        for artwork_id, payload in zip(batch.ids, batch.payloads, strict=True)
    }


def make_plan(
    entries: Iterable[Entry],
    held: Held,
    source: str,
    again: AbstractSet[str] = frozenset(),
    withheld: Container[str] = (),
) -> Plan:
    """Compare entries with what is held of the same source.

    Those in ``again`` need new vectors in any case; those that are withheld are left alone.
    """
    plan = Plan()
    seen = set()
    for entry in entries:
        seen.add(entry.artwork.id)
        if entry.artwork.id in withheld:
            plan.withheld.append(entry)
        else:
            _place(plan, entry, held.get(entry.artwork.id), again)
    plan.missing = [i for i, payload in held.items() if payload.get("source") == source and i not in seen]
    return plan


def _place(plan: Plan, entry: Entry, payload: Payload | None, again: AbstractSet[str]) -> None:
    if payload is None:
        plan.new.append(entry)
    elif entry.artwork.id in again or _is_read_again(entry, payload):
        plan.reread.append(entry)
    elif Artwork.from_payload(entry.artwork.id, payload) != as_held(entry.artwork, payload):
        plan.described.append(entry)
    else:
        plan.unchanged.append(entry)


def _is_read_again(entry: Entry, payload: Payload) -> bool:
    """Whether the file may have changed, or other pictures of it may be shown."""
    pictures = sizes_for(entry.artwork.display) if entry.path is not None else ()
    return payload.get("file") != file_mark(entry) or set(payload.get("images", ())) != set(pictures)


def file_mark(entry: Entry) -> list[int]:
    """Size and time of an entry's file: while they stay, so does its content."""
    try:
        found = entry.path.stat() if entry.path is not None else None
    except OSError:  # gone since the folder was listed: reading it will say so
        found = None
    return [found.st_size, found.st_mtime_ns] if found else []


def as_held(artwork: Artwork, payload: Payload) -> Artwork:
    """An artwork as the folder describes it, with the content that is held."""
    old = Artwork.from_payload(artwork.id, payload)
    return described(artwork, old.content_hash, old.images)


def described(artwork: Artwork, content_hash: str, images: Mapping[str, tuple[int, int]]) -> Artwork:
    """An artwork with what was learned from its file."""
    payload = {**artwork.to_payload(), "content_hash": content_hash, "images": dict(images)}
    return Artwork.from_payload(artwork.id, payload)


def payload_of(entry: Entry, artwork: Artwork, vector_digest: str) -> dict[str, Any]:
    """What is kept beside a vector: the artwork, its filter terms, its file's mark, its vector's digest."""
    payload = {**artwork.to_payload(), "vector": vector_digest, "file": file_mark(entry)}
    return {**payload, "facets": facet_terms(artwork)}
