"""Runs on the hub: what is pushed and what is not, how it comes back, and one sentence for whatever goes wrong."""

import csv
import json
import shutil

import pytest
import safetensors.torch
import torch
import yaml

from multigan.runs import RunFacts
from tests.worlds.commands import error_of, invoke, ran
from tests.worlds.hub import READER, WRITER, hub_serving
from tests.worlds.untrained import untrained

pytest.importorskip("huggingface_hub")


@pytest.fixture
def hub(monkeypatch, cache_folder, tmp_path):
    """A hub, ada's token, and a cache and a working folder of the test's own."""
    from huggingface_hub import constants

    for name in ("http_proxy", "https_proxy", "all_proxy", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no token"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # its server is no few routes
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    monkeypatch.setenv("HF_TOKEN", WRITER)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with hub_serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


def files_of(hub, name="ada/faces"):
    return hub.repositories[name].commits[-1][1]


def pushed(run, *more, licence="mit", name="ada/faces"):
    return ran("push", run, name, "--license", licence, *more)


# ---- there and back ----


def test_a_pushed_run_comes_back_and_makes_the_same_samples(hub, finished, tmp_path):
    output = pushed(finished.folder)
    assert "which you alone can see" in output
    assert hub.repositories["ada/faces"].private
    ran("sample", "hf:ada/faces", "--n", 2, "--seed", 3)
    ran("sample", finished.folder, "--n", 2, "--seed", 3, "--out", tmp_path / "own")
    names = sorted(path.name for path in (tmp_path / "own").iterdir())
    assert len(names) > 8
    for name in names:
        if name != ".multigan.json":
            assert (tmp_path / "here" / "faces-samples-3" / name).read_bytes() == (
                tmp_path / "own" / name
            ).read_bytes()
    assert {path.rpartition("/")[2] for path in hub.fetched} == {"run.json", "generator.safetensors"}


def test_a_commit_is_fetched_once_and_a_branch_is_what_it_is_now(hub, tmp_path):
    pushed(untrained("image", tmp_path / "a"))
    (first, _) = hub.repositories["ada/faces"].commits[-1]
    run = untrained("image", tmp_path / "b", labels=("calm",))
    pushed(run)
    ran("sample", f"hf:ada/faces@{first}", "--n", 1, "--emotion", "joy", "--out", tmp_path / "joy")
    assert "'joy'" in error_of("sample", "hf:ada/faces", "--n", 1, "--emotion", "joy")
    asked = len(hub.requests)
    ran("sample", f"hf:ada/faces@{first}", "--n", 1, "--emotion", "sadness", "--out", tmp_path / "sad")
    assert len(hub.requests) == asked


def test_other_commands_take_it_too(hub, finished, tmp_path):
    pushed(finished.folder)
    ran("export", "hf:ada/faces", "--safetensors", tmp_path / "g.safetensors")
    ran("compose", "--image", "hf:ada/faces", "--emotion", "calm", "--n", 2, "--out", tmp_path / "scene.html")
    assert "ada--faces" in (tmp_path / "scene.html").read_text(encoding="utf-8")


def test_the_studio_and_its_commands_call_it_by_its_name(hub, tmp_path):
    from recipes.hub.fetch import fetched
    from recipes.studio.dials import Dials, checked, words_of
    from recipes.studio.kept import Kept
    from recipes.studio.runs import Studio
    from recipes.studio.words import Words

    pushed(untrained("image", tmp_path / "a"))
    commit = hub.repositories["ada/faces"].commits[-1][0]
    studio = Studio((fetched("hf:ada/faces"),), tmp_path / "runs", torch.device("cpu"))
    (name,) = studio.runs()
    assert name == f"hf:ada/faces@{commit}"
    dials, _ = checked(studio.open(name), Dials(name, "joy"))
    words = words_of(studio.open(name), dials, studio.path_of(name))
    assert words[:3] == ["multigan", "sample", name]
    ran(*words[1:])
    assert (tmp_path / "here" / "faces-samples-0" / "labels.csv").is_file()
    assert Kept(dials, None).called(Words("en")) == "joy; 1 · seed 0 · #0 · faces"


def test_the_studio_offers_no_training_of_it(hub, tmp_path):
    pytest.importorskip("gradio")
    from recipes.hub.fetch import fetched
    from recipes.studio import train
    from recipes.studio.runs import Studio

    run = untrained("image", tmp_path / "a")
    pushed(run)
    studio = Studio((fetched("hf:ada/faces"), run), tmp_path / "runs", torch.device("cpu"))
    assert train._names(studio) == [str(run)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("evaluate", "--run", "hf:ada/faces"), "with `multigan sample hf:ada/faces --out SAMPLES`"),
        (("compare", "hf:ada/faces", "x"), "on its page of the hub"),
        (("diagnose", "hf:ada/faces"), "diagnose a run that you trained"),
        (("push", "hf:ada/faces", "ada/b", "--license", "mit"), "push a run that you trained"),
        (("training", "resume", "hf:ada/faces"), "runs that you train"),
    ],
)
def test_what_needs_a_training_says_what_there_is_instead(words, told):
    assert told in error_of(*words)


