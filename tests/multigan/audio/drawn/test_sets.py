"""The sounds that the package draws: reproducible, alike at every rate, graded by the intensity, and told apart."""

import hashlib

import numpy as np
import pytest

from evaluation.extractors.log_mel import LogMel, spectrogram
from multigan.audio.drawn import emotive, loops
from multigan.audio.drawn.sets import INTENSITY_RANGE, LABELS, draw_sounds, sound_labels
from multigan.audio.drawn.synthesis import fitting, harmonics, levelled, noise, seconds, sine, struck
from multigan.chance import Chance
from multigan.emotions import EMOTIONS, NAMES
from multigan.errors import DataError
from multigan.reading.audio import Clip

RATE_HZ, N_SAMPLES = 16_000, 16_384
KINDS = tuple(LABELS)


def digest(sounds: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(sounds).tobytes()).hexdigest()


def drawn(label: str, n: int, intensity: float = 0.9, n_samples: int = N_SAMPLES, sounds: str = "emotive"):
    """Sounds [n, T] of one label, of the seeds 0..n-1."""
    index = LABELS[sounds].index(label)
    return draw_sounds(sounds, RATE_HZ, n_samples, np.full(n, index), np.full(n, intensity), np.arange(n))


def power(sound: np.ndarray, rate_hz: int = RATE_HZ) -> tuple[np.ndarray, np.ndarray]:
    """The power spectrum of a sound under a Hann window, and its frequencies."""
    windowed = sound.astype(np.float64) * np.hanning(len(sound))
    return np.abs(np.fft.rfft(windowed)) ** 2, np.fft.rfftfreq(len(sound), 1 / rate_hz)


def near(spectrum: np.ndarray, frequencies: np.ndarray, hz: float) -> float:
    """The power within a third of a semitone of a pitch."""
    return float(spectrum[np.abs(np.log2(np.maximum(frequencies, 1) / hz)) < 1 / 36].sum())


def centroid_hz(sound: np.ndarray) -> float:
    spectrum, frequencies = power(sound)
    return float((spectrum * frequencies).sum() / spectrum.sum())


def level_db(sounds: np.ndarray) -> np.ndarray:
    return 10 * np.log10((sounds.astype(np.float64) ** 2).mean(axis=-1))


def attacks_per_second(sound: np.ndarray) -> float:
    """Peaks of the spectral flux, at least 1.5 dB a band and frame."""
    flux = np.maximum(np.diff(spectrogram(Clip(sound, RATE_HZ)), axis=1), 0).mean(axis=0)
    peaks = (flux[1:-1] > flux[:-2]) & (flux[1:-1] >= flux[2:]) & (flux[1:-1] > 1.5)
    return float(peaks.sum()) / (len(sound) / RATE_HZ)


def loudness(sounds: np.ndarray) -> np.ndarray:
    """Mel power to the power of a quarter, about what loudness follows (Stevens), flat [N, bands * frames]."""
    return np.stack([10 ** (spectrogram(Clip(sound, RATE_HZ)) / 40) for sound in sounds]).reshape(
        len(sounds), -1
    )


@pytest.mark.parametrize("sounds", KINDS)
def test_the_same_samples_at_every_call_and_in_every_batch(sounds):
    classes, intensities, seeds = sound_labels(sounds, 12, 5)
    before = [a.copy() for a in (classes, intensities, seeds)]
    together = draw_sounds(sounds, 16_000, 5_000, classes, intensities, seeds)
    assert together.shape == (12, 5_000)
    assert together.dtype == np.float32
    backwards = draw_sounds(sounds, 16_000, 5_000, classes[::-1], intensities[::-1], seeds[::-1])[::-1]
    assert digest(together) == digest(backwards)
    assert len({digest(sound) for sound in together}) == 12
    assert all((a == b).all() for a, b in zip(before, (classes, intensities, seeds), strict=True))
    assert draw_sounds(sounds, 16_000, 5_000, *sound_labels(sounds, 0, 5)).shape == (0, 5_000)


