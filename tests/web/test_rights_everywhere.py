"""Whatever shows an artwork shows its credit and rights, and what has an advisory is covered until it is asked for."""

import csv
import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from PIL.PngImagePlugin import PngImageFile
from werkzeug.test import TestResponse

from service.chance import any_artwork, random_path
from service.cli.main import main
from service.paths.space import Space
from service.steering import Steering
from service.vetting.report import report
from service.web.app import create_app
from stores.artwork import Artwork
from stores.connect import Stores, open_stores
from stores.errors import NotFound
from stores.records import Search
from stores.rights import attribution
from stores.settings import Settings
from tests.rightful import ADVISORY, draw_rightful, load_rightful
from tests.web.test_documents import ROUTES


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stores, Settings, Flask]]:
    folder = tmp_path_factory.mktemp("everywhere")
    settings = load_rightful(draw_rightful(folder / "gallery"), folder / "home")
    with open_stores(settings) as stores:
        yield stores, settings, create_app(stores, settings)


@pytest.fixture
def client(collection: tuple[Stores, Settings, Flask]) -> FlaskClient:
    return collection[2].test_client()


@pytest.fixture(scope="module")
def artworks(collection: tuple[Stores, Settings, Flask]) -> dict[str, Artwork]:
    return {artwork.id: artwork for artwork in collection[0].graph.find(Search(limit=100)).artworks}


@pytest.fixture(scope="module")
def way(artworks: Mapping[str, Artwork]) -> list[Artwork]:
    """Artworks with every kind of rights, two of them with an advisory; not one that may not be shown at all."""
    covered = [artwork for artwork in artworks.values() if artwork.advisory and artwork.images]
    others = [artwork for artwork in artworks.values() if not artwork.advisory and artwork.images]
    assert len({artwork.rights_uri or artwork.rights_text for artwork in others[:8]}) >= 4
    return [others[0], *covered[:2], *others[1:8]]


OF_A_PATH: Final = {
    *("/api/v1/path", "/api/v1/path.csv", "/api/v1/path.iiif", "/api/v1/path.png", "/api/v1/path.zip"),
    *("/", "/embed", "/parts/path", "/oembed"),
}
SHOWN: Final = re.compile(r"^ *\d+\. .*\(key:(.*?)\)")
"""An artwork of a path, as it is printed."""

LISTED: Final = re.compile(r"\(key:(.*?)\)$")
"""An artwork that was found, or a neighbour, as it is printed."""

OF_ONE: Final = {"/api/v1/artworks/<path:artwork>", "/artwork/<path:artwork>", "/parts/artwork/<path:artwork>"}
OF_OTHERS: Final = {"/api/v1/artworks/<path:artwork>/neighbors", "/api/v1/artworks", "/api/v1/random"}
OF_ALL: Final = {"/api/v1/artworks.csv", "/api/v1/graph.graphml"}
OF_NONE: Final = {
    *("/api/v1/graph", "/api/v1/edges.csv"),  # figures and ids
    "/api/v1/map",  # ids, places and names of pictures; none of what has an advisory
    *("/images/<name>", "/api/v1/artworks/<path:artwork>/image"),  # a picture alone
    *("/openapi.json", "/docs", "/docs/<path:name>", "/problems/<code>", "/graph.grass", "/robots.txt"),
    *("/livez", "/readyz", "/metrics", "/static/<path:filename>"),
}


