"""Loads that download: from a table of addresses to artworks, run again, killed, and what the command says."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loaders.addresses import key_of
from loaders.download.index import NAME
from loaders.pipeline import load
from loaders.progress import Progress
from loaders.report import LoadReport
from loaders.request import Download, LoadRequest
from service.cli import main
from stores.connect import Stores
from stores.settings import Settings
from tests.misbehaving import Museum, museum

FAST = "1000/s"


@pytest.fixture
def shop() -> Iterator[Museum]:
    """The server, in time as it passes."""
    with museum() as opened:
        yield opened


def table(folder: Path, *rows: str, header: str = "id,title,image") -> Path:
    """Write a table of metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "table.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def run(shop: Museum, file: Path, *words: str, home: Path) -> Result:
    """Run the command as a user would, in this process."""
    given = ["load", "--metadata", str(file), "--download", "--contact", "who@example.org", "--allow-private"]
    rate = ["--rate", f"127.0.0.1:{shop.port}={FAST}"]
    return CliRunner().invoke(main, [*given, *rate, "--home", str(home), "--json", *words])


def told(result: Result) -> dict[str, object]:
    """Return what a command said as JSON, which the log stands beside."""
    assert result.exit_code in (0, 3), result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def again(shop: Museum, stores: Stores, home: Path, folder: Path, file: Path, **more: object) -> LoadReport:
    """Load through the pipeline."""
    wish = Download("a@b.org", {f"127.0.0.1:{shop.port}": 1000.0}, allow_private=True)
    request = LoadRequest(folder, "artworks", metadata=file, download=replace(wish, **more))  # type: ignore[arg-type]
    return load(request, stores.vectors, stores.graph, home, Progress(quiet=True))


def test_a_table_of_addresses_becomes_artworks_and_bad_links_are_named_by_row(shop: Museum, tmp_path: Path) -> None:
    rows = [f"{n},Work {n},{shop.url(f'/ok/{n}')}" for n in range(5)]
    bad = [
        f"b1,Gone,{shop.url('/missing/x')}",
        f"b2,Page,{shop.url('/html/x?token=hidden')}",
        "b3,Local,file:///etc/passwd",
        f"b4,Again,{shop.url('/ok/1')}",
        f",Nameless,{shop.url('/ok/nameless')}",
    ]
    home = tmp_path / "home"
    result = run(shop, table(tmp_path, *rows, *bad), home=home)
    report = told(result)
    assert (result.exit_code, report["artworks"], report["added"]) == (3, 6, 6)
    reasons = {problem["name"]: problem["reason"] for problem in report["quarantined"]}  # type: ignore[attr-defined]
    repeated = reasons.pop(shop.url("/ok/1"))
    assert reasons == {
        shop.url("/missing/x"): "row 7: 404 Not Found",
        "b2": "row 8: a web page (HTML) instead of a picture, called image/jpeg",
        "file:///etc/passwd": "row 9 without an image",
    }
    assert repeated == f"row 10 repeats {key_of(shop.url('/ok/1'))}.jpg"
    assert len(list((home / "downloads").glob("*.jpg"))) == 6
    everything = result.output + (home / "quarantine.json").read_text() + (home / "downloads" / NAME).read_text()
    assert "hidden" not in everything


def test_files_that_are_there_are_not_fetched_and_the_rest_is(shop: Museum, tmp_path: Path, demo: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "own.jpg").write_bytes((demo / "trees-0001.jpg").read_bytes())
    file = table(tmp_path, f"1,Own,{shop.url('/ok/own.jpg')}", f"2,Other,{shop.url('/ok/other.jpg')}")
    report = told(run(shop, file, str(folder), home=tmp_path / "home"))
    assert (report["added"], shop.paths()) == (2, ["/ok/other.jpg"])
    assert len(list(folder.glob("*.jpg"))) == 2
    plain = CliRunner().invoke(main, ["load", str(folder), "--metadata", str(file), "--home", str(tmp_path / "home")])
    assert "2 unchanged" in plain.output
    assert len(shop.log) == 1


def test_tables_that_share_a_folder_do_not_load_each_others_pictures(shop: Museum, tmp_path: Path) -> None:
    one = table(tmp_path / "one", f"1,One,{shop.url('/ok/1')}")
    two = table(tmp_path / "two", f"2,Two,{shop.url('/ok/2')}")
    assert told(run(shop, one, "--source", "one", home=tmp_path / "home"))["artworks"] == 1
    report = told(run(shop, two, "--source", "two", home=tmp_path / "home"))
    assert (report["artworks"], report["added"], report["quarantined"]) == (2, 1, [])


