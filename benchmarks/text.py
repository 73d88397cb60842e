"""How fast SeqGAN trains and samples here, beside a plain implementation.

    python benchmarks/text.py [--quick] [--threads N] [--out FILE]

The paper's setting (arXiv:1609.05473, section 4): 5,000 tokens, rows of 20, embedding and LSTM of 32, batches of 64, 16
rollouts, its text CNN. The plain twin, kept here, has the same weights and does what public PyTorch implementations
do: an LSTM cell, softmax and multinomial step by step, a loop over rollouts and prefixes, each from its first token
on, scored batch by batch, and a two-dimensional convolution for each width. Both run in one process, in turn; a
figure is the median of its rounds. Updates are the engine's own objectives and Adam.

Measured: an update by likelihood, one of the discriminator (64 real rows and 64 fresh fakes), sampling (2,560 rows: the
plain one in batches of 64, which suits it best), the rollouts of a batch, and their whole reward (rollouts and P(real)
of each). Reckoned from these: a likelihood epoch is 157 updates; an adversarial round is a reward, an update by
likelihood (the policy gradient's is one whose rows are weighed), sampling of 64 rows and an update of the discriminator,
as in the recipe `seqgan-oracle`. The original makes 5 x 3 passes over 10,000 sequences, some 4,700 updates.
"""

import argparse
import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path

import torch
from measuring import Section
from torch import nn

from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator
from multigan.objectives.sequence import expected_rewards, likelihood, rewards_of
from multigan.protocols import Batch
from multigan.text.networks.architectures import LSTM_CNN, LstmCnnSettings
from multigan.training.optimisers import adam

