"""The page of sentences: how high it is, what is where on it, and what it does with odd characters."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from multigan.sequences.page import (
    GROUP_GAP,
    LINE_HEIGHT,
    MARGIN,
    MOST_LINES,
    MOST_SENTENCES,
    WIDTH,
    write_page,
)

RULE = 208


@pytest.fixture
def drawn(tmp_path):
    def draw(texts, columns=4):
        path = tmp_path / "new" / "page.png"
        write_page(texts, columns, path)
        return np.asarray(Image.open(path)).astype(int)

    return draw


def n_lines(page, n_groups=1):
    return (len(page) - 2 * MARGIN - (n_groups - 1) * GROUP_GAP) / LINE_HEIGHT


def rules(page):
    """Rows of pixels that are one thin line from margin to margin."""
    return [y for y, row in enumerate(page) if (row[MARGIN : WIDTH - MARGIN] == RULE).all()]


def line(page, number):
    top = MARGIN + number * LINE_HEIGHT
    return page[top : top + LINE_HEIGHT]


def test_a_sentence_a_line_and_a_rule_between_groups(drawn):
    page = drawn(["one fine day"] * 10, 4)
    assert page.shape == (2 * MARGIN + 10 * LINE_HEIGHT + 2 * GROUP_GAP, WIDTH)
    first = MARGIN + 4 * LINE_HEIGHT + GROUP_GAP // 2
    assert rules(page) == [first, first + 4 * LINE_HEIGHT + GROUP_GAP]
    assert (line(page, 0) == line(page, 1)).all()
    assert line(page, 0).min() < 60
    assert (page[:, :MARGIN] == 255).all()
    assert (page[:, WIDTH - MARGIN + 1 :] == 255).all()


def test_all_sentences_fit_one_group(drawn):
    assert rules(drawn(["a", "b", "c"], 3)) == []
    assert rules(drawn(["a", "b", "c"], 100)) == []


def test_a_long_sentence_is_wrapped_between_words_and_then_cut(drawn):
    word = drawn(["wonderful"])
    two = drawn(["wonderful " * 13])
    assert n_lines(two) == 2
    width = np.flatnonzero((line(word, 0) < 255).any(0))[[0, -1]]
    second = np.flatnonzero((line(two, 1) < 255).any(0))
    assert second[0] > width[0] + 10  # indented, so that one sees where a sentence begins
    assert n_lines(drawn(["wonderful " * 1_000])) == MOST_LINES
    assert (drawn(["wonderful " * 1_000]) < 255).any(0).nonzero()[0].max() <= WIDTH - MARGIN


def test_a_word_wider_than_the_page_is_broken(drawn):
    page = drawn(["x" * 150])
    assert n_lines(page) == 2
    assert (page < 255).any(0).nonzero()[0].max() <= WIDTH - MARGIN
    assert n_lines(drawn(["x" * 100_000])) == MOST_LINES
    assert n_lines(drawn(["a " + "x" * 150])) == 3


def test_an_empty_sentence_keeps_its_line(drawn):
    page = drawn(["", "  ", "a"])
    assert n_lines(page) == 3
    assert (line(page, 0) == line(page, 1)).all()
    assert 60 < line(page, 0).min() < 255  # faint
    assert drawn([]).shape == (2 * MARGIN, WIDTH)


def test_very_many_sentences_are_cut_and_counted(drawn):
    page = drawn(["a"] * (MOST_SENTENCES + 1_234), 1_000)
    assert n_lines(page) == MOST_SENTENCES + 1
    assert not (line(page, MOST_SENTENCES) == line(page, 0)).all()
    assert n_lines(drawn(["a"] * MOST_SENTENCES, 1_000)) == MOST_SENTENCES


def test_letters_beyond_ascii_are_drawn_as_themselves(drawn):
    page = drawn(["é", "ß", "ж", "λ", "“", "\ue000", "\ue001"], 7)
    shapes = {line(page, number).tobytes() for number in range(7)}
    assert len(shapes) == 6  # the last two are both replaced


@pytest.mark.parametrize("odd", ["\x00", "\x1b", "\x7f", "\u200b", "\u202e", "\ud800", "\x9b"])
def test_what_does_not_show_is_shown_and_does_nothing(drawn, odd):
    page = drawn([f"a{odd}b", "a\N{REPLACEMENT CHARACTER}b", "ab"])
    assert n_lines(page) == 3
    assert (line(page, 0) == line(page, 1)).all()
    assert not (line(page, 0) == line(page, 2)).all()


def test_line_breaks_and_tabs_are_spaces(drawn):
    page = drawn(["a b", "a\nb", "a\tb", "a\r\nb", "a\u2028b"], 5)
    assert n_lines(page) == 5
    assert len({line(page, number).tobytes() for number in range(5)}) == 1


def test_the_same_sentences_give_the_same_bytes(tmp_path):
    texts = ["one", "two", "größer", "three " * 40]
    for name in ("a.png", "b.png"):
        write_page(texts, 2, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