@pytest.mark.parametrize("sounds", KINDS)
def test_labels_are_balanced_and_a_shorter_set_is_the_beginning(sounds):
    size = len(LABELS[sounds])
    classes, intensities, seeds = sound_labels(sounds, 50 * size + 1, 7)
    counts = np.bincount(classes, minlength=size)
    assert counts.max() - counts.min() <= 1
    assert (intensities >= INTENSITY_RANGE[0]).all()
    assert (intensities <= INTENSITY_RANGE[1]).all()
    assert intensities.mean() == pytest.approx(0.75, abs=0.06)
    assert len(np.unique(seeds)) == len(seeds)
    assert (seeds >= 0).all()
    few = sound_labels(sounds, 31, 7)
    assert all((a[:31] == b).all() for a, b in zip((classes, intensities, seeds), few, strict=True))
    assert (sound_labels(sounds, 31, 8)[2] != few[2]).all()
    assert len(np.unique(classes[: 50 * size].reshape(50, size), axis=0)) > 1  # the order varies


def test_the_vocabulary():
    assert LABELS["emotive"] == NAMES
    assert set(emotive.CUES) == set(NAMES)
    assert LABELS["soundscapes"] == ("alarming", "calming")
    assert LABELS["loops"] == tuple(name for name in NAMES if name in loops.MOODS)


@pytest.mark.parametrize("sounds", KINDS)
@pytest.mark.parametrize(
    ("rate_hz", "n_samples"), [(8_000, 4_096), (16_000, 16_384), (22_050, 30_001), (48_000, 131_072)]
)
def test_levels(sounds, rate_hz, n_samples):
    """No clipping and no silence, at any length and rate."""
    together = draw_sounds(sounds, rate_hz, n_samples, *sound_labels(sounds, 16, 3))
    assert np.isfinite(together).all()
    assert np.abs(together).max() <= 0.95
    assert level_db(together).min() > -30
    assert level_db(together).max() < -12
    assert np.abs(together.mean(axis=1)).max() < 0.02


@pytest.mark.parametrize("sounds", KINDS)
@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_the_same_sound_at_every_rate(sounds, rate_hz):
    """Bands up to 3.4 kHz, which 8 kHz can hold, differ by 1 dB or less; those of another seed by far more.

    The mean difference is left out: it is what a rate holds over 4 kHz, of the same RMS, up to 4 dB for rain.
    """
    labels = sound_labels(sounds, 16, 2)
    low = draw_sounds(sounds, 8_000, 8_192, *labels)
    high = draw_sounds(sounds, rate_hz, round(rate_hz * 1.024), *labels)
    levels = [
        np.stack([np.maximum(spectrogram(Clip(sound, rate))[:42, :60], -60) for sound in together])
        for together, rate in ((low, 8_000), (high, rate_hz))
    ]
    offset = (levels[1] - levels[0]).mean(axis=(1, 2), keepdims=True)
    same = np.abs(levels[1] - levels[0] - offset).mean(axis=(1, 2))
    other = np.abs(levels[1] - np.roll(levels[0], 1, axis=0)).mean(axis=(1, 2))
    assert np.abs(offset).max() < 4
    assert same.max() < 1.0
    assert (same < 0.25 * other).all()


@pytest.mark.parametrize("sounds", KINDS)
def test_at_no_intensity_every_label_is_the_same_sound(sounds):
    n = len(LABELS[sounds])
    together = draw_sounds(sounds, RATE_HZ, N_SAMPLES, np.arange(n), np.zeros(n), np.full(n, 3))
    assert (together == together[0]).all()


@pytest.mark.parametrize(
    ("sounds", "label"),
    [(sounds, label) for sounds in KINDS for label in LABELS[sounds] if label != "neutral"],
)
def test_the_intensity_is_graded(sounds, label):
    """The distance from the neutral sound rises over 0, 1/4, 1/2, 3/4, and from a half to the whole."""
    ladder = np.stack([loudness(drawn(label, 16, i, sounds=sounds)) for i in (0, 0.25, 0.5, 0.75, 1)])
    distance = np.linalg.norm(ladder - ladder[:1], axis=2).mean(axis=1)
    assert (np.diff(distance[:4]) > 0).all()
    assert distance[4] > distance[2]
    assert np.linalg.norm(ladder[4] - ladder[2], axis=1).min() > 0.1 * distance[2]