def test_originals_may_be_deleted_after_a_load(
    shop: Museum, stores: Stores, settings: Settings, tmp_path: Path
) -> None:
    folder, file = tmp_path / "down", table(tmp_path, *(f"{n},W,{shop.url(f'/ok/{n}')}" for n in range(4)))
    assert again(shop, stores, settings.home, folder, file).added == 4
    for path in folder.glob("*.jpg"):
        path.unlink()
    shop.log.clear()
    report = again(shop, stores, settings.home, folder, file)
    assert (report.unchanged, report.missing, report.quarantined, shop.log) == (4, 0, [], [])
    report = again(shop, stores, settings.home, folder, file, refresh_days=0.0)
    assert (report.unchanged, [asked.status for asked in shop.log]) == (4, [304] * 4)
    shop.version = "2"
    report = again(shop, stores, settings.home, folder, file, refresh_days=0.0)
    assert (report.image_changed, report.unchanged, report.artworks) == (4, 0, 4)
    for path in folder.glob("*.jpg"):
        path.unlink()
    for path in list((settings.home / "images").rglob("*.jpg"))[:1]:
        path.unlink()
    shop.log.clear()
    report = again(shop, stores, settings.home, folder, file)
    assert (report.artworks, report.quarantined, len(shop.log)) == (4, [], 1)


def test_a_picture_is_hidden_though_its_original_was_deleted(
    shop: Museum, stores: Stores, settings: Settings, tmp_path: Path
) -> None:
    folder, url, header = tmp_path / "down", shop.url("/ok/1"), "id,image,display"
    again(shop, stores, settings.home, folder, table(tmp_path, f"1,{url},full", header=header))
    for path in folder.glob("*.jpg"):
        path.unlink()
    for display, sizes in (("thumb", 1), ("none", 0)):
        report = again(shop, stores, settings.home, folder, table(tmp_path, f"1,{url},{display}", header=header))
        assert (report.metadata_changed, report.quarantined) == (1, [])
        assert len(list((settings.home / "images").rglob("*.jpg"))) == sizes
    report = again(shop, stores, settings.home, folder, table(tmp_path, f"1,{url},full", header=header))
    assert [problem.reason for problem in report.quarantined] == ["cannot be read: No such file or directory"]
    (folder / NAME).unlink()
    report = again(shop, stores, settings.home, folder, table(tmp_path, f"1,{url},full", header=header))
    assert (report.artworks, report.quarantined, len(shop.log)) == (1, [], 2)
    assert len(list((settings.home / "images").rglob("*.jpg"))) == 2


def test_only_the_first_are_fetched_where_a_limit_says_so(shop: Museum, tmp_path: Path) -> None:
    file = table(tmp_path, *(f"{n},W,{shop.url(f'/ok/{n}')}" for n in (3, 1, 2, 0)))
    report = told(run(shop, file, "--limit", "2", home=tmp_path / "home"))
    assert (report["artworks"], sorted(shop.paths()), report["quarantined"]) == (2, ["/ok/0", "/ok/1"], [])


def test_what_is_left_out_as_not_surely_open_is_not_even_asked_for(shop: Museum, tmp_path: Path) -> None:
    rights = ("CC0 1.0", "© Heirs", "", "CC BY 4.0")
    rows = (f"{n},W,{shop.url(f'/ok/{n}')},{said}" for n, said in enumerate(rights))
    file = table(tmp_path, *rows, header="id,title,image,rights")
    planned = told(run(shop, file, "--rights", "open", "--dry-run", home=tmp_path / "home"))
    assert (planned["download"]["addresses"], planned["closed"]) == (2, ["1", "2"])  # type: ignore[index]
    report = told(run(shop, file, "--rights", "open", home=tmp_path / "home"))
    assert (report["added"], report["closed"], report["quarantined"]) == (2, ["1", "2"], [])
    assert sorted(shop.paths()) == ["/ok/0", "/ok/3"]


def test_a_dry_run_says_how_many_and_how_long_and_asks_nobody(shop: Museum, tmp_path: Path) -> None:
    file = table(tmp_path, *(f"{n},W,{shop.url(f'/ok/{n}')}" for n in range(300)), "x,W,https://a.example/1.jpg")
    words = ["load", "--metadata", str(file), "--download", "--contact", "a@b.org", "--dry-run"]
    result = CliRunner().invoke(main, [*words, "--home", str(tmp_path / "home")])
    assert result.exit_code == 0, result.output
    assert "download: 301 pictures to ask for at 2 hosts: at least 5 min" in result.output
    assert "no picture is there yet: how long the load itself takes is told when some are" in result.output
    assert "quarantined" not in result.output
    assert shop.log == []
    assert not (tmp_path / "home" / "downloads").exists()


