"""What every embedder is, and the recipe from a picture to a network's input."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stores.records import EmbedderFacts, Vectors

Prepared = Any
"""What :meth:`Embedder.prepare` makes of one picture: an array, or one per part of a blend."""


class Embedder(Protocol):
    """Pictures to unit vectors. ``prepare`` runs in worker processes, ``embed`` in the main one."""

    @property
    def facts(self) -> EmbedderFacts:
        """What must be equal for two vectors to be comparable."""

    @property
    def prepare(self) -> "Prepare":
        """Picklable; turns an RGB picture into what ``embed`` takes."""

    def embed(self, prepared: Sequence[Prepared]) -> Vectors:
        """Return (n, dimension) unit vectors, whatever pictures they are embedded with."""


@runtime_checkable
class Reader(Protocol):
    """An embedder that knows words too; its facts say ``text``."""

    def embed_words(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) unit vectors in the same space as those of pictures."""


class Prepare(Protocol):
    """From an RGB picture to what an embedder takes; carries no weights."""

    def __call__(self, image: Image.Image) -> Prepared:
        """Prepare one picture."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Resize, crop and the numbers to normalise by; equal, pixel for pixel, to torchvision's transforms on PIL.

    Attributes:
        resize: length in pixels of the shorter side (``shortest``) or of both (``squash``).
        crop: side in pixels of the centre square that is kept.
        filter: name of a Pillow resampling filter.
        mode: ``shortest`` or ``squash``.
        mean, std: per channel, of values in 0..1; applied by the embedder.
    """

    resize: int
    crop: int
    filter: str
    mode: str
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def digest(self) -> str:
        """A short name of this recipe."""
        return sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:16]

    def __call__(self, image: Image.Image) -> NDArray[np.uint8]:
        """Return the (crop, crop, 3) bytes that the network sees."""
        resampling = Image.Resampling[self.filter.upper()]
        if self.mode == "squash":
            resized = image.resize((self.resize, self.resize), resampling)
        else:
            resized = _spare(image).resize(self._shortest(*_spare(image).size), resampling)
        left, top = (round((side - self.crop) / 2.0) for side in resized.size)
        return np.asarray(resized.crop((left, top, left + self.crop, top + self.crop)))

    def _shortest(self, width: int, height: int) -> tuple[int, int]:
        short, long = sorted((width, height))
        stretched = int(self.resize * long / short)
        return (self.resize, stretched) if width <= height else (stretched, self.resize)


_LONGEST = 16
"""Sides as 1 to 16: beyond it a picture is cut before it is resized, or 20,000 x 1 would need a gigabyte."""


def _spare(image: Image.Image) -> Image.Image:
    """Cut what no centre square can show from a picture of extreme shape."""
    short, long = sorted(image.size)
    if long <= short * _LONGEST:
        return image
    before = (long - short * _LONGEST) // 2
    after = before + short * _LONGEST
    wide = image.width > image.height
    return image.crop((before, 0, after, short) if wide else (0, before, short, after))
