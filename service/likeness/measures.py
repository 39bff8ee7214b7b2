"""What is measured of one picture: colours, tone, detail and where they lie."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from service.likeness.colors import Floats, palette_of

_SIDE: Final = 96
"""Longest side in pixels at which a picture is measured: what is seen from across the room, not the canvas."""

_STEP: Final = 0.05
"""Step of grey (0 to 1) between neighbouring pixels that counts as detail; the noise of a JPEG stays under 0.03."""

_FIELDS: Final = 12
"""Fields along each side when parts are compared: a face moved by a finger's breadth is still symmetric."""

_FLAT: Final = 0.03
"""Unevenness from left to right (0 to 1) under which mirror symmetry says nothing: every plain area has it."""

_ACCENT: Final = 98
"""Percentile of the chroma that is an accent: a coloured vase before a grey wall is not without colour."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What was measured of one picture, most of it in shares or steps of grey from 0 to 1.

    Attributes:
        palette: up to four named colours with their shares of the area, the largest first.
        lightness, contrast: mean and standard deviation of the greys.
        colour, accent: mean chroma, and that of the most coloured parts; 0 in black and white, 0.26 for a pure red.
        detail, calm: share of the area, and of a rim along the edges, with a step to the neighbouring pixel.
        ratio: width by height.
        fall, lean, glow: how much lighter the top is than the bottom, left than right, the middle than the rim.
        sink, tilt: where the detail lies, from -1 (top, left) to 1 (bottom, right).
        symmetry: correlation of the picture with its mirror image, row by row.
    """

    palette: tuple[tuple[str, float], ...]
    lightness: float
    contrast: float
    colour: float
    accent: float
    detail: float
    calm: float
    ratio: float
    fall: float
    lean: float
    glow: float
    sink: float
    tilt: float
    symmetry: float


@lru_cache(maxsize=4096)
def read_traits(path: Path) -> Traits | None:
    """Return what a picture measures, or None where the file is missing or broken."""
    try:
        with Image.open(path) as image:
            return measure(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def measure(image: Image.Image) -> Traits:
    """Return what an opened picture measures."""
    ratio, scale = image.width / image.height, min(1.0, _SIDE / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image.draft("RGB", size)  # a JPEG is decoded no larger than needed
    return _measured(image.convert("RGB").resize(size, Image.Resampling.BOX), ratio)


def _measured(picture: Image.Image, ratio: float) -> Traits:
    grey = picture.convert("L")
    greys, fields = _array(grey), _array(grey.resize((_FIELDS, _FIELDS), Image.Resampling.BOX))
    busy, third = _busy(greys), _FIELDS // 3
    palette, chroma = palette_of(picture)
    return Traits(
        palette=palette,
        lightness=float(greys.mean()),
        contrast=float(greys.std()),
        colour=float(chroma.mean()),
        accent=float(np.percentile(chroma, _ACCENT)),
        detail=float(busy.mean()),
        calm=float(busy[_rim(busy.shape)].mean()),
        ratio=ratio,
        fall=float(fields[:third].mean() - fields[-third:].mean()),
        lean=float(fields[:, :third].mean() - fields[:, -third:].mean()),
        glow=float(fields[third:-third, third:-third].mean() - fields[_rim(fields.shape)].mean()),
        sink=_balance(busy.mean(axis=1)),
        tilt=_balance(busy.mean(axis=0)),
        symmetry=_symmetry(fields),
    )


def _array(grey: Image.Image) -> Floats:
    return np.asarray(grey, dtype=np.float64) / 255


def _busy(greys: Floats) -> Floats:
    """Return 1 where a pixel differs from its right or lower neighbour, else 0."""
    across = np.abs(np.diff(greys, axis=1, append=greys[:, -1:]))
    down = np.abs(np.diff(greys, axis=0, append=greys[-1:]))
    return (np.maximum(across, down) > _STEP).astype(np.float64)


def _rim(shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return where the outermost sixth on each side lies."""
    mask = np.ones(shape, dtype=np.bool_)
    mask[tuple(slice(-(-side // 6), side - -(-side // 6)) for side in shape)] = False
    return mask


def _balance(line: Floats) -> float:
    """Return where the weights of a line lie, from -1 at its start to 1 at its end."""
    total = float(line.sum())
    return float(line @ np.linspace(-1, 1, len(line))) / total if total and len(line) > 1 else 0.0


def _symmetry(fields: Floats) -> float:
    """Return the likeness of the halves without what lies level, such as a sky over a sea."""
    uneven = fields - fields.mean(axis=1, keepdims=True)
    return float((uneven * uneven[:, ::-1]).mean() / uneven.var()) if uneven.std() > _FLAT else 0.0
