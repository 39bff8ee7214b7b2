"""The Cleveland Museum of Art: data.csv or data.json of github.com/ClevelandMuseumArt/openaccess."""

import re
from collections.abc import Iterator
from typing import Any, Final

from loaders.presets.records import CC0, Preset, Record, ascribed, filled, text_of

_ROLE: Final = re.compile(r"(?<=\)), [a-z][a-z /]*$")
_LIFE: Final = re.compile(r" \([^()]*(?:\d|born|active)[^()]*\)$")
"""Nationality and years behind a name; other brackets belong to it."""


def _read(record: Record) -> dict[str, Any]:
    """Artists without their nationality and years, the picture's address, and the rights as the museum grants them."""
    granted = text_of(record, "share_license_status")
    return filled(
        {
            "artist": list(dict.fromkeys(name for name in _artists(record.get("creators")) if name)),
            "image": _image(record),
            "rights_uri": CC0 if granted.casefold() == "cc0" else "",
            "rights": text_of(record, "copyright") or granted,
        }
    )


def _artists(creators: Any) -> Iterator[str]:
    """Names of a cell (``Name (American, 1882-1925), artist; …``) or of the list in the JSON."""
    if isinstance(creators, list):
        for creator in creators:
            if isinstance(creator, dict):
                yield ascribed(_name(text_of(creator, "description")), text_of(creator, "qualifier"))
    elif creators:
        yield from (_name(part) for part in re.split(r"[;|] *(?![^(]*\))", str(creators)))


def _name(text: str) -> str:
    return _LIFE.sub("", _ROLE.sub("", text.strip())).strip()


def _image(record: Record) -> str:
    """The address of the smallest picture, which is enough."""
    images = record.get("images")
    if isinstance(images, dict):
        sizes = (images.get(name) for name in ("web", "print"))
        return next((text_of(size, "url") for size in sizes if isinstance(size, dict) and size.get("url")), "")
    return text_of(record, "image_web") or text_of(record, "image_print")


PRESET = Preset(
    name="cleveland",
    about="The Cleveland Museum of Art, data.csv or data.json of its open access; addresses of pictures are in it.",
    files=("data.csv", "data.json"),
    needs=("accession_number", "share_license_status", "title", "creators"),
    columns={
        "id": ("id",),
        "title": ("title",),
        "artist": ("creators",),
        "year": ("creation_date",),
        "year_from": ("creation_date_earliest",),
        "year_to": ("creation_date_latest",),
        "medium": ("technique",),
        "collection": ("department",),
        "page_url": ("url",),
        "credit": ("creditline",),
    },
    names=("accession_number",),
    read=_read,
)
