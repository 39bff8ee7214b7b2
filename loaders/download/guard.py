"""The way to a host: which addresses may be connected to, and for how long.

A name is resolved once, what it resolves to is checked, and that very address is connected to, so that a name which
means another machine a moment later (DNS rebinding) leads nowhere else. TLS and the Host header keep the name.
"""

import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from ssl import SSLContext
from typing import Any, Final

import httpcore

NAT64: Final = IPv6Network("64:ff9b::/96")
"""Holds every IPv4 address once more, private ones too (RFC 6052)."""

_SPECIAL: Final = tuple(map(ip_network, ("fec0::/10", "3fff::/20", "2001:db8::/32", "192.88.99.0/24")))
"""For a site (RFC 3879), for documents (RFC 9637, 3849), former relays (RFC 7526): Pythons differ in what they know."""

Resolve = Callable[[str, int], Sequence[str]]
"""From a host and a port to addresses; OSError where there are none."""


class Closed(Exception):
    """An address that must not be connected to; the message says why."""


class TooLong(Exception):
    """A request that took longer than one may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may take.

    Attributes:
        megabytes: of a picture.
        connect: seconds until a host has to have taken a connection.
        idle: seconds in which something has to come.
        total: seconds until it has to be there.
        redirects: how many are followed.
        tries: how often an address is asked that fails for a reason which may pass.
    """

    megabytes: float = 100.0
    connect: float = 15.0
    idle: float = 30.0
    total: float = 300.0
    redirects: int = 5
    tries: int = 2


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system what a name means."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(text: str) -> bool:
    """Whether an address is of the public internet, and so is the IPv4 address that it may hold."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and (inner := _held(address)) is not None:
        address = inner
    if any(address in network for network in _SPECIAL):  # another version than a network's is in none
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _held(address: IPv6Address) -> IPv4Address | None:
    """IPv4 address to which packets for an IPv6 address may go."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


class Client:
    """Asks one request at a time; of one thread.

    ``agent`` says who asks; ``inner`` makes connections.
    """

    def __init__(
        self,
        agent: str,
        limits: Limits,
        *,
        allow_private: bool = False,
        resolve: Resolve = resolve,
        inner: httpcore.NetworkBackend | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self._agent, self.limits = agent, limits
        self._way = _Way(inner or httpcore.SyncBackend(), resolve, allow_private=allow_private)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=4, max_keepalive_connections=4, network_backend=self._way
        )

    @contextmanager
    def ask(self, url: str, further: Sequence[tuple[str, str]] = ()) -> Iterator[httpcore.Response]:
        """Ask for an address, with further headers; the answer's body is still to come. Nothing packed is asked for."""
        told = [("User-Agent", self._agent), ("Accept-Encoding", "identity"), *further]
        headers = [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in told]
        limits = self.limits
        self._way.until = time.monotonic() + limits.total
        timeout = {"connect": limits.connect, "read": limits.idle, "write": limits.idle, "pool": limits.connect}
        with self._pool.stream("GET", url, headers=headers, extensions={"timeout": timeout}) as answer:
            yield answer

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Way(httpcore.NetworkBackend):
    """Connects to checked addresses alone; ``until`` is when the request has to be over."""

    def __init__(self, inner: httpcore.NetworkBackend, resolve: Resolve, *, allow_private: bool) -> None:
        self._inner, self._resolve, self._allow_private = inner, resolve, allow_private
        self.until = float("inf")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._addresses(host, port):
            try:
                stream = self._inner.connect_tcp(address, port, self.left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self)
        raise failed

    def left(self, timeout: float | None) -> float:
        """Seconds that something may take; TooLong where none are left."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TooLong
        return left if timeout is None else min(timeout, left)

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = self._resolve(host.strip("[]"), port)
        except (OSError, ValueError) as error:
            raise httpcore.ConnectError("its name is not known") from error
        allowed = [address for address in found if self._allow_private or is_public(address)]
        if found and not allowed:
            raise Closed(f"{host} is {found[0]}, which is no public address (--allow-private asks it all the same)")
        return allowed


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends with the request's time."""

    def __init__(self, inner: httpcore.NetworkStream, way: _Way) -> None:
        self._inner, self._way = inner, way

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._inner.read(max_bytes, self._bounded(timeout))
        except httpcore.ReadTimeout:
            self._bounded(timeout)  # says so where it was not a pause, but the end
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._bounded(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._bounded(timeout)), self._way)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _bounded(self, timeout: float | None) -> float:
        return self._way.left(timeout)
