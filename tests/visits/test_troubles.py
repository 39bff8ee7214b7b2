"""What goes wrong is a sentence with a way on: unknown titles, nothing left, a service that is away for a while."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.neo4j_server import free_port
from tests.serving import serving
from tests.visits.visitor import Visitor, another_path, ids, query


def test_an_unknown_title_is_answered_with_what_may_have_been_meant(visitor: Visitor, page: Page) -> None:
    first, *_, last = ids(page)
    visitor.expect("status of 404", "/parts/path")
    page.get_by_role("combobox", name="To").fill("borowed brik cadenze")
    with another_path(page):
        page.get_by_role("button", name="Find the path").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such artwork here.")
    meant = page.get_by_role("link", name="Borrowed Brick Cadence")
    expect(page.get_by_text("Did you mean")).to_be_visible()
    with another_path(page):
        meant.click()
    assert ids(page) == [first] or (ids(page)[0], ids(page)[-1]) == (first, first)
    with another_path(page):
        page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such artwork here.")
    with another_path(page):
        page.go_back()
    assert (ids(page)[0], ids(page)[-1]) == (first, last)


def test_an_address_that_names_nothing_says_so_without_scripts_too(visitor: Visitor) -> None:
    place = "/?from=undertow%20in%20perivinkle&to=key:trees-0001.jpg"
    visitor.expect("status of 404", "/?from=undertow")
    for scripts in (True, False):
        page = visitor.open(place, java_script_enabled=scripts)
        expect(page.get_by_role("heading", level=1)).to_have_text("There is no such artwork here.")
        page.get_by_role("link", name="Last Undertow in Periwinkle").click()
        expect(page.locator("#strip figcaption b").first).to_have_text("Last Undertow in Periwinkle")


def test_where_nothing_is_left_something_can_be_taken_back(visitor: Visitor, page: Page) -> None:
    before = ids(page)
    visitor.expect("status of 4", "/parts/path")
    page.get_by_label("From year").fill("1700")
    page.get_by_label("To year").fill("1701")
    with another_path(page):
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert not ids(page)
    chips = page.locator(".chip")
    while not ids(page):
        with another_path(page):
            chips.first.click()
    assert ids(page) == before


def test_an_address_that_cannot_be_read_is_a_sentence(visitor: Visitor) -> None:
    for place in ("/?images=many", "/?ids=x", "/?from=key:stripes-0001.jpg&to=key:trees-0001.jpg&images=1"):
        visitor.expect("status of 4", place.split("=")[0])
        page = visitor.open(place)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        with another_path(page):
            page.get_by_role("link", name="Begin with another pair").click()
        assert len(ids(page)) >= 2


def test_the_page_goes_on_by_itself_when_the_service_was_away(
    own_home: Path, visitors: Callable[[str], Visitor]
) -> None:
    port = free_port()
    visitor = visitors(f"http://127.0.0.1:{port}")
    with serving(own_home, port=port):
        page = visitor.open(visitor.PATH)
        before = ids(page)
    visitor.expect("ERR_CONNECTION_REFUSED", f":{port}/")
    visitor.expect("ERR_CONNECTION_RESET", f":{port}/")
    visitor.expect("ERR_EMPTY_RESPONSE", f":{port}/")
    page.locator("#swap").click()
    notice = page.locator("#notice")
    expect(notice).to_contain_text("The server cannot be reached. This page tries again by itself.")
    assert ids(page) == before, "what was shown stays"
    page.locator("#strip a.open").first.scroll_into_view_if_needed()
    with another_path(page), serving(own_home, port=port):
        expect(page.locator("#path")).to_have_attribute("data-ids", " ".join(before[::-1]), timeout=30_000)
    expect(notice).to_be_hidden()
    assert query(page)["ids"] == [",".join(before[::-1])]
