"""Layers one behind another: ridges in mist, which flatten into horizons and swell into a sea."""

from dataclasses import dataclass

import numpy as np

from loaders.gallery.canvas import Sheet, cover, lerp
from loaders.gallery.drift import Floats

_OCTAVES = 6


@dataclass(frozen=True, slots=True)
class Layers:
    """What the layers look like.

    Attributes:
        count: of layers.
        horizon: height of the farthest, from the top (0) to the foot (1) of the sheet.
        height: of the nearest layer's hills.
        rough: from rolling (0) to jagged (1).
        scale: hills per unit.
        mist: how far each layer fades towards its foot.
        soft: blur of the layers' edges in pixels.
        sun: radius of the disc in the sky; none when it is not positive.
    """

    count: float
    horizon: float
    height: float
    rough: float
    scale: float
    mist: float
    soft: float
    sun: float

    def draw(self, sheet: Sheet) -> Floats:
        """Draw from the sky to the nearest layer."""
        x, y = sheet.grid
        picture, sky = self._sky(sheet), sheet.palette.paper
        count = max(2, round(self.count))
        colours = self._colours(sheet, count)
        for k in range(count):
            crest = self._crest(sheet, x, k, count)
            top = max(0, int((crest.min() + sheet.half[1]) * sheet.unit - self.soft) - 2)
            below = y[top:] - crest
            haze = np.float32(self.mist) * np.clip(below * np.float32(count * 0.9), 0, 1)
            colour = lerp(colours[k], sky + (colours[k] - sky) * np.float32(0.35), haze)
            sky = colours[k]
            picture[top:] = lerp(picture[top:], colour, cover(below * np.float32(sheet.unit / (1 + self.soft))))
        return picture

    def _sky(self, sheet: Sheet) -> Floats:
        x, y = sheet.grid
        low, paper = sheet.half[1], sheet.palette.paper
        glow = np.clip(1 - np.abs(y - self._horizon(sheet)) / low, 0, 1) ** 2 * np.ones_like(x)
        warm = sheet.palette.shade(np.array(0.02))
        sky = lerp(paper, warm, 0.75 * glow)
        if self.sun <= 0:
            return sky
        across, up = sheet.drift.cast("sun place", 2, rate=0.3)
        place = (
            (across - 0.5) * 1.3 * sheet.half[0],
            self._horizon(sheet) - (up * 0.9 + 0.05) * low * self.horizon,
        )
        disc = cover((self.sun - np.hypot(x - place[0], y - place[1])) * sheet.unit)
        return lerp(sky, sheet.palette.shade(np.array(sheet.drift.walk("sun tone", 0, 0.5))), disc)

    def _horizon(self, sheet: Sheet) -> float:
        return float(sheet.half[1] * (2 * self.horizon - 1))

    def _crest(self, sheet: Sheet, x: Floats, k: int, count: int) -> Floats:
        """Return the height line of one layer, per column."""
        part = k / count
        room = (sheet.half[1] - self._horizon(sheet)) * (part**1.15)
        hills = np.zeros_like(x)
        for octave in range(_OCTAVES):
            strength = (0.22 + 0.36 * self.rough) ** octave
            pitch = self.scale * (1.5 - 0.6 * part) * 1.9**octave
            hills += strength * sheet.drift.noise(f"hills {k} {octave}", x, np.zeros_like(x), pitch, 0.2)
        return np.float32(self._horizon(sheet) + room) - hills * np.float32(self.height * (0.35 + 0.65 * part))

    def _colours(self, sheet: Sheet, count: int) -> Floats:
        """Light and far to dark and near; each layer's own tone sways a little."""
        sway = 0.16 * (sheet.drift.cast("layer tones", 16)[:count] - 0.5)
        return sheet.palette.shade(np.clip(np.linspace(0.04, 0.86, count) + sway, 0, 1))


def ridges(sheet: Sheet) -> Layers:
    """Plan mountains."""
    walk = sheet.drift.walk
    return Layers(
        count=walk("ridge count", 5, 9),
        horizon=walk("ridge horizon", 0.3, 0.55),
        height=walk("ridge height", 0.05, 0.13),
        rough=walk("ridge rough", 0.15, 0.85),
        scale=walk("ridge scale", 0.6, 1.5),
        mist=walk("ridge mist", 0.3, 0.9),
        soft=0.0,
        sun=walk("ridge sun", -0.05, 0.16),
    )


def horizons(sheet: Sheet) -> Layers:
    """Plan plains and seas, all but flat."""
    walk = sheet.drift.walk
    return Layers(
        count=walk("horizon count", 3, 8),
        horizon=walk("horizon horizon", 0.3, 0.7),
        height=walk("horizon height", 0.001, 0.022),
        rough=walk("horizon rough", 0.0, 0.6),
        scale=walk("horizon scale", 0.4, 1.2),
        mist=walk("horizon mist", 0.4, 1.0),
        soft=walk("horizon soft", 0, 14),
        sun=walk("horizon sun", 0.02, 0.2),
    )
