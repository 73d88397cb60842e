"""``evaluate`` and what it is given: files that cannot be read, the cache, sets too small, and sources that do not fit."""

import json

import numpy as np
import pytest
from PIL import Image

from evaluation.classifiers import images as image_classifier
from evaluation.figures import GENERATED, HELD_OUT
from evaluation.pipeline import evaluate
from evaluation.plan.request import label_names
from evaluation.report.json import to_json
from evaluation.sources import as_samples, open_folder
from multigan.errors import ConfigError, DataError
from multigan.reading import image as reading
from tests.worlds.emotive import faces
from tests.worlds.pictures import noise, written

RANDOM = "random-conv-v1"
METRICS = ["fd", "precision", "authenticity"]
TEXTS = [
    f"the {colour} {animal} sleeps" for colour in ("red", "blue", "old") for animal in ("cat", "dog", "cow")
]


REAL, FAKE = noise(60, 0), noise(30, 1)


def content(report):
    return json.dumps(to_json(report))


# ---- images in files of arrays ----


def test_images_of_an_npz_are_measured_as_those_of_a_folder(tmp_path):
    np.savez(tmp_path / "fake.npz", FAKE)
    np.savez(tmp_path / "real.npz", images=REAL, labels=np.arange(60) % 2)
    of_arrays = evaluate(tmp_path / "real.npz", tmp_path / "fake.npz", modality="image", metrics=METRICS)
    of_folders = evaluate(
        written(tmp_path / "real", REAL), written(tmp_path / "fake", FAKE), modality="image", metrics=METRICS
    )
    assert of_arrays.figure(f"FD[{RANDOM}]") == of_folders.figure(f"FD[{RANDOM}]")
    assert as_samples(tmp_path / "real.npz", "image").labels == ("0", "1") * 30


# ---- files that cannot be read ----


@pytest.fixture
def damaged(tmp_path):
    """40 images, of which numbers 3 and 21 are broken."""
    folder = written(tmp_path / "fake", noise(40, 3))
    (folder / "003.png").write_bytes(b"")
    (folder / "021.png").write_bytes((folder / "021.png").read_bytes()[:200])
    return folder


def test_unreadable_files_are_skipped_counted_and_named(damaged):
    report = evaluate(REAL, damaged, modality="image", metrics=METRICS, max_bad=0.05)
    (warning,) = [held for held in report.warnings if "could not be read" in held]
    assert warning.startswith("2 of the generated samples could not be read and were skipped: 003.png (")
    assert "021.png (" in warning
    assert report.provenance["skipped"] == {GENERATED: 2}
    assert report.provenance["n"][GENERATED] == 40
    assert {f.n for f in report.figures if f.subject == GENERATED} == {38}
    assert report.figure(f"FD[{RANDOM}]", HELD_OUT).n == 30
    again = evaluate(REAL, damaged, modality="image", metrics=METRICS, max_bad=0.05)
    assert content(again) == content(report)  # the cache knows what could not be read, and says so again
    for pair in report.closest:
        assert pair.fake_name == f"{pair.fake:03d}.png" not in ("003.png", "021.png")


def test_every_set_is_as_large_as_the_smallest_that_can_be_read(damaged):
    sets = {"A": damaged, "B": noise(40, 5)}
    report = evaluate(REAL, sets, modality="image", metrics=METRICS, max_bad=0.05)
    counts = {(f.name.split("[")[0], f.subject): f.n for f in report.figures if f.subject != HELD_OUT}
    assert counts == {(name, subject): 38 for name in ("FD", "precision", "authenticity") for subject in sets}
    assert report.provenance["n measured"] == 38
    assert len(report.differences) == 3


def test_too_many_unreadable_files_stop_with_a_list(damaged):
    message = r"fake: more than --max-bad \(4%\) cannot be used, 2 of 40 when reading stopped: .*Mend or remove them"
    with pytest.raises(DataError, match=message) as raised:
        evaluate(REAL, damaged, modality="image", metrics=METRICS, max_bad=0.04)
    assert "003.png" in str(raised.value)
    assert "021.png" in str(raised.value)


def test_too_few_readable_files_are_refused(tmp_path):
    folder = written(tmp_path / "fake", noise(8, 3))
    for number in range(3):
        (folder / f"{number:03d}.png").write_bytes(b"")
    with pytest.raises(
        DataError, match="There are 5 readable generated images; an evaluation needs 6 or more"
    ):
        evaluate(REAL, folder, modality="image", metrics=METRICS, max_bad=0.5)


# ---- the cache ----


def counted(monkeypatch):
    """The names of the images that are read from now on."""
    names, read = [], reading.read_image

    def reads(path, *more):
        names.append(path.name)
        return read(path, *more)

    monkeypatch.setattr(reading, "read_image", reads)
    return names


