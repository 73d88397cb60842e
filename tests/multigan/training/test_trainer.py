"""The trainer: which updates run on what, lazy weights, accumulation, errors, and parts that do not fit."""

import os
import shutil
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from multigan import checkpoint
from multigan.config import load
from multigan.errors import CheckpointError, TrainingError
from multigan.game import Game
from multigan.losses import LOSSES
from multigan.objectives import Outcome
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.combine import penalise
from multigan.penalties import PENALTIES
from multigan.training.assemble import assemble, stages_of
from multigan.training.optimisers import OPTIMISERS, AdamSettings, Optimiser, SgdSettings, lazy_correction
from multigan.training.sampler import EpochSampler
from multigan.training.schedules import SCHEDULES, named
from multigan.training.settings import RunSettings, TrainingSettings
from multigan.training.trainer import Stage, Trainer, Update
from tests.worlds import ring

CPU = torch.device("cpu")


def settings(**training):
    raw = {"modality": "ring", "device": "cpu", "architecture": {"name": "perceptron"}, "training": training}
    return load(RunSettings, raw, "test")


def assembled(folder, data=None, **training):
    return assemble(ring.RING, settings(**training), data or ring.Ring(64), folder)


def sgd(network, lr=0.1):
    return Optimiser([network], OPTIMISERS["sgd"], SgdSettings(lr=lr), 100)


def take(trainer, update, parts=None):
    """One update on the next batch, or on one that was drawn before."""
    parts = trainer.batches(Stage("any", 8, (update,)))[0] if parts is None else parts
    trainer.clear((update,))
    trainer.gradients(update, parts, 0)
    trainer.step((update,))


def scheduled(updates, folder, *, samples=8, accumulate=1, hooks=(), data=None, seed=0):
    """A trainer with plain networks and SGD for a schedule of one's own; batches of 2."""
    torch.manual_seed(seed)
    generator, critic = ring.build(ring.PerceptronSettings(width=8), (2,), ()).values()
    networks = {"generator": generator, "discriminator": critic}
    return Trainer(
        game=Game(networks, nn.Identity(), nullcontext),
        optimisers={name: sgd(net) for name, net in networks.items()},
        stages=(Stage("only", samples, tuple(updates)),),
        data=data or ring.Ring(16),
        batch_size=2,
        accumulate=accumulate,
        seed=0,
        device=CPU,
        run_folder=folder,
        hooks=hooks,
    )


class Recorder:
    """An objective that moves nothing and notes which points it saw."""

    def __init__(self, network, seen):
        self.network, self.seen = network, seen

    def __call__(self, players, batch):
        self.seen.append(batch.real)
        loss = sum(p.sum() for p in getattr(players, self.network).parameters()) * batch.real[:, 0] * 0
        return Outcome(loss, {})


# ---- the schedule ----


def test_the_executed_updates_of_a_schedule(tmp_path):
    """Every 2nd step, repetitions, in the order given; what is due is counted in steps from 0."""
    done = []
    note = SimpleNamespace(
        name="note", after_update=lambda trainer, update, outcome: done.append((trainer.n_steps, update.name))
    )
    updates = [
        Update("generator", ("generator",), Recorder("generator", [])),
        Update("path", ("generator",), Recorder("generator", []), every=3),
        Update("discriminator", ("discriminator",), Recorder("discriminator", []), repeat=2),
        Update("r1", ("discriminator",), Recorder("discriminator", []), every=2, repeat=2),
    ]
    trainer = scheduled(updates, tmp_path, samples=16, hooks=[note])
    trainer.run()
    critic = ["discriminator", "discriminator"]
    assert done == [
        *[(0, name) for name in ("generator", "path", *critic, "r1", "r1")],
        *[(1, name) for name in ("generator", *critic)],
        *[(2, name) for name in ("generator", *critic, "r1", "r1")],
        *[(3, name) for name in ("generator", "path", *critic)],
    ]
    # two batches of 2 a step, as the discriminator is repeated: 4 steps see 16 samples
    assert (trainer.n_steps, trainer.samples_seen) == (4, 16)


def test_repetition_k_of_every_update_uses_batch_k(tmp_path):
    seen = {"generator": [], "discriminator": [], "r1": []}
    updates = [
        Update("generator", ("generator",), Recorder("generator", seen["generator"])),
        Update(
            "discriminator", ("discriminator",), Recorder("discriminator", seen["discriminator"]), repeat=2
        ),
        Update("r1", ("discriminator",), Recorder("discriminator", seen["r1"]), repeat=2),
    ]
    data = ring.Ring(16)
    scheduled(updates, tmp_path, samples=16, data=data).run()
    order = EpochSampler(16, 0).take(16)
    batches = [data.points[order[i : i + 2]] for i in range(0, 16, 2)]
    for step in range(4):
        first, second = batches[2 * step], batches[2 * step + 1]
        assert torch.equal(seen["generator"][step], first)
        for name in ("discriminator", "r1"):
            assert torch.equal(seen[name][2 * step], first)
            assert torch.equal(seen[name][2 * step + 1], second)


