"""The Metropolitan Museum of Art: MetObjects.csv of github.com/metmuseum/openaccess."""

import itertools
from typing import Any, Final

from loaders.columns import Row
from loaders.presets.records import CC0, Joined, Lookup, Preset, Record, Unfit, ascribed, filled, of, parts, text_of

_RECORDS: Final = "https://collectionapi.metmuseum.org/public/collection/v1/objects/"


def _read(record: Record) -> dict[str, Any]:
    """Return artists with what makes them doubtful, CC0 where a work is in the public domain, the picture's address."""
    number = text_of(record, "Object ID")
    if not number.isdecimal():
        raise Unfit(f"its Object ID is {number!r} and no number: is it a piece of a row that was broken off?")
    names, hows = parts(text_of(record, "Artist Display Name")), parts(text_of(record, "Artist Prefix"))
    artists = [ascribed(name, how) for name, how in itertools.zip_longest(names, hows, fillvalue="") if name]
    is_open = text_of(record, "Is Public Domain").casefold() == "true"
    addresses = [text_of(image, "Image URL") for image in of(record, "images")]
    return filled({"artist": artists, "rights_uri": CC0 if is_open else "", "image": [a for a in addresses if a]})


def _record_of(row: Row) -> str:
    """Address of an object's record (metmuseum.github.io); only what is in the public domain has pictures there."""
    return f"{_RECORDS}{row.fields['id']}" if row.fields.get("rights_uri") else ""


def _picture_of(record: Record) -> str:
    """Take the smaller picture, of some 1,000 pixels, and no original."""
    return text_of(record, "primaryImageSmall") or text_of(record, "primaryImage")


PRESET = Preset(
    name="met",
    about="The Metropolitan Museum of Art, MetObjects.csv. It has no addresses of pictures: name files by Object ID or "
    "Object Number, give a second table with the columns Object ID and Image URL, or let --download look them up.",
    files=("MetObjects.csv",),
    needs=("Object Number", "Object ID", "Artist Display Name", "Object Date"),
    columns={
        "id": ("Object ID",),
        "title": ("Title", "Object Name"),
        "artist": ("Artist Display Name",),
        "year": ("Object Date",),
        "year_from": ("Object Begin Date",),
        "year_to": ("Object End Date",),
        "medium": ("Medium",),
        "collection": ("Department",),
        "page_url": ("Link Resource",),
        "rights": ("Rights and Reproduction",),
        "credit": ("Credit Line",),
    },
    names=("Object Number",),
    joined=(
        Joined(
            name="images",
            files=("MetImages.csv",),
            needs=("Object ID", "Image URL"),
            key="Object ID",
            to="Object ID",
            keep=("Image URL",),
            gives="the addresses of the pictures",
            lookup=Lookup(_record_of, _picture_of),
        ),
    ),
    read=_read,
)
