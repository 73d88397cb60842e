"""Text data: files of any texts, drawn sentences, the split, the vocabulary, and what is said of texts left out."""

import json
import random

import numpy as np
import pytest
import torch

from multigan.errors import ConfigError, DataError
from multigan.sequences.marks import END
from multigan.text.data import decode_samples, open_text
from multigan.text.settings import UNKNOWN, TextData
from multigan.text.vocabulary import codec_of
from tests.worlds.shared import SHARED
from tests.worlds.text_splits import opened, same

TEXTS = SHARED / "data/text"

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


def lines(folder, texts, name="a.txt"):
    return written(folder, name, "".join(f"{text}\n" for text in texts))


def sides(splits):
    """text -> the side it is on."""
    found = dict.fromkeys(splits.train.texts, "train")
    return found | dict.fromkeys(splits.held_out.texts, "held out")


# --- arrays


def test_every_line_is_a_row_that_says_it(tmp_path):
    splits = opened(lines(tmp_path, SENTENCES), length=8)
    assert splits.notes == ()
    assert len(splits.train) + len(splits.held_out) == 216
    codec = codec_of(splits.data.tokenizer)
    for side in (splits.train, splits.held_out):
        assert side.sample_shape == (8, codec.n_tokens)
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
    assert splits.train.sample_shape == (24, 4)
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
        "30 of 30 texts (100.0%) have more than 6 tokens and were cut there or where the last sentence before ends; "
        "--set data.length=11 leaves all whole."
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("{} be kind to him. he is a child of ten", "{} be kind to him."),
        ("{} no! why me? it is not at all fair", "{} no! why me?"),
        ('{} said "no." and so we went home again', '{} said "no."'),
        ("{} costs 3.5 euros or so at the shop", "{} costs 3.5 euros or so at the"),
        ("{} asked dr. smith about the way home", "{} asked dr. smith about the way"),
        ("{}. two three four five six seven eight", "{}. two three four five six seven"),
        ("{} two three four five six seven.", "{} two three four five six seven."),
        ("{} two three four five six seven eight.", "{} two three four five six seven eight"),
    ],
)
def test_longer_texts_end_with_a_sentence_where_one_ends_within(tmp_path, text, kept):
    names = [f"{first}{second}" for first in "abcd" for second in "efghi"]
    splits = opened(lines(tmp_path, [text.format(name) for name in names]), length=8, longer="cut")
    assert sorted([*splits.train.texts, *splits.held_out.texts]) == [kept.format(name) for name in names]


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


def test_a_file_in_another_encoding_is_refused(tmp_path):
    """Of German in Latin-1 no line with an umlaut can be read, and all others can."""
    starts = ("sch\u00f6n", *("gut",) * 29)
    content = "".join(f"{starts[i % 30]} ist {text}\n" for i, text in enumerate(SENTENCES))
    with pytest.raises(DataError) as raised:
        opened(written(tmp_path, "a.txt", content.encode("latin-1")))
    assert str(raised.value).startswith(
        f"8 of the 216 lines or rows of {tmp_path / 'a.txt'} are not UTF-8: a.txt, line 1 (it"
    )
    assert str(raised.value).endswith("Save it as UTF-8, or remove them.")
    assert len(opened(written(tmp_path, "a.txt", content)).train)
    folder = tmp_path / "classes"
    for label in ("joy", "fear"):
        lines(folder / label, SENTENCES)
    written(
        folder, "sad/a.txt", "".join(f"sch\u00f6n ist {text}\n" for text in SENTENCES[:5]).encode("latin-1")
    )
    with pytest.raises(DataError, match=r"5 of the 5 lines or rows of .*/classes/sad/a\.txt are not UTF-8"):
        opened(folder)
    written(folder, "sad/a.txt", "\n".join(SENTENCES[:5]).encode() + b"\n\xe9\n")  # one damaged line
    assert "1 line or row was skipped: sad/a.txt, line 6 (it is not UTF-8" in " ".join(opened(folder).notes)


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


def rows_of(folder, part, texts=SENTENCES, label=lambda i: "xy"[i % 2]):
    """A table of texts with a column ``part``, by the text's number."""
    rows = "".join(f"{text},{label(i)},{part(i)}\n" for i, text in enumerate(texts))
    return written(folder, "a.csv", f"text,label,part\n{rows}")


