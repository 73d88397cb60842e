"""Text data: files of any texts, drawn sentences, the split, the vocabulary, and what is said of texts left out."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from multigan.errors import ConfigError, DataError
from multigan.text.data import decode_samples, open_text
from multigan.text.settings import END, UNKNOWN, TextData
from multigan.text.vocabulary import codec_of, normalised

SHARED = Path(__file__).parents[2] / "shared/data/text"

pytestmark = pytest.mark.usefixtures("cache_folder")

SUBJECTS = ("a cat", "the dog", "one bird", "my friend", "their aunt", "no child")
VERBS = ("sees", "likes", "hears", "finds", "wants", "keeps")
SENTENCES = [f"{one} {verb} {other}." for one in SUBJECTS for verb in VERBS for other in SUBJECTS]
"""216 different ones, of 6 tokens."""


def written(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def opened(path, **settings):
    return open_text(TextData(**settings), path, lambda what, done, total: None)


def lines(folder, texts, name="a.txt"):
    return written(folder, name, "".join(f"{text}\n" for text in texts))


def sides(splits):
    """text -> the side it is on."""
    found = dict.fromkeys(splits.train.texts, "train")
    return found | dict.fromkeys(splits.held_out.texts, "held out")


def same(one, other):
    """Whether two openings gave identical data."""
    pairs = [(one.train, other.train), (one.held_out, other.held_out)]
    return all(
        np.array_equal(a.tokens, b.tokens)
        and (a.texts, a.names, a.labels, a.digest, a.sample_shape)
        == (b.texts, b.names, b.labels, b.digest, b.sample_shape)
        and ((a.conditions is None and b.conditions is None) or np.array_equal(a.conditions, b.conditions))
        for a, b in pairs
    )


# --- arrays


def test_every_line_is_a_row_that_says_it(tmp_path):
    splits = opened(lines(tmp_path, SENTENCES), length=8)
    assert splits.notes == ()
    assert len(splits.train) + len(splits.held_out) == 216
    codec = codec_of(splits.data.tokenizer)
    for side in (splits.train, splits.held_out):
        assert side.sample_shape == (8, codec.n_tokens, 2)
        assert (side.labels, side.classes, side.conditions) == ((), None, None)
        assert side.n_originals == len(side)
        batch = side.batch(range(len(side)))
        assert batch.condition is None
        assert batch.real.dtype == torch.int64
        assert batch.real.shape == (len(side), 8)
        assert side.tokens.dtype == np.int32
        assert bool((batch.real[:, 6:] == END).all())
        assert bool((batch.real[:, :6] > UNKNOWN).all())
        texts = [side.original(i) for i in range(len(side))]
        assert decode_samples(batch.real, splits.data) == texts
        assert [SENTENCES[int(name.removeprefix("a.txt, line ")) - 1] for name in side.names] == texts
    assert splits.train.digest != splits.held_out.digest
    train = splits.train
    assert torch.equal(
        train.batch(np.array([3, 0, 3])).real, torch.stack([train.batch([i]).real[0] for i in (3, 0, 3)])
    )


def test_labels_and_intensities_are_the_condition(tmp_path):
    rows = [
        f"{text},{('fear', 'joy')[i % 2]},{i % 5 / 4 if i % 7 else ''}" for i, text in enumerate(SENTENCES)
    ]
    splits = opened(written(tmp_path, "a.csv", "\n".join(["text,emotion,intensity", *rows])))
    assert splits.train.labels == splits.held_out.labels == ("joy", "fear")
    for side in (splits.train, splits.held_out):
        for i, name in enumerate(side.names):
            row = int(name.removeprefix("a.csv, line ")) - 2
            column = 1 - row % 2
            assert side.classes[i] == column
            expected = np.zeros(2, np.float32)
            expected[column] = row % 5 / 4 if row % 7 else 1
            assert np.array_equal(side.conditions[i], expected)
            assert torch.equal(side.batch([i]).condition, torch.from_numpy(expected)[None])


def test_one_class(tmp_path):
    splits = opened(written(tmp_path, "joy/a.txt", "\n".join(SENTENCES)).parents[1])
    assert splits.train.labels == ("joy",)
    assert splits.train.conditions.tolist() == [[1.0]] * len(splits.train)
    assert splits.notes == ("Labels are the names of folders; 1 class: joy.",)


def test_texts_are_normalised_and_keep_their_own_words(tmp_path):
    common = ["So it is."] * 40 + ["It is so."] * 40
    splits = opened(lines(tmp_path, [*common, "It\u2019s  SO\u200b “Fine” ."]), least_count=2, held_out=0.01)
    for side in (splits.train, splits.held_out):
        for i in range(len(side)):
            assert side.original(i) in ("so it is.", "it is so.", 'it\'s so "fine".')
    everything = [*splits.train.texts, *splits.held_out.texts]
    assert 'it\'s so "fine".' in everything
    kept = opened(lines(tmp_path, [*common, "Ω"]), lower_case=False)
    assert {"So it is.", "It is so."} < set(kept.train.texts) | set(kept.held_out.texts)


def test_unknown_words_and_how_many_there_are(tmp_path):
    texts = [f"common words word{i}" for i in range(50)]
    splits = opened(lines(tmp_path, texts), least_count=2)
    codec = codec_of(splits.data.tokenizer)
    assert codec.n_tokens == 4
    assert splits.train.sample_shape == (24, 4, 2)
    assert set(decode_samples(splits.train.batch(range(5)).real, splits.data)) == {"common words <unk>"}
    assert splits.train.original(0).startswith("common words word")
    assert splits.notes == (
        "33.33% of the training tokens and 33.33% of the held-out ones are words beyond the vocabulary of 4 tokens, and "
        "become <unk>.",
    )


def test_the_vocabulary_is_of_training_texts_that_are_kept(tmp_path):
    long = " ".join(f"long{i}" for i in range(30))
    splits = opened(lines(tmp_path, [*SENTENCES, long, *(f"only{i}" for i in range(40))]))
    words = set(json.loads(splits.data.tokenizer)["model"]["vocab"])
    assert "long3" not in words
    held = {text for text in splits.held_out.texts if text.startswith("only")}
    assert held
    assert not held & words
    assert {text for text in splits.train.texts if text.startswith("only")} < words


# --- lengths


def test_longer_texts_are_skipped_and_counted(tmp_path):
    texts = [" ".join(["word"] * n) for n in range(1, 41)]
    splits = opened(lines(tmp_path, texts), length=10)
    assert len(splits.train) + len(splits.held_out) == 10
    assert max(map(len, splits.train.texts)) <= len(" ".join(["word"] * 10))
    assert splits.notes[0] == (
        "30 of 40 texts (75.0%) have more than 10 tokens and were skipped; --set data.length=39 keeps 97.5%."
    )
    full = [row for row in (*splits.train.tokens, *splits.held_out.tokens) if row[-1] != END]
    assert len(full) == 1  # the text of 10 tokens fills its row
    assert opened(lines(tmp_path, texts), length=40).notes == ()


def test_longer_texts_are_cut_with_their_originals(tmp_path):
    texts = [f"one two three four five six{i}, and more to come" for i in range(30)]
    splits = opened(lines(tmp_path, texts), length=6, longer="cut")
    assert all(
        text.startswith("one two three four five six") and "," not in text for text in splits.train.texts
    )
    assert bool((splits.train.tokens[:, -1] != END).all())
    assert decode_samples(splits.train.batch([0]).real, splits.data) == [splits.train.original(0)]
    assert splits.notes[0] == (
        "30 of 30 texts (100.0%) have more than 6 tokens and were cut there; --set data.length=11 leaves all whole."
    )


def test_texts_that_are_equal_once_cut_are_on_one_side(tmp_path):
    texts = [f"{text} {more}" for text in SENTENCES for more in ("x y z", "u v w")]
    splits = opened(lines(tmp_path, texts), length=6, longer="cut")
    assert len(splits.train) + len(splits.held_out) == 432
    assert not set(splits.train.texts) & set(splits.held_out.texts)


def test_a_class_of_long_texts_alone_is_no_class(tmp_path):
    rows = [f"{text},joy" for text in SENTENCES[:30]] + [
        f"{text} {'so ' * 30},fear" for text in SENTENCES[:30]
    ]
    splits = opened(written(tmp_path, "a.csv", "\n".join(["text,label", *rows])))
    assert splits.train.labels == ("joy",)
    assert splits.train.conditions.shape == (len(splits.train), 1)
    assert splits.notes[2] == "No usable text of fear is short enough, so that there is no such class."


def test_a_line_of_a_megabyte(tmp_path):
    huge = "word " * 200_000
    for more in ({}, {"tokens": "bpe", "vocabulary_size": 300}):
        splits = opened(lines(tmp_path, [*SENTENCES, huge]), length=48, **more)
        assert splits.notes[0].startswith("1 of 217 texts (0.5%) have more than 48 tokens and were skipped")
        assert "--set data.length=1024 keeps 99.5%." in splits.notes[0]
    splits = opened(lines(tmp_path, [*SENTENCES, huge, "x" * 1_000_000]), longer="cut")
    assert max(len(text.split()) for text in (*splits.train.texts, *splits.held_out.texts)) == 24


# --- what cannot be used


def test_lines_that_cannot_be_used_are_told(tmp_path):
    content = "\n".join(SENTENCES).encode() + b"\n\n  \ncaf\xe9\nnul\0\n\xe2\x80\x8b \xc2\xad\n"
    splits = opened(written(tmp_path, "a.txt", content))
    assert len(splits.train) + len(splits.held_out) == 216
    assert splits.notes == (
        "2 empty lines or rows were skipped.",
        "2 lines or rows were skipped: a.txt, line 219 (it is not UTF-8: byte 0xE9 after 3 characters), a.txt, line 220 (it "
        "holds a NUL character).",
        "1 text of invisible characters was skipped.",
    )


@pytest.mark.parametrize(
    ("content", "settings", "message"),
    [
        ("one\n", {}, r"a\.txt holds 1 usable text, and at least 2 are needed\.$"),
        (
            "one two three\nfour five six\n",
            {"length": 2},
            r"no usable text, and .* 2 of 2 texts \(100\.0%\) have more than 2",
        ),
        (
            "same\nsame\n",
            {},
            r"The 2 texts in .* cannot be split .* at least two different texts of one class\.",
        ),
        ("", {}, r"No text in .*a\.txt: found 0 empty lines"),
        ("\n\n", {}, r"No text in .*a\.txt: found 2 empty lines"),
    ],
)
def test_too_few_texts(tmp_path, content, settings, message):
    with pytest.raises(DataError, match=message):
        opened(written(tmp_path, "a.txt", content), **settings)


@pytest.mark.parametrize("cell", ["1.5", "-1", "much", "nan"])
def test_intensities_are_shares(tmp_path, cell):
    path = written(tmp_path, "a.csv", f"text,intensity\none,1\ntwo,{cell}\n")
    with pytest.raises(
        DataError, match=rf"a\.csv, line 3: the intensity is '{cell}'; it must be a number from 0 to 1\."
    ):
        opened(path)


def test_no_file_and_nothing_to_draw():
    with pytest.raises(
        DataError, match=r"This recipe needs --data FILE: \.txt, \.csv, \.tsv or \.jsonl, or a folder"
    ):
        opened(None, sentences="none")


def test_a_tokenizer_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"Cannot read the tokenizer .*none\.json"):
        opened(lines(tmp_path, SENTENCES), tokenizer=str(tmp_path / "none.json"))


# --- the split


def test_equal_texts_are_on_one_side(tmp_path):
    again = [text.upper() + "  " for text in SENTENCES]
    splits = opened(lines(tmp_path, [*SENTENCES, *again, *SENTENCES]))
    assert len(splits.train) + len(splits.held_out) == 648
    assert not set(splits.train.texts) & set(splits.held_out.texts)
    assert 0.04 < len(splits.held_out) / 648 < 0.2


def test_the_split_stays_when_lines_come_and_move(tmp_path):
    before = sides(opened(lines(tmp_path, SENTENCES)))
    more = [*SENTENCES, *(f"something new {i}" for i in range(50))]
    random.Random(0).shuffle(more)
    after = sides(opened(lines(tmp_path, more, "b.txt")))
    assert {text: after[text] for text in before} == before


def test_every_class_is_in_training(tmp_path):
    rows = [f"{text},{'rare' if i < 3 else 'joy'}" for i, text in enumerate(SENTENCES)]
    splits = opened(written(tmp_path, "a.csv", "\n".join(["text,label", *rows])), held_out=0.9)
    assert splits.train.labels == ("joy", "rare")
    assert 1 in splits.train.classes


# --- opened again


@pytest.mark.parametrize(
    "settings",
    [
        {"label_column": "mood"},
        {"least_count": 3, "longer": "cut", "length": 5, "label_column": "mood"},
        {"tokens": "bpe", "vocabulary_size": 300, "length": 12},
    ],
)
def test_the_same_data_with_the_vocabulary_that_was_learnt(tmp_path, settings):
    rows = [f"{i},{text},{('joy', 'fear', 'odd')[i % 3]}" for i, text in enumerate(SENTENCES)]
    path = written(tmp_path, "a.csv", "\n".join(["id,text,mood", *rows]))
    once = opened(path, **settings)
    assert same(once, opened(path, **settings))
    resumed = open_text(once.data, path, lambda *_: None)
    assert same(once, resumed)
    assert resumed.data == once.data
    assert resumed.notes == once.notes
    elsewhere = lines(tmp_path, [text.replace("cat", "zebra") for text in SENTENCES], "b.txt")
    reused = TextData(**settings | {"tokenizer": once.data.tokenizer, "label_column": None})
    other = open_text(reused, elsewhere, lambda *_: None)
    assert other.data.tokenizer == once.data.tokenizer
    assert other.train.sample_shape == once.train.sample_shape


def test_other_data_or_settings_have_another_digest(tmp_path):
    path = lines(tmp_path, SENTENCES)
    digests = {
        opened(path, **more).train.digest
        for more in ({}, {"length": 9}, {"least_count": 40}, {"held_out": 0.3})
    }
    assert len(digests) == 4
    assert opened(lines(tmp_path, SENTENCES[:-1], "a.txt")).train.digest not in digests


def test_progress_is_told(tmp_path):
    told = []
    open_text(TextData(), lines(tmp_path, SENTENCES), lambda *facts: told.append(facts))
    assert told[0] == ("measuring texts", 216, 216)
    assert all(done <= total for _, done, total in told)


# --- drawn


@pytest.mark.parametrize("name", ["emotive", "supportive", "captions"])
def test_drawn_sentences(name):
    from multigan.text import grammars

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
    from multigan.text import grammars

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
    assert splits.notes[0].endswith(
        " sentences drawn to be held out were dropped, because training has them."
    )
    few(monkeypatch, 8)
    with pytest.raises(
        DataError,
        match=r"of 'emotive' is left to hold out\. 300 sentences .* only 0 of 30",
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
    assert decode_samples(torch.tensor([[3, 0, 12], [1, 1, 1]]), TextData()) == ["3 0 12", "1 1 1"]


# --- real files


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared real texts are not on this machine")
def test_real_comments_with_their_emotions():
    splits = opened(SHARED / "goemotions/dev.tsv")
    assert splits.train.labels == ("joy", "sadness", "anger", "fear", "surprise", "disgust", "neutral")
    n = len(splits.train) + len(splits.held_out)
    assert 0.08 < len(splits.held_out) / n < 0.12
    assert splits.train.original(0) == "is this in new orleans?? i really feel like this is new orleans."
    kept = "dev.tsv: the text is column 0 and the label column 1, with the names of emotions.txt, in the groups of"
    assert splits.notes[0].startswith(kept)
    assert splits.notes[1].startswith("480 of 5,426 texts were left out")
    assert splits.notes[2].startswith(f"{4_946 - n} of 4,946 texts (")
    assert splits.notes[3].endswith("tokens, and become <unk>.")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared real texts are not on this machine")
def test_real_captions():
    splits = opened(SHARED / "image_coco/train.txt", length=40)
    assert len(splits.train) + len(splits.held_out) == 10_000
    assert splits.train.labels == ()
    decoded = decode_samples(splits.train.batch(range(len(splits.train))).real, splits.data)
    exact = sum(one == other for one, other in zip(decoded, splits.train.texts, strict=True))
    assert exact > 0.995 * len(decoded)
