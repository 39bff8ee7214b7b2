"""What is asked for, and what the first bytes of an answer say it is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final

from loaders.addresses import url_of

ENOUGH: Final = 512
"""Bytes that tell a picture, or what came instead of it."""

_SUFFIXES: Final = (
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ".png"),
    (re.compile(rb"II[*+]\x00|MM\x00[*+]"), ".tif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), ".webp"),
    (re.compile(rb"GIF8[79]a"), ".gif"),
    (re.compile(rb"BM.{12}", re.DOTALL), ".bmp"),
    (re.compile(rb"\x00\x00\x00\x0cjP  \r\n\x87\n"), ".jp2"),
    (re.compile(rb"\xff\x4f\xff\x51"), ".j2k"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), ".avif"),
)
"""How files begin of the formats that ``loaders.images`` decodes, and the suffix each gets."""

_OTHERS: Final = (
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|script|!--)", re.IGNORECASE),
        "a web page (HTML)",
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<svg|(?:\xef\xbb\xbf)?\s*<\?xml[^>]*>\s*<(?:!doctype )?svg", re.IGNORECASE),
        "an SVG",
    ),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml", re.IGNORECASE), "XML"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]\s*[\"{\[\]}]"), "JSON"),
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"\x1f\x8b|PK\x03\x04|BZh|\xfd7zXZ|7z\xbc\xaf"), "an archive"),
)

_OBJECT: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")


def suffix_of(start: bytes) -> str:
    """Return the suffix of the picture that begins so; empty where it is none that is decoded."""
    return next((suffix for pattern, suffix in _SUFFIXES if pattern.match(start)), "")


def told_kind(start: bytes) -> str:
    """Say what begins so instead of a picture."""
    if not start:
        return "nothing"
    return next((told for pattern, told in _OTHERS if pattern.match(start)), "something else")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is asked for.

    Attributes:
        name: for a person.
        accept: media types, as a header.
        url_of: an address to what is asked for it.
        suffix_of: first bytes to the suffix of the file; empty where they are something else.
        fault: a file that came to why it is not what it should be; empty where it is.
        megabytes: that it may have.
    """

    name: str
    accept: str
    url_of: Callable[[str], str]
    suffix_of: Callable[[bytes], str]
    fault: Callable[[Path], str]
    megabytes: float = inf


PICTURE: Final = Kind("picture", "image/*", url_of, suffix_of, lambda _: "")
"""Whether it can be decoded is found out apart from here, in a process that may die of it."""


def json_suffix(start: bytes) -> str:
    """Return the suffix of what begins as an object of JSON does."""
    return ".json" if _OBJECT.match(start) else ""