def test_stages_follow_each_other(tmp_path):
    done = []
    note = SimpleNamespace(
        name="note", after_update=lambda trainer, update, outcome: done.append(update.name)
    )
    trainer = scheduled(
        [Update("a", ("generator",), Recorder("generator", []))], tmp_path, samples=4, hooks=[note]
    )
    trainer.stages += (Stage("next", 6, (Update("b", ("discriminator",), Recorder("discriminator", [])),)),)
    trainer.run()
    assert done == ["a", "a", "b", "b", "b"]


def test_hooks_are_called_in_order_around_the_steps(tmp_path):
    calls = []

    def hook(name):
        events = ("on_start", "after_step", "on_end")
        said = {
            event: (lambda t, event=event: calls.append((name, event, t.samples_seen))) for event in events
        }
        return SimpleNamespace(name=name, **said)

    updates = [Update("g", ("generator",), Recorder("generator", []))]
    scheduled(updates, tmp_path, samples=4, hooks=[hook("a"), hook("b")]).run()
    expected = [("on_start", 0), ("after_step", 2), ("after_step", 4), ("on_end", 4)]
    assert calls == [(name, *event) for event in expected for name in "ab"]


def test_half_lives_count_the_samples_seen_however_often_the_discriminator_steps(tmp_path):
    """5 updates a step see 5 batches of 4: with a half-life of 10 samples 1/4 of the average stays."""
    trainer = assembled(
        tmp_path, samples=40, batch=4, schedule={"name": "adversarial", "discriminator_repeat": 5},
        ema={"half_life_samples": 10, "ramp_up": None},
    )  # fmt: skip
    ema = next(hook for hook in trainer.hooks if hook.name == "ema_generator")
    start, after = _values(trainer), []
    trainer.hooks.insert(0, SimpleNamespace(name="note", after_step=lambda t: after.append(_values(t))))
    trainer.run()
    first, second = after
    expected = [0.25 * (0.25 * a + 0.75 * b) + 0.75 * c for a, b, c in zip(start, first, second, strict=True)]
    torch.testing.assert_close([p.detach() for p in ema.network.parameters()], expected)


def _values(trainer):
    return [p.detach().clone() for p in trainer.networks["generator"].parameters()]


def updates_of(raw):
    training = load(TrainingSettings, raw, "test")
    schedule, own = named(SCHEDULES, training.schedule, "test")
    (stage,) = stages_of(ring.RING, training, schedule, own)
    return stage.updates


def test_the_updates_of_the_settings_are_those_of_stylegan2():
    raw = {
        "schedule": {"name": "adversarial", "discriminator_repeat": 3},
        "penalties": [
            {"name": "r1", "weight": 1.0, "every": 16},
            {"name": "path_length", "weight": 2.0, "every": 4},
            {"name": "finite_difference_r1", "weight": 1.0, "every": 2},
        ],
    }
    assert [(u.name, u.trains, u.every, u.repeat, u.eager) for u in updates_of(raw)] == [
        ("generator", ("generator",), 1, 1, False),
        ("path_length", ("generator",), 4, 1, True),
        ("discriminator", ("discriminator",), 1, 3, False),
        ("r1", ("discriminator",), 16, 3, True),
        ("finite_difference_r1", ("discriminator",), 2, 3, False),
    ]


def test_a_penalty_of_every_step_joins_the_loss_of_its_network(tmp_path):
    """WGAN-GP (arXiv:1704.00028, algorithm 1): one step of Adam a critic update, at its own rates."""
    raw = {
        "schedule": {"name": "adversarial", "discriminator_repeat": 5},
        "loss": "wasserstein",
        "penalties": [{"name": "wgan_gp", "weight": 10.0}],
    }
    updates = updates_of(raw)
    assert [(u.name, u.repeat, u.eager) for u in updates] == [
        ("generator", 1, False),
        ("discriminator", 5, True),
    ]
    trainer = assembled(tmp_path)
    players, batch = trainer.game.players(), trainer.batches(trainer.stages[0])[0][0].batch
    torch.manual_seed(3)
    whole = updates[1].objective(players, batch)
    torch.manual_seed(3)
    plain = discriminator(LOSSES["wasserstein"])(players, batch)
    torch.testing.assert_close(whole.loss, plain.loss + 10 * whole.signals["wgan_gp"])
    assert set(whole.signals) == {"real_logits", "fake_logits", "wgan_gp"}


# ---- gradients ----


def gradients(network):
    return [None if p.grad is None else p.grad.clone() for p in network.parameters()]


