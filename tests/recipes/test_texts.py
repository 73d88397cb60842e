"""The recipes of texts, end to end at their smallest: what a run leaves, sampling as people ask for sentences, resume."""

import csv
import json
import math
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from evaluation.metrics.likelihood import estimate_nll
from multigan.checkpoint import latest, load
from multigan.protocols import Batch
from multigan.sampling import load_generator
from multigan.sequences.page import write_page
from multigan.text.drawn.sets import NamedGrammar
from multigan.text.safety import NOTICES
from multigan.text.settings import TextSampling
from multigan.training.schedules import schedule_of
from recipes.reports import REPORTS
from recipes.reports.oracle import ALONE, FINAL, LIKELIHOOD, Point, repeated, verdict
from recipes.settings import load_recipe
from tests.worlds.commands import invoke, ran
from tests.worlds.runs import arguments as image_arguments

SMALL = {
    "device": "cpu",
    "data.drawn": 256,
    "data.drawn_held_out": 64,
    "architecture.hidden_size": 16,
    "architecture.discriminator.embedding_size": 8,
    "architecture.discriminator.widths": "[1,2,3]",
    "architecture.discriminator.filters": "[8,8,8]",
    "training.batch": 8,
    "training.schedule.likelihood_samples": 64,
    "training.schedule.discriminator_samples": 16,
    "training.samples": 32,
    "training.schedule.discriminator_repeat": 1,
    "training.schedule.objective.n_rollouts": 2,
    "training.checkpoint_every": 48,
    "training.preview_every": 112,
    "training.log_every": 16,
    "sampling.per_label": 2,
    "evaluation.n": 64,
    "evaluation.validation": 0,
}


def arguments(recipe="emotive-text", **chosen):
    whole = SMALL | {name.replace("__", "."): value for name, value in chosen.items()}
    return ["recipe", "run", recipe, *(f"--set={name}={value}" for name, value in whole.items())]


def error_of(*words):
    result = invoke(*words)
    assert result.exit_code == 1, result.output
    return result.output.splitlines()[-1]


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


