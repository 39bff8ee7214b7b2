"""The map over HTTP: columns of what the graph holds now, packed where that is taken, and never a 500."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from loaders.layout import Task, arrange, keep, read_task
from loaders.progress import Progress
from service.web.app import create_app
from stores.connect import Stores
from stores.maps import NAME, read_map
from stores.settings import Settings
from tests.web.sent import TREE, add, bearer, changed

URL = "/api/v1/map"
Held = tuple[FlaskClient, Stores, Settings]


def compute(held: Held) -> None:
    """Compute the map of a home."""
    _, stores, settings = held
    progress = Progress(quiet=True)
    task = read_task(stores.vectors, stores.graph, settings.home, progress, anew=True)
    assert isinstance(task, Task)
    keep(arrange(task, progress)[0], stores.graph, settings.home)


def body(client: FlaskClient) -> dict[str, Any]:
    """The map as it is now."""
    answer = client.get(URL)
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


@pytest.fixture
def with_map(held: Held) -> Held:
    """An app over a copy of the gallery that has a map."""
    compute(held)
    return held


def test_without_a_map_the_answer_says_how_to_get_one(client: FlaskClient) -> None:
    answer = client.get(URL)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["code"] == "not-found"
    assert "'xdegrees map'" in answer.get_json()["detail"]
    assert "ETag" not in answer.headers
    assert client.get("/api/v1/graph").get_json()["capabilities"]["map"] is False


def test_before_anything_was_loaded_the_answer_says_so(empty_client: FlaskClient) -> None:
    answer = empty_client.get(URL)
    assert (answer.status_code, "xdegrees load" in answer.get_json()["detail"]) == (503, True)


def test_the_map_is_columns_of_all_artworks_by_id(with_map: Held) -> None:
    client, stores, settings = with_map
    found = body(client)
    ids = stores.graph.edges().ids.tolist()
    assert found["ids"] == ids
    assert set(found) == {"graph", "side", "newcomers", "ids", "x", "y", "thumbs"}
    assert (found["graph"], found["side"]) == (client.get("/api/v1/graph").get_json()["graph"], 65535)
    assert found["newcomers"] == 0
    known = read_map(settings.home)
    assert known is not None
    assert [found["x"], found["y"]] == [[round(float(place) * 65535) for place in side] for side in known.places.T]
    artworks = stores.graph.artworks(ids)
    assert found["thumbs"] == [f"{artwork.content_hash}-thumb.jpg" for artwork in artworks]
    with client.get(f"/images/{found['thumbs'][0]}") as picture:
        assert picture.status_code == 200


def test_a_map_makes_the_graph_s_answer_another_one(held: Held) -> None:
    client = held[0]
    before = client.get("/api/v1/graph")
    compute(held)
    after = client.get("/api/v1/graph", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.get_json()["capabilities"]["map"]) == (200, True)


def test_an_unchanged_map_is_a_304_and_a_changed_one_is_not(with_map: Held, demo: Path) -> None:
    client, _, settings = with_map
    first = client.get(URL)
    assert first.headers["Cache-Control"] == "public, no-cache"
    again = client.get(URL, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Vary"] == first.headers["Vary"] == "Accept-Encoding"
    add(client, demo)
    assert client.get(URL, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    second = client.get(URL)
    compute(with_map)
    third = client.get(URL, headers={"If-None-Match": second.headers["ETag"]})
    assert (third.status_code, third.get_json()["newcomers"]) == (200, 0)
    (settings.home / NAME).unlink()
    assert client.get(URL, headers={"If-None-Match": third.headers["ETag"]}).status_code == 404


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip", True), ("deflate, gzip;q=0.5", True), ("*", True), ("GZIP", True), ("gzip;q=0", False),
        ("gzip;q=0, *", False), ("identity", False), ("br", False), ("", False),
    ],
)  # fmt: skip
def test_the_answer_is_packed_for_those_who_take_it(with_map: Held, accepts: str, packed: bool) -> None:  # noqa: FBT001
    client = with_map[0]
    plain, answer = client.get(URL), client.get(URL, headers={"Accept-Encoding": accepts})
    assert "Content-Encoding" not in plain.headers
    assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
    assert (gzip.decompress(answer.data) if packed else answer.data) == plain.data
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert (answer.headers["ETag"] != plain.headers["ETag"]) == packed
    assert answer.headers["Vary"] == "Accept-Encoding"
    tagged = {"Accept-Encoding": accepts, "If-None-Match": answer.headers["ETag"]}
    assert client.get(URL, headers=tagged).status_code == 304
    head = client.head(URL, headers={"Accept-Encoding": accepts})
    assert (head.data, head.headers["Content-Length"]) == (b"", answer.headers["Content-Length"])


def test_the_answer_varies_by_the_origin_too_where_not_all_may_read(with_map: Held) -> None:
    _, stores, settings = with_map
    client = create_app(stores, settings.model_copy(update={"cors_origins": "https://museum.example"})).test_client()
    assert client.get(URL).headers["Vary"] == "Accept-Encoding, Origin"


def test_a_newcomer_is_on_the_map_at_once_among_its_neighbours(with_map: Held, demo: Path) -> None:
    client = with_map[0]
    before = body(client)
    added = add(client, demo).get_json()["id"]
    after = body(client)
    assert after["newcomers"] == 1
    assert set(after["ids"]) - set(before["ids"]) == {added}
    twin = client.get("/api/v1/artworks/key:trees-0001.jpg").get_json()["id"]
    places = {one: (x, y) for one, x, y in zip(after["ids"], after["x"], after["y"], strict=True)}
    apart = sorted((((x - places[added][0]) ** 2 + (y - places[added][1]) ** 2), one) for one, (x, y) in places.items())
    assert twin in [one for _, one in apart[:12]]
    old = {one: (x, y) for one, x, y in zip(before["ids"], before["x"], before["y"], strict=True)}
    assert all(places[one] == old[one] for one in old)


def test_what_is_taken_down_is_off_the_map_at_once_and_purged(with_map: Held) -> None:
    client, _, settings = with_map
    before = body(client)
    gone = client.get("/api/v1/artworks/key:trees-0001.jpg").get_json()["id"]
    done = client.delete(f"/api/v1/artworks/{gone}", headers=bearer())
    assert done.status_code == 204
    assert f"<{URL}*>" in done.headers["Link"]
    after = body(client)
    assert set(before["ids"]) - set(after["ids"]) == {gone}
    assert gone.encode() not in (settings.home / NAME).read_bytes()


def test_a_replaced_picture_lies_elsewhere(with_map: Held, demo: Path) -> None:
    client = with_map[0]
    own = client.get("/api/v1/artworks/key:trees-0001.jpg").get_json()["id"]
    sent = {"image": changed(demo, "waves-0002.jpg"), "id": TREE}
    assert client.put(f"/api/v1/artworks/{own}", data=sent, headers=bearer()).status_code == 200
    after = body(client)
    assert (after["newcomers"], len(after["ids"])) == (1, 85)


def test_what_may_not_be_shown_has_a_place_and_no_thumb(with_map: Held) -> None:
    client = with_map[0]
    own = client.get("/api/v1/artworks/key:trees-0001.jpg").get_json()["id"]
    before = body(client)
    changes = {"display": "none"}
    answer = client.patch(
        f"/api/v1/artworks/{own}",
        data=json.dumps(changes),
        content_type="application/merge-patch+json",
        headers=bearer(),
    )
    assert answer.status_code == 200, answer.get_json()
    after = body(client)
    row = after["ids"].index(own)
    assert (before["thumbs"][row] != "", after["thumbs"][row]) == (True, "")
    assert [len(after[name]) for name in ("ids", "x", "y", "thumbs")] == [85] * 4


@pytest.mark.parametrize("left", [0, 40, 3000])
def test_a_damaged_file_is_a_problem_that_says_what_to_do(with_map: Held, left: int) -> None:
    client, _, settings = with_map
    file = settings.home / NAME
    file.write_bytes(file.read_bytes()[:left])
    answer = client.get(URL)
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert "'xdegrees map" in answer.get_json()["detail"]
    assert str(settings.home) not in answer.get_json()["detail"]
    assert client.get("/api/v1/graph").get_json()["capabilities"]["map"] is False
    compute(with_map)
    assert len(body(client)["ids"]) == 85


def test_the_map_is_made_once_for_each_graph(with_map: Held) -> None:
    client, stores, _ = with_map
    maps = client.application.extensions["xdegrees"].maps
    stats = stores.graph.stats()
    assert maps.answer(stats) is maps.answer(stats)
