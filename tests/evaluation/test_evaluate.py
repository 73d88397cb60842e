"""``evaluate``: samples from anywhere in; out comes a report that says what was measured, of how many, and what was not."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from evaluation.classifiers import images as image_classifier
from evaluation.classifiers import texts as text_classifier
from evaluation.classifiers.label_classifier import with_own_features
from evaluation.extractors.random_features import RandomFeatures
from evaluation.figures import GENERATED, HELD_OUT
from evaluation.kinds.image import IMAGE
from evaluation.metrics.frechet import frechet_distance
from evaluation.metrics.prdc import prdc
from evaluation.pipeline import N_CLOSEST, evaluate
from evaluation.plan import prepare
from evaluation.plan.request import label_names
from evaluation.report.json import to_json
from evaluation.sources import as_samples
from evaluation.statistics.moments import moments
from multigan.errors import ConfigError, DataError
from multigan.reading.audio import Clip, pcm16_wav
from tests.worlds.emotive import faces, lines, tones
from tests.worlds.pictures import noise, written

RANDOM = "random-conv-v1"
ON_FEATURES = ["fd", "kd", "precision", "recall", "density", "coverage", "vendi score", "pairwise distance"]


@pytest.fixture(autouse=True)
def nothing_fetched(monkeypatch, tmp_path):
    """No weights of whoever runs the tests."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TORCH_HOME", "MULTIGAN_WEIGHTS"):
        monkeypatch.setenv(name, str(tmp_path / "no weights"))


@pytest.fixture
def quick(monkeypatch):
    """Classifiers see few images and texts: enough to tell these faces apart now and then, and these topics mostly."""
    monkeypatch.setattr(image_classifier, "SAMPLES_AT", {32: 640, 64: 640})
    monkeypatch.setattr(text_classifier, "SAMPLES_OF_FEW", (10_240,))


REAL, FAKE = noise(60, 0), noise(30, 1)


def figures(report):
    return {(f.name, f.subject): (f.value, f.low, f.high, f.n, f.note) for f in report.figures}


def named(report, subject=GENERATED):
    return {figure.name for figure in report.figures if figure.subject == subject}


# ---- where samples come from ----


def test_images_may_be_arrays_tensors_batches_or_files(tmp_path):
    """The same pixels give the same figures to the bit; floats in [-1, 1] are x / 127.5 - 1."""

    def ways(images):
        tensor = torch.from_numpy(images).permute(0, 3, 1, 2)
        yield tensor
        yield tensor.float() / 127.5 - 1
        yield [tensor[start : start + 7].float() / 127.5 - 1 for start in range(0, len(images), 7)]
        yield (batch for batch in tensor.split(11))
        yield written(tmp_path / str(len(images)), images)
        yield as_samples(images)

    expected = figures(evaluate(REAL, FAKE, metrics=ON_FEATURES))
    assert len(expected) == 2 * len(ON_FEATURES)
    for real, fake in zip(ways(REAL), ways(FAKE), strict=True):
        assert figures(evaluate(real, fake, modality="image", metrics=ON_FEATURES)) == expected


def test_audio_may_be_arrays_clips_or_files(tmp_path):
    """Levels that 16 bits hold exactly give the same figures to the bit."""
    sets = {n: np.round(tones(n, n).contents * 2**15) / 2**15 for n in (24, 12)}
    clips = {n: [Clip(wave.astype(np.float32), 16_000) for wave in sets[n]] for n in sets}
    for n, held in clips.items():
        (tmp_path / str(n)).mkdir()
        for number, clip in enumerate(held):
            (tmp_path / str(n) / f"{number:02d}.wav").write_bytes(pcm16_wav(clip))
    by_array = evaluate(*(as_samples(sets[n], "audio", rate_hz=16_000) for n in sets))
    assert figures(evaluate(clips[24], clips[12])) == figures(by_array)
    assert figures(evaluate(tmp_path / "24", tmp_path / "12", modality="audio")) == figures(by_array)
    assert {"FAD[log-mel-v1]", "D self", "silent clips"} <= named(by_array)


