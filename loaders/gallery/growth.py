"""Things that branch and link: trees, and charts of stars."""

from dataclasses import dataclass
from math import pi

import numpy as np

from loaders.gallery.canvas import Pen, Sheet, lerp
from loaders.gallery.drift import Floats

_BENDS = 512

_DUSK = 0.45
"""Share of night from which light lines show better than dark ones."""


@dataclass(frozen=True, slots=True)
class Trees:
    """What grows.

    Attributes:
        count: of trees.
        height: share of the sheet's height that a tree reaches.
        forks: how often a branch divides.
        spread: angle between a fork's branches, in radians.
        lean: of every branch with the wind, in radians.
        leaf: radius of a leaf; none when it is not positive.
        bloom: share of the twigs that bear one.
        ground: height of the ground, from the middle (0) to the foot (1).
    """

    count: float
    height: float
    forks: float
    spread: float
    lean: float
    leaf: float
    bloom: float
    ground: float

    def draw(self, sheet: Sheet) -> Floats:
        """Draw the ground and each tree on it."""
        pen, drift = Pen(sheet, self._sky(sheet)), sheet.drift
        foot = sheet.half[1] * (0.45 + 0.45 * self.ground)
        x = np.linspace(-1.3, 1.3, 60) * sheet.half[0]
        hills = foot - 0.025 * drift.noise("tree hills", x, np.zeros_like(x), 0.8)
        count = max(1, round(self.count))
        places = (np.arange(count) + 0.5) / count * 2 - 1 + (drift.cast("tree places", 9)[:count] - 0.5) * 0.9 / count
        sizes = 0.7 + 0.3 * drift.cast("tree sizes", 9)[:count]
        for k in np.argsort(sizes):
            across = places[k] * sheet.half[0] * 0.9
            root = np.array([across, np.interp(across, x, hills) + 0.02])
            self._tree(pen, sheet, int(k), root, float(sizes[k]))
        earth = np.stack([np.append(x, [2, -2]), np.append(hills, [2, 2])], 1)  # last, to bury the trunks' ends
        pen.shape(earth, sheet.palette.shade(np.array(drift.walk("tree earth", 0.1, 0.7))))
        return pen.picture()

    def _sky(self, sheet: Sheet) -> Floats:
        y = sheet.grid[1] / np.float32(sheet.half[1]) * 0.5 + 0.5
        return lerp(
            sheet.ground("tree sky", 0.3),
            sheet.palette.shade(np.array(0.0)),
            0.35 * y * np.ones_like(sheet.grid[0]),
        )

    def _tree(self, pen: Pen, sheet: Sheet, number: int, root: Floats, size: float) -> None:
        length = self.height * size * sheet.half[1] * 0.42
        bends = sheet.drift.cast(f"tree bends {number}", 12, _BENDS, 2, rate=0.15)
        tips, heading = root[None, :], np.array([-pi / 2])
        bark = sheet.palette.ink
        width = length * 0.15
        for fork in range(max(3, round(self.forks))):
            own = bends[fork, np.arange(len(tips)) % _BENDS]
            heading = heading + self.lean * (0.3 + 0.15 * fork) * 0.4 + (own[:, 0] - 0.5) * 0.5
            reach = length * (0.7 + 0.6 * own[:, 1])[:, None]
            ends = tips + reach * np.stack([np.cos(heading), np.sin(heading)], 1)
            _limbs(pen, tips, ends, width, bark)
            tips = np.concatenate([ends, ends])
            heading = np.concatenate([heading - self.spread / 2, heading + self.spread / 2])
            length, width = length * 0.76, width * 0.66
        self._leaves(pen, sheet, number, tips)

    def _leaves(self, pen: Pen, sheet: Sheet, number: int, tips: Floats) -> None:
        if self.leaf <= 0:
            return
        own = sheet.drift.cast(f"tree leaves {number}", _BENDS, 3)[np.arange(len(tips)) % _BENDS]
        tones = sheet.palette.shade(0.1 + 0.5 * sheet.drift.walk(f"tree tone {number}", 0, 1) + 0.25 * own[:, 2])
        for k in np.flatnonzero(own[:, 0] < self.bloom):
            pen.disc(tips[k, 0], tips[k, 1], self.leaf * (0.5 + own[k, 1]), tones[k])


