"""How samples are handed over where a modality says nothing of its own: a file each, with its label beside it."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.modality import Samples
from multigan.runs import RunFacts
from multigan.sampling import PLAIN, TrainedGenerator, generate, latents, sampling_of
from multigan.sampling_settings import SamplingSettings, TruncatedSampling
from tests.worlds import ring

LABELS = ("a/b", "c%2F", "c")


def trained(sampling=None, labels=LABELS):
    torch.manual_seed(0)
    generator, _ = ring.build(ring.PerceptronSettings(), (2,), (len(labels),)).values()
    modality = replace(ring.RING, sampling=sampling)
    return TrainedGenerator(
        generator.eval(), modality, RunFacts("ring", {}, labels, (2,)), Path("checkpoint")
    )


def rows_of(folder):
    return list(csv.DictReader((folder / "labels.csv").read_text(encoding="utf-8").splitlines()))


def test_a_modality_that_says_nothing_hands_over_plain_samples():
    run = trained()
    assert sampling_of(run.modality) is run.sampling is PLAIN
    assert run.sampling.settings is SamplingSettings
    conditions = torch.eye(3)[[0, 2]]
    samples = run.sampling.draw(run, conditions, 5, 2, SamplingSettings())
    assert torch.equal(samples.tensor, generate(run.network, latents(run.network, 5, range(2)), conditions))
    assert samples == replace(samples, rows=(0, 1), indices=(0, 1), facts={}, warnings=())


def test_every_sample_is_a_file_with_its_label_beside_it(tmp_path):
    run = trained()
    written = run.sampling.write(run, SamplingSettings(per_label=2, intensity=0.5), ("c", "a/b"), 3, tmp_path)
    names = ["c-3-00000.txt", "c-3-00001.txt", "a%2Fb-3-00000.txt", "a%2Fb-3-00001.txt"]
    assert [path.name for path in written.paths] == names
    assert written.sentence == f"Wrote 4 samples and labels.csv to {tmp_path}."
    assert written.lines == ()
    assert rows_of(tmp_path) == [
        {"file": name, "emotion": label, "intensity": "0.5", "seed": "3", "index": str(index)}
        for name, (label, index) in zip(names, [("c", 0), ("c", 1), ("a/b", 0), ("a/b", 1)], strict=True)
    ]
    conditions = torch.tensor([[0.0, 0.0, 0.5], [0.5, 0.0, 0.0]]).repeat_interleave(2, 0)
    latent = latents(run.network, 3, [0, 1, 0, 1])
    points = generate(run.network, latent, conditions)
    assert [path.read_text() for path in written.paths] == [
        " ".join(map(str, row)) for row in points.tolist()
    ]


def test_labels_that_look_alike_as_files_do_not_meet(tmp_path):
    run = trained()
    written = run.sampling.write(run, SamplingSettings(per_label=1), LABELS, 0, tmp_path)
    assert (
        len({path.name for path in written.paths}) == len({path.read_text() for path in written.paths}) == 3
    )


def test_a_run_without_labels_writes_samples(tmp_path):
    run = trained(labels=())
    written = run.sampling.write(run, SamplingSettings(per_label=2), (), 0, tmp_path)
    assert [path.name for path in written.paths] == ["sample-0-00000.txt", "sample-0-00001.txt"]
    assert [row["emotion"] for row in rows_of(tmp_path)] == ["", ""]


def test_samples_that_a_filter_leaves_out_leave_no_file(tmp_path):
    def draw(trained, conditions, seed, n, options):
        samples = PLAIN.draw(trained, conditions, seed, n, options)
        return Samples(samples.tensor[[0, 2]], (0, 2), (0, 1_000_002))

    run = trained(replace(PLAIN, draw=draw))
    written = run.sampling.write(run, SamplingSettings(per_label=3), ("c",), 0, tmp_path)
    assert [path.name for path in written.paths] == ["c-0-00000.txt", "c-0-1000002.txt"]
    assert [row["index"] for row in rows_of(tmp_path)] == ["0", "1000002"]


@settings
class Sized(SamplingSettings):
    size: float = 2.0

    def columns(self):
        return {"size": self.size}


def test_settings_of_ones_own_are_columns_and_facts(tmp_path):
    run = trained(replace(PLAIN, settings=Sized))
    run.sampling.write(run, Sized(per_label=1, size=3.0), ("c",), 0, tmp_path)
    assert [row["size"] for row in rows_of(tmp_path)] == ["3.0"]
    assert run.sampling.draw(run, torch.eye(3), 0, 3, Sized()).facts == {"size": 2.0}
    assert Sized(size=9.0, intensity=0.1).measured() == Sized()


def test_mistakes_are_one_sentence_and_leave_nothing(tmp_path):
    run = trained()
    with pytest.raises(ConfigError, match=r"no emotion in this run named 'd'"):
        run.sampling.write(run, SamplingSettings(), ("c", "d"), 0, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigError, match=r"Cannot write samples to .*taken: .*Choose another --out"):
        run.sampling.write(run, SamplingSettings(), ("c",), 0, tmp_path / "taken")
    with pytest.raises(ValueError, match="intensity in"):
        SamplingSettings(intensity=1.5)
    assert TruncatedSampling(truncation=0.5).columns() == {"truncation": 0.5}
