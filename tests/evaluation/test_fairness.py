"""What is compared is treated alike: real samples for scale, training samples, sizes, labels, and the share of bad files."""

import numpy as np
import pytest
import torch
from PIL import Image

from evaluation.figures import GENERATED, HELD_OUT
from evaluation.pipeline import evaluate
from evaluation.plan import prepare
from evaluation.sources import as_samples
from multigan.errors import ConfigError, DataError
from tests.worlds.pictures import noise


def sentences(n, seed):
    random = np.random.default_rng(seed)
    words = [f"w{number}" for number in range(60)]
    return [" ".join(random.choice(words, 5)) for _ in range(n)]


def test_what_looks_at_one_set_shows_real_samples_at_full_n():
    report = evaluate(
        sentences(40, 0), sentences(40, 1), metrics=["self-BLEU-2", "distinct-1", "BLEU-2", "KD"]
    )
    n = {name: report.figure(name, HELD_OUT).n for name in ("self-BLEU-2", "distinct-1", "BLEU-2")}
    assert n == {"self-BLEU-2": 40, "distinct-1": 40, "BLEU-2": 20}
    assert any(
        "n = 20 and the fakes at more" in warning and "BLEU-2" in warning for warning in report.warnings
    )


def test_with_twice_as_many_real_samples_there_is_nothing_to_warn_of():
    report = evaluate(sentences(80, 0), sentences(40, 1), metrics=["BLEU-2", "KD"])
    assert report.figure("BLEU-2", HELD_OUT).n == 40
    assert not any("measured at n" in warning for warning in report.warnings)


def test_real_samples_for_scale_may_copy_as_much_training_text_as_fakes():
    """Texts that all occur twice: a fresh real text is a copy of one of the others, though of none of n others alone."""
    texts = sentences(150, 0)
    report = evaluate(texts * 2, sentences(20, 1), metrics=["exact copies"], seed=3)
    assert report.figure("exact copies", HELD_OUT).value >= 0.7
    assert report.figure("exact copies").value < 0.2


@pytest.mark.parametrize("make", [noise, sentences])
def test_held_out_samples_that_are_real_ones_too_are_counted(make):
    real, fresh = list(make(40, 0)), list(make(20, 1))
    held_out = [*real[:7], *fresh[:13]]
    if make is noise:
        real, held_out = np.stack(real), np.stack(held_out)
    metrics = ["FD"]
    report = evaluate(real, make(20, 2), held_out=held_out, metrics=metrics)
    assert any(
        warning.startswith("7 of the 20 held-out samples are among the real ones too")
        for warning in report.warnings
    )
    report = evaluate(real, make(20, 2), held_out=make(20, 1), metrics=metrics)
    assert not any("among the real ones" in warning for warning in report.warnings)


def test_labels_that_cannot_be_compared_are_told():
    def labelled(*labels, seed):
        return as_samples(sentences(40, seed), labels=[labels[i % len(labels)] for i in range(40)])

    def told(real, fake, held_out):
        report = evaluate(real, fake, held_out=held_out, metrics=["distinct-1"])
        return [warning for warning in report.warnings if "label" in warning]

    both = labelled("a", "b", seed=0)
    assert told(both, labelled("a", "b", seed=1), labelled("a", "b", seed=2)) == []
    (lacking,) = told(both, labelled("a", "b", seed=1), labelled("a", seed=2))
    assert lacking.startswith("No held-out sample is labelled b: ")
    (other,) = told(labelled("clips", seed=0), labelled("a", "b", seed=1), None)
    assert "every real sample has the label clips, and the generated ones have a, b." in other


def test_mirror_images_of_real_samples_are_looked_up_too():
    images = noise(40, 0)
    held_out = noise(12, 1)
    held_out[:5] = images[:5, :, ::-1]
    plain, turned = (
        evaluate(images, noise(12, 2), held_out=held_out, metrics=["authenticity"], mirrored=mirrored)
        for mirrored in (False, True)
    )
    name = "authenticity[random-conv-v1]"
    assert turned.figure(name, HELD_OUT).value + 0.2 < plain.figure(name, HELD_OUT).value


def enlarged(images, times):
    return np.stack(
        [np.asarray(Image.fromarray(pixels).resize((times * 32, times * 32), 0)) for pixels in images]
    )


def test_every_set_is_brought_to_one_size_before_pairs_are_compared():
    """The same images at twice the size, by nearest pixels, are the same images again by area means."""
    images = noise(60, 0, side=32)
    report = evaluate(noise(60, 1, side=32), {"A": images, "B": enlarged(images, 2)}, metrics=["MS-SSIM"])
    assert report.figure("MS-SSIM", "A").value == pytest.approx(report.figure("MS-SSIM", "B").value, abs=1e-9)
    assert report.differences[0].verdict == "no difference can be told at this n"


