"""Which font can draw a text: never an empty box where a letter should be.

Latin, Greek, Cyrillic and Devanagari come from the package ``fontpkg-noto-sans``. For Chinese, Japanese and
Korean a package is used where one is installed (the extra ``cjk``), for everything else whatever the usual
folders of the system hold. What no font can draw is left out, and the caller falls back to another text.
"""
# ruff: noqa: RUF001 - full-width punctuation and dashes are meant

import os
import re
import sys
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont, TTLibError
from PIL import Image, ImageDraw, ImageFont, features

PACKAGES = (  # best first; all but the first are used where somebody installed them
    *("fontpkg_noto_sans", "manimgx_fonts_cjk", "noto_cjk_sans_otc"),
    *("fontpkg_noto_sans_arabic", "fontpkg_noto_sans_thai", "fontpkg_noto_sans_tamil"),
)
SYSTEM_FONTS = (  # best first; one file per name, wherever it lies below a font folder
    *("NotoSansCJK-VF.otf.ttc", "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf"),
    *("SourceHanSans.ttc", "SourceHanSans-Regular.ttc", "SourceHanSansSC-Regular.otf"),
    *("PingFang.ttc", "Hiragino Sans GB.ttc", "ヒラギノ角ゴシック W3.ttc", "AppleSDGothicNeo.ttc"),
    *("msyh.ttc", "YuGothM.ttc", "malgun.ttf", "simsun.ttc"),
    *("wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf"),
    *("NotoSansArabic-Regular.ttf", "NotoSansHebrew-Regular.ttf", "NotoSansThai-Regular.ttf"),
    *("Arial Unicode.ttf", "segoeui.ttf", "leelawui.ttf", "Nirmala.ttc", "seguisym.ttf", "DejaVuSans.ttf"),
)
LONGEST = 400  # characters: three lines of the widest cell hold fewer
ELLIPSIS = "…"

_FINE = 4  # letters are drawn larger by this: at text size FreeType rounds their distances to whole pixels
_JOINERS = "\u200c\u200d"
_MARKS = 3  # per letter: more is no language but a prank, and would run into the neighbouring lines
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_OPEN, _CLOSE = "「『（【〈《〔", "」』）】〉》〕、。，．・：；！？ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
# Lines may end after a space, after a hyphen or dash, and between ideographs (but not before a full stop).
_PIECES = re.compile(rf"[{_OPEN}]*[{_CJK}][{_CLOSE}]*\s*|[^\s{_CJK}/_–—-]*[/_–—-]+\s*|[^\s{_CJK}/_–—-]+\s*|\s+")
_HOLLOW = re.compile(r"[(\[{（「『【〈《“\"']\s*[)\]}）」』】〉》”\"']")
_COMPLEX = re.compile("[\u0590-\u109f\u1780-\u18af\u1a00-\u1cff\ua840-\uabff\ufb1d-\ufdff\ufe70-\ufefe]")


def font_files() -> Iterator[Path]:
    """Yield the fonts there are, best first; the system's folders are only walked when asked that far."""
    yield from _package_files()
    yield from _system_files()


@cache
def _package_files() -> tuple[Path, ...]:
    specs = (find_spec(name) for name in PACKAGES)
    roots = [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin]
    return tuple(f for root in roots for f in sorted(root.rglob("*.[to]t[fc]")) if "Italic" not in f.name)


@cache
def _system_files() -> tuple[Path, ...]:
    found: dict[str, Path] = {}
    for folder in _system_folders():
        for where, _, names in os.walk(folder):
            found |= {name: Path(where, name) for name in names if name in SYSTEM_FONTS and name not in found}
    return tuple(found[name] for name in SYSTEM_FONTS if name in found)


def _system_folders() -> tuple[Path, ...]:
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is no home
    if sys.platform == "win32":
        windows, local = os.environ.get("WINDIR", r"C:\Windows"), os.environ.get("LOCALAPPDATA", "")
        return (Path(windows, "Fonts"), *([Path(local, "Microsoft/Windows/Fonts")] if local else []))
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    users = (home / ".local/share/fonts", home / ".fonts")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), *users)


