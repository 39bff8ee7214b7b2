"""A sheet divided into cells around points: dots, quilted tiles, leaded glass, and arcs from tile to tile."""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.gallery.canvas import Sheet, cover, lerp, shaded
from loaders.gallery.drift import Floats

_SIDE = 64
"""Cells of one side of the table of random values; no sheet reaches beyond it."""


_ASIDE = (4, 1, 3, 5, 7)
"""Of the nine cells around a pixel, counted row by row: its own and those that share a side with it."""

_ALMOST_REGULAR = 0.25


@dataclass(frozen=True, slots=True)
class _Nearest:
    """Per pixel: distances to the two nearest points in cell sizes, the way to the first, and its number."""

    first: Floats
    second: Floats
    x: Floats
    y: Floats
    cell: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Cells:
    """How the cells lie and what each shows.

    Attributes:
        density: cells per unit.
        angle: of the grid, in radians.
        jitter: from a regular grid (0) to scattered points (1).
        square: from round (0) to square (1).
        radius: of each cell's shape in cell sizes; a large one fills the cell.
        swing: how much a slow surface swells and shrinks the shapes.
        gap: width of the joints in cell sizes.
        nest: size of a second shape within the first, as a share of it.
        split: how far a diagonal cut comes in from the corner (0) to the middle (1).
        light: strength of the light across each cell.
        grouping: how much neighbouring cells agree in colour.
        leading: from paper (0) to ink (1) between the shapes.
    """

    density: float
    angle: float = 0.0
    jitter: float = 0.0
    square: float = 0.0
    radius: float = 2.0
    swing: float = 0.0
    gap: float = 0.0
    nest: float = 0.0
    split: float = 0.0
    light: float = 0.0
    grouping: float = 0.5
    leading: float = 0.0

    def draw(self, sheet: Sheet) -> Floats:
        """Draw the cells."""
        near = self._nearest(sheet)
        pixels = sheet.unit / self.density
        radius = (self.radius * (1 + self.swing * np.tanh(_slow(sheet, "cell swing", 0.8 / self.density))))[near.cell]
        inside = np.minimum(radius - near.first, (near.second - near.first - np.float32(self.gap)) / 2)
        tone, other = self._tones(sheet, near)
        picture = lerp(sheet.palette.shade(tone), sheet.palette.shade(other), self._second(near, inside, pixels))
        picture = shaded(picture, 1 + np.float32(self.light) * (near.y - near.x * np.float32(0.5)))
        return lerp(self._ground(sheet), picture, cover(inside * pixels))

    def _ground(self, sheet: Sheet) -> Floats:
        paper = sheet.ground("cell ground")
        return paper + (sheet.palette.deep - paper) * np.float32(self.leading)

    def _second(self, near: _Nearest, inside: Floats, pixels: float) -> Floats:
        """Coverage of the cells' second colour: the inner shape, or what a diagonal cuts off."""
        reach = min(self.radius, 0.5)
        inner = cover((inside - reach * (1 - self.nest)) * pixels) if self.nest > 0 else np.zeros_like(inside)
        if self.split <= 0:
            return inner
        side = np.where(near.cell % 3 == 0, near.x + near.y, near.x - near.y)
        cut = cover((side * np.float32(0.7) - np.float32(0.75 * (1 - self.split))) * pixels)
        return np.abs(inner - cut)

    def _tones(self, sheet: Sheet, near: _Nearest) -> tuple[Floats, Floats]:
        own = sheet.drift.cast("cell tones", _SIDE * _SIDE, 2)
        slow = 0.5 + 0.5 * np.sin(1.4 * _slow(sheet, "cell groups", 0.8 / self.density) + 2 * sheet.drift.at)
        tone = own[:, 0] * (1 - self.grouping) + slow * self.grouping
        return tone[near.cell] * np.float32(0.9), own[near.cell, 1]

    def _nearest(self, sheet: Sheet) -> _Nearest:
        x, y = _turned(sheet, self.angle, self.density)
        column, row = np.floor(x), np.floor(y)
        x, y, cell = x - column, y - row, (row * _SIDE + column).astype(np.int32)
        points = (0.5 + (sheet.drift.cast("cell points", 2, _SIDE * _SIDE) - 0.5) * self.jitter).astype(np.float32)
        far = np.full(x.shape, 9, np.float32)
        near = _Nearest(far, far, far, far, cell)
        # In an almost regular grid the two nearest points are never those across a corner.
        for step in _ASIDE if self.jitter < _ALMOST_REGULAR else range(9):
            right, down = step % 3 - 1, step // 3 - 1
            near = self._nearer(
                near, x - np.float32(right), y - np.float32(down), cell + (down * _SIDE + right), points
            )
        return near

    def _nearer(self, near: _Nearest, x: Floats, y: Floats, cell: NDArray[Any], points: Floats) -> _Nearest:
        """Take one more candidate into account: a cell, and where in it each pixel would be."""
        dx, dy = x - points[0].take(cell), y - points[1].take(cell)
        distance = np.sqrt(dx * dx + dy * dy)
        if self.square > 0:
            distance += (np.maximum(np.abs(dx), np.abs(dy)) - distance) * np.float32(self.square)
        closer = distance < near.first
        return _Nearest(
            np.where(closer, distance, near.first),
            np.where(closer, near.first, np.minimum(near.second, distance)),
            np.where(closer, dx, near.x),
            np.where(closer, dy, near.y),
            np.where(closer, cell, near.cell),
        )


