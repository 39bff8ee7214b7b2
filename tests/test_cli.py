"""The command as a user meets it: answers, one-line errors, exit codes."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

XDEGREES = str(Path(sys.executable).with_name("xdegrees"))


def run(*words: str, cwd: Path, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command and check its exit code."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("XDEGREES_")} | environment
    done = subprocess.run([XDEGREES, *words], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr or done.stdout
    return done


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the error, which is one line without a stack trace."""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("xdegrees: ")
    return line


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from service.cli import main; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    for heavy in ("'numpy'", "'numba'", "'flask'", "'pydantic'", "'qdrant_edge'", "'torch'", "'PIL'"):
        assert heavy not in loaded


def test_help_names_the_exit_codes_in_the_lines_that_they_were_written_in(tmp_path: Path) -> None:
    told = run("--help", cwd=tmp_path).stdout
    assert "\\b" not in told
    assert "3 some files not taken (newly\n  quarantined, or not added), 4 refused for safety" in told


def test_a_second_load_imports_no_torch(demo: Path, demo_home: Path) -> None:
    code = (
        "import sys; from service.cli import main;"
        f"main(['load', {str(demo)!r}, '--home', {str(demo_home)!r}], standalone_mode=False);"
        "assert 'torch' not in sys.modules and 'numba' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_path_is_printed_drawn_and_given_as_json(demo_home: Path, tmp_path: Path) -> None:
    ends = ("key:stripes-0001.jpg", "key:trees-0001.jpg")
    done = run("path", *ends, "--home", str(demo_home), "--strip", "out/strip.png", cwd=tmp_path)
    assert "key:stripes-0001.jpg" in done.stdout
    with Image.open(tmp_path / "out" / "strip.png") as strip:
        size = strip.size
    body = json.loads(run("path", *ends, "--home", str(demo_home), "--json", cwd=tmp_path).stdout)
    assert (body["links"]["strip"]["width"], body["links"]["strip"]["height"]) == size
    assert len(body["steps"]) == len(body["artworks"]) - 1
    costs = [
        json.loads(run("path", *ends, "--pace", pace, "--json", "--home", str(demo_home), cwd=tmp_path).stdout)["cost"]
        for pace in ("direct", "scenic")
    ]
    assert costs[0] != costs[1]


def test_a_strip_is_of_the_kind_that_its_name_says(demo_home: Path, tmp_path: Path) -> None:
    words = ("path", "key:stripes-0001.jpg", "key:trees-0001.jpg", "--home", str(demo_home))
    sizes = set()
    for name, kind in (("a.png", "PNG"), ("b.JPG", "JPEG"), ("c.webp", "WEBP"), ("d.tif", "TIFF")):
        done = run(*words, "--strip", name, "--alternatives", "1", cwd=tmp_path)
        assert done.stderr == f"strip drawn in {name}: the first path, no alternative\n"
        with Image.open(tmp_path / name) as strip:
            assert strip.format == kind
            sizes.add(strip.size)
    assert len(sizes) == 1
    assert run(*words, "--strip", "e.png", cwd=tmp_path).stderr == "strip drawn in e.png\n"
    for name in ("strip", "strip.txt"):
        assert "let the name end so" in one_line(run(*words, "--strip", name, cwd=tmp_path, code=2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.JPG", "c.webp", "d.tif", "e.png"]


def test_an_artwork_is_found_by_its_title(demo_home: Path, tmp_path: Path) -> None:
    shown = json.loads(run("show", "key:waves-0001.jpg", "--json", "--home", str(demo_home), cwd=tmp_path).stdout)
    found = run("search", *shown["title"].split(), "--home", str(demo_home), cwd=tmp_path).stdout
    assert "key:waves-0001.jpg" in found
    assert len(shown["neighbors"]) >= 15
    lines = run("show", "key:waves-0001.jpg", "--home", str(demo_home), cwd=tmp_path).stdout
    assert all(f"(key:{neighbor['key']})" in lines for neighbor in shown["neighbors"])


def test_a_wrong_title_names_the_closest(demo_home: Path, tmp_path: Path) -> None:
    done = run("path", "key:stripes-0001.jpg", "Borowed Brick Cadense", "--home", str(demo_home), cwd=tmp_path, code=1)
    assert "closest" in one_line(done)


def test_nothing_loaded_says_what_to_do_and_makes_no_folder(tmp_path: Path) -> None:
    assert "xdegrees load FOLDER" in one_line(run("search", "x", cwd=tmp_path, code=6))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("load", "nowhere"), 2, "does not exist"),
        (("load",), 2, "name the folder"),
        (("load", "empty"), 2, "no pictures"),
        (("load", "some", "--column", "title"), 2, "FIELD=HEADER"),
        (("load", "some", "--embedder", "clasic"), 2, "classic"),
        (("load", "some", "--embedder", "resnet18", "--checkpoint", "none.pth"), 2, "none.pth"),
        (("gallery", "some"), 2, "not empty"),
        (("export", "out.npz"), 2, "no vectors"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path: Path, words: tuple[str, ...], code: int, says: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "some").mkdir()
    Image.new("RGB", (30, 20), "red").save(tmp_path / "some" / "red.png")
    assert says in one_line(run(*words, cwd=tmp_path, code=code))


def test_a_bad_setting_is_named(tmp_path: Path) -> None:
    assert "XDEGREES_PUBLIC_URL" in one_line(run("info", cwd=tmp_path, code=2, XDEGREES_PUBLIC_URL="example.org"))


@pytest.mark.parametrize("setting", ["LOG_LEVEL", "LOG_FORMAT", "RATE_LIMIT", "PROXY_HOPS"])
def test_a_setting_that_cannot_be_is_refused_by_its_name(tmp_path: Path, setting: str) -> None:
    assert f"XDEGREES_{setting}" in one_line(run("info", cwd=tmp_path, code=2, **{f"XDEGREES_{setting}": "loud"}))


def test_a_home_of_a_newer_format_is_refused(demo_home: Path, tmp_path: Path) -> None:
    for file in ("vectors/embedder.json", "graph.sqlite"):
        home = Path(shutil.copytree(demo_home, tmp_path / file.replace("/", "-")))
        if file.endswith("json"):
            facts = json.loads((home / file).read_text())
            (home / file).write_text(json.dumps(facts | {"format": 99}))
        else:
            with closing(sqlite3.connect(home / file)) as db, db:
                db.execute("UPDATE meta SET value = '99' WHERE name = 'format'")
        assert "format 99" in one_line(run("relink", "--home", str(home), cwd=tmp_path, code=4))


def test_something_newly_quarantined_exits_3_once(tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    Image.new("RGB", (30, 20), "red").save(tmp_path / "some" / "red.png")
    (tmp_path / "some" / "bad.jpg").write_text("no picture")
    done = run("load", "some", cwd=tmp_path, code=3)
    assert "bad.jpg: not an image" in done.stdout
    assert "1 without alt text, 1 without rights" in done.stdout
    assert "1 quarantined" in run("load", "some", cwd=tmp_path).stdout


def test_a_dry_run_predicts_and_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    Image.new("RGB", (30, 20), "red").save(tmp_path / "some" / "red.png")
    (tmp_path / "some" / "metadata.csv").write_text("Dateiname,Titel\nred.png,Rot\nblue.png,Blau\n")
    body = json.loads(run("load", "some", "--dry-run", "--json", cwd=tmp_path).stdout)
    assert (body["rows"], body["matched"], body["added"]) == (2, 1, 1)
    assert body["columns"] == {"filename": "Dateiname", "title": "Titel"}
    assert body["megabytes"] >= 0
    assert "xdegrees load FOLDER" in one_line(run("search", "red", cwd=tmp_path, code=6))
    assert not [*tmp_path.rglob("xdegrees-data/images/*"), *tmp_path.rglob("xdegrees-data/vectors/*")]
    assert "1 added" in run("load", "some", cwd=tmp_path, code=3).stdout


def test_a_home_in_use_names_its_holder(demo_home: Path, demo: Path, tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from stores.lock import hold\n"
        f"with hold(Path({str(demo_home)!r})): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        done = run("export", "vectors.npz", "--home", str(demo_home), cwd=tmp_path, code=5)
        assert f"process {holder.pid}" in one_line(done)
        run("search", "a", "--home", str(demo_home), cwd=tmp_path)
        holder.kill()
    run("load", str(demo), "--home", str(demo_home), cwd=tmp_path)


def test_info_shows_settings_and_counts_but_no_secret(demo_home: Path, tmp_path: Path) -> None:
    body = json.loads(run("info", "--json", "--home", str(demo_home), cwd=tmp_path).stdout)
    assert body["stores"]["artworks"] == 85
    assert body["stores"]["embedder"]["name"] == "classic"
    assert body["settings"]["home"] == str(demo_home)


def test_a_picture_from_outside_is_an_end_and_on_the_strip(demo_home: Path, tmp_path: Path) -> None:
    Image.effect_mandelbrot((300, 200), (-3, -2.5, 2, 2.5), 100).convert("RGB").save(tmp_path / "mine.tif")
    words = ("path", "mine.tif", "key:trees-0001.jpg", "--home", str(demo_home), "--images", "5", "--why")
    done = run(*words, "--strip", "strip.png", cwd=tmp_path)
    assert "  1. mine.tif\n" in done.stdout
    assert sum(done.stdout.count(words) for words in ("Both ", "Close as", "Nothing simple")) == 4
    assert done.stdout.startswith("5 artworks in even steps, the largest ")
    drawn = Image.open(tmp_path / "strip.png")
    assert len(set(drawn.crop((60, 60, 300, 250)).convert("L").tobytes())) > 100
    body = json.loads(run(*words, "--json", cwd=tmp_path).stdout)
    assert (body["ids"][0], body["links"]["self"]) == ("image:from", None)
    assert body["steps"][0]["why"]["percentile"] is not None


@pytest.mark.parametrize(
    ("end", "code", "says"),
    [
        ("notes.txt", 2, "notes.txt: not an image of a known format"),
        ("gone.png", 1, "nor is there such a file"),
        ("text:storm at sea", 2, "classic knows pictures only"),
        ("text: ", 2, "TO has no words"),
        (" ", 2, "TO is empty: give an id"),
        ("folder.d", 2, "folder.d is a folder: name one picture in it"),
        ("key:gone.png", 1, "there is no artwork 'key:gone.png'"),
        ("x" * 300, 1, "there is no artwork 'xxx"),
    ],
)
def test_what_cannot_be_an_end_is_said(demo_home: Path, tmp_path: Path, end: str, code: int, says: str) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.d").mkdir()
    done = run("path", "key:trees-0001.jpg", end, "--home", str(demo_home), cwd=tmp_path, code=code)
    assert says in one_line(done)


def test_the_weights_of_a_load_are_remembered(demo: Path, tmp_path: Path) -> None:
    import torch  # noqa: PLC0415 -- slow, and only needed here
    import torchvision  # noqa: PLC0415

    torch.manual_seed(0)
    torch.save(torchvision.models.mobilenet_v3_small().state_dict(), tmp_path / "weights.pth")
    options = ("--embedder", "mobilenet_v3_small", "--checkpoint", "weights.pth", "--limit", "20", "--home", "home")
    run("load", str(demo), *options, cwd=tmp_path)
    keys = sorted(path.name for path in demo.glob("*.jpg"))
    copy = shutil.copy(demo / keys[0], tmp_path / "copy.jpg")
    asked = ("path", str(copy), f"key:{keys[3]}", "--home", "home", "--json")
    body = json.loads(run(*asked, cwd=tmp_path).stdout)
    assert body["artworks"][0]["key"] == keys[0]
    (tmp_path / "weights.pth").rename(tmp_path / "moved.pth")
    assert "no weights for" in one_line(run(*asked, cwd=tmp_path, code=2, TORCH_HOME=str(tmp_path)))
    run(*asked, cwd=tmp_path, XDEGREES_CHECKPOINT="moved.pth")
