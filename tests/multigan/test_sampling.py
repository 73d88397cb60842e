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
    names = [f"{label}-intensity=0.5-3-0000{index}.txt" for label in ("c", "a%2Fb") for index in (0, 1)]
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


def test_more_samples_join_those_that_are_there(tmp_path):
    """Whatever makes another sample of a label, seed and index is in its name; the same again changes nothing."""
    run = trained()

    def write(*labels, seed=0, **options):
        return run.sampling.write(
            run, SamplingSettings(**{"per_label": 2, **options}), labels, seed, tmp_path
        )

    def content():
        return {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != ".multigan.json"}

    write("c")
    first = content()
    for words, options in (
        (("a/b",), {}),
        (("c",), {"intensity": 0.5}),
        (("c",), {"seed": 1}),
        (("c",), {"per_label": 3}),
    ):
        write(*words, **options)
    names = [row["file"] for row in rows_of(tmp_path)]
    assert names == [
        *("c-0-00000.txt", "c-0-00001.txt", "a%2Fb-0-00000.txt", "a%2Fb-0-00001.txt"),
        *(
            "c-intensity=0.5-0-00000.txt",
            "c-intensity=0.5-0-00001.txt",
            "c-1-00000.txt",
            "c-1-00001.txt",
            "c-0-00002.txt",
        ),
    ]
    everything = content()
    assert {name: everything[name] for name in first if name.startswith("c-")} == {
        name: first[name] for name in first if name.startswith("c-")
    }
    write("c", "a/b")
    assert content() == everything
    assert everything.keys() == {*names, "labels.csv"}


def test_samples_of_another_generator_take_no_place(tmp_path):
    run, other = trained(), trained()
    with torch.no_grad():
        next(other.network.parameters()).add_(1)
    run.sampling.write(run, SamplingSettings(per_label=1), ("c",), 0, tmp_path)
    before = (tmp_path / "labels.csv").read_bytes()
    with pytest.raises(
        ConfigError, match=r"labels\.csv is of another run or checkpoint, and is not replaced; choose another"
    ):
        other.sampling.write(other, SamplingSettings(per_label=1), ("a/b",), 0, tmp_path)
    assert (tmp_path / "labels.csv").read_bytes() == before


def test_a_persons_own_table_and_samples_are_refused(tmp_path):
    run, own = trained(), "file,label\n" + "a.png,x\n" * 60
    (tmp_path / "labels.csv").write_text(own)
    with pytest.raises(
        ConfigError, match=r"labels\.csv is not as multigan wrote it, so that it is not replaced"
    ):
        run.sampling.write(run, SamplingSettings(per_label=1), ("c",), 0, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["labels.csv"]
    assert (tmp_path / "labels.csv").read_text() == own
    (tmp_path / "labels.csv").rename(tmp_path / "c-0-00000.txt")
    with pytest.raises(ConfigError, match=r"c-0-00000\.txt is not as multigan wrote it"):
        run.sampling.write(run, SamplingSettings(per_label=1), ("c",), 0, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["c-0-00000.txt"]


def test_a_write_that_is_interrupted_leaves_no_samples_without_their_rows(tmp_path):
    def interrupted(samples, paths, data):
        paths[0].write_text("half")
        raise KeyboardInterrupt

    run = trained()
    cut = replace(run, modality=replace(run.modality, write_samples=interrupted))
    with pytest.raises(KeyboardInterrupt):
        cut.sampling.write(cut, SamplingSettings(per_label=2), ("c",), 0, tmp_path / "out")
    assert not (tmp_path / "out").exists()


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