@cache
def _characters(file: Path) -> frozenset[int]:
    try:
        with TTFont(file, fontNumber=0, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError, KeyError, AssertionError):  # a damaged font draws nothing
        return frozenset()


@lru_cache(maxsize=20_000)
def _file_for(cluster: str) -> Path | None:
    """Return the best font that has the letter with all its marks, or None."""
    if cluster[0] in _JOINERS or unicodedata.category(cluster[0])[0] in "MC":
        return None  # a mark without its letter, private use, unassigned
    if _COMPLEX.search(cluster) and not shapes():
        return None  # unjoined Arabic, backward Hebrew and loose vowel signs are worse than no title
    return next((f for f in font_files() if _covers(f, cluster)), None)


def _covers(file: Path, cluster: str) -> bool:
    return all(ord(letter) in _characters(file) for letter in cluster)


@cache
def shapes() -> bool:
    """Whether Pillow can shape and order complex scripts here; it needs libfribidi from the system."""
    return bool(features.check("raqm"))


def _clusters(text: str) -> list[str]:
    """Split a text into letters with their combining marks."""
    found: list[str] = []
    for letter in text:
        if not found or (unicodedata.category(letter)[0] != "M" and letter not in _JOINERS):
            found.append(letter)
        elif len(found[-1]) <= _MARKS:
            found[-1] += letter
    return found


def _drawn(cluster: str) -> str:
    """Return the cluster, else its bare letter, else nothing: what some font can draw."""
    return next((part for part in (cluster, cluster[0]) if _file_for(part) is not None), "")


@lru_cache(maxsize=4096)
def drawable(text: str) -> str:
    """Return what can be drawn of a text, on one line; empty when too little is left to be read.

    Brackets that became empty go too, so "Amphora (三彩瓶)" without a Chinese font is "Amphora".
    """
    plain = " ".join(unicodedata.normalize("NFC", text[:LONGEST]).split())
    kept = "".join(map(_drawn, _clusters(plain)))
    if kept == plain:
        return plain
    rest = " ".join(_HOLLOW.sub("", kept).split()).strip(" ,;:·•/|-–—")
    lost = sum(map(str.isalpha, kept)) < sum(map(str.isalpha, plain))
    return rest if any(map(str.isalpha, rest)) or not lost else ""


def _runs(text: str) -> list[tuple[Path, str]]:
    """Split a drawable text by font, in the order in which the runs are drawn from left to right."""
    chosen: list[tuple[Path, str]] = []
    for cluster in _clusters(text):
        best = _file_for(cluster)
        if best is None:
            continue
        if chosen and _stays(chosen[-1][0], best, cluster):
            best = chosen[-1][0]
        chosen.append((best, cluster))
    grouped = groupby(chosen, key=itemgetter(0))
    runs = [(file, "".join(cluster for _, cluster in pairs)) for file, pairs in grouped]
    return runs[::-1] if _right_to_left(text) else runs


def _stays(current: Path, best: Path, cluster: str) -> bool:
    """Spaces and signs keep the font of the letters before them; so do letters outside the first font."""
    return (not cluster[0].isalpha() or best != next(font_files())) and _covers(current, cluster)


def _right_to_left(text: str) -> bool:
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def language_of(text: str) -> str | None:
    """Return the language whose shapes of the shared ideographs fit: pan-CJK fonts hold all of them."""
    if not shapes():
        return None  # Pillow refuses a language then
    if re.search("[\u3040-\u30ff]", text):
        return "ja"
    if re.search("[\uac00-\ud7af]", text):
        return "ko"
    return "zh-Hans" if re.search(f"[{_CJK}]", text) else None


