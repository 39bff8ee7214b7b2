"""Tate: artwork_data.csv of github.com/tategallery/collection (2013), or the table of today with its 20 columns."""

from typing import Any, Final

from loaders.presets.records import Preset, Record, text_of

_OLD: Final = "http://www.tate.org.uk/art/images/"
_NEW: Final = "https://media.tate.org.uk/art/images/"


def _read(record: Record) -> dict[str, Any]:
    """Where pictures lie nowadays; the address of 2013 stays in the metadata."""
    address = text_of(record, "thumbnailUrl")
    return {"image": address.replace(_OLD, _NEW)} if address else {}


PRESET = Preset(
    name="tate",
    about="Tate, artwork_data.csv of 2013 or the table of today; addresses of small pictures are in it. The table of "
    "artists is no table of artworks.",
    files=("artwork_data.csv", "the-tate-collection.csv"),
    needs=("accession_number", "artist", "title", "dateText"),
    columns={
        "id": ("id",),
        "title": ("title",),
        "artist": ("artist",),
        "year": ("dateText",),
        "medium": ("medium",),
        "page_url": ("url",),
        "rights": ("thumbnailCopyright",),
        "credit": ("creditLine",),
    },
    names=("accession_number",),
    inverted=True,
    read=_read,
)
