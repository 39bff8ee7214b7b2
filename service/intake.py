"""Artworks that come, change and go one at a time while the service answers: what is sent becomes what is written.

A picture is decoded and embedded before the writer's turn is waited for; whether the write may be is decided within it,
so of two that say the same, one comes second and is told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from loaders.images import write_shrunk
from loaders.offers import Offer, read_offer, read_patch
from loaders.plan import described
from loaders.rights import rules_of
from loaders.writing import Writer
from service.sight import Seen, Sight
from stores.artwork import Artwork
from stores.connect import Stores
from stores.errors import BadInput, Conflict, NotFound, XDegreesError
from stores.pictures import picture_path, sizes_for
from stores.settings import Settings

Check = Callable[[Artwork], object]
"""Raises where an artwork, as it is now, must not be changed."""

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sends: the bytes of an image file, if any, and fields as in a row of metadata."""

    data: bytes
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it.

    Attributes:
        artwork: as it is described now; of one that was removed, as it was.
        outcome: ``added``, ``unchanged``, ``replaced``, ``described`` or ``removed``.
        version: of the graph.
    """

    artwork: Artwork
    outcome: str
    version: int


def allow(_artwork: Artwork) -> None:
    """Allow every change."""


class Intake:
    """Takes artworks into one collection, and out of it; safe to use from several threads."""

    def __init__(self, stores: Stores, settings: Settings, sight: Sight, writer: Writer) -> None:
        self._stores, self._sight, self._writer = stores, sight, writer
        self._source, self._images, self._home = settings.collection, settings.images, settings.home

    def add(self, sent: Sent) -> Written:
        """Add an artwork; its key is the field ``id``, else the beginning of its content hash.

        The same key and bytes again change nothing. Conflict where the key has other bytes, or was taken down.
        """
        content = sha256(sent.data).hexdigest()
        wanted = self._accept(read_offer(sent.fields, self._source, content[:32]), sent.data)

        def again() -> Written | None:
            self._refuse_withheld(wanted.id)
            return self._same(wanted, content)

        if (known := again()) is not None:
            return known
        seen = self._sight.look(sent.data, self._stores.graph.stats(), display=wanted.display)

        def added(known: Written | None) -> Written:
            return known or self._put(wanted, seen, "added")

        return self._in_turn(again, added)

    def replace(self, reference: str, sent: Sent, check: Check = allow, *, keep: bool = False) -> Written:
        """Put another picture and other metadata in the place of an artwork; ``reference`` is its id.

        With ``keep``, what no field that is sent says stays as it is; a field without text is taken away.
        """
        old = self._held(reference, check)
        fields = {**sent.fields, "id": sent.fields.get("id", old.key)}
        offer = read_patch(old, fields) if keep else read_offer(fields, old.source, old.key)
        wanted = self._accept(Offer(offer.artwork, (*offer.problems, *_renamed(offer.artwork, old))), sent.data)
        content = sha256(sent.data).hexdigest()

        def held() -> Artwork:
            return self._held(reference, check)

        def is_shown(now: Artwork) -> bool:
            return content == now.content_hash and set(now.images) == set(sizes_for(wanted.display))

        def kept(now: Artwork) -> Written | None:
            return self._rewrite(now, described(wanted, content, now.images)) if is_shown(now) else None

        if is_shown(old) and (done := self._in_turn(held, kept)):
            return done
        seen = self._sight.look(sent.data, self._stores.graph.stats(), display=wanted.display)
        return self._in_turn(held, lambda _: self._put(wanted, seen, "replaced"))

    def patch(self, reference: str, patch: Mapping[str, Any], check: Check = allow) -> Written:
        """Change the metadata of an artwork by a JSON merge patch; its picture and its vector stay."""

        def changed(now: Artwork) -> Artwork:
            offer = read_patch(now, patch)
            wanted = self._accept(Offer(offer.artwork, (*offer.problems, *_lacking(offer.artwork, now))))
            kept = {name: now.images[name] for name in sizes_for(wanted.display) if name in now.images}
            return described(wanted, now.content_hash, kept)

        def compared() -> tuple[Artwork, Artwork]:
            now = self._held(reference, check)
            return now, changed(now)

        return self._in_turn(compared, lambda pair: self._rewrite(*pair))

    def remove(self, reference: str, by: str, check: Check = allow) -> Written:
        """Take an artwork down, until it is readmitted; ``by`` is the name of the key."""

        def taken(old: Artwork) -> Written:
            return Written(old, "removed", self._writer.remove([old.id], by).version)

        return self._in_turn(lambda: self._held(reference, check), taken)

    def _accept(self, offer: Offer, data: bytes | None = None) -> Artwork:
        """Return the artwork that is offered, as it may be shown; BadInput as of :func:`_accept`."""
        return rules_of(self._home).obey(_accept(offer, data))

    def _rewrite(self, now: Artwork, new: Artwork) -> Written:
        if new == now:
            return Written(now, "unchanged", self._stores.graph.stats().version)
        return Written(new, "described", self._writer.describe([new]))

    def _in_turn(self, check: Callable[[], _T], act: Callable[[_T], _R]) -> _R:
        """Check and act in one turn. What is refused is raised after it: an error within means a write half done."""
        with self._stores.writing():
            if not self._stores.clean:
                self._writer.finish()  # a turn that refuses would end well, and nobody know of it any more
            try:
                found = check()
            except XDegreesError as error:
                refused = error
            else:
                return act(found)
        raise refused

    def _held(self, reference: str, check: Check) -> Artwork:
        """Return an artwork that is there and may be changed."""
        found = self._stores.graph.artworks([reference])[0]
        check(found)
        return found

    def _same(self, wanted: Artwork, content: str) -> Written | None:
        """Return what is there already; Conflict where it has other bytes."""
        try:
            held = self._stores.graph.artworks([wanted.id])[0]
        except NotFound:
            return None
        if held.content_hash == content and not self._has_pictures(held):
            return None  # what was lost of it is written again
        if held.content_hash == content:
            return Written(held, "unchanged", self._stores.graph.stats().version)
        raise Conflict(
            f"the key {held.key!r} has another picture already: PUT /api/v1/artworks/{held.id} (xdegrees add "
            "--replace) replaces it"
        )

    def _has_pictures(self, held: Artwork) -> bool:
        return all(picture_path(self._images, held.content_hash, size).exists() for size in held.images)

    def _refuse_withheld(self, wanted: str) -> None:
        entry = self._writer.withheld.entries().get(wanted)
        if entry:
            raise Conflict(
                f"{wanted} was taken down at {entry['at']} and stays so; after 'xdegrees load FOLDER --readmit "
                f"{wanted}' it can be added again"
            )

    def _put(self, wanted: Artwork, seen: Seen, outcome: str) -> Written:
        sizes = write_shrunk(seen.pictures, seen.content_hash, self._images)
        artwork = described(wanted, seen.content_hash, sizes)
        version = self._writer.put([artwork], seen.vector[None], seen.facts)
        return Written(artwork, outcome, version)


def _accept(offer: Offer, data: bytes | None = None) -> Artwork:
    """Return the artwork that is offered; BadInput names everything that is wrong with it at once."""
    problems = [*offer.problems]
    if data == b"":
        problems.append(("image", "is missing, or an empty file: send the file of a picture"))
    if problems:
        raise BadInput("; ".join(f"{name}: {told}" for name, told in problems), problems)
    return offer.artwork


def _renamed(wanted: Artwork, now: Artwork) -> Sequence[tuple[str, str]]:
    """Say where a key would change: it is what an artwork is known by."""
    return [] if wanted.id == now.id else [("id", "stays for ever: add another artwork, and remove this one")]


def _lacking(wanted: Artwork, now: Artwork) -> Sequence[tuple[str, str]]:
    """Say where a patch would show a picture that is not kept."""
    missing = [size for size in sizes_for(wanted.display) if size not in now.images] if now.content_hash else []
    if not missing:
        return ()
    return [("display", f"there is no {missing[0]} picture of it any more: PUT sends the picture again")]
