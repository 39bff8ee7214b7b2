"""A fingerprint of all metadata that can be moved by one artwork, without reading the others."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from stores.artwork import Artwork

_ROUND: Final = 2**256


def mark_of(artworks: Iterable[Artwork]) -> str:
    """Return the fingerprint of some artworks, in whatever order: the sum of their sha256s, in hex."""
    return moved_mark("", (), artworks)


def moved_mark(mark: str, before: Iterable[Artwork], after: Iterable[Artwork]) -> str:
    """Return a fingerprint after some artworks were replaced by others."""
    total = int(mark or "0", 16) + sum(map(_number, after)) - sum(map(_number, before))
    return f"{total % _ROUND:064x}"


def _number(artwork: Artwork) -> int:
    described = json.dumps([artwork.id, artwork.to_payload()], sort_keys=True)
    return int.from_bytes(sha256(described.encode()).digest())
