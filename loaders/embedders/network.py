"""A torch network as an embedder: batches of one fixed shape, so that every picture always gets the same vector."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from loaders.embedders.base import Recipe
from stores.angles import unit
from stores.records import EmbedderFacts, Vectors

BATCH: Final = 8
"""Pictures in a forward pass. MobileNetV2 on two cores: 19 ms a picture at 8, 48 at 64, where the caches overflow."""

THREADS: Final = os.cpu_count() or 1
"""Forward passes at once, each on one core. Two cores on one pass wait for each other at every layer: with other
work on the machine that took 75 ms a picture instead of 26."""


class Network:
    """An Embedder that runs ``forward``: (n, 3, crop, crop) normalised floats to (n, dimension)."""

    def __init__(self, facts: EmbedderFacts, recipe: Recipe, forward: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.facts = facts
        self.prepare = recipe
        self._forward = forward
        self._mean = torch.tensor(recipe.mean).view(1, 3, 1, 1)
        self._std = torch.tensor(recipe.std).view(1, 3, 1, 1)

    def embed(self, prepared: Sequence[NDArray[np.uint8]]) -> Vectors:
        """Return (n, dimension) unit vectors of (crop, crop, 3) bytes each."""
        if not prepared:
            return np.zeros((0, self.facts.dimension), dtype=np.float32)
        torch.set_num_threads(1)  # also the reason why vectors do not depend on the number of cores
        with ThreadPoolExecutor(THREADS) as pool:
            return np.concatenate(list(pool.map(self._batch, batched(prepared))))

    def _batch(self, prepared: Sequence[NDArray[np.uint8]]) -> Vectors:
        """Embed up to BATCH pictures; missing ones are black, since a smaller batch gives other last digits."""
        pixels = np.zeros((BATCH, *prepared[0].shape), dtype=np.uint8)
        pixels[: len(prepared)] = prepared
        images = torch.from_numpy(pixels).permute(0, 3, 1, 2).to(torch.float32) / 255.0
        images = ((images - self._mean) / self._std).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            return unit(self._forward(images)[: len(prepared)].numpy())


class ReadingNetwork(Network):
    """A Network with a second half, ``read``: n texts to (n, dimension)."""

    def __init__(
        self,
        facts: EmbedderFacts,
        recipe: Recipe,
        forward: Callable[[torch.Tensor], torch.Tensor],
        read: Callable[[Sequence[str]], torch.Tensor],
    ) -> None:
        super().__init__(facts, recipe, forward)
        self._read = read

    def embed_words(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) unit vectors."""
        with torch.inference_mode():
            return unit(self._read(texts).numpy())


def batched(prepared: Sequence[NDArray[np.uint8]]) -> list[Sequence[NDArray[np.uint8]]]:
    """Cut what is to be embedded into batches; the last may be smaller."""
    return [prepared[at : at + BATCH] for at in range(0, len(prepared), BATCH)]


def fuse(model: nn.Module) -> None:
    """Fold each batch norm that directly follows a convolution into it: the same function in fewer passes over memory.

    MobileNetV2 on one core: 16 ms a picture instead of 26.
    """
    for module in model.modules():
        if isinstance(module, nn.Sequential):
            for place, (first, second) in enumerate(pairwise(list(module))):
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    module[place], module[place + 1] = fuse_conv_bn_eval(first, second), nn.Identity()


def dimension_of(forward: Callable[[torch.Tensor], torch.Tensor], recipe: Recipe) -> int:
    """Length of the vectors a network gives."""
    with torch.inference_mode():
        return int(forward(torch.zeros(1, 3, recipe.crop, recipe.crop)).shape[1])