@pytest.mark.usefixtures("settings")
def test_a_table_without_addresses_is_told_how_to_name_them(tmp_path: Path) -> None:
    file = table(tmp_path, "1,Work,https://a.example/1.jpg", header="id,title,Bild")
    words = ["load", "--metadata", str(file), "--download", "--contact", "a@b.org", "--dry-run"]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 2
    assert "no row of table.csv has a picture's address: say where with --column image=HEADER" in told.stderr
    assert "1 picture to ask for" in CliRunner().invoke(main, [*words, "--column", "image=Bild"]).output


def test_a_load_where_nothing_can_be_had_says_so(shop: Museum, tmp_path: Path) -> None:
    result = run(shop, table(tmp_path, f"1,W,{shop.url('/missing/1')}"), home=tmp_path / "home")
    report = told(result)
    assert (result.exit_code, report["artworks"]) == (3, 0)
    assert [problem["reason"] for problem in report["quarantined"]] == ["row 2: 404 Not Found"]  # type: ignore[attr-defined]


def test_a_dead_link_is_told_as_such_beside_pictures_that_no_row_names(
    shop: Museum, tmp_path: Path, demo: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    shutil.copy2(next(demo.glob("*.jpg")), folder)
    result = run(shop, table(tmp_path, f"1,W,{shop.url('/missing/1')}"), str(folder), home=tmp_path / "home")
    report = told(result)
    assert (result.exit_code, report["artworks"]) == (3, 1)
    assert [problem["reason"] for problem in report["quarantined"]] == ["row 2: 404 Not Found"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--metadata", "FILE"], "--download tells every host whom to write to: say --contact you@example.org"),
        (["--contact", "a@b.org"], "--download needs rows with addresses: name their file with --metadata FILE.csv"),
        (["--metadata", "FILE", "--contact", "me"], "XDEGREES_CONTACT: must be an e-mail or web address"),
        (["--metadata", "FILE", "--contact", "a@b.org\r\nX: 1"], "XDEGREES_CONTACT: must be an e-mail or web address"),
        (["--metadata", "FILE", "--contact", "a@b.org", "--rate", "a.org=fast"], "--rate a.org=fast: write it as"),
    ],
)
@pytest.mark.usefixtures("settings")
def test_what_a_download_needs_is_said_in_one_line(tmp_path: Path, words: list[str], line: str) -> None:
    file = table(tmp_path, "1,W,https://a.example/1.jpg")
    given = [str(file) if word == "FILE" else word for word in words]
    result = CliRunner().invoke(main, ["load", "--download", *given])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"xdegrees: {line}")
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("settings")
def test_without_download_a_row_with_an_address_says_what_would_fetch_it(tmp_path: Path, demo: Path) -> None:
    picture = next(demo.glob("*.jpg")).name
    file = table(tmp_path, f"{picture},V,", "1,W,https://a.example/1.jpg")
    result = CliRunner().invoke(main, ["load", str(demo), "--metadata", str(file), "--dry-run"])
    assert "https://a.example/1.jpg: row 3 without an image; --download fetches it" in result.output
    file = table(tmp_path, "1,W,https://a.example/1.jpg")
    result = CliRunner().invoke(main, ["load", str(demo), "--metadata", str(file), "--dry-run"])
    assert result.exit_code == 2
    assert "no row of table.csv names a picture" in result.stderr
    assert "--download fetches what rows have addresses of" in result.stderr


def test_a_download_that_is_killed_goes_on_and_asks_for_nothing_twice(shop: Museum, tmp_path: Path) -> None:
    file = table(tmp_path, *(f"{n:02},W,{shop.url(f'/slow/{n:02}')}" for n in range(60)))
    down, home = tmp_path / "down", tmp_path / "home"
    command = [str(Path(sys.executable).with_name("xdegrees")), "load", str(down), "--metadata", str(file), "--home"]
    command += [str(home), "--download", "--contact", "a@b.org", "--allow-private", "--rate", f"127.0.0.1={FAST}"]
    for turn in (1, 2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while len(shop.log) < 15 * turn and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert 0 < len(list(down.glob("*.jpg"))) < 60
    before = len(shop.log)
    there = len(list(down.glob("*.jpg")))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert len(shop.log) - before == 60 - there
    assert len(shop.log) <= 60 + 2
    assert len(list(down.glob("*.jpg"))) == 60
    assert list(down.glob(".unfinished*")) == []


def test_an_interrupt_ends_a_download_that_waits_for_its_turn(shop: Museum, tmp_path: Path) -> None:
    file = table(tmp_path, *(f"{n},W,{shop.url(f'/ok/{n}')}" for n in range(3)))
    command = [str(Path(sys.executable).with_name("xdegrees")), "load", "--metadata", str(file), "--download"]
    command += ["--contact", "a@b.org", "--allow-private", "--rate", "127.0.0.1=1/h", "--home", str(tmp_path / "home")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while not shop.log and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in said
    assert len(shop.log) == 1
