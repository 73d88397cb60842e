"""How near `multigan project` comes to held-out drawn faces, and which way of changing their emotion keeps who they are.

    python benchmarks/projecting.py RUN [--n 64] [--steps 400] [--space w+|w] [--picture FILE]

RUN is one of `emotive-images` on drawn faces. Such a face is a function of who it is, of an emotion and an intensity, so
that the same face with another emotion can be drawn, and a changed projection compared with that. Ways: `shift`, by what
lies between the mean styles of the two labels; `latent`, the latent that comes nearest to the styles under the old label,
under the new one, plus what it left over; `latent alone`, without that.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.catalogue import load_extractor
from evaluation.extractors.protocol import features_of
from multigan.emotions import NAMES
from multigan.image.drawn.faces import draw_faces, face_labels
from multigan.projecting import Search
from multigan.projections import label_means
from multigan.sampling import condition_for, load_generator
from recipes.kinds import kind_of_modality
from recipes.label_reader import LabelReader
from recipes.projecting import measured, projected

SHOWN = 6


def inverted(network, styles, conditions, steps=400):
    """[N, Z]: latents whose styles under the conditions are nearest to styles [N, W], by Adam."""
    chance = torch.Generator().manual_seed(0)
    latent = network.latent(len(styles), chance).requires_grad_(True)
    optimiser = torch.optim.Adam([latent], lr=0.05)
    for _ in range(steps):
        optimiser.zero_grad()
        (network.mapping(latent, conditions)[:, 0] - styles).square().sum().backward()
        optimiser.step()
    return latent.detach()


class Ways:
    """Styles [N, L, W] of projections under another label."""

    def __init__(self, trained, projections):
        self.network, self.labels = trained.network, trained.facts.labels
        self.styles = torch.cat([one.inverted.styles for one in projections])
        self.own = torch.stack([condition_for(self.labels, one.label, one.intensity) for one in projections])
        self.latent = inverted(self.network, self.styles.mean(1), self.own)

    def under(self, label):
        """Way -> styles under a label at full intensity."""
        condition = condition_for(self.labels, label, 1.0)
        wanted = condition.expand(len(self.styles), -1)
        before, after = (label_means(self.network, rows) for rows in (self.own, condition[None]))
        left_over = self.styles - self.network.mapping(self.latent, self.own)
        alone = self.network.mapping(self.latent, wanted)
        shift = self.styles + (after - before)[:, None]
        return {"none": self.styles, "shift": shift, "latent": alone + left_over, "latent alone": alone}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--n", type=int, default=64)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--space", choices=("w", "w+"), default="w+")
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    trained = load_generator(given.run, torch.device("cpu"))
    splits = trained.modality.open_data(trained.data, None, lambda *told: None)
    rows = np.arange(given.n)
    real, names = splits.held_out.batch(rows).real, [splits.held_out.names[row] for row in rows]
    labels = [name.split("/")[1].rsplit("-", 1)[0] for name in names]
    started = time.process_time()
    pairs = projected(trained, real, names, labels, Search(given.steps, given.space))
    seconds = (time.process_time() - started) / given.n
    results = measured(trained, real, pairs, splits.train)
    told = {
        "n": given.n,
        "steps": given.steps,
        "space": given.space,
        "processor_seconds_each": round(seconds, 2),
    }
    for what in ("values", "features"):
        ours, theirs = (
            np.array([getattr(one, what) for one in several])
            for several in ([one.distance for one in results], [one.nearest for one in results])
        )
        told[what] = {
            "distance": round(float(ours.mean()), 4),
            "nearest_training_sample": round(float(theirs.mean()), 4),
            "below": round(float((ours < theirs).mean()), 4),
        }
    told["ways"], shown = edits(trained, given.run, results, names)
    print(json.dumps(told, indent=2))
    if given.picture:
        trained.modality.preview(
            torch.stack(shown), 2 + len(trained.facts.labels), given.picture, trained.data
        )


@torch.no_grad()
def edits(trained, run, results, names):
    """What each way comes to over all labels, and rows of pictures of the first faces, changed by ``shift``."""
    kind = kind_of_modality(trained.modality)
    reader = LabelReader(kind, run, trained, None)
    extractor = load_extractor(kind.default_features, kind, torch.device("cpu"))
    data = trained.data
    seeds = np.asarray(face_labels(data.drawn + data.drawn_held_out, data.seed)[2])
    who = seeds[[int(name.rsplit("-", 1)[1]) for name in names]]
    with torch.enable_grad():
        ways = Ways(trained, [one.projection for one in results])
    found, changed = {}, []
    for label in trained.facts.labels:
        full = np.ones(len(who))
        drawn = draw_faces(data.resolution, np.full(len(who), NAMES.index(label)), full, who)
        target = torch.from_numpy(drawn).permute(0, 3, 1, 2).float() / 127.5 - 1
        theirs = features_of(extractor, list(drawn))
        for way, styles in ways.under(label).items():
            made = trained.network.synthesis(styles)
            media = trained.modality.media(made, data)
            read = np.mean([one == label for one in reader.read(media)])
            values = (made - target).square().flatten(1).mean(1).sqrt().mean()
            features = np.linalg.norm(features_of(extractor, media) - theirs, axis=1).mean()
            found.setdefault(way, []).append((read, float(values), features))
            if way == "shift":
                changed.append(made)
    columns = ("read_as_asked", "values_to_drawing", "features_to_drawing")
    means = {
        way: dict(zip(columns, np.round(np.mean(rows, 0), 4).tolist(), strict=True))
        for way, rows in found.items()
    }
    shown = [
        picture
        for row, one in enumerate(results[:SHOWN])
        for picture in (one.original, one.reconstruction, *(made[row] for made in changed))
    ]
    return means, shown


if __name__ == "__main__":
    main()
