"""The angle between two unit vectors, defined once for everything that compares them."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stores.compiled import compiled
from stores.records import Floats, Vectors


@compiled
def angle(a: Vectors, b: Vectors) -> float:
    """Angle between two unit vectors in radians: ``2·arcsin(‖a-b‖/2)`` in float64.

    Unlike arccos of the dot product it is exact near zero (Kahan 2006, "How futile are mindless
    assessments of roundoff", section 12). Four sums in a fixed order: quick, and always the same bits.
    """
    s0 = s1 = s2 = s3 = 0.0
    whole = len(a) - len(a) % 4
    for i in range(0, whole, 4):
        d0 = np.float64(a[i]) - np.float64(b[i])
        d1 = np.float64(a[i + 1]) - np.float64(b[i + 1])
        d2 = np.float64(a[i + 2]) - np.float64(b[i + 2])
        d3 = np.float64(a[i + 3]) - np.float64(b[i + 3])
        s0 += d0 * d0
        s1 += d1 * d1
        s2 += d2 * d2
        s3 += d3 * d3
    for i in range(whole, len(a)):
        d0 = np.float64(a[i]) - np.float64(b[i])
        s0 += d0 * d0
    return 2.0 * math.asin(min(1.0, math.sqrt((s0 + s1) + (s2 + s3)) / 2.0))


@compiled
def angles(left: Vectors, right: Vectors) -> Floats:
    """Angle between row i of ``left`` and row i of ``right``: two (n, dimension) arrays give (n,) radians."""
    result = np.empty(len(left))
    for i in range(len(left)):
        result[i] = angle(left[i], right[i])
    return result


@compiled
def angles_to(vectors: Vectors, point: Vectors) -> Floats:
    """Angle of each row of (n, dimension) ``vectors`` to one (dimension,) ``point``: (n,) radians."""
    result = np.empty(len(vectors))
    for i in range(len(vectors)):
        result[i] = angle(vectors[i], point)
    return result


def dot_error(dimension: int) -> float:
    """Bound on how far a float32 dot product of two unit vectors is from the exact one.

    ``n·u`` with u = 2^-24 for any order of summing (Higham, Accuracy and Stability, section 3.1), and
    1e-6 for lengths that are only as near to one as float32 allows.
    """
    return dimension * 2.0**-24 + 1e-6


def unit(vectors: NDArray[np.floating[Any]]) -> Vectors:
    """Scale the rows of an (n, dimension) array to unit length, as float32.

    A row whose length is one as far as float32 can tell is left as it is, bit for bit, so that a vector
    that is written, exported and loaded again stays the same vector.
    """
    wide = np.asarray(vectors, dtype=np.float64)
    length = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    length[np.abs(length - 1.0) < 1e-6] = 1.0  # noqa: PLR2004 -- ten float32 roundings of the length
    return np.asarray(wide / length[:, None], dtype=np.float32)
