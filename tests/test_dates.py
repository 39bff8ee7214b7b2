"""Date texts as museums write them, and the years they mean."""

# ruff: noqa: RUF001 -- dashes as museums write them

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.dates import Span, years

ONE_YEAR = [
    ("1889", 1889),
    ("1889?", 1889),
    ("?1863", 1863),
    ("[1889]", 1889),
    ("c. 1889", 1889),
    ("c.1889", 1889),
    ("ca. 1889", 1889),
    ("CIRCA 1889", 1889),
    ("um 1500", 1500),
    ("vers 1500", 1500),
    ("after 1850", 1850),
    ("before 1900", 1900),
    ("May 12, 1898", 1898),
    ("12 May 1898", 1898),
    ("12.05.1898", 1898),
    ("10/24/1867", 1867),
    ("1898-05-12", 1898),
    ("1898-05", 1898),
    ("1898-00-00", 1898),
    ("1970-01-01T00:00:00", 1970),
    ("1889, printed 1920", 1889),
    ("1674 edition", 1674),
    ("2000, designed 1998", 2000),
    (".1-3 1987; .4 1990", 1987),
    ("1889.0", 1889),
    ("1,889", 1889),
    ("1889年", 1889),
    ("AD 79", 79),
    ("20 AD", 20),
    ("A.D. 120", 120),
    ("1500 n. Chr.", 1500),
    ("500 BC", -500),
    ("ca. 500 B.C.E.", -500),
    ("500 v. Chr.", -500),
    ("500 av. J.-C.", -500),
    ("10,000 BC", -10000),
    ("-500", -500),
    ("-50", -50),
    ("1889 b chairs", 1889),
]

SPANS = [
    ("1889-90", 1889, 1890),
    ("1889–90", 1889, 1890),
    ("1889/90", 1889, 1890),
    ("1806-7", 1806, 1807),
    ("1898–05", 1898, 1905),
    ("1898-99?", 1898, 1899),
    ("1889 - 1890", 1889, 1890),
    ("1890-1889", 1889, 1890),
    ("1691-c.1695", 1691, 1695),
    ("1898?-1899?", 1898, 1899),
    ("between about 1500 and 1525", 1500, 1525),
    ("1889 bis 1890", 1889, 1890),
    ("1716 or 1719 (edition)", 1716, 1719),
    ("1898-05-12/1901-01-01", 1898, 1901),
    ("Ming dynasty, Wanli reign (1573-1620)", 1573, 1620),
    ("Project:  1902-1907; Drawn August 25, 1904", 1902, 1907),
    ("1890s", 1890, 1899),
    ("1890's", 1890, 1899),
    ("1890er Jahre", 1890, 1899),
    ("1890s–1900s", 1890, 1909),
    ("1880s/90s", 1880, 1899),
    ("1885-1890s", 1885, 1899),
    ("1600s", 1600, 1699),
    ("19th century", 1801, 1900),
    ("mid-19th century", 1801, 1900),
    ("nineteenth century", 1801, 1900),
    ("Late Nineteenth-Century", 1801, 1900),
    ("late fifteenth–early sixteenth century", 1401, 1600),
    ("second half of the nineteenth century", 1801, 1900),
    ("second century BC", -200, -101),
    ("twenty-first century", 2001, 2100),
    ("3rd millennium BC", -3000, -2001),
    ("ca. late 4th–early 3rd millennium B.C.", -4000, -2001),
    ("second millennium BCE", -2000, -1001),
    ("2nd millennium", 1001, 2000),
    ("3. Jahrtausend v. Chr.", -3000, -2001),
    ("1880–85", 1880, 1885),
    ("late 19th c.", 1801, 1900),
    ("1880-" + "c." * 60 + "x", 1880, 1880),
    ("1880 - ca. c. about 1890", 1880, 1890),
    ("5 - c.e. 9", 5, 9),
    ("2nd quarter of the 17th century", 1601, 1700),
    ("16th-17th century", 1501, 1700),
    ("18th or 19th century", 1701, 1900),
    ("late 15th-early 16th century", 1401, 1600),
    ("second half of the 19th century-early 20th century", 1801, 2000),
    ("4th-6th century C.E.", 301, 600),
    ("Edo period (1603-1867), 19th century", 1801, 1900),
    ("19. Jahrhundert", 1801, 1900),
    ("17./18. Jh.", 1601, 1800),
    ("19e eeuw", 1801, 1900),
    ("1er siècle", 1, 100),
    ("19世紀", 1801, 1900),
    ("XIXe siècle", 1801, 1900),
    ("XIXe-XXe siècle", 1801, 2000),
    ("siglo XVI", 1501, 1600),
    ("siglos XVI-XVII", 1501, 1700),
    ("XVII secolo", 1601, 1700),
    ("XX century", 1901, 2000),
    ("5th century BC", -500, -401),
    ("5th-4th century B.C.", -500, -301),
    ("5. Jh. v. Chr.", -500, -401),
    ("1st century B.C.–1st century A.D.", -100, 100),
    ("2500-2000 B.C.", -2500, -2000),
    ("ca. 10,000-8,000 BC", -10000, -8000),
    ("30 BC-AD 20", -30, 20),
    ("30 B.C.–A.D. 20", -30, 20),
    ("206 BC–220 AD", -206, 220),
    ("-500 - -400", -500, -400),
    ("-2500–-2300", -2500, -2300),
    ("-500 to -400", -500, -400),
    ("-206 to 220", -206, 220),
    ("Western Han dynasty (206 BC-AD 9)", -206, 9),
]

NO_YEAR = [
    "",
    "n.d.",
    "third state",
    "no date",
    "undated",
    "o.J.",
    "s.d.",
    "25 x 30 cm",
    "99",
    "0",
    "0000",
    "12345",
    "⁴⁵⁶",
    "vivid",
]


@pytest.mark.parametrize(("text", "year"), ONE_YEAR)
def test_a_text_that_names_one_year_is_that_year(text: str, year: int) -> None:
    assert years(text) == (year, year)


@pytest.mark.parametrize(("text", "first", "last"), SPANS)
def test_a_text_that_names_a_span_is_all_of_it(text: str, first: int, last: int) -> None:
    assert years(text) == (first, last)


@pytest.mark.parametrize("text", NO_YEAR)
def test_a_text_that_names_no_year_is_none(text: str) -> None:
    assert years(text) == (None, None)


def in_order(span: Span) -> bool:
    first, last = span
    return (first is None and last is None) or (first is not None and last is not None and first <= last)


@given(st.text())
def test_no_text_raises_and_no_span_runs_backwards(text: str) -> None:
    assert in_order(years(text))


PIECES = ["1889", "90", "7", "0", "30", "10,000", "-", "–", "/", " to ", " or ", " BC", "AD ", "s", "th", " century"]
PIECES += ["XIX", "iix", "e siècle", "c.", "?", ".", ",", "(", " ", " Jh.", "siglo ", " v. Chr.", "T", "00"]


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_no_heap_of_date_pieces_raises_or_runs_backwards(text: str) -> None:
    assert in_order(years(text))


@given(st.integers(100, 9999), st.integers(1, 500))
def test_any_range_written_in_full_is_read_as_written(first: int, length: int) -> None:
    last = min(first + length, 9999)
    assert years(f"c. {first}–{last}") == (first, last)
    assert years(f"{last}-{first} BC") == (-last, -first)
