"""Choosing two artworks: by a few letters, by chance, the way back."""

from playwright.sync_api import Locator, Page, expect

from tests.serving import Served
from tests.visits.visitor import another_path, ids, query


def typed(page: Page, end: str, text: str) -> Locator:
    """Type into a field letter by letter, and return what its list offers."""
    page.get_by_role("combobox", name=end).click()
    page.keyboard.type(text)
    options = page.get_by_role("listbox", name=end).get_by_role("option")
    expect(options.first).to_be_visible()
    return options


def test_a_few_letters_and_a_click_lead_to_a_path(page: Page, site: Served) -> None:
    before = ids(page)
    wanted = site.ask("/api/v1/artworks/key:waves-0001.jpg")
    options = typed(page, "To", "last und")
    expect(options).to_have_count(1)
    expect(options.first).to_contain_text("Oskar Lindqvarn")
    expect(options.first.locator("img")).to_have_js_property("complete", value=True)
    with another_path(page):
        options.first.click()
    assert (ids(page)[0], ids(page)[-1]) == (before[0], wanted["id"])
    assert query(page)["to"] == [wanted["id"]]
    expect(page.locator("#to")).to_have_value("Last Undertow in Periwinkle, Oskar Lindqvarn")


def test_the_arrow_keys_choose_and_escape_closes_the_list(page: Page) -> None:
    options = typed(page, "From", "lindq")
    field = page.get_by_role("combobox", name="From")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    first = options.first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(first.get_attribute("id")))
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(first).to_be_visible()
    title = first.locator("b").inner_text()
    page.keyboard.press("ArrowDown")
    with another_path(page):
        page.keyboard.press("Enter")
    expect(page.locator("#strip figcaption b").first).to_have_text(title)
    expect(field).to_be_focused()


def test_a_title_that_is_typed_whole_needs_no_list(page: Page, site: Served) -> None:
    page.get_by_role("combobox", name="To").fill("agate, almost rondo")
    with another_path(page):
        page.keyboard.press("Enter")
    assert ids(page)[-1] == site.ask("/api/v1/artworks/key:strata-0002.jpg")["id"]


def test_letters_that_nothing_has_are_answered(page: Page) -> None:
    page.get_by_role("combobox", name="To").click()
    page.keyboard.type("qqqqq")
    expect(page.locator("#to-list")).to_have_text("Nothing found")
    expect(page.locator("#said")).to_have_text("Nothing found")


def test_each_end_can_be_drawn_at_random(page: Page) -> None:
    first, *_, last = ids(page)
    with another_path(page):
        page.get_by_role("link", name="End at a random artwork").click()
    assert ids(page)[0] == first
    last = ids(page)[-1]
    with another_path(page):
        page.get_by_role("link", name="Begin at a random artwork").click()
    assert ids(page)[-1] == last
    assert "random" not in page.url


def test_another_pair_is_a_click_away(page: Page) -> None:
    with another_path(page):
        page.get_by_role("link", name="Another pair").click()
    assert len(ids(page)) >= 2
    assert query(page)["ids"] == [",".join(ids(page))]


def test_the_way_back_is_the_same_way(page: Page) -> None:
    before = ids(page)
    with another_path(page):
        page.locator("#swap").click()
    assert ids(page) == before[::-1]
