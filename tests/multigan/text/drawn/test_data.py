"""Drawn texts: sentences of the package's grammar, and the real sets of ../shared."""

import re

import numpy as np
import pytest
import torch

from multigan.errors import ConfigError, DataError
from multigan.modality import data_settings_of
from multigan.text.data import decode_samples, look, open_text
from multigan.text.modality import TEXT
from multigan.text.settings import TextData
from multigan.text.vocabulary import normalised
from tests.worlds.shared import SHARED
from tests.worlds.text_splits import opened, same

TEXTS = SHARED / "data/text"

pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.mark.parametrize(
    ("name", "language"), [("emotive", "en"), ("emotive", "es"), ("supportive", "en"), ("captions", "en")]
)
def test_drawn_sentences(name, language):
    from multigan.text.drawn import sets as grammars

    splits = opened(None, sentences=name, language=language, drawn=300, drawn_held_out=60)
    assert (len(splits.train), len(splits.held_out)) == (300, 60)
    assert not set(splits.train.texts) & set(splits.held_out.texts)
    assert splits.train.labels == tuple(grammars.LABELS[name])
    texts, classes, intensities = grammars.draw(name, 300, 0, language)
    assert list(splits.train.texts) == [normalised(text, True) for text in texts]
    assert decode_samples(splits.train.batch(range(300)).real, splits.data) == list(splits.train.texts)
    names = [*splits.train.names, *splits.held_out.names]
    assert len(set(names)) == 360
    if classes is None:
        assert splits.train.conditions is None
        assert names[0] == "drawn/00000"
    else:
        assert np.array_equal(splits.train.classes, classes)
        assert np.allclose(splits.train.conditions.max(1), intensities)
        assert names[299] == f"drawn/{splits.train.labels[classes[299]]}-00299"
    assert same(splits, open_text(splits.data, None, lambda *_: None))
    other = opened(None, sentences=name, language=language, drawn=300, drawn_held_out=60, seed=1)
    assert splits.train.grammar == grammars.NamedGrammar(name, language)
    assert other.train.texts != splits.train.texts


def few(monkeypatch, n_different):
    """A grammar of so many sentences."""
    from multigan.text.drawn import sets as grammars

    def draw(name, n, seed, language):
        chosen = np.random.default_rng(seed).integers(0, n_different, n)
        return [f"it is {i}" for i in chosen], chosen % 2, np.ones(n)

    monkeypatch.setattr(grammars, "draw", draw)
    monkeypatch.setitem(grammars.LABELS, "emotive", ("joy", "fear"))


def test_held_out_sentences_are_not_those_of_training(monkeypatch):
    few(monkeypatch, 40)
    splits = opened(None, drawn=40, drawn_held_out=30)
    assert len(splits.held_out) == 30
    assert not set(splits.train.texts) & set(splits.held_out.texts)
    note = re.fullmatch(
        r"(\d+) of (\d+) sentences drawn to be held out are in training, and were dropped.", splits.notes[0]
    )
    assert note is not None
    n_seen, n_drawn = map(int, note.groups())
    assert n_drawn % 30 == 0
    known = len(set(splits.train.texts)) / 40
    assert abs(n_seen / n_drawn - known) < 0.2  # all draws count, also those beyond what was wanted
    few(monkeypatch, 8)
    with pytest.raises(
        DataError,
        match=r"of 'emotive' is left to hold out\. 300 of 300 sentences .* only 0 of 30",
    ):
        opened(None, drawn=400, drawn_held_out=30)


def test_drawn_sentences_that_are_too_long():
    splits = opened(None, drawn=300, drawn_held_out=50, length=9)
    assert 0 < len(splits.train) < 300
    assert "have more than 9 tokens and were skipped" in splits.notes[-2] + splits.notes[-1]
    assert splits.train.labels == splits.held_out.labels


def test_a_text_without_its_vocabulary_says_so():
    with pytest.raises(DataError, match="vocabulary of these texts is missing"):
        decode_samples(torch.tensor([[3, 0, 12]]), TextData())


def test_the_oracles_numbers_are_of_another_modality():
    for raw in ({"sentences": "oracle"}, {"oracle": "x.safetensors"}, {"sentences": "oracle", "oracle": "x"}):
        with pytest.raises(ConfigError, match="say `modality: tokens`"):
            data_settings_of(TEXT, raw, "recipe mine: data")
    assert data_settings_of(TEXT, {"oracle": None}, "a run of an earlier version") == TextData()
    with pytest.raises(ConfigError, match="Did you mean 'emotive'"):
        data_settings_of(TEXT, {"sentences": "emotiv"}, "recipe mine: data")


def test_a_language_that_does_not_fit_is_named():
    with pytest.raises(
        ConfigError,
        match=r"language is en or es, found 'fr'; for texts of another language .*sampling.filter",
    ):
        data_settings_of(TEXT, {"language": "fr"}, "recipe mine: data")
    said = r"no sentences 'captions' in the language 'es' \(data.language\), only in en; .* \(--data\)"
    for open_or_look in (
        lambda chosen: open_text(chosen, None, lambda *_: None),
        lambda chosen: look(chosen, None),
    ):
        with pytest.raises(DataError, match=said):
            open_or_look(TextData(sentences="captions", language="es"))
    assert look(TextData(language="es"), None) == look(TextData(), None)


def test_the_data_know_the_grammar_and_the_lengths():
    splits = opened(None, drawn=60, drawn_held_out=20)
    grammar = splits.train.grammar
    assert grammar == splits.held_out.grammar
    assert grammar.is_grammatical(splits.train.texts).all()
    assert not grammar.is_grammatical(["the the the"]).any()
    for row, length in zip(splits.train.tokens.tolist(), splits.train.lengths, strict=True):
        assert length == (row.index(0) + 1 if 0 in row else len(row))


# --- real files


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the shared real texts are not on this machine")
def test_real_comments_with_their_emotions():
    splits = opened(TEXTS / "goemotions/dev.tsv")
    assert splits.train.labels == ("joy", "sadness", "anger", "fear", "surprise", "disgust", "neutral")
    n = len(splits.train) + len(splits.held_out)
    assert 0.08 < len(splits.held_out) / n < 0.12
    assert splits.train.original(0) == "is this in new orleans?? i really feel like this is new orleans."
    kept = "dev.tsv: the text is column 0 and the label column 1, with the names of emotions.txt, in the groups of"
    assert splits.notes[0].startswith(kept)
    assert splits.notes[1].startswith("480 of 5,426 texts were left out")
    assert splits.notes[2].startswith(f"{4_946 - n} of 4,946 texts (")
    assert splits.notes[3].endswith("tokens, and become <unk>.")


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the shared real texts are not on this machine")
def test_real_captions():
    splits = opened(TEXTS / "image_coco/train.txt", length=40)
    assert len(splits.train) + len(splits.held_out) == 10_000
    assert splits.train.labels == ()
    decoded = decode_samples(splits.train.batch(range(len(splits.train))).real, splits.data)
    exact = sum(one == other for one, other in zip(decoded, splits.train.texts, strict=True))
    assert exact > 0.995 * len(decoded)
