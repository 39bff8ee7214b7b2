"""gunicorn's worker with threads, in which nobody who sends slowly keeps a thread from those who read.

gunicorn's own gives each connection a thread that waits for the headers, for ever: eight connections that say nothing
stop a server of eight threads. Here the one thread that watches all connections awaits headers, and a request gets a
thread of its own when they are there. A body has to come at a minimal pace.
"""

import io
import selectors
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker
from werkzeug.exceptions import RequestTimeout

if TYPE_CHECKING:
    from concurrent.futures import Future

HEADERS_SECONDS: Final = 10.0
"""Until the headers of a request have to be there, on a new connection and after a first byte on a kept one."""

HEADERS_BYTES: Final = 65_536

BODY_GRACE: Final = 10.0
"""Seconds that a body may take beyond its pace."""

BODY_PACE: Final = 20_000
"""Bytes a second that a body has to come at, on average since its beginning."""

BODY_SECONDS: Final = 180.0
"""For a whole body, at least; one that may be large has a second for every LARGE_PACE bytes that it may have."""

LARGE_PACE: Final = 250_000

SEND_SECONDS: Final = 20
"""Until a client has to take something of its answer."""

_MOMENT: Final = 0.05
"""Seconds that are spent on reading what a refused request has sent already, so that its connection can be kept."""

_OF_BODIES: Final = frozenset({"CONTENT-LENGTH", "TRANSFER-ENCODING"})
"""Headers of requests that have a body."""

_LINGER: Final = 2.0
"""Seconds that a connection is read from after the last answer: closed at once, the client might not get the answer."""

_LINGER_BYTES: Final = 4_000_000
"""That are read meanwhile."""


class Pace(SocketUnreader):  # type: ignore[misc]  # gunicorn ships no types
    """What a client sends: taken as it comes while its headers are awaited, timed while its body is."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        super().__init__(sock)
        self._seconds, self._started, self._received, self._ended = seconds, 0.0, 0, False

    def take(self) -> bool:
        """Take what has come, without waiting; return whether there is anything for a thread to do.

        LimitRequestHeaders for headers without an end.
        """
        while not (self._headed() or self._ended):
            try:
                data = self.sock.recv(self.mxchunk)
            except BlockingIOError:
                return False
            except OSError:
                data = b""
            self._ended = not data
            self.buf.seek(0, io.SEEK_END)
            self.buf.write(data)
            if self.buf.tell() > HEADERS_BYTES:
                raise LimitRequestHeaders("too many bytes of headers")
        self.start()  # whatever is read next is no part of the last request
        return True

    def start(self) -> None:
        """Begin to time what comes."""
        self._started, self._received = time.monotonic(), 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Wait for more of a body; RequestTimeout for one that comes too slowly."""
        if self._ended:
            return b""
        if self.sock.gettimeout() is not None:  # gunicorn itself bounds this wait
            return bytes(super().chunk(size_hint))
        allowed = min(BODY_GRACE + self._received / BODY_PACE, self._seconds)
        left = self._started + allowed - time.monotonic()
        if left <= 0:
            raise RequestTimeout
        self.sock.settimeout(left)
        try:
            data = bytes(super().chunk(size_hint))
        except TimeoutError:
            raise RequestTimeout from None
        finally:
            self.sock.settimeout(None)
        self._received += len(data)
        return data

    def _headed(self) -> bool:
        return b"\r\n\r\n" in self.buf.getvalue().lstrip(b"\r\n")


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """ThreadWorker, with its own ways to begin and to end a connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._parting: deque[TConn] = deque()

    def enqueue_req(self, conn: TConn) -> None:
        """Give a thread to a request whose headers are there; one whose are not waits where that costs none."""
        if not conn.initialized:
            conn.init()
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_SECONDS, 0))
            longest = self.wsgi.config["MAX_CONTENT_LENGTH"] / LARGE_PACE
            conn.parser.unreader = Pace(conn.sock, max(BODY_SECONDS, longest))
        conn.sock.settimeout(0)
        if (there := self._take(conn)) is None:
            self._part(conn)
        elif there:
            super().enqueue_req(conn)
        else:
            conn.timeout = time.monotonic() + HEADERS_SECONDS
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Take more of the headers; the time that they may take stays."""
        there = self._take(conn)
        if there is None:
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self._part(conn)
        elif there:
            super().on_pending_socket_readable(conn, client)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request, its body timed from now on."""
        conn.parser.unreader.start()
        return super().handle_request(req, conn)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Keep a connection or end it; gunicorn's own waits, and everybody with it, until the client has gone too."""
        if fs.cancelled() or fs.exception() is not None or fs.result():
            super().finish_request(conn, fs)
        else:
            self._part(conn)

    def murder_pending(self) -> None:
        """Close what has not sent its headers in time, or has not gone in time."""
        super().murder_pending()
        while self._parting and self._parting[0].timeout <= time.monotonic():
            self._close(self._parting[0])

    def _keepalive_after(self, conn: TConn, keepalive: Any) -> bool:
        """Return whether a connection can be used again: not where a body that was refused is still to come."""
        bodiless = not _OF_BODIES.intersection(name for name, _ in conn.parser.mesg.headers)
        return bool(keepalive and (bodiless or conn.parser.finish_body(deadline=time.monotonic() + _MOMENT)))

    def _take(self, conn: TConn) -> bool | None:
        """Return whether a thread has something to do; None where the headers have no end, which is told."""
        try:
            return bool(conn.parser.unreader.take())
        except LimitRequestHeaders as error:
            self.handle_error(None, conn.sock, conn.client, error)
            return None

    def _part(self, conn: TConn) -> None:
        """Say that nothing more comes, and listen for a while, so that a client still sending gets its answer."""
        conn.timeout, conn.unheard = time.monotonic() + _LINGER, _LINGER_BYTES
        self._parting.append(conn)
        try:
            conn.sock.settimeout(0)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._listen, conn))
            conn.sock.shutdown(socket.SHUT_WR)
        except (OSError, ValueError):
            self._close(conn)

    def _listen(self, conn: TConn, client: socket.socket) -> None:
        try:
            heard = len(client.recv(HEADERS_BYTES))
        except BlockingIOError:
            return
        except OSError:
            heard = 0
        conn.unheard -= heard
        if not heard or conn.unheard <= 0:
            self._close(conn)

    def _close(self, conn: TConn) -> None:
        self._parting.remove(conn)
        with suppress(OSError, KeyError, ValueError):  # where it was never registered
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
