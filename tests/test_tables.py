"""Tables as nobody wants them: damaged, mixed, endless; what can be read is, and the rest is named with its row."""

import csv
import itertools
import json
import tracemalloc
from pathlib import Path

import pytest

from loaders.collection import Reading, survey
from loaders.manifest import open_manifest, read_manifest
from loaders.previews import preview
from loaders.request import LoadRequest
from stores.errors import BadInput
from tests.benchmarks_tables import HEADERS, made_rows, write_table


def table(tmp_path: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def ids(path: Path) -> list[str]:
    return [str(row.fields["id"]) for row in read_manifest(path).rows]


def told(path: Path) -> list[tuple[str, str, str]]:
    return [(problem.name, problem.reason, problem.kind) for problem in read_manifest(path).problems]


ODD = "a byte that is no UTF-8, read as Windows-1252"


def test_one_bad_byte_makes_no_other_encoding_of_a_whole_file(tmp_path: Path) -> None:
    path = table(tmp_path, "id,title\n1,Été\n2,Dürer\n".encode() + b"3,caf\xe9\n4,plain\n")
    manifest = read_manifest(path)
    assert manifest.encoding == "utf-8"
    assert [row.fields["title"] for row in manifest.rows] == ["Été", "Dürer", "café", "plain"]
    assert told(path) == [("table.csv:4", ODD, "notice")]


def test_a_bad_byte_in_a_record_of_several_lines_is_noticed_at_its_first(tmp_path: Path) -> None:
    path = table(tmp_path, 'id,title\n1,"Été\nété"\n2,"a\nb'.encode() + b'\x81\xe9"\n')
    assert told(path) == [("table.csv:4", ODD, "notice")]
    assert read_manifest(path).rows[1].fields["title"] == "a\nb\x81é"


def test_a_bad_byte_in_json_is_noticed_too(tmp_path: Path) -> None:
    path = table(tmp_path, '{"id": "1", "title": "é"}\n{"id": "2", "title": "'.encode() + b'\xe9"}\n', "a.jsonl")
    assert [row.fields["title"] for row in read_manifest(path).rows] == ["é", "é"]
    assert told(path) == [("a.jsonl:2", ODD, "notice")]


def test_a_file_of_windows_stays_one(tmp_path: Path) -> None:
    path = table(tmp_path, "id;title\n1;Été\n2;Dürer\n".encode("cp1252"))
    assert (read_manifest(path).encoding, told(path)) == ("cp1252", [])


def test_everything_that_can_be_wrong_with_a_table_is_reported_with_its_row_and_the_rest_is_read(
    tmp_path: Path,
) -> None:
    lines = [
        "\ufeffid;title",
        '1;"a ""wild"" sea"',
        '2;"two',
        'lines"',
        "3",
        "4;b;c",
        "",
        '5;"open',
        "6;Été",
        "7;caf",
        "8;end",
    ]
    data = "\r\n".join(lines).encode().replace(b"caf", b"caf\xe9")
    path = table(tmp_path, data)
    assert ids(path) == ["1", "2", "6", "7", "8"]
    assert told(path) == [
        ("table.csv:5", "1 cells where the header has 2", "refused"),
        ("table.csv:6", "3 cells where the header has 2", "refused"),
        ("table.csv:8", "a quote is opened and never closed", "refused"),
        ("table.csv:10", ODD, "notice"),
    ]


def test_a_quote_that_is_never_closed_costs_one_row_of_a_long_table(tmp_path: Path) -> None:
    rows = [f"{number},{'x' * 50}" for number in range(60_000)]
    rows[17] = '17,"opened'
    path = table(tmp_path, "id,title\n" + "\n".join(rows) + "\n")
    assert len(read_manifest(path).rows) == 59_999
    assert told(path) == [("table.csv:19", "a quote is opened and never closed", "refused")]


def test_a_quote_that_closes_many_rows_later_takes_none_of_them_along(tmp_path: Path) -> None:
    rows = [f"{number},{number}" for number in range(1000)]
    rows[10], rows[900] = '10,"Untitled', '900,"fine"'
    path = table(tmp_path, "id,title\n" + "\n".join(rows) + "\n")
    assert len(read_manifest(path).rows) == 999
    assert told(path) == [("table.csv:12", "a quote is opened and never closed", "refused")]


def test_a_long_json_list_on_one_line_is_read_item_by_item(tmp_path: Path) -> None:
    items = [{"id": str(number), "title": "é" * 400} for number in range(4000)]
    path = table(tmp_path, json.dumps(items, ensure_ascii=False), "a.json")
    assert path.stat().st_size > 3_000_000
    assert ids(path) == [str(number) for number in range(4000)]
    assert told(path) == []


def test_a_json_list_that_breaks_off_keeps_what_stands_before(tmp_path: Path) -> None:
    path = table(tmp_path, '[{"id": "1"}, {"id": "2"}, {"id": "3", "ti', "a.json")
    assert ids(path) == ["1", "2"]
    assert told(path) == [
        ("a.json:3", """no JSON: '{"id": "3", "ti'; items from here on are missing""", "refused"),
    ]


def test_a_jsonl_whose_first_line_is_a_list_is_no_list(tmp_path: Path) -> None:
    path = table(tmp_path, '[1, 2]\n{"id": "1"}\n', "a.jsonl")
    assert (ids(path), told(path)) == (["1"], [("a.jsonl:1", "no JSON object", "refused")])


def test_an_empty_table_has_no_rows_and_says_so(tmp_path: Path) -> None:
    for name, content in (("a.csv", ""), ("b.csv", "id,title\n"), ("c.json", "[]"), ("d.jsonl", "")):
        seen = preview(LoadRequest(None, "museum", metadata=table(tmp_path, content, name)))
        assert (seen.rows, seen.first, seen.problems) == (0, [], [])
        assert next(seen.lines()) == "dry run of a table alone: 0 of 0 rows understood, 0 refused"


def test_names_that_are_turned_round_in_most_rows_are_never_parted_at_a_comma(tmp_path: Path) -> None:
    text = 'id,artist\n1,"Rot, Ada"\n2,"Hall Clarke, Edna May"\n3,"Rot, Ida; Brun, Eva"\n'
    rows = read_manifest(table(tmp_path, text)).rows
    assert [row.fields["artist"] for row in rows] == [
        ["Rot, Ada"],
        ["Hall Clarke, Edna May"],
        ["Rot, Ida", "Brun, Eva"],
    ]
    forward = 'id,artist\n1,Ada Rot\n2,"Edna May Hall, Ida Rot"\n'
    assert read_manifest(table(tmp_path, forward)).rows[1].fields["artist"] == "Edna May Hall, Ida Rot"


def test_several_tables_need_a_preset(tmp_path: Path) -> None:
    path = table(tmp_path, "id\n1\n")
    with pytest.raises(BadInput, match="2 metadata files: a --preset says how several are joined"):
        open_manifest([path, path])


def test_a_table_of_people_is_refused_unless_it_says_what_a_picture_is(tmp_path: Path) -> None:
    path = table(tmp_path, "id,name,Date of Birth\n1,Ada,1850\n")
    with pytest.raises(BadInput, match=r"a table of people \(Date of Birth\) and not of artworks"):
        read_manifest(path)
    assert len(read_manifest(path, {"title": "name"}).rows) == 1
    assert len(read_manifest(table(tmp_path, "id,title,birth_date\n1,Sea,1850\n")).rows) == 1


def test_a_table_alone_is_shown_as_it_would_be(tmp_path: Path) -> None:
    text = "id,title,artist,date,image\n1,<i>Sea</i>,Ada Rot,c. 1889,https://m.org/1.jpg\n1,Again,,,\n,Nameless,,,\n3,,,,\n4\n"
    seen = preview(LoadRequest(None, "museum", metadata=table(tmp_path, text)))
    assert (seen.rows, seen.understood, seen.refused) == (5, 2, 3)
    assert (seen.titled, seen.attributed, seen.dated, seen.addressed) == (1, 1, 1, 1)
    assert [(one.key, one.title, one.year_from) for one in seen.first] == [("1", "Sea", 1889), ("3", "", None)]
    assert [(problem.name, problem.reason, problem.kind) for problem in seen.problems] == [
        ("table.csv:6", "1 cells where the header has 5", "refused"),
        ("1", "row 3 repeats 1", "refused"),
        ("table.csv:4", "row 4 names no picture", "refused"),
        ("3", "row 5 has no title, no artist and no date", "notice"),
    ]
    lines = list(seen.lines())
    assert "  1: Sea" in lines
    assert "    Ada Rot, c. 1889 = 1889" in lines
    assert "refused: 1: row 3 repeats 1" in lines
    assert seen.to_json()["first"][0]["metadata"]["title_as_written"] == "<i>Sea</i>"


def test_a_made_table_of_the_met_is_understood_whole_with_and_without_its_preset(tmp_path: Path) -> None:
    path = tmp_path / "MetObjects.csv"
    write_table(path, 500)
    for preset in ("met", ""):
        seen = preview(LoadRequest(None, "met", metadata=path, preset=preset))
        assert (seen.understood, seen.refused) == (500, 0)
        assert seen.columns["title"] == "Title"
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [list(HEADERS), *made_rows(500)]


def test_rows_are_read_in_memory_that_does_not_grow_with_them(tmp_path: Path) -> None:
    def most(count: int) -> int:
        path = tmp_path / f"{count}.csv"
        write_table(path, count)
        read = sum(1 for _ in open_manifest([path], preset="met"))  # what is cached is cached by now
        tracemalloc.start()
        try:
            assert sum(1 for _ in open_manifest([path], preset="met")) == read == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = most(500), most(5000)
    assert large < small + 200_000
    assert large < 5_000_000


def test_rows_without_a_picture_are_named_up_to_a_number_and_counted_beyond(tmp_path: Path) -> None:
    (tmp_path / "12.jpg").touch()
    table(tmp_path, "id,title\n" + "".join(f"{number},Sea\n" for number in range(10_500)), "metadata.csv")
    found = survey(tmp_path, None, "museum")
    assert (found.rows, found.matched, len(found.entries)) == (10_500, 1, 1)
    assert len(found.quarantine) == 10_001
    assert found.quarantine[-1].reason == "499 more rows refused, 10,499 in all"


def test_a_folder_is_matched_with_a_presets_rows_by_their_further_names(tmp_path: Path) -> None:
    for name in ("1399.2.jpg", "3.jpg"):
        (tmp_path / name).touch()
    write_table(tmp_path / "MetObjects.csv", 5)
    numbers = [cells[0] for cells in itertools.islice(made_rows(5), 5)]
    (tmp_path / "1399.2.jpg").rename(tmp_path / f"{numbers[1]}.jpg")
    found = survey(tmp_path, None, "met", reading=Reading("met"))
    assert [(entry.artwork.key, entry.path and entry.path.name) for entry in found.entries] == [
        ("2", f"{numbers[1]}.jpg"),
        ("3", "3.jpg"),
    ]
