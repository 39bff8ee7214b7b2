"""The National Gallery of Art, Washington: four tables of github.com/NationalGalleryOfArt/opendata."""

from typing import Any, Final

from loaders.presets.records import CC0, Joined, Preset, Record, ascribed, filled, of, text_of

_PAGE: Final = "https://www.nga.gov/collection/art-object-page.{}.html"


def _read(record: Record) -> dict[str, Any]:
    """The main picture with its description and rights, the artists in their order, the page.

    A picture is asked for at 1,024 pixels by the IIIF Image API, never at full size.
    """
    images = sorted(of(record, "published_images"), key=_place)
    main: Record = images[0] if images else {}
    base = text_of(main, "iiifurl").rstrip("/")
    return filled(
        {
            "image": f"{base}/full/!1024,1024/0/default.jpg" if base else "",
            "alt_text": text_of(main, "assistivetext"),
            "rights_uri": CC0 if text_of(main, "openaccess") == "1" else "",
            "page_url": _PAGE.format(text_of(record, "objectid")),
            "artist": _artists(record),
        }
    )


def _place(image: Record) -> tuple[bool, float]:
    """The primary view first, the others by their number."""
    number = text_of(image, "sequence")
    return text_of(image, "viewtype") != "primary", float(number) if number.isdecimal() else float("inf")


def _artists(record: Record) -> list[str]:
    """Who made it, by the museum's order; the attribution where the tables of people are not there."""
    links = sorted(of(record, "objects_constituents"), key=lambda link: text_of(link, "displayorder").zfill(6))
    makers = [link for link in links if text_of(link, "roletype") == "artist"]
    names = [
        ascribed(text_of(person, "forwarddisplayname"), text_of(link, "prefix") or _after(text_of(link, "role")))
        for link in makers
        for person in of(link, "constituents")
    ]
    attribution = text_of(record, "attribution")
    known = list(dict.fromkeys(name for name in names if name))
    # a single maker is called as the museum attributes the work: "Follower of ...", which the tables say nowhere else
    return [attribution] if len(known) == 1 and attribution else known


def _after(role: str) -> str:
    """``artist after`` is who drew what somebody else printed."""
    return "After" if role.endswith(" after") else ""


PRESET = Preset(
    name="nga",
    about="National Gallery of Art, Washington: objects.csv with published_images.csv (addresses, descriptions, open "
    "access), objects_constituents.csv and constituents.csv (who made it).",
    files=("objects.csv",),
    needs=("objectid", "title", "displaydate", "attribution"),
    columns={
        "id": ("objectid",),
        "title": ("title",),
        "artist": ("attribution",),
        "year": ("displaydate",),
        "year_from": ("beginyear",),
        "year_to": ("endyear",),
        "medium": ("medium",),
        "collection": ("departmentabbr",),
        "credit": ("creditline",),
    },
    names=("accessionnum",),
    joined=(
        Joined(
            name="published_images",
            files=("published_images.csv",),
            needs=("iiifurl", "depictstmsobjectid"),
            key="depictstmsobjectid",
            to="objectid",
            keep=("iiifurl", "viewtype", "sequence", "openaccess", "assistivetext"),
            gives="the addresses of the pictures",
        ),
        Joined(
            name="constituents",
            files=("constituents.csv",),
            needs=("constituentid", "forwarddisplayname"),
            key="constituentid",
            to="constituentid",
            onto="objects_constituents",
            keep=("forwarddisplayname",),
            gives="the names of several artists of one work",
        ),
        Joined(
            name="objects_constituents",
            files=("objects_constituents.csv",),
            needs=("objectid", "constituentid", "roletype"),
            key="objectid",
            to="objectid",
            keep=("constituentid", "displayorder", "roletype", "role", "prefix"),
            gives="the names of several artists of one work",
        ),
    ),
    read=_read,
)
