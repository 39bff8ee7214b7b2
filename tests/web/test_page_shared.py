"""Ways by which a path leaves the page and comes back, and what the page is made of."""

import csv
import io
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from service.tables import COLUMNS, guarded
from service.web.page.strings import STRINGS, told
from stores.connect import Stores
from stores.settings import Settings
from tests.conftest import ROOT
from tests.web.seen import ENDS, FROM, OTHER, TO, Seen, drawn, query_of, seen
from tests.web.sent import bearer


def test_a_path_is_shared_as_a_link_a_preview_a_snippet_and_files(client: FlaskClient) -> None:
    page = seen(client, **ENDS)
    address = page.one("meta", property="og:url")["content"]
    assert query_of(address)["ids"] == [",".join(page.ids)]
    preview = page.one("meta", property="og:image")["content"]
    assert client.get(preview.removeprefix("http://localhost")).mimetype == "image/png"
    asked = page.one("link", type="application/json+oembed")["href"]
    embedding: Any = client.get(asked.removeprefix("http://localhost")).json
    assert embedding["type"] == "rich"
    frame = Seen(embedding["html"]).one("iframe")
    assert frame["title"] == embedding["title"]
    inside = Seen(client.get(frame["src"].removeprefix("http://localhost")).text)
    assert [found["data-id"] for found in inside.all("li") if "data-id" in found] == page.ids
    for kind in ("png", "json", "csv"):
        assert client.get(page.one("a", id=f"save-{kind}")["href"]).status_code == 200


def test_oembed_says_what_is_wrong_with_what_it_is_asked(client: FlaskClient) -> None:
    assert client.get("/oembed").status_code == 422
    assert client.get("/oembed", query_string={"url": "http://localhost/", "format": "xml"}).status_code == 501
    small = client.get("/oembed", query_string={"url": f"http://localhost/?from={FROM}&to={TO}", "maxwidth": 300}).json
    assert (small or {})["width"] == 300


