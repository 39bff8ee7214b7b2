"""How often a host is asked, and when it is left alone: a rate, back-off, and an end where it blocks."""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Final

from loaders.addresses import host_of
from stores.errors import BadInput

RATE: Final = 1.0
"""Requests a second to one host, where nothing else is said."""

AT_ONCE: Final = 16
"""Hosts that are asked at the same time, each one request after the other."""

FIRST_PAUSE: Final = 5.0
"""Seconds without a request after a first refusal; each further one in a row doubles them."""

LONGEST_PAUSE: Final = 300.0

LONGEST_ASKED: Final = 900.0
"""A host that asks for more seconds than this is left alone until another run."""

STRIKES: Final = 6
"""Refusals in a row by which a host blocks."""

_PER: Final = {"s": 1.0, "min": 60.0, "h": 3600.0}
_RATE: Final = re.compile(r"([^=\s]+)=(\d+(?:\.\d+)?)/(s|min|h)")


class Ended(Exception):
    """The run ends: nothing more is asked."""


class Clock:
    """Time as it passes, in seconds; waiting ends with the run."""

    def __init__(self) -> None:
        self._over = Event()

    def now(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; Ended where the run ends meanwhile."""
        if self._over.wait(seconds):
            raise Ended

    def check(self) -> None:
        """Raise Ended where the run ended."""
        if self._over.is_set():
            raise Ended

    def end(self) -> None:
        """End the run."""
        self._over.set()


@dataclass(slots=True)
class Host:
    """A host and how it has answered.

    Attributes:
        gap: seconds from one request to the next.
        strikes: refusals in a row.
        blocked: why it is not asked any more; empty while it is.
    """

    name: str
    gap: float
    clock: Clock
    strikes: int = 0
    blocked: str = ""
    _next: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    def turn(self) -> None:
        """Wait until the host may be asked; Blocked where it may not be any more."""
        while (wait := self._wait()) > 0:
            self.clock.sleep(wait)

    def refused(self, told: str, asked: float | None = None) -> None:
        """Leave the host alone for as long as it ``asked`` for, in seconds, else for longer every time."""
        with self._lock:
            self.strikes += 1
            pause = min(FIRST_PAUSE * 2 ** (self.strikes - 1), LONGEST_PAUSE) if asked is None else asked
            if self.strikes >= STRIKES:
                self.blocked = f"{self.name} answered {self.strikes} requests in a row with {told}"
            elif pause > LONGEST_ASKED:
                self.blocked = f"{self.name} asks to be left alone for {told_time(pause)}"
            self._next = max(self._next, self.clock.now() + pause)

    def answered(self) -> None:
        """Begin to count refusals anew."""
        with self._lock:
            self.strikes = 0

    def _wait(self) -> float:
        """Seconds until a turn; none where it is taken."""
        with self._lock:
            if self.blocked:
                raise Blocked(self)
            now = self.clock.now()
            if now < self._next:
                return self._next - now
            self._next = now + self.gap
            return 0.0


class Blocked(Exception):
    """A host is not asked any more in this run."""

    def __init__(self, host: Host) -> None:
        super().__init__(f"not asked, since {host.blocked}; run again later, it goes on from here")
        self.host = host


class Hosts:
    """Every host of a run; safe to use from several threads."""

    def __init__(self, rates: Mapping[str, float], clock: Clock) -> None:
        self.clock, self._rates = clock, rates
        self._all: dict[str, Host] = {}
        self._lock = Lock()

    def of(self, url: str) -> Host:
        """Return the host of an address."""
        name = host_of(url)
        with self._lock:
            return self._all.setdefault(name, Host(name, 1.0 / rate_of(name, self._rates), self.clock))

    def blocked(self) -> list[str]:
        """Say why hosts are not asked any more."""
        with self._lock:
            return [host.blocked for host in self._all.values() if host.blocked]


def rate_of(host: str, rates: Mapping[str, float]) -> float:
    """Return requests a second to a host: of its name with the port, else without, else the usual."""
    return rates.get(host, rates.get(host.rpartition(":")[0] or host, RATE))


def read_rates(texts: Iterable[str]) -> dict[str, float]:
    """Read rates (``HOST=20/s``, ``/min`` or ``/h``) into requests a second; BadInput names one that is none."""
    rates = {}
    for text in texts:
        found = _RATE.fullmatch(text.strip())
        if not found or not float(found[2]):
            raise BadInput(f"--rate {text}: write it as HOST=NUMBER/s, for example --rate images.example.org=20/s")
        rates[found[1].lower()] = float(found[2]) / _PER[found[3]]
    return rates


def least_seconds(counts: Mapping[str, int], rates: Mapping[str, float]) -> float:
    """Return the least time that so many requests to each host take: the longest host, or all of them by turns."""
    each = [count / rate_of(host, rates) for host, count in counts.items()]
    return max([*each, sum(each) / AT_ONCE], default=0.0)


def told_time(seconds: float) -> str:
    """Return a length of time for a person."""
    for unit, size in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
