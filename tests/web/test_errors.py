"""Every error is a problem document that says what to do."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

FROM, TO = "key:stripes-0001.jpg", "key:trees-0001.jpg"


def problem(client: FlaskClient, path: str, status: int, code: str, method: str = "GET") -> dict[str, Any]:
    """Ask for something that cannot be; return the problem."""
    answer = client.open(path, method=method)
    body: dict[str, Any] = answer.get_json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert answer.content_type == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "instance"} <= set(body)
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(body["type"]).status_code == 200
    return body


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/artworks/key:stripes-001.jpg",
        "/api/v1/artworks/nonsense/neighbors",
        f"/api/v1/path?from={FROM}&to=key:stripes-9",
        f"/api/v1/path.png?from=key:stripes-9&to={TO}",
    ],
)
def test_an_unknown_artwork_names_the_closest(client: FlaskClient, path: str) -> None:
    body = problem(client, path, 404, "not-found")
    if "nonsense" not in path:
        assert body["closest"]
        assert set(body["closest"][0]) == {"id", "title", "key"}


def test_nothing_is_close_to_an_id_which_is_a_digest(client: FlaskClient) -> None:
    body = problem(client, "/api/v1/artworks/00000000-0000-5000-8000-000000000000", 404, "not-found")
    assert body["closest"] == []
    assert "closest" not in body["detail"]


def test_all_bad_and_unknown_parameters_are_named_at_once(client: FlaskClient) -> None:
    body = problem(client, "/api/v1/path?from=x&pace=fast&speed=9", 422, "bad-input")
    assert {error["parameter"] for error in body["errors"]} == {"to", "pace", "speed"}


def test_an_unknown_column_lists_those_there_are(client: FlaskClient) -> None:
    body = problem(client, "/api/v1/artworks?where=colour:red&where=nothing&where=year:x", 422, "bad-input")
    assert len(body["errors"]) == 3
    assert "style" in body["detail"]
    problem(client, "/api/v1/artworks?facets=colour", 422, "bad-input")


@pytest.mark.parametrize("cursor", ["x", "!!", "WzEsMl0", "bnVsbA"])
def test_a_cursor_that_is_not_ours(client: FlaskClient, cursor: str) -> None:
    answer = client.get("/api/v1/artworks", query_string={"cursor": cursor})
    assert answer.status_code in (200, 422)


def test_pages_and_methods_that_are_not_there(client: FlaskClient) -> None:
    problem(client, "/nowhere", 404, "not-found")
    problem(client, "/problems/nothing", 404, "not-found")
    problem(client, "/api/v1/path", 405, "method-not-allowed", "DELETE")


def test_a_page_that_is_not_there_is_not_called_an_artwork(client: FlaskClient) -> None:
    detail = problem(client, "/api/v1/nosuch", 404, "not-found")["detail"]
    assert "artwork" not in detail
    assert "/docs lists the routes" in detail


def test_a_body_for_a_path_that_is_none_is_told_what_one_would_be(client: FlaskClient) -> None:
    empty = client.post("/api/v1/path").get_json()
    assert (empty["status"], "application/json) or a form (multipart" in empty["detail"]) == (415, True)
    broken = client.post("/api/v1/path", data="{", content_type="application/json").get_json()
    assert (broken["status"], 'such as {"from": "key:1"' in broken["detail"]) == (400, True)


def test_nothing_loaded_is_503_with_retry_after(empty_client: FlaskClient) -> None:
    for path in ("/readyz", "/api/v1/graph", "/api/v1/artworks", "/api/v1/random"):
        body = problem(empty_client, path, 503, "unavailable")
        assert "xdegrees load" in body["detail"]
        assert int(empty_client.get(path).headers["Retry-After"]) > 0
    assert empty_client.get("/livez").status_code == 200
    assert "xdegrees load" in empty_client.get("/").text


def test_an_unforeseen_error_tells_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("service.web.asked.find_path", fail)
    assert "secret" not in str(problem(client, f"/api/v1/path?from={FROM}&to={TO}", 500, "internal"))


def test_too_many_requests_say_when_to_come_back(make_client: Callable[..., FlaskClient]) -> None:
    client = make_client(rate_limit="3 per minute")
    for _ in range(3):
        assert "Retry-After" not in client.get("/api/v1/graph").headers
    problem(client, "/api/v1/graph", 429, "too-many-requests")
    assert 0 < int(client.get("/api/v1/graph").headers["Retry-After"]) <= 60
    assert client.get("/livez").status_code == 200


def test_an_unknown_artwork_is_404_however_the_path_is_asked_for(client: FlaskClient) -> None:
    gone = "00000000-0000-5000-8000-000000000000"
    for further in ("", "&images=5", "&where=style:x", f"&via={gone}", f"&avoid={gone}"):
        target = "key:stripes-0001.jpg" if gone in further else gone
        problem(client, f"/api/v1/path?from=key:waves-0001.jpg&to={target}{further}", 404, "not-found")


def test_a_sequence_of_nothing_is_404(client: FlaskClient) -> None:
    gone = "00000000-0000-5000-8000-00000000000"
    problem(client, f"/api/v1/path?ids={gone}0,{gone}1", 404, "not-found")


def test_ids_stand_alone_and_say_so_in_the_words_of_the_query(client: FlaskClient) -> None:
    body = problem(client, "/api/v1/path?ids=a,b&from=x", 422, "bad-input")
    assert "leave out from" in body["detail"]
