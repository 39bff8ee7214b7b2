"""IIIF documents (Presentation 2 and 3) on the disk to records: every canvas with its picture, metadata and rights.

Fields of a record are called as those of a table; whatever the documents call by a label of their own is a further
column under that label. ``image`` is what is to be asked for: of an image service no more than 1,024 pixels a side.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from loaders.addresses import document_stem_of
from loaders.iiif.parts import Node, Picture, linked, nodes, own_id, own_type, picture_of, said
from loaders.tables import Flaw, Found, Table
from stores.errors import BadInput

_KINDS: Final = ("Manifest", "Collection")

_LARGEST: Final = 200_000_000
"""Bytes of a document; the largest that were seen, of newspapers, have some 30 million."""

_DEEPEST: Final = 20
"""Collections within collections."""

_LINES: Final = ("rights", "license")
_ATTRIBUTION: Final = frozenset({"", "attribution", "credit", "credit line", "provided by"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A manifest or collection that a collection only names, and that is in no file beside it."""

    id: str
    type: str
    label: str


@dataclass(slots=True)
class Presented:
    """What documents, and those beside them that they name, present.

    Attributes:
        records: one for each canvas with a picture, in the documents' order.
        problems: canvases and documents that were left out, with the reason.
        listed: what is named and not here; nothing is fetched.
    """

    records: list[dict[str, str]] = field(default_factory=list)
    problems: list[Flaw] = field(default_factory=list)
    listed: list[Reference] = field(default_factory=list)

    def rows(self) -> Iterator[Found]:
        """Yield the records with their numbers, and then what is wrong with the others."""
        yield from enumerate(self.records, 1)
        yield from self.problems
        for one in self.listed:
            reason = f"a {one.type.lower() or 'document'} that is in no file here: --download fetches it"
            yield Flaw(one.id or one.label or "a reference without an id", reason, "notice")


def open_documents(paths: Sequence[Path]) -> Table:
    """Read documents as a table, which has a column for each field and each label."""
    found = read_iiif(*paths)
    headers = dict.fromkeys(name for record in found.records for name in record)
    return Table(paths[0], "utf-8", "iiif", tuple(headers), found.rows)


def read_iiif(*paths: Path) -> Presented:
    """Read manifests and collections of version 2 or 3; BadInput where a file that is the only one is neither."""
    kinds, reader = dict[Path, str](), _Reader()
    for path in paths:
        try:
            kinds[path] = own_type(_presented(path))
        except BadInput as error:
            if len(paths) == 1:
                raise
            reader.refuse(path.name, str(error))
    reader.folders = tuple(dict.fromkeys(path.parent for path in kinds))
    for path in sorted(kinds, key=lambda one: kinds[one]):  # collections, which name manifests, first
        reader.read(_document(path), "", 0)
    return reader.found


def fault(path: Path) -> str:
    """Say why a file is no manifest or collection; nothing where it is one."""
    try:
        _presented(path)
    except BadInput as error:
        return str(error).replace(str(path), "it")
    return ""


