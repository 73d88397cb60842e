"""Real samples as the networks see them: fitted to some of the data, encoded on the way."""

import numpy as np
import pytest
import torch

from multigan.protocols import Batch
from multigan.training import encoding


class Numbers:
    """Sample i is i, four times; each has label i % 2."""

    labels = ("even", "odd")
    sample_shape = (4,)

    def __len__(self):
        return 100

    def batch(self, indices):
        rows = torch.as_tensor(np.asarray(indices))
        return Batch(rows[:, None].float().expand(-1, 4), torch.eye(2)[rows % 2])


class Centred:
    """Takes the mean of what it was fitted to away, and keeps the first two values."""

    shape = (2,)

    def fit(self, samples):
        self.seen, self.mean = len(samples), samples.mean()

    def encode(self, samples):
        return samples[:, :2] - self.mean

    def decode(self, encoded):
        return (encoded + self.mean).repeat(1, 2)


@pytest.mark.parametrize(
    ("most", "values", "seen"), [(2048, 2**25, 100), (50, 2**25, 50), (2048, 160, 40), (2048, 4, 32)]
)
def test_a_representation_is_fitted_to_as_many_samples_as_the_memory_allows(monkeypatch, most, values, seen):
    monkeypatch.setattr(encoding, "FITTED_ON", most)
    monkeypatch.setattr(encoding, "FITTED_VALUES", values)
    representation = Centred()
    encoding.fitted(representation, Numbers(), 0, torch.device("cpu"))
    assert representation.seen == seen


def test_batches_are_encoded_and_keep_their_condition():
    representation = Centred()
    data = encoding.fitted(representation, Numbers(), 0, torch.device("cpu"))
    assert (len(data), data.labels, data.sample_shape) == (100, ("even", "odd"), (2,))
    batch = data.batch([3, 8])
    torch.testing.assert_close(batch.real, torch.tensor([[3.0, 3.0], [8.0, 8.0]]) - 49.5)
    assert batch.condition is not None
    assert batch.condition.tolist() == [[0.0, 1.0], [1.0, 0.0]]
