"""The OpenAPI document and the pages: complete, true, and with nothing from any other host."""

import json
import re
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis import Case

from service.web.problems import EXPLANATIONS
from tests.conftest import ROOT

ROUTES = {
    "/api/v1/artworks", "/api/v1/artworks/{artwork}", "/api/v1/artworks/{artwork}/neighbors",
    "/api/v1/artworks/{artwork}/image", "/api/v1/path", "/api/v1/path.png", "/api/v1/random", "/api/v1/graph",
    "/api/v1/map", "/api/v1/path.csv", "/api/v1/path.iiif", "/api/v1/path.zip", "/api/v1/artworks.csv",
    "/api/v1/edges.csv", "/api/v1/graph.graphml",
}  # fmt: skip


def test_every_operation_is_described(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == ROUTES
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert {"422", "503"} <= set(operation["responses"])
        for status in ("404", "422", "429", "503"):
            assert set(operation["responses"][status]["content"]) == {"application/problem+json"}


def test_every_write_says_how_to_show_who_one_is_and_what_it_may_answer(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    kinds = {
        (one["type"], one.get("scheme") or one["name"]) for one in document["components"]["securitySchemes"].values()
    }
    assert kinds == {("http", "bearer"), ("apiKey", "X-API-Key")}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            closed = path.startswith("/api/v1/artworks") and method != "get"
            assert [set(one) for one in operation.get("security", [])] == [{"bearer"}, {"header"}] * closed
            assert closed == ({"401", "403", "409", "412", "413", "415"} <= set(operation["responses"]))
            assert "410" in operation["responses"]


def test_nothing_is_taken_away_from_the_committed_document(client: FlaskClient) -> None:
    """After a change that is meant.

    ``curl http://127.0.0.1:8000/openapi.json | python -m json.tool --no-ensure-ascii > docs/openapi.json``
    """
    committed = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert missing(committed, client.get("/openapi.json").get_json()) == []


def missing(old: Any, new: Any, at: str = "") -> list[str]:
    """Everything of one document that another lacks or says differently."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [place for key in old for place in missing(old[key], new.get(key), f"{at}/{key}")]
    if isinstance(old, list) and isinstance(new, list):
        return [f"{at}: {item}" for item in old if item not in new]
    return [] if old == new or at.endswith(("/version", "/description", "/summary")) else [at]


@pytest.mark.parametrize("path", sorted(ROUTES))
def test_answers_conform_to_the_document(client: FlaskClient, path: str) -> None:
    """Whatever schemathesis thinks of: no 5xx, and only what the document promises."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", client.application)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path]["GET"].as_strategy())
    def conforms(case: Case[Any]) -> None:
        # a value of the right form may still name no column or no artwork
        case.call_and_validate(excluded_checks=[schemathesis.checks.positive_data_acceptance])

    conforms()


def test_the_documents_page_needs_no_other_host(client: FlaskClient) -> None:
    page = client.get("/docs")
    addresses = re.findall(r'(?:href|src|data-document)="([^"]+)"', page.text)
    assert addresses
    for address in addresses:
        with client.get(address) as part:
            assert part.status_code == 200
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert client.get("/docs/../api.py").status_code == 404


def test_the_first_page_shows_a_path(client: FlaskClient) -> None:
    page = client.get("/").text
    strip = re.search(r'og:image" content="http://localhost(/api/v1/path.png[^"]+)"', page)
    told = re.search(r'og:image:alt" content="Path of (\d+) artworks from [^"]+"', page)
    assert strip
    assert told
    assert client.get(strip[1].replace("&amp;", "&")).status_code == 200
    assert page.count("<figure>") == int(told[1])
    assert "https://" not in page.replace("https://creativecommons.org", "")


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_every_problem_is_explained(client: FlaskClient, code: str) -> None:
    assert EXPLANATIONS[code].split(".")[0].split("`")[0] in client.get(f"/problems/{code}").text


def test_crawlers_are_kept_out_of_computed_paths(client: FlaskClient) -> None:
    assert "Disallow: /api/v1/path" in client.get("/robots.txt").text


def test_figures_count_requests(client: FlaskClient) -> None:
    client.get("/api/v1/graph")
    assert 'xdegrees_requests_total{endpoint="api.graph",status="200"} 1.0' in client.get("/metrics").text
