"""A folder and its metadata together: every row and every file ends up as an entry or as a problem."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.artworks import artwork_id
from loaders.collection import survey, survey_keys
from loaders.entries import Survey
from stores.errors import BadInput


def museum(folder: Path, *files: str, rows: str | None = None, name: str = "metadata.csv") -> Path:
    """Make a folder of (empty) pictures, with a metadata file where rows are given."""
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    if rows is not None:
        (folder / name).write_text(rows, encoding="utf-8")
    return folder


def titles(found: Survey) -> dict[str, str]:
    return {entry.artwork.key: entry.artwork.title for entry in found.entries}


def reasons(found: Survey, kind: str = "refused") -> list[tuple[str, str]]:
    return [(problem.name, problem.reason) for problem in found.quarantine if problem.kind == kind]


def test_rows_and_files_are_matched_and_the_id_column_is_the_key(tmp_path: Path) -> None:
    folder = museum(tmp_path, "a.jpg", "b/c.png", rows="id,filename,title\n7,a.jpg,Sea\n8,c.png,Storm\n")
    found = survey(folder, None, "museum")
    assert titles(found) == {"7": "Sea", "8": "Storm"}
    assert [entry.path for entry in found.entries] == [folder / "a.jpg", folder / "b" / "c.png"]
    assert (found.rows, found.matched, found.ignored, found.quarantine) == (2, 2, 1, ())


def test_without_an_id_the_file_name_is_the_key_and_ids_depend_on_nothing_else(tmp_path: Path) -> None:
    one = survey(museum(tmp_path / "one", "s/a.jpg", rows="filename,title\ns/a.jpg,Sea\n"), None, "museum")
    two = survey(museum(tmp_path / "two", "s/a.jpg", rows="title,filename\nOther,A.JPG\n"), None, "museum")
    assert [e.artwork.id for e in one.entries] == [e.artwork.id for e in two.entries]
    assert one.entries[0].artwork.id == artwork_id("museum", "s/a.jpg")


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("metadata.csv", "filename,title\na.jpg,Sea\n"),
        ("metadata.tsv", "filename\ttitle\na.jpg\tSea\n"),
        ("metadata.jsonl", '{"filename": "a.jpg", "title": "Sea"}\n'),
    ],
)
def test_metadata_beside_the_pictures_is_found_by_itself(tmp_path: Path, name: str, rows: str) -> None:
    found = survey(museum(tmp_path, "a.jpg", rows=rows, name=name), None, "museum")
    assert titles(found) == {"a.jpg": "Sea"}
    assert found.manifest is not None
    assert found.manifest.path.name == name


def test_metadata_that_is_named_is_taken_before_that_beside_the_pictures(tmp_path: Path) -> None:
    folder = museum(tmp_path, "a.jpg", rows="filename,title\na.jpg,Sea\n")
    (tmp_path / "other.csv").write_text("filename,title\na.jpg,Storm\n", encoding="utf-8")
    assert titles(survey(folder, tmp_path / "other.csv", "museum")) == {"a.jpg": "Storm"}


def test_a_folder_without_metadata_is_loaded_without_complaint(tmp_path: Path) -> None:
    found = survey(museum(tmp_path, "a_b.jpg"), None, "museum")
    assert (titles(found), found.quarantine, found.manifest) == ({"a_b.jpg": "a b"}, (), None)
    assert (found.without_alt_text, found.without_rights) == (1, 1)


def test_a_row_without_an_image_and_an_image_without_a_row_are_reported(tmp_path: Path) -> None:
    rows = "filename,title,alt_text,rights\na.jpg,Sea,A wave,CC0\ngone.jpg,Gone,,\n,Nameless,,\n"
    found = survey(museum(tmp_path, "a.jpg", "more.jpg", rows=rows), None, "museum")
    assert titles(found) == {"a.jpg": "Sea", "more.jpg": "more"}
    assert reasons(found) == [("gone.jpg", "row 3 without an image"), ("metadata.csv:4", "row 4 without an image")]
    assert reasons(found, "notice") == [("more.jpg", "image without a row; its title is its file name")]
    assert (found.rows, found.matched, found.without_alt_text, found.without_rights) == (3, 1, 1, 1)


def test_the_first_of_rows_that_repeat_a_file_or_an_id_counts(tmp_path: Path) -> None:
    rows = "id,filename,title\n1,a.jpg,Sea\n2,a.jpg,Again\n1,b.jpg,Same id\n"
    found = survey(museum(tmp_path, "a.jpg", "b.jpg", rows=rows), None, "museum")
    assert titles(found) == {"1": "Sea", "b.jpg": "b"}
    assert reasons(found) == [("a.jpg", "row 3 repeats a.jpg"), ("b.jpg", "row 4 repeats 1")]


def test_a_row_that_nearly_names_a_file_does_not_take_it_from_the_row_that_names_it(tmp_path: Path) -> None:
    rows = "filename,title\nwave.jpg,The print that was never photographed\nwave.tif,The drawing\n"
    found = survey(museum(tmp_path, "wave.tif", rows=rows), None, "museum")
    assert titles(found) == {"wave.tif": "The drawing"}
    assert reasons(found) == [("wave.jpg", "row 2 repeats wave.tif")]


def test_a_file_whose_name_is_the_id_of_another_artwork_is_reported(tmp_path: Path) -> None:
    found = survey(museum(tmp_path, "a.jpg", "b.jpg", rows="id,filename\nb.jpg,a.jpg\n"), None, "museum")
    assert [entry.path for entry in found.entries] == [tmp_path / "a.jpg"]
    assert reasons(found) == [("b.jpg", "another artwork has this file's name as its id")]


def test_rows_that_cannot_be_read_are_counted_and_reported(tmp_path: Path) -> None:
    found = survey(museum(tmp_path, "a.jpg", rows="filename,title\na.jpg,Sea\nb.jpg\n"), None, "museum")
    assert (found.rows, found.matched) == (2, 1)
    assert reasons(found) == [("metadata.csv:3", "1 cells where the header has 2")]


def test_an_address_in_a_list_names_its_file(tmp_path: Path) -> None:
    row = {"id": "cmoa:1", "images": [{"image_url": "http://[bad"}, {"image_url": "http://museum.org/x/A1.jpg?s=2"}]}
    found = survey(museum(tmp_path, "a1.jpg", rows=json.dumps(row), name="metadata.jsonl"), None, "museum")
    assert [(entry.artwork.key, entry.path) for entry in found.entries] == [("cmoa:1", tmp_path / "a1.jpg")]


def test_a_limit_takes_the_first_keys(tmp_path: Path) -> None:
    folder = museum(tmp_path, "c.jpg", "a.jpg", "b.jpg")
    assert list(titles(survey(folder, None, "museum", limit=2))) == ["a.jpg", "b.jpg"]


def test_a_folder_without_pictures_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no pictures in .* \(2 other files\)"):
        survey(museum(tmp_path, "notes.txt", rows="filename\n"), None, "museum")
    with pytest.raises(BadInput, match="does not exist"):
        survey(tmp_path / "none", None, "museum")


@pytest.mark.parametrize(
    ("rows", "name", "told"),
    [
        ("filename,title\nb.jpg,Sea\n", "metadata.csv", "no row of metadata.csv names a picture"),
        ("filename,title\na.jpg\n", "metadata.csv", "no row of metadata.csv can be read (metadata.csv:2: 1 cells"),
        (
            '{\n "filename":"a.jpg"\n}\n',
            "metadata.jsonl",
            "no row of metadata.jsonl can be read (metadata.jsonl:1: no JSON",
        ),
    ],
)
def test_a_table_that_describes_nothing_in_the_folder_is_bad_input(
    tmp_path: Path, rows: str, name: str, told: str
) -> None:
    with pytest.raises(BadInput, match=re.escape(told)):
        survey(museum(tmp_path, "a.jpg", rows=rows, name=name), None, "museum")


def test_columns_are_passed_on_and_need_a_metadata_file(tmp_path: Path) -> None:
    folder = museum(tmp_path, "a.jpg")
    with pytest.raises(BadInput, match="there is none: name it with --metadata"):
        survey(folder, None, "museum", {"title": "Name"})
    museum(tmp_path, rows="filename,Name\na.jpg,Sea\n")
    assert titles(survey(folder, None, "museum", {"title": "Name"})) == {"a.jpg": "Sea"}


def test_a_vector_gets_the_row_of_its_key(tmp_path: Path) -> None:
    museum(tmp_path, rows="id,title\n1,Sea\n1,Again\n2\n9,Gone\n")
    found = survey_keys(["1", "3"], tmp_path / "metadata.csv", "museum")
    assert titles(found) == {"1": "Sea", "3": "3"}
    assert [entry.path for entry in found.entries] == [None, None]
    assert reasons(found) == [
        ("metadata.csv:4", "1 cells where the header has 2"),
        ("1", "row 3 repeats 1"),
        ("9", "row 5 without a vector"),
    ]
    assert (found.rows, found.matched) == (4, 2)


def test_vectors_need_no_metadata_and_a_limit_holds_for_them_too() -> None:
    assert titles(survey_keys(["b.jpg", "a.jpg"], None, "museum", limit=1)) == {"a.jpg": "a"}


NAMES = st.sampled_from(
    ["a.jpg", "A.jpg", "a.png", "b/a.jpg", "b/c.tif", "c", "C.TIF", "x", "é.jpg", "e\u0301.jpg", ""]
)


@given(files=st.sets(NAMES.filter(lambda name: "." in name), min_size=1), rows=st.lists(st.tuples(NAMES, NAMES)))
def test_every_file_and_every_row_is_an_entry_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, files: set[str], rows: list[tuple[str, str]]
) -> None:
    lines = "".join(json.dumps({"id": key, "filename": name}) + "\n" for key, name in rows)
    folder = museum(tmp_path_factory.mktemp("museum"), *files, rows=lines, name="metadata.jsonl")
    if rows and not (named := surveyed(folder)):
        assert not {text for row in rows for text in row} & files, named
        return
    found = survey(folder, None, "museum")
    refused = reasons(found)
    assert len(rows) == sum(reason.startswith("row ") for _, reason in refused) + described(found)
    assert len(files) == len(found.entries) + sum(not reason.startswith("row ") for _, reason in refused)
    assert len({entry.path for entry in found.entries}) == len(found.entries)


def surveyed(folder: Path) -> bool:
    """Whether a row names a picture; the error says so where none does."""
    try:
        survey(folder, None, "museum")
    except BadInput as error:
        return "no row of metadata.jsonl names a picture" not in str(error)
    return True


def described(found: Survey) -> int:
    bare = [reason for _, reason in reasons(found, "notice") if reason.startswith("image without a row")]
    return len(found.entries) - len(bare)