def test_a_second_push_replaces_samples_of_the_first(hub, tmp_path):
    pushed(untrained("image", tmp_path / "a"))
    pushed(untrained("image", tmp_path / "b", labels=("calm", "awe")))
    samples = {name for name in files_of(hub) if name.startswith("samples/") and name.endswith(".png")}
    assert {name.split("/")[1].split("-")[0] for name in samples} == {"calm", "awe"}


# ---- what is pushed ----


def test_the_card_has_what_a_reader_needs(hub, finished):
    pushed(finished.folder, "--public", "--about-data", "Drawn in an afternoon.", licence="CC-BY-NC-4.0")
    files = files_of(hub)
    assert not hub.repositories["ada/faces"].private
    head, _, body = files["README.md"].decode().removeprefix("---\n").partition("---\n")
    assert yaml.safe_load(head) == {
        "license": "cc-by-nc-4.0",
        "library_name": "multigan",
        "pipeline_tag": "unconditional-image-generation",
        "tags": ["multigan", "gan", "image"],
    }
    for section in ("Use", "Intended use", "Data", "Figures", "Samples"):
        assert f"\n## {section}\n" in body
    assert "multigan sample hf:ada/faces --n 8 --emotion joy" in body
    assert "Drawn by multigan itself" in body
    assert "Drawn in an afternoon. 256 samples to train on." in body
    report = json.loads(files["report.json"])
    figure = next(one for one in report["figures"] if one["name"] == "emotion accuracy")
    row = next(line for line in body.splitlines() if line.startswith("| emotion accuracy |"))
    assert f"| {figure['value']:.3g} [{figure['low']:.3g}, {figure['high']:.3g}] |" in row
    assert files["samples.png"].startswith(b"\x89PNG")
    with_labels = list(csv.DictReader(files["samples/labels.csv"].decode().splitlines()))
    assert {f"samples/{row['file']}" for row in with_labels} <= set(files)


