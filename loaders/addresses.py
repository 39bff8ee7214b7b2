"""Addresses of pictures: which one a row names, how it is asked for, and what is said of it. Nothing is asked here."""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
_ENDS: Final = re.compile(r"[\s;|\"<>]+(?=https?://)", re.IGNORECASE)
"""Between two addresses in one cell; a space within one address is a space within its path."""

_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|\[[0-9a-f:.]+\]")

_FIELDS: Final = ("image", "filename")
"""Fields in which a row may name an address, best first."""

_SAFE: Final = "/%:@!$&'()*+,;=~-._"
"""Characters of a path that stay as they are; ``%`` too, since addresses come percent-encoded as a rule."""

IIIF_SIZE: Final = "full/!1024,1024/0/default.jpg"
"""What is asked of a IIIF Image API base: as large as the largest picture that is served, never larger."""

AS_IT_IS: Final = "#as-it-is"
"""Behind the address of a picture of a IIIF service that only has ready-made sizes: no other is asked for."""

_LARGEST: Final = 1024
"""Pixels of a side that are asked for."""

_IIIF_BASE: Final = re.compile(r"/iiif(?:/|$)", re.IGNORECASE)
_IIIF_IMAGE: Final = re.compile(
    r"/(full|square|(?:pct:)?[\d.]+(?:,[\d.]+){3})/(?:\^|%5E)?(full|max|pct:100|!?\d*,\d*)"
    r"/(!?[\d.]+/(?:default|native|color|gray|bitonal)(?:\.\w+)?)$",
    re.IGNORECASE,
)
"""Region, size, and the rest of an image request (Image API 1.1 to 3.0, section 4)."""

_IIIF_ASKED: Final = re.compile(
    r"/[^/]+/[^/]+/!?[\d.]+/(?:default|native|color|gray|bitonal)(?:\.\w+)?$", re.IGNORECASE
)
_FILE: Final = re.compile(r"\.(?:jpe?g|jpe|jfif|png|webp|gif|bmp|avif|json|html?|php|xml)$", re.IGNORECASE)

Mark = tuple[int, int]
"""Size in bytes and time in nanoseconds of a file."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that was downloaded: its file, which may be gone since, and the mark it had."""

    path: Path
    mark: Mark


@dataclass(frozen=True, slots=True)
class Fetched:
    """What there is of the addresses that rows name.

    Attributes:
        files: address to file.
        failed: address to why it could not be fetched, or not be asked whether it changed.
        pending: addresses that are left for another time.
        own: names of all files that were downloaded into the folder, for whatever rows.
    """

    files: Mapping[str, Kept] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    pending: AbstractSet[str] = frozenset()
    own: AbstractSet[str] = frozenset()


Fetch = Callable[[Sequence[str]], Fetched]
"""Brings the pictures at addresses into the folder, or says what there is of them."""


def address_of(fields: Mapping[str, Any]) -> str:
    """Return the first web address of a picture that a row's fields name; nothing where there is none."""
    for name in _FIELDS:
        value = fields.get(name, "")
        for text in [value] if isinstance(value, str) else value:
            if found := _ADDRESS.search(text):
                return _ENDS.split(text[found.start() :])[0].strip().rstrip(';|"<>')
    return ""


def url_of(address: str) -> str:
    """Return what is asked for an address, in ASCII; ValueError says why it cannot be asked.

    A IIIF Image API base, its ``info.json`` and its picture of full size become one of at most 1,024 pixels a side
    (Image API 2.1 and 3.0, section 4.2).
    """
    return _url(address, _iiif)


def document_url_of(address: str) -> str:
    """Return what is asked for the address of a document: the same, as it is."""
    return _url(address, str)


def _url(address: str, asked: Callable[[str], str]) -> str:
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError as error:  # its own text would tell what stands in the address
        raise ValueError("its host or port cannot be read") from error
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError(f"{parts.scheme or 'this'} is no http or https")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a user and password in an address are not sent: take them out")
    host = _ascii_host(parts)
    told = "" if port in (None, {"http": 80, "https": 443}[parts.scheme.lower()]) else f":{port}"
    path = quote(parts.path, safe=_SAFE) or "/"
    path = path if f"#{parts.fragment}" == AS_IT_IS else asked(path)
    return urlunsplit((parts.scheme.lower(), host + told, path, quote(parts.query, safe=f"{_SAFE}?"), ""))


def host_of(url: str) -> str:
    """Return the host of an address, with its port where that is not the usual one."""
    return urlsplit(url).netloc


def stem_of(url: str) -> str:
    """Return the name that a downloaded file has, before its suffix: the sha256 of what is asked, its first half."""
    return sha256(url.encode()).hexdigest()[:32]


def document_stem_of(address: str) -> str:
    """Return the name, before its suffix, that a downloaded document has; nothing where it cannot be asked."""
    try:
        return stem_of(document_url_of(address))
    except ValueError:
        return ""


def key_of(address: str) -> str:
    """Return the key of an artwork that has none but its picture's address: the name of the file, before its suffix."""
    try:
        return stem_of(url_of(address))
    except ValueError:
        return stem_of(address)


def shown(text: str) -> str:
    """Return a name as it may be told: of an address neither user, password nor query, which may hold a secret."""
    if not _ADDRESS.match(text):
        return text
    head, mark, _ = text.partition("?")
    scheme, _, rest = head.partition("://")
    host, slash, path = rest.partition("#")[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}" + ("?…" if mark else "")


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host:
        raise ValueError("there is no host in it")
    try:
        name = f"[{IPv6Address(host)}]" if ":" in host else host.encode("idna").decode("ascii")
    except ValueError as error:
        raise ValueError("its host cannot be a name") from error
    if not _HOST.fullmatch(name):
        raise ValueError("its host cannot be a name")
    return name


def _iiif(path: str) -> str:
    if asked := _IIIF_IMAGE.search(path):
        region, size, rest = asked.groups()
        sides = [int(side) for side in re.findall(r"\d+", size)] if "," in size else []
        is_small = bool(sides) and max(sides) <= _LARGEST
        return path if is_small else f"{path[: asked.start()]}/{region}/!{_LARGEST},{_LARGEST}/{rest}"
    if path.rstrip("/").endswith("/info.json"):
        return path.rstrip("/").removesuffix("info.json") + IIIF_SIZE
    is_base = _IIIF_BASE.search(path) and not _IIIF_ASKED.search(path) and not _FILE.search(path)
    return f"{path.rstrip('/')}/{IIIF_SIZE}" if is_base else path