def is_iiif(path: Path) -> bool:
    """Whether a file is a manifest or collection: told by its name and first character before it is read."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            if path.suffix.lower() != ".json" or not file.read(4096).lstrip().startswith("{"):
                return False
        return bool(_presented(path))
    except (BadInput, OSError, ValueError):
        return False


def _presented(path: Path) -> Node:
    document = _document(path)
    if own_type(document) not in _KINDS:
        raise BadInput(f"{path} is no IIIF manifest or collection: it says it is {own_type(document) or 'nothing'}")
    return document


def _document(path: Path) -> Node:
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput(f"{path} is larger than the {_LARGEST // 10**6} MB that an IIIF document may have")
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}; name an IIIF manifest or collection") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no JSON, which is UTF-8; name an IIIF manifest or collection") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no JSON: {error}; name an IIIF manifest or collection") from error
    return document if isinstance(document, dict) else {}


class _Reader:
    """Walks documents and those that they name, each once.

    Attributes:
        folders: in which documents that are named may be.
    """

    def __init__(self) -> None:
        self.found, self.folders = Presented(), tuple[Path, ...]()
        self._seen, self._refused = set[str](), set[Flaw]()
        self._beside: dict[str, Path] | None = None

    def refuse(self, name: str, reason: str) -> None:
        """Leave something out, and say why."""
        if (flaw := Flaw(name, reason)) not in self._refused:
            self._refused.add(flaw)
            self.found.problems.append(flaw)

    def read(self, document: Node, collection: str, depth: int) -> None:
        """Read a document; ``collection`` is what the collection it stands in is called."""
        name = _same(own_id(document))
        if name and name in self._seen:
            return
        self._seen.add(name)
        if own_type(document) == "Manifest":
            self._manifest(document, collection)
        elif depth >= _DEEPEST:
            self.refuse(own_id(document), f"more than {_DEEPEST} collections within each other")
        else:
            for part in _members(document):
                self._member(part, said(document.get("label")), depth)

    def _member(self, part: Node, collection: str, depth: int) -> None:
        if any(name in part for name in ("items", "sequences", "manifests", "collections", "members")):
            self.read(part, collection, depth + 1)
        elif _same(own_id(part)) in self._seen:
            return
        elif file := self._file(own_id(part)):
            self.read(_document(file), collection, depth + 1)
        else:
            self.found.listed.append(Reference(own_id(part), own_type(part), said(part.get("label"))))

    def _file(self, name: str) -> Path | None:
        """Return the document that calls itself so, or was fetched by that name."""
        if self._beside is None:
            self._beside = dict(self._files())
        return self._beside.get(_same(name)) or self._beside.get(document_stem_of(name))

    def _files(self) -> Iterator[tuple[str, Path]]:
        for file in sorted((file for folder in self.folders for file in folder.glob("*.json")), reverse=True):
            try:
                yield _same(own_id(_document(file))), file
            except BadInput as error:
                self.refuse(file.name, str(error))
            yield file.stem, file

    def _manifest(self, manifest: Node, collection: str) -> None:
        canvases = list(_canvases(manifest))
        if not canvases:
            self.refuse(own_id(manifest) or said(manifest.get("label")) or "a manifest", "a manifest without a canvas")
        for place, canvas in enumerate(canvases, 1):
            pictures = list(_pictures(canvas))
            if pictures:
                self.found.records.append(_record(manifest, canvas, pictures, collection, (place, len(canvases))))
            else:
                self.refuse(own_id(canvas) or f"canvas {place}", "a canvas without a picture")


def _same(address: str) -> str:
    """Return an address without what does not tell documents apart."""
    return address.partition("://")[2].rstrip("/") or address


def _members(collection: Node) -> Iterator[Node]:
    for name in ("items", "collections", "manifests", "members"):
        yield from nodes(collection.get(name))


def _canvases(manifest: Node) -> Iterator[Node]:
    """Yield the canvases: of version 3, or of the first sequence, which is the one in full, of version 2."""
    if "sequences" in manifest:
        for sequence in nodes(manifest["sequences"])[:1]:
            yield from nodes(sequence.get("canvases"))
    else:
        yield from (item for item in nodes(manifest.get("items")) if own_type(item) == "Canvas")


def _pictures(canvas: Node) -> Iterator[Picture]:
    """Yield the addresses of what is painted on a canvas, the one that fills it first."""
    annotations = [one for page in nodes(canvas.get("items")) for one in nodes(page.get("items"))]
    annotations += nodes(canvas.get("images"))
    annotations.sort(key=lambda one: "#xywh" in str(one.get("target", one.get("on", ""))))
    for annotation in annotations:
        if "painting" in str(annotation.get("motivation", "painting")):
            picture = picture_of(annotation.get("body", annotation.get("resource")))
            if picture:
                yield picture


def _record(
    manifest: Node, canvas: Node, pictures: list[Picture], collection: str, place: tuple[int, int]
) -> dict[str, str]:
    """Make the record of a canvas; ``place`` is its number and how many there are."""
    whole, part = said(manifest.get("label")), said(canvas.get("label"))
    alone = place[1] == 1
    record = {
        "id": own_id(canvas) or f"{own_id(manifest)}#{place[0]}",
        "image": pictures[0].address,
        "image service": pictures[0].service,
        "title": _metadata(canvas).get("Title") or _title(whole, part, alone=alone),
        "object_id": "" if alone else own_id(manifest),
        "collection": collection,
        "page_url": _first(linked, ("homepage", "related"), canvas, manifest),
        "rights_uri": _first(linked, _LINES, canvas, manifest),
        "rights": "" if _first(linked, _LINES, canvas, manifest) else _first(said, _LINES, canvas, manifest),
        "credit": ". ".join(dict.fromkeys(filter(None, (_statement(node) for node in (canvas, manifest))))),
        "description": _first(said, ("summary", "description"), canvas, manifest),
        "provider": said([provider.get("label") for provider in nodes(manifest.get("provider"))]),
        "further images": "; ".join(picture.address for picture in pictures[1:]),
    }
    labelled = _metadata(manifest, canvas)
    further = {f"{name} (labelled)" if name in record else name: text for name, text in labelled.items()}
    return {name: text for name, text in (*record.items(), *further.items()) if text}


def _title(whole: str, part: str, *, alone: bool) -> str:
    """Return what a canvas is called that has no title of its own: by its manifest, and its place in it."""
    return (whole or part) if alone else ", ".join(dict.fromkeys(filter(None, (whole, part))))


def _first(read: Any, names: tuple[str, ...], *places: Node) -> str:
    """Return what is read under the first of some names that says something, the nearest node first."""
    return next((found for node in places for name in names if (found := read(node.get(name)))), "")


def _statement(node: Node) -> str:
    """Return the required statement, with its label where that says more than that it is one."""
    statement = node.get("requiredStatement")
    if isinstance(statement, dict):
        label, value = said(statement.get("label")), said(statement.get("value"))
        return f"{label}: {value}" if value and label.casefold() not in _ATTRIBUTION else value
    return said(node.get("attribution"))


def _metadata(*places: Node) -> dict[str, str]:
    """Return what is labelled, by label; of one label, everything."""
    found: dict[str, dict[str, None]] = {}
    for pair in (pair for node in places for pair in nodes(node.get("metadata"))):
        label, value = said(pair.get("label")), said(pair.get("value"))
        if value:
            found.setdefault(label or "metadata", {})[value] = None
    return {label: "; ".join(values) for label, values in found.items()}
