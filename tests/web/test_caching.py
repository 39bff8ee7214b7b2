"""An unchanged answer is a 304, a changed one never; who may read, and under which address."""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from service.web.app import create_app
from stores.connect import open_stores
from stores.settings import read_settings

PATH = "/api/v1/path?from=key:stripes-0001.jpg&to=key:trees-0001.jpg"


@pytest.mark.parametrize("path", [PATH, "/api/v1/graph", "/api/v1/artworks?q=a", PATH.replace("path?", "path.png?")])
def test_an_unchanged_answer_is_a_304(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "public, no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    weak = client.get(path, headers={"If-None-Match": f"W/{first.headers['ETag']}"})
    assert weak.status_code == 304  # a proxy that compresses weakens the tag
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_tags_differ_by_question_but_not_by_the_order_of_its_parts(client: FlaskClient) -> None:
    tags = {
        client.get(path).headers["ETag"]
        for path in (PATH, f"{PATH}&pace=direct", PATH.replace("path?", "path.png?"), "/api/v1/graph")
    }
    assert len(tags) == 4
    swapped = "/api/v1/path?to=key:trees-0001.jpg&from=key:stripes-0001.jpg"
    assert client.get(swapped).headers["ETag"] == client.get(PATH).headers["ETag"]


@pytest.mark.parametrize("path", ["/api/v1/random", "/", "/api/v1/path?from=x&to=y"])
def test_what_is_never_stored(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_a_corrected_title_is_never_a_stale_304(demo: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(demo, tmp_path / "gallery"))
    settings = read_settings(home=tmp_path / "home", rate_limit="")
    request = LoadRequest(folder, "artworks")
    with open_stores(settings) as stores:
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        client = create_app(stores, settings).test_client()
        url = "/api/v1/artworks/key:stripes-0001.jpg"
        before, path = client.get(url), client.get(PATH)
        with (folder / "metadata.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row["title"] = "Corrected" if row["filename"] == "stripes-0001.jpg" else row["title"]
        with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
        after = client.get(url, headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert after.json
        assert after.json["title"] == "Corrected"
        again = client.get(PATH, headers={"If-None-Match": path.headers["ETag"]})
        assert again.status_code == 200
        assert again.json
        assert path.json
        assert again.json["graph"]["id"] == path.json["graph"]["id"]


def test_any_page_may_read_but_never_with_credentials(client: FlaskClient) -> None:
    answer = client.get("/api/v1/graph", headers={"Origin": "https://example.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Access-Control-Allow-Origin" not in client.post("/api/v1/graph").headers


def test_only_listed_origins_may_read(make_client: Callable[..., FlaskClient]) -> None:
    client = make_client(cors_origins="https://a.org, https://b.org")
    for origin, allowed in (("https://b.org", "https://b.org"), ("https://c.org", None)):
        answer = client.get("/api/v1/graph", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert "Origin" in answer.headers["Vary"]


def test_every_address_begins_with_the_public_one(make_client: Callable[..., FlaskClient]) -> None:
    client = make_client(public_url="https://example.org/discover/")
    for prefix in ("", "/discover"):
        for path in (PATH, "/api/v1/random", "/api/v1/artworks?limit=3", "/"):
            answer = client.get(prefix + path)
            assert answer.status_code == 200
            addresses = re.findall(r'(?:"url":|"path":|"strip":|"self":|href=|src=)\s*"([^"]+)"', answer.text)
            assert addresses
            begin = ("https://example.org/discover/", *(("/discover/", "#") if path == "/" else ()))
            assert all(one.startswith(begin) for one in addresses)
    link = client.get("/api/v1/artworks?limit=3").headers["Link"]
    assert link.startswith("<https://example.org/discover/api/v1/artworks?")
    assert client.get("/discover").status_code == 200
    assert client.get("/discoverx").status_code == 404
