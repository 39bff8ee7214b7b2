"""Numba, set up once: no GIL while compiled code runs, machine code kept between runs where a folder can be written."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call.

    Floating point stays strict (no reordering of sums), since results must not depend on the machine's mood.
    """
    try:
        jitted = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder for the cache can be written: compile anew in every process
        jitted = numba.njit(nogil=True)(function)
    return cast("Callable[P, R]", jitted)
