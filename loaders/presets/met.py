"""The Metropolitan Museum of Art: MetObjects.csv of github.com/metmuseum/openaccess."""

import itertools
from typing import Any

from loaders.presets.records import CC0, Joined, Preset, Record, Unfit, ascribed, filled, of, parts, text_of


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


PRESET = Preset(
    name="met",
    about="The Metropolitan Museum of Art, MetObjects.csv. It has no addresses of pictures: name files by Object ID or "
    "Object Number, or give a second table with the columns Object ID and Image URL.",
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
        ),
    ),
    read=_read,
)
