"""Whether the embedded graph's file agrees with itself, and mending it where it does not."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stores import sqlite_tables
from stores.artwork import Artwork
from stores.disagreements import Disagreement, named
from stores.errors import Unavailable
from stores.records import EmbedderFacts, GraphFacts
from stores.words import facets, fold, searched


def examine(path: Path) -> tuple[Disagreement, ...]:
    """Find what keeps a file from being opened: damage, or facts that cannot be read. None where there is no file."""
    if not path.exists():
        return ()
    try:
        with closing(sqlite3.connect(path, timeout=30)) as db:
            told = [line for (line,) in db.execute("PRAGMA integrity_check(100)") if "fts5" not in line.lower()]
            if told != ["ok"] and told:
                return (Disagreement("unreadable-graph", reason=told[0].splitlines()[-1]),)
            return named("damaged-facts", _unreadable_facts(db))
    except sqlite3.OperationalError as error:
        raise Unavailable(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        return (Disagreement("unreadable-graph", reason=str(error)),)


def set_aside(path: Path) -> Path:
    """Give a damaged file another name, and begin a new one whose versions go on; return what the old one is called."""
    versions = _salvaged(path)
    kept = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(kept.with_name(kept.name + ending))
    with closing(sqlite3.connect(path)) as db:
        db.executescript(sqlite_tables.SCHEMA)
        db.executemany("INSERT INTO meta VALUES (?, ?)", versions.items())
        db.commit()
    return kept


def forget_facts(path: Path) -> None:
    """Take out what the graph says of itself where it cannot be read."""
    with closing(sqlite3.connect(path, timeout=30)) as db:
        db.executemany("DELETE FROM meta WHERE name = ?", [(name,) for name in _unreadable_facts(db)])
        db.commit()


def trouble(db: sqlite3.Connection) -> tuple[Disagreement, ...]:
    """Find what does not agree within the tables."""
    rows = list(_rows(db))
    return (
        *named("damaged-record", (one for one, _, artwork in rows if artwork is None)),
        *named("damaged-edges", sqlite_tables.malformed(sqlite_tables.stored(db))),
        *named("lost-search", _unfound(db)),
        *_versionless(db),
    )


def mend(db: sqlite3.Connection) -> None:
    """Mend the tables inside the caller's transaction; what cannot be read is emptied."""
    _make_words_whole(db)
    for artwork_id in sqlite_tables.malformed(sqlite_tables.stored(db)):
        db.execute("UPDATE artworks SET reach = 0, edges = x'' WHERE id = ?", (artwork_id,))
    for one, n, artwork in list(_rows(db)):
        record = artwork or Artwork(one, one)
        if artwork is None:
            db.execute("UPDATE artworks SET record = ? WHERE n = ?", (json.dumps(record.to_payload()), n))
        if not _is_found(db, n, record):
            _write_columns(db, n, record)
    for table, number in (("words", "rowid"), ("facets", "n")):
        db.execute(f"DELETE FROM {table} WHERE {number} NOT IN (SELECT n FROM artworks)")  # noqa: S608 -- constants
    if _versionless(db):
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", _fresh_versions().items())


def _rows(db: sqlite3.Connection) -> Iterator[tuple[str, int, Artwork | None]]:
    """Yield id, number and record of every artwork; None where the record cannot be read."""
    for artwork_id, n, record in db.execute("SELECT id, n, record FROM artworks ORDER BY n"):
        yield artwork_id, n, _artwork(artwork_id, record)


def _artwork(artwork_id: str, record: Any) -> Artwork | None:
    try:
        found = Artwork.from_payload(artwork_id, json.loads(record))
        searched(found)
    except (ValueError, TypeError, AttributeError, LookupError):
        return None
    return found


