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

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.reading.text import read_texts
from multigan.runs import RunFacts
from multigan.sampling import TrainedGenerator
from multigan.text.safety import NOTICE
from multigan.text.settings import UNKNOWN
from recipes.pictures import SampleRequest
from recipes.texts import MOST_TRIES, Tally, TextRequest, draw_texts, text_options, text_request, write_texts

LENGTH, N_WORDS = 4, 1_000
SAFE = TextRequest()
UNSAFE = TextRequest(filter="none")


@settings
class NoSettings:
    pass


class Speaker(nn.Module):
    """Says one number, a function of its latent and condition; keeps how it was asked."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.asked = []

    def latent(self, n, random_state=None):
        return torch.randn(n, LENGTH, generator=random_state)

    def forward(self, latent, condition, decoding=None):
        self.asked.append(decoding)
        emotion = 0 if condition is None else condition.argmax(1) * N_WORDS
        numbers = (torch.special.ndtr(latent[:, 0].double()) * N_WORDS).long() + emotion
        return numbers[:, None].repeat(1, LENGTH)


def speaking(say, labels=(), n_marks=2, modality="text"):
    """A run whose texts are ``say(number)`` for the numbers from 0 to 999, plus 1,000 for each label before its own."""

    def media(tokens, data):
        return [say(int(row[0])) for row in tokens]

    facts = RunFacts(modality, {}, tuple(labels), (LENGTH, 5 * N_WORDS, n_marks))
    about = SimpleNamespace(name=modality, media=media, data_settings=NoSettings)
    return TrainedGenerator(Speaker(), about, facts, Path("checkpoint"))  # type: ignore[arg-type]


def plain(number):
    return f"sentence {number:03}"


def one_in(n, bad="kys"):
    """Says something unsafe at one number in ``n``."""
    return lambda number: f"{bad} {number}" if number % n == 0 else f"sentence {number:03}"


# ---- drawing ----


def test_all_that_passes_is_kept_in_order():
    trained = speaking(plain)
    drawn = draw_texts(trained, None, 3, 50, SAFE)
    assert drawn.rows == drawn.indices == tuple(range(50))
    assert drawn.tokens.shape == (50, LENGTH)
    assert drawn.texts == tuple(plain(int(row[0])) for row in drawn.tokens)
    assert drawn.tally == Tally("default", 50, 0, 0, {})
    assert draw_texts(trained, None, 3, 5, SAFE).texts == drawn.texts[:5]
    assert draw_texts(trained, None, 4, 5, SAFE).texts != drawn.texts[:5]


def test_what_is_flagged_is_drawn_again_and_nothing_else_changes():
    trained = speaking(one_in(3))
    free = draw_texts(trained, None, 0, 60, UNSAFE)
    safe = draw_texts(trained, None, 0, 60, SAFE)
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
    assert draw_texts(trained, None, 0, 7, SAFE).texts == safe.texts[:7]
    assert (safe.tokens[:, 0] == torch.tensor([int(text[-3:]) for text in safe.texts])).all()


def test_draws_in_two_categories_count_once_as_withheld():
    drawn = draw_texts(speaking(one_in(2, "kys , a@b.org")), None, 0, 40, SAFE)
    tally = drawn.tally
    assert tally.n_withheld == tally.n_drawn - 40 > 0
    assert tally.counts == {"personal-data": tally.n_withheld, "self-harm": tally.n_withheld}
    assert drawn.facts == {
        "filter": "default",
        "drawn": tally.n_drawn,
        "withheld_draws": tally.n_withheld,
        "withheld": tally.counts,
        "left_out": 0,
    }
    json.dumps(drawn.facts)


def test_conditions_go_with_their_rows_when_some_are_drawn_again():
    trained = speaking(one_in(2), ("joy", "sadness", "fear"))
    conditions = torch.eye(3)[torch.arange(30) % 3]
    drawn = draw_texts(trained, conditions, 0, 30, SAFE)
    assert [int(row[0]) // N_WORDS for row in drawn.tokens] == [row % 3 for row in range(30)]


def test_a_row_is_given_up_after_so_many_tries():
    """Of the second label everything is unsafe."""
    trained = speaking(lambda number: plain(number) if number < N_WORDS else "kys", ("joy", "sadness"))
    drawn = draw_texts(trained, torch.eye(2)[torch.tensor([0, 1, 0, 1])], 0, 4, SAFE)
    assert drawn.rows == (0, 2)
    assert len(drawn.tokens) == len(drawn.texts) == 2
    n_withheld = 2 * (MOST_TRIES + 1)
    assert drawn.tally == Tally("default", 2 + n_withheld, n_withheld, 2, {"self-harm": n_withheld})
    assert drawn.sentence.endswith(
        f"2 sentences are left out, all of whose {MOST_TRIES + 1} draws were withheld."
    )


def test_an_error_says_that_nothing_is_left():
    with pytest.raises(
        ConfigError, match=r"Nothing can be shown: The safety filter .default. withheld 42 of 42 draws"
    ):
        draw_texts(speaking(lambda number: "kys"), None, 0, 2, SAFE)


def test_the_unknown_mark_is_never_drawn_where_there_are_marks():
    request = TextRequest(temperature=0.7, top_p=0.9)
    trained = speaking(plain)
    draw_texts(trained, None, 0, 1, request)
    (decoding,) = trained.network.asked
    assert (decoding.temperature, decoding.top_p, decoding.banned) == (0.7, 0.9, (UNKNOWN,))
    numbers = speaking(plain, n_marks=0)
    draw_texts(numbers, None, 0, 1, request)
    (decoding,) = numbers.network.asked
    assert decoding.banned == ()


def test_bare_numbers_are_no_text():
    """Rows without marks could hold what looks like a number of a card."""
    drawn = draw_texts(speaking(lambda number: "4111 1111 1111 1111", n_marks=0), None, 0, 3, SAFE)
    assert drawn.tally == Tally("none", 3, 0, 0, {})


def test_a_filter_of_ones_own(monkeypatch):
    module = ModuleType("an_odd_filter")
    odd = SimpleNamespace(name="odd", flagged=lambda text: ("odd",) if int(text[-1]) % 2 else ())
    module.__dict__.update(FILTER=odd)
    monkeypatch.setitem(sys.modules, "an_odd_filter", module)
    drawn = draw_texts(speaking(plain), None, 0, 20, TextRequest(filter="an_odd_filter:FILTER"))
    assert all(int(text[-1]) % 2 == 0 for text in drawn.texts)
    assert drawn.sentence.startswith("The safety filter (odd) withheld")


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


def test_a_request_is_checked_at_once():
    trained = speaking(plain)
    assert text_request(trained, 0.8, 0.9, "none") == TextRequest(0.8, 0.9, "none")
    assert text_options(trained, None, None, None) == TextRequest(1.0, 1.0, "default")
    assert text_options(trained, 0.5, None, None) == TextRequest(0.5, 1.0, "default")
    for arguments, said in (
        ((0.0, 1.0, "default"), "temperature"),
        ((1.0, 1.5, "default"), "top-p"),
        ((1.0, 1.0, "defualt"), "Did you mean 'default'"),
    ):
        with pytest.raises(ConfigError, match=said):
            text_request(trained, *arguments)


def test_other_modalities_have_no_such_options():
    trained = speaking(plain, modality="image")
    assert text_request(trained, 1.0, 1.0, "default") is None
    assert text_options(trained, None, None, None) is None
    with pytest.raises(ConfigError, match=r"--top-p is of texts, and this run .* 'image': leave it out"):
        text_options(trained, None, 0.9, None)
    with pytest.raises(ConfigError, match=r"--temperature and --filter are of texts.* leave them out"):
        text_options(trained, 0.9, None, "none")


# ---- files ----

REQUEST = SampleRequest(n=6, emotions=("joy", "fear"), intensity=0.5, truncation=1.0, seed=7)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_the_table_of_sentences(tmp_path):
    trained = speaking(one_in(4), ("joy", "sadness", "fear"))
    written = write_texts(trained, REQUEST, TextRequest(temperature=0.9, top_p=0.95), tmp_path / "new")
    assert written.path == tmp_path / "new" / "samples.tsv"
    assert list((tmp_path / "new").iterdir()) == [written.path]
    rows = rows_of(written.path)
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
    assert {row["notice"] for row in rows} == {NOTICE}
    assert list(written.texts) == ["joy", "fear"]
    assert [row["text"] for row in rows] == [*written.texts["joy"], *written.texts["fear"]]
    # the second emotion's sentences are those of its own condition
    alone = draw_texts(
        trained, torch.tensor([[0.0, 0.0, 0.5]]).repeat(6, 1), 7, 6, TextRequest(temperature=0.9, top_p=0.95)
    )
    assert written.texts["fear"] == alone.texts
    assert [int(row["index"]) for row in rows[6:]] == list(alone.indices)
    tally = written.tally
    assert tally.n_drawn - tally.n_withheld == 12
    assert written.sentence == f"Wrote 12 sentences to {written.path}. {tally.sentence}"
    assert written.facts == tally.facts


def test_the_evaluation_reads_the_table_and_its_folder(tmp_path):
    trained = speaking(plain, ("joy", "sadness", "fear"))
    written = write_texts(trained, REQUEST, SAFE, tmp_path)
    for path in (written.path, tmp_path):
        table = read_texts(path)
        assert table.texts == (*written.texts["joy"], *written.texts["fear"])
        assert table.labels == ("joy",) * 6 + ("fear",) * 6
        assert table.bad == {}


def test_the_table_of_a_run_without_labels(tmp_path):
    written = write_texts(speaking(plain), replace(REQUEST, emotions=()), SAFE, tmp_path)
    assert list(rows_of(written.path)[0]) == ["text", "seed", "index", "temperature", "top_p", "notice"]
    table = read_texts(tmp_path)
    assert (table.texts, table.labels, table.bad) == (written.texts[""], None, {})


def test_what_would_end_a_cell_does_not(tmp_path):
    odd = "a\tb\nc\r\nd\x00e\x1b[2Jf \"quoted, 'too"
    written = write_texts(speaking(lambda number: odd), replace(REQUEST, emotions=(), n=2), SAFE, tmp_path)
    assert written.texts[""] == ("a b c d e [2Jf \"quoted, 'too",) * 2
    assert read_texts(tmp_path).texts == written.texts[""]


def test_the_same_request_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_texts(speaking(one_in(3), ("joy", "fear")), REQUEST, SAFE, tmp_path / name)
    assert (tmp_path / "a" / "samples.tsv").read_bytes() == (tmp_path / "b" / "samples.tsv").read_bytes()


def test_errors_of_writing(tmp_path):
    trained = speaking(plain, ("joy", "fear"))
    with pytest.raises(ConfigError, match=r"no emotion in this run named 'jyo'. Did you mean 'joy'"):
        write_texts(trained, replace(REQUEST, emotions=("jyo",)), SAFE, tmp_path)
    with pytest.raises(ConfigError, match="Truncation needs a generator"):
        write_texts(trained, replace(REQUEST, truncation=0.5), SAFE, tmp_path)
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigError, match=r"Cannot write samples to .*taken: .*Choose another --out"):
        write_texts(trained, REQUEST, SAFE, tmp_path / "taken")