def test_a_second_evaluation_reads_nothing_and_says_the_same(tmp_path, monkeypatch):
    """Also where a classifier of emotions was trained on the images; a file that changed is read again."""
    monkeypatch.setattr(image_classifier, "SAMPLES_AT", {32: 320, 64: 320})
    sets = [faces(48, 0), faces(24, 1)]
    real, fake = (written(tmp_path / str(k), held.contents, held.labels) for k, held in enumerate(sets))
    names = counted(monkeypatch)

    def again(**more):
        names.clear()
        metrics = [*METRICS, "emotion accuracy"]
        return content(evaluate(real, fake, modality="image", metrics=metrics, **more)), len(set(names))

    first, n_read = again()
    assert n_read == 48
    assert again() == (first, 0)
    changed = fake / sets[1].labels[5] / "005.png"
    Image.fromarray(sets[1].contents[6]).save(changed)
    second, n_read = again()
    assert second != first
    assert n_read == 0  # these pixels are known from another file
    Image.fromarray(255 - sets[1].contents[6]).save(changed)
    third, _ = again()
    assert set(names) == {"005.png"}
    names.clear()
    anew = evaluate(real, fake, modality="image", metrics=[*METRICS, "emotion accuracy"], cache=False)
    assert len(set(names)) == 48
    for figure, known in zip(to_json(anew)["figures"], json.loads(third)["figures"], strict=True):
        # a network's last bits hang on what else is in a batch
        assert figure["value"] == pytest.approx(known["value"], rel=1e-3, abs=1e-3), figure["name"]


def test_files_in_another_order_are_the_same_samples(tmp_path):
    """Files are taken in the order of their names, whichever was written first."""
    forward = written(tmp_path / "forward", FAKE)
    backward = tmp_path / "backward"
    backward.mkdir()
    for number in reversed(range(len(FAKE))):
        Image.fromarray(FAKE[number]).save(backward / f"{number:03d}.png")
    found = [evaluate(REAL, folder, modality="image", metrics=METRICS) for folder in (forward, backward)]
    assert found[0].figures == found[1].figures
    assert found[0].closest == found[1].closest


def test_progress_of_every_part_reaches_its_end(tmp_path):
    seen = {}

    def progress(what, done, total):
        assert 0 <= done <= total
        seen[what] = (done, total)

    evaluate(REAL, written(tmp_path / "fake", FAKE), modality="image", metrics=METRICS, progress=progress)
    assert len(seen) >= 3
    assert all(done == total for done, total in seen.values()), seen


# ---- what does not fit ----


@pytest.mark.parametrize(
    ("real", "fake", "more", "error", "message"),
    [
        (REAL, FAKE[:5], {}, DataError, "There are 5 generated images; an evaluation needs 6 or more. Add images"),
        (REAL[:3], FAKE, {}, DataError, "There are 3 real images"),
        (REAL, {"A": FAKE, "B": FAKE[:2]}, {}, DataError, "There are 2 B images"),
        (REAL, FAKE, {"held_out": REAL[:4]}, DataError, "There are 4 held-out real images"),
        (REAL, FAKE, {"n": 5}, ConfigError, "n is 6 or more and seed 0 or more; found n = 5 and seed = 0"),
        (REAL, FAKE, {"seed": -1}, ConfigError, "found n = 10000 and seed = -1"),
        (REAL, {}, {}, ConfigError, "There are no fakes to measure"),
        (REAL, {HELD_OUT: FAKE}, {}, ConfigError, "cannot be called 'held-out real'; give it another name"),
        (REAL, {"real": FAKE}, {}, ConfigError, "cannot be called 'real'"),
        (REAL, TEXTS, {}, DataError, "A str cannot be used: images are uint8 arrays"),
        (REAL, as_samples(TEXTS), {}, DataError, r"samples \(memory\) are text, and image was asked"),
        ("real", FAKE, {}, ConfigError, "Say of which modality real is: image, audio, text"),
        (REAL, FAKE, {"modality": "imag"}, ConfigError, "no modality named 'imag'. Did you mean 'image'?"),
        (REAL, FAKE, {"metrics": []}, ConfigError, "No metric is named. Name some of emotion accuracy"),
        (REAL, FAKE, {"metrics": ["precison"]}, ConfigError, "Did you mean 'precision'?"),
        (REAL, FAKE, {"metrics": ["BLEU-2"]}, ConfigError, "There is no image metric named 'BLEU-2'"),
        (REAL, FAKE, {"features": "inceptio"}, ConfigError, "Did you mean 'inception'?"),
        (REAL, FAKE, {"features": "clap"}, ConfigError, "'clap' is for audio, not for image"),
        (REAL.astype(float), FAKE, {"modality": "image"}, DataError, r"ndarray float64 \[60, 16, 16, 3\]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(real, fake, more, error, message):
    with pytest.raises(error, match=message):
        evaluate(real, fake, **more)


def test_missing_weights_are_never_replaced_by_other_features(monkeypatch, tmp_path):
    for name in ("TORCH_HOME", "MULTIGAN_WEIGHTS"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    message = (
        r"inception needs weights that are not there: .*pth \(95.6 MB\); run .* or fetch https://.* put it"
    )
    with pytest.raises(ConfigError, match=message):
        evaluate(REAL, FAKE, features="inception")
    (tmp_path / "other.pth").write_bytes(b"something else")
    with pytest.raises(ConfigError, match=r"other.pth is not weights-inception.* its SHA-256 is"):
        evaluate(REAL, FAKE, features="inception", weights=tmp_path / "other.pth")


def test_rows_that_cannot_be_read_count_for_no_label(tmp_path):
    (tmp_path / "a.csv").write_text("text,label\nfine,joy\nwell, cut,fear\nalso,fear\n")
    samples = open_folder(tmp_path / "a.csv", "text")
    assert (list(samples.names)[2:], list(samples.labels)) == (["a.csv, line 3"], ["joy", "fear", ""])
    assert label_names(samples) == ("joy", "fear")
