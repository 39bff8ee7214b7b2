"""Rights stay said: a load without the table, the column or the row that said them takes none away."""

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from stores.connect import open_stores
from stores.records import Search
from stores.settings import read_settings

HEADER = ("Nr", "filename", "title", "Copy", "display")


@pytest.fixture
def pictures(demo: Path, tmp_path: Path) -> Path:
    """Twelve pictures and, beside the folder, a table that hides half of them."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for picture in sorted(demo.glob("*.jpg"))[:12]:
        shutil.copy2(picture, folder)
    table(folder, rows(folder))
    return folder


def rows(folder: Path) -> list[list[str]]:
    names = sorted(path.name for path in folder.iterdir())
    hidden = ("none", "full")
    return [
        [f"A.{n}", name, f"Work {n}", "© Heirs" if n % 2 else "", hidden[n % 2 == 0]] for n, name in enumerate(names)
    ]


def table(folder: Path, cells: Sequence[Sequence[str]]) -> None:
    with (folder.parent / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *cells])


def load(folder: Path, *words: str, told: bool = True) -> Result:
    """Load as a user would; ``told`` with the table and the columns it needs."""
    named = ["--metadata", str(folder.parent / "table.csv"), "--column", "id=Nr", "--column", "rights=Copy"]
    home = ["--home", str(folder.parent / "home"), "--json"]
    return CliRunner().invoke(main, ["load", str(folder), *home, *(named if told else []), *words])


def body(result: Result) -> dict[str, Any]:
    assert result.exit_code in (0, 3), result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def displays(folder: Path) -> dict[str, str]:
    with open_stores(read_settings(home=folder.parent / "home")) as stores:
        return {one.key: one.display for one in stores.graph.find(Search(limit=50)).artworks}


def test_without_its_table_a_hidden_picture_is_not_loaded_under_its_file_name(pictures: Path) -> None:
    assert body(load(pictures))["added"] == 12
    before = displays(pictures)
    found = body(load(pictures, told=False))
    apart = [problem for problem in found["quarantined"] if "not loaded twice" in problem["reason"]]
    assert (len(apart), found["added"]) == (6, 6)
    assert {key: display for key, display in displays(pictures).items() if key in before} == before
    assert "the picture of A.1, which no row describes now" in apart[0]["reason"]


def test_a_row_that_cannot_be_read_any_more_does_not_show_its_picture(pictures: Path) -> None:
    body(load(pictures))
    table(pictures, [[*row, "more"] if row[0] == "A.1" else row for row in rows(pictures)])
    found = body(load(pictures))
    assert (found["added"], found["artworks"], found["missing"]) == (0, 12, 1)
    assert displays(pictures)["A.1"] == "none"


def test_a_table_that_does_not_say_rights_any_more_is_refused_unless_it_is_to_overwrite(pictures: Path) -> None:
    body(load(pictures))
    silent = [[*row[:3], "", "full"] for row in rows(pictures)]
    table(pictures, silent)
    for words in ([], ["--dry-run"]):
        refused = load(pictures, *words)
        assert refused.exit_code == 4
        assert "6 artworks (A.1, A.11, A.3, …) would lose their rights, credit or advisory" in refused.stderr
    assert list(displays(pictures).values()).count("none") == 6
    assert body(load(pictures, "--overwrite"))["image_changed"] == 6
    assert set(displays(pictures).values()) == {"full"}


def test_a_few_artworks_may_cease_to_say_rights(pictures: Path) -> None:
    body(load(pictures))
    table(pictures, [[*row[:3], "", "full"] if row[0] in ("A.1", "A.3") else row for row in rows(pictures)])
    body(load(pictures))
    assert list(displays(pictures).values()).count("none") == 4


@pytest.mark.parametrize(
    "broken", ['A.1,{name},"Work 1,© Heirs,none', "A.1,{name},Work 1,© Heirs,none,more", "A.1,{name}"]
)
def test_a_picture_whose_row_cannot_be_read_is_not_loaded_without_it(pictures: Path, broken: str) -> None:
    file = pictures.parent / "table.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.startswith("A.1,"))
    name = lines[place].split(",")[1]
    lines[place] = broken.format(name=name)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = body(load(pictures))
    assert (found["added"], name in displays(pictures)) == (11, False)
    reasons = {problem["name"]: problem["reason"] for problem in found["quarantined"]}
    assert reasons[name] == "not loaded, since the row that names it could not be read"
