"""Ends, via and avoid by title: the same artwork as by its id, and what an unknown or ambiguous one is told."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient

from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from service.resolve import find_artwork, find_id, take_artwork
from service.steering import SteeringFile
from service.web.app import create_app
from stores.angles import unit
from stores.connect import Stores, open_stores
from stores.errors import BadInput, NotFound, Unavailable
from stores.settings import Settings, read_settings

TITLES = [
    "Northern Furrows", "Études", "Waves", "Waves", "Waves at Night", "", "Small Hours", "Harbour VII, unhurried",
    "The Kiln", "Untitled",
]  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home of ten artworks, two of them with the same title."""
    folder = tmp_path_factory.mktemp("titles")
    keys = [f"print-{row:04}.jpg" for row in range(len(TITLES))]
    np.savez(
        folder / "v.npz",
        keys=np.array(keys),
        vectors=unit(np.random.default_rng(3).normal(size=(len(keys), 5))),
    )
    rows = [f'{key},"{title}"' for key, title in zip(keys, TITLES, strict=True)]
    (folder / "m.csv").write_text("\n".join(["id,title", *rows]), encoding="utf-8")
    settings = read_settings(home=folder / "home", rate_limit="")
    request = LoadRequest(None, "a", metadata=folder / "m.csv", vectors=folder / "v.npz", embedder="theirs")
    with open_stores(settings) as stores:
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
    return settings


@pytest.fixture(scope="module")
def stores(settings: Settings) -> Iterator[Stores]:
    """Its stores, opened."""
    with open_stores(settings, writing=False) as opened:
        yield opened


@pytest.fixture
def client(stores: Stores, settings: Settings) -> FlaskClient:
    """A client of an app over it."""
    return create_app(stores, settings).test_client()


def key(row: int) -> str:
    """The key of an artwork, as it is named."""
    return f"key:print-{row:04}.jpg"


def test_a_title_means_what_the_id_does_and_links_name_ids(client: FlaskClient, stores: Stores) -> None:
    named = {"from": "northern  FURROWS", "to": "etudes", "via": "The Kiln", "avoid": "Small Hours", "images": 4}
    rows = {"from": 0, "to": 1, "via": 8, "avoid": 6}
    ids = {name: find_id(stores.graph, key(row)) for name, row in rows.items()}
    by_title = client.get("/api/v1/path", query_string=named).get_json()
    by_id = client.get("/api/v1/path", query_string=named | ids).get_json()
    assert by_title == by_id
    assert parse_qs(urlsplit(by_title["links"]["self"]).query) == {
        "pace": ["gentle"], "images": ["4"], **{name: [own] for name, own in ids.items()}
    }  # fmt: skip
    sent = client.post("/api/v1/path", json=named | {"via": [named["via"]], "avoid": [named["avoid"]]})
    assert sent.get_json()["ids"] == by_id["ids"]


def test_an_answer_by_title_is_cached_until_the_titles_change(client: FlaskClient) -> None:
    url = "/api/v1/path?from=Northern+Furrows&to=The+Kiln"
    tag = client.get(url).headers["ETag"]
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("place", ["from", "to", "via", "avoid"])
def test_an_ambiguous_title_lists_whom_it_may_mean(client: FlaskClient, stores: Stores, place: str) -> None:
    answer = client.get("/api/v1/path", query_string={"from": key(0), "to": key(1), place: "waves"})
    body = answer.get_json()
    assert (answer.status_code, body["code"]) == (422, "ambiguous")
    expected = [{"id": find_id(stores.graph, key(row)), "title": "Waves", "key": key(row)[4:]} for row in (2, 3)]
    assert sorted(body["closest"], key=lambda one: one["key"]) == expected
    assert key(2) in body["detail"]
    assert key(3) in body["detail"]
    assert client.get(body["type"]).status_code == 200


def test_of_a_title_that_nothing_has_the_closest_are_named_by_key(client: FlaskClient) -> None:
    for name in ("Norhtern Furows", "Northern"):
        answer = client.get("/api/v1/path", query_string={"from": name, "to": key(1)})
        assert answer.status_code == 404
        assert answer.get_json()["detail"] == (
            f"there is no artwork {name!r}; closest: 'Northern Furrows' (key:print-0000.jpg)"
        )
    single = client.get("/api/v1/artworks/Northern Furrows").get_json()["detail"]
    assert single.startswith("'Northern Furrows' is neither an id nor key:KEY; closest: 'Northern Furrows' (key:")


def test_what_is_unlike_everything_names_nothing_and_keeps_its_key(stores: Stores) -> None:
    for name in ("key:nosuch.jpg", "nosuch.jpg", "the print shop"):
        with pytest.raises(NotFound) as caught:
            find_artwork(stores.graph, name)
        assert str(caught.value) == f"there is no artwork {name!r}"
        assert caught.value.closest == ()
    with pytest.raises(NotFound, match=r"^there is no artwork 'key:print-005.jpg'; closest: .*key:print-0005.jpg"):
        find_artwork(stores.graph, "key:print-005.jpg")


@pytest.mark.parametrize("name", ["", "  ", "key:", "key: "])
def test_an_empty_name_is_no_artwork_at_all(stores: Stores, name: str) -> None:
    for find in (find_artwork, take_artwork):
        with pytest.raises(BadInput, match=r"empty|names no key"):
            find(stores.graph, name)


def test_where_nothing_was_loaded_nobody_is_looked_for(tmp_path: Path) -> None:
    with (
        open_stores(read_settings(home=tmp_path)) as empty,
        pytest.raises(Unavailable, match="nothing has been loaded"),
    ):
        find_artwork(empty.graph, "Waves")


def test_only_on_the_command_line_a_part_of_a_title_will_do(stores: Stores) -> None:
    assert find_artwork(stores.graph, "north") == find_id(stores.graph, key(0))
    with pytest.raises(NotFound):
        take_artwork(stores.graph, "north")


def test_an_editor_may_write_titles(stores: Stores, settings: Settings, tmp_path: Path) -> None:
    steered = settings.model_copy(update={"steering": tmp_path / "steering.toml"})
    (tmp_path / "steering.toml").write_text('exclude = ["The Kiln", "Waves", "north"]', encoding="utf-8")
    assert SteeringFile(steered, stores.graph).current().exclude == {find_id(stores.graph, key(8))}