def _unfound(db: sqlite3.Connection) -> Iterator[str]:
    """Yield artworks that words or filters find otherwise than their records say, and rows that find nothing."""
    if not _words_are_whole(db):
        yield "the index of words"
        return
    for artwork_id, n, artwork in list(_rows(db)):
        if artwork is not None and not _is_found(db, n, artwork):
            yield artwork_id
    strays = "SELECT rowid FROM words UNION SELECT n FROM facets EXCEPT SELECT n FROM artworks"
    yield from (f"row {n}" for (n,) in db.execute(strays))


def _is_found(db: sqlite3.Connection, n: int, artwork: Artwork) -> bool:
    beside = db.execute(
        "SELECT key, folded_key, folded_title, year_from, year_to FROM artworks WHERE n = ?", (n,)
    ).fetchone()
    words = db.execute("SELECT text FROM words WHERE rowid = ?", (n,)).fetchone()
    wanted: dict[tuple[str, str], str] = {}
    for column, value in facets(artwork):
        wanted.setdefault((column, fold(value)), value)
    held = {(c, folded): value for c, folded, value in db.execute(
        "SELECT column, folded, value FROM facets WHERE n = ?", (n,)
    )}  # fmt: skip
    return (beside, words, held) == (sqlite_tables.columns(artwork), (searched(artwork),), wanted)


def _write_columns(db: sqlite3.Connection, n: int, artwork: Artwork) -> None:
    db.execute(
        "UPDATE artworks SET key = ?, folded_key = ?, folded_title = ?, year_from = ?, year_to = ? WHERE n = ?",
        (*sqlite_tables.columns(artwork), n),
    )
    sqlite_tables.write_search(db, n, artwork)


def _words_are_whole(db: sqlite3.Connection) -> bool:
    """Let the full-text index compare itself with its text."""
    try:
        db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        db.execute("SELECT COUNT(text) FROM words").fetchone()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            raise
        return False
    return True


def _make_words_whole(db: sqlite3.Connection) -> None:
    """Begin the full-text index again where it is damaged; it is empty then."""
    if not _words_are_whole(db):
        db.execute("DROP TABLE words")
        for statement in sqlite_tables.SCHEMA.split(";")[:-1]:
            db.execute(statement)


def _versionless(db: sqlite3.Connection) -> tuple[Disagreement, ...]:
    held = {name for (name,) in db.execute("SELECT name FROM meta WHERE CAST(value AS INTEGER) > 0")}
    written = db.execute("SELECT EXISTS (SELECT 1 FROM artworks)").fetchone()[0]
    return (Disagreement("wrong-version"),) if written and not {"version", "metadata_version"} <= held else ()


def _unreadable_facts(db: sqlite3.Connection) -> list[str]:
    """Names of what the graph says of itself that cannot be read."""
    if not db.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'meta')").fetchone()[0]:
        return []
    return [name for name, value in db.execute("SELECT name, value FROM meta") if not _is_readable(name, value)]


def _is_readable(name: str, value: Any) -> bool:
    try:
        read = json.loads(value)
        if name == "facts":
            facts = GraphFacts(**{**read, "embedder": EmbedderFacts(**read["embedder"])})
            return isinstance(facts.digest, str) and type(facts.k) is int and facts.k > 0
    except (ValueError, TypeError, KeyError):
        return False
    return name not in ("version", "metadata_version") or type(read) is int


def _salvaged(path: Path) -> dict[str, str]:
    """Versions and format as the damaged file still says them."""
    held = _fresh_versions()
    try:
        with closing(sqlite3.connect(path)) as db:
            held |= dict(db.execute("SELECT name, value FROM meta WHERE name IN ('version', 'metadata_version')"))
            held |= dict(db.execute("SELECT name, value FROM meta WHERE name = 'format'"))
    except sqlite3.DatabaseError:
        pass
    return {name: value for name, value in held.items() if _is_readable(name, value)}


def _fresh_versions() -> dict[str, str]:
    """Versions that no write has had yet: seconds of the clock, since nothing is written a million times a second.

    An answer that somebody cached must never be taken for that of another graph.
    """
    now = str(int(time.time()))
    return {"version": now, "metadata_version": now}
