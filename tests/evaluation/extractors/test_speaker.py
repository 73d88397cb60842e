"""The speaker encoder: weights by seed against a plain reading of the paper, and the published ones where they are."""

import numpy as np
import pytest
import torch

from evaluation.catalogue import load_extractor
from evaluation.extractors.protocol import features_of
from evaluation.extractors.speaker import load, mel_bands, parts
from evaluation.kinds.audio import AUDIO
from multigan.errors import CheckpointError
from multigan.pretrained.weights import digest_of_files, find, read_state
from multigan.reading.audio import Clip

CPU = torch.device("cpu")
RATE_HZ = 16_000
SHAPES = {
    **{f"lstm.weight_ih_l{layer}": (1024, 40 if layer == 0 else 256) for layer in range(3)},
    **{f"lstm.weight_hh_l{layer}": (1024, 256) for layer in range(3)},
    **{f"lstm.bias_{side}_l{layer}": (1024,) for layer in range(3) for side in ("ih", "hh")},
    "linear.weight": (256, 256),
    "linear.bias": (256,),
}


def drawn():
    """Weights by seed, as uneven as trained ones, so that time and loudness matter."""
    stream = torch.Generator().manual_seed(3)
    return {name: torch.randn(shape, generator=stream) / 10 for name, shape in SHAPES.items()}


STATE = drawn()


def of_seed(tmp_path, state=STATE):
    torch.save({"step": 1, "model_state": state, "optimizer_state": {}}, tmp_path / "speaker.pt")
    return {"weights": tmp_path / "speaker.pt"}


