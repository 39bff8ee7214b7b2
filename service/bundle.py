"""A path as one file to keep: pictures, strip, tables, and the credit of every picture."""

import json
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from service.paths.records import FoundPath
from service.plates import Plate
from service.resolve import label
from service.strip import render_strip
from service.tables import path_table
from stores.artwork import Artwork
from stores.pictures import largest_size, picture_path
from stores.rights import attribution

_THEN: Final = (1980, 1, 1, 0, 0, 0)
"""Time of every member, the first that a ZIP can say: equal paths give equal files."""

_LONGEST: Final = 60


def write_bundle(
    out: IO[bytes], path: FoundPath, said: Mapping[str, Any], plates: Sequence[Plate], images: Path, base: str
) -> None:
    """Write a ZIP of a path, without its alternatives' pictures.

    Args:
        out: where to; written from its place on.
        path: its artworks' pictures go with it, the largest of each that may be shown.
        said: the path as the API says it.
        plates: what the strip shows.
        images: folder of the pictures.
        base: what addresses in the table begin with; nothing where it is not known, and then none is cited.
    """
    strip = render_strip(plates, steps=[step.weight for step in path.steps])
    with zipfile.ZipFile(out, "w") as archive:
        names = []
        for place, artwork in enumerate(path.artworks, 1):
            size = largest_size(artwork)
            file = picture_path(images, artwork.content_hash, size) if size else None
            found = file is not None and file.is_file()
            names.append(f"pictures/{place:02}-{_plain(artwork)}.jpg" if found else "")
            if found and file is not None:
                _add(archive, names[-1], file.read_bytes(), packed=False)
        _add(archive, "strip.png", strip, packed=False)
        _add(archive, "path.json", json.dumps(said, ensure_ascii=False, indent=1).encode())
        _add(archive, "path.csv", path_table(path, base).encode())
        _add(archive, "credits.txt", credits_of(path, names, _cited(said, base)).encode())


def credits_of(path: FoundPath, names: Sequence[str], cite: str) -> str:
    """Return what is to be said of every artwork wherever its picture goes; ``names`` are those of the files."""
    parts = [cite, ""]
    for place, (artwork, name) in enumerate(zip(path.artworks, names, strict=True), 1):
        told = (
            f"{place}. {label(artwork)}",
            name,
            attribution(artwork) or "Nothing is known of its rights.",
            artwork.rights_uri,
            artwork.page_url,
            f"Advisory: {artwork.advisory}" if artwork.advisory else "",
        )
        parts += [*filter(None, told), ""]
    return "\n".join(parts)


def _cited(said: Mapping[str, Any], base: str) -> str:
    """Return how a path is cited; without its address where that would have no host."""
    return str(said["cite"]) if base else str(said["cite"]).removesuffix(f" {said['links']['given']}")


def _add(archive: zipfile.ZipFile, name: str, data: bytes, *, packed: bool = True) -> None:
    """Add a member; pictures are packed already."""
    member = zipfile.ZipInfo(name, _THEN)
    member.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    archive.writestr(member, data)


def _plain(artwork: Artwork) -> str:
    """Return a title as a name that every file system holds."""
    apart = unicodedata.normalize("NFKD", artwork.title or artwork.key).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", apart.casefold()).strip("-")[:_LONGEST].strip("-") or "untitled"