@lru_cache(maxsize=64)
def _font(file: Path, size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(file, size)
    try:
        axes = font.get_variation_axes()
    except OSError:  # not a variable font
        return font
    font.set_variation_by_axes([weight if a["name"] == b"Weight" else a["default"] or 0 for a in axes])
    return font


_LAST_LATIN = "\u024f"  # up to here a text is as wide as its letters, but for kerning: a fiftieth of the work


class Typeface(NamedTuple):
    """All fonts there are at one size and weight, as if they were one.

    Attributes:
        size: pixels per em.
        weight: 400 regular, 500 medium, 600 semibold; fonts without a choice have one weight.
    """

    size: int
    weight: int = 400

    def width(self, text: str) -> float:
        """Return the advance of a text in pixels."""
        return _width(self, text)

    def draw(self, canvas: Image.Image, xy: tuple[int, int], text: str, fill: str, language: str | None = None) -> None:
        """Draw a text on one line; ``xy`` is the left end of its baseline.

        ``language`` is that of the whole text where this is only one line of it, see :func:`language_of`.
        """
        rim = 2 * self.size  # room for accents, tails, and letters that lean out
        large = Image.new("L", (_FINE * (int(self.width(text)) + 2 * rim), _FINE * 2 * rim))
        draw, left, language = ImageDraw.Draw(large), float(_FINE * rim), language or language_of(text)
        for font, part in _set(self, text):
            draw.text((left, _FINE * rim), part, fill=255, font=font, anchor="ls", language=language)
            left += font.getlength(part, language=language)
        canvas.paste(fill, (xy[0] - rim, xy[1] - rim), large.reduce(_FINE))

    def ellipsis(self, text: str, width: float) -> str:
        """Return the text, cut and ended by "…" where it is wider than ``width`` pixels."""
        if self.width(text) <= width:
            return text
        letters = _clusters(text)
        ends = range(1, len(letters) + 1)
        end = bisect_left(ends, x=True, key=lambda n: self.width(_cut(letters, n)) > width)
        return _cut(letters, end)

    def lines(self, text: str, width: float, count: int) -> tuple[str, ...]:
        """Break a text into at most ``count`` lines of at most ``width`` pixels; the last may be cut."""
        return _lines(self, text, width, count)

    def _broken(self, text: str, width: float, count: int) -> tuple[str, ...]:
        if self.width(text) <= width:
            return (text.strip(),) if text.strip() else ()
        pieces = list(self._pieces(text, width))
        full = self._fill(pieces, width)
        if len(full) <= count:
            return tuple(map(str.strip, self._balanced(pieces, width, len(full))))
        rest = "".join(full[count - 1 :]).strip()
        return (*map(str.strip, full[: count - 1]), self.ellipsis(rest, width))

    def _balanced(self, pieces: list[str], width: float, count: int) -> list[str]:
        """Fill the narrowest width that needs no more lines: no last line of one short word."""
        trials = range(int(width))
        best = bisect_left(trials, x=True, key=lambda trial: len(self._fill(pieces, trial)) <= count)
        return self._fill(pieces, best if best < width - 1 else width)

    def _fill(self, pieces: list[str], width: float) -> list[str]:
        """Fill lines piece by piece; a piece is measured by itself, since words come again and lines do not."""
        lines, filled = [""], 0.0
        for piece in pieces:
            if lines[-1] and filled + self.width(piece.rstrip()) > width:
                lines.append("")
                filled = 0.0
            lines[-1] += piece
            filled += self.width(piece)
        return [line for line in lines if line]

    def _pieces(self, text: str, width: float) -> Iterator[str]:
        """Yield what stays together on a line; a word that is wider than a line does not."""
        for piece in _PIECES.findall(text):
            if self.width(piece.rstrip()) <= width:
                yield piece
            else:
                yield from _clusters(piece)


def _set(face: Typeface, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
    return ((_font(file, _FINE * face.size, face.weight), part) for file, part in _runs(text))


@lru_cache(maxsize=65536)
def _width(face: Typeface, text: str) -> float:
    if text and max(text) <= _LAST_LATIN:
        return sum(_advance(face, letter) for letter in text)
    return _shaped(face, text)


@lru_cache(maxsize=4096)
def _advance(face: Typeface, letter: str) -> float:
    return _shaped(face, letter)


def _shaped(face: Typeface, text: str) -> float:
    language = language_of(text)
    return sum(font.getlength(part, language=language) for font, part in _set(face, text)) / _FINE


@lru_cache(maxsize=8192)
def _lines(face: Typeface, text: str, width: float, count: int) -> tuple[str, ...]:
    return face._broken(text, width, count)  # noqa: SLF001 -- the same thing, remembered


def _cut(letters: list[str], end: int) -> str:
    return "".join(letters[:end]).rstrip(" ,;:.-–—(") + ELLIPSIS
