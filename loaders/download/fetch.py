"""One address to one file: asked for, followed, checked while it comes, tried again where that may help."""

import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import httpcore

from loaders.addresses import shown, stem_of
from loaders.download.guard import Client, Closed, TooLong
from loaders.download.index import UNFINISHED, Record
from loaders.download.kinds import ENOUGH, PICTURE, Kind, told_kind
from loaders.download.polite import Blocked, Host, Hosts

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_DIGITS: Final = re.compile(r"[0-9]{1,20}")
_WAIT: Final = (403, 429)
"""What a host answers that wants to be left alone; beside everything from 500 on."""


class Failed(Exception):
    """An address does not bring what it should; the message says why."""


class _Refused(Exception):
    """A host does not want to answer, or cannot just now."""

    def __init__(self, host: Host, told: str, *, again: bool, asked: float | None = None) -> None:
        super().__init__(told)
        self.host, self.again, self.asked = host, again, asked


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches into a folder, over one client; of one thread."""

    client: Client
    hosts: Hosts
    folder: Path
    kind: Kind = PICTURE

    @property
    def most(self) -> float:
        """Megabytes that an answer may have."""
        return min(self.client.limits.megabytes, self.kind.megabytes)

    def fetch(self, url: str, known: Record | None) -> Record:
        """Return what is known of an address now; where there is a ``known`` file, only if it changed.

        Failed where there is no picture, Blocked where its host is not asked any more.
        """
        tries = 0
        while True:
            tries += 1
            try:
                return self._follow(url, known)
            except _Refused as refused:
                refused.host.refused(str(refused), refused.asked)
                told_to_wait = refused.asked is not None
                if refused.host.blocked or not (refused.again and (told_to_wait or tries < self.client.limits.tries)):
                    raise Failed(str(refused)) from refused
            except Blocked as blocked:
                if (first := self.hosts.of(url)) is not blocked.host:
                    first.refused(f"a way to {blocked.host.name}, which is not asked any more", 0.0)
                raise

    def _follow(self, url: str, known: Record | None) -> Record:
        """Ask for an address and wherever it leads."""
        seen = [url]
        while True:
            host = self.hosts.of(seen[-1])
            host.turn()
            try:
                found = self._ask(seen[-1], url, known, host)
            except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
                raise _Refused(host, _told(error), again=True) from error
            except TooLong as error:
                raise Failed(f"not there after {self.client.limits.total:g} s") from error
            except Closed as error:
                raise Failed(f"{_way(seen)}{error}") from error
            if isinstance(found, Record):
                for each in seen:
                    self.hosts.of(each).answered()
                return found
            seen.append(self._checked(found, seen))

    def _checked(self, found: str, seen: Sequence[str]) -> str:
        """Return where a redirect leads; Failed where it must not be followed."""
        try:
            url = self.kind.url_of(urljoin(seen[-1], found))
        except ValueError as error:
            raise Failed(f"redirected to {shown(found)[:200]!r}: {error}") from error
        if url in seen:
            raise Failed(f"redirected in a circle, back to {shown(url)}")
        if len(seen) > self.client.limits.redirects:
            raise Failed(f"redirected more than {self.client.limits.redirects} times")
        return url

    def _ask(self, at: str, url: str, known: Record | None, host: Host) -> Record | str:
        """Ask once: a record where that is the end of it, else where it leads."""
        with self.client.ask(at, [("Accept", self.kind.accept), *_conditions(known)]) as answer:
            if answer.status in _REDIRECTS and (leads := _location(answer)):
                return leads
            if answer.status == HTTPStatus.NOT_MODIFIED and known is not None:
                return replace(known, asked=time.time(), failed="")
            if answer.status in _WAIT or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                again = answer.status != HTTPStatus.FORBIDDEN
                raise _Refused(host, _status(answer.status), again=again, asked=_retry_after(answer))
            if answer.status != HTTPStatus.OK:
                host.answered()
                raise Failed(_status(answer.status))
            return self._save(answer, stem_of(url), known)

    def _save(self, answer: httpcore.Response, stem: str, known: Record | None) -> Record:
        """Write the body as it comes under another name, and give the file its own when it is whole."""
        self._check_headers(answer)
        unfinished = self.folder / f"{UNFINISHED}{stem}"
        try:
            size, content, suffix = self._stream(answer, unfinished)
            record = Record(stem, time.time(), stem + suffix, size, content=content)
            record = replace(record, etag=_header(answer, "etag"), modified=_header(answer, "last-modified"))
            if fault := self.kind.fault(unfinished):
                raise Failed(fault)
            return _named(record, unfinished, self.folder, known)
        finally:
            unfinished.unlink(missing_ok=True)

    def _stream(self, answer: httpcore.Response, path: Path) -> tuple[int, str, str]:
        """Write a body; return its size in bytes, its sha256 in hex, and the suffix of what it is."""
        digest, size, start, suffix = sha256(), 0, b"", ""
        with path.open("wb") as file:
            for chunk in answer.iter_stream():
                self.hosts.clock.check()
                size += len(chunk)
                if size > self.most * 1e6:
                    raise Failed(self._too_large())
                if not suffix:
                    start += chunk[: ENOUGH - len(start)]
                    suffix = self._suffix(answer, start) if len(start) >= ENOUGH else ""
                digest.update(chunk)
                file.write(chunk)
            suffix = suffix or self._suffix(answer, start)
            file.flush()
            os.fsync(file.fileno())
        return size, digest.hexdigest(), suffix

    def _check_headers(self, answer: httpcore.Response) -> None:
        packed = _header(answer, "content-encoding").lower()
        if packed not in ("", "identity"):
            raise Failed(f"answered packed ({packed[:40]}), though that was not asked for")
        length = _header(answer, "content-length")
        if _DIGITS.fullmatch(length) and int(length) > self.most * 1e6:
            raise Failed(f"{self._too_large()}: it says {int(length) / 1e6:,.0f}")

    def _suffix(self, answer: httpcore.Response, start: bytes) -> str:
        """Suffix of what begins so; Failed, saying what it is, where it is not what was asked for."""
        if suffix := self.kind.suffix_of(start):
            return suffix
        said = _header(answer, "content-type").partition(";")[0].strip()[:60]
        raise Failed(f"{told_kind(start)} instead of a {self.kind.name}" + (f", called {said}" if said else ""))

    def _too_large(self) -> str:
        return f"more than the {self.most:g} MB that a {self.kind.name} may have"


def _named(record: Record, unfinished: Path, folder: Path, known: Record | None) -> Record:
    """Give a whole file its name, unless the same bytes lie there already; take away one of another kind."""
    path = folder / record.file
    if known is None or known.content != record.content or not path.exists():
        unfinished.replace(path)
    if known is not None and known.file and known.file != record.file:
        (folder / known.file).unlink(missing_ok=True)
    found = path.stat()
    return replace(record, time=found.st_mtime_ns)


def _conditions(known: Record | None) -> list[tuple[str, str]]:
    """Headers that ask for a picture only if it changed (RFC 9110, section 13.1)."""
    told = {"If-None-Match": known.etag, "If-Modified-Since": known.modified} if known is not None else {}
    return [(name, value) for name, value in told.items() if value]


def _retry_after(answer: httpcore.Response) -> float | None:
    """Seconds that a host asks to be left alone for, by its own clock (RFC 9110, 10.2.3); None if it asks nothing."""
    text = _header(answer, "retry-after").strip()
    if _DIGITS.fullmatch(text):
        return float(text[:9])
    with suppress(ValueError, TypeError, OverflowError):
        until = parsedate_to_datetime(text)
        try:
            now = parsedate_to_datetime(_header(answer, "date"))
        except (ValueError, TypeError, OverflowError):
            now = datetime.now(UTC)
        return max((until - now).total_seconds(), 0.0)
    return None


def _header(answer: httpcore.Response, name: str) -> str:
    """Value of a header as text that can be sent back as it came; empty where it is missing or of absurd length."""
    value = next((value for key, value in answer.headers if key.lower() == name.encode()), b"")
    text = value.decode("latin-1")
    return text if len(text) <= 8192 else ""  # noqa: PLR2004 -- longer than any address that servers take


def _location(answer: httpcore.Response) -> str:
    """Where a redirect leads; browsers take what is not ASCII in it as UTF-8, and so do those who write it."""
    text = _header(answer, "location")
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _told(error: Exception) -> str:
    """Say what went wrong on the way; an error's own text may name the address."""
    if isinstance(error, httpcore.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, httpcore.TimeoutException):
        return "nothing more in time"
    if isinstance(error, httpcore.ConnectError):
        return f"no connection ({error})"
    if isinstance(error, httpcore.ProtocolError):
        return f"an answer that is no HTTP or ended early ({error})"[:200]
    return "a connection that broke off"


def _way(seen: Sequence[str]) -> str:
    return "redirected: " if len(seen) > 1 else ""
