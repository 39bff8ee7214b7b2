"""Somebody who opens the page in a browser, and all that goes wrong in it meanwhile."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

_WATCH = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI}`));"""


@dataclass
class Visitor:
    """One visitor of a service at ``root``.

    Attributes:
        wrong: errors of the console and of scripts, violations of the policy, requests to other hosts: word for word.
        expected: what may stand in an error of the console: (words of the message, part of the address it is about).
        hosts: further hosts that may be asked.
    """

    PATH: ClassVar = "/?from=key:stripes-0001.jpg&to=key:trees-0001.jpg"

    browser: Browser
    root: str
    wrong: list[str] = field(default_factory=list)
    expected: list[tuple[str, str]] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, place: str = "/", **options: Any) -> Page:
        """Open an address in a window of its own, 1400 by 900 where ``options`` of the context say no other."""
        page = self.blank(**options)
        page.goto(place if place.startswith("http") else f"{self.root}{place}")
        return page

    def blank(self, **options: Any) -> Page:
        """Open a window that shows nothing yet."""
        context = self.browser.new_context(**{"viewport": {"width": 1400, "height": 900}, **options})
        self.contexts.append(context)
        context.add_init_script(_WATCH)
        context.on("page", self._listen)
        return context.new_page()

    def expect(self, words: str, place: str) -> None:
        """Let an error of the console through by its words and a part of the address that it is about."""
        self.expected.append((words, place))

    def leave(self) -> None:
        """Close all windows."""
        while self.contexts:
            self.contexts.pop().close()

    def _listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.wrong.append(f"error of a script: {error}"))
        page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        known = any(words in message.text and part in place for words, part in self.expected)
        if message.type == "error" and not known:
            self.wrong.append(f"{message.text} ({place})")

    def _see(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in ("http", "https") and asked.netloc not in {urlsplit(self.root).netloc, *self.hosts}:
            self.wrong.append(f"asked another host: {request.url}")


def chromium() -> str | None:
    """Return where the system's Chromium is."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run it while the block does."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def another_path(page: Page) -> Iterator[None]:
    """Wait until what the block does has put another path in place."""
    page.evaluate("document.getElementById('path').dataset.before = ''")
    yield
    page.wait_for_selector("#path:not([data-before])", state="attached")


def decoded(page: Page) -> None:
    """Wait until every picture of the strip that is in view is there; those far off are not asked for."""
    page.evaluate("""Promise.all([...document.querySelectorAll("#strip img")].filter((image) => {
      const box = image.getBoundingClientRect();
      return box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
    }).map((image) => image.decode()))""")


def ids(page: Page) -> list[str]:
    """Return the ids of the artworks shown, in walking order, as the strip has them."""
    return [str(one.get_attribute("data-id")) for one in page.locator("#strip > li").all()]


def query(page: Page) -> dict[str, list[str]]:
    """Return what the address says."""
    return parse_qs(urlsplit(page.url).query)


def controls(page: Page) -> dict[str, Any]:
    """Return what all fields of the form hold, and what is chosen."""
    return dict(
        page.evaluate("""() => ({
          ...Object.fromEntries([...document.getElementById("ask").elements].filter((field) => field.id)
            .map((field) => [field.id, ["radio", "checkbox"].includes(field.type) ? field.checked : field.value])),
          chosen: [...document.querySelectorAll(".chip")].map((chip) => chip.textContent),
          shown: document.querySelector("output").value,
        })""")
    )
