"""Whether a graph on a Neo4j server agrees with itself, and mending it where it does not."""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

from stores.artwork import Artwork
from stores.disagreements import Disagreement, named
from stores.neo4j_driver import Neo4jDriver
from stores.neo4j_rows import artwork_row, edge_rows, no_ids, read_artwork, read_edges
from stores.neo4j_write import Meta, Step, Target, prepare, rewrite

PAGE: Final = 2000
"""Artworks read at once."""

INDEXES: Final = {"artwork_id", "record_id", "meta_collection", "record_key", "record_words"}

_ELSEWHERE: Final = {"image_url", "reach"}
"""Properties that do not follow from the metadata: one from a setting, one from the vectors."""


def trouble(driver: Neo4jDriver, target: Target, meta: Meta) -> tuple[Disagreement, ...]:
    """Find what does not agree within a collection; ``meta`` is what it says of itself."""
    if not meta and not driver.patiently("count_everything", collection=target.collection)[0]["artworks"]:
        return ()
    nodes = list(_nodes(driver, target))
    return (
        *named("lost-index", INDEXES - {row["name"] for row in driver.patiently("indexes")}),
        *named("half-node", _half_nodes(driver, target)),
        *named("damaged-record", (one for one, kind, _ in nodes if kind == "damaged-record")),
        *named("damaged-edges", (f"{a} {b}" for a, b in _damaged_edges(driver, target))),
        *named("lost-search", (one for one, kind, _ in nodes if kind == "lost-search")),
        *named("stale-node", (one for one, kind, _ in nodes if kind == "stale-node")),
        *named("wrong-cost", (f"{row[0]} {row[1]}" for row in _wrong_costs(driver, target))),
        *named("wrong-count", _wrong_counts(driver, target, meta)),
        *(() if meta.get("version") and meta.get("metadata_version") else (Disagreement("wrong-version"),)),
    )


def mend(driver: Neo4jDriver, target: Target, meta: Meta) -> Meta:
    """Mend a collection in one transaction and return its Meta; what cannot be read is taken out."""
    prepare(driver)
    nodes = list(_nodes(driver, target))
    halves = [*_half_nodes(driver, target), *(one for one, kind, _ in nodes if kind == "damaged-record")]
    steps: list[Step] = [
        ("remove_half_nodes", halves),
        ("drop_edges", _damaged_edges(driver, target)),
        (
            "write_artworks",
            [artwork_row(target.collection, artwork, target.base) for _, _, artwork in nodes if artwork],
        ),
        ("write_edges", _wrong_costs(driver, target)),
    ]
    versioned = bool(meta.get("version") and meta.get("metadata_version"))
    if versioned and not any(rows for _, rows in steps) and not list(_wrong_counts(driver, target, meta)):
        return meta
    # A version that no write has had yet, so that no answer somebody cached is taken for one of this graph.
    return rewrite(driver, target, steps, None if versioned else int(time.time()))


def _half_nodes(driver: Neo4jDriver, target: Target) -> list[str]:
    return [row["id"] for row in driver.patiently("half_nodes", collection=target.collection)]


def _damaged_edges(driver: Neo4jDriver, target: Target) -> list[list[str]]:
    rows = driver.patiently("damaged_edges", collection=target.collection)
    return sorted([row["a"], row["b"]] for row in rows)


def _wrong_costs(driver: Neo4jDriver, target: Target) -> list[Any]:
    """Edges as they should be written, by what they weigh."""
    return edge_rows(read_edges(no_ids(), driver.patiently("wrong_costs", collection=target.collection)))


def _wrong_counts(driver: Neo4jDriver, target: Target, meta: Meta) -> Iterator[str]:
    (counted,) = driver.patiently("count_everything", collection=target.collection)
    (held,) = driver.patiently("all_columns", collection=target.collection)
    counted["columns"] = sorted(held["columns"])
    yield from (name for name, value in counted.items() if meta.get(name) != value)


def _nodes(driver: Neo4jDriver, target: Target) -> Iterator[tuple[str, str, Artwork | None]]:
    """Yield artworks whose nodes are not what is written of their records, and of which kind that is."""
    after = ""
    while page := driver.patiently("both_nodes", collection=target.collection, after=after, limit=PAGE):
        after = page[-1]["id"]
        for row in page:
            if row["artwork"] is None or row["record"].get("record") is None:
                continue  # half a node, which is another matter
            artwork = _read(row["id"], row["record"]["record"])
            kind = _kind(row, artwork, target) if artwork else "damaged-record"
            if kind:
                yield row["id"], kind, artwork


def _read(artwork_id: str, record: str) -> Artwork | None:
    try:
        return read_artwork(artwork_id, record)
    except (ValueError, TypeError, AttributeError, LookupError):
        return None


def _kind(row: dict[str, Any], artwork: Artwork, target: Target) -> str:
    wanted = artwork_row(target.collection, artwork, target.base)
    held = {**row["record"], "record": json.loads(row["record"]["record"])}
    record = {name: value for name, value in wanted["record"].items() if value is not None}
    if held != {**record, "record": json.loads(record["record"])}:
        return "lost-search"
    shown, expected = (_without_elsewhere(each) for each in (row["artwork"], wanted["artwork"]))
    return "" if shown == expected else "stale-node"


def _without_elsewhere(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name not in _ELSEWHERE}
