"""Messages over a socket: a JSON header, and raw arrays after it. Nothing that comes in is ever executed.

A message is the mark, the lengths of header and body (each uint32, little-endian), the header in UTF-8 and the
arrays one after the other. The header's ``arrays`` says what they are: ``[["<f4", [rows, columns]], …]``.
"""

import json
import math
import socket
import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stores.errors import TooLarge

Header = dict[str, Any]
Arrays = Sequence[NDArray[Any]]

MARK: Final = b"xdg1"

MOST_HEADER: Final = 64 * 2**20
MOST_BODY: Final = 64 * 2**20
"""Bytes; who sends more is not one of us."""

BEGUN: Final = 60.0
"""Seconds in which a message that has begun has to go on."""

_LENGTHS: Final = struct.Struct("<4sII")
_TYPES: Final = ("<f4", "<f8")


class Broken(ConnectionError):
    """The other end is gone, or does not speak as agreed; the connection cannot be used any more."""


class Wire:
    """One end of a connection. Not safe to use from several threads at once.

    Attributes:
        answers_within: seconds in which each message has to begin; None waits for ever.
        is_closed: whether :meth:`close` was called.
    """

    def __init__(self, link: socket.socket, answers_within: float | None = None) -> None:
        self._link = link
        self.answers_within = answers_within
        self.is_closed = False

    def close(self) -> None:
        """End the connection."""
        self.is_closed = True
        self.cut()
        self._link.close()

    def cut(self) -> None:
        """End the connection under the thread that uses it, which closes it then."""
        with suppress(OSError):  # it may have ended already
            self._link.shutdown(socket.SHUT_RDWR)

    def send(self, header: Mapping[str, Any], arrays: Arrays = ()) -> None:
        """Send one message; TooLarge, before anything is sent, where it is larger than a message may be."""
        raw = [np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")) for array in arrays]
        kinds = [[array.dtype.str, list(array.shape)] for array in raw]
        text = json.dumps({**header, "arrays": kinds}, ensure_ascii=False).encode()
        size = sum(array.nbytes for array in raw)
        if len(text) > MOST_HEADER or size > MOST_BODY:
            raise TooLarge(f"{len(text) + size:,} bytes are more than can be handed over at once: is that one artwork?")
        try:
            self._link.settimeout(None)
            self._link.sendall(_LENGTHS.pack(MARK, len(text), size) + text)
            for array in raw:
                self._link.sendall(array.tobytes())
        except OSError as error:
            raise Broken("the other end is gone") from error

    def receive(self) -> tuple[Header, list[NDArray[Any]]]:
        """Wait for one message; Broken at the end of the connection and for what is no message."""
        mark, text, size = _LENGTHS.unpack(self._read(_LENGTHS.size, self.answers_within))
        if mark != MARK or text > MOST_HEADER or size > MOST_BODY:
            raise Broken("what came is no message")
        try:
            header = json.loads(self._read(text))
            kinds = [(np.dtype(_known(name)), _shape(shape)) for name, shape in header.pop("arrays")]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Broken("what came is no message") from error
        if sum(kind.itemsize * math.prod(shape) for kind, shape in kinds) != size:
            raise Broken("what came is no message")
        return header, [np.ndarray(shape, kind, self._read(kind.itemsize * math.prod(shape))) for kind, shape in kinds]

    def is_quiet(self) -> bool:
        """Whether nothing has come, not even the end."""
        try:
            self._link.settimeout(0)
            self._link.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def _read(self, size: int, begins_within: float | None = BEGUN) -> bytearray:
        held, at = bytearray(size), 0
        view = memoryview(held)
        try:
            self._link.settimeout(begins_within)
            while at < size:
                count = self._link.recv_into(view[at:])
                if not count:
                    raise Broken("the other end is gone")
                at += count
                self._link.settimeout(BEGUN)
        except OSError as error:
            raise Broken("the other end is gone" if not isinstance(error, TimeoutError) else "no answer") from error
        return held


def _known(name: str) -> str:
    if name not in _TYPES:
        raise ValueError(name)
    return name


def _shape(sizes: Sequence[int]) -> tuple[int, ...]:
    shape = tuple(sizes)
    if len(shape) > 2 or not all(type(size) is int and 0 <= size <= MOST_BODY for size in shape):  # noqa: PLR2004
        raise ValueError("no shape")
    return shape
