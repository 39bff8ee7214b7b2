"""A real service over the demo gallery, and visitors who open its page in a real Chromium."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import servers
from tests.serving import Served, serving
from tests.visits.visitor import Visitor, browsing, chromium


@pytest.fixture(scope="session")
def mapped_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo gallery with a map; only read."""
    home = Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("visits") / "home"))
    with serving(home) as served:
        made = served.run("map")
    assert made.returncode == 0, made.stderr
    return home


@pytest.fixture(scope="session")
def site(mapped_home: Path) -> Iterator[Served]:
    """A service that all visitors share; nobody changes anything."""
    with serving(mapped_home) as served:
        yield served


@pytest.fixture
def own_home(mapped_home: Path, tmp_path: Path) -> Path:
    """A copy of the gallery for a test that changes it."""
    return copied(mapped_home, tmp_path)


def copied(home: Path, folder: Path) -> Path:
    """Copy a home, which may be served, into a folder."""
    return Path(shutil.copytree(home, folder / "home", ignore=shutil.ignore_patterns("serve.sock")))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    if chromium() is None:
        servers.lacking("chromium is not installed: apt-get install chromium")
    with browsing() as browser:
        yield browser


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Callable[[str], Visitor]]:
    """Make visitors of a service; whatever goes wrong in any of their pages fails the test."""
    made: list[Visitor] = []

    def make(root: str) -> Visitor:
        made.append(Visitor(browser, root))
        return made[-1]

    yield make
    for visitor in made:
        visitor.leave()
    assert not [wrong for visitor in made for wrong in visitor.wrong]


@pytest.fixture
def visitor(site: Served, visitors: Callable[[str], Visitor]) -> Visitor:
    """A visitor of the shared service."""
    return visitors(f"http://127.0.0.1:{site.port}")


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """The page with one path of the gallery, at desktop size."""
    return visitor.open(visitor.PATH)
