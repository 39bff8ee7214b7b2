"""A very small server that speaks as much of Qdrant's REST as opening and preparing a store needs."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from typing import Any

CONFIG = {
    "params": {"vectors": {"size": 8, "distance": "Dot"}},
    "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
    "optimizer_config": {
        "deleted_threshold": 0.2,
        "vacuum_min_vector_number": 1000,
        "default_segment_number": 0,
        "flush_interval_sec": 5,
    },
}
INFO = {"status": "green", "optimizer_status": "ok", "segments_count": 1, "payload_schema": {}}


class SmallServer(ThreadingHTTPServer):
    """Answers what ``first`` holds, in its order, and then as an empty Qdrant would.

    Attributes:
        first: (status, body) of the next answers.
        seen: method, path and body of every request.
        version: what it says it is.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.first: list[tuple[int, str]] = []
        self.seen: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.version = version("qdrant-client")
        self.metadata: dict[str, Any] = {}
        self.aliases: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def sent(self, method: str, ending: str) -> list[Any]:
        """Return the bodies of the requests of this kind."""
        return [body for name, path, body in self.seen if name == method and path.endswith(ending)]

    def result(self, method: str, path: str, body: Any) -> Any:
        """Return what Qdrant would answer in its ``result``."""
        parts = path.strip("/").split("/")
        if path == "/aliases":
            return {"aliases": [{"alias_name": a, "collection_name": c} for a, c in self.aliases.items()]}
        if path == "/collections/aliases":
            return self._switch(body["actions"])
        if parts[2:] == ["exists"]:
            return {"exists": parts[1] in self.metadata}
        if parts[2:] == ["points", "count"]:
            return {"count": 0}
        if len(parts) == 2:
            return self._collection(method, parts[1], body)
        return {"operation_id": 1, "status": "completed"}

    def _collection(self, method: str, name: str, body: Any) -> Any:
        if method == "GET":
            return {**INFO, "config": {**CONFIG, "metadata": self.metadata[name]}}
        if method == "DELETE":
            return bool(self.metadata.pop(name))
        self.metadata[name] = body["metadata"]
        return True

    def _switch(self, actions: list[Any]) -> bool:
        for action in actions:
            if "delete_alias" in action:
                del self.aliases[action["delete_alias"]["alias_name"]]
            else:
                made = action["create_alias"]
                self.aliases[made["alias_name"]] = made["collection_name"]
        return True


class _Handler(BaseHTTPRequestHandler):
    server: SmallServer

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        path = self.path.partition("?")[0]
        self.server.seen.append((self.command, path, body))
        self.server.headers.append(dict(self.headers))
        status, text = self.server.first.pop(0) if self.server.first else (200, self._usual(path, body))
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _usual(self, path: str, body: Any) -> str:
        if path == "/":
            return json.dumps({"title": "small", "version": self.server.version})
        return json.dumps({"result": self.server.result(self.command, path, body), "status": "ok", "time": 0})

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 -- the names the library looks for

    def log_message(self, *_: Any) -> None:
        """Stay silent."""
