"""Flat shapes on a ground: cut and torn paper, and vessels on a table."""

from dataclasses import dataclass
from math import pi

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from loaders.gallery.canvas import Pen, Sheet, image_of, rgb_bytes
from loaders.gallery.drift import Floats


@dataclass(frozen=True, slots=True)
class Cutouts:
    """Pieces of coloured paper: leaves and pebbles on cards.

    Attributes:
        count: of leaves, and of cards.
        size: radius of the largest leaf.
        lobes: of each outline.
        depth: of the lobes.
        card: size of the cards, relative to the leaves.
        veil: from opaque (0) to tissue (1).
    """

    count: float
    size: float
    lobes: float
    depth: float
    card: float
    veil: float

    def draw(self, sheet: Sheet) -> Floats:
        """Lay down the cards, then the leaves, the largest first."""
        count, image = max(2, round(self.count)), image_of(sheet.ground("cut ground", 0.4))
        places = sheet.drift.spread("cut places", count) * sheet.half * 0.95
        tones = sheet.drift.cast("cut tones", 2, 32)
        tones[1] = (tones[0] + 0.35 + 0.3 * tones[1]) % 1  # so that no leaf is lost on its card
        colours = sheet.palette.shade(tones)
        sizes = self.size * np.linspace(1, 0.45, count)
        for k in range(count):
            self._lay(image, sheet, places[k] + sizes[k] * self.card * self._card(sheet, k), colours[0, k])
        for k in range(count):
            self._lay(image, sheet, places[k] + sizes[k] * self._leaf(sheet, k), colours[1, k])
        return np.asarray(image, np.float32) / np.float32(255)

    def _lay(self, image: Image.Image, sheet: Sheet, points: Floats, colour: Floats) -> None:
        """Paste one piece with its soft shadow; only the rectangle around it is touched."""
        ends = points * sheet.unit + np.array([sheet.width, sheet.height]) / 2
        left, top = np.floor(ends.min(0)).astype(int).tolist()
        width, height = (np.ceil(ends.max(0)).astype(int) - [left, top] + 1).tolist()
        mask = Image.new("L", ((width + 8) * 3, (height + 8) * 3))
        ImageDraw.Draw(mask).polygon(((ends - [left - 4, top - 4]) * 3).ravel().tolist(), fill=255)
        mask = mask.reduce(3)
        shadow = mask.filter(ImageFilter.BoxBlur(2)).point([round(v * 0.35 * (1 - self.veil)) for v in range(256)])
        image.paste((20, 16, 12), (left - 2, top - 1), shadow)
        image.paste(
            rgb_bytes(colour),
            (left - 4, top - 4),
            mask.point([round(v * (1 - 0.35 * self.veil)) for v in range(256)]),
        )

    def _leaf(self, sheet: Sheet, k: int) -> Floats:
        own = sheet.drift.cast(f"cut leaf {k}", 6, rate=0.2)
        angle = np.linspace(0, 2 * pi, 160, endpoint=False)
        lobes = max(1, round(self.lobes + 3 * own[0] - 1.5))
        depth = self.depth * (0.4 + 0.9 * own[5])
        radius = 0.75 + depth * np.cos(lobes * angle) + 0.14 * np.cos(2 * angle + 6 * own[2])
        points = np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None] * [0.5 + 0.5 * own[3], 1.0]
        return _turned(points, 2 * pi * own[4])

    def _card(self, sheet: Sheet, k: int) -> Floats:
        own = sheet.drift.cast(f"cut card {k}", 7, rate=0.15)
        corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]) * [
            0.7 + 0.5 * own[0],
            0.7 + 0.7 * own[1],
        ]
        corners[:, 1] += 0.12 * (own[2:6] - 0.5)
        return _turned(corners, 0.5 * (own[6] - 0.5))


