"""Clips by a generator of frames that a content and a motion steer, and a discriminator with two views.

As in MoCoGAN (arXiv:1707.04993, section 3) a clip has one content and a motion that moves from frame to frame; a frame is
made of both and of its own condition, by StyleGAN2's network of images. MoCoGAN's recurrent network is replaced by codes at
even times with smooth ways between them (as in StyleGAN-V, arXiv:2112.14683), so that a latent is a vector and all frames
are made at once. As in DVD-GAN (arXiv:1907.06571, section 3) one view of the discriminator sees a few frames at full
resolution, each by itself, and the other all frames at half of it (2x2 means).

Networks grow in time (arXiv:1810.02419): at first they are trained on two frames of a clip, which cost an eighth of 16, then
on twice as many. What a generator makes outside of training always has all frames.
"""

from __future__ import annotations

import math

import torch
from torch import Generator as RandomState
from torch import Tensor, nn
from torch.nn import functional

from multigan.config import settings
from multigan.errors import ConfigError
from multigan.image.networks.layers import in_channels_last
from multigan.image.networks.stylegan2 import Discriminator as FrameDiscriminator
from multigan.image.networks.stylegan2 import Generator as FrameGenerator
from multigan.image.networks.stylegan2 import StyleGAN2Settings
from multigan.layers import Linear, minibatch_standard_deviation, normal_latent, style_head
from multigan.modality import Architecture
from multigan.precision import full_precision
from multigan.video.networks.layers import Convolution3d, between_anchors


@settings
class DvdGanSettings:
    """Widths and parts. Channels at resolution r: min(channel_base / r, channel_max)."""

    channel_base: int = 384
    channel_max: int = 96
    clip_channels: int = 16
    """Of the view of whole clips at half the resolution; twice as many at each half of that, up to four times."""
    latent_size: int = 48
    """Of a clip's content."""
    motion_size: int = 8
    """Of the motion at each anchor."""
    anchors: int = 6
    """Of the motion, evenly spaced over the clip."""
    style_size: int = 64
    mapping_layers: int = 2
    judged_frames: int = 4
    """Frames of a clip, one in each part of it, that are seen at full resolution."""
    minibatch_group: int = 4

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            least = 2 if name == "anchors" else 1
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, found {getattr(self, name)}")

    def of_frames(self) -> StyleGAN2Settings:
        """The settings of the networks that make and see one frame."""
        return StyleGAN2Settings(
            channel_base=self.channel_base,
            channel_max=self.channel_max,
            latent_size=self.latent_size + self.motion_size,
            style_size=self.style_size,
            mapping_layers=self.mapping_layers,
            noise=False,
            style_mixing=0.0,
            minibatch_group=self.minibatch_group,
        )


