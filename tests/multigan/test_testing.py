"""The checks for authors: what they accept, and that each notices a modality that is broken in its way."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from multigan.errors import ConfigError
from multigan.layers import vector_size
from multigan.modality import Architecture, Samples, Written
from multigan.registry import Registry
from multigan.sampling import PLAIN
from multigan.testing import check_architecture, check_files, check_modality
from tests.worlds import ring


def ring_with(generator=ring.Generator, critic=ring.Discriminator, size=None):
    """The ring with these networks, each built for a condition of ``size(condition_shape)`` numbers."""
    size = size or (lambda shape: vector_size(shape, "odd"))

    def build(options, shape, condition_shape):
        n = size(condition_shape)
        return {"generator": generator(options, n), "discriminator": critic(options, n)}

    table = Registry("a", {"odd": Architecture("odd", ring.PerceptronSettings, build)})
    return replace(ring.RING, architectures=table)


# ---- what is as it should be ----


def test_a_modality_of_ones_own_can_be_checked(tmp_path):
    check_modality(ring.RING, (2,), tmp_path)


class Twofold(ring.Discriminator):
    """Two logits per sample."""

    def forward(self, points, condition):
        logits = super().forward(points, condition)
        return torch.stack((logits, 2 * logits), 1)


class PictureGenerator(ring.Generator):
    """Takes a condition of any shape."""

    def forward(self, latent, condition):
        return super().forward(latent, None if condition is None else condition.flatten(1))


class PictureCritic(ring.Discriminator):
    def forward(self, points, condition):
        return super().forward(points, None if condition is None else condition.flatten(1))


def any_size(shape):
    return math.prod(shape) if shape else 0


def test_a_discriminator_may_have_several_logits(tmp_path):
    check_modality(ring_with(critic=Twofold), (2,), tmp_path)


def test_an_architecture_may_take_tensors_as_conditions(tmp_path):
    check_modality(
        ring_with(PictureGenerator, PictureCritic, any_size), (2,), tmp_path, conditions=[(1, 3, 5)]
    )
    check_architecture(
        ring_with(PictureGenerator, PictureCritic, any_size), {"name": "odd"}, (2,), (2, 3), tmp_path
    )


# ---- networks that are broken ----


class Deaf(ring.Generator):
    """Does not hear the condition."""

    def forward(self, latent, condition):
        return super().forward(latent, None if condition is None else torch.zeros_like(condition))


class Restless(ring.Generator):
    """Draws noise in evaluation too."""

    def forward(self, latent, condition):
        return super().forward(latent, condition) + torch.randn(len(latent), 2)


class Idle(ring.Generator):
    """Has a parameter that takes no part."""

    def __init__(self, options, n_labels):
        super().__init__(options, n_labels)
        self.idle = nn.Parameter(torch.zeros(1))


class Deep(ring.Discriminator):
    """An axis too many."""

    def forward(self, points, condition):
        return super().forward(points, condition)[:, None, None]


class Merged(ring.Discriminator):
    """One logit for a whole batch."""

    def forward(self, points, condition):
        return super().forward(points, condition).mean(0, keepdim=True)


class Forgetful(ring.Generator):
    """Has a state that no checkpoint holds."""

    def __init__(self, options, n_labels):
        super().__init__(options, n_labels)
        self.shift = torch.randn(2)

    def forward(self, latent, condition):
        return super().forward(latent, condition) + self.shift


class Counting(ring.Generator):
    """Counts its calls outside its state."""

    n_calls = 0

    def forward(self, latent, condition):
        self.n_calls += self.training
        return super().forward(latent, condition) * (1 + self.n_calls * self.training)


class Restive(ring.Generator):
    """Draws noise in training from a random state of its own."""

    def __init__(self, options, n_labels):
        super().__init__(options, n_labels)
        self.random_state = torch.Generator().manual_seed(0)

    def forward(self, latent, condition):
        noise = torch.randn(latent.shape, generator=self.random_state) if self.training else 0
        return super().forward(latent + noise, condition)


class Running(ring.Generator):
    """Keeps running statistics of the batches that it saw."""

    def __init__(self, options, n_labels):
        super().__init__(options, n_labels)
        self.rest = nn.Sequential(nn.BatchNorm1d(options.width), *self.rest)


class Routed(ring.Discriminator):
    """A layer for each label, which a batch without the label does not see."""

    def __init__(self, options, n_labels):
        super().__init__(options, n_labels)
        self.experts = nn.ModuleList(nn.Linear(2, 1) for _ in range(n_labels))

    def forward(self, points, condition):
        logits = super().forward(points, condition)
        for label, expert in enumerate(self.experts):
            own = condition.argmax(1) == label
            if own.any():
                logits = logits + own * expert(points).squeeze(1)
        return logits


class DeafToPictures(PictureGenerator):
    def forward(self, latent, condition):
        tensor = condition is not None and condition.ndim > 2
        return super().forward(latent, torch.zeros_like(condition) if tensor else condition)


class IndifferentToPictures(PictureCritic):
    def forward(self, points, condition):
        tensor = condition is not None and condition.ndim > 2
        return super().forward(points, torch.zeros_like(condition) if tensor else condition)


def unpacked(shape):
    (n_labels,) = shape or (0,)
    return n_labels


def refusing(shape):
    raise ConfigError(f"no condition {list(shape)}")


LABELS, TENSOR = "with 3 labels: ", r"with conditions \[2, 4, 4\]: "


@pytest.mark.parametrize(
    ("networks", "broken"),
    [
        ({"generator": Deaf}, LABELS + "the condition changes nothing that is generated"),
        ({"generator": Restless}, LABELS + "evaluation gives other samples for the same latent"),
        ({"generator": Idle}, LABELS + "no gradient reaches the generator's idle"),
        ({"critic": Deep}, LABELS + r"logits are \[4, 1, 1\], not \[4\] or \[4, K\]"),
        ({"critic": Merged}, LABELS + r"logits are \[1\], not \[4\] or \[4, K\]"),
        ({"generator": Forgetful}, LABELS + "Forgetful is another after a checkpoint's round trip"),
        ({"generator": Counting}, LABELS + "a run that is resumed ends with another generator"),
        ({"generator": Restive}, LABELS + "a run that is resumed ends with another generator"),
        ({"generator": Running}, LABELS + "two processes end with other buffers of the generator"),
        ({"critic": Routed}, LABELS + "two processes (do not fit together|train another discriminator)"),
        ({"size": any_size}, TENSOR + "what was built fails .*build raises ConfigError"),
        ({"size": unpacked}, TENSOR + "build fails .ValueError: too many values.*raises ConfigError"),
        ({"size": refusing}, r"refuses whatever it is offered as a condition: no condition \[2, 4, 4\]"),
        (
            {"generator": DeafToPictures, "critic": PictureCritic, "size": any_size},
            TENSOR + "the condition changes nothing that is generated",
        ),
        (
            {"generator": PictureGenerator, "critic": IndifferentToPictures, "size": any_size},
            TENSOR + "the condition changes no logit",
        ),
    ],
    ids=lambda value: "-".join(part.__name__ for part in value.values()) if isinstance(value, dict) else "",
)
def test_broken_networks_are_noticed(networks, broken, tmp_path):
    with pytest.raises(AssertionError, match=f"^odd {broken}") as noticed:
        check_modality(ring_with(**networks), (2,), tmp_path)
    assert "\n" not in str(noticed.value)


# ---- samples that are broken ----


def drawn_anew(trained, conditions, seed, n, options):
    """Of a seed, but all at once."""
    tensor = torch.randn(n, 2, generator=torch.Generator().manual_seed(seed)).cumsum(0).flip(0)
    return Samples(tensor, tuple(range(n)), tuple(range(n)))


def drawn_without_seed(trained, conditions, seed, n, options):
    return PLAIN.draw(trained, conditions, 0, n, options)


def drawn_without_rows(trained, conditions, seed, n, options):
    return replace(PLAIN.draw(trained, conditions, seed, n, options), rows=())


def drawn_beyond(trained, conditions, seed, n, options):
    samples = PLAIN.draw(trained, conditions, seed, n, options)
    return replace(samples, rows=tuple(row + 1 for row in samples.rows))


def written_nowhere(trained, options, labels, seed, folder):
    return Written([folder / "samples.txt"], "Wrote nothing.")


def written_anew(trained, options, labels, seed, folder):
    written = PLAIN.write(trained, options, labels, seed, folder)
    written.paths[0].write_text(str(folder))
    return written


def fussy(network, options):
    raise ConfigError("intensity 1 is too much")


@pytest.mark.parametrize(
    ("parts", "broken"),
    [
        ({"check": fussy}, "Sampling.check refuses the default settings: intensity 1 is too much"),
        ({"generate": lambda *_: torch.zeros(1, 2)}, r"Sampling.generate gives \[1, 2\] for 2 latents"),
        ({"draw": drawn_anew}, "Sampling.draw gives other samples for the same seed when more are asked for"),
        ({"draw": drawn_without_seed}, "Sampling.draw gives the same samples for another seed"),
        ({"draw": drawn_without_rows}, r"Sampling.draw gives \(2, 0, 2\) samples, rows and indices"),
        ({"draw": drawn_beyond}, "Sampling.draw gives more samples than asked for, or rows of conditions"),
        ({"page": lambda *_: None}, "Sampling.page writes no file"),
        ({"write": lambda *_: Written([], "")}, "Sampling.write names no file that it wrote"),
        ({"write": written_nowhere}, "Sampling.write does not write samples.txt, which it names"),
        ({"write": written_anew}, "Sampling.write gives other files for the same seed"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_broken_sampling_is_noticed(parts, broken, tmp_path):
    modality = replace(ring.RING, sampling=replace(PLAIN, **parts))
    with pytest.raises(AssertionError, match=f"^perceptron with 3 labels: {broken}"):
        check_modality(modality, (2,), tmp_path)


def test_files_that_are_all_alike_are_noticed(tmp_path):
    def write(samples, paths, data):
        for path in paths:
            path.write_text("x")

    with pytest.raises(AssertionError, match="one file for different samples"):
        check_files(replace(ring.RING, write_samples=write), torch.rand(4, 2), tmp_path)
