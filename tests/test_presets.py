"""Museums' own tables, read by their presets: rows checked by hand against the files, tables joined as documented."""

# ruff: noqa: RUF001 -- dashes as museums write them

import csv
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from loaders.artworks import artwork_of
from loaders.columns import FIELDS
from loaders.manifest import Manifest, read_manifest
from loaders.presets import PRESETS
from loaders.presets.records import ascribed
from loaders.previews import preview
from loaders.request import LoadRequest
from stores.artwork import Artwork
from stores.errors import BadInput
from tests.conftest import DATA, ROOT

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.fixture(scope="module")
def samples() -> Path:
    """Real metadata files; where they are missing tests skip, except in CI."""
    folder = DATA / "manifests"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} must be there in CI")
        pytest.skip("the real metadata files are not on this machine")
    return folder


def artworks(manifest: Manifest) -> dict[str, Artwork]:
    """Every artwork of a table by its key; nothing about any of them may be doubtful."""
    doubts: list[object] = []
    made = {row.fields["id"]: artwork_of(row, "museum", row.fields["id"], doubts.append) for row in manifest.rows}
    assert doubts == []
    assert len(made) == len(manifest.rows)
    return made


def addresses(manifest: Manifest) -> dict[str, Any]:
    return {row.fields["id"]: row.fields["image"] for row in manifest.rows if "image" in row.fields}


def brief(artwork: Artwork) -> tuple[object, ...]:
    span = (artwork.year_from, artwork.year_to)
    return (artwork.title, artwork.artists, artwork.date_text, span, artwork.medium, artwork.credit)


