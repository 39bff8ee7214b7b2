"""The API's answers, in the shapes that others depend on."""

import io
import math
import re
import statistics
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from stores.ports import PACES

FROM, TO = "key:stripes-0001.jpg", "key:trees-0001.jpg"

ARTWORK = {
    "id", "key", "title", "artists", "date_text", "year_from", "year_to", "style", "medium", "collection", "object_id",
    "alt_text", "images", "page_url", "rights_uri", "rights_text", "credit", "attribution", "advisory", "metadata",
}  # fmt: skip


def get(client: FlaskClient, path: str, **query: object) -> Any:
    """Ask and return the JSON."""
    answer = client.get(path, query_string=query or None)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_a_path_has_the_promised_shape(client: FlaskClient) -> None:
    body = get(client, "/api/v1/path", **{"from": FROM, "to": TO})
    promised = {"graph", "pace", "cost", "artworks", "steps", "quality", "cite", "links"}
    assert set(body) == promised | {"ids", "alternatives"}
    assert body["pace"] == "gentle"
    assert all(set(artwork) == ARTWORK for artwork in body["artworks"])
    assert set(body["graph"]) == {"version", "id"}
    assert [body["artworks"][0]["key"], body["artworks"][-1]["key"]] == ["stripes-0001.jpg", "trees-0001.jpg"]
    ids = [artwork["id"] for artwork in body["artworks"]]
    assert [(step["from"], step["to"]) for step in body["steps"]] == list(pairwise(ids))
    assert all(set(s) == {"from", "to", "angle", "weight", "kind", "rank", "shared"} for s in body["steps"])
    for picture in body["artworks"][0]["images"].values():
        assert set(picture) == {"url", "width", "height"}
    assert set(body["links"]["strip"]) == {"url", "width", "height", "alt"}


@pytest.mark.parametrize("pace", PACES)
def test_cost_and_quality_follow_from_the_steps(client: FlaskClient, pace: str) -> None:
    body = get(client, "/api/v1/path", **{"from": FROM, "to": TO, "pace": pace})
    weights = [step["weight"] for step in body["steps"]]
    quality = body["quality"]
    assert body["cost"] == pytest.approx(sum(weight ** PACES[pace] for weight in weights), rel=1e-12)
    assert quality["largest_step"] == max(weights)
    assert quality["step_variation"] == pytest.approx(statistics.pstdev(weights) / statistics.mean(weights))
    assert quality["total_angle"] == pytest.approx(math.fsum(step["angle"] for step in body["steps"]))
    assert 0 < quality["direct_angle"] <= quality["total_angle"] + 1e-9


def test_gentler_paces_have_smaller_largest_steps(client: FlaskClient) -> None:
    bodies = [get(client, "/api/v1/path", **{"from": FROM, "to": TO, "pace": pace}) for pace in PACES]
    assert len(bodies[0]["artworks"]) <= len(bodies[-1]["artworks"])
    assert bodies[-1]["quality"]["largest_step"] <= bodies[0]["quality"]["largest_step"]


def test_a_path_to_itself_is_one_artwork(client: FlaskClient) -> None:
    body = get(client, "/api/v1/path", **{"from": FROM, "to": FROM})
    assert (len(body["artworks"]), body["steps"], body["cost"]) == (1, [], 0)
    assert body["cite"].startswith(f"Path of 1 artwork, {body['artworks'][0]['title']}")
    assert "1 artworks" not in str(body)


def test_the_strip_has_the_size_that_was_promised(client: FlaskClient) -> None:
    strip = get(client, "/api/v1/path", **{"from": FROM, "to": TO})["links"]["strip"]
    answer = client.get(strip["url"])
    assert answer.content_type == "image/png"
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.size == (strip["width"], strip["height"])
        assert len(image.getcolors(1 << 24) or ()) > 1000


def test_ids_and_keys_name_the_same_artwork(client: FlaskClient) -> None:
    artwork = get(client, f"/api/v1/artworks/{FROM}")
    assert get(client, f"/api/v1/artworks/{artwork['id']}") == artwork
    assert set(artwork) == ARTWORK


def test_neighbours_are_every_edge_by_angle(client: FlaskClient) -> None:
    own = get(client, f"/api/v1/artworks/{FROM}")["id"]
    found = get(client, f"/api/v1/artworks/{own}/neighbors")["neighbors"]
    angles = [one["angle"] for one in found]
    assert angles == sorted(angles)
    assert [one["rank"] for one in found if one["rank"]] == list(range(1, 16))
    assert all(set(one) == ARTWORK | {"angle", "weight", "rank", "kind"} for one in found)
    for one in found:
        back = get(client, f"/api/v1/artworks/{one['id']}/neighbors")["neighbors"]
        assert own in {other["id"] for other in back}


def test_a_picture_is_redirected_to_and_cached_for_a_day(client: FlaskClient) -> None:
    for size, longest in (("thumb", 256), ("medium", 480)):
        answer = client.get(f"/api/v1/artworks/{FROM}/image", query_string={"size": size})
        assert answer.status_code == 302
        with client.get(answer.headers["Location"]) as picture:
            assert picture.headers["Cache-Control"] == "public, max-age=86400"
            with Image.open(io.BytesIO(picture.data)) as image:
                assert max(image.size) == longest


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "%2e%2e/%2e%2e/lock", "x.jpg", f"{'0' * 64}-thumb.jpg", f"{'0' * 64}-huge.jpg", "..%2flock"],
)
def test_no_part_of_an_address_reaches_the_file_system(client: FlaskClient, name: str) -> None:
    assert client.get(f"/images/{name}").status_code == 404


