"""Finding artworks in Neo4j: words, filters, pages, facets."""

from collections import defaultdict
from typing import Any

from stores.neo4j_driver import Neo4jDriver, Rows
from stores.neo4j_rows import collection_term, hashed, read_artwork
from stores.records import Page, Search
from stores.words import facet_term, fold, phrases


def find(driver: Neo4jDriver, collection: str, search: Search, count: int) -> Page:
    """Answer a :class:`Search` in a collection of ``count`` artworks."""
    rank, after = search.after or (-1, "")
    matching = _matching(collection, search)
    page = {"after": after, "limit": search.limit + 1}
    if search.text.strip() or search.where:
        rows = driver.read("find_matching", **matching, **page, rank=rank, text=fold(search.text))
        total = driver.read("count_matching", **matching)[0]["total"]
    elif search.key:
        rows = driver.read("find_by_key", **page, collection=collection, key=search.key)
        total = driver.read("count_matching", **matching)[0]["total"]
    else:
        rows, total = driver.read("find_all", **page, collection=collection), count
    return _page(rows, search, total, {column: _counts(driver, matching, column) for column in search.facets})


def _page(rows: Rows, search: Search, total: int, facets: dict[str, tuple[tuple[str, int], ...]]) -> Page:
    shown = rows[: search.limit]
    return Page(
        artworks=tuple(read_artwork(row["id"], row["record"]) for row in shown),
        after=(shown[-1]["rank"], shown[-1]["id"]) if len(rows) > search.limit and shown else None,
        total=total,
        facets=facets,
    )


def _counts(driver: Neo4jDriver, matching: dict[str, Any], column: str) -> tuple[tuple[str, int], ...]:
    """Count values that fold to the same as one, shown as the first of them in order."""
    counts: dict[str, int] = defaultdict(int)
    shown: dict[str, str] = {}
    for row in driver.read("facets_matching", **matching, column=column):
        folded = fold(row["value"])
        counts[folded] += row["count"]
        shown[folded] = min(row["value"], shown.get(folded, row["value"]))
    return tuple((shown[folded], counts[folded]) for folded in sorted(counts, key=lambda one: (-counts[one], one)))


def _matching(collection: str, search: Search) -> dict[str, Any]:
    """What is asked of the index, and what is checked of everything it finds."""
    asked = phrases(search.text)
    parts = [f"terms:{collection_term(collection)}"]
    for column, values in search.where.values.items():
        parts.append(f"terms:({' OR '.join(hashed(facet_term(column, value)) for value in values)})")
    for *whole, begun in asked:
        parts += [f"words:{token}" for token in whole] + [f"words:{begun}*"]
    if search.text.strip() and not asked:
        parts.append(f"terms:{hashed('')}")  # nothing is found by words that hold no letter
    return {
        "collection": collection,
        "query": " AND ".join(parts),
        "phrases": [f" {' '.join(phrase)}" for phrase in asked],
        "years": [list(span) for span in search.where.years],
        "key": search.key,
    }
