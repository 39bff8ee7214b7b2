"""What can be seen without a trained network: colour, direction, rhythm and texture of a picture.

Each block is a vector of histograms or energies after a square root (Hellinger mapping; Arandjelović and
Zisserman 2012), so that Euclidean distances compare them fairly.
"""

from functools import lru_cache
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE: Final = 128
"""Pixels: a picture is squeezed to a square of this side before anything is measured."""

Array = NDArray[np.float64]
T = TypeVar("T", np.float64, np.int64)

_D65: Final = np.array([0.95047, 1.0, 1.08883])
_TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_LAB_BINS: Final = ((0.0, 100.0, 8), (-60.0, 60.0, 9), (-60.0, 60.0, 9))
_COARSE_BINS: Final = ((0.0, 100.0, 4), (-60.0, 60.0, 5), (-60.0, 60.0, 5))
_GABOR_SCALES: Final = (0.35, 0.22, 0.14, 0.088, 0.055)
"""Cycles per pixel of the Gabor filters' centres."""
_GABOR_DIRECTIONS: Final = 6
_LBP_RADII: Final = (1, 2, 4)


def blocks(image: Image.Image) -> dict[str, Array]:
    """Measure an RGB picture: block name to vector; the same lengths for every picture."""
    small = image.resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    lab = to_lab(np.asarray(small, dtype=np.float64) / 255.0)
    light = lab[..., 0]
    return {
        "color": _color(lab),
        "direction": _direction(light),
        "rhythm": _rhythm(light),
        "texture": _texture(light),
    }


def to_lab(rgb: Array) -> Array:
    """Convert (…, 3) sRGB in 0..1 to CIE 1976 L*a*b* under D65 (IEC 61966-2-1, then CIE 15)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004
    # einsum, not a matrix product: a BLAS may add in another order on another day
    xyz = np.einsum("...c,kc->...k", linear, _TO_XYZ) / _D65
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def _quarters(values: NDArray[T]) -> list[NDArray[T]]:
    half = SIDE // 2
    return [values[top : top + half, left : left + half] for top in (0, half) for left in (0, half)]


def _color(lab: Array) -> Array:
    """Joint Lab histograms of the whole and, coarser, of each quarter."""
    parts = [_lab_histogram(lab, _LAB_BINS)] + [_lab_histogram(q, _COARSE_BINS) for q in _quarters(lab)]
    return np.asarray(np.sqrt(np.concatenate(parts)))


def _lab_histogram(lab: Array, bins: tuple[tuple[float, float, int], ...]) -> Array:
    code = np.zeros(lab.shape[:-1], dtype=np.int64)
    for channel, (low, high, count) in enumerate(bins):
        place = ((lab[..., channel] - low) / (high - low) * count).astype(np.int64)
        code = code * count + np.clip(place, 0, count - 1)
    size = int(np.prod([count for _, _, count in bins]))
    return np.bincount(code.ravel(), minlength=size) / code.size


def _direction(light: Array) -> Array:
    """Histograms of gradient directions, weighted by strength, in a 4 x 4 grid (Dalal and Triggs 2005)."""
    dy, dx = np.gradient(light)
    strength = np.hypot(dx, dy)
    angle = np.mod(np.arctan2(dy, dx), np.pi) / np.pi * 9
    bin_of = np.minimum(angle.astype(np.int64), 8)
    cell = np.arange(SIDE) // (SIDE // 4)
    code = (cell[:, None] * 4 + cell[None, :]) * 9 + bin_of
    found = np.bincount(code.ravel(), weights=strength.ravel(), minlength=144)
    return np.asarray(np.sqrt(found / (found.sum() + 1.0)))


def _rhythm(light: Array) -> Array:
    """Mean energy of Gabor filters at five scales and six directions, whole and by quarter (Manjunath and Ma 1996)."""
    spectrum = np.fft.fft2(light - light.mean())
    energy = []
    for response in _gabor_bank():
        found = np.abs(np.fft.ifft2(spectrum * response))
        energy += [found.mean(), *(quarter.mean() for quarter in _quarters(found))]
    return np.asarray(np.sqrt(np.array(energy)))


@lru_cache(maxsize=1)
def _gabor_bank() -> Array:
    """Filters in the frequency plane: Gaussians around each centre, half an octave and 30 degrees wide."""
    fy, fx = np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE), indexing="ij")
    bank = []
    for scale in _GABOR_SCALES:
        for direction in range(_GABOR_DIRECTIONS):
            theta = np.pi * direction / _GABOR_DIRECTIONS
            along = fx * np.cos(theta) + fy * np.sin(theta)
            across = -fx * np.sin(theta) + fy * np.cos(theta)
            bank.append(np.exp(-(((along - scale) / (0.35 * scale)) ** 2 + (across / (0.35 * scale)) ** 2) / 2))
    return np.array(bank)


def _texture(light: Array) -> Array:
    """Local binary patterns at three radii, whole and by quarter (Ojala, Pietikäinen and Mäenpää 2002)."""
    parts = []
    for radius in _LBP_RADII:
        pattern = _lbp(light, radius)
        parts += [_pattern_histogram(pattern), *(_pattern_histogram(q) for q in _quarters(pattern))]
    return np.sqrt(np.concatenate(parts))


def _lbp(light: Array, radius: int) -> NDArray[np.int64]:
    """Which of the eight points around each pixel are lighter, as a number of the 59 uniform patterns."""
    padded = np.pad(light, radius, mode="edge")
    code = np.zeros(light.shape, dtype=np.int64)
    for bit, (dy, dx) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))):
        top, left = radius * (1 + dy), radius * (1 + dx)
        code |= (padded[top : top + SIDE, left : left + SIDE] > light).astype(np.int64) << bit
    return _uniform()[code]


@lru_cache(maxsize=1)
def _uniform() -> NDArray[np.int64]:
    """Number of each of 256 patterns: those with at most two changes around the circle have their own."""
    changes = [(code ^ ((code >> 1) | ((code & 1) << 7))).bit_count() for code in range(256)]
    uniform = [code for code in range(256) if changes[code] <= 2]  # noqa: PLR2004 -- the definition
    table = np.full(256, len(uniform), dtype=np.int64)
    table[uniform] = np.arange(len(uniform))
    return table


def _pattern_histogram(pattern: NDArray[np.int64]) -> Array:
    return np.bincount(pattern.ravel(), minlength=59) / pattern.size
