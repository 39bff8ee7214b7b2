"""Ends named on the command line that are not in the collection: image files and words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from service.paths.records import Guest
from service.sight import Sight
from stores.errors import BadInput, BadPicture
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


def _embed(sight: Sight, reference: str, end: str, stats: GraphStats) -> Guest:
    if reference.startswith(_WORDS):
        return sight.read(reference.removeprefix(_WORDS), end, stats)
    try:
        return sight.see(Path(reference).read_bytes(), end, stats, Path(reference).name)
    except BadPicture as error:
        raise BadPicture(f"{reference}: {error}") from error
    except OSError as error:
        raise BadInput(f"{reference}: cannot be read: {error.strerror}") from error
