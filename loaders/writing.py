"""Artworks put in, described anew and taken down while others read: vectors first, graph second, version last.

A removal goes the other way round, so that no reader is led to a vector that is not there, unless so much goes that the
graph is made anew; the list of what is withheld, written before either, tells what was interrupted. A load that prunes
takes out vectors first: who asks for one of them meanwhile is told that it is not there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path

import numpy as np
import structlog

from loaders.holdings import Holdings, read_holdings, shown_pictures
from loaders.links import vector_digest
from loaders.losses import are_lost, told_lost
from loaders.marks import moved_mark
from loaders.plan import BY_HAND, held_payloads, of_the_file
from loaders.progress import Progress
from loaders.relink import DEFAULT_K, REBUILD, bring_up_to_date
from stores.artwork import Artwork, Payload
from stores.connect import Stores
from stores.errors import NotFound, Unavailable
from stores.maps import forget
from stores.pictures import picture_path, sweeping, unfinished_pictures, written_pictures
from stores.records import EmbedderFacts, GraphDelta, Vectors
from stores.unfinished import refuse_unfinished
from stores.withheld import Withheld
from stores.words import facet_terms

Picture = tuple[str, str]
"""A picture that is served: content hash, and the name of a size."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken down.

    Attributes:
        artworks: as they were described.
        pictures: those that nobody shows any more, and whose files are gone.
        version: of the graph without them.
    """

    artworks: tuple[Artwork, ...]
    pictures: tuple[Picture, ...]
    version: int


class Writer:
    """Changes a collection. When a call returns the graph is the one a rebuild would make, and others see it.

    Safe to use from several threads, which take turns; Busy where too many wait.

    Attributes:
        withheld: what was taken down and must not come back.
    """

    def __init__(self, stores: Stores, home: Path) -> None:
        self._stores, self._home, self._images = stores, home, home / "images"
        self._holdings: Holdings | None = None
        self.withheld = Withheld(home)

    def put(self, artworks: Sequence[Artwork], vectors: Vectors, facts: EmbedderFacts) -> int:
        """Add artworks, or replace them, with their (n, dimension) unit vectors; return the graph's version.

        Their pictures have to be there already. Mismatch where the vectors are another embedder's.
        """
        fresh = [
            replace(artwork, vector=vector_digest(artwork.id, vector))
            for artwork, vector in zip(artworks, vectors, strict=True)
        ]
        self._stores.vectors.prepare(facts)
        with self._writing() as held:
            before = self._known(artwork.id for artwork in fresh)
            self._stores.vectors.upsert([one.id for one in fresh], vectors, [payload_of(one) for one in fresh])
            version = self._follow(held, before, fresh, vectors)
            forget(self._home, [artwork.id for artwork in before])
            self._unlink(shown_pictures(before))
        return version

    def describe(self, artworks: Sequence[Artwork]) -> int:
        """Rewrite the metadata of artworks; their vectors stay. NotFound names the first that is missing."""
        ids = [artwork.id for artwork in artworks]
        self._stores.graph.artworks(ids)  # what is not there is found out before anything begins
        with self._writing() as held:
            kept, before = self._stores.vectors.get(ids), self._stores.graph.artworks(ids)
            fresh = [replace(new, vector=old.vector) for new, old in zip(artworks, before, strict=True)]
            payloads = [
                {**payload_of(one), **of_the_file(payload)} for one, payload in zip(fresh, kept.payloads, strict=True)
            ]
            self._stores.vectors.upsert(ids, kept.vectors, payloads)
            stats = self._stores.graph.stats()
            if stats.facts is None:
                raise NotFound("nothing has been linked yet: run 'xdegrees relink'")
            mark = moved_mark(stats.facts.metadata_mark, before, fresh)
            version = self._stores.graph.apply(GraphDelta(replace(stats.facts, metadata_mark=mark), tuple(fresh)))
            if held is not None:
                held.version, held.facts = version, replace(held.facts, metadata_mark=mark)
                held.pictures.subtract(shown_pictures(before))
                held.pictures.update(shown_pictures(fresh))
                self._holdings = held
            self._unlink(shown_pictures(before))
        return version

    def remove(self, ids: Sequence[str], by: str) -> Removed:
        """Take artworks down, for good: they are withheld from the next load, too. NotFound names one that is missing.

        ``by`` is the name of the key, or the command, that takes them down.
        """
        self._stores.graph.artworks(ids)  # as above
        with self._writing() as held:
            gone = self._stores.graph.artworks(list(dict.fromkeys(ids)))
            self.withheld.add((artwork.id for artwork in gone), by)
            version = self._follow(held, gone, (), np.zeros((0, 0), dtype=np.float32))
            self._stores.vectors.delete([artwork.id for artwork in gone])
            forget(self._home, [artwork.id for artwork in gone])
            pictures = self._unlink(shown_pictures(gone))
        return Removed(gone, pictures, version)

    def finish(self) -> None:
        """Finish, or undo, what an interrupted write left; nothing to do is found out without reading a vector."""
        with self._stores.writing():
            counts = self._stores.graph.stats().artworks == self._stores.vectors.stats().count
            left = self._known(self.withheld.entries())
            if self._lost(len(left)):
                structlog.get_logger().error(told_lost(self._stores.graph, self._stores.vectors))
            elif left or not (self._stores.clean and counts):
                self._finish()
                self._sweep()

    @contextmanager
    def _writing(self) -> Iterator[Holdings | None]:
        """Be the one who writes; lend what is in memory of the collection, which is forgotten if the write fails.

        Unavailable where the collection is half restored: to finish that as a write would make it look whole.
        """
        with self._stores.writing():
            refuse_unfinished(self._home)
            held = self._holdings
            if held is None and self._lost(len(self._known(self.withheld.entries()))):
                raise Unavailable(told_lost(self._stores.graph, self._stores.vectors))
            if not self._stores.clean:
                self._finish()
            version = self._stores.graph.stats().version
            if held is None or held.version != version:
                held = read_holdings(self._stores.vectors, self._stores.graph)
            self._holdings = None
            yield held

    def _follow(
        self, held: Holdings | None, gone: Sequence[Artwork], fresh: Sequence[Artwork], vectors: Vectors
    ) -> int:
        """Bring the graph to the vectors: by an update, or by a rebuild where that is cheaper."""
        ids = {artwork.id for artwork in gone}
        if held is None or _is_for_rebuild(held, ids, fresh):
            self._stores.vectors.delete(sorted(ids - {artwork.id for artwork in fresh}))
            return self._relink()
        if vectors.shape[1] == 0:
            vectors = np.zeros((0, held.facts.embedder.dimension), dtype=np.float32)
        held.version = self._stores.graph.apply(held.change(gone, fresh, vectors))
        self._holdings = held
        return held.version

    def _lost(self, left: int) -> bool:
        """Whether vectors are lost of artworks that the graph has, ``left`` of which are taken down and still there."""
        artworks = self._stores.graph.stats().artworks
        return are_lost(artworks - left - self._stores.vectors.stats().count, artworks - left)

    def _relink(self) -> int:
        facts = self._stores.graph.stats().facts
        payloads = held_payloads(self._stores.vectors)
        k = facts.k if facts else DEFAULT_K
        bring_up_to_date(self._stores.vectors, self._stores.graph, payloads, k, Progress(quiet=True))
        return self._stores.graph.stats().version

    def _finish(self) -> None:
        self._holdings = None
        self.withheld.tidy()
        self._stores.vectors.delete(sorted(self.withheld.entries()))
        self._relink()
        forget(self._home, self.withheld.entries().keys())

    def _sweep(self) -> None:
        """Take away pictures that nobody shows, unless somebody is bringing some that nobody shows yet."""
        with sweeping(self._images) as alone:
            shown = self._shown() if alone else Counter()
            for picture in written_pictures(self._images) if alone else ():
                if picture not in shown:
                    picture_path(self._images, *picture).unlink(missing_ok=True)
            for path in unfinished_pictures(self._images) if alone else ():
                path.unlink(missing_ok=True)

    def _known(self, ids: Iterable[str]) -> tuple[Artwork, ...]:
        """Return those of some artworks that are in the graph."""
        wanted = list(ids)
        known = ~np.isnan(self._stores.graph.reach(wanted)) if wanted else ()
        return self._stores.graph.artworks(list(compress(wanted, known)))

    def _unlink(self, pictures: Counter[Picture]) -> tuple[Picture, ...]:
        """Take away those of some pictures that nobody shows any more."""
        shown = self._holdings.pictures if self._holdings else self._shown()
        unused = tuple(sorted(picture for picture in pictures if not shown[picture]))
        for picture in unused:
            picture_path(self._images, *picture).unlink(missing_ok=True)
        return unused

    def _shown(self) -> Counter[Picture]:
        held = held_payloads(self._stores.vectors)
        return shown_pictures(Artwork.from_payload(one, payload) for one, payload in held.items())


def payload_of(artwork: Artwork) -> Payload:
    """Return what is kept beside the vector of an artwork that was added or changed by hand, of whatever file."""
    return {**artwork.to_payload(), "file": [], "facets": facet_terms(artwork), BY_HAND: True}


def _is_for_rebuild(held: Holdings, gone: set[str], fresh: Sequence[Artwork]) -> bool:
    left = len(held.standing) - len(gone) + len(fresh)
    return left <= held.facts.k + 1 or held.relinks(gone, len(fresh)) > REBUILD
