"""Batches of a training loop: the same figures as all samples at once, fakes forgotten between epochs."""

import numpy as np
import pytest
import torch

from evaluation import Accumulator, evaluate
from evaluation.kinds import kind_of
from evaluation.report.answers import answers
from multigan.errors import DataError

OPTIONS = {"metrics": ["KD", "recall"], "cache": False}
random = np.random.default_rng(0)
REAL = torch.from_numpy(random.integers(0, 200, (60, 3, 16, 16), dtype=np.uint8))
FAKE = torch.from_numpy(random.integers(0, 256, (48, 3, 16, 16), dtype=np.uint8))


def figures(report):
    return {figure.name: figure.value for figure in report.figures if figure.subject == "generated"}


def filled(**more):
    accumulator = Accumulator("image", **OPTIONS, **more)
    for start in range(0, 60, 16):
        accumulator.update(REAL[start : start + 16], real=True)
        accumulator.update(FAKE[start : start + 16], real=False)  # the last batch is empty
    return accumulator


def test_batches_are_measured_as_all_at_once():
    together = figures(evaluate(REAL, FAKE, modality="image", **OPTIONS))
    accumulator = filled()
    assert accumulator.compute() == pytest.approx(together)
    assert set(together) == {"KD[random-conv-v1]", "recall[random-conv-v1]"}
    assert figures(accumulator.report()) == accumulator.compute()
    assert answers(accumulator.report())


def test_reset_forgets_fakes_and_keeps_the_real_samples():
    accumulator = filled()
    first = accumulator.compute()
    accumulator.reset()
    with pytest.raises(DataError, match="There are 0 generated images"):
        accumulator.compute()
    for start in range(0, 48, 12):
        accumulator.update(FAKE[start : start + 12], real=False)
    assert accumulator.compute() == pytest.approx(first)
    accumulator.reset(real=True)
    with pytest.raises(DataError, match="There are 0 real images"):
        accumulator.report()


def test_the_first_n_are_kept():
    fewer = filled(n=20).report()
    assert {figure.n for figure in fewer.figures if figure.subject == "generated"} == {20}
    at_once = evaluate(REAL[:20], FAKE[:20], modality="image", n=20, **OPTIONS)
    assert figures(fewer) == pytest.approx(figures(at_once))


def test_an_array_may_be_filled_anew():
    buffer = REAL[:24].permute(0, 2, 3, 1).numpy().copy()
    accumulator = Accumulator(n=100, **OPTIONS)
    accumulator.update(buffer, real=True)
    buffer[:] = 0
    accumulator.update(FAKE[:24], real=False)
    expected = evaluate(REAL[:24], FAKE[:24], modality="image", **OPTIONS)
    assert accumulator.compute() == pytest.approx(figures(expected))


def test_labels_and_texts():
    happy = [f"what a lovely {thing}" for thing in ("day", "idea", "song", "gift", "walk", "place")]
    angry = [f"this {thing} is a disgrace" for thing in ("day", "idea", "song", "gift", "walk", "place")]
    accumulator = Accumulator("text", metrics=["distinct-2"])
    for texts, label in ((happy, "joy"), (angry, "anger")):
        accumulator.update(texts, real=True, labels=[label] * 6)
        accumulator.update(texts, real=False, labels=[label] * 6)
    report = accumulator.report()
    assert report.labels == ("joy", "anger")
    at_once = evaluate([*happy, *angry], [*happy, *angry], metrics=["distinct-2"])
    assert accumulator.compute() == pytest.approx(figures(at_once))
    with pytest.raises(DataError, match="Some batches of fakes have labels and others none"):
        accumulator.update(happy, real=False)


def test_what_does_not_fit_is_refused_at_once():
    accumulator = Accumulator("image")
    with pytest.raises(DataError, match="There are no samples yet"):
        Accumulator().compute()
    with pytest.raises(DataError, match="images are uint8 arrays"):
        accumulator.update(np.zeros((4, 16)), real=True)
    assert accumulator.modality == "image"
    accumulator.update(REAL, real=True)
    assert accumulator.modality is kind_of("image")