MOMA = {
    "2": (
        "Ferdinandsbrücke Project, Vienna, Austria (Elevation, preliminary version)",
        ("Otto Wagner",),
        "1896",
        (1896, 1896),
        "Ink and cut-and-pasted painted pages on paper",
        "Fractional and promised gift of Jo Carole and Ronald S. Lauder",
    ),
    "102": (
        "Misc. objects",
        ("Ludwig Mies van der Rohe",),
        "n.d.",
        (None, None),
        "",
        "Mies van der Rohe Archive, gift of Ludwig Glaeser",
    ),
    "212": (
        "Gordon Wu Hall, Princeton University, Princeton, New Jersey, Preliminary study of entrance and windows",
        ("Venturi, Rauch and Scott Brown", "Robert Venturi", "John Rauch", "Denise Scott Brown"),
        "1981",
        (1981, 1981),
        "Felt-tipped pen on tracing paper",
        "Gift of Venturi, Rauch and Scott Brown, Inc.",
    ),
    "297": (
        "Sixth Street House project, Santa Monica, California",
        ("Thom Mayne", "Andrew Zago"),
        ".1-3 1987; .4 1990",
        (1987, 1987),
        "Serigraph with metal foil on paper",
        "Given anonymously",
    ),
    "790": (
        "Conchoidal Chair with Arms. Conchoidal Chair without Arms. (Elevation and plan sketches)",
        ("Ludwig Mies van der Rohe",),
        "early 1940s",
        (1940, 1949),
        "Ink, pencil and colored pencil on paper",
        "Mies van der Rohe Archive, gift of the architect",
    ),
    "1074": (
        "Tohoku Historical Museum project, Sendai, Tohoku, Japan",
        ("Asymptote Architecture, New York", "Hani Rashid", "Lise Anne Couture"),
        "1994",
        (1994, 1994),
        "Acrylic sheet, wood with oil stain, metal, and paint",
        "Jeffrey P. Klein Purchase Fund",
    ),
    "2253": (
        "Rondel fragment with water fowl",
        ("Unknown designer",),
        "4th-6th century C.E.",
        (301, 600),
        "Wool and linen",
        "Lillie P. Bliss Collection",
    ),
}
MET = {
    "1": (
        "One-dollar Liberty Head Coin",
        ("James Barton Longacre",),
        "1853",
        (1853, 1853),
        "Gold",
        "Gift of Heinz L. Stoppelmann, 1979",
    ),
    "238": (
        "Armchair",
        ("Follower of Henry Hobson Richardson",),
        "ca. 1880",
        (1877, 1880),
        "Oak",
        "Anonymous Gift, 1986",
    ),
    "282": (
        "Autumn Landscape",
        ("Tiffany Studios", "Attributed to Agnes F. Northrop"),
        "1923–24",
        (1923, 1924),
        "Leaded Favrile glass",
        "Gift of Robert W. de Forest, 1925",
    ),
    "311": (
        "Baluster from the Guaranty Building, Buffalo, New York",
        ("Louis Henry Sullivan", "Yale and Towne Manufacturing Company", "Dankmar Adler"),
        "ca. 1894–95",
        (1891, 1895),
        "Bronze-plated cast iron",
        "Friends of the American Wing Fund, 1984",
    ),
    "479": (
        "Bus",
        ("Possibly after Jean Martin Renaud",),
        "1800–1883",
        (1800, 1883),
        "Bronze",
        "Gift of William H. Huntington, 1883",
    ),
    "516": (
        "Bible",
        ("Pieter Keur", "Pieter Rotterdam and Company"),
        "1716 or 1719 (edition)",
        (1716, 1719),
        "Paper, leather, brass",
        "Gift of Estate of George M. Hall, 1958",
    ),
}
TATE = {
    "1081": (
        "Composition Sketch, Possibly a Subject from Dante. Verso: A Man Standing over a Figure Reclining on a Bed",
        ("Blake, William",),
        "?1824-7, ?c.1800-10",
        (1824, 1827),
        "",
        "Presented by Mrs John Richmond 1922",
    ),
    "1506": (
        "[title not known]",
        ("British School 18th century",),
        "",
        (None, None),
        "",
        "Bequeathed by Miss Julia Emily Gordon 1896",
    ),
    "1698": (
        "Study of a Girl's Head",
        ("Burne-Jones, Sir Edward Coley, Bt",),
        "1866",
        (1866, 1866),
        "",
        "Bequeathed by A.N. MacNicholl 1916",
    ),
    "1118": (
        "Frontispiece: Thenot and Colinet",
        ("Blake, William",),
        "1821/c.1830",
        (1821, 1830),
        "",
        "Presented by Herbert Linnell 1924",
    ),
    "2256": (
        "Catherine the Younger and Hareton. Verso: study of cows",
        ("Clarke Hall, Lady Edna",),
        "",
        (None, None),
        "",
        "Presented by Mrs F. Samuel, Mrs E. Bishop and Michel H. Salaman through the Contemporary Art Society 1941",
    ),
    "98332": (
        "Dial H-I-S-T-O-R-Y, Inflight",
        ("Grimonprez, Johan",),
        "1997-2001",
        (1997, 2001),
        "",
        (
            "ARTIST ROOMS\nAcquired jointly with the National Galleries of Scotland through The d'Offay Donation with "
            "assistance from the National Heritage Memorial Fund and the Art Fund 2008"
        ),
    ),
}
TODAY = {
    "20400": ("[no title]", ("Charlton, Alan",), "1991", (1991, 1991), "Screenprint on paper", "Purchased 1992"),
    "20618": ("Interior", ("Artschwager, Richard",), "1972", (1972, 1972), "Screenprint on paper", "Purchased 1992"),
    "20830": (
        "[no title]",
        ("Marden, Brice",),
        "1971",
        (1971, 1971),
        "Etching and aquatint on paper",
        "Purchased 1993",
    ),
    "21086": ("Untitled", ("Francis, Mark",), "1994", (1994, 1994), "Monotype on paper", "Purchased 1994"),
}
CMOA = {
    "cmoa:things/270d5562-b0ad-4b4e-9b54-51dcfa90efb7": (
        "Else Alfelt (Jutland, 1970)",
        ("John Lefebre",),
        "1970",
        (1970, 1970),
        "gelatin silver print",
        "Gift of John Lefebre",
    ),
    "cmoa:things/a87970cc-741c-4429-a60d-e6b2f375a7a9": (
        "Miniature Portrait of Thomas Jefferson (1743-1826)",
        ("attributed to Robert Field",),
        "c. 1800-1819",
        (1795, 1819),
        "oil on paper; gilt wood frame",
        "Gift of Herbert DuPuy",
    ),
    "cmoa:things/4bb87477-6bb0-40c8-96ef-5ad50ab9105a": (
        "Vase",
        ("workshop of Emile Gallé",),
        "c. mid- to late-19th century",
        (1846, 1904),
        "blown glass with cameo relief created by acid cut of 4 color",
        "Purchase: gift of Mr. and Mrs. Seward Prosser Mellon Funds",
    ),
    "cmoa:things/d5ec0452-ab6c-4198-8709-2ccc32ec0904": (
        "Mounting Guard, St. James's Park",
        ("Augustus Charles Pugin", "Thomas Rowlandson", "Rudolph Ackermann", "John Bluck"),
        "February 1, 1809",
        (1809, 1809),
        "color aquatint",
        "Gift of BNY Mellon",
    ),
    "cmoa:things/5f0daca2-1eae-49d8-bdf8-87b8613bcc2c": (
        "The Life of the Virgin: The Assumption and Coronation of the Virgin",
        ("Albrecht Dürer",),
        "1510",
        (1510, 1510),
        "woodcut",
        "Gift of Andrew Carnegie",
    ),
}


