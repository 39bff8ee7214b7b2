"""What the server sends for the page: every state in its address, a sentence for every refusal, ways to share it."""

import csv
import io
import json
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from PIL import Image

from service.tables import COLUMNS, guarded
from service.web.page.strings import STRINGS, told
from stores.connect import Stores
from stores.settings import Settings
from tests.conftest import ROOT
from tests.web.sent import bearer

FROM, TO, OTHER = "key:stripes-0001.jpg", "key:trees-0001.jpg", "key:waves-0002.jpg"
ENDS = {"from": FROM, "to": TO}


class Seen(HTMLParser):
    """The elements of a page: tags with their attributes, and what is written in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str, **attrs: str) -> list[dict[str, str]]:
        """Every element of a kind with these attributes."""
        return [found for name, found in self.tags if name == tag and attrs.items() <= found.items()]

    def one(self, tag: str, **attrs: str) -> dict[str, str]:
        """The only such element."""
        (found,) = self.all(tag, **attrs)
        return found

    @property
    def ids(self) -> list[str]:
        """Of the artworks of the path."""
        return self.one("div", id="path")["data-ids"].split()


def seen(client: FlaskClient, path: str = "/", **query: Any) -> Seen:
    """Open a page that must be there."""
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200, answer.text
    return Seen(answer.text)


def drawn() -> io.BytesIO:
    """A picture that is no artwork."""
    file = io.BytesIO()
    Image.effect_mandelbrot((200, 150), (-3, -2.5, 2, 2.5), 60).convert("RGB").save(file, "PNG")
    file.seek(0)
    return file


def query_of(address: str) -> dict[str, list[str]]:
    """Parse the query of an address."""
    return parse_qs(urlsplit(unescape(address)).query)


def test_the_first_visit_shows_an_interesting_pair(client: FlaskClient) -> None:
    page = seen(client)
    assert 2 <= len(page.ids) <= 50
    for image in [found for found in page.all("img") if "srcset" in found]:
        assert image["alt"]
        assert int(image["width"]) > 0
        assert int(image["height"]) > 0
    assert len(page.all("li", **{"data-id": page.ids[0]})) == 1


def test_the_address_of_a_path_shows_it_again_with_every_control(client: FlaskClient) -> None:
    first = seen(client, **ENDS, images=6, via=OTHER, where="year:1900..2100", alternatives=2, year_from=1000)
    address = first.one("div", id="path")["data-address"]
    again = Seen(client.get(address).text)
    assert again.ids == first.ids
    assert again.one("div", id="path")["data-address"] == address
    assert again.one("input", id="images")["value"] == "6"
    assert "checked" in again.one("input", id="alternatives")
    assert again.one("input", id="year_from")["value"] == "1000"
    assert [found["value"] for found in again.all("input", name="where", type="hidden")] == ["year:1900..2100"]
    assert len(query_of(address)["via"]) == 1
    assert query_of(address)["ids"] == [",".join(first.ids)]


def test_what_others_hang_on_an_address_is_passed_over(client: FlaskClient) -> None:
    assert seen(client, **ENDS, fbclid="x", utm_source="y").ids


def test_an_alternative_is_one_click_away_and_keeps_the_rest_of_the_state(client: FlaskClient) -> None:
    first = seen(client, **ENDS, alternatives=2)
    other = first.one("a", id="other-1")["href"]
    taken = Seen(client.get(other).text)
    assert taken.ids != first.ids
    assert (taken.ids[0], taken.ids[-1]) == (first.ids[0], first.ids[-1])
    others = [found["href"] for found in taken.all("a") if found.get("id", "").startswith("other-")]
    assert first.ids in [query_of(other)["ids"][0].split(",") for other in others]


def test_chips_take_back_what_was_asked(client: FlaskClient) -> None:
    page = seen(client, **ENDS, images=6, via=OTHER, where="year:1000..2100")
    for name, parameter in (("without-images", "images"), ("without-via1", "via"), ("without-where1", "where")):
        query = query_of(page.one("a", id=name)["href"])
        assert parameter not in query
        assert {"images", "via", "where"} - {parameter} <= query.keys()


def test_an_end_may_be_drawn_at_random_and_the_other_stays(client: FlaskClient) -> None:
    page = seen(client, **{"from": "random", "to": TO})
    held = client.get(f"/api/v1/artworks/{TO}").json
    assert page.ids[-1] == (held or {})["id"]


@pytest.mark.parametrize(
    ("query", "status", "told_"),
    [
        ({"from": "no such thing at all", "to": TO}, 404, "refused.not-found"),
        ({**ENDS, "images": "99"}, 422, "refused.heading"),
        ({**ENDS, "images": 40, "where": "year:1..2"}, 422, "refused.no-path"),
        ({**ENDS, "via": OTHER, "avoid": OTHER}, 422, "refused.heading"),
        ({**ENDS, "from_text": "a storm"}, 422, "refused.no-text"),
    ],
)
def test_a_refusal_is_a_sentence_with_a_way_on(
    client: FlaskClient, query: dict[str, Any], status: int, told_: str
) -> None:
    for path in ("/", "/embed", "/parts/path"):
        answer = client.get(path, query_string=query)
        assert answer.status_code == status
        assert unescape(told(told_)) in unescape(answer.text)
        assert "Traceback" not in answer.text
    page = Seen(client.get("/", query_string=query).text)
    assert page.one("a", id="again")
    assert page.one("a", id="surprise")


def test_a_misspelt_title_leads_to_what_may_have_been_meant(client: FlaskClient) -> None:
    titled = (client.get(f"/api/v1/artworks/{FROM}").json or {})["title"]
    page = Seen(client.get("/", query_string={"from": f"{titled[:-1]}q", "to": TO}).text)
    suggested = [query_of(found["href"]) for found in page.all("a") if "data-go" in found and "from=" in found["href"]]
    assert any(found["to"] == [TO] and len(found["from"][0]) == 36 for found in suggested)


def test_an_empty_collection_says_what_to_do(empty_client: FlaskClient) -> None:
    answer = empty_client.get("/")
    assert answer.status_code == 200
    assert "xdegrees load" in answer.text


def test_a_picture_of_ones_own_may_be_an_end_and_is_not_in_the_address(client: FlaskClient) -> None:
    answer = client.post("/parts/path", data={"to": TO, "from_image": (drawn(), "mine.png")})
    assert answer.status_code == 200, answer.text
    page = Seen(answer.text)
    assert page.ids[0] == "image:from"
    assert page.all("img", **{"data-sent": "from"})
    assert "image:" not in page.one("div", id="path")["data-address"]


def test_what_is_no_picture_is_a_sentence_too(client: FlaskClient) -> None:
    answer = client.post("/parts/path", data={"to": TO, "from_image": (io.BytesIO(b"text"), "mine.jpg")})
    assert answer.status_code == 422
    assert unescape(told("refused.bad-picture")) in unescape(answer.text)


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
    made = {"from", "to", "end.placeholder", "end.placeholder.words"}  # by the name of an end, or one of two
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
