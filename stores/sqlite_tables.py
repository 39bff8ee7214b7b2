"""How the embedded graph is laid out in its file.

The edges of an artwork to those with larger ids are one blob in its row: some twenty times quicker to
read than a row an edge, and a change rewrites only the rows it touches.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from stores.artwork import Artwork
from stores.errors import Damaged
from stores.network import Network
from stores.records import Edges, GraphDelta, Ints
from stores.words import facets, fold, searched

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS artworks (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, folded_key TEXT NOT NULL,
    folded_title TEXT NOT NULL, year_from INTEGER, year_to INTEGER, record TEXT NOT NULL,
    reach REAL NOT NULL DEFAULT 0, edges BLOB NOT NULL DEFAULT x'');
CREATE INDEX IF NOT EXISTS artworks_key ON artworks (key);
CREATE TABLE IF NOT EXISTS facets (
    column TEXT NOT NULL, folded TEXT NOT NULL, n INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (column, folded, n)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS facets_artwork ON facets (n);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (text, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3');
"""

Stored = tuple[str, int, float, bytes]
"""Id, number, reach and edges of an artwork."""

_EDGE: Final = np.dtype(
    [
        ("other", "<i8"),
        ("angle", "<f8"),
        ("weight", "<f8"),
        ("rank_a", "<i2"),
        ("rank_b", "<i2"),
        ("bridge", "?"),
    ]
)


