"""How sentences are drawn through the safety filter and written, with a generator that says what it is told to."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch import nn

from multigan.config import load
from multigan.errors import ConfigError
from multigan.reading.text import read_texts
from multigan.runs import RunFacts
from multigan.sampling import TrainedGenerator
from multigan.text.safety import NOTICES
from multigan.text.sampling import MOST_TRIES, SAMPLING, Tally, draw_sentences, draw_texts, write_sentences
from multigan.text.settings import UNKNOWN, TextData, TextSampling

LENGTH, N_WORDS = 4, 1_000
SAFE = TextSampling()
UNSAFE = TextSampling(filter="none")


class Speaker(nn.Module):
    """Says one number, a function of its latent and condition; keeps the decodings that it was given."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.decodings = []

    def latent(self, n, random_state=None):
        return torch.randn(n, LENGTH, generator=random_state)

    def forward(self, latent, condition, decoding=None):
        self.decodings.append(decoding)
        emotion = 0 if condition is None else condition.argmax(1) * N_WORDS
        numbers = (torch.special.ndtr(latent[:, 0].double()) * N_WORDS).long() + emotion
        return numbers[:, None].repeat(1, LENGTH)


def speaking(say, labels=(), modality="text", **data):
    """A run whose texts are ``say(number)`` for the numbers from 0 to 999, plus 1,000 for each label before its own."""

    def media(tokens, data):
        return [say(int(row[0])) for row in tokens]

    facts = RunFacts(modality, {}, tuple(labels), (LENGTH, 5 * N_WORDS), data)
    about = SimpleNamespace(name=modality, media=media, data_settings=TextData, sampling=SAMPLING, moved={})
    return TrainedGenerator(Speaker(), about, facts, Path("checkpoint"))  # type: ignore[arg-type]


def plain(number):
    return f"sentence {number:03}"


def one_in(n, bad="kys"):
    """Says something unsafe at one number in ``n``."""
    return lambda number: f"{bad} {number}" if number % n == 0 else f"sentence {number:03}"


# ---- drawing ----


def test_all_that_passes_is_kept_in_order():
    trained = speaking(plain)
    drawn = draw_sentences(trained, None, 3, 50, SAFE)
    assert drawn.rows == drawn.indices == tuple(range(50))
    assert drawn.tokens.shape == (50, LENGTH)
    assert drawn.texts == tuple(plain(int(row[0])) for row in drawn.tokens)
    assert drawn.tally == Tally("default", 50, 0, 0, {})
    assert draw_sentences(trained, None, 3, 5, SAFE).texts == drawn.texts[:5]
    assert draw_sentences(trained, None, 4, 5, SAFE).texts != drawn.texts[:5]


