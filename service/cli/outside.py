"""Ends named on the command line that are not in the collection: image files and words."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from loaders.images import decode
from service.paths.records import FoundPath, Guest
from service.resolve import find_artwork
from service.sight import Sight
from service.strip import Plate
from stores.errors import BadInput, BadPicture, NotFound
from stores.ports import GraphStore
from stores.records import GraphStats
from stores.settings import Settings

_WORDS: Final = "text:"


def is_outside(reference: str) -> bool:
    """Whether this names words or a file rather than an artwork."""
    return reference.startswith(_WORDS) or (not reference.startswith("key:") and Path(reference).is_file())


def embed_outside(references: Mapping[str, str], settings: Settings, stats: GraphStats) -> dict[str, Guest]:
    """Embed image files and words, by the end that they are; BadInput names what cannot be."""
    sight = Sight(settings)
    return {end: _embed(sight, reference, end, stats) for end, reference in references.items()}


def find_end(graph: GraphStore, reference: str) -> str:
    """Return the id of an artwork; NotFound for what looks like a file says that there is none either."""
    try:
        return find_artwork(graph, reference)
    except NotFound as error:
        if Path(reference).suffix and not reference.startswith("key:"):
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