@dataclass(frozen=True, slots=True)
class Arcs:
    """Tiles that each join the middles of their sides by arcs, turned one way or the other.

    Attributes:
        density: tiles per unit.
        angle: of the grid, in radians.
        lines: arcs side by side.
        width: share of an arc's room that is inked.
        order: from turned at random (0) to all alike (1).
        grouping: how slowly the colour changes over the sheet.
    """

    density: float
    angle: float
    lines: float
    width: float
    order: float
    grouping: float

    def draw(self, sheet: Sheet) -> Floats:
        """Draw the arcs."""
        x, y = _turned(sheet, self.angle, self.density)
        column, row = np.floor(x), np.floor(y)
        x, y = x - column, y - row
        cell = (row * _SIDE + column).astype(np.int32)
        turned = sheet.drift.cast("arc turns", _SIDE * _SIDE)[cell] < 0.5 + 0.5 * self.order
        x = np.where(turned, x, 1 - x)
        away = np.minimum(np.hypot(x, y), np.hypot(1 - x, 1 - y))
        slow = _slow(sheet, "arc groups", self.grouping / self.density)
        return self._inked(sheet, away, slow[cell])

    def _inked(self, sheet: Sheet, away: Floats, slow: Floats) -> Floats:
        lines = max(1, round(self.lines))
        room = (away - np.float32(0.12)) / np.float32(0.76) * lines
        line = np.clip(np.floor(room), 0, lines - 1)
        pixels = sheet.unit / self.density * 0.76 / lines
        mask = cover((np.float32(self.width / 2) - np.abs(room - line - np.float32(0.5))) * pixels)
        tone = 0.5 + 0.5 * np.sin(1.6 * slow + line * 1.1 + 2 * sheet.drift.at)
        return lerp(sheet.ground("arc ground"), sheet.palette.shade(tone), mask)


def _slow(sheet: Sheet, name: str, scale: float) -> Floats:
    """Return a smooth surface over the table of cells, with ``scale`` hills per cell."""
    row, column = np.mgrid[:_SIDE, :_SIDE].astype(np.float32)
    return sheet.drift.noise(name, column, row, scale).ravel()


def _turned(sheet: Sheet, angle: float, density: float) -> tuple[Floats, Floats]:
    """Return the grid turned, and scaled to cells; it never starts with a cut through the very middle."""
    x, y = sheet.grid
    c, s = np.float32(cos(angle) * density), np.float32(sin(angle) * density)
    return x * c + y * s + np.float32(30.5), y * c - x * s + np.float32(30.5)


def dots(sheet: Sheet) -> Cells:
    """Plan dots that swell and shrink, as in a coarse print."""
    walk = sheet.drift.walk
    return Cells(
        density=walk("dot density", 6, 17),
        angle=walk("dot angle", 0, pi / 2, 0.2),
        jitter=max(0.0, walk("dot jitter", -0.3, 0.4)),
        radius=walk("dot radius", 0.32, 0.46),
        swing=walk("dot swing", 0.1, 0.6),
        nest=max(0.0, walk("dot nest", -0.5, 0.7)),
        grouping=walk("dot grouping", 0.3, 0.9),
        gap=0.02,
    )


def tiles(sheet: Sheet) -> Cells:
    """Plan a quilt of squares, nested or cut."""
    walk = sheet.drift.walk
    within = walk("tile within", -0.85, 0.75)
    return Cells(
        density=walk("tile density", 3.5, 9),
        angle=walk("tile angle", -0.8, 0.8, 0.2),
        square=1.0,
        gap=max(0.0, walk("tile gap", -0.04, 0.14)),
        nest=max(0.0, within),
        split=max(0.0, -1.2 * within),
        grouping=walk("tile grouping", 0.0, 0.5),
    )


def glass(sheet: Sheet) -> Cells:
    """Plan leaded glass."""
    walk = sheet.drift.walk
    return Cells(
        density=walk("glass density", 4.5, 10),
        angle=walk("glass angle", -0.5, 0.5),
        jitter=walk("glass jitter", 0.65, 1.0),
        gap=walk("glass gap", 0.03, 0.12),
        light=walk("glass light", 0.05, 0.25),
        grouping=walk("glass grouping", 0.1, 0.7),
        leading=walk("glass leading", 0.4, 1.0),
    )


def arcs(sheet: Sheet) -> Arcs:
    """Plan arcs, from a maze to calm scales."""
    walk = sheet.drift.walk
    return Arcs(
        density=walk("arc density", 3.5, 8),
        angle=pi / 4 + walk("arc angle", -0.8, 0.8, 0.15),
        lines=walk("arc lines", 1.7, 5.3),
        width=walk("arc width", 0.35, 0.8),
        order=max(0.0, walk("arc order", -0.6, 0.9)),
        grouping=walk("arc grouping", 0.5, 1.1),
    )
