"""ADA, DiffAugment and the controller: hand values, independent resampling, gradients, statistics."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from multigan.errors import ConfigError
from multigan.image import ada
from multigan.image.ada import AdaptiveAugment, recolour, rotate, scale, translate, warp
from multigan.image.diffaugment import DiffAugment


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def always(*kinds, p=1.0):
    augment = AdaptiveAugment(kinds) if kinds else AdaptiveAugment()
    augment.p.fill_(p)
    return augment


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def smooth(height=32, width=32):
    y, x = torch.meshgrid(torch.arange(height).double(), torch.arange(width).double(), indexing="ij")
    return (torch.sin(0.3 * x + 0.1) * torch.cos(0.2 * y) + 0.02 * x)[None, None]


def shifted(image, x, y):
    """Integer translation by reflection that repeats the outermost pixel, by numpy."""
    height, width = image.shape[-2:]
    padded = np.pad(image.numpy(), ((0, 0), (height, height), (width, width)), mode="symmetric")
    return torch.from_numpy(padded[:, height - y : 2 * height - y, width - x : 2 * width - x].copy())


# ---- blits: exact copies of pixels ----


def test_a_flip_is_the_image_or_its_mirror_and_both_occur():
    images = torch.randn(32, 2, 6, 8)
    out = always("flip")(images)
    mirrored = [torch.equal(a, b.flip(2)) for a, b in zip(out, images, strict=True)]
    kept = [torch.equal(a, b) for a, b in zip(out, images, strict=True)]
    assert all(a != b for a, b in zip(mirrored, kept, strict=True))
    assert 8 <= sum(mirrored) <= 24


def test_quarter_turns_equal_rot90_and_all_four_occur():
    images = torch.randn(64, 3, 8, 8)
    out = always("rotate90")(images)
    turns = [
        [k for k in range(4) if torch.equal(torch.rot90(b, k, (1, 2)), a)]
        for a, b in zip(out, images, strict=True)
    ]
    assert all(len(found) == 1 for found in turns)
    assert {found[0] for found in turns} == {0, 1, 2, 3}


def test_integer_translations_are_exact_within_an_eighth_and_reflect():
    images = torch.randn(96, 1, 16, 24)
    out = always("integer_translation")(images)
    found = []
    for image, moved in zip(images, out, strict=True):
        found += [
            (x, y) for x in range(-4, 5) for y in range(-3, 4) if torch.equal(shifted(image, x, y), moved)
        ]
    assert len(found) == len(images)
    assert {x for x, _ in found} == set(range(-3, 4))  # 24 / 8 = 3
    assert {y for _, y in found} == set(range(-2, 3))


def test_blits_in_one_matrix_equal_blits_one_after_another():
    images = torch.randn(4, 3, 8, 8, dtype=torch.float64)
    flip = scale(numbers(-1, -1, 1, 1), numbers(1, 1, 1, 1))
    turn = rotate(numbers(1, 2, 3, 0) * (math.pi / 2)).round()
    shift = translate(numbers(1, -2, 0, 3), numbers(0, 1, 2, -3))
    assert torch.equal(warp(warp(warp(images, flip), turn), shift), warp(images, flip @ turn @ shift))


# ---- the supersampled warp ----


def test_the_filter_is_the_orthonormal_low_pass_of_sym6():
    taps, k = np.array(ada.SYM6), np.arange(12)
    assert taps.sum() == pytest.approx(math.sqrt(2), abs=1e-10)
    for shift in range(6):
        assert (taps[2 * shift :] * taps[: 12 - 2 * shift]).sum() == pytest.approx(
            float(shift == 0), abs=1e-10
        )
    for moment in range(6):  # of the high-pass filter
        assert ((-1.0) ** k * k**moment * taps).sum() == pytest.approx(0, abs=1e-8)


def test_up_and_down_again_is_the_identity():
    axis = ada._axis(16, torch.device("cpu"), torch.float64)
    inner = axis.downsample[3:-3, ada._FIRST : ada._FIRST + 34] @ axis.upsample
    torch.testing.assert_close(inner, torch.eye(16, dtype=torch.float64)[3:-3], atol=1e-9, rtol=0)
    torch.testing.assert_close(axis.upsample.sum(1), torch.ones(34, dtype=torch.float64))
    torch.testing.assert_close(axis.downsample.sum(1), torch.ones(16, dtype=torch.float64))


@pytest.mark.parametrize(
    "inverse",
    [
        rotate(numbers(0.4)),
        scale(numbers(1.3), numbers(1.3)),
        scale(numbers(0.8), numbers(1.25)),
        translate(numbers(7.3), numbers(-4.6)),
        rotate(numbers(2.5)) @ scale(numbers(1.1), numbers(0.7)) @ translate(numbers(3.2), numbers(5.5)),
    ],
    ids=["rotation", "shrinking", "stretching", "translation", "all"],
)
@pytest.mark.parametrize("size", [(32, 32), (24, 40)], ids=["square", "oblong"])
def test_warp_agrees_with_an_independent_spline_resampler(inverse, size):
    image = smooth(*size)
    matrix = inverse[0].numpy()[[1, 0, 2]][:, [1, 0, 2]]  # scipy's order of axes: y, x
    centre = (np.array(size) - 1) / 2
    linear, shift = matrix[:2, :2], matrix[:2, 2]
    expected = ndimage.affine_transform(
        image[0, 0].numpy(), linear, centre + shift - linear @ centre, order=5, mode="reflect"
    )
    error = (warp(image, inverse)[0, 0] - torch.from_numpy(expected)).abs()
    assert error.mean() < 0.01  # the image spans -1 .. 1.6; the rest is at the kinks of the reflection
    assert error.median() < 0.004


def test_a_direct_quarter_turn_and_one_through_the_filter_agree():
    image, quarter = smooth(), rotate(numbers(math.pi / 2)).round()
    error = (ada._supersampled_warp(image, quarter) - warp(image, quarter)).abs()
    assert error[..., 3:-3, 3:-3].max() < 0.005
    assert torch.equal(warp(image, quarter), torch.rot90(image, 1, (2, 3)))


def test_a_sample_without_a_change_keeps_its_bits_beside_others():
    images = torch.randn(3, 3, 16, 16)
    inverse = torch.stack(
        (torch.eye(3), rotate(torch.tensor([0.2]))[0], torch.diag(torch.tensor([-1.0, 1, 1])))
    )
    out = warp(images, inverse)
    assert torch.equal(out[0], images[0])
    assert not torch.allclose(out[1], images[1])
    assert torch.equal(out[2], images[2].flip(2))
    torch.testing.assert_close(out[1:2], warp(images[1:2], inverse[1:2]))


def test_warp_is_linear_with_an_exact_adjoint():
    inverse = (rotate(numbers(0.3)) @ translate(numbers(1.5), numbers(9.0))).expand(2, 3, 3)
    x = torch.randn(2, 1, 12, 12, dtype=torch.float64, requires_grad=True)
    y = torch.randn(2, 1, 12, 12, dtype=torch.float64)
    out = warp(x, inverse)
    (adjoint,) = torch.autograd.grad(out, x, y)
    torch.testing.assert_close((out * y).sum(), (x * adjoint).sum())


# ---- colour ----


def neutral(n=1, **changed):
    values = {"brightness": 0.0, "contrast": 1.0, "luma": 1.0, "hue": 0.0, "saturation": 1.0} | changed
    return {name: torch.full((n,), value, dtype=torch.float64) for name, value in values.items()}


RED = numbers(0.5, -0.25, 0.125).view(1, 3, 1, 1)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (0.5, -0.25, 0.125)),
        ({"brightness": 0.25}, (0.75, 0.0, 0.375)),
        ({"contrast": 2.0}, (1.0, -0.5, 0.25)),
        ({"luma": -1.0}, (0.25, -0.5, -0.125)),  # mean 0.125 becomes -0.125, differences from it stay
        ({"saturation": 0.0}, (0.125, 0.125, 0.125)),
        ({"saturation": 2.0}, (0.875, -0.625, 0.125)),
        ({"hue": 2 * math.pi / 3}, (0.125, 0.5, -0.25)),  # a third of a turn moves red to green
        ({"hue": math.pi}, (-0.25, 0.5, 0.125)),  # mean 0.125, differences negated
        ({"brightness": 0.25, "contrast": 2.0, "luma": -1.0}, (0.0, -1.5, -0.75)),
    ],
)
def test_recolour_by_hand(change, expected):
    torch.testing.assert_close(recolour(RED, **neutral(**change)).flatten(), numbers(*expected))


def test_recolour_is_the_product_of_the_papers_4x4_matrices():
    brightness, contrast, luma, hue, saturation = 0.3, 1.4, -1.0, 0.7, 0.6
    axis = torch.full((4,), 1 / math.sqrt(3), dtype=torch.float64)
    axis[3] = 0
    identity, outer = torch.eye(4, dtype=torch.float64), torch.outer(axis, axis)
    shift, stretch = identity.clone(), identity * contrast
    shift[:3, 3], stretch[3, 3] = brightness, 1
    x, y, z = (axis[:3] * hue).tolist()
    turn = identity.clone()
    turn[:3, :3] = torch.matrix_exp(numbers(0, -z, y, z, 0, -x, -y, x, 0).view(3, 3))
    matrix = (outer + (identity - outer) * saturation) @ turn @ (identity - 2 * outer) @ stretch @ shift
    images = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    homogeneous = torch.cat((images, torch.ones(2, 1, 4, 5, dtype=torch.float64)), 1)
    expected = torch.einsum("ij,njhw->nihw", matrix, homogeneous)[:, :3]
    found = recolour(
        images,
        **neutral(2, brightness=brightness, contrast=contrast, luma=luma, hue=hue, saturation=saturation),
    )
    torch.testing.assert_close(found, expected)


def test_neutral_colours_keep_the_bits():
    images = torch.randn(5, 3, 4, 4, dtype=torch.float64)
    assert torch.equal(recolour(images, **neutral(5)), images)


# ---- the module ----

STRENGTHS = {
    "brightness": (lambda x, y: (y - x).mean((1, 2, 3)), 0.2),
    "contrast": (lambda x, y: (y.std((1, 2, 3)) / x.std((1, 2, 3))).log2(), 0.5),
    "saturation": (
        lambda x, y: ((y - y.mean(1, True)).norm(dim=1) / (x - x.mean(1, True)).norm(dim=1)).log2(),
        1.0,
    ),
}


@pytest.mark.parametrize("kind", STRENGTHS)
def test_colour_strengths_are_the_papers(kind):
    measure, deviation = STRENGTHS[kind]
    images = torch.randn(4000, 3, 2, 2, dtype=torch.float64)
    found = measure(images, always(kind)(images))
    assert found.std() == pytest.approx(deviation, rel=0.05)
    assert abs(float(found.mean())) < 4 * deviation / math.sqrt(4000)


def inverses(kind, n=4000, p=1.0):
    draw = ada._Draw(n, {"device": "cpu", "dtype": torch.float64})
    return ada._random_inverse(draw, frozenset({kind}), p, (10, 20))


def test_geometric_strengths_are_the_papers():
    isotropic = inverses("isotropic_scaling")
    assert torch.equal(isotropic[:, 0, 0], isotropic[:, 1, 1])
    assert isotropic[:, 0, 0].log2().std() == pytest.approx(0.2, rel=0.05)
    anisotropic = inverses("anisotropic_scaling")
    torch.testing.assert_close(anisotropic[:, 0, 0] * anisotropic[:, 1, 1], torch.ones(4000).double())
    assert anisotropic[:, 0, 0].log2().std() == pytest.approx(0.2, rel=0.05)
    shift = inverses("fractional_translation")
    assert shift[:, 0, 2].std() == pytest.approx(0.125 * 20, rel=0.05)
    assert shift[:, 1, 2].std() == pytest.approx(0.125 * 10, rel=0.05)
    turn = inverses("rotation")
    angle = torch.atan2(turn[:, 1, 0], turn[:, 0, 0])
    quarters = torch.histc(angle, 4, -math.pi, math.pi) / 4000
    assert (quarters - 0.25).abs().max() < 0.03


@pytest.mark.parametrize(
    "kind", ["isotropic_scaling", "rotation", "anisotropic_scaling", "fractional_translation"]
)
def test_geometric_transforms_happen_with_probability_p(kind):
    changed = (inverses(kind, p=0.3) != torch.eye(3)).flatten(1).any(1).double().mean()
    assert float(changed) == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / 4000))


@pytest.mark.parametrize("kind", ["brightness", "contrast", "hue_rotation", "saturation"])
def test_colour_transforms_happen_with_probability_p_per_sample(kind):
    images = torch.randn(4000, 3, 1, 1)
    changed = (always(kind, p=0.3)(images) != images).flatten(1).any(1).double().mean()
    assert float(changed) == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / 4000))


def test_coin_flips_change_half_of_what_they_are_applied_to():
    images = torch.randn(4000, 3, 2, 2)
    for kind, share in (("flip", 0.5), ("luma_flip", 0.5), ("rotate90", 0.75)):
        changed = (always(kind, p=0.6)(images) != images).flatten(1).any(1).double().mean()
        assert float(changed) == pytest.approx(0.6 * share, abs=4 * math.sqrt(0.25 / 4000)), kind


def test_at_zero_the_input_itself_returns_and_no_random_number_is_drawn():
    images, state = torch.randn(2, 3, 8, 8), torch.get_rng_state()
    assert AdaptiveAugment()(images) is images
    assert torch.equal(torch.get_rng_state(), state)


def test_at_one_every_sample_changes_and_stays_an_image():
    images = smooth(16, 16).float().expand(64, 3, 16, 16) * 0.5
    out = always()(images)
    assert out.shape == images.shape
    assert out.dtype == torch.float32
    assert (out != images).flatten(1).any(1).all()
    assert torch.isfinite(out).all()
    assert float(out.mean(dim=(1, 2, 3)).abs().median()) < 1


def test_the_same_seed_gives_the_same_bits():
    images, augment = torch.randn(8, 3, 16, 16), always(p=0.5)
    outs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        outs.append(augment(images))
    assert torch.equal(outs[0], outs[1])
    assert not torch.equal(outs[0], outs[2])


def test_kinds_choose_transforms():
    images = torch.randn(64, 3, 8, 8)
    out = always("geometry", "flip", "brightness")(images)
    assert not torch.allclose(out, images)
    assert AdaptiveAugment(("blit",)).kinds == {"flip", "rotate90", "integer_translation"}
    grey = torch.randn(4, 1, 8, 8)
    assert always("blit", "geometry")(grey).shape == grey.shape


def test_errors_say_what_to_do():
    with pytest.raises(ConfigError, match=r"named 'color'.*Did you mean 'colour'"):
        AdaptiveAugment(("color",))
    with pytest.raises(ConfigError, match=r"saturation need images of 3 channels \(RGB\), found 1"):
        AdaptiveAugment()(torch.zeros(2, 1, 8, 8))
    with pytest.raises(ConfigError, match=r"named 'color'.*Known: colour, cutout, translation"):
        DiffAugment(("color",))


def test_autocast_does_not_coarsen_the_augmentation():
    images, augment = torch.randn(4, 3, 16, 16), always()
    torch.manual_seed(3)
    expected = augment(images)
    torch.manual_seed(3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = augment(images)
    assert torch.equal(found, expected)


def test_a_first_use_in_inference_mode_does_not_spoil_training():
    augment, images = always("geometry"), torch.randn(2, 3, 18, 18)
    with torch.inference_mode():
        augment(images)
    images.requires_grad_()
    augment(images).square().sum().backward()
    assert images.grad is not None
    assert images.grad.abs().sum() > 0


# ---- gradients ----


@pytest.mark.parametrize(
    "augment", [always(), always(p=0.5), DiffAugment()], ids=["ada", "ada half", "diffaugment"]
)
def test_gradients_to_second_order(augment):
    images = torch.randn(4, 3, 4, 4, dtype=torch.float64, requires_grad=True)

    def seeded(images):
        torch.manual_seed(5)
        return augment(images).pow(3)  # curved, so that the second derivative is not zero

    assert torch.autograd.gradcheck(seeded, (images,))
    assert torch.autograd.gradgradcheck(seeded, (images,))


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_sampling_is_differentiable_at_any_order(mode):
    images = torch.randn(2, 2, 4, 5, dtype=torch.float64, requires_grad=True)
    grid = torch.rand(2, 3, 6, 2, dtype=torch.float64) * 2.4 - 1.2

    def sample(x):
        return ada._Sample.apply(x, grid, mode).pow(3)

    assert torch.autograd.gradcheck(sample, (images,))
    assert torch.autograd.gradgradcheck(sample, (images,))
    expected = nn.functional.grid_sample(images, grid, mode, "border", False).pow(3)
    (found,) = torch.autograd.grad(sample(images).sum(), images)
    torch.testing.assert_close(found, torch.autograd.grad(expected.sum(), images)[0])


def test_r1_through_the_augmentation_of_a_linear_critic():
    """D(x) = <w, A x>: the gradient is A^T w, so that R1's gradient to w is 2 A A^T w (times gamma/2)."""
    weight = torch.randn(1, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    images = torch.randn(1, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    inverse = rotate(numbers(0.5)) @ scale(numbers(0.9), numbers(1.2))
    (gradient,) = torch.autograd.grad((warp(images, inverse) * weight).sum(), images, create_graph=True)
    (found,) = torch.autograd.grad(gradient.square().sum(), weight)
    torch.testing.assert_close(found, 2 * warp(gradient.detach(), inverse))
