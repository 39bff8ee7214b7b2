"""Tables from the command line, as a new user tries them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_presets_joined import CLEVELAND, row, written

XDEGREES = Path(sys.executable).with_name("xdegrees")


def run(*words: str, cwd: Path, code: int = 0) -> str:
    """Run the command and return what it says."""
    done = subprocess.run([XDEGREES, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def museum(tmp_path: Path, demo: Path) -> Path:
    """Three pictures named by accession numbers, and a table of four works in Cleveland's columns."""
    (tmp_path / "pictures").mkdir()
    for number, name in enumerate(("stars-0001.jpg", "waves-0001.jpg", "flow-0001.jpg")):
        (tmp_path / "pictures" / f"19.{number}.jpg").write_bytes((demo / name).read_bytes())
    rows = (
        row(
            CLEVELAND,
            id=str(100 + number),
            accession_number=f"19.{number}",
            title=f"Sea {number}",
            creation_date="c. 1889",
            share_license_status="CC0",
        )
        for number in range(4)
    )
    written(tmp_path / "pictures" / "data.csv", CLEVELAND, *rows)
    return tmp_path


def test_presets_are_listed_for_people_and_for_scripts(tmp_path: Path) -> None:
    assert "met: The Metropolitan Museum of Art" in run("presets", cwd=tmp_path)
    listed = json.loads(run("presets", "--json", cwd=tmp_path))
    assert [one["name"] for one in listed] == [
        "cleveland",
        "cmoa",
        "iiif",
        "met",
        "moma",
        "nga",
        "tate",
        "wikiart-emotions",
    ]
    assert listed[5]["files"][:2] == ["objects.csv", "published_images.csv"]


def test_a_folder_and_its_museums_table_become_a_path(museum: Path) -> None:
    planned = run("load", "pictures", "--preset", "cleveland", "--dry-run", cwd=museum)
    assert planned.startswith("dry run: 3 of 4 rows have a picture\n")
    assert "metadata (preset cleveland, utf-8, comma): id from 'id', title from 'title'" in planned
    done = run("load", "pictures", "--preset", "cleveland", cwd=museum, code=3)
    assert done.startswith("3 added, 1 quarantined\n")
    assert "quarantined: 103: row 5 without an image" in done
    shown = json.loads(run("show", "key:101", "--json", cwd=museum))
    assert (shown["title"], shown["year_from"]) == ("Sea 1", 1889)
    assert run("path", "Sea 0", "Sea 1", cwd=museum).startswith("2 artworks at the gentle pace")


def test_a_table_alone_is_tried_without_a_home(museum: Path) -> None:
    for words in (
        ("pictures/data.csv", "--preset", "cleveland"),
        ("--metadata", "pictures/data.csv", "--preset", "cleveland"),
        ("--metadata", "pictures", "--preset", "cleveland"),
        ("pictures/data.csv",),
    ):
        assert "4 of 4 rows understood, 0 refused" in run("load", *words, "--dry-run", cwd=museum)
    body = json.loads(run("load", "pictures/data.csv", "--dry-run", "--json", cwd=museum))
    assert (body["rows"], body["understood"], body["first"][0]["title"]) == (4, 4, "Sea 0")
    assert not (museum / "xdegrees-data").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pictures/data.csv",), "name the folder of pictures to load"),
        (("pictures", "--preset", "clevland"), "no preset 'clevland': is it cleveland?"),
        (("pictures", "--preset", "moma"), "no table of moma in pictures"),
        (("pictures", "pictures/data.csv", "--preset", "moma"), "it lacks Artist, ConstituentID, ObjectID"),
        (("pictures", "--metadata", "pictures/data.csv", "--metadata", "pictures/data.csv"), "2 metadata files"),
        (("pictures", "elsewhere"), "name one folder of pictures"),
    ],
)
def test_what_cannot_be_meant_ends_in_one_line(museum: Path, words: tuple[str, ...], said: str) -> None:
    error = run("load", *words, cwd=museum, code=2)
    assert said in error
    assert error.count("\n") == 1
