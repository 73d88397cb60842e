"""DINOv2, CLIP and random features: the real loading code on tiny networks by seed, and preprocessing by hand."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from evaluation.extractors.protocol import features_of
from evaluation.extractors.random_features import RandomFeatures
from evaluation.extractors.random_features import load as load_random
from evaluation.extractors.vision import CLIP, IMAGENET, centred, load_clip, load_dinov2, stretched
from multigan.errors import CheckpointError, DataError
from multigan.pretrained.weights import digest_of_files

CPU = torch.device("cpu")
RECORDED = [0.4570861, 0.5727149, -0.3903516, -0.2243908]
PIXELS = np.random.default_rng(3).integers(0, 256, (3, 40, 60, 3), np.uint8)


def saved(model, folder):
    model.save_pretrained(folder)
    return {name: folder / name for name in ("config.json", "model.safetensors")}


@pytest.fixture(scope="module")
def dinov2(tmp_path_factory):
    from transformers import Dinov2Config, Dinov2Model

    with torch.random.fork_rng():
        torch.manual_seed(1)
        config = Dinov2Config(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=70, patch_size=14
        )
        model = Dinov2Model(config).eval()
    return model, saved(model, tmp_path_factory.mktemp("dinov2"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig

    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision = CLIPVisionConfig(**small, image_size=224, patch_size=32)
    config = CLIPConfig(
        text_config=CLIPTextConfig(**small, vocab_size=50).to_dict(),
        vision_config=vision.to_dict(),
        projection_dim=16,
    )
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = CLIPModel(config).eval()
    return model, saved(model, tmp_path_factory.mktemp("clip"))


def normalised(pixels, colours):
    """uint8 [N, 224, 224, 3] -> float32 [N, 3, 224, 224], by the formula."""
    mean, deviation = np.array(colours)
    return torch.tensor((pixels / 255 - mean) / deviation).permute(0, 3, 1, 2).float()


def test_dinov2_gives_the_class_token(dinov2):
    model, files = dinov2
    extractor = load_dinov2(CPU, files)
    found = features_of(extractor, PIXELS, batch=2)
    resized = np.stack(
        [np.asarray(Image.fromarray(image).resize((224, 224), Image.Resampling.BICUBIC)) for image in PIXELS]
    )
    with torch.inference_mode():
        expected = model(pixel_values=normalised(resized, IMAGENET)).last_hidden_state[:, 0]
    assert (found.dtype, found.shape) == (np.float32, (3, 32))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert extractor.digest == digest_of_files(files)


def test_clip_gives_the_projected_image_embedding(clip):
    from transformers import CLIPImageProcessorPil

    model, files = clip
    extractor = load_clip(CPU, files)
    found = features_of(extractor, PIXELS, batch=2)
    # the library's own preprocessing of CLIP, with PIL
    pixels = CLIPImageProcessorPil()(images=list(PIXELS), return_tensors="pt").pixel_values
    np.testing.assert_allclose(np.stack([extractor.prepare(image) for image in PIXELS]), pixels, atol=1e-5)
    with torch.inference_mode():
        expected = model.visual_projection(model.vision_model(pixel_values=pixels).pooler_output)
    assert (found.dtype, found.shape) == (np.float32, (3, 16))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(224, 224), (300, 224), (224, 451), (30, 31), (1000, 10), (7, 7)])
def test_images_of_any_shape_become_squares(shape):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    assert stretched(image).shape == centred(image).shape == (224, 224, 3)


def test_the_centre_is_cut_out():
    image = np.random.default_rng(0).integers(0, 256, (224, 300, 3), np.uint8)
    np.testing.assert_array_equal(centred(image), image[:, 38:262])
    np.testing.assert_array_equal(centred(image.transpose(1, 0, 2)), image[:, 38:262].transpose(1, 0, 2))


@pytest.mark.parametrize(("longer", "start"), [(225, 0), (226, 1), (227, 2), (229, 2), (231, 4)])
def test_an_odd_remainder_is_rounded_as_openai_s_preprocessing_does(longer, start):
    """torchvision's CenterCrop begins at int(round((longer - 224) / 2)), halves to the even number: 0.5, 1.5, 2.5, 3.5."""
    image = np.random.default_rng(0).integers(0, 256, (224, longer, 3), np.uint8)
    np.testing.assert_array_equal(centred(image), image[:, start : start + 224])
    np.testing.assert_array_equal(centred(image.transpose(1, 0, 2)), centred(image).transpose(1, 0, 2))


def test_colours_are_those_of_training():
    flat = np.full((1, 5, 5, 3), 51, np.uint8)
    for resize, colours in ((stretched, IMAGENET), (centred, CLIP)):
        expected = (0.2 - np.array(colours[0])) / np.array(colours[1])
        np.testing.assert_allclose(
            normalised(resize(flat[0])[None], colours)[0, :, 100, 100], expected, rtol=1e-5
        )


def test_weights_that_do_not_fit_are_refused(dinov2, tmp_path):
    """Left alone, the library gives random values to what a file lacks, with a warning in the log."""
    state = load_file(dinov2[1]["model.safetensors"])
    config = tmp_path / "config.json"
    config.write_text(dinov2[1]["config.json"].read_text())
    files = {"config.json": config, "model.safetensors": tmp_path / "model.safetensors"}
    save_file(
        {name: value for name, value in state.items() if name != "layernorm.bias"},
        files["model.safetensors"],
        {"format": "pt"},
    )
    with pytest.raises(CheckpointError, match=r"lack 1 of Dinov2Model, layernorm\.bias for one"):
        load_dinov2(CPU, files)
    save_file(state | {"layernorm.bias": torch.zeros(5)}, files["model.safetensors"], {"format": "pt"})
    with pytest.raises(CheckpointError, match="Cannot read Dinov2Model"):
        load_dinov2(CPU, files)
    files["model.safetensors"].write_bytes(b"cut")
    with pytest.raises(CheckpointError, match="Cannot read Dinov2Model"):
        load_dinov2(CPU, files)


def test_other_samples_are_refused(dinov2):
    with pytest.raises(DataError, match="float64"):
        load_dinov2(CPU, dinov2[1]).prepare(np.zeros((4, 4, 3)))


# ---- random features ----


def test_random_features_are_the_same_either_way():
    extractor = load_random(CPU, {})
    assert extractor.digest == RandomFeatures().digest
    found = features_of(extractor, PIXELS, batch=2)
    np.testing.assert_allclose(found, RandomFeatures().features(PIXELS), rtol=1e-4, atol=1e-6)
    # in one batch they are the same computation
    np.testing.assert_array_equal(features_of(extractor, PIXELS), RandomFeatures().features(PIXELS))
    with pytest.raises(DataError, match="float64"):
        extractor.prepare(np.zeros((4, 4, 3)))


def test_random_features_keep_their_values():
    """Recorded before they had ``prepare`` and ``forward``; another CPU may round the last digits otherwise."""
    ramp = np.arange(32 * 32 * 3, dtype=np.int64).reshape(1, 32, 32, 3) % 251
    found = RandomFeatures().features(ramp.astype(np.uint8))[0]
    np.testing.assert_allclose(found[:4], RECORDED, rtol=1e-4)
