"""What the page says, in one file that can be translated: ``en.json``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

STRINGS: Final[Mapping[str, str]] = json.loads((Path(__file__).parent / "en.json").read_text(encoding="utf-8"))
"""By key; what stands in braces is put in."""

SCRIPTS: Final = {key: text for key, text in STRINGS.items() if key.startswith(("js.", "map."))}
"""Those that scripts say."""


def told(key: str, **values: object) -> str:
    """Return what stands for a key, with some values put in.

    Of two forms, with a bar between them, it is the one for the count ``n``.
    """
    one, _, many = STRINGS[key].partition(" | ")
    form = many if many and values.get("n") != 1 else one
    return form.format(**values)
