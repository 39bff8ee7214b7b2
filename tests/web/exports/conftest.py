"""A collection with rights of every kind, and a client that asks what leaves of it as files."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from service.web.app import create_app
from stores.artwork import Artwork
from stores.connect import Stores, open_stores
from stores.records import Search
from stores.settings import Settings
from tests.rightful import draw_rightful, load_rightful


@pytest.fixture(scope="module")
def rightful(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("exports")
    return load_rightful(draw_rightful(folder / "gallery"), folder / "home")


@pytest.fixture
def opened(rightful: Settings) -> Iterator[Stores]:
    with open_stores(rightful) as stores:
        yield stores


@pytest.fixture
def client(opened: Stores, rightful: Settings) -> FlaskClient:
    return create_app(opened, rightful).test_client()


@pytest.fixture
def artworks(opened: Stores) -> dict[str, Artwork]:
    return {artwork.id: artwork for artwork in opened.graph.find(Search(limit=100)).artworks}
