"""Pictures and words that are not in the collection, seen as its own pictures were: with the same embedder."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from loaders.embedders.base import Embedder, Reader
from loaders.embedders.checkpoints import remembered
from loaders.embedders.registry import open_embedder
from loaders.images import BadImage, decode
from service.likeness.measures import measure
from service.paths.records import Guest
from stores.errors import NOTHING_LOADED, BadInput, BadPicture, Busy, NoEmbedder, NoText, Unavailable
from stores.records import EmbedderFacts, GraphStats, Vectors
from stores.settings import Settings

MOST_PIXELS: Final = 50_000_000
"""Of a picture that is sent in; 150 MB while it is decoded, and one at a time is."""

PATIENCE: Final = 20
"""Seconds that a picture waits for those before it."""


class Sight:
    """The embedder of one collection, opened when it is first needed and kept; safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._embedder: Embedder | None = None
        self._lock = threading.Lock()

    def see(self, data: bytes, end: str, stats: GraphStats, title: str = "Your picture") -> Guest:
        """Embed the bytes of an image file; BadPicture says why it cannot be, NoEmbedder that nothing can."""
        with self._opened(stats) as embedder:
            try:
                image = decode(data, MOST_PIXELS)
            except BadImage as error:
                message = f"{error}: send a JPEG, PNG, WebP, TIFF, GIF, BMP or AVIF"
                raise BadPicture(message, [(f"{end}_image", message)]) from error
            vector = embedder.embed([embedder.prepare(image)])[0]
            return Guest(f"image:{end}", title, vector, measure(image))

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
        with self._opened(stats) as embedder:
            if not isinstance(embedder, Reader):
                raise NoText(f"{facts.name} knows pictures only in this release: ask with artworks or pictures")
            return embedder.embed_words(texts)

    def able(self, stats: GraphStats) -> tuple[bool, bool]:
        """Return whether pictures, and whether words, can be embedded here; while somebody else does, they can."""
        try:
            facts, embedder = _facts(stats), self._embedder
            if embedder is None or embedder.facts.identity != facts.identity:
                with self._opened(stats) as embedder:
                    pass
            return True, isinstance(embedder, Reader)
        except Busy:
            return True, facts.text
        except (NoEmbedder, Unavailable):
            return False, False

    @contextmanager
    def _opened(self, stats: GraphStats) -> Iterator[Embedder]:
        """Lend the embedder to one thread at a time: what is decoded and embedded at once stays bounded."""
        if not self._lock.acquire(timeout=PATIENCE):
            raise Busy("other pictures are being looked at: try again in a few seconds")
        try:
            facts = _facts(stats)
            if self._embedder is None or self._embedder.facts.identity != facts.identity:
                self._embedder = self._open(facts)
            yield self._embedder
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