def test_nothing_of_a_persons_data_or_machine_is_pushed(hub, finished, tmp_path):
    """Words that a run of own data keeps in run.json and report.json, each of which would be seen by others."""
    run = tmp_path / "private-place" / "run"
    shutil.copytree(finished.folder, run)
    content = json.loads((run / "run.json").read_text())
    data = tmp_path / "private-place" / "patients"
    content |= {"data": str(data), "command": f"multigan recipe run x --data {data}", "data_digest": "d1ge57"}
    content["data_settings"] |= {
        "label": "diagnosis",
        "split": "clinic=north",
        "intensity_values": {"ill": 1.0},
    }
    (run / "run.json").write_text(json.dumps(content))
    report = json.loads((run / "report.json").read_text())
    report["provenance"]["command"] = f"multigan --data {data}"
    report["provenance"]["sources"]["real"] = str(data)
    report["warnings"] = ["1 of 9 files could not be read and were skipped: patient-7.png.", "n is small."]
    report["closest"][0]["train_name"] = "patient-8"
    (run / "report.json").write_text(json.dumps(report))
    pushed(run)
    whole = b"\n".join([*files_of(hub).values(), *(name.encode() for name in files_of(hub))])
    words = [
        "private-place",
        "patient",
        "d1ge57",
        "diagnosis",
        "clinic",
        "north",
        'ill"',
        str(tmp_path),
        "north",
    ]
    assert [word for word in words if word.encode() in whole] == []
    assert b"n is small." in whole
    assert b"The publisher's own samples, which are not published here." in files_of(hub)["README.md"]
    assert {name.rpartition(".")[2] for name in files_of(hub)} <= {
        "gitattributes", "json", "md", "png", "csv", "safetensors",
    }  # fmt: skip
    names = {name for name in files_of(hub) if "/" not in name}
    assert names == {
        ".gitattributes", "README.md", "run.json", "generator.safetensors", "report.json", "samples.png",
    }  # fmt: skip


def test_remarks_that_name_a_folder_of_this_machine_stay_here(hub, run_copy):
    report = json.loads((run_copy / "report.json").read_text())
    report["warnings"] = [
        f"lpips needs weights; put them into {run_copy}.",
        "See https://a.example/b or n/a.",
    ]
    (run_copy / "report.json").write_text(json.dumps(report))
    pushed(run_copy)
    assert json.loads(files_of(hub)["report.json"])["warnings"] == ["See https://a.example/b or n/a."]


def test_a_path_in_a_label_stops_the_push(hub, tmp_path):
    run = untrained("image", tmp_path / "run", labels=("calm", f"as in {tmp_path / 'run'}"))
    assert "would tell the path" in error_of("push", run, "ada/faces", "--license", "mit")
    assert hub.repositories == {}


def test_labels_cannot_write_markdown(hub, tmp_path):
    pushed(untrained("image", tmp_path / "run", labels=("a`\n\n# Mine", "<script>")))
    card = files_of(hub)["README.md"].decode()
    assert "`a' # Mine`, `<script>`" in card
    assert "\n# Mine" not in card


def test_a_report_of_another_checkpoint_is_not_pushed(hub, run_copy):
    report = json.loads((run_copy / "report.json").read_text())
    report["run"]["checkpoint"] = "000000001"
    (run_copy / "report.json").write_text(json.dumps(report))
    assert "no figures in the card" in pushed(run_copy)
    assert "report.json" not in files_of(hub)
    assert "Not measured at this checkpoint." in files_of(hub)["README.md"].decode()


def test_sentences_have_their_notice(hub, tmp_path):
    pushed(untrained("text", tmp_path / "run"))
    card = files_of(hub)["README.md"].decode()
    assert "Not advice and no substitute for professional help" in card.partition("## Data")[0]
    assert "The safety filter (default) withheld" in card
    ran("sample", "hf:ada/faces", "--n", 1)


def test_sounds_go_there_and_back(hub, tmp_path):
    pushed(untrained("audio", tmp_path / "run"))
    ran("sample", "hf:ada/faces", "--n", 1)
    assert [name for name in files_of(hub) if name.endswith(".wav")]


def test_data_that_are_elsewhere_are_not_replaced_by_drawn_ones(hub, tmp_path):
    run = untrained("image", tmp_path / "run")
    pushed(run)
    told = error_of(
        "compose",
        "--image",
        "hf:ada/faces",
        "--emotion",
        "joy",
        "--agreement",
        2,
        "--out",
        tmp_path / "scene.html",
    )
    assert "came without the data that it was trained on" in told
    assert "came without the data" in error_of("sample", "hf:ada/faces", "--reject", "label")
    assert "holds no discriminator" in error_of("sample", "hf:ada/faces", "--reject", "discriminator")
    assert "name a folder of them with --real" in error_of(
        "judge", "prepare", "hf:ada/faces", "--question", "emotion"
    )


