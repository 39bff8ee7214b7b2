"""Artworks that come, change and go over HTTP: closed without a key, and seen by everybody when the call returns."""

import io
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loaders.artworks import artwork_id
from loaders.pipeline import load
from loaders.plan import held_payloads
from loaders.progress import Progress
from loaders.request import LoadRequest
from service.keys import Keyring
from service.web.app import create_app
from stores.connect import Stores, open_to_serve
from stores.pictures import picture_path
from stores.settings import Settings, read_settings

ADD, BOTH = "a-key-that-may-add", "a-key-that-may-both"
KEYS = f"adder:{ADD}:add,keeper:{BOTH}"
TREE, WAVE = "trees-0001.jpg", "waves-0002.jpg"


@pytest.fixture
def held(demo_home: Path, tmp_path: Path) -> Iterator[tuple[FlaskClient, Stores, Settings]]:
    """An app over a copy of the gallery, with keys."""
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    settings = read_settings(home=home, rate_limit="", api_keys=KEYS)
    with open_to_serve(settings) as stores:
        app = create_app(stores, settings)
        yield app.test_client(), stores, settings
        app.extensions["xdegrees"].sight.close()


def bearer(key: str = BOTH) -> dict[str, str]:
    """Headers of who has a key."""
    return {"Authorization": f"Bearer {key}"}


def picture(demo: Path, name: str = TREE) -> tuple[io.BytesIO, str]:
    """A file of the gallery, as a form takes it."""
    return io.BytesIO((demo / name).read_bytes()), name


def changed(demo: Path, name: str = TREE) -> tuple[io.BytesIO, str]:
    """The same picture in other bytes."""
    return io.BytesIO((demo / name).read_bytes() + b"\0"), name


def add(client: FlaskClient, demo: Path, key: str = BOTH, **fields: str) -> TestResponse:
    """Add a picture of the gallery again, under a key of its own."""
    sent: dict[str, Any] = {"image": changed(demo), "id": "new", "title": "A New Tree", **fields}
    return client.post("/api/v1/artworks", data=sent, headers=bearer(key))


def everything(stores: Stores, settings: Settings) -> tuple[Any, ...]:
    """All that a write could change."""
    pictures = sorted((path, path.stat().st_mtime_ns) for path in settings.images.rglob("*.jpg"))
    vectors = np.concatenate([batch.vectors for batch in stores.vectors.scan()]).tobytes()
    return stores.graph.stats(), held_payloads(stores.vectors), vectors, pictures


def test_an_added_artwork_can_be_walked_to_when_the_call_returns(
    held: tuple[FlaskClient, Stores, Settings], demo: Path
) -> None:
    client, _, settings = held
    answer = add(client, demo, artist="Somebody", year="c. 1901")
    assert answer.status_code == 201
    artwork = answer.get_json()
    assert (artwork["key"], artwork["artists"], artwork["year_from"]) == ("new", ["Somebody"], 1901)
    assert answer.headers["Location"] == f"/api/v1/artworks/{artwork_id('artworks', 'new')}"
    path = client.get(f"/api/v1/path?from=key:new&to=key:{WAVE}").get_json()
    assert path["artworks"][0]["title"] == "A New Tree"
    assert client.get("/api/v1/artworks?q=new+tree").get_json()["total"] == 1
    with client.get(artwork["images"]["thumb"]["url"]) as thumb:
        assert thumb.status_code == 200
    assert any(one["key"] == TREE for one in client.get("/api/v1/artworks/key:new/neighbors").get_json()["neighbors"])
    line = json.loads((settings.home / "audit.jsonl").read_text().splitlines()[-1])
    assert (line["key"], line["method"], line["artwork_key"], line["outcome"]) == ("keeper", "POST", "new", "added")


