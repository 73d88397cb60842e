"""The studio under load: pages at once, each moving a dial again and again.

    python -m benchmarks.studio [RUN] [--pages 20] [--changes 20] [--rounds 4]

Without RUN: an untrained network of emotive-images' cpu-32. What a change costs is the server's processor time, from
/proc; so is its memory, after every round. Every page has a session of its own and all are at work at once.
"""

import argparse
import json
import os
import tempfile
import threading
from pathlib import Path

import torch

from multigan.checkpoint import save
from multigan.config import to_dict
from multigan.emotions import NAMES
from multigan.modality import build_networks, data_settings_of, modality_of
from multigan.runs import RunFacts
from recipes.settings import load_recipe
from tests.worlds.studio import served


def untrained(folder):
    """A run of the default recipe's network, before training."""
    recipe = load_recipe("emotive-images", preset="cpu-32", sets=())
    modality = modality_of(recipe.modality)
    data = data_settings_of(modality, to_dict(recipe.data), "the recipe")
    torch.manual_seed(0)
    shape = modality.sample_shape(data)
    generator = build_networks(modality, recipe.architecture, shape, (len(NAMES),))["generator"]
    folder.mkdir()
    RunFacts(recipe.modality, recipe.architecture, NAMES, shape, to_dict(data)).save(folder)
    state = {"parts": {"hooks.ema_generator": generator.state_dict()}}
    save(folder / "checkpoints" / "000000000", state, meta={"samples": 0, "figure": None, "better": "lower"})
    return folder


def processor_s(pid):
    """Of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid):
    """What a process has in memory."""
    line = next(
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024


def draw_event(studio):
    """The event of the dial of intensity, and the data of one, as a function of an intensity and a seed."""
    config = json.loads(studio.ask("GET", "/config")[1])
    names = {one["id"]: one["props"].get("elem_id") for one in config["components"]}
    values = {one["id"]: one["props"].get("value") for one in config["components"]}
    draw = next(
        one for one in config["dependencies"] if [names[i] for i, _ in one["targets"]] == ["intensity"]
    )

    def data(run, intensity, seed):
        own = {"run": run, "emotion": "joy", "intensity": intensity, "seed": seed}
        return [own.get(names[place], values[place]) for place in draw["inputs"]]

    return draw["id"], data


def measured(studio, run, n_pages, n_changes, n_rounds):
    """Tell processor milliseconds of a change, and memory after each round; give what failed."""
    event, data = draw_event(studio)
    pid, failures = studio.process.pid, []

    def page(place, turn):
        for change in range(n_changes):
            answer = studio.event(event, data(run, (change + 1) / n_changes, place), f"page{turn}x{place}")
            if not answer["success"]:
                failures.append(answer["output"])

    for turn in range(n_rounds + 1):  # the first warms up
        begun = processor_s(pid)
        pages = [threading.Thread(target=page, args=(place, turn)) for place in range(n_pages)]
        for one in pages:
            one.start()
        for one in pages:
            one.join()
        spent = processor_s(pid) - begun
        each, memory = 1000 * spent / (n_pages * n_changes), memory_mib(pid)
        print(f"round {turn}: {each:.0f} ms of processor time a change, {memory:.0f} MiB", flush=True)
    return failures


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", nargs="?", type=Path)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        run = (given.run or untrained(Path(place) / "run")).resolve()
        with served(Path(place), [run]) as studio:
            failures = measured(studio, str(run), given.pages, given.changes, given.rounds)
    print(f"{len(failures)} of {(given.rounds + 1) * given.pages * given.changes} changes failed")
    if failures:
        print(failures[0])


if __name__ == "__main__":
    main()
