"""The text classifier: the n-grams it reads, that it learns words, pairs and strength, and where it judges."""

from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest
import torch

from evaluation.classifiers import texts as text_classifier
from evaluation.classifiers.label_classifier import with_own_features
from evaluation.classifiers.texts import (
    BUCKETS,
    FEATURE_SIZE,
    cached_text_classifier,
    load_text_classifier,
    ngrams_of,
    train_text_classifier,
)
from evaluation.classifiers.training import save_tensors
from evaluation.extractors.protocol import features_of
from evaluation.features.subset import Subset
from evaluation.figures import GENERATED, HELD_OUT
from evaluation.metrics.labels import intensity_correlation, read_strengths
from evaluation.pipeline import evaluate
from evaluation.sources import as_samples
from multigan.errors import CheckpointError, ConfigError, DataError
from multigan.text.drawn.sets import draw
from tests.worlds.emotive import TOPICS, lines

SAMPLES = 10_240


@pytest.fixture(scope="module", autouse=True)
def quickly():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_classifier, "SAMPLES_OF_FEW", (SAMPLES,))
        yield


def numbers(drawn):
    return np.array([TOPICS.index(label) for label in drawn.labels])


TRAIN, HELD = lines(240, 0), lines(120, 1)
TRAIN_LABELS = numbers(TRAIN)


@pytest.fixture(scope="module")
def classifier(quickly):
    return train_text_classifier(TRAIN.contents, TRAIN_LABELS, 2, TRAIN.intensities)


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(text_classifier, "SAMPLES_OF_FEW", (512,))


def right(found, texts, labels):
    return (found.probabilities_of(features_of(found, texts)).argmax(axis=1) == labels).mean()


# ---- what it reads ----


def test_ngrams_by_hand():
    """'A cat': two words; <a> and <ca, cat, at>, <cat, cat>; and the pairs (, a), (a, cat), (cat, )."""
    runs = ("<a>", "<ca", "cat", "at>", "<cat", "cat>")
    named = ("a", "cat", *(f"\t{run}" for run in runs), " a", "a cat", "cat ")
    expected = sorted(crc32(name.encode()) % BUCKETS for name in named)
    found = ngrams_of("A cat")
    assert found.dtype == np.int32
    assert sorted(found.tolist()) == expected
    np.testing.assert_array_equal(found, ngrams_of("  a CAT\n"))
    assert len(ngrams_of(" \n")) == 0


def test_what_lies_beyond_the_first_words_is_not_read():
    start = "word " * text_classifier.MOST_WORDS
    np.testing.assert_array_equal(ngrams_of(start), ngrams_of(f"{start} and more"))


def test_training_sees_half_of_a_text_and_as_much_of_a_long_one():
    random_state = torch.Generator().manual_seed(0)
    short, long = np.arange(100), np.arange(50_000)
    seen = [text_classifier._thinned(short, random_state) for _ in range(200)]
    assert np.mean([len(held) for held in seen]) == pytest.approx(50, abs=1.5)  # standard error 0.35
    assert len(np.unique(np.concatenate(seen))) == 100
    assert len(text_classifier._thinned(long, random_state)) == pytest.approx(500, abs=100)
    assert len(text_classifier._thinned(short[:0], random_state)) == 0


def test_classes_weigh_the_root_of_their_rarity():
    """Shares 0.8 and 0.2 weigh 0.8^-0.5 and 0.2^-0.5, a ratio of 2; a class without texts weighs nothing."""
    weights = text_classifier._class_weights(np.array([0, 0, 0, 0, 2]), 4)
    assert (weights[2] / weights[0]).item() == pytest.approx(2)
    assert weights[[1, 3]].tolist() == [0, 0]


# ---- what it learns ----


@pytest.mark.kernels
def test_it_learns(classifier):
    features = features_of(classifier, HELD.contents)
    assert (features.dtype, features.shape) == (np.float32, (120, FEATURE_SIZE))
    probabilities = classifier.probabilities_of(features)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert right(classifier, HELD.contents, numbers(HELD)) > 0.95


def test_probabilities_are_the_networks(classifier):
    prepared = [classifier.prepare(text) for text in HELD.contents]
    network = classifier.network
    with torch.inference_mode():
        expected = torch.softmax(network.head(network.features(prepared)).double(), 1).numpy()
    np.testing.assert_allclose(classifier.probabilities_of(classifier.forward(prepared)), expected, atol=1e-6)