def speech(seconds, seed=0, loudness=0.2):
    """Something like a voice: a gliding tone with overtones, and noise."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(130 + 20 * np.sin(3 * times)) / RATE_HZ
    tones = sum(np.sin(k * phase) / k for k in range(1, 9))
    noise = np.random.default_rng(seed).normal(size=len(times)) / 10
    return Clip((loudness * (tones + noise) / 2).astype(np.float32), RATE_HZ)


# ---- a plain reading ----


def slaney(hertz):
    return np.where(
        hertz < 1000, hertz * 3 / 200, 15 + 27 * np.log(np.maximum(hertz, 1) / 1000) / np.log(6.4)
    )


def plain_mel(waveform, n_frames):
    """Frame by frame, in float64: power of the Fourier transform by its definition, in triangles of unit area."""
    hertz = np.arange(201) * 40.0
    grid = np.linspace(0, 8000, 800_001)
    edges = np.interp(np.linspace(0, float(slaney(np.array(8000.0))), 42), slaney(grid), grid)
    rising = (hertz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz[:, None]) / (edges[2:] - edges[1:-1])
    bands = np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])
    places = np.arange(400)
    turns = np.exp(-2j * np.pi * np.outer(places, np.arange(201)) / 400)
    window = np.sin(np.pi * places / 400) ** 2
    around = np.concatenate([np.zeros(200), waveform, np.zeros(200 + n_frames * 160)])
    return np.stack(
        [np.abs((around[160 * f : 160 * f + 400] * window) @ turns) ** 2 @ bands for f in range(n_frames)]
    )


def plain_state(rows, state):
    """The last output of three LSTM layers, one step at a time."""
    values = {name: np.asarray(value, np.float64) for name, value in state.items()}
    for layer in range(3):
        inputs, recurrent = values[f"lstm.weight_ih_l{layer}"], values[f"lstm.weight_hh_l{layer}"]
        bias = values[f"lstm.bias_ih_l{layer}"] + values[f"lstm.bias_hh_l{layer}"]
        output, cell, outputs = np.zeros(256), np.zeros(256), []
        for row in rows:
            enter, forget, fresh, leave = np.split(inputs @ row + recurrent @ output + bias, 4)
            enter, forget, leave = (1 / (1 + np.exp(-gate)) for gate in (enter, forget, leave))
            cell = forget * cell + enter * np.tanh(fresh)
            output = leave * np.tanh(cell)
            outputs.append(output)
        rows = outputs
    return rows[-1]


def plain(clip, starts, state):
    waveform = clip.waveform.astype(np.float64)
    waveform *= max(1, 10**-1.5 / np.sqrt(np.mean(waveform**2)))
    mel = plain_mel(waveform, starts[-1] + 160)
    means = []
    for start in starts:
        last = plain_state(mel[start : start + 160], state)
        weight, bias = (np.asarray(state[f"linear.{name}"], np.float64) for name in ("weight", "bias"))
        raw = np.maximum(0, weight @ last + bias)
        means.append(raw / np.linalg.norm(raw))
    mean = np.mean(means, axis=0)
    return mean / np.linalg.norm(mean)


# ---- tests ----


@pytest.mark.parametrize(
    ("clip", "starts"),
    [(speech(0.4), [0]), (speech(2.8, 1), [0, 77, 154]), (speech(1, 2, loudness=0.001), [0])],
    ids=["short", "three parts", "soft"],
)
def test_embeddings_are_those_of_the_paper(tmp_path, clip, starts):
    extractor = load(CPU, of_seed(tmp_path))
    (found,) = features_of(extractor, [clip])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, plain(clip, starts, STATE), atol=1e-5)
    assert np.std(found) > 0.02


def test_parts_begin_every_77_frames_and_the_last_is_filled_to_three_quarters():
    assert [parts(n) for n in (1, 25_600, 31_519, 31_520)] == [[0], [0], [0], [0, 77]]
    # after two parts 24,640 samples have passed; 19,200 more fill three quarters of the third
    assert parts(24_640 + 19_199) == [0, 77]
    assert parts(24_640 + 19_200) == [0, 77, 154]


def test_a_long_clip_is_transformed_in_blocks():
    waveform = np.random.default_rng(0).normal(size=160 * 4_200).astype(np.float32)
    whole = mel_bands(waveform, 4_200)
    assert whole.shape == (4_200, 40)
    np.testing.assert_allclose(whole[4_090:4_110], plain_mel(waveform, 4_110)[4_090:], rtol=1e-4)


def test_a_row_does_not_depend_on_its_neighbours_and_loudness_only_above_a_limit(tmp_path):
    extractor = load(CPU, of_seed(tmp_path))
    soft, softer, loud = (speech(1, loudness=loudness) for loudness in (0.02, 0.002, 0.9))
    silence = Clip(np.zeros(3_000, np.float32), RATE_HZ)
    together = features_of(extractor, [soft, speech(3), silence, softer, loud])
    np.testing.assert_allclose(together[0], features_of(extractor, [soft])[0], atol=1e-6)
    np.testing.assert_allclose(together[0], together[3], atol=1e-5)
    assert np.abs(together[0] - together[4]).max() > 1e-3
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert extractor.digest == digest_of_files({"weights": tmp_path / "speaker.pt"})


def test_where_no_unit_answers_there_are_zeros(tmp_path):
    state = {**STATE, "linear.bias": torch.full((256,), -100.0)}
    assert not features_of(load(CPU, of_seed(tmp_path, state)), [speech(1)]).any()


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({name: value for name, value in STATE.items() if name != "linear.bias"}, r"'linear\.bias'"),
        ({**STATE, "linear.bias": torch.zeros(7)}, r"shape '\[256\]' is invalid for input of size 7"),
    ],
    ids=["lacks a layer", "another size"],
)
def test_a_file_of_another_network_is_refused(tmp_path, state, reason):
    refused = "is not the speaker encoder of Resemblyzer: "
    with pytest.raises(CheckpointError, match=rf"{refused}{reason}\. `multigan weights` names the file\.$"):
        load(CPU, of_seed(tmp_path, state))
    torch.save(STATE, tmp_path / "flat.pt")
    with pytest.raises(CheckpointError, match=f"{refused}'model_state'"):
        load(CPU, {"weights": tmp_path / "flat.pt"})


@pytest.fixture
def published(packages):
    files = find(AUDIO.record("speaker"))
    if not files:
        pytest.skip("its weights are not there: pip install --no-deps resemblyzer")
    return files


def test_the_published_weights_are_read_from_their_package(published):
    extractor = load_extractor("speaker", AUDIO, CPU)
    clip = speech(2.8)
    expected = plain(clip, [0, 77, 154], read_state(published["weights"])["model_state"])
    np.testing.assert_allclose(features_of(extractor, [clip])[0], expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore")  # of what the package is made of
def test_the_published_weights_give_the_embeddings_of_the_package_that_they_come_with(published):
    """Where all that it needs is there; 4e-7 apart at most when it was measured, on 75 recordings and 14 lengths."""
    package = pytest.importorskip("resemblyzer", exc_type=ImportError)
    encoder = package.VoiceEncoder("cpu", verbose=False)
    for clip in (speech(0.3), speech(1.97), speech(7.7), speech(1, loudness=0.001)):
        waveform = package.normalize_volume(clip.waveform, -30, increase_only=True)
        found = features_of(load(CPU, published), [clip])[0]
        np.testing.assert_allclose(found, encoder.embed_utterance(waveform), atol=1e-5)
