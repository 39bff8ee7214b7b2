"""``python -m tests.benchmarks_page HOME``: how soon the page is there, how large it is, how smooth its map."""

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from playwright.sync_api import Browser, Page, Response

from tests.serving import Served, serving
from tests.visits.visitor import browsing

NAVIGATIONS: Final = 10
SYNTHETIC: Final = 50_000
CLUSTERS: Final = 200
WIDE: Final = {"width": 1400, "height": 900}

_SHOWN: Final = """const look = async () => {
  const strip = document.getElementById("strip");
  const seen = strip ? [...strip.querySelectorAll("img")].filter((image) => {
    const box = image.getBoundingClientRect();
    return box.left < innerWidth && box.top < innerHeight && box.right > 0;
  }) : [];
  if (!seen.length || document.readyState === "loading" || seen.some((image) => !image.complete)) {
    requestAnimationFrame(look);
    return;
  }
  await Promise.all(seen.map((image) => image.decode()));
  requestAnimationFrame(() => { window.shown = [performance.now(), seen.length]; });
};
look();"""
"""Milliseconds from the start of a navigation until all pictures of the strip that are in view are decoded."""

_COUNT: Final = """() => { window.frames_ = []; let before = performance.now(); window.counting = true;
  const next = (now) => {
    window.frames_.push(now - before);
    before = now;
    if (window.counting) requestAnimationFrame(next);
  };
  requestAnimationFrame((now) => { before = now; requestAnimationFrame(next); }); }"""


def print_page(home: Path) -> None:
    """Print all tables for a copy of a home."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copytree(home, Path(place) / "home", ignore=shutil.ignore_patterns("serve.sock")))
        with serving(copy) as served, browsing() as browser:
            print_navigations(served, browser)
            print_bytes(served, browser)
            print_frames(served, browser)


def print_navigations(served: Served, browser: Browser) -> None:
    """Open the page anew, each time in a browser that knows nothing, and say when its first strip is seen."""
    first, last = (one["id"] for one in served.ask("/api/v1/random")["artworks"])
    print("\n| first strip visible, ms from navigation | median | least | most | pictures in view |")
    print("| --- | --- | --- | --- | --- |")
    for name, query in (("/", ""), ("/?from=…&to=…", f"?from={first}&to={last}")):
        times, pictures = [], 0
        for _ in range(NAVIGATIONS):
            page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
            page.add_init_script(_SHOWN)
            page.goto(f"http://127.0.0.1:{served.port}/{query}")
            while not (shown := page.evaluate("window.shown")):
                page.wait_for_timeout(20)
            times.append(shown[0])
            pictures = max(pictures, shown[1])
            page.context.close()
        print(f"| {name} | {statistics.median(times):.0f} | {min(times):.0f} | {max(times):.0f} | {pictures} |")


def print_bytes(served: Served, browser: Browser) -> None:
    """Say how many bytes come before pictures, and with the map."""
    page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- Playwright marks what it calls
    page.goto(f"http://127.0.0.1:{served.port}/")
    page.wait_for_load_state("networkidle")
    before = _sizes(answers)
    _open_map(page)
    after = _sizes(answers)
    page.context.close()
    print("\n| bytes before pictures | HTML | CSS | JavaScript | together, kB |")
    print("| --- | --- | --- | --- | --- |")
    for name, sizes in (("the page", before), ("with the map opened", after)):
        print(f"| {name} | {' | '.join(f'{size:,}' for size in sizes)} | {sum(sizes) / 1000:.0f} |")


def _sizes(answers: list[Response]) -> list[int]:
    kinds = ("document", "stylesheet", "script")
    return [sum(len(one.body()) for one in answers if one.request.resource_type == kind) for kind in kinds]


def print_frames(served: Served, browser: Browser) -> None:
    """Pan and zoom the map by mouse, and say how long frames take."""
    sent = served.ask("/api/v1/map")
    print("\n| map | frames | median, ms | 95 of 100, ms | longer than 50 ms |")
    print("| --- | --- | --- | --- | --- |")
    for name, points in ((f"{len(sent['ids']):,} artworks", sent), (f"{SYNTHETIC:,} made points", _made(sent))):
        page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
        _answer_map(page, json.dumps(points))
        page.goto(f"http://127.0.0.1:{served.port}/")
        _open_map(page)
        for act in (_pan, _zoom):
            page.evaluate(_COUNT)
            act(page)
            frames = page.evaluate("() => { window.counting = false; return window.frames_; }")
            median, late = np.percentile(frames, [50, 95])
            long = sum(frame > 50 for frame in frames)
            print(f"| {name}, {act.__name__[1:]} | {len(frames)} | {median:.1f} | {late:.1f} | {long} |", flush=True)
        page.context.close()


def _answer_map(page: Page, body: str) -> None:
    page.route("**/api/v1/map", lambda route: route.fulfill(body=body, content_type="application/json"))


def _made(sent: dict[str, Any]) -> dict[str, Any]:
    """Clusters of points, with the pictures that there are."""
    rng = np.random.default_rng(0)
    centres = rng.random((CLUSTERS, 2))
    places = centres[rng.integers(CLUSTERS, size=SYNTHETIC)] + rng.normal(scale=0.02, size=(SYNTHETIC, 2))
    places = np.clip(places, 0, 1) * sent["side"]
    return {
        **sent,
        "ids": [f"{row:08x}-0000-5000-8000-000000000000" for row in range(SYNTHETIC)],
        "thumbs": [sent["thumbs"][row % len(sent["thumbs"])] for row in range(SYNTHETIC)],
        "x": places[:, 0].round().astype(int).tolist(),
        "y": places[:, 1].round().astype(int).tolist(),
    }


def _open_map(page: Page) -> None:
    page.locator("#map-show").click()
    page.locator("#map-canvas").scroll_into_view_if_needed()
    page.locator("#map-canvas").focus()
    page.wait_for_load_state("networkidle")


def _pan(page: Page) -> None:
    """Come nearer, then drag to and fro."""
    for _ in range(4):
        page.keyboard.press("+")
    x, y = _middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for across, down in ((300, 0), (-300, 120), (300, -120), (-300, 0), (0, 0)):
        page.mouse.move(x + across, y + down, steps=80)
    page.mouse.up()


def _middle(page: Page) -> tuple[float, float]:
    box = page.locator("#map-canvas").bounding_box()
    if box is None:
        raise RuntimeError("the map is not seen")
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _zoom(page: Page) -> None:
    """Turn the wheel towards the middle and back."""
    page.mouse.move(*_middle(page))
    for turn in (-40, 40):
        for _ in range(50):
            page.mouse.wheel(0, turn)
            page.wait_for_timeout(15)


if __name__ == "__main__":
    print_page(Path(sys.argv[1]))
