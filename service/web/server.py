"""The app on gunicorn: one process, as the embedded engine needs, and threads."""

from contextlib import ExitStack
from typing import Final

from flask import Flask
from gunicorn.app.base import BaseApplication

from service.web.app import create_app
from service.web.context import KEY
from service.web.worker import Worker
from stores.connect import open_stores
from stores.settings import Settings

GRACE: Final = 20
"""Seconds a request may still take after the service was told to stop."""


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
        """Open the stores and make the app, in the worker; half of the threads are left to those who read."""
        stores = self._open.enter_context(open_stores(self._settings, writing=False))
        app = create_app(stores, self._settings, max(1, self._threads // 2))
        self._open.callback(app.extensions[KEY].sight.close)
        return app


def serve(settings: Settings, host: str, port: int, threads: int) -> None:
    """Serve until told to stop."""
    Server(settings, host, port, threads).run()
