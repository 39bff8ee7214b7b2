"""From a name to an embedder. Families are imported when one of theirs is asked for: torch takes seconds."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from loaders.embedders.base import Embedder
from stores.errors import BadInput

_TORCHVISION: Final = (
    "alexnet", "convnext", "densenet", "efficientnet", "googlenet", "inception", "maxvit", "mnasnet", "mobilenet",
    "regnet", "resnet", "resnext", "shufflenet", "squeezenet", "swin", "vgg", "vit", "wide_resnet",
)  # fmt: skip
"""How torchvision's names begin: tells a slip of the pen where torchvision is not there to be asked."""

_OPEN_CLIP: Final = "open_clip:"
_A_CLIP: Final = "open_clip:ViT-B-32/laion2b_s34b_b79k"
_USUAL: Final = ("classic", "mobilenet_v2", "resnet18")


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
        if name.startswith(_OPEN_CLIP):
            from loaders.embedders.open_clip import open_open_clip  # noqa: PLC0415

            return open_open_clip(name, checkpoint)
        from loaders.embedders import torchvision  # noqa: PLC0415
    except ImportError as error:
        if not name.startswith((*_TORCHVISION, _OPEN_CLIP)):
            raise _unknown(name, _USUAL) from error
        raise BadInput(
            f"{name} needs torch: run 'make models' in the folder of xdegrees' Makefile, "
            "or use --embedder classic, which needs neither torch nor weights"
        ) from error
    known = torchvision.names()
    if name not in known:
        raise _unknown(name, ["classic", *known])
    return torchvision.open_torchvision(name, checkpoint)


def _unknown(name: str, known: Iterable[str]) -> BadInput:
    close = difflib.get_close_matches(name.casefold(), known, n=3)
    if "clip" in name.casefold():
        close = [_A_CLIP]
    told = f"did you mean {', '.join(map(repr, close))}?" if close else f"there are {', '.join((*_USUAL, _A_CLIP))}, …"
    return BadInput(f"there is no embedder {name!r}; {told}")
