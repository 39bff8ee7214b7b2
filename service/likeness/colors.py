"""The named colours of a picture, drawn up for paintings: much of art is brown, ochre, cream and grey."""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float64]

_LEAST: Final = 0.06
"""Smallest share of the area a named colour must have; what is less is an accent, and no part of the palette."""

_MOST: Final = 4
"""Colours in a palette; four cover 78 % of the area or more in three artworks of four."""

_DEPTH: Final = 32
"""Steps of each channel that are told apart: half a step is a lightness of 0.02, which the eye does not name."""


class _Region(NamedTuple):
    """A named part of OKLCH: lightness 0 to 1, chroma 0 to 0.4, hue from one angle on to another."""

    name: str
    light: tuple[float, float] = (0, 2)
    chroma: tuple[float, float] = (0, 1)
    hue: tuple[float, float] = (0, 360)


_REGIONS: Final = (
    _Region("black", light=(0, 0.24)),
    _Region("black", light=(0, 0.32), chroma=(0, 0.03)),
    _Region("white", light=(0.9, 2), chroma=(0, 0.02)),
    _Region("grey", chroma=(0, 0.022)),
    _Region("grey", chroma=(0, 0.035), hue=(270, 360)),
    _Region("red", light=(0, 0.68), chroma=(0.1, 1), hue=(350, 402)),
    _Region("pink", light=(0.58, 2), hue=(330, 408)),
    _Region("orange", light=(0.58, 2), chroma=(0.125, 1), hue=(40, 70)),
    _Region("yellow", light=(0.68, 2), chroma=(0.1, 1), hue=(70, 115)),
    _Region("cream", light=(0.82, 2), chroma=(0, 0.1), hue=(40, 120)),
    _Region("olive green", light=(0, 0.68), hue=(97, 125)),
    _Region("brown", light=(0, 0.58), hue=(330, 457)),
    _Region("ochre", chroma=(0.06, 1), hue=(40, 97)),
    _Region("beige", hue=(40, 115)),
    _Region("green", hue=(97, 195)),
    _Region("deep blue", light=(0, 0.42), hue=(195, 290)),
    _Region("pale blue", light=(0.72, 2), hue=(195, 290)),
    _Region("blue", hue=(195, 290)),
    _Region("purple"),
)
"""The first that fits names the colour, so the last fits all; bounds were set by eye, on paintings and prints."""

_TO_CONES: Final = np.array(
    [[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.68069955, 0.10739696], [0.08830246, 0.28171884, 0.6299787]]
)
"""Linear sRGB to the responses of the eye, as OKLab defines them."""

_TO_LAB: Final = np.array(
    [[0.21045426, 0.79361779, -0.00407205], [1.9779985, -2.42859221, 0.45059371], [0.02590404, 0.78277177, -0.80867577]]
)
"""Cube roots of those responses to lightness and two opponent colours, as OKLab defines them."""


def palette_of(picture: Image.Image) -> tuple[tuple[tuple[str, float], ...], Floats]:
    """Return the named colours of an RGB picture with their shares, the largest first, and each pixel's chroma."""
    names, chroma = _chart()
    steps = np.asarray(picture).astype(np.intp) * _DEPTH // 256
    cells = ((steps[..., 0] * _DEPTH + steps[..., 1]) * _DEPTH + steps[..., 2]).ravel()
    counts = np.bincount(names[cells], minlength=len(_REGIONS)) / cells.size
    shares: dict[str, float] = {}
    for region, share in zip(_REGIONS, counts.tolist(), strict=True):
        shares[region.name] = shares.get(region.name, 0.0) + share
    largest = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:_MOST]
    return tuple(item for item in largest if item[1] >= _LEAST), chroma[cells]


@cache
def _chart() -> tuple[npt.NDArray[np.intp], Floats]:
    """Return the region and the chroma of every colour; worked out once, in about 10 ms."""
    steps = (np.arange(_DEPTH) + 0.5) / _DEPTH
    light, a, b = _oklab(np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)).T
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a))
    fits = [
        (region.light[0] <= light)
        & (light < region.light[1])
        & (region.chroma[0] <= chroma)
        & (chroma < region.chroma[1])
        & ((hue - region.hue[0]) % 360 < region.hue[1] - region.hue[0])
        for region in _REGIONS
    ]
    return np.argmax(fits, axis=0), chroma


def _oklab(rgb: Floats) -> Floats:
    """Return sRGB colours in OKLab, where equal distances look equal and blue does not turn to purple."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 the norm's own
    lab: Floats = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return lab