def test_what_is_flagged_is_drawn_again_and_nothing_else_changes():
    trained = speaking(one_in(3))
    free = draw_sentences(trained, None, 0, 60, UNSAFE)
    safe = draw_sentences(trained, None, 0, 60, SAFE)
    flagged = [row for row in range(60) if free.texts[row].startswith("kys")]
    assert 10 < len(flagged) < 30
    assert not any(text.startswith("kys") for text in safe.texts)
    assert safe.rows == tuple(range(60))
    for row in range(60):
        attempt, place = divmod(safe.indices[row], 1_000_000)
        assert place == row
        assert (attempt > 0) == (row in flagged)
        if row not in flagged:
            assert safe.texts[row] == free.texts[row]
    n_tries = sum(index // 1_000_000 for index in safe.indices)
    assert safe.tally == Tally("default", 60 + n_tries, n_tries, 0, {"self-harm": n_tries})
    assert free.tally == Tally("none", 60, 0, 0, {})
    assert draw_sentences(trained, None, 0, 7, SAFE).texts == safe.texts[:7]
    assert (safe.tokens[:, 0] == torch.tensor([int(text[-3:]) for text in safe.texts])).all()


def test_draws_in_two_categories_count_once_as_withheld():
    drawn = draw_sentences(speaking(one_in(2, "kys , a@b.org")), None, 0, 40, SAFE)
    tally = drawn.tally
    assert tally.n_withheld == tally.n_drawn - 40 > 0
    assert tally.counts == {"personal-data": tally.n_withheld, "self-harm": tally.n_withheld}
    samples = draw_texts(speaking(one_in(2, "kys , a@b.org")), None, 0, 40, SAFE)
    assert samples.facts == {
        "temperature": 1.0,
        "top_p": 1.0,
        "filter": {
            "filter": "default",
            "drawn": tally.n_drawn,
            "withheld_draws": tally.n_withheld,
            "withheld": tally.counts,
            "left_out": 0,
        },
    }
    json.dumps(samples.facts)
    assert samples.warnings == (tally.sentence, NOTICES["en"])
    assert torch.equal(samples.tensor, drawn.tokens)
    assert (samples.rows, samples.indices) == (drawn.rows, drawn.indices)


def test_the_default_filter_and_the_notice_are_of_the_language_of_the_texts():
    for language, withheld, kept in (("en", "kys", "mátate"), ("es", "mátate", "kys")):
        bad = draw_texts(speaking(one_in(2, withheld), language=language), None, 0, 40, SAFE)
        good = draw_texts(speaking(one_in(2, kept), language=language), None, 0, 40, SAFE)
        assert bad.facts["filter"]["withheld"].keys() == {"self-harm"}
        assert good.facts["filter"]["withheld"] == {}
        assert bad.warnings[1] == NOTICES[language]


def test_conditions_go_with_their_rows_when_some_are_drawn_again():
    trained = speaking(one_in(2), ("joy", "sadness", "fear"))
    conditions = torch.eye(3)[torch.arange(30) % 3]
    drawn = draw_sentences(trained, conditions, 0, 30, SAFE)
    assert [int(row[0]) // N_WORDS for row in drawn.tokens] == [row % 3 for row in range(30)]


def test_a_row_is_given_up_after_so_many_tries():
    """Of the second label everything is unsafe."""
    trained = speaking(lambda number: plain(number) if number < N_WORDS else "kys", ("joy", "sadness"))
    drawn = draw_sentences(trained, torch.eye(2)[torch.tensor([0, 1, 0, 1])], 0, 4, SAFE)
    assert drawn.rows == (0, 2)
    assert len(drawn.tokens) == len(drawn.texts) == 2
    n_withheld = 2 * (MOST_TRIES + 1)
    assert drawn.tally == Tally("default", 2 + n_withheld, n_withheld, 2, {"self-harm": n_withheld})
    assert drawn.tally.sentence.endswith(
        f"2 sentences are left out, all of whose {MOST_TRIES + 1} draws were withheld."
    )


def test_an_error_says_that_nothing_is_left():
    with pytest.raises(
        ConfigError, match=r"Nothing can be shown: The safety filter .default. withheld 42 of 42 draws"
    ):
        draw_sentences(speaking(lambda number: "kys"), None, 0, 2, SAFE)


def test_the_unknown_mark_is_never_drawn():
    request = TextSampling(temperature=0.7, top_p=0.9)
    trained = speaking(plain)
    draw_sentences(trained, None, 0, 1, request)
    (decoding,) = trained.network.decodings
    assert (decoding.temperature, decoding.top_p, decoding.banned) == (0.7, 0.9, (UNKNOWN,))


def test_a_filter_of_ones_own(monkeypatch):
    module = ModuleType("an_odd_filter")
    odd = SimpleNamespace(name="odd", flagged=lambda text: ("odd",) if int(text[-1]) % 2 else ())
    module.__dict__.update(FILTER=odd)
    monkeypatch.setitem(sys.modules, "an_odd_filter", module)
    drawn = draw_sentences(speaking(plain), None, 0, 20, TextSampling(filter="an_odd_filter:FILTER"))
    assert all(int(text[-1]) % 2 == 0 for text in drawn.texts)
    assert drawn.tally.sentence.startswith("The safety filter (odd) withheld")


# ---- what is said ----


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (Tally("none", 160, 0, 0, {}), "No safety filter was applied to 160 draws."),
        (Tally("default", 1_160, 0, 0, {}), "The safety filter (default) withheld none of 1,160 draws."),
        (
            Tally("default", 163, 3, 0, {"personal-data": 1, "slurs": 2}),
            "The safety filter (default) withheld 3 of 163 draws: personal data 1, slurs 2.",
        ),
        (
            Tally("default", 22, 21, 1, {"slurs": 21}),
            "The safety filter (default) withheld 21 of 22 draws: slurs 21. "
            "1 sentence is left out, all of whose 21 draws were withheld.",
        ),
    ],
)
def test_the_sentence_for_a_person(tally, said):
    assert tally.sentence == said


