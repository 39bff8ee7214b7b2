"""Image files as they come: damaged, hostile, turned, transparent, in every mode, and in colours of their own."""

import io
import struct
import zlib
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from loaders.images import FORMATS, BadImage, Picture, decode, read_picture, write_pictures

Colour = tuple[int, ...]
RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """Return the bytes of an image file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def colour(image: Image.Image, x: int = 0, y: int = 0) -> Colour:
    """Return the colour of a pixel of a decoded picture."""
    assert image.mode == "RGB"
    value = image.getpixel((x, y))
    assert isinstance(value, tuple)
    return tuple(int(v) for v in value)


def about(actual: Colour, wanted: Colour, within: int = 3) -> bool:
    return all(abs(a - w) <= within for a, w in zip(actual, wanted, strict=True))


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def png(width: int, height: int) -> bytes:
    """Make a small PNG that declares any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_decoded_to_rgb(form: str) -> None:
    image = decode(encoded(Image.new("RGB", (40, 30), RED), form))
    assert image.size == (40, 30)
    assert about(colour(image, 20, 15), RED)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "^empty file$"),
        (bytes(100), "not an image of a known format"),
        (b"Dear museum, this is no picture.", "not an image of a known format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image of a known format"),
        (encoded(Image.new("RGB", (9, 9)), "PPM"), "not an image of a known format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image of a known format"),
        (encoded(noise(99, 99), "JPEG")[:2000], "damaged image: .*truncated"),
        (encoded(noise(99, 99), "PNG")[:2000], "damaged image: .*truncated"),
        (encoded(noise(99, 99), "AVIF")[:2000], "not an image of a known format"),
        (encoded(noise(99, 99), "AVIF")[:280] + bytes(90_000), "damaged image: Failed to decode"),
        (png(60_000, 60_000), "60000 x 60000 pixels: more than the 178,956,970 that are decoded"),
        (png(60, 60_000), "damaged image: .*truncated"),
    ],
)
def test_a_bad_file_is_a_bad_image_with_a_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "picture.jpg").write_bytes(data)
    with pytest.raises(BadImage, match=reason):
        read_picture(tmp_path / "picture.jpg")


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_is_damaged_anywhere_is_decoded_or_a_bad_image(form: str) -> None:
    random, whole = np.random.default_rng(0), encoded(noise(40, 30), form)
    for _ in range(60):
        data = bytearray(whole)
        for place in random.integers(0, len(data), random.integers(1, 20)):
            data[place] = random.integers(256)
        try:
            image = decode(bytes(data))
        except BadImage:
            continue
        assert image.mode == "RGB"


def test_a_missing_file_and_a_folder_are_bad_images(tmp_path: Path) -> None:
    with pytest.raises(BadImage, match="cannot be read: No such file"):
        read_picture(tmp_path / "none.jpg")
    with pytest.raises(BadImage, match="cannot be read: Is a directory"):
        read_picture(tmp_path)


def test_the_content_hash_is_the_sha256_of_the_file(tmp_path: Path) -> None:
    data = encoded(Image.new("1", (1, 1)), "BMP")
    (tmp_path / "dot.bmp").write_bytes(data)
    assert read_picture(tmp_path / "dot.bmp").content_hash == sha256(data).hexdigest()


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_tones(form: str) -> None:
    values = np.array([[0, 256 * 64, 256 * 128, 65535]], dtype=np.uint16)
    image = decode(encoded(Image.fromarray(values), form))
    assert [colour(image, x)[0] for x in range(4)] == [0, 64, 128, 255]


@pytest.mark.parametrize(
    ("values", "grey"),
    [
        (np.full((4, 4), 0.5, np.float32), 128),
        (np.full((4, 4), 128, np.float32), 128),
        (np.full((4, 4), 32768, np.float32), 128),
        (np.array([[np.nan, np.inf, 0.5, 1]], np.float32), 0),
        (np.array([[35_000, 70_000]], np.int32), 128),
        (np.full((4, 4), -5, np.int32), 0),
    ],
)
def test_grey_of_any_range_is_scaled_to_what_it_holds(values: np.ndarray[Any, Any], grey: int) -> None:
    assert colour(decode(encoded(Image.fromarray(values), "TIFF"))) == (grey,) * 3


def test_a_cmyk_jpeg_has_the_colours_it_prints() -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    assert about(colour(decode(encoded(image, "JPEG", quality=95))), RED)


def test_a_lab_tiff_has_the_colours_it_means() -> None:
    lab = Image.merge("LAB", [Image.new("L", (8, 8), value) for value in (136, 208, 195)])
    assert about(colour(decode(encoded(lab, "TIFF"))), RED, within=15)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_transparency_is_laid_on_white(form: str) -> None:
    image = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (8, 0, 16, 16))
    image.putpixel((0, 8), (0, 0, 0, 128))
    decoded = decode(encoded(image, form, **({"lossless": True} if form == "WEBP" else {})))
    assert (colour(decoded, 0, 0), colour(decoded, 12, 4)) == (WHITE, RED)
    assert about(colour(decoded, 0, 8), (127, 127, 127))


