"""Museums' own tables, read by their presets: rows checked by hand against the files, tables joined as documented."""

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from loaders.artworks import artwork_of
from loaders.columns import FIELDS
from loaders.manifest import read_manifest
from loaders.presets import PRESETS
from loaders.presets.records import ascribed
from loaders.previews import preview
from loaders.request import LoadRequest
from stores.errors import BadInput
from tests.conftest import ROOT
from tests.museums import CMOA, MET, MOMA, TATE, TODAY, WITHOUT, Golden, addresses, artworks, brief

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.parametrize(
    ("preset", "file", "rows", "rights", "pictures", "golden"),
    [
        ("moma", "moma_Artworks.csv", 450, 0, 374, MOMA),
        ("met", "met_MetObjects_semicolon_cp1252.csv", 394, 299, 0, MET),
        ("tate", "tate_artwork_data_2013.csv", 500, 0, 489, TATE),
        ("tate", "tate_opendatasoft_semicolon.csv", 4, 4, 4, TODAY),
        ("cmoa", "cmoa_records.jsonl", 239, 0, 168, CMOA),
    ],
)
def test_a_museums_file_says_by_its_preset_what_stands_in_it(
    samples: Path, preset: str, file: str, rows: int, rights: int, pictures: int, golden: Golden
) -> None:
    manifest = read_manifest(samples / file, preset=preset)
    made = artworks(manifest)
    assert {key: brief(made[key]) for key in golden} == golden
    assert len(made) == rows
    assert sum(bool(one.rights_uri or one.rights_text) for one in made.values()) == rights
    assert len(addresses(manifest)) == pictures
    assert manifest.preset == preset


@pytest.mark.parametrize(
    ("preset", "file", "key", "golden"),
    [
        ("moma", "moma_Artworks.csv", "object_id", MOMA),
        ("met", "met_MetObjects_semicolon_cp1252.csv", "object_id", MET),
        ("tate", "tate_artwork_data_2013.csv", "id", TATE),
        ("tate", "tate_opendatasoft_semicolon.csv", "id", TODAY),
        ("cmoa", "cmoa_records.jsonl", "id", CMOA),
    ],
)
def test_a_museums_file_says_nearly_as_much_by_its_columns_alone(
    samples: Path, preset: str, file: str, key: str, golden: Golden
) -> None:
    doubts: list[object] = []
    rows = {row.fields.get(key): row for row in read_manifest(samples / file).rows}
    found = {one: brief(artwork_of(rows[one], "museum", one, doubts.append)) for one in golden}
    expected = {one: (said[0], WITHOUT.get(preset, {}).get(one, said[1]), *said[2:]) for one, said in golden.items()}
    durer = "cmoa:things/5f0daca2-1eae-49d8-bdf8-87b8613bcc2c"  # the 1510 of its text is 1509-12-22 in its columns
    if preset == "cmoa":
        expected[durer] = (*golden[durer][:3], (1509, 1509), *golden[durer][4:])
    assert found == expected
    assert doubts == []


@pytest.mark.parametrize(
    ("preset", "file"),
    [
        ("moma", "moma_Artworks.csv"),
        ("met", "met_MetObjects_semicolon_cp1252.csv"),
        ("tate", "tate_artwork_data_2013.csv"),
        ("tate", "tate_opendatasoft_semicolon.csv"),
    ],
)
def test_no_word_of_a_museums_row_is_lost(samples: Path, preset: str, file: str) -> None:
    manifest = read_manifest(samples / file, preset=preset)
    form = {"comma": ",", "semicolon": ";"}[manifest.format]
    encoding = "utf-8-sig" if manifest.encoding == "utf-8" else manifest.encoding
    with (samples / file).open(encoding=encoding, newline="") as opened:
        originals = {row[manifest.columns["id"]]: row for row in csv.DictReader(opened, delimiter=form)}
    for key, artwork in artworks(manifest).items():
        lost = words(originals[key].values()) - words([json.dumps(artwork.to_payload(), ensure_ascii=False)])
        image = next(row.fields.get("image", "") for row in manifest.rows if row.fields["id"] == key)
        assert lost - words([str(image)]) == set(), key


def words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts if text for word in re.findall(r"[^\W_]+", text.replace("\\n", " "))}


def test_what_is_not_one_of_the_mets_objects_is_refused_with_its_row(samples: Path) -> None:
    manifest = read_manifest(samples / "met_MetObjects_semicolon_cp1252.csv", preset="met")
    refused = [problem for problem in manifest.problems if problem.kind == "refused"]
    assert len(refused) == 56
    assert refused[0].name == "met_MetObjects_semicolon_cp1252.csv:151"
    assert refused[0].reason == "its Object ID is '' and no number: is it a piece of a row that was broken off?"
    assert [problem.name for problem in refused if "Montour County" in problem.reason] != []
    (notice,) = [problem for problem in manifest.problems if problem.kind == "notice"]
    assert notice.reason == "not among the tables: the addresses of the pictures are missing"


