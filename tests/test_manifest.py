"""Metadata files in every shape that museums send: what is read, what is refused, and that nothing is lost."""

import csv
import io
import json
import re
import string
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.columns import FIELDS
from loaders.manifest import Manifest, read_manifest
from stores.errors import BadInput

ROWS = "id,title,artist\n1,Été,Dürer\n2,“Sea”,Hokusai\n"


def read(tmp_path: Path, content: str | bytes, name: str = "metadata.csv", **columns: str) -> Manifest:
    """Write a metadata file and read it back."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_manifest(path, columns)


def fields(manifest: Manifest) -> list[dict[str, Any]]:
    return [dict(row.fields) for row in manifest.rows]


def reasons(manifest: Manifest) -> dict[str, str]:
    return {problem.name: problem.reason for problem in manifest.problems}


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
@pytest.mark.parametrize(
    ("encoding", "reported"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_delimiter_encoding_and_line_ends_are_recognised(
    tmp_path: Path, delimiter: str, name: str, encoding: str, reported: str, ends: str
) -> None:
    text = ROWS.replace(",", delimiter).replace("\n", ends)
    manifest = read(tmp_path, text.encode(encoding))
    assert (manifest.format, manifest.encoding, manifest.problems) == (name, reported, ())
    assert fields(manifest) == [
        {"id": "1", "title": "Été", "artist": "Dürer"},
        {"id": "2", "title": "“Sea”", "artist": "Hokusai"},
    ]


def test_a_byte_that_windows_never_assigned_is_still_read(tmp_path: Path) -> None:
    manifest = read(tmp_path, b"id,title\n1,caf\xe9 \x81\n")
    assert (manifest.encoding, fields(manifest)[0]["title"]) == ("latin-1", "café \x81")


def test_quoted_newlines_delimiters_and_quotes_stay_in_their_cell(tmp_path: Path) -> None:
    manifest = read(tmp_path, 'id,title,medium\n1,"Sea, ""wild""\nand calm",oil\n2,b,ink\n')
    assert fields(manifest)[0] == {"id": "1", "title": 'Sea, "wild"\nand calm', "medium": "oil"}
    assert [row.number for row in manifest.rows] == [2, 4]


def test_commas_in_the_titles_do_not_hide_the_semicolon(tmp_path: Path) -> None:
    manifest = read(tmp_path, "id;title\n1;Sea, storm, night\n2;Sea, storm, day\n")
    assert fields(manifest)[1] == {"id": "2", "title": "Sea, storm, day"}
    assert len(read(tmp_path, "id;title\n1;Sea, night\n2;Sea, day\n3, short\n4, short\n").rows) == 2


def test_rows_with_too_few_or_too_many_cells_are_refused_with_their_line(tmp_path: Path) -> None:
    manifest = read(tmp_path, "id,title\n1,a\n2\n\n3,b,c\n4,d\n")
    assert [row["id"] for row in fields(manifest)] == ["1", "4"]
    assert reasons(manifest) == {
        "metadata.csv:3": "1 cells where the header has 2",
        "metadata.csv:5": "3 cells where the header has 2",
    }
    assert {problem.kind for problem in manifest.problems} == {"refused"}


def test_a_quote_that_is_never_closed_costs_its_own_line_and_no_other(tmp_path: Path) -> None:
    manifest = read(tmp_path, 'id,title\n1,a\n2,"b\n3,c\n4,d\n')
    assert [row["id"] for row in fields(manifest)] == ["1", "3", "4"]
    assert reasons(manifest) == {"metadata.csv:3": "a quote is opened and never closed"}


def test_a_refused_record_of_several_lines_names_all_of_them(tmp_path: Path) -> None:
    manifest = read(tmp_path, 'id,title\n1,"a\nb",c\n2,d\n')
    assert reasons(manifest) == {"metadata.csv:2": "3 cells in lines 2 to 3 where the header has 2"}
    assert [row["id"] for row in fields(manifest)] == ["2"]


def test_a_cell_too_long_to_hold_costs_its_row_and_no_other(tmp_path: Path) -> None:
    manifest = read(tmp_path, "id,title\n1,a\n2," + "x" * 10_000_001 + "\n3,c\n")
    assert [row["id"] for row in fields(manifest)] == ["1", "3"]
    assert list(reasons(manifest)) == ["metadata.csv:3"]


def test_a_header_that_stands_twice_or_is_empty_loses_no_column(tmp_path: Path) -> None:
    manifest = read(tmp_path, "title,title,title 2,,column 1,\na,b,c,d,e,f\n")
    assert fields(manifest) == [{"title": "a"}]
    assert manifest.rows[0].extra == {"title 3": "b", "title 2": "c", "column 2": "d", "column 1": "e", "column 3": "f"}


def test_blank_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    assert fields(read(tmp_path, "\n,,\nid,title,\n1,a,\n")) == [{"id": "1", "title": "a"}]


def test_a_header_whose_accents_are_decomposed_is_the_same_header(tmp_path: Path) -> None:
    assert fields(read(tmp_path, "id,Ku\u0308nstler\n1,Dürer\n")) == [{"id": "1", "artist": "Dürer"}]


@pytest.mark.parametrize("end", ["", "\n", "\r", "\r\n"])
def test_a_header_alone_has_columns_and_no_rows(tmp_path: Path, end: str) -> None:
    manifest = read(tmp_path, f" File Name ;Titel{end}")
    assert (manifest.rows, manifest.columns) == ((), {"filename": "File Name", "title": "Titel"})
    assert reasons(manifest) == {"metadata.csv": "there is no row below its headers: is it the right file?"}


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.tsv", "metadata.jsonl"])
def test_an_empty_file_has_no_rows(tmp_path: Path, name: str) -> None:
    manifest = read(tmp_path, b"", name)
    assert (manifest.rows, manifest.columns) == ((), {})
    assert reasons(manifest) == {name: "there is nothing in it: is it the right file?"}


@pytest.mark.parametrize("content", [b"PK\x03\x04\0\0", "id,title\n1,a\n".encode("utf-16-le"), bytes(range(256))])
def test_a_binary_file_is_bad_input(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadInput, match="is no text file: give a CSV, TSV or JSONL"):
        read(tmp_path, content)


def test_a_folder_and_a_missing_file_are_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Is a directory"):
        read_manifest(tmp_path)
    with pytest.raises(BadInput, match=r"none\.csv: No such file"):
        read_manifest(tmp_path / "none.csv")


def test_bad_lines_of_a_jsonl_are_refused_and_the_others_read(tmp_path: Path) -> None:
    deep = "[" * 100_000
    lines = ['{"id": 1, "title": "a"}', "{broken", "", "[1, 2]", '"text"', deep, '{"id": "2"}']
    manifest = read(tmp_path, "\n".join(lines), "metadata.jsonl")
    assert fields(manifest) == [{"id": "1", "title": "a"}, {"id": "2"}]
    assert [row.number for row in manifest.rows] == [1, 7]
    assert list(reasons(manifest)) == [f"metadata.jsonl:{line}" for line in (2, 4, 5, 6)]


def test_a_json_list_is_read_item_by_item(tmp_path: Path) -> None:
    manifest = read(tmp_path, '[\n {"id": "1"},\n 7,\n {"id": "2", "tags": ["a", {"b": 1}]}\n]', "metadata.json")
    assert fields(manifest) == [{"id": "1"}, {"id": "2"}]
    assert manifest.rows[1].extra == {"tags": '["a", {"b": 1}]'}
    assert reasons(manifest) == {"metadata.json:2": "no JSON object"}


def test_a_json_text_with_half_a_character_can_still_be_stored(tmp_path: Path) -> None:
    manifest = read(tmp_path, '{"id": "a\\ud800", "x\\udfff": "\\ud83d\\ude00"}', "metadata.jsonl")
    ((key, value),) = manifest.rows[0].extra.items()
    assert value == "😀"
    assert (fields(manifest)[0]["id"] + key).encode()


def test_a_named_column_is_read_as_that_field(tmp_path: Path) -> None:
    manifest = read(tmp_path, "id,Titel_DE,Title\n1,Meer,Sea\n", title="Titel_DE")
    assert fields(manifest) == [{"id": "1", "title": "Meer"}]
    assert manifest.rows[0].extra == {"Title": "Sea"}


def test_a_column_or_field_that_is_not_there_is_bad_input_with_choices(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no column 'Titel'; is it Titel_DE\?"):
        read(tmp_path, "id,Titel_DE\n1,Meer\n", title="Titel")
    with pytest.raises(BadInput, match="no field 'titel'; there are filename, image, id, title, artist"):
        read(tmp_path, "id,Titel_DE\n1,Meer\n", titel="Titel_DE")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
HEADERS = st.one_of(
    st.sampled_from([*FIELDS, "Titel", "column 1", "title 2", ""]), st.text(string.printable, max_size=6)
)


@given(st.integers(2, 6).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=5)))
def test_every_cell_of_a_csv_lands_in_a_field_or_in_extra(rows: list[list[str]]) -> None:
    header = [f"h{n}" for n in range(len(rows[0]) - 1)] + ["title"]
    assert landed(header, rows) == [filled(row) for row in rows if filled(row)]


@given(st.lists(HEADERS, min_size=2, max_size=6).filter(lambda names: any(name.strip() for name in names)))
def test_no_header_however_odd_loses_a_cell(header: list[str]) -> None:
    row = [f"cell {n}" for n in range(len(header))]
    assert landed(header, [row]) == [sorted(row)]


def landed(header: list[str], rows: list[list[str]]) -> list[list[str]]:
    """Write a CSV, read it and return all texts of each row."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    with tempfile.TemporaryDirectory() as folder:
        manifest = read(Path(folder), text.getvalue())
    assert not [problem for problem in manifest.problems if problem.kind == "refused"]
    return [sorted([*row.fields.values(), *row.extra.values()]) for row in manifest.rows]


