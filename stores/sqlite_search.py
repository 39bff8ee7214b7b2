"""Finding artworks in the embedded graph's file: words, filters, pages, facets."""

import json
import sqlite3
from typing import Any, Final

from stores.artwork import Artwork
from stores.records import Page, Search, Where
from stores.words import fold, phrases

_Part = tuple[str, list[Any]]

_RANK: Final = (
    "CASE WHEN folded_key = ? THEN 0 WHEN folded_title = ? THEN 1"
    " WHEN substr(folded_title, 1, length(?)) = ? THEN 2 ELSE 3 END"
)


def find(db: sqlite3.Connection, search: Search) -> Page:
    """Answer a :class:`Search` on one connection.

    The text of every statement is made of constants; what is asked goes in as parameters.
    """
    chosen, values = _chosen(search)
    rank, ranked = (_RANK, [fold(search.text)] * 4) if search.text.strip() else ("3", [])
    after, last = ("(rank, id) > (?, ?)", list(search.after)) if search.after else ("TRUE", [])
    rows = db.execute(
        f"SELECT * FROM (SELECT {rank} AS rank, id, record FROM artworks WHERE {chosen})"  # noqa: S608
        f" WHERE {after} ORDER BY rank, id LIMIT ?",
        [*ranked, *values, *last, search.limit + 1],
    ).fetchall()
    total = db.execute(f"SELECT COUNT(*) FROM artworks WHERE {chosen}", values).fetchone()[0]  # noqa: S608
    shown = rows[: search.limit]
    return Page(
        artworks=tuple(Artwork.from_payload(artwork_id, json.loads(record)) for _, artwork_id, record in shown),
        after=(shown[-1][0], shown[-1][1]) if len(rows) > search.limit and shown else None,
        total=total,
        facets={column: _counts(db, column, chosen, values) for column in search.facets},
    )


def _counts(db: sqlite3.Connection, column: str, chosen: str, values: list[Any]) -> tuple[tuple[str, int], ...]:
    return tuple(
        db.execute(
            "SELECT MIN(value), COUNT(*) AS many FROM facets WHERE column = ?"  # noqa: S608
            f" AND n IN (SELECT n FROM artworks WHERE {chosen}) GROUP BY folded ORDER BY many DESC, folded",
            [column, *values],
        ).fetchall()
    )


def _chosen(search: Search) -> _Part:
    parts: list[_Part] = list(_filters(search.where))
    if search.key:
        parts.append(("key = ?", [search.key]))
    if search.text.strip():
        parts.append(("n IN (SELECT rowid FROM words WHERE words MATCH ?)", [_expression(search.text)]))
    return " AND ".join(text for text, _ in parts) or "TRUE", [value for _, values in parts for value in values]


def _expression(text: str) -> str:
    """FTS5's own language: every word as a phrase whose last token may go on. Tokens hold no quotes."""
    asked = phrases(text)
    return " AND ".join(f'"{" ".join(phrase)}" *' for phrase in asked) or '""'


def _filters(where: Where) -> list[_Part]:
    parts: list[_Part] = [
        (
            "n IN (SELECT n FROM facets WHERE column = ? AND folded IN (SELECT value FROM json_each(?)))",
            [column, json.dumps(values)],
        )
        for column, values in where.values.items()
    ]
    if where.years:
        spans = " OR ".join("(year_from <= ? AND year_to >= ?)" for _ in where.years)
        parts.append((f"({spans})", [year for first, last in where.years for year in (last, first)]))
    return parts