def test_the_same_again_changes_nothing_and_other_bytes_are_a_conflict(
    held: tuple[FlaskClient, Stores, Settings], demo: Path
) -> None:
    client, stores, settings = held
    assert add(client, demo).status_code == 201
    before = everything(stores, settings)
    assert add(client, demo).status_code == 200
    other = client.post("/api/v1/artworks", data={"image": picture(demo, WAVE), "id": "new"}, headers=bearer())
    assert (other.status_code, other.get_json()["code"]) == (409, "conflict")
    nameless = {"image": changed(demo, WAVE)}
    assert client.post("/api/v1/artworks", data=nameless, headers=bearer()).status_code == 201
    nameless = {"image": changed(demo, WAVE)}
    assert client.post("/api/v1/artworks", data=nameless, headers=bearer()).status_code == 200
    assert before[0].artworks + 1 == stores.graph.stats().artworks


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {}, 401),
        ("POST", bearer("nobody-has-this-key"), 401),
        ("DELETE", {}, 401),
        ("DELETE", bearer(ADD), 403),
        ("PATCH", {"X-API-Key": "x" * 20}, 401),
        ("PUT", {}, 401),
    ],
)
def test_who_may_not_changes_nothing(
    held: tuple[FlaskClient, Stores, Settings], demo: Path, method: str, headers: dict[str, str], status: int
) -> None:
    client, stores, settings = held
    before = everything(stores, settings)
    place = "/api/v1/artworks" if method == "POST" else f"/api/v1/artworks/key:{TREE}"
    answer = client.open(place, method=method, data={"image": picture(demo, WAVE), "id": "x"}, headers=headers)
    assert answer.status_code == status
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert everything(stores, settings) == before
    line = json.loads((settings.home / "audit.jsonl").read_text().splitlines()[-1])
    assert line["outcome"] in ("unauthorized", "forbidden")


def test_what_is_taken_down_is_gone_everywhere(held: tuple[FlaskClient, Stores, Settings], demo: Path) -> None:
    client, stores, settings = held
    artwork = client.get(f"/api/v1/artworks/key:{TREE}").get_json()
    answer = client.delete(f"/api/v1/artworks/key:{TREE}", headers=bearer())
    assert answer.status_code == 204
    links = answer.headers["Link"]
    assert f"/api/v1/artworks/{artwork['id']}" in links
    assert all(one["url"] in links for one in artwork["images"].values())
    assert f"</api/v1/artworks/key:{TREE}/neighbors>" in links
    assert "</api/v1/path.png*>" in links
    for place in (
        f"/api/v1/artworks/key:{TREE}",
        f"/api/v1/artworks/{artwork['id']}",
        f"/api/v1/artworks/{artwork['id']}/neighbors",
        f"/api/v1/artworks/{artwork['id']}/image",
        f"/api/v1/path?from=key:{TREE}&to=key:{WAVE}",
        f"/api/v1/path?from=key:{WAVE}&to={artwork['id']}&images=5",
        f"/api/v1/path.png?from=key:{WAVE}&to={artwork['id']}",
    ):
        gone = client.get(place)
        assert (gone.status_code, gone.get_json()["code"]) == (410, "gone"), place
    for one in artwork["images"].values():
        assert client.get(one["url"]).status_code == 404
    assert artwork["id"] not in held_payloads(stores.vectors)
    assert artwork["id"] not in stores.graph.edges().ids
    assert client.get(f"/api/v1/artworks?q={TREE}").get_json()["total"] == 0
    shown = client.get(f"/api/v1/path?ids={artwork['id']},{artwork_id('artworks', WAVE)}").get_json()
    assert shown["artworks"][0]["title"] == "No longer in the collection"
    again = client.post("/api/v1/artworks", data={"image": picture(demo), "id": TREE}, headers=bearer())
    assert (again.status_code, again.get_json()["code"]) == (409, "conflict")
    assert "--readmit" in again.get_json()["detail"]
    assert client.delete(f"/api/v1/artworks/{artwork['id']}", headers=bearer()).status_code == 410
    ends = {"from": f"key:{TREE}", "to": f"key:{WAVE}"}
    for sent in (client.post("/api/v1/path", json=ends), client.post("/api/v1/path", data=ends)):
        assert sent.status_code == 410
    put = client.put(f"/api/v1/artworks/key:{TREE}", data={"image": picture(demo)}, headers=bearer())
    assert put.status_code == 410
    assert f"xdegrees load --readmit {artwork['id']}" in put.get_json()["detail"]
    log = (settings.home / "audit.jsonl").read_text()
    assert TREE not in log.splitlines()[0]
    assert (settings.home / "withheld.json").read_text().count(artwork["id"]) == 1