def test_words_in_another_order_are_another_text():
    """The same four words: only their pairs tell the classes apart."""
    texts, labels = ["good not bad", "bad not good"] * 60, np.arange(120) % 2
    found = train_text_classifier(texts, labels, 2)
    assert right(found, texts[:2], labels[:2]) == 1


@pytest.mark.kernels
def test_drawn_sentences_are_read(monkeypatch):
    """1,000 training sentences, four times as long as the rest here; guessing would read 1 in 8."""
    monkeypatch.setattr(text_classifier, "SAMPLES_OF_FEW", (4 * SAMPLES,))
    texts, labels, _ = draw("emotive", 1_000, 0)
    others, asked, _ = draw("emotive", 300, 1)
    assert labels is not None
    assert asked is not None
    found = train_text_classifier(texts, labels, int(labels.max()) + 1)
    assert right(found, others, asked) > 0.75


@pytest.mark.kernels
def test_features_keep_the_intensity_that_they_were_taught(classifier):
    """Taught 0.77 to 0.92 over three seeds, and 0.43 to 0.55 by labels alone."""

    def correlation(found):
        known, held = features_of(found, TRAIN.contents), features_of(found, HELD.contents)
        strengths = read_strengths(known, TRAIN_LABELS, TRAIN.intensities, held, numbers(HELD))
        return intensity_correlation(numbers(HELD), HELD.intensities, strengths)

    assert correlation(classifier) > 0.7
    assert correlation(train_text_classifier(TRAIN.contents, TRAIN_LABELS, 2)) < 0.6


def test_a_rare_label_is_read_too():
    """9 texts in 10 are of one label, and a word tells the other one."""
    labels = (np.arange(400) % 10 == 0).astype(int)
    texts = [f"a {('common', 'rare')[label]} thing {row}" for row, label in enumerate(labels)]
    found = train_text_classifier(texts, labels, 2)
    assert right(found, ["a rare thing", "a common thing"], np.array([1, 0])) == 1


def test_a_text_without_known_words_is_one_without_words(classifier):
    """Embeddings that were not trained are 0, as is the mean of none. Buckets are looked for that no text filled."""
    filled = np.unique(np.concatenate([ngrams_of(text) for text in TRAIN.contents]))
    unknown = np.setdiff1d(np.arange(BUCKETS), filled)[:5].astype(np.int32)
    one, none = classifier.forward([unknown, np.empty(0, np.int32)])
    np.testing.assert_array_equal(one, none)
    np.testing.assert_array_equal(features_of(classifier, [""])[0], none)


