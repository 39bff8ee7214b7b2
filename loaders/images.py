"""From an image file to an RGB picture, its content hash and the two pictures of it that are served.

Runs in worker processes. Whatever is wrong with a file becomes a :class:`BadImage` with a reason.
"""

import io
import os
import struct
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from stores.pictures import SIZES, picture_path, sizes_for

FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "JPEG2000", "AVIF")
"""What is decoded; everything else Pillow knows is left alone, as it was never meant for strangers' files."""

MAX_PIXELS: Final = 178_956_970
"""Pixels of the largest picture that is decoded: twice Pillow's own warning limit, half a gigabyte in RGB."""

_DECODED: Final = 2 * SIZES["medium"]
"""JPEGs are decoded no larger than this needs: 1.5 to 1.7 times quicker, for every JPEG alike."""

_BAND: Final = 1_000_000
"""Pixels that are laid on white or brought to eight bits at a time: of 50 million at once that took a gigabyte more."""


class BadImage(Exception):
    """A file that cannot be loaded; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded file: RGB, upright, and the sha256 of its bytes in hex."""

    image: Image.Image
    content_hash: str


def read_picture(path: Path) -> Picture:
    """Read and decode a file; BadImage says why it cannot be."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadImage(f"cannot be read: {error.strerror}") from error
    return Picture(decode(data), sha256(data).hexdigest())


def decode(data: bytes, most: int = MAX_PIXELS) -> Image.Image:
    """Decode image bytes to upright RGB; transparency is laid on white, of an animation the first frame is taken.

    BadImage for more than ``most`` pixels, before any of them is decoded. Nothing but pixels is kept of the file: no
    comment, text or profile that whoever made it put there.
    """
    if not data:
        raise BadImage("empty file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about what is recovered or refused below
            image = _decode(data, most)
            image.info = {}  # Pillow would write a comment into every JPEG made of this picture
            return image
    except UnidentifiedImageError as error:
        raise BadImage("not an image of a known format") from error
    except MemoryError as error:
        raise BadImage("needs more memory than a picture may") from error
    except (
        OSError,
        ValueError,
        TypeError,
        SyntaxError,
        EOFError,
        ArithmeticError,
        LookupError,
        AttributeError,
        RuntimeError,
        struct.error,
    ) as error:
        # Pillow's decoders raise all of these on damaged files
        raise BadImage(f"damaged image: {str(error) or type(error).__name__}") from error


def shrink(image: Image.Image, display: str) -> dict[str, Image.Image]:
    """Return the pictures that an artwork may show, by the name of their size; none is larger than the image."""
    pictures = {}
    for name in sizes_for(display):
        pictures[name] = image.copy()
        pictures[name].thumbnail((SIZES[name], SIZES[name]), Image.Resampling.LANCZOS)
    return pictures


def write_pictures(picture: Picture, folder: Path, display: str) -> dict[str, tuple[int, int]]:
    """Write the pictures an artwork may show into ``folder``; return size name to (width, height) in pixels."""
    return write_shrunk(shrink(picture.image, display), picture.content_hash, folder)


def write_shrunk(pictures: Mapping[str, Image.Image], content_hash: str, folder: Path) -> dict[str, tuple[int, int]]:
    """Write pictures that :func:`shrink` made of the file with this hash; return size name to (width, height).

    They are named by content, so a file that is there already is the same picture.
    """
    for name, picture in pictures.items():
        _write_once(picture, picture_path(folder, content_hash, name))
    return {name: picture.size for name, picture in pictures.items()}


def _write_once(image: Image.Image, path: Path) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        image.save(unfinished, "JPEG", quality=85, optimize=True)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _decode(data: bytes, most: int) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, with a reason that says the number
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > most:
            raise BadImage(f"{image.width} x {image.height} pixels: more than the {most:,} that are decoded")
        image.draft("RGB", (_DECODED, _DECODED))
        image.load()
        return _rgb(_upright(image))


def _upright(image: Image.Image) -> Image.Image:
    """Turn a picture as its EXIF says; a broken EXIF says nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, TypeError, SyntaxError, LookupError, struct.error):
        return image


def _rgb(image: Image.Image) -> Image.Image:
    """Bring any mode to RGB: sRGB where a colour profile says what the numbers mean."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = _eight_bits(image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = _on_white(image)
    if image.mode == "P":
        image = image.convert("RGB")
    if image.mode == "LAB":
        image = _srgb(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())
    elif profile := image.info.get("icc_profile"):
        image = _srgb(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and floating grey to 8 bits; Pillow's own conversion would cut everything bright off."""
    largest = -np.inf
    for box in _bands(image):
        values = np.asarray(image.crop(box), dtype=np.float64)
        largest = max(largest, float(values.max(initial=0, where=np.isfinite(values))))
    scales = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    top = next((scale for scale in scales if largest <= scale), largest)
    grey = Image.new("L", image.size)
    for box in _bands(image):
        values = np.nan_to_num(np.asarray(image.crop(box), dtype=np.float64), posinf=top, neginf=0)
        grey.paste(Image.fromarray(np.clip(values * (255.0 / top), 0, 255).round().astype(np.uint8)), box)
    return grey


def _on_white(image: Image.Image) -> Image.Image:
    flat = Image.new("RGB", image.size)
    for box in _bands(image):
        clear = image.crop(box).convert("RGBA")
        flat.paste(Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB"), box)
    if image.mode in ("P", "RGB", "RGBA") and (profile := image.info.get("icc_profile")):
        flat.info["icc_profile"] = profile
    return flat


def _bands(image: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Yield boxes (left, top, right, bottom) that cover a picture from top to bottom."""
    rows = max(1, _BAND // image.width)
    for top in range(0, image.height, rows):
        yield 0, top, image.width, min(top + rows, image.height)


def _srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert through the embedded profile; a broken one is as good as none."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted if converted is not None else image
