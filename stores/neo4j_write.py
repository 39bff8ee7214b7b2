"""A change of a graph as statements to Neo4j: what is written, in which order, and what moves in Meta."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from stores.errors import Mismatch
from stores.neo4j_driver import Neo4jDriver, Stale, Writing
from stores.neo4j_rows import artwork_row, columns_of, edge_rows
from stores.network import Network, difference
from stores.records import GraphDelta

Meta = dict[str, Any]
Step = tuple[str, list[Any]]
"""A statement that writes rows, and its rows."""

FORMAT: Final = 1
"""Moves when nodes or edges change in a way an older release cannot read."""

BATCH: Final = 5000
"""Rows a statement."""

ONE_TRANSACTION: Final = 200_000
"""Rows that a server with 1 GB of heap takes in one transaction."""

SCHEMA: Final = ("schema_artwork", "schema_record", "schema_meta", "schema_key", "schema_words")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a change goes.

    Attributes:
        collection: which of the collections in the database.
        base: what the addresses of pictures begin with.
    """

    collection: str
    base: str


def prepare(driver: Neo4jDriver) -> None:
    """Make the constraints and indexes where they are missing."""
    for name in SCHEMA:
        driver.write(partial(_make, name))
    driver.patiently("schema_wait")


def write(driver: Neo4jDriver, target: Target, delta: GraphDelta, before: tuple[Meta, Network] | None) -> Meta:
    """Write a change and return what Meta is then.

    Where everything is replaced, ``before`` is the network to start from and its Meta, and only what differs is
    written; Stale where another writer was quicker.
    """
    seen, network = before or ({}, None)
    steps = list(_steps(target, delta, network))
    if sum(len(rows) for _, rows in steps) > ONE_TRANSACTION:
        _apart(driver, target, steps)
        steps = []
    expected = seen.get("edges_version", 0) if before else None
    return driver.write(partial(_together, target, delta, steps, expected))


def rewrite(driver: Neo4jDriver, target: Target, steps: Sequence[Step], version: int | None) -> Meta:
    """Put right what is there: write all steps in one transaction, count anew, move every version; return Meta.

    ``version`` is where the versions begin again; None lets them go on.
    """
    return driver.write(partial(_put_right, target, steps, version))


def check_format(meta: Meta, collection: str) -> None:
    """Mismatch where another release wrote the collection."""
    if (found := meta.get("format", FORMAT)) != FORMAT:
        raise Mismatch(
            f"the collection {collection!r} in Neo4j has format {found}, this release reads {FORMAT}: "
            "use a newer release"
        )


def _make(name: str, writing: Writing) -> None:
    writing.run(name)


def _apart(driver: Neo4jDriver, target: Target, steps: Sequence[Step]) -> None:
    """Write a very large change piece by piece, with the graph marked as not there."""
    driver.write(partial(_mark_unfinished, target))
    for name, rows in steps:
        for some in _batches(rows):
            driver.write(partial(_run, target, name, some))


def _mark_unfinished(target: Target, writing: Writing) -> None:
    _lock(target, writing)
    writing.run("write_meta", collection=target.collection, changes={"facts": None})


def _together(target: Target, delta: GraphDelta, steps: Sequence[Step], expected: int | None, writing: Writing) -> Meta:
    """Write everything and move the versions, inside one transaction."""
    meta = _lock(target, writing)
    if expected is not None and meta["edges_version"] != expected:
        raise Stale
    nodes, edges = writing.nodes, writing.edges
    for name, rows in steps:
        for some in _batches(rows):
            _run(target, name, some, writing)
    changes = _changes(meta, delta, (writing.nodes - nodes) // 2, writing.edges - edges)
    if "columns" not in changes:
        changes["columns"] = writing.run("all_columns", collection=target.collection)[0]["columns"]
    changes["columns"].sort()
    writing.run("write_meta", collection=target.collection, changes=changes)
    return {**meta, **changes}


def _put_right(target: Target, steps: Sequence[Step], version: int | None, writing: Writing) -> Meta:
    meta = _lock(target, writing)
    for name, rows in steps:
        for some in _batches(rows):
            _run(target, name, some, writing)
    (counted,) = writing.run("count_everything", collection=target.collection)
    (held,) = writing.run("all_columns", collection=target.collection)
    moved = {name: version or meta[name] + 1 for name in ("version", "metadata_version")}
    changes = {**counted, **moved, "edges_version": meta["edges_version"] + 1, "columns": sorted(held["columns"])}
    writing.run("write_meta", collection=target.collection, changes=changes)
    return {**meta, **changes}


def _lock(target: Target, writing: Writing) -> Meta:
    meta: Meta = writing.run("lock_meta", collection=target.collection, format=FORMAT)[0]["meta"]
    check_format(meta, target.collection)
    return meta


def _run(target: Target, name: str, rows: Sequence[Any], writing: Writing) -> None:
    writing.run(name, collection=target.collection, rows=list(rows))


def _steps(target: Target, delta: GraphDelta, before: Network | None) -> Iterator[Step]:
    """What has to be written, in an order that holds at every step."""
    artworks = [artwork_row(target.collection, artwork, target.base) for artwork in delta.artworks]
    if before is None:
        yield "remove_artworks", list(delta.removed)
        yield "drop_edges", [list(ends) for ends in delta.dropped]
        yield "write_artworks", artworks
        if delta.edges is not None:
            reach = delta.reach if delta.reach is not None else np.zeros(0)
            yield "write_reach", [list(row) for row in zip(delta.edges.ids.tolist(), reach.tolist(), strict=True)]
            yield "write_edges", edge_rows(delta.edges)
        return
    after = before.after(delta)
    changed = difference(before, after)
    yield "remove_artworks", changed.removed.tolist()
    yield "drop_edges", changed.dropped.tolist()
    yield "write_artworks", artworks
    yield "write_reach", [[str(after.edges.ids[row]), float(after.reach[row])] for row in changed.reach.tolist()]
    yield "write_edges", edge_rows(changed.edges)


def _changes(meta: Meta, delta: GraphDelta, artworks: int, edges: int) -> Meta:
    """What moves in Meta after a change that brought so many more artworks and edges; columns where they are known."""
    changes: Meta = {"facts": json.dumps(asdict(delta.facts)), "version": meta["version"] + 1}
    if delta.artworks or delta.removed or delta.replace:
        changes["metadata_version"] = meta["metadata_version"] + 1
    if delta.edges is not None or delta.dropped or delta.removed or delta.replace or artworks:
        changes["edges_version"] = meta["edges_version"] + 1
    if delta.replace:
        whole = Network.empty().after(delta)
        counts = {"artworks": len(whole.edges.ids), "edges": len(whole.edges)}
        return {**changes, **counts, "columns": list(columns_of(delta.artworks))}
    if artworks == len(delta.artworks) and not delta.removed:
        changes["columns"] = list(columns_of(delta.artworks) | set(meta["columns"]))
    return {**changes, "artworks": meta["artworks"] + artworks, "edges": meta["edges"] + edges}


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    yield from (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))
