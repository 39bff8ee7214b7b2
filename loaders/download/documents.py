"""IIIF documents by their addresses: those that a load names, and whatever they name in turn."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from loaders.addresses import Fetch, document_url_of, shown
from loaders.download.kinds import Kind, json_suffix
from loaders.download.stage import Downloads
from loaders.iiif.documents import fault, is_iiif, read_iiif
from loaders.joins import files_of
from loaders.presets import preset_called
from loaders.progress import Progress
from loaders.request import LoadRequest
from stores.errors import BadInput

FOLDER: Final = ".documents"
"""In the folder of pictures; a load passes over names that begin with a dot."""

PRESET: Final = "iiif"

MOST: Final = 100_000
"""Documents that one load asks for: a collection may name collections without end."""

DOCUMENT: Final = Kind(
    "IIIF document", "application/ld+json, application/json", document_url_of, json_suffix, fault, megabytes=50
)


def with_documents(request: LoadRequest, progress: Progress) -> LoadRequest:
    """Return a request whose IIIF documents are files: what is only named is fetched. Any other as it is.

    Documents are fetched even for a dry run: without them nobody knows of a picture. BadInput where one that was asked
    for by its address cannot be had.
    """
    if request.download is None or request.folder is None or not _reads_documents(request):
        return request
    there = [request.metadata, *request.further] if request.metadata else []
    paths = [] if request.addresses and not there else files_of(preset_called(PRESET), there, request.folder)
    bring = Downloads(request.folder / FOLDER, request.download, frozenset, progress, kind=DOCUMENT)
    first, *further = [*paths, *_fetched(bring, paths, request.addresses, request.limit)]
    return replace(request, preset=PRESET, metadata=first, further=tuple(further), addresses=())


def _reads_documents(request: LoadRequest) -> bool:
    if request.addresses and request.preset not in ("", PRESET):
        told = f"{shown(request.addresses[0])} is read as IIIF, and not by the preset {request.preset}"
        raise BadInput(f"{told}: fetch the table, and name its file")
    alone = request.metadata is not None and not request.preset and is_iiif(request.metadata)
    return bool(request.addresses) or request.preset == PRESET or alone


def _fetched(bring: Fetch, paths: Sequence[Path], addresses: Sequence[str], limit: int | None) -> list[Path]:
    """Fetch what is named, by a person or by a document, until nothing is missing or enough is there."""
    fetched, asked = list[Path](), set[str]()
    while due := [one for one in (*addresses, *_missing([*paths, *fetched])) if one not in asked][:limit]:
        if len(asked) + len(due) > MOST:
            structlog.get_logger().warning("document", stopped=f"more than {MOST:,} documents are named")
            break
        asked.update(due)
        found = bring(due)
        for address, why in found.failed.items():
            if address in addresses:
                raise BadInput(f"{shown(address)} cannot be had: {why}")
            structlog.get_logger().warning("document", address=shown(address), failed=why)
        fetched += [found.files[address].path for address in due if address in found.files]
        if limit and len(read_iiif(*paths, *fetched).records) >= limit:
            break
    return fetched


def _missing(paths: Sequence[Path]) -> list[str]:
    return list(dict.fromkeys(one.id for one in read_iiif(*paths).listed if one.id)) if paths else []
