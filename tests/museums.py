"""What stands in museums' own files, checked by hand: title, artists, date, years, medium, credit by key."""

# ruff: noqa: RUF001 -- dashes as museums write them

from typing import Any, Final

from loaders.artworks import artwork_of
from loaders.manifest import Manifest
from stores.artwork import Artwork

Golden = dict[str, tuple[str, tuple[str, ...], str, tuple[int | None, int | None], str, str]]

MOMA: Final[Golden] = {
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
MET: Final[Golden] = {
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
TATE: Final[Golden] = {
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
TODAY: Final[Golden] = {
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
CMOA: Final[Golden] = {
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

WITHOUT: Final[dict[str, dict[str, tuple[str, ...]]]] = {
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
