"""Single artworks added and taken down on the command line."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loaders.artworks import artwork_id
from service.cli import main


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    """A copy of the gallery's home, in which nobody has written yet."""
    return Path(shutil.copytree(demo_home, tmp_path / "home", ignore=shutil.ignore_patterns("audit.jsonl")))


def run(*words: object, home: Path, code: int = 0) -> str:
    """Run a command in this process; return what it printed, or the error."""
    done = CliRunner().invoke(main, [*map(str, words), "--home", str(home)])
    assert done.exit_code == code, done.output
    return done.stderr if code else done.stdout


def asked(*words: object, home: Path) -> Any:
    """Run a command that answers in JSON."""
    return json.loads(run(*words, "--json", home=home))


def acts(home: Path) -> list[dict[str, Any]]:
    """All that was written down."""
    return [json.loads(line) for line in (home / "audit.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_file_is_added_found_and_replaced(home: Path, demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.jpg"
    file.write_bytes((demo / "trees-0001.jpg").read_bytes() + b"\0")
    (added,) = asked("add", file, "--title", "A New Tree", "--field", "style=Pointillism", home=home)
    assert (added["outcome"], added["key"], added["style"]) == ("added", "new.jpg", "Pointillism")
    assert "A New Tree" in run("path", "key:new.jpg", "key:waves-0001.jpg", home=home)
    assert asked("add", file, home=home)[0]["outcome"] == "unchanged"
    file.write_bytes((demo / "waves-0001.jpg").read_bytes() + b"\0")
    assert "--replace" in run("add", file, home=home, code=4)
    assert asked("add", file, "--replace", "--title", "A Wave", home=home)[0]["outcome"] == "replaced"
    assert asked("show", "key:new.jpg", home=home)["title"] == "A Wave"
    assert [(act["key"], act["method"], act["outcome"]) for act in acts(home)] == [
        ("command line", "add", "added"), ("command line", "add", "unchanged"), ("command line", "add", "conflict"),
        ("command line", "add", "replaced"),
    ]  # fmt: skip


def test_a_picture_replaced_on_the_command_line_keeps_the_metadata_that_is_not_given(home: Path, demo: Path) -> None:
    own = ("--key", "trees-0001.jpg", "--replace")
    before = asked("show", "key:trees-0001.jpg", home=home)
    assert before["title"]
    assert before["artists"]
    assert before["style"]
    run("add", demo / "waves-0002.jpg", *own, home=home)
    after = asked("show", "key:trees-0001.jpg", home=home)
    assert {**after, "images": 0, "neighbors": 0} == {**before, "images": 0, "neighbors": 0}
    assert after["images"] != before["images"]
    (told,) = asked("add", demo / "waves-0002.jpg", *own, "--title", "A Wave", "--field", "style=", home=home)
    assert (told["outcome"], told["title"], told["style"]) == ("described", "A Wave", "")
    assert (told["artists"], told["date_text"]) == (before["artists"], before["date_text"])
    assert asked("add", demo / "waves-0002.jpg", *own, "--title", "", home=home)[0]["title"] == ""


def test_several_files_are_added_by_their_names(home: Path, demo: Path, tmp_path: Path) -> None:
    files = []
    for number in range(3):
        files.append(tmp_path / f"copy-{number}.jpg")
        files[-1].write_bytes((demo / f"trees-000{number + 1}.jpg").read_bytes() + b"\0")
    assert "one file at a time" in run("add", *files, "--key", "x", home=home, code=2)
    assert [one["key"] for one in asked("add", *files, home=home)] == ["copy-0.jpg", "copy-1.jpg", "copy-2.jpg"]
    assert asked("info", home=home)["stores"]["artworks"] == 88


def test_a_file_that_is_refused_is_named_and_noted_and_the_others_are_added(
    home: Path, demo: Path, tmp_path: Path
) -> None:
    names = ("good.jpg", "bad.jpg", "trees-0002.jpg", "empty.jpg", "late.jpg")
    good, bad, other, empty, late = files = [tmp_path / name for name in names]
    good.write_bytes((demo / "trees-0001.jpg").read_bytes() + b"\0")
    bad.write_bytes(b"no picture")
    other.write_bytes((demo / "waves-0001.jpg").read_bytes() + b"\0")
    empty.write_bytes(b"")
    late.write_bytes((demo / "trees-0003.jpg").read_bytes() + b"\0")
    lines = run("add", *files, home=home, code=3).splitlines()
    assert len(lines) == 3
    for line, file, reason in zip(lines, (bad, other, empty), ("known format", "--replace", "empty file"), strict=True):
        assert line.startswith(f"xdegrees: {file}: ")
        assert reason in line
    assert {asked("show", f"key:{one}", home=home)["key"] for one in ("good.jpg", "late.jpg")} == {good.name, late.name}
    written = acts(home)
    assert [act["outcome"] for act in written] == ["added", "bad-picture", "conflict", "bad-input", "added"]
    assert [act["artwork"] for act in written] == [artwork_id("artworks", name) for name in names]


def test_where_nothing_is_added_the_first_refusal_is_the_exit_code(home: Path, tmp_path: Path, demo: Path) -> None:
    bad, other = tmp_path / "bad.jpg", tmp_path / "trees-0002.jpg"
    bad.write_bytes(b"no picture")
    other.write_bytes((demo / "waves-0001.jpg").read_bytes() + b"\0")
    run("add", bad, other, home=home, code=2)
    run("add", other, bad, home=home, code=4)
    done = CliRunner().invoke(main, ["add", str(other), "--json", "--home", str(home)])
    (told,) = json.loads(done.stdout)
    assert (done.exit_code, told["outcome"], told["file"]) == (4, "conflict", str(other))


def test_metadata_for_what_is_there_already_is_not_dropped_without_a_word(home: Path, demo: Path) -> None:
    file = demo / "trees-0001.jpg"
    held = asked("show", "key:trees-0001.jpg", home=home)
    done = CliRunner().invoke(main, ["add", str(file), "--title", "Again", "--home", str(home)])
    assert "title not taken: --replace changes" in done.stderr
    assert asked("add", file, "--title", held["title"], home=home)[0]["left_out"] == ""
    assert "--replace" in asked("add", file, "--title", "Again", home=home)[0]["left_out"]


def test_what_is_removed_is_gone_and_every_address_to_purge_is_listed(home: Path, demo: Path) -> None:
    artwork = asked("show", "key:trees-0001.jpg", home=home)
    (gone,) = asked("remove", "key:trees-0001.jpg", home=home)
    assert gone["outcome"] == "removed"
    addresses = [one["url"] for one in artwork["images"].values()]
    assert {*addresses, f"/api/v1/artworks/{artwork['id']}", "/api/v1/path.png*"} <= set(gone["purge"])
    for name in ("key:trees-0001.jpg", artwork["id"]):
        for words in (("show", name), ("remove", name), ("path", name, "key:waves-0001.jpg")):
            told = run(*words, home=home, code=1)
            assert f"{name} was taken down at 20" in told
            assert f"until 'xdegrees load FOLDER --readmit {artwork['id']}'" in told
    told = run("add", demo / "trees-0001.jpg", home=home, code=4)
    assert f"xdegrees load FOLDER --readmit {artwork['id']}" in told
    log = (home / "audit.jsonl").read_text()
    assert "trees-0001" not in log
    outcomes = [json.loads(line)["outcome"] for line in log.splitlines()]
    assert outcomes == ["removed", "gone", "gone", "conflict"]
    assert artwork["id"] in (home / "withheld.json").read_text()
    listed = run("remove", "key:trees-0002.jpg", home=home)
    assert "purge /images/" in listed


def test_a_load_says_what_it_readmits_and_what_of_it_is_still_to_be_added(
    home: Path, demo: Path, tmp_path: Path
) -> None:
    file = tmp_path / "sent.jpg"
    file.write_bytes((demo / "trees-0001.jpg").read_bytes() + b"\0")
    run("add", file, home=home)
    run("remove", "key:sent.jpg", "key:trees-0001.jpg", home=home)
    told = run("load", demo, "--readmit", "key:sent.jpg", home=home)
    assert "readmitted: key:sent.jpg; it is not among what was loaded: add it again\n" in told
    run("add", file, home=home)
    run("remove", "key:sent.jpg", home=home)
    told = run("load", demo, "--readmit", "all", home=home)
    assert "readmitted: key:trees-0001.jpg\n" in told
    assert f"readmitted: {artwork_id('artworks', 'sent.jpg')}; it is not" in told
    assert json.loads((home / "withheld.json").read_text()) == {}


def test_what_is_like_nothing_there_is_says_how_to_look_for_it(demo_home: Path) -> None:
    for words in (("show", "nonesuch"), ("path", "nope.jpg", "key:waves-0001.jpg")):
        assert "'xdegrees search WORDS' finds" in run(*words, home=demo_home, code=1)


def test_what_commands_do_to_a_whole_collection_is_written_down(home: Path, demo: Path, tmp_path: Path) -> None:
    def told(*words: object, code: int = 0) -> list[dict[str, Any]]:
        before = len(acts(home)) if (home / "audit.jsonl").exists() else 0
        run(*words, home=home, code=code)
        fresh = acts(home)[before:]
        assert {act.pop("key") for act in fresh} == {"command line"}
        return [{name: value for name, value in act.items() if name not in ("at", "graph_version")} for act in fresh]

    own, file = artwork_id("artworks", "trees-0001.jpg"), tmp_path / "b.tar"
    few = Path(shutil.copytree(demo, tmp_path / "few"))
    (few / "trees-0002.jpg").unlink()
    assert told("remove", "key:trees-0001.jpg")[0]["artwork"] == own
    assert told("load", few, "--prune", code=3) == [{"method": "load", "outcome": "done", "counts": {"pruned": 1}}]
    assert told("load", few, "--readmit", own) == [
        {"method": "load", "artwork": own, "outcome": "readmitted"},
        {"method": "load", "outcome": "done", "counts": {"added": 1}},
    ]
    assert told("load", few, "--readmit", own, code=4) == [{"method": "load", "outcome": "refused"}]
    assert told("relink", "--neighbors", 9) == [{"method": "relink", "outcome": "done"}]
    assert told("check", "--repair") == [{"method": "check --repair", "outcome": "done"}]
    run("backup", file, home=home)
    counts = {"artworks": 84}
    assert told("restore", file, "--replace") == [{"method": "restore", "outcome": "done", "counts": counts}]
    assert "trees" not in (home / "audit.jsonl").read_text()


def test_an_empty_home_takes_nothing(tmp_path: Path, demo: Path) -> None:
    assert "xdegrees load" in run("add", demo / "trees-0001.jpg", home=tmp_path / "none", code=6)
    assert not (tmp_path / "none").exists()


def test_a_command_that_failed_costs_the_next_one_nothing(home: Path, demo: Path, tmp_path: Path) -> None:
    text, new = tmp_path / "text.jpg", tmp_path / "new.jpg"
    text.write_text("no picture")
    new.write_bytes((demo / "trees-0001.jpg").read_bytes() + b"\0")
    run("remove", "nonesuch", home=home, code=1)
    CliRunner().invoke(main, ["add", str(text), "--home", str(home)])
    CliRunner().invoke(main, ["load", str(tmp_path / "nowhere"), "--home", str(home)])
    assert (home / "lock").read_text() == ""  # nothing was left half done
    (added,) = asked("add", new, home=home)
    assert added["outcome"] == "added"
    assert "everything agrees" in run("check", home=home)


def test_a_picture_is_there_after_a_write_that_was_killed_before_it(home: Path, demo: Path, tmp_path: Path) -> None:
    (home / "lock").write_text('{"process": 1, "command": "x", "since": ""}')
    new = tmp_path / "new.jpg"
    new.write_bytes((demo / "trees-0001.jpg").read_bytes() + b"\0")
    asked("add", new, home=home)
    assert "everything agrees" in run("check", home=home)


def test_a_picture_that_was_lost_is_written_again_when_it_is_added_again(
    home: Path, demo: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.jpg"
    new.write_bytes((demo / "trees-0001.jpg").read_bytes() + b"\0")
    (added,) = asked("add", new, home=home)
    name = added["images"]["thumb"]["url"].rpartition("/")[2]
    (home / "images" / name[:2] / name).unlink()
    asked("add", new, home=home)
    assert "everything agrees" in run("check", home=home)


def test_what_was_changed_by_hand_is_left_by_a_load_unless_it_is_told_to(
    home: Path, demo: Path, tmp_path: Path
) -> None:
    new, wave = tmp_path / "new.jpg", tmp_path / "wave.jpg"
    new.write_bytes((demo / "trees-0001.jpg").read_bytes() + b"\0")
    wave.write_bytes((demo / "waves-0001.jpg").read_bytes() + b"\0")
    asked("add", new, home=home)
    asked("add", wave, "--replace", "--key", "trees-0001.jpg", "--title", "By hand", home=home)
    report = asked("load", demo, "--prune", home=home)
    assert (report["kept"], report["pruned"], report["missing"], report["artworks"]) == (["trees-0001.jpg"], 0, 0, 86)
    assert "kept: trees-0001.jpg" in run("load", demo, home=home)
    assert asked("show", "key:trees-0001.jpg", home=home)["title"] == "By hand"
    report = asked("load", demo, "--overwrite", "--prune", home=home)
    assert (report["kept"], report["image_changed"], report["artworks"]) == ([], 1, 86)
    assert asked("show", "key:trees-0001.jpg", home=home)["title"] != "By hand"
    assert asked("show", "key:new.jpg", home=home)
