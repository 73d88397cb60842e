"""The networks of clips: the contract of every modality, what each part of a latent and of a condition reaches, and
the two views of the discriminator."""

import pytest
import torch

from multigan.errors import ConfigError
from multigan.testing import check_architecture
from multigan.video.modality import VIDEO
from multigan.video.networks.dvdgan import DvdGanSettings, build, moments
from multigan.video.networks.layers import between_anchors

SMALL = {
    "channel_base": 64, "channel_max": 8, "clip_channels": 4, "latent_size": 6, "motion_size": 2, "anchors": 3,
    "style_size": 8,
}  # fmt: skip
SHAPE = (3, 8, 16, 16)


def networks(shape=SHAPE, condition_shape=(8, 3), **more):
    torch.manual_seed(0)
    made = build(DvdGanSettings(**(SMALL | more)), shape, condition_shape)
    return made["generator"], made["discriminator"]


@pytest.mark.kernels
def test_an_intensity_at_each_frame_is_a_condition_like_others(tmp_path):
    """The contract under [T, C]; that under labels and none is checked with those of the other modalities."""
    check_architecture(VIDEO, {"name": "dvd-gan", **SMALL}, SHAPE, (8, 3), tmp_path)


def test_a_trajectory_has_unit_variance_at_every_frame_and_passes_its_anchors():
    weights = between_anchors(3, 9)
    torch.testing.assert_close(weights.square().sum(1), torch.ones(9))
    torch.testing.assert_close(weights[[0, 4, 8]], torch.eye(3))
    # half way between two anchors both count alike
    torch.testing.assert_close(weights[2], torch.tensor([0.5, 0.5, 0.0]).sqrt())


def test_a_motion_moves_the_frames_near_its_anchor_alone():
    generator = networks()[0].eval()
    latent, condition = generator.latent(1), torch.rand(1, 8, 3)
    other = latent.clone()
    other[:, -2:] += 1  # the last anchor
    with torch.no_grad():
        change = (generator(other, condition) - generator(latent, condition)).abs().amax((0, 1, 3, 4))
    assert (change[:4] == 0).all()
    assert (change[5:] > 0).all()


def test_a_frame_hears_its_own_condition():
    generator = networks()[0].eval()
    latent, condition = generator.latent(2), torch.rand(2, 8, 3)
    other = condition.clone()
    other[:, 5] = 0
    with torch.no_grad():
        change = (generator(latent, other) - generator(latent, condition)).abs().amax((0, 1, 3, 4))
        stays = generator(latent, condition[:, 0])
        same = generator(latent, condition[:, :1].expand(-1, 8, -1))
    assert [frame for frame in range(8) if change[frame] > 1e-6] == [5]
    assert torch.equal(stays, same)


def test_one_view_sees_single_frames_and_the_other_the_order():
    """Turned round in time, a clip's frames are the same, and so are logits of the first view at the same places."""
    discriminator = networks(judged_frames=2)[1].eval()
    clips, condition = torch.randn(4, *SHAPE), torch.rand(4, 1, 3).expand(-1, 8, -1)
    with torch.no_grad():
        logits = discriminator(clips, condition)
        assert logits.shape == (4, 4)
        moved = clips.clone()
        moved[:, :, [0, 1, 3]] = torch.randn(
            4, 3, 3, 16, 16
        )  # not the frames that the first view sees: 2 and 6
        other = discriminator(moved, condition)
    assert torch.equal(logits[:, :2], other[:, :2])
    assert (logits[:, 2] - other[:, 2]).abs().min() > 1e-4


def test_in_training_each_part_of_the_time_gives_one_frame():
    discriminator = networks(judged_frames=4)[1].train()
    numbered = torch.arange(8.0).view(1, 1, 8, 1, 1).expand(6, 3, 8, 16, 16)
    torch.manual_seed(0)
    frames, _, weights = discriminator._chosen(numbered, torch.ones(6, 8, 3))
    places = frames[:, 0, 0, 0].view(6, 4)
    assert ((places // 2) == torch.arange(4.0)).all()
    assert len(places.unique()) > 4
    assert (weights == 3).all()


def test_class_logits_count_where_the_intensity_is():
    """Frames and parts of intensity 0 say nothing of the label."""
    discriminator = networks(judged_frames=2)[1].eval()
    clips, condition = torch.randn(2, *SHAPE), torch.zeros(2, 8, 3)
    condition[:, :4, 1] = 1.0
    with torch.no_grad():
        _, classes = discriminator.judge(clips, condition)
        frames, own, weights = discriminator._chosen(clips, condition)
        of_frames = discriminator.frame_view.judge(frames, own)[1].view(2, 2, 3)
        of_parts = discriminator._of_clips(clips, condition)[1]
    assert weights.tolist() == [1, 0, 1, 0]
    torch.testing.assert_close(classes, (of_frames[:, 0] + of_parts[:, 0]) / 2)


def test_networks_grow_in_time():
    """At a level networks see the middles of as many parts of a clip, whether it is whole or made of them alone."""
    assert moments(torch.tensor(1.0), 16).tolist() == [4, 12]
    assert (
        moments(torch.tensor(1.01), 16).tolist() == moments(torch.tensor(2.0), 16).tolist() == [2, 6, 10, 14]
    )
    assert moments(torch.tensor(4.0), 16).tolist() == list(range(16))
    generator, discriminator = networks(judged_frames=2)
    latent, clips, condition = generator.latent(3), torch.randn(3, *SHAPE), torch.rand(3, 8, 3)
    whole = generator(latent, condition)
    for level, places, n_logits in ((1.0, [2, 6], 2), (2.0, [1, 3, 5, 7], 4), (3.0, list(range(8)), 4)):
        for network in (generator, discriminator):
            network.grow(level)
        made = generator.train()(latent, condition)
        torch.testing.assert_close(made, whole[:, :, places])
        assert torch.equal(generator.eval()(latent, condition), whole)
        with torch.no_grad():
            logits = discriminator.eval()(clips, condition)
            assert logits.shape == (3, n_logits)
            assert torch.equal(logits, discriminator(clips[:, :, places], condition))
            assert discriminator.judge(clips, condition)[1].shape == (3, 3)


@pytest.mark.parametrize(
    ("shape", "condition_shape", "told"),
    [
        ((3, 8, 16, 24), (3,), "square frames"),
        ((3, 12, 16, 16), (3,), "8, 16 or 32 frames"),
        ((3, 8, 16, 16), (4, 3), r"takes a condition \[C\] or \[8, C\]"),
        ((3, 8, 16, 16), (2, 4, 4), r"takes a condition \[C\] or \[8, C\]"),
    ],
)
def test_what_does_not_fit_is_refused(shape, condition_shape, told):
    with pytest.raises(ConfigError, match=told):
        networks(shape, condition_shape)


def test_larger_frames_and_longer_clips_are_made():
    generator, discriminator = networks((3, 16, 64, 64), ())
    clips = generator(generator.latent(2), None)
    assert clips.shape == (2, 3, 16, 64, 64)
    assert discriminator(clips, None).shape == (2, 8)


def test_a_condition_of_another_length_is_refused():
    generator = networks()[0]
    with pytest.raises(ConfigError, match=r"takes a condition \[N, 8, 3\] or \[N, 3\]; found \[2, 7, 3\]"):
        generator(generator.latent(2), torch.rand(2, 7, 3))
