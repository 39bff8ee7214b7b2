"""Values that wander smoothly and for ever: pictures drawn at nearby positions look alike."""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Drift:
    """Named values at one position of an endless walk.

    Attributes:
        seed: the whole gallery's.
        at: the position; between two whole numbers lies one family's stretch.
    """

    seed: int
    at: float

    def walk(self, name: str, low: float, high: float, rate: float = 0.36) -> float:
        """Return one value in low..high, that swings about ``rate`` times per stretch."""
        first, second = self._rng(name).random(2) * 2 * pi
        turn = 2 * pi * rate * self.at + first
        return low + (high - low) * (0.5 + 0.5 * sin(turn + 1.3 * cos(0.618 * turn + second)))

    def cast(self, name: str, *shape: int, rate: float = 0.12) -> Floats:
        """Return many values, each evenly spread over 0..1 and on a walk of its own."""
        rng = self._rng(name)
        speed = rng.uniform(-rate, rate, shape)
        return np.abs((rng.random(shape) + speed * self.at) % 1.0 * 2 - 1)

    def noise(self, name: str, x: Floats, y: Floats, scale: float, rate: float = 0.35) -> Floats:
        """Sample a smooth random surface with about ``scale`` hills per unit; its standard deviation is 1."""
        rng = self._rng(name)
        turns, waves = rng.random((3, 12)), np.zeros(np.broadcast(x, y).shape, np.float32)
        for heading, length, phase in turns.T:
            pitch = 2 * pi * scale * (0.45 + 0.9 * length)
            along = x * np.float32(cos(2 * pi * heading)) + y * np.float32(sin(2 * pi * heading))
            waves += np.sin(along * np.float32(pitch) + np.float32(2 * pi * (phase + rate * length * self.at)))
        return waves / np.float32(6**0.5)

    def spread(self, name: str, count: int, rate: float = 0.12) -> Floats:
        """Return points in -1..1, (count, 2), that keep apart from each other while they wander."""
        # Multiples of the inverse of the plastic number and of its square fill a square most evenly.
        even = (0.5 + np.arange(1, count + 1)[:, None] * [0.7548776662, 0.5698402910]) % 1.0 * 2 - 1
        wander: Floats = even + (self.cast(name, count, 2, rate=rate) - 0.5) * 0.9 / count**0.5
        return wander

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, crc32(name.encode())])
