"""Rules find what they are about, however a column is called, and say where they found nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from loaders.artworks import artwork_of
from loaders.manifest import open_manifest
from loaders.naming import own_key
from loaders.rights import Obeying
from service.cli.main import main
from stores.artwork import Artwork
from tests.rightful import draw_rightful, made, rules

CC = "https://creativecommons.org"
RS = "http://rightsstatements.org/vocab"


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"rights": f"{RS}/InC/1.0/"}, 'rights = ["*InC*"]'),
        ({"rights_uri": f"{RS}/InC/1.0/"}, 'rights = "*InC*"'),
        ({"rights": f"{RS}/InC/1.0/"}, 'rights_uri = "*/InC/*"'),
        ({"rights_uri": f"{RS}/InC/1.0/"}, 'rights = "In Copyright"'),
        ({"License": "http://creativecommons.org/licenses/by-nc/4.0/deed.fr"}, 'License = "*by-nc*"'),
        ({"License": "http://creativecommons.org/licenses/by-nc/4.0/deed.fr"}, 'License = "*deed.fr"'),
        ({"License": "http://creativecommons.org/licenses/by-nc/4.0/deed.fr"}, 'rights = "CC BY-NC*"'),
        ({"rights": "Ask us", "rights_uri": f"{CC}/licenses/by-nc/4.0/"}, 'rights_text = "ask*"'),
        ({"year": "1889", "year_from": "1888"}, 'year_from = "18*"'),
        ({"year": "c. 1889"}, 'Date = "c.*"'),
        ({"filename": "a.jpg", "id": "7"}, 'filename = "*.jpg"'),
        ({"artist": "Degas; Mary Cassatt"}, 'artists = "*Cassatt"'),
        ({"title": "x"}, 'Department = ""'),
    ],
)
def test_a_rule_looks_at_all_that_a_field_says(tmp_path: Path, fields: dict[str, str], rule: str) -> None:
    assert rules(tmp_path, f'[[rule]]\n{rule}\ndisplay = "none"').obey(made(**fields)).display == "none"


def first_of(table: Path, columns: dict[str, str], preset: str, rule: str) -> tuple[Artwork, list[str]]:
    """The first artwork of a table as a rule lets it be shown, and the notices of a load of it alone."""
    manifest = open_manifest([table], columns, preset)
    obeying = Obeying(rules(table.parent, f'[[rule]]\n{rule}\ndisplay = "none"'), manifest)
    row = next(iter(manifest))
    artwork = obeying.obey(artwork_of(row, "s", own_key(row), lambda _: None))
    return artwork, [f"{one.name}: {one.reason}" for one in obeying.notices()]


MET = (
    "Object Number,Object ID,Title,Is Public Domain,Department,Artist Display Name,Object Date\n"
    "93.1,436535,Wheat Field,False,European Paintings,Ann,1889\n"
)
MOMA = "Title,Artist,ConstituentID,ObjectID,Date\nHead,Ann,5,77,1901\n"


@pytest.mark.parametrize(
    ("text", "columns", "preset", "rule"),
    [
        ("id,Titel_DE\nk1,Kopf einer Frau\n", {"title": "Titel_DE"}, "", 'Titel_DE = "Kopf*"'),
        (MET, {}, "met", '"Object ID" = "4365*"'),
        (MET, {}, "met", 'Artist_display_name = "ann"'),
        (MOMA, {}, "moma", 'ObjectID = "77"'),
        ("id,Beginn\nk1,1901\n", {"year_from": "Beginn"}, "", 'Beginn = "19*"'),
    ],
)
def test_a_rule_finds_a_column_by_the_header_that_the_table_has(
    tmp_path: Path, text: str, columns: dict[str, str], preset: str, rule: str
) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    artwork, notices = first_of(tmp_path / "t.csv", columns, preset, rule)
    assert (artwork.display, notices) == ("none", [])


def test_a_rule_that_fits_nothing_is_told_with_its_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(MET, encoding="utf-8")
    artwork, notices = first_of(tmp_path / "t.csv", {}, "", 'Deparment = ["European*", "Ägypten"]')
    assert artwork.display == "full"
    told = 'rules.toml: rule 1: Deparment = ["European*", "Ägypten"]: no column is called '
    told += "'Deparment'; is it 'Department'?"
    assert notices == [told]
    _, notices = first_of(tmp_path / "t.csv", {}, "", 'Department = "Egypt*"')
    assert notices == ['rules.toml: rule 1: Department = "Egypt*": it fits no artwork of this load']


def test_the_report_of_a_load_has_the_rules_that_fit_nothing(tmp_path: Path) -> None:
    folder = draw_rightful(tmp_path / "gallery")
    path = tmp_path / "r.toml"
    text = '[[rule]]\n{}\ndisplay = "none"\n'
    path.write_text(
        "".join(text.format(one) for one in ('rights = "©*"', 'Wall = "x"', 'title = "?"')), encoding="utf-8"
    )
    words = ["load", str(folder), "--home", str(tmp_path / "home"), "--limit", "9", "--rights-rules", str(path)]
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    notices = [f"{one['name']}: {one['reason']}" for one in json.loads(done.stdout)["notices"]]
    assert notices == [
        "r.toml: rule 2: Wall = \"x\": no column is called 'Wall'",
        'r.toml: rule 3: title = "?": it fits no artwork of this load',
    ]
    assert "noticed: r.toml: rule 2" in CliRunner().invoke(main, words).output


@pytest.mark.parametrize("how", [[], ["--dry-run"]])
def test_a_load_says_how_many_are_shown_small_not_at_all_or_behind_an_advisory(tmp_path: Path, how: list[str]) -> None:
    folder, path = draw_rightful(tmp_path / "gallery"), tmp_path / "r.toml"
    words = ["load", str(folder), "--home", str(tmp_path / "home"), *how]
    assert "of rights: 4 shown small, 4 not shown, 5 with an advisory" in CliRunner().invoke(main, words).output
    path.write_text('[[rule]]\ntitle = "*"\ndisplay = "none"\n', encoding="utf-8")
    told = CliRunner().invoke(main, [*words, "--rights-rules", str(path)]).output
    assert "of rights: 34 not shown, 5 with an advisory" in told


def test_a_licence_that_its_text_contradicts_is_none_that_is_known(tmp_path: Path) -> None:
    cautious = rules(tmp_path, 'unknown = "none"')
    contradicted = made(rights_uri=f"{CC}/publicdomain/zero/1.0/", rights="© Estate. Permission required")
    assert cautious.obey(contradicted).display == "none"
    assert cautious.obey(made(rights="Possibly public domain")).display == "none"
    assert cautious.obey(made(rights="CC BY 4.0")).display == "full"
