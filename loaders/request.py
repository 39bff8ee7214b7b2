"""What a load is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Download:
    """How pictures are fetched by their addresses.

    Attributes:
        contact: e-mail or web address of who asks, which every request tells.
        rates: host to requests a second, where it is not the usual one.
        allow_private: ask addresses of private networks and this machine, too.
        refresh_days: after how many days a picture that came is asked for again, if it changed.
    """

    contact: str
    rates: Mapping[str, float] = field(default_factory=dict)
    allow_private: bool = False
    refresh_days: float = 30.0


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to load, and how; None means: as this collection was loaded before, else the default.

    Attributes:
        folder: pictures; None only where vectors are given.
        source: name of the collection that the keys belong to.
        preset: name of the preset by which the metadata is read.
        further: tables beside ``metadata`` that the preset joins to it.
        columns: field to header, where the metadata's headers do not say it themselves.
        vectors: an ``.npz`` of vectors; ``embedder`` is then only their name.
        limit: load the first so many by key, and call nothing missing.
        prune_limit: share of the source in percent above which a prune is refused.
        overwrite: take the folder's version of what was changed by hand, too.
        rights_rules: what may be shown of which artworks; see :mod:`loaders.rights`.
        only_open: load only what is surely open.
        readmit: ids or ``key:KEY`` of artworks that were taken down and may come back; an empty text for all.
        download: how to fetch into ``folder`` what rows name by address; None to fetch nothing.
        addresses: of IIIF documents that are metadata, too.
    """

    folder: Path | None
    source: str
    metadata: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    embedder: str | None = None
    checkpoint: Path | None = None
    vectors: Path | None = None
    k: int | None = None
    limit: int | None = None
    prune: bool = False
    prune_limit: float = 5.0
    overwrite: bool = False
    readmit: tuple[str, ...] = ()
    preset: str = ""
    further: tuple[Path, ...] = ()
    rights_rules: Path | None = None
    only_open: bool = False
    download: Download | None = None
    addresses: tuple[str, ...] = ()
