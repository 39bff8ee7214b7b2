"""Rights: what is certain becomes an address, rules say what may be shown, and what is not surely open stays out."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from loaders.pipeline import load
from loaders.progress import Progress
from loaders.report import LoadReport
from loaders.request import LoadRequest
from loaders.rights import kept_rules
from service.cli.main import main
from stores.artwork import Artwork
from stores.connect import Stores, open_stores
from stores.errors import BadInput
from stores.records import Search, Where
from stores.rights import STATEMENTS, attribution, canonical, is_decided, is_open, rights_name
from stores.settings import Settings
from tests.conftest import ROOT
from tests.rightful import draw_rightful, made, rules

CC = "https://creativecommons.org"
RS = "http://rightsstatements.org/vocab"


@pytest.mark.parametrize(
    ("uri", "wanted", "name"),
    [
        ("http://www.creativecommons.org/licenses/BY-SA/4.0/deed.de", f"{CC}/licenses/by-sa/4.0/", "CC BY-SA 4.0"),
        (f"{CC}/licenses/by/3.0/de/legalcode", f"{CC}/licenses/by/3.0/de/", "CC BY 3.0 DE"),
        (f"{CC}/publicdomain/zero/1.0", f"{CC}/publicdomain/zero/1.0/", "CC0 1.0"),
        (f"{CC}/publicdomain/mark/1.0/", f"{CC}/publicdomain/mark/1.0/", "Public Domain Mark 1.0"),
        ("https://rightsstatements.org/page/inc-edu/1.0/?language=en", f"{RS}/InC-EDU/1.0/", STATEMENTS["InC-EDU"]),
        (f"{RS}/NoSuch/1.0/", f"{RS}/NoSuch/1.0/", ""),
        (f"{CC}/licenses/by", f"{CC}/licenses/by", ""),
        ("https://museum.example/creativecommons.org/licenses/by/4.0/", None, ""),
        ("", "", ""),
    ],
)
def test_an_address_is_known_however_it_is_written(uri: str, wanted: str | None, name: str) -> None:
    assert canonical(uri) == (uri if wanted is None else wanted)
    assert rights_name(uri) == name


def test_the_original_of_an_address_that_was_put_right_is_kept() -> None:
    artwork = made(rights_uri="http://creativecommons.org/licenses/by/4.0/deed.fr", rights="CC BY")
    assert artwork.rights_uri == f"{CC}/licenses/by/4.0/"
    assert artwork.rights_text == "CC BY"
    assert artwork.metadata["rights_uri as given"].endswith("deed.fr")
    assert made(rights="http://creativecommons.org/licenses/by/4.0").metadata["rights as given"].startswith("http:")


def test_undecided_statements_are_unknown_rights() -> None:
    assert not is_open(f"{RS}/NKC/1.0/")
    assert [is_decided(f"{RS}/{code}/1.0/") for code in ("InC", "NKC", "CNE", "UND")] == [True, True, False, False]
    assert not is_decided("https://museum.example/terms")


RULES = """
unknown = "none"

[[rule]]
rights = ["*©*", "*all rights reserved*"]
display = "thumb"

[[rule]]
Department = "human REMAINS*"
advisory = "Human remains"