@pytest.mark.parametrize("every", [1, 4])
def test_a_lazy_update_weighs_as_many_times_more(tmp_path, every):
    penalty = penalise(PENALTIES["r1"](), 0.7)
    trainer = scheduled([], tmp_path)
    trainer.stages = (Stage("only", 2, (Update("r1", ("discriminator",), penalty, every=every),)),)
    (parts,) = trainer.batches(trainer.stages[0])
    critic = trainer.networks["discriminator"]
    points = parts[0].batch.real.clone().requires_grad_()
    (slope,) = torch.autograd.grad(critic(points, None).sum(), points, create_graph=True)
    expected = torch.autograd.grad(
        every * 0.7 * 0.5 * slope.square().sum(1).mean(), list(critic.parameters()), allow_unused=True
    )
    before = [p.detach().clone() for p in critic.parameters()]
    take(trainer, trainer.stages[0].updates[0], parts)
    for parameter, old, gradient in zip(critic.parameters(), before, expected, strict=True):
        step = torch.zeros_like(old) if gradient is None else gradient
        torch.testing.assert_close(parameter.detach(), old - 0.1 * step)


def adam(lr, betas):
    """The settings of torch's Adam beside a lazy update at every 16th step."""
    rule = Optimiser([nn.Linear(1, 1)], OPTIMISERS["adam"], AdamSettings(lr=lr, betas=betas), 100, [16])
    return rule.inner.param_groups[0]


def test_adam_is_corrected_for_lazy_updates(tmp_path):
    """arXiv:1912.04958 appendix B: c = k/(k+1); lr * c, betas ** c."""
    assert lazy_correction([16]) == 16 / 17
    assert lazy_correction([]) == 1.0
    assert lazy_correction([1]) == 0.5  # two optimiser steps where there was one
    assert lazy_correction([4, 16]) == pytest.approx(16 / 21)
    group = adam(0.002, (0.5, 0.99))
    assert group["lr"] == pytest.approx(0.002 * 16 / 17)
    assert group["betas"] == pytest.approx((0.5 ** (16 / 17), 0.99 ** (16 / 17)))
    assert adam(0.002, (0.0, 0.99))["betas"][0] == 0.0
    trainer = assembled(
        tmp_path,
        optimisers={"generator": {"lr": 0.1}, "discriminator": {"lr": 0.2}},
        penalties=[{"name": "r1", "weight": 1.0, "every": 3}],
    )
    assert trainer.optimisers["generator"].inner.param_groups[0]["lr"] == pytest.approx(0.1)
    assert trainer.optimisers["discriminator"].inner.param_groups[0]["lr"] == pytest.approx(0.2 * 3 / 4)


@pytest.mark.parametrize("moved", ["generator", "discriminator"])
def test_the_frozen_network_gets_no_gradient(tmp_path, moved):
    loss = LOSSES["non_saturating"]
    objective = pathwise(loss) if moved == "generator" else discriminator(loss)
    trainer = scheduled([Update("it", (moved,), objective)], tmp_path)
    other = "discriminator" if moved == "generator" else "generator"
    before = {name: [p.detach().clone() for p in net.parameters()] for name, net in trainer.networks.items()}
    take(trainer, trainer.stages[0].updates[0])
    assert all(g is None for g in gradients(trainer.networks[other]))
    assert all(g is not None and g.any() for g in gradients(trainer.networks[moved]))
    assert all(
        torch.equal(a, b) for a, b in zip(before[other], trainer.networks[other].parameters(), strict=True)
    )
    assert not any(
        torch.equal(a, b) for a, b in zip(before[moved], trainer.networks[moved].parameters(), strict=True)
    )


def test_gradients_do_not_pile_up_from_one_update_to_the_next(tmp_path):
    """Between two discriminator updates stands a generator update; its passage leaves nothing behind."""
    penalty = Update("r1", ("discriminator",), penalise(PENALTIES["r1"](), 1.0))
    trainer = scheduled([penalty], tmp_path)
    (parts,) = trainer.batches(trainer.stages[0])
    trainer.optimisers = {name: sgd(network, lr=1e-30) for name, network in trainer.networks.items()}
    take(trainer, penalty, parts)
    alone = gradients(trainer.networks["discriminator"])
    take(trainer, Update("g", ("generator",), pathwise(LOSSES["non_saturating"])), parts)
    take(trainer, penalty, parts)
    again = gradients(trainer.networks["discriminator"])
    assert all((a is b is None) or torch.equal(a, b) for a, b in zip(alone, again, strict=True))


