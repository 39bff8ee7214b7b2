"""Homes to be damaged and checked, and all that is in them."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from loaders.check import Checkup, check
from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from stores.connect import open_stores
from stores.settings import read_settings
from tests.damage import Collection

Everything = tuple[dict[str, Any], dict[str, Any], dict[str, Any], Any]


def copied(home: Path, to: Path) -> Path:
    """Copy a home; the files of its engine are mostly holes, and stay so."""
    subprocess.run(["cp", "--archive", "--sparse=always", str(home), str(to)], check=True)
    return to


@contextmanager
def opened(home: Path) -> Iterator[Collection]:
    """Open a home."""
    with open_stores(read_settings(home=home)) as stores:
        yield Collection(stores.vectors, stores.graph, home)


def looked_at(home: Path, *, repair: bool = False) -> Checkup:
    """Check a home."""
    with opened(home) as on:
        return check(on.vectors, on.graph, home, Progress(quiet=True), repair=repair)


def kinds(checkup: Checkup) -> list[str]:
    """What is named, in order."""
    return [one.kind for one in checkup.found]


def loaded(home: Path, folder: Path) -> None:
    """Load the folder again."""
    with opened(home) as on:
        load(LoadRequest(folder=folder, source="artworks"), on.vectors, on.graph, home, Progress(quiet=True))


def everything(home: Path) -> Everything:
    """All that a home holds, but for the numbers of its versions: vectors, graph, pictures, what the graph says."""
    with opened(home) as on:
        vectors = {
            one: (vector.tobytes(), payload)
            for batch in on.vectors.scan()
            for one, vector, payload in zip(batch.ids.tolist(), batch.vectors, batch.payloads, strict=True)
        }
        edges, reach, facts = on.graph.edges(), on.graph.reach(), on.facts
    graph: dict[str, Any] = {one: [own] for one, own in zip(edges.ids.tolist(), reach.tolist(), strict=True)}
    columns = (edges.angle, edges.weight, edges.rank_a, edges.rank_b, edges.bridge)
    for a, b, *values in zip(edges.a, edges.b, *(column.tolist() for column in columns), strict=True):
        graph[edges.ids[a]].append((edges.ids[b], values))
    with closing(sqlite3.connect(home / "graph.sqlite")) as db:
        beside = "SELECT id, key, folded_key, folded_title, year_from, year_to, record FROM artworks ORDER BY id"
        for table in (
            beside,
            "SELECT id, text FROM artworks JOIN words ON n = words.rowid ORDER BY id",
            "SELECT id, column, folded, value FROM artworks JOIN facets USING (n) ORDER BY id, column, folded",
        ):
            for one, *rest in db.execute(table):
                graph[one].append(rest)
    pictures = {
        str(path.relative_to(home)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in (home / "images").rglob("*")
        if path.is_file()
    }
    return vectors, graph, pictures, facts


def watched(home: Path) -> None:
    """Let the graph's file note the artworks whose rows are written."""
    with closing(sqlite3.connect(home / "graph.sqlite")) as db:
        db.execute("CREATE TABLE touched (id TEXT)")
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            note = f"INSERT INTO touched VALUES ({row}.id)"  # noqa: S608 -- constants
            db.execute(f"CREATE TRIGGER on_{event} AFTER {event} ON artworks BEGIN {note}; END")
        db.commit()


def touched(home: Path) -> set[str]:
    """Artworks whose rows were written."""
    with closing(sqlite3.connect(home / "graph.sqlite")) as db:
        return {one for (one,) in db.execute("SELECT id FROM touched")}


def unmarked(all_of_it: Everything, name: str) -> Everything:
    """Leave out the marks of files, where a payload was restored from the graph, which knows none."""
    if name != "malformed_payload":
        return all_of_it
    vectors, *rest = all_of_it
    return {one: (vector, {**payload, "file": []}) for one, (vector, payload) in vectors.items()}, *rest


def sql(home: Path, *statements: str) -> None:
    """Change the graph's file behind its back."""
    with closing(sqlite3.connect(home / "graph.sqlite")) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()
