"""What runs in the process of :mod:`loaders.sandbox`: it decodes what it is sent, and can do nothing else.

It has no secret in its environment, opens no file and no connection, writes to nothing but its pipe, and has so much
memory and no more. It ends when the pipe does.
"""

import codecs
import ctypes
import io
import os
import pickle
import resource
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import AvifImagePlugin, Image, ImageColor, ImageFilter, ImagePalette  # noqa: F401 -- Pillow imports some late

from loaders import wire
from loaders.embedders.base import Prepare
from loaders.images import FORMATS, BadImage, decode, shrink

MEMORY: Final = 1_536 * 2**20
"""Bytes of address space beyond those of the idle process. Of 50 megapixels a WebP with transparency needs 1,007 MiB, a
JPEG 2000 938, an AVIF with transparency 778, a CMYK TIFF 580, a PNG 381 to 583, a JPEG 101 to 382."""

_READERS_FIRST: Final = 5
"""Niceness: those who read go before those who send."""

_NO_NEW_PRIVILEGES: Final = 38
"""PR_SET_NO_NEW_PRIVS of <linux/prctl.h>."""


def main() -> None:
    """Answer until the pipe, the number of which is the only argument, ends."""
    connection = Connection(int(sys.argv[1]))
    prepare, most, seconds = pickle.loads(connection.recv_bytes())  # noqa: S301 -- from the service, before any picture
    _warm(prepare)
    _confine()
    wire.send(connection, "ready")
    with suppress(EOFError):
        while True:
            display, data = connection.recv_bytes().decode(), connection.recv_bytes()
            signal.alarm(seconds)  # its default ends the process; the parent, who is stricter, may have died
            wire.send(connection, _answer(data, display, prepare, most))
            del data
            signal.alarm(0)


def _answer(data: bytes, display: str, prepare: Prepare, most: int) -> Mapping[str, Any]:
    """Return the reason why bytes are no picture, or the small pictures that may be displayed and what is embedded."""
    try:
        image = decode(data, most)
        small = {name: np.asarray(picture) for name, picture in shrink(image, display).items()}
        return {"pictures": small, "prepared": prepare(image)}
    except BadImage as error:
        return {"reason": str(error)[:1000]}
    except MemoryError:
        return {"reason": "needs more memory than a picture may"}


def _warm(prepare: Prepare) -> None:
    """Import and open all that decoding needs, since nothing can be opened afterwards."""
    Image.init()
    for encoding in ("ascii", "latin-1", "utf-8", "utf-16-le"):
        codecs.lookup(encoding)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # threads need address space, and may be forbidden
    for form in FORMATS:
        file = io.BytesIO()
        Image.new("RGB", (32, 32), "red").save(file, form)
        prepare(decode(file.getvalue()))


def _confine() -> None:
    os.nice(_READERS_FIRST)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")  # rather this process than the service
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limits = {
        resource.RLIMIT_AS: pages * resource.getpagesize() + MEMORY,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
