"""The works of a gallery: where each stands on the walk, its sheet, and its picture."""

from collections import Counter
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Final

import numpy as np

from loaders.gallery.bridging import between
from loaders.gallery.canvas import Sheet, image_of, printed
from loaders.gallery.drift import Drift
from loaders.gallery.families import RING, Family
from loaders.gallery.palettes import RING as PALETTES
from loaders.gallery.palettes import Palette, palette_at

LAPS: Final = 6
"""Rounds of the ring, so that every family returns in other colours and other forms.

With 3 the collection is one long thread, and the median path has 14 works; with 6 it has 9.
"""

_BRIDGE: Final = 0.25
"""The last share of each stretch, in which the family turns into the next."""

_PALETTES_PER_STRETCH: Final = (len(PALETTES) + len(PALETTES) / LAPS) / len(RING)
"""A lap goes round all palettes and a third of them, so that no family meets the same ones again."""

_LONG_SIDE: Final = 480

_SHAPES: Final = (4 / 3, 1.0, 3 / 4, 3 / 2, 4 / 5, 5 / 4, 2 / 3, 8 / 5)
"""Width over height."""


@dataclass(frozen=True, slots=True)
class Work:
    """One picture of a gallery.

    Attributes:
        seed: the gallery's.
        index: the work's place in it.
        number: counts the works of its family, from 1.
        at: its place on the walk; the whole part counts families, lap after lap.
    """

    seed: int
    index: int
    number: int
    at: float

    @property
    def filename(self) -> str:
        """The name of its file."""
        return f"{self.family.name}-{self.number:04d}.jpg"

    @property
    def family(self) -> Family:
        """The family it belongs to."""
        return RING[floor(self.at) % len(RING)]

    @property
    def next_family(self) -> Family:
        """The family that its own turns into."""
        return RING[(floor(self.at) + 1) % len(RING)]

    @property
    def bridging(self) -> float:
        """How far it has turned into the next family: 0 to 1."""
        return max(0.0, (self.at % 1.0 - 1) / _BRIDGE + 1)

    @property
    def drift(self) -> Drift:
        """The walk at its place."""
        return Drift(self.seed, self.at)

    @property
    def palette(self) -> Palette:
        """Its colours."""
        offset = self.drift.walk("palette", -0.4, 0.4)
        return palette_at(self.at * _PALETTES_PER_STRETCH + offset, self.drift.walk("hue", -14, 14))

    def sheet(self) -> Sheet:
        """Return its empty sheet."""
        ratio = _SHAPES[floor(floor(self.at * 7) * 0.6180339887 % 1 * len(_SHAPES))]
        width, height = min(1.0, ratio) * _LONG_SIDE, min(1.0, 1 / ratio) * _LONG_SIDE
        return Sheet(round(width), round(height), self.palette, self.drift)

    def draw(self, folder: Path) -> None:
        """Draw it into its file."""
        sheet = self.sheet()
        motif = self.family.plan(sheet)
        if self.bridging > 0:
            picture = between(motif, self.next_family.plan(sheet), self.bridging, sheet)
        else:
            picture = motif.draw(sheet)
        rng = np.random.default_rng([self.seed, self.index])
        picture = printed(picture, sheet.palette.paper, self._tooth(sheet.palette), rng)
        image_of(picture).save(folder / self.filename, quality=90)

    def _tooth(self, palette: Palette) -> float:
        """Return how rough the paper is; a dark one less, as its specks look like dirt on light shapes."""
        return max(0.0, self.drift.walk("tooth", -0.25, 0.18 if palette.dark else 0.45))


def works(count: int, seed: int) -> list[Work]:
    """Spread the works of a gallery evenly over the laps."""
    laps = min(LAPS, max(1, count // len(RING)))
    places = [index / count * laps * len(RING) for index in range(count)]
    seen: Counter[int] = Counter()
    made = []
    for index, at in enumerate(places):
        family = floor(at) % len(RING)
        seen[family] += 1
        made.append(Work(seed, index, seen[family], at))
    return made
