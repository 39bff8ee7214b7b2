"""Paths as ZIPs, with their credits."""

import io
import json
import re
import zipfile

from flask.testing import FlaskClient
from PIL import Image

from stores.artwork import Artwork
from stores.connect import Stores
from stores.records import GraphDelta
from tests.web.exports.answers import ids_of


def test_a_zip_has_pictures_strip_tables_and_credits_and_is_the_same_again(
    client: FlaskClient, artworks: dict[str, Artwork]
) -> None:
    query = {"ids": ids_of(artworks)}
    first, again = (client.get("/api/v1/path.zip", query_string=query, buffered=True) for _ in range(2))
    assert first.data == again.data
    with zipfile.ZipFile(io.BytesIO(first.data)) as archive:
        names = archive.namelist()
        pictures = [name for name in names if name.startswith("pictures/")]
        shown = [artwork for artwork in list(artworks.values())[:16] if artwork.images]
        assert len(pictures) == len(shown)
        assert names[len(pictures) :] == ["strip.png", "path.json", "path.csv", "credits.txt"]
        credits_told = archive.read("credits.txt").decode()
        assert all(name in credits_told for name in pictures)
        assert archive.read("strip.png") == client.get("/api/v1/path.png", query_string=query).data
        told = {"path.json": json.loads(archive.read("path.json")), "path.csv": archive.read("path.csv").decode()}
        whole = {
            name: client.get(f"/api/v1/{name.removesuffix('.json')}", query_string=query)
            .text.replace('"/', '"http://localhost/')
            .replace(",/images", ",http://localhost/images")
            .replace(" /api", " http://localhost/api")
            for name in told
        }
        assert told == {"path.json": json.loads(whole["path.json"]), "path.csv": whole["path.csv"]}
        assert re.fullmatch(
            r"Path of .* graph [0-9a-f]{12}\. http://localhost/api/v1/path\?ids=\S+", credits_told.splitlines()[0]
        )
        for name, artwork in zip(pictures, shown, strict=True):
            with Image.open(io.BytesIO(archive.read(name))) as image:
                assert image.size == artwork.images["medium" if artwork.display == "full" else "thumb"]


def test_no_name_in_a_zip_leads_out_of_its_folder(
    client: FlaskClient, opened: Stores, artworks: dict[str, Artwork]
) -> None:
    first, second = [artwork for artwork in artworks.values() if artwork.images][:2]
    facts = opened.graph.stats().facts
    assert facts is not None
    bad = Artwork.from_payload(first.id, {**first.to_payload(), "title": "../../etc/pass\\wd\u202e 波"})
    opened.graph.apply(GraphDelta(facts, (bad,)))
    try:
        answer = client.get("/api/v1/path.zip", query_string={"ids": f"{first.id},{second.id}"}, buffered=True)
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert archive.namelist()[0] == "pictures/01-etc-pass-wd.jpg"
    finally:
        opened.graph.apply(GraphDelta(facts, (first,)))
