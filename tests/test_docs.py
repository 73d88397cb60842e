"""The documentation: its tables are those of the catalogues, its Python runs, and its commands and links are there.

``python tests/test_docs.py`` writes the tables of ``docs/metrics.md`` anew.
"""

import itertools
import json
import re
import shlex
import sys
from dataclasses import fields
from pathlib import Path

import click
import numpy as np
import pytest
import torch

from evaluation.catalogue import METRICS, extractors_by_name, load_extractor, metrics_by_name, models_by_name
from evaluation.extractors.protocol import features_of
from evaluation.kinds import KINDS, all_kinds
from multigan.image.modality import IMAGE
from multigan.losses import LOSSES
from multigan.penalties import PENALTIES
from multigan.protocols import Batch
from multigan.reading.audio import Clip
from multigan.reading.video import Video
from multigan.training.assemble import assemble
from multigan.training.optimisers import OPTIMISERS
from multigan.training.plays import PLAYS
from multigan.training.schedules import SCHEDULES, SEQUENCE_OBJECTIVES
from multigan.training.settings import TrainingSettings
from recipes.settings import load_recipe

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "metrics.md"
PAGES = sorted(path for folder in (ROOT, ROOT / "docs", ROOT / "benchmarks") for path in folder.glob("*.md"))


def relative(path):
    return path.relative_to(ROOT).as_posix()


AGAIN = (
    "run `python tests/test_docs.py`, which writes the tables of docs/metrics.md anew, and read what changed"
)

BETTER = {True: "higher", False: "lower", None: ""}
SIZES = {
    "random-conv-v1": 512,
    "random-conv3d-v1": 512,
    "efficientnet-lite0": 1280,
    "inception": 2048,
    "inception-clean": 2048,
    "inception-bf16": 2048,
    "dinov2": 1024,
    "clip": 512,
    "log-mel-v1": 256,
    "speaker": 256,
    "clap": 512,
    "wav2vec2": 768,
    "encodec": 128,
    "hashed-ngrams-v1": 256,
    "sentence": 384,
    "gpt2-state": 768,
}


# ---- tables ----


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def metric_table():
    rows = [
        (
            metric.name,
            of,
            metric.question,
            metric.looks_at.in_words + ("" if metric.by_default else " (when asked for)"),
            BETTER[metric.higher_is_better],
            metric.paper,
            metric.trap,
        )
        for metric, of in [
            *((METRICS[name], ", ".join(KINDS)) for name in METRICS),
            *((metric, kind.name) for kind in all_kinds() for metric in kind.metrics),
        ]
    ]
    return table(("metric", "of", "what it answers", "looks at", "better", "paper", "known traps"), rows)


def record_rows(records, sizes):
    for name, (kind, record) in records.items():
        files = ", ".join(f"`{file.filename}`" for file in record.weights) or "none"
        size = [sizes[name]] if sizes else []
        yield (name, kind.name, *size, files, record.paper, record.preprocessing, record.note)


def extractor_table():
    head = ("extractor", "of", "features", "files", "paper", "preprocessing", "to know")
    return table(head, record_rows(extractors_by_name(), SIZES))


def model_table():
    return table(
        ("model", "of", "files", "paper", "preprocessing", "to know"), record_rows(models_by_name(), None)
    )


def detection_tables():
    """Of each modality: figures by damages, at the largest n that was measured."""
    seen = {"apart": "yes", "paired": "paired", "no": ""}
    measured = json.loads((ROOT / "benchmarks/results/evaluation/detection.json").read_text())
    parts = []
    for kind in KINDS:
        by_n = [found[kind] for found in measured.values() if kind in found]
        if not by_n:  # a kind whose damages nobody has measured yet
            continue
        best = max(by_n, key=lambda found: found["n"])
        damages = best["seen"]
        figures = dict.fromkeys(figure for row in damages.values() for figure in row)
        rows = [(figure, *(seen[row.get(figure, "no")] for row in damages.values())) for figure in figures]
        parts.append(f"{kind}, n = {best['n']}:\n\n" + table(("figure", *damages), rows))
    return "\n\n".join(parts)


TABLES = {
    "metrics": metric_table,
    "extractors": extractor_table,
    "models": model_table,
    "detection": detection_tables,
}


def with_tables(text):
    """The page with the tables that the catalogues give."""
    for name, made in TABLES.items():
        start, end = f"<!-- {name} -->\n", "\n<!-- end -->"
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition("<!-- end -->")
        assert found, f"the page has no table {name!r}"
        assert closed, f"the table {name!r} has no end"
        text = f"{before}{start}{made()}{end}{after}"
    return text


