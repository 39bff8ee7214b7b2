"""Every torchvision classification backbone, without its head."""

from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn

from loaders.embedders.base import Recipe
from loaders.embedders.checkpoints import checkpoint_hash, missing
from loaders.embedders.network import Network, dimension_of, fuse
from stores.errors import BadInput
from stores.records import EmbedderFacts


def names() -> list[str]:
    """Names of all backbones."""
    return list(torchvision.models.list_models(module=torchvision.models))


def open_torchvision(name: str, checkpoint: Path | None) -> Network:
    """Open a backbone with weights from ``checkpoint`` or from torch's own cache; nothing is downloaded."""
    weights, file = _weights(name, checkpoint)
    model = torchvision.models.get_model(name, **_without_extras(name))
    _load(model, file, name)
    without_head(model)
    fuse(model.eval())
    model.to(memory_format=torch.channels_last)
    recipe = _recipe(weights)
    facts = EmbedderFacts(
        name=name,
        dimension=dimension_of(model, recipe),
        checkpoint=checkpoint_hash(file),
        preprocessing=recipe.digest,
        licence=str(weights.meta.get("license", "BSD-3-Clause")) if checkpoint is None else "that of the checkpoint",
        source=weights.url if checkpoint is None else file.name,
    )
    return Network(facts, recipe, model)


def without_head(model: nn.Module) -> None:
    """Take the classifier off, so that the forward pass ends with globally pooled features."""
    if isinstance(getattr(model, "avgpool", None), nn.AdaptiveAvgPool2d):
        model.avgpool = nn.AdaptiveAvgPool2d(1)  # vgg and alexnet pool to 7 x 7 for their own heads
    for head in ("fc", "heads", "head", "classifier"):
        if isinstance(module := getattr(model, head, None), nn.Module):
            setattr(model, head, _neck(module))


def _neck(head: nn.Module) -> nn.Module:
    """What a head does before its first layer of weights: pooling, norms, flattening."""
    layers = list(head) if isinstance(head, nn.Sequential) else [head]
    if any(isinstance(layer, nn.Conv2d) for layer in layers):
        return nn.AdaptiveAvgPool2d(1)  # squeezenet classifies before it pools
    kept = []
    for layer in layers:
        if isinstance(layer, nn.Linear):
            break
        kept.append(layer)
    return nn.Sequential(*kept)


def _weights(name: str, checkpoint: Path | None) -> tuple[Any, Path]:
    """Choose the published weights whose recipe applies, and the file to load."""
    published = list(torchvision.models.get_model_weights(name))
    if checkpoint is not None:
        return next((w for w in published if Path(w.url).name == checkpoint.name), published[0]), checkpoint
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    published.sort(key=lambda w: w != torchvision.models.get_model_weights(name).DEFAULT)
    for weights in published:
        if (file := folder / Path(weights.url).name).exists():
            return weights, file
    first = published[0].url
    raise missing(name, folder / Path(first).name, f"curl --create-dirs -o {folder / Path(first).name} {first}")


def _without_extras(name: str) -> dict[str, Any]:
    """Arguments with which the published weights of two early models were made."""
    return {"init_weights": False, "transform_input": True} if name in ("googlenet", "inception_v3") else {}


def _load(model: nn.Module, file: Path, name: str) -> None:
    checkpoint_hash(file)  # says clearly what is wrong with a file that cannot be read
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        model.load_state_dict(state.get("state_dict", state), strict=True)
    except Exception as error:  # torch raises a dozen kinds here, RuntimeError and pickle's among them
        reason = str(error).splitlines()[0]
        raise BadInput(f"{file} does not fit {name}: {reason}; give the checkpoint of that network") from error


def _recipe(weights: Any) -> Recipe:
    preset = weights.transforms()
    return Recipe(
        resize=preset.resize_size[0],
        crop=preset.crop_size[0],
        filter=preset.interpolation.value,
        mode="shortest",
        mean=tuple(preset.mean),
        std=tuple(preset.std),
    )
