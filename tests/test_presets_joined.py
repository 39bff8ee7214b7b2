"""Presets that join several tables of a museum, on rows as museums write them."""

# ruff: noqa: RUF001 -- dashes as museums write them

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from loaders.manifest import read_manifest
from stores.errors import BadInput
from tests.museums import addresses, artworks, brief

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


def written(path: Path, header: str, *rows: Sequence[str], delimiter: str = ",") -> Path:
    """Write a table with the header given as the file has it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header.split(delimiter))
        writer.writerows(rows)
    return path


OBJECTS = (
    "objectid,uuid,accessioned,accessionnum,locationid,title,displaydate,beginyear,endyear,visualbrowsertimespan,"
    "medium,dimensions,inscription,markings,attributioninverted,attribution,provenancetext,creditline,classification,"
    "subclassification,visualbrowserclassification,parentid,isvirtual,departmentabbr,portfolio,series,volume,"
    "watermarks,lastdetectedmodification,wikidataid,customprinturl"
)
IMAGES = (
    "uuid,iiifurl,iiifthumburl,viewtype,sequence,width,height,maxpixels,openaccess,created,modified,"
    "depictstmsobjectid,assistivetext"
)
LINKS = "objectid,constituentid,displayorder,roletype,role,prefix,suffix,displaydate,beginyear,endyear,country,zipcode"
PEOPLE = (
    "constituentid,uuid,ulanid,preferreddisplayname,forwarddisplayname,lastname,displaydate,artistofngaobject,"
    "beginyear,endyear,visualbrowsertimespan,nationality,visualbrowsernationality,constituenttype,wikidataid"
)


def row(header: str, delimiter: str = ",", **cells: str) -> list[str]:
    names = header.split(delimiter)
    assert set(cells) <= set(names)
    return [cells.get(name, "") for name in names]


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """Four tables shaped as the National Gallery of Art publishes them."""
    mill = {"title": "The Mill, after Rain", "displaydate": "1645/1648", "beginyear": "1645", "endyear": "1648"}
    written(
        tmp_path / "objects.csv",
        OBJECTS,
        row(OBJECTS, objectid="7", accessionnum="1942.9.62", attribution="Follower of Ada Lindqvarn", **mill),
        row(OBJECTS, objectid="8", accessionnum="1942.9.63", title="Two by two", attribution="Ada Lindqvarn, Ida Rot"),
        row(OBJECTS, objectid="9", accessionnum="1942.9.64", title="Alone", attribution="American 19th Century"),
    )
    picture = "https://api.nga.gov/iiif/"
    written(
        tmp_path / "published_images.csv",
        IMAGES,
        row(IMAGES, iiifurl=f"{picture}b", viewtype="alternate", sequence="1", openaccess="0", depictstmsobjectid="7"),
        row(
            IMAGES,
            iiifurl=f"{picture}a",
            viewtype="primary",
            sequence="0",
            openaccess="1",
            depictstmsobjectid="7",
            assistivetext="A mill beside a pond",
        ),
        row(IMAGES, iiifurl=f"{picture}c", viewtype="primary", openaccess="0", depictstmsobjectid="8"),
    )
    written(
        tmp_path / "objects_constituents.csv",
        LINKS,
        row(LINKS, objectid="7", constituentid="1", displayorder="1", roletype="artist", role="artist"),
        row(LINKS, objectid="8", constituentid="2", displayorder="10", roletype="artist", role="artist after"),
        row(LINKS, objectid="8", constituentid="1", displayorder="2", roletype="artist", role="printmaker"),
        row(LINKS, objectid="8", constituentid="3", displayorder="1", roletype="donor", role="donor"),
    )
    written(
        tmp_path / "constituents.csv",
        PEOPLE,
        row(PEOPLE, constituentid="1", preferreddisplayname="Lindqvarn, Ada", forwarddisplayname="Ada Lindqvarn"),
        row(PEOPLE, constituentid="2", preferreddisplayname="Rot, Ida", forwarddisplayname="Ida Rot"),
        row(PEOPLE, constituentid="3", preferreddisplayname="Giver, A.", forwarddisplayname="A. Giver"),
    )
    return tmp_path


def test_the_four_tables_of_the_national_gallery_become_one(gallery: Path) -> None:
    manifest = read_manifest(gallery, preset="nga")
    made = artworks(manifest)
    assert addresses(manifest) == {
        "7": "https://api.nga.gov/iiif/a/full/!1024,1024/0/default.jpg",
        "8": "https://api.nga.gov/iiif/c/full/!1024,1024/0/default.jpg",
    }
    assert [one.artists for one in made.values()] == [
        ("Follower of Ada Lindqvarn",),
        ("Ada Lindqvarn", "After Ida Rot"),
        ("American 19th Century",),
    ]
    assert [(one.alt_text, one.rights_uri) for one in made.values()] == [
        ("A mill beside a pond", CC0),
        ("", ""),
        ("", ""),
    ]
    assert (made["7"].year_from, made["7"].year_to) == (1645, 1648)
    assert made["7"].page_url == "https://www.nga.gov/collection/art-object-page.7.html"
    assert made["8"].metadata["attribution"] == "Ada Lindqvarn, Ida Rot"
    assert [(problem.name, problem.reason) for problem in manifest.problems] == [
        ("published_images.csv", "1 artworks have no record in it"),
        ("objects_constituents.csv", "1 artworks have no record in it"),
    ]


def test_tables_are_known_by_their_headers_whatever_they_are_called(gallery: Path) -> None:
    names = ("published_images", "constituents", "objects", "objects_constituents")
    paths = [(gallery / f"{name}.csv").rename(gallery / f"{number}.csv") for number, name in enumerate(names)]
    assert len(artworks(read_manifest(paths[0], None, "nga", paths[1:]))) == 3


def test_a_table_that_lacks_is_noticed_and_one_that_is_needed_is_refused(gallery: Path) -> None:
    manifest = read_manifest(gallery / "objects.csv", preset="nga")
    assert artworks(manifest)["8"].artists == ("Ada Lindqvarn", "Ida Rot")
    assert [problem.name for problem in manifest.problems] == [
        "constituents.csv",
        "published_images.csv",
        "objects_constituents.csv",
    ]
    with pytest.raises(BadInput, match=r"lacks its table of artworks \(objects\.csv\): name it with --metadata"):
        read_manifest(gallery / "constituents.csv", preset="nga")
    with pytest.raises(BadInput, match=r"objects\.csv is a second table of the same kind"):
        read_manifest(gallery / "objects.csv", None, "nga", [gallery / "objects.csv"])
    with pytest.raises(BadInput, match=r"no table of met in .*: name it with --metadata, or call it MetObjects\.csv"):
        read_manifest(gallery, preset="met")


CLEVELAND = (
    "id,accession_number,share_license_status,tombstone,current_location,title,title_in_original_language,series,"
    "series_in_original_language,creation_date,creation_date_earliest,creation_date_latest,creators,culture,technique,"
    "support_materials,department,collection,type,measurements,state_of_the_work,edition_of_the_work,creditline,"
    "copyright,inscriptions,exhibitions,provenance,find_spot,related_works,fun_fact,digital_description,"
    "wall_description,citations,catalogue_raisonne,url,image_web,image_print,image_full,updated_at"
)


def test_clevelands_table_and_its_json_say_the_same(tmp_path: Path) -> None:
    address = "https://openaccess-cdn.clevelandart.org/1953.424/1953.424_web.jpg"
    date = {"creation_date": "c. 1878–80", "creation_date_earliest": "1873", "creation_date_latest": "1885"}
    people = "Ada Lindqvarn (Swedish, 1850-1899), artist; Brûlot & Fils (French, active 1870s), printer"
    cells = {"id": "135299", "accession_number": "1953.424", "title": "Lot's Wife", "share_license_status": "CC0"}
    table = written(
        tmp_path / "data.csv",
        CLEVELAND,
        row(CLEVELAND, creators=people, image_web=address, **cells, **date),
        row(CLEVELAND, id="2", title="New", share_license_status="Copyrighted", copyright="© Ida Rot"),
    )
    creators = [
        {"description": "Ada Lindqvarn (Swedish, 1850-1899)", "role": "artist", "qualifier": None},
        {"description": "Brûlot & Fils (French, active 1870s)", "role": "printer", "qualifier": None},
    ]
    items = [
        {**cells, "id": 135299, **date, "creators": creators, "images": {"web": {"url": address, "width": "893"}}},
        {
            "id": 2,
            "title": "New",
            "creators": [{"description": "Ida Rot", "qualifier": "attributed to"}],
            "images": None,
        },
    ]
    (tmp_path / "data.json").write_text(json.dumps(items), encoding="utf-8")
    for manifest in (
        read_manifest(table, preset="cleveland"),
        read_manifest(tmp_path / "data.json", preset="cleveland"),
    ):
        made = artworks(manifest)
        assert made["135299"].artists == ("Ada Lindqvarn", "Brûlot & Fils")
        assert (made["135299"].year_from, made["135299"].year_to, made["135299"].rights_uri) == (1873, 1885, CC0)
        assert addresses(manifest) == {"135299": address}
        assert manifest.rows[0].names == ("1953.424",)
    assert artworks(read_manifest(table, preset="cleveland"))["2"].rights_text == "© Ida Rot"
    assert made["2"].artists == ("attributed to Ida Rot",)


@pytest.fixture
def emotions(samples: Path, tmp_path: Path) -> Path:
    """The two tables of WikiArt Emotions with their real headers and rows of our own."""
    header = (samples / "WikiArt-Emotions-All.header-only.tsv").read_text(encoding="utf-8").strip()
    known = {
        "ID": "57a1",
        "Style": "Modern Art",
        "Category": "Impressionism",
        "Artist": "Ada Lindqvarn",
        "Year": "1889",
    }
    rated = {"Title": "Quiet Harbour", "Ave. art rating": "1.4", "ImageOnly: happiness": "0.6", "TitleOnly: fear": "0"}
    written(
        tmp_path / "WikiArt-Emotions-All.tsv",
        header,
        row(header, "\t", **known, **rated),
        row(header, "\t", ID="57a2", Title="Loud Harbour", Artist="Ada Lindqvarn", Year="?"),
        delimiter="\t",
    )
    info = (samples / "WikiArt-info.header-only.tsv").read_text(encoding="utf-8").strip()
    there = {"Image URL": "https://uploads.example/a.jpg", "Painting Info URL": "https://www.example/quiet-harbour"}
    written(
        tmp_path / "WikiArt-info.tsv",
        info,
        row(info, "\t", ID="57a1", **there, **{"Artist Info URL": "https://www.example/ada"}),
        delimiter="\t",
    )
    return tmp_path


def test_wikiart_emotions_are_joined_with_their_addresses_and_every_rating_is_kept(emotions: Path) -> None:
    manifest = read_manifest(emotions, preset="wikiart-emotions")
    made = artworks(manifest)
    first = made["57a1"]
    assert brief(first)[:4] == ("Quiet Harbour", ("Ada Lindqvarn",), "1889", (1889, 1889))
    assert (first.style, first.page_url) == ("Modern Art", "https://www.example/quiet-harbour")
    assert first.metadata == {
        "Category": "Impressionism",
        "Ave. art rating": "1.4",
        "ImageOnly: happiness": "0.6",
        "TitleOnly: fear": "0",
        "Artist Info URL": "https://www.example/ada",
        "image": "https://uploads.example/a.jpg",
    }
    assert addresses(manifest) == {"57a1": "https://uploads.example/a.jpg"}
    assert [problem.reason for problem in manifest.problems] == ["1 artworks have no record in it"]


def test_a_column_that_a_person_names_wins_over_the_preset(emotions: Path) -> None:
    manifest = read_manifest(emotions, {"style": "Category", "image": "Title"}, "wikiart-emotions")
    assert manifest.rows[0].fields["style"] == "Impressionism"
    assert manifest.rows[0].fields["image"] == "Quiet Harbour"
    assert manifest.rows[0].extra["Style"] == "Modern Art"


def test_addresses_in_a_second_table_are_joined_to_the_mets_objects(samples: Path, tmp_path: Path) -> None:
    images = written(tmp_path / "any.csv", "Object ID,Image URL", ["238", "https://images.example/238.jpg"])
    manifest = read_manifest(samples / "met_MetObjects_semicolon_cp1252.csv", None, "met", [images])
    assert addresses(manifest) == {"238": ["https://images.example/238.jpg"]}
