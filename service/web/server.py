"""The app on gunicorn: one process, as the embedded engine needs, and threads."""

import errno
import socket
from contextlib import ExitStack
from typing import Final

from flask import Flask
from gunicorn.app.base import BaseApplication

from loaders.writing import Writer
from service.web.app import create_app
from service.web.context import KEY
from service.web.worker import Worker
from stores.connect import open_to_serve
from stores.errors import XDegreesError
from stores.settings import Settings

GRACE: Final = 20
"""Seconds a request may still take after the service was told to stop."""

KEEPALIVE: Final = 15
"""Seconds that a connection is kept for a next request: proxies reuse theirs for several."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Serve one collection. The stores are opened in the worker, after the fork that their engine would not survive."""

    def __init__(self, settings: Settings, host: str, port: int, threads: int) -> None:
        self._settings, self._threads = settings, threads
        self._open = ExitStack()
        self._options = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "worker_class": Worker,
            "workers": 1,
            "threads": threads,
            "keepalive": KEEPALIVE,
            "timeout": 120,
            "graceful_timeout": GRACE,
            "control_socket_disable": True,
            "loglevel": settings.log_level.lower(),
            "worker_exit": lambda _arbiter, _worker: self._open.close(),
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Open the stores, finish what an interrupted write left, and make the app, in the worker.

        Half of the threads are left to those who read, whoever sends.
        """
        stores = self._open.enter_context(open_to_serve(self._settings))
        Writer(stores, self._settings.home).finish()
        app = create_app(stores, self._settings, max(1, self._threads // 2))
        self._open.callback(app.extensions[KEY].sight.close)
        return app


def check_port(host: str, port: int) -> None:
    """Raise XDegreesError where nothing can listen there: gunicorn would try five times and say so in ten lines."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn: one that was just left is free
        try:
            probe.bind((host, port))
        except OSError as error:
            told = {
                errno.EADDRINUSE: f"port {port} is taken: choose another with --port",
                errno.EACCES: f"port {port} is not open to everybody: choose one above 1023 with --port",
            }
            other = f"nothing can listen at {host}: {error.strerror}; choose another with --host"
            raise XDegreesError(told.get(error.errno or 0, other)) from error


def serve(settings: Settings, host: str, port: int, threads: int) -> None:
    """Serve until told to stop."""
    Server(settings, host, port, threads).run()
