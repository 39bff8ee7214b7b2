"""Carnegie Museum of Art: records of github.com/cmoa/collection, one JSON object a line."""

import re
from typing import Any, Final

from loaders.presets.records import Preset, Record, ascribed, filled, of, text_of

_SHIFTED: Final = re.compile(r"(-?\d{4})-12-(?:2[2-9]|3[01])$")
"""The first of January of a year before 1582, counted back by the Gregorian calendar."""


def _read(record: Record) -> dict[str, Any]:
    """Artists, the pictures' addresses, and years that are the ones meant."""
    return filled(
        {
            "artist": _artists(record),
            "image": [text_of(image, "image_url") for image in of(record, "images")],
            "year_from": _year(text_of(record, "creation_date_earliest")),
            "year_to": _year(text_of(record, "creation_date_latest")),
        }
    )


def _artists(record: Record) -> list[str]:
    """Names; with "after" or "workshop of" where there is one name alone.

    Among several names the roles of these records stand beside the wrong ones, so they are only kept as metadata.
    """
    creators = of(record, "creator")
    names = [text_of(creator, "full_name") for creator in creators]
    if len(names) == 1:
        names = [ascribed(names[0], text_of(creators[0], "role"))]
    return list(dict.fromkeys(name for name in names if name))


def _year(day: str) -> str:
    """Return a day's year; 1509-12-22 is how 1510 was written."""
    if shifted := _SHIFTED.match(day):
        year = int(shifted[1])
        return str(year + 1) if year < 1582 else str(year)  # noqa: PLR2004 -- the year of the calendar's reform
    return day


PRESET = Preset(
    name="cmoa",
    about="Carnegie Museum of Art, Pittsburgh, its records as JSON lines; addresses of pictures are in them.",
    files=("cmoa.jsonl", "cmoa_records.jsonl"),
    needs=("accession_number", "title", "creator", "web_url"),
    columns={
        "id": ("id",),
        "title": ("title",),
        "artist": ("creator",),
        "year": ("creation_date",),
        "year_from": ("creation_date_earliest",),
        "year_to": ("creation_date_latest",),
        "medium": ("medium",),
        "collection": ("department",),
        "page_url": ("web_url",),
        "image": ("images",),
        "credit": ("credit_line",),
    },
    names=("accession_number",),
    read=_read,
)
