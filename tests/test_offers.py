"""Metadata that is sent for one artwork: read as a row of a file, all that is wrong told at once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loaders.collection import survey
from loaders.offers import LONGEST_FIELD, LONGEST_KEY, LONGEST_TEXT, MOST_FIELDS, read_offer, read_patch
from stores.artwork import Artwork

FULL = Artwork(
    id="",
    key="1888.12",
    source="museum",
    content_hash="c" * 64,
    title="Waves",
    artists=("Ōno, Ken", "Sato"),
    date_text="c. 45 BC",
    year_from=-50,
    year_to=-40,
    page_url="https://example.org/1",
    rights_text="CC0",
    rights_uri="https://creativecommons.org/publicdomain/zero/1.0/",
    display="thumb",
    metadata={"room": "4", "filename": "a.jpg"},
)


def offered(**fields: Any) -> tuple[Artwork, set[str]]:
    """Read some fields; return the artwork and which fields are wrong."""
    offer = read_offer(fields, "museum", "made-key")
    return offer.artwork, {name for name, _ in offer.problems}


def patched(**patch: Any) -> tuple[Artwork, set[str]]:
    """Patch the full artwork; return it and which parts of the patch are wrong."""
    offer = read_patch(FULL, patch)
    return offer.artwork, {name for name, _ in offer.problems}


def test_fields_are_read_as_those_of_a_file(demo: Path) -> None:
    artwork, wrong = offered(Künstler="A Name; B Name", datierung="um 1500", rights="CC BY 4.0", wall="left")
    assert not wrong
    assert (artwork.artists, artwork.year_from, artwork.metadata) == (("A Name", "B Name"), 1500, {"wall": "left"})
    assert artwork.rights_uri == "https://creativecommons.org/licenses/by/4.0/"
    assert artwork.key == "made-key"
    assert offered(id="1888.12")[0].key == "1888.12"
    for entry in survey(demo, None, "artworks").entries:
        assert not read_patch(entry.artwork, {}).problems


def test_all_that_is_wrong_is_told_at_once() -> None:
    _, wrong = offered(
        id="x" * (LONGEST_KEY + 1),
        title="x" * (LONGEST_FIELD + 1),
        alt_text="x" * (LONGEST_TEXT + 1),
        display="maybe",
        page_url="a;b",
        wall="x" * (LONGEST_TEXT + 1),
    )
    assert wrong == {"id", "title", "alt_text", "display", "page_url", "wall"}
    assert offered(**{f"column {n}": "x" for n in range(MOST_FIELDS + 1)})[1] == {"metadata"}
    assert offered(id=["a", "b"])[1] == {"id"}
    assert offered(id="two\nlines")[1] == {"id"}
    assert offered(alt_text="x" * LONGEST_TEXT, title="x" * LONGEST_FIELD, id="x" * LONGEST_KEY)[1] == set()


def test_a_reason_says_nothing_of_what_a_load_would_do() -> None:
    told = dict(read_offer({"page_url": "a;b", "display": "maybe"}, "museum", "k").problems)
    assert told == {"page_url": "'a;b' is no web address", "display": "'maybe' is none of full, thumb, none"}


def test_a_patch_of_nothing_changes_nothing(demo: Path) -> None:
    same, wrong = patched()
    assert not wrong
    assert same.to_payload() == {name: v for name, v in FULL.to_payload().items() if name != "content_hash"}
    for entry in survey(demo, None, "artworks").entries:
        assert read_patch(entry.artwork, {}).artwork == entry.artwork


def test_a_patch_of_nothing_changes_nothing_real(real_data: Path) -> None:
    for entry in survey(real_data / "artworks", None, "artworks").entries:
        offer = read_patch(entry.artwork, {})
        assert (offer.artwork, offer.problems) == (entry.artwork, ())


def test_a_patch_sets_and_null_removes_by_either_name() -> None:
    artwork, wrong = patched(title=None, artists=["New"], medium="ink", room=None, wall="left", rights_text=None)
    assert not wrong
    assert (artwork.title, artwork.artists, artwork.medium, artwork.rights_text) == ("", ("New",), "ink", "")
    assert artwork.metadata == {"filename": "a.jpg", "wall": "left"}
    assert patched(metadata={"room": None, "floor": 2})[0].metadata == {"filename": "a.jpg", "floor": "2"}
    assert patched(metadata=None)[0].metadata == {}
    assert patched(metadata=None, wall="left")[0].metadata == {"wall": "left"}


def test_what_followed_from_a_field_follows_from_the_new_one() -> None:
    dated = patched(date_text="1901")[0]
    assert (dated.date_text, dated.year_from, dated.year_to) == ("1901", 1901, 1901)
    spanned = patched(date_text="old", year_from=1900, year_to=1910)[0]
    assert (spanned.date_text, spanned.year_from, spanned.year_to) == ("old", 1900, 1910)
    assert patched(rights="All rights reserved")[0].rights_uri == ""
    assert patched(title="Kept")[0].rights_uri == FULL.rights_uri
    given = replace(FULL, metadata={"rights_uri as given": "http://creativecommons.org/publicdomain/zero/1.0"})
    assert read_patch(given, {"rights": "All rights reserved"}).artwork.metadata == {}
    assert read_patch(given, {"title": "Kept"}).artwork.metadata == given.metadata
    assert (patched(title="Kept")[0].year_from, patched(title="Kept")[0].year_to) == (-50, -40)


@pytest.mark.parametrize(
    ("patch", "wrong"),
    [
        ({"id": "another"}, {"id"}),
        ({"key": "another"}, {"key"}),
        ({"images": {"thumb": {}}, "filename": "b.jpg"}, {"images", "filename"}),
        ({"metadata": "room 4"}, {"metadata"}),
        ({"metadata": [1]}, {"metadata"}),
        ({"display": "huge", "page_url": "nowhere"}, {"display", "page_url"}),
        ({"key": "1888.12", "title": "Same key"}, set()),
    ],
)
def test_what_stays_for_ever_cannot_be_patched(patch: dict[str, Any], wrong: set[str]) -> None:
    assert patched(**patch)[1] == wrong
