"""What a discriminator adds to a tuned likelihood model on SeqGAN's oracle, beside a constant reward.

    python benchmarks/after_likelihood.py --oracle ORACLE --seed 0 --out FOLDER
    python benchmarks/after_likelihood.py --table FOLDER

trains the generator of `seqgan-oracle` by likelihood as the recipe does, goes on from there in several ways, and writes
NLL-oracle and NLL-gen at several temperatures to FOLDER/after-likelihood-seed0.json. The ways:

- constant reward: the policy gradient of a reward that says nothing, the control
- GAD (arXiv:2511.10643): a relativistic discriminator of whole sequences, its logits less the mean of the batch, over their
  deviation, as the reward, less a KL term to the likelihood model
- residual energy (arXiv:2004.11714): the likelihood model times exp(logit) of a discriminator that was trained by
  noise-contrastive estimation. It reads what the model thinks of each token, and learns from sequences that the model
  beside it has not seen (folds). One of K candidates is drawn in proportion to exp(logit).
- own likelihood, the control of the former: one of K candidates in proportion to p(x)^0.05, p the model itself

`--table` gives means over the seeds that lie in FOLDER, and each frontier's height: its mean NLL-oracle between two
NLL-gens, which is the area below it over its width.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

# benchmarks/evaluation.py would hide the package of that name
sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.extractors.oracle import load_oracle
from multigan.ramps import Ramp
from multigan.sequences.architectures import CnnSettings
from multigan.sequences.cnn import CnnDiscriminator
from multigan.sequences.decoding import Decoding
from multigan.sequences.lstm import LstmGenerator
from multigan.tokens.data import open_tokens
from multigan.tokens.settings import TokenData
from multigan.training.optimisers import OPTIMISERS, AdamWSettings, Optimiser
from recipes.reports.oracle import repeated

LENGTH, N_TOKENS, BATCH, EPOCHS, FOLDS = 20, 5_000, 64, 16, 2
TEMPERATURES = (0.6, 0.7, 0.8, 1.0)
CANDIDATES = 8
ROUNDS, ROUND_BATCH = 100, 128
CRITIC = CnnSettings(
    embedding_size=32, widths=(1, 2, 3, 4, 6, 8), filters=(48, 64, 64, 64, 48, 48), dropout=0.5
)
WAYS = ("constant reward", "GAD", "residual energy", "own likelihood")
CONTROLS = {"GAD": "constant reward", "residual energy": "own likelihood"}
LEANING = 0.05
FROM, TO = 7.45, 7.8
"""NLL-gens between which frontiers are compared."""


def likelihood_model(rows, seed, rate=0.03, decay=0.35, epochs=EPOCHS):
    """The likelihood stage of `seqgan-oracle` on these rows."""
    torch.manual_seed(seed)
    network = LstmGenerator(LENGTH, N_TOKENS, 0, 0)
    n_steps = epochs * (len(rows) // BATCH)
    own = AdamWSettings(lr=Ramp(start=rate), betas=(0.9, 0.999), weight_decay=decay, clip_gradient=5.0)
    optimiser = Optimiser([network], OPTIMISERS["adamw"], own, n_steps)
    step = 0
    while step < n_steps:
        for batch in torch.randperm(len(rows)).split(BATCH):
            if len(batch) == BATCH and step < n_steps:
                optimiser.clear()
                (-network.log_prob(rows[batch], None).mean()).backward()
                optimiser.step(step)
                step += 1
    return network.eval().requires_grad_(False)


@torch.no_grad()
def drawn(network, n, seed, temperature=1.0):
    state = torch.Generator().manual_seed(seed)
    counts = [min(500, n - start) for start in range(0, n, 500)]
    return torch.cat([network(network.latent(k, state), None, Decoding(temperature)) for k in counts])


@torch.no_grad()
def log_prob(network, rows, temperature=1.0):
    """[N] nats of whole rows."""
    return torch.cat([network.log_prob(part, None, temperature).double().sum(1) for part in rows.split(500)])


# ---- a reward ----


def rewarded(start, real, seed, rate, constant, toll):
    """GAD from the likelihood model ``start``, or the same updates with a constant reward; the averaged network."""
    torch.manual_seed(seed)
    network, average = copy.deepcopy(start).requires_grad_(True), copy.deepcopy(start)
    critic = CnnDiscriminator(
        LENGTH, N_TOKENS, 0, CRITIC.embedding_size, CRITIC.widths, CRITIC.filters, CRITIC.dropout
    )
    players = torch.optim.Adam(network.parameters(), lr=rate), torch.optim.Adam(critic.parameters(), lr=1e-4)

    def teach():
        fake = drawn_now(network)
        rows = real[torch.randint(len(real), (ROUND_BATCH,))]
        loss = functional.softplus(critic.train()(fake, None) - critic(rows, None)).mean()
        players[1].zero_grad()
        loss.backward()
        players[1].step()

    for _ in range(0 if constant else ROUNDS):
        teach()
    for _ in range(ROUNDS):
        rows = drawn_now(network)
        if constant:
            advantage = torch.ones(ROUND_BATCH)
        else:
            with torch.no_grad():
                logits = critic.eval()(rows, None)
                moved = (network.log_prob(rows, None) - start.log_prob(rows, None)).sum(1)
            advantage = (logits - logits.mean()) / (logits.std() + 1e-6) - toll * (moved - moved.mean())
        loss = -(advantage * network.log_prob(rows, None).mean(1)).mean()
        players[0].zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        players[0].step()
        if not constant:
            teach()
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 0.05)
    return average


def drawn_now(network):
    with torch.no_grad():
        return network(network.latent(ROUND_BATCH), None)


# ---- a residual energy ----


@torch.no_grad()
def thoughts(network, rows):
    """[N, T, F]: what a language model thinks of each token and of its place, in figures that mean the same in any model."""
    parts = []
    for part in rows.split(16):
        start = part.new_full((len(part), 1), N_TOKENS)
        hidden = network.lstm(functional.embedding(torch.cat((start, part[:, :-1]), 1), network.embedding))[0]
        logs = network.output(hidden).log_softmax(2)
        own, p = logs.gather(2, part[..., None])[..., 0], logs.exp()
        entropy = -(p * logs).sum(2)
        deviation = ((p * logs.square()).sum(2) - entropy.square()).clamp(min=0).sqrt()
        prior = network.output.bias.log_softmax(0)[part]
        surprise = (own + entropy) / (deviation + 0.1)
        parts.append(torch.stack((own, entropy, logs.amax(2), deviation, surprise, prior), 2))
    return torch.cat(parts)


class Energy(nn.Module):
    """Thoughts [N, T, F] -> logits [N]: a linear map of their means, and a recurrent network in both directions."""

    def __init__(self, like, hidden_size=32):
        super().__init__()
        self.register_buffer("mean", like.mean((0, 1)))
        self.register_buffer("deviation", like.std((0, 1)) + 1e-6)
        self.body = nn.GRU(like.shape[2], hidden_size, batch_first=True, bidirectional=True)
        self.dropout, self.output = nn.Dropout(0.2), nn.Linear(4 * hidden_size, 1)
        self.linear = nn.Linear(like.shape[2], 1)
        nn.init.zeros_(self.output.weight)

    def forward(self, seen):
        seen = (seen - self.mean) / self.deviation
        hidden = self.body(seen)[0]
        pooled = self.dropout(torch.cat((hidden.mean(1), hidden.amax(1)), 1))
        return (self.output(pooled) + 4 * self.linear(seen.mean(1)))[:, 0]


def contrasted(real, fake, held_real, held_fake, seed, epochs=14):
    """An energy by noise-contrastive estimation, of the epoch with the least loss on held-out rows; and that loss."""
    torch.manual_seed(seed)
    energy, best = Energy(torch.cat((real, fake))), (math.inf, None)
    optimiser = torch.optim.AdamW(energy.parameters(), lr=1e-3, weight_decay=0.01)
    for _ in range(epochs):
        for batch in torch.randperm(len(real)).split(128):
            against = torch.randint(len(fake), (len(batch),))
            loss = functional.softplus(-energy(real[batch])) + functional.softplus(energy(fake[against]))
            optimiser.zero_grad()
            loss.mean().backward()
            optimiser.step()
        energy.eval()
        with torch.no_grad():
            on_real, on_fake = energy(held_real), energy(held_fake)
        energy.train()
        held = float(functional.softplus(-on_real).mean() + functional.softplus(on_fake).mean())
        if held < best[0]:
            auc = float((on_real[:, None] > on_fake[None]).double().mean())
            best = (held, copy.deepcopy(energy).eval(), auc)
    return best[1], {"nce_loss": best[0], "auc": best[2]}


def chosen(rows, logits, k, seed):
    """One of each k rows [N k, T], drawn in proportion to exp(logit): [N, T]."""
    noise = np.random.default_rng(seed).gumbel(size=len(logits))
    best = (logits.double() + torch.from_numpy(noise)).view(-1, k).argmax(1)
    return rows.view(len(best), k, -1)[torch.arange(len(best)), best]


def log_prob_of_choice(own, logits, pool, k, seed, n_draws=200):
    """log p(x) [N] of ``chosen``: k p(x) E[w / (w + sum of k - 1 others' w)], w = exp(logit), the others from a pool."""
    others = np.random.default_rng(seed).integers(len(pool), size=(n_draws, k - 1))
    total = pool.double()[torch.from_numpy(others)].logsumexp(1)
    logits = logits.double()[:, None]
    shares = (logits - torch.logaddexp(logits, total[None])).logsumexp(1) - math.log(n_draws)
    return own + math.log(k) + shares


def residual(rows, seed):
    """The energy, and what it said of sequences that neither it nor the language model beside it had seen."""
    parts = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed)).chunk(FOLDS)
    real, fake = [], []
    for k, part in enumerate(parts):
        rest = torch.cat([other for j, other in enumerate(parts) if j != k])
        network = likelihood_model(rows[rest], seed)
        real.append(thoughts(network, rows[part]))
        fake.append(thoughts(network, drawn(network, len(part), 100 + k)))
    cut = len(real[0]) // 4
    return contrasted(
        torch.cat([real[0][cut:], *real[1:]]),
        torch.cat([fake[0][cut:], *fake[1:]]),
        real[0][:cut],
        fake[0][:cut],
        seed,
    )


