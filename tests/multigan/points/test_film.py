"""The film of a game: what its frames show, how many there are, and that watching changes nothing."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from multigan.config import load
from multigan.losses import LOSSES
from multigan.points import map as maps
from multigan.points.film import (
    FIELD_SIDE,
    field_of,
    film_beside,
    film_of,
    frames_in,
    in_words,
    slope_of_loss,
)
from multigan.points.modality import POINTS
from multigan.points.settings import PointData
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings

SPLITS = POINTS.open_data(PointData(drawn=600, drawn_held_out=32), None, lambda *facts: None)


class Slope(nn.Module):
    """A discriminator that takes what is to the right for real: D(x) = 3 x_0 + 1, or less."""

    def __init__(self, at_0=1):
        super().__init__()
        self.at_0 = at_0

    def forward(self, points, condition):
        return 3 * points[:, 0] + self.at_0


@pytest.mark.parametrize("name", LOSSES)
def test_arrows_point_where_the_discriminator_takes_points_for_real(name):
    fake, real = torch.tensor([[0.5, 0.2], [-0.5, 0.0]]), torch.tensor([[0.8, 0.0], [0.7, 0.1]])
    # below 1 everywhere, which least squares aim at
    push = -slope_of_loss(Slope(at_0=-2), LOSSES[name], fake, real, None)
    assert (push[:, 0] > 0).all()
    assert push[:, 1].tolist() == [0, 0]


def test_the_push_of_a_loss_by_hand():
    fake, real = torch.tensor([[0.5, 0.2]]), torch.tensor([[0.8, 0.0]])
    # -log P(fake): 3 (1 - sigmoid(2.5)); relativistic: 3 sigmoid(D(real) - D(fake)); Wasserstein: 3
    by_hand = {
        "non_saturating": 3 * (1 - 1 / (1 + np.exp(-2.5))),
        "minimax": 3 / (1 + np.exp(-2.5)),
        "relativistic": 3 / (1 + np.exp(-0.9)),
        "wasserstein": 3,
    }
    for name, push in by_hand.items():
        assert -slope_of_loss(Slope(), LOSSES[name], fake, real, None)[0, 0].item() == pytest.approx(
            push, rel=1e-5
        )


def test_the_field_counts_from_the_middle_between_real_and_fake():
    fake, real = torch.tensor([[-0.5, 0.0]]), torch.tensor([[0.5, 0.0]])
    field, scale = field_of(Slope(), SPLITS.train, real, fake, None)
    assert field.shape == (FIELD_SIDE, FIELD_SIDE)
    # the middle is D = 1 at x = 0; |3 x| is at most 2.7 in nine places of ten
    assert scale == pytest.approx(2.7, abs=0.05)
    assert field[:, 0].tolist() == [-1] * FIELD_SIDE
    assert field[:, -1].tolist() == [1] * FIELD_SIDE
    assert field[0] == pytest.approx(np.clip(3 * np.linspace(-1, 1, FIELD_SIDE) / scale, -1, 1), abs=1e-5)


def test_a_map_has_x_to_the_right_and_y_upwards(tmp_path):
    assert maps.pixels_of(np.array([(-1, 1), (1, -1), (0, 0)])).tolist() == [
        [0, 0],
        [maps.SIDE - 1, maps.SIDE - 1],
        [(maps.SIDE - 1) / 2] * 2,
    ]
    paper = maps.blank()
    maps.draw_dots(paper, np.array([(0.5, 0.5), (2.0, 0.0)]), real=False, size=2)
    maps.write(paper, tmp_path / "map.png")
    pixels = np.asarray(Image.open(tmp_path / "map.png").convert("RGB")).astype(int)
    rows, columns = np.nonzero(pixels.sum(2) < 3 * 255)
    assert len(rows) == 4  # the other point lies outside
    assert (rows.mean(), columns.mean()) == pytest.approx((maps.SIDE / 4, maps.SIDE * 3 / 4), abs=1.5)


def test_a_frame_says_what_it_shows():
    ring = SPLITS.train.world
    assert in_words(ring, np.concatenate([ring.centres[:3], np.zeros((1, 2))])) == "3/8 modes, 75% good"
    assert in_words(ring, np.array([(2.0, 0.0), (0.8, 0.0)])) == "1/8 modes, 50% good, 1 outside"


def run_settings(samples=640, every=160):
    training = {
        "samples": samples, "batch": 32, "preview_every": every, "loss": "relativistic",
        "penalties": [{"name": "r1", "weight": 0.1}],
    }  # fmt: skip
    architecture = {"name": "mlp", "width": 8}
    raw = {"modality": "points", "device": "cpu", "architecture": architecture, "training": training}
    return load(RunSettings, raw, "a test")


def trained(folder, hooks, stop_at=None, state=None):
    own = run_settings()
    trainer = assemble(POINTS, own, SPLITS.train, folder, lambda ema: hooks(own))
    if state is not None:
        trainer.load_state_dict(state)
    if stop_at:
        step = trainer._step

        def stopping(stage):
            step(stage)
            trainer.interrupted = trainer.n_steps == stop_at

        trainer._step = stopping
    trainer.run()
    return trainer


def filmed(own):
    return [film_of(own, SPLITS.train)]


def test_a_film_has_a_frame_at_the_start_each_interval_and_the_end(tmp_path):
    trained(tmp_path, filmed)
    assert [path.stem for path in frames_in(tmp_path)] == [f"{n:09d}" for n in (0, 160, 320, 480, 640)]
    with Image.open(tmp_path / "world.gif") as gif:
        assert gif.n_frames == 5
        assert gif.size == (maps.SIDE, maps.SIDE + maps.STRIP)
        times = []
        for number in range(gif.n_frames):
            gif.seek(number)
            times.append(gif.info["duration"])
            with Image.open(frames_in(tmp_path)[number]) as frame:
                assert np.array_equal(np.asarray(gif.convert("RGB")), np.asarray(frame.convert("RGB")))
        assert times == [120] * 4 + [3_000]
        assert gif.info["loop"] == 0


def test_watching_changes_nothing(tmp_path):
    seen, unseen = trained(tmp_path / "a", filmed), trained(tmp_path / "b", lambda own: [])
    for name, network in seen.networks.items():
        for key, tensor in network.state_dict().items():
            assert torch.equal(tensor, unseen.networks[name].state_dict()[key]), (name, key)
    assert not (tmp_path / "b" / "world.gif").exists()


def test_a_stopped_run_has_the_film_of_a_whole_one(tmp_path):
    trained(tmp_path / "whole", filmed)
    stopped = trained(tmp_path / "parts", filmed, stop_at=7)  # at 224 samples, between two frames
    assert not (tmp_path / "parts" / "world.gif").exists()
    (tmp_path / "parts" / "previews" / "000000320.png").write_bytes(b"of a process that was killed later")
    trained(tmp_path / "parts", filmed, state=stopped.state_dict())
    whole, parts = ((tmp_path / name / "world.gif").read_bytes() for name in ("whole", "parts"))
    assert whole == parts
    assert [path.name for path in frames_in(tmp_path / "parts")] == [
        path.name for path in frames_in(tmp_path / "whole")
    ]


def test_two_films_side_by_side(tmp_path):
    """Frames at 0, 40 and 80 beside those at 0 and 80: at 40 the second one still shows its first."""
    levels = {"one": {0: 0.1, 40: 0.2, 80: 0.3}, "other": {0: 0.7, 80: 0.9}}
    for name, frames in levels.items():
        (tmp_path / name / "previews").mkdir(parents=True)
        for count, level in frames.items():
            paper = maps.blank(text_lines=2)
            maps.draw_field(paper, np.full((4, 4), level))
            maps.write(paper, tmp_path / name / "previews" / f"{count:09d}.png")
    film_beside([tmp_path / name for name in levels], tmp_path / "both.gif")
    with Image.open(tmp_path / "both.gif") as gif:
        assert (gif.n_frames, gif.size) == (3, (2 * maps.SIDE + maps.GAP, maps.SIDE + maps.STRIP * 3 // 2))
        for number, (left, right) in enumerate(((0, 0), (40, 0), (80, 80))):
            gif.seek(number)
            whole = np.asarray(gif.convert("RGB"))[maps.STRIP // 2 :]
            for name, count, start in (("one", left, 0), ("other", right, maps.SIDE + maps.GAP)):
                with Image.open(tmp_path / name / "previews" / f"{count:09d}.png") as frame:
                    assert np.array_equal(
                        whole[:, start : start + maps.SIDE], np.asarray(frame.convert("RGB"))
                    )
