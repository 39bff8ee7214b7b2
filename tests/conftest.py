"""What all tests share: where the real data is, and small collections to ask."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from loaders.gallery import draw_gallery
from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from stores.connect import Stores, open_stores
from stores.settings import Settings, read_settings
from tests import servers
from tests.made import RealCollection

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run insist on the servers."""
    parser.addoption("--require-servers", action="store_true", help="fail where Neo4j or Chromium is missing")


def pytest_configure(config: pytest.Config) -> None:
    """Tell the servers whether they are required."""
    servers.required[0] = bool(config.getoption("--require-servers"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines what was not tested for want of a server."""
    for reason in sorted(servers.missing):
        terminalreporter.write_line(f"NOT TESTED: {reason}")


@pytest.fixture(autouse=True)
def _nothing_deprecated() -> Iterator[None]:
    """Fail the test whose statements Neo4j calls deprecated."""
    yield
    assert not servers.deprecations


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real artworks, metadata and weights; where it is missing tests skip, except in CI."""
    if not (DATA / "artworks" / "metadata.csv").exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{DATA} must be there in CI")
        pytest.skip("the real artworks are not on this machine")
    return DATA


@pytest.fixture(scope="session")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RealCollection:
    """The 3,082 artworks through the whole pipeline: a minute and a half on two cores."""
    settings = read_settings(home=tmp_path_factory.mktemp("real") / "home")
    request = LoadRequest(
        folder=real_data / "artworks",
        source="artworks",
        embedder="mobilenet_v2",
        checkpoint=real_data / "weights" / "mobilenet_v2-80b10a02.pth",
    )
    with open_stores(settings) as stores:
        report = load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        batches = list(stores.vectors.scan())
    ids = np.concatenate([batch.ids for batch in batches])
    vectors = np.concatenate([batch.vectors for batch in batches])
    return RealCollection(settings, report, ids, vectors, [p for batch in batches for p in batch.payloads])


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an empty home, whatever the developer's environment says."""
    for name in [name for name in os.environ if name.startswith("XDEGREES_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return read_settings(home=tmp_path / "home")


@pytest.fixture
def stores(settings: Settings) -> Iterator[Stores]:
    """Both embedded stores, empty."""
    with open_stores(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery of 85 pictures, five of every family; only read."""
    folder = tmp_path_factory.mktemp("demo") / "gallery"
    draw_gallery(folder, count=85)
    return folder


@pytest.fixture(scope="session")
def demo_home(demo: Path) -> Path:
    """The gallery, loaded with the classic embedder; only read."""
    settings = read_settings(home=demo.parent / "home")
    with open_stores(settings) as stores:
        request = LoadRequest(folder=demo, source="artworks")
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
    return settings.home


@pytest.fixture(scope="module")
def samples() -> Path:
    """Real metadata files; where they are missing tests skip, except in CI."""
    folder = DATA / "manifests"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} must be there in CI")
        pytest.skip("the real metadata files are not on this machine")
    return folder
