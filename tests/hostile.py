"""Image files made to hurt who decodes them, each as small as it can be."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """Return the bytes of an image file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def plain(side: int = 64) -> Image.Image:
    """Draw a square of one colour."""
    return Image.new("RGB", (side, side), (200, 80, 40))


def png_with(name: bytes, data: bytes, times: int = 1) -> bytes:
    """Put a chunk behind the header of a PNG, so many times."""
    whole = encoded(plain(), "PNG")
    chunk = struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return whole[:33] + chunk * times + whole[33:]


def text_bomb() -> bytes:
    """Make a PNG with one text that unpacks to 500 MB."""
    return png_with(b"zTXt", b"bomb\0\0" + zlib.compress(bytes(500_000_000), 9))


def many_texts() -> bytes:
    """Make a PNG with 200 texts of a megabyte each, which is as large as one may be."""
    return png_with(b"iTXt", b"bomb\0\1\0\0\0" + zlib.compress(bytes(1_000_000), 9), times=200)


def packed_profile() -> bytes:
    """Make a PNG with a colour profile that unpacks to 500 MB."""
    return png_with(b"iCCP", b"bomb\0\0" + zlib.compress(bytes(500_000_000), 9))


def endless_profile() -> bytes:
    """Make a JPEG with a colour profile of 16 MB that says it has 2 million parts, all of them itself."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[128:132] = struct.pack(">I", 2_000_000)
    profile += struct.pack(">4sII", b"A2B0", 0, 0xFFFFFFF0) * 1_300_000
    profile[:4] = struct.pack(">I", len(profile))
    return encoded(plain(), "JPEG", icc_profile=bytes(profile))


def pixels_in_few_bytes(form: str, side: int) -> bytes:
    """Make a file of a few kilobytes with so many pixels a side."""
    quick: dict[str, dict[str, Any]] = {
        "TIFF": {"compression": "tiff_deflate"}, "AVIF": {"speed": 10}, "WEBP": {"method": 0},
    }  # fmt: skip
    mode = {"PNG": "1", "TIFF": "1", "GIF": "L"}.get(form, "RGB")
    return encoded(Image.new(mode, (side, side)), form, **quick.get(form, {}))


def understated(form: str, side: int) -> bytes:
    """Make a file of so many pixels a side whose container says that it has 100."""
    whole = pixels_in_few_bytes(form, side)
    true, said = struct.pack(">II", side, side), struct.pack(">II", 100, 100)
    box = {"JPEG2000": b"ihdr", "AVIF": b"ispe\0\0\0\0"}[form]
    if box + true not in whole:
        raise ValueError(f"{form} has no such box")
    return whole.replace(box + true, box + said)


def understated_gif() -> bytes:
    """Make a GIF whose screen has one pixel, and whose frame has 65,535 a side."""
    whole = bytearray(encoded(Image.new("P", (1, 1)), "GIF"))
    place = whole.index(b",\0\0\0\0\1\0\1\0")
    whole[place + 5 : place + 9] = struct.pack("<HH", 65_535, 65_535)
    return bytes(whole)


def tiff(entries: Sequence[tuple[int, int, int, int]], following: int = 0) -> bytes:
    """Write a TIFF of a header and one directory of (tag, type, count, value), and then nothing but a few bytes."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + packed + struct.pack("<I", following) + bytes(64)


def described(width: int, height: int, *further: tuple[int, int, int, int]) -> bytes:
    """Write the directory of an RGB TIFF of this size, and further entries."""
    first = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]
    return tiff(sorted([*first, *further]))


def lying_strips() -> bytes:
    """Write a TIFF that says it has 500 million strips of 4 GB."""
    return described(100, 100, (273, 4, 500_000_000, 8), (278, 4, 1, 1), (279, 4, 500_000_000, 8))


def vast_tiles() -> bytes:
    """Write a TIFF of 100 pixels a side in one tile of 60,000."""
    return described(100, 100, (322, 4, 1, 60_000), (323, 4, 1, 60_000), (324, 4, 1, 8), (325, 4, 1, 64))


def circular_tiff() -> bytes:
    """Make a TIFF whose directory comes again after itself, for ever."""
    whole = bytearray(encoded(plain(), "TIFF"))
    start = struct.unpack("<I", whole[4:8])[0]
    entries = struct.unpack("<H", whole[start : start + 2])[0]
    whole[start + 2 + 12 * entries : start + 6 + 12 * entries] = struct.pack("<I", start)
    return bytes(whole)


def many_pages(form: str, count: int) -> bytes:
    """Make a file of so many pictures."""
    frames = [Image.new("RGB", (64, 64), (n % 256, n // 256, 0)) for n in range(count)]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:])


def many_scans(side: int, scans: int) -> bytes:
    """Make a progressive JPEG whose last scan comes so many times; each is a pass over all the picture."""
    whole = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    last, end = whole.rindex(b"\xff\xda"), whole.rindex(b"\xff\xd9")
    return whole[:end] + whole[last:end] * scans + whole[end:]


def circular_exif() -> bytes:
    """Make a JPEG whose EXIF says that it has 4 billion values, and comes again after itself."""
    directory = struct.pack("<H", 2) + struct.pack("<HHII", 0x0112, 3, 1, 1) + struct.pack("<HHII", 0x8769, 4, 1, 8)
    return encoded(plain(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0" + directory + struct.pack("<I", 8))


def vast_exif() -> bytes:
    """Make a JPEG whose EXIF says that its orientation is 4 billion numbers."""
    entry = struct.pack("<HHII", 0x0112, 4, 0xFFFFFFFF, 8)
    return encoded(plain(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\1\0" + entry + bytes(4))


PAYLOAD = b"<script>alert(document.domain)</script>"
"""What is never to be served; no picture of one colour has these bytes by chance."""


def polyglots() -> dict[str, bytes]:
    """Make pictures that are a page or an archive as well, by the name of a file."""
    page, notes = b"<!doctype html>" + PAYLOAD, PngInfo()
    notes.add_text("Comment", page.decode())
    archive = b"PK\3\4" + page + b"PK\5\6" + bytes(18)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + page
    return {
        "comment.jpg": encoded(plain(), "JPEG", comment=page),
        "exif.jpg": encoded(plain(), "JPEG", exif=b"Exif\0\0" + page),
        "profile.jpg": encoded(plain(), "JPEG", icc_profile=profile),
        "archive.jpg": encoded(plain(), "JPEG") + archive,
        "text.png": encoded(plain(), "PNG", pnginfo=notes),
        "page.gif": b"GIF89a" + encoded(plain().convert("P"), "GIF")[6:] + page,
        "archive.webp": encoded(plain(), "WEBP", exif=page, xmp=page) + archive,
        "described.tif": encoded(plain(), "TIFF", description=page.decode()),
    }