[[rule]]
room = "7?"
artist = "*Cassatt"
display = "full"
advisory = "Second"
"""


@pytest.mark.parametrize(
    ("fields", "display", "advisory"),
    [
        ({"rights": "(C) © X"}, "thumb", ""),
        ({"rights": "All rights RESERVED"}, "thumb", ""),
        ({"rights": "CC0", "Department": "Human Remains, Egypt"}, "full", "Human remains"),
        ({"rights": "CC0", "Department": "Human Remains", "advisory": "Own words"}, "full", "Own words"),
        ({"rights": "who knows"}, "none", ""),
        ({"rights": "Copyright Undetermined"}, "none", ""),
        ({}, "none", ""),
        ({"Room": "71", "artist": "Degas; Mary Cassatt"}, "full", "Second"),
        ({"Room": "71", "artist": "Degas"}, "none", ""),
        ({"rights": "CC0", "display": "thumb"}, "thumb", ""),
        ({"rights": "©", "display": "none"}, "none", ""),
        ({"rights": "© but", "Room": "70", "artist": "Mary Cassatt"}, "thumb", "Second"),
    ],
)
def test_the_first_rule_that_fits_decides_and_the_least_is_shown(
    tmp_path: Path, fields: dict[str, str], display: str, advisory: str
) -> None:
    shown = rules(tmp_path, RULES).obey(made(**fields))
    assert (shown.display, shown.advisory) == (display, advisory)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("unknown = 3", "unknown"),
        ('[[rule]]\ndisplay = "some"', "rule.0.display"),
        ('[[rule]]\nrights = "x"', "rule 1 needs"),
        ('[[rule]]\ndisplay = "none"', "rule 1 needs"),
        ("[[rule]]\nrights = 7", "rule"),
        ("rules = []", "rules"),
        ("=", "is no TOML"),
    ],
)
def test_a_mistake_in_the_rules_is_one_line_that_names_it(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInput) as error:
        rules(tmp_path, text)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_credit_and_rights_make_one_line() -> None:
    both = Artwork("i", "k", credit="Gift of X", rights_text="© Y")
    assert attribution(both) == "Gift of X. © Y"
    assert attribution(Artwork("i", "k", credit="Gift of X.", rights_uri=f"{CC}/licenses/by/4.0/")) == (
        "Gift of X. CC BY 4.0"
    )
    assert attribution(Artwork("i", "k", rights_uri="https://m.example/terms")) == "https://m.example/terms"
    assert attribution(Artwork("i", "k", credit="© Z", rights_text="© Z")) == "© Z"
    assert attribution(Artwork("i", "k")) == ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_rightful(tmp_path_factory.mktemp("rights") / "gallery")


def loaded(
    stores: Stores, settings: Settings, folder: Path, rights_rules: Path | None = None, **asked: bool
) -> LoadReport:
    request = LoadRequest(folder, "artworks", rights_rules=rights_rules, **asked)  # type: ignore[arg-type]
    return load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))


def held(stores: Stores) -> dict[str, Artwork]:
    return {artwork.key: artwork for artwork in stores.graph.find(Search(limit=100)).artworks}


def test_only_what_is_surely_open_is_loaded_where_that_is_asked(
    stores: Stores, settings: Settings, folder: Path
) -> None:
    report = loaded(stores, settings, folder, only_open=True)
    assert {artwork.rights_uri for artwork in held(stores).values()} == {
        f"{CC}/licenses/by/4.0/",
        f"{CC}/publicdomain/zero/1.0/",
    }
    assert (report.added, len(report.closed), report.quarantined) == (14, 20, [])
    assert "20 left out as not surely open" in next(report.lines())


def test_rules_are_kept_and_their_pictures_go_with_them(
    stores: Stores, settings: Settings, folder: Path, tmp_path: Path
) -> None:
    loaded(stores, settings, folder)
    before = held(stores)
    path = tmp_path / "r.toml"
    path.write_text('[[rule]]\nrights = "©*"\ndisplay = "none"\nadvisory = "Ask first"\n', encoding="utf-8")
    loaded(stores, settings, folder, path)
    after = held(stores)
    closed = [key for key, artwork in after.items() if artwork.rights_text.startswith("©")]
    assert len(closed) == 7
    for key in closed:
        assert (after[key].display, after[key].images) == ("none", {})
        assert not list((settings.home / "images").rglob(f"{before[key].content_hash}*"))
    assert after[closed[0]].advisory == "Ask first"
    path.unlink()
    assert loaded(stores, settings, folder, kept_rules(settings.home)).unchanged == 34


def test_artworks_are_filtered_by_their_rights(stores: Stores, settings: Settings, folder: Path) -> None:
    loaded(stores, settings, folder)
    page = stores.graph.find(Search(limit=100, facets=("rights",)))
    counts = dict(page.facets["rights"])
    assert counts == {
        "CC BY 4.0": 7,
        "CC0 1.0": 7,
        "© Estate of the artist & heirs": 7,
        "In Copyright": 7,
        "No Copyright - United States": 6,
    }
    found = stores.graph.find(Search(where=Where({"rights": ("cc0 1.0",)}), limit=100))
    assert found.total == 7
    vector = next(iter(stores.vectors.scan())).vectors[:1]
    hits = stores.vectors.nearest(np.asarray(vector), 34, Where({"rights": ("cc0 1.0",)}))
    assert sum(bool(one) for one in hits.ids[0].tolist()) == 7


def test_the_command_takes_rules_and_what_comes_later_obeys_them(folder: Path, tmp_path: Path) -> None:
    path, home = tmp_path / "r.toml", tmp_path / "home"
    path.write_text('unknown = "thumb"\n', encoding="utf-8")
    words = ["load", str(folder), "--home", str(home), "--limit", "5", "--rights-rules", str(path), "--json"]
    done = CliRunner().invoke(main, [*words, "--rights", "open"])
    assert json.loads(done.stdout)["added"] == 2, done.output
    picture = next(folder.glob("*.jpg"))
    added = CliRunner().invoke(main, ["add", str(picture), "--key", "new", "--home", str(home)])
    assert added.exit_code == 0, added.output
    with open_stores(Settings(home=home)) as stores:
        assert held(stores)["new"].display == "thumb"
        assert set(held(stores)["new"].images) == {"thumb"}


def test_rules_go_into_a_backup_and_come_back(folder: Path, tmp_path: Path) -> None:
    path, home, other = tmp_path / "r.toml", tmp_path / "home", tmp_path / "other"
    path.write_text('unknown = "thumb"\n', encoding="utf-8")
    for words in (
        ["load", str(folder), "--limit", "3", "--rights-rules", str(path), "--home", str(home)],
        ["backup", str(tmp_path / "b.tar"), "--home", str(home)],
        ["restore", str(tmp_path / "b.tar"), "--home", str(other)],
    ):
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
    assert (other / "rights.toml").read_bytes() == path.read_bytes()


def test_a_mistake_in_rules_that_are_kept_refuses_a_write_and_changes_nothing(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert CliRunner().invoke(main, ["load", str(folder), "--limit", "3", "--home", str(home)]).exit_code == 0
    (home / "rights.toml").write_text("unknown = nothing", encoding="utf-8")
    for words in (["load", str(folder)], ["add", str(next(folder.glob("*.jpg"))), "--key", "new"]):
        done = CliRunner().invoke(main, [*words, "--home", str(home)])
        assert done.exit_code != 0
        assert "rights.toml is no TOML" in done.output
    with open_stores(Settings(home=home)) as stores:
        assert len(held(stores)) == 3


def test_a_dry_run_of_a_table_alone_obeys_rights_rules_and_limit(tmp_path: Path) -> None:
    table, path = tmp_path / "t.csv", tmp_path / "r.toml"
    table.write_text(
        "id,title,rights\n1,A,In Copyright\n2,B,CC0\n3,C,In Copyright\n1,D,CC0\n4,E,CC0\n", encoding="utf-8"
    )
    path.write_text('[[rule]]\ntitle = "B"\ndisplay = "thumb"\nadvisory = "Ask"\n', encoding="utf-8")

    def said(*words: str) -> list[str]:
        done = CliRunner().invoke(main, ["load", str(table), "--dry-run", "--home", str(tmp_path / "home"), *words])
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    lines = said("--rights", "open", "--limit", "1")
    told = "1 of 1 rows understood, 0 refused, 1 left out as not surely open; the first 1 alone, by --limit"
    assert lines[0] == f"dry run of a table alone: {told}"
    assert not [line for line in lines if line.startswith("  ")]
    lines = said("--rights", "open", "--rights-rules", str(path))
    assert lines[0].endswith("4 of 5 rows understood, 1 refused, 2 left out as not surely open")
    assert lines[2].startswith("the others have a title: 2")
    assert [line for line in lines if line.startswith("  ") and line[2] != " "] == ["  2: B", "  4: E"]
    assert "advisory: Ask, display: thumb" in "\n".join(lines)
    path.write_text('[[rule]]\ntitel = "Z"\ndisplay = "none"\n', encoding="utf-8")
    assert "noticed: r.toml: rule 1" in "\n".join(said("--limit", "2", "--rights-rules", str(path)))


def test_the_example_of_the_readme_is_one(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("**Rights are obeyed.**")[2]
    example = rules(tmp_path, re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)[0])
    assert example.obey(made(rights="© X")).display == "none"
    assert example.obey(made(rights="who knows")).display == "thumb"
    assert example.obey(made(Department="Human Remains, Egypt", rights="CC0")).advisory.startswith("This picture")
