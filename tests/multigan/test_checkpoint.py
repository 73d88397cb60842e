"""Checkpoints: the same bits back, whatever interrupts a save, and every damage noticed."""

import json
import math
import os
import shutil

import numpy as np
import pytest
import safetensors.torch
import torch

from multigan import checkpoint
from multigan.errors import CheckpointError

STATE = {"weight": torch.arange(6.0).reshape(2, 3), "step": 7}


def same(left, right):
    """Equal in structure and in every bit of every tensor and number."""
    if isinstance(left, torch.Tensor):
        return isinstance(right, torch.Tensor) and left.dtype == right.dtype and torch.equal(left, right)
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and repr(left) == repr(right)


TENSORS = {
    "scalar": torch.tensor(2.5),
    "bfloat16": torch.randn(5).bfloat16(),
    "int64": torch.tensor([2**62 + 1, -3]),
    "bool": torch.tensor([True, False]),
    "uint8": torch.arange(4, dtype=torch.uint8),
    "float64": torch.tensor([0.1], dtype=torch.float64),
    "empty": torch.empty(0, 3),
    "transposed": torch.arange(6.0).reshape(2, 3).T,
    "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
    "strided": torch.arange(9)[::2],
    "expanded": torch.ones(1).expand(4),
    "parameter": torch.nn.Parameter(torch.ones(2)),
}


@pytest.mark.parametrize("name", TENSORS)
def test_every_kind_of_tensor_comes_back_equal(tmp_path, name):
    checkpoint.save(tmp_path / "c", {name: TENSORS[name]})
    assert same(checkpoint.load(tmp_path / "c"), {name: TENSORS[name].detach()})


def test_plain_values_come_back_equal(tmp_path):
    state = {
        "numbers": [1, 2**70, -0.0, 0.1, 1e-320, math.nan, math.inf, -math.inf],
        "others": {"text": "é $x", "yes": True, "none": None, "nothing": {}, "list": []},
        "by index": {0: {"exp_avg": torch.ones(2)}, 12: 3},
        "keys like ours": {"$tensor": "x", "$float": "nan"},
    }
    checkpoint.save(tmp_path / "c", state)
    assert same(checkpoint.load(tmp_path / "c"), state)


def test_shared_tensors_and_keys_that_look_alike_come_back_equal(tmp_path):
    one = torch.randn(4)
    state = {
        "a": [one, one[:2]],
        "a/0": one + 1,
        "b": {"0": one + 2},
        "b/0": one + 3,
        "__metadata__": one + 4,
    }
    checkpoint.save(tmp_path / "c", state)
    assert same(checkpoint.load(tmp_path / "c"), state)


def test_saving_does_not_keep_a_view_of_what_is_trained_further(tmp_path):
    weight = torch.zeros(3)
    checkpoint.save(tmp_path / "c", {"weight": weight})
    weight += 1
    assert checkpoint.load(tmp_path / "c")["weight"].tolist() == [0, 0, 0]


def test_an_optimiser_resumes_with_the_same_bits(tmp_path):
    def trained(steps, state=None):
        torch.manual_seed(0)
        layer = torch.nn.Linear(3, 2)
        optimiser = torch.optim.Adam(layer.parameters(), lr=0.1, betas=(0.0, 0.99))
        if state is not None:
            layer.load_state_dict(state["layer"])
            optimiser.load_state_dict(state["optimiser"])
        for _ in range(steps):
            optimiser.zero_grad()
            layer(torch.ones(4, 3)).square().sum().backward()
            optimiser.step()
        return {"layer": layer.state_dict(), "optimiser": optimiser.state_dict()}

    checkpoint.save(tmp_path / "c", trained(3))
    assert same(trained(2, checkpoint.load(tmp_path / "c"))["layer"], trained(5)["layer"])


