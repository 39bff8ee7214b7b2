"""Paths as IIIF manifests, for viewers."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from iiif_prezi3 import Manifest
from PIL import Image

from loaders.iiif.documents import read_iiif
from service.web.app import create_app
from stores.artwork import Artwork
from stores.connect import Stores
from stores.rights import attribution, is_decided
from stores.settings import Settings
from tests.web.exports.answers import ids_of

HOST = "https://museum.example/discover"


def manifest_at(client: FlaskClient, **query: object) -> dict[str, Any]:
    answer = client.get("/api/v1/path.iiif", query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'
    return dict(json.loads(answer.data))


def every(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from every(part)


def test_a_path_is_a_valid_manifest_of_version_3(client: FlaskClient, artworks: dict[str, Artwork]) -> None:
    """The models are generated from the schema of the specification; what that leaves open is checked by hand."""
    body = manifest_at(client, ids=ids_of(artworks))
    Manifest.model_validate(body)
    assert body["@context"] == "http://iiif.io/api/presentation/3/context.json"
    named = [
        one["id"] for one in every(body) if one.get("type") in ("Manifest", "Canvas", "Annotation", "AnnotationPage")
    ]
    assert len(set(named)) == len(named)
    assert all(one["id"].startswith("http://localhost/") and "#" not in one["id"] for one in body["items"])
    for canvas in body["items"]:
        assert canvas["width"] > 0
        assert canvas["height"] > 0
        assert canvas["label"]["none"]
        for page in canvas["items"]:
            (annotation,) = page["items"]
            assert (annotation["motivation"], annotation["target"]) == ("painting", canvas["id"])
    for one in every(body):
        assert "label" not in one or all(isinstance(texts, list) for texts in one["label"].values())
        assert one.get("rights", "http://creativecommons.org/").startswith(
            ("http://creativecommons.org/", "http://rightsstatements.org/vocab/")
        )
    with pytest.raises(ValueError, match="rights"):
        Manifest.model_validate({**body, "rights": "free"})


def test_canvases_show_what_may_be_shown_with_credit_and_rights(
    client: FlaskClient, artworks: dict[str, Artwork]
) -> None:
    body = manifest_at(client, ids=ids_of(artworks))
    assert len(body["items"]) == 16
    for canvas, artwork in zip(body["items"], artworks.values(), strict=False):
        assert canvas["requiredStatement"]["value"] == {"none": [attribution(artwork)]}
        assert ("rights" in canvas) == is_decided(artwork.rights_uri)
        size = {"full": "medium", "thumb": "thumb", "none": None}[artwork.display]
        painted = [one["items"][0]["body"] for one in canvas["items"]]
        linked = canvas.get("rendering", [])
        assert bool(painted) == bool(size and not artwork.advisory)
        assert bool(linked) == bool(size and artwork.advisory)
        assert all(artwork.advisory in one["label"]["none"][0] for one in linked)
        for picture in (*painted, *linked):
            shown = client.get(picture["id"].removeprefix("http://localhost"), buffered=True)
            with Image.open(io.BytesIO(shown.data)) as image:
                assert image.size == (canvas["width"], canvas["height"]) == tuple(artwork.images[size or ""])
        assert bool(canvas.get("thumbnail")) == (bool(artwork.images) and not artwork.advisory)
        if artwork.advisory:
            assert canvas["summary"]["none"][0] == artwork.advisory


def test_a_manifest_goes_round_through_the_reader(
    client: FlaskClient, artworks: dict[str, Artwork], tmp_path: Path
) -> None:
    body = manifest_at(client, ids=ids_of(artworks))
    file = tmp_path / "path.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    found = read_iiif(file)
    shown = [artwork for artwork in list(artworks.values())[:16] if artwork.images and not artwork.advisory]
    assert len(found.problems) == 16 - len(shown)
    assert found.listed == []
    for record, artwork in zip(found.records, shown, strict=True):
        assert record["title"] == artwork.title
        assert record["credit"] == attribution(artwork)
        assert record.get("rights_uri", "") == artwork.rights_uri.replace("https:", "http:")
        assert (record["Identifier"], record["Artist"]) == (artwork.key, "; ".join(artwork.artists))
        assert record["image"].startswith(f"http://localhost/images/{artwork.content_hash}")
        assert record["Wall, left"] == artwork.metadata["Wall, left"]


def test_a_manifest_is_found_where_it_says_it_is_and_may_be_read_by_any_viewer(
    client: FlaskClient, artworks: dict[str, Artwork]
) -> None:
    first, *_, last = artworks
    body = manifest_at(client, **{"from": first, "to": last, "images": 5})
    answer = client.get(body["id"].removeprefix("http://localhost"), headers={"Origin": "https://viewer.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.data) == body
    again = client.get(body["id"].removeprefix("http://localhost"), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for link in (*body["seeAlso"], *body["rendering"], *(one for canvas in body["items"] for one in canvas["seeAlso"])):
        found = client.get(link["id"].removeprefix("http://localhost"))
        assert (found.status_code, found.mimetype) == (200, link["format"])


def test_addresses_in_a_manifest_are_the_public_ones(
    opened: Stores, rightful: Settings, artworks: dict[str, Artwork]
) -> None:
    public = create_app(opened, rightful.model_copy(update={"public_url": HOST})).test_client()
    body = manifest_at(public, ids=ids_of(artworks))
    assert {one["id"].startswith((f"{HOST}/", "https://museum.example/")) for one in every(body) if "id" in one} == {
        True
    }
    assert "localhost" not in json.dumps(body)
