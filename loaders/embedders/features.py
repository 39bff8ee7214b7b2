"""What can be seen without a trained network: colour, direction and texture of a picture.

Each block is a vector of histograms after a square root (Hellinger mapping; Arandjelović and Zisserman 2012,
"Three things everyone should know to improve object retrieval"), so that Euclidean distances compare them fairly.
"""

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE: Final = 128
"""Pixels: a picture is squeezed to a square of this side before anything is measured."""

Array = NDArray[np.float64]

_TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_D65: Final = np.array([0.95047, 1.0, 1.08883])
_FINE: Final = (8, 9, 9)
"""Bins of L*, a* and b*. Those of a* and b* are odd, so that grey falls in the middle of one and never between two."""
_COARSE: Final = (4, 5, 5)
_LOWEST: Final = np.array([0.0, -60.0, -60.0])
_RANGE: Final = np.array([100.0, 120.0, 120.0])
"""Paint is hardly ever further out in a* and b*; what is counts in the outermost bin."""
_CELLS: Final = 4
_DIRECTIONS: Final = 9
_RADII: Final = (1, 2, 4)
_STEPS: Final = (1.0, 4.0)
"""How much higher a point must be to count, in units of L*, a* or b*: 1 sees grain, paper and canvas, 4 sees strokes
and edges. Nought sees the traces of JPEG too: saved again at quality 60, nine of ten artworks moved by up to 0.27 rad
instead of 0.19, and the neighbours were no better."""
_AROUND: Final = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
_PATTERNS: Final = 59
"""Uniform patterns of eight points, and one number for all others."""


def blocks(image: Image.Image) -> dict[str, Array]:
    """Measure an RGB picture of any size.

    Returns:
        Block name to vector: colour (1048,), direction (144,), texture (354,), chroma (708,).
    """
    small = image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    lab = to_lab(np.asarray(small))
    light, red, yellow = np.ascontiguousarray(lab.transpose(2, 0, 1))
    return {
        "color": _color(lab),
        "direction": _direction(light),
        "texture": _texture(light),
        "chroma": np.concatenate([_texture(red), _texture(yellow)]),
    }


def to_lab(rgb: NDArray[np.uint8]) -> Array:
    """Convert (…, 3) sRGB bytes to CIE 1976 L*a*b* under D65 (IEC 61966-2-1, then CIE 15:2004)."""
    # einsum, not a matrix product: a BLAS with other threads may add in another order
    xyz = np.einsum("...c,kc->...k", _linear()[rgb], _TO_XYZ / _D65[:, None])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


@lru_cache(maxsize=1)
def _linear() -> Array:
    """Light, 0 to 1, of each of the 256 sRGB values (IEC 61966-2-1)."""
    value = np.arange(256) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 -- the norm


def _color(lab: Array) -> Array:
    """Joint Lab histograms of the whole and, coarser, of each quarter."""
    half = SIDE // 2
    quarters = [lab[top : top + half, left : left + half] for top in (0, half) for left in (0, half)]
    return _hellinger(_lab_histogram(lab, _FINE), *(_lab_histogram(quarter, _COARSE) for quarter in quarters))


def _lab_histogram(lab: Array, bins: tuple[int, int, int]) -> Array:
    place = np.floor((lab - _LOWEST) / _RANGE * bins).astype(np.int64)
    light, red, yellow = np.moveaxis(np.clip(place, 0, np.array(bins) - 1), -1, 0)
    return _shares((light * bins[1] + red) * bins[2] + yellow, bins[0] * bins[1] * bins[2])


def _direction(light: Array) -> Array:
    """Histograms of gradient directions, weighted by strength, in a grid (Dalal and Triggs 2005)."""
    dy, dx = np.gradient(light)
    # half a bin on: upright and level edges, the commonest, fall in the middle of a bin
    turn = np.arctan2(dy, dx) / np.pi * _DIRECTIONS + 0.5
    cell = np.arange(SIDE) // (SIDE // _CELLS)
    code = (cell[:, None] * _CELLS + cell) * _DIRECTIONS + np.floor(turn).astype(np.int64) % _DIRECTIONS
    found = np.bincount(code.ravel(), weights=np.hypot(dx, dy).ravel(), minlength=_CELLS**2 * _DIRECTIONS)
    return _hellinger(found / (found.sum() + 1.0))  # one more, so that nothing is divided by nothing


def _texture(values: Array) -> Array:
    """Histograms of uniform local binary patterns (Ojala, Pietikäinen and Mäenpää 2002), per radius and step."""
    codes = [_binary_patterns(values, radius, step) for radius in _RADII for step in _STEPS]
    return _hellinger(*(_shares(_uniform()[code], _PATTERNS) for code in codes))


def _binary_patterns(values: Array, radius: int, step: float) -> NDArray[np.uint8]:
    """Return (SIDE, SIDE) bytes: a bit for each of the eight points around that is higher by ``step``."""
    padded = np.pad(values, radius, mode="edge")
    bound = values + step
    code = np.zeros(values.shape, dtype=np.uint8)
    for bit, (dy, dx) in enumerate(_AROUND):
        top, left = radius * (1 + dy), radius * (1 + dx)
        higher = padded[top : top + SIDE, left : left + SIDE] > bound
        code |= higher.view(np.uint8) << np.uint8(bit)
    return code


@lru_cache(maxsize=1)
def _uniform() -> NDArray[np.int64]:
    """Number of each of 256 patterns: those with at most two changes around the circle have their own."""
    changes = [(code ^ ((code >> 1) | ((code & 1) << 7))).bit_count() for code in range(256)]
    uniform = [code for code in range(256) if changes[code] <= 2]  # noqa: PLR2004 -- the definition
    table = np.full(256, len(uniform), dtype=np.int64)
    table[uniform] = np.arange(len(uniform))
    return table


def _shares(codes: NDArray[np.integer[Any]], count: int) -> Array:
    return np.bincount(codes.ravel(), minlength=count) / codes.size


def _hellinger(*histograms: Array) -> Array:
    return np.sqrt(np.concatenate(histograms))
