"""``multigan evaluate`` as a person meets it: what it prints, what it writes, and one line for every mistake."""

import json
import os
import shutil
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from evaluation.classifiers import images as image_classifier
from evaluation.kinds import KINDS
from evaluation.kinds.image import IMAGE
from evaluation.options import FEWEST
from multigan.reading.audio import Clip, pcm16_wav
from recipes.cli import main
from tests.worlds.emotive import faces, lines, tones

QUICK = ("--metrics", "fd,precision,authenticity")


def evaluate(*words):
    return CliRunner().invoke(main, ["evaluate", *map(str, words)])


def error_of(*words, code=1):
    """The one line that a mistake is answered with."""
    result = evaluate(*words)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    line = result.output.splitlines()[-1]
    assert line.startswith("Error: "), result.output
    assert result.output.count("Error: ") == 1
    assert "something unexpected" not in line
    return line.removeprefix("Error: ")


@pytest.fixture(autouse=True)
def nothing_fetched(monkeypatch, tmp_path):
    """No weights of whoever runs the tests, a place of one's own, and a width that does not hang on the terminal."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TORCH_HOME", "MULTIGAN_WEIGHTS"):
        monkeypatch.setenv(name, str(tmp_path / "no weights"))
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def noise(n, seed):
    return np.random.default_rng(seed).integers(0, 256, (n, 16, 16, 3), dtype=np.uint8)


def write_images(folder, images, drawn=None):
    rows = ["file,emotion,intensity"]
    for number, pixels in enumerate(images):
        name = f"{number:03d}.png"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)
        if drawn is not None:
            rows.append(f"{name},{drawn.labels[number]},{drawn.intensities[number]:.3f}")
    if drawn is not None:
        (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Folders real, a, b (darker) and held of noise."""
    root = tmp_path_factory.mktemp("images")
    write_images(root / "real", noise(60, 0))
    write_images(root / "a", noise(30, 1))
    write_images(root / "b", noise(24, 2) // 2)
    write_images(root / "held", noise(20, 3))
    return root


def report_in(folder):
    return json.loads((folder / "report.json").read_text())


# ---- what it prints and writes ----


def test_one_set_of_images(images, tmp_path):
    out = tmp_path / "new" / "out"
    result = evaluate("--real", images / "real", "--fake", images / "a", "--modality", "image", "--out", out)
    assert result.exit_code == 0, result.output
    shown = result.output.splitlines()
    assert shown[:3] == [
        f"real: {images / 'real'}, 60 samples, no labels", f"generated: {images / 'a'}, 30 samples, no labels",
        "How good are the generated images?",
    ]  # fmt: skip
    for words in (
        "generated",
        "held-out real",
        "[random-conv-v1]",
        "KD",
        "clipped coverage",
        "more figures are in the page; multigan evaluate --verbose prints all.",
        "n = 30",
    ):
        assert words in result.output
    assert "recall" not in result.output  # it is in the page
    assert "recall" in (out / "report.html").read_text()
    answers = report_in(out)["answers"]
    assert 1 <= len(answers) <= 6
    first = shown.index("How good are the generated images?") + 1
    assert (
        shown[first].split()
        == f"{answers[0]['verdict']} {answers[0]['sentence']}".split()[: len(shown[first].split())]
    )
    assert "Warning: LPIPS diversity" not in result.output
    assert shown[-2] == (
        "Not measured, because optional weights are not there: LPIPS diversity (lpips); "
        "`multigan weights lpips` says what to fetch."
    )
    assert shown[-1] == f"The report is in {out / 'report.html'} and {out / 'report.json'}."
    assert sorted(path.name for path in out.iterdir()) == [".multigan.json", "report.html", "report.json"]
    report = report_in(out)
    assert report["format_version"] == 3
    assert (report["modality"], report["subjects"], report["differences"]) == ("image", ["generated"], [])
    assert report["provenance"]["sources"] == {"real": str(images / "real"), "generated": str(images / "a")}
    assert report["provenance"]["command"].startswith("multigan")
    figures = {(figure["name"], figure["subject"]): figure for figure in report["figures"]}
    assert figures["FD[random-conv-v1]", "generated"]["n"] == 30
    for figure in report["figures"]:
        assert figure["low"] <= figure["value"] <= figure["high"]
    page = (out / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "data:image/png;base64," in page
    assert str(images / "a") in page


def test_two_sets_are_compared(images, tmp_path):
    words = ("--real", images / "real", "--fake", images / "a", "--fake", images / "b", "--modality", "image")
    result = evaluate(*words, "--held-out", images / "held", *QUICK)
    assert result.exit_code == 0, result.output
    assert (
        f"A: {images / 'a'}, 30 samples, no labels\nB: {images / 'b'}, 24 samples, no labels" in result.output
    )
    assert f"held-out real: {images / 'held'}, 20 samples" in result.output
    assert "A minus B: is the difference more than chance?" in result.output
    assert "A is better" in result.output
    report = report_in(tmp_path / "here" / "evaluation")  # the default
    assert report["subjects"] == ["A", "B"]
    verdicts = {row["figure"]: row["verdict"] for row in report["differences"]}
    assert verdicts["FD[random-conv-v1]"] == "A is better"
    assert {row["n"] for row in report["figures"] if row["subject"] == "A"} == {24}
    assert {row["n"] for row in report["figures"] if row["name"] == "FD[random-conv-v1]"} == {24, 20}
    assert [pair["subject"] for pair in report["closest"]] == ["A"] * 16 + ["B"] * 16
    assert report["closest"][0]["fake_name"].endswith(".png")


def test_labels_beside_images_are_read(monkeypatch, tmp_path):
    monkeypatch.setattr(image_classifier, "SAMPLES_AT", {32: 640, 64: 640})
    real, fake = faces(60, 0), faces(24, 1)
    write_images(tmp_path / "real", real.contents, real)
    write_images(tmp_path / "fake", fake.contents, fake)
    words = ("--real", tmp_path / "real", "--fake", tmp_path / "fake", "--modality", "image")
    result = evaluate(*words, "--metrics", "emotion accuracy, intensity correlation")
    assert result.exit_code == 0, result.output
    assert "generated: label asked for (rows), and read by the classifier (columns)" in result.output
    for label in sorted(set(real.labels)):
        assert label in result.output
    report = report_in(tmp_path / "here" / "evaluation")
    assert {f["name"] for f in report["figures"]} == {"emotion accuracy", "intensity correlation"}
    assert np.array(report["confusions"]["generated"]).sum() == 24


def test_clips(tmp_path):
    for name, n in (("real", 24), ("fake", 10)):
        (tmp_path / name).mkdir()
        for number, wave in enumerate(tones(n, n).contents):
            (tmp_path / name / f"{number}.wav").write_bytes(pcm16_wav(Clip(wave, 16_000)))
    words = ("--real", tmp_path / "real", "--fake", tmp_path / "fake", "--modality", "audio")
    result = evaluate(*words, "--metrics", "FAD,silent clips,D self", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "How good are the generated clips?" in result.output
    assert {f["name"] for f in report_in(tmp_path / "out")["figures"]} == {
        "FAD[log-mel-v1]", "silent clips", "D self",
    }  # fmt: skip
    assert "<audio" in (tmp_path / "out" / "report.html").read_text()


def test_texts_of_a_table_with_labels(tmp_path, quick_classifier):
    for name, n in (("real", 80), ("fake", 40)):
        drawn = lines(n, n)
        rows = [f"{text}\t{label}" for text, label in zip(drawn.contents, drawn.labels, strict=True)]
        (tmp_path / f"{name}.tsv").write_text("\n".join(["said\ttopic", *rows]) + "\n")
    words = ("--real", tmp_path / "real.tsv", "--fake", tmp_path / "fake.tsv", "--modality", "text")
    result = evaluate(*words, "--text-column", "said", "--labels-column", "topic")
    assert result.exit_code == 0, result.output
    assert "How good are the generated texts?" in result.output
    assert (
        "Not measured, because optional weights are not there: perplexity (gpt2); `multigan weights"
        in result.output
    )
    figures = {f["name"]: f for f in report_in(tmp_path / "here" / "evaluation")["figures"]}
    assert figures["emotion accuracy"]["value"] > 0.8
    assert {"BLEU-4", "self-BLEU-4", "distinct-2", "exact copies"} <= figures.keys()


def test_the_same_command_gives_the_same_report_and_another_seed_another(images, tmp_path):
    def figures(name, *more):
        words = ("--real", images / "real", "--fake", images / "a", "--modality", "image", *QUICK)
        assert evaluate(*words, "--n", 20, *more, "--out", tmp_path / name).exit_code == 0
        report = report_in(tmp_path / name)
        assert {f["n"] for f in report["figures"]} == {20}
        assert report["provenance"]["seed"] == (int(more[1]) if more else 0)
        return report["figures"]

    assert figures("1") == figures("2") != figures("3", "--seed", 7)


def test_corrupt_files_are_named(images, tmp_path):
    folder = write_images(tmp_path / "fake", noise(40, 4))
    (folder / "007.png").write_bytes(b"not an image")
    words = ("--real", images / "real", "--fake", folder, "--modality", "image", *QUICK)
    line = error_of(*words)
    assert line.startswith(
        f"{folder}: more than --max-bad (1%) cannot be used, 1 of 40 when reading stopped: 007.png"
    )
    result = evaluate(*words, "--max-bad", "0.03")
    assert result.exit_code == 0, result.output
    assert (
        "Warning: 1 of the generated samples could not be read and were skipped: 007.png (" in result.output
    )
    assert report_in(tmp_path / "here" / "evaluation")["provenance"]["skipped"] == {"generated": 1}


def test_all_figures_are_printed_on_request(images):
    words = ("--real", images / "real", "--fake", images / "a", "--modality", "image", "--verbose")
    result = evaluate(*words)
    assert result.exit_code == 0, result.output
    for words in ("coverage", "FD", "pairwise distance"):
        assert words in result.output
    assert "more figures are in the page" not in result.output


# ---- mistakes ----


def test_what_is_not_given_is_asked_for(images):
    real, fake = ("--real", images / "real"), ("--fake", images / "a")
    assert error_of(code=2) == "Give --real and at least one --fake, or --run, or --human."
    assert error_of(*real, code=2) == "Give --real and at least one --fake, or --run, or --human."
    assert (
        error_of(*fake, "--modality", "image", code=2)
        == "Give --real and at least one --fake, or --run, or --human."
    )
    assert (
        error_of(*real, *fake, code=2) == "Say what the samples are with --modality image|audio|text|video."
    )
    assert "27" in error_of(*real, *(27 * fake), "--modality", "image", code=2)


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (("--metrics", "precison"), 1, "There is no image metric named 'precison'. Did you mean 'precision'?"),
        (("--metrics", "FIDD"), 1, "There is no image metric named 'FIDD'. Did you mean 'FID'?"),
        (("--metrics", "fid"), 1, "FID means Inception features with the reference preprocessing, and no features were "
         "chosen. Add --features inception, or ask for 'FD'"),
        (("--metrics", " , "), 2, "--metrics takes names, separated by commas; found none in ' , '."),
        (("--features", ""), 2, "--features takes names, separated by commas; found none in ''."),
        (("--features", "inceptoin"), 1, "There is no image extractor named 'inceptoin'. Did you mean 'inception'?"),
        (("--features", "clap"), 1, "The extractor 'clap' is for audio, not for image"),
        (("--features", "inception"), 1, "inception needs weights that are not there: "
         "weights-inception-2015-12-05-6726825d.pth (95.6 MB); run `multigan weights fetch inception` or fetch https://"),
        (("--features", "dinov2"), 1, "; run `multigan weights fetch dinov2` or put them into "),
        (("--metrics", "lpips diversity"), 1, "LPIPS diversity was not measured. lpips needs weights"),
        (("--weights", "none.pth"), 2, "Invalid value for '--weights': Path 'none.pth' does not exist."),
        (("--oracle", "none"), 2, "Invalid value for '--oracle': File 'none' does not exist."),
        (("--n", FEWEST - 1), 2, f"{FEWEST - 1} is not in the range {FEWEST}<=x"),
        (("--n", "many"), 2, "'many' is not a valid integer range"),
        (("--seed", "-1"), 2, "-1 is not in the range 0<=x"),
        (("--seed", "1.5"), 2, "'1.5' is not a valid integer range"),
        (("--max-bad", "2"), 2, "2.0 is not in the range 0<=x<=1"),
        (("--modality", "imag"), 2, "There is no modality named 'imag'. Did you mean 'image'?"),
        (("--device", "tpu"), 2, "'tpu' is not one of"),
        (("--text-column", "said"), 1, "A text column ('said') is of texts, and the samples are image: leave it out."),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_one_line_and_leaves_nothing(images, tmp_path, more, code, message):
    words = ("--real", images / "real", "--fake", images / "a", "--modality", "image")
    assert message in error_of(*words, *more, code=code)
    assert not list((tmp_path / "here").iterdir())


def test_missing_weights_say_where_to_put_them_and_wrong_ones_are_refused(images, tmp_path, session_cache):
    words = (
        "--real",
        images / "real",
        "--fake",
        images / "a",
        "--modality",
        "image",
        "--features",
        "inception",
    )
    assert error_of(*words).endswith(f" and put it into {session_cache / 'weights'}.")
    assert error_of(*words, "--weights", tmp_path).endswith(f" and put it into {tmp_path}.")
    (tmp_path / "mine.pth").write_bytes(b"other weights")
    line = error_of(*words, "--weights", tmp_path / "mine.pth")
    assert line.startswith(
        f"{tmp_path / 'mine.pth'} is not weights-inception-2015-12-05-6726825d.pth of inception"
    )
    assert "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2" in line


@pytest.mark.parametrize("side", ["--real", "--fake", "--held-out"])
def test_folders_that_are_missing_empty_or_of_something_else(images, tmp_path, side):
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a text\n")
    write_images(tmp_path / "few", noise(5, 5))
    sets = {"--real": images / "real", "--fake": images / "a", "--held-out": images / "held"}

    def line(folder):
        chosen = {**sets, side: tmp_path / folder}
        return error_of(*(word for pair in chosen.items() for word in pair), "--modality", "image", *QUICK)

    assert line("none").startswith(f"There is no folder {tmp_path / 'none'}; give a folder that holds PNG")
    assert line("empty").startswith(f"No image in {tmp_path / 'empty'}: looked for PNG")
    assert line("texts").endswith("found only a.txt.")
    name = {"--real": "real", "--fake": "generated", "--held-out": "held-out real"}[side]
    assert line("few") == f"There are 5 {name} images; an evaluation needs 6 or more. Add images."
    assert not list((tmp_path / "here").iterdir())


def test_a_place_that_cannot_be_written_is_refused_before_any_work(images, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "recipes.evaluations.evaluate_samples", lambda *_, **__: pytest.fail("measured first")
    )
    (tmp_path / "file").write_text("in the way")
    words = ("--real", images / "real", "--fake", images / "a", "--modality", "image", "--out")
    message = "Choose another --out."
    assert (
        error_of(*words, tmp_path / "file") == f"Cannot write to {tmp_path / 'file'}: it is a file. {message}"
    )
    below = tmp_path / "file" / "out"
    assert error_of(*words, below) == f"Cannot write to {below}: Not a directory. {message}"
    if os.geteuid() != 0:  # for whom nothing is read-only
        (tmp_path / "locked").mkdir(mode=0o500)
        assert "Permission denied" in error_of(*words, tmp_path / "locked")


def test_a_registered_kind_is_a_modality_and_code_that_nobody_registered_is_not_run(tmp_path, monkeypatch):
    """The kind of images under another name: its files are images, and its report calls it so."""
    scans = replace(IMAGE, name="scans", singular="scan", noun="scans")
    write_images(tmp_path / "real", noise(40, 0))
    write_images(tmp_path / "fake", noise(20, 1))
    words = ("--real", tmp_path / "real", "--fake", tmp_path / "fake", "--metrics", "kd", "--modality")
    assert "There is no modality named 'scans'." in error_of(*words, "scans", code=2)
    line = error_of(*words, "evaluation.kinds.image:IMAGE")
    assert line.endswith(
        "multigan imports no code by itself: if you trust that package, add --plugin evaluation."
    )
    monkeypatch.setitem(KINDS._table, "scans", scans)
    result = evaluate(*words, "scans")
    assert result.exit_code == 0, result.output
    assert "How good are the generated scans?" in result.output
    assert report_in(tmp_path / "here" / "evaluation")["modality"] == "scans"


# ---- a run ----


def test_a_run_is_measured_again(run_copy, tmp_path):
    before = (run_copy / "report.json").read_bytes()
    (run_copy / "report.html").unlink()
    result = evaluate("--run", run_copy, "--device", "cpu")
    assert result.exit_code == 0, result.output
    assert f"The report is in {run_copy / 'report.html'} and {run_copy / 'report.json'}." in result.output
    report, first = report_in(run_copy), json.loads(before)
    assert report["figures"] == first["figures"]  # what the recipe itself reported
    assert report["run"] == first["run"]
    page = (run_copy / "report.html").read_text()
    assert page.index("Samples drawn one after another") < page.index('class="answers"')
    for words in (
        "Training",
        "discriminator/loss",
        "joy",
        "disgust",
    ):  # its curves, and samples of its emotions
        assert words in page, words
    chosen = ("--metrics", "fd,recall", "--features", "random-conv-v1", "--n", "40", "--seed", "3")
    result = evaluate("--run", run_copy, *chosen, "--out", tmp_path / "other")
    assert result.exit_code == 0, result.output
    other = report_in(tmp_path / "other")
    assert {f["name"] for f in other["figures"]} == {"FD[random-conv-v1]", "recall[random-conv-v1]"}
    assert {(f["n"], f["seed"]) for f in other["figures"]} == {(40, 3)}
    assert (tmp_path / "other" / "report.html").exists()


def test_mistakes_with_runs_are_one_line(run_copy, images, tmp_path):
    message = "--run measures a run against its own data; leave out --real, --modality."
    assert error_of("--run", run_copy, "--real", images / "real", "--modality", "image", code=2) == message
    assert error_of("--run", tmp_path / "none").startswith(f"There is no folder {tmp_path / 'none'}; ")
    assert "is not a run folder: it has no run.json" in error_of("--run", images)
    assert "inception needs weights" in error_of("--run", run_copy, "--features", "inception")
    assert "it is a file" in error_of("--run", run_copy, "--out", run_copy / "run.json")
    for checkpoint in (run_copy / "checkpoints").iterdir():
        shutil.rmtree(checkpoint)
    assert "checkpoint" in error_of("--run", run_copy)


# ---- starting ----


def test_help_says_what_each_option_does():
    result = evaluate("--help")
    assert result.exit_code == 0
    for option in (
        "--real", "--fake", "--run", "--modality", "--held-out", "--metrics", "--features", "--weights", "--oracle",
        "--n", "--seed", "--labels-column", "--text-column", "--max-bad", "--device", "--out", "--table", "--verbose",
        "--fail-if",
    ):  # fmt: skip
        assert f"{option} " in result.output
    for words in ("10000", "0.01", "default: evaluation"):
        assert words in result.output
    assert version("multigan") in CliRunner().invoke(main, ["--version"]).output


def test_metrics_are_listed_for_each_modality():
    result = CliRunner().invoke(main, ["evaluate", "--list-metrics"])
    assert result.exit_code == 0
    image, audio, text = result.output.split("audio:")[0], *result.output.split("audio:")[1].split("text:")
    assert "Does the emotion that was asked for come through?" in image
    assert "MS-SSIM" in image
    assert "D self" in audio
    assert "self-BLEU-4" in text
    assert "self-BLEU-4" not in image + audio
