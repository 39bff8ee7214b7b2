"""A ring of restrained palettes, blended in a perceptual space so that all between them is calm too."""

from dataclasses import dataclass
from math import cos, floor, radians, sin
from typing import Final

import numpy as np

from loaders.gallery.drift import Floats

# Björn Ottosson's OKLab: linear sRGB to cone response, and its cube root to lightness, a and b.
_TO_CONES: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

_KNEE: Final = 0.0031308
"""Linear light below which sRGB is a straight line."""

RING: Final = (
    # name, then paper, four tones from light to dark, ink; neighbours in the ring blend well
    ("harbour", "f3ece0 d9a27a 9db2b0 b4553a 3e6072 22303c"),
    ("cobalt", "f1ede3 e8c88c 8ea3c4 d1694a 34508c 1c2340"),
    ("thaw", "f2f2ec c5ced0 d8806a 8b98a3 5c6f7e 2a3138"),
    ("celadon", "e9eee3 efd3a8 93b8a8 d98a6a 3f7472 1f3a3a"),
    ("orchard", "f2ecda d8b25f a9b08a b0653c 5d7357 2b3328"),
    ("mustard", "f4ead2 d7a838 b3a993 8f4a33 5c5b60 26262a"),
    ("sepia", "efe3cd cdb08a a58a6c 8a3b2a 6b5240 2e241c"),
    ("clay", "e6c8b3 f4e6d4 8c9280 b5654a 4f6470 402a2a"),
    ("kiln", "cd8a68 f2dcc0 e8b48c 94503e 3e5a5e 2f1f1f"),
    ("dusk", "4a3648 e8a888 a98a9a 6a8a8c 7a4c60 f0e0d0"),
    ("midnight", "1d2638 d9b070 8b9bb2 b0604a 415678 f0e6d2"),
    ("fir", "1b332f dcc680 7aa58a c8725a 356453 ece6d0"),
    ("slate", "71858a e9e2d2 dca27a b3bdb8 3f545c 1b272d"),
    ("meadow", "f7e8d8 f0c27a 9cc0ac e49a80 6a6f92 3b3a4a"),
    ("rose", "f5e9e2 e3bfa6 c08a8c 6f9092 7a4a5e 3a2433"),
)
"""The palettes by name."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours in sRGB 0..1: of the ground, of the strongest line, and what lies between.

    Attributes:
        name: of the nearest palette of the ring.
        paper: (3,).
        ink: (3,).
        scale: (256, 3), from the lightest tone to the ink, dwelling on each tone.
    """

    name: str
    paper: Floats
    ink: Floats
    scale: Floats

    @property
    def dark(self) -> bool:
        """Whether the ground is darker than the ink."""
        return float(self.paper.mean()) < float(self.ink.mean())

    @property
    def deep(self) -> Floats:
        """The darker of paper and ink."""
        return self.ink if not self.dark else self.paper

    @property
    def bright(self) -> Floats:
        """The lighter of paper and ink."""
        return self.paper if not self.dark else self.ink

    def shade(self, values: Floats) -> Floats:
        """Colours, (..., 3), of values in 0..1."""
        found: Floats = self.scale[np.clip(values * 255, 0, 255).astype(np.intp)]
        return found


def palette_at(position: float, turn: float) -> Palette:
    """Return the palette at a position of the ring, its hues turned by a few degrees."""
    step = floor(position)
    part = _dwell(position - step, 2)
    here, there = (_LABS[k % len(RING)] for k in (step, step + 1))
    lab = _turned(here + (there - here) * part, turn)
    rgb = _rgb(lab)
    name = RING[(step + round(part)) % len(RING)][0]
    return Palette(name, rgb[0], rgb[5], _rgb(_scale(lab[1:])))


def _dwell(part: float, times: int) -> float:
    """Smoothstep, repeated: stay near 0 and 1, hurry across the middle."""
    for _ in range(times):
        part = part * part * (3 - 2 * part)
    return part


def _scale(tones: Floats) -> Floats:
    """Spread the stops over 256 steps; the ink, being the strongest, gets the least room."""
    places = np.linspace(0, len(tones) - 0.65, 256)
    low = np.minimum(places.astype(np.intp), len(tones) - 1)
    high = np.minimum(low + 1, len(tones) - 1)
    part = np.array([_dwell(float(p), 3) for p in places - low])[:, None]
    blended: Floats = tones[low] * (1 - part) + tones[high] * part
    return blended


def _turned(lab: Floats, degrees: float) -> Floats:
    c, s = cos(radians(degrees)), sin(radians(degrees))
    turned: Floats = lab @ np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    return turned


def _lab(colours: str) -> Floats:
    srgb = np.array([list(bytes.fromhex(colour)) for colour in colours.split()]) / 255
    linear = np.where(srgb <= _KNEE * 12.92, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    lab: Floats = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def _rgb(lab: Floats) -> Floats:
    linear = np.clip((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T, 0, 1)
    srgb = np.where(linear <= _KNEE, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return srgb.astype(np.float32)


_LABS: Final = [_lab(colours) for _, colours in RING]
