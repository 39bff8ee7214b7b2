"""WikiArt Emotions (saifmohammad.com/WebPages/wikiartemotions.html): ratings joined with WikiArt-info by ID.

Its terms forbid to redistribute it, so it is only ever read from one's own copy; xdegrees has none.
"""

from typing import Any

from loaders.presets.records import Joined, Preset, Record, filled, of, text_of


def _read(record: Record) -> dict[str, Any]:
    """The addresses that only the other table has."""
    info: Record = next(iter(of(record, "info")), {})
    return filled(
        {
            "image": text_of(info, "Image URL"),
            "page_url": text_of(info, "Painting Info URL"),
            "Artist Info URL": text_of(info, "Artist Info URL"),
        }
    )


PRESET = Preset(
    name="wikiart-emotions",
    about="WikiArt Emotions of your own copy, whose terms forbid to pass it on: WikiArt-Emotions-All.tsv (or -Ag4, "
    "-Ag5) with WikiArt-info.tsv, which has the addresses of the pictures. Every rating is kept as metadata.",
    files=("WikiArt-Emotions-All.tsv", "WikiArt-Emotions-Ag4.tsv", "WikiArt-Emotions-Ag5.tsv"),
    needs=("ID", "Style", "Category", "Artist", "Title", "Ave. art rating"),
    columns={
        "id": ("ID",),
        "title": ("Title",),
        "artist": ("Artist",),
        "year": ("Year",),
        "style": ("Style",),
    },
    joined=(
        Joined(
            name="info",
            files=("WikiArt-info.tsv",),
            needs=("ID", "Image URL", "Painting Info URL"),
            key="ID",
            to="ID",
            keep=("Image URL", "Painting Info URL", "Artist Info URL"),
            gives="the addresses of the pictures",
        ),
    ),
    read=_read,
)