def test_every_route_is_walked_here_or_shows_no_artwork(collection: tuple[Stores, Settings, Flask]) -> None:
    rules = {rule.rule for rule in collection[2].url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert rules == OF_A_PATH | OF_ONE | OF_OTHERS | OF_ALL | OF_NONE
    assert {route.replace("{artwork}", "<path:artwork>") for route in ROUTES} <= rules


def read(client: FlaskClient, address: str, **query: object) -> str:
    """Everything that an answer says, as a text; of a PNG what is written in it, of a ZIP its texts."""
    answer = client.get(address, query_string=query)
    with closing(answer):
        assert answer.status_code == 200, answer.text
        return told(answer)


def told(answer: TestResponse) -> str:
    if answer.mimetype == "image/png":
        return written_in(answer.data)
    if answer.mimetype == "application/zip":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert archive.testzip() is None
            return archive.read("credits.txt").decode() + written_in(archive.read("strip.png"))
    if answer.is_json or answer.mimetype == "application/ld+json":
        return repr(answer.get_json(force=True))
    if answer.mimetype == "text/csv":
        return "\n".join(" ".join(row) for row in csv.reader(io.StringIO(answer.text, newline="")))
    return html.unescape(answer.text)


def written_in(png: bytes) -> str:
    with Image.open(io.BytesIO(png)) as image:
        assert isinstance(image, PngImageFile)
        return str(image.text["Copyright"])


@pytest.mark.parametrize("route", sorted(OF_A_PATH - {"/oembed"}))
def test_an_answer_of_a_path_has_credit_and_rights_of_every_artwork(
    client: FlaskClient, route: str, way: list[Artwork]
) -> None:
    said = read(client, route, ids=",".join(artwork.id for artwork in way))
    for artwork in way:
        assert attribution(artwork) in said, artwork
        if artwork.advisory and not route.endswith(".png"):
            assert artwork.advisory in said


def test_the_picture_that_is_embedded_elsewhere_has_them_too(client: FlaskClient, way: list[Artwork]) -> None:
    page = f"http://localhost/?ids={','.join(artwork.id for artwork in way)}"
    strip = client.get("/oembed", query_string={"url": page}).get_json()["thumbnail_url"]
    said = written_in(client.get(strip).data)
    assert all(attribution(artwork) in said for artwork in way)


@pytest.mark.parametrize("route", sorted(OF_ONE))
def test_an_answer_of_one_artwork_has_credit_rights_and_advisory(
    client: FlaskClient, route: str, way: list[Artwork]
) -> None:
    for artwork in way:
        said = read(client, route.replace("<path:artwork>", artwork.id))
        for part in filter(None, (artwork.credit, artwork.rights_text, artwork.rights_uri, artwork.advisory)):
            assert part in said, part


@pytest.mark.parametrize("route", sorted(OF_OTHERS))
def test_answers_of_several_artworks_have_those_of_each(
    client: FlaskClient, route: str, way: list[Artwork], artworks: Mapping[str, Artwork]
) -> None:
    answer = client.get(route.replace("<path:artwork>", way[0].id)).get_json()
    shown = answer.get("artworks") or answer["neighbors"]
    assert len(shown) > 1
    for one in shown:
        artwork = artworks[one["id"]]
        told = artwork.credit, artwork.rights_text, artwork.rights_uri or None, attribution(artwork)
        assert (one["credit"], one["rights_text"], one["rights_uri"], one["attribution"]) == told
        assert one["advisory"] == (artwork.advisory or None)


@pytest.mark.parametrize("route", sorted(OF_ALL))
def test_exports_of_the_collection_have_those_of_all(
    client: FlaskClient, route: str, artworks: Mapping[str, Artwork]
) -> None:
    said = read(client, route)
    for artwork in artworks.values():
        assert attribution(artwork) in said
    assert said.count(ADVISORY) >= sum(bool(artwork.advisory) for artwork in artworks.values())


@pytest.mark.parametrize("route", ["/api/v1/path", "/parts/path"])
def test_paths_asked_for_with_a_picture_have_them(
    client: FlaskClient, route: str, artworks: Mapping[str, Artwork]
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "#a04020").save(picture, "PNG")
    picture.seek(0)
    end = next(one.id for one in artworks.values() if one.advisory and one.images)
    answer = client.post(route, data={"to": end, "from_image": (picture, "x.png")})
    assert answer.status_code == 200, answer.text
    said = repr(answer.get_json()) if answer.is_json else html.unescape(answer.text)
    assert attribution(artworks[end]) in said
    assert ADVISORY in said


def test_a_page_shows_credit_and_rights_under_every_picture(client: FlaskClient, way: list[Artwork]) -> None:
    page = client.get("/", query_string={"ids": ",".join(artwork.id for artwork in way)}).text
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) == len(way)
    for figure, artwork in zip(figures, way, strict=True):
        assert html.unescape(figure).endswith(f"<small>{attribution(artwork)}</small>\n</figcaption>\n</figure>")


def test_a_picture_with_an_advisory_is_behind_its_words_wherever_the_page_has_it(
    client: FlaskClient, way: list[Artwork], artworks: Mapping[str, Artwork]
) -> None:
    query = {"ids": ",".join(artwork.id for artwork in way), "from": way[1].id, "to": way[3].id, "alternatives": 2}
    pages = [client.get("/", query_string=query).text]
    pages += [client.get(f"/artwork/{artwork_id}").text for artwork_id in artworks]
    covered = {artwork.content_hash for artwork in artworks.values() if artwork.advisory}
    seen = 0
    for page in pages:
        behind = re.findall(r'<details class="advisory"><summary>(.*?)</summary>(.*?)</details>', page, re.DOTALL)
        for words, inside in behind:
            assert ADVISORY in html.unescape(words)
            assert inside.count("<img") == 1
            assert 'loading="lazy"' in inside
            seen += 1
        bare = re.sub(r'<details class="advisory">.*?</details>', "", page, flags=re.DOTALL)
        assert not [one for one in covered if one in bare.partition("<main")[2]]
    assert seen >= 2 + sum(bool(artwork.advisory and artwork.images) for artwork in artworks.values())


