"""A path inside another site's page, under a prefix; and not inside one that is not allowed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.neo4j_server import free_port
from tests.serving import Served, serving
from tests.visits.conftest import copied
from tests.visits.visitor import Visitor, another_path, ids

LISTEN = """<script>addEventListener("message", (event) => {
  if (event.data?.type !== "xdegrees:height") return;
  document.querySelector("iframe").style.height = `${event.data.height}px`;
});</script>"""


@contextmanager
def another_site() -> Iterator[tuple[str, dict[str, str]]]:
    """Another site: its origin, and the page that it shows, which may be set."""
    held = {"page": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f'<!doctype html><title>A museum</title><link rel="icon" href="data:,">{held["page"]}'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def museum() -> Iterator[tuple[str, dict[str, str]]]:
    """A site that may embed."""
    with another_site() as site:
        yield site


@pytest.fixture(scope="module")
def discover(
    mapped_home: Path, museum: tuple[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A service under the prefix /discover/ that the museum may embed."""
    port = free_port()
    env = {
        "XDEGREES_PUBLIC_URL": f"http://127.0.0.1:{port}/discover/",
        "XDEGREES_FRAME_ANCESTORS": f"'self' {museum[0]}",
    }
    with serving(copied(mapped_home, tmp_path_factory.mktemp("discover")), env=env, port=port) as served:
        yield served


@pytest.fixture
def guest(discover: Served, visitors: Callable[[str], Visitor]) -> Visitor:
    """A visitor of that service."""
    return visitors(f"http://127.0.0.1:{discover.port}/discover")


def test_the_page_works_under_a_prefix(guest: Visitor) -> None:
    page = guest.open(guest.PATH)
    assert ids(page)
    with another_path(page):
        page.locator("#pace-direct").check()
    assert "/discover/?" in page.url
    page.locator("#strip a.open").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="To").fill("Undertow")
    expect(page.get_by_role("option").first.locator("img")).to_have_js_property("complete", value=True)
    page.get_by_role("button", name="Show the map of all artworks").click()
    expect(page.locator("#map-canvas")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_the_snippet_shows_the_path_in_another_sites_page_at_its_height(
    guest: Visitor, museum: tuple[str, dict[str, str]]
) -> None:
    page = guest.open(guest.PATH)
    shown = ids(page)
    origin, held = museum
    held["page"] = f"{LISTEN}<main>{page.locator('#snippet').input_value()}</main>"
    guest.hosts.add(origin.removeprefix("http://"))
    for width in (1200, 360):
        host = guest.open(origin, viewport={"width": width, "height": 900})
        frame = host.frame_locator("iframe")
        expect(frame.locator("#strip > li")).to_have_count(len(shown))
        assert str(host.locator("iframe").get_attribute("title")) == page.title()
        expect(host.locator("iframe")).not_to_have_css("height", "460px")
        inside = frame.locator("body").evaluate("body => body.getBoundingClientRect().height")
        box = host.locator("iframe").bounding_box()
        assert box
        assert box["height"] == pytest.approx(inside, abs=2)
        assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
        frame.locator("#step-1").click()
        expect(frame.locator("#why-1")).to_be_visible()
    with host.context.expect_page() as opened:
        frame.get_by_role("link", name="Walk on at xdegrees").click()
    opened.value.wait_for_load_state()
    assert ids(opened.value) == shown


def test_sites_that_ask_are_told_how_to_embed_and_what_to_preview(guest: Visitor, discover: Served) -> None:
    page = guest.open(guest.PATH)
    shown = page.locator("#copy").get_attribute("data-copy")
    told = discover.ask(f"/discover/oembed?url={quote(str(shown), safe='')}")
    assert told["html"].startswith("<iframe ")
    assert f' src="{guest.root}/embed?' in told["html"]
    alternate = guest.open(str(shown))
    link = str(alternate.locator("link[type='application/json+oembed']").get_attribute("href"))
    assert link.startswith(f"{guest.root}/oembed?")
    image = str(alternate.locator("meta[property='og:image']").get_attribute("content"))
    assert alternate.request.get(image).headers["content-type"] == "image/png"


def test_a_site_that_is_not_allowed_shows_nothing_of_it(guest: Visitor) -> None:
    with another_site() as (origin, held):
        held["page"] = f'<iframe src="{guest.root}/embed{guest.PATH[1:]}" title="A path"></iframe>'
        guest.hosts.add(origin.removeprefix("http://"))
        guest.expect("frame-ancestors", "")
        host = guest.open(origin)
        expect(host.frame_locator("iframe").locator("#strip")).to_have_count(0)
        assert all(not frame.url.startswith(guest.root) for frame in host.frames)
