"""Every open_clip model: pictures and words in one space."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import open_clip
import torch
from huggingface_hub import try_to_load_from_cache

from loaders.embedders.base import Recipe
from loaders.embedders.checkpoints import checkpoint_hash, missing
from loaders.embedders.network import Network, ReadingNetwork, dimension_of
from stores.errors import BadInput
from stores.records import EmbedderFacts

PREFIX: Final = "open_clip:"
"""Before a model's name, since torchvision uses some of the same names."""


def names() -> list[str]:
    """Names of all models, with the prefix."""
    return [PREFIX + name for name in open_clip.list_models()]


def open_open_clip(name: str, checkpoint: Path | None) -> Network:
    """Open ``open_clip:MODEL`` with a checkpoint, or ``open_clip:MODEL/TAG`` from the hub's cache."""
    architecture, _, tag = name.removeprefix(PREFIX).partition("/")
    if architecture not in open_clip.list_models():
        raise BadInput(f"open_clip has no model {architecture!r}; it has {', '.join(open_clip.list_models()[:8])}, …")
    file = checkpoint if checkpoint is not None else _cached(name, architecture, tag)
    digest = checkpoint_hash(file)
    model = _load(architecture, file, name)
    recipe = _recipe(model.visual.preprocess_cfg, open_clip.get_pretrained_cfg(architecture, tag))
    facts = EmbedderFacts(
        name=name,
        dimension=dimension_of(model.encode_image, recipe),
        checkpoint=digest,
        preprocessing=recipe.digest,
        licence="that of the checkpoint",
        source=file.name,
        text=True,
    )
    return ReadingNetwork(facts, recipe, model.encode_image, _reader(model, architecture))


def _reader(model: Any, architecture: str) -> Callable[[Sequence[str]], torch.Tensor]:
    def read(texts: Sequence[str]) -> torch.Tensor:
        """Some models fetch their tokenizer, so it is opened when words are first read."""
        tokens = open_clip.get_tokenizer(architecture)(list(texts))
        found: torch.Tensor = model.encode_text(tokens)
        return found

    return read


def _cached(name: str, architecture: str, tag: str) -> Path:
    """Find the file of a published checkpoint without asking any network."""
    published = open_clip.get_pretrained_cfg(architecture, tag)
    if not published:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(architecture)) or "none"
        raise BadInput(
            f"{name} needs --checkpoint FILE or a published tag: {PREFIX}{architecture}/TAG with one of {tags}"
        )
    if hub := published.get("hf_hub", ""):
        repo, _, file = hub.rpartition("/")
        for candidate in [file] if file else ["open_clip_model.safetensors", "open_clip_pytorch_model.bin"]:
            if isinstance(found := try_to_load_from_cache(repo, candidate), str):
                return Path(found)
        raise missing(name, repo, f"hf download {repo}")
    file = Path("~/.cache/clip").expanduser() / Path(published["url"]).name
    if file.exists():
        return file
    raise missing(name, file, f"curl --create-dirs -o {file} {published['url']}")


def _load(architecture: str, file: Path, name: str) -> Any:
    try:
        model = open_clip.create_model(architecture, pretrained=str(file), precision="fp32", device="cpu")
    except Exception as error:  # torch and open_clip raise a dozen kinds here
        reason = str(error).splitlines()[0]
        raise BadInput(f"{file} does not fit {name}: {reason}; give the checkpoint of that model") from error
    return model.eval().to(memory_format=torch.channels_last)


def _recipe(own: dict[str, Any], published: dict[str, Any]) -> Recipe:
    """Recipe of a model; what was published with its weights goes before the model's own defaults."""
    told = {**own, **{key: value for key, value in published.items() if key in own}}
    size = told["size"] if isinstance(told["size"], int) else told["size"][0]
    return Recipe(
        resize=size,
        crop=size,
        filter=told["interpolation"] if told["interpolation"] != "random" else "bicubic",
        mode="squash" if told["resize_mode"] == "squash" else "shortest",
        mean=tuple(told["mean"]),
        std=tuple(told["std"]),
    )
