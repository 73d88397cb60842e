"""How fast the ``multigan`` command starts, and what it imports."""

import os
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


def best_seconds(command, n=5):
    """What the command costs the processor; the time by the clock would tell of the machine's other work too."""
    times = []
    for _ in range(n):
        before = os.times()
        subprocess.run(command, check=True, capture_output=True, env=USUAL)
        after = os.times()
        times.append(sum(after[2:4]) - sum(before[2:4]))
    return min(times)


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
    """The issue asks for 0.2 s; 0.1 s more is for machines that are busy."""
    assert MULTIGAN is not None, "the package must be installed: pip install -e ."
    seconds = best_seconds([MULTIGAN, *words])
    print(f"multigan {' '.join(words)}: {seconds:.3f} s")
    assert seconds < 0.3


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
import time
import torch
begun = time.process_time()
from recipes.cli import main
main({words!r}, standalone_mode=False)
print("SECONDS", time.process_time() - begun)
"""


def test_a_command_that_needs_torch_starts_soon_after_it():
    """Within torch's own import + 0.5 s, and without what only training or other metrics need.

    Both are measured in one process, torch first: the difference of two processes' times would mostly tell of the machine.
    """
    words = ["recipe", "validate", "emotive-images", "--preset", "cpu-32"]
    modules = loaded(*words)
    assert "torch" in modules
    assert not modules & set(NEVER_AT_START)
    seconds = min(seconds_beyond_torch(words) for _ in range(3))
    print(f"multigan {' '.join(words)}: {seconds:.2f} s of the processor beyond torch's import")
    assert seconds < 0.5


def seconds_beyond_torch(words):
    """What the command costs the processor; the time by the clock would tell of the machine's other work too."""
    command = [sys.executable, "-c", BEYOND_TORCH.format(words=words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=USUAL)
    return float(done.stdout.split("SECONDS")[1])