def test_pages_hold_everything_once_and_link_to_the_next(client: FlaskClient) -> None:
    found, url = [], "/api/v1/artworks?limit=9"
    while url:
        answer = client.get(url)
        body = answer.get_json()
        found += [artwork["id"] for artwork in body["artworks"]]
        link = answer.headers.get("Link")
        assert (link is None) == (body["next"] is None)
        url = link.partition(">")[0].removeprefix("<") if link else ""
    assert len(found) == len(set(found)) == body["total"] == 85


def test_what_the_graph_says_can_be_filtered_by_can_be(client: FlaskClient) -> None:
    columns = get(client, "/api/v1/graph")["columns"]
    assert "year" in columns
    for column in columns:
        get(client, "/api/v1/artworks", where=f"{column}:1900")
        counted = client.get("/api/v1/artworks", query_string={"facets": column})
        assert counted.status_code == (422 if column == "year" else 200)
    assert "year cannot be counted; there are" in counted.get_json()["detail"]


def test_filters_and_facets(client: FlaskClient) -> None:
    body = get(client, "/api/v1/artworks", facets=["style"], limit=1)
    counts = {facet["value"]: facet["count"] for facet in body["facets"]["style"]}
    assert sum(counts.values()) == 85
    style = next(iter(counts))
    assert get(client, "/api/v1/artworks", style=style.upper())["total"] == counts[style]
    assert get(client, "/api/v1/artworks", where=f"style:{style}")["total"] == counts[style]
    old = get(client, "/api/v1/artworks", year_to=1920, limit=100)
    new = get(client, "/api/v1/artworks", year_from=1921, limit=100)
    assert all(artwork["year_from"] <= 1920 for artwork in old["artworks"])
    assert all(artwork["year_to"] >= 1921 for artwork in new["artworks"])
    assert old["total"] + new["total"] >= 85
    assert get(client, "/api/v1/artworks", where=["year:1890..1950", f"style:{style}"])["total"] <= counts[style]


def test_search_finds_words(client: FlaskClient) -> None:
    title = get(client, f"/api/v1/artworks/{FROM}")["title"]
    assert get(client, "/api/v1/artworks", q=title)["artworks"][0]["title"] == title
    assert get(client, "/api/v1/artworks", q="no such words")["total"] == 0


def test_a_random_pair_is_two_artworks_with_a_path(client: FlaskClient) -> None:
    pairs = [get(client, "/api/v1/random") for _ in range(5)]
    assert len({tuple(artwork["id"] for artwork in pair["artworks"]) for pair in pairs}) > 1
    body = get(client, pairs[0]["links"]["path"])
    assert [body["artworks"][q]["id"] for q in (0, -1)] == [artwork["id"] for artwork in pairs[0]["artworks"]]


def test_the_graph_in_figures(client: FlaskClient) -> None:
    body = get(client, "/api/v1/graph")
    assert (body["artworks"], body["components"], body["k"]) == (85, 1, 15)
    assert body["embedder"]["name"] == "classic"
    assert body["degree"]["mean"] == pytest.approx(2 * body["edges"] / 85)
    assert body["angle"]["min"] <= body["angle"]["median"] <= body["angle"]["max"] <= math.pi
    assert set(body["capabilities"]) == {"upload", "text", "add", "map"}


def test_what_found_a_path_and_in_what_time_is_said(client: FlaskClient) -> None:
    answer = client.get("/api/v1/path?from=key:stripes-0001.jpg&to=key:trees-0001.jpg")
    assert re.fullmatch(r'path;desc="memory";dur=[\d.]+, total;dur=[\d.]+', answer.headers["Server-Timing"])
    assert 'xdegrees_path_seconds_count{engine="memory"} 1.0' in client.get("/metrics").text
    assert client.get("/livez").headers["Server-Timing"].startswith("total;dur=")


def test_exactly_so_many_images_and_what_was_cited_stay(client: FlaskClient) -> None:
    body = get(client, "/api/v1/path", **{"from": FROM, "to": TO, "images": 7, "alternatives": 1})
    assert len(body["ids"]) == len(set(body["ids"])) == 7
    assert len(body["alternatives"]) == 1
    assert {one["id"] for one in body["artworks"]} == {*body["ids"], *body["alternatives"][0]["ids"]}
    assert body["quality"]["lower_bound"] <= body["quality"]["largest_step"]
    again = client.get(body["links"]["given"]).json or {}
    assert again["ids"] == body["ids"]
    assert {step["kind"] for step in again["steps"]} == {"given"}
    assert body["links"]["given"] in body["cite"]
    assert "in even steps" in body["cite"]
    assert all("pace." not in found["cite"] for found in (body, again))
    same = client.get(body["links"]["self"]).json or {}
    assert same["ids"] == body["ids"]
    strip = client.get(body["links"]["strip"]["url"])
    assert (strip.status_code, strip.mimetype) == (200, "image/png")