@dataclass(frozen=True, slots=True)
class Vessels:
    """Jars, bowls and bottles.

    Attributes:
        count: of vessels.
        height: of the tallest.
        slender: from bowls (0) to bottles (1).
        table: height of the table's far edge, from the middle (0) to the foot (1).
        shadow: strength of the shaded sides.
        crowd: how close they stand together.
    """

    count: float
    height: float
    slender: float
    table: float
    shadow: float
    crowd: float

    def draw(self, sheet: Sheet) -> Floats:
        """Draw the wall, the table and the vessels from back to front."""
        count, drift, half = max(2, round(self.count)), sheet.drift, sheet.half
        edge = half[1] * (0.1 + 0.5 * self.table)
        pen = Pen(sheet, sheet.ground("wall", 0.35))
        table = sheet.palette.shade(np.array(drift.walk("table tone", 0.05, 0.75)))
        pen.shape(np.array([[-2, edge], [2, edge], [2, 2], [-2, 2]]), table)
        depth = np.sort(drift.cast("vessel depth", 12, rate=0.1)[:count])
        order = np.argsort(drift.cast("vessel order", 12, rate=0)[:count])
        across = (order + 0.5) / count * 2 - 1 + 0.3 * (drift.cast("vessel across", 12)[:count] - 0.5)
        for k in range(count):
            foot = np.array(
                [
                    across[k] * half[0] * (1 - 0.35 * self.crowd),
                    edge + (half[1] - edge) * (0.12 + 0.6 * depth[k]),
                ]
            )
            self._vessel(pen, sheet, k, foot, table)
        return pen.picture()

    def _vessel(self, pen: Pen, sheet: Sheet, k: int, foot: Floats, table: Floats) -> None:
        own = sheet.drift.cast(f"vessel {k}", 8, rate=0.16)
        colour = sheet.palette.shade(own[7:])[0]
        dark = colour * (1 - 0.42 * self.shadow)
        profile = self._profile(own, sheet.half)
        width = profile[:, 0].max()
        pen.shape(foot + _ellipse(1.9 * width, 0.16 * width) + [1.1 * width, 0], table * (1 - 0.3 * self.shadow))
        pen.shape(foot + _mirrored(profile, -1), colour)
        pen.shape(foot + _mirrored(profile, -0.15 - 0.5 * own[6]), dark)
        rim = _ellipse(profile[-1, 0], 0.2 * profile[-1, 0])
        rim[:, 1] += profile[-1, 1]
        pen.shape(foot + rim, dark * 0.72)

    def _profile(self, own: Floats, half: Floats) -> Floats:
        """Return half an outline from the foot up: distance from the axis and height."""
        tall = self.height * (0.5 + 0.5 * own[0]) * min(half[1], 1.15 * half[0]) * (0.8 + 0.2 * self.slender)
        belly = tall * (0.5 - 0.27 * self.slender) * (0.7 + 0.6 * own[1])
        neck = belly * (0.9 - 0.6 * self.slender * own[2])
        stops = np.array([0.62, 0.86 + 0.2 * own[3], 1.0, 0.9 * (1 - own[4]) + own[4] * neck / belly])
        radius = np.array([*stops, neck / belly, neck / belly, neck / belly * (1 + 0.3 * own[5])]) * belly
        at = np.linspace(0, 1, 60)
        smooth = np.interp(at, np.linspace(0, 1, len(radius)), radius)
        smooth = np.convolve(np.pad(smooth, 8, "edge"), np.hanning(19)[1:-1] / np.hanning(19).sum(), "valid")
        return np.stack([smooth, -at * tall], 1)


def _mirrored(profile: Floats, left: float) -> Floats:
    """Close an outline: the right side as it is, the left one at a share of it, the foot rounded."""
    angle = np.linspace(0, np.arccos(left), 30)
    foot = np.stack([np.cos(angle), 0.16 * np.sin(angle)], 1) * profile[0, 0]
    return np.concatenate([profile * [left, 1], profile[::-1], foot])


def _ellipse(width: float, height: float) -> Floats:
    angle = np.linspace(0, 2 * pi, 60)
    return np.stack([width * np.cos(angle), height * np.sin(angle)], 1)


def _turned(points: Floats, angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    turned: Floats = points @ np.array([[c, s], [-s, c]])
    return turned


def cutouts(sheet: Sheet) -> Cutouts:
    """Plan a collage, from leaves to blocks."""
    walk = sheet.drift.walk
    return Cutouts(
        count=walk("cut count", 8, 18),
        size=walk("cut size", 0.17, 0.28),
        lobes=walk("cut lobes", 3, 7),
        depth=walk("cut depth", 0.04, 0.34),
        card=walk("cut card", 0.75, 1.25),
        veil=max(0.0, walk("cut veil", -0.6, 0.7)),
    )


def vessels(sheet: Sheet) -> Vessels:
    """Plan a still life."""
    walk = sheet.drift.walk
    return Vessels(
        count=walk("vessel count", 3.6, 7.4),
        height=walk("vessel height", 1.0, 1.4),
        slender=walk("vessel slender", 0.25, 1.0),
        table=walk("vessel table", 0.0, 1.0),
        shadow=walk("vessel shadow", 0.3, 0.8),
        crowd=walk("vessel crowd", 0.2, 1.0),
    )
