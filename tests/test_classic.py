"""The embedder without weights: golden numbers, laws, and constants that its script makes again."""

import pickle

import numpy as np
import pytest
from PIL import Image, ImageDraw

from loaders.embedders.classic import Classic, vector_of
from loaders.embedders.fit_classic import fit, make_picture
from stores.records import Vectors

GOLDEN = [0.024415, -0.03899, 0.111029, -0.042571, 0.007484, 0.014105]


def drawn(color: str, size: tuple[int, int] = (240, 160)) -> Image.Image:
    """Draw a disc and some lines."""
    image = Image.new("RGB", size, color)
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 30, 140, 130), fill="ivory")
    for x in range(0, size[0], 12):
        draw.line((x, 0, x + 40, size[1]), fill="black", width=2)
    return image


def angle(a: Vectors, b: Vectors) -> float:
    """Angle between two vectors in radians."""
    return float(np.arccos(np.clip(np.dot(a.astype(np.float64), b), -1, 1)))


def test_golden_values() -> None:
    assert vector_of(drawn("navy"))[:6].tolist() == pytest.approx(GOLDEN, abs=1e-5)


@pytest.mark.parametrize("color", ["white", "black", "gray", "red"])
def test_a_flat_picture_has_a_vector_of_unit_length(color: str) -> None:
    vector = vector_of(Image.new("RGB", (50, 70), color))
    assert np.linalg.norm(vector.astype(np.float64)) == pytest.approx(1, abs=1e-6)


def test_vectors_are_what_was_prepared_and_the_recipe_can_be_sent_to_workers() -> None:
    classic = Classic()
    prepare = pickle.loads(pickle.dumps(classic.prepare))  # noqa: S301 -- our own
    vectors = classic.embed([prepare(drawn("navy")), prepare(drawn("olive"))])
    assert vectors.shape == (2, classic.facts.dimension)
    assert vectors.dtype == np.float32
    assert (vectors[0] == vector_of(drawn("navy"))).all()
    assert classic.embed([]).shape == (0, classic.facts.dimension)


def test_color_and_texture_are_seen() -> None:
    blue, red = vector_of(drawn("navy")), vector_of(drawn("darkred"))
    assert angle(vector_of(drawn("midnightblue")), blue) < angle(vector_of(drawn("midnightblue")), red)
    assert angle(blue, vector_of(Image.new("RGB", (240, 160), "navy"))) > angle(blue, red)


def test_the_size_of_a_picture_hardly_matters() -> None:
    image = make_picture(np.random.default_rng(1)).resize((512, 512), Image.Resampling.BICUBIC)
    assert (
        angle(vector_of(image), vector_of(image.resize((256, 256), Image.Resampling.BOX)))
        < Classic().facts.near_duplicate
    )


def test_fitting_is_deterministic() -> None:
    first, second = fit(120), fit(120)
    assert first.keys() == second.keys()
    for name, values in first.items():
        assert (values == second[name]).all()