def test_a_picture_is_projected_into_a_run_of_the_hub(hub, tmp_path):
    run = untrained("image", tmp_path / "run")
    pushed(run)
    ran("sample", run, "--n", 1, "--emotion", "joy", "--out", tmp_path / "own")
    (picture,) = (tmp_path / "own").glob("*.png")
    assert "give --emotion" in error_of("project", "hf:ada/faces", picture)
    told = ran("project", "hf:ada/faces", picture, "--emotion", "joy", "--steps", 2)
    assert "nearest training" not in told
    (styles,) = (tmp_path / "here" / "faces-projected").glob("*.safetensors")
    ran("sample", "hf:ada/faces", "--projected", styles, "--emotion", "joy", "--out", tmp_path / "changed")
    assert len(list((tmp_path / "changed").glob("*.png"))) == 1


# ---- what is refused ----


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ada", "--license", "mit"), "is written user/name"),
        (("ada/../x", "--license", "mit"), "is written user/name"),
        (("ada/faces", "--license", "apache2"), "Did you mean 'apache-2.0'?"),
    ],
)
def test_a_wrong_name_is_said(hub, tmp_path, words, told):
    assert told in error_of("push", untrained("image", tmp_path / "run"), *words)
    assert hub.requests == []


def test_a_licence_is_asked_for(hub, tmp_path):
    result = invoke("push", tmp_path, "ada/faces")
    assert result.exit_code == 2
    assert "--license" in result.output


def test_who_may_not_push_is_told_so(hub, tmp_path, monkeypatch):
    run = untrained("image", tmp_path / "run")
    assert "Your token may not write to bob/faces" in error_of("push", run, "bob/faces", "--license", "mit")
    monkeypatch.setenv("HF_TOKEN", READER)
    assert "Your token may not write to ada/faces" in error_of("push", run, "ada/faces", "--license", "mit")
    monkeypatch.delenv("HF_TOKEN")
    assert error_of("push", run, "ada/faces", "--license", "mit").startswith(
        "Error: Pushing needs a token of the hub: "
    )
    assert hub.repositories == {}


def test_somebodys_other_work_is_left_as_it_is(hub, tmp_path):
    hub.put("ada/faces", {"README.md": b"mine", "model.bin": b"1"}, private=True)
    run = untrained("image", tmp_path / "run")
    assert "files that `multigan push` did not write" in error_of(
        "push", run, "ada/faces", "--license", "mit"
    )
    assert files_of(hub)["README.md"] == b"mine"


def test_a_repository_stays_as_visible_as_it_is(hub, tmp_path):
    run = untrained("image", tmp_path / "run")
    pushed(run, "--public")
    assert "is public on the hub" in error_of("push", run, "ada/faces", "--license", "mit")
    pushed(run, name="ada/other")
    assert "is private on the hub" in error_of("push", run, "ada/other", "--license", "mit", "--public")


def test_what_cannot_be_read_is_said(hub, tmp_path, monkeypatch):
    pushed(untrained("image", tmp_path / "run"))
    hub.put("ada/other", {"model.bin": b"1"})
    assert "has no branch, tag or commit 'v2'" in error_of("sample", "hf:ada/faces@v2")
    assert "is no run that `multigan push` wrote" in error_of("sample", "hf:ada/other")
    assert "There is no ada/none on the hub, or it is private" in error_of("sample", "hf:ada/none")
    assert "is written user/name" in error_of("sample", "hf:faces")
    assert "After @ stands a branch" in error_of("sample", "hf:ada/faces@")
    monkeypatch.setenv("HF_TOKEN", READER)
    assert "There is no ada/faces on the hub, or it is private" in error_of("sample", "hf:ada/faces")
    monkeypatch.delenv("HF_TOKEN")
    assert "There is no ada/faces on the hub, or it is private" in error_of("sample", "hf:ada/faces")