# ---- figures ----


def point(model, temperature, rows, own, oracle):
    quality = -oracle.log_prob(rows.numpy()) / LENGTH
    errors = [
        1.96 * float(np.std(values)) / math.sqrt(len(values)) for values in (quality, own.numpy() / LENGTH)
    ]
    return {
        "model": model,
        "temperature": temperature,
        "nll_oracle": float(quality.mean()),
        "nll_oracle_error": errors[0],
        "nll_gen": -float(own.mean()) / LENGTH,
        "nll_gen_error": errors[1],
        "repeated": repeated(rows.numpy()),
        "n": len(rows),
    }


def measured(oracle_path, seed, n, ways):
    data = open_tokens(TokenData(oracle=str(oracle_path)), None, lambda *done: None)
    real, held = (torch.from_numpy(side.tokens.astype(np.int64)) for side in (data.train, data.held_out))
    held, oracle, points, facts = held[:n], load_oracle(oracle_path), [], {}

    def sweep(name, network):
        for temperature in TEMPERATURES:
            rows = drawn(network, n, 1_000 + seed, temperature)
            points.append(point(name, temperature, rows, log_prob(network, held, temperature), oracle))

    def timed(name, make, *given):
        begun = time.process_time()
        made = make(*given)
        facts[name] = {"cpu_seconds": round(time.process_time() - begun)}
        print(f"{name}: {facts[name]['cpu_seconds']} s of processor time", flush=True)
        return made

    start = timed("likelihood", likelihood_model, real, seed)
    sweep("likelihood", start)
    if "constant reward" in ways:
        sweep("constant reward", timed("constant reward", rewarded, start, real, seed, 3e-3, True, 0.0))
    if "GAD" in ways:
        sweep("GAD", timed("GAD", rewarded, start, real, seed, 3e-3, False, 0.05))

    def resample(name, score):
        for temperature in TEMPERATURES:
            pool = drawn(start, n * CANDIDATES, 2_000 + seed, temperature)
            logits, on_held = (score(rows, temperature) for rows in (pool, held))
            own = log_prob_of_choice(log_prob(start, held, temperature), on_held, logits, CANDIDATES, seed)
            rows = chosen(pool, logits, CANDIDATES, seed)
            points.append(point(name, temperature, rows, own, oracle))

    if "own likelihood" in ways:
        resample("own likelihood", lambda rows, t: LEANING * log_prob(start, rows, t))
    if "residual energy" in ways:
        energy, found = timed("residual energy", residual, real, seed)
        facts["residual energy"] |= found

        @torch.no_grad()
        def score(rows, temperature):
            return torch.cat([energy(thoughts(start, part)) for part in rows.split(2_000)])

        resample("residual energy", score)
    return {"seed": seed, "n": n, "candidates": CANDIDATES, "facts": facts, "points": points}


