"""Texts to rows of token numbers and back: words, byte pairs, and tokenizers that somebody else trained."""

import random
import unicodedata

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from multigan.config import load
from multigan.errors import ConfigError
from multigan.reading.columns import TextColumns
from multigan.reading.text import read_texts
from multigan.sequences.marks import END
from multigan.text.settings import UNKNOWN, TextData
from multigan.text.vocabulary import Codec, codec_of, joined, normalised
from tests.worlds.shared import SHARED

TEXTS = SHARED / "data/text"


def learnt(texts, **settings):
    return Codec.learnt(texts, TextData(**settings))


def rows_of(encoded, length=None):
    length = length or max(map(len, encoded))
    return torch.tensor([row + [END] * (length - len(row)) for row in encoded])


def back(codec, texts):
    return codec.decode(rows_of(codec.encode(texts), 1 + max(len(row) for row in codec.encode(texts))))


def pieces(text):
    """What the tokens of a text are, from a vocabulary learnt from it."""
    codec = learnt([text])
    return [codec.decode(torch.tensor([[number]]))[0] for number in codec.encode([text])[0]]


# --- normalisation


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  Two\twords\n\u2028more\u00a0 ", "two words more"),
        ("It\u2019s \u201cfine\u201d \u2018so\u2019", "it's \"fine\" 'so'"),
        ("Cafe\u0301 SCHÖN", "café schön"),
        ("a\x00b\x07c\u200bd\u00ade\ufefff\u202eg", "abcdefg"),
        ("wow ! and , yes ?! .5 is ... here .", "wow! and, yes?! .5 is... here."),
        ("\u200d\U0001f469\u200d\U0001f467", "\u200d\U0001f469\u200d\U0001f467"),
        ("\x01\u200b \u2060", ""),
    ],
)
def test_normalised(text, plain):
    assert normalised(text, lower_case=True) == plain


def test_case_is_kept_where_that_is_asked_for():
    assert normalised("It\u2019s ME", lower_case=False) == "It's ME"


def test_a_normalised_text_is_normalised():
    chance = random.Random(0)
    alphabet = "aB1 \t\n.,!?'\"’“\u0301\u00a0İßΣς\u200b\u0130\u1e9e\x00[]<>-()ｆ"
    for _ in range(3_000):
        once = normalised("".join(chance.choices(alphabet, k=12)), lower_case=True)
        assert normalised(once, lower_case=True) == once
        assert unicodedata.is_normalized("NFC", once)


# --- words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i don't know well-known things.", ["i", "don't", "know", "well-known", "things", "."]),
        ("[name] said <unk>, [ok]", ["[name]", "said", "<unk>", ",", "[ok]"]),
        ("10,000 or 3.5 at 12:30, 8.3k!", ["10,000", "or", "3.5", "at", "12:30", ",", "8.3k", "!"]),
        ("so... what?!", ["so", ".", ".", ".", "what", "?", "!"]),
        ("'quoted' goin'", ["'", "quoted", "'", "goin", "'"]),
        ("nice :) <3 ;-)", ["nice", ":)", "<3", ";-)"]),
        ("the u.s. army /s", ["the", "u.s.", "army", "/s"]),
        ("❤️👍🏽👩‍👧 x", ["❤️", "👍🏽", "👩‍👧", "x"]),
        ("你好 world नमस्ते", ["你", "好", "world", "नमस्ते"]),
        ("a—b (c)", ["a", "—", "b", "(", "c", ")"]),
        ("at&t f**k", ["at&t", "f**k"]),
    ],
)
def test_what_a_word_is(text, expected):
    assert pieces(text) == expected


def test_the_most_frequent_words_are_kept_and_ties_go_by_the_alphabet():
    texts = ["b a b c", "a d é"]
    assert learnt(texts).encode(["a b c d é"]) == [[2, 3, 4, 5, 6]]
    small = learnt([*texts, "e f g h i"], vocabulary_size=8)
    assert small.n_tokens == 8
    assert small.encode(["a b c d e f é"]) == [[2, 3, 4, 5, 6, 7, UNKNOWN]]
    assert learnt(texts, least_count=2).encode(["a b c d é"]) == [[2, 3, UNKNOWN, UNKNOWN, UNKNOWN]]


