"""Pictures by their addresses, from a server that misbehaves: politeness by its own log, what is refused and kept."""

import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from loaders.addresses import Fetched
from loaders.download.guard import Client, Limits
from loaders.download.index import NAME, Index, downloading
from loaders.download.stage import Downloads, Expecting, Remembered, agent
from loaders.progress import Progress
from loaders.request import Download
from stores.errors import Busy
from tests.misbehaving import Internet, Museum, Turned, jpeg, museum, raw

HERE = Download("who@example.org", allow_private=True)
QUICK = Limits(megabytes=1.0, connect=5.0, idle=0.3, total=0.6)


def nothing_spent() -> frozenset[tuple[int, int]]:
    return frozenset()


@pytest.fixture
def shop() -> Iterator[Museum]:
    """The server, with a clock that waits turn."""
    with museum(Turned()) as opened:
        yield opened


def client(download: Download, limits: Limits = QUICK) -> Client:
    return Client(agent(download.contact), limits, allow_private=download.allow_private)


def fetch(shop: Museum, folder: Path, paths: Sequence[str], download: Download = HERE, **more: object) -> Fetched:
    """Download what the server has at some paths."""
    opened: Callable[[Download], Client] = more.pop("opened", client)  # type: ignore[assignment]
    spent = more.pop("spent", nothing_spent)
    stage = Downloads(folder, download, spent, Progress(quiet=True), shop.clock, opened)  # type: ignore[arg-type]
    return stage([shop.url(path) if path.startswith("/") else path for path in paths])


def reasons(found: Fetched) -> list[str]:
    return list(found.failed.values())


def test_pictures_come_whole_and_are_named_by_address_and_kind(shop: Museum, tmp_path: Path) -> None:
    found = fetch(shop, tmp_path, ["/ok/a", "/ok/b.png", "/called_html/c"])
    assert [kept.path.read_bytes() for kept in found.files.values()] == [
        jpeg("/ok/a"),
        jpeg("/ok/b.png"),
        jpeg("/called_html/c"),
    ]
    assert {path.suffix for path in tmp_path.iterdir() if not path.name.startswith(".")} == {".jpg"}
    assert found.own == {kept.path.name for kept in found.files.values()}
    assert found.failed == {}


def test_a_host_is_asked_once_a_second_and_told_who_asks(shop: Museum, tmp_path: Path) -> None:
    fetch(shop, tmp_path, [f"/ok/{n}" for n in range(12)])
    assert shop.paths() == [f"/ok/{n}" for n in range(12)]
    assert min(shop.gaps()) >= 1.0
    assert {asked.headers["User-Agent"] for asked in shop.log} == {"xdegrees/0.1.0 (who@example.org)"}
    assert {asked.headers["Accept-Encoding"] for asked in shop.log} == {"identity"}


def test_ones_own_host_may_be_asked_more_often(shop: Museum, tmp_path: Path) -> None:
    own = replace(HERE, rates={f"127.0.0.1:{shop.port}": 20.0})
    fetch(shop, tmp_path, [f"/ok/{n}" for n in range(12)], own)
    assert all(gap == pytest.approx(0.05) for gap in shop.gaps())


def test_a_redirect_waits_for_its_turn_too(shop: Museum, tmp_path: Path) -> None:
    found = fetch(shop, tmp_path, ["/moved?/ok/a", "/moved?/ok/b"])
    assert len(found.files) == 2
    assert len(shop.log) == 4
    assert min(shop.gaps()) >= 1.0


def test_retry_after_is_obeyed_and_everything_comes(shop: Museum, tmp_path: Path) -> None:
    found = fetch(shop, tmp_path, [f"/throttles/{n}" for n in range(9)])
    assert len(found.files) == 9
    waits = [gap for gap, asked in zip(shop.gaps(), shop.log, strict=False) if asked.status == 429]
    assert len(waits) >= 3
    assert min(waits) >= 7.0


def test_retry_after_may_be_a_date_by_the_clock_of_the_host(shop: Museum, tmp_path: Path) -> None:
    assert len(fetch(shop, tmp_path, ["/dates/a"]).files) == 1
    assert shop.gaps() == [pytest.approx(90.0)]


