"""Files of a path as the command line writes them: the strip, of the kind that its name says, the table, the ZIP."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from stores.errors import BadInput

if TYPE_CHECKING:
    from service.paths.records import FoundPath
    from stores.settings import Settings

_KINDS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
_QUALITY: Final = 92


def refuse_unknown(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    """Return the name of a strip; BadInput, before anything is looked for, where its end is no kind of picture."""
    if file is not None and file.suffix.lower() not in _KINDS:
        raise BadInput(f"--strip {file}: a strip is drawn as one of {', '.join(_KINDS)}: let the name end so")
    return file


def draw(found: "FoundPath", settings: "Settings", file: Path, outside: Mapping[str, str]) -> None:
    """Draw a path, without its alternatives, into a file; folders are made. ``outside`` are ends that are files."""
    from PIL import Image  # noqa: PLC0415 -- it and fonts are slow to import

    from service.cli.outside import with_guests  # noqa: PLC0415
    from service.strip import render_strip  # noqa: PLC0415
    from service.views import plates  # noqa: PLC0415

    file.parent.mkdir(parents=True, exist_ok=True)
    with with_guests(plates(found, settings.images), found, outside) as shown:
        drawn = render_strip(shown, steps=[step.weight for step in found.steps])
    kind = _KINDS[file.suffix.lower()]
    if kind == "PNG":
        file.write_bytes(drawn)
    else:
        Image.open(io.BytesIO(drawn)).save(file, kind, quality=_QUALITY)
    alone = ": the first path, no alternative" if found.alternatives else ""
    click.echo(f"strip drawn in {file}{alone}", err=True)


def write_table(found: "FoundPath", settings: "Settings", file: Path) -> None:
    """Write a path, without its alternatives, as CSV; folders are made."""
    from service.tables import path_table  # noqa: PLC0415 -- numba is slow to import

    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(path_table(found, settings.public_url), encoding="utf-8", newline="")
    click.echo(f"table written to {file}", err=True)


def pack(
    found: "FoundPath", settings: "Settings", file: Path, outside: Mapping[str, str], said: Mapping[str, Any]
) -> None:
    """Pack a path into a ZIP; folders are made. ``said`` is the path as the API says it, ``outside`` as above."""
    from service.bundle import write_bundle  # noqa: PLC0415 -- it and fonts are slow to import
    from service.cli.outside import with_guests  # noqa: PLC0415
    from service.views import plates  # noqa: PLC0415

    file.parent.mkdir(parents=True, exist_ok=True)
    with with_guests(plates(found, settings.images), found, outside) as shown, file.open("wb") as out:
        write_bundle(out, found, said, shown, settings.images, settings.public_url)
    click.echo(f"path packed in {file}", err=True)
