"""Connecting to a Qdrant server: its address, its key, its version."""

import math
from importlib.metadata import version
from urllib.parse import urlsplit

from qdrant_client import QdrantClient
from qdrant_client.common.version_check import is_compatible

from stores.errors import BadInput, Mismatch, Unavailable
from stores.qdrant_calls import Calls


def make_client(url: str, api_key: str | None, timeout: float, *, grpc: bool) -> QdrantClient:
    """Return a client for the server at this address, which need not be running yet."""
    key = (api_key or "").strip()
    if not (key.isascii() and key.isprintable()):
        # The HTTP library would refuse it too, and quote it.
        raise Unavailable("the API key of Qdrant holds signs that cannot be sent: check XDEGREES_QDRANT_API_KEY")
    try:
        return QdrantClient(
            url=url,
            prefer_grpc=grpc,
            timeout=math.ceil(timeout),
            # As api_key= it would warn wherever the server is reached without TLS, as inside one machine.
            headers={"api-key": key} if key else None,
            # It would only warn, and from a thread; see refuse_version.
            check_compatibility=False,
        )
    except ValueError as error:
        raise BadInput("XDEGREES_QDRANT_URL is no address of a server, such as http://localhost:6333") from error


def refuse_version(client: QdrantClient, call: Calls) -> None:
    """Ask the server for its version; Mismatch if the client cannot speak to it."""
    server, own = call(client.info).version, version("qdrant-client")
    if not is_compatible(own, server):
        raise Mismatch(
            f"Qdrant at {call.address} has version {server}, and its client here {own}: "
            "they may be one minor version apart; upgrade the older one"
        )


def shown_address(url: str) -> str:
    """Return an address without the user and password that may stand in it."""
    host = urlsplit(url).netloc
    return url.replace(host, host.rpartition("@")[2], 1)
