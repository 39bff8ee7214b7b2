"""An app over the demo gallery, and clients to ask it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.web.app import create_app
from stores.connect import Stores, open_stores, open_to_serve
from stores.settings import Settings, read_settings
from tests.web.sent import KEYS


@pytest.fixture(scope="module")
def opened(demo_home: Path) -> Iterator[Stores]:
    """The stores of the demo gallery; only read."""
    with open_stores(read_settings(home=demo_home)) as stores:
        yield stores


@pytest.fixture
def make_client(opened: Stores, demo_home: Path) -> Callable[..., FlaskClient]:
    """Make a client of an app with some settings."""

    def make(**flags: Any) -> FlaskClient:
        settings = read_settings(home=demo_home, **({"rate_limit": ""} | flags))
        return create_app(opened, settings).test_client()

    return make


@pytest.fixture
def client(make_client: Callable[..., FlaskClient]) -> FlaskClient:
    """A client of the usual app, without a limit."""
    return make_client()


@pytest.fixture
def empty_client(tmp_path: Path) -> Iterator[FlaskClient]:
    """A client of an app with nothing loaded."""
    with ExitStack() as stack:
        settings = read_settings(home=tmp_path / "empty", rate_limit="")
        yield create_app(stack.enter_context(open_stores(settings)), settings).test_client()


@pytest.fixture
def held(demo_home: Path, tmp_path: Path) -> Iterator[tuple[FlaskClient, Stores, Settings]]:
    """An app over a copy of the gallery, with keys."""
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    settings = read_settings(home=home, rate_limit="", api_keys=KEYS)
    with open_to_serve(settings) as stores:
        app = create_app(stores, settings)
        yield app.test_client(), stores, settings
        app.extensions["xdegrees"].sight.close()
