"""GraphStore on a Neo4j server. Collections live side by side in its one database.

The schema: ``(:Artwork)-[:SIMILAR]->(:Artwork)`` from the smaller to the larger id, to be read undirected;
a ``(:Record)`` beside each artwork, and one ``(:Meta)`` a collection. Every node has its ``collection``.
"""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any, Final, Self, TypeVar

import numpy as np

from stores import neo4j_check, neo4j_lock, neo4j_search
from stores.artwork import Artwork
from stores.disagreements import Disagreement
from stores.errors import Busy, NotFound
from stores.holder import Waiting
from stores.neo4j_driver import Address, Missing, Neo4jDriver, Stale
from stores.neo4j_paths import PathFinder, Version
from stores.neo4j_rows import read_artwork, read_edges
from stores.neo4j_write import Meta, Target, check_format, prepare, write
from stores.network import Network
from stores.records import (
    Edges,
    EmbedderFacts,
    Floats,
    GraphDelta,
    GraphFacts,
    GraphStats,
    Ids,
    Page,
    Path,
    PathQuery,
    Search,
)

T = TypeVar("T")

TRIES: Final = 8
"""How often a question is asked again because the graph moved on under it."""


class Neo4jGraph:
    """A GraphStore (see :mod:`stores.ports`): one collection of a Neo4j server.

    Safe to use from several threads, once made after any fork. Raises Unavailable where the server does not
    answer, does not let us in, or has nothing to find paths with.
    """

    def __init__(self, address: Address, collection: str, base: str = "") -> None:
        self._collection = collection
        self._base = base
        self._driver = Neo4jDriver(address)
        self._seen: Meta = {}
        try:
            self._driver.check()
            self._finder = PathFinder(self._driver, collection)
            check_format(self._meta(), collection)
        except BaseException:
            self._driver.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; the store cannot be used afterwards."""
        self._driver.close()

    def writing(self, patience: float, waiting: Waiting) -> AbstractContextManager[bool]:
        """Be the one writer of this collection, whatever machine others are on; see :mod:`stores.neo4j_lock`."""
        return neo4j_lock.turn(self._driver, self._collection, patience, waiting)

    def apply(self, delta: GraphDelta) -> int:
        """Apply a change in one transaction.

        A whole graph of more than :data:`stores.neo4j_write.ONE_TRANSACTION` rows is written in several; until
        the last of them the store says that it holds nothing, rather than half of something.
        """
        if not self._seen.get("facts"):
            prepare(self._driver)
        for _ in range(TRIES):
            before = self._network() if delta.replace else None
            try:
                meta = write(self._driver, Target(self._collection, self._base), delta, before)
            except Stale:
                continue
            self._seen = meta
            self._finder.copy_quietly(_version(meta))
            return int(meta["version"])
        raise Busy("another process keeps writing this graph: wait until it is done")

    def artworks(self, ids: Sequence[str]) -> tuple[Artwork, ...]:
        """Return these artworks in this order."""
        asked = [str(artwork_id) for artwork_id in ids]
        rows = self._driver.read("records", collection=self._collection, ids=asked) if asked else []
        found = {row["id"]: row["record"] for row in rows}
        missing = next((artwork_id for artwork_id in asked if artwork_id not in found), None)
        if missing is not None:
            raise NotFound(f"there is no artwork with the id {missing}")
        return tuple(read_artwork(artwork_id, found[artwork_id]) for artwork_id in asked)

    def find(self, search: Search) -> Page:
        """Return a page of artworks."""
        return neo4j_search.find(self._driver, self._collection, search, int(self._meta().get("artworks", 0)))

    def edges(self, ids: Sequence[str] | None = None) -> Edges:
        """Return every edge at any of these artworks, or of all."""
        if ids is None:
            return self._network()[1].edges
        asked = sorted({str(artwork_id) for artwork_id in ids})
        edges = self._settled(
            lambda _: read_edges(_ids([]), self._driver.read("edges_at", collection=self._collection, ids=asked)),
            _always,
            self._seen,
        )
        if set(asked) - set(edges.ids.tolist()):
            self.artworks(ids)
        return edges

    def reach(self, ids: Sequence[str] | None = None) -> Floats:
        """Return the reach of these artworks, or of all."""
        if ids is None:
            return _reach(self._driver.patiently("all_artworks", collection=self._collection))
        asked = [str(artwork_id) for artwork_id in ids]
        found = {row["id"]: row for row in self._driver.read("reach", collection=self._collection, ids=asked)}
        return _reach([found.get(artwork_id, {"reach": math.nan}) for artwork_id in asked])

    def shortest_paths(self, query: PathQuery) -> tuple[Path, ...]:
        """Return the cheapest path, if there is one."""
        further = {end: cost for end, cost in query.targets.items() if end != query.source}
        found = self._settled(partial(self._find, replace(query, target=further)), _found_in_memory, self._seen)
        if query.source in query.targets:
            stay = Path(self.artworks([query.source]), 0.0, stats=self.stats())
            return (min((stay, *found), key=lambda path: path.cost + query.targets[path.ids[-1]]),)
        if not found:
            self.artworks([query.source, *query.targets])
        return found

    def stats(self) -> GraphStats:
        """Say what the graph holds."""
        return self._stats(self._meta())

    def trouble(self) -> tuple[Disagreement, ...]:
        """Find what does not agree within the collection, or with its copy in memory."""
        meta = self._meta()
        found = neo4j_check.trouble(self._driver, Target(self._collection, self._base), meta)
        return (*found, *(self._finder.trouble(_version(meta)) if meta.get("facts") else ()))

    def mend(self) -> None:
        """Mend the collection and its copy; what cannot be read is taken out."""
        self._seen = neo4j_check.mend(self._driver, Target(self._collection, self._base), self._meta())
        self._finder.copy(_version(self._seen))

    def _find(self, query: PathQuery, meta: Meta) -> tuple[Path, ...]:
        found = self._finder.find(query, _version(meta)) if meta and query.targets else ()
        return tuple(replace(path, stats=self._stats(meta)) for path in found)

    def _stats(self, meta: Meta) -> GraphStats:
        facts = json.loads(meta["facts"]) if meta.get("facts") else None
        return GraphStats(
            version=meta.get("version", 0),
            metadata_version=meta.get("metadata_version", 0),
            artworks=meta.get("artworks", 0),
            edges=meta.get("edges", 0),
            facts=GraphFacts(**{**facts, "embedder": EmbedderFacts(**facts["embedder"])}) if facts else None,
            columns=tuple(meta.get("columns", ())),
            engines=self._finder.engines,
        )

    def _meta(self) -> Meta:
        rows = self._driver.read("read_meta", collection=self._collection)
        self._seen = rows[0]["meta"] if rows else {}
        return self._seen

    def _settled(self, ask: Callable[[Meta], T], sure: Callable[[T], bool], meta: Meta | None = None) -> T:
        """Ask until the graph is the same before and after, or the answer itself shows that it was.

        ``meta`` is what is known of the graph without asking; where it is out of date, that is found out.
        """
        before = meta or self._meta()
        for attempt in range(TRIES):
            time.sleep(0.02 * attempt)
            try:
                answer = ask(before)
            except Stale:
                before = self._meta()
                continue
            except Missing:
                self._finder = PathFinder(self._driver, self._collection)
                before = self._meta()
                continue
            if sure(answer):
                return answer
            now = self._meta()
            if _version(now) == _version(before):
                return answer
            before = now
        raise Busy("the graph is being rewritten faster than it can be read: try again in a moment")

    def _network(self) -> tuple[Meta, Network]:
        """Read every edge and reach, of one version, and what Meta said of it."""

        def read(meta: Meta) -> tuple[Meta, Network]:
            rows = self._driver.patiently("all_artworks", collection=self._collection)
            ids = _ids([row["id"] for row in rows])
            edges = read_edges(ids, self._driver.patiently("all_edges", collection=self._collection))
            if len(edges.ids) != len(ids):
                raise Stale
            return meta, Network(edges, _reach(rows))

        return self._settled(read, _never)


def _version(meta: Meta) -> Version:
    return Version(str(meta.get("epoch", "")), int(meta.get("edges_version", 0)), int(meta.get("version", 0)))


def _ids(ids: Sequence[str]) -> Ids:
    return np.array(ids, dtype="U36")


def _reach(rows: Sequence[Mapping[str, Any]]) -> Floats:
    return np.array([row["reach"] or 0.0 for row in rows], dtype=np.float64)


def _always(_: object) -> bool:
    return True


def _never(_: object) -> bool:
    return False


def _found_in_memory(paths: tuple[Path, ...]) -> bool:
    """A path of a graph in memory was checked against the version and the edges it walks along."""
    return bool(paths) and all(path.engine == "gds" for path in paths)
