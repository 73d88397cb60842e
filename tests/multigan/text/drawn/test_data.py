"""Drawn texts: sentences of the package's grammar, SeqGAN's oracle, and the real sets of ../shared."""

import re

import numpy as np
import pytest
import torch
from worlds.shared import SHARED
from worlds.text_splits import opened, same

from multigan.errors import DataError
from multigan.text.data import decode_samples, open_text
from multigan.text.settings import TextData
from multigan.text.vocabulary import normalised

TEXTS = SHARED / "data/text"

pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.mark.parametrize("name", ["emotive", "supportive", "captions"])
def test_drawn_sentences(name):
    from multigan.text.drawn import sets as grammars

    splits = opened(None, sentences=name, drawn=300, drawn_held_out=60)
    assert (len(splits.train), len(splits.held_out)) == (300, 60)
    assert not set(splits.train.texts) & set(splits.held_out.texts)
    assert splits.train.labels == tuple(grammars.LABELS[name])
    texts, classes, intensities = grammars.draw(name, 300, 0)
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
    other = opened(None, sentences=name, drawn=300, drawn_held_out=60, seed=1)
    assert other.train.texts != splits.train.texts


def few(monkeypatch, n_different):
    """A grammar of so many sentences."""
    from multigan.text.drawn import sets as grammars

    def draw(name, n, seed):
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


# --- the oracle's numbers


def test_numbers_of_the_oracle():
    told = []
    settings = TextData(sentences="oracle", drawn=60, drawn_held_out=20)
    splits = open_text(settings, None, lambda *facts: told.append(facts))
    assert told[-1] == ("drawing sequences", 80, 80)
    assert (len(splits.train), len(splits.held_out)) == (60, 20)
    for side in (splits.train, splits.held_out):
        assert side.sample_shape == (20, 5_000, 0)
        assert (side.labels, side.conditions) == ((), None)
        real = side.batch(range(len(side))).real
        assert real.dtype == torch.int64
        assert side.original(3) == " ".join(map(str, real[3].tolist()))
        assert decode_samples(real, splits.data) == list(side.texts)
    assert splits.data.tokenizer is None
    assert (splits.data.length, splits.data.vocabulary_size) == (20, 5_000)
    assert len({*splits.train.names, *splits.held_out.names}) == 80
    assert not set(splits.train.texts) & set(splits.held_out.texts)
    assert len(set(splits.train.texts)) == 60
    told.clear()
    assert same(splits, open_text(splits.data, None, lambda *facts: told.append(facts)))
    assert told == []
    other = opened(None, sentences="oracle", drawn=60, drawn_held_out=20, seed=1)
    assert other.train.digest != splits.train.digest


def test_an_oracle_of_a_file(tmp_path):
    from safetensors.torch import save_file

    from multigan.text.oracle import oracle_tensors

    path = tmp_path / "oracle.safetensors"
    save_file(oracle_tensors(None, 5, n_tokens=30, size=4), path)
    splits = opened(None, sentences="oracle", oracle=str(path), drawn=40, drawn_held_out=10)
    assert splits.train.sample_shape == (20, 30, 0)
    assert splits.data.vocabulary_size == 30
    assert splits.train.tokens.min() == 0  # an ordinary token
    assert splits.train.tokens.max() < 30
    with pytest.raises(DataError, match="There is no oracle"):
        opened(None, sentences="oracle", oracle=str(tmp_path / "none"), drawn=4, drawn_held_out=1)


def test_samples_without_a_vocabulary_are_numbers():
    bare = TextData(sentences="oracle")
    assert decode_samples(torch.tensor([[3, 0, 12], [1, 1, 1]]), bare) == ["3 0 12", "1 1 1"]
    with pytest.raises(DataError, match="vocabulary of these texts is missing"):
        decode_samples(torch.tensor([[3, 0, 12]]), TextData())


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