def heights(points):
    """Model -> the mean NLL-oracle of its frontier from NLL-gen FROM to TO: its area over that width."""
    grid, found = np.linspace(FROM, TO, 81), {}
    for model in dict.fromkeys(point["model"] for point in points):
        line = sorted((p["nll_gen"], p["nll_oracle"]) for p in points if p["model"] == model)
        if line[0][0] <= FROM and line[-1][0] >= TO:
            found[model] = float(np.interp(grid, *zip(*line, strict=True)).mean())
    return found


def cell(values, sign=""):
    """The mean, with a 95% interval (Student) where there are several."""
    mean, quantile = f"{statistics.fmean(values):{sign}.3f}", {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
    if len(values) == 1:
        return mean
    return f"{mean} ± {quantile[len(values)] * statistics.stdev(values) / math.sqrt(len(values)):.3f}"


def table(runs):
    """Means over seeds, and each way's height less the likelihood model's of its seed."""
    lines = [
        "| model | temperature | seeds | NLL-oracle | NLL-gen | with repeats |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for model, temperature in dict.fromkeys(
        (p["model"], p["temperature"]) for run in runs for p in run["points"]
    ):
        own = [
            p for run in runs for p in run["points"] if (p["model"], p["temperature"]) == (model, temperature)
        ]
        pair = [cell([p[name] for p in own]) for name in ("nll_oracle", "nll_gen")]
        share = statistics.fmean(p["repeated"] for p in own)
        lines.append(f"| {model} | {temperature:g} | {len(own)} | {pair[0]} | {pair[1]} | {share:.1%} |")
    lines += [
        "",
        f"| model | seeds | height from NLL-gen {FROM} to {TO} | less the likelihood model's | less its control's |",
        "|---|---:|---:|---:|---:|",
    ]
    of_runs = [heights(run["points"]) for run in runs]
    for model in dict.fromkeys(model for each in of_runs for model in each):
        own = [each for each in of_runs if model in each]
        cells = [model, str(len(own)), cell([each[model] for each in own])]
        for other in ("likelihood", CONTROLS.get(model)):
            gains = [each[model] - each[other] for each in own if other in each and other != model]
            cells.append(cell(gains, "+") if gains else "")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--oracle", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ways", nargs="*", default=WAYS, choices=WAYS)
    parser.add_argument("--n", type=int, default=1_000)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", type=Path)
    arguments = parser.parse_args()
    if arguments.table is not None:
        files = sorted(arguments.table.glob("after-likelihood-seed*.json"))
        print("\n".join(table([json.loads(path.read_text()) for path in files])))
        return
    found = measured(arguments.oracle, arguments.seed, arguments.n, arguments.ways)
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / f"after-likelihood-seed{arguments.seed}.json"
    if path.exists():  # other ways of that seed stay
        before, names = json.loads(path.read_text()), {p["model"] for p in found["points"]}
        found["points"] = [p for p in before["points"] if p["model"] not in names] + found["points"]
        found["facts"] = before["facts"] | found["facts"]
    path.write_text(json.dumps(found, indent=1) + "\n")
    print("\n".join(table([found])))


if __name__ == "__main__":
    main()
