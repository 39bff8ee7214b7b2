"""From a row to an artwork: ids that last, artists that are people, rights that a machine can read."""

# ruff: noqa: RUF001 -- apostrophes as museums write them

import unicodedata
import uuid
from typing import Any

import pytest

from loaders.artworks import artwork_id, artwork_of, bare_artwork
from loaders.columns import Row
from loaders.manifest import Problem
from stores.artwork import Artwork

CC = "https://creativecommons.org"


def made(extra: dict[str, str] | None = None, /, **fields: Any) -> tuple[Artwork, list[Problem]]:
    """Make the artwork of a row, and what was reported of it."""
    problems: list[Problem] = []
    return artwork_of(Row(2, fields, extra or {}), "museum", "a.jpg", problems.append), problems


def test_an_id_is_a_uuid5_of_source_and_key_and_nothing_else() -> None:
    first = artwork_id("museum", "1888.12")
    assert first == "2f5be0db-cbcd-50b5-9c87-d7e52d59d625"
    assert uuid.UUID(first).version == 5
    assert len({first, artwork_id("museum", "1888.13"), artwork_id("other", "1888.12")}) == 3
    assert made(title="Sea")[0].id == made(title="Storm", year="1889")[0].id == artwork_id("museum", "a.jpg")


@pytest.mark.parametrize(
    ("cell", "artists"),
    [
        ("", ()),
        ("Vincent van Gogh", ("Vincent van Gogh",)),
        ("Blake, Robert", ("Blake, Robert",)),
        ("van Gogh, Vincent", ("van Gogh, Vincent",)),
        ("Charles Eames, Ray Eames", ("Charles Eames", "Ray Eames")),
        (
            "Jean-Luc Godard, Sinéad O’Connor, J. M. W. Turner",
            ("Jean-Luc Godard", "Sinéad O’Connor", "J. M. W. Turner"),
        ),
        ("Clarke Hall, Lady Edna", ("Clarke Hall, Lady Edna",)),
        ("Burne-Jones, Sir Edward Coley, Bt", ("Burne-Jones, Sir Edward Coley, Bt",)),
        ("Ada Rot\nIda Rot", ("Ada Rot", "Ida Rot")),
        (
            "Art & Language (Michael Baldwin, born 1945; Mel Ramsden, born 1944)",
            ("Art & Language (Michael Baldwin, born 1945; Mel Ramsden, born 1944)",),
        ),
        ("Martin Luther King, Jr.", ("Martin Luther King, Jr.",)),
        ("Blake, Robert; Blake, William", ("Blake, Robert", "Blake, William")),
        ("Rubens|Brueghel| ", ("Rubens", "Brueghel")),
        ("Rubens; Rubens", ("Rubens",)),
        ("歌川国芳", ("歌川国芳",)),
        (["Blake, Robert", "Ray Eames, Charles Eames"], ("Blake, Robert", "Ray Eames, Charles Eames")),
    ],
)
def test_a_cell_of_several_artists_is_split_and_a_name_turned_round_is_not(
    cell: str | list[str], artists: tuple[str, ...]
) -> None:
    assert made(artist=cell)[0].artists == artists


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<em>Untitled</em> (Caf&eacute;)", "Untitled (Café)"),
        ("Sea &amp;amp; Sky", "Sea & Sky"),
        ("&#8220;Sea&#8221;", "“Sea”"),
        ("One<br/>Two<p class='x'>Three</p>", "One\nTwoThree"),
    ],
)
def test_html_becomes_what_it_means_and_what_was_written_is_kept(written: str, title: str) -> None:
    artwork, _ = made(title=written)
    assert (artwork.title, artwork.metadata) == (title, {"title_as_written": written})
    assert made(artist=f"{written}; Ada Rot")[0].artists[-1] == "Ada Rot"


@pytest.mark.parametrize("title", ["I <3 you", "<untitled>", "R&D", "a < b > c", "AT&T; Bell", "Fish & Chips"])
def test_what_merely_looks_like_html_stays(title: str) -> None:
    artwork, _ = made(title=title)
    assert (artwork.title, artwork.metadata) == (title, {})


def test_addresses_and_keys_are_never_unescaped() -> None:
    artwork, _ = made(id="a&amp;b", page_url="https://museum.org/?a=1&lt=2;", image="https://museum.org/?x&copy;=1")
    assert artwork.page_url == "https://museum.org/?a=1&lt=2;"
    assert (artwork.metadata["id"], artwork.metadata["image"]) == ("a&amp;b", "https://museum.org/?x&copy;=1")


def test_a_day_in_a_column_of_years_is_kept_beside_its_year() -> None:
    artwork, _ = made(year_from="1867-10-24", year_to="1868.0")
    assert (artwork.year_from, artwork.year_to, artwork.metadata) == (1867, 1868, {"year_from": "1867-10-24"})


@pytest.mark.parametrize(
    ("rights", "uri", "text"),
    [
        ("CC0", f"{CC}/publicdomain/zero/1.0/", "CC0"),
        ("CC0 1.0 Universal", f"{CC}/publicdomain/zero/1.0/", "CC0 1.0 Universal"),
        ("Public Domain", f"{CC}/publicdomain/mark/1.0/", "Public Domain"),
        ("gemeinfrei", f"{CC}/publicdomain/mark/1.0/", "gemeinfrei"),
        ("CC BY 4.0", f"{CC}/licenses/by/4.0/", "CC BY 4.0"),
        ("cc-by-sa", "", "cc-by-sa"),
        ("CC-BY-NC-ND 3.0 (Unported)", f"{CC}/licenses/by-nc-nd/3.0/", "CC-BY-NC-ND 3.0 (Unported)"),
        ("CC BY-NC-SA 2.5", f"{CC}/licenses/by-nc-sa/2.5/", "CC BY-NC-SA 2.5"),
        ("Not in the public domain", "", "Not in the public domain"),
        ("© Estate of the artist", "", "© Estate of the artist"),
        ("http://rightsstatements.org/vocab/InC/1.0/", "http://rightsstatements.org/vocab/InC/1.0/", ""),
        ("", "", ""),
    ],
)
def test_rights_keep_their_text_and_gain_the_address_that_says_the_same(rights: str, uri: str, text: str) -> None:
    artwork, _ = made(rights=rights)
    assert (artwork.rights_uri, artwork.rights_text) == (uri, text)