def test_texts_may_be_lists_batches_or_a_file(tmp_path):
    real, fake = lines(60, 0).contents, lines(30, 1).contents
    expected = figures(evaluate(real, fake))
    (tmp_path / "real.txt").write_text("\n".join(real) + "\n")
    assert figures(evaluate(tmp_path / "real.txt", iter([fake[:13], fake[13:]]), modality="text")) == expected
    assert {"BLEU-2", "self-BLEU-5", "FD[hashed-ngrams-v1]", "MAUVE[hashed-ngrams-v1]"} <= named(
        evaluate(real, fake)
    )


# ---- what is drawn, and how many ----


def test_figures_are_those_of_the_samples_drawn():
    """n of each set by the seed, for scale the next n real ones of the same draw: as the functions themselves say."""
    n, seed = 20, 5
    report = evaluate(REAL, FAKE, metrics=["FD", "precision", "coverage"], n=n, seed=seed)
    real, fake = (np.random.default_rng([seed, k]).permutation(len(s)) for k, s in enumerate((REAL, FAKE)))
    features = RandomFeatures().features
    beside = features(REAL[real[:n]])
    for subject, shown in ((GENERATED, FAKE[fake[:n]]), (HELD_OUT, REAL[real[n : 2 * n]])):
        held = features(shown)
        expected = frechet_distance(moments(beside), moments(held))
        assert report.figure(f"FD[{RANDOM}]", subject).value == pytest.approx(expected, rel=1e-4)
        found = prdc(beside, held)
        assert report.figure(f"precision[{RANDOM}]", subject).value == found.precision.mean()
        assert report.figure(f"coverage[{RANDOM}]", subject).value == found.coverage.mean()


def test_held_out_samples_take_the_place_of_other_real_ones():
    held_out = noise(25, 2) // 4  # darker: far from the others
    metrics = ["fd", "authenticity", "nearest distance ratio"]
    with_them, without = (evaluate(REAL, FAKE, metrics=metrics, held_out=held) for held in (held_out, None))
    assert (
        with_them.figure(f"FD[{RANDOM}]", HELD_OUT).value
        > 10 * without.figure(f"FD[{RANDOM}]", HELD_OUT).value
    )
    assert with_them.figure(f"FD[{RANDOM}]", HELD_OUT).n == 25
    assert without.figure(f"FD[{RANDOM}]", HELD_OUT).n == 30
    assert "At n = 25, where the figure of real samples is" in with_them.figure(f"FD[{RANDOM}]").note
    ratio = f"nearest distance ratio[{RANDOM}]"
    assert with_them.figure(ratio).value < 0.7 * without.figure(ratio).value
    assert with_them.provenance["n"] == {"real": 60, GENERATED: 30, HELD_OUT: 25}


def test_the_same_seed_gives_the_same_report_and_another_one_another(quick):
    def report(seed):
        sets = {"A": lines(50, 1).samples(), "B": lines(40, 2).samples()}
        return json.dumps(to_json(evaluate(lines(90, 0).samples(), sets, seed=seed, n=30)))

    assert report(3) == report(3) != report(4)


@pytest.mark.parametrize(
    ("n_real", "n_fakes", "n", "expected", "for_scale"),
    [
        (60, (40, 25), 10_000, 25, 25),
        (30, (50,), 10_000, 30, 15),
        (60, (40,), 12, 12, 12),
        (9, (9,), 9, 9, None),
    ],
)
def test_every_set_is_as_large_as_the_smallest(n_real, n_fakes, n, expected, for_scale):
    fakes = {f"set {number}": noise(size, number) for number, size in enumerate(n_fakes)}
    report = evaluate(noise(n_real, 9), fakes, metrics=ON_FEATURES, n=n)
    assert {f.n for f in report.figures if f.subject != HELD_OUT} == {expected}
    beside = {
        f.n for f in report.figures if f.subject == HELD_OUT and f.name.startswith(("FD", "KD", "precision"))
    }
    assert beside == ({for_scale} if for_scale else set())
    assert report.provenance["n measured"] == expected
    few = [held for held in report.warnings if "eal samples" in held]
    if for_scale is None:
        assert few == ["There are too few real samples to show for scale what real data score."]
    elif for_scale < expected:
        assert few[0].startswith(f"Real samples are measured at n = {for_scale} and the fakes at more in ")
    else:
        assert not few