def test_a_picture_is_replaced(held: tuple[FlaskClient, Stores, Settings], demo: Path) -> None:
    client, stores, settings = held
    before = client.get(f"/api/v1/artworks/key:{TREE}").get_json()
    old = stores.graph.artworks([before["id"]])[0]
    sent = {"image": changed(demo, WAVE), "title": "Another"}
    answer = client.put(f"/api/v1/artworks/key:{TREE}", data=sent, headers=bearer(ADD))
    assert answer.status_code == 200
    after = answer.get_json()
    assert (after["id"], after["key"], after["title"]) == (before["id"], TREE, "Another")
    assert after["images"]["thumb"]["url"] != before["images"]["thumb"]["url"]
    assert not picture_path(settings.images, old.content_hash, "thumb").exists()
    nearest = client.get(f"/api/v1/artworks/key:{TREE}/neighbors").get_json()["neighbors"][0]
    assert nearest["key"] == WAVE
    renamed = {"image": changed(demo, WAVE), "id": "another"}
    refused = client.put(f"/api/v1/artworks/key:{TREE}", data=renamed, headers=bearer())
    assert (refused.status_code, refused.get_json()["errors"][0]["parameter"]) == (422, "id")


def test_metadata_is_patched_and_the_vector_stays(held: tuple[FlaskClient, Stores, Settings]) -> None:
    client, stores, _ = held
    before = client.get(f"/api/v1/artworks/key:{TREE}")
    own = before.get_json()["id"]
    vector, graph = stores.vectors.get([own]).vectors.copy(), stores.graph.stats().facts
    patch = {"title": "Patched", "style": None, "inventory": "7", "metadata": {"room": "12"}}
    answer = client.patch(f"/api/v1/artworks/{own}", json=patch, headers=bearer(ADD))
    assert answer.status_code == 200
    after = answer.get_json()
    assert (after["title"], after["style"], after["metadata"]["inventory"]) == ("Patched", "", "7")
    assert after["metadata"]["room"] == "12"
    assert after["artists"] == before.get_json()["artists"]
    assert (stores.vectors.get([own]).vectors == vector).all()
    now = stores.graph.stats().facts
    assert graph is not None
    assert now is not None
    assert graph.digest == now.digest
    assert client.get(f"/api/v1/artworks/key:{TREE}").headers["ETag"] != before.headers["ETag"]


def test_what_was_changed_meanwhile_is_not_written_over(held: tuple[FlaskClient, Stores, Settings]) -> None:
    client, _, _ = held
    place = f"/api/v1/artworks/key:{TREE}"
    tag = client.get(place).headers["ETag"]
    assert client.patch(place, json={"title": "One"}, headers={**bearer(), "If-Match": tag}).status_code == 200
    for late in (
        client.patch(place, json={"title": "Two"}, headers={**bearer(), "If-Match": tag}),
        client.delete(place, headers={**bearer(), "If-Match": tag}),
    ):
        assert (late.status_code, late.get_json()["code"]) == (412, "precondition-failed")
    assert client.get(place).get_json()["title"] == "One"