def filled(row: list[str]) -> list[str]:
    return sorted(cell.strip() for cell in row if cell.strip())


LEAVES = st.one_of(st.integers(), st.booleans(), st.text("abcé漢 ", max_size=12))
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("name"), inner), max_leaves=4
)


@given(st.dictionaries(st.sampled_from([*FIELDS, "x", "y", "Titel"]), JSON, min_size=1))
def test_every_value_of_a_jsonl_lands_in_a_field_or_in_extra(record: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = read(Path(folder), json.dumps(record) + "\n", "metadata.jsonl")
    (row,) = manifest.rows
    assert words(list(record.values())) <= words([list(row.fields.values()), list(row.extra.values())])


def words(value: Any) -> Counter[str]:
    return Counter(re.findall(r"\w+", json.dumps(value, ensure_ascii=False)))


def titled(manifest: Manifest, key: str) -> dict[str, Any]:
    return next(dict(row.fields) for row in manifest.rows if row.fields["id"] == key)


MET = "id title artist year year_from year_to medium collection object_id page_url rights credit"
TATE = "image id title artist year credit"
CMOA = "image id title artist year year_from year_to medium collection page_url credit"


@pytest.mark.parametrize(
    ("name", "rows", "encoding", "form", "columns"),
    [
        (
            "moma_Artworks.csv",
            450,
            "utf-8",
            "comma",
            "image id title artist year medium collection object_id page_url credit",
        ),
        ("met_MetObjects_semicolon_cp1252.csv", 450, "cp1252", "semicolon", MET),
        ("tate_artwork_data_2013.csv", 500, "utf-8", "comma", TATE),
        ("tate_opendatasoft_semicolon.csv", 4, "utf-8", "semicolon", f"{TATE} medium page_url rights"),
        ("cmoa_records.jsonl", 239, "utf-8", "jsonl", CMOA),
        ("WikiArt-Emotions-All.header-only.tsv", 0, "utf-8", "tab", "id title artist year style"),
        ("WikiArt-info.header-only.tsv", 0, "utf-8", "tab", "image id title artist year page_url"),
    ],
)
def test_a_real_metadata_file_is_understood(
    samples: Path, name: str, rows: int, encoding: str, form: str, columns: str
) -> None:
    manifest = read_manifest(samples / name)
    assert (len(manifest.rows), manifest.encoding, manifest.format) == (rows, encoding, form)
    assert set(manifest.columns) == set(columns.split())
    assert [problem.reason for problem in manifest.problems if rows] == []


def test_a_row_of_each_real_file_says_what_the_file_says(samples: Path) -> None:
    moma = titled(read_manifest(samples / "moma_Artworks.csv"), "1268.2000.a-h")
    assert (moma["artist"], moma["year"], moma["medium"][:22]) == ("Cedric Price", "1978-80", ".a: ink on paper mount")
    assert titled(read_manifest(samples / "met_MetObjects_semicolon_cp1252.csv"), "83.2.172") == {
        "id": "83.2.172",
        "title": "Bus",
        "artist": "Jean Martin Renaud",
        "year": "1800–1883",  # noqa: RUF001
        "year_from": "1800",
        "year_to": "1883",
        "medium": "Bronze",
        "collection": "The American Wing",
        "object_id": "479",
        "page_url": "http://www.metmuseum.org/art/collection/search/479",
        "credit": "Gift of William H. Huntington, 1883",
    }
    tate = titled(read_manifest(samples / "tate_artwork_data_2013.csv"), "2256")
    assert (tate["artist"], tate["image"][-13:]) == (["Clarke Hall, Lady Edna"], "/A01071_8.jpg")
    today = titled(read_manifest(samples / "tate_opendatasoft_semicolon.csv"), "20618")
    assert (today["title"], today["rights"]) == ("Interior", "© ARS, NY and DACS, London 2014")
    cmoa = titled(read_manifest(samples / "cmoa_records.jsonl"), "cmoa:things/d991a806-7b8d-4497-aa88-18267534d9e5")
    assert (cmoa["artist"], cmoa["title"], cmoa["year"]) == (["George Biddle"], "Three Nudes", "1926")