def test_the_rights_of_a_museum_are_taken_as_it_grants_them(samples: Path) -> None:
    met = artworks(read_manifest(samples / "met_MetObjects_semicolon_cp1252.csv", preset="met"))
    assert (met["238"].rights_uri, met["1"].rights_uri) == (CC0, "")
    assert (met["276"].rights_uri, met["276"].rights_text) == ("", "© 2022 Artists Rights Society (ARS), New York")
    tate = artworks(read_manifest(samples / "tate_opendatasoft_semicolon.csv", preset="tate"))
    assert tate["21086"].rights_text == "© Mark Francis"


def test_addresses_of_pictures_are_those_of_today(samples: Path) -> None:
    tate = read_manifest(samples / "tate_artwork_data_2013.csv", preset="tate")
    assert addresses(tate)["2256"] == "https://media.tate.org.uk/art/images/work/A/A01/A01071_8.jpg"
    assert artworks(tate)["2256"].metadata["thumbnailUrl"].startswith("http://www.tate.org.uk/art/images/")
    assert tate.rows[0].names == ("A00001",)
    cmoa = addresses(read_manifest(samples / "cmoa_records.jsonl", preset="cmoa"))
    assert cmoa["cmoa:things/d5ec0452-ab6c-4198-8709-2ccc32ec0904"] == [
        "http://collection.cmoa.org/CollectionImage.aspx?irn=134058&size=Medium",
        "http://collection.cmoa.org/CollectionImage.aspx?irn=134057&size=Medium",
    ]


@pytest.mark.parametrize("preset", ["tate", ""])
def test_the_table_of_artists_is_refused_as_one_of_artworks(samples: Path, preset: str) -> None:
    with pytest.raises(BadInput, match=r"no table of artworks|a table of people .* and not of artworks") as refusal:
        read_manifest(samples / "tate_artist_data.csv", preset=preset)
    assert "\n" not in str(refusal.value)
    assert "yearOfBirth" in str(refusal.value)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_is_whole(name: str) -> None:
    preset = PRESETS[name]
    assert preset.name == name
    assert preset.columns.keys() <= FIELDS.keys()
    assert {"id", "title", "artist", "year"} <= preset.columns.keys()
    assert preset.files
    assert preset.needs or preset.documents
    assert preset.about.endswith(".")
    tables = {"", *(joined.name for joined in preset.joined)}
    assert {joined.onto for joined in preset.joined} <= tables


@pytest.mark.parametrize(
    ("name", "how", "said"),
    [
        ("Ada Rot", "After", "After Ada Rot"),
        ("Ada Rot", "Possibly after", "Possibly after Ada Rot"),
        ("Ada Rot", "Attributed to the Workshop of", "Attributed to the Workshop of Ada Rot"),
        ("Ada Rot", "Designed by", "Ada Rot"),
        ("Ada Rot", "", "Ada Rot"),
        ("", "After", ""),
        ("After Ada Rot", "after", "After Ada Rot"),
    ],
)
def test_a_doubt_stands_before_the_name_and_a_role_does_not(name: str, how: str, said: str) -> None:
    assert ascribed(name, how) == said


@pytest.mark.parametrize("images", [1, "x", [1], {"a": 1}, [[1]], [{"image_url": 7}]])
def test_values_as_no_museum_has_them_end_no_table(tmp_path: Path, images: object) -> None:
    rows: list[dict[str, object]] = [
        {"id": "1", "images": images, "creator": images, "title": ["x"]},
        {"id": "2", "title": "Sea"},
    ]
    path = tmp_path / "cmoa.jsonl"
    more: dict[str, object] = {"accession_number": "9", "web_url": "", "creator": []}
    path.write_text("\n".join(json.dumps(more | row) for row in rows), encoding="utf-8")
    assert [row.fields["id"] for row in read_manifest(path, preset="cmoa").rows][-1] == "2"


def test_a_preset_that_is_not_there_is_bad_input_with_the_closest(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no preset 'mom': is it moma\? 'xdegrees presets' lists them"):
        read_manifest(tmp_path, preset="mom")


DOCUMENT = (ROOT / "docs" / "presets.md").read_text(encoding="utf-8")


def test_the_example_in_the_documents_says_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (rows,) = re.findall(r"```csv\n(.*?)```", DOCUMENT, re.DOTALL)
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    (said,) = re.findall(r"```console\n(.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "harbour.csv").write_text(rows, encoding="utf-8")
    module: dict[str, Any] = {}
    exec(compile(code, "harbour.py", "exec"), module)  # noqa: S102 -- the document's own lines
    monkeypatch.setitem(dict_of_presets(), "harbour", module["PRESET"])
    seen = preview(LoadRequest(None, "harbour", metadata=tmp_path / "harbour.csv", preset="harbour"))
    assert list(seen.lines()) == said.splitlines()


def dict_of_presets() -> dict[str, Any]:
    assert isinstance(PRESETS, dict)
    return PRESETS


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_is_in_the_documents(name: str) -> None:
    assert f"\n| `{name}` | " in DOCUMENT
    for file in (PRESETS[name].files[0], *(joined.files[0] for joined in PRESETS[name].joined)):
        assert f"`{file}`" in DOCUMENT