def test_a_host_that_blocks_is_left_alone_and_others_go_on(shop: Museum, tmp_path: Path) -> None:
    with museum(shop.clock) as other:
        wanted = [shop.url(f"/blocks/{n}") for n in range(60)] + [other.url(f"/ok/{n}") for n in range(60)]
        found = fetch(shop, tmp_path, wanted)
        assert len(other.log) == 60
    assert len(shop.log) == 36
    assert len(found.files) == 90
    refused = shop.gaps()[30:]
    assert all(gap >= 5.0 * 2**n for n, gap in enumerate(refused))
    assert reasons(found)[0] == "403 Forbidden"
    assert reasons(found)[-1] == (
        f"not asked, since 127.0.0.1:{shop.port} answered 6 requests in a row with 403 Forbidden; "
        "run again later, it goes on from here"
    )
    shop.counts["blocks"] = -1000
    shop.log.clear()
    assert len(fetch(shop, tmp_path, [shop.url(f"/blocks/{n}") for n in range(60)]).files) == 60
    assert shop.paths() == [f"/blocks/{n}" for n in [*range(36, 60), *range(30, 36)]]


def test_a_host_that_asks_for_a_day_is_left_alone_at_once(shop: Museum, tmp_path: Path) -> None:
    found = fetch(shop, tmp_path, ["/away/a", "/away/b"])
    assert len(shop.log) == 1
    assert reasons(found)[0] == "429 Too Many Requests"
    assert "asks to be left alone for 24 h" in reasons(found)[1]


def test_an_error_of_the_server_is_tried_once_more(shop: Museum, tmp_path: Path) -> None:
    found = fetch(shop, tmp_path, ["/once/a", "/down/b", "/ok/c"])
    assert shop.paths() == ["/once/a", "/once/a", "/down/b", "/down/b", "/ok/c"]
    assert reasons(found) == ["500 Internal Server Error"]
    assert [gap >= 5 for gap in shop.gaps()] == [True, False, True, True]


def test_single_pictures_that_are_forbidden_do_not_stop_a_host(shop: Museum, tmp_path: Path) -> None:
    paths = [f"/{kind}/{n}" for n in range(8) for kind in ("forbidden", "ok")]
    found = fetch(shop, tmp_path, paths)
    assert shop.paths() == paths
    assert reasons(found) == ["403 Forbidden"] * 8


def test_a_host_that_is_not_there_is_given_up(shop: Museum, tmp_path: Path) -> None:
    nowhere = Internet({})
    opened = lambda download: Client(agent(download.contact), QUICK, resolve=nowhere.resolve, inner=nowhere)  # noqa: E731
    found = fetch(shop, tmp_path, [f"http://gone.example/{n}" for n in range(9)], opened=opened)
    assert reasons(found)[0] == "no connection (its name is not known)"
    assert reasons(found)[-1].startswith(
        "not asked, since gone.example answered 6 requests in a row with no connection"
    )


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/missing/a", "404 Not Found"),
        ("/html/a", "a web page (HTML) instead of a picture, called image/jpeg"),
        ("/svg/a", "an SVG instead of a picture, called image/svg+xml"),
        ("/empty/a", "nothing instead of a picture"),
        ("/bomb/a", "an archive instead of a picture, called image/jpeg"),
        ("/packed/a", "answered packed (gzip), though that was not asked for"),
        ("/vast/a", "more than the 1 MB that a picture may have: it says 9,000"),
        ("/endless/a", "more than the 1 MB that a picture may have"),
        ("/drips/a", "not there after 0.6 s"),
        ("/stalls/a", "nothing more in time"),
        ("/circle/a", "redirected in a circle, back to http://127.0.0.1:PORT/circle/a"),
        ("/on/1", "redirected more than 5 times"),
        ("/moved?ftp://example.org/a", "redirected to 'ftp://example.org/a': ftp is no http or https"),
        ("/moved?file:///etc/passwd", "redirected to 'file:///etc/passwd': file is no http or https"),
        ("http://who:word@127.0.0.1/a", "its address cannot be asked: a user and password in an address are not sent"),
        ("http:///a", "its address cannot be asked: there is no host in it"),
    ],
)
def test_what_is_no_picture_is_named_and_leaves_nothing_behind(
    shop: Museum, tmp_path: Path, path: str, reason: str
) -> None:
    found = fetch(shop, tmp_path, [path, "/ok/after"])
    assert len(found.files) == 1
    assert reasons(found)[0].startswith(reason.replace("PORT", str(shop.port)))
    assert sorted(p.name for p in tmp_path.iterdir() if p.name not in (NAME, ".downloads.lock")) == list(found.own)


def test_an_answer_that_ends_early_is_no_picture(shop: Museum, tmp_path: Path) -> None:
    found = fetch(shop, tmp_path, ["/short/a"])
    assert shop.paths() == ["/short/a", "/short/a"]
    assert reasons(found)[0].startswith("an answer that is no HTTP or ended early")
    assert found.files == {}


