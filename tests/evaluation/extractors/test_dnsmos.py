"""DNSMOS: segments and scales by hand, the published network where it is there, and what is said where it is not."""

import importlib.util
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from evaluation.extractors.dnsmos import SCALES, SEGMENT, Dnsmos, load
from evaluation.extractors.protocol import features_of
from evaluation.figures import GENERATED, HELD_OUT
from evaluation.kinds.audio import AUDIO, measures
from evaluation.pipeline import evaluate
from multigan.errors import ConfigError, MultiganError
from multigan.pretrained.weights import find
from multigan.reading.audio import Clip

CPU = torch.device("cpu")
RATE_HZ = 16_000
NAMES = [f"DNSMOS {scale}" for scale in SCALES]


class Network:
    """Remembers what it was shown, and gives a segment's first value, 2 and 3."""

    def __init__(self):
        self.seen = []

    def __call__(self, segments):
        assert segments.shape == (1, SEGMENT)
        assert segments.dtype == np.float32
        self.seen.append(segments[0])
        return np.array([[segments[0, 0], 2, 3]], np.float32)


def steps(n):
    """Clips whose sample i is i, in units that float32 holds exactly."""
    return Clip(np.arange(n, dtype=np.float32) / 2**20, RATE_HZ)


@pytest.mark.parametrize(
    ("n", "n_segments"),
    [(1_000, 7), (SEGMENT - 1, 9), (SEGMENT, 1), (175_999, 1), (176_000, 2), (400_000, 16)],
)
def test_segments_begin_every_second_and_short_clips_are_doubled(n, n_segments):
    network, clip = Network(), steps(n)
    features_of(Dnsmos(network, ""), [clip])
    assert len(network.seen) == n_segments
    for number, segment in enumerate(network.seen):
        places = (
            (np.arange(SEGMENT) + number * RATE_HZ) % n
            if n < SEGMENT
            else number * RATE_HZ + np.arange(SEGMENT)
        )
        np.testing.assert_array_equal(segment, clip.waveform[places])


def test_opinions_are_the_means_of_polynomials_of_what_the_network_gives():
    first = features_of(Dnsmos(Network(), ""), [steps(SEGMENT), steps(176_000)])
    assert first.shape == (2, 3)
    x = RATE_HZ / 2**20
    sig = [0.0052439, (2 * 0.0052439 + 1.22083953 * x - 0.08397278 * x**2) / 2]
    np.testing.assert_allclose(first[:, 0], sig, atol=1e-6)
    np.testing.assert_allclose(first[:, 1], -0.13166888 * 4 + 1.60915514 * 2 - 0.39604546, atol=1e-6)
    np.testing.assert_allclose(first[:, 2], -0.06766283 * 9 + 1.11546468 * 3 + 0.04602535, atol=1e-6)


def test_clips_of_another_rate_are_resampled():
    network = Network()
    features_of(Dnsmos(network, ""), [Clip(np.zeros(4_000, np.float32), 8_000)])
    assert len(network.seen) == 7  # 8,000 samples doubled five times, 16 s


# ---- as a metric ----


def voices(n, seed, noise=0.0):
    """Clips of 9.1 s, so that one segment is all of each: tones with overtones, and noise."""
    random = np.random.default_rng(seed)
    times = np.arange(145_600) / RATE_HZ
    clips = []
    for _ in range(n):
        pitch = random.uniform(100, 200)
        tones = sum(np.sin(2 * np.pi * pitch * k * times) / k for k in range(1, 6))
        heard = 0.1 * tones * (1 + np.sin(8 * times)) + noise * random.normal(size=len(times))
        clips.append(Clip(heard.astype(np.float32), RATE_HZ))
    return clips


def test_it_is_measured_only_when_it_is_asked_for():
    real, fake = voices(8, 0), voices(8, 1)
    missing = (
        r"^DNSMOS was not measured\. dnsmos needs weights that are not there: sig_bak_ovr\.onnx \(1\.2 MB\); "
        r"run `pip install speechmos onnxruntime` or put it into .*/speechmos\.$"
    )
    with pytest.raises(MultiganError, match=missing):
        evaluate(real, fake, modality="audio", metrics="DNSMOS OVRL")
    default, everything = (
        evaluate(real, fake, modality="audio", metrics=metrics) for metrics in (None, "all")
    )
    assert [line for line in everything.warnings if re.search(missing, line)]
    assert not [line for line in default.warnings if "dnsmos" in line]
    for report in (default, everything):
        assert not [figure.name for figure in report.figures if "DNSMOS" in figure.name]


def test_the_mean_of_each_scale_is_reported_beside_that_of_real_clips(monkeypatch):

    network = Network()
    record = replace(measures.DNSMOS, weights=(), load=lambda device, files: Dnsmos(network, "seen"))
    monkeypatch.setattr(measures, "DNSMOS", record)
    real, fake = voices(8, 0), voices(8, 1, noise=0.1)
    report = evaluate(real, fake, modality="audio", metrics=NAMES, cache=False)
    found = {(figure.name, figure.subject): figure for figure in report.figures}
    assert set(found) == {(name, subject) for name in NAMES for subject in (GENERATED, HELD_OUT)}
    for subject, clips in ((GENERATED, fake), (HELD_OUT, real)):
        firsts = np.array([clip.waveform[0] for clip in clips], np.float64)
        figure = found["DNSMOS SIG", subject]
        scaled = 0.0052439 + 1.22083953 * firsts - 0.08397278 * firsts**2
        assert figure.value == pytest.approx(scaled.mean(), abs=1e-6)
        half = 2.3646 * scaled.std(ddof=1) / 8**0.5  # Student's t, 7 degrees: groups of one clip
        assert (figure.low, figure.high) == pytest.approx(
            (scaled.mean() - half, scaled.mean() + half), abs=1e-5
        )
        assert figure.higher_is_better
    assert "segments of 9.01 s" in found["DNSMOS OVRL", GENERATED].note


# ---- the published network ----


def test_without_what_reads_it_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr("evaluation.extractors.dnsmos.import_module", absent)
    with pytest.raises(
        ConfigError, match=r"dnsmos needs the package onnxruntime, .* run `pip install onnxruntime`"
    ):
        load(CPU, {"network": tmp_path / "any.onnx"})


@pytest.fixture
def published(packages):
    files = find(AUDIO.record("dnsmos"))
    if not files or importlib.util.find_spec("onnxruntime") is None:
        pytest.skip("its network or what reads it is not there: pip install speechmos onnxruntime")
    return load(CPU, files)


def test_noise_around_a_voice_is_heard(published):
    clean, noisy = (features_of(published, voices(3, 0, noise)) for noise in (0.0, 0.1))
    assert clean.shape == (3, 3)
    assert (clean > 0.9).all()
    assert (clean < 5).all()
    background = SCALES.index("BAK")
    assert (clean[:, background] > noisy[:, background] + 0.2).all()


@pytest.mark.filterwarnings("ignore")  # of what the package is made of
def test_the_published_network_gives_the_opinions_of_the_package_that_it_comes_with(published):
    """Where all that it needs is there; 6e-8 apart at most when it was measured."""
    package = pytest.importorskip("speechmos.dnsmos", exc_type=ImportError)
    for clip in (voices(1, 0)[0], Clip(voices(1, 1, 0.02)[0].waveform[:40_000], RATE_HZ)):
        expected = package.run(clip.waveform, RATE_HZ)
        found = features_of(published, [clip])[0]
        np.testing.assert_allclose(found, [expected[f"{scale.lower()}_mos"] for scale in SCALES], atol=1e-5)