def test_loudness_and_brightness_follow_arousal():
    """Loud: anger, then joy and surprise, neutral, sadness and calm. Bright: the aroused ones over neutral and sadness."""
    level = {name: level_db(drawn(name, 16)).mean() for name in NAMES}
    assert level["anger"] > level["joy"] + 1 > level["neutral"] + 2 > level["sadness"] + 5
    assert level["surprise"] > level["neutral"] > level["calm"] + 4
    arousal = {emotion.name: emotion.arousal for emotion in EMOTIONS}
    assert np.corrcoef([level[name] for name in NAMES], [arousal[name] for name in NAMES])[0, 1] > 0.7
    bright = {name: float(np.median([centroid_hz(sound) for sound in drawn(name, 16)])) for name in NAMES}
    for name in ("joy", "anger", "fear", "surprise"):
        assert bright[name] > 1.5 * max(bright["neutral"], bright["sadness"])


def test_the_tempo_follows_arousal():
    rates = {
        name: float(np.mean([attacks_per_second(sound) for sound in drawn(name, 8, n_samples=32_768)]))
        for name in NAMES
    }
    assert max(rates["sadness"], rates["calm"]) < 1
    assert 1 < rates["neutral"] < 2.5
    assert 4 < min(rates["joy"], rates["anger"]) <= max(rates["joy"], rates["anger"]) < 8.5


def test_joy_is_major_and_sadness_minor():
    """The power at the major third over the root, in three octaves, against the minor third's."""
    for name, major in (("joy", True), ("calm", True), ("sadness", False)):
        for seed, sound in enumerate(drawn(name, 12, 1.0)):
            root_hz = emotive.Traits.of(Chance(seed)).root_hz * 2 ** (emotive.CUES[name].register / 12)
            spectrum, frequencies = power(sound)
            third = [
                sum(near(spectrum, frequencies, root_hz * 2 ** (k + semitones / 12)) for k in (0, 1))
                for semitones in (3, 4)
            ]
            assert (third[1] > 3 * third[0]) if major else (third[0] > 3 * third[1])


