"""Downloading as a stage of a load: which addresses are due, who asks them, what came of it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Final

import structlog

from loaders.addresses import Fetch, Fetched, Mark, host_of, stem_of
from loaders.download.fetch import Failed, Fetcher
from loaders.download.guard import Client, Limits
from loaders.download.index import NAME, Index, Record, downloading, failed_now
from loaders.download.kinds import PICTURE, Kind
from loaders.download.polite import AT_ONCE, Blocked, Clock, Ended, Hosts, least_seconds, told_time
from loaders.progress import Advance, Progress
from loaders.request import Download, LoadRequest
from stores.words import counted

_DAY: Final = 86400.0

OpenClient = Callable[[Download], Client]

Spent = Callable[[], AbstractSet[Mark]]
"""Marks of files that were loaded already, so that nothing is missing where they are gone."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a download has to do.

    Attributes:
        addresses: that have to be asked, at so many ``hosts``.
        there: addresses that need not be asked.
        seconds: the least it takes.
    """

    addresses: int
    hosts: int
    there: int
    seconds: float

    def line(self, kind: Kind = PICTURE) -> str:
        """Return what a person reads."""
        there = f"{self.there:,} downloaded before, " if self.there else ""
        if not self.addresses:
            return f"{there}nothing to download"
        return (
            f"{there}{counted(self.addresses, kind.name)} to ask for at {counted(self.hosts, 'host')}: "
            f"at least {told_time(self.seconds)}"
        )


@dataclass(slots=True)
class _Work:
    """Addresses sorted out: the url of each, what is due by host, and what cannot be asked."""

    urls: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    due: dict[str, list[str]] = field(default_factory=dict)

    def choose(self, index: Index, download: Download, spent: AbstractSet[Mark]) -> None:
        """Choose what is due: nothing came yet, the file is missing, or it was long ago. What failed before is last."""
        since = time.time() - download.refresh_days * _DAY
        for url in dict.fromkeys(self.urls.values()):
            known = index.get(stem_of(url))
            if known is None or known.failed or known.asked <= since or not is_there(known, index.folder, spent):
                self.due.setdefault(host_of(url), []).append(url)
        for urls in self.due.values():
            urls.sort(key=lambda url: bool((known := index.get(stem_of(url))) and known.failed))

    def expected(self, rates: Mapping[str, float]) -> Expected:
        counts = {host: len(urls) for host, urls in self.due.items()}
        total = sum(counts.values())
        there = len(set(self.urls.values())) - total
        return Expected(total, len(counts), there, least_seconds(counts, rates))


def fetching(request: LoadRequest, spent: Spent, progress: Progress) -> Fetch | None:
    """Return what brings the pictures of a load by their addresses; without ``--download`` those that came before."""
    if request.folder is None:
        return None
    if request.download is not None:
        return Downloads(request.folder, request.download, spent, progress)
    return Remembered(request.folder, spent) if (request.folder / NAME).exists() else None


def expecting(request: LoadRequest, spent: Spent) -> Fetch | None:
    """Return what says what :func:`fetching` would bring, and asks nobody."""
    if request.folder is None or request.download is None:
        return fetching(request, spent, Progress(quiet=True))
    return Expecting(request.folder, request.download, spent)


class Remembered:
    """Knows the pictures that were downloaded into a folder before, and asks nobody."""

    def __init__(self, folder: Path, spent: Spent) -> None:
        self._folder, self._spent = folder, spent

    def __call__(self, addresses: Sequence[str]) -> Fetched:
        """Say what is there."""
        return _fetched(_sort(addresses), Index(self._folder), self._spent())


class Expecting:
    """Knows what a download would ask, and asks nobody; ``expected`` says it afterwards."""

    def __init__(self, folder: Path, download: Download, spent: Spent, kind: Kind = PICTURE) -> None:
        self._folder, self._download, self._spent, self._kind = folder, download, spent, kind
        self.expected = Expected(0, 0, 0, 0.0)

    def __call__(self, addresses: Sequence[str]) -> Fetched:
        """Say what is there; the rest is pending."""
        index, spent = Index(self._folder), self._spent()
        work = _sort(addresses, self._kind)
        work.choose(index, self._download, spent)
        self.expected = work.expected(self._download.rates)
        fetched = _fetched(work, index, spent)
        due = {url for urls in work.due.values() for url in urls}
        return replace(fetched, pending={a for a, url in work.urls.items() if url in due} - fetched.files.keys())


class Downloads:
    """Downloads into a folder."""

    def __init__(
        self,
        folder: Path,
        download: Download,
        spent: Spent,
        progress: Progress,
        clock: Clock | None = None,
        open_client: OpenClient | None = None,
        kind: Kind = PICTURE,
    ) -> None:
        self._folder, self._download, self._spent, self._progress = folder, download, spent, progress
        self._clock, self._open_client = clock or Clock(), open_client or asking
        self._kind = kind

    def __call__(self, addresses: Sequence[str]) -> Fetched:
        """Ask for what is due. What fails is said; it stops nothing else."""
        with downloading(self._folder) as index:
            spent = self._spent()
            work = _sort(addresses, self._kind)
            work.choose(index, self._download, spent)
            expected = work.expected(self._download.rates)
            log = structlog.get_logger()
            log.info("download", ahead=expected.line(self._kind))
            hosts = Hosts(self._download.rates, self._clock)
            each = _Each(index, hosts, spent)
            with self._progress.stage("download", expected.addresses) as each.advance:
                self._run(work, each)
            log.info("download", done=each.line())
            for told in hosts.blocked():
                log.warning("download", stopped=told)
            work.failed |= {address: each.failed[url] for address, url in work.urls.items() if url in each.failed}
            return _fetched(work, index, spent)

    def _run(self, work: _Work, each: "_Each") -> None:
        """Ask every host in a thread of its own, the one with most addresses first."""
        queues = sorted(work.due.values(), key=len, reverse=True)
        with ThreadPoolExecutor(AT_ONCE) as pool, _ending(self._clock):
            running = [pool.submit(self._host, urls, each) for urls in queues]
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()

    def _host(self, urls: Sequence[str], each: "_Each") -> None:
        """Ask one host for all that is due of it; the end of the run ends it."""
        client = self._open_client(self._download)
        fetcher = Fetcher(client, each.hosts, self._folder, self._kind)
        try:
            for url in urls:
                self._clock.check()
                each.ask(url, fetcher)
        except Ended:
            return
        finally:
            client.close()


@dataclass(slots=True)
class _Each:
    """What all threads share: how to ask for an address, and what came of each."""

    index: Index
    hosts: Hosts
    spent: AbstractSet[Mark]
    advance: Advance = int
    came: int = 0
    same: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def ask(self, url: str, fetcher: Fetcher) -> None:
        """Ask for one address, and write down what came of it."""
        stem = stem_of(url)
        known = self.index.get(stem)
        known_file = known if known is not None and is_there(known, self.index.folder, self.spent) else None
        try:
            found = fetcher.fetch(url, known_file)
            self.index.note(found)
            self._count(same=known_file is not None and found.content == known_file.content)
        except Failed as error:
            self.index.note(failed_now(known, stem, time.time(), str(error)))
            self.failed[url] = str(error)
        except Blocked as error:
            self.failed[url] = str(error)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            self.failed[url] = f"an answer that could not be read ({type(error).__name__})"
        with self._lock:
            self.advance(1)

    def line(self) -> str:
        """Return what a person reads at the end."""
        return f"{self.came:,} came, {self.same:,} had not changed, {len(self.failed):,} could not be had"

    def _count(self, *, same: bool) -> None:
        with self._lock:
            self.same += same
            self.came += not same


def asking(download: Download) -> Client:
    """Open what asks other hosts."""
    return Client(agent(download.contact), Limits(), allow_private=download.allow_private)


def agent(contact: str) -> str:
    """Return the User-Agent: what asks, and whom to write to about it."""
    return f"xdegrees/{version('xdegrees')} ({contact})"


@contextmanager
def _ending(clock: Clock) -> Iterator[None]:
    """End the run where something is raised: threads that wait go home."""
    try:
        yield
    except BaseException:
        clock.end()
        raise


def is_there(known: Record, folder: Path, spent: AbstractSet[Mark]) -> bool:
    """Whether the picture of an address need not come again: its file is there, or was loaded and deleted since."""
    if not known.file:
        return False
    kept = known.kept(folder)
    return kept.path.exists() or kept.mark in spent


def _sort(addresses: Sequence[str], kind: Kind = PICTURE) -> _Work:
    work = _Work()
    for address in dict.fromkeys(addresses):
        try:
            work.urls[address] = kind.url_of(address)
        except ValueError as error:
            work.failed[address] = f"its address cannot be asked: {error}"
    return work


def _fetched(work: _Work, index: Index, spent: AbstractSet[Mark]) -> Fetched:
    """Put together what there is of each address."""
    known = {address: index.get(stem_of(url)) for address, url in work.urls.items()}
    files = {a: r.kept(index.folder) for a, r in known.items() if r and is_there(r, index.folder, spent)}
    return Fetched(files, work.failed, frozenset(), index.own)
