"""The address says everything: kept, sent to others, walked back and forward, opened after a change."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.serving import serving
from tests.visits.visitor import Visitor, another_path, controls, ids

STEERED = "&images=7&via=key:waves-0001.jpg&avoid=key:stars-0001.jpg&year_from=1800&alternatives=2"


def test_an_address_restores_the_path_and_all_controls_for_anybody(visitor: Visitor) -> None:
    page = visitor.open(f"{visitor.PATH}{STEERED}")
    shown, held = ids(page), controls(page)
    assert held["images"] == "7"
    assert held["year_from"] == "1800"
    assert held["alternatives"]
    assert len(held["chosen"]) == 4
    for options in ({}, {"java_script_enabled": False}):
        again = visitor.open(page.url, **options)
        assert ids(again) == shown
        assert again.url == page.url
        if not options:
            assert controls(again) == held
        again.reload()
        assert ids(again) == shown


def test_back_and_forward_show_what_was_shown(page: Page) -> None:
    seen = [(page.url, ids(page), controls(page))]
    for act in ("#pace-direct", "#swap", "#from-random"):
        with another_path(page):
            page.locator(act).click()
        seen.append((page.url, ids(page), controls(page)))
    assert len({url for url, _, _ in seen}) == 4
    for url, shown, held in seen[-2::-1]:
        with another_path(page):
            page.go_back()
        assert (page.url, ids(page), controls(page)) == (url, shown, held)
    for url, shown, held in seen[1:]:
        with another_path(page):
            page.go_forward()
        assert (page.url, ids(page), controls(page)) == (url, shown, held)


def test_an_artwork_has_an_address_of_its_own(page: Page, visitor: Visitor) -> None:
    link = str(page.locator("#strip a.open").nth(1).get_attribute("href"))
    title = page.locator("#strip figcaption b").nth(1).inner_text()
    alone = visitor.open(link)
    expect(alone.get_by_role("heading", level=1)).to_have_text(title)
    alone.locator(".name").click()
    assert ids(alone) == ids(page)


def test_the_link_is_copied_and_opens_what_was_shown(visitor: Visitor) -> None:
    page = visitor.open(visitor.PATH, permissions=["clipboard-read", "clipboard-write"])
    button = page.locator("#copy")
    button.dblclick()
    expect(button).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert ids(visitor.open(copied)) == ids(page)
    expect(button).to_have_text("Copy link")


def test_where_copying_is_not_allowed_the_text_is_selected(visitor: Visitor) -> None:
    page = visitor.blank()
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))")
    page.goto(f"{visitor.root}{visitor.PATH}")
    page.locator("#copy").click()
    snippet = page.locator("#snippet")
    expect(snippet).to_be_focused()
    link = snippet.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert ids(visitor.open(link)) == ids(page)


def test_the_path_is_saved_as_a_picture_as_json_and_as_a_table(page: Page) -> None:
    shown = ids(page)
    for kind, begins in (("png", b"\x89PNG"), ("json", b"{"), ("csv", b"place,id,")):
        with page.expect_download() as started:
            page.locator(f"#save-{kind}").click()
        saved = Path(started.value.path()).read_bytes()
        assert started.value.suggested_filename == f"path.{kind}"
        assert saved.startswith(begins)
        if kind != "png":
            assert all(one in saved.decode() for one in shown)


def test_what_was_shared_is_shown_with_a_gap_and_todays_path_is_offered(
    own_home: Path, visitors: Callable[[str], Visitor]
) -> None:
    with serving(own_home) as served:
        visitor = visitors(f"http://127.0.0.1:{served.port}")
        shared = visitor.open(visitor.PATH)
        before = ids(shared)
        assert served.run("remove", before[1]).returncode == 0
        page = visitor.open(shared.url)
        assert ids(page) == before
        gap = page.locator("#strip > li").nth(1)
        expect(gap.locator(".blank")).to_be_visible()
        expect(gap.locator("figcaption b")).to_have_text("No longer in the collection")
        expect(page.get_by_text("The collection has changed since this path was found.")).to_be_visible()
        page.locator("#step-1").click()
        expect(page.locator("#why-1")).to_contain_text("no longer in the collection")
        page.keyboard.press("Escape")
        with another_path(page):
            page.get_by_role("link", name="See today's path").click()
        assert before[1] not in ids(page)
        assert (ids(page)[0], ids(page)[-1]) == (before[0], before[-1])
        with another_path(page):
            page.go_back()
        assert ids(page) == before


def test_a_page_that_is_open_learns_that_the_collection_has_changed(
    own_home: Path, visitors: Callable[[str], Visitor]
) -> None:
    with serving(own_home) as served:
        visitor = visitors(f"http://127.0.0.1:{served.port}")
        page = visitor.open(visitor.PATH)
        before, notice = ids(page), page.locator("#notice")
        look_again(page)
        expect(notice).to_be_hidden()
        assert served.run("remove", before[1]).returncode == 0
        look_again(page)
        expect(notice).to_contain_text("The collection has changed.")
        assert ids(page) == before, "nothing is taken from under the visitor's hands"
        with another_path(page):
            notice.get_by_role("link", name="Look again").click()
        assert before[1] not in ids(page)
        expect(notice).to_be_hidden()


def look_again(page: Page) -> None:
    """Come back to the window, as after another one."""
    with page.expect_response("**/api/v1/graph"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
