"""Addresses of pictures that a museum's tables lack, and its records on the web have: looked up, written as a table."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import structlog

from loaders.addresses import address_of, document_url_of
from loaders.columns import Row
from loaders.download.kinds import Kind, json_suffix
from loaders.download.stage import Downloads, Expecting
from loaders.files import Finder, list_images
from loaders.joins import arrange, files_of
from loaders.manifest import open_manifest
from loaders.naming import found_name, own_key
from loaders.presets import preset_called
from loaders.presets.records import Joined, Lookup
from loaders.progress import Progress
from loaders.request import Download, LoadRequest
from stores.files import write_whole

FOLDER: Final = ".records"
"""In the folder of pictures; a load passes over names that begin with a dot."""


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8-sig"))


def _fault(path: Path) -> str:
    try:
        return "" if isinstance(_read(path), dict) else "it is no record"
    except (ValueError, RecursionError):
        return "it is no JSON, or only the beginning of it"


RECORD: Final = Kind("record", "application/json", document_url_of, json_suffix, _fault, megabytes=5)


def with_lookups(request: LoadRequest, progress: Progress, *, ask: bool = True) -> LoadRequest:
    """Return a request with the table of addresses that its preset looks up; any other as it is.

    Only rows are looked up that no file of the folder is the picture of. Without ``ask`` nobody is asked: what would be
    is told, and what came before is used.
    """
    if request.download is None or request.folder is None or not request.preset:
        return request
    preset = preset_called(request.preset)
    joined = next((each for each in preset.joined if each.lookup), None)
    if joined is None or joined.lookup is None:
        return request
    paths = files_of(preset, [request.metadata, *request.further] if request.metadata else [], request.folder)
    if joined in arrange(preset, paths)[1].by:
        return request
    wanted = _wanted(request, request.folder, paths, joined.lookup)
    found = _found(wanted, request.folder / FOLDER, request.download, request.limit if ask else None, progress, ask=ask)
    if not found:
        return request
    table = request.folder / FOLDER / joined.files[0]
    write_whole(table, _table(joined, {key: joined.lookup.picture(body) for key, body in found}))
    return replace(request, metadata=paths[0], further=(*paths[1:], table))


def _wanted(request: LoadRequest, folder: Path, paths: list[Path], lookup: Lookup) -> dict[str, str]:
    """Return key to the address of its record, by ascending key, for rows without a picture that may have one."""
    finder = Finder(list(list_images(folder).files) if folder.exists() else [])

    def lacks(row: Row) -> bool:
        return not address_of(row.fields) and found_name(row, finder) is None

    rows = (row for row in open_manifest(paths, request.columns, request.preset) if lacks(row))
    return dict(sorted((own_key(row), address) for row in rows if (address := lookup.address(row))))


def _found(
    wanted: dict[str, str], folder: Path, download: Download, limit: int | None, progress: Progress, *, ask: bool
) -> list[tuple[str, Any]]:
    """Return key and record of those that came; with a limit, until there are so many."""
    found: list[tuple[str, Any]] = []
    size = limit or max(len(wanted), 1)
    for at in range(0, len(wanted), size):
        some = list(wanted.items())[at : at + size]
        if ask:
            fetched = Downloads(folder, download, frozenset, progress, kind=RECORD)([url for _, url in some])
        else:
            expecting = Expecting(folder, download, frozenset, kind=RECORD)
            fetched = expecting([url for _, url in some])
            structlog.get_logger().info("download", ahead=expecting.expected.line(RECORD))
        found += [(key, _read(fetched.files[url].path)) for key, url in some if url in fetched.files]
        if limit and len(found) >= limit:
            break
    return found


def _table(joined: Joined, pictures: dict[str, str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([(joined.key, *joined.keep), *((key, url) for key, url in pictures.items() if url)])
    return text.getvalue().encode()