def rows_of(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def text_run(tmp_path_factory, quick_classifier):
    folder = tmp_path_factory.mktemp("texts") / "run"
    ran(*arguments(), "--out", folder)
    return folder


def test_a_run_leaves_pages_samples_and_a_report(text_run):
    for name in ("grid.png", "intensity.png", "interpolation.png", "closest.png"):
        assert min(size_of(text_run / name)) > 100
    rows = rows_of(text_run / "samples" / "samples.tsv")
    assert len(rows) == 16
    assert {row["emotion"] for row in rows} >= {"joy", "sadness", "calm"}
    assert all(row["text"] and "<unk>" not in row["text"] and row["notice"] == NOTICES["en"] for row in rows)
    report = json.loads((text_run / "report.json").read_text())
    figures = {(figure["name"], figure["subject"]): figure["value"] for figure in report["figures"]}
    for name in (
        "BLEU-4",
        "self-BLEU-4",
        "exact copies",
        "emotion accuracy",
        "grammatical",
        "MAUVE[hashed-ngrams-v1]",
    ):
        assert 0 <= figures[name, "generated"] <= 1
    assert figures["grammatical", "held-out real"] == 1
    assert figures["grammatical", "generated"] < 0.5  # after 8 steps of training
    assert figures["NLL-gen", "held-out real"] > 2
    assert report["run"]["filter"]["filter"] == "default"
    frontier = json.loads((text_run / "frontier.json").read_text())
    assert [point["setting"] for point in frontier["points"]] == [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2]
    assert 0 < frontier["area"] < 1
    assert min(size_of(text_run / "frontier.png")) > 300
    assert report["run"]["filter"]["drawn"] >= 64
    assert NOTICES["en"] in report["warnings"]
    assert NOTICES["en"].split(";")[0] in (text_run / "report.html").read_text()


def test_nll_gen_is_that_of_the_held_out_rows(text_run):
    from multigan.text.data import open_text

    trained = load_generator(text_run, torch.device("cpu"))
    report = json.loads((text_run / "report.json").read_text())
    figure = next(figure for figure in report["figures"] if figure["name"] == "NLL-gen")
    held_out = open_text(trained.data, None, lambda *_: None).held_out
    batch: Batch = held_out.batch(range(len(held_out)))
    total = trained.network.log_prob(batch.real, batch.condition).sum(1).double().numpy()
    # a row has its words and, unless they fill it, the mark that ends it
    lengths = [min(int((row != 0).sum()) + 1, len(row)) for row in batch.real]
    assert figure["value"] == pytest.approx(estimate_nll(total, np.array(lengths)).value, rel=1e-5)


def test_sampling_as_asked(text_run, tmp_path):
    asked = ("sample", text_run, "--emotion", "joy", "--n", 5, "--temperature", 0.9, "--top-p", 0.95)
    output = ran(*asked, "--out", tmp_path / "a")
    rows = rows_of(tmp_path / "a" / "samples.tsv")
    assert len(rows) == 5
    assert {(row["emotion"], row["temperature"], row["top_p"]) for row in rows} == {("joy", "0.9", "0.95")}
    assert all(row["text"] in output for row in rows)
    assert "The safety filter (default) withheld" in output
    ran(*asked, "--out", tmp_path / "b")
    assert (tmp_path / "b" / "samples.tsv").read_bytes() == (tmp_path / "a" / "samples.tsv").read_bytes()
    ran("sample", text_run, "--emotion", "joy", "--n", 5, "--temperature", 1e-5, "--out", tmp_path / "cold")
    assert len({row["text"] for row in rows_of(tmp_path / "cold" / "samples.tsv")}) == 1
    assert "above 0" in error_of("sample", text_run, "--temperature", 0)
    assert "top-p is a probability" in error_of("sample", text_run, "--top-p", 1.5)
    assert "There is no safety filter named 'defalt'" in error_of("sample", text_run, "--filter", "defalt")
    assert "is of sounds" in error_of("sample", text_run, "--duration", 3)


def test_planted_words_are_withheld_at_sampling_and_counted(text_run, tmp_path):
    """A lexicon that catches the commonest word of the run: fewer or other sentences come through, and the tally says so."""
    first = rows_of(text_run / "samples" / "samples.tsv")
    words = [word for row in first for word in row["text"].split() if word.isalpha()]
    commonest = max(sorted(set(words)), key=words.count)
    (tmp_path / "lexicon.txt").write_text(f"[planted]\n{commonest}\n", encoding="utf-8")
    output = ran(
        "sample", text_run, "--n", 2, "--filter", tmp_path / "lexicon.txt", "--out", tmp_path / "samples"
    )
    kept = [row["text"] for row in rows_of(tmp_path / "samples" / "samples.tsv")]
    assert kept
    assert not any(commonest in text.split() for text in kept)
    assert "planted" in output.splitlines()[-1]


def test_a_stopped_run_goes_on_to_the_same_bits(text_run, tmp_path, monkeypatch):
    from multigan.training.trainer import Trainer

    step = Trainer._step

    def stopping(self, stage):
        step(self, stage)
        self.interrupted = self.interrupted or self.n_steps == 9  # in the discriminator's stage

    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "_step", stopping)
        result = invoke(*arguments(), "--out", tmp_path / "run")
        assert result.exit_code == 130, result.output
    ran("recipe", "run", "emotive-text", "--out", tmp_path / "run", "--resume")
    whole, resumed = (load(latest(folder / "checkpoints")) for folder in (text_run, tmp_path / "run"))
    for name, tensor in whole["parts"]["networks.generator"].items():
        assert torch.equal(tensor, resumed["parts"]["networks.generator"][name]), name
    same = (folder / "samples" / "samples.tsv" for folder in (text_run, tmp_path / "run"))
    assert len({path.read_bytes() for path in same}) == 1


