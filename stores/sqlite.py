"""GraphStore in one SQLite file; the edges are searched in memory.

Metadata stays in the file and is asked by SQL; :mod:`stores.sqlite_tables` says how it is laid out.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any, Final, Self

import numpy as np

from stores import sqlite_check, sqlite_search, sqlite_tables
from stores.artwork import Artwork
from stores.dijkstra import Workspace, shortest_path, step_cost
from stores.disagreements import Disagreement
from stores.errors import Damaged, Mismatch, NotFound, Unavailable
from stores.network import Network
from stores.records import (
    Edges,
    EmbedderFacts,
    Floats,
    GraphDelta,
    GraphFacts,
    GraphStats,
    Page,
    Path,
    PathQuery,
    Search,
)

FORMAT: Final = 1
"""Moves when the tables change in a way an older release cannot read."""

_NEVER: Final = -1
"""Version of what was not read yet."""


class SqliteGraph:
    """A GraphStore (see :mod:`stores.ports`) in the file ``path``; made when it is first written to.

    Safe to use from several threads and processes: each thread has its own connection, and a change made
    elsewhere is seen at the next question.
    """

    def __init__(self, path: FilePath) -> None:
        self._path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._reading = threading.Lock()
        self._loaded: tuple[int, Network] = (_NEVER, Network.empty())
        self._counted: tuple[int, int, int, tuple[str, ...]] = (_NEVER, 0, 0, ())
        with self._connection() as db:
            db.executescript(sqlite_tables.SCHEMA)
        self._check_format()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; the store cannot be used afterwards."""
        for db in self._opened:
            db.close()
        self._opened.clear()

    def apply(self, delta: GraphDelta) -> int:
        """Apply a change in one transaction."""
        with self._connection() as db, self._reading:
            db.execute("BEGIN IMMEDIATE")
            meta = self._meta(db)
            before = self._network(db, int(meta.get("version", 0)))
            network = before.after(delta)
            sqlite_tables.write(db, before, network, delta)
            version = int(meta.get("version", 0)) + 1
            changed = {"version": version, "facts": asdict(delta.facts)}
            if delta.artworks or delta.removed or delta.replace:
                changed["metadata_version"] = int(meta.get("metadata_version", 0)) + 1
            db.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                [(name, json.dumps(v)) for name, v in changed.items()],
            )
            db.execute("COMMIT")
            self._loaded = (version, network)
        return version

    def artworks(self, ids: Sequence[str]) -> tuple[Artwork, ...]:
        """Return these artworks in this order."""
        with self._connection() as db:
            found = dict(
                db.execute(
                    "SELECT id, record FROM artworks WHERE id IN (SELECT value FROM json_each(?))",
                    (json.dumps([str(artwork_id) for artwork_id in ids]),),
                )
            )
        missing = next((artwork_id for artwork_id in ids if artwork_id not in found), None)
        if missing is not None:
            raise NotFound(f"there is no artwork with the id {missing}")
        return tuple(Artwork.from_payload(str(artwork_id), json.loads(found[artwork_id])) for artwork_id in ids)

    def find(self, search: Search) -> Page:
        """Return a page of artworks."""
        with self._connection() as db:
            return sqlite_search.find(db, search)

    def edges(self, ids: Sequence[str] | None = None) -> Edges:
        """Return every edge at any of these artworks, or of all."""
        network = self._current()
        return network.edges if ids is None else network.at(ids)

    def reach(self, ids: Sequence[str] | None = None) -> Floats:
        """Return the reach of these artworks, or of all."""
        network = self._current()
        return network.reach if ids is None else network.reach_of(ids)

    def shortest_paths(self, query: PathQuery) -> tuple[Path, ...]:
        """Return the cheapest path, if there is one."""
        network = self._current()
        source, *targets = network.rows([query.source, *query.targets]).tolist()
        blocked = None
        if query.avoid:
            blocked = np.isin(network.edges.ids, np.array(sorted(query.avoid), dtype="U36"))
        further = dict(zip(targets, query.targets.values(), strict=True))
        rows = shortest_path(network.csr, self._workspace(network), source, further, query.power, blocked)
        if rows is None:
            return ()
        edges = tuple(network.between(row, other) for row, other in pairwise(rows.tolist()))
        cost = sum(step_cost(edge.weight, query.power) for edge in edges)
        return (Path(self.artworks(network.edges.ids[rows].tolist()), cost, edges, "memory", self.stats()),)

    def stats(self) -> GraphStats:
        """Say what the graph holds."""
        with self._connection() as db:
            meta = self._meta(db)
            if self._counted[0] != meta.get("version", 0):
                count, edges = sqlite_tables.counts(db)
                columns = tuple(row[0] for row in db.execute("SELECT DISTINCT column FROM facets ORDER BY column"))
                self._counted = (meta.get("version", 0), count, edges, columns)
            _, count, edges, columns = self._counted
        facts = meta.get("facts")
        return GraphStats(
            version=int(meta.get("version", 0)),
            metadata_version=int(meta.get("metadata_version", 0)),
            artworks=count,
            edges=edges,
            facts=GraphFacts(**{**facts, "embedder": EmbedderFacts(**facts["embedder"])}) if facts else None,
            columns=columns,
            engines=("memory",),
        )

    def trouble(self) -> tuple[Disagreement, ...]:
        """Find what does not agree within the file."""
        with self._connection() as db:
            return sqlite_check.trouble(db)

    def mend(self) -> None:
        """Mend the file in one transaction; what cannot be read is taken out."""
        with self._connection() as db, self._reading:
            db.execute("BEGIN IMMEDIATE")
            sqlite_check.mend(db)
            moved = "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name IN ('version', 'metadata_version')"
            db.execute(moved)
            db.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Lend this thread's connection; a transaction left open by an error is undone."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        try:
            if db is None:
                db = self._local.db = self._open()
            yield db
        except sqlite3.OperationalError as error:
            raise Unavailable(f"{self._path}: {error}; 'xdegrees check' says whether it is damaged") from error
        except sqlite3.DatabaseError as error:
            raise Damaged(f"{self._path}: {error}; run 'xdegrees check --repair', which makes it anew") from error
        finally:
            if db is not None and db.in_transaction:
                db.rollback()

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        db.execute("PRAGMA journal_mode = WAL")
        self._opened.append(db)
        return db

    def _check_format(self) -> None:
        with self._connection() as db:
            found = self._meta(db).get("format")
            if found is None:
                db.execute("INSERT INTO meta VALUES ('format', ?)", (json.dumps(FORMAT),))
            elif found != FORMAT:
                raise Mismatch(f"{self._path} has format {found}, this release reads {FORMAT}: use a newer release")

    @staticmethod
    def _meta(db: sqlite3.Connection) -> dict[str, Any]:
        return {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM meta")}

    def _current(self) -> Network:
        with self._connection() as db, self._reading:
            row = db.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
            return self._network(db, int(row[0]) if row else 0)

    def _network(self, db: sqlite3.Connection, version: int) -> Network:
        """Return the network of the version in the file, read anew if another process moved it."""
        if self._loaded[0] != version:
            self._loaded = (version, sqlite_tables.read(db))
        return self._loaded[1]

    def _workspace(self, network: Network) -> Workspace:
        """Return this thread's memory for a search in this network."""
        if getattr(self._local, "network", None) is not network:
            self._local.network, self._local.workspace = network, Workspace(len(network.edges.ids))
        space: Workspace = self._local.workspace
        return space