@pytest.mark.parametrize(
    ("preset", "file", "rows", "rights", "pictures", "golden"),
    [
        ("moma", "moma_Artworks.csv", 450, 0, 374, MOMA),
        ("met", "met_MetObjects_semicolon_cp1252.csv", 394, 299, 0, MET),
        ("tate", "tate_artwork_data_2013.csv", 500, 0, 489, TATE),
        ("tate", "tate_opendatasoft_semicolon.csv", 4, 4, 4, TODAY),
        ("cmoa", "cmoa_records.jsonl", 239, 0, 168, CMOA),
    ],
)
def test_a_museums_file_says_by_its_preset_what_stands_in_it(
    samples: Path, preset: str, file: str, rows: int, rights: int, pictures: int, golden: Mapping[str, object]
) -> None:
    manifest = read_manifest(samples / file, preset=preset)
    made = artworks(manifest)
    assert {key: brief(made[key]) for key in golden} == golden
    assert len(made) == rows
    assert sum(bool(one.rights_uri or one.rights_text) for one in made.values()) == rights
    assert len(addresses(manifest)) == pictures
    assert manifest.preset == preset


WITHOUT = {
    "moma": {
        "212": ("Venturi, Rauch and Scott Brown, Robert Venturi, John Rauch, Denise Scott Brown",),
        "1074": ("Asymptote Architecture", "New York", "Hani Rashid", "Lise Anne Couture"),
    },
    "met": {
        "238": ("Henry Hobson Richardson",),
        "282": ("Tiffany Studios", "Agnes F. Northrop"),
        "479": ("Jean Martin Renaud",),
    },
    "cmoa": {
        "cmoa:things/a87970cc-741c-4429-a60d-e6b2f375a7a9": ("Robert Field",),
        "cmoa:things/4bb87477-6bb0-40c8-96ef-5ad50ab9105a": ("Emile Gallé",),
    },
}
"""Artists as the columns alone say them: what makes them doubtful stands in another column."""


@pytest.mark.parametrize(
    ("preset", "file", "key", "golden"),
    [
        ("moma", "moma_Artworks.csv", "object_id", MOMA),
        ("met", "met_MetObjects_semicolon_cp1252.csv", "object_id", MET),
        ("tate", "tate_artwork_data_2013.csv", "id", TATE),
        ("tate", "tate_opendatasoft_semicolon.csv", "id", TODAY),
        ("cmoa", "cmoa_records.jsonl", "id", CMOA),
    ],
)
def test_a_museums_file_says_nearly_as_much_by_its_columns_alone(
    samples: Path, preset: str, file: str, key: str, golden: Mapping[str, tuple[object, ...]]
) -> None:
    doubts: list[object] = []
    rows = {row.fields.get(key): row for row in read_manifest(samples / file).rows}
    found = {one: brief(artwork_of(rows[one], "museum", one, doubts.append)) for one in golden}
    expected = {one: (said[0], WITHOUT.get(preset, {}).get(one, said[1]), *said[2:]) for one, said in golden.items()}
    durer = "cmoa:things/5f0daca2-1eae-49d8-bdf8-87b8613bcc2c"  # the 1510 of its text is 1509-12-22 in its columns
    if preset == "cmoa":
        expected[durer] = (*golden[durer][:3], (1509, 1509), *golden[durer][4:])
    assert found == expected
    assert doubts == []


@pytest.mark.parametrize(
    ("preset", "file"),
    [
        ("moma", "moma_Artworks.csv"),
        ("met", "met_MetObjects_semicolon_cp1252.csv"),
        ("tate", "tate_artwork_data_2013.csv"),
        ("tate", "tate_opendatasoft_semicolon.csv"),
    ],
)
def test_no_word_of_a_museums_row_is_lost(samples: Path, preset: str, file: str) -> None:
    manifest = read_manifest(samples / file, preset=preset)
    form = {"comma": ",", "semicolon": ";"}[manifest.format]
    encoding = "utf-8-sig" if manifest.encoding == "utf-8" else manifest.encoding
    with (samples / file).open(encoding=encoding, newline="") as opened:
        originals = {row[manifest.columns["id"]]: row for row in csv.DictReader(opened, delimiter=form)}
    for key, artwork in artworks(manifest).items():
        lost = words(originals[key].values()) - words([json.dumps(artwork.to_payload(), ensure_ascii=False)])
        image = next(row.fields.get("image", "") for row in manifest.rows if row.fields["id"] == key)
        assert lost - words([str(image)]) == set(), key


def words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts if text for word in re.findall(r"[^\W_]+", text.replace("\\n", " "))}


def test_what_is_not_one_of_the_mets_objects_is_refused_with_its_row(samples: Path) -> None:
    manifest = read_manifest(samples / "met_MetObjects_semicolon_cp1252.csv", preset="met")
    refused = [problem for problem in manifest.problems if problem.kind == "refused"]
    assert len(refused) == 56
    assert refused[0].name == "met_MetObjects_semicolon_cp1252.csv:151"
    assert refused[0].reason == "its Object ID is '' and no number: is it a piece of a row that was broken off?"
    assert [problem.name for problem in refused if "Montour County" in problem.reason] != []
    (notice,) = [problem for problem in manifest.problems if problem.kind == "notice"]
    assert notice.reason == "not among the tables: the addresses of the pictures are missing"


