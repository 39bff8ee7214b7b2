"""Presets: how the tables of museums are read, one museum a file. docs/presets.md says how to write one."""

import difflib
from collections.abc import Mapping
from typing import Final

from loaders.presets import cleveland, cmoa, iiif, met, moma, nga, tate, wikiart_emotions
from loaders.presets.records import Preset
from stores.errors import BadInput

PRESETS: Final[Mapping[str, Preset]] = {
    module.PRESET.name: module.PRESET for module in (cleveland, cmoa, iiif, met, moma, nga, tate, wikiart_emotions)
}


def preset_called(name: str) -> Preset:
    """Return a preset; BadInput where there is none of that name."""
    if name in PRESETS:
        return PRESETS[name]
    close = difflib.get_close_matches(name, PRESETS, n=1) or list(PRESETS)
    raise BadInput(f"there is no preset {name!r}: is it {', '.join(close)}? 'xdegrees presets' lists them")
