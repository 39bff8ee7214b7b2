"""Damaged files, and the command: what cannot be opened is named too, and mended where it follows from something."""

import json
import os
from pathlib import Path

import pytest

from stores.errors import Damaged
from stores.records import GraphDelta
from tests import damage
from tests.checked import copied, everything, kinds, looked_at, opened, sql, touched, watched
from tests.serving import serving
from tests.test_cli import one_line, run


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    """A healthy home that may be damaged."""
    return copied(demo_home, tmp_path / "home")


IN_THE_FILE = {
    "edges cut short": ("damaged-edges", "UPDATE artworks SET edges = substr(edges, 1, 50) WHERE n = 11"),
    "edges that are text": ("damaged-edges", "UPDATE artworks SET edges = 'none' WHERE n = 11"),
    "edges to nowhere": ("damaged-edges", "UPDATE artworks SET edges = zeroblob(35) WHERE n = 11"),
    "a reach that is text": ("damaged-edges", "UPDATE artworks SET reach = 'far' WHERE n = 11"),
    "a record cut short": ("damaged-record", "UPDATE artworks SET record = substr(record, 1, 40) WHERE n = 11"),
    "words gone": ("lost-search", "DELETE FROM words WHERE rowid = 12"),
    "words of another": ("lost-search", "UPDATE words SET text = 'nothing' WHERE rowid = 12"),
    "words of nobody": ("lost-search", "INSERT INTO words (rowid, text) VALUES (4711, 'nobody')"),
    "the index of words": ("lost-search", "DELETE FROM words_data WHERE id > 1000"),
    "no words at all": ("lost-search", "DROP TABLE words"),
    "a filter gone": ("lost-search", "DELETE FROM facets WHERE n = 12 AND column = 'style'"),
    "a filter of nobody": ("lost-search", "INSERT INTO facets VALUES ('style', 'odd', 4711, 'Odd')"),
    "a folded title": ("lost-search", "UPDATE artworks SET folded_title = 'odd' WHERE n = 12"),
    "a year": ("lost-search", "UPDATE artworks SET year_from = 3000 WHERE n = 12"),
    "no version": ("wrong-version", "DELETE FROM meta WHERE name = 'version'"),
    "a version below one": ("wrong-version", "UPDATE meta SET value = '-4' WHERE name = 'metadata_version'"),
    "no facts": ("lost-facts", "DELETE FROM meta WHERE name = 'facts'"),
}


@pytest.mark.parametrize("name", IN_THE_FILE)
def test_damage_within_the_graph_s_file_is_named_and_mended(home: Path, name: str) -> None:
    kind, statement = IN_THE_FILE[name]
    before = everything(home)
    version = looked_at(home).version
    sql(home, statement)
    watched(home)
    found = looked_at(home)
    assert kinds(found) == [kind]
    assert touched(home) == set()
    mended = looked_at(home, repair=True)
    assert (kinds(mended), mended.left) == ([kind], ())
    assert mended.version > version
    assert kinds(looked_at(home)) == []
    assert everything(home) == before
    assert len(touched(home)) <= (85 if name in ("no words at all", "the index of words") else 30)


def test_a_row_that_is_gone_from_the_file_is_put_back(home: Path) -> None:
    before = everything(home)
    sql(home, "DELETE FROM artworks WHERE n = 11")
    found = looked_at(home)
    assert kinds(found) == ["damaged-edges", "lost-search", "missing-node"]
    assert looked_at(home, repair=True).left == ()
    assert everything(home) == before


def test_edges_and_records_damaged_at_once_are_mended_at_once(home: Path) -> None:
    before = everything(home)
    with opened(home) as on:
        on.set_facts(k=on.facts.k - 1, digest="3" * 64)
    sql(home, IN_THE_FILE["edges to nowhere"][1], IN_THE_FILE["a record cut short"][1])
    assert kinds(looked_at(home)) == ["damaged-record", "damaged-edges", "wrong-digest"]
    assert looked_at(home, repair=True).left == ()
    assert everything(home) == before


def test_edges_that_cannot_be_read_are_said_to_be_so_in_one_line(home: Path, tmp_path: Path) -> None:
    sql(home, IN_THE_FILE["edges cut short"][1])
    done = run("path", "key:stripes-0001.jpg", "key:trees-0001.jpg", "--home", str(home), cwd=tmp_path, code=6)
    assert "xdegrees check --repair" in one_line(done)


def test_the_command_says_so_and_ends_with_0_where_everything_agrees(home: Path, tmp_path: Path) -> None:
    done = run("check", "--home", str(home), cwd=tmp_path)
    assert done.stdout == "85 artworks, 863 edges, 170 pictures: everything agrees\n"
    body = json.loads(run("check", "--json", "--home", str(home), cwd=tmp_path).stdout)
    assert (body["artworks"], body["disagreements"], body["left"]) == (85, [], 0)


