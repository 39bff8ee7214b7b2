"""The map: panned, zoomed, clicked, listed, with the path on it."""

import pytest
from playwright.sync_api import Locator, Page, Position, expect

from tests.serving import Served
from tests.visits.visitor import Visitor, another_path, ids

DIFFERENT = """canvas => { const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0; for (let at = 0; at < pixels.length; at += 1) sum = (sum * 31 + pixels[at]) >>> 0; return sum; }"""


@pytest.fixture
def canvas(page: Page) -> Locator:
    """The map, opened, with its pictures there."""
    page.get_by_role("button", name="Show the map of all artworks").click()
    found = page.locator("#map-canvas")
    found.scroll_into_view_if_needed()
    settled(found)
    return found


def settled(canvas: Locator) -> int:
    """Wait until no more pictures arrive on the map, and return a digest of its pixels."""
    page, before = canvas.page, -1
    while (now := int(canvas.evaluate(DIFFERENT))) != before:
        before = now
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
    return now


def test_the_map_can_be_shown_and_hidden(page: Page, canvas: Locator) -> None:
    button = page.get_by_role("button", name="Hide the map")
    expect(button).to_have_attribute("aria-expanded", "true")
    assert canvas.get_attribute("aria-label")
    button.click()
    expect(canvas).to_be_hidden()
    page.get_by_role("button", name="Show the map of all artworks").click()
    expect(canvas).to_be_visible()


def test_buttons_and_keys_move_the_map_and_come_back(page: Page, canvas: Locator) -> None:
    whole = settled(canvas)
    for there, back in (("Zoom in", "Show all"), ("Move left", "Move right"), ("Move up", "Move down")):
        page.get_by_role("button", name=there, exact=True).click()
        assert settled(canvas) != whole, there
        page.get_by_role("button", name=back, exact=True).click()
        assert settled(canvas) == whole, back
    page.get_by_role("button", name="Show the path").click()
    assert settled(canvas) != whole
    canvas.focus()
    page.keyboard.press("0")
    assert settled(canvas) == whole
    for there, back in (("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown"), ("+", "0")):
        page.keyboard.press(there)
        assert settled(canvas) != whole, there
        page.keyboard.press(back)
        assert settled(canvas) == whole, back


def test_the_pointer_drags_the_map_and_the_wheel_zooms_it(page: Page, canvas: Locator) -> None:
    whole = settled(canvas)
    box = canvas.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 120, middle[1] + 40, steps=4)
    page.mouse.up()
    moved = settled(canvas)
    assert moved != whole
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.mouse.wheel(0, -200)
    assert settled(canvas) != moved


def test_the_wheel_scrolls_past_a_map_that_nobody_works_with(page: Page, canvas: Locator) -> None:
    whole = settled(canvas)
    page.locator("h1").first.evaluate("heading => heading.focus({ preventScroll: true })")
    canvas.hover()
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") < before
    canvas.hover(position={"x": 2, "y": 2})
    assert settled(canvas) == whole


def test_a_point_says_its_title_and_opens_its_artwork_from_which_a_path_can_begin(
    page: Page, canvas: Locator, site: Served
) -> None:
    sent = site.ask("/api/v1/map")
    last = ids(page)[-1]
    row = next(row for row, one in enumerate(sent["ids"]) if one not in ids(page))
    box = canvas.bounding_box()
    assert box
    side = min(box["width"], box["height"]) / 1.08
    at: Position = {
        "x": (sent["x"][row] / sent["side"] - 0.5) * side + box["width"] / 2,
        "y": (sent["y"][row] / sent["side"] - 0.5) * side + box["height"] / 2,
    }
    title = site.ask(f"/api/v1/artworks/{sent['ids'][row]}")["title"]
    canvas.hover(position=at)
    expect(page.locator(".tip")).to_contain_text(title)
    canvas.click(position=at)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", level=1)).to_have_text(title)
    before = settled(canvas)
    with another_path(page):
        dialog.get_by_role("link", name="Begin here").click()
    assert (ids(page)[0], ids(page)[-1]) == (sent["ids"][row], last)
    assert settled(canvas) != before, "the new path is on the map"


def test_a_list_says_what_is_in_view(page: Page, canvas: Locator) -> None:
    page.get_by_text("Artworks in view").click()
    entries = page.locator("#map-list li")
    expect(entries).to_have_count(30)
    canvas.focus()
    for _ in range(9):
        page.keyboard.press("+")
    expect(entries).not_to_have_count(30)
    title = entries.first.inner_text()
    assert ", " in title
    entries.first.get_by_role("button").click()
    expect(page.get_by_role("dialog").get_by_role("heading", level=1)).to_contain_text(title.split(", ")[0])


def test_a_map_that_did_not_arrive_is_asked_for_again(visitor: Visitor) -> None:
    page = visitor.open(visitor.PATH)
    visitor.expect("ERR_FAILED", "/api/v1/map")
    page.route("**/api/v1/map", lambda route: route.abort())
    page.get_by_role("button", name="Show the map of all artworks").click()
    expect(page.locator("#map-place")).to_have_text("There is no map yet.")
    page.unroute("**/api/v1/map")
    page.get_by_role("button", name="Hide the map").click()
    page.get_by_role("button", name="Show the map of all artworks").click()
    expect(page.locator("#map-canvas")).to_be_visible()
