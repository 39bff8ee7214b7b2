"""Bands of colour: straight as stripes, rippled as waves, warped as strata, round as circles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.gallery.canvas import Sheet, cover, lerp
from loaders.gallery.drift import Floats

_BANDS = 160


@dataclass(frozen=True, slots=True)
class Bands:
    """What the bands follow and how they meet.

    Attributes:
        density: bands per unit.
        angle: direction in radians.
        round: from straight (0) to concentric (1).
        ripple: height of a regular wave.
        pitch: that wave's length, as waves per unit.
        warp: height of an irregular surface.
        scale: that surface's hills per unit.
        soft: from a cut edge (0) to a gradient (1).
        gap: share of each band left as bare paper.
        air: how far every other band fades into the paper.
        quarter: how much the four quarters of the sheet differ in colour.
    """

    density: float
    angle: float = 0.0
    round: float = 0.0
    ripple: float = 0.0
    pitch: float = 2.0
    warp: float = 0.0
    scale: float = 1.0
    soft: float = 0.0
    gap: float = 0.0
    air: float = 0.0
    quarter: float = 0.0

    def draw(self, sheet: Sheet) -> Floats:
        """Draw the bands."""
        place = self._band(sheet)
        slope = np.hypot(*np.gradient(place)) + np.float32(1e-6)
        edge = np.rint(place)
        blend = cover((place - edge) / np.maximum(slope, np.float32(self.soft)))
        index, colours = edge.astype(np.intp) + self._panel(sheet), self._colours(sheet)
        picture = lerp(colours[index - 1], colours[index], blend * blend * (3 - 2 * blend) if self.soft else blend)
        line = cover((np.abs(place - edge) - np.float32(self.gap / 2)) / slope)
        return lerp(sheet.palette.paper, picture, line) if self.gap > 0 else picture

    def _band(self, sheet: Sheet) -> Floats:
        """Return a real number per pixel: which band, and how far through it."""
        widths = 0.35 + 1.3 * sheet.drift.cast("band widths", _BANDS)
        edges = np.cumsum(widths / widths.mean())
        place = self._surface(sheet) * self.density + edges[_BANDS // 2]
        found: Floats = np.interp(place, edges, np.arange(_BANDS)).astype(np.float32)
        return found

    def _surface(self, sheet: Sheet) -> Floats:
        x, y = sheet.grid
        c, s = np.float32(np.cos(self.angle)), np.float32(np.sin(self.angle))
        along, across = x * c + y * s, y * c - x * s
        if self.round > 0:
            centre = (sheet.drift.cast("band centre", 2) - 0.5) * sheet.half * 0.9
            across = across * (1 - self.round) + np.hypot(x - centre[0], y - centre[1]) * self.round
        if self.ripple > 0:
            phase = 6.28 * sheet.drift.at
            across = across + self.ripple * np.sin(along * (6.28 * self.pitch) + phase + 3 * across)
        if self.warp > 0:
            across = across + self.warp * sheet.surface("band warp", self.scale)
        return across.astype(np.float32)

    def _panel(self, sheet: Sheet) -> NDArray[np.intp]:
        """Return where in the colour table the pixel's quarter of the sheet begins."""
        x, y = sheet.grid
        middle = (sheet.drift.cast("band centre", 2) - 0.5) * sheet.half * 0.9
        quarter: NDArray[np.intp] = (x > middle[0]) + 2 * (y > middle[1])
        return quarter * _BANDS

    def _colours(self, sheet: Sheet) -> Floats:
        tones = sheet.drift.cast("band colours", 4, _BANDS)
        tones = tones[:1] + (tones - tones[:1]) * self.quarter
        colours = sheet.palette.shade(tones)
        colours[:, ::2] += (sheet.palette.paper - colours[:, ::2]) * np.float32(self.air)
        table: Floats = colours.reshape(-1, 3).astype(np.float32)
        return table


def stripes(sheet: Sheet) -> Bands:
    """Plan straight stripes, some leaning, some slightly bent."""
    walk = sheet.drift.walk
    return Bands(
        density=walk("stripe density", 7, 26),
        angle=walk("stripe angle", -0.2, 1.9),
        ripple=max(0.0, walk("stripe ripple", -0.03, 0.03)),
        pitch=walk("stripe pitch", 0.4, 1.2),
        gap=max(0.0, walk("stripe gap", -0.1, 0.25)),
        air=walk("stripe air", 0, 1),
        quarter=max(0.0, walk("stripe quarter", -0.6, 0.8)),
    )


def waves(sheet: Sheet) -> Bands:
    """Plan rippled bands."""
    walk = sheet.drift.walk
    return Bands(
        density=walk("wave density", 8, 24),
        angle=walk("wave angle", -0.35, 0.35),
        ripple=walk("wave height", 0.02, 0.075),
        pitch=walk("wave pitch", 0.8, 2.6),
        warp=walk("wave warp", 0.0, 0.05),
        soft=max(0.0, walk("wave soft", -0.8, 0.9)),
        gap=max(0.0, walk("wave gap", -0.1, 0.2)),
        air=walk("wave air", 0, 0.8),
    )


def strata(sheet: Sheet) -> Bands:
    """Plan marbled layers, like a cut stone or a map of hills."""
    walk = sheet.drift.walk
    return Bands(
        density=walk("strata density", 8, 18),
        angle=walk("strata angle", -0.6, 0.6),
        warp=walk("strata warp", 0.1, 0.25),
        scale=walk("strata scale", 0.7, 1.7),
        gap=max(0.0, walk("strata gap", -0.05, 0.16)),
        air=walk("strata air", 0, 0.9),
        soft=max(0.0, walk("strata soft", -0.9, 0.6)),
    )


def circles(sheet: Sheet) -> Bands:
    """Plan concentric rings, some quartered, some wobbling like a tree's."""
    walk = sheet.drift.walk
    return Bands(
        density=walk("circle density", 7, 22),
        round=1.0,
        warp=max(0.0, walk("circle warp", -0.03, 0.05)),
        scale=walk("circle scale", 0.8, 1.8),
        gap=max(0.0, walk("circle gap", -0.06, 0.2)),
        air=walk("circle air", 0, 0.9),
        quarter=walk("circle quarter", 0, 1),
        soft=max(0.0, walk("circle soft", -1.2, 0.7)),
    )