def test_only_what_is_measured_is_read():
    """Of 60 real images 2n: for the fakes and for scale; all of them only where a metric looks among all."""

    def n_read(kind=IMAGE, **more):
        seen = set()
        samples = as_samples(REAL, kind)

        def read(row):
            seen.add(row)
            return samples.read(row)

        evaluate(replace(samples, read=read), FAKE, n=10, cache=False, **more)
        return len(seen)

    assert n_read(metrics=["fd", "precision"]) == 20
    assert n_read(metrics=["authenticity"]) == 60
    assert n_read(replace(IMAGE, most_searched=33), metrics=["authenticity"]) == 33


# ---- several sets of fakes ----


def test_two_sets_are_compared_and_equal_ones_are_not_told_apart():
    report = evaluate(REAL, {"A": FAKE, "copy": FAKE, "dark": FAKE // 3}, metrics=["fd", "precision", "kd"])
    assert report.subjects == ("A", "copy", "dark")
    pairs = {(d.figure, d.first, d.second): d for d in report.differences}
    assert len(pairs) == 9
    for name in (f"FD[{RANDOM}]", f"precision[{RANDOM}]", f"KD[{RANDOM}]"):
        same, worse = pairs[name, "A", "copy"], pairs[name, "A", "dark"]
        assert (same.difference, same.verdict) == (0, "no difference can be told at this n")
        assert worse.verdict == "A is better"
        assert worse.difference == report.figure(name).value - report.figure(name, "dark").value
        assert worse.low <= worse.difference <= worse.high
        assert pairs[name, "copy", "dark"].verdict == "copy is better"


def test_closest_pairs_point_into_what_was_given():
    """Also where only some are measured: the one copy of set B is its closest pair, by position and by name."""
    fakes = {"A": FAKE, "B": FAKE.copy()}
    fakes["B"][17] = REAL[7]
    for seed in range(4):
        report = evaluate(REAL, fakes, metrics=["authenticity"], seed=seed, n=25)
        assert [pair.subject for pair in report.closest] == ["A"] * N_CLOSEST + ["B"] * N_CLOSEST
        assert all(pair.distance > 0 for pair in report.closest[:N_CLOSEST])
        first = report.closest[N_CLOSEST]
        drawn = np.random.default_rng([seed, 1]).permutation(30)[:25]
        assert (first.distance == 0) == (17 in drawn)
        if first.distance == 0:
            assert (first.fake, first.train, first.fake_name, first.train_name) == (
                17,
                7,
                "image 17",
                "image 7",
            )
        distances = [pair.distance for pair in report.closest[N_CLOSEST:]]
        assert distances == sorted(distances)


def test_a_mirrored_copy_is_a_copy_where_training_saw_mirror_images():
    copies = np.ascontiguousarray(REAL[:20, :, ::-1])
    plain, mirrored = (
        evaluate(REAL[:40], copies, held_out=REAL[40:], metrics=["authenticity"], mirrored=mirrored)
        for mirrored in (False, True)
    )
    assert mirrored.figure(f"authenticity[{RANDOM}]").value == 0
    assert plain.figure(f"authenticity[{RANDOM}]").value > 0.5
    assert {pair.distance for pair in mirrored.closest} == {0}
    with pytest.raises(ConfigError, match="Mirror images are of images, and the samples are texts"):
        evaluate(lines(20, 0).contents, lines(20, 1).contents, mirrored=True)


# ---- labels ----


def test_labels_and_intensities_are_read_by_a_classifier(quick):
    real, fake = lines(150, 0), lines(80, 1)
    report = evaluate(real.samples(), fake.samples())
    assert report.labels == ("pets", "sea")
    assert report.figure("emotion accuracy").value > 0.9
    assert report.figure("intensity correlation").value > 0.2
    assert report.figure("chance accuracy").value == 0.5
    confused = np.array(report.confusions[GENERATED])
    assert np.trace(confused) / 80 == report.figure("emotion accuracy").value
    assert np.array(report.confusions[HELD_OUT]).sum() == report.figure("emotion accuracy", HELD_OUT).n
    (judged,) = report.provenance["judges"].values()
    assert judged["features"] == report.figure("emotion accuracy").features == "text-classifier"
    wrong = replace(fake, labels=np.where(fake.labels == "sea", "pets", "sea"))
    assert evaluate(real.samples(), wrong.samples()).figure("emotion accuracy").value < 0.1


def test_fakes_without_labels_and_labels_that_do_not_fit(quick):
    real, fake = lines(60, 0), lines(30, 1)
    report = evaluate(real.samples(), {"A": fake.samples(), "B": fake.contents})
    assert "emotion accuracy" in named(report, "A")
    assert "emotion accuracy" not in named(report, "B")
    assert set(report.confusions) == {"A", HELD_OUT}
    (warning,) = [held for held in report.warnings if "labels" in held]
    assert (
        warning
        == "How well the emotion of the B samples comes through was not measured: they have no labels."
    )
    folders = as_samples(fake.contents, labels=["00000", "00001"] * 15)
    odd = replace(fake, labels=np.where(np.arange(30) == 4, "sky", fake.labels)).samples()
    for others, unknown in ((folders, "00000, 00001"), (odd, "sky")):
        report = evaluate(real.samples(), others)
        assert "emotion accuracy" not in named(report)
        assert any(
            f"no real sample has the label {unknown}; the real ones are pets, sea" in w
            for w in report.warnings
        )


@pytest.mark.parametrize("labelled", [False, True])
def test_without_two_labels_there_is_no_classifier(labelled):
    """Real samples without labels, or all of one: nothing to learn; a metric that was asked for by name says so."""
    real = as_samples(lines(60, 0).contents, labels=["sea"] * 60 if labelled else None)
    fake = lines(30, 1).samples() if not labelled else as_samples(lines(30, 1).contents, labels=["sea"] * 30)
    assert evaluate(real, fake, metrics=["fd"]).labels == ()
    report = evaluate(real, fake)
    assert not report.confusions
    assert not any("accuracy" in name for name in named(report))
    report = evaluate(real, fake, metrics=["fd", "emotion accuracy"])
    assert any(w.startswith("emotion accuracy was not measured: it needs labels") for w in report.warnings)
    with pytest.raises(
        DataError, match=r"nothing to report\..* emotion accuracy was not measured: it needs labels"
    ):
        evaluate(real, fake, metrics=["emotion accuracy"])


def test_labelled_images_are_looked_at_through_the_classifier_too(quick):
    report = evaluate(
        faces(90, 0).samples(),
        faces(40, 1).samples(),
        metrics=["fd", "classifier score"],
        features=["emotion-classifier", RANDOM],
    )
    assert named(report) == {
        f"FD[{RANDOM}]", "FD[emotion-classifier]", "classifier score[emotion-classifier]"
    }  # fmt: skip
    for_scale = report.figure("FD[emotion-classifier]", HELD_OUT)
    assert 0 < for_scale.n < 30  # those it was not trained on
    chosen = evaluate(faces(90, 0).samples(), faces(40, 1).samples(), metrics=["fd"], features=RANDOM)
    assert named(chosen) == {f"FD[{RANDOM}]"}


def test_a_classifier_may_be_given(monkeypatch):
    real, held_out, fake = faces(90, 0), faces(40, 1), faces(40, 2)
    names = label_names(real.samples())
    numbers = np.array([names.index(label) for label in real.labels])
    classifier = image_classifier.train_classifier(real.contents, numbers, len(names), n_samples=640)
    monkeypatch.setattr(prepare, "trained_classifier", lambda *_: pytest.fail("trained another"))
    own = with_own_features(classifier)
    report = evaluate(
        real.samples(), fake.samples(), held_out=held_out.samples(), classifier=own,
        metrics=["emotion accuracy", "fd"],
    )  # fmt: skip
    asked = np.array([names.index(label) for label in fake.labels])
    read = classifier.probabilities(fake.contents).argmax(axis=1)
    assert report.figure("emotion accuracy").value == pytest.approx((asked == read).mean())
    assert report.figure("emotion accuracy", HELD_OUT).n == 40
    assert report.provenance["judges"]["emotion-classifier"]["digest"] == classifier.digest
    alone = evaluate(real.samples(), fake.samples(), classifier=own, metrics=["emotion accuracy", "fd"])
    # no real sample is known to be new to it
    assert named(alone, HELD_OUT) == {f"FD[{RANDOM}]"}
