"""Online: a request becomes a path, a path becomes JSON, a picture or a page.

For Python without a web server: :func:`find_artwork`, :func:`find_path`, :func:`open_graph`, :func:`read_settings`.
They are imported when they are first used, so that ``xdegrees --help`` need not wait for numba.
"""

from importlib import import_module
from typing import Any, Final

_WHERE: Final = {
    "find_artwork": "service.resolve",
    "find_path": "service.paths",
    "open_graph": "stores.connect",
    "read_settings": "stores.settings",
}

__all__ = ["find_artwork", "find_path", "open_graph", "read_settings"]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
