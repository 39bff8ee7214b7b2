"""The sheet a picture is drawn on, a pen that draws without jagged edges, and the grain of the paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from loaders.gallery.drift import Drift, Floats
from loaders.gallery.palettes import Palette

_COARSE: Final = 5
"""Smooth surfaces are computed at every fifth pixel and enlarged."""

_FINE: Final = 3
"""The pen draws three times as large, which is then averaged."""


@dataclass(frozen=True)
class Sheet:
    """An empty sheet. Its units: the origin in the middle, an area of 1, y downwards."""

    width: int
    height: int
    palette: Palette
    drift: Drift

    @property
    def unit(self) -> float:
        """Pixels per unit."""
        return sqrt(self.width * self.height)

    @property
    def half(self) -> Floats:
        """Right and lower end of the sheet."""
        return np.array([self.width, self.height]) / (2 * self.unit)

    @cached_property
    def grid(self) -> tuple[Floats, Floats]:
        """Where each pixel is: x as a row and y as a column."""
        return self._axes(self.width, self.height)

    def surface(self, name: str, scale: float, rate: float = 0.35) -> Floats:
        """Return a smooth random surface over every pixel; see :meth:`Drift.noise`."""
        x, y = self._axes(self.width // _COARSE + 1, self.height // _COARSE + 1)
        return enlarged(self.drift.noise(name, x, y, scale, rate), self.width, self.height)

    def ground(self, name: str = "ground", depth: float = 0.16) -> Floats:
        """Return the paper with a faint wash of the lightest tone."""
        wash = depth * (0.5 + 0.5 * np.tanh(self.surface(name, 0.7)))
        return lerp(self.palette.paper, self.palette.shade(np.array(0.0)), wash)

    def _axes(self, columns: int, rows: int) -> tuple[Floats, Floats]:
        right, low = self.half
        x = (np.arange(columns, dtype=np.float32) + 0.5) / columns * 2 - 1
        y = (np.arange(rows, dtype=np.float32) + 0.5) / rows * 2 - 1
        return x[None, :] * np.float32(right), y[:, None] * np.float32(low)


class Pen:
    """Draws shapes given in the sheet's units over a picture."""

    def __init__(self, sheet: Sheet, under: Floats) -> None:
        self._scale = sheet.unit * _FINE
        self._shift = np.array([sheet.width, sheet.height]) * _FINE / 2
        # Without smoothing, as averaging then gives back the very picture underneath.
        self._image = image_of(under).resize((sheet.width * _FINE, sheet.height * _FINE), Image.Resampling.NEAREST)
        self._draw = ImageDraw.Draw(self._image)

    def shape(self, points: Floats, colour: Floats) -> None:
        """Fill a polygon, (n, 2)."""
        self._draw.polygon((points * self._scale + self._shift).ravel().tolist(), fill=rgb_bytes(colour))

    def disc(self, x: float, y: float, radius: float, colour: Floats) -> None:
        """Fill a circle."""
        self._draw.ellipse(self._box(x, y, radius), fill=rgb_bytes(colour))

    def ring(self, x: float, y: float, radius: float, width: float, colour: Floats) -> None:
        """Draw a circle's line."""
        self._draw.ellipse(self._box(x, y, radius), outline=rgb_bytes(colour), width=max(2, round(width * self._scale)))

    def line(self, start: Floats, end: Floats, width: float, colour: Floats) -> None:
        """Draw a straight line."""
        ends = np.stack([start, end]) * self._scale + self._shift
        self._draw.line(ends.ravel().tolist(), fill=rgb_bytes(colour), width=max(2, round(width * self._scale)))

    def picture(self) -> Floats:
        """Return what was drawn, (height, width, 3)."""
        return np.asarray(self._image.reduce(_FINE), np.float32) / np.float32(255)

    def _box(self, x: float, y: float, radius: float) -> Sequence[float]:
        centre = np.array([x, y]) * self._scale + self._shift
        around: list[float] = np.concatenate([centre - radius * self._scale, centre + radius * self._scale]).tolist()
        return around


def lerp(first: Floats, second: Floats, part: Floats) -> Floats:
    """Blend colours by a weight per pixel."""
    mixed = np.empty((*part.shape, 3), np.float32)
    for channel in range(3):  # several times quicker than broadcasting the weights over three channels
        here = first[..., channel]
        mixed[..., channel] = here + (second[..., channel] - here) * part
    return mixed


def shaded(picture: Floats, factor: Floats) -> Floats:
    """Multiply a picture by a brightness per pixel, in place."""
    for channel in range(3):
        picture[..., channel] *= factor
    return picture


def cover(distance: Floats) -> Floats:
    """Antialiased coverage of a shape, from the distance to its edge in pixels, positive inside."""
    share: Floats = np.clip(distance + 0.5, 0, 1).astype(np.float32)
    return share


def enlarged(values: Floats, width: int, height: int) -> Floats:
    """Enlarge a coarse array smoothly."""
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def image_of(picture: Floats) -> Image.Image:
    """Return the image of sRGB values in 0..1."""
    levels = np.clip(picture, 0, 1)
    levels *= 255
    levels += 0.5
    return Image.fromarray(levels.astype(np.uint8))


def printed(picture: Floats, paper: Floats, tooth: float, rng: np.random.Generator) -> Floats:
    """Give a picture the grain of ink on paper: specks the ink did not reach, fibres, and faint noise."""
    height, width = picture.shape[:2]
    rough = enlarged(rng.standard_normal((height // 2 + 1, width // 2 + 1), np.float32), width, height)
    fibre = enlarged(rng.standard_normal((height // 9 + 1, width // 40 + 1), np.float32), width, height)
    bare = np.clip((rough + 0.8 * fibre - 1.0) * 0.6, 0, 1) * np.float32(tooth)
    grain = rng.standard_normal((height, width), np.float32) * np.float32(0.011) + fibre * np.float32(0.008)
    return shaded(lerp(picture, paper, bare), 1 + grain)


def rgb_bytes(colour: Floats) -> tuple[int, int, int]:
    """Return a colour as Pillow wants it."""
    red, green, blue = (int(min(max(part, 0.0), 1.0) * 255 + 0.5) for part in colour.tolist())
    return red, green, blue
