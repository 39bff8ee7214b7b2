"""Pictures and words that are not in the collection, seen as its own pictures were: with the same embedder."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from typing import Final

from PIL import Image

from loaders.embedders.base import Embedder, Reader
from loaders.embedders.checkpoints import remembered
from loaders.embedders.registry import open_embedder
from loaders.images import BadImage
from loaders.sandbox import Sandbox
from service.likeness.measures import measure
from service.paths.records import Guest
from stores.errors import NOTHING_LOADED, BadInput, BadPicture, Busy, NoEmbedder, NoText, Unavailable
from stores.records import EmbedderFacts, GraphStats, Vectors
from stores.settings import Settings

KINDS: Final = "JPEG, PNG, WebP, TIFF, GIF, BMP, JPEG 2000 or AVIF"
"""What may be sent; :data:`loaders.images.FORMATS` in words."""

_ADVICE: Final = {
    "not an image": f"send a {KINDS}",
    "empty file": "send the file of a picture",
    "damaged image": "send the whole file, or the picture saved anew",
    "decoding it ended": "send the picture saved anew",
}
"""What to do, by how the reason begins; about everything else, that it is too much: a smaller picture."""

PATIENCE: Final = 20
"""Seconds that what is to be embedded waits for what is embedded before it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a file that was sent in.

    Attributes:
        content_hash: sha256 of the file, in hex.
        pictures: what an artwork of it may show, by name of size; nothing of the file but its pixels.
        vector: (dimension,), of unit length; the same as a load of the file would give.
        facts: of the embedder that made it.
    """

    content_hash: str
    pictures: dict[str, Image.Image]
    vector: Vectors
    facts: EmbedderFacts


@dataclass(frozen=True, slots=True)
class _Eye:
    """An embedder, and the process that decodes what it is to see."""

    embedder: Embedder
    sandbox: Sandbox


class Sight:
    """The embedder of one collection, opened when it is first needed and kept; safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._eye: _Eye | None = None
        self._closed: tuple[str, int, str, str] | None = None
        self._lock = threading.Lock()

    def see(self, data: bytes, end: str, stats: GraphStats, title: str = "Your picture") -> Guest:
        """Embed the bytes of an image file; BadPicture says why it cannot be, NoEmbedder that nothing can."""
        seen = self.look(data, stats, f"{end}_image", "thumb")
        return Guest(f"image:{end}", title, seen.vector, measure(seen.pictures["thumb"]))

    def look(self, data: bytes, stats: GraphStats, name: str = "image", display: str = "full") -> Seen:
        """Embed a file, and shrink it to the pictures that may be displayed of it, as a load would.

        BadPicture says why it cannot be, under the ``name`` that it was sent by. The file is decoded in a process of
        its own, while nothing else waits for this object.
        """
        with self._opened(stats) as eye:
            pass
        try:
            looked = eye.sandbox.look(data, display)
        except BadImage as error:
            reason = str(error)
            advice = (told for begins, told in _ADVICE.items() if reason.startswith(begins))
            message = f"{reason}: {next(advice, 'send a smaller picture')}"
            raise BadPicture(message, [(name, message)]) from error
        with self._borrowed():
            vector = eye.embedder.embed([looked.prepared])[0]
        return Seen(sha256(data).hexdigest(), looked.pictures, vector, eye.embedder.facts)

    def close(self) -> None:
        """End the process that decodes, where there is one."""
        if (eye := self._eye) is not None:
            eye.sandbox.close()

    def read(self, text: str, end: str, stats: GraphStats) -> Guest:
        """Embed words; NoText where the embedder knows pictures only."""
        return Guest(f"text:{end}", f"“{text}”", self.embed_words([text], stats)[0])

    def embed_words(self, texts: Sequence[str], stats: GraphStats) -> Vectors:
        """Return (n, dimension) unit vectors in the space of the pictures; NoText, NoEmbedder likewise."""
        facts = _facts(stats)
        if not facts.text:
            raise NoText(
                f"{facts.name} knows pictures only: ask with artworks or pictures, or load the collection with an "
                "embedder that knows words, such as open_clip:ViT-B-32/laion2b_s34b_b79k"
            )
        with self._opened(stats) as eye:
            if not isinstance(eye.embedder, Reader):
                raise NoText(f"{facts.name} knows pictures only in this release: ask with artworks or pictures")
            return eye.embedder.embed_words(texts)

    def able(self, stats: GraphStats) -> tuple[bool, bool]:
        """Return whether pictures, and whether words, can be embedded here, as far as that is known without opening it.

        What cannot be opened is known once it was tried; to open a network may take half a minute and half a gigabyte,
        which who only looks at paths is not to wait for.
        """
        if stats.facts is None:
            return False, False
        facts, eye = stats.facts.embedder, self._eye
        if eye is not None and eye.embedder.facts.identity == facts.identity:
            return True, isinstance(eye.embedder, Reader)
        given = not facts.preprocessing
        lacking = facts.name != "classic" and find_spec("torch") is None
        if given or lacking or self._closed == facts.identity:
            return False, False
        return True, facts.text

    @contextmanager
    def _opened(self, stats: GraphStats) -> Iterator[_Eye]:
        """Lend the embedder of a collection to one thread at a time; its process starts without being waited for."""
        with self._borrowed():
            facts = _facts(stats)
            if self._eye is None or self._eye.embedder.facts.identity != facts.identity:
                self._closed = facts.identity
                embedder = self._open(facts)
                self._closed = None
                self._eye = _Eye(embedder, Sandbox(embedder.prepare))
            yield self._eye

    @contextmanager
    def _borrowed(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=PATIENCE):
            raise Busy("other pictures are being looked at: try again in a few seconds")
        try:
            yield
        finally:
            self._lock.release()

    def _open(self, facts: EmbedderFacts) -> Embedder:
        checkpoint = self._settings.checkpoint or remembered(self._settings.home)
        try:
            found = open_embedder(facts.name, None if facts.name == "classic" else checkpoint)
        except BadInput as error:
            raise NoEmbedder(f"what is not in the collection cannot be embedded here: {error}") from error
        if found.facts.identity != facts.identity:
            way = (
                "load it again into a new home with this release"
                if facts.name == "classic"
                else f"name the file {facts.source} (sha256 {facts.checkpoint[:12]}…) with XDEGREES_CHECKPOINT"
            )
            raise NoEmbedder(f"the collection was embedded with another {facts.name}: {way}")
        return found


def _facts(stats: GraphStats) -> EmbedderFacts:
    if stats.facts is None:
        raise Unavailable(NOTHING_LOADED)
    return stats.facts.embedder
