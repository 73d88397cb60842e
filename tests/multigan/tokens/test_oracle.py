"""SeqGAN's oracle as a generator, beside the evaluation's own reading of it."""

import math

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from evaluation.extractors.oracle import LstmOracle, load_oracle
from multigan.errors import DataError
from multigan.tokens.oracle import oracle_generator, oracle_tensors
from tests.worlds.shared import SHARED

ORACLE = SHARED / "data/text/seqgan_oracle.safetensors"


def random_tokens(n, n_tokens, length, seed=0):
    return torch.randint(0, n_tokens, (n, length), generator=torch.Generator().manual_seed(seed))


def test_a_drawn_oracle_scores_as_the_evaluation_says():
    tensors = oracle_tensors(None, 3, n_tokens=50, size=8)
    made = oracle_generator(tensors, length=6)
    tokens = torch.cat((random_tokens(30, 50, 6), made(made.latent(30), None)))
    wanted = LstmOracle(tensors).log_prob(tokens.numpy())
    np.testing.assert_allclose(made.log_prob(tokens, None).double().sum(1).numpy(), wanted, rtol=1e-5)


def test_a_drawn_oracle_is_standard_normal_and_follows_its_seed():
    tensors = oracle_tensors(None, 1)
    assert {name: list(tensor.shape) for name, tensor in tensors.items() if "_" not in name} == {
        "embedding": [5000, 32]
    }
    assert list(tensors["W_out"].shape) == [32, 5000]
    assert list(tensors["U_f"].shape) == list(tensors["W_c"].shape) == [32, 32]
    numbers = torch.cat([tensor.flatten() for tensor in tensors.values()])
    assert float(numbers.mean()) == pytest.approx(0, abs=5 / math.sqrt(len(numbers)))
    assert float(numbers.var()) == pytest.approx(1, abs=5 * math.sqrt(2 / len(numbers)))
    same, other = oracle_tensors(None, 1), oracle_tensors(None, 2)
    assert all(torch.equal(tensors[name], same[name]) for name in tensors)
    assert not torch.equal(tensors["embedding"], other["embedding"])


def test_a_file_is_read_as_it_was_written(tmp_path):
    tensors = oracle_tensors(None, 0, n_tokens=20, size=4)
    path = tmp_path / "oracle.safetensors"
    save_file(tensors, path)
    read = oracle_tensors(path, seed=9)
    assert set(read) == set(tensors)
    assert all(torch.equal(read[name], tensors[name]) for name in tensors)


def test_wrong_files_are_refused_in_one_sentence(tmp_path):
    path = tmp_path / "oracle.safetensors"
    with pytest.raises(DataError, match="There is no oracle"):
        oracle_tensors(path, 0)
    path.write_bytes(b"no tensors")
    with pytest.raises(DataError, match="not a safetensors file"):
        oracle_tensors(path, 0)
    tensors = oracle_tensors(None, 0, n_tokens=20, size=4)
    save_file({**tensors, "U_c": torch.zeros(4, 5)}, path)
    with pytest.raises(DataError, match=r"not an LSTM oracle: U_c \[4, 5\]\."):
        oracle_tensors(path, 0)
    save_file({"other": torch.zeros(3)}, path)
    with pytest.raises(DataError, match="embedding missing"):
        oracle_tensors(path, 0)
    save_file({**tensors, "b_out": torch.full((20,), torch.nan)}, path)
    with pytest.raises(DataError, match="not finite, in b_out"):
        oracle_tensors(path, 0)


@pytest.mark.skipif(not ORACLE.is_file(), reason="the shared SeqGAN oracle is not on this machine")
def test_the_shipped_oracle_scores_its_own_samples_as_its_description_says():
    """10,000 of its samples: 5.749 nats a token with a standard error of 0.005; uniform tokens: 11.43."""
    made, apart = oracle_generator(oracle_tensors(ORACLE, 0)), load_oracle(ORACLE)
    tokens = made(made.latent(2_000, torch.Generator().manual_seed(0)), None)
    nll = -float(made.log_prob(tokens, None).mean())
    assert nll == pytest.approx(5.749, abs=4 * 0.005 * math.sqrt(1 + 10_000 / 2_000))
    some = torch.cat((tokens[:100], random_tokens(100, 5_000, 20)))
    scores = made.log_prob(some, None).double().sum(1).numpy()
    np.testing.assert_allclose(scores, apart.log_prob(some.numpy()), rtol=1e-5)
    assert -scores[100:].mean() / 20 == pytest.approx(11.43, abs=0.2)