def test_a_strip_leaves_out_what_has_an_advisory(client: FlaskClient, way: list[Artwork]) -> None:
    """One of a colour that no other has is not to be found in it."""
    settings_images = client.application.extensions["xdegrees"].settings.images
    artwork = way[1]
    file = settings_images / artwork.content_hash[:2] / f"{artwork.content_hash}-medium.jpg"
    if not file.exists():
        file = file.with_name(f"{artwork.content_hash}-thumb.jpg")
    kept = file.read_bytes()
    try:
        with Image.open(file) as image:
            Image.new("RGB", image.size, "#ff00ff").save(file, quality=95)
        strip = client.get("/api/v1/path.png", query_string={"ids": f"{way[0].id},{artwork.id}"}).data
    finally:
        file.write_bytes(kept)
    with Image.open(io.BytesIO(strip)) as image:
        colors = image.getcolors(1 << 24) or []
    assert not [color for _, color in colors if isinstance(color, tuple) and color[0] > 230 and color[1] < 40]


def test_no_pair_is_drawn_of_what_has_an_advisory(
    collection: tuple[Stores, Settings, Flask], client: FlaskClient, artworks: Mapping[str, Artwork]
) -> None:
    drawn = [one for _ in range(40) for one in client.get("/api/v1/random").get_json()["artworks"]]
    assert len({one["id"] for one in drawn}) > 5
    assert not [one for one in drawn if one["advisory"]]
    covered = [artwork.id for artwork in artworks.values() if artwork.advisory]
    space = Space(collection[0].graph, collection[0].vectors)
    for _ in range(20):
        found = random_path(space, Steering(featured=((covered[0], covered[1]), (covered[2], drawn[0]["id"]))))
        assert [found.artworks[end].advisory for end in (0, -1)] == ["", ""]
    for _ in range(10):
        page = client.get("/").text
        (ids,) = re.findall(r'data-ids="([^"]+)"', page)
        ends = ids.split()
        assert [artworks[ends[end]].advisory for end in (0, -1)] == ["", ""]


def test_where_nothing_is_left_to_draw_that_is_said(
    collection: tuple[Stores, Settings, Flask], artworks: Mapping[str, Artwork]
) -> None:
    import random  # noqa: PLC0415 -- beside `random_path` its name would mislead

    exclude = frozenset(artwork.id for artwork in artworks.values() if not artwork.advisory)
    with pytest.raises(NotFound, match="excluded or has an advisory"):
        any_artwork(collection[0].graph, random.Random(1), exclude)


def test_the_vetting_page_has_them_under_every_picture_and_covers_what_has_an_advisory(
    collection: tuple[Stores, Settings, Flask], artworks: Mapping[str, Artwork], tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    report(Space(collection[0].graph, collection[0].vectors), Steering(), collection[1].images, out, seed=1)
    by_key = {artwork.key: artwork for artwork in artworks.values()}
    covered = 0
    for figure in re.findall(r"<figure>.*?</figure>", out.read_text(encoding="utf-8"), re.DOTALL):
        artwork = by_key[re.findall(r"key:(\S+?)</small>", figure)[0]]
        assert f"<small>{attribution(artwork)}</small>" in html.unescape(figure)
        bare = re.sub(r'<details class="advisory"><summary>.*?</details>', "", figure, flags=re.DOTALL)
        assert ("<img" in bare) == bool(artwork.images and not artwork.advisory)
        assert artwork.advisory in html.unescape(figure)
        covered += "<img" in figure and bool(artwork.advisory)
    assert covered > 2


def test_a_path_that_is_printed_has_them_too(
    collection: tuple[Stores, Settings, Flask], artworks: Mapping[str, Artwork]
) -> None:
    home = collection[1].home
    first = next(artwork for artwork in artworks.values() if artwork.advisory)
    for last in list(artworks.values())[:6]:
        done = CliRunner().invoke(main, ["path", f"key:{first.key}", f"key:{last.key}", "--home", str(home)])
        assert done.exit_code == 0, done.output
        lines = done.output.splitlines()
        numbered = [(place, match[1]) for place, line in enumerate(lines) if (match := SHOWN.search(line))]
        assert [key for _, key in (numbered[0], numbered[-1])] == [first.key, last.key]
        for place, key in numbered:
            assert lines[place + 1] == printed(artworks, key)


def test_artworks_that_are_found_and_neighbours_that_are_printed_have_them_too(
    collection: tuple[Stores, Settings, Flask], artworks: Mapping[str, Artwork]
) -> None:
    home = str(collection[1].home)
    for words in (["search", "in", "--limit", "30"], ["show", f"key:{next(iter(artworks.values())).key}"]):
        done = CliRunner().invoke(main, [*words, "--home", home])
        assert done.exit_code == 0, done.output
        lines = done.stdout.splitlines()
        found = [(place, match[1]) for place, line in enumerate(lines) if (match := LISTED.search(line))]
        assert len(found) > 4
        for place, key in found:
            assert lines[place + 1] == printed(artworks, key)


def printed(artworks: Mapping[str, Artwork], key: str) -> str:
    """What is printed below an artwork."""
    artwork = next(one for one in artworks.values() if one.key == key)
    advisory = f"Advisory: {artwork.advisory} | " if artwork.advisory else ""
    return f"     {advisory}{attribution(artwork)}"
