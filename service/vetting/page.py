"""The vetting page: one file of HTML that needs nothing else."""

import base64
import io
import os
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import jinja2
from PIL import Image

from service.resolve import label
from service.vetting.figures import Figures
from service.vetting.samples import Samples
from service.views import described
from stores.artwork import Artwork
from stores.errors import BadInput
from stores.pictures import largest_size, picture_path
from stores.records import GraphStats
from stores.rights import attribution

HEIGHT: Final = 120
"""Pixels of a picture's height; some hundreds of pictures then make three megabytes."""

QUALITY: Final = 75


def render_page(
    figures: Figures, samples: Samples, artworks: Mapping[str, Artwork], images: Path, stats: GraphStats
) -> str:
    """Return the page; ``artworks`` are those that the figures name, by id."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("service.vetting"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )

    def card(artwork: Artwork) -> dict[str, Any]:
        return {
            "label": label(artwork),
            "key": artwork.key,
            "alt": artwork.alt_text or described(artwork),
            "rights": attribution(artwork),
            "advisory": artwork.advisory,
            "url": artwork.page_url if artwork.page_url.startswith(("http://", "https://")) else "",
            "picture": _picture(artwork, images),
        }

    return environment.get_template("report.html").render(
        figures=figures,
        samples=samples,
        cards={artwork_id: card(artwork) for artwork_id, artwork in artworks.items()},
        card=card,
        stats=stats,
        release=version("xdegrees"),
    )


def write_page(page: str, path: Path) -> None:
    """Write the page whole or not at all, into a folder that is made; BadInput where that cannot be written to."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(page, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise BadInput(f"cannot write {path}: {error.strerror}; name a file in a folder that can be written") from error


def _picture(artwork: Artwork, images: Path) -> str:
    """Return a small picture as a data URL; empty where none may be shown, or none is there."""
    size = "thumb" if "thumb" in artwork.images else largest_size(artwork)
    if not size:
        return ""
    try:
        with Image.open(picture_path(images, artwork.content_hash, size)) as image:
            image.draft("RGB", (2 * HEIGHT, HEIGHT))
            small = image.convert("RGB")
            small.thumbnail((4 * HEIGHT, HEIGHT))
            buffer = io.BytesIO()
            small.save(buffer, "JPEG", quality=QUALITY)
    except OSError:
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
