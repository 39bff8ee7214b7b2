"""IIIF documents of both versions, written from the specifications, to records: every canvas, metadata and rights."""

import json
from pathlib import Path
from typing import Any

import pytest

from loaders.columns import read_row, understand
from loaders.iiif.documents import is_iiif, read_iiif
from loaders.iiif.parts import plain, said
from stores.errors import BadInput

BASE = "https://museum.example/iiif"
SIZED = "full/!1024,1024/0/default.jpg"


def written(folder: Path, name: str, document: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def painted(number: int, body: Any, **more: Any) -> dict[str, Any]:
    """A canvas of version 3."""
    own = f"{BASE}/book/canvas/{number}"
    annotation = {"id": f"{own}/a", "type": "Annotation", "motivation": "painting", "body": body, "target": own}
    page = {"id": f"{own}/p", "type": "AnnotationPage", "items": [annotation]}
    return {"id": own, "type": "Canvas", "height": 1800, "width": 1200, "items": [page], **more}


def image(name: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{BASE}/{name}/full/max/0/default.jpg", "type": "Image", "format": "image/jpeg", **more}


def manifest_3(*canvases: Any, **more: Any) -> dict[str, Any]:
    return {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": f"{BASE}/book/manifest",
        "type": "Manifest",
        "label": {"de": ["Ein Buch"], "en": ["A <i>Book</i>"]},
        "metadata": [
            {"label": {"en": ["Artist"]}, "value": {"none": ["Mary Cassatt", "Édouard Manet"]}},
            {"label": {"en": ["Date"]}, "value": {"en": ["c. 1889"], "de": ["um 1889"]}},
            {"label": {"en": ["Shelfmark"]}, "value": {"none": ["<span>MS&nbsp;1</span>"]}},
        ],
        "rights": "http://creativecommons.org/licenses/by/4.0/",
        "requiredStatement": {"label": {"en": ["Attribution"]}, "value": {"en": ["Provided by <b>Museum</b>"]}},
        "homepage": [{"id": "https://museum.example/book", "type": "Text", "label": {"en": ["Page"]}}],
        "summary": {"en": ["Of the sea"]},
        "provider": [{"id": "https://museum.example", "type": "Agent", "label": {"en": ["The Museum"]}}],
        "items": list(canvases),
        **more,
    }


SERVICE = {"id": f"{BASE}/one", "type": "ImageService3", "profile": "level2"}
SERVICE_2 = {
    "@context": "http://iiif.io/api/image/2/context.json",
    "@id": f"{BASE}/two/",
    "profile": ["http://iiif.io/api/image/2/level1.json", {"formats": ["jpg"]}],
}


def test_every_canvas_of_a_manifest_of_version_3_is_a_record(tmp_path: Path) -> None:
    own = {"requiredStatement": {"label": {"en": ["Photograph"]}, "value": {"en": ["A. Camera"]}}}
    canvases = [
        painted(1, image("one", service=[SERVICE]), label={"none": ["f. 1r"]}),
        painted(2, image("two", service=SERVICE_2), label={"none": ["f. 1v"]}, **own),
        painted(3, image("three"), rights="http://rightsstatements.org/vocab/InC/1.0/"),
    ]
    found = read_iiif(written(tmp_path, "m.json", manifest_3(*canvases)))
    assert (found.problems, found.listed) == ([], [])
    first, second, third = found.records
    assert first == {
        "id": f"{BASE}/book/canvas/1",
        "image": f"{BASE}/one/{SIZED}",
        "image service": f"{BASE}/one",
        "title": "A Book, f. 1r",
        "object_id": f"{BASE}/book/manifest",
        "page_url": "https://museum.example/book",
        "rights_uri": "http://creativecommons.org/licenses/by/4.0/",
        "credit": "Provided by Museum",
        "description": "Of the sea",
        "provider": "The Museum",
        "Artist": "Mary Cassatt; Édouard Manet",
        "Date": "c. 1889",
        "Shelfmark": "MS 1",
    }
    assert (second["image"], second["credit"]) == (f"{BASE}/two/{SIZED}", "Photograph: A. Camera. Provided by Museum")
    assert third["image"] == f"{BASE}/three/full/max/0/default.jpg"
    assert third["rights_uri"] == "http://rightsstatements.org/vocab/InC/1.0/"
    assert "image service" not in third


def test_every_canvas_of_a_manifest_of_version_2_is_a_record(tmp_path: Path) -> None:
    def canvas(number: int, resource: Any) -> dict[str, Any]:
        own = f"{BASE}/old/canvas/{number}"
        painting = {"@type": "oa:Annotation", "motivation": "sc:painting", "resource": resource, "on": own}
        return {"@id": own, "@type": "sc:Canvas", "label": f"p. {number}", "images": [painting]}

    picture = {"@id": f"{BASE}/two.jpg", "@type": "dctypes:Image"}
    document = {
        "@context": "http://iiif.io/api/presentation/2/context.json",
        "@id": f"{BASE}/old/manifest",
        "@type": "sc:Manifest",
        "label": [{"@value": "Old book", "@language": "en"}, {"@value": "Altes Buch", "@language": "de"}],
        "description": "With pictures",
        "metadata": [
            {"label": "Creator", "value": ["Hokusai", {"@value": "Hiroshige"}]},
            {"label": "Date", "value": "1831"},
        ],
        "license": ["https://creativecommons.org/publicdomain/mark/1.0/"],
        "attribution": "Held &amp; shown by <br/>the Museum",
        "related": {"@id": "https://museum.example/old", "format": "text/html"},
        "sequences": [
            {"@type": "sc:Sequence", "canvases": [
                canvas(1, {**picture, "service": SERVICE_2}),
                canvas(2, {"@type": "oa:Choice", "default": picture, "item": [{**picture, "@id": f"{BASE}/uv.jpg"}]}),
            ]},
            {"@id": f"{BASE}/other-order", "@type": "sc:Sequence"},
        ],
    }  # fmt: skip
    found = read_iiif(written(tmp_path, "m.json", document))
    assert found.problems == []
    assert [record["image"] for record in found.records] == [f"{BASE}/two/{SIZED}", f"{BASE}/two.jpg"]
    first = found.records[0]
    assert (first["title"], first["Creator"], first["Date"]) == ("Old book, p. 1", "Hokusai; Hiroshige", "1831")
    assert first["rights_uri"] == "https://creativecommons.org/publicdomain/mark/1.0/"
    assert (first["credit"], first["page_url"]) == ("Held & shown by the Museum", "https://museum.example/old")
    assert (first["description"], first["object_id"]) == ("With pictures", f"{BASE}/old/manifest")


def test_records_are_read_as_the_rows_of_a_table_are(tmp_path: Path) -> None:
    found = read_iiif(written(tmp_path, "m.json", manifest_3(painted(1, image("one", service=[SERVICE])))))
    (record,) = found.records
    row = read_row(1, record, understand(list(record), {}, "m.json"))
    assert row.fields["title"] == "A Book"
    assert (row.fields["artist"], row.fields["year"]) == ("Mary Cassatt; Édouard Manet", "c. 1889")
    assert "object_id" not in row.fields, "one canvas is no view among others"
    assert row.extra["Shelfmark"] == "MS 1"


def test_of_several_pictures_on_a_canvas_the_one_that_fills_it_counts(tmp_path: Path) -> None:
    canvas = painted(1, image("detail"))
    annotation = canvas["items"][0]["items"][0]
    whole = {**annotation, "body": image("whole")}
    annotation["target"] += "#xywh=0,0,10,10"
    comment = {**whole, "motivation": "commenting", "body": image("comment")}
    canvas["items"][0]["items"] = [annotation, comment, whole]
    (record,) = read_iiif(written(tmp_path, "m.json", manifest_3(canvas))).records
    assert record["image"] == f"{BASE}/whole/full/max/0/default.jpg"
    assert record["further images"] == f"{BASE}/detail/full/max/0/default.jpg"


@pytest.mark.parametrize(
    "body",
    [
        {"type": "Choice", "items": [image("one", service=[SERVICE]), image("two")]},
        {"type": "SpecificResource", "source": image("one", service=[SERVICE])},
        [{"type": "TextualBody", "value": "words"}, image("one", service=[{"type": "Auth"}, SERVICE])],
    ],
)
def test_a_picture_is_found_within_whatever_holds_it(tmp_path: Path, body: Any) -> None:
    (record,) = read_iiif(written(tmp_path, "m.json", manifest_3(painted(1, body)))).records
    assert record["image"] == f"{BASE}/one/{SIZED}"


def test_a_service_with_ready_made_sizes_alone_is_not_asked_for_another(tmp_path: Path) -> None:
    body = image("one", service=[{**SERVICE, "profile": "level0"}])
    (record,) = read_iiif(written(tmp_path, "m.json", manifest_3(painted(1, body)))).records
    assert record["image"] == f"{body['id']}#as-it-is"


def test_what_has_no_picture_is_refused_with_its_reason_and_the_rest_is_read(tmp_path: Path) -> None:
    film = painted(1, {"id": f"{BASE}/film.mp4", "type": "Video"})
    broken = {"id": f"{BASE}/book/canvas/2", "type": "Canvas", "items": "nothing", "metadata": ["x", {"label": 3}]}
    found = read_iiif(written(tmp_path, "m.json", manifest_3(film, broken, 7, painted(3, image("three")))))
    assert [record["id"] for record in found.records] == [f"{BASE}/book/canvas/3"]
    assert [(problem.place, problem.reason, problem.kind) for problem in found.problems] == [
        (f"{BASE}/book/canvas/{number}", "a canvas without a picture", "refused") for number in (1, 2)
    ]


def test_a_collection_reads_what_lies_beside_it_and_lists_the_rest(tmp_path: Path) -> None:
    def named(name: str, kind: str = "Manifest") -> dict[str, Any]:
        return {"id": f"{BASE}/{name}", "type": kind, "label": {"en": [name]}}

    inner = {**named("inner", "Collection"), "items": [named("top", "Collection"), named("book/manifest")]}
    embedded = {**named("embedded", "Collection"), "items": [named("far")]}
    top = {**named("top", "Collection"), "items": [named("inner", "Collection"), embedded, named("elsewhere")]}
    written(tmp_path, "inner.json", inner)
    written(tmp_path, "some-name.json", manifest_3(painted(1, image("one"))))
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    found = read_iiif(written(tmp_path, "top.json", top))
    assert [(record["id"], record["collection"]) for record in found.records] == [(f"{BASE}/book/canvas/1", "inner")]
    assert [(one.id, one.type, one.label) for one in found.listed] == [
        (f"{BASE}/far", "Manifest", "far"),
        (f"{BASE}/elsewhere", "Manifest", "elsewhere"),
    ]
    assert [problem.place for problem in found.problems] == ["broken.json"]


def test_a_collection_of_version_2_names_its_members_in_three_ways(tmp_path: Path) -> None:
    def named(name: str, kind: str) -> dict[str, Any]:
        return {"@id": f"{BASE}/{name}", "@type": f"sc:{kind}", "label": name}

    document = {
        **named("top", "Collection"),
        "manifests": [named("a", "Manifest")],
        "collections": [{**named("b", "Collection"), "members": [named("c", "Manifest")]}],
    }
    found = read_iiif(written(tmp_path, "top.json", document))
    assert [(one.label, one.type) for one in found.listed] == [("c", "Manifest"), ("a", "Manifest")]


def test_collections_that_nest_without_end_are_refused(tmp_path: Path) -> None:
    document: dict[str, Any] = {"type": "Collection", "items": []}
    for level in range(40):
        document = {"id": f"{BASE}/{level}", "type": "Collection", "items": [document]}
    found = read_iiif(written(tmp_path, "top.json", document))
    assert [problem.reason for problem in found.problems] == ["more than 20 collections within each other"]


@pytest.mark.parametrize("text", ['{"type": "Canvas"}', "[]", "no json", '{"type": 3}', ""])
def test_a_file_that_is_no_manifest_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    assert not is_iiif(path)
    with pytest.raises(BadInput, match=r"x\.json is no ") as error:
        read_iiif(path)
    assert "\n" not in str(error.value)


def test_texts_within_texts_without_end_end_nothing(tmp_path: Path) -> None:
    label: Any = ["deep"]
    for _ in range(300):
        label = {"en": label}
    body: Any = image("one")
    for _ in range(300):
        body = {"type": "Choice", "items": [body]}
    found = read_iiif(written(tmp_path, "m.json", manifest_3(painted(1, body), painted(2, image("two"), label=label))))
    assert [record["title"] for record in found.records] == ["A Book"]
    assert [problem.reason for problem in found.problems] == ["a canvas without a picture"]


def test_texts_are_taken_in_english_then_in_none_then_in_any_language() -> None:
    assert said({"fr": ["Mer"], "en-GB": ["Sea", "Sea", "Waves"]}) == "Sea; Waves"
    assert said({"fr": ["Mer"], "none": ["See"]}) == "See"
    assert said({"fr": ["Mer"], "de": ["See"]}) == "Mer"
    assert said(["one", {"@value": "two"}]) == "one; two"
    assert (said(None), said(7), said({"en": 7})) == ("", "", "")


def test_markup_is_taken_out_of_texts_and_a_lesser_sign_stays() -> None:
    assert plain("<p>One</p><p>two &lt;3</p><br>three<!-- no -->") == "One two <3 three"
    assert plain("a < b & c") == "a < b & c"
