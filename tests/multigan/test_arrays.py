"""Samples in memory as a data set: what it hands out, and classes that do not fit."""

import numpy as np
import pytest

from multigan.arrays import ArrayDataset
from multigan.protocols import condition_shape_of

POINTS = np.arange(8, dtype=np.float32).reshape(4, 2)


def test_batches_hold_samples_and_the_one_hot_of_their_labels():
    data = ArrayDataset(POINTS, ("low", "high"), np.array([0, 0, 1, 1]))
    batch = data.batch([3, 0])
    assert batch.real.tolist() == [[6, 7], [0, 1]]
    assert batch.condition.tolist() == [[0, 1], [1, 0]]
    assert (len(data), data.n_originals, data.sample_shape, condition_shape_of(data)) == (4, 4, (2,), (2,))
    assert data.names == ("sample-0", "sample-1", "sample-2", "sample-3")
    assert data.original(1).tolist() == [2, 3]


def test_without_labels_there_is_no_condition():
    data = ArrayDataset(POINTS, names=("a", "b", "c", "d"))
    assert data.batch(np.array([1])).condition is None
    assert (data.labels, data.classes, data.conditions, condition_shape_of(data)) == ((), None, None, ())
    assert data.names == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        (("a",), None, "labels and classes are given together"),
        ((), np.zeros(4, int), "labels and classes are given together"),
        (("a", "b"), np.zeros(3, int), "classes are 4 numbers, one a sample, from 0 to 1"),
        (("a", "b"), np.array([0, 1, 2, 0]), "classes are 4 numbers, one a sample, from 0 to 1"),
    ],
)
def test_classes_that_do_not_fit_are_refused(labels, classes, message):
    with pytest.raises(ValueError, match=message):
        ArrayDataset(POINTS, labels, classes)
