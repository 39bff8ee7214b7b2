"""For everyone: the keyboard alone, a phone, letters four times as large, less motion."""

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from tests.visits.visitor import Visitor, another_path, ids, query

if TYPE_CHECKING:
    from collections.abc import Callable

SEEN = """() => {
  const at = document.activeElement;
  const shown = [at, at.parentElement].map((one) => [getComputedStyle(one), one]);
  const box = at.getBoundingClientRect();
  return { id: at.id, tag: at.tagName, name: at.getAttribute("aria-label") || at.textContent.trim().slice(0, 60),
    outlined: shown.some(([style]) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
    inside: box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight };
}"""

SMALL = """() => [...document.querySelectorAll("a[href], button, input, select, summary, textarea, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && !one.closest("p:not(.under, .row), dd, figcaption"))
  .filter((one) => !one.matches(".skip"))
  .map((one) => one.matches("input[type=radio], input[type=checkbox], input[type=file]") ? one.closest("label") : one)
  .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([html, box]) => `${box.width} x ${box.height} ${html}`)"""

BROAD = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def stop(page: Page, key: str = "Tab") -> dict[str, Any]:
    """Press a key, and return where the focus is then; it is always seen."""
    page.keyboard.press(key)
    at = dict(page.evaluate(SEEN))
    assert at["outlined"], f"no focus is seen at {at}"
    assert at["inside"], f"the focus is out of sight at {at}"
    return at


def tab_to(page: Page, element: str, most: int = 80) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(most):
        if stop(page)["id"] == element:
            return
    pytest.fail(f"{element} is not reached by {most} times Tab")


def test_the_whole_task_is_done_by_the_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.open(visitor.PATH, permissions=["clipboard-read", "clipboard-write"])
    assert stop(page)["name"] == "To the path"
    for end, words in (("from", "undertow in peri"), ("to", "agate, almost")):
        tab_to(page, end)
        page.keyboard.type(words)
        expect(page.locator(f"#{end}-list [role=option]").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        with another_path(page):
            page.keyboard.press("Enter")
        expect(page.locator(f"#{end}")).to_be_focused()
    expect(page.locator("#strip figcaption b").first).to_have_text("Last Undertow in Periwinkle")
    expect(page.locator("#strip figcaption b").last).to_have_text("Agate, Almost Rondo")
    natural = len(ids(page))
    tab_to(page, "images")
    with another_path(page):
        page.keyboard.press("ArrowRight")
    assert len(ids(page)) == natural + 1
    page.keyboard.press("Shift+Tab")
    while "open" not in str(page.evaluate("document.activeElement.className")):
        stop(page, "Shift+Tab")
    opened = page.evaluate("document.activeElement.closest('li').dataset.id")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('li').dataset.id") == opened
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    for _ in range(30):
        if stop(page)["tag"] == "A" and page.evaluate("!!document.activeElement.closest('.neighbors')"):
            break
    before = dialog.get_by_role("heading", level=1).inner_text()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", level=1)).not_to_have_text(before)
    tab_to(page, "artwork-via")
    with another_path(page):
        page.keyboard.press("Enter")
    assert query(page)["via"][0] in ids(page)
    tab_to(page, "copy")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Copied")
    assert ids(visitor.open(page.evaluate("navigator.clipboard.readText()"))) == ids(page)


def test_why_this_step_is_read_and_left_by_the_keyboard(page: Page) -> None:
    page.locator("#heading").focus()
    tab_to(page, "step-1")
    page.keyboard.press("Enter")
    expect(page.locator("#why-1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#why-1")).to_be_hidden()
    assert stop(page, "Shift")["id"] == "step-1"


def test_what_is_shown_is_said(page: Page) -> None:
    with another_path(page):
        page.locator("#pace-direct").check()
    said = page.locator("#said")
    expect(said).to_contain_text(page.locator("#heading").inner_text())
    expect(said).to_contain_text(f"{len(ids(page))} artworks")


@pytest.fixture(params=[{"width": 360, "height": 740}, {"width": 320, "height": 256}], ids=["phone", "400 percent"])
def narrow(request: pytest.FixtureRequest, visitor: Visitor) -> Page:
    """The page on a phone, and on a desktop of 1280 by 1024 whose letters are four times as large."""
    touch = request.param["width"] == 360
    return visitor.open(f"{visitor.PATH}&alternatives=2&images=6", viewport=request.param, has_touch=touch)


def test_a_narrow_page_has_nothing_beside_it_and_nothing_too_small(narrow: Page) -> None:
    states: dict[str, Callable[[], Any]] = {
        "path": lambda: None,
        "details": lambda: narrow.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })"),
        "map": lambda: narrow.get_by_role("button", name="Show the map of all artworks").click(),
        "list": lambda: narrow.get_by_text("Artworks in view").click(),
        "why": lambda: narrow.locator("#step-1").click(),
        "no why": lambda: narrow.keyboard.press("Escape"),
        "dialog": lambda: narrow.locator("#strip a.open").nth(1).click(),
    }
    for state, act in states.items():
        act()
        if state == "map":
            expect(narrow.locator("#map-canvas")).to_be_visible()
        if state == "dialog":
            expect(narrow.get_by_role("dialog")).to_be_visible()
            assert narrow.locator("#artwork").evaluate("one => one.scrollWidth <= one.clientWidth"), state
        assert narrow.evaluate(BROAD) <= 0, state
        assert narrow.evaluate(SMALL) == [], state


def test_a_narrow_page_does_all_that_a_wide_one_does(narrow: Page) -> None:
    field = narrow.get_by_role("combobox", name="To")
    field.fill("Undertow in Peri")
    option = narrow.get_by_role("option").first
    expect(option).to_be_visible()
    with another_path(narrow):
        option.click()
    narrow.locator("#strip a.open").nth(1).click()
    with another_path(narrow):
        narrow.get_by_role("dialog").get_by_role("link", name="Not this one").click()
    with another_path(narrow):
        narrow.locator("#other-1").click()
    with another_path(narrow):
        narrow.get_by_label("From year").fill("1500")
        narrow.locator("#alternatives").focus()
    assert query(narrow)["year_from"] == ["1500"]
    strip = narrow.locator("#strip")
    strip.scroll_into_view_if_needed()
    strip.evaluate("strip => strip.scrollTo({ left: strip.scrollWidth, behavior: 'instant' })")
    expect(narrow.locator("#strip > li").last.locator("img")).to_be_in_viewport()


def test_who_wants_less_motion_gets_none(visitor: Visitor) -> None:
    moving = """() => [...document.querySelectorAll("*")].flatMap((one) => [null, "::before", "::after"].map((part) => {
      const style = getComputedStyle(one, part);
      const lasts = (list) => list.split(",").some((time) => parseFloat(time) > 0);
      return lasts(style.transitionDuration) || lasts(style.animationDuration) || style.scrollBehavior === "smooth";
    })).filter(Boolean).length"""
    assert visitor.open(visitor.PATH, reduced_motion="no-preference").evaluate(moving) > 0
    page = visitor.open(visitor.PATH, reduced_motion="reduce")
    assert page.evaluate(moving) == 0
