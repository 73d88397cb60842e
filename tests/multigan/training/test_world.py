"""Several processes: n of them are one with n parts, whatever is trained, and a run goes on with another number of them."""

import pytest
import torch
from torch import Tensor

from multigan import checkpoint
from multigan.errors import ConfigError
from multigan.training.updates import Part, Place, gradients
from multigan.training.world import World, join
from tests.worlds import ranks

RESUMED = "image-r1-path-ada"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder in which two processes have trained every run, and three went on with one of them."""
    folder = tmp_path_factory.mktemp("ranks")
    ranks.start(2, folder, *ranks.RUNS)
    ranks.start(3, folder, f"resume:{RESUMED}")
    return folder


def assert_alike(state, other):
    """All tensors of two states are equal but for the order of sums in float64."""
    n = 0
    for name, part in state["parts"].items():
        for key, value in flat(part).items():
            expected = flat(other["parts"][name])[key]
            if isinstance(value, Tensor) and value.is_floating_point():
                torch.testing.assert_close(
                    value.double(), expected.double(), rtol=1e-6, atol=1e-8, msg=f"{name} {key}"
                )
                n += 1
    assert n > 10
    assert (state["samples_seen"], state["step"]) == (other["samples_seen"], other["step"])


def equal(value, other):
    return torch.equal(torch.as_tensor(value).double(), torch.as_tensor(other).double())


def flat(value, path=""):
    if isinstance(value, dict):
        return {k: v for key, item in value.items() for k, v in flat(item, f"{path}/{key}").items()}
    return {path: value}


@pytest.mark.parametrize("name", list(ranks.RUNS))
def test_two_processes_are_one_with_two_parts(trained, tmp_path, name):
    """20 updates of R1, R2, WGAN-GP, path length, ADA, spectral norms, APA, LeCam, policy gradient and likelihood."""
    alone = ranks.build(name, tmp_path, accumulate=2)
    start = {key: value.clone() for key, value in alone.networks["generator"].state_dict().items()}
    alone.run()
    together = checkpoint.load(trained / f"2-{name}")
    assert_alike(together, alone.state_dict())
    moved = [
        not torch.equal(value, start[key]) for key, value in alone.networks["generator"].named_parameters()
    ]
    assert any(moved)


def test_what_the_regularisers_learn_is_of_both_processes(trained, tmp_path):
    """The means of LeCam, the probability of APA and the norms' vectors have moved, and are of the whole batch."""
    name = "image-spectral-apa-lecam"
    start, end = (
        ranks.build(name, tmp_path, accumulate=2).state_dict(),
        checkpoint.load(trained / f"2-{name}"),
    )
    moved = [
        key
        for part, values in start["parts"].items()
        for key, value in flat(values, part).items()
        if isinstance(value, Tensor | float) and not equal(value, flat(end["parts"][part], part)[key])
    ]
    for what in ("real_mean", "fake_mean", "hooks.apa/p", "left", "right"):
        assert any(what in key for key in moved), what


@pytest.mark.parametrize("size", [1, 3])
def test_a_run_of_two_processes_goes_on_with_another_number(trained, tmp_path, size):
    """Its batches stay cut into two parts, so that one process computes both, and the third of three repeats one."""
    if size == 1:
        alone = ranks.build(RESUMED, tmp_path)
        alone.load_state_dict(checkpoint.load(trained / f"half-{RESUMED}"))
        assert alone.n_parts == 2
        alone.run()
        state = alone.state_dict()
    else:
        state = checkpoint.load(trained / f"3-resume-{RESUMED}")
    assert_alike(state, checkpoint.load(trained / f"2-{RESUMED}"))


def test_parts_are_shared_out_evenly():
    def shares(size, n_parts):
        return [list(World(rank, size).parts_of(n_parts)) for rank in range(size)]

    assert shares(1, 3) == [[0, 1, 2]]
    assert shares(2, 4) == [[0, 1], [2, 3]]
    assert shares(3, 2) == [[], [0], [1]]
    assert shares(2, 3) == [[0], [1, 2]]


def test_an_odd_environment_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "two")
    with pytest.raises(
        ConfigError, match="RANK and WORLD_SIZE are whole numbers that torchrun sets; found None and 'two'"
    ):
        join()
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert join() == World(0, 1)


class Listening(World):
    """A process whose message goes nowhere, and which is told by ``others`` what the rest sent."""

    others: Tensor | None = None

    def sum_(self, values):
        object.__setattr__(self, "sent", values.clone())
        if self.others is not None:
            values += self.others


def test_what_is_not_finite_on_one_process_is_known_to_all(tmp_path):
    """And so is the wish to stop: both ride with the gradient."""
    trainer = ranks.build("image-r1-r2", tmp_path, accumulate=2)
    update = trainer.stages[0].updates[0]
    parts = trainer.batches(trainer.stages[0])[0]
    place = Place(0, 0, 0, 0)
    first, second = (Listening(rank, 2) for rank in range(2))
    spoilt = Part(1, type(parts[1].batch)(parts[1].batch.real, parts[1].batch.condition * float("nan")))
    arguments = {"n_parts": 2, "place": place}
    gradients(trainer.game, update, [spoilt], world=second, stopping=True, **arguments)
    object.__setattr__(first, "others", second.sent)
    trainer.optimisers["generator"].clear()
    outcome, stopping = gradients(trainer.game, update, parts[:1], world=first, **arguments)
    assert outcome.loss.isfinite().tolist() == [True] * 3 + [False] * 3
    assert float(stopping) == 1.0
    assert not all(
        p.grad.isfinite().all() for p in trainer.networks["generator"].parameters() if p.grad is not None
    )
