"""The Museum of Modern Art: Artworks.csv of github.com/MuseumofModernArt/collection."""

import re
from typing import Any, Final

from loaders.presets.records import Preset, Record, text_of

_SUFFIX: Final = re.compile(r"(?:Jr|Sr|Inc|Ltd|Co|Corp|LLC|GmbH|II|III)\.?")
"""What follows a comma and is nobody's name."""


def _read(record: Record) -> dict[str, Any]:
    """Part the artists of a cell by as many as there are numbers of constituents."""
    names = _names(text_of(record, "Artist"), len(text_of(record, "ConstituentID").split(",")))
    return {"artist": names} if names else {}


def _names(cell: str, count: int) -> list[str]:
    """Part at commas into ``count`` names. Where there are more commas, a firm comes first, and its place after it."""
    found: list[str] = []
    for part in re.split(r", *(?![^(]*\))", cell):
        if found and _SUFFIX.fullmatch(part.strip()):
            found[-1] += f", {part.strip()}"
        elif part.strip():
            found.append(part.strip())
    more = len(found) - count
    if more > 0:
        found = [", ".join(found[: more + 1]), *found[more + 1 :]]
    return list(dict.fromkeys(found))


PRESET = Preset(
    name="moma",
    about="The Museum of Modern Art, New York, Artworks.csv; addresses of pictures are in it. Most works are in "
    "copyright, and the table says nothing of the rights in pictures.",
    files=("Artworks.csv",),
    needs=("Title", "Artist", "ConstituentID", "ObjectID"),
    columns={
        "id": ("ObjectID",),
        "title": ("Title",),
        "artist": ("Artist",),
        "year": ("Date",),
        "medium": ("Medium",),
        "collection": ("Department",),
        "page_url": ("URL",),
        "image": ("ImageURL", "ThumbnailURL"),
        "credit": ("CreditLine",),
    },
    names=("AccessionNumber",),
    read=_read,
)
