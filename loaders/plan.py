"""What a load has to do: the folder compared with what is held. Nothing is read but names, sizes and times."""

from collections.abc import Container, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from loaders.addresses import Mark
from loaders.entries import Entry
from stores.artwork import Artwork, Payload
from stores.pictures import sizes_for, written_pictures
from stores.ports import VectorStore
from stores.words import facet_terms

Held = dict[str, Payload]
"""Payload of every artwork in the vector store, by id."""

AGAIN: Final = "again"
"""Stands in a payload whose vector is damaged, until a load has embedded the file again."""


BY_HAND: Final = "by_hand"
"""Stands in a payload that was not written by a load: a load leaves it as it is, unless it is told to take it over."""


@dataclass(slots=True)
class Plan:
    """Entries by what they need; ids that a source no longer has.

    Attributes:
        new: not held yet.
        reread: held, but the file has another size or time, another picture may be shown, or one is not there.
        described: only the metadata differs.
        unchanged: nothing to do.
        missing: ids of this source without a file; those added by hand never had one.
        by_hand: would be read or described anew, but were changed by hand.
        withheld: taken down before, and not to come back.
    """

    new: list[Entry] = field(default_factory=list)
    reread: list[Entry] = field(default_factory=list)
    described: list[Entry] = field(default_factory=list)
    unchanged: list[Entry] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    withheld: list[Entry] = field(default_factory=list)
    by_hand: list[Entry] = field(default_factory=list)


def held_payloads(vectors: VectorStore) -> Held:
    """Read what the vector store holds, without the vectors."""
    return {
        str(artwork_id): payload
        for batch in vectors.scan(with_vectors=False)
        for artwork_id, payload in zip(batch.ids, batch.payloads, strict=True)
    }


def without_pictures(held: Held, images: Path) -> set[str]:
    """Ids of artworks of which a picture that may be shown is not in the folder ``images``."""
    there = set(written_pictures(images))
    return {
        one
        for one, payload in held.items()
        if any((str(payload.get("content_hash")), size) not in there for size in payload.get("images", ()))
    }


def spent_marks(held: Held, lacking: AbstractSet[str] = frozenset()) -> set[Mark]:
    """Marks of files that nothing is needed of any more: all that was loaded, but of those ``lacking`` something."""
    return {
        (payload["file"][0], payload["file"][1])
        for one, payload in held.items()
        if payload.get("file") and AGAIN not in payload and one not in lacking
    }


def make_plan(
    entries: Iterable[Entry],
    held: Held,
    source: str,
    again: AbstractSet[str] = frozenset(),
    withheld: Container[str] = (),
    *,
    overwrite: bool = False,
) -> Plan:
    """Compare entries with what is held of the same source.

    The files of those in ``again`` are read in any case; those that are withheld are left alone, and without
    ``overwrite`` those that were changed by hand, too.
    """
    plan = Plan()
    seen = set()
    for entry in entries:
        seen.add(entry.artwork.id)
        if entry.artwork.id in withheld:
            plan.withheld.append(entry)
        else:
            payload = held.get(entry.artwork.id)
            if payload is not None and BY_HAND in payload and not overwrite:
                _keep(plan, entry, payload, again)
            else:
                _place(plan, entry, payload, again)
    plan.missing = [
        one
        for one, payload in held.items()
        if payload.get("source") == source and one not in seen and BY_HAND not in payload
    ]
    return plan


def _keep(plan: Plan, entry: Entry, payload: Payload, again: AbstractSet[str]) -> None:
    """Place an entry whose artwork stays as it is held; what was lost of it is read again, if the file is the same."""
    compared = Plan()
    _place(compared, entry, payload, again)
    lost = AGAIN in payload or entry.artwork.id in again
    if lost and payload.get("file") == file_mark(entry):
        held = Artwork.from_payload(entry.artwork.id, payload)
        plan.reread.append(replace(entry, artwork=held, by_hand=True))
    else:
        (plan.unchanged if compared.unchanged else plan.by_hand).append(entry)


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
    """Whether the file may have changed, more pictures of it may be shown, or a check asks for its vector again.

    For fewer pictures nothing is read, so that a file which is gone never keeps one shown that must not be.
    """
    pictures = sizes_for(entry.artwork.display) if entry.path is not None else ()
    moved = payload.get("file") != file_mark(entry) or not set(pictures) <= set(payload.get("images", ()))
    return moved or AGAIN in payload


def file_mark(entry: Entry) -> list[int]:
    """Size and time of an entry's file: while they stay, so does its content."""
    try:
        found = entry.path.stat() if entry.path is not None else None
    except OSError:  # gone since the folder was listed: reading it will say so; or downloaded, loaded and deleted
        return list(entry.mark or ())
    return [found.st_size, found.st_mtime_ns] if found else []


def of_the_file(payload: Payload) -> dict[str, Any]:
    """What a payload says of the file that was read, which new metadata leaves as it is."""
    return {"file": payload.get("file", []), **({AGAIN: True} if AGAIN in payload else {})}


def as_held(artwork: Artwork, payload: Payload) -> Artwork:
    """An artwork as the folder describes it, with the content that is held; of its pictures those it may show."""
    old = Artwork.from_payload(artwork.id, payload)
    images = {name: old.images[name] for name in sizes_for(artwork.display) if name in old.images}
    return described(artwork, old.content_hash, images)


def described(artwork: Artwork, content_hash: str, images: Mapping[str, tuple[int, int]]) -> Artwork:
    """An artwork with what was learned from its file."""
    payload = {**artwork.to_payload(), "content_hash": content_hash, "images": dict(images)}
    return Artwork.from_payload(artwork.id, payload)


def payload_of(entry: Entry, artwork: Artwork, vector_digest: str) -> dict[str, Any]:
    """What is kept beside a vector: the artwork, its filter terms, its file's mark, its vector's digest."""
    payload = {**artwork.to_payload(), "vector": vector_digest, "file": file_mark(entry)}
    return {**payload, "facets": facet_terms(artwork), **({BY_HAND: True} if entry.by_hand else {})}
