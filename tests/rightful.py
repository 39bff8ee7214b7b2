"""A small collection whose artworks have rights of every kind, for tests of what is said and shown of them."""

import csv
from pathlib import Path

from loaders.artworks import artwork_of
from loaders.columns import read_row, understand
from loaders.gallery import draw_gallery
from loaders.pipeline import load
from loaders.progress import Progress
from loaders.request import LoadRequest
from loaders.rights import RightsRules, read_rules
from stores.artwork import Artwork
from stores.connect import open_stores
from stores.settings import Settings, read_settings

ADVISORY = "Shows <wounds> & blood"

RIGHTS = (
    ("CC BY 4.0", ""),
    ("© Estate of the artist & heirs", ""),
    ("", "http://creativecommons.org/publicdomain/zero/1.0/deed.en"),
    ("In Copyright", ""),
    ("Museum terms", "https://rightsstatements.org/page/NoC-US/1.0/?language=en"),
)


def draw_rightful(folder: Path, count: int = 34) -> Path:
    """Draw a gallery; every artwork has a credit of its own and one of five rights, every seventh an advisory."""
    draw_gallery(folder, count=count)
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["credit"] = f"Gift of Nr. {number} & Sons, 19{number:02}"
        row["rights"], row["rights_uri"] = RIGHTS[number % len(RIGHTS)]
        row["advisory"] = ADVISORY if number % 7 == 3 else ""
        row["display"] = {5: "thumb", 6: "none"}.get(number % 8, "full")
        row["Wall, left"] = f"=1+{number}"
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def load_rightful(folder: Path, home: Path) -> Settings:
    """Load such a gallery."""
    settings = read_settings(home=home, rate_limit="")
    with open_stores(settings) as stores:
        request = LoadRequest(folder=folder, source="artworks")
        load(request, stores.vectors, stores.graph, settings.home, Progress(quiet=True))
    return settings


def made(**fields: str) -> Artwork:
    """Read one row whose headers are the names of fields, or further columns."""
    return artwork_of(read_row(1, fields, understand(list(fields), {}, "")), "s", "k", lambda _: None)


def rules(folder: Path, text: str) -> RightsRules:
    """Write a file of rules, and read it."""
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return read_rules(path)