def test_unknown_words_are_told_as_such():
    codec = learnt(["a dog runs."])
    assert codec.encode(["a cat runs."]) == [[*codec.encode(["a"])[0], UNKNOWN, *codec.encode(["runs."])[0]]]
    assert back(codec, ["a cat runs."]) == ["a <unk> runs."]


def test_marks_spelt_out_in_a_text_are_words_that_nobody_knows():
    codec = learnt(["<end> <end> <end> stop <unk> <unk>"])
    assert codec.encode(["<end> stop <unk>"]) == [[UNKNOWN, 2, UNKNOWN]]
    assert codec.n_tokens == 3


def test_a_vocabulary_of_nothing_measures_texts():
    codec = learnt(())
    assert codec.n_tokens == 2
    assert codec.encode(["one two.", ""]) == [[UNKNOWN] * 3, []]
    assert codec.ends("one two.") == [3, 7, 8]


def test_decoding_stops_at_the_end():
    codec = learnt(["a b c"])
    assert codec.decode(torch.tensor([[2, 3, END, 4, 4], [END, 2, 3, 4, 2], [2, 3, 4, 2, 3]])) == [
        "a b",
        "",
        "a b c a b",
    ]


@pytest.mark.parametrize(
    "text",
    [
        'she said "go away" and left; he (her brother) stayed.',
        "what?! no... really: 100%, [name]!",
        "it's 'fine', they're here",
        "they're goin' home",
        "his/her dog cost $5 - or €10.",
        "*sigh* but **why**, ~not~ so",
        "¿cómo? ¡sí!",
        "i love it 😂😂 :) #blessed @home",
        '"""odd""" ([x])',
    ],
)
def test_ordinary_sentences_come_back(text):
    assert back(learnt([text]), [text]) == [text]


def test_spaces_where_english_prose_has_them():
    assert joined(["so", ".", ".", ".", "(", "yes", ")", "!"]) == "so... (yes)!"
    assert joined(['"', "a", '"', "b", '"', "c", '"']) == '"a" b "c"'
    assert joined(["x", "'", "y"]) == "x' y"
    assert joined(["[name]", "[name]", "!", "!"]) == "[name] [name]!!"
    assert joined([]) == ""


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the shared real texts are not on this machine")
@pytest.mark.parametrize(("name", "share"), [("goemotions/dev.tsv", 0.95), ("image_coco/test.txt", 0.995)])
def test_real_texts_come_back(name, share):
    columns = TextColumns(text="0" if name.endswith(".tsv") else None)
    texts = [normalised(text, lower_case=True) for text in read_texts(TEXTS / name, columns).texts]
    words = back(learnt(texts, vocabulary_size=100_000), texts)
    exact = sum(one == other for one, other in zip(words, texts, strict=True)) / len(texts)
    assert share < exact < 1
    spaceless = [
        one.replace(" ", "") == other.replace(" ", "") for one, other in zip(words, texts, strict=True)
    ]
    assert all(spaceless)
    assert back(learnt(texts[:500], tokens="bpe", vocabulary_size=600), texts) == texts


# --- byte pairs


def test_byte_pairs_know_every_text():
    codec = learnt(["the cat sat on the mat"], tokens="bpe", vocabulary_size=300)
    chance = random.Random(1)
    blocks = (range(1, 0x250), range(0x250, 0xD800), range(0xE000, 0x20000))
    drawn = ["".join(chr(chance.choice(chance.choice(blocks))) for _ in range(9)) for _ in range(500)]
    texts = [normalised(text, False) for text in drawn]
    texts += ["<end>", "a <end> b <unk>", ""]
    encoded = codec.encode(texts)
    assert min(number for row in encoded for number in row) > UNKNOWN
    assert back(codec, texts) == texts


def test_byte_pairs_are_learnt_the_same_each_time():
    texts = ["abab cdcd", "efef ghgh ijij"] * 3
    codecs = [learnt(texts, tokens="bpe", vocabulary_size=270) for _ in range(5)]
    assert len({codec.json for codec in codecs}) == 1
    assert codecs[0].n_tokens == 270
    assert len(codecs[0].encode(["abab"])[0]) < 4


def test_any_row_of_byte_pairs_is_one_line_of_text():
    codec = learnt(["x"], tokens="bpe", vocabulary_size=258)
    rows = torch.randint(1, 258, (200, 30), generator=torch.Generator().manual_seed(0))
    for text in codec.decode(rows):
        text.encode()
        assert len(text.splitlines()) <= 1
        assert normalised(text, False) == text


