"""Draws a gallery of invented artworks, each much like the next, for a demonstration without downloads."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from loaders.gallery.captions import COLUMNS, caption
from loaders.gallery.works import Work, works

_WORTH_A_POOL: Final = 64
"""Fewer pictures are drawn sooner than other processes have started."""


def draw_gallery(folder: Path, count: int = 640, seed: int = 1, progress: Callable[[int], None] | None = None) -> None:
    """Draw pictures and write ``metadata.csv`` into a folder.

    The same count and seed give the same bytes, on however many processor cores. Other processes are started
    for it, so a script that calls this needs the usual ``if __name__ == "__main__"``.

    Args:
        folder: is made if it is missing; files of the same names are replaced.
        count: of pictures.
        seed: of everything random.
        progress: is told, after each picture, how many are drawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    gallery = works(count, seed)
    for done, _ in enumerate(_drawn(gallery, folder), start=1):
        if progress is not None:
            progress(done)
    _write_metadata(gallery, folder / "metadata.csv")


def _drawn(gallery: Sequence[Work], folder: Path) -> Iterator[None]:
    """Draw each work; yields after each."""
    draw = partial(Work.draw, folder=folder)
    cores = os.cpu_count() or 1
    if cores == 1 or len(gallery) < _WORTH_A_POOL:
        yield from map(draw, gallery)
        return
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        yield from pool.map(draw, gallery, chunksize=4)


def _write_metadata(gallery: Sequence[Work], path: Path) -> None:
    rows = [caption(work) for work in gallery]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
