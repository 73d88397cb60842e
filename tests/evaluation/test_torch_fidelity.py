"""Two folders through ``evaluate`` and through torch-fidelity's own command: the same FID, KID, IS, precision and recall."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from evaluation.catalogue import load_extractor
from evaluation.extractors.protocol import features_of
from evaluation.kinds.image import IMAGE
from evaluation.metrics.kernel import subset_distances
from evaluation.metrics.prdc import prdc
from evaluation.pipeline import evaluate
from tests.worlds.inception_weights import original_extractor
from tests.worlds.kinds import with_records

N, SIDE = 12, 40


def folder_of_images(folder, seed, contrast):
    """Blocks of colour, so that images differ in more than noise."""
    folder.mkdir()
    stream = np.random.default_rng(seed)
    for number in range(N):
        blocks = stream.integers(0, contrast, (5, 5, 3)).astype(np.uint8)
        pixels = np.kron(blocks, np.ones((SIDE // 5, SIDE // 5, 1), np.uint8))
        Image.fromarray(pixels).save(folder / f"{number:03d}.png")
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fidelity")
    with original_extractor() as extractor:
        torch.save(extractor.state_dict(), folder / "inception.pth")
    real, fake = folder_of_images(folder / "real", 0, 256), folder_of_images(folder / "fake", 1, 200)
    # the record without the hash of the published file, which this is not
    record = IMAGE.record("inception")
    weights = tuple(replace(file, sha256=None, size_bytes=None) for file in record.weights)
    return with_records(IMAGE, replace(record, weights=weights)), real, fake, folder / "inception.pth"


@pytest.mark.filterwarnings("ignore::UserWarning:torch", "ignore::ResourceWarning")
def test_the_same_folders_have_the_same_figures(world):
    import torch_fidelity
    from torch_fidelity.metric_prc import prc_features_to_metric

    kind, real, fake, weights = world
    same = {
        "input1": str(fake), "input2": str(real), "feature_extractor_weights_path": str(weights), "cuda": False,
        "verbose": False, "cache": False, "save_cpu_ram": True, "rng_seed": 2020, "feature_extractor": "inception-v3-compat",
    }  # fmt: skip
    theirs = torch_fidelity.calculate_metrics(
        **same, isc=True, fid=True, kid=True, kid_subsets=4, kid_subset_size=6, isc_splits=10
    )
    report = evaluate(
        real, fake, modality=kind, metrics=["FID", "KID", "IS"], features="inception", weights=weights
    )
    assert report.figure("FID").value == pytest.approx(theirs["frechet_inception_distance"], rel=1e-5)
    assert report.figure("IS").value == pytest.approx(theirs["inception_score_mean"], rel=1e-5)
    assert {figure.name for figure in report.figures} == {"FID", "KID", "IS"}
    extractor = load_extractor("inception", kind, torch.device("cpu"), weights)
    sets = [
        features_of(extractor, [np.asarray(Image.open(path)) for path in sorted(place.iterdir())])
        for place in (fake, real)
    ]
    subsets = subset_distances(*sets, n_subsets=4, subset_size=6, seed=2020)
    # theirs is a small difference of kernels near 1 in float32; test_kernel.py has the parity in float64
    assert subsets.mean() == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-3)
    assert subsets.std() == pytest.approx(theirs["kernel_inception_distance_std"], rel=1e-3)
    shared = prc_features_to_metric(
        *map(torch.from_numpy, sets), prc_neighborhood=3, prc_batch_size=N, save_cpu_ram=True
    )
    found = prdc(*reversed(sets), k=3)
    assert found.precision.mean() == pytest.approx(shared["precision"], rel=1e-6)
    assert found.recall.mean() == pytest.approx(shared["recall"], rel=1e-6)
