"""The pictures in the home against those that artworks may show."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from loaders.progress import Progress
from stores.artwork import Artwork
from stores.disagreements import Disagreement, named
from stores.pictures import picture_name, picture_path, unfinished_pictures, written_pictures

_END: Final = b"\xff\xd9"
"""How a JPEG ends."""

Shown = Mapping[str, tuple[tuple[int, int], str]]
"""Width and height in pixels, and an artwork that may show it, by the name of a picture."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is wrong with the pictures.

    Attributes:
        there: how many pictures there are.
        missing, unreadable: artworks that may show one which is not there, or cannot be read.
        surplus: files that nobody shows, or that were never finished; ``damaged`` those that cannot be read.
    """

    there: int
    missing: frozenset[str]
    unreadable: frozenset[str]
    surplus: tuple[Path, ...]
    unfinished: tuple[Path, ...]
    damaged: tuple[Path, ...]


def shown_by(artworks: Iterable[Artwork]) -> dict[str, tuple[tuple[int, int], str]]:
    """Every picture that some of these artworks may show."""
    return {
        picture_name(artwork.content_hash, size): (pixels, artwork.id)
        for artwork in artworks
        for size, pixels in artwork.images.items()
    }


def look_at_pictures(folder: Path, shown: Shown, progress: Progress) -> Pictures:
    """Look at every picture that may be shown, and for files that nobody may."""
    there = {picture_name(*picture): picture_path(folder, *picture) for picture in written_pictures(folder)}
    missing, unreadable, damaged = set(), set(), []
    with progress.stage("pictures", len(shown)) as advance:
        for name, (pixels, artwork_id) in shown.items():
            if name not in there:
                missing.add(artwork_id)
            elif not _is_whole(there[name], pixels):
                unreadable.add(artwork_id)
                damaged.append(there[name])
            advance(1)
    return Pictures(
        there=len(there),
        missing=frozenset(missing),
        unreadable=frozenset(unreadable),
        surplus=tuple(path for name, path in sorted(there.items()) if name not in shown),
        unfinished=tuple(sorted(unfinished_pictures(folder))),
        damaged=tuple(damaged),
    )


def compare_pictures(found: Pictures, home: Path) -> Iterator[Disagreement]:
    """Name what is wrong with pictures."""
    yield from named("missing-picture", found.missing)
    yield from named("unreadable-picture", found.unreadable)
    yield from named("orphan-picture", (str(path.relative_to(home)) for path in found.surplus))


def _is_whole(path: Path, pixels: tuple[int, int]) -> bool:
    """Whether a file begins and ends as a JPEG of this size.

    That is what an interrupted write or a power cut leaves undone. Decoding it all would find no more: a JPEG has no
    checksum, and decoders go on over what does not fit.
    """
    try:
        with path.open("rb") as file, Image.open(file, formats=("JPEG",)) as image:
            file.seek(-len(_END), os.SEEK_END)
            return image.size == pixels and file.read() == _END
    except (OSError, ValueError, SyntaxError):
        return False