def test_a_tag_is_that_of_the_artwork_however_it_is_named_and_whatever_becomes_of_others(
    held: tuple[FlaskClient, Stores, Settings], demo: Path
) -> None:
    client, _, _ = held
    place = f"/api/v1/artworks/key:{TREE}"
    first = client.get(place)
    tag, own = first.headers["ETag"], f"/api/v1/artworks/{first.get_json()['id']}"
    assert add(client, demo).status_code == 201
    assert client.patch(f"/api/v1/artworks/key:{WAVE}", json={"title": "W"}, headers=bearer()).status_code == 200
    for named in (place, own):
        again = client.get(named, headers={"If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    answer = client.patch(own, json={"title": "One"}, headers={**bearer(), "If-Match": f"W/{tag}"})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == client.get(place).headers["ETag"] != tag
    assert client.get(place, headers={"If-None-Match": tag}).get_json()["title"] == "One"
    put = client.put(
        place,
        data={"image": changed(demo, WAVE), "display": "none"},
        headers={**bearer(), "If-Match": answer.headers["ETag"]},
    )
    assert (put.status_code, put.headers["ETag"]) == (200, client.get(own).headers["ETag"])
    another = {"image": picture(demo, "stripes-0001.jpg"), "display": "none"}
    late = client.put(place, data=another, headers={**bearer(), "If-Match": put.headers["ETag"]})
    assert late.headers["ETag"] != put.headers["ETag"]  # though nothing that is shown of it differs
    assert client.delete(place, headers={**bearer(), "If-Match": "*"}).status_code == 204


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_who_may_not_is_told_before_a_byte_of_the_body_is_read(
    held: tuple[FlaskClient, Stores, Settings], kind: str, method: str
) -> None:
    place = "/api/v1/artworks" if method == "POST" else f"/api/v1/artworks/key:{TREE}"
    body = _Unread(b"{}" * 100)
    answer = held[0].open(place, method=method, input_stream=body, content_length=200, content_type=kind)
    assert (answer.status_code, body.reads) == (401, 0)


class _Unread(io.BytesIO):
    """A body that counts how often it is read."""

    reads = 0

    def read(self, size: int | None = -1) -> bytes:
        """Count and read."""
        self.reads += 1
        return super().read(size)


def test_pages_of_other_origins_may_read_but_are_not_even_told_of_writes(
    held: tuple[FlaskClient, Stores, Settings],
) -> None:
    place = f"/api/v1/artworks/key:{TREE}"
    for method, path in (("DELETE", place), ("PUT", place), ("PATCH", place), ("POST", "/api/v1/artworks")):
        asked = {"Origin": "https://a.example", "Access-Control-Request-Method": method}
        for answer in (held[0].options(path, headers=asked), held[0].open(path, method=method, headers=asked)):
            assert "Access-Control-Allow-Origin" not in answer.headers
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    assert held[0].options(place, headers=asked).headers["Access-Control-Allow-Origin"] == "*"
    assert not (held[2].home / "audit.jsonl").read_text().count("OPTIONS")


def test_of_several_who_take_the_same_key_at_once_one_has_it(
    held: tuple[FlaskClient, Stores, Settings], demo: Path
) -> None:
    client, stores, settings = held
    before = stores.graph.stats()
    answers = []

    def post(number: int) -> None:
        data = (demo / TREE).read_bytes() + bytes([number])
        sent = {"image": (io.BytesIO(data), "a.jpg"), "id": "race", "title": f"Number {number}"}
        asking = client.application.test_client()
        answers.append((number, asking.post("/api/v1/artworks", data=sent, headers=bearer()).status_code))

    threads = [threading.Thread(target=post, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for _, status in answers) == [201, 409, 409, 409]
    (first,) = [number for number, status in answers if status == 201]
    assert client.get("/api/v1/artworks/key:race").get_json()["title"] == f"Number {first}"
    assert stores.graph.stats().artworks == before.artworks + 1
    assert stores.clean  # what was refused left nothing to finish
    assert len(list(settings.images.rglob("*.jpg"))) == 2 * stores.graph.stats().artworks


def test_what_may_be_shown_can_be_less_at_once_and_more_with_the_picture(
    held: tuple[FlaskClient, Stores, Settings], demo: Path
) -> None:
    client, _, _ = held
    place = f"/api/v1/artworks/key:{TREE}"
    medium = client.get(place).get_json()["images"]["medium"]["url"]
    assert client.patch(place, json={"display": "thumb"}, headers=bearer()).get_json()["images"]["medium"] == {}
    assert client.get(medium).status_code == 404
    refused = client.patch(place, json={"display": "full"}, headers=bearer())
    assert (refused.status_code, refused.get_json()["errors"][0]["parameter"]) == (422, "display")
    assert client.patch(place, json={"title": "Still"}, headers=bearer()).status_code == 200
    put = client.put(place, data={"image": picture(demo)}, headers=bearer())
    assert put.get_json()["images"]["medium"]["url"] == medium
    with client.get(medium) as shown:
        assert shown.status_code == 200


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_kept(
    held: tuple[FlaskClient, Stores, Settings], demo: Path
) -> None:
    client, stores, settings = held
    before = everything(stores, settings)
    wrong = add(client, demo, display="maybe", title="x" * 3000)
    assert wrong.status_code == 422
    assert {one["parameter"] for one in wrong.get_json()["errors"]} == {"display", "title"}
    for sent, code in (
        ({"image": (io.BytesIO(b"<html>"), "a.jpg")}, "bad-picture"),
        ({"title": "no picture"}, "unsupported-media-type"),
        ({"file": picture(demo)}, "bad-input"),
        ({"image": (io.BytesIO(b""), "a.jpg")}, "bad-input"),
    ):
        answer = client.post("/api/v1/artworks", data=sent, headers=bearer())
        assert answer.get_json()["code"] == code
    for body in ("[1]", "{", "[" * 100_000):
        answer = client.patch(
            f"/api/v1/artworks/key:{TREE}", data=body, headers=bearer(), content_type="application/json"
        )
        assert answer.status_code in (400, 422)
    unknown = client.patch("/api/v1/artworks/key:nobody", json={"title": "x"}, headers=bearer())
    assert unknown.status_code == 404
    unchangeable = client.patch(f"/api/v1/artworks/key:{TREE}", json={"id": "x", "image": "y"}, headers=bearer())
    assert {one["parameter"] for one in unchangeable.get_json()["errors"]} == {"id", "image"}
    assert everything(stores, settings) == before


def test_the_first_key_opens_a_service_that_runs_and_the_answer_about_it_is_no_stale_304(
    demo_home: Path, tmp_path: Path, demo: Path
) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    settings = read_settings(home=home, rate_limit="")
    with open_to_serve(settings) as stores:
        app = create_app(stores, settings)
        client = app.test_client()
        closed = client.get("/api/v1/graph")
        assert closed.get_json()["capabilities"]["add"] is False
        told = client.post("/api/v1/artworks", data={})
        assert (told.status_code, "xdegrees key new" in told.get_json()["detail"]) == (401, True)
        secret = Keyring(settings).new("first", ["add"])
        opened = client.get("/api/v1/graph", headers={"If-None-Match": closed.headers["ETag"]})
        assert (opened.status_code, opened.get_json()["capabilities"]["add"]) == (200, True)
        assert add(client, demo, secret).status_code == 201
        Keyring(settings).revoke("first")
        assert add(client, demo, secret, id="late").status_code == 401
        app.extensions["xdegrees"].sight.close()


def test_a_collection_of_given_vectors_takes_no_artworks(tmp_path: Path, demo: Path) -> None:
    np.savez(tmp_path / "v.npz", keys=np.array(["a", "b", "c"]), vectors=np.eye(3, 8, dtype=np.float32))
    given = LoadRequest(folder=None, source="a", vectors=tmp_path / "v.npz", embedder="theirs")
    settings = read_settings(home=tmp_path / "home", rate_limit="", api_keys=KEYS)
    with open_to_serve(settings) as stores:
        load(given, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        client = create_app(stores, settings).test_client()
        answer = add(client, demo)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "no-embedder")
        assert client.get("/api/v1/graph").get_json()["capabilities"]["add"] is False
        assert not settings.images.exists()