def test_tallies_add_up():
    one = Tally("default", 5, 2, 0, {"slurs": 1, "crisis": 1})
    assert one + Tally("default", 30, 21, 1, {"slurs": 21}) == Tally(
        "default", 35, 23, 1, {"crisis": 1, "slurs": 22}
    )


# ---- options ----


def test_options_are_checked_at_once():
    for raw, said in (
        ({"temperature": 0.0}, "A temperature is a number above 0, found 0.0"),
        ({"top_p": 1.5}, "top-p is a probability above 0 and at most 1, found 1.5"),
        ({"per_label": 0}, "per_label is at least 1"),
        ({"temperatur": 1.0}, "Did you mean 'temperature'"),
    ):
        with pytest.raises(ConfigError, match=said):
            load(TextSampling, raw, "test")
    with pytest.raises(ConfigError, match="Did you mean 'default'"):
        SAMPLING.check(Speaker(), TextSampling(filter="defualt"))
    SAMPLING.check(Speaker(), TextSampling(filter="none"))


def test_samples_are_measured_at_the_models_own_distribution_behind_the_same_filter():
    options = TextSampling(temperature=0.5, top_p=0.5, intensity=0.2, filter="none")
    assert options.measured() == TextSampling(filter="none")


def test_code_is_refused_where_a_recipe_names_it():
    TextSampling(filter="words.txt").refuse_in_recipe()
    with pytest.raises(ValueError, match="found 'os:system'"):
        TextSampling(filter="os:system").refuse_in_recipe()


# ---- files ----

OPTIONS = TextSampling(per_label=6, intensity=0.5)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_more_sentences_join_the_table(tmp_path):
    """A row for each sentence, however often it is asked for; the header stands once."""
    trained = speaking(one_in(4), ("joy", "sadness", "fear"))

    def rows(*labels, **options):
        write_sentences(trained, replace(OPTIONS, per_label=3, **options), labels, 7, tmp_path)
        return (tmp_path / "samples.tsv").read_text().splitlines()

    first = rows("joy")
    assert len(first) == 1 + 3
    more = rows("fear")
    assert more[:4] == first
    assert len(more) == 1 + 6
    colder = rows("joy", temperature=0.5)
    assert colder[:7] == more
    assert len(colder) == 1 + 9
    assert rows("joy", "fear") == colder
    (tmp_path / "samples.tsv").write_text("text\nmine\n")
    with pytest.raises(ConfigError, match=r"samples\.tsv is not as multigan wrote it"):
        rows("joy")
    assert (tmp_path / "samples.tsv").read_text() == "text\nmine\n"