class Generator(nn.Module):
    """Latent [N, Z + A M] and condition [N, T, C], [N, C] (it stays as it is) or None -> clips [N, 3, T, R, R].

    The latent holds a content [Z] and a motion [M] at each of A anchors.
    """

    basis: Tensor
    level: Tensor

    def __init__(self, own: DvdGanSettings, shape: tuple[int, ...], n_labels: int) -> None:
        super().__init__()
        self.content_size, self.motion_size, self.anchors = own.latent_size, own.motion_size, own.anchors
        self.n_frames, self.n_labels = shape[1], n_labels
        self.frames = FrameGenerator(own.of_frames(), (shape[0], *shape[2:]), n_labels, wavelet=False)
        self.register_buffer("basis", between_anchors(own.anchors, shape[1]))
        self.levels = (1, shape[1].bit_length() - 1)
        self.register_buffer("level", torch.tensor(float(self.levels[1])))

    def grow(self, level: float) -> None:
        """Make 2^level frames of a clip in training, the next power of two between levels."""
        self.level.fill_(level)

    def latent(self, n: int, random_state: RandomState | None = None) -> Tensor:
        """N(0, I), [n, Z + A M]."""
        size = self.content_size + self.anchors * self.motion_size
        return normal_latent(self, n, size, random_state)

    def forward(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        n = len(latent)
        content, motion = latent.split([self.content_size, self.anchors * self.motion_size], 1)
        places = moments(self.level, self.n_frames) if self.training else slice(None)
        moving = self.basis[places] @ motion.view(n, self.anchors, self.motion_size)
        still = content[:, None].expand(-1, moving.shape[1], -1)
        own = over_time(condition, self.n_frames, self.n_labels, "generator")
        own = None if own is None else own[:, places]
        frames = self.frames(
            torch.cat((still, moving), 2).flatten(0, 1), None if own is None else own.flatten(0, 1)
        )
        return frames.unflatten(0, (n, moving.shape[1])).transpose(1, 2).contiguous()


class ClipView(nn.Module):
    """Clips [N, 3, T, R, R] at half the resolution -> features [N, K, D] of K even parts of the time, T at least 4."""

    def __init__(self, own: DvdGanSettings, n_channels: int, side: int) -> None:
        super().__init__()
        width, self.group = own.clip_channels, own.minibatch_group
        self.first = Convolution3d(n_channels, width, (2, 1, 1))
        layers: list[nn.Module] = [Convolution3d(width, 2 * width, (1, 3, 3)), nn.AvgPool3d((1, 2, 2))]
        layers += [Convolution3d(2 * width, 4 * width, (3, 3, 3)), nn.AvgPool3d((2, 2, 2))]
        while side > 32:
            layers += [Convolution3d(4 * width, 4 * width, (1, 3, 3)), nn.AvgPool3d((1, 2, 2))]
            side //= 2
        self.body = nn.Sequential(*layers)
        self.last = Convolution3d(4 * width + 1, 4 * width, (3, 3, 3))
        self.features = Linear(4 * width * (side // 8) ** 2, 4 * width, activate=True)
        self.n_features = 4 * width

    def forward(self, clips: Tensor, n_parts: int) -> Tensor:
        halved = functional.avg_pool3d(clips, (1, 2, 2))
        features = self.body(self.first(halved)[:, :, 1::2])  # pairs of frames
        features = self.last(minibatch_standard_deviation(features, self.group))
        parts = functional.adaptive_avg_pool3d(features, (n_parts, *features.shape[3:]))
        return self.features(parts.transpose(1, 2).flatten(2))


class Discriminator(nn.Module):
    """Clips [N, 3, T, R, R] and condition [N, T, C], [N, C] or None -> logits [N, 2 K], larger = more real.

    K of frames at full resolution, one at random in each of K parts of the time (the middle one in evaluation), each under
    its own condition; and K of the clip at half the resolution, of the same parts under their mean conditions. The two views
    have the same weight, as in arXiv:1907.06571, since the loss is the mean over all. Where networks have not grown to all
    frames yet, it looks at as many as there are of whole clips too; at fewer than 4 the first view is alone, [N, K].
    """

    level: Tensor

    def __init__(self, own: DvdGanSettings, shape: tuple[int, ...], n_labels: int) -> None:
        super().__init__()
        self.n_labels, self.judged, self.n_frames = n_labels, own.judged_frames, shape[1]
        self.frame_view = FrameDiscriminator(own.of_frames(), (shape[0], *shape[2:]), n_labels, wavelet=True)
        self.clip_view = ClipView(own, shape[0], shape[2])
        self.head = style_head(self.clip_view.n_features, n_labels)
        self.levels = (1, shape[1].bit_length() - 1)
        self.register_buffer("level", torch.tensor(float(self.levels[1])))

    def grow(self, level: float) -> None:
        """Look at 2^level frames of a clip, the next power of two between levels."""
        self.level.fill_(level)

    def forward(self, clips: Tensor, condition: Tensor | None) -> Tensor:
        clips, condition = self._seen(clips, condition)
        frames, own, _ = self._chosen(clips, condition)
        logits = self.frame_view(frames, own).view(len(clips), -1)
        if clips.shape[2] < _FEWEST:
            return logits
        return torch.cat((logits, self._of_clips(clips, condition)[0]), 1)

    def judge(self, clips: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits [N, 2 K], and class logits [N, C] read from the pictures (AC-GAN, arXiv:1610.09585).

        The mean over the frames and the parts of the clip, each counting as much as its intensity, since a label shows only
        where there is some.
        """
        clips, condition = self._seen(clips, condition)
        frames, own, weights = self._chosen(clips, condition)
        n = len(clips)
        logits, classes = (
            each.view(n, len(frames) // n, *each.shape[1:]) for each in self.frame_view.judge(frames, own)
        )
        shares = weights.view(n, -1)
        if clips.shape[2] >= _FEWEST:
            of_clips, more, more_weights = self._of_clips(clips, condition)
            logits, classes = torch.cat((logits, of_clips), 1), torch.cat((classes, more), 1)
            shares = torch.cat((shares, more_weights), 1)
        shares = shares / shares.sum(1, keepdim=True).clamp(min=1e-6)
        return logits, (classes * shares[..., None]).sum(1)

    def _seen(self, clips: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The frames of the level, those of a clip that is whole taken out of it, and their conditions [N, t, C]."""
        places = moments(self.level, self.n_frames)
        own = over_time(condition, self.n_frames, self.n_labels, "discriminator")
        whole = clips.shape[2] == self.n_frames
        return clips[:, :, places] if whole else clips, None if own is None else own[:, places]

    def _chosen(self, clips: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor | None, Tensor]:
        """Frames [N K, 3, R, R], their conditions [N K, C] and how strong these are [N K]."""
        n, n_frames = len(clips), clips.shape[2]
        n_parts = min(self.judged, n_frames)
        length = n_frames // n_parts
        if self.training:
            within = torch.randint(length, (n, n_parts), device=clips.device)
        else:
            within = torch.full((n, n_parts), length // 2, device=clips.device)
        rows = torch.arange(n, device=clips.device)[:, None]
        places = within + length * torch.arange(n_parts, device=clips.device)
        frames = clips.transpose(1, 2)[rows, places].flatten(0, 1)
        if condition is None:
            return frames, None, torch.ones(n * n_parts, device=clips.device)
        chosen = condition[rows, places].flatten(0, 1)
        return frames, chosen, chosen.sum(1)

    def _of_clips(self, clips: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Logits [N, K] of the parts of the clips, class logits [N, K, C] and how strong their conditions are [N, K]."""
        n, n_parts = len(clips), min(self.judged, clips.shape[2])
        features = self.clip_view(clips, n_parts).flatten(0, 1)
        if condition is None:
            none = features.new_ones(n, n_parts)
            return full_precision(self.head(features, None)).view(n, n_parts), none[..., None], none
        parts = condition.view(n, n_parts, -1, self.n_labels).mean(2)
        logits = self.head(features, parts.flatten(0, 1)).view(n, n_parts)
        return logits, self.head.class_logits(features).view(n, n_parts, -1), parts.sum(2)


_FEWEST = 4
"""Frames of which the second view sees anything."""


def moments(level: Tensor, n_frames: int) -> Tensor:
    """int64 [t]: the frames that networks of a level look at, each in the middle of one of t = 2^level parts of a clip."""
    n = min(2 ** math.ceil(float(level)), n_frames)
    length = n_frames // n
    return length // 2 + length * torch.arange(n, device=level.device)


def over_time(condition: Tensor | None, n_frames: int, n_labels: int, network: str) -> Tensor | None:
    """The condition at each frame, [N, T, C], of [N, T, C] or of one that stays, [N, C]; None without labels."""
    if not n_labels:
        return None
    if condition is not None and condition.ndim == 2:
        condition = condition[:, None].expand(-1, n_frames, -1)
    if condition is None or condition.shape[1:] != (n_frames, n_labels):
        found = "none" if condition is None else list(condition.shape)
        raise ConfigError(
            f"This {network} takes a condition [N, {n_frames}, {n_labels}] or [N, {n_labels}]; found {found}."
        )
    return condition


def build(
    own: DvdGanSettings, shape: tuple[int, ...], condition_shape: tuple[int, ...]
) -> dict[str, nn.Module]:
    """Generator and discriminator for clips of ``shape`` (channels, frames, R, R)."""
    if len(shape) != 4 or shape[2] != shape[3] or shape[2] & (shape[2] - 1) or not 16 <= shape[2] <= 128:
        raise ConfigError(
            f"dvd-gan makes clips of square frames with a power-of-two side from 16 to 128; found {list(shape)}."
        )
    if shape[1] not in (8, 16, 32) or own.judged_frames not in (1, 2, 4, 8):
        raise ConfigError(
            f"dvd-gan makes clips of 8, 16 or 32 frames, of which it judges 1, 2, 4 or 8; found {shape[1]} frames and "
            f"judged_frames of {own.judged_frames}."
        )
    if len(condition_shape) > 2 or (len(condition_shape) == 2 and condition_shape[0] != shape[1]):
        raise ConfigError(
            f"dvd-gan takes a condition [C] or [{shape[1]}, C], one for each frame, or none; found a tensor "
            f"{list(condition_shape)}. Choose another architecture or other data."
        )
    n_labels = condition_shape[-1] if condition_shape else 0
    generator, discriminator = Generator(own, shape, n_labels), Discriminator(own, shape, n_labels)
    in_channels_last({"frames": generator.frames, "frame_view": discriminator.frame_view})
    return {"generator": generator, "discriminator": discriminator}


DVD_GAN = Architecture("dvd-gan", DvdGanSettings, build)
