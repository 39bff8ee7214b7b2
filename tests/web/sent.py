"""What tests of writes send, and all that a write could change."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loaders.plan import held_payloads
from stores.connect import Stores
from stores.settings import Settings

ADD, BOTH = "a-key-that-may-add", "a-key-that-may-both"
KEYS = f"adder:{ADD}:add,keeper:{BOTH}"
TREE, WAVE = "trees-0001.jpg", "waves-0002.jpg"


def bearer(key: str = BOTH) -> dict[str, str]:
    """Headers of who has a key."""
    return {"Authorization": f"Bearer {key}"}


def picture(demo: Path, name: str = TREE) -> tuple[io.BytesIO, str]:
    """A file of the gallery, as a form takes it."""
    return io.BytesIO((demo / name).read_bytes()), name


def changed(demo: Path, name: str = TREE) -> tuple[io.BytesIO, str]:
    """The same picture in other bytes."""
    return io.BytesIO((demo / name).read_bytes() + b"\0"), name


def add(client: FlaskClient, demo: Path, key: str = BOTH, **fields: str) -> TestResponse:
    """Add a picture of the gallery again, under a key of its own."""
    sent: dict[str, Any] = {"image": changed(demo), "id": "new", "title": "A New Tree", **fields}
    return client.post("/api/v1/artworks", data=sent, headers=bearer(key))


def everything(stores: Stores, settings: Settings) -> tuple[Any, ...]:
    """All that a write could change."""
    pictures = sorted((path, path.stat().st_mtime_ns) for path in settings.images.rglob("*.jpg"))
    vectors = np.concatenate([batch.vectors for batch in stores.vectors.scan()]).tobytes()
    return stores.graph.stats(), held_payloads(stores.vectors), vectors, pictures
