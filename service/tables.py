"""Paths as tables, for spreadsheets."""

import csv
import io
from typing import Final

from service.paths.records import FoundPath
from service.views import artwork_json

COLUMNS: Final = (
    *(
        "place",
        "id",
        "key",
        "title",
        "artists",
        "date",
        "style",
        "medium",
        "credit",
        "rights",
        "rights_uri",
        "page_url",
    ),
    *("picture", "step_angle", "step_weight", "step_kind"),
)

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection")."""


def path_table(path: FoundPath, base: str) -> str:
    """Return a path as CSV: a row for each artwork, with the step that leads to it; angles are radians.

    ``base`` is what every address in it begins with.
    """
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for place, (artwork, step) in enumerate(zip(path.artworks, (None, *path.steps), strict=True), 1):
        one = artwork_json(artwork, base)
        size = one["images"]["medium"] or one["images"]["thumb"]
        texts = (
            *(one["id"], one["key"], one["title"], "; ".join(one["artists"]), one["date_text"], one["style"]),
            *(one["medium"], one["credit"], one["rights_text"], one["rights_uri"], one["page_url"], size.get("url")),
        )
        figures = (step.angle, step.weight, step.kind) if step else ("", "", "")
        table.writerow([place, *(guarded(value or "") for value in texts), *figures])
    return text.getvalue()


def guarded(value: str) -> str:
    """Return a text that no spreadsheet runs: a quote before what would begin a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value
