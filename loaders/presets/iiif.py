"""IIIF: manifests and collections of any institution, Presentation 2 and 3."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from loaders.columns import FIELDS, understand
from loaders.iiif.documents import open_documents
from loaders.presets.records import Preset, Record

_LABELS: Final = {
    "artist": ("author", "contributor", "artist/maker", "artist/creator", "künstler/in", "artiste", "auteur"),
    "year": ("date created", "date of creation", "production date", "dates", "date of origin", "publication date"),
    "medium": ("medium/technique", "materials and techniques", "format medium", "physical description"),
}
"""What institutions call fields by labels of their own, beside the usual names."""

_COLUMNS: Final = {name: (*usual, *_LABELS.get(name, ())) for name, usual in FIELDS.items()}


def _read(record: Record) -> dict[str, Any]:
    """Fields by the labels of this very record: manifests of one collection need not have the same."""
    return {name: record[label] for name, label in _understood(tuple(record)).items()}


@lru_cache(maxsize=256)
def _understood(labels: tuple[str, ...]) -> Mapping[str, str]:
    return understand(labels, {}, "", _COLUMNS)


PRESET = Preset(
    name="iiif",
    about="IIIF manifests and collections (Presentation 2 and 3) of any institution: every canvas with its picture.",
    columns=_COLUMNS,
    files=("*.json",),
    needs=(),
    read=_read,
    documents=open_documents,
)