def test_the_command_ends_with_1_until_nothing_is_left(home: Path, tmp_path: Path) -> None:
    with opened(home) as on:
        pair, picture = damage.wrong_weight(on), damage.missing_picture(on)
    done = run("check", "--home", str(home), cwd=tmp_path, code=1)
    assert (
        f"wrong-weight (1): the weight of an edge does not follow from its angle and the reach of its ends: {pair}"
        in (done.stdout)
    )
    assert done.stdout.endswith("'xdegrees check --repair' mends 1 of 2\n")
    done = run("check", "--repair", "--json", "--home", str(home), cwd=tmp_path, code=1)
    body = json.loads(done.stdout)
    assert {one["kind"]: one["repaired"] for one in body["disagreements"]} == {
        "wrong-weight": True,
        "missing-picture": False,
    }
    assert body["disagreements"][1]["what"] == [picture]
    assert body["left"] == 1
    assert "missing-picture" in run("check", "--repair", "--home", str(home), cwd=tmp_path, code=1).stdout
    with opened(home) as on:
        damage.orphan_picture(on)
    (home / "images" / "notes.txt").write_text("an operator's own")
    done = run("check", "--repair", "--home", str(home), cwd=tmp_path, code=1)
    assert "repaired: orphan-picture (1)" in done.stdout
    assert (home / "images" / "notes.txt").exists()


@pytest.mark.parametrize("size", [0.0, 0.1, 0.5, 0.97])
def test_a_graph_file_cut_short_is_set_aside_and_made_anew(home: Path, tmp_path: Path, size: float) -> None:
    before = everything(home)
    with opened(home) as on:
        on.graph.apply(GraphDelta(on.facts))
        version = on.graph.stats().version
    file = home / "graph.sqlite"
    os.truncate(file, int(size * file.stat().st_size))
    kind = "unreadable-graph" if size else "empty-graph"
    assert kind in run("check", "--home", str(home), cwd=tmp_path, code=1).stdout
    assert not list(home.glob("graph.sqlite.damaged-*"))
    done = run("check", "--repair", "--home", str(home), cwd=tmp_path)
    assert f"repaired: {kind}" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert len([path for path in home.glob("graph.sqlite.damaged-*") if path.name[-1] in "Z0123456789"]) == bool(size)
    assert everything(home) == before
    with opened(home) as on:
        assert on.graph.stats().version > (version if size else 0)
    run("check", "--home", str(home), cwd=tmp_path)


def test_a_graph_file_of_something_else_is_set_aside(home: Path, tmp_path: Path) -> None:
    before = everything(home)
    (home / "graph.sqlite").write_bytes(b"no database, " * 999)
    with pytest.raises(Damaged, match="check --repair"), opened(home):
        pass
    assert "unreadable-graph" in run("check", "--home", str(home), cwd=tmp_path, code=1).stdout
    run("check", "--repair", "--home", str(home), cwd=tmp_path)
    assert everything(home) == before


def test_facts_that_cannot_be_read_are_written_again(home: Path, tmp_path: Path) -> None:
    before = everything(home)
    sql(home, "UPDATE meta SET value = substr(value, 1, 30) WHERE name = 'facts'")
    watched(home)
    assert "damaged-facts (1)" in run("check", "--home", str(home), cwd=tmp_path, code=1).stdout
    done = run("check", "--repair", "--home", str(home), cwd=tmp_path)
    assert len(done.stdout.splitlines()) == 1
    assert everything(home) == before
    assert touched(home) == set()


@pytest.mark.parametrize("lost", [None, "", '{"format": 1, "name": "clas'])
def test_what_made_the_vectors_is_written_again_from_the_graph(home: Path, tmp_path: Path, lost: str | None) -> None:
    before = everything(home)
    file = home / "vectors" / "embedder.json"
    file.unlink() if lost is None else file.write_text(lost)
    assert "lost-embedder" in run("check", "--home", str(home), cwd=tmp_path, code=1).stdout
    assert "lost-embedder" in run("check", "--repair", "--home", str(home), cwd=tmp_path).stdout
    assert everything(home) == before


def test_without_the_graph_nobody_knows_what_made_the_vectors(home: Path, tmp_path: Path) -> None:
    (home / "vectors" / "embedder.json").write_text("")
    (home / "graph.sqlite").unlink()
    done = run("check", "--repair", "--home", str(home), cwd=tmp_path, code=1)
    assert "left: lost-embedder" in done.stdout
    assert "embedder.json" in one_line(run("relink", "--home", str(home), cwd=tmp_path, code=6))


