"""Answers that are odd but not wrong: headers beyond ASCII, pictures in one size alone, documents that are none."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from loaders.addresses import AS_IT_IS, Fetched
from loaders.download.documents import DOCUMENT
from loaders.download.kinds import PICTURE, Kind
from loaders.download.stage import Downloads
from loaders.progress import Progress
from loaders.request import Download
from tests.misbehaving import Museum, Turned, jpeg, museum

HERE = Download("who@example.org", {}, allow_private=True, refresh_days=0.0)
LEVEL_0 = "/tiles/full/full/0/default.jpg"

Answer = tuple[int, Mapping[str, str], list[bytes]]


@pytest.fixture
def shop() -> Iterator[Museum]:
    """The server, with a clock that waits turn."""
    with museum(Turned()) as opened:
        yield opened


def answering(shop: Museum, name: str, answer: Callable[[str, Mapping[str, str]], Answer]) -> None:
    """Let what lies under a name be answered so."""
    setattr(shop, f"_{name}", answer)


def fetch(shop: Museum, folder: Path, *addresses: str, kind: Kind = PICTURE) -> Fetched:
    return Downloads(folder, HERE, frozenset, Progress(quiet=True), shop.clock, kind=kind)(addresses)


def test_a_tag_beyond_ascii_is_sent_back_as_it_came(shop: Museum, tmp_path: Path) -> None:
    tag = '"v\xe9rsion"'

    def tagged(path: str, headers: Mapping[str, str]) -> Answer:
        known = headers.get("If-None-Match") == tag
        return (304, {}, [b""]) if known else (200, {"ETag": tag}, [jpeg(path)])

    answering(shop, "tagged", tagged)
    first = fetch(shop, tmp_path, shop.url("/tagged/a"), shop.url("/ok/b"))
    assert len(first.files) == 2
    assert fetch(shop, tmp_path, shop.url("/tagged/a"), shop.url("/ok/b")).files == first.files
    assert [asked.status for asked in shop.log] == [200, 200, 304, 304]


def test_a_way_beyond_ascii_is_followed_as_utf_8(shop: Museum, tmp_path: Path) -> None:
    way = "/ok/J\u00f6rg.jpg".encode().decode("latin-1")
    answering(shop, "way", lambda _path, _headers: (302, {"Location": way}, [b""]))
    assert len(fetch(shop, tmp_path, shop.url("/way/a")).files) == 1
    assert shop.paths() == ["/way/a", "/ok/J%C3%B6rg.jpg"]


def test_a_picture_in_ready_made_sizes_alone_is_asked_for_as_it_is(shop: Museum, tmp_path: Path) -> None:
    def tiles(path: str, _headers: Mapping[str, str]) -> Answer:
        return (200, {}, [jpeg(path)]) if path == LEVEL_0 else (404, {}, [b""])

    answering(shop, "tiles", tiles)
    assert fetch(shop, tmp_path, shop.url(LEVEL_0)).files == {}
    assert len(fetch(shop, tmp_path, shop.url(LEVEL_0 + AS_IT_IS)).files) == 1


def test_what_is_no_document_is_not_believed_to_be_one(shop: Museum, tmp_path: Path) -> None:
    said: list[dict[str, Any]] = [{"error": "busy"}, {"type": "Manifest"}]
    answering(shop, "docs", lambda _path, _headers: (200, {}, [repr(said.pop(0)).replace("'", '"').encode()]))
    first = fetch(shop, tmp_path, shop.url("/docs/a"), kind=DOCUMENT)
    assert list(first.failed.values()) == ["it is no IIIF manifest or collection: it says it is nothing"]
    assert len(fetch(shop, tmp_path, shop.url("/docs/a"), kind=DOCUMENT).files) == 1
