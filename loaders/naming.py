"""What a row calls itself and its picture."""

from collections.abc import Iterator
from typing import Final

from loaders.addresses import shown
from loaders.columns import Row
from loaders.files import Finder
from loaders.manifest import Manifest

_NAMING: Final = ("filename", "image", "id")
"""Fields that may name a row's file, best first."""


def label_of(row: Row, manifest: Manifest) -> str:
    """Name a row by its file or key; never by an address with a query, which may hold a secret."""
    name = shown(next(names_of(row), ""))
    if name.endswith("?…"):
        name = own_key(row)
    return name or f"{manifest.path.name}:{row.number}"


def names_of(row: Row) -> Iterator[str]:
    """Yield texts by which a row may name its file."""
    for name in _NAMING:
        value = row.fields.get(name, "")
        yield from [value] if isinstance(value, str) and value else value
    yield from row.names


def found_name(row: Row, finder: Finder) -> str | None:
    """Return the name of the file in the folder that a row means."""
    return next((match for text in names_of(row) if (match := finder.find(text))), None)


def without_picture(address: str) -> str:
    """Say that a row has no picture, and what to do where it has the address of one."""
    return " without an image" + ("; --download fetches it" if address else "")


def own_key(row: Row) -> str:
    """Return the collection's own key; empty where the name of the file has to do."""
    own = row.fields.get("id", "")
    return own if isinstance(own, str) else ""
