"""The strip: promised size, equal heights, captions that stay in their cells, and no empty boxes."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import fontpkg_noto_sans
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngImageFile

from service import fonts
from service.fonts import Typeface, drawable
from service.plates import Plate, alt_text
from service.strip import render_strip, strip_size
from stores.artwork import Artwork
from stores.errors import BadInput

LIGHT, DARK = (248, 247, 244), (23, 22, 21)
CJK_TITLE = "溪山行旅圖"
LONG = "Portrait of a lady with an unusually long title that goes on, and on, and on, for many more words " * 3
FACE = Typeface(19, 500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plain coloured pictures, named by what is odd about them."""
    home = tmp_path_factory.mktemp("images")
    shapes = {"wide": (20_000, 1), "tall": (1, 20_000), "square": (120, 120), "large": (1600, 1200)}
    for name, size in shapes.items():
        Image.new("RGB", size, "#2060a0").save(home / f"{name}.jpg", quality=95)
    whole = (home / "large.jpg").read_bytes()
    (home / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    (home / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    return home


@pytest.fixture
def only_noto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that has no font but the one the project brings."""
    files = tuple((Path(fontpkg_noto_sans.__file__).parent / "files").glob("NotoSans[[]*"))
    monkeypatch.setattr(fonts, "font_files", lambda: iter(files))
    yield from _forgotten()


@pytest.fixture
def no_shaping(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without libfribidi."""
    monkeypatch.setattr(fonts, "shapes", lambda: False)
    yield from _forgotten()


def _forgotten() -> Iterator[None]:
    """Clear what was cached about the other fonts, before and after a test."""
    for _ in range(2):
        for cached in ("drawable", "_file_for", "_width"):
            getattr(fonts, cached).cache_clear()
        if _ == 0:
            yield


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def drawn(text: str, face: Typeface = FACE) -> Image.Image:
    canvas = Image.new("RGB", (600, 60), "white")
    face.draw(canvas, (40, 40), text, "black")
    return canvas


def same(a: Image.Image, b: Image.Image) -> bool:
    return ImageChops.difference(a, b).getbbox() is None


def cells(image: Image.Image, row: int, ground: tuple[int, int, int] = LIGHT) -> list[tuple[int, int]]:
    """Return (left, right) of every stretch in a row of pixels that is not ground."""
    filled = [image.getpixel((x, row)) != ground for x in range(image.width)]
    edges = [x for x in range(1, image.width) if filled[x] != filled[x - 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))


def plates(*sizes: tuple[int, int], title: str = "Title") -> list[Plate]:
    return [Plate(None, size, title, ("Artist",), "1889") for size in sizes]


# --- size and layout ------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 20_000), st.integers(1, 20_000)), min_size=1, max_size=12),
    height=st.integers(160, 240),
    max_width=st.integers(320, 1500),
    title=st.text(max_size=60),
)
def test_the_promised_size_is_the_size(sizes: list[tuple[int, int]], height: int, max_width: int, title: str) -> None:
    made = plates(*sizes, title=title)
    image = opened(render_strip(made, height=height, max_width=max_width))
    assert image.size == strip_size(made, height=height, max_width=max_width)
    assert image.width <= max_width


def test_the_size_is_known_without_the_pictures(tmp_path: Path) -> None:
    missing = [Plate(tmp_path / f"{n}.jpg", (400, 300), "A") for n in range(7)]
    margin, gap, caption = 51, 36, 26 + 13
    assert strip_size(missing, height=300) == (
        margin + 4 * 400 + 3 * gap + margin,
        margin + 2 * (300 + caption + margin),
    )


def test_equal_input_gives_equal_bytes(folder: Path) -> None:
    made = [Plate(folder / "large.jpg", (1600, 1200), "Água", ("Ω",)), *plates((1, 1))]
    assert render_strip(made, steps=[0.5]) == render_strip(made, steps=[0.5])


def test_pictures_have_equal_heights(folder: Path) -> None:
    shapes = {"square": (120, 120), "large": (1600, 1200), "wide": (20_000, 1), "tall": (1, 20_000)}
    made = [Plate(folder / f"{name}.jpg", size) for name, size in shapes.items()]
    image = opened(render_strip(made, height=200))
    margin = cells(image, 100)[0][0]
    for left, right in cells(image, margin + 50):
        column = [image.getpixel(((left + right) // 2 + 5, y)) != LIGHT for y in range(image.height)]
        assert column.index(True) == margin
        assert all(column[margin : margin + 200])
        assert not column[margin + 200]


def test_the_picture_fills_a_cell_of_its_shape(folder: Path) -> None:
    image = opened(render_strip([Plate(folder / "large.jpg", (1600, 1200))], height=300))
    ((left, right),) = cells(image, 150)
    assert right - left == 400
    blue = image.getpixel((left + 3, 150))
    assert isinstance(blue, tuple)
    assert all(abs(a - b) < 4 for a, b in zip(blue, (0x20, 0x60, 0xA0), strict=True))


@pytest.mark.parametrize("name", ["wide", "tall"])
def test_extreme_pictures_keep_a_bounded_cell(folder: Path, name: str) -> None:
    size = {"wide": (20_000, 1), "tall": (1, 20_000)}[name]
    image = opened(render_strip([Plate(folder / f"{name}.jpg", size)], height=300))
    left, right = cells(image, 60)[0][0], cells(image, 60)[-1][1]
    assert 150 <= right - left <= 750
    middle = image.crop((left + 20, 55, right - 20, 51 + 295)).getcolors(1000)
    assert middle is not None
    assert len(middle) > 1  # the panel, and a line of picture


def test_fifty_artworks_wrap_into_even_rows() -> None:
    made = plates(*[(3, 4), (4, 3), (1, 1)] * 16, (1, 1), (1, 1))
    image = opened(render_strip(made, height=200, max_width=1600))
    assert (image.width, image.height) == strip_size(made, height=200, max_width=1600)
    assert image.width <= 1600
    assert image.height > 1200
    wide, _ = strip_size(plates(*[(1, 1)] * 8), height=200, max_width=1600)
    assert wide == 34 + 4 * 200 + 3 * 24 + 34  # eight need two rows: four and four, not six and two


def test_two_artworks_stand_in_one_row() -> None:
    assert len(cells(opened(render_strip(plates((1, 1), (1, 1)))), 100)) == 2


@pytest.mark.parametrize(
    ("count", "height", "max_width", "names"),
    [(0, 300, 2600, {"artworks"}), (121, 300, 2600, {"artworks"}), (2, 159, 5000, {"height", "max_width"})],
)
def test_what_is_out_of_range_is_named(count: int, height: int, max_width: int, names: set[str]) -> None:
    with pytest.raises(BadInput) as caught:
        strip_size(plates(*[(1, 1)] * count), height=height, max_width=max_width)
    assert {name for name, _ in caught.value.problems} == names


# --- gaps, themes, steps --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["broken.jpg", "cut.jpg", "missing.jpg", ""])
def test_what_cannot_be_opened_is_a_titled_gap(folder: Path, name: str) -> None:
    broken = Plate(folder / name, (1600, 1200), "Title", ("Artist",), "1889")
    assert render_strip([broken]) == render_strip(plates((1600, 1200)))


def test_a_bomb_is_a_titled_gap(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100_000)
    bomb = Plate(folder / "large.jpg", (1600, 1200), "Title", ("Artist",), "1889")
    assert render_strip([bomb]) == render_strip(plates((1600, 1200)))


def test_the_note_stands_in_the_gap() -> None:
    silent, noted = (opened(render_strip([Plate(note=note)])) for note in ("", "Taken down"))
    box = ImageChops.difference(silent, noted).getbbox()
    assert box is not None
    assert box[3] < 51 + 300


def test_the_dark_theme_is_dark() -> None:
    light, dark = (opened(render_strip(plates((1, 1)), theme=theme)) for theme in ("light", "dark"))
    assert (light.getpixel((0, 0)), dark.getpixel((0, 0))) == (LIGHT, DARK)
    assert light.size == dark.size


def test_closer_steps_have_larger_dots() -> None:
    made = plates(*[(1, 1)] * 4)
    image = opened(render_strip(made, steps=[0.2, 1.5, None]))
    middle = 51 + 150
    dots = [right - left for left, right in cells(image, middle) if right - left < 50]
    assert len(dots) == 2
    assert dots[0] > dots[1] > 0


def test_odd_weights_are_harmless() -> None:
    assert render_strip(plates(*[(1, 1)] * 4), steps=[float("nan"), float("inf"), -1.0, 3.0, 4.0])


# --- captions -------------------------------------------------------------------------------------


def test_captions_stay_within_their_cells() -> None:
    for title in (LONG, "W" * 300, CJK_TITLE * 30, "لوحة زرقاء " * 30):
        image = opened(render_strip([Plate(None, (4, 5), title, (title,), title) for _ in range(3)]))
        found = cells(image, 55)
        assert len(found) == 3
        for (_, left), (right, _) in pairwise(found):
            gap = image.crop((left + 1, 0, right - 1, image.height))
            assert gap.getcolors() == [(gap.width * gap.height, LIGHT)]


def test_a_long_title_is_cut_with_an_ellipsis() -> None:
    lines = FACE.lines(drawable(LONG), 200, 3)
    assert len(lines) == 3
    assert lines[2].endswith("…")
    assert not any(line.endswith("…") for line in lines[:2])
    assert strip_size(plates((4, 5), title=LONG)) == strip_size(plates((4, 5), title=LONG * 2))


@given(text=st.text(max_size=120), width=st.integers(40, 400))
@settings(deadline=None)
def test_no_line_is_wider_than_asked(text: str, width: int) -> None:
    lines = FACE.lines(drawable(text), width, 3)
    assert len(lines) <= 3
    assert all(FACE.width(line) <= width for line in lines)


def test_lines_break_at_spaces_and_are_balanced() -> None:
    assert FACE.lines("Study for the creation of the world", 230, 3) == (
        "Study for the",
        "creation of the world",
    )
    assert FACE.lines("short", 230, 3) == ("short",)
    assert FACE.lines("", 230, 3) == ()


def test_the_name_stands_in_for_a_title() -> None:
    named, titled = Plate(name="1888.12"), Plate(title="1888.12")
    assert render_strip([named]) == render_strip([titled])
    assert render_strip([Plate()]) == render_strip([Plate(title="Untitled")])


def test_a_plate_is_made_from_an_artwork() -> None:
    artwork = Artwork("id", "k", title="T", artists=("A", "B"), date_text="1900", images={"medium": (30, 20)})
    assert Plate.of(artwork, None) == Plate(None, (30, 20), "T", ("A", "B"), "1900", "k")


def test_the_alt_text_names_both_ends() -> None:
    ends = [Plate(title="Irises", artists=("Van Gogh",)), *plates((1, 1)), Plate(name="1888.12")]
    assert alt_text(ends) == "Path of 3 artworks from Irises by Van Gogh to 1888.12"
    assert alt_text(ends[:1]) == "Irises by Van Gogh"
    assert Image.open(BytesIO(render_strip(ends))).info["Description"] == alt_text(ends)


# --- no empty boxes -------------------------------------------------------------------------------


@given(st.text())
@settings(deadline=None)
def test_what_is_drawn_has_a_glyph(text: str) -> None:
    known = frozenset[int]().union(*(_cmap(file) for file in fonts.font_files()))
    assert {ord(letter) for letter in drawable(text)} <= known


_CMAPS: dict[Path, frozenset[int]] = {}


def _cmap(file: Path) -> frozenset[int]:
    if file not in _CMAPS:
        with TTFont(file, fontNumber=0, lazy=True) as font:
            _CMAPS[file] = frozenset(font.getBestCmap())
    return _CMAPS[file]


@pytest.mark.parametrize("odd", ["\U0010ffff", "\ue000", "\u202e", "\ufeff", "\u00ad", "\x07", "\ud800"])
def test_no_font_draws_nonsense(odd: str) -> None:
    assert drawable(odd) == ""
    assert drawable(f"A{odd}b") == "Ab"
    assert same(drawn(f"A{odd}b"), drawn("Ab"))


@pytest.mark.usefixtures("only_noto")
def test_without_a_font_letters_are_left_out() -> None:
    assert drawable("🖼") == ""
    assert drawable("Blue 🖼 boat") == "Blue boat"
    assert drawable(CJK_TITLE) == ""
    assert drawable(f"{CJK_TITLE}, 2") == ""
    assert drawable(f"Amphora ({CJK_TITLE})") == "Amphora"
    assert drawable("1889") == "1889"


@pytest.mark.usefixtures("only_noto")
def test_a_title_without_a_font_falls_back_to_the_name() -> None:
    keyed, unnamed = Plate(title=CJK_TITLE, name="k1"), Plate(title=CJK_TITLE, name=CJK_TITLE)
    assert same(*(opened(render_strip([plate])) for plate in (keyed, Plate(title="k1"))))
    assert same(*(opened(render_strip([plate])) for plate in (unnamed, Plate(title="Untitled"))))
    assert alt_text([keyed]) == CJK_TITLE


@pytest.mark.usefixtures("only_noto")
@pytest.mark.parametrize("text", ["Αθήνα", "Утро", "Đà Nẵng", "Éowyn", "q\u0301", "№ 5—“x”…"])
def test_greek_cyrillic_and_accents_are_letters(text: str) -> None:
    assert drawable(text) == text
    boxes = [drawn_raw("\U0010ffff" * n) for n in range(len(text) + 1)]
    assert not any(same(drawn(text), box) for box in boxes)


def drawn_raw(text: str) -> Image.Image:
    """Draw without asking whether the font can: this is what an empty box looks like."""
    with pytest.MonkeyPatch.context() as patch:
        file = next(fonts.font_files())
        patch.setattr(fonts, "_runs", lambda _: [(file, text)])
        return drawn(text)


def test_marks_stay_with_their_letters() -> None:
    assert drawable("\u0301abc") == "abc"
    assert drawable("e\u0301") == "é"
    assert len(drawable("e" + "\u0323" * 50)) < 6


@pytest.mark.usefixtures("no_shaping")
def test_without_shaping_complex_scripts_are_left_out() -> None:
    assert drawable("שקיעה") == drawable("لوحة") == drawable("चित्र") == ""
    assert drawable("Утро") == "Утро"
    assert drawn("Утро").getbbox()


def test_chinese_is_drawn_where_there_is_a_font() -> None:
    if not drawable(CJK_TITLE):
        pytest.skip("no Chinese font on this machine: install the extra cjk")
    assert drawable(f"Travellers {CJK_TITLE}") == f"Travellers {CJK_TITLE}"
    assert not same(drawn("溪"), drawn("山"))
    assert len(FACE.lines(CJK_TITLE, 50, 5)) > 1


def test_ideographs_take_the_shapes_of_their_language() -> None:
    spoken = [fonts.language_of(text) for text in ("富嶽の景", "꿈 夢", CJK_TITLE, "Fuji")]
    assert spoken == (["ja", "ko", "zh-Hans", None] if fonts.shapes() else [None] * 4)


def test_a_run_right_to_left_stands_left_of_what_came_before() -> None:
    if not (fonts.shapes() and drawable("שקיעה")):
        pytest.skip("no Hebrew font or no libfribidi on this machine")
    box = ImageChops.invert(drawn("שקיעה Klee")).getbbox()
    assert box is not None
    assert box[2] - box[0] == pytest.approx(FACE.width("שקיעה Klee"), abs=4)


def test_credit_and_rights_are_drawn_under_a_picture_and_written_whole_into_the_file() -> None:
    bare = plates((4, 5))
    told = [replace(bare[0], attribution="Gift of many people, " * 30)]
    png = render_strip(told)
    assert opened(png).height > opened(render_strip(bare)).height
    assert opened(png).size == strip_size(told)
    with Image.open(BytesIO(png)) as image:
        assert isinstance(image, PngImageFile)
        assert image.text["Copyright"] == f"Title by Artist: {told[0].attribution}"
    with Image.open(BytesIO(render_strip(bare))) as image:
        assert "Copyright" not in image.info