def test_an_address_of_rights_that_is_given_is_taken_and_the_text_beside_it_kept() -> None:
    artwork, _ = made(rights="https://museum.org/terms", rights_uri="https://rightsstatements.org/vocab/InC/1.0/")
    assert artwork.rights_uri == "http://rightsstatements.org/vocab/InC/1.0/"
    assert artwork.rights_text == "https://museum.org/terms"


@pytest.mark.parametrize(
    ("given", "display"), [("", "full"), ("full", "full"), ("Thumb", "thumb"), ("NONE", "none"), (" full ", "full")]
)
def test_a_known_display_is_taken_without_a_word(given: str, display: str) -> None:
    artwork, problems = made(display=given)
    assert (artwork.display, problems) == (display, [])


def test_an_unknown_display_shows_nothing_and_is_reported() -> None:
    artwork, problems = made(display="small only")
    assert artwork.display == "none"
    assert problems == [Problem("a.jpg", "display 'small only' is none of full, thumb, none; not shown", "notice")]


@pytest.mark.parametrize("url", ["www.museum.org/1", "javascript:alert(1)", "ftp://museum.org/1", "/works/1"])
def test_a_page_that_is_no_web_address_is_kept_as_metadata_and_reported(url: str) -> None:
    artwork, problems = made(page_url=url)
    assert (artwork.page_url, artwork.metadata) == ("", {"page_url": url})
    assert [problem.kind for problem in problems] == ["notice"]


def test_a_web_address_is_taken_in_whatever_case() -> None:
    artwork, problems = made(page_url="HTTPS://museum.org/1")
    assert (artwork.page_url, problems) == ("HTTPS://museum.org/1", [])


@pytest.mark.parametrize(
    ("fields", "span"),
    [
        ({"year": "c. 1889"}, (1889, 1889)),
        ({"year": "c. 1889", "year_from": "1887", "year_to": "1891"}, (1887, 1891)),
        ({"year_from": "-30", "year_to": "20"}, (-30, 20)),
        ({"year_from": "1795-01-01", "year_to": "1819-01-01"}, (1795, 1819)),
        ({"year": "1889", "year_from": "1900", "year_to": "1800"}, (1889, 1889)),
        ({"year": "18th century", "year_from": "0", "year_to": "0"}, (1701, 1800)),
        ({"year": "n.d.", "year_from": "1850"}, (1850, 1850)),
        ({"year_to": "1850"}, (1850, 1850)),
        ({"year": "n.d."}, (None, None)),
    ],
)
def test_years_come_from_their_columns_where_these_make_sense_else_from_the_text(
    fields: dict[str, Any], span: tuple[int | None, int | None]
) -> None:
    artwork, _ = made(**fields)
    assert (artwork.year_from, artwork.year_to, artwork.date_text) == (*span, fields.get("year", ""))


def test_what_no_field_of_an_artwork_holds_is_kept_as_metadata() -> None:
    artwork, _ = made(
        {"Wall": "North"},
        filename="photo.jpg",
        image="https://museum.org/photo.jpg",
        id=["1", "2"],
        year="1889",
        year_from="1900",
        year_to="uncertain",
    )
    assert artwork.metadata == {
        "Wall": "North",
        "filename": "photo.jpg",
        "image": "https://museum.org/photo.jpg",
        "id": "1; 2",
        "year_from": "1900",
        "year_to": "uncertain",
    }
    assert made(filename="a.jpg", year_from="1850", year_to="1860")[0].metadata == {}


def test_accents_are_composed_and_control_characters_dropped() -> None:
    artwork, _ = made({"Ort": "Zu\u0308rich\0"}, title=unicodedata.normalize("NFD", "Été\x07"), medium="oil\non wood\r")
    assert (artwork.title, artwork.medium, artwork.metadata) == ("Été", "oil\non wood", {"Ort": "Zürich"})


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("a.jpg", "a"),
        ("sub/The_Great--Wave.JPG", "The Great Wave"),
        ("no ending", "no ending"),
        ("x.1888.tif", "x.1888"),
    ],
)
def test_a_file_without_a_row_is_titled_by_its_name(key: str, title: str) -> None:
    artwork = bare_artwork("museum", key)
    assert (artwork.title, artwork.key, artwork.id) == (title, key, artwork_id("museum", key))


@pytest.mark.parametrize(
    "rights",
    [
        "No longer in the public domain",
        "ist nicht gemeinfrei",
        "In copyright; image CC BY 4.0",
        "https://x.org and more",
    ],
)
def test_rights_that_are_denied_or_doubtful_gain_no_address(rights: str) -> None:
    artwork, _ = made(rights=rights)
    assert (artwork.rights_uri, artwork.rights_text) == ("", rights)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "see registrar", "https://x.org and more"])
def test_an_address_that_is_none_is_kept_as_metadata_and_reported(address: str) -> None:
    for name in ("rights_uri", "page_url"):
        artwork, problems = made(**{name: address})
        assert getattr(artwork, name) == ""
        assert artwork.metadata[name] == address
        assert name in problems[0].reason
