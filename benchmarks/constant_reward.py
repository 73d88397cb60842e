"""How far SeqGAN's update gets with a reward that says nothing: the ablation of the discriminator.

    python benchmarks/constant_reward.py RUN FOLDER

RUN is a folder that `multigan recipe run seqgan-oracle` wrote. From the end of its likelihood stage the generator takes as
many policy-gradient updates as the run did, with the run's own batch, rate, clipping and averaging, but every token of every
sample is rewarded with the same 0.5: it is trained on its own samples. FOLDER gets an `oracle.json` as the run has one,
which benchmarks/oracle.py merges and draws.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import shutil
import sys
import time
from pathlib import Path

import torch
import yaml

# benchmarks/evaluation.py would hide the package of that name
sys.path.insert(0, str(Path(__file__).parents[1]))

from multigan.sampling import load_generator
from multigan.tokens.data import open_tokens
from recipes.reports.oracle import likelihood_network, report_oracle

REWARD = 0.5


def train_on_own_samples(network, options):
    """As many updates -(REWARD * log p(own sample)) as the run's adversarial stage has; the averaged network."""
    averaged = copy.deepcopy(network)
    samples_of_a_round = options["batch"] * options["schedule"]["discriminator_repeat"]
    decay = 0.5 ** (samples_of_a_round / options["ema"]["half_life_samples"])
    own = options["optimisers"]["generator"]
    network.train().requires_grad_(True)
    optimiser = torch.optim.Adam(network.parameters(), lr=own["lr"], betas=tuple(own["betas"]))
    for _ in range(options["samples"] // samples_of_a_round):
        with torch.no_grad():
            tokens = network(network.latent(options["batch"]), None)
        loss = -(REWARD * network.log_prob(tokens, None)).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), own["clip_gradient"])
        optimiser.step()
        with torch.no_grad():
            torch._foreach_lerp_(list(averaged.parameters()), list(network.parameters()), 1 - decay)
    return averaged.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    recipe = yaml.safe_load((arguments.run / "recipe.yaml").read_text())
    trained = load_generator(arguments.run, torch.device("cpu"))
    network = likelihood_network(trained, arguments.run)
    torch.manual_seed(recipe["seed"])
    begun = time.perf_counter()
    network = train_on_own_samples(network, recipe["training"])
    print(f"Trained in {time.perf_counter() - begun:.0f} s.")
    stage = "stages/likelihood"
    shutil.copytree(arguments.run / stage, arguments.folder / stage, dirs_exist_ok=True)
    held_out = open_tokens(trained.data, None, lambda *done: None).held_out
    lines = report_oracle(
        dataclasses.replace(trained, network=network),
        held_out,
        arguments.folder,
        arguments.folder,
        recipe["evaluation"]["n"],
        recipe["seed"],
    )
    print("\n".join(lines))


if __name__ == "__main__":
    main()
