"""Strokes along a current: woven when they cross, lines when long, dabs of a brush when short."""

from dataclasses import dataclass
from math import ceil, pi

import numpy as np

from loaders.gallery.canvas import Pen, Sheet
from loaders.gallery.drift import Floats

_STEPS = 14


@dataclass(frozen=True, slots=True)
class Strokes:
    """How the strokes lie.

    Attributes:
        density: strokes per unit, both across and down.
        angle: main direction in radians.
        swirl: how far the current turns away from it, in radians.
        scale: the current's eddies per unit.
        length: in units of the strokes' distance.
        width: likewise.
        taper: from even width (0) to pointed ends (1).
        cross: how far every other stroke is turned, as a share of a quarter turn.
        jitter: from a regular grid (0) to scattered (1).
        grouping: how much neighbouring strokes agree in colour.
    """

    density: float
    angle: float
    swirl: float
    scale: float
    length: float
    width: float
    taper: float
    cross: float
    jitter: float
    grouping: float

    def draw(self, sheet: Sheet) -> Floats:
        """Draw the strokes."""
        starts, odd = self._starts(sheet)
        paths = self._paths(sheet, starts, odd)
        colours = sheet.palette.shade(self._tones(sheet, starts))
        outlines = self._outlines(paths)
        pen = Pen(sheet, sheet.ground("stroke ground"))
        # Drawn in an order of their own, as a grid's rows would overlap like roof tiles.
        for k in np.argsort(sheet.drift.cast("stroke order", 4096, rate=0)[np.arange(len(starts)) % 4096]):
            pen.shape(outlines[k], colours[k])
        return pen.picture()

    def _starts(self, sheet: Sheet) -> tuple[Floats, Floats]:
        """Return the strokes' middles, (n, 2), on a grid turned by the main direction, and which are odd."""
        right, low = sheet.half
        reach = ceil(float(np.hypot(right, low)) * self.density)
        row, column = (side.ravel() for side in np.mgrid[-reach : reach + 1, -reach : reach + 1])
        number = (row % 64) * 64 + column % 64
        moved = (sheet.drift.cast("stroke points", 4096, 2) - 0.5)[number] * self.jitter * 1.4
        x, y = (column + moved[:, 0]) / self.density, (row + moved[:, 1]) / self.density
        c, s = np.cos(self.angle), np.sin(self.angle)
        middles = np.stack([x * c - y * s, x * s + y * c], 1)
        near = (np.abs(middles) < sheet.half + self.length / self.density / 2).all(1)
        return middles[near], ((row + column) % 2)[near]

    def _paths(self, sheet: Sheet, starts: Floats, odd: Floats) -> Floats:
        """Follow the current both ways from each middle: (n, steps, 2)."""
        step = self.length / self.density / (2 * _STEPS)
        halves = []
        for sign in (-1, 1):
            at, path = starts, [starts]
            for _ in range(_STEPS):
                heading = self._heading(sheet, at, odd)
                at = at + sign * step * np.stack([np.cos(heading), np.sin(heading)], 1)
                path.append(at)
            halves.append(path)
        return np.stack([*reversed(halves[0]), *halves[1][1:]], 1)

    def _heading(self, sheet: Sheet, at: Floats, odd: Floats) -> Floats:
        current = sheet.drift.noise("stroke current", at[:, 0], at[:, 1], self.scale)
        return self.angle + self.swirl * current + odd * (self.cross * pi / 2)

    def _outlines(self, paths: Floats) -> Floats:
        """Return polygons around the paths."""
        ahead = np.gradient(paths, axis=1)
        normal = np.stack([-ahead[..., 1], ahead[..., 0]], 2) / (np.linalg.norm(ahead, axis=2)[..., None] + 1e-9)
        along = np.linspace(-1, 1, paths.shape[1])
        girth = (1 - self.taper * along**2) * (1 - np.abs(along) ** 9) ** 0.5
        offset = normal * (girth * self.width / self.density / 2)[None, :, None]
        return np.concatenate([paths + offset, (paths - offset)[:, ::-1]], 1)

    def _tones(self, sheet: Sheet, starts: Floats) -> Floats:
        own = sheet.drift.cast("stroke tones", 4096)[np.arange(len(starts)) % 4096]
        slow = sheet.drift.noise("stroke groups", starts[:, 0], starts[:, 1], 0.8)
        grouped = 0.5 + 0.5 * np.sin(1.5 * slow + sheet.drift.at)
        tones: Floats = own + (grouped - own) * self.grouping
        return tones


def threads(sheet: Sheet) -> Strokes:
    """Plan a weave, from a plain cloth to a loose basket."""
    walk = sheet.drift.walk
    width = walk("thread width", 0.45, 0.9)
    return Strokes(
        density=walk("thread density", 8, 17),
        angle=walk("thread angle", -0.7, 0.8, 0.2),
        swirl=max(0.0, walk("thread swirl", -0.15, 0.2)),
        scale=walk("thread scale", 0.5, 1.0),
        length=2.04 - width,  # so that a thread's end just meets the next that crosses it
        width=width,
        taper=max(0.0, walk("thread taper", -0.3, 0.3)),
        cross=1.0,
        jitter=max(0.0, walk("thread jitter", -0.1, 0.15)),
        grouping=walk("thread grouping", 0.3, 0.9),
    )


def flow(sheet: Sheet) -> Strokes:
    """Plan long lines in a current."""
    walk = sheet.drift.walk
    return Strokes(
        density=walk("flow density", 14, 24),
        angle=walk("flow angle", -0.9, 0.9),
        swirl=walk("flow swirl", 0.3, 1.1),
        scale=walk("flow scale", 0.5, 1.0),
        length=walk("flow length", 5, 11),
        width=walk("flow width", 0.2, 0.6),
        taper=walk("flow taper", 0.2, 1.0),
        cross=0.0,
        jitter=walk("flow jitter", 0.7, 1.0),
        grouping=walk("flow grouping", 0.5, 0.95),
    )


def dabs(sheet: Sheet) -> Strokes:
    """Plan short, broad touches of a brush."""
    walk = sheet.drift.walk
    return Strokes(
        density=walk("dab density", 12, 22),
        angle=walk("dab angle", -1.0, 1.0),
        swirl=walk("dab swirl", 0.2, 0.9),
        scale=walk("dab scale", 0.5, 1.3),
        length=walk("dab length", 1.5, 3.2),
        width=walk("dab width", 0.7, 1.25),
        taper=walk("dab taper", 0.1, 0.7),
        cross=max(0.0, walk("dab cross", -0.3, 0.4)),
        jitter=walk("dab jitter", 0.7, 1.0),
        grouping=walk("dab grouping", 0.6, 0.95),
    )
