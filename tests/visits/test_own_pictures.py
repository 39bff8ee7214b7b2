"""Choosing an end that is a picture of one's own: by file, dropped, pasted."""

import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.serving import Served
from tests.visits.visitor import Visitor, another_path, ids, query

FILE = """([data, name, type]) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type }));
  return files;
}"""


@pytest.fixture(scope="module")
def stranger() -> bytes:
    """A picture that no museum has: rings of colour, as a PNG."""
    across, down = np.meshgrid(np.linspace(-1, 1, 160), np.linspace(-1, 1, 120))
    rings = np.hypot(across, down)
    pixels = np.stack([np.sin(9 * rings), np.cos(5 * across * down), np.sin(7 * down)], axis=-1)
    Image.fromarray(((pixels + 1) * 127).astype(np.uint8)).save(kept := BytesIO(), "PNG")
    return kept.getvalue()


def shows_own_picture(page: Page, end: str) -> None:
    """Check that a picture of the visitor's own is an end, is seen, and is nothing to link to."""
    picture = page.locator("#strip > li").nth(0 if end == "from" else -1).locator("img.sent")
    expect(picture).to_have_js_property("naturalWidth", 160)
    expect(page.get_by_text("A path from your own picture cannot be shared")).to_be_visible()
    assert end not in query(page)


def test_a_file_of_ones_own_is_an_end(page: Page, stranger: bytes) -> None:
    last = ids(page)[-1]
    with another_path(page):
        page.locator("#from-image").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": stranger})
    shows_own_picture(page, "from")
    assert ids(page)[-1] == last
    with another_path(page):
        page.locator("#pace-direct").check()
    shows_own_picture(page, "from")
    with another_path(page):
        page.locator("#strip a.open").first.click()
        page.get_by_role("link", name="Begin here").click()
    assert page.locator("img.sent").count() == 0, "an artwork that is chosen takes the place of the picture"


def test_a_picture_that_is_dropped_on_an_end_is_that_end(page: Page, stranger: bytes) -> None:
    first = ids(page)[0]
    files = page.evaluate_handle(FILE, [base64.b64encode(stranger).decode(), "a.png", "image/png"])
    end = page.locator(".end[data-end=to]")
    end.dispatch_event("dragover", {"dataTransfer": files})
    assert "over" in str(end.get_attribute("class"))
    with another_path(page):
        end.dispatch_event("drop", {"dataTransfer": files})
    shows_own_picture(page, "to")
    assert ids(page)[0] == first


def test_a_picture_that_is_pasted_is_the_end_whose_field_has_the_focus(visitor: Visitor, stranger: bytes) -> None:
    page = visitor.open(visitor.PATH, permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(
        """async (data) => {
          const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          const item = new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) });
          await navigator.clipboard.write([item]);
        }""",
        base64.b64encode(stranger).decode(),
    )
    page.get_by_role("combobox", name="To").focus()
    with another_path(page):
        page.keyboard.press("Control+V")
    shows_own_picture(page, "to")


def test_a_copy_of_an_artwork_is_that_artwork(page: Page, site: Served, demo: Path) -> None:
    picture = (demo / "strata-0002.jpg").read_bytes()
    with another_path(page):
        page.locator("#from-image").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture})
    known = site.ask("/api/v1/artworks/key:strata-0002.jpg")["id"]
    assert ids(page)[0] == known
    assert page.locator("img.sent").count() == 0
    assert query(page)["from"] == [known]


def test_what_is_no_picture_is_said_to_be_none(page: Page, visitor: Visitor) -> None:
    page.locator("#from-image").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"})
    expect(page.locator("#notice")).to_have_text("That is not a picture")
    visitor.expect("status of 422", "/parts/path")
    with another_path(page):
        page.locator("#to-image").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "That file is not a picture that can be read here. A JPEG or PNG will do."
    )
    with another_path(page):
        page.get_by_role("link", name="Begin with another pair").click()
    assert len(ids(page)) >= 2


def test_a_picture_of_ones_own_stays_an_end_on_the_way_back_and_among_other_ways(page: Page, stranger: bytes) -> None:
    first, *_, last = ids(page)
    with another_path(page):
        page.locator("#from-image").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": stranger})
    with another_path(page):
        page.locator("#swap").click()
    shows_own_picture(page, "to")
    assert ids(page)[0] == last
    with another_path(page):
        page.locator("#alternatives").check()
    before = ids(page)
    with another_path(page):
        page.locator("#other-1").click()
    shows_own_picture(page, "to")
    assert ids(page)[0] == last
    assert ids(page) != before
    with another_path(page):
        page.go_back()
    assert ids(page) == before
    with another_path(page):
        page.get_by_role("link", name="Another pair").click()
    assert page.locator("img.sent").count() == 0
    with another_path(page):
        page.go_back()
    shows_own_picture(page, "to")
    assert first not in (ids(page)[0], ids(page)[-1])
