"""Weighted shortest paths by procedure: GDS on a graph in memory, APOC on the graph as it stands.

A graph in memory is named after the version it was copied from and never changes. It is lost when the server
restarts; while it is missing APOC answers, and a new copy is made in the background.
"""

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import structlog

from stores.dijkstra import step_cost
from stores.disagreements import Disagreement, named
from stores.errors import Unavailable
from stores.neo4j_driver import Missing, Neo4jDriver, Stale
from stores.neo4j_rows import read_artwork
from stores.ports import PACES
from stores.records import Edge, Path, PathQuery

GDS: Final = "gds.shortestPath.dijkstra.stream"
APOC: Final = "apoc.algo.dijkstra"

KEPT: Final = 4
"""Graphs in memory with some artworks left out that are kept for the next who leaves out the same."""

_PACE_OF: Final = {power: name for name, power in PACES.items()}
_WEIGHT_OF: Final = _PACE_OF | {1: "weight"}
"""The property of an edge that holds its cost."""


@dataclass(frozen=True, slots=True)
class Version:
    """Which graph is asked for.

    Attributes:
        epoch: which life of the collection in its database.
        edges: moves with every change of the edges; copies in memory are named by it.
        whole: moves with every write.
    """

    epoch: str
    edges: int
    whole: int


