"""A table of half a million rows, shaped like the Met's: how long it is understood, and in how much memory.

``python -m tests.benchmarks_tables`` prints the table; ``python -m tests.benchmarks_tables FILE`` only writes one.
"""

import csv
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from loaders.previews import preview
from loaders.request import LoadRequest
from tests.memory import forget_peak, peak

ROWS: Final = 500_000

_HEADER: Final = """
Object Number, Is Highlight, Is Timeline Work, Is Public Domain, Object ID, Gallery Number, Department,
AccessionYear, Object Name, Title, Culture, Period, Dynasty, Reign, Portfolio, Constituent ID, Artist Role,
Artist Prefix, Artist Display Name, Artist Display Bio, Artist Suffix, Artist Alpha Sort,
Artist Nationality, Artist Begin Date, Artist End Date, Artist Gender, Artist ULAN URL,
Artist Wikidata URL, Object Date, Object Begin Date, Object End Date, Medium, Dimensions, Credit Line,
Geography Type, City, State, County, Country, Region, Subregion, Locale, Locus, Excavation, River,
Classification, Rights and Reproduction, Link Resource, Object Wikidata URL, Metadata Date, Repository,
Tags, Tags AAT URL, Tags Wikidata URL
"""
HEADERS: Final = tuple(" ".join(_HEADER.split()).split(", "))

_DEPARTMENTS: Final = ("Drawings and Prints", "Asian Art", "European Paintings", "Egyptian Art", "The American Wing")
_PEOPLE: Final = ("Ada Lindqvarn", "Émile Brûlot", "Jan van der Zee|Piet Overwater", "Ōtani Hanbei", "", "Ines & Sons")
_WORDS: Final = (
    "Study",
    "View",
    "Harbour",
    "of the <em>Old</em> Bridge",
    "Vase",
    "with Birds &amp; Reeds,",
    "after",
    "rain",
)


def made_rows(count: int, seed: int = 5) -> Iterator[list[str]]:
    """Yield rows of the Met's 54 columns, with its kinds of dates, names, empty cells and quoted line ends."""
    rng = random.Random(seed)
    for number in range(1, count + 1):
        year = rng.randrange(1400, 2000)
        dates = ((year, str(year)), (year - 3, f"ca. {year}"), (-1479, "ca. 1479-1458 B.C."), (1800, "19th century"))
        begin, text = rng.choice(dates)
        row = dict.fromkeys(HEADERS, "")
        row |= {
            "Object Number": f"{year}.{number}",
            "Is Public Domain": rng.choice(("True", "False")),
            "Object ID": str(number),
            "Department": rng.choice(_DEPARTMENTS),
            "Object Name": "Print",
            "Title": " ".join(rng.choices(_WORDS, k=6)),
            "Artist Prefix": rng.choice(("", " ", "After", "Attributed to| ")),
            "Artist Display Name": rng.choice(_PEOPLE),
            "Artist Display Bio": "Dutch, active 17th century",
            "Object Date": text,
            "Object Begin Date": str(begin),
            "Object End Date": str(begin + 6),
            "Medium": "Etching, drypoint;\nsecond state" if number % 50 == 0 else "Oil on canvas",
            "Dimensions": '12 x 9 1/2 in. (30.5 x 24.1 cm) "framed"',
            "Credit Line": "Rogers Fund, 1918",
            "Classification": "Prints",
            "Link Resource": f"http://www.metmuseum.org/art/collection/search/{number}",
            "Repository": "Metropolitan Museum of Art, New York, NY",
            "Tags": "Birds|Boats",
        }
        yield list(row.values())


def write_table(path: Path, count: int = ROWS) -> None:
    """Write a CSV as the Met publishes it: commas, UTF-8 with a BOM."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(made_rows(count))


def print_tables() -> None:
    """Understand the table with and without the preset."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "MetObjects.csv"
        write_table(path)
        size = f"{path.stat().st_size / 1e6:.0f} MB"
        print(f"\n| {ROWS:,} rows of the Met's 54 columns, {size} | s | of a processor | MB more |")
        print("| --- | --- | --- | --- |")
        for preset in ("met", ""):
            before = forget_peak(os.getpid())
            started, busy = time.perf_counter(), time.process_time()
            seen = preview(LoadRequest(None, "met", metadata=path, preset=preset))
            spent, busy = time.perf_counter() - started, time.process_time() - busy
            more = peak(os.getpid()) - before
            name = f"`--preset {preset}`" if preset else "no preset"
            print(f"| {name}: {seen.understood:,} understood | {spent:.0f} | {busy:.0f} | {more / 1e6:.0f} |")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write_table(Path(sys.argv[1]))
    else:
        print_tables()