def test_a_shared_path_stays_and_offers_todays(
    held: tuple[FlaskClient, Stores, Settings],
) -> None:
    client, *_ = held
    first = seen(client, **ENDS)
    address = first.one("div", id="path")["data-address"]
    gone = first.ids[len(first.ids) // 2]
    assert client.delete(f"/api/v1/artworks/{gone}", headers=bearer()).status_code == 204
    page = Seen(client.get(address).text)
    assert page.ids == first.ids
    assert unescape(told("today")) in unescape(client.get(address).text)
    (today,) = re.findall(r'<a href="([^"]+)" data-go>' + told("today.link"), unescape(client.get(address).text))
    assert gone not in Seen(client.get(unescape(today)).text).ids


def test_one_artwork_has_a_page_with_its_neighbours(client: FlaskClient) -> None:
    page = seen(client, f"/artwork/{FROM}", **ENDS)
    assert len([found for found in page.all("a") if "data-open" in found]) == 12
    for name in ("from", "to", "via", "avoid"):
        query = query_of(page.one("a", id=f"artwork-{name}")["href"])
        assert len(query[name][0]) == 36
    assert client.get("/artwork/nothing").status_code == 404


def test_under_a_prefix_everything_stays_there(make_client: Callable[..., FlaskClient]) -> None:
    client = make_client(public_url="https://museum.example/discover")
    answer = client.get("/discover/", query_string=ENDS)
    page = Seen(answer.text)
    for tag, name in (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src"), ("form", "action")):
        for found in page.all(tag):
            where = found.get(name, "/discover/")
            assert urlsplit(where).path.startswith("/discover/") or where.startswith("#"), found
    assert page.one("meta", property="og:url")["content"].startswith("https://museum.example/discover/?")


def test_nothing_of_the_page_comes_from_elsewhere_or_stands_in_attributes(client: FlaskClient) -> None:
    answer = client.get("/", query_string=ENDS)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    for _, attributes in Seen(answer.text).tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("src", "href"):
            where = urlsplit(attributes.get(name, ""))
            assert not where.netloc or where.netloc == "localhost" or attributes.get("rel") == "noopener"


def test_every_string_is_used_and_every_one_that_is_used_is_there() -> None:
    web = ROOT / "service" / "web"
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (*web.rglob("*.html"), *web.rglob("*.js"), *(web / "page").glob("*.py"))
    )
    named = set(re.findall(r"""\b(?:t|told)\(\s*["']([a-z._-]+[a-z])["']""", code))
    assert named <= STRINGS.keys()
    begun = set(re.findall(r"""\b(?:t|told)\(\s*["'`]([a-z._-]+\.)["'$ ~]""", code))
    made = {
        "from",
        "to",
        "end.placeholder",
        "end.placeholder.words",
        "title.one",
        "heading.one",
    }  # by the name of an end, or one of two
    assert {one for one in STRINGS if one not in named | made and not one.startswith(tuple(begun))} == set()


def test_a_path_as_a_table_has_a_row_for_each_artwork_and_no_formula(client: FlaskClient) -> None:
    answer = client.get("/api/v1/path.csv", query_string=ENDS)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    path = client.get("/api/v1/path", query_string=ENDS).json or {}
    assert list(rows[0]) == list(COLUMNS)
    assert [row["id"] for row in rows] == path["ids"]
    assert [float(row["step_angle"]) for row in rows[1:]] == [step["angle"] for step in path["steps"]]
    assert guarded("=1+1") == "'=1+1"
    assert guarded("1+1") == "1+1"
    assert json.dumps(path["artworks"][0]["title"]) in json.dumps(rows[0]["title"])


@pytest.mark.parametrize(
    "url", ["http://%5B", "http://[", "https://elsewhere.example/?from=x", "http://localhost/docs"]
)
def test_oembed_answers_for_addresses_of_this_page_alone(client: FlaskClient, url: str) -> None:
    assert client.get("/oembed", query_string={"url": url}).status_code == 404


def test_what_is_wrong_in_an_address_costs_nothing_of_the_rest(client: FlaskClient) -> None:
    page = Seen(client.get("/", query_string={**ENDS, "images": "99", "pace": "scenic", "via": OTHER}).text)
    query = query_of(page.one("div", id="path")["data-address"])
    assert (query["from"], query["to"], query["pace"], query["via"]) == ([FROM], [TO], ["scenic"], [OTHER])


@pytest.mark.parametrize("path", ["/artwork/nothing", "/nonsense", "/parts/artwork/nothing"])
def test_people_are_told_of_problems_in_a_page_and_scripts_in_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert unescape(told("refused.not-found")) in unescape(answer.text)
    assert client.get("/nonsense").mimetype == "application/problem+json"
    assert client.get("/api/v1/artworks/x", headers={"Accept": "text/html"}).mimetype == "application/problem+json"


def test_a_picture_that_is_too_large_is_told_in_the_page(make_client: Callable[..., FlaskClient]) -> None:
    client = make_client(max_upload_mb=0.1)
    answer = client.post("/parts/path", data={"to": TO, "from_image": (io.BytesIO(bytes(200_000)), "mine.jpg")})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")
    assert unescape(told("refused.too-large")) in unescape(answer.text)


def test_a_path_that_had_a_picture_of_ones_own_says_so_when_it_is_opened_again(client: FlaskClient) -> None:
    sent = client.post("/parts/path", data={"to": TO, "from_image": (drawn(), "mine.png")})
    address = Seen(sent.text).one("div", id="path")["data-address"]
    again = client.get(address)
    assert unescape(told("lost")) in unescape(again.text)
    assert unescape(told("today")) not in unescape(again.text)
    assert Seen(again.text).ids == Seen(sent.text).ids[1:]


def test_a_form_without_scripts_sends_whose_title_it_shows(client: FlaskClient) -> None:
    page = seen(client, **ENDS)
    sent = {
        **{name: page.one("input", id=name)["value"] for name in ("from", "to")},
        **{found["name"]: found["value"] for found in page.all("input", type="hidden")},
    }
    assert seen(client, **sent).ids == page.ids


def test_the_way_back_of_a_sequence_begins_at_its_last_artwork(client: FlaskClient) -> None:
    ids = seen(client, **ENDS).ids
    page = seen(client, ids=",".join(ids))
    query = query_of(page.one("a", id="swap")["href"])
    assert (query["from"], query["to"]) == ([ids[-1]], [ids[0]])
    assert page.one("input", id="from")["data-id"] == ids[0]


def test_who_is_passed_is_not_left_out_too(client: FlaskClient) -> None:
    own = query_of(seen(client, f"/artwork/{OTHER}").one("a", id="artwork-via")["href"])["via"]
    page = seen(client, f"/artwork/{OTHER}", **ENDS, via=own)
    query = query_of(page.one("a", id="artwork-avoid")["href"])
    assert "via" not in query


def test_one_artwork_is_a_path_that_can_be_shared(client: FlaskClient) -> None:
    page = seen(client, **{"from": FROM, "to": FROM})
    assert len(page.ids) == 1
    shared = page.one("meta", property="og:url")["content"]
    assert Seen(client.get(shared.removeprefix("http://localhost")).text).ids == page.ids
