"""Online: a request becomes a path, a path becomes JSON, a picture or a page.

For Python without a web server: ``Question``, ``Space``, ``find_artwork``, ``find_path``, ``open_stores``,
``read_settings``.
They are imported when they are first used, so that ``xdegrees --help`` need not wait for numba.
"""

from importlib import import_module
from typing import Any, Final

_WHERE: Final = {
    "find_artwork": "service.resolve",
    "find_path": "service.paths.find",
    "Question": "service.paths.records",
    "Space": "service.paths.space",
    "open_stores": "stores.connect",
    "read_settings": "stores.settings",
}

__all__ = ["Question", "Space", "find_artwork", "find_path", "open_stores", "read_settings"]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
