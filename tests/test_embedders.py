"""Networks as embedders: the recipe equals torchvision's, vectors do not depend on their company."""

import sys
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
import torchvision
from PIL import Image

import loaders.embedders
from loaders.embedders.base import Recipe
from loaders.embedders.registry import open_embedder
from loaders.embedders.torchvision import open_torchvision, without_head
from stores.errors import BadInput

FAMILIES = [
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "maxvit_t",
    "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf", "resnet18", "shufflenet_v2_x0_5",
    "squeezenet1_1", "swin_t", "vgg11_bn", "vit_b_32",
]  # fmt: skip


def picture(seed: int, size: tuple[int, int] = (300, 200)) -> Image.Image:
    """Draw smooth noise: the same pixels on every machine."""
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)


GOLDEN = {11: 0.215324, 155: 0.166391, 278: 0.208657, 388: 0.194131, 571: 0.14884, 1068: 0.217694}
"""Places and values of the six largest numbers of MobileNetV2's vector of picture 5."""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random, but always the same, weights of a small network."""
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("weights") / "small.pth"
    torch.save(torchvision.models.mobilenet_v3_small().state_dict(), file)
    return file


@pytest.mark.parametrize("size", [(300, 200), (201, 333), (224, 224), (90, 64), (2000, 150), (1, 40), (997, 61)])
def test_the_recipe_equals_torchvisions_pixel_for_pixel(size: tuple[int, int]) -> None:
    preset = torchvision.models.ResNet18_Weights.IMAGENET1K_V1.transforms()
    recipe = Recipe(256, 224, "bilinear", "shortest", tuple(preset.mean), tuple(preset.std))
    image = picture(1, size)
    expected = preset(image)
    mean, std = torch.tensor(recipe.mean).view(3, 1, 1), torch.tensor(recipe.std).view(3, 1, 1)
    ours = (torch.from_numpy(recipe(image).copy()).permute(2, 0, 1).float() / 255 - mean) / std
    if max(size) <= 16 * min(size):
        torch.testing.assert_close(ours, expected, rtol=0, atol=1e-6)
    else:  # cut before it is resized, so that 20,000 x 1 does not need a gigabyte
        assert ours.shape == expected.shape


def test_a_picture_of_extreme_shape_is_prepared_in_little_memory() -> None:
    assert Recipe(256, 224, "bicubic", "shortest", (0, 0, 0), (1, 1, 1))(picture(2, (20_000, 1))).shape == (224, 224, 3)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_gives_one_pooled_vector_without_its_head(name: str) -> None:
    extras = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model = torchvision.models.get_model(name, **extras).eval()
    without_head(model)
    side = 299 if name == "inception_v3" else 224
    with torch.inference_mode():
        vector = model(torch.zeros(1, 3, side, side))
    assert vector.ndim == 2
    assert vector.shape[1] < 2100


def test_every_torchvision_name_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in torchvision.models.list_models(module=torchvision.models):
        with pytest.raises(BadInput, match=f"no weights for {name}: .*{tmp_path}.*curl"):
            open_embedder(name)


def test_vectors_do_not_depend_on_their_company(checkpoint: Path) -> None:
    embedder = open_torchvision("mobilenet_v3_small", checkpoint)
    prepared = [embedder.prepare(picture(seed)) for seed in range(11)]
    together = embedder.embed(prepared)
    alone = np.concatenate([embedder.embed([one]) for one in prepared])
    backwards = embedder.embed(prepared[::-1])[::-1]
    assert (together == alone).all()
    assert (together == backwards).all()
    np.testing.assert_allclose(np.linalg.norm(together.astype(np.float64), axis=1), 1, atol=1e-6)
    assert embedder.embed([]).shape == (0, embedder.facts.dimension)


def test_facts_name_the_checkpoint_and_the_recipe(checkpoint: Path) -> None:
    facts = open_torchvision("mobilenet_v3_small", checkpoint).facts
    assert (facts.name, facts.dimension, len(facts.checkpoint)) == ("mobilenet_v3_small", 576, 64)
    other = open_torchvision("mobilenet_v3_small", checkpoint)
    assert other.facts == facts


def test_mobilenet_gives_golden_values(real_data: Path) -> None:
    embedder = open_embedder("mobilenet_v2", real_data / "weights" / "mobilenet_v2-80b10a02.pth")
    vector = embedder.embed([embedder.prepare(picture(5))])[0]
    assert embedder.facts.dimension == 1280
    found = {int(place): float(vector[place]) for place in np.sort(np.argsort(-vector)[:6])}
    assert found == pytest.approx(GOLDEN, abs=2e-5)


def test_a_blend_is_unit_vectors_scaled_and_joined(checkpoint: Path) -> None:
    blend = open_embedder("mobilenet_v3_small+classic@0.6", checkpoint)
    network, classic = open_embedder("mobilenet_v3_small", checkpoint), open_embedder("classic")
    pictures = [picture(seed) for seed in range(3)]
    vectors = blend.embed([blend.prepare(one) for one in pictures]).astype(np.float64)
    parts = [part.embed([part.prepare(one) for one in pictures]).astype(np.float64) for part in (network, classic)]
    expected = (parts[0] @ parts[0].T + 0.36 * parts[1] @ parts[1].T) / 1.36
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-6)
    assert blend.facts.name == "mobilenet_v3_small+classic@0.6"
    assert blend.facts.checkpoint == f"{network.facts.checkpoint}+{classic.facts.checkpoint}"


def test_an_open_clip_model_opens_from_a_checkpoint(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = open_clip.create_model("RN50", precision="fp32")
    torch.save(model.state_dict(), tmp_path / "clip.pt")
    embedder = open_embedder("open_clip:RN50", tmp_path / "clip.pt")
    vectors = embedder.embed([embedder.prepare(picture(seed)) for seed in range(2)])
    assert vectors.shape == (2, embedder.facts.dimension) == (2, 1024)
    assert embedder.facts.text
    transform = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(**model.visual.preprocess_cfg), is_train=False
    )
    with torch.inference_mode():
        expected = model.eval().encode_image(transform(picture(0))[None])[0].numpy()
    assert vectors[0] @ (expected / np.linalg.norm(expected)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("resnet19", "resnet18"),
        ("open_clip:ViT-B-32", "needs --checkpoint FILE or a published tag"),
        ("open_clip:ViT-B-32/laion2b_s34b_b79k", "hf download"),
        ("open_clip:Nothing", "has no model"),
        ("resnet18", "curl --create-dirs"),
        ("mobilenet_v2+classic", "FIRST.SECOND@WEIGHT"),
        ("mobilenet_v2+classic@x", "FIRST.SECOND@WEIGHT"),
        ("classic+resnet18@0.5", "no weights for resnet18"),
    ],
)
def test_what_cannot_be_opened_says_what_to_do(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(BadInput, match=says):
        open_embedder(name)


@pytest.mark.parametrize("torch_is_there", [True, False])
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("clasic", r"there is no embedder 'clasic'; did you mean 'classic'\?"),
        ("Classic+resnet18@0.5", r"there is no embedder 'Classic'; did you mean 'classic'"),
        ("mobilnet_v2", r"there is no embedder 'mobilnet_v2'; did you mean 'mobilenet_v2'"),
        ("clip", r"there is no embedder 'clip'; did you mean 'open_clip:ViT-B-32/laion2b_s34b_b79k'\?"),
        ("OpenCLIP", r"there is no embedder 'OpenCLIP'; did you mean 'open_clip:ViT-B-32/"),
        ("dinosaur", r"there is no embedder 'dinosaur'; there are classic, mobilenet_v2, resnet18, open_clip:"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_and_without_torch(
    name: str, says: str, monkeypatch: pytest.MonkeyPatch, *, torch_is_there: bool
) -> None:
    if not torch_is_there:
        without_torch(monkeypatch)
    with pytest.raises(BadInput, match=says):
        open_embedder(name)


def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every import of a network fail, as where torch is not installed."""
    for family in ("torchvision", "open_clip"):
        monkeypatch.delattr(loaders.embedders, family, raising=False)
        monkeypatch.setitem(sys.modules, f"loaders.embedders.{family}", None)


def test_without_torch_every_network_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [*torchvision.models.list_models(module=torchvision.models), "open_clip:ViT-B-32"]
    without_torch(monkeypatch)
    for name in names:
        with pytest.raises(BadInput, match=f"^{name} needs torch: run 'make models'"):
            open_embedder(name)


def test_a_wrong_checkpoint_is_one_line(tmp_path: Path, checkpoint: Path) -> None:
    (tmp_path / "text.pth").write_text("no weights")
    for name, file in (("resnet18", checkpoint), ("resnet18", tmp_path / "text.pth"), ("resnet18", tmp_path / "none")):
        with pytest.raises(BadInput) as caught:
            open_embedder(name, file)
        assert "\n" not in str(caught.value)
        assert str(file) in str(caught.value)
