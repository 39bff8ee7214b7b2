"""Ends named on the command line that are not in the collection: image files and words."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from loaders.images import decode
from service.paths.records import FoundPath, Guest
from service.plates import Plate
from service.resolve import find_artwork
from service.sight import Sight
from stores.errors import BadInput, BadPicture, NotFound
from stores.ports import GraphStore
from stores.records import GraphStats
from stores.settings import Settings

_WORDS: Final = "text:"


def which_outside(ends: Mapping[str, str]) -> dict[str, str]:
    """Return those ends that are words or a file rather than an artwork; BadInput for one that is empty."""
    for end, reference in ends.items():
        if not reference.strip():
            raise BadInput(f"{end.upper()} is empty: give an id, key:KEY, a title, an image file, or text:WORDS")
        if reference.startswith(_WORDS) and not reference.removeprefix(_WORDS).strip():
            raise BadInput(f"{end.upper()} has no words: write them after text:, such as 'text:storm at sea'")
    return {end: reference for end, reference in ends.items() if _is_outside(reference)}


def _is_outside(reference: str) -> bool:
    """Whether this names words, or a file; Path.is_file would fail at a title that is too long for a name."""
    if reference.startswith("key:"):
        return False
    return reference.startswith(_WORDS) or os.path.isfile(reference)  # noqa: PTH113 -- see above


def embed_outside(references: Mapping[str, str], settings: Settings, stats: GraphStats) -> dict[str, Guest]:
    """Embed image files and words, by the end that they are; BadInput names what cannot be."""
    sight = Sight(settings)
    return {end: _embed(sight, reference, end, stats) for end, reference in references.items()}


def find_end(graph: GraphStore, reference: str) -> str:
    """Return the id of an artwork; BadInput for a folder, and NotFound says of a file that there is none either."""
    try:
        return find_artwork(graph, reference)
    except NotFound as error:
        if os.path.isdir(reference):  # noqa: PTH112 -- likewise
            raise BadInput(f"{reference} is a folder: name one picture in it, or an artwork") from error
        if Path(reference).suffix[1:].isalnum() and not reference.startswith("key:"):
            raise NotFound(f"{error}; nor is there such a file", error.closest) from error
        raise


@contextmanager
def with_guests(plates: Sequence[Plate], path: FoundPath, references: Mapping[str, str]) -> Iterator[list[Plate]]:
    """Lend the plates of a strip with the pictures that are its ends, upright and in RGB."""
    with TemporaryDirectory() as folder:
        shown = list(plates)
        for place, end in ((0, "from"), (-1, "to")):
            if path.artworks[place].id == f"image:{end}":
                image = decode(Path(references[end]).read_bytes())
                file = Path(folder) / f"{end}.jpg"
                image.save(file, quality=90)
                shown[place] = replace(shown[place], picture=file, size=image.size)
        yield shown


def _embed(sight: Sight, reference: str, end: str, stats: GraphStats) -> Guest:
    if reference.startswith(_WORDS):
        return sight.read(reference.removeprefix(_WORDS), end, stats)
    try:
        return sight.see(Path(reference).read_bytes(), end, stats, Path(reference).name)
    except BadPicture as error:
        raise BadPicture(f"{reference}: {error}") from error
    except OSError as error:
        raise BadInput(f"{reference}: cannot be read: {error.strerror}") from error