def test_a_column_says_what_is_held_out_and_equal_texts_follow(tmp_path):
    texts = [*SENTENCES, SENTENCES[1].upper()]
    path = rows_of(tmp_path, lambda i: "test" if i % 50 == 1 else "train", texts, lambda i: "xy"[i == 0])
    with pytest.raises(DataError, match=r"class 'y' .* all of it has part=train, or a copy that has\. Add"):
        opened(path, split="part=train")
    splits = opened(path, split="part=test")
    assert set(splits.held_out.texts) == {SENTENCES[i] for i in (1, 51, 101, 151, 201)}
    assert len(splits.train) == 211
    assert splits.notes[1] == "Held out with part=test, as copies of texts that are: a.csv, line 218."
    assert sides(opened(path, split="none")) == sides(opened(path)) != sides(splits)
    by_hash = opened(path, split="fold=1")
    assert sides(by_hash) == sides(opened(path))
    assert "has no table with a column 'fold': what is held out (0.1 of the texts)" in by_hash.notes[1]


def test_texts_that_are_too_long_leave_the_split_as_it_is(tmp_path):
    texts = [text if i % 3 else f"{text} and so on and on and on" for i, text in enumerate(SENTENCES)]
    splits = opened(rows_of(tmp_path, lambda i: "test" if i < 50 else "", texts), split="part=test", length=8)
    assert set(splits.held_out.texts) == {SENTENCES[i] for i in range(50) if i % 3}
    assert set(splits.train.texts) == {SENTENCES[i] for i in range(50, 216) if i % 3}


def test_byte_pairs_are_learnt_from_what_the_column_leaves_for_training(tmp_path):
    path = rows_of(
        tmp_path, lambda i: "test" if i < 100 else "train", ["zqzq zqzq"] * 100 + ["abab abab"] * 50 + ["ab"]
    )
    settings = {"tokens": "bpe", "vocabulary_size": 262}
    vocabulary = json.loads(opened(path, split="part=test", **settings).data.tokenizer)["model"]["vocab"]
    assert "abab" in vocabulary
    assert "zq" not in vocabulary
    vocabulary = json.loads(opened(path, split="part=train", **settings).data.tokenizer)["model"]["vocab"]
    assert "zqzq" in vocabulary
    assert "ab" not in vocabulary


def test_a_split_of_lines_is_by_hash_and_of_no_value_refused(tmp_path):
    path = lines(tmp_path, SENTENCES)
    splits = opened(path, split="part=test")
    assert sides(splits) == sides(opened(path))
    assert "has no table with a column 'part'" in splits.notes[0]
    with pytest.raises(
        DataError, match=r"No text in .* has part=dev in its table.* values of part are test, train\."
    ):
        opened(rows_of(tmp_path, lambda i: "test" if i % 9 else "train"), split="part=dev")


def test_intensities_in_words(tmp_path):
    path = written(
        tmp_path,
        "a.csv",
        "text,label,strength\n" + "".join(f"so {i},x,{'strong' if i % 2 else 0.3}\n" for i in range(9)),
    )
    splits = opened(path, intensity="strength")
    for side in (splits.train, splits.held_out):
        for text, condition in zip(side.texts, side.conditions, strict=True):
            assert condition.item() == np.float32(0.75 if int(text[3:]) % 2 else 0.3)
    assert splits.notes[1].startswith("Intensities are words: 'strong' is 0.75.")
    assert opened(path).train.conditions.min() == 1  # nobody says that strength is the intensity
    with pytest.raises(DataError, match=r"has no column 'force'; its columns are text, label, strength\."):
        opened(path, intensity="force")


@pytest.mark.parametrize("cell", ["1.5", "-1", "much", "nan"])
def test_intensities_are_shares(tmp_path, cell):
    path = written(tmp_path, "a.csv", f"text,intensity\none,1\ntwo,{cell}\n")
    with pytest.raises(
        DataError, match=rf"a\.csv, line 3: the intensity is '{cell}', and it must be a number from 0 to 1 or"
    ):
        opened(path)


def test_no_file_and_nothing_to_draw():
    with pytest.raises(
        DataError, match=r"This recipe needs --data FILE: \.txt, \.csv, \.tsv, \.jsonl or \.parquet, or a"
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
        {"label": "mood"},
        {"least_count": 3, "longer": "cut", "length": 5, "label": "mood"},
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
    reused = TextData(**settings | {"tokenizer": once.data.tokenizer, "label": None})
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