def test_a_recipe_of_an_earlier_version_may_say_what_asks_for_nothing(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: mine\nbase: emotive-text\nsampling: {truncation: 1.0, temperature: 0.5}\n")
    recipe = load_recipe(str(mine))
    assert recipe.sampling == TextSampling(temperature=0.5)


def test_other_data_are_refused_on_resume(text_run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(text_run, folder)
    asked = ("recipe", "run", "emotive-text", "--out", folder, "--resume")
    before = (folder / "run.json").read_bytes()
    assert "labels or vocabulary differ" in error_of(*asked, "--set=data.seed=1")
    assert (folder / "run.json").read_bytes() == before


def test_pages_pass_the_filter_that_is_asked_for(text_run, tmp_path):
    trained = load_generator(text_run, torch.device("cpu"))
    (tmp_path / "lexicon.txt").write_text("[planted]\n\\w+\n", encoding="utf-8")
    tokens = trained.network(trained.network.latent(4), torch.eye(8)[:4])
    options = TextSampling(filter=str(tmp_path / "lexicon.txt"))
    trained.sampling.page(trained, tokens, 2, tmp_path / "a.png", options)
    write_page(["(withheld by the safety filter)"] * 4, 2, tmp_path / "b.png", NOTICES["en"])
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    trained.modality.preview(tokens, 2, tmp_path / "c.png", trained.data)
    assert (tmp_path / "c.png").read_bytes() != (tmp_path / "b.png").read_bytes()


def test_a_run_from_elsewhere_does_not_switch_the_filter_off(text_run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(text_run, folder)
    recipe = (folder / "recipe.yaml").read_text()
    (folder / "recipe.yaml").write_text(recipe.replace("filter: default", "filter: none"))
    assert "filter: none" in (folder / "recipe.yaml").read_text()
    ran("evaluate", "--run", folder, "--out", tmp_path / "report", "--n", 64)
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["run"]["filter"]["filter"] == "default"


def test_a_run_is_evaluated_in_its_own_vocabulary(tmp_path):
    words = [f"word{i}" for i in range(40)]
    path = tmp_path / "own.txt"
    path.write_text("\n".join(f"{words[i % 40]} {words[(7 * i) % 40]} {i}." for i in range(150)))
    ran(*arguments(data__least_count=1), "--data", path, "--out", tmp_path / "run")
    held = json.loads((tmp_path / "run" / "report.json").read_text())
    path.write_text(f"{path.read_text()}\n" + "\n".join(f"zzz zzz {i} other words." for i in range(40)))
    ran("evaluate", "--run", tmp_path / "run", "--out", tmp_path / "report", "--n", 64)
    again = json.loads((tmp_path / "report" / "report.json").read_text())
    first, second = (
        next(figure["value"] for figure in report["figures"] if figure["name"] == "NLL-gen")
        for report in (held, again)
    )
    # 8 steps of training: near log V of its own vocabulary both times, new words being unknown
    assert second == pytest.approx(first, abs=0.3)


def test_a_run_without_its_vocabulary_says_so(text_run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(text_run, folder)
    facts = json.loads((folder / "run.json").read_text())
    facts["data_settings"]["tokenizer"] = None
    (folder / "run.json").write_text(json.dumps(facts))
    assert "vocabulary of these texts is missing" in error_of("sample", folder, "--n", 1)


def test_a_table_of_ones_own(tmp_path, quick_classifier):
    """No header, numbers as labels with a file of their names, one class with few rows, empty and damaged lines."""
    drawn = np.random.default_rng(0)
    words = ["good", "bad", "day", "night", "rain", "sun", "friend", "home", "work", "song"]
    lines = [f"{' '.join(drawn.choice(words, 6))} {i}.\t{i % 2}\tid{i}".encode() for i in range(200)]
    lines[3:3] = [
        b"",
        b"\t1\tid",
        b"caf\xe9 au lait every day\t1\tid9000",
        b"word " * 50_000 + b"\t0\tid9001",
    ]
    (tmp_path / "train.tsv").write_bytes(b"\n".join(lines) + b"\n")
    (tmp_path / "emotions.txt").write_text("joy\nsadness\n")
    output = ran(*arguments(data__least_count=1), "--data", tmp_path / "train.tsv", "--out", tmp_path / "run")
    assert "not UTF-8" in output
    assert "have more than" in output
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    names = {figure["name"] for figure in report["figures"]}
    assert {"exact copies", "FD[hashed-ngrams-v1]", "NLL-gen", "emotion accuracy"} <= names
    assert "grammatical" not in names  # the package's grammar did not write this
    asked = arguments(data__least_count=1, report="[language,grammar]")
    line = error_of(*asked, "--data", tmp_path / "train.tsv", "--out", tmp_path / "never")
    assert (
        "The report 'grammar' is of sentences that a grammar writes, and none wrote these data; leave it out"
        in line
    )
    assert not (tmp_path / "never").exists()
    assert {row["emotion"] for row in rows_of(tmp_path / "run" / "samples" / "samples.tsv")} == {
        "joy",
        "sadness",
    }


def test_the_oracle_experiment(tmp_path):
    small = {"architecture__embedding_size": 8, "evaluation__n": 48}
    output = ran(
        *arguments("seqgan-oracle", data__drawn=64, data__drawn_held_out=48, **small), "--out", tmp_path
    )
    held = json.loads((tmp_path / "oracle.json").read_text())
    points = {(point["model"], point["temperature"]): point for point in held["points"]}
    assert points["uniform", 1.0]["nll_gen"] == pytest.approx(math.log(5000))
    assert points["uniform", 1.0]["repeated"] < 0.1
    assert points["oracle", 1.0]["nll_oracle"] == points["oracle", 1.0]["nll_gen"] < 7
    assert points[LIKELIHOOD, 1.0]["nll_gen"] == pytest.approx(math.log(5000), abs=1)
    assert {temperature for model, temperature in points if model == FINAL} >= {0.7, 1.0, 1.2}
    assert held["verdict"] in output
    assert min(size_of(tmp_path / "oracle.png")) > 300


def test_the_oracle_experiment_by_likelihood_alone(tmp_path):
    preset = load_recipe("seqgan-oracle", preset="likelihood")
    schedule, own = schedule_of(preset.training)
    lengths = schedule.lengths(own, preset.training)
    assert lengths == {"likelihood": 160_000, "discriminator": 0, "adversarial": 0}
    small = {"architecture__embedding_size": 8, "evaluation__n": 48, "training__samples": 0}
    drawn = {"data__drawn": 64, "data__drawn_held_out": 48, "training__schedule__discriminator_samples": 0}
    ran(*arguments("seqgan-oracle", **small, **drawn), "--preset=likelihood", "--out", tmp_path)
    held = json.loads((tmp_path / "oracle.json").read_text())
    assert {point["model"] for point in held["points"]} == {ALONE, "oracle", "uniform"}
    assert held["verdict"].startswith("The generator has NLL-oracle")


@pytest.mark.parametrize(("texts", "held_out"), [(["a", "b", "c"], ["d"]), (["a"], ["b", "c"])])
def test_no_figures_of_a_single_text(texts, held_out):
    """An interval takes two; a run must not end without its report for the lack of one."""
    splits = SimpleNamespace(train=SimpleNamespace(grammar=NamedGrammar("emotive")), held_out=held_out)
    trained = SimpleNamespace(network=None)
    evidence = SimpleNamespace(splits=splits, rows=np.arange(len(texts)), trained=trained)
    for name in ("language", "grammar"):
        assert REPORTS[name].make(evidence).figures == ()


def test_a_run_of_before_without_a_grammar_is_told_that_it_has_none():
    splits = SimpleNamespace(train=SimpleNamespace(), held_out=["a", "b"])
    findings = REPORTS["grammar"].make(SimpleNamespace(splits=splits, rows=np.arange(2)))
    assert (findings.figures, len(findings.lines)) == ((), 1)
    assert findings.lines[0] == "There are no figures of a grammar: none wrote the data of this run."


def test_sequences_that_repeat_a_pair_are_counted():
    rows = [[1, 2, 3, 1, 2], [1, 2, 3, 2, 1], [7, 7, 7, 1, 2], [7, 7, 1, 7, 2], [0, 4_999, 1, 0, 4_999]]
    assert [repeated(np.array([row], np.int32)) for row in rows] == [1, 0, 1, 0, 1]
    assert repeated(np.array(rows)) == 0.6


def test_the_verdict_compares_at_equal_quality():
    def point(model, temperature, quality, own):
        return Point(model, temperature, quality, 0.01, own, 0.01, 0.0, 100)

    line = [point(LIKELIHOOD, 0.8, 8.0, 9.0), point(LIKELIHOOD, 1.0, 9.0, 8.0)]
    for own, said in (
        (8.3, "is better by 0.200"),
        (8.8, "is worse by 0.300"),
        (8.501, "cannot be told apart"),
    ):
        sentence = verdict([*line, point(FINAL, 1.0, 8.5, own)])
        assert "temperature 0.90" in sentence
        assert said in sentence
    assert "cannot be compared" in verdict([*line, point(FINAL, 1.0, 7.0, 8.0)])
    assert "no stage of likelihood" in verdict([point(ALONE, 1.0, 7.0, 8.0)])


def test_a_spanish_run_has_spanish_sentences_and_their_filter_and_notice(tmp_path, quick_classifier):
    folder = tmp_path / "run"
    ran(*arguments(data__language="es"), "--out", folder)
    rows = rows_of(folder / "samples" / "samples.tsv")
    assert {row["notice"] for row in rows} == {NOTICES["es"]}
    report = json.loads((folder / "report.json").read_text())
    figures = {(figure["name"], figure["subject"]): figure["value"] for figure in report["figures"]}
    assert figures["grammatical", "held-out real"] == 1
    assert figures["grammatical", "generated"] < 0.5
    assert report["run"]["filter"]["filter"] == "default (es)"
    assert "The safety filter (default (es)) withheld" in ran(
        "sample", folder, "--n", 2, "--out", tmp_path / "a"
    )


def test_what_does_not_fit_is_said_before_training(tmp_path):
    out = ("--out", tmp_path / "run")
    assert "language is en or es, found 'fr'" in error_of(*arguments(data__language="fr"), *out)
    assert "no sentences 'supportive' in the language 'es'" in error_of(
        *arguments("supportive-text", data__language="es"), *out
    )
    assert "multigan sample --filter module:attribute" in error_of(
        *arguments(sampling__filter="os:system"), *out
    )
    assert "lexicon" in error_of(*arguments(sampling__filter="missing.txt"), *out)
    adversarial = [word for word in arguments() if "training.schedule" not in word]
    assert "No gradient flows" in error_of(*adversarial, "--set=training.schedule.name=adversarial", *out)
    assert "say `modality: tokens`" in error_of(*arguments(), "--oracle", tmp_path / "o.safetensors", *out)
    assert "say `modality: tokens`" in error_of(*arguments(data__sentences="oracle"), *out)
    assert "'language' is of token sequences" in error_of(*image_arguments(report="[language]"), *out)
    assert "'frontier' is of texts" in error_of(*image_arguments(report="[frontier]"), *out)
    assert "is of data that an oracle wrote" in error_of(*arguments(report="[oracle]"), *out)
    assert "Did you mean 'language'" in error_of(*arguments(report="[languag]"), *out)
    assert "There is no" in error_of(*arguments(), "--data", tmp_path / "missing.tsv", *out)
    assert not (tmp_path / "run").exists()