def test_a_palette_with_transparency_is_laid_on_white() -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([*BLACK, *GREEN])
    image.putpixel((1, 0), 1)
    for transparency in (0, b"\x00\xff"):
        decoded = decode(encoded(image, "PNG", transparency=transparency))
        assert (colour(decoded, 0), colour(decoded, 1)) == (WHITE, GREEN)


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (9, 9), c) for c in (RED, GREEN, BLUE)]
    for form in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
        assert about(colour(decode(data)), RED)


def test_a_picture_is_turned_as_its_exif_says() -> None:
    image = Image.new("RGB", (64, 32), BLUE)
    image.paste(RED, (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = 6
    for form in ("JPEG", "PNG", "WEBP"):
        decoded = decode(encoded(image, form, exif=exif))
        assert decoded.size == (32, 64)
        assert about(colour(decoded, 16, 8), RED)
        assert about(colour(decoded, 16, 56), BLUE)


def test_a_broken_exif_does_not_cost_the_picture() -> None:
    image = Image.new("RGB", (16, 16), RED)
    for form in ("JPEG", "PNG"):
        assert decode(encoded(image, form, exif=b"Exif\0\0garbage")).size == (16, 16)


def swapped_profile() -> bytes:
    """Return sRGB with red and blue exchanged: pixels that say red mean blue."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    names = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
    for at in range(132, 132 + 12 * count, 12):
        name = bytes(profile[at : at + 4])
        profile[at : at + 4] = names.get(name, name)
    return bytes(profile)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_an_embedded_profile_decides_what_the_colours_are(mode: str) -> None:
    data = encoded(Image.new("RGB", (16, 16), RED).convert(mode), "PNG", icc_profile=swapped_profile())
    assert about(colour(decode(data)), BLUE)


def test_a_profile_that_is_broken_or_of_another_kind_is_as_good_as_none() -> None:
    for profile in (b"no profile", swapped_profile()[:200], bytes(128)):
        assert about(colour(decode(encoded(Image.new("RGB", (9, 9), RED), "PNG", icc_profile=profile))), RED)
    grey = decode(encoded(Image.new("L", (9, 9), 99), "PNG", icc_profile=swapped_profile()))
    assert about(colour(grey), (99, 99, 99))


def test_a_text_that_unpacks_to_a_hundred_megabytes_is_refused_or_passed_over() -> None:
    notes = PngInfo()
    notes.add_text("bomb", "x" * 100_000_000, zip=True)
    with pytest.raises(BadImage, match="damaged image"):
        decode(encoded(Image.new("RGB", (9, 9)), "PNG", pnginfo=notes))


@pytest.mark.parametrize(
    ("size", "display", "sizes"),
    [
        ((2000, 1000), "full", {"thumb": (256, 128), "medium": (1024, 512)}),
        ((2000, 1000), "thumb", {"thumb": (256, 128)}),
        ((2000, 1000), "none", {}),
        ((2000, 1000), "nonsense", {}),
        ((300, 400), "full", {"thumb": (192, 256), "medium": (300, 400)}),
        ((20, 10), "full", {"thumb": (20, 10), "medium": (20, 10)}),
        ((20_000, 1), "full", {"thumb": (256, 1), "medium": (1024, 1)}),
        ((1, 20_000), "full", {"thumb": (1, 256), "medium": (1, 1024)}),
    ],
)
def test_only_the_pictures_that_may_be_shown_are_written_and_none_is_enlarged(
    tmp_path: Path, size: tuple[int, int], display: str, sizes: dict[str, tuple[int, int]]
) -> None:
    picture = Picture(decode(encoded(Image.new("RGB", size, RED), "PNG")), "ab" * 32)
    assert write_pictures(picture, tmp_path, display) == sizes
    written = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.*")}
    assert set(written) == {f"ab/{'ab' * 32}-{name}.jpg" for name in sizes}
    for name, wanted in sizes.items():
        with Image.open(written[f"ab/{'ab' * 32}-{name}.jpg"]) as image:
            assert (image.format, image.size) == ("JPEG", wanted)


def test_a_large_jpeg_is_decoded_no_larger_than_is_needed() -> None:
    assert decode(encoded(Image.new("RGB", (8200, 4100)), "JPEG")).size == (4100, 2050)
    assert decode(encoded(Image.new("RGB", (4000, 2000)), "JPEG")).size == (4000, 2000)


def test_a_picture_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    picture = Picture(Image.new("RGB", (20, 10), RED), "ab" * 32)
    write_pictures(picture, tmp_path, "thumb")
    (path,) = tmp_path.rglob("*.jpg")
    path.write_bytes(b"as it was")
    assert write_pictures(picture, tmp_path, "thumb") == {"thumb": (20, 10)}
    assert path.read_bytes() == b"as it was"