def test_the_table_of_sentences(tmp_path):
    trained = speaking(one_in(4), ("joy", "sadness", "fear"))
    options = replace(OPTIONS, temperature=0.9, top_p=0.95)
    written = write_sentences(trained, options, ("joy", "fear"), 7, tmp_path / "new")
    (path,) = written.paths
    assert path == tmp_path / "new" / "samples.tsv"
    assert sorted((tmp_path / "new").iterdir()) == [tmp_path / "new" / ".multigan.json", path]
    rows = rows_of(path)
    assert list(rows[0]) == [
        "text",
        "emotion",
        "intensity",
        "seed",
        "index",
        "temperature",
        "top_p",
        "notice",
    ]
    assert [row["emotion"] for row in rows] == ["joy"] * 6 + ["fear"] * 6
    assert {(row["intensity"], row["seed"], row["temperature"], row["top_p"]) for row in rows} == {
        ("0.5", "7", "0.9", "0.95")
    }
    assert {row["notice"] for row in rows} == {NOTICES["en"]}
    texts = [row["text"] for row in rows]
    shown = [f"  {text}" for text in texts]
    assert written.lines == ("joy", *shown[:6], "", "fear", *shown[6:], "")
    # the second emotion's sentences are those of its own condition
    conditions = [
        torch.tensor([[float(label == i) * 0.5 for i in range(3)]]).repeat(6, 1) for label in (0, 2)
    ]
    joy, fear = (draw_sentences(trained, condition, 7, 6, options) for condition in conditions)
    assert texts == [*joy.texts, *fear.texts]
    assert [int(row["index"]) for row in rows] == [*joy.indices, *fear.indices]
    tally = joy.tally + fear.tally
    assert tally.n_drawn - tally.n_withheld == 12
    assert written.sentence == f"Wrote 12 sentences to {path}. {tally.sentence}"


def texts_in(path):
    return tuple(row["text"] for row in rows_of(path))


def test_the_evaluation_reads_the_table_and_its_folder(tmp_path):
    trained = speaking(plain, ("joy", "sadness", "fear"))
    (written,) = write_sentences(trained, OPTIONS, ("joy", "fear"), 7, tmp_path).paths
    for path in (written, tmp_path):
        table = read_texts(path)
        assert table.texts == texts_in(written)
        assert len(table.texts) == 12
        assert table.labels == ("joy",) * 6 + ("fear",) * 6
        assert table.bad == {}


def test_the_table_of_a_run_without_labels(tmp_path):
    written = write_sentences(speaking(plain), OPTIONS, (), 7, tmp_path)
    (path,) = written.paths
    assert list(rows_of(path)[0]) == ["text", "seed", "index", "temperature", "top_p", "notice"]
    table = read_texts(tmp_path)
    assert (table.texts, table.labels, table.bad) == (texts_in(path), None, {})
    assert written.lines == (*(f"  {text}" for text in table.texts), "")


def test_what_would_end_a_cell_does_not(tmp_path):
    odd = "a\tb\nc\r\nd\x00e\x1b[2Jf \"quoted, 'too"
    written = write_sentences(speaking(lambda number: odd), replace(OPTIONS, per_label=2), (), 7, tmp_path)
    texts = ("a b c d e [2Jf \"quoted, 'too",) * 2
    assert written.lines == (*(f"  {text}" for text in texts), "")
    assert read_texts(tmp_path).texts == texts


def test_the_same_request_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_sentences(speaking(one_in(3), ("joy", "fear")), OPTIONS, ("joy", "fear"), 7, tmp_path / name)
    assert (tmp_path / "a" / "samples.tsv").read_bytes() == (tmp_path / "b" / "samples.tsv").read_bytes()


def test_errors_of_writing(tmp_path):
    trained = speaking(plain, ("joy", "fear"))
    with pytest.raises(ConfigError, match=r"no emotion in this run named 'jyo'. Did you mean 'joy'"):
        write_sentences(trained, OPTIONS, ("jyo",), 7, tmp_path)
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigError, match=r"Cannot write samples to .*taken: .*Choose another --out"):
        write_sentences(trained, OPTIONS, ("joy",), 7, tmp_path / "taken")
