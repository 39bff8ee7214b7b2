"""The first visit: a path is there before any script runs, and stands still."""

from playwright.sync_api import Page, expect

from tests.serving import Served
from tests.visits.visitor import Visitor, decoded, ids, query

SHIFTS = """window.shifted = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


def test_the_page_opens_with_a_path_and_an_address_that_shows_it_again(visitor: Visitor) -> None:
    page = visitor.open("/")
    shown = ids(page)
    assert len(shown) >= 2
    assert query(page)["ids"] == [",".join(shown)]
    assert query(page)["from"] == [shown[0]]
    assert query(page)["to"] == [shown[-1]]
    page.reload()
    assert ids(page) == shown


def test_every_picture_of_the_strip_says_what_it_is(page: Page, site: Served) -> None:
    assert page.title() == f"Borrowed Brick Cadence to {last_title(page, site)} in {len(ids(page))} artworks"
    for one in page.locator("#strip > li").all():
        artwork = site.ask(f"/api/v1/artworks/{one.get_attribute('data-id')}")
        assert one.locator("img").get_attribute("alt") == artwork["alt_text"]
        caption = one.locator("figcaption").inner_text()
        assert all(said in caption for said in (artwork["title"], *artwork["artists"], artwork["date_text"]))
        assert artwork["rights_text"] in caption


def last_title(page: Page, site: Served) -> str:
    return str(site.ask(f"/api/v1/artworks/{ids(page)[-1]}")["title"])


def test_between_two_artworks_a_button_says_why_they_are_neighbours(page: Page) -> None:
    why = page.locator("#why-1")
    expect(why).to_be_hidden()
    page.locator("#step-1").click()
    expect(why).to_contain_text("rad")
    page.keyboard.press("Escape")
    expect(why).to_be_hidden()


def test_the_strip_does_not_move_while_its_pictures_arrive(visitor: Visitor) -> None:
    for width in (1400, 360):
        page = visitor.blank(viewport={"width": width, "height": 900})
        page.add_init_script(SHIFTS)
        page.goto(f"{visitor.root}{visitor.PATH}")
        page.wait_for_load_state("networkidle")
        page.locator("#strip").evaluate("strip => strip.scrollTo({ left: strip.scrollWidth, behavior: 'instant' })")
        decoded(page)
        assert page.evaluate("window.shifted") < 0.01


def test_pictures_are_sized_and_those_far_off_wait(page: Page) -> None:
    pictures = page.locator("#strip img").all()
    assert all(int(picture.get_attribute("width") or 0) > 0 for picture in pictures)
    assert all(int(picture.get_attribute("height") or 0) > 0 for picture in pictures)
    assert [picture.get_attribute("loading") for picture in pictures[4:]] == ["lazy"] * len(pictures[4:])


def test_without_scripts_the_path_is_shown_and_the_form_leads_to_another(visitor: Visitor, site: Served) -> None:
    page = visitor.open(visitor.PATH, java_script_enabled=False)
    before = ids(page)
    page.get_by_role("button", name="Find the path").click()
    assert ids(page) == before, "the form as it stands asks for what is shown"
    other = site.ask("/api/v1/artworks/key:strata-0002.jpg")
    page.get_by_label("To", exact=True).fill(other["title"])
    page.locator("#pace-direct").check()
    page.get_by_role("button", name="Find the path").click()
    assert (ids(page)[0], ids(page)[-1]) == (before[0], other["id"])
    assert page.locator("#pace-direct").is_checked()


def test_without_scripts_links_lead_on(visitor: Visitor) -> None:
    page = visitor.open(f"{visitor.PATH}&images=5&via=key:waves-0001.jpg", java_script_enabled=False)
    assert len(ids(page)) == 5
    page.locator(".chip", has_text="5 artworks exactly").click()
    assert page.locator(".chip").count() == 1
    page.locator(".chip").click()
    assert page.locator(".chip").count() == 0
    page.locator("#strip a.open").nth(1).click()
    expect(page.get_by_role("heading", name="Looks like")).to_be_visible()
    middle = page.url.split("/artwork/")[1].split("?")[0]
    page.get_by_role("link", name="Not this one").click()
    assert middle not in ids(page)
    assert page.locator(".chip").count() == 1


def test_without_scripts_the_number_of_artworks_can_be_changed(visitor: Visitor) -> None:
    page = visitor.open(visitor.PATH, java_script_enabled=False)
    number = len(ids(page)) + 2
    page.locator("[name=images]").fill(str(number))
    page.get_by_role("button", name="Apply").click()
    assert len(ids(page)) == number