def test_the_rights_of_a_museum_are_taken_as_it_grants_them(samples: Path) -> None:
    met = artworks(read_manifest(samples / "met_MetObjects_semicolon_cp1252.csv", preset="met"))
    assert (met["238"].rights_uri, met["1"].rights_uri) == (CC0, "")
    assert (met["276"].rights_uri, met["276"].rights_text) == ("", "© 2022 Artists Rights Society (ARS), New York")
    tate = artworks(read_manifest(samples / "tate_opendatasoft_semicolon.csv", preset="tate"))
    assert tate["21086"].rights_text == "© Mark Francis"


def test_addresses_of_pictures_are_those_of_today(samples: Path) -> None:
    tate = read_manifest(samples / "tate_artwork_data_2013.csv", preset="tate")
    assert addresses(tate)["2256"] == "https://media.tate.org.uk/art/images/work/A/A01/A01071_8.jpg"
    assert artworks(tate)["2256"].metadata["thumbnailUrl"].startswith("http://www.tate.org.uk/art/images/")
    assert tate.rows[0].names == ("A00001",)
    cmoa = addresses(read_manifest(samples / "cmoa_records.jsonl", preset="cmoa"))
    assert cmoa["cmoa:things/d5ec0452-ab6c-4198-8709-2ccc32ec0904"] == [
        "http://collection.cmoa.org/CollectionImage.aspx?irn=134058&size=Medium",
        "http://collection.cmoa.org/CollectionImage.aspx?irn=134057&size=Medium",
    ]


@pytest.mark.parametrize("preset", ["tate", ""])
def test_the_table_of_artists_is_refused_as_one_of_artworks(samples: Path, preset: str) -> None:
    with pytest.raises(BadInput, match=r"no table of artworks|a table of people .* and not of artworks") as refusal:
        read_manifest(samples / "tate_artist_data.csv", preset=preset)
    assert "\n" not in str(refusal.value)
    assert "yearOfBirth" in str(refusal.value)


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


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_is_whole(name: str) -> None:
    preset = PRESETS[name]
    assert preset.name == name
    assert preset.columns.keys() <= FIELDS.keys()
    assert {"id", "title", "artist", "year"} <= preset.columns.keys()
    assert preset.files
    assert preset.needs or preset.documents
    assert preset.about.endswith(".")
    tables = {"", *(joined.name for joined in preset.joined)}
    assert {joined.onto for joined in preset.joined} <= tables


@pytest.mark.parametrize(
    ("name", "how", "said"),
    [
        ("Ada Rot", "After", "After Ada Rot"),
        ("Ada Rot", "Possibly after", "Possibly after Ada Rot"),
        ("Ada Rot", "Attributed to the Workshop of", "Attributed to the Workshop of Ada Rot"),
        ("Ada Rot", "Designed by", "Ada Rot"),
        ("Ada Rot", "", "Ada Rot"),
        ("", "After", ""),
        ("After Ada Rot", "after", "After Ada Rot"),
    ],
)
def test_a_doubt_stands_before_the_name_and_a_role_does_not(name: str, how: str, said: str) -> None:
    assert ascribed(name, how) == said


def test_a_preset_that_is_not_there_is_bad_input_with_the_closest(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no preset 'mom': is it moma\? 'xdegrees presets' lists them"):
        read_manifest(tmp_path, preset="mom")


DOCUMENT = (ROOT / "docs" / "presets.md").read_text(encoding="utf-8")


def test_the_example_in_the_documents_says_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (rows,) = re.findall(r"```csv\n(.*?)```", DOCUMENT, re.DOTALL)
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    (said,) = re.findall(r"```console\n(.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "harbour.csv").write_text(rows, encoding="utf-8")
    module: dict[str, Any] = {}
    exec(compile(code, "harbour.py", "exec"), module)  # noqa: S102 -- the document's own lines
    monkeypatch.setitem(dict_of_presets(), "harbour", module["PRESET"])
    seen = preview(LoadRequest(None, "harbour", metadata=tmp_path / "harbour.csv", preset="harbour"))
    assert list(seen.lines()) == said.splitlines()


def dict_of_presets() -> dict[str, Any]:
    assert isinstance(PRESETS, dict)
    return PRESETS


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_is_in_the_documents(name: str) -> None:
    assert f"\n| `{name}` | " in DOCUMENT
    for file in (PRESETS[name].files[0], *(joined.files[0] for joined in PRESETS[name].joined)):
        assert f"`{file}`" in DOCUMENT
