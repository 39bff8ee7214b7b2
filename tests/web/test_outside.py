"""Pictures and words that are sent as ends: what comes back, what is refused, what is kept (nothing)."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from flask.testing import FlaskClient
from PIL import Image

import loaders.embedders
from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from service.web.app import create_app
from stores.connect import Stores, open_stores
from stores.settings import read_settings

TO = "key:trees-0001.jpg"


def drawn(kind: str = "PNG", size: tuple[int, int] = (300, 200)) -> bytes:
    """A picture that is not in the gallery."""
    buffer = io.BytesIO()
    Image.effect_mandelbrot(size, (-3, -2.5, 2, 2.5), 100).convert("RGB").save(buffer, kind)
    return buffer.getvalue()


def blank(side: int) -> bytes:
    """A square of so many pixels a side in few bytes."""
    buffer = io.BytesIO()
    Image.new("1", (side, side)).save(buffer, "PNG")
    return buffer.getvalue()


def post(client: FlaskClient, **fields: Any) -> Any:
    """Send a form; bytes become files."""
    data = {
        name.replace("start", "from"): (io.BytesIO(value), "picture.png") if isinstance(value, bytes) else value
        for name, value in fields.items()
    }
    return client.post("/api/v1/path", data=data)


def ids_of(answer: Any) -> list[str]:
    """Ids of a path."""
    assert answer.status_code == 200, answer.text
    return [str(one) for one in answer.get_json()["ids"]]


def test_a_picture_is_an_end(client: FlaskClient, opened: Stores, demo_home: Path) -> None:
    before = opened.graph.stats(), opened.vectors.stats(), sorted(demo_home.rglob("*.jpg"))
    for images in (None, 6):
        answer = post(client, start_image=drawn(), to=TO, **({"images": images} if images else {}))
        body = answer.get_json()
        ids = ids_of(answer)
        assert ids[0] == "image:from"
        assert images in (None, len(ids))
        assert body["artworks"][0]["title"] == "Your picture"
        assert body["links"]["self"] is body["links"]["strip"] is None
        assert ids_of(client.get(body["links"]["given"])) == ids[1:]
        assert "image:from" not in body["cite"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
    assert before == (opened.graph.stats(), opened.vectors.stats(), sorted(demo_home.rglob("*.jpg")))


def test_two_pictures_are_both_ends(client: FlaskClient) -> None:
    ids = ids_of(post(client, start_image=drawn(), to_image=drawn("JPEG", (90, 400)), via=TO))
    assert (ids[0], ids[-1]) == ("image:from", "image:to")


@pytest.mark.parametrize("images", [None, 5])
def test_a_copy_of_an_artwork_behaves_as_that_artwork(client: FlaskClient, demo: Path, images: int | None) -> None:
    query = {"to": TO, "images": images} if images else {"to": TO}
    sent = post(client, start_image=(demo / "stripes-0001.jpg").read_bytes(), **query).get_json()
    asked = client.get("/api/v1/path", query_string={"from": "key:stripes-0001.jpg", **query}).get_json()
    assert sent == asked | {"links": sent["links"]}
    assert client.get(sent["links"]["self"]).get_json()["ids"] == asked["ids"]


def test_a_body_of_json_asks_as_a_query_does(client: FlaskClient) -> None:
    fields = {"from": "key:stripes-0001.jpg", "to": TO, "via": ["key:waves-0001.jpg"], "images": 9}
    assert client.post("/api/v1/path", json=fields).get_json()["ids"] == ids_of(
        client.get("/api/v1/path", query_string=fields)
    )


@pytest.mark.parametrize(
    ("fields", "status", "code", "parameter"),
    [
        ({"start_image": b"GIF89a, but no more", "to": TO}, 422, "bad-picture", "from_image"),
        ({"start_image": b"", "to": TO}, 422, "bad-picture", "from_image"),
        ({"start_image": blank(8000), "to": TO}, 422, "bad-picture", "from_image"),
        ({"start_image": bytes(100_001), "to": TO}, 413, "too-large", "from_image"),
        ({"start_image": drawn(), "start": TO, "to": TO}, 422, "bad-input", "from"),
        ({"start_image": drawn(), "start_text": "sea", "to": TO}, 422, "bad-input", "from"),
        ({"start_image": drawn()}, 422, "bad-input", "to"),
        ({"picture": drawn(), "start": TO, "to": TO}, 422, "bad-input", "picture"),
        ({"start_text": "storm at sea", "to": TO}, 422, "no-text", None),
        ({"start": TO, "to": TO, "colour": "red"}, 422, "bad-input", "colour"),
    ],
)
def test_what_cannot_be_an_end_is_refused(
    make_client: Callable[..., FlaskClient], fields: dict[str, Any], status: int, code: str, parameter: str | None
) -> None:
    client = make_client(max_upload_mb=0.1)
    answer = post(client, **fields)
    body = answer.get_json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert parameter is None or parameter in {one["parameter"] for one in body["errors"]}
    assert client.get(body["type"]).status_code == 200


@pytest.mark.parametrize(
    ("sent", "advice"),
    [
        (b"GIF89a, but no more", "known format: send a JPEG, PNG, WebP, TIFF, GIF, BMP, JPEG 2000 or AVIF"),
        (b"", "empty file: send the file of a picture"),
        (blank(8000), "that are decoded: send a smaller picture"),
        (drawn("JPEG")[:3000], ": send the whole file, or the picture saved anew"),
    ],
)
def test_a_picture_that_cannot_be_read_comes_back_with_advice_that_helps(
    client: FlaskClient, sent: bytes, advice: str
) -> None:
    assert post(client, start_image=sent, to=TO).get_json()["detail"].endswith(advice)


def test_a_body_beyond_all_pictures_is_not_even_read(make_client: Callable[..., FlaskClient]) -> None:
    kind = "multipart/form-data; boundary=x"
    answer = make_client(max_upload_mb=1.5).post("/api/v1/path", data=bytes(4_100_000), content_type=kind)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too-large")
    assert "may have 1.5 MB (XDEGREES_MAX_UPLOAD_MB)" in answer.get_json()["detail"]


def test_a_body_of_json_has_no_room_for_pictures(client: FlaskClient) -> None:
    fields = {"from": "key:stripes-0001.jpg", "to": TO}
    room = json.dumps(fields).ljust(1_000_000)
    assert client.post("/api/v1/path", data=room, content_type="application/json").status_code == 200
    answer = client.post("/api/v1/path", data=room + " ", content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too-large")
    assert "everything else together 1 MB" in answer.get_json()["detail"]
    deep = client.post("/api/v1/path", data="[" * 200_000, content_type="application/json")
    assert (deep.status_code, deep.get_json()["code"]) == (400, "bad-request")


@pytest.mark.parametrize("name", ["where", "style", "artist", "via", "avoid"])
def test_no_list_and_no_name_in_it_is_without_end(client: FlaskClient, name: str) -> None:
    for value in (["style:x"] * 1001, ["x" * 501]):
        answer = client.post("/api/v1/path", json={"from": TO, "to": TO, name: value})
        assert answer.status_code == 422
        assert {one["parameter"].split(".")[0] for one in answer.get_json()["errors"]} == {name}


def test_a_picture_sent_twice_is_refused(client: FlaskClient) -> None:
    sent = [(io.BytesIO(drawn()), f"{number}.png") for number in range(2)]
    answer = client.post("/api/v1/path", data={"from_image": sent, "to": TO})
    assert answer.status_code == 422
    assert answer.get_json()["detail"] == "from_image: is sent more than once: send one picture"


@pytest.mark.parametrize(("body", "kind", "status"), [(b"hello", "text/plain", 415), (b"[1]", "application/json", 422)])
def test_a_body_of_another_kind_is_refused(client: FlaskClient, body: bytes, kind: str, status: int) -> None:
    assert client.post("/api/v1/path", data=body, content_type=kind).status_code == status


def test_any_page_may_send_a_picture(client: FlaskClient) -> None:
    origin = {"Origin": "https://museum.example"}
    allowed = client.options("/api/v1/path", headers={**origin, "Access-Control-Request-Method": "POST"})
    assert allowed.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in allowed.headers["Allow"]
    answer = client.post("/api/v1/path", json={"from": TO, "to": TO}, headers=origin)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_collection_of_given_vectors_takes_no_pictures(tmp_path: Path) -> None:
    given = LoadRequest(folder=None, source="a", vectors=tmp_path / "v.npz", embedder="theirs")
    np.savez(tmp_path / "v.npz", keys=np.array(["a", "b", "c"]), vectors=np.eye(3, 8, dtype=np.float32))
    settings = read_settings(home=tmp_path / "home", rate_limit="")
    with open_stores(settings) as stores:
        load(given, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        client = create_app(stores, settings).test_client()
        answer = post(client, start_image=drawn(), to="key:a")
        assert (answer.status_code, answer.get_json()["code"]) == (422, "no-embedder")
        assert client.get("/api/v1/graph").get_json()["capabilities"]["upload"] is False


def test_without_torch_a_collection_of_a_network_takes_no_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "loaders.embedders.torchvision", raising=False)
    monkeypatch.delitem(sys.modules, "loaders.embedders.network", raising=False)
    monkeypatch.delattr(loaders.embedders, "torchvision", raising=False)
    given = LoadRequest(folder=None, source="a", vectors=tmp_path / "v.npz", embedder="mobilenet_v2")
    np.savez(tmp_path / "v.npz", keys=np.array(["a", "b", "c"]), vectors=np.eye(3, 8, dtype=np.float32))
    settings = read_settings(home=tmp_path / "home", rate_limit="")
    with open_stores(settings) as stores:
        load(given, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        client = create_app(stores, settings).test_client()
        answer = post(client, start_image=drawn(), to="key:a")
        assert (answer.status_code, answer.get_json()["code"]) == (422, "no-embedder")
        assert "needs torch" in answer.get_json()["detail"]
        assert client.get("/api/v1/graph").get_json()["capabilities"]["upload"] is False
        assert len(ids_of(client.get("/api/v1/path", query_string={"from": "key:a", "to": "key:b"}))) == 2


@pytest.mark.parametrize("name", ["via", "avoid"])
@pytest.mark.parametrize("images", [None, 5])
def test_an_unknown_artwork_is_404_beside_a_picture_too(client: FlaskClient, name: str, images: int | None) -> None:
    for gone in ("00000000-0000-5000-8000-000000000000", "key:stripes-9"):
        asked = {"to": TO, name: gone} | ({"images": images} if images else {})
        answer = post(client, start_image=drawn(), **asked)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")
        assert gone.removeprefix("key:") in answer.get_json()["detail"]


@pytest.fixture(scope="module")
def reading(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """An app over some pictures embedded by an open_clip model of random weights, told nowhere where they are."""
    folder = tmp_path_factory.mktemp("clip")
    torch.manual_seed(0)
    torch.save(open_clip.create_model("RN50", precision="fp32").state_dict(), folder / "clip.pt")
    settings = read_settings(home=folder / "home", rate_limit="")
    request = LoadRequest(folder=demo, source="a", embedder="open_clip:RN50", checkpoint=folder / "clip.pt", limit=24)
    with ExitStack() as stack:
        stores = stack.enter_context(open_stores(settings))
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        yield create_app(stores, settings).test_client()


def test_words_are_an_end_where_the_embedder_knows_them(reading: FlaskClient) -> None:
    able = reading.get("/api/v1/graph").get_json()["capabilities"]
    assert (able["upload"], able["text"]) == (True, True)
    target = reading.get("/api/v1/artworks?limit=1").get_json()["artworks"][0]["id"]
    answer = reading.get("/api/v1/path", query_string={"from_text": "storm at sea", "to": target})
    assert ids_of(answer)[0] == "text:from"
    body = answer.get_json()
    assert body["artworks"][0]["title"] == "“storm at sea”"
    assert ids_of(reading.get(body["links"]["self"])) == ids_of(answer)
    assert reading.get(body["links"]["strip"]["url"]).mimetype == "image/png"
    both = reading.post("/api/v1/path", json={"from_text": "a hat", "to_text": "a cat"})
    assert (ids_of(both)[0], ids_of(both)[-1]) == ("text:from", "text:to")


def test_why_is_told_of_every_step_where_it_is_asked_for(client: FlaskClient, reading: FlaskClient) -> None:
    answer = post(client, start_image=drawn(), to=TO, why="true").get_json()
    assert all(step["why"]["sentence"] and step["why"]["words"] == [] for step in answer["steps"])
    given = client.get("/api/v1/path", query_string={"ids": ",".join(answer["ids"][1:]), "why": 1}).get_json()
    assert [step["why"] for step in given["steps"]] == [step["why"] for step in answer["steps"][1:]]
    read = reading.get("/api/v1/artworks?limit=2").get_json()["artworks"]
    told = reading.get("/api/v1/path", query_string={"from": read[0]["id"], "to": read[1]["id"], "why": "yes"})
    assert all(isinstance(step["why"]["words"], list) for step in told.get_json()["steps"])
    assert "why" not in client.get("/api/v1/path", query_string={"from": TO, "to": TO}).get_json()
