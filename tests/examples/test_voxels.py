"""examples/voxels as a person installs it: a modality of 3-D shapes that no file of multigan knows of."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multigan.errors import DataError
from multigan.modality import modality_of
from multigan.testing import check_modality
from tests.worlds.commands import invoke, ran
from tests.worlds.packages import install

ROOT = Path(__file__).parents[2]
SMALL = {
    "device": "cpu", "data.side": 8, "data.drawn": 128, "data.drawn_held_out": 64, "architecture.width": 4,
    "training.samples": 64, "training.checkpoint_every": 32, "training.preview_every": 64, "evaluation.n": 64,
    "evaluation.validation": 32, "sampling.per_label": 3,
}  # fmt: skip
SETS = [f"--set={name}={value}" for name, value in SMALL.items()]


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory):
    site = install(ROOT / "examples" / "voxels", tmp_path_factory.mktemp("voxels"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == "voxels"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shapes") / "run"
    assert "The report is in" in ran("recipe", "run", "shapes-3d", *SETS, "--out", folder)
    return folder


def figures_in(folder):
    figures = json.loads((folder / "report.json").read_text())["figures"]
    return {(figure["subject"], figure["name"]): figure for figure in figures}


# ---- the package ----


def test_no_file_of_multigan_knows_of_it_and_it_is_short():
    core = [path for name in ("multigan", "evaluation", "recipes") for path in (ROOT / name).rglob("*.*")]
    texts = {
        path: path.read_text("utf-8").lower() for path in core if path.suffix in (".py", ".yaml", ".toml")
    }
    assert len(texts) > 300
    assert [path.name for path, text in texts.items() if "voxel" in text or "shapes-3d" in text] == []
    assert len((ROOT / "examples/voxels/voxels/modality.py").read_text().splitlines()) < 100


def test_it_is_there_by_name_once_it_is_installed():
    assert modality_of("voxels").name == "voxels"
    assert "shapes-3d" in ran("recipe", "list")
    assert "shapes-3d is valid" in ran("recipe", "validate", "shapes-3d")
    assert ran("recipe", "show", "shapes-3d").startswith("name: shapes-3d")
    assert "Did you mean 'shapes-3d'?" in invoke("recipe", "validate", "shape-3d").output


@pytest.mark.kernels
def test_it_keeps_the_contracts_of_a_modality(tmp_path):
    """Also a resume to the same bits, and two processes as one."""
    from voxels.modality import VOXELS, VoxelData

    check_modality(VOXELS, (1, 8, 8, 8), tmp_path, {"3d-gan": {"width": 2}}, 4, VoxelData(side=8))


# ---- a run ----


def test_a_run_leaves_meshes_and_turntables(run):
    rows = list(csv.DictReader((run / "samples" / "labels.csv").read_text().splitlines()))
    assert [row["emotion"] for row in rows] == [
        label for label in ("chair", "lamp", "table", "vase") for _ in range(3)
    ]
    assert all((run / "samples" / row["file"]).suffix == ".obj" for row in rows)
    for label in ("chair", "lamp", "table", "vase"):
        with Image.open(run / "samples" / f"{label}-0-turntable.gif") as turntable:
            assert turntable.n_frames > 8
    assert (run / "previews" / "000000064.png").is_file()


def test_a_run_ends_with_the_report_of_its_own_kind(run):
    figures = figures_in(run)
    for name in (
        "FD[silhouettes]",
        "emotion accuracy",
        "FD[nearest-silhouettes]",
        "largest piece",
        "symmetry",
    ):
        assert ("generated", name) in figures
    assert figures["held-out real", "symmetry"]["value"] == 1
    assert figures["held-out real", "emotion accuracy"]["value"] > 0.6  # of 8^3 voxels
    page = (run / "report.html").read_text()
    assert "How good are the generated shapes?" in page
    assert page.count("data:image/png") >= 16


def test_folders_of_samples_are_measured(run, tmp_path):
    for seed in (1, 2):
        drawn = (
            "--n",
            10,
            "--seed",
            seed,
            "--set",
            "format=npz",
            "--intensity",
            0.5,
            "--out",
            tmp_path / str(seed),
        )
        assert "Wrote 40 samples" in ran("sample", run, *drawn)
    sets = ("--real", tmp_path / "1", "--fake", tmp_path / "2", "--out", tmp_path / "report")
    ran("evaluate", "--modality", "voxels", *sets)
    assert any(name == "KD[silhouettes]" for _, name in figures_in(tmp_path / "report"))


# ---- drawn shapes ----


@pytest.mark.parametrize("label", ["chair", "lamp", "table", "vase"])
def test_drawn_shapes_stand_are_symmetrical_and_have_their_size(label):
    from voxels.drawn import draw
    from voxels.kind import largest_piece, symmetry

    for seed in range(5):
        heights = []
        for size in (0, 1):
            shape = draw(label, size, 32, seed)
            assert (shape.shape, shape.dtype, shape.min(), shape.max()) == (
                (1, 32, 32, 32),
                np.float32,
                -1,
                1,
            )
            solid = shape[0] > 0
            assert solid[0].any()  # on the floor
            assert largest_piece(shape) == 1
            assert symmetry(shape) == 1
            heights.append(solid.any((1, 2)).sum())
        assert heights[0] / heights[1] == pytest.approx(0.6, abs=0.08)
    assert np.array_equal(draw(label, 1, 32, 3), draw(label, 1, 32, 3))
    assert not np.array_equal(draw(label, 1, 32, 3), draw(label, 1, 32, 4))


def test_the_size_of_a_drawn_shape_is_its_intensity():
    from voxels.modality import VOXELS, VoxelData

    splits = VOXELS.open_data(VoxelData(side=16, drawn=40, drawn_held_out=8), None, lambda *now: None)
    assert (len(splits.train), len(splits.held_out)) == (40, 8)
    more = VOXELS.open_data(VoxelData(side=16, drawn=44, drawn_held_out=8), None, lambda *now: None)
    assert np.array_equal(more.held_out.samples, splits.held_out.samples)
    sizes = splits.train.conditions.max(1)
    heights = (splits.train.samples[:, 0] > 0).any((2, 3)).sum(1)
    lamps = splits.train.classes == 1
    assert np.corrcoef(sizes[lamps], heights[lamps])[0, 1] > 0.9


# ---- files ----


def corner(side=8):
    """A shape with three voxels above the middle of the floor: an L seen from the front."""
    solid = np.zeros((side,) * 3, bool)
    solid[0, 4, 4] = solid[1, 4, 4] = solid[0, 4, 5] = True
    return solid


def test_a_mesh_of_voxels_is_closed_and_its_faces_look_outwards():
    from voxels.files import obj

    lines = [line.split() for line in obj(corner()).splitlines()]
    points = np.array([line[1:] for line in lines if line[0] == "v"], float)
    faces = np.array([line[1:] for line in lines if line[0] == "f"], int) - 1
    assert (len(points), len(faces)) == (16, 14)
    triangles = points[np.concatenate([faces[:, :3], faces[:, [0, 2, 3]]])]
    volume = np.einsum("ij,ij->", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])) / 6
    assert volume == pytest.approx(3 / 8**3)
    assert points[:, 1].max() == pytest.approx(2 / 8)  # y is up


def test_volumes_are_read_as_they_were_written(tmp_path):
    from voxels import files

    shape = np.where(corner(), 1, -1).astype(np.float32)[None]
    files.write(shape, tmp_path / "a.npz")
    np.save(tmp_path / "b.npy", corner().astype(np.uint8))
    for name in ("a.npz", "b.npy"):
        assert np.array_equal(files.read(tmp_path / name, 8), shape)
    larger = files.read(tmp_path / "a.npz", 16)
    assert np.array_equal(larger, shape.repeat(2, 1).repeat(2, 2).repeat(2, 3))
    assert np.array_equal(files.read(tmp_path / "b.npy", 8), larger[:, ::2, ::2, ::2])


def test_binvox_runs_go_up_first_then_back_then_to_the_right(tmp_path):
    from voxels import files

    head = b"#binvox 1\ndim 2 2 2\ntranslate 0 0 0\nscale 1\ndata\n"
    (tmp_path / "a.binvox").write_bytes(head + bytes([1, 2, 0, 5, 1, 1]))
    solid = files.read(tmp_path / "a.binvox", 2)[0] > 0  # [up, depth, width]
    assert np.argwhere(solid).tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.npz", b"PK no archive", "a.npz cannot be read"),
        ("a.binvox", b"#binvox 1\ndim 2 2 2\ndata\n" + bytes([1, 7]), "not as many voxels as its head says"),
        ("a.binvox", b"binvox", "it is no binvox file"),
        ("a.npy", np.zeros((4, 4, 4)), "a.npy is empty: it holds no shape"),
        ("a.npy", np.ones((4, 4)), r"a.npy holds an array \[4, 4\], not a volume"),
    ],
)
def test_a_file_without_a_shape_is_one_sentence(name, content, message, tmp_path):
    from voxels import files

    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    else:
        np.save(tmp_path / name, content)
    with pytest.raises(DataError, match=message):
        files.read(tmp_path / name, 8)


def test_meshes_are_read_where_trimesh_is_installed(tmp_path):
    from voxels import files

    (tmp_path / "a.obj").write_text(files.obj(corner()))
    try:
        import trimesh
    except ImportError:
        with pytest.raises(DataError, match=r'meshes need trimesh: pip install "multigan-voxels\[meshes\]"'):
            files.read(tmp_path / "a.obj", 8)
        return
    assert np.array_equal(files.read(tmp_path / "a.obj", 8)[0] > 0, corner())
    trimesh.creation.box((4, 2, 4)).export(tmp_path / "b.stl")  # outside the unit cube: it is made to fill it
    solid = files.read(tmp_path / "b.stl", 8)[0] > 0
    assert [solid.any(axes).sum() for axes in ((1, 2), (0, 2), (0, 1))] == [4, 8, 8]
    assert solid[0].any()


def test_a_persons_folder_has_class_folders_and_sizes_in_a_table(tmp_path):
    from voxels import files
    from voxels.modality import VOXELS, VoxelData

    for number in range(24):
        name = f"{'cup' if number % 2 else 'mug'}/{number}.npz"
        (tmp_path / name).parent.mkdir(exist_ok=True)
        solid = corner()
        solid[number % 3 + 1, :, number // 3] = True
        files.write(np.where(solid, 1, -1)[None], tmp_path / name)
    (tmp_path / "cup" / "odd.npz").write_bytes(b"")
    rows = [f"{path.parent.name}/{path.name},0.25" for path in sorted(tmp_path.glob("*/*.npz"))]
    (tmp_path / "labels.csv").write_text("\n".join(["file,intensity", *rows, ""]))
    splits = VOXELS.open_data(VoxelData(side=8), tmp_path, lambda *now: None)
    assert splits.train.labels == ("cup", "mug")
    assert len(splits.train) + len(splits.held_out) == 24
    assert set(splits.train.conditions.max(1).tolist()) == {0.25}
    assert any("odd.npz" in note for note in splits.notes)


# ---- measures and pictures ----


def test_features_and_metrics_by_hand():
    from voxels.kind import largest_piece, silhouettes, symmetry

    shape = np.where(corner(), 1, -1)[None]
    assert largest_piece(shape) == 1
    assert symmetry(shape) == 0  # columns 4 and 5 against 3 and 2
    both = np.maximum(shape, shape[..., ::-1])
    both[0, 0, 0, 0] = 1
    assert symmetry(both) == pytest.approx(6 / 8)
    views = silhouettes(shape).reshape(3, 8, 8)
    assert views[0, 4, 4] == 2 / 8  # from above: two voxels under each other
    assert views[1, 0, 5] == 1 / 8
    assert views[2, 0, 4] == 2 / 8
    apart = shape.copy()
    apart[0, 6, 6, 6] = 1
    assert largest_piece(apart) == 0.75
    assert largest_piece(-np.ones((1, 8, 8, 8))) == 0


def test_pictures_show_what_is_there_and_turn():
    from voxels.picture import PAPER, rendered

    shapes = np.stack([-np.ones((1, 8, 8, 8)), np.where(corner(), 1, -1)[None]])
    front, back = rendered(shapes, 0), rendered(shapes, np.pi)
    assert (front[0] == PAPER).all()
    seen = [(picture[1] != PAPER).any(-1) for picture in (front, back)]
    middles = [np.nonzero(each)[1].mean() for each in seen]
    assert middles[0] > middles[1]  # the foot of the L is on the other side
    assert np.array_equal(rendered(shapes, 2 * np.pi), front)