def test_anger_is_rough_and_starts_at_once():
    """The share of the envelope's power at 30 to 80 Hz, against the sounds without roughness or close tones."""

    def roughness(sound: np.ndarray) -> float:
        turning = np.fft.fft(sound)
        turning[len(sound) // 2 :] = 0
        envelope = np.abs(np.fft.ifft(turning))
        swing = np.abs(np.fft.rfft(envelope)) ** 2
        rates_hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
        return float(swing[(rates_hz > 30) & (rates_hz < 80)].sum() / swing[0])

    rough = {name: np.mean([roughness(sound) for sound in drawn(name, 16, 1.0)]) for name in NAMES}
    assert rough["anger"] > 4 * max(rough["neutral"], rough["joy"], rough["surprise"])
    assert rough["fear"] > 2 * rough["neutral"]
    start = {name: level_db(drawn(name, 16, 1.0)[:, :800]) - level_db(drawn(name, 16, 1.0)) for name in NAMES}
    assert start["anger"].mean() > 5 + max(start["sadness"].mean(), start["calm"].mean())


def test_surprise_leaps_up_and_sadness_falls():
    """The strongest partial of surprise before and after the leap; the upper voice of sadness, by its spectrum's mean."""
    for sound in drawn("surprise", 8, 1.0):
        pitches = []
        for part in (sound[:1600], sound[6400:]):
            spectrum, frequencies = power(part)
            pitches.append(frequencies[spectrum.argmax()])
        assert pitches[1] > 1.6 * pitches[0]
    for seed, sound in enumerate(drawn("sadness", 12, 1.0)):
        traits = emotive.Traits.of(Chance(seed))
        notes = emotive.CUES["sadness"].notes
        (_, first), *_, (last_slot, last) = notes[traits.figure % len(notes)]
        turn = int((last_slot * traits.slot_s + 0.05) * RATE_HZ)
        root_hz = traits.root_hz * 2 ** (emotive.CUES["sadness"].register / 12)
        shares = []
        for part in (sound[1600:turn], sound[turn:]):
            high, low = (near(*power(part), root_hz * 2 ** (note / 12)) for note in (first, last))
            shares.append(high / (high + low))
        assert first > last
        assert shares[0] > shares[1]


def test_fear_trembles_and_calm_does_not():
    def trembling(sound: np.ndarray) -> float:
        frames = np.sqrt((sound[: len(sound) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1))
        swing = np.abs(np.fft.rfft(frames)) ** 2
        rates_hz = np.fft.rfftfreq(len(frames), 0.01)
        return float(swing[(rates_hz > 5.5) & (rates_hz < 9)].sum() / swing[0])

    shaken = {
        name: np.mean([trembling(sound) for sound in drawn(name, 8)]) for name in ("fear", "calm", "sadness")
    }
    assert shaken["fear"] > 5 * max(shaken["calm"], shaken["sadness"])


@pytest.mark.parametrize("n_samples", [4_096, 16_384, 30_001, 65_536])
def test_loops_repeat_without_a_seam(n_samples):
    """The step from the last sample to the first, and the bends of it, are no larger than those within."""
    for label in LABELS["loops"]:
        for loop in drawn(label, 6, 1.0, n_samples, "loops").astype(np.float64):
            for order in (1, 2):
                inside = np.abs(np.diff(loop, order)).max()
                seam = np.abs(np.diff(np.concatenate([loop[-order:], loop[:order]]), order)).max()
                assert seam <= inside


def test_a_loop_has_whole_beats_near_its_tempo():
    """By hand: 1.024 s hold 2.15 beats of joy, 1.02 of sadness; 4.096 s hold 8.6, 4.1, and never fewer than one."""
    joy, sadness = (loops.blended(label, 1.0) for label in ("joy", "sadness"))
    assert [loops.n_beats(joy, s) for s in (0.085, 1.024, 4.096)] == [1, 2, 9]
    assert [loops.n_beats(sadness, s) for s in (0.085, 1.024, 4.096)] == [1, 1, 4]


def test_a_circle_carries_what_rings_beyond_its_end():
    circle = loops.Circle(4, rate_hz=1)
    circle.add(3, np.arange(1, 7, dtype=np.float32))
    assert circle.sound.tolist() == [2 + 6, 3, 4, 1 + 5]


def test_harmonics_against_their_sum():
    cycles = np.arange(1000) / 137.0
    falling = np.linspace(0.9, 0.1, 1000)
    for brightness in (np.zeros(1000), np.full(1000, 0.6), falling):
        wanted = sum(brightness ** (k - 1) * np.sin(2 * np.pi * k * cycles) for k in range(1, 6))
        assert np.abs(harmonics(cycles, brightness.astype(np.float32), 5) - wanted).max() < 1e-4
    constant = np.full(1000, 0.6, np.float32)
    assert harmonics(cycles, 0.6, 5) == pytest.approx(harmonics(cycles, constant, 5), abs=1e-5)
    assert sine(np.array([0.25, 1e6 + 0.25, 0.5])) == pytest.approx([1, 1, 0], abs=1e-6)
    assert [fitting(hz, 8_000, 7) for hz in (100, 1_000, 3_000, 4_000)] == [7, 3, 1, 0]


def test_a_struck_tone_decays_by_its_time_constant():
    times = seconds(16_000, RATE_HZ)
    tone = struck(
        times, times * 500, 500.0, rate_hz=RATE_HZ, n_partials=1, brightness=0.5, attack_s=0.01, decay_s=0.1
    )
    assert tone[0] == 0
    early, late = (np.abs(tone[n : n + 160]).max() for n in (1_600, 3_200))
    assert late / early == pytest.approx(np.exp(-1), rel=1e-3)


def test_noise_lies_in_its_band_and_has_unit_power():
    hiss = noise(Chance(1), "hiss", 65_536, RATE_HZ, 500, 2_000, 8.0)
    spectrum, frequencies = np.abs(np.fft.rfft(hiss)) ** 2, np.fft.rfftfreq(65_536, 1 / RATE_HZ)
    assert np.sqrt((hiss.astype(np.float64) ** 2).mean()) == pytest.approx(1, rel=0.02)
    assert spectrum[(frequencies > 450) & (frequencies < 2_200)].sum() > 0.97 * spectrum.sum()
    assert abs(np.corrcoef(hiss, noise(Chance(2), "hiss", 65_536, RATE_HZ, 500, 2_000, 8.0))[0, 1]) < 0.05


def test_levelled_sets_the_level_or_the_peak():
    tone = sine(seconds(16_000, RATE_HZ) * 440)
    assert level_db(levelled(tone, -20.0)) == pytest.approx(-20, abs=1e-3)
    click = np.zeros(1_000, np.float32)
    click[0] = 1e-3
    assert levelled(click, -20.0).max() == pytest.approx(0.949, abs=1e-5)
    assert (levelled(np.zeros(10, np.float32), -20.0) == 0).all()


def test_chance_is_even_independent_and_the_same_everywhere():
    first = np.array([Chance(seed).number("one") for seed in range(-2000, 2000)])
    second = np.array([Chance(seed).number("two") for seed in range(-2000, 2000)])
    assert np.histogram(first, 10, (0, 1))[0] == pytest.approx(400, abs=5 * np.sqrt(400))
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(4000)
    many = Chance(3).numbers("many", 4000)
    assert np.histogram(many, 10, (0, 1))[0] == pytest.approx(400, abs=5 * np.sqrt(400))
    assert abs(np.corrcoef(many[1:], many[:-1])[0, 1]) < 5 / np.sqrt(4000)
    assert Chance(2**63 + 5).bits("one") == Chance(5 - 2**63).bits("one")


@pytest.mark.parametrize(("sounds", "n_train"), [("emotive", 160), ("soundscapes", 120), ("loops", 80)])
def test_a_linear_classifier_reads_the_label(sounds, n_train):
    n = n_train + 80
    classes, intensities, seeds = sound_labels(sounds, n, 1)
    together = draw_sounds(sounds, RATE_HZ, N_SAMPLES, classes, intensities, seeds)
    extractor = LogMel()
    features = np.stack([extractor.prepare(Clip(sound, RATE_HZ)) for sound in together])
    scaled = (features - features[:n_train].mean(0)) / (features[:n_train].std(0) + 1e-6)
    targets = np.eye(len(LABELS[sounds]))[classes[:n_train]]
    # ridge regression in its dual form: fewer sounds than features
    kernel = scaled[:n_train] @ scaled[:n_train].T
    weights = np.linalg.solve(kernel + 100 * np.eye(n_train), targets)
    read = (scaled[n_train:] @ scaled[:n_train].T @ weights).argmax(axis=1)
    assert (read == classes[n_train:]).mean() >= 0.97


def test_what_is_refused():
    one = np.zeros(1, np.int64)
    with pytest.raises(
        DataError, match="no sounds are called 'noise': use one of emotive, soundscapes, loops"
    ):
        sound_labels("noise", 3, 0)
    with pytest.raises(DataError, match="-1 sounds"):
        sound_labels("emotive", -1, 0)
    with pytest.raises(DataError, match="rate of 500 Hz: use 4,000 to 192,000"):
        draw_sounds("emotive", 500, 4_096, one, one, one)
    with pytest.raises(DataError, match="of 10 samples"):
        draw_sounds("emotive", 16_000, 10, one, one, one)
    with pytest.raises(DataError, match="no label has the index 2: use 0 to 1"):
        draw_sounds("soundscapes", 16_000, 4_096, one + 2, one, one)
    with pytest.raises(DataError, match=r"an intensity is 1\.5"):
        draw_sounds("emotive", 16_000, 4_096, one, one + 1.5, one)
    with pytest.raises(DataError, match="as many classes"):
        draw_sounds("emotive", 16_000, 4_096, one, np.zeros(2), one)
    with pytest.raises(DataError, match="whole numbers"):
        draw_sounds("emotive", 16_000, 4_096, one.astype(float), one, one)
