"""One artwork: the record that everything else is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

Payload = Mapping[str, Any]
"""What is kept beside a vector: plain JSON data."""


@dataclass(frozen=True, slots=True)
class Artwork:
    """One artwork: its names, its metadata and the pictures of it that are served.

    Attributes:
        id: uuid5 of source and key.
        key: the collection's own key: the ``id`` column, else the relative file name.
        source: which collection the key belongs to.
        content_hash: sha256 of the image file, in hex; empty for vectors without pictures.
        vector: digest of the vector that the graph was made with; says nothing of the artwork itself.
        year_from, year_to: the years that ``date_text`` spans; negative before the common era.
        advisory: what is to be read before its picture is seen.
        display: ``full``, ``thumb`` (only the small picture may be shown) or ``none``.
        images: size name to (width, height) in pixels of the pictures in the home.
        metadata: every further column, as it was.
    """

    id: str
    key: str
    source: str = ""
    content_hash: str = ""
    vector: str = field(default="", compare=False)
    title: str = ""
    artists: tuple[str, ...] = ()
    date_text: str = ""
    year_from: int | None = None
    year_to: int | None = None
    style: str = ""
    medium: str = ""
    collection: str = ""
    object_id: str = ""
    page_url: str = ""
    rights_uri: str = ""
    rights_text: str = ""
    credit: str = ""
    alt_text: str = ""
    advisory: str = ""
    display: str = "full"
    images: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    def to_payload(self) -> dict[str, Any]:
        """Return plain JSON data: the fields that are not empty, without the id."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "id"}
        values["artists"] = list(self.artists)
        values["images"] = {name: list(size) for name, size in self.images.items()}
        values["metadata"] = dict(self.metadata)
        return {name: value for name, value in values.items() if value not in ("", None, [], {})}

    @classmethod
    def from_payload(cls, artwork_id: str, payload: Payload) -> Self:
        """Rebuild the record that :meth:`to_payload` wrote; unknown fields are left out."""
        known = {f.name for f in fields(cls)} - {"id"}
        values = {name: value for name, value in payload.items() if name in known}
        values["artists"] = tuple(values.get("artists", ()))
        values["images"] = {name: (size[0], size[1]) for name, size in values.get("images", {}).items()}
        return cls(id=artwork_id, **values)
