"""Writes over HTTP that are refused: closed without a key, told what is wrong, and nothing of them kept."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from service.keys import Keyring
from service.web.app import create_app
from stores.connect import Stores, open_to_serve
from stores.settings import Settings, read_settings
from tests.web.sent import ADD, KEYS, TREE, WAVE, add, bearer, everything, picture


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
        ({"image": [picture(demo, WAVE), picture(demo, TREE)]}, "bad-input"),
    ):
        answer = client.post("/api/v1/artworks", data=sent, headers=bearer())
        assert answer.get_json()["code"] == code
    empty = client.post("/api/v1/artworks", data={"image": (io.BytesIO(b""), "a.jpg")}, headers=bearer())
    assert "empty file: send" in empty.get_json()["detail"]
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


def test_a_body_of_another_kind_is_told_what_kind_to_send(held: tuple[FlaskClient, Stores, Settings]) -> None:
    posted = held[0].post("/api/v1/artworks", json={"title": "x"}, headers=bearer()).get_json()
    assert (posted["status"], "multipart/form-data): its picture as the file image" in posted["detail"]) == (415, True)
    patched = held[0].patch(f"/api/v1/artworks/key:{TREE}", data={"title": "x"}, headers=bearer()).get_json()
    assert (patched["status"], "(application/merge-patch+json), such as {" in patched["detail"]) == (415, True)


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
