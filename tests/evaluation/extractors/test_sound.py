"""CLAP, wav2vec 2.0 and EnCodec: tiny checkpoints with seeded weights, read by the real loading code."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from evaluation.extractors.networks import seeded_weights
from evaluation.extractors.protocol import features_of
from evaluation.extractors.sound import load_clap, load_encodec, load_wav2vec2, receptive_field, windows
from multigan.errors import CheckpointError
from multigan.pretrained.weights import digest_of_files
from multigan.reading.audio import Clip, resampled

CPU = torch.device("cpu")
LOAD = {"clap": load_clap, "wav2vec2": load_wav2vec2, "encodec": load_encodec}
WIDTH = {"clap": 12, "wav2vec2": 16, "encodec": 8}


def files_of(folder):
    return {name: folder / name for name in ("config.json", "preprocessor_config.json", "model.safetensors")}


def save_clap(folder):
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

    text = {
        "vocab_size": 20,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 8,
    }
    heard = {
        "patch_embeds_hidden_size": 8,
        "depths": [1, 1],
        "num_attention_heads": [1, 2],
        "hidden_size": 16,
    }
    ClapModel(ClapConfig(text_config=text, audio_config=heard, projection_dim=12)).save_pretrained(folder)
    ClapFeatureExtractor(truncation="rand_trunc").save_pretrained(folder)


def save_wav2vec2(folder):
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    convolutions = {"conv_dim": [8] * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}
    Wav2Vec2ForCTC(Wav2Vec2Config(**sizes, **convolutions)).save_pretrained(folder)
    Wav2Vec2FeatureExtractor().save_pretrained(folder)


def save_encodec(folder):
    from transformers import EncodecConfig, EncodecFeatureExtractor, EncodecModel

    EncodecModel(
        EncodecConfig(num_filters=4, hidden_size=8, codebook_dim=8, codebook_size=16)
    ).save_pretrained(folder)
    EncodecFeatureExtractor().save_pretrained(folder)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Name -> the folder of a checkpoint."""
    made = {}
    for name, save in {"clap": save_clap, "wav2vec2": save_wav2vec2, "encodec": save_encodec}.items():
        made[name] = tmp_path_factory.mktemp(name)
        with seeded_weights(7):
            save(made[name])
    return made


@pytest.fixture(scope="module")
def loaded(folders):
    return {name: LOAD[name](CPU, files_of(folder)) for name, folder in folders.items()}


def sound(seconds, seed=0, rate_hz=16_000):
    """A buzz on an offset, both of the seed's own, in noise: random weights tell one noise from another badly."""
    random_state = np.random.default_rng(seed)
    times = np.arange(max(1, round(seconds * rate_hz))) / rate_hz
    buzz = np.sign(np.sin(2 * np.pi * 100 * (seed + 1) * times))
    waveform = 0.3 * buzz + 0.2 * (seed - 2) + 0.05 * random_state.standard_normal(len(times))
    return Clip(waveform.astype(np.float32), rate_hz)


def test_clap_is_that_of_transformers(folders, loaded):
    from transformers import ClapFeatureExtractor, ClapModel

    clip = sound(0.7)
    prepare, network = (kind.from_pretrained(folders["clap"]) for kind in (ClapFeatureExtractor, ClapModel))
    given = prepare(resampled(clip, 48_000), sampling_rate=48_000, return_tensors="pt")
    with torch.inference_mode():
        pooled = network.audio_model(**given).pooler_output
        expected = torch.nn.functional.normalize(network.audio_projection(pooled), dim=-1).numpy()
    found = features_of(loaded["clap"], [clip])
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert np.linalg.norm(found) == pytest.approx(1, rel=1e-5)


def test_wav2vec2_is_that_of_transformers(folders, loaded):
    from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2Model

    clip = sound(0.7)
    kinds = (Wav2Vec2FeatureExtractor, Wav2Vec2Model)
    prepare, network = (kind.from_pretrained(folders["wav2vec2"]) for kind in kinds)
    given = prepare(clip.waveform, sampling_rate=16_000, return_tensors="pt")
    with torch.inference_mode():
        expected = network(**given).last_hidden_state.mean(dim=1).numpy()
    assert np.allclose(features_of(loaded["wav2vec2"], [clip]), expected, rtol=1e-5, atol=1e-6)