def test_what_has_no_place_is_refused_with_its_path(tmp_path):
    with pytest.raises(CheckpointError, match="hooks/1 is ndarray, which a checkpoint cannot hold"):
        checkpoint.save(tmp_path / "c", {"hooks": [1, np.ones(2)]})
    with pytest.raises(CheckpointError, match="hooks is dict"):
        checkpoint.save(tmp_path / "c", {"hooks": {(1, 2): 3}})
    assert list(tmp_path.iterdir()) == []


# ---- damage ----


def damaged(folder):
    """The message with which a damaged checkpoint is refused."""
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(folder)
    return str(caught.value)


def two(root):
    for samples in (100, 200):
        checkpoint.save_and_prune(root, samples, STATE, keep_last=5)
    return root / "000000100", root / "000000200"


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
def test_a_truncated_file_is_noticed_and_the_good_one_named(tmp_path, file):
    good, bad = two(tmp_path)
    data = (bad / file).read_bytes()
    (bad / file).write_bytes(data[: len(data) // 2])
    assert checkpoint.latest(tmp_path) == bad
    message = damaged(bad)
    assert f"{bad} is damaged: its {file}" in message
    assert f"resume from {good}" in message


def test_a_single_flipped_bit_is_noticed(tmp_path):
    _, bad = two(tmp_path)
    data = bytearray((bad / "tensors.safetensors").read_bytes())
    data[-1] ^= 1
    (bad / "tensors.safetensors").write_bytes(data)
    assert "tensors.safetensors" in damaged(bad)


def test_a_changed_number_in_the_json_is_noticed(tmp_path):
    _, bad = two(tmp_path)
    text = (bad / "state.json").read_text()
    (bad / "state.json").write_text(text.replace('"step": 7', '"step": 8'))
    assert "its state.json is not what was written" in damaged(bad)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format_version": 2}', "\x00\x01"])
def test_other_json_is_damage(tmp_path, content):
    good, bad = two(tmp_path)
    (good / "state.json").write_text(content)
    (bad / "state.json").write_text(content)
    assert "no other checkpoint beside it is good" in damaged(bad)


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
def test_a_missing_file_is_damage(tmp_path, file):
    _, bad = two(tmp_path)
    (bad / file).unlink()
    assert f"its {file} cannot be read (No such file or directory)" in damaged(bad)


def test_a_missing_folder_names_what_is_there(tmp_path):
    _, newest = two(tmp_path)
    assert damaged(tmp_path / "x") == (
        f"There is no checkpoint at {tmp_path / 'x'}; the newest good one beside it is {newest}."
    )
    assert "nor is there a good one" in damaged(tmp_path / "none" / "x")


def of_format(folder, version):
    """The same checkpoint, as a version of multigan with that format wrote it."""
    tree = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps(tree | {"format_version": version}))
    return folder


@pytest.mark.parametrize("version", [0, 3, "1.0"])
def test_another_format_version_is_refused(tmp_path, version):
    folder = of_format(two(tmp_path)[0], version)
    for formats in ({}, {"formats": checkpoint.EVERY_FORMAT}):
        with pytest.raises(CheckpointError) as caught:
            checkpoint.load(folder, **formats)
        assert str(caught.value) == (
            f"{folder} has checkpoint format {version} and this multigan goes on from format 2: resume it with the version "
            "of multigan that wrote it, or train anew."
        )


def test_a_run_of_the_first_format_is_resumed_by_the_version_that_wrote_it_and_sampled_by_this_one(tmp_path):
    assert checkpoint.FORMAT_VERSION == 2
    folder = of_format(two(tmp_path)[0], 1)
    assert damaged(folder) == (
        f"{folder} has checkpoint format 1 and this multigan goes on from format 2: "
        "resume it with multigan 0.1.0, or train anew."
    )
    assert same(checkpoint.load(folder, formats=checkpoint.EVERY_FORMAT), STATE)
    assert checkpoint.read_meta(folder)["samples"] == 100


def test_damage_to_a_checkpoint_of_the_first_format_is_noticed(tmp_path):
    good, bad = two(tmp_path)
    of_format(bad, 1)
    (bad / "tensors.safetensors").write_bytes(b"")
    with pytest.raises(CheckpointError, match=f"its tensors.safetensors .* resume from {good}"):
        checkpoint.load(bad, formats=checkpoint.EVERY_FORMAT)


# ---- the folders of a run ----


def names(root):
    return sorted(path.name for path in root.iterdir())


def test_the_last_few_and_the_best_are_kept(tmp_path):
    for samples, figure in [(1, 5.0), (2, 3.0), (3, math.nan), (4, 9.0), (5, 4.0), (6, None)]:
        checkpoint.save_and_prune(tmp_path, samples, STATE, keep_last=2, figure=figure)
    assert names(tmp_path) == ["000000002", "000000005", "000000006"]
    assert checkpoint.best(tmp_path) == tmp_path / "000000002"
    assert checkpoint.read_meta(tmp_path / "000000002") == {"samples": 2, "figure": 3.0, "better": "lower"}


def test_higher_may_be_better(tmp_path):
    for samples, figure in [(1, 0.2), (2, 0.9), (3, 0.9), (4, 0.1), (5, 0.3)]:
        checkpoint.save_and_prune(tmp_path, samples, STATE, keep_last=1, figure=figure, better="higher")
    assert names(tmp_path) == ["000000003", "000000005"]


@pytest.mark.parametrize(
    "damage", ["cut", "missing", "of another checkpoint", "of the same samples", "no tensors"]
)
def test_which_is_best_is_never_guessed(tmp_path, damage):
    """Where what was recorded of the best one cannot be read an older one would pass for it."""
    for samples, figure in ((100, 2.0), (200, 1.0), (300, 3.0)):
        checkpoint.save_and_prune(tmp_path / "run", samples, STATE, keep_last=5, figure=figure)
    best = tmp_path / "run" / "000000200"
    assert checkpoint.best(tmp_path / "run") == best
    state = best / "state.json"
    if damage == "cut":
        state.write_bytes(state.read_bytes()[:50])
    elif damage == "missing":
        state.unlink()
    elif damage == "of another checkpoint":
        shutil.copy(tmp_path / "run" / "000000300" / "state.json", state)
    elif damage == "of the same samples":
        checkpoint.save_and_prune(tmp_path / "other", 200, {"step": 8}, keep_last=1, figure=9.0)
        shutil.copy(tmp_path / "other" / "000000200" / "state.json", state)
    else:
        (best / "tensors.safetensors").unlink()
    with pytest.raises(
        CheckpointError, match=f"The checkpoint {best} is damaged: its .*; remove it and resume from"
    ):
        checkpoint.best(tmp_path / "run")
    # a run in training goes on, and removes nothing that it cannot read
    checkpoint.save_and_prune(tmp_path / "run", 400, STATE, keep_last=1, figure=5.0)
    assert names(tmp_path / "run") == ["000000100", "000000200", "000000400"]
    shutil.rmtree(best)
    assert checkpoint.best(tmp_path / "run") == tmp_path / "run" / "000000100"


def test_a_checkpoint_that_a_run_removes_meanwhile_is_no_damage(tmp_path, monkeypatch):
    for samples, figure in ((100, 1.0), (200, 2.0)):
        checkpoint.save_and_prune(tmp_path, samples, STATE, keep_last=5, figure=figure)
    read = checkpoint.read_meta

    def vanishing(folder):
        shutil.rmtree(tmp_path / "000000100", ignore_errors=True)
        return read(folder)

    monkeypatch.setattr(checkpoint, "read_meta", vanishing)
    assert checkpoint.best(tmp_path) == tmp_path / "000000200"


def test_what_is_no_checkpoint_is_never_removed(tmp_path):
    others = ["2024", ".notes.partial", ".backup.replaced", "000000100-copy"]
    for name in others:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("mine")
    for samples in (100, 200, 300):
        checkpoint.save_and_prune(tmp_path, samples, STATE, keep_last=1)
    assert names(tmp_path) == sorted([*others, "000000300"])
    assert all((tmp_path / name / "file").read_text() == "mine" for name in others)


@pytest.mark.skipif(os.name != "posix", reason="links are those of POSIX")
def test_a_link_in_the_place_of_a_draft_is_not_followed(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine")
    for kind in ("partial", "replaced"):
        (tmp_path / "run").mkdir(exist_ok=True)
        (tmp_path / "run" / f".000000100.{kind}").symlink_to(precious)
    checkpoint.save_and_prune(tmp_path / "run", 100, STATE, keep_last=1)
    assert [path.name for path in precious.iterdir()] == ["file"]
    assert checkpoint.load(tmp_path / "run" / "000000100")["step"] == 7


def test_folders_are_ordered_by_samples_seen_not_by_name(tmp_path):
    for samples in (2_000_000_000, 999_999_999, 5):
        checkpoint.save_and_prune(tmp_path, samples, STATE, keep_last=9)
    (tmp_path / "notes").mkdir()
    assert [int(path.name) for path in checkpoint.checkpoint_folders(tmp_path)] == [
        5,
        999_999_999,
        2_000_000_000,
    ]
    assert checkpoint.latest(tmp_path) == tmp_path / "2000000000"
    with pytest.raises(
        CheckpointError, match=r"There is no checkpoint in .*absent; give a run that has saved one"
    ):
        checkpoint.latest(tmp_path / "absent")
    assert checkpoint.best(tmp_path) is None


def test_a_checkpoint_of_the_same_name_is_replaced(tmp_path):
    for step in (1, 2):
        checkpoint.save(tmp_path / "c", {"step": step})
    assert checkpoint.load(tmp_path / "c") == {"step": 2}
    assert names(tmp_path) == ["c"]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(
        CheckpointError, match=r"Cannot write the checkpoint .* there is no earlier checkpoint"
    ):
        checkpoint.save(tmp_path / "file" / "c", STATE)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("state", {"$tensor": "none"}),
        ("state", {"$tensor": []}),
        ("state", {"$float": "x"}),
        ("state", {"$pairs": [[1]]}),
        ("state", {"$pairs": [[[], 1]]}),
        ("state", 5),
        ("meta", []),
        ("meta", {"figure": "low"}),
        ("meta", {"figure": 1.0}),
    ],
)
def test_a_well_signed_tree_that_no_run_wrote_is_damaged(tmp_path, part, value):
    folder = tmp_path / "000000001"
    checkpoint.save(folder, {"a": torch.ones(1)})
    tree = json.loads((folder / "state.json").read_text())
    tree[part] = value
    tensors = safetensors.torch.save({"a": torch.ones(1)})  # which do not tell the tree that they belong to
    (folder / "tensors.safetensors").write_bytes(tensors)
    tree["sha256"] = {
        "tensors.safetensors": checkpoint._digest(tensors),
        "tree": checkpoint._tree_digest(tree),
    }
    (folder / "state.json").write_text(json.dumps(tree))
    with pytest.raises(CheckpointError, match="is damaged"):
        checkpoint.load(folder) if part == "state" else checkpoint.read_meta(folder)
    if part == "meta":
        with pytest.raises(CheckpointError, match="is damaged"):
            checkpoint.best(tmp_path)


@pytest.mark.parametrize("key", ["sha256", "tensors.safetensors", "format_version", "state", "meta", "tree"])
def test_a_flipped_bit_in_a_key_is_damage(tmp_path, key):
    folder = tmp_path / "000000001"
    checkpoint.save(folder, {"a": torch.ones(1)})
    content = (folder / "state.json").read_text()
    flipped = chr(ord(key[0]) ^ 1) + key[1:]
    (folder / "state.json").write_text(content.replace(f'"{key}"', f'"{flipped}"'))
    with pytest.raises(CheckpointError, match="is damaged"):
        checkpoint.load(folder)