def test_pairs_share_labels_only_where_every_set_has_them():
    labels = ["joy", "anger"] * 30
    real, named = as_samples(noise(60, 0, 32), labels=labels), as_samples(noise(60, 1, 32), labels=labels)
    mixed = evaluate(real, {"A": as_samples(noise(60, 1, 32)), "B": named}, metrics=["MS-SSIM"])
    assert mixed.figure("MS-SSIM", "A").value == mixed.figure("MS-SSIM", "B").value
    alone = evaluate(real, named, metrics=["MS-SSIM"])
    assert "that share a label" in alone.figure("MS-SSIM").note


def test_images_in_0_to_1_are_not_taken_for_minus_1_to_1():
    with pytest.raises(DataError, match=r"seem to be in \[0, 1\]"):
        evaluate(noise(20, 0), torch.rand(20, 3, 16, 16), metrics=["KD"])
    evaluate(noise(20, 0), torch.rand(20, 3, 16, 16) * 2 - 1, metrics=["KD"])


def test_bad_files_are_a_share_of_the_whole_set(tmp_path):
    """One file of 205 is within 1%, wherever the draw puts it."""
    for number, pixels in enumerate(noise(205, 0, side=8)):
        Image.fromarray(pixels).save(tmp_path / f"{number:03d}.png")
    (tmp_path / "200.png").write_bytes(b"no image")
    for seed in range(3):
        report = evaluate(
            tmp_path, noise(20, 1, side=8), modality="image", metrics=["authenticity"], n=20, seed=seed
        )
        assert report.provenance["skipped"] == {"real": 1}


def test_what_only_real_samples_lack_leaves_the_fakes_measured():
    """Pairs need two samples in two groups; the three held-out images have none, and the fakes do."""
    report = evaluate(noise(60, 0, 32), noise(60, 1, 32), held_out=noise(6, 2, 32), metrics=["MS-SSIM"])
    assert [figure.subject for figure in report.figures] == [GENERATED]
    assert any("MS-SSIM of real samples was not measured" in warning for warning in report.warnings)


def test_a_metric_that_wants_more_samples_leaves_the_others_measured_and_says_where_n_is_why():
    real = as_samples(noise(80, 0, 32), labels=["joy", "anger"] * 40)
    fake = as_samples(noise(80, 1, 32), labels=["joy", "anger"] * 40)
    report = evaluate(real, fake, metrics=["MS-SSIM", "KD"], n=20)
    assert {figure.name for figure in report.figures} == {"KD[random-conv-v1]"}
    (warning,) = [warning for warning in report.warnings if "MS-SSIM" in warning]
    assert warning == (
        "MS-SSIM was not measured. There are too few samples for pairs with the same label; found 20 with 2 labels. Give "
        "at least 40 a label. --n 20 takes 20 of the 80 that are there; a larger one takes more."
    )
    assert evaluate(real, fake, metrics=["MS-SSIM"], n=80).figure("MS-SSIM")
    few = [as_samples(noise(20, seed, 32), labels=["joy", "anger"] * 10) for seed in (0, 1)]
    with pytest.raises(
        DataError, match=r"nothing to report\. MS-SSIM was not measured\..* Give at least 40 a label\.$"
    ):
        evaluate(*few, metrics=["MS-SSIM"])


def test_folders_that_are_no_labels_are_none():
    real = as_samples(sentences(40, 0), labels=["joy", "anger"] * 20)
    fake = as_samples(sentences(20, 1), labels=["00000"] * 10 + ["00001"] * 10)
    report = evaluate(real, fake, metrics=["KD", "emotion accuracy"])
    assert {figure.name for figure in report.figures if figure.subject == GENERATED} == {
        "KD[hashed-ngrams-v1]"
    }
    assert any(
        "no real sample has the label 00000, 00001; the real ones are joy, anger" in warning
        for warning in report.warnings
    )


def test_too_few_samples_for_the_features_is_a_warning_of_the_report():
    report = evaluate(noise(60, 0), noise(30, 1), metrics=["FD", "FD infinity"])
    assert any(
        "too few for the Fréchet distance" in warning and "kernel distance" in warning
        for warning in report.warnings
    )
    assert any("FD infinity of 512 features takes more than 2048" in warning for warning in report.warnings)


def test_arrays_of_audio_have_a_rate():
    random = np.random.default_rng(0)
    clips = random.uniform(-0.5, 0.5, (24, 4000)).astype(np.float32)
    report = evaluate(clips[:12], clips[12:], modality="audio", rate_hz=8000, metrics=["KD"])
    assert report.figure("KD[log-mel-v1]").n == 12


def test_copies_are_told_before_any_figure_is_believed():
    report = evaluate(noise(40, 0), noise(40, 0), metrics=["authenticity"])
    assert "40 of 40 generated samples are at no distance from a real one: copies." in report.warnings


def test_a_metric_of_features_trains_no_classifier(monkeypatch):
    monkeypatch.setattr(prepare, "trained_classifier", lambda *_: pytest.fail("a classifier was trained"))
    labels = ["joy", "anger"] * 20
    report = evaluate(as_samples(noise(40, 0), labels=labels), noise(20, 1), metrics="KD")
    assert not report.confusions


def test_a_device_that_is_not_there_is_one_sentence():
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(ConfigError, match="there is no CUDA here"):
        evaluate(noise(20, 0), noise(20, 1), device="cuda")