def test_wav2vec2_hears_no_loudness(loaded):
    clip = sound(0.5)
    quieter = Clip(clip.waveform * np.float32(0.25), clip.rate_hz)
    assert np.allclose(*(features_of(loaded["wav2vec2"], [held]) for held in (clip, quieter)), atol=1e-4)


def test_encodec_is_what_transformers_quantises(folders, loaded):
    from transformers import EncodecFeatureExtractor, EncodecModel

    clip = sound(0.7)
    kinds = (EncodecFeatureExtractor, EncodecModel)
    prepare, network = (kind.from_pretrained(folders["encodec"]) for kind in kinds)
    given = prepare(resampled(clip, 24_000), sampling_rate=24_000, return_tensors="pt")
    with torch.inference_mode():
        frames = network.encoder(given["input_values"])
        codes = network.encode(**given, bandwidth=24.0).audio_codes[0]
        assert torch.equal(network.quantizer.encode(frames, 24.0).transpose(0, 1), codes)
    assert np.allclose(
        features_of(loaded["encodec"], [clip]), frames.mean(dim=2).numpy(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("name", list(LOAD))
def test_a_row_does_not_depend_on_its_neighbours(loaded, name):
    clips = [sound(0.4, 1), sound(0.9, 2), sound(0.4, 3), sound(0.03, 4)]
    together = features_of(loaded[name], clips)
    alone = np.concatenate([features_of(loaded[name], [clip]) for clip in clips])
    assert together.shape == (4, WIDTH[name])
    assert together.dtype == np.float32
    assert np.allclose(together, alone, rtol=1e-5, atol=1e-5)
    assert np.abs(together[0] - together[2]).max() > 100 * np.abs(together - alone).max()


@pytest.mark.parametrize("name", list(LOAD))
def test_clips_of_one_sample_and_of_silence_are_finite(loaded, name):
    features = features_of(loaded[name], [sound(0), Clip(np.zeros(400, np.float32), 8_000)])
    assert np.isfinite(features).all()


@pytest.mark.parametrize("name", ["clap", "encodec"])
def test_long_clips_are_the_mean_of_their_windows_whatever_numpy_has_drawn(loaded, name):
    rate_hz = 48_000 if name == "clap" else 24_000
    clip = sound(13, rate_hz=rate_hz)
    parts = [Clip(clip.waveform[start : start + 10 * rate_hz], rate_hz) for start in (0, 3 * rate_hz)]
    np.random.seed(1)
    once = features_of(loaded[name], [clip])
    np.random.seed(2)
    assert np.array_equal(features_of(loaded[name], [clip]), once)
    assert np.allclose(once, features_of(loaded[name], parts).mean(axis=0), rtol=1e-4, atol=1e-5)


def test_windows_cover_a_clip_from_start_to_end():
    ramp = np.arange(253, dtype=np.float32)
    found = windows(ramp, 10)
    assert [(int(held[0]), len(held)) for held in found] == [(0, 100), (76, 100), (153, 100)]
    assert len(windows(ramp[:200], 10)) == 2
    assert [[len(held) for held in windows(ramp[:n], 10)] for n in (99, 100, 101)] == [
        [99],
        [100],
        [100, 100],
    ]


def test_the_receptive_field_of_wav2vec2_is_25_ms():
    assert receptive_field((10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2)) == 400


@pytest.mark.parametrize("name", list(LOAD))
def test_what_a_report_says_of_them(folders, loaded, name):
    assert loaded[name].name == name
    assert loaded[name].digest == digest_of_files(files_of(folders[name]))
    rate_hz = {"clap": 48_000, "wav2vec2": 16_000, "encodec": 24_000}[name]
    assert f"mono {rate_hz} Hz" in loaded[name].preprocessing


@pytest.mark.parametrize("name", list(LOAD))
def test_loading_prints_nothing(folders, name, capfd):
    LOAD[name](CPU, files_of(folders[name]))
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize("name", list(LOAD))
def test_a_file_that_lacks_weights_is_refused(folders, name, tmp_path):
    for held, path in files_of(folders[name]).items():
        (tmp_path / held).write_bytes(path.read_bytes())
    weights = load_file(tmp_path / "model.safetensors")
    lost = next(key for key in sorted(weights) if "layers.0" in key and "text" not in key)
    del weights[lost]
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(CheckpointError, match=r"lacks 1 weights of \w+, .*layers\.0.*multigan weights"):
        LOAD[name](CPU, files_of(tmp_path))
