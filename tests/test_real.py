"""The 3,082 real artworks, end to end: how much the neighbours know of style, and what a load reports."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from loaders.embedders.classic import vector_of
from loaders.images import read_picture
from stores.angles import unit
from stores.records import Vectors
from tests.made import RealCollection


def same_style(vectors: Vectors, styles: list[str]) -> float:
    """Share of the 5 nearest neighbours with the same style."""
    labels = np.array(styles)
    products = vectors @ vectors.T
    np.fill_diagonal(products, -2)
    nearest = np.argpartition(-products, 5, axis=1)[:, :5]
    return float((labels[nearest] == labels[:, None]).mean())


def _classic(path: Path) -> Vectors:
    return vector_of(read_picture(path).image)


@pytest.fixture(scope="module")
def classic(real: RealCollection, real_data: Path) -> Vectors:
    """Classic vectors in the order of the loaded ones."""
    files = [real_data / "artworks" / key for key in real.column("key")]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return np.array(list(pool.map(_classic, files, chunksize=64)))


def test_all_artworks_are_loaded(real: RealCollection) -> None:
    assert (real.report.added, len(real.report.quarantined), real.report.components) == (3082, 0, 1)
    assert real.report.columns == {name: name for name in ("filename", "title", "artist", "year", "style")}


def test_mobilenet_neighbours_share_their_style(real: RealCollection) -> None:
    """45.6 % measured; chance is 4.1 %."""
    assert same_style(real.vectors, real.column("style")) >= 0.45


def test_classic_neighbours_share_their_style(real: RealCollection, classic: Vectors) -> None:
    """38.8 % measured."""
    assert same_style(classic, real.column("style")) >= 0.378


def test_blended_neighbours_share_it_more_often_than_either(real: RealCollection, classic: Vectors) -> None:
    """50.5 % measured."""
    blended = unit(np.hstack([real.vectors, 0.6 * classic]))
    assert same_style(blended, real.column("style")) >= 0.495