def test_without_a_network_one_sentence_and_what_is_there(hub, tmp_path, monkeypatch):
    run = untrained("image", tmp_path / "run")
    pushed(run)
    ran("sample", "hf:ada/faces", "--n", 1)
    commit = hub.repositories["ada/faces"].commits[-1][0]
    with hub_serving() as gone:
        pass
    monkeypatch.setenv("HF_ENDPOINT", gone.address)
    assert "The hub cannot be reached for ada/faces" in error_of("push", run, "ada/faces", "--license", "mit")
    line = error_of("sample", "hf:ada/faces")
    assert "The hub cannot be reached for ada/faces" in line
    assert line.endswith(f"What was fetched before needs no network: hf:ada/faces@{commit}.")
    ran("sample", f"hf:ada/faces@{commit}", "--n", 1)


def test_without_the_package_it_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    assert 'run pip install "multigan[hub]"' in error_of("sample", "hf:ada/faces")
    assert 'run pip install "multigan[hub]"' in error_of("push", tmp_path, "ada/faces", "--license", "mit")


# ---- hostile repositories ----


class Trap:
    """What a pickle would run."""

    def __reduce__(self):
        return (print, ("a file of the hub was run",))


def test_pickles_and_code_beside_a_run_are_never_fetched(hub, tmp_path):
    pushed(untrained("image", tmp_path / "run"), "--public")
    torch.save(Trap(), tmp_path / "trap.pt")
    trap = (tmp_path / "trap.pt").read_bytes()
    hub.put(
        "ada/faces",
        {"pytorch_model.bin": trap, "checkpoints/state.pkl": trap, "multigan.py": b"raise SystemExit"},
    )
    assert "was run" not in ran("sample", "hf:ada/faces", "--n", 1)
    assert {path.rpartition("/")[2] for path in hub.fetched} == {"run.json", "generator.safetensors"}


@pytest.mark.parametrize("name", ["generator.safetensors", "run.json"])
def test_a_pickle_in_the_place_of_a_file_is_refused(hub, tmp_path, capfd, name):
    pushed(untrained("image", tmp_path / "run"), "--public")
    torch.save(Trap(), tmp_path / "trap.pt")
    hub.put("ada/faces", {name: (tmp_path / "trap.pt").read_bytes()})
    assert "hf:ada/faces holds no run that can be read" in error_of("sample", "hf:ada/faces")
    assert "was run" not in capfd.readouterr().out


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"labels": "joy"}, "misstates 'labels'"),
        ({"modality": "os:system"}, "multigan imports no code by itself"),
        ({"sample_shape": [3, 64, 64]}, "does not fit the architecture"),
    ],
)
def test_a_run_json_that_misstates_is_refused(hub, tmp_path, facts, told):
    pushed(untrained("image", tmp_path / "run"), "--public")
    content = json.loads(files_of(hub)["run.json"]) | facts
    hub.put("ada/faces", {"run.json": json.dumps(content).encode()})
    assert told in error_of("sample", "hf:ada/faces")


@pytest.mark.parametrize("name", ["generator.safetensors", "run.json"])
def test_a_file_larger_than_any_of_a_run_is_not_fetched(hub, tmp_path, name):
    pushed(untrained("image", tmp_path / "run"), "--public")
    hub.told_sizes[name] = 10**12
    assert f"{name} of ada/faces has 1000.0 GB" in error_of("sample", "hf:ada/faces")
    assert hub.fetched == []


@pytest.mark.parametrize("name", ["../../../../up", "\N{ARABIC-INDIC DIGIT ONE}" * 9])
def test_the_name_of_a_checkpoint_leads_nowhere(hub, tmp_path, name):
    run = untrained("image", tmp_path / "run")
    pushed(run, "--public")
    tensors = safetensors.torch.load(files_of(hub)["generator.safetensors"])
    facts = json.dumps({"checkpoint": name})
    hub.put(
        "ada/faces", {"generator.safetensors": safetensors.torch.save(tensors, metadata={"multigan": facts})}
    )
    assert "(checkpoint 000000000)" in ran("sample", "hf:ada/faces", "--n", 1)
    assert RunFacts.read(run).labels