ROOT = Path(__file__).parents[1]
N_TOKENS, LENGTH, BATCH, N_SAMPLES = 5_000, 20, 64, 2_560
EPOCH = -(-10_000 // BATCH)
"""Updates of a likelihood epoch."""
DISCRIMINATOR_UPDATES = 1
"""Of an adversarial round."""
RUN = {"likelihood epoch": 120, "adversarial round": 150}
BARS = {"rollouts": 6.0, "reward": 4.0, "sampling": 7.0}
"""At least this many times faster than the plain twin."""
CLOSE = 1e-5
"""How far log-probabilities and logits of the twins may differ, of their largest."""


class PlainGenerator(nn.Module):
    """The same LSTM, one step after the other."""

    def __init__(self, fast):
        super().__init__()
        held = fast.state_dict()
        size, hidden = held["embedding"].shape[1], held["output.weight"].shape[1]
        self.embedding = nn.Embedding(N_TOKENS + 1, size)
        self.cell = nn.LSTMCell(size, hidden)
        self.output = nn.Linear(hidden, N_TOKENS)
        self.embedding.load_state_dict({"weight": held["embedding"]})
        self.cell.load_state_dict(
            {name[5:-3]: values for name, values in held.items() if name.startswith("lstm.")}
        )
        self.output.load_state_dict({name: held[f"output.{name}"] for name in ("weight", "bias")})

    def latent(self, n, random_state=None):
        return torch.empty(n, 0)

    def forward(self, latent, condition):
        return self.complete(torch.empty(len(latent), 0, dtype=torch.int64), condition)

    @torch.no_grad()
    def complete(self, prefix, condition, random_state=None):
        before, state, tokens = torch.full((len(prefix),), N_TOKENS), None, []
        for t in range(LENGTH):
            state = self.cell(self.embedding(before), state)
            before = prefix[:, t] if t < prefix.shape[1] else self.drawn(state[0])
            tokens.append(before)
        return torch.stack(tokens, 1)

    def drawn(self, hidden):
        return torch.multinomial(self.output(hidden).softmax(1), 1)[:, 0]

    def log_prob(self, tokens, condition):
        before, state, values = torch.full((len(tokens),), N_TOKENS), None, []
        for token in tokens.unbind(1):
            state = self.cell(self.embedding(before), state)
            values.append(self.output(state[0]).log_softmax(1).gather(1, token[:, None]))
            before = token
        return torch.cat(values, 1)


class PlainDiscriminator(nn.Module):
    """The same text CNN, as convolutions [K, E] over pictures [1, T, E]."""

    def __init__(self, fast):
        super().__init__()
        self.embedding = nn.Embedding(*fast.embedding.shape)
        self.embedding.load_state_dict({"weight": fast.embedding.detach()})
        self.convolutions = nn.ModuleList()
        for filters in fast.features.filters:
            n, size = len(filters.weight), fast.embedding.shape[1]
            convolution = nn.Conv2d(1, n, (filters.width, size))
            weight = filters.weight.detach().view(n, 1, filters.width, size)
            convolution.load_state_dict({"weight": weight, "bias": filters.bias.detach()})
            self.convolutions.append(convolution)
        n_features = fast.features.size
        self.transform, self.gate = nn.Linear(n_features, n_features), nn.Linear(n_features, n_features)
        self.logit, self.dropout = nn.Linear(n_features, 1), nn.Dropout(fast.dropout.p)
        self.transform.load_state_dict(fast.features.highway.transform.state_dict())
        self.gate.load_state_dict(fast.features.highway.gate.state_dict())
        self.logit.load_state_dict(fast.verdict.logit.state_dict())

    def forward(self, tokens, condition):
        pictures = self.embedding(tokens)[:, None]
        found = [convolution(pictures)[..., 0].relu().amax(2) for convolution in self.convolutions]
        features = torch.cat(found, 1)
        gate = self.gate(features).sigmoid()
        features = gate * self.transform(features).relu() + (1 - gate) * features
        return self.logit(self.dropout(features))[:, 0]


class Contestant:
    """A pair of networks and what is measured of it."""

    def __init__(self, generator, critic, n_rollouts):
        self.players = Players(generator, critic, nn.Identity(), nullcontext)
        self.n_rollouts = n_rollouts
        random_state = torch.Generator().manual_seed(0)
        self.batch = Batch(torch.randint(N_TOKENS, (BATCH, LENGTH), generator=random_state), None)
        self.optimisers = {network: adam(network, 1e-4, (0.9, 0.999)) for network in (generator, critic)}

    def update(self, network, objective):
        for other in self.optimisers:
            other.train().requires_grad_(other is network)
        self.optimisers[network].zero_grad(set_to_none=True)
        objective(self.players, self.batch).loss.mean().backward()
        self.optimisers[network].step()

    def likelihood(self):
        self.update(self.players.generator, likelihood())

    def discriminator(self):
        self.update(self.players.discriminator, discriminator(LOSSES["non_saturating"]))

    def critic(self):
        return self.players.discriminator.eval()


class Fast(Contestant):
    def sampling(self):
        self.players.generate(N_SAMPLES, None)

    def rollouts(self):
        self.players.generator.roll_out(self.batch.real, None, self.n_rollouts)

    @torch.no_grad()
    def reward(self):
        logits = self.critic().tabulated()

        def score(tokens, condition):
            return logits(tokens, condition).sigmoid()

        return rewards_of(self.batch.real, None, self.players.generator, score, self.n_rollouts)


class Plain(Contestant):
    def sampling(self):
        for _ in range(N_SAMPLES // BATCH):
            self.players.generate(BATCH, None)

    def rollouts(self):
        for _ in range(self.n_rollouts):
            for t in range(1, LENGTH):
                self.players.generator.complete(self.batch.real[:, :t], None)

    @torch.no_grad()
    def reward(self):
        critic, complete = self.critic(), self.players.generator.complete

        def score(tokens, condition):
            return critic(tokens, condition).sigmoid()

        once = [expected_rewards(self.batch.real, None, complete, score, 1) for _ in range(self.n_rollouts)]
        return torch.stack(once).mean(0)


def contestants(n_rollouts):
    torch.manual_seed(0)
    generator, critic = LSTM_CNN.build(LstmCnnSettings(), (LENGTH, N_TOKENS, 0), ()).values()
    plain = Plain(PlainGenerator(generator), PlainDiscriminator(critic), n_rollouts)
    return {"plain": plain, "fast": Fast(generator, critic, n_rollouts)}


@torch.no_grad()
def differences(both):
    """How far log-probabilities and logits of the fast one are from the plain one's, of their largest."""
    tokens, found = both["plain"].batch.real, []
    for one in both.values():
        critic = one.critic()
        logits = critic.tabulated() if isinstance(one, Fast) else critic
        found.append((one.players.generator.log_prob(tokens, None), logits(tokens, None)))
    return max(
        float((ours - wanted).abs().max() / wanted.abs().max()) for wanted, ours in zip(*found, strict=True)
    )


def measure(both, rounds):
    """Task -> variant -> seconds {wall, cpu, rounds}."""
    found = {}
    for task, n_rounds, repeats in (
        ("likelihood", 5 * rounds, 2), ("discriminator", 5 * rounds, 1), ("sampling", rounds, 1),
        ("rollouts", rounds, 1), ("reward", rounds, 1),
    ):  # fmt: skip
        section = Section(task)
        calls = {name: repeated(getattr(one, task), repeats) for name, one in both.items()}
        section.time(calls, n_rounds, warm_up=task not in ("rollouts", "reward"))
        found[task] = {
            name: {"wall": taken["wall"] / repeats, "cpu": taken["cpu"] / repeats, "rounds": n_rounds}
            for name, taken in section.seconds.items()
        }
        print_row(task, found[task])
    return found


def repeated(call, times):
    def run():
        for _ in range(times):
            call()

    return run


def reckoned(tasks):
    """What is a sum of measured parts, by the wall and by the CPU."""
    epoch = {"likelihood": EPOCH}
    sampled = BATCH / N_SAMPLES
    adversarial = {"reward": 1, "likelihood": 1, "sampling": sampled, "discriminator": DISCRIMINATOR_UPDATES}
    sums = {"likelihood epoch": epoch, "adversarial round": adversarial}
    found = {
        title: {
            name: {
                clock: sum(times * tasks[task][name][clock] for task, times in parts.items())
                for clock in ("wall", "cpu")
            }
            for name in ("plain", "fast")
        }
        for title, parts in sums.items()
    }
    found["paper's run"] = {
        name: {
            clock: sum(times * found[title][name][clock] for title, times in RUN.items())
            for clock in ("wall", "cpu")
        }
        for name in ("plain", "fast")
    }
    return found


def ratio(row, clock):
    return row["plain"][clock] / row["fast"][clock]


def print_row(title, row):
    numbers = "".join(f"{row[name]['wall']:12.4g}" for name in ("plain", "fast"))
    print(f"{title:20}{numbers}{ratio(row, 'wall'):9.2f}{ratio(row, 'cpu'):9.2f}", flush=True)


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="1 rollout in place of 16, one round")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="default: all (%(default)s)")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    n_rollouts, rounds = (1, 1) if arguments.quick else (16, 3)
    load, both = os.getloadavg()[0], contestants(n_rollouts)
    apart = differences(both)
    print(f"{'seconds':20}{'plain':>12}{'fast':>12}{'ratio':>9}{'by CPU':>9}")
    tasks = measure(both, rounds)
    sums = reckoned(tasks)
    for title, row in sums.items():
        print_row(title, row)
    report = {
        "processor": processor(), "threads": arguments.threads, "torch": torch.__version__,
        "n_tokens": N_TOKENS, "length": LENGTH, "batch": BATCH, "n_rollouts": n_rollouts, "n_samples": N_SAMPLES,
        "load_before": load, "load_after": os.getloadavg()[0], "differences": apart,
        "measured": tasks, "reckoned": sums,
    }  # fmt: skip
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    short = [
        f"{task}: {ratio(tasks[task], 'wall'):.2f} times as fast, below {bar}"
        for task, bar in BARS.items()
        if ratio(tasks[task], "wall") < bar
    ]
    if apart > CLOSE:
        short.append(f"Results differ by {apart:.1e}.")
    print("\n".join(short) or "\nAll bars are met.")
    sys.exit(bool(short))


if __name__ == "__main__":
    main()
