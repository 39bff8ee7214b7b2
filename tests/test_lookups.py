"""Tables without addresses of pictures, whose museum has them in its records on the web: the Met's, looked up."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loaders.columns import Row
from loaders.presets import PRESETS, met
from loaders.presets.records import Lookup
from service.cli import main
from tests.misbehaving import Museum, museum

HEADER = ("Object ID", "Object Number", "Title", "Artist Display Name", "Object Date", "Is Public Domain")
MET = "https://collectionapi.metmuseum.org/public/collection/v1/objects"
(IMAGES,) = met.PRESET.joined


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Museum]:
    """A server of records, under /records/, and of their pictures; the preset looks up there."""
    with museum() as opened:

        def records(path: str, _: Mapping[str, str]) -> tuple[int, dict[str, str], list[bytes]]:
            number = path.rpartition("/")[2]
            small = "" if number == "3" else opened.url(f"/ok/{number}.jpg")
            body = {"objectID": int(number), "primaryImage": opened.url("/vast/all.jpg"), "primaryImageSmall": small}
            if number == "3":
                body["primaryImage"] = ""
            return (404, {}, [b"{}"]) if number == "4" else (200, {}, [json.dumps(body).encode()])

        opened.further["records"] = records
        real = IMAGES.lookup
        assert real is not None

        def address(row: Row) -> str:
            return real.address(row).replace(MET, opened.url("/records"))

        lookup = Lookup(address, real.picture)
        here = replace(met.PRESET, joined=(replace(IMAGES, lookup=lookup),))
        monkeypatch.setitem(PRESETS, "met", here)
        yield opened


def table(folder: Path, count: int = 6, closed: str = "5") -> Path:
    file = folder / "MetObjects.csv"
    rows = [(str(n), f"19.{n}", f"Work {n}", "A. Smith", "1880", str(str(n) != closed)) for n in range(1, count + 1)]
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([HEADER, *rows])
    return file


def load(office: Museum, file: Path, *words: str) -> Result:
    home = file.parent / "home"
    rate = ["--rate", f"127.0.0.1:{office.port}=1000/s", "--allow-private", "--contact", "a@b.org"]
    given = ["load", "--preset", "met", str(file), "--download", *rate, "--home", str(home), "--json", *words]
    return CliRunner().invoke(main, given)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code in (0, 3), result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_mets_table_alone_is_enough(office: Museum, tmp_path: Path) -> None:
    found = told(load(office, table(tmp_path)))
    assert found["added"] == 3
    assert sorted(office.paths()) == [
        *(f"/ok/{number}.jpg" for number in (1, 2, 6)),
        *(f"/records/{number}" for number in (1, 2, 3, 4, 6)),
    ]
    assert sorted(problem["reason"][:22] for problem in found["quarantined"]) == [
        f"row {line} without an image"[:22] for line in (4, 5, 6)
    ]


def test_nothing_is_looked_up_twice(office: Museum, tmp_path: Path) -> None:
    told(load(office, table(tmp_path)))
    asked = len(office.log)
    assert told(load(office, table(tmp_path)))["added"] == 0
    assert office.paths()[asked:] == ["/records/4"]


def test_a_limit_is_of_pictures_that_are_there(office: Museum, tmp_path: Path) -> None:
    assert told(load(office, table(tmp_path), "--limit", "2"))["added"] == 2
    assert sorted(office.paths()) == ["/ok/1.jpg", "/ok/2.jpg", "/records/1", "/records/2"]


def test_a_dry_run_says_how_many_records_and_asks_nobody(office: Museum, tmp_path: Path) -> None:
    found = load(office, table(tmp_path), "--dry-run")
    assert "5 records to ask for at 1 host" in found.stderr
    assert office.log == []


def test_files_and_tables_that_are_there_are_not_looked_up(office: Museum, tmp_path: Path, demo: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "1.jpg").write_bytes(next(iter(sorted(demo.glob("*.jpg")))).read_bytes())
    assert told(load(office, table(tmp_path), str(folder)))["added"] == 3
    assert "/records/1" not in office.paths()
    office.log.clear()
    images = tmp_path / "MetImages.csv"
    images.write_text(f"Object ID,Image URL\n5,{office.url('/ok/five')}\n", encoding="utf-8")
    assert told(load(office, table(tmp_path), str(images), "--home", str(tmp_path / "other")))["added"] == 1
    assert office.paths() == ["/ok/five"]
