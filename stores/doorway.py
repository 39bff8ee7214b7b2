"""The socket in a home: where it is, who listens at it, and who may come in."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

NAME: Final = "serve.sock"

_CREDENTIALS: Final = struct.Struct("3i")


def listen(home: Path) -> socket.socket:
    """Listen in a home that this process holds; what a killed process left there is replaced."""
    (home / NAME).unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(door.fileno(), 0o600)  # before there is a file, so that nobody else was ever let in
        with _address(home) as address:
            door.bind(address)
        door.listen()
    except BaseException:
        door.close()
        raise
    return door


def knock(home: Path) -> socket.socket | None:
    """Connect to the process that listens in a home; None where none does. PermissionError where it is another's."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with suppress(FileNotFoundError, ConnectionRefusedError, ConnectionResetError), _address(home) as address:
        link.connect(address)
        return link
    link.close()
    return None


def shut(home: Path, door: socket.socket) -> None:
    """Stop listening: the thread that waits for somebody is woken, the file goes."""
    with suppress(OSError):
        door.shutdown(socket.SHUT_RDWR)
    door.close()
    (home / NAME).unlink(missing_ok=True)


class Peer(NamedTuple):
    """Who is at the other end of a connection, as the system knows it."""

    process: int
    user: int
    group: int


def peer(link: socket.socket) -> Peer:
    """Return who is at the other end."""
    return Peer(*_CREDENTIALS.unpack(link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)))


@contextmanager
def _address(home: Path) -> Iterator[str]:
    """Name the socket by an open folder: a socket's own path may have some 100 bytes, a home's has more."""
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{NAME}"
    finally:
        os.close(folder)
