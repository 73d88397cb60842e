"""Rows of token numbers that an oracle draws, and how generated ones are handed over."""

import csv

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from multigan.errors import ConfigError, DataError
from multigan.runs import RunFacts
from multigan.sampling import TrainedGenerator
from multigan.tokens.data import open_tokens
from multigan.tokens.modality import TOKENS, as_texts
from multigan.tokens.oracle import oracle_tensors
from multigan.tokens.settings import TokenData, TokenSampling

pytestmark = pytest.mark.usefixtures("cache_folder")


def opened(**settings):
    return open_tokens(TokenData(**settings), None, lambda *facts: None)


def test_numbers_of_the_oracle():
    told = []
    settings = TokenData(drawn=60, drawn_held_out=20)
    splits = open_tokens(settings, None, lambda *facts: told.append(facts))
    assert told[-1] == ("drawing sequences", 80, 80)
    assert (len(splits.train), len(splits.held_out)) == (60, 20)
    for side in (splits.train, splits.held_out):
        assert side.sample_shape == (20, 5_000)
        assert (side.labels, side.conditions, side.classes) == ((), None, None)
        real = side.batch(range(len(side))).real
        assert real.dtype == torch.int64
        assert side.original(3) == " ".join(map(str, real[3].tolist()))
        assert as_texts(real, splits.data) == [side.original(row) for row in range(len(side))]
        assert side.lengths.tolist() == [20] * len(side)
        assert side.oracle.name == "drawn by seed"
    assert splits.data == settings
    assert len({*splits.train.names, *splits.held_out.names}) == 80
    rows = {tuple(row) for side in (splits.train, splits.held_out) for row in side.tokens.tolist()}
    assert len(rows) == 80
    told.clear()
    again = open_tokens(splits.data, None, lambda *facts: told.append(facts))
    assert told == []
    assert np.array_equal(again.train.tokens, splits.train.tokens)
    assert again.train.digest == splits.train.digest
    other = opened(drawn=60, drawn_held_out=20, seed=1)
    assert other.train.digest != splits.train.digest
    assert not np.array_equal(other.train.tokens, splits.train.tokens)


def test_rows_may_have_another_length_and_vocabulary():
    splits = opened(drawn=40, drawn_held_out=10, length=7, vocabulary_size=30)
    assert splits.train.sample_shape == (7, 30)
    assert splits.train.tokens.shape == (40, 7)
    assert splits.train.tokens.max() < 30
    assert TOKENS.sample_shape(TokenData(length=7, vocabulary_size=30)) == (7, 30)


def test_an_oracle_of_a_file(tmp_path):
    path = tmp_path / "oracle.safetensors"
    save_file(oracle_tensors(None, 5, n_tokens=30, size=4), path)
    splits = opened(oracle=str(path), drawn=40, drawn_held_out=10)
    assert splits.train.sample_shape == (20, 30)
    assert splits.data.vocabulary_size == 30
    assert splits.train.oracle.name == "oracle.safetensors"
    assert splits.train.tokens.min() == 0  # an ordinary token
    assert splits.train.tokens.max() < 30
    with pytest.raises(DataError, match="There is no oracle"):
        opened(oracle=str(tmp_path / "none"), drawn=4, drawn_held_out=1)


def test_data_of_ones_own_are_refused(tmp_path):
    with pytest.raises(DataError, match="leave out --data"):
        open_tokens(TokenData(), tmp_path, lambda *facts: None)


class Counter(nn.Module):
    """Says the place of each token in its row; keeps the decodings that it was given."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.decodings = []

    def latent(self, n, random_state=None):
        return torch.randn(n, 3, generator=random_state)

    def forward(self, latent, condition, decoding=None):
        self.decodings.append(decoding)
        return torch.arange(3).repeat(len(latent), 1)


def trained(tmp_path):
    return TrainedGenerator(Counter(), TOKENS, RunFacts("tokens", {}, (), (3, 9)), tmp_path / "checkpoint")


def test_the_table_of_rows(tmp_path):
    run = trained(tmp_path)
    options = TokenSampling(per_label=2, temperature=0.5, top_p=0.75)
    written = run.sampling.write(run, options, (), 7, tmp_path / "new")
    (path,) = written.paths
    rows = list(csv.DictReader(path.read_text().splitlines(), delimiter="\t"))
    facts = {"seed": "7", "temperature": "0.5", "top_p": "0.75"}
    assert rows == [{"text": "0 1 2", "index": str(index), **facts} for index in range(2)]
    assert written.sentence == f"Wrote 2 sequences to {path}."
    assert written.lines == ("  0 1 2", "  0 1 2", "")
    (decoding,) = run.network.decodings
    assert (decoding.temperature, decoding.top_p, decoding.banned) == (0.5, 0.75, ())
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigError, match="Cannot write samples to"):
        run.sampling.write(run, options, (), 7, tmp_path / "taken")


def test_bare_numbers_pass_no_filter_and_carry_no_notice(tmp_path):
    """They could hold what looks like a number of a card, and nobody reads them as text."""
    run = trained(tmp_path)
    samples = run.sampling.draw(run, None, 0, 4, TokenSampling())
    assert samples.warnings == ()
    assert samples.rows == samples.indices == (0, 1, 2, 3)
