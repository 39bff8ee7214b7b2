"""The classic embedder: what it sees, that it always sees the same, and that its constants are always the same."""

import math
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from loaders.embedders import fit_classic
from loaders.embedders.classic import NEAR_DUPLICATE, Classic, vector_of
from loaders.embedders.features import SIDE, to_lab

WHITE, BLACK, GREY = (255, 255, 255), (0, 0, 0), (128, 128, 128)
RED, BLUE, NAVY = (200, 30, 30), (30, 40, 200), (30, 60, 150)

GOLDEN = [-0.022486, -0.087436, -0.034250, 0.019879, 0.017875, 0.063065, -0.098670, -0.023084]
"""The first numbers for ``drawing()``."""


def drawing() -> Image.Image:
    """A red disc and a line on a blue ground, lighter to the right; larger than what is measured."""
    image = Image.new("RGB", (400, 300), NAVY)
    draw = ImageDraw.Draw(image)
    for x in range(400):
        draw.line([(x, 200), (x, 300)], fill=(x // 2, 120, 60))
    draw.ellipse([60, 40, 220, 200], fill=RED)
    draw.line([(250, 20), (390, 180)], fill=WHITE, width=9)
    return image


def flat(color: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (50, 70), color)


def grained(color: tuple[int, int, int], step: int, seed: int = 0) -> Image.Image:
    """A colour with random patches, ``step`` pixels wide."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(-40, 40, (SIDE // step, SIDE // step, 1)).repeat(step, 0).repeat(step, 1)
    return Image.fromarray(np.clip(np.array(color) + patches, 0, 255).astype(np.uint8))


def apart(a: Image.Image, b: Image.Image) -> float:
    """Angle between two pictures, in radians."""
    return 2 * math.asin(min(1.0, float(np.linalg.norm(vector_of(a).astype(np.float64) - vector_of(b))) / 2))


def test_golden_values() -> None:
    assert vector_of(drawing())[: len(GOLDEN)].tolist() == pytest.approx(GOLDEN, abs=1e-5)


def test_lab_is_that_of_the_norm() -> None:
    """White, black and the primaries of sRGB under D65, to the two decimals commonly tabulated."""
    rgb = np.array([WHITE, BLACK, (255, 0, 0), (0, 255, 0), (0, 0, 255)], dtype=np.uint8)
    expected = [(100, 0, 0), (0, 0, 0), (53.24, 80.09, 67.20), (87.73, -86.18, 83.18), (32.30, 79.19, -107.86)]
    np.testing.assert_allclose(to_lab(rgb), expected, atol=0.01)


@pytest.mark.parametrize("image", [drawing(), *map(flat, (WHITE, BLACK, GREY, RED)), Image.new("RGB", (1, 1))])
def test_every_picture_has_a_unit_vector(image: Image.Image) -> None:
    vector = vector_of(image)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector.astype(np.float64)) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("size", [(1, 500), (3000, 20), (7, 5)])
def test_pictures_of_any_shape_are_embedded(size: tuple[int, int]) -> None:
    vector = vector_of(drawing().resize(size))
    assert vector.shape == (Classic().facts.dimension,)
    assert np.isfinite(vector).all()


def test_the_same_picture_gives_the_same_bits_here_and_in_a_worker() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(vector_of, drawing()).result(timeout=60)
    assert vector_of(drawing()).tobytes() == vector_of(drawing()).tobytes() == there.tobytes()


def test_blue_is_nearer_to_blue_than_to_red() -> None:
    assert apart(grained(BLUE, 8), grained(NAVY, 8, seed=1)) < apart(grained(BLUE, 8), grained(RED, 8))


def test_equal_texture_is_nearer_than_another() -> None:
    assert apart(grained(GREY, 2), grained(GREY, 2, seed=1)) < apart(grained(GREY, 2), grained(GREY, 16))


def test_level_and_upright_stripes_differ() -> None:
    stripes = Image.fromarray(np.tile(np.repeat([40, 200], 8).astype(np.uint8), (128, 8)))
    level, upright = stripes.transpose(Image.Transpose.ROTATE_90).convert("RGB"), stripes.convert("RGB")
    assert apart(level, upright) > NEAR_DUPLICATE


def test_a_smaller_copy_is_a_near_duplicate() -> None:
    assert apart(drawing(), drawing().resize((200, 150))) < NEAR_DUPLICATE < apart(drawing(), grained(NAVY, 4))


def test_what_is_prepared_is_merely_stacked() -> None:
    embedder = Classic()
    prepare = pickle.loads(pickle.dumps(embedder.prepare))  # noqa: S301 -- our own
    prepared = [prepare(flat(RED)), prepare(drawing())]
    assert embedder.embed(prepared).tobytes() == b"".join(vector.tobytes() for vector in prepared)
    assert embedder.embed([]).shape == (0, embedder.facts.dimension)


def test_the_facts_name_the_constants() -> None:
    facts = Classic().facts
    assert (facts.name, facts.dimension, facts.licence) == ("classic", 192, "Apache-2.0")
    assert len(facts.checkpoint) == 64
    assert fit_classic.FILE.stat().st_size < 300_000


def test_the_fit_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    """With few pictures, and more than there are directions: the shipped file takes a minute."""
    for name in ("one.npz", "two.npz"):
        fit_classic.write(fit_classic.fit(60), tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz") as small, np.load(fit_classic.FILE) as shipped:
        assert {name: small[name].shape for name in small} == {name: shipped[name].shape for name in shipped}


def test_the_sign_of_nothing_is_not_written(tmp_path: Path) -> None:
    """A decomposition leaves it open; it changed with the number of BLAS threads."""
    for name, nothing in (("plus.npz", 0.0), ("minus.npz", -0.0), ("hardly.npz", -1e-12)):
        fit_classic.write({"color_mean": np.array([nothing, 1.0])}, tmp_path / name)
    assert len({file.read_bytes() for file in tmp_path.iterdir()}) == 1
    with np.load(fit_classic.FILE) as shipped:
        assert not any((np.signbit(shipped[name]) & (shipped[name] == 0)).any() for name in shipped)
