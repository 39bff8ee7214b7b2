"""``make screens``: the page as pictures, in the states that are worth looking at."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
from playwright.sync_api import Page

from tests.serving import serving
from tests.visits.visitor import Visitor, another_path, browsing, decoded

PHONE: Final = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "has_touch": True}


def _strip(page: Page) -> None:
    decoded(page)


def _steered(page: Page) -> None:
    page.locator("#strip a.open").nth(1).click()
    with another_path(page):
        page.locator("#artwork-via").click()
    with another_path(page):
        page.locator("#alternatives").check()
    decoded(page)


def _dialog(page: Page) -> None:
    page.locator("#strip a.open").nth(1).click()
    page.locator("#artwork .large img").evaluate("image => image.decode()")
    page.wait_for_load_state("networkidle")


def _list(page: Page) -> None:
    page.locator("#to").fill("the")
    page.get_by_role("option").first.wait_for()
    page.wait_for_load_state("networkidle")


def _why(page: Page) -> None:
    page.locator("#step-1").click()


def _map(page: Page) -> None:
    page.locator("#map-show").click()
    page.locator("#map-path").click()
    page.locator("#map-canvas").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)


def _nothing(_: Page) -> None:
    """As it opens."""


SCREENS: Final[dict[str, tuple[str, Callable[[Page], None], dict[str, Any]]]] = {
    "desktop": ("", _strip, {}),
    "phone": ("", _strip, PHONE),
    "dark": ("", _strip, {"color_scheme": "dark"}),
    "steered": ("", _steered, {}),
    "dialog": ("", _dialog, {}),
    "dialog-phone": ("", _dialog, PHONE),
    "list": ("", _list, {}),
    "why": ("", _why, {}),
    "map": ("", _map, {"viewport": {"width": 1400, "height": 1000}}),
    "map-dark": ("", _map, {"color_scheme": "dark", "viewport": {"width": 1400, "height": 1000}}),
    "embed": ("embed", _strip, {"viewport": {"width": 900, "height": 460}}),
    "error": ("error", _nothing, {}),
}


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--home", type=click.Path(exists=True, file_okay=False, path_type=Path), default="demo/home")
@click.option("--from", "source", default="", help="Begin every path here: key:KEY.")
@click.option("--to", "target", default="", help="End it here.")
def screens(folder: Path, home: Path, source: str, target: str) -> None:
    """Write the page of HOME into FOLDER as PNG files; HOME itself is only copied."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copytree(home, Path(place) / "home", ignore=shutil.ignore_patterns("serve.sock")))
        with serving(copy) as served, browsing() as browser:
            served.run("map")  # without openTSNE there is none, and no picture of it
            visitor = Visitor(browser, f"http://127.0.0.1:{served.port}")
            first, last = (one["id"] for one in served.ask("/api/v1/random")["artworks"])
            ends = f"from={source or first}&to={target or last}"
            for name in SCREENS:
                _take(visitor, name, ends, folder / f"{name}.png")


def _take(visitor: Visitor, name: str, ends: str, file: Path) -> None:
    place, act, options = SCREENS[name]
    asked = "/?from=nothing+that+is+here&to=random" if place == "error" else f"/{place}?{ends}"
    page = visitor.open(asked, **options)
    if name.startswith("map") and not page.locator("#map-show").count():
        click.echo(f"{file}: not taken, there is no map: make map")
        return
    act(page)
    page.screenshot(path=file)
    visitor.leave()
    click.echo(file)


if __name__ == "__main__":
    screens()
