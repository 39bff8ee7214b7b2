"""Where this app is reached: at PUBLIC_URL, else at the host that was asked."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, request

from service import views
from service.web.context import context
from stores.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def base() -> str:
    """Return what every address that is sent out begins with; relative to the host where nothing is set."""
    return context().settings.public_url or request.script_root


def address(path: str, **query: object) -> str:
    """Return the address of a path such as ``/api/v1/path``."""
    return views.address(base(), path, **query)


def absolute(url: str) -> str:
    """Return an address with its host, which is that of the request where PUBLIC_URL does not say another."""
    return url if not url or urlsplit(url).netloc else f"{request.host_url.rstrip('/')}{url}"


def whole_base() -> str:
    """Return what addresses begin with where none may be relative."""
    return absolute(base()) or request.host_url.rstrip("/")


def here(path: str, **query: object) -> str:
    """Return the address of a path on the host that was asked: what the page is made of comes from where it does."""
    return views.address(request.script_root, path, **query)


def mount(app: Flask, settings: Settings) -> None:
    """Answer under the prefix of PUBLIC_URL, whether or not the proxy in front takes it off."""
    prefix = urlsplit(settings.public_url).path
    if not prefix:
        return
    answer = app.wsgi_app

    def mounted(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path.removeprefix(prefix) or "/"
        environ["SCRIPT_NAME"] = prefix
        return answer(environ, start_response)

    app.wsgi_app = mounted  # type: ignore[method-assign]
