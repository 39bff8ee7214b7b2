"""What two pictures have in common: measured on pictures drawn here, told in whole sentences."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from service.likeness.traits import APART, LONG, Traits, in_common, read_traits, sentence

Draw = Callable[[ImageDraw.ImageDraw], object]
NOTHING = "Close as the embedder sees them, though nothing simple names it."


def saved(folder: Path, picture: Image.Image, name: str = "picture.jpg") -> Path:
    """Save a picture without what a low quality adds to it."""
    file = folder / name
    picture.save(file, quality=95, subsampling=0)
    return file


def drawn(folder: Path, ground: str, draw: Draw | None = None, size: tuple[int, int] = (256, 200)) -> Traits:
    """Return the traits of a plain ground with something on it."""
    picture = Image.new("RGB", size, ground)
    if draw is not None:
        draw(ImageDraw.Draw(picture))
    name = f"{len(list(folder.iterdir()))}.jpg"  # what was read once is remembered under its name
    found = read_traits(saved(folder, picture, name))
    assert found is not None
    return found


def noise(folder: Path, box: tuple[int, int, int, int] = (0, 0, 256, 200)) -> Traits:
    """Return the traits of grey ground with coarse noise in a box."""
    grain = np.random.default_rng(1).integers(0, 256, ((box[3] - box[1]) // 4, (box[2] - box[0]) // 4), dtype=np.uint8)
    picture = Image.new("L", (256, 200), 128)
    picture.paste(Image.fromarray(grain).resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.NEAREST), box[:2])
    found = read_traits(saved(folder, picture, f"noise{box}.jpg"))
    assert found is not None
    return found


def said(traits: Traits) -> set[str]:
    """Return what a picture has in common with itself, which is all that could be said of it, at most four."""
    return set(in_common(traits, traits))


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ("#000000", "black"),
        ("#1c1a18", "black"),
        ("#ffffff", "white"),
        ("#808080", "grey"),
        ("#b01818", "red"),
        ("#e8b0b8", "pink"),
        ("#f08020", "orange"),
        ("#f0d020", "yellow"),
        ("#f0e6cc", "cream"),
        ("#6b4423", "brown"),
        ("#c09040", "ochre"),
        ("#c8b496", "beige"),
        ("#6b6b23", "olive green"),
        ("#2f7d3b", "green"),
        ("#12295e", "deep blue"),
        ("#a8d0f0", "pale blue"),
        ("#2e6fc0", "blue"),
        ("#7040a0", "purple"),
    ],
)
def test_a_plain_colour_has_its_name(tmp_path: Path, color: str, name: str) -> None:
    assert drawn(tmp_path, color).palette == ((name, 1.0),)


def test_a_palette_gives_the_largest_first_and_leaves_out_accents(tmp_path: Path) -> None:
    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.rectangle((0, 0, 63, 199), fill="#2e6fc0")
        pen.rectangle((250, 190, 255, 199), fill="#b01818")

    palette = drawn(tmp_path, "#6b4423", draw).palette
    assert [name for name, _ in palette] == ["brown", "blue"]
    assert [share for _, share in palette] == pytest.approx([0.75, 0.25], abs=0.03)


def test_dark_and_light_pictures_are_told_apart(tmp_path: Path) -> None:
    dark, light = drawn(tmp_path, "#201810"), drawn(tmp_path, "#f4f0e8")
    assert "dark tones" in said(dark)
    assert "light tones" in said(light)
    assert not {"dark tones", "light tones"} & set(in_common(dark, light))
    assert not {"dark tones", "light tones"} & said(drawn(tmp_path, "#808080"))
    assert not any("black" in phrase for phrase in said(drawn(tmp_path, "#000000")))  # dark says it


def test_contrast_is_that_of_the_greys(tmp_path: Path) -> None:
    strong = drawn(tmp_path, "#000000", lambda pen: pen.rectangle((0, 0, 127, 199), fill="#ffffff"))
    assert strong.contrast == pytest.approx(0.5, abs=0.01)
    assert drawn(tmp_path, "#777777").contrast == pytest.approx(0, abs=0.01)


def test_blue_and_red_share_their_strength_but_no_colour(tmp_path: Path) -> None:
    blue, red = drawn(tmp_path, "#2040d0"), drawn(tmp_path, "#d02020")
    assert "strong colours" in in_common(blue, red)
    assert "blues" in said(blue)
    assert "reds" in said(red)
    assert not {"blues", "reds"} & set(in_common(blue, red))


def test_a_deep_and_a_pale_blue_are_both_blue(tmp_path: Path) -> None:
    deep, pale = drawn(tmp_path, "#12295e"), drawn(tmp_path, "#a8d0f0")
    assert "blues" in in_common(deep, pale)
    assert "deep blues" in said(deep)
    assert "blues" not in said(deep)


def test_several_colours_make_one_phrase(tmp_path: Path) -> None:
    earth = drawn(tmp_path, "#6b4423", lambda pen: pen.rectangle((0, 0, 99, 199), fill="#c09040"))
    assert "browns and ochres" in said(earth)


def test_a_phrase_names_three_colours_the_largest_first(tmp_path: Path) -> None:
    def draw(pen: ImageDraw.ImageDraw) -> None:
        for left, color in ((0, "#2e6fc0"), (60, "#b01818"), (110, "#7040a0")):
            pen.rectangle((left, 0, 255, 199), fill=color)
        pen.rectangle((206, 0, 255, 199), fill="#f0d020")

    assert "purples, blues, and yellows" in said(drawn(tmp_path, "#000000", draw))


def test_lines_in_either_direction_are_detail(tmp_path: Path) -> None:
    level = Image.new("L", (256, 192), 200)
    for y in range(0, 192, 16):
        level.paste(40, (0, y, 256, y + 8))
    upright = level.transpose(Image.Transpose.ROTATE_90)
    found = [read_traits(saved(tmp_path, picture, f"{picture.width}.jpg")) for picture in (level, upright)]
    assert all(traits is not None and traits.detail > 0.3 for traits in found)


def test_a_small_bright_thing_is_still_colour(tmp_path: Path) -> None:
    grey = drawn(tmp_path, "#909090")
    vase = drawn(tmp_path, "#909090", lambda pen: pen.ellipse((110, 70, 160, 140), fill="#c02020"))
    assert "almost no colour" in said(grey)
    assert "almost no colour" not in in_common(grey, vase)


def test_noise_is_fine_detail_and_a_plain_area_is_smooth(tmp_path: Path) -> None:
    busy, plain = noise(tmp_path), drawn(tmp_path, "#808080")
    assert busy.detail > 0.8
    assert plain.detail == plain.calm == 0
    assert "fine detail" in said(busy)
    assert "a plain surround" in said(plain)
    assert not {"fine detail", "a plain surround"} & set(in_common(busy, plain))


@pytest.mark.parametrize(
    ("box", "phrase"),
    [
        ((0, 0, 100, 200), "most detail on the left"),
        ((156, 0, 256, 200), "most detail on the right"),
        ((0, 0, 256, 80), "most detail in the upper half"),
        ((0, 120, 256, 200), "most detail in the lower half"),
    ],
)
def test_weight_lies_where_the_detail_is(tmp_path: Path, box: tuple[int, int, int, int], phrase: str) -> None:
    assert {words for words in said(noise(tmp_path, box)) if words.startswith("most detail")} == {phrase}


@pytest.mark.parametrize(
    ("box", "phrase", "opposite"),
    [
        ((0, 0, 127, 199), "more light on the left", "more light on the right"),
        ((128, 0, 255, 199), "more light on the right", "more light on the left"),
        ((0, 0, 255, 99), "a lighter upper part", "a darker upper part"),
        ((0, 100, 255, 199), "a darker upper part", "a lighter upper part"),
        ((70, 50, 185, 150), "a lighter middle", "a darker middle"),
    ],
)
def test_light_lies_where_it_was_drawn(
    tmp_path: Path, box: tuple[int, int, int, int], phrase: str, opposite: str
) -> None:
    light = drawn(tmp_path, "#603020", lambda pen: pen.rectangle(box, fill="#c0a080"))
    dark = drawn(tmp_path, "#c0a080", lambda pen: pen.rectangle(box, fill="#603020"))
    assert phrase in said(light)
    assert opposite in said(dark)
    assert not {phrase, opposite} & set(in_common(light, dark))


def test_symmetry_needs_two_like_halves_and_something_in_them(tmp_path: Path) -> None:
    vase = drawn(tmp_path, "#d0d0d0", lambda pen: pen.ellipse((88, 20, 168, 180), fill="#303030"))
    aside = drawn(tmp_path, "#d0d0d0", lambda pen: pen.ellipse((8, 20, 88, 180), fill="#303030"))
    sea = drawn(tmp_path, "#d0d0d0", lambda pen: pen.rectangle((0, 100, 255, 199), fill="#303030"))
    assert vase.symmetry > 0.95
    assert "near mirror symmetry" in said(vase)
    assert aside.symmetry < 0
    assert sea.symmetry == 0


def test_the_format_is_that_of_the_file(tmp_path: Path) -> None:
    shapes = {"a tall format": (120, 256), "a square format": (200, 200), "a wide format": (256, 120)}
    found = {phrase: drawn(tmp_path, "#807060", size=size) for phrase, size in shapes.items()}
    for phrase, traits in found.items():
        assert said(traits) & set(shapes) == {phrase}
    for a, b in combinations(found.values(), 2):
        assert not set(in_common(a, b)) & set(shapes)
    assert not said(drawn(tmp_path, "#807060", size=(256, 205))) & set(shapes)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "1", "P", "RGBA", "LA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (1, 256), (256, 1), (2, 2), (3000, 2)])
def test_every_kind_and_size_of_picture_is_measured(tmp_path: Path, mode: str, size: tuple[int, int]) -> None:
    file = tmp_path / "picture.tif"
    Image.new(mode, size).save(file)
    traits = read_traits(file)
    assert traits is not None
    assert traits.ratio == size[0] / size[1]
    assert all(np.isfinite(getattr(traits, name)) for name in Traits.__slots__ if name != "palette")


def test_what_cannot_be_read_has_no_traits(tmp_path: Path) -> None:
    whole = saved(tmp_path, Image.effect_noise((256, 200), 90)).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")
    (tmp_path / "empty.jpg").touch()
    for name in ("missing.jpg", "cut.jpg", "text.jpg", "empty.jpg", "."):
        assert read_traits(tmp_path / name) is None


def test_reading_is_the_same_each_time_and_remembered(tmp_path: Path) -> None:
    file = saved(tmp_path, Image.effect_noise((256, 200), 60))
    first = read_traits(file)
    assert read_traits(file) is first
    read_traits.cache_clear()
    assert read_traits(file) == first
    assert read_traits(saved(tmp_path, Image.open(file), "copy.png")) is not None


def test_the_order_of_two_pictures_is_no_matter(tmp_path: Path) -> None:
    grounds = ["#000000", "#6b4423", "#c09040", "#12295e", "#a8d0f0", "#ffffff", "#808080"]
    pictures = [
        drawn(tmp_path, ground, lambda pen: pen.rectangle((20, 0, 110, 150), fill="#b01818")) for ground in grounds
    ]
    told = [in_common(a, b) for a, b in combinations(pictures, 2)]
    assert told == [in_common(b, a) for a, b in combinations(pictures, 2)]
    assert any(told)
    assert all(len(phrases) <= 4 and len(set(phrases)) == len(phrases) for phrases in told)


def test_the_rarer_is_told_first(tmp_path: Path) -> None:
    pale = drawn(tmp_path, "#f0b8c4", size=(256, 120))
    told = in_common(pale, pale)
    assert told.index("pinks") < told.index("a wide format")


@pytest.mark.parametrize(
    ("common", "shared", "text"),
    [
        ((), {}, NOTHING),
        ((), {"style": " "}, NOTHING),
        (("dark tones",), {}, "Both have dark tones."),
        (("dark tones", "a tall format"), {}, "Both have dark tones and a tall format."),
        (("browns and ochres", "fine detail"), {}, "Both have browns and ochres, and fine detail."),
        (
            ("dark tones", "browns and ochres", "fine detail"),
            {"style": "Impressionism", "artist": "Claude Monet"},
            "Both are Impressionism, by Claude Monet; both have dark tones, browns and ochres, and fine detail.",
        ),
        ((), {"artist": "Berthe Morisot", "style": "Impressionism"}, "Both are Impressionism, by Berthe Morisot."),
        ((), {"artist": "Anon."}, "Both are by Anon."),
        ((), {"medium": "oil on canvas"}, "Both are in oil on canvas."),
        ((), {"collection": "Prints\nand Drawings"}, "Both are from Prints and Drawings."),
        ((), {"object_id": "18013"}, "Both are views of object 18013."),
        ((), {"place_made": "Edo"}, "Both share Place made: Edo."),
        ((), {"genre": "portrait", "style": "Baroque"}, "Both are Baroque and share Genre: portrait."),
        (("reds",), {"genre": "a", "place": "b"}, "Both share Genre: a, Place: b; both have reds."),
    ],
)
def test_a_sentence_says_all_it_was_given(common: tuple[str, ...], shared: dict[str, str], text: str) -> None:
    assert sentence(common, shared) == text


def test_two_far_apart_are_not_called_close() -> None:
    for unnamed in (APART, LONG):
        assert sentence((), {}, unnamed) == f"{unnamed}."
        assert "lose" not in unnamed
        assert sentence(("reds",), {}, unnamed) == sentence(("reds",), {})


@given(st.lists(st.sampled_from(["reds", "fine detail", "browns and ochres"])), st.dictionaries(st.text(), st.text()))
def test_a_sentence_is_never_empty_and_one_line(common: list[str], shared: dict[str, str]) -> None:
    text = sentence(common, shared)
    assert text.startswith(("Both ", "Close "))
    assert text.endswith(".")
    assert len(text.splitlines()) == 1
