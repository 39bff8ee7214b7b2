"""axe-core finds nothing in any state of the page, light and dark."""

import base64
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from tests.visits.visitor import Visitor, another_path, ids

RULES = {"resultTypes": ["violations"]}


def first(page: Page) -> None:
    """The page as it opens."""
    assert ids(page)


def offers(page: Page) -> None:
    page.get_by_role("combobox", name="To").fill("in")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def offers_nothing(page: Page) -> None:
    page.get_by_role("combobox", name="To").fill("qqqqq")
    expect(page.get_by_text("Nothing found").first).to_be_visible()


def dialog(page: Page) -> None:
    page.locator("#strip a.open").nth(1).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def why(page: Page) -> None:
    page.locator("#step-1").click()
    expect(page.locator("#why-1")).to_be_visible()


def refused(page: Page) -> None:
    page.get_by_role("combobox", name="To").fill("borowed brik cadenze")
    with another_path(page):
        page.keyboard.press("Enter")


def taken_back(page: Page) -> None:
    page.get_by_label("From year").fill("1700")
    page.get_by_label("To year").fill("1701")
    with another_path(page):
        page.keyboard.press("Enter")


def steered(page: Page) -> None:
    page.get_by_role("slider").focus()
    with another_path(page):
        page.keyboard.press("ArrowRight")
    for summary in page.locator("details > summary").all():
        summary.click()


def alternatives(page: Page) -> None:
    with another_path(page):
        page.get_by_label("Show other ways beside this one").check()


def the_map(page: Page) -> None:
    page.get_by_role("button", name="Show the map of all artworks").click()
    page.get_by_text("Artworks in view").click()
    expect(page.locator("#map-list li").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def own_picture(page: Page) -> None:
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC"
    data: FilePayload = {"name": "a.png", "mimeType": "image/png", "buffer": base64.b64decode(dot)}
    with another_path(page):
        page.locator("#from-image").set_input_files(data)


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "first": (Visitor.PATH, first),
    "list open": (Visitor.PATH, offers),
    "nothing found": (Visitor.PATH, offers_nothing),
    "dialog": (Visitor.PATH, dialog),
    "why": (Visitor.PATH, why),
    "refused": (Visitor.PATH, refused),
    "nothing left": (Visitor.PATH, taken_back),
    "steered": (f"{Visitor.PATH}&via=key:waves-0001.jpg&avoid=key:stars-0001.jpg", steered),
    "alternatives": (Visitor.PATH, alternatives),
    "map": (Visitor.PATH, the_map),
    "own picture": (Visitor.PATH, own_picture),
    "embedded": (f"/embed{Visitor.PATH[1:]}", first),
    "artwork alone": ("/artwork/key:waves-0001.jpg", lambda _: None),
}


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """What the visitor's system prefers."""
    return str(request.param)


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(state: str, scheme: str, visitor: Visitor) -> None:
    place, act = STATES[state]
    visitor.expect("status of 4", "/parts/path")
    page = visitor.open(place, color_scheme=scheme, reduced_motion="reduce")
    act(page)
    found = Axe().run(page, options=RULES)
    assert not found.response["violations"], found.generate_report()


def test_axe_finds_what_is_wrong(page: Page) -> None:
    """The check itself can fail."""
    page.locator("#strip img").first.evaluate("image => image.removeAttribute('alt')")
    assert [one["id"] for one in Axe().run(page, options=RULES).response["violations"]] == ["image-alt", "link-name"]


def test_axe_finds_nothing_on_a_phone(visitor: Visitor) -> None:
    page = visitor.open(visitor.PATH, viewport={"width": 360, "height": 740}, has_touch=True)
    found = Axe().run(page, options=RULES)
    assert not found.response["violations"], found.generate_report()