def test_the_tables_are_those_of_the_catalogues():
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_tables(text), AGAIN


@pytest.mark.parametrize(
    "name", [name for name, (_, record) in extractors_by_name().items() if not record.weights]
)
def test_the_size_of_features_is_the_stated_one(name):
    waveform = np.zeros(8000, np.float32)
    samples = {"image": np.zeros((40, 40, 3), np.uint8), "audio": Clip(waveform, 16_000), "text": "a word"}
    samples["video"] = Video(np.zeros((5, 40, 40, 3), np.uint8), 8.0)
    kind, _ = extractors_by_name()[name]
    extractor = load_extractor(name, kind, torch.device("cpu"))
    assert features_of(extractor, [samples[kind.name]]).shape == (1, SIZES[name])


# ---- Python, commands, links ----

WHOLE = ("evaluation.md", "training.md", "new-modality.md", "HISTORY.md")
"""Pages whose every snippet runs by itself; others show parts of a whole."""
SNIPPETS = [
    (path.name, code)
    for path in PAGES
    if path.name in WHOLE
    for code in re.findall(
        r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
]


def test_the_pages_have_snippets():
    assert {name for name, _ in SNIPPETS} == set(WHOLE)


@pytest.mark.parametrize(("name", "code"), SNIPPETS)
def test_snippets_run(name, code, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [*sys.path])
    exec(compile(code, f"a snippet of {name}", "exec"), {})
    for module in [module for module in sys.modules if module.partition(".")[0] == "voxels"]:
        del sys.modules[module]  # other tests import it from a path of their own
    assert capsys.readouterr().out.strip()  # each prints what it found


EXCERPTS = re.findall(
    r"^```py\n# (\S+)\n(.*?)^```",
    (ROOT / "docs" / "new-modality.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


def test_what_the_tutorial_shows_is_the_code_of_its_package():
    assert len(EXCERPTS) >= 6
    assert [code for file, code in EXCERPTS if code not in (ROOT / file).read_text(encoding="utf-8")] == []


def test_the_page_of_training_has_every_setting_and_every_name():
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if row.startswith("| `")]
    for name in (field.name for field in fields(TrainingSettings)):
        assert any(row.startswith((f"| `{name}`", f"| `{name}.")) for row in rows), name
    for name in (*LOSSES, *PENALTIES, *PLAYS, *OPTIMISERS, *SCHEDULES, *SEQUENCE_OBJECTIVES):
        assert any(name in row for row in rows), name


class Noise:
    """The same 16 images for every step, of 8 labels, faint ones and strong ones."""

    labels, sample_shape = tuple("abcdefgh"), (3, 32, 32)

    def __init__(self):
        labels = torch.eye(8)[torch.arange(16) % 8] * torch.linspace(0, 1, 16)[:, None]
        self.whole = Batch(torch.rand(16, *self.sample_shape) * 2 - 1, labels)

    def __len__(self):
        return 16

    def batch(self, indices):
        return self.whole


def numbered_latents(generator):
    """Whoever asks ``generator`` for latents gets those of seed 0, then 1, 2, ..."""
    seeds = itertools.count()
    draw = generator.latent
    generator.latent = lambda n, random_state=None: draw(n, torch.Generator().manual_seed(next(seeds)))


def weights_of(networks):
    return {
        name: torch.cat([p.detach().flatten() for p in net.parameters()]) for name, net in networks.items()
    }


@pytest.mark.kernels
def test_the_step_of_the_page_is_that_of_the_engine(tmp_path):
    """Three steps of the default in float32, the first with R1, by the page and by the trainer: the same weights."""
    (code,) = (code for name, code in SNIPPETS if name == "training.md")
    page = {}
    torch.manual_seed(0)
    exec(compile(code, "training.md", "exec"), page)
    sets = ["training.precision=float32", "training.samples=48", "device=cpu"]
    for side in ("generator", "discriminator"):  # no step is late enough for a rate that falls
        sets.append(f"training.optimisers.{side}.lr.after=1k")
    recipe, data, averages = load_recipe("emotive-images", preset="cpu-32", sets=sets), Noise(), []
    assert recipe.architecture.items() >= page["architecture"].items()
    trainer = assemble(IMAGE, recipe, data, tmp_path, lambda ema: averages.append(ema) or ())
    G, D = trainer.networks["generator"], trainer.networks["discriminator"]  # noqa: N806
    for name, network in {"G": G, "D": D, "A": G}.items():
        page[name].load_state_dict(network.state_dict())
    for name in ("adam_G", "adam_D"):
        page[name].state.clear()
    begun = weights_of({"G": G, "D": D, "A": G})
    for generator in (page["G"], G):
        numbered_latents(generator)
    for n_steps in range(3):
        page["step"](data.whole.real, data.whole.condition, n_steps)
    trainer.run()
    assert trainer.n_steps == 3
    ended = weights_of({"G": G, "D": D, "A": averages[0]})
    for name, weights in weights_of({name: page[name] for name in begun}).items():
        # Adam's first steps have the size of the learning rate wherever a gradient is not 0: few of them may differ
        assert (weights - ended[name]).norm() < 0.02 * (ended[name] - begun[name]).norm(), name


def commands(path):
    """Each ``multigan ...`` in the code blocks of a page, as words."""
    text = path.read_text(encoding="utf-8")
    fenced = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    blocks = [block for language, block in fenced if language in ("", "sh")]
    blocks += re.findall(r"^(?: {4}.*\n)+", text, re.MULTILINE)
    for line in (line for block in blocks for line in block.replace("\\\n", " ").splitlines()):
        found = re.search(r"(?:^|&& |\$ )\s*(multigan .*)", line)
        if found:
            yield shlex.split(found[1], comments=True)[1:]


def unknown_options(words):
    """Options of a command that it does not have; a word where there is no such command."""
    from recipes.cli import main

    command: click.Command = main
    words = list(words)
    while isinstance(command, click.Group):
        if not words or words[0] not in command.commands:
            return words[:1] or ["no command"]
        command = command.commands[words.pop(0)]
    parameters = command.get_params(click.Context(command))
    known = {option for parameter in parameters for option in parameter.opts} | {"--help"}
    return [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]


def test_an_unknown_command_or_option_is_noticed():
    assert unknown_options(["evaluate", "--real", "a", "--fakes", "b"]) == ["--fakes"]
    assert unknown_options(["measure"]) == ["measure"]
    assert unknown_options(["recipe", "run", "emotive-images", "--set", "a=1"]) == []


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_commands_are_there(path):
    assert [(words, wrong) for words in commands(path) if (wrong := unknown_options(words))] == []


def test_the_pages_have_commands():
    assert sum(1 for _ in commands(ROOT / "docs" / "evaluation.md")) >= 8
    assert sum(1 for _ in commands(ROOT / "README.md")) >= 8


def anchors(path):
    """What GitHub calls the headings of a page in links."""
    titles = re.findall(r"^#+ (.*)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def broken_links(path):
    """Relative links of a page that lead to no file, or to no heading of a page."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        page = path.parent / file if file else path
        if "://" in target:
            continue
        if not page.exists() or (anchor and anchor not in anchors(page)):
            yield target


def test_every_picture_is_shown_by_a_page():
    examples = (ROOT / "examples").rglob("*.md")
    pages = "".join(path.read_text(encoding="utf-8") for path in (*PAGES, *examples))
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert len(pictures) > 10
    assert [path.name for path in pictures if f"images/{path.name}" not in pages] == []


def test_a_broken_link_is_noticed(tmp_path):
    (tmp_path / "b.md").write_text("# What holds: A & B\n", encoding="utf-8")
    page = tmp_path / "a.md"
    page.write_text("[1](b.md#what-holds-a--b) [2](c.md) [3](b.md#d) [4](#e) ![5](f.png)", encoding="utf-8")
    assert list(broken_links(page)) == ["c.md", "b.md#d", "#e", "f.png"]


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_links_lead_somewhere(path):
    assert list(broken_links(path)) == []


# ---- lines ----

WIDEST = 120


def prose(text):
    """Lines outside code, tables and headings, the targets of links left out, with their numbers."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        fenced ^= line.startswith("```")
        if not fenced and not line.startswith(("```", "    ", "|", "#")):
            yield number, re.sub(r"\]\([^)\s]+\)", "]", line)


def test_what_is_prose():
    text = "# A\nb [c](d)\n```sh\ne\n```\n| f |\n    g\n- h\n"
    assert list(prose(text)) == [(2, "b [c]"), (8, "- h")]


@pytest.mark.parametrize("path", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=relative)
def test_no_line_of_prose_is_wide(path):
    assert [n for n, line in prose(path.read_text(encoding="utf-8")) if len(line) > WIDEST] == []


def test_names_in_the_examples_are_known():
    """--metrics and --features of the examples: a wrong name would stop whoever copies one."""
    for words in (words for path in PAGES for words in commands(path) if words[0] == "evaluate"):
        given = dict(itertools.pairwise(words))
        features = tuple(given.get("--features", "").split(",")) if "--features" in given else ()
        assert set(features) <= set(extractors_by_name())
        if "--metrics" in given:
            assert metrics_by_name(tuple(given["--metrics"].split(",")), KINDS[given["--modality"]], features)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
