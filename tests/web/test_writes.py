"""Artworks that come, change and go over HTTP: seen by everybody when the call returns."""

import io
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from loaders.artworks import artwork_id, artwork_of
from loaders.columns import Row
from loaders.plan import held_payloads
from loaders.writing import Writer
from service.intake import Sent
from stores.artwork import Artwork
from stores.connect import Stores
from stores.pictures import picture_path
from stores.settings import Settings
from tests.web.sent import ADD, TREE, WAVE, add, bearer, changed, everything, picture


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
    assert f"xdegrees load FOLDER --readmit {artwork['id']}" in put.get_json()["detail"]
    log = (settings.home / "audit.jsonl").read_text()
    assert TREE not in log.splitlines()[0]
    assert (settings.home / "withheld.json").read_text().count(artwork["id"]) == 1


def test_a_year_that_is_no_date_is_kept_as_text_as_a_load_keeps_it(held: tuple[FlaskClient, Stores, Settings]) -> None:
    told = held[0].patch(f"/api/v1/artworks/key:{TREE}", json={"year": "bogus"}, headers=bearer()).get_json()
    row = artwork_of(Row(1, {"year": "bogus"}, {}), "artworks", TREE, print)
    assert (told["date_text"], told["year_from"], told["year_to"]) == ("bogus", None, None)
    assert (row.date_text, row.year_from, row.year_to) == ("bogus", None, None)
    document = held[0].get("/openapi.json").get_json()["paths"]
    assert "date_text" in document["/api/v1/artworks/{artwork}"]["patch"]["description"]
    assert "PATCH changes that" in document["/api/v1/artworks"]["post"]["description"]


def test_what_is_taken_down_of_a_second_source_is_gone_by_its_key_too(
    held: tuple[FlaskClient, Stores, Settings],
) -> None:
    client, stores, _ = held
    named = client.get(f"/api/v1/artworks/key:{TREE}").get_json()["id"]
    first = stores.graph.artworks([named])[0]
    vectors, facts = stores.vectors.get([first.id]).vectors, stores.vectors.stats().facts
    assert facts is not None
    others = [replace(first, id=artwork_id("more", key), key=key, source="more") for key in ("m03.jpg", "m04.jpg")]
    for other in others:
        Writer(stores, held[2].home).put([other], vectors, facts)
    assert client.delete("/api/v1/artworks/key:m03.jpg", headers=bearer()).status_code == 204
    for name in ("key:m03.jpg", others[0].id):
        gone = client.get(f"/api/v1/artworks/{name}")
        assert (gone.status_code, gone.get_json()["code"]) == (410, "gone")
    assert client.get("/api/v1/artworks/key:m05.jpg").status_code == 404


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


def test_a_picture_that_another_replaces_meanwhile_is_put_back_with_what_is_said_of_it(
    held: tuple[FlaskClient, Stores, Settings], demo: Path
) -> None:
    client, stores, _ = held
    intake, own = client.application.extensions["xdegrees"].intake, artwork_id("artworks", TREE)
    old, others = stores.graph.artworks([own])[0], [Sent((demo / WAVE).read_bytes(), {"title": "Of another picture"})]

    def between(_now: Artwork) -> None:
        if others:  # once, when it was read and before the turn
            assert intake.replace(own, others.pop()).outcome == "replaced"

    done = intake.replace(own, Sent((demo / TREE).read_bytes(), {"title": "Of this picture"}), between)
    now = stores.graph.artworks([own])[0]
    assert (done.outcome, now.title, now.content_hash) == ("replaced", "Of this picture", old.content_hash)
    with client.get(f"/api/v1/artworks/{own}/image", follow_redirects=True) as shown:
        assert shown.status_code == 200


@pytest.mark.parametrize("tags", ["", ",", " , "])
def test_an_if_match_that_names_nothing_matches_nothing(
    held: tuple[FlaskClient, Stores, Settings], demo: Path, tags: str
) -> None:
    client, stores, settings = held
    before, place = everything(stores, settings), f"/api/v1/artworks/key:{TREE}"
    headers = {**bearer(), "If-Match": tags}
    for answer in (
        client.patch(place, json={"title": "One"}, headers=headers),
        client.put(place, data={"image": picture(demo, WAVE)}, headers=headers),
        client.delete(place, headers=headers),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (412, "precondition-failed")
    assert everything(stores, settings) == before


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