def test_rows_do_not_depend_on_the_batch(classifier):
    texts = ["", *HELD.contents[:20], "word " * 3000, ""]
    one, other = (features_of(classifier, texts, batch) for batch in (23, 3))
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_it_is_its_seed_and_leaves_the_global_random_state_alone(soon):
    def trained(seed):
        return train_text_classifier(TRAIN.contents[:30], TRAIN_LABELS[:30], 2, seed=seed)

    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    one, same, other = (trained(seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert one.digest == same.digest != other.digest


# ---- how long it learns ----


def lengths_of(texts, labels):
    """How many samples each of its trainings saw."""
    seen = []
    train_text_classifier(texts, labels, 2, progress=lambda what, done, total: seen.append((done, total)))
    return [total for done, total in seen if done == total]


@pytest.mark.kernels
def test_a_few_texts_choose_how_long_and_many_do_not(monkeypatch):
    """Labels that mean nothing are learnt for the shortest time, and those that texts tell for the longest."""
    monkeypatch.setattr(text_classifier, "SAMPLES_OF_FEW", (512, 10_240))
    meaningless = np.random.default_rng(0).integers(0, 2, 400)
    assert lengths_of(draw("emotive", 400, 0)[0], meaningless) == [512, 10_240, 512]
    assert lengths_of(TRAIN.contents, TRAIN_LABELS) == [512, 10_240, 10_240]
    assert lengths_of(TRAIN.contents[:4], TRAIN_LABELS[:4]) == [512]
    monkeypatch.setattr(text_classifier, "FEW", 200)
    monkeypatch.setattr(text_classifier, "SAMPLES", 1_024)
    assert lengths_of(TRAIN.contents, TRAIN_LABELS) == [1_024]


# ---- kept and found again ----


def test_it_is_saved_and_loaded_with_equal_bits(classifier, tmp_path):
    path = tmp_path / "new" / "classifier.safetensors"
    classifier.save(path)
    loaded = load_text_classifier(path)
    assert (loaded.digest, loaded.preprocessing) == (classifier.digest, classifier.preprocessing)
    np.testing.assert_array_equal(features_of(loaded, HELD.contents), features_of(classifier, HELD.contents))


def test_files_that_are_none_are_refused(tmp_path):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"not tensors at all")
    for path in (damaged, tmp_path / "missing.safetensors"):
        with pytest.raises(CheckpointError, match=f"{path.name}.*Delete it to train anew"):
            load_text_classifier(path)
    other = tmp_path / "other.safetensors"
    save_tensors(other, {"a": torch.zeros(1)}, {"format": "multigan sound classifier"})
    with pytest.raises(CheckpointError, match="is no text classifier"):
        load_text_classifier(other)


def test_it_is_cached_by_content(tmp_path, soon):
    def cached(digest, intensities=None, read=lambda: TRAIN.contents[:30]):
        return cached_text_classifier(tmp_path, digest, read, TRAIN_LABELS[:30], 2, intensities)

    first = cached("a")
    (file,) = tmp_path.iterdir()
    assert cached("a", read=lambda: pytest.fail("read again")).digest == first.digest
    cached("b")
    cached("a", TRAIN.intensities[:30])
    assert len(list(tmp_path.iterdir())) == 3
    file.write_bytes(b"damaged")
    assert cached("a").digest == first.digest
    assert load_text_classifier(file).digest == first.digest


@pytest.mark.parametrize(
    ("labels", "intensities", "message"),
    [
        (TRAIN_LABELS[:5], None, "each of the 240 texts"),
        (TRAIN_LABELS + 1, None, "run from 1 to 2; with 2 classes they are 0 to 1"),
        (TRAIN_LABELS, np.ones(3), r"intensities are \[3\]; give one number for each of the 240"),
        (TRAIN_LABELS, np.full(240, np.nan), "give one number"),
    ],
)
def test_data_that_do_not_fit_are_refused(labels, intensities, message):
    with pytest.raises(DataError, match=message):
        train_text_classifier(TRAIN.contents, labels, 2, intensities)


# ---- where it judges ----


@pytest.mark.parametrize("digested", [True, False])
def test_a_recalled_classifier_is_its_texts_whatever_their_order(digested, soon, cache_folder):
    """Intensities follow the order of the texts; without digests the texts themselves name the classifier."""
    samples = TRAIN.samples() if digested else replace(TRAIN.samples(), digests=None)
    rows = np.arange(240)

    def recalled(order, more=0.0):
        intensities = TRAIN.intensities[order] + more * (order == 3)
        subset = Subset(samples, order, {}, TRAIN_LABELS[order], intensities)
        return text_classifier.recalled(subset, 2, "cpu", None)

    one = recalled(rows)
    assert recalled(rows[::-1]).digest == one.digest
    assert len(list((cache_folder / "classifiers").iterdir())) == 1
    assert recalled(rows[:200]).digest != one.digest
    assert recalled(rows, more=0.5).digest != one.digest
    own = with_own_features(one)
    assert (own.name, own.features) == ("text-classifier", "text-classifier")


@pytest.mark.kernels
def test_a_report_of_labelled_texts_has_its_figures(cache_folder):
    """Half of the labels are wrong: it shows in the accuracy, and not in the score, which knows no labels."""
    fakes = lines(60, 2)
    labels = np.where(np.arange(60) % 2, fakes.labels, np.roll(TOPICS, 1)[numbers(fakes)])
    asked = as_samples(fakes.contents, labels=labels.tolist())
    report = evaluate(TRAIN.samples(), asked, held_out=HELD.samples())
    assert 0.35 < report.figure("emotion accuracy").value < 0.65
    assert report.figure("emotion accuracy", HELD_OUT).value > 0.9
    scores = [report.figure("classifier score[text-classifier]", s).value for s in (GENERATED, HELD_OUT)]
    assert all(1 < score <= 2 for score in scores)
    for name in (
        "FD[text-classifier]",
        "precision[text-classifier]",
        "FD[hashed-ngrams-v1]",
        "calibration error",
    ):
        for subject in (GENERATED, HELD_OUT):
            assert np.isfinite(report.figure(name, subject).value), (name, subject)
    (facts,) = report.provenance["judges"].values()
    assert facts["features"] == "text-classifier"


def test_its_features_need_labelled_texts():
    with pytest.raises(ConfigError, match="text-classifier need real texts with two labels or more"):
        evaluate(TRAIN.contents[:30], TRAIN.contents[:30], features="text-classifier")
