"""Loads of IIIF documents: from a file, a folder or an address to artworks, by the command."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loaders.iiif.documents import is_iiif
from loaders.manifest import open_manifest
from service.cli import main
from stores.connect import open_stores
from stores.records import Search
from stores.settings import read_settings
from tests.misbehaving import Museum, museum

SIZED = "full/!1024,1024/0/default.jpg"


@pytest.fixture
def library() -> Iterator[Museum]:
    """A server of documents, under /docs/, and of their pictures."""
    with museum() as opened:
        documents = made(opened)

        def docs(path: str, _: Mapping[str, str]) -> tuple[int, dict[str, str], list[bytes]]:
            found = documents.get(path.removeprefix("/docs/"))
            status = 200 if found else 404
            return status, {"Content-Type": "application/ld+json"}, [json.dumps(found).encode() if found else b""]

        setattr(opened, "_docs", docs)  # noqa: B010 -- what answers is found by the first part of a path
        yield opened


def canvas(library: Museum, name: str, number: int) -> dict[str, Any]:
    """A canvas of version 3 whose picture an image service has."""
    own = library.url(f"/docs/{name}/canvas/{number}")
    service = {"id": library.url(f"/ok/{name}-{number}"), "type": "ImageService3", "profile": "level2"}
    body = {"id": library.url(f"/missing/{name}.jpg"), "type": "Image", "service": [service]}
    painting = {"id": f"{own}/a", "type": "Annotation", "motivation": "painting", "body": body, "target": own}
    page = {"id": f"{own}/p", "type": "AnnotationPage", "items": [painting]}
    return {"id": own, "type": "Canvas", "label": {"none": [f"f. {number}"]}, "items": [page]}


def manifest(library: Museum, name: str, count: int, artist: str, year: str) -> dict[str, Any]:
    """A manifest of version 3."""
    said = {"Artist": artist, "Date Created": year, "Shelfmark": f"MS {name}"}
    return {
        "id": library.url(f"/docs/{name}"),
        "type": "Manifest",
        "label": {"en": [name.title()]},
        "metadata": [{"label": {"en": [label]}, "value": {"none": [value]}} for label, value in said.items()],
        "rights": "http://creativecommons.org/licenses/by/4.0/",
        "requiredStatement": {"label": {"en": ["Attribution"]}, "value": {"en": ["The Library"]}},
        "items": [canvas(library, name, number) for number in range(1, count + 1)],
    }


def old(library: Museum) -> dict[str, Any]:
    """A manifest of version 2, which calls itself otherwise than it is named."""
    picture = {"@id": library.url("/ok/old.jpg"), "@type": "dctypes:Image"}
    painting = {"@type": "oa:Annotation", "motivation": "sc:painting", "resource": picture}
    leaf = {"@id": library.url("/docs/old/canvas/1"), "@type": "sc:Canvas", "label": "p. 1", "images": [painting]}
    return {
        "@id": library.url("/docs/elsewhere/manifest.json"),
        "@type": "sc:Manifest",
        "label": "Old",
        "attribution": "The other library",
        "license": "http://rightsstatements.org/vocab/InC/1.0/",
        "metadata": [{"label": "Creator", "value": "Rot, Ada; Brun, Eva"}, {"label": "Date", "value": "ca. 1510"}],
        "sequences": [{"@type": "sc:Sequence", "canvases": [leaf]}],
    }


def made(library: Museum) -> dict[str, dict[str, Any]]:
    """A collection of version 3, with one within it, that names three manifests and one that is gone."""

    def named(name: str, kind: str = "Manifest") -> dict[str, Any]:
        return {"id": library.url(f"/docs/{name}"), "type": kind, "label": {"en": [name.title()]}}

    inner = {**named("inner", "Collection"), "items": [named("psalter"), named("old"), named("gone")]}
    top = {**named("top", "Collection"), "items": [named("atlas"), named("inner", "Collection")]}
    atlas = manifest(library, "atlas", 2, "Mercator, Gerard", "1595")
    psalter = manifest(library, "psalter", 3, "Master of the Sea", "late 15th century")
    return {"top": top, "inner": inner, "atlas": atlas, "psalter": psalter, "old": old(library)}


def written(folder: Path, name: str, document: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def run(library: Museum, *words: str, home: Path, download: bool = True) -> Result:
    """Run the command as a user would, in this process."""
    rate = ["--rate", f"127.0.0.1:{library.port}=1000/s", "--contact", "who@example.org", "--allow-private"]
    given = ["load", *(["--download", *rate] if download else []), "--home", str(home), "--json"]
    return CliRunner().invoke(main, [*given, *words])


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code in (0, 3), result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_collection_by_its_address_becomes_artworks_with_their_rights(library: Museum, tmp_path: Path) -> None:
    found = told(run(library, library.url("/docs/top"), home=tmp_path))
    assert (found["added"], found["artworks"], found["preset"]) == (6, 6, "iiif")
    assert library.paths()[:2] == ["/docs/top", "/docs/atlas"]
    assert sorted(library.paths()[2:6]) == ["/docs/gone", "/docs/inner", "/docs/old", "/docs/psalter"]
    asked = [path for path in library.paths() if not path.startswith("/docs/")]
    assert sorted(asked) == ["/ok/atlas-1/" + SIZED, "/ok/atlas-2/" + SIZED, "/ok/old.jpg"] + [
        f"/ok/psalter-{number}/{SIZED}" for number in (1, 2, 3)
    ]
    with open_stores(read_settings(home=tmp_path)) as stores:
        by_key = {one.key: one for one in stores.graph.find(Search(limit=50)).artworks}
    leaf = by_key[library.url("/docs/atlas/canvas/1")]
    assert (leaf.title, leaf.artists, leaf.year_from) == ("Atlas, f. 1", ("Mercator, Gerard",), 1595)
    assert (leaf.rights_uri, leaf.credit) == ("https://creativecommons.org/licenses/by/4.0/", "The Library")
    assert (leaf.object_id, leaf.metadata["Shelfmark"]) == (library.url("/docs/atlas"), "MS atlas")
    assert leaf.metadata.get("collection", leaf.collection) == "Top"
    psalm = by_key[library.url("/docs/psalter/canvas/3")]
    assert (psalm.year_from, psalm.year_to) == (1401, 1500)
    page = by_key[library.url("/docs/old/canvas/1")]
    assert (page.artists, page.year_from) == (("Rot, Ada", "Brun, Eva"), 1510)
    assert (page.rights_uri, page.credit) == ("http://rightsstatements.org/vocab/InC/1.0/", "The other library")
    assert page.collection == "Inner"


def test_a_document_that_is_gone_is_named_and_nothing_is_asked_twice(library: Museum, tmp_path: Path) -> None:
    found = run(library, library.url("/docs/top"), home=tmp_path)
    assert "404 Not Found" in found.stderr
    gone = [entry for entry in told(found)["notices"] if "gone" in str(entry)]
    assert len(gone) == 1
    asked = len(library.log)
    assert told(run(library, library.url("/docs/top"), home=tmp_path))["added"] == 0
    assert library.paths()[asked:] == ["/docs/gone"]


def test_only_as_many_documents_are_fetched_as_a_limit_needs(library: Museum, tmp_path: Path) -> None:
    found = told(run(library, library.url("/docs/top"), "--limit", "2", home=tmp_path))
    assert found["added"] == 2
    assert library.paths()[:3] == ["/docs/top", "/docs/atlas", "/docs/inner"]
    assert "/docs/psalter" not in library.paths()


def test_a_dry_run_fetches_documents_and_no_picture(library: Museum, tmp_path: Path) -> None:
    found = told(run(library, library.url("/docs/top"), "--dry-run", home=tmp_path))
    assert (found["dry_run"], found["download"]["addresses"]) == (True, 6)
    assert {path.split("/")[1] for path in library.paths()} == {"docs"}


def test_a_collection_in_a_file_names_what_is_fetched_beside_it(library: Museum, tmp_path: Path) -> None:
    documents = made(library)
    file = written(tmp_path / "mine", "top.json", documents["top"])
    written(tmp_path / "mine", "any-name.json", documents["atlas"])
    found = told(run(library, str(file), home=tmp_path / "home"))
    assert found["artworks"] == 6
    assert "/docs/atlas" not in library.paths()
    assert "/docs/top" not in library.paths()


def test_documents_alone_say_what_they_hold(library: Museum, tmp_path: Path) -> None:
    documents = made(library)
    file = written(tmp_path / "mine", "atlas.json", documents["atlas"])
    one = told(run(library, str(file), "--dry-run", home=tmp_path / "home", download=False))
    assert (one["preset"], one["format"], one["understood"], one["addressed"]) == ("iiif", "iiif", 2, 2)
    assert one["columns"]["year"] == "Date Created"
    written(tmp_path / "mine", "top.json", documents["top"])
    written(tmp_path / "mine", "broken.json", [])
    words = ["--preset", "iiif", "--metadata", str(tmp_path / "mine"), "--dry-run"]
    found = told(run(library, *words, home=tmp_path / "home", download=False))
    assert found["understood"] == 2
    reasons = {problem["name"]: problem["reason"] for problem in found["problems"]}
    assert reasons[library.url("/docs/inner")] == "a collection that is in no file here: --download fetches it"
    assert "is no IIIF manifest or collection" in reasons["broken.json"]
    assert library.log == []


def test_pictures_that_are_there_find_their_canvases(library: Museum, tmp_path: Path, demo: Path) -> None:
    folder = tmp_path / "pictures"
    document = manifest(library, "atlas", 2, "Mercator, Gerard", "1595")
    for number, picture in enumerate(sorted(demo.glob("*.jpg"))[:2], 1):
        body = document["items"][number - 1]["items"][0]["items"][0]["body"]
        body.update(id=library.url(f"/files/leaf-{number}.jpg"), service=[])
        folder.mkdir(exist_ok=True)
        (folder / f"leaf-{number}.jpg").write_bytes(picture.read_bytes())
    written(folder, "manifest.json", document)
    found = told(run(library, str(folder), "--preset", "iiif", home=tmp_path / "home", download=False))
    assert (found["added"], found["quarantined"]) == (2, [])


@pytest.mark.parametrize(
    ("place", "words", "line"),
    [
        ("/docs/nothing", [], "cannot be had: 404 Not Found"),
        ("/html/page", [], "cannot be had: a web page (HTML) instead of a IIIF document"),
        ("/docs/top", ["--preset", "met"], "is read as IIIF, and not by the preset met: fetch the table"),
    ],
)
def test_an_address_that_brings_no_document_is_told_in_one_line(
    library: Museum, tmp_path: Path, place: str, words: list[str], line: str
) -> None:
    found = run(library, library.url(place), *words, home=tmp_path)
    assert found.exit_code == 2
    assert line in " ".join(found.stderr.split())


def test_an_address_is_only_asked_where_that_is_wanted(library: Museum, tmp_path: Path) -> None:
    found = run(library, library.url("/docs/top"), home=tmp_path, download=False)
    assert found.exit_code == 2
    assert "is fetched with --download --contact ADDRESS" in found.stderr
    assert library.log == []


def test_a_document_is_told_from_a_table_by_what_it_is(library: Museum, tmp_path: Path) -> None:
    file = written(tmp_path, "atlas.json", manifest(library, "atlas", 1, "A", "1595"))
    assert open_manifest([file]).preset == "iiif"
    rows = tmp_path / "rows.json"
    rows.write_text('{"id": 1, "type": "Manifest"}\n{"id": 2, "type": "Manifest"}\n', encoding="utf-8")
    assert not is_iiif(rows)
    assert [row.fields["id"] for row in open_manifest([rows])] == ["1", "2"]
    (tmp_path / "manifest.csv").write_text('{"type": "Manifest"}', encoding="utf-8")
    assert not is_iiif(tmp_path / "manifest.csv")
