"""What the server sends for the page: every state in its address, a sentence for every refusal, ways to share it."""

import io
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.web.page.strings import told
from tests.web.seen import ENDS, FROM, OTHER, TO, Seen, drawn, query_of, seen


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