def test_an_answer_of_any_size_takes_little_memory(shop: Museum, tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        found = fetch(shop, tmp_path, ["/endless/a"], opened=partial(client, limits=Limits(megabytes=60)))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reasons(found) == ["more than the 60 MB that a picture may have"]
    assert most < 8e6


def test_what_is_there_is_not_asked_again(shop: Museum, tmp_path: Path) -> None:
    paths = ["/ok/a", "/plain/b", "/missing/c"]
    first = fetch(shop, tmp_path, paths)
    shop.log.clear()
    again = fetch(shop, tmp_path, [*paths, "/ok/new"])
    assert shop.paths() == ["/ok/new", "/missing/c"]
    assert first.files.items() <= again.files.items()


def test_after_a_while_it_is_asked_only_whether_pictures_changed(shop: Museum, tmp_path: Path) -> None:
    paths = ["/ok/a", "/dated/b", "/plain/c"]
    first = fetch(shop, tmp_path, paths)
    shop.log.clear()
    now = replace(HERE, refresh_days=0.0)
    assert fetch(shop, tmp_path, paths, now).files == first.files
    assert [asked.status for asked in shop.log] == [304, 304, 200]
    shop.version = "2"
    changed = fetch(shop, tmp_path, paths, now)
    assert next(kept.path.read_bytes() for kept in changed.files.values()) == jpeg("/ok/a2")
    assert [a == b for a, b in zip(first.files.values(), changed.files.values(), strict=True)] == [False, True, True]


def test_a_picture_that_cannot_be_asked_for_any_more_stays(shop: Museum, tmp_path: Path) -> None:
    first = fetch(shop, tmp_path, ["/once/a"])
    shop.counts.clear()
    again = fetch(shop, tmp_path, ["/once/a"], replace(HERE, refresh_days=0.0))
    assert again.files == first.files
    shop.gone.add("/once/a")
    gone = fetch(shop, tmp_path, ["/once/a"], replace(HERE, refresh_days=0.0))
    assert gone.files == first.files
    assert reasons(gone) == ["404 Not Found"]


def test_a_deleted_picture_comes_again_unless_it_was_loaded(shop: Museum, tmp_path: Path) -> None:
    first = fetch(shop, tmp_path, ["/ok/a"])
    (kept,) = first.files.values()
    kept.path.unlink()
    shop.log.clear()
    spent = fetch(shop, tmp_path, ["/ok/a"], spent=lambda: {kept.mark})
    assert spent.files == first.files
    assert shop.log == []
    fetch(shop, tmp_path, ["/ok/a"], replace(HERE, refresh_days=0.0), spent=lambda: {kept.mark})
    assert [asked.status for asked in shop.log] == [304]
    assert not kept.path.exists()
    assert fetch(shop, tmp_path, ["/ok/a"]).files.keys() == first.files.keys()
    assert shop.log[-1].status == 200
    assert kept.path.exists()


def test_a_file_that_never_became_whole_is_not_taken_and_one_without_a_line_is(shop: Museum, tmp_path: Path) -> None:
    found = fetch(shop, tmp_path, ["/ok/a", "/ok/b"])
    one, other = (kept.path for kept in found.files.values())
    lines = (tmp_path / NAME).read_text(encoding="utf-8").splitlines()
    (tmp_path / NAME).write_text("\n".join(lines[:-1]) + "\n" + lines[-1][:40], encoding="utf-8")
    one.rename(tmp_path / f".unfinished-{one.stem}")
    (tmp_path / ".unfinished-of-a-row-that-went").touch()
    shop.log.clear()
    again = fetch(shop, tmp_path, ["/ok/a", "/ok/b"])
    assert shop.paths() == ["/ok/a"]
    assert again.files.keys() == found.files.keys()
    assert other.exists()
    assert list(tmp_path.glob(".unfinished*")) == []


def test_an_index_keeps_one_line_an_address_and_no_address(shop: Museum, tmp_path: Path) -> None:
    now = replace(HERE, refresh_days=0.0)
    for _ in range(9):
        fetch(shop, tmp_path, ["/ok/a?token=hidden", "/ok/b"], now)
    lines = (tmp_path / NAME).read_text(encoding="utf-8")
    assert lines.count('"stem"') <= 6
    assert "hidden" not in lines
    assert "127.0.0.1" not in lines
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_two_do_not_download_into_one_folder(shop: Museum, tmp_path: Path) -> None:
    with downloading(tmp_path), pytest.raises(Busy, match="another load downloads into"):
        fetch(shop, tmp_path, ["/ok/a"])
    assert shop.log == []


def test_what_a_download_would_take_is_known_without_asking_or_writing(shop: Museum, tmp_path: Path) -> None:
    fetch(shop, tmp_path / "there", ["/ok/a"])
    shop.log.clear()
    wanted = [shop.url("/ok/a"), *(f"https://one.example/{n}" for n in range(600)), "http://two.example/", "nonsense"]
    for folder, line in (
        (tmp_path / "there", "1 downloaded before, 601 pictures to ask for at 2 hosts: at least 10 min"),
        (tmp_path / "none", "602 pictures to ask for at 3 hosts: at least 10 min"),
    ):
        stage = Expecting(folder, HERE, nothing_spent)
        found = stage(wanted)
        assert stage.expected.line() == line
        assert len(found.pending) + len(found.files) == 602
    assert shop.log == []
    assert not (tmp_path / "none").exists()


def test_without_downloading_only_what_came_before_is_known(shop: Museum, tmp_path: Path) -> None:
    first = fetch(shop, tmp_path, ["/ok/a"])
    shop.log.clear()
    found = Remembered(tmp_path, nothing_spent)([shop.url("/ok/a"), shop.url("/ok/b")])
    assert found == first
    assert shop.log == []


def test_a_iiif_picture_is_never_asked_for_in_full_size(shop: Museum, tmp_path: Path) -> None:
    fetch(shop, tmp_path, ["/iiif/2/abc", "/iiif/2/abc/info.json", "/iiif/3/d%2Fe/full/max/0/default.jpg"])
    assert shop.paths() == [
        "/iiif/2/abc/full/!1024,1024/0/default.jpg",
        "/iiif/3/d%2Fe/full/!1024,1024/0/default.jpg",
    ]


def test_a_full_disk_ends_the_run_instead_of_blaming_pictures(shop: Museum, tmp_path: Path) -> None:
    class Full(Client):
        def ask(self, *_: object) -> None:  # type: ignore[override]
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fetch(shop, tmp_path, ["/ok/a"], opened=lambda d: Full(agent(d.contact), QUICK))
    assert Index(tmp_path).own == set()


def test_what_comes_is_what_a_load_decodes(shop: Museum, tmp_path: Path) -> None:
    found = fetch(shop, tmp_path, ["/ok/a"])
    (kept,) = found.files.values()
    with Image.open(kept.path) as image:
        assert image.size == (48, 48)
    assert kept.mark == (kept.path.stat().st_size, kept.path.stat().st_mtime_ns)
    assert kept.mark[1] <= time.time_ns()


_NAMES = st.sampled_from(["Location", "Retry-After", "Date", "Content-Length", "Content-Type", "ETag", "Last-Modified"])
_VALUES = st.one_of(
    st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=40),
    st.sampled_from(
        ["http://[", "//", "http://a:99999/", "\xb2", "9" * 40, "Mon, 99 Foo 99999999999 25:61:61 GMT", "-1"]
    ),
)
_STATUSES = st.sampled_from(
    [b"200 OK", b"302 Found", b"304 Same", b"429 Slow", b"503 x", b"999 x", b"100 x", b"", b"abc"]
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(status=b"429 Slow", headers=[("Retry-After", "\xb2")], body=b"")
@example(status=b"503 x", headers=[("Retry-After", "Mon, 99 Foo 99999999999 25:61:61 GMT")], body=b"")
@example(status=b"302 Found", headers=[("Location", "http://[")], body=b"")
@example(status=b"200 OK", headers=[("Content-Length", "\xb2")], body=b"")
@given(status=_STATUSES, headers=st.lists(st.tuples(_NAMES, _VALUES), max_size=5), body=st.binary(max_size=60))
def test_no_answer_whatever_it_says_ends_a_run(
    tmp_path_factory: pytest.TempPathFactory, status: bytes, headers: list[tuple[str, str]], body: bytes
) -> None:
    lines = [f"{name}: {value}".encode("latin-1") for name, value in headers]
    with raw(b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", body])) as port:
        stage = Downloads(tmp_path_factory.mktemp("raw"), HERE, frozenset, Progress(quiet=True), Turned(), numeric)
        found = stage([f"http://127.0.0.1:{port}/a"])
    assert len(found.failed) + len(found.files) == 1


def numeric(download: Download) -> Client:
    """Open what knows no names, so that no test asks the internet for one."""
    nowhere = Internet({})
    return Client(agent(download.contact), QUICK, resolve=nowhere.resolve, allow_private=True)
