"""What the command line writes as files."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from loaders.given import read_given
from service.cli.main import main
from service.web.app import create_app
from stores.connect import open_stores
from stores.settings import Settings
from tests.web.exports.answers import sent


@pytest.mark.parametrize(
    ("name", "flags", "first"),
    [("a.csv", [], "id,key,"), ("e.csv", ["--edges"], "Source,Target,"), ("deep/g.graphml", [], "<?xml")],
)
def test_the_command_writes_what_the_service_sends(
    rightful: Settings, tmp_path: Path, name: str, flags: list[str], first: str
) -> None:
    out = tmp_path / name
    done = CliRunner().invoke(main, ["export", str(out), *flags, "--home", str(rightful.home)])
    assert done.exit_code == 0, done.output
    assert "34 artworks" in done.output
    text = out.read_bytes().decode()
    assert text.startswith(first)
    with open_stores(rightful) as stores:
        route = {"a.csv": "artworks.csv", "e.csv": "edges.csv"}.get(name, "graph.graphml")
        assert sent(create_app(stores, rightful).test_client(), route) == text


def test_an_export_that_fails_leaves_the_file_of_before_and_nothing_else(
    rightful: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[str]:
        yield "id,key"
        raise OSError("no space left on device")

    monkeypatch.setattr("service.tables.artwork_table", broken)
    out = tmp_path / "a.csv"
    out.write_text("of before", encoding="utf-8")
    assert CliRunner().invoke(main, ["export", str(out), "--home", str(rightful.home)]).exit_code != 0
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [("a.csv", "of before")]


def test_the_command_writes_a_path_as_the_table_that_the_service_sends(rightful: Settings, tmp_path: Path) -> None:
    out, ends = tmp_path / "new" / "p.csv", ["key:stars-0001.jpg", "key:waves-0002.jpg"]
    done = CliRunner().invoke(main, ["path", *ends, "--csv", str(out), "--home", str(rightful.home)])
    assert done.exit_code == 0, done.output
    with open_stores(rightful) as stores:
        client = create_app(stores, rightful).test_client()
        answer = client.get("/api/v1/path.csv", query_string=dict(zip(("from", "to"), ends, strict=True)))
    assert out.read_bytes() == answer.data


def test_exported_vectors_have_the_facts_of_their_embedder(rightful: Settings, tmp_path: Path) -> None:
    out = tmp_path / "v.npz"
    assert CliRunner().invoke(main, ["export", str(out), "--home", str(rightful.home)]).exit_code == 0
    assert len(read_given(out).rows) == 34
    with np.load(out) as file:
        facts = json.loads(str(file["facts"]))
    assert (facts["name"], facts["dimension"]) == ("classic", read_given(out).vectors.shape[1])


@pytest.mark.parametrize(
    ("words", "told"), [(["x.xlsx"], "one of .npz, .graphml, .csv"), (["x.npz", "--edges"], "--edges is for a CSV")]
)
def test_an_export_of_another_kind_is_refused_before_anything_is_opened(words: list[str], told: str) -> None:
    done = CliRunner().invoke(main, ["export", *words, "--home", "/nonexistent"])
    assert done.exit_code == 2
    assert told in done.output


def test_the_command_packs_a_path_with_an_end_that_is_no_artwork(rightful: Settings, tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), "#a04020").save(tmp_path / "mine.png")
    out, key = tmp_path / "new" / "p.zip", "stars-0001.jpg"
    done = CliRunner().invoke(
        main, ["path", str(tmp_path / "mine.png"), f"key:{key}", "--zip", str(out), "--home", str(rightful.home)]
    )
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(out) as archive:
        assert json.loads(archive.read("path.json"))["ids"][0] == "image:from"
        credits_told = archive.read("credits.txt").decode()
        assert "Nothing is known of its rights." in credits_told
        assert re.search(r"graph [0-9a-f]{12}\.$", credits_told.splitlines()[0])