@dataclass(frozen=True, slots=True)
class Stars:
    """A chart of stars.

    Attributes:
        count: of stars.
        size: of the largest.
        reach: how far apart linked stars may be.
        orbits: circles around the chart's pole.
        halos: share of the stars with a ring of their own.
        dust: of small points in the sky.
        night: from a chart on paper (0) to one on a dark sky (1).
    """

    count: float
    size: float
    reach: float
    orbits: float
    halos: float
    dust: float
    night: float

    def draw(self, sheet: Sheet) -> Floats:
        """Draw the sky, the orbits, the links and the stars."""
        sky, line = self._sky(sheet)
        pen, palette, drift = Pen(sheet, sky), sheet.palette, sheet.drift
        count = max(5, round(self.count))
        places = drift.spread("stars", count, rate=0.2) * sheet.half
        faint = (sky[0, 0] + line) / 2
        self._dust(pen, sheet, faint)
        self._orbits(pen, sheet, faint)
        for a, b in _links(places, self.reach):
            pen.line(places[a], places[b], 0.0034, line)
        own = drift.cast("star kinds", 128, 3)[:count]
        tones = palette.shade(own[:, 1] * 0.5)
        tones[::3] += (line - tones[::3]) * np.float32(0.8)
        for k in range(count):
            radius = self.size * (0.15 + 0.85 * own[k, 0] ** 3)
            x, y = places[k]
            pen.disc(x, y, radius, tones[k])
            if own[k, 2] < self.halos:
                pen.ring(x, y, radius * 1.9, 0.0025, line)
        return pen.picture()

    def _sky(self, sheet: Sheet) -> tuple[Floats, Floats]:
        """Return the sky, which may lie between day and night, and of ink and paper what stands out from it."""
        palette = sheet.palette
        night = np.float32(1 if palette.dark else np.clip(2.2 * self.night - 0.7, 0, 1))
        paper = palette.bright + (palette.deep - palette.bright) * night
        line = palette.bright if night > _DUSK else palette.deep
        cloud = 0.5 + 0.5 * np.tanh(sheet.surface("star clouds", 0.9))
        return lerp(paper, palette.shade(np.array(0.72)), 0.35 * cloud), line

    def _dust(self, pen: Pen, sheet: Sheet, faint: Floats) -> None:
        own = sheet.drift.cast("star dust", 600, 3, rate=0.05)[: round(self.dust * 600)]
        for x, y, size in own:
            pen.disc((x * 2 - 1) * sheet.half[0], (y * 2 - 1) * sheet.half[1], 0.0012 + 0.003 * size**4, faint)

    def _orbits(self, pen: Pen, sheet: Sheet, faint: Floats) -> None:
        x, y = (sheet.drift.cast("star pole", 2) - 0.5) * sheet.half
        radii = np.cumsum(0.5 + sheet.drift.cast("orbits", 16))
        for radius in radii[: max(0, round(self.orbits))] * 0.1:
            pen.ring(x, y, radius, 0.0025, faint)


def _limbs(pen: Pen, starts: Floats, ends: Floats, width: float, colour: Floats) -> None:
    """Draw branches that thin out towards their ends."""
    ahead = ends - starts
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], 1) / np.linalg.norm(ahead, axis=1, keepdims=True) * (width / 2)
    corners = np.stack([starts + normal, ends + normal * 0.66, ends - normal * 0.66, starts - normal], 1)
    for quad, tip in zip(corners, ends, strict=True):
        pen.shape(quad, colour)
        pen.disc(tip[0], tip[1], width * 0.33, colour)


def _links(places: Floats, reach: float) -> list[tuple[int, int]]:
    """Link each star to its two nearest, if they are within reach."""
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    pairs = {(min(a, int(b)), max(a, int(b))) for a in range(len(places)) for b in np.argsort(apart[a])[1:3]}
    return sorted(pair for pair in pairs if apart[pair] < reach)


def trees(sheet: Sheet) -> Trees:
    """Plan a tree, a few or a wood."""
    walk = sheet.drift.walk
    return Trees(
        count=walk("tree count", 0.6, 5.4),
        height=walk("tree height", 1.0, 1.4),
        forks=walk("tree forks", 6.6, 8.4),
        spread=walk("tree spread", 0.45, 1.1),
        lean=walk("tree lean", -0.5, 0.5),
        leaf=walk("tree leaf", -0.008, 0.02),
        bloom=walk("tree bloom", 0.3, 1.0),
        ground=walk("tree ground", 0.3, 1.0),
    )


def stars(sheet: Sheet) -> Stars:
    """Plan a chart of the night sky."""
    walk = sheet.drift.walk
    return Stars(
        count=walk("star count", 24, 64),
        size=walk("star size", 0.035, 0.085),
        reach=walk("star reach", 0.16, 0.42),
        orbits=walk("star orbits", 0, 9),
        halos=walk("star halos", 0.0, 0.5),
        dust=walk("star dust", 0.2, 1.0),
        night=walk("star night", 0.0, 1.3),
    )
