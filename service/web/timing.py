"""How long answers take, and what found the paths: for operators in /metrics, for developers in Server-Timing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY: Final = "xdegrees-metrics"

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


@dataclass(slots=True)
class PathSearch:
    """One search for a path: what found it, and in how many seconds."""

    engine: str = ""
    seconds: float = 0.0


@contextmanager
def path_search() -> Iterator[PathSearch]:
    """Time the search for a path; the caller says which engine found it."""
    search, started = PathSearch(), time.perf_counter()
    yield search
    search.seconds = time.perf_counter() - started
    g.path_search = search


def measure(app: Flask) -> None:
    """Count and time every request of an app, in a registry of its own."""
    registry = app.extensions[REGISTRY] = CollectorRegistry()
    count = Counter("xdegrees_requests", "Requests answered", ["endpoint", "status"], registry=registry)
    seconds = Histogram("xdegrees_seconds", "Seconds to answer", ["endpoint"], buckets=_SECONDS, registry=registry)
    paths = Histogram(
        "xdegrees_path_seconds", "Seconds to find a path", ["engine"], buckets=_SECONDS, registry=registry
    )

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        count.labels(endpoint, response.status_code).inc()
        said = []
        if "path_search" in g:
            found: PathSearch = g.path_search
            paths.labels(found.engine or "none").observe(found.seconds)
            said.append(f'path;desc="{found.engine}";dur={1e3 * found.seconds:.2f}')
        if "started" in g:
            spent = time.perf_counter() - g.started
            seconds.labels(endpoint).observe(spent)
            said.append(f"total;dur={1e3 * spent:.2f}")
        response.headers["Server-Timing"] = ", ".join(said)
        return response