def write(db: sqlite3.Connection, before: Network, after: Network, delta: GraphDelta) -> None:
    """Bring the tables from one network to the next, inside the caller's transaction."""
    if delta.replace:
        for table in ("artworks", "facets", "words"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608 -- three constants; tables cannot be parameters
    _remove(db, delta.removed)
    _write_artworks(db, delta.artworks)
    if len(touched := _touched(before, after, delta)):
        _write_edges(db, after, touched)


def read(db: sqlite3.Connection) -> Network:
    """Read every edge and reach; Damaged where some cannot be."""
    rows = stored(db)
    if not rows:
        return Network.empty()
    if unreadable := malformed(rows):
        raise Damaged(f"the edges of {len(unreadable)} artworks cannot be read: run 'xdegrees check --repair'")
    ids, _, reach, blobs = zip(*rows, strict=True)
    found = np.frombuffer(b"".join(blobs), dtype=_EDGE)
    edges = Edges(
        ids=np.array(ids, dtype="U36"),
        a=np.repeat(np.arange(len(ids)), [len(blob) // _EDGE.itemsize for blob in blobs]),
        b=_row_of(rows, found["other"]),
        angle=found["angle"].copy(),
        weight=found["weight"].copy(),
        rank_a=found["rank_a"].astype(np.int64),
        rank_b=found["rank_b"].astype(np.int64),
        bridge=found["bridge"].copy(),
    )
    return Network(edges, np.array(reach, dtype=np.float64))


def counts(db: sqlite3.Connection) -> tuple[int, int]:
    """Count artworks and edges without reading an edge."""
    count, size = db.execute("SELECT COUNT(*), TOTAL(LENGTH(edges)) FROM artworks").fetchone()
    return count, int(size) // _EDGE.itemsize


def stored(db: sqlite3.Connection) -> list[Stored]:
    """Return id, number, reach and edges of every artwork, by ascending id."""
    return db.execute("SELECT id, n, reach, edges FROM artworks ORDER BY id").fetchall()


def malformed(rows: Sequence[Stored]) -> list[str]:
    """Ids of those whose reach is no number, or whose edges are not some to larger ids, in order."""
    whole = [
        isinstance(reach, float) and isinstance(blob, bytes) and len(blob) % _EDGE.itemsize == 0
        for _, _, reach, blob in rows
    ]
    blobs = [row[3] if good else b"" for row, good in zip(rows, whole, strict=True)]
    owner = np.repeat(np.arange(len(rows)), [len(blob) // _EDGE.itemsize for blob in blobs])
    other = _row_of(rows, np.frombuffer(b"".join(blobs), dtype=_EDGE)["other"])
    wrong = other <= owner
    wrong[1:] |= (other[1:] <= other[:-1]) & (owner[1:] == owner[:-1])
    bad = np.append(np.flatnonzero(~np.array(whole, dtype=np.bool_)), owner[wrong])
    return [rows[row][0] for row in np.unique(bad).tolist()]


def _row_of(rows: Sequence[Stored], numbers: Ints) -> Ints:
    """Places of artworks with these numbers, by ascending id; -1 where there is none."""
    row_of = np.full(max((row[1] for row in rows), default=0) + 1, -1, dtype=np.int64)
    row_of[[row[1] for row in rows]] = np.arange(len(rows))
    known = (numbers >= 0) & (numbers < len(row_of))
    return np.where(known, row_of[np.where(known, numbers, 0)], -1)


def _remove(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    numbers = [(n,) for artwork_id in ids for (n,) in db.execute("SELECT n FROM artworks WHERE id = ?", (artwork_id,))]
    _forget_words(db, numbers)
    db.executemany("DELETE FROM artworks WHERE n = ?", numbers)


def _forget_words(db: sqlite3.Connection, numbers: list[tuple[int]]) -> None:
    db.executemany("DELETE FROM facets WHERE n = ?", numbers)
    db.executemany("DELETE FROM words WHERE rowid = ?", numbers)


def _write_artworks(db: sqlite3.Connection, artworks: Iterable[Artwork]) -> None:
    for artwork in artworks:
        (n,) = db.execute(
            "INSERT INTO artworks (id, key, folded_key, folded_title, year_from, year_to, record)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET key = excluded.key,"
            " folded_key = excluded.folded_key, folded_title = excluded.folded_title,"
            " year_from = excluded.year_from, year_to = excluded.year_to, record = excluded.record RETURNING n",
            (artwork.id, *columns(artwork), json.dumps(artwork.to_payload(), ensure_ascii=False)),
        ).fetchone()
        write_search(db, n, artwork)


def columns(artwork: Artwork) -> tuple[str, str, str, int | None, int | None]:
    """What stands beside a record, for statements to ask for: key, folded key, folded title, years."""
    return artwork.key, fold(artwork.key), fold(artwork.title), artwork.year_from, artwork.year_to


def write_search(db: sqlite3.Connection, n: int, artwork: Artwork) -> None:
    """Write what words and filters find an artwork by."""
    _forget_words(db, [(n,)])
    db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (n, searched(artwork)))
    db.executemany(
        "INSERT OR IGNORE INTO facets VALUES (?, ?, ?, ?)",
        [(column, fold(value), n, value) for column, value in facets(artwork)],
    )


def _touched(before: Network, after: Network, delta: GraphDelta) -> Ints:
    """Rows of ``after`` whose reach or own edges a change may have moved."""
    if delta.replace:
        return np.arange(len(after.edges.ids))
    named = set(np.asarray(delta.dropped, dtype="U36").ravel().tolist())
    if delta.edges is not None:
        named |= set(delta.edges.ids.tolist())
    if delta.removed:
        around = before.at(delta.removed)
        named |= set(around.ids[np.append(around.a, around.b)].tolist())
    return after.rows(sorted(named - set(delta.removed)))


def _write_edges(db: sqlite3.Connection, network: Network, rows: Ints) -> None:
    """Write the reach and the own edges of some artworks."""
    edges = network.edges
    starts, ends = np.searchsorted(edges.a, rows), np.searchsorted(edges.a, rows, side="right")
    chosen = np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)] or [rows])
    number = _numbers(db, network, np.append(rows, edges.b[chosen]))
    packed = np.empty(len(chosen), dtype=_EDGE)
    packed["other"] = number[edges.b[chosen]]
    for name in ("angle", "weight", "rank_a", "rank_b", "bridge"):
        packed[name] = getattr(edges, name)[chosen]
    blobs = np.split(packed, np.cumsum(ends - starts)[:-1])
    db.executemany(
        "UPDATE artworks SET reach = ?, edges = ? WHERE n = ?",
        (
            (float(network.reach[row]), blob.tobytes(), int(number[row]))
            for row, blob in zip(rows.tolist(), blobs, strict=True)
        ),
    )


def _numbers(db: sqlite3.Connection, network: Network, rows: Ints) -> Ints:
    """Return by row the numbers that the file knows some artworks by; all are read where many are asked for."""
    numbers = np.zeros(len(network.edges.ids), dtype=np.int64)
    wanted = np.unique(rows)
    if len(wanted) > len(numbers) // 8:
        numbers[:] = [n for (n,) in db.execute("SELECT n FROM artworks ORDER BY id")]
    else:
        asked = json.dumps(network.edges.ids[wanted].tolist())
        found = db.execute("SELECT n FROM artworks WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (asked,))
        numbers[wanted] = [n for (n,) in found]
    return numbers
