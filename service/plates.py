"""What a strip shows of each artwork, and its words for those who do not see it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from stores.artwork import Artwork
from stores.rights import attribution


@dataclass(frozen=True, slots=True)
class Plate:
    """One artwork of a strip.

    Attributes:
        picture: a file to draw; None leaves a titled gap, for what may not be shown or was taken down.
        size: (width, height) of the file in pixels; it alone decides the shape of the cell.
        title, artists, date_text: the caption; what is empty, or has no font here, is left out.
        name: stands in for a title that is empty or has no font here, usually the collection's own key.
        attribution: credit and rights, under the caption.
        note: stands in the gap where there is no picture.
    """

    picture: Path | None = None
    size: tuple[int, int] = (4, 5)
    title: str = ""
    artists: tuple[str, ...] = ()
    date_text: str = ""
    name: str = ""
    attribution: str = ""
    note: str = "Picture not shown"

    @classmethod
    def of(cls, artwork: Artwork, picture: Path | None, image: str = "medium") -> Self:
        """Return the plate of an artwork whose picture of the size ``image`` is the file ``picture``."""
        size = artwork.images.get(image, (4, 5))
        found = cls(picture, size, artwork.title, artwork.artists, artwork.date_text, artwork.key, attribution(artwork))
        return replace(found, note=artwork.advisory) if artwork.advisory else found


def alt_text(plates: Sequence[Plate]) -> str:
    """Return the words for those who do not see the strip."""
    first, last = (_spoken(plate) for plate in (plates[0], plates[-1]))
    return f"Path of {len(plates)} artworks from {first} to {last}" if len(plates) > 1 else first


def credits_text(plates: Sequence[Plate]) -> str:
    """Return credit and rights of every artwork that has any, one a line."""
    return "\n".join(f"{_spoken(plate)}: {plate.attribution}" for plate in plates if plate.attribution)


def _spoken(plate: Plate) -> str:
    artists = f" by {', '.join(plate.artists)}" if plate.artists else ""
    return (plate.title or plate.name or "Untitled") + artists
