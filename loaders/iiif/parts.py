"""Parts of IIIF documents of versions 2 and 3: texts in languages, lists that may be one thing, pictures."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final, NamedTuple

from loaders.addresses import AS_IT_IS, IIIF_SIZE

Node = Mapping[str, Any]

_DEEPEST: Final = 10
"""Texts within texts, and what is chosen among within what is chosen: more is no document, but mischief."""

_MARKUP: Final = re.compile(r"<[a-zA-Z/!]|&[#\w]+;")
_BREAKS: Final = frozenset({"br", "p", "div", "li"})
_IMAGE_API: Final = "iiif.io/api/image"
_LEVEL_0: Final = re.compile(r"level0\b|#level0")


class Picture(NamedTuple):
    """Where a picture is had, and the base of the image service that has it in any size."""

    address: str
    service: str = ""


def nodes(value: Any) -> list[Node]:
    """Return the objects of what may be one, a list of them, or neither."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def own_id(node: Node) -> str:
    """Return the address of a node; ``@id`` in version 2."""
    found = node.get("id", node.get("@id", ""))
    return found if isinstance(found, str) else ""


def own_type(node: Node) -> str:
    """Return what a node is, without the prefix that version 2 has: ``Manifest``, ``Canvas``, ``Image``."""
    found = node.get("type", node.get("@type", ""))
    found = found[0] if isinstance(found, list) and found else found
    return found.rpartition(":")[2] if isinstance(found, str) else ""


def said(value: Any) -> str:
    """Return a text in English where it is there, else in no language, else in the first; several with a semicolon."""
    by_language: dict[str, list[str]] = {}
    for language, text in _texts(value):
        by_language.setdefault(language.partition("-")[0].lower(), []).append(text)
    for language in ("en", "none", "@none", "", *by_language):
        if language in by_language:
            return "; ".join(dict.fromkeys(by_language[language]))
    return ""


def _texts(value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield (language, text) of a string, a list of version 2, or of a map."""
    if isinstance(value, str):
        if text := plain(value):
            yield "", text
    elif depth > _DEEPEST:
        return
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, depth + 1)
    elif isinstance(value, dict):
        yield from _in_languages(value, depth + 1)


def _in_languages(value: Node, depth: int) -> Iterator[tuple[str, str]]:
    """Yield (language, text) of a value object of version 2, or of a language map of version 3."""
    if "@value" in value:
        yield from ((str(value.get("@language") or ""), text) for _, text in _texts(value["@value"], depth))
        return
    for language, texts in value.items():
        yield from ((language, text) for _, text in _texts(texts, depth))


def plain(text: str) -> str:
    """Return a text without markup, which both versions allow, on one line for each break."""
    if not _MARKUP.search(text):
        return text.strip()
    reader = _Words()
    reader.feed(text)
    reader.close()
    return " ".join("".join(reader.words).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _BREAKS:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS:
            self.words.append(" ")


def linked(value: Any) -> str:
    """Return the first web address of a link, however it is written."""
    for item in value if isinstance(value, list) else [value]:
        address = item if isinstance(item, str) else own_id(item) if isinstance(item, dict) else ""
        if address.startswith(("http://", "https://")):
            return address
    return ""


def picture_of(body: Any, depth: int = 0) -> Picture | None:
    """Return the picture of an annotation's body: its image service's, else its own address; None without one.

    Of a choice it is the first, which is the one shown by default. A service that only has ready-made sizes (level 0)
    may lack the one that is asked for, so there the picture itself is taken.
    """
    for node in nodes(body) if depth < _DEEPEST else ():
        kind = own_type(node)
        if kind == "Choice":
            found = picture_of(node.get("default") or node.get("items") or node.get("item"), depth + 1)
        elif kind in ("SpecificResource", "Annotation"):
            found = picture_of(node.get("source") or node.get("full") or node.get("resource"), depth + 1)
        else:
            found = _image(node) if kind == "Image" else None
        if found:
            return found
    return None


def _image(node: Node) -> Picture | None:
    base, own = next(_services(node), ""), linked(own_id(node))
    if base:
        return Picture(f"{base}/{IIIF_SIZE}", base)
    ready = AS_IT_IS if own and any(map(_is_level_0, nodes(node.get("service")))) else ""
    return Picture(own + ready) if own else None


def _services(image: Node) -> Iterator[str]:
    for service in nodes(image.get("service")):
        is_images = own_type(service).startswith("ImageService") or _IMAGE_API in _said_of(service)
        if is_images and not _is_level_0(service) and (base := linked(own_id(service))):
            yield base.rstrip("/")


def _said_of(service: Node) -> str:
    return f"{own_type(service)} {service.get('@context', '')} {service.get('profile', '')}"


def _is_level_0(service: Node) -> bool:
    return _LEVEL_0.search(_said_of(service)) is not None
