"""Signals that stop a run."""

import os
import signal
from types import SimpleNamespace

import pytest

from multigan.config import load
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings
from tests.worlds.ring import RING, Ring


def assembled(folder, **training):
    raw = {"modality": "ring", "device": "cpu", "architecture": {"name": "perceptron"}, "training": training}
    return assemble(RING, load(RunSettings, raw, "test"), Ring(64), folder)


@pytest.mark.skipif(os.name != "posix", reason="SIGHUP is of POSIX")
@pytest.mark.parametrize("ignored", [False, True])
def test_a_terminal_that_hangs_up_stops_a_run_as_sigterm_does_but_not_under_nohup(tmp_path, ignored):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        trainer = assembled(tmp_path, samples=32, batch=8)
        hangs_up = SimpleNamespace(
            name="hangs up",
            after_step=lambda trainer: trainer.n_steps == 2 and signal.raise_signal(signal.SIGHUP),
        )
        trainer.hooks.append(hangs_up)
        trainer.run()
        assert (trainer.n_steps, trainer.interrupted) == ((4, False) if ignored else (2, True))
        assert signal.getsignal(signal.SIGHUP) == (signal.SIG_IGN if ignored else signal.SIG_DFL)
    finally:
        signal.signal(signal.SIGHUP, before)