def test_a_load_does_not_throw_away_vectors_of_which_nobody_knows_what_made_them(
    home: Path, demo: Path, tmp_path: Path
) -> None:
    file = home / "vectors" / "embedder.json"
    said = file.read_text()
    file.unlink()
    done = run("load", str(demo), "--home", str(home), cwd=tmp_path, code=6)
    assert "the 85 vectors" in one_line(done)
    file.write_text(said)
    assert kinds(looked_at(home)) == []


@pytest.mark.parametrize(
    "part", ["edge_config.json", "segments/*/segment.json", "segments/*/vector_storage/*/status.dat"]
)
def test_vectors_that_cannot_be_read_are_said_to_be_irreplaceable(home: Path, tmp_path: Path, part: str) -> None:
    for file in (home / "vectors" / "points").glob(part):
        os.truncate(file, 0)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and path.name != "lock"}
    for words in ((), ("--repair",)):
        done = run("check", *words, "--home", str(home), cwd=tmp_path, code=1)
        assert "unreadable-vectors: the vectors cannot be read" in done.stdout
        assert "restore a backup" in done.stdout
    after = {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and path.name != "lock"}
    assert {path for path in before if "points" not in path.parts and before[path] != after.get(path)} == set()


def test_vectors_that_are_gone_from_their_file_are_said_to_be_irreplaceable(home: Path) -> None:
    (chunk,) = (home / "vectors" / "points").glob("segments/*/vector_storage/vectors/chunk_0.mmap")
    os.truncate(chunk, 0)
    found = looked_at(home, repair=True)
    assert (kinds(found), len(found.left)) == (["unreadable-vectors"], 1)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("withheld.json", '{"a": ', "unreadable-withheld"),
        ("steering.toml", "exclude = [", "unreadable-steering"),
    ],
)
def test_a_list_that_nobody_else_knows_is_named_and_left(
    home: Path, tmp_path: Path, name: str, text: str, kind: str
) -> None:
    (home / name).write_text(text)
    done = run("check", "--repair", "--home", str(home), cwd=tmp_path, code=1)
    assert done.stdout.startswith(f"left: {kind}: ")
    assert (home / name).read_text() == text


def test_a_leftover_of_an_interrupted_write_is_taken_out(home: Path) -> None:
    (home / "withheld.new").write_text("{")
    (home / "vectors" / "embedder.new").write_text("{")
    found = looked_at(home, repair=True)
    assert [(one.kind, one.what) for one in found.found] == [
        ("unfinished-file", ("vectors/embedder.new", "withheld.new"))
    ]
    assert not list(home.rglob("*.new"))


def test_nothing_loaded_is_said(tmp_path: Path) -> None:
    assert "nothing has been loaded" in one_line(run("check", cwd=tmp_path, code=6))
    assert list(tmp_path.iterdir()) == []


def test_a_look_leaves_the_word_of_an_interrupted_write_to_whoever_finishes_it(home: Path, tmp_path: Path) -> None:
    with opened(home) as on:
        damage.stale_metadata(on)
    (home / "lock").write_text('{"command": "killed", "pid": 1, "since": "now"}')
    run("check", "--home", str(home), cwd=tmp_path, code=1)
    assert (home / "lock").read_text()
    run("check", "--repair", "--home", str(home), cwd=tmp_path)
    assert not (home / "lock").read_text()


def test_what_is_served_is_checked_and_mended_beside_the_server(home: Path, tmp_path: Path) -> None:
    with opened(home) as on:
        named = [damage.wrong_weight(on), damage.wrong_facets(on), damage.orphan_picture(on)]
    with serving(home) as served:
        done = run("check", "--home", str(home), cwd=tmp_path, code=1)
        assert all(one in done.stdout for one in named)
        assert run("check", "--repair", "--home", str(home), cwd=tmp_path).stdout.count("repaired") == 3
        assert "everything agrees" in run("check", "--home", str(home), cwd=tmp_path).stdout
        first, second = named[0].split()
        edges = served.ask(f"/api/v1/artworks/{first}/neighbors")["neighbors"]
        assert next(one["weight"] for one in edges if one["id"] == second) > 0.02


def test_a_graph_that_is_served_is_not_set_aside_under_the_server(home: Path, tmp_path: Path) -> None:
    with serving(home):
        os.truncate(home / "graph.sqlite", 50_000)
        done = run("check", "--repair", "--home", str(home), cwd=tmp_path, code=1)
        assert "left: unreadable-graph" in done.stdout
        assert "stop what uses it first" in done.stdout
    run("check", "--repair", "--home", str(home), cwd=tmp_path)