def test_too_few_tokens_for_the_bytes():
    with pytest.raises(
        ConfigError, match=r"vocabulary_size is at least 258 with tokens=bpe \(256 bytes and 2 marks\)"
    ):
        load(TextData, {"tokens": "bpe", "vocabulary_size": 257}, "data")
    load(TextData, {"tokens": "bpe", "vocabulary_size": 258}, "data")


# --- tokenizer.json


@pytest.mark.parametrize("settings", [{}, {"tokens": "bpe", "vocabulary_size": 280}])
def test_the_same_rows_from_its_json(settings):
    texts = ["it's a dog :)", 'a cat, "quoted" — 你好 😂', "x" * 50]
    codec = learnt(texts, **settings)
    again = codec_of(codec.json)
    assert again.json == codec.json
    assert again.n_tokens == codec.n_tokens
    texts += ["unseen words <end>"]
    assert again.encode(texts) == codec.encode(texts)
    assert back(again, texts) == back(codec, texts)


def gpt2_style(folder):
    """A tokenizer.json as checkpoints hold it, with a special token, padding and truncation."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(["hello world, hello there"] * 3, trainer)
    plain = tokenizer.encode("hello <|endoftext|> you").ids
    tokenizer.enable_padding(length=64)
    tokenizer.enable_truncation(3)
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder, tokenizer, plain


def test_a_tokenizer_of_a_checkpoint_is_shifted_by_the_two_marks(tmp_path):
    folder, tokenizer, with_special = gpt2_style(tmp_path / "gpt")
    codec = codec_of(str(folder))
    assert codec.n_tokens == tokenizer.get_vocab_size() + 2
    texts = ["hello world, hello there, you and all others", "déjà vu 😂"]
    tokenizer.no_padding()
    tokenizer.no_truncation()
    assert codec.encode(texts) == [[number + 2 for number in tokenizer.encode(text).ids] for text in texts]
    assert back(codec, texts) == texts
    special = "hello <|endoftext|> you"
    assert 0 in with_special  # the number of the special token there
    assert 2 not in codec.encode([special])[0]
    assert back(codec, [special]) == [special]
    row = codec.encode(["hello world"])[0]
    assert codec.decode(torch.tensor([[UNKNOWN, *row, END, 9]])) == ["hello world"]
    by_path, by_content = codec_of(str(folder / "tokenizer.json")), codec_of(codec.json)
    assert by_path.json == by_content.json == codec.json
    assert by_content.encode(texts) == codec.encode(texts)


def test_the_unknown_token_of_a_given_tokenizer_is_ours():
    words = Tokenizer(models.WordLevel({"cat": 0, "[UNK]": 1, "dog": 2}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    pieces = Tokenizer(models.WordPiece({"[UNK]": 0, "cat": 1, "##s": 2}, unk_token="[UNK]"))
    scores = Tokenizer(models.Unigram([("cat", -1.0), ("?", -9.0), ("dog", -1.0)], unk_id=1))
    for tokenizer, text, row in (
        (words, "dog cow cat", [4, UNKNOWN, 2]),
        (pieces, "cats", [3, 4]),
        (pieces, "cow", [UNKNOWN]),
        (scores, "dog", [4]),
        (scores, "z", [UNKNOWN]),
    ):
        codec = codec_of(tokenizer.to_str())
        assert codec.encode([text]) == [row]
        assert codec.n_tokens == 5
    assert back(codec_of(words.to_str()), ["dog cow cat"]) == ["dog <unk> cat"]


def test_tokenizers_that_are_none(tmp_path):
    with pytest.raises(
        ConfigError, match=r"Cannot read the tokenizer .*none\.json: No such file .* give the path of a"
    ):
        codec_of(str(tmp_path / "none.json"))
    with pytest.raises(ConfigError, match=r"Cannot read the tokenizer .*tokenizer\.json: No such file"):
        codec_of(str(tmp_path))
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"Cannot read the tokenizer .*bad\.json: 'utf-8'"):
        codec_of(str(tmp_path / "bad.json"))
    for content in ("{}", "{", '{"model": {"type": "Strange"}}'):
        with pytest.raises(ConfigError, match=r"The tokenizer cannot be used: "):
            codec_of(content)
