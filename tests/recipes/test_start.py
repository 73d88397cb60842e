"""How fast the ``multigan`` command starts, and what it imports."""

import os
import resource
import shutil
import subprocess
import sys

import pytest

MULTIGAN = shutil.which("multigan", path=os.path.dirname(sys.executable))
USUAL = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
NEVER_AT_START = (
    "torchvision", "torchaudio", "torch_fidelity", "torchmetrics", "transformers", "matplotlib", "tensorboard",
    "torch.utils.tensorboard", "soundfile", "scipy", "tensorflow",
)  # fmt: skip


def cheapest(*commands, n=5):
    """What each command costs the processor at its cheapest: the time by the clock would tell of the machine's other work.

    They take turns, so that a machine that slows down does so for all of them.
    """
    seconds = [[] for _ in commands]
    for _ in range(n):
        for command, measured in zip(commands, seconds, strict=True):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, check=True, capture_output=True, env=USUAL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            measured.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [min(measured) for measured in seconds]


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["recipe", "list"],
        ["sample", "--help"],
        ["recipe", "run", "--help"],
        ["evaluate", "--help"],
    ],
)
def test_light_commands_answer_at_once(words):
    """A command is to answer within 0.2 s of a usual processor: 2.5 times what Python takes to import click and YAML.

    A list of recipes is longer under way: it looks through all installed packages, of which tests have many.
    """
    assert MULTIGAN is not None, "the package must be installed: pip install -e ."
    seconds, least = cheapest([MULTIGAN, *words], [sys.executable, "-c", "import click, yaml"])
    print(f"multigan {' '.join(words)}: {seconds:.3f} s, {seconds / least:.2f} times the least")
    assert seconds < (5 if words == ["recipe", "list"] else 2.5) * least


LOADED = """
import sys
from recipes.cli import main
main({words!r}, standalone_mode=False)
print("MODULES", *sys.modules)
"""


def loaded(*words):
    code = LOADED.format(words=list(words))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


LIGHT = (
    ["--help"],
    ["recipe", "list"],
    ["recipe", "show", "emotive-images"],
    ["recipe", "show", "music-loops", "--resolved"],
    ["evaluate", "--help"],
    ["sample", "--help"],
)


@pytest.mark.parametrize("words", [*LIGHT, ["weights", "--help"]])
def test_light_commands_import_nothing_heavy(words):
    modules = loaded(*words)
    assert "recipes.cli" in modules
    assert not modules & {"torch", "numpy", "pydantic", "rich", "PIL", *NEVER_AT_START}


BEYOND_TORCH = """
import sys, time
begun = time.process_time()
import torch
imported = time.process_time()
from recipes.cli import main
main({words!r}, standalone_mode=False)
print("SECONDS", imported - begun, time.process_time() - imported)
print("MODULES", *sys.modules)
"""


def test_a_command_that_needs_torch_starts_soon_after_it():
    """Within a quarter of what torch's own import costs, and without what only training or other metrics need.

    Both are measured in one process, torch first: the difference of two processes' times would mostly tell of the machine.
    """
    words = ["recipe", "validate", "emotive-images", "--preset", "cpu-32"]
    shares = []
    for _ in range(2):
        command = [sys.executable, "-c", BEYOND_TORCH.format(words=words)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=USUAL)
        (_, torch_s, beyond_s), modules = (line.split() for line in done.stdout.splitlines()[-2:])
        assert "recipes.settings" in modules
        assert not set(modules) & set(NEVER_AT_START)
        shares.append(float(beyond_s) / float(torch_s))
    print(f"multigan {' '.join(words)}: {min(shares):.2f} of torch's import beyond it")
    assert min(shares) < 0.25