class PathFinder:
    """Finds paths of one collection with whatever the server has."""

    def __init__(self, driver: Neo4jDriver, collection: str) -> None:
        self._driver = driver
        self._collection = collection
        self._has = self._procedures()
        self._copying = threading.Lock()
        self._without: OrderedDict[str, None] = OrderedDict()

    @property
    def engines(self) -> tuple[str, ...]:
        """What the server can find paths with."""
        return tuple(name for name, procedure in (("gds", GDS), ("apoc", APOC)) if procedure in self._has)

    def find(self, query: PathQuery, version: Version) -> tuple[Path, ...]:
        """Return the cheapest paths in this version of the graph; Stale where it is no longer the present one."""
        if GDS not in self._has:
            return self._in_the_graph(query, version)
        try:
            return self._with_gds(query, version)
        except Missing:
            return self._meanwhile(query, version)

    def copy(self, version: Version) -> None:
        """Copy this version into memory and let go of those before it; nothing where GDS is missing."""
        if GDS not in self._has:
            return
        with self._copying:
            name = self._name(version)
            names = self._names()
            if name not in names:
                self._project(name, frozenset())
            self._without.clear()
            for old in names:
                if old != name:
                    self._driver.patiently("drop_projection", projection=old)

    def trouble(self, version: Version) -> tuple[Disagreement, ...]:
        """Find what is amiss with the copies in memory; nothing where GDS is missing."""
        if GDS not in self._has:
            return ()
        name, names = self._name(version), self._names()
        lost = () if name in names else (Disagreement("lost-projection"),)
        return (*lost, *named("old-projection", (one for one in names if not f"{one}/".startswith(f"{name}/"))))

    def copy_quietly(self, version: Version) -> None:
        """Copy unless that is being done; what goes wrong is logged: the graph itself is written and can be asked."""
        if self._copying.locked():
            return
        try:
            self.copy(version)
        except (Unavailable, Missing) as error:
            structlog.get_logger().warning("the graph could not be copied into memory", reason=str(error))

    def _procedures(self) -> frozenset[str]:
        found = frozenset(row["name"] for row in self._driver.read("procedures"))
        if not found & {GDS, APOC}:
            raise Unavailable(
                "this Neo4j has neither GDS nor APOC, and one of them must find the paths: put their jars into its "
                "folder 'plugins', allow gds.* and apoc.* in dbms.security.procedures.unrestricted, and restart it"
            )
        return found

    def _meanwhile(self, query: PathQuery, version: Version) -> tuple[Path, ...]:
        """Answer though the graph is not in memory: from the live one, or once it is."""
        if APOC in self._has and not query.avoid:
            threading.Thread(target=self.copy_quietly, args=(version,), daemon=True).start()
            return self._in_the_graph(query, version)
        self.copy(version)
        return self._with_gds(query, version)

    def _with_gds(self, query: PathQuery, version: Version) -> tuple[Path, ...]:
        """Most paths do not pass what is to be avoided, so that is only left out where it has to be."""
        found = self._in_memory(query, version, self._name(version))
        if any(query.avoid & set(path.ids[1:-1]) for path in found):
            return self._around(query, version)
        return found

    def _in_memory(self, query: PathQuery, version: Version, projection: str) -> tuple[Path, ...]:
        asked = self._asked(query, version) | {"projection": projection, "pace": _PACE_OF[query.power]}
        return tuple(_path(query, "gds", row) for row in self._driver.read("path_gds", **asked))

    def _in_the_graph(self, query: PathQuery, version: Version) -> tuple[Path, ...]:
        asked = self._asked(query, version) | {"property": _WEIGHT_OF[query.power]}
        found = tuple(_path(query, "apoc", row) for row in self._driver.read("path_apoc", **asked))
        if any(query.avoid & set(path.ids[1:-1]) for path in found):
            raise Unavailable("leaving artworks out needs GDS, which this Neo4j does not have: ask its operator for it")
        return found

    def _around(self, query: PathQuery, version: Version) -> tuple[Path, ...]:
        """Search where the artworks to avoid are left out altogether."""
        avoid = query.avoid - {query.source, *query.targets}
        name = f"{self._name(version)}/{sha256(repr(sorted(avoid)).encode()).hexdigest()[:16]}"
        with self._copying:
            if name not in self._without:
                self._project(name, avoid)
            self._without[name] = None
            self._without.move_to_end(name)
            while len(self._without) > KEPT:
                self._driver.patiently("drop_projection", projection=self._without.popitem(last=False)[0])
        try:
            return self._in_memory(query, version, name)
        except Missing:
            self._without.pop(name, None)
            raise

    def _project(self, name: str, avoid: frozenset[str]) -> None:
        """Copy into memory; another process may have made the same copy a moment before."""
        try:
            self._driver.patiently("project", collection=self._collection, projection=name, avoid=sorted(avoid))
        except Unavailable:
            if name not in self._names():
                raise

    def _names(self) -> list[str]:
        """Names of this collection's graphs in memory, of whatever version."""
        begun = self._name(None)
        names = (str(row["name"]) for row in self._driver.patiently("projections"))
        return [name for name in names if name.startswith(begun)]

    def _name(self, version: Version | None) -> str:
        ours = f"xdegrees/{sha256(self._collection.encode()).hexdigest()[:8]}/"
        return f"{ours}{version.epoch}/{version.edges}" if version else ours

    def _asked(self, query: PathQuery, version: Version) -> dict[str, Any]:
        return {
            "collection": self._collection,
            "version": version.whole,
            "source": query.source,
            "targets": dict(query.targets),
        }


def _path(query: PathQuery, engine: str, row: dict[str, Any]) -> Path:
    """Rebuild a path; Stale where its steps are no longer those that the search went by."""
    if any(None in part for part in (*row["steps"], *row["records"])):
        raise Stale
    edges = tuple(_edge(*step[1:]) for step in sorted(row["steps"]))
    cost = sum((step_cost(edge.weight, query.power) for edge in edges), 0.0)
    artworks = tuple(
        read_artwork(artwork_id, record)
        for artwork_id, (_, record) in zip(row["ids"], sorted(row["records"]), strict=False)
    )
    if (
        len(edges) != len(row["ids"]) - 1
        or len(artworks) != len(row["ids"])
        or not math.isclose(cost, row["cost"], rel_tol=1e-9)
    ):
        raise Stale
    return Path(artworks, cost, edges, engine)


def _edge(angle: float, weight: float, rank_out: int, rank_in: int, bridge: bool) -> Edge:  # noqa: FBT001 -- a row
    return Edge(angle, weight, min((rank for rank in (rank_out, rank_in) if rank), default=None), bridge)