class Steady(nn.Module):
    """A generator whose k-th latent is a function of k alone, whatever the batch is cut into."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.drawn = 0

    def latent(self, n, random_state=None):
        rows = torch.arange(self.drawn, self.drawn + n)
        self.drawn += n
        return torch.stack((rows.sin(), rows.cos()), 1)

    def forward(self, latent, condition):
        return self.layer(latent)


@pytest.mark.parametrize("accumulate", [2, 4])
@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_accumulated_gradients_are_those_of_the_whole_batch(tmp_path, network, accumulate):
    loss = LOSSES["relativistic"]
    objective = {"generator": pathwise(loss), "discriminator": discriminator(loss)}[network]
    seen = []
    note = SimpleNamespace(name="note", after_update=lambda trainer, update, outcome: seen.append(outcome))

    def found(parts):
        trainer = scheduled([], tmp_path, accumulate=parts, hooks=[note])
        steady = Steady()
        steady.load_state_dict({"layer.weight": torch.eye(2), "layer.bias": torch.ones(2)})
        trainer.game = replace(trainer.game, networks={**trainer.networks, "generator": steady})
        trainer.optimisers["generator"] = sgd(steady)
        trainer.batch_size = 8
        take(trainer, Update("it", (network,), objective, every=3))
        return gradients(trainer.networks[network])

    for whole, parted in zip(found(1), found(accumulate), strict=True):
        torch.testing.assert_close(whole, parted)
    # hooks see the whole batch, in order
    torch.testing.assert_close(seen[0].loss, seen[1].loss)
    torch.testing.assert_close(seen[0].signals["fake_logits"], seen[1].signals["fake_logits"])


# ---- what is not finite ----


def spoilt(what, at_step):
    """A generator update whose loss, or only its gradient, is not finite at one step."""
    steps = iter(range(1000))

    def objective(players, batch):
        step = next(steps)
        total = torch.stack([p.square().sum() for p in players.generator.parameters()]).sum()
        loss = total.expand(len(batch.real))
        if step == at_step and what == "loss":
            loss = loss * float("nan")
        if step == at_step and what == "gradient":
            loss = loss + (total * 0).sqrt()  # 0, with the slope infinity * 0
        return Outcome(loss, {})

    return Update("generator", ("generator",), objective)


@pytest.mark.parametrize("what", ["loss", "gradient"])
def test_what_is_not_finite_stops_the_run_and_moves_nothing(tmp_path, what):
    """The error names update, step, last checkpoint and remedy; the network was not stepped."""
    kept = []

    def keep(trainer):
        kept[:] = [p.detach().clone() for p in trainer.networks["generator"].parameters()]
        checkpoint.save(tmp_path / "checkpoints" / f"{trainer.samples_seen:09d}", {})

    trainer = scheduled(
        [spoilt(what, 2)], tmp_path, samples=20, hooks=[SimpleNamespace(name="keep", after_step=keep)]
    )
    with pytest.raises(TrainingError) as caught:
        trainer.run()
    message = str(caught.value)
    assert f"The {what} of update 'generator' is not finite at step 2 (4 samples)" in message
    assert f"the last good checkpoint is {tmp_path}/checkpoints/000000004" in message
    assert "Lower the learning rate" in message
    assert "resume" in message
    assert all(
        torch.equal(a, b) for a, b in zip(kept, trainer.networks["generator"].parameters(), strict=True)
    )


def test_a_run_that_fails_before_its_first_checkpoint_says_so(tmp_path):
    with pytest.raises(TrainingError, match=r"at step 0 .*no checkpoint had been saved yet"):
        scheduled([spoilt("loss", 0)], tmp_path).run()


# ---- compilation ----


@pytest.mark.filterwarnings("ignore::UserWarning")  # dynamo hides one of its own, which an error escapes
def test_compiling_changes_nothing_beyond_rounding(tmp_path, monkeypatch):
    """Noise is drawn inside the compiled network, as eager code draws it; R1 runs uncompiled."""
    if shutil.which(os.environ.get("CXX", "g++")) is None:
        pytest.skip("no C++ compiler, which torch.compile needs on a CPU")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "compiled"))

    def trained(compiled):
        run = settings(
            samples=64, batch=16, compile=compiled, penalties=[{"name": "r1", "weight": 1.0, "every": 2}]
        )
        run.architecture.update(width=8, noise=0.5)
        trainer = assemble(ring.RING, run, ring.Ring(64), tmp_path)
        trainer.run()
        return trainer

    eager, fast = trained(False), trained(True)
    assert type(fast.game.players().generator) is not type(fast.game.players(eager=True).generator)
    for name, network in eager.networks.items():
        for key, value in network.state_dict().items():
            torch.testing.assert_close(fast.networks[name].state_dict()[key], value, rtol=1e-4, atol=1e-5)


def test_a_run_does_not_go_on_with_data_of_another_size():
    sampler = EpochSampler(10, seed=0)
    sampler.take(7)
    with pytest.raises(CheckpointError, match=r"trained on 10 samples and its data now holds 6"):
        EpochSampler(6, seed=0).load_state_dict(sampler.state_dict())
