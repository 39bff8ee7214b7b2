"""From a name to an embedder. Families are imported when one of theirs is asked for: torch takes seconds."""

import difflib
from pathlib import Path

from loaders.embedders.base import Embedder
from stores.errors import BadInput


def open_embedder(name: str, checkpoint: Path | None = None) -> Embedder:
    """Open ``classic``, a torchvision backbone, ``open_clip:MODEL``, or a blend ``FIRST+SECOND@WEIGHT``.

    The checkpoint goes to the part that needs one. BadInput says which names there are, or what to install.
    """
    first, plus, rest = name.partition("+")
    if not plus:
        return _open_one(name, checkpoint)
    from loaders.embedders.blend import Blend  # noqa: PLC0415 -- late, like the families

    second, _, weight = rest.partition("@")
    if "classic" not in (first, second) and checkpoint is not None:
        raise BadInput(f"{name}: --checkpoint can only belong to one network; blend it with classic")
    share = _weight(name, weight)
    parts = [_open_one(part, None if part == "classic" else checkpoint) for part in (first, second)]
    return Blend(parts[0], parts[1], share)


def _weight(name: str, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight < 100:  # noqa: PLR2004 -- beyond it one part is not there any more
        raise BadInput(f"{name}: a blend is written FIRST+SECOND@WEIGHT, for example mobilenet_v2+classic@0.6")
    return weight


def _open_one(name: str, checkpoint: Path | None) -> Embedder:
    if name == "classic":
        if checkpoint is not None:
            raise BadInput("the classic embedder has no weights: leave --checkpoint out")
        from loaders.embedders.classic import Classic  # noqa: PLC0415

        return Classic()
    try:
        if name.startswith("open_clip:"):
            from loaders.embedders.open_clip import open_open_clip  # noqa: PLC0415

            return open_open_clip(name, checkpoint)
        from loaders.embedders import torchvision  # noqa: PLC0415
    except ImportError as error:
        raise BadInput(
            f"{name} needs torch: install it with 'pip install xdegrees[models]', "
            "or use --embedder classic, which needs neither torch nor weights"
        ) from error
    known = torchvision.names()
    if name not in known:
        close = difflib.get_close_matches(name, [*known, "classic"], n=3) or [
            "classic",
            "mobilenet_v2",
            "resnet18",
        ]
        raise BadInput(
            f"there is no embedder {name!r}; did you mean {', '.join(close)}? open_clip's begin with open_clip:"
        )
    return torchvision.open_torchvision(name, checkpoint)
