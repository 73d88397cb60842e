"""Samples by their numbers, drawn towards the first of their seed, and of mixed styles."""

import math

import pytest
import torch

from multigan.errors import ConfigError
from multigan.interpolating import between
from multigan.sampling import conditions_for, generate, latents, load_generator
from multigan.sampling_settings import (
    LARGEST_NUMBER,
    SamplingSettings,
    TruncatedSampling,
    layers_of,
    parse_mix,
)
from tests.worlds.commands import error_of, ran
from tests.worlds.untrained import untrained


@pytest.fixture(scope="module")
def runs(tmp_path_factory, session_cache):
    root = tmp_path_factory.mktemp("runs")
    return {name: untrained(name, root / name) for name in ("image", "audio", "text")}


def test_between_is_the_arc_of_the_sphere():
    start, end = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    third = between(start, end, torch.tensor([[1 / 3]]))
    torch.testing.assert_close(third, torch.tensor([[math.cos(math.pi / 6), math.sin(math.pi / 6)]]))
    torch.testing.assert_close(between(start, end, 0.0), start)
    torch.testing.assert_close(between(start, end, 1.0), end)


def test_between_a_latent_and_itself_or_its_opposite_there_is_a_way():
    start = torch.randn(4, 16, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(between(start, start, 0.3), start)
    assert between(start, -start, 0.3).isfinite().all()


@pytest.mark.parametrize("name", ["image", "audio", "text"])
def test_samples_by_number_are_those_of_the_whole(runs, tmp_path, name):
    ran("sample", runs[name], "--emotion", "joy", "--n", 7, "--out", tmp_path / "all")
    ran("sample", runs[name], "--emotion", "joy", "--only", "1,4-5", "--out", tmp_path / "some")
    if name == "text":
        rows = [
            [line.split("\t") for line in (tmp_path / each / "samples.tsv").read_text("utf-8").splitlines()]
            for each in ("all", "some")
        ]
        assert rows[1] == [rows[0][row] for row in (0, 2, 5, 6)]
        return
    found = sorted(path for path in (tmp_path / "some").iterdir() if path.suffix in (".png", ".wav"))
    assert [path.stem[-5:] for path in found] == ["00001", "00004", "00005"]
    for path in found:
        assert path.read_bytes() == (tmp_path / "all" / path.name).read_bytes()


def test_variation_goes_from_the_first_sample_to_ones_own(runs, tmp_path):
    for variation in (1, 0.5, 0):
        ran("sample", runs["image"], "--emotion=joy", "--n=3", f"--variation={variation}", "--out", tmp_path)
    first = (tmp_path / "joy-0-00000.png").read_bytes()
    none = [(tmp_path / f"joy-variation=0.0-0-0000{i}.png").read_bytes() for i in range(3)]
    half = [(tmp_path / f"joy-variation=0.5-0-0000{i}.png").read_bytes() for i in range(3)]
    own = [(tmp_path / f"joy-0-0000{i}.png").read_bytes() for i in range(3)]
    assert none == [first] * 3
    assert half[0] == first
    assert len({*half, *own}) == 5
    table = (tmp_path / "labels.csv").read_text("utf-8").splitlines()
    assert table[0] == "file,emotion,intensity,seed,index,truncation,variation"
    assert table[1].endswith(",1.0,")
    assert table[4].endswith(",1.0,0.5")


def test_mixed_styles_are_those_of_the_other_seed_in_their_layers(runs):
    """Worked out by hand on the styles; all three levels of one seed are that seed's first sample."""
    trained = load_generator(runs["image"], torch.device("cpu"))
    network, conditions = trained.network, conditions_for(trained, "joy", [1.0] * 2)
    own, other = latents(network, 0, range(2)), latents(network, 7, [0])
    with torch.no_grad():
        styles = network.mapping(own, conditions).clone()
        layers = layers_of("fine", styles.shape[1])
        styles[:, layers] = network.mapping(other.expand(2, -1), conditions)[:, layers]
        by_hand = network.synthesis(styles)
    torch.testing.assert_close(generate(network, own, conditions, mixed={"fine": other}), by_hand)
    whole = dict.fromkeys(("coarse", "middle", "fine"), other)
    alone = generate(network, other, conditions[:1])
    torch.testing.assert_close(generate(network, own, conditions, mixed=whole), alone.expand(2, -1, -1, -1))
    options = TruncatedSampling(style_mix="fine:7")
    torch.testing.assert_close(trained.sampling.generate(trained, own, conditions, options), by_hand)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 10, 13])
def test_the_levels_share_out_all_layers(n):
    layers = [list(range(n))[layers_of(level, n)] for level in ("coarse", "middle", "fine")]
    assert [layer for level in layers for layer in level] == list(range(n))
    assert max(map(len, layers)) - min(map(len, layers)) <= 1


def test_mixes_of_styles_are_written_one_way():
    assert parse_mix("coarse:7, fine:9") == {"coarse": 7, "fine": 9}
    for wrong in (
        "",
        "fine",
        "fine:",
        "fine:-1",
        "fine:x",
        "top:1",
        "fine:1,fine:2",
        f"fine:{2**63}",
        "fine:²",
    ):
        with pytest.raises(ValueError, match="level"):
            parse_mix(wrong)


def test_settings_that_make_no_sense_are_refused():
    for wrong in (
        {"variation": 1.5},
        {"variation": -0.1},
        {"only": (1, 2)},
        {"per_label": 2, "only": (1, 1)},
    ):
        with pytest.raises((ValueError, ConfigError)):
            SamplingSettings(**wrong)
    with pytest.raises((ValueError, ConfigError)):
        SamplingSettings(per_label=1, only=(LARGEST_NUMBER,))
    assert SamplingSettings(per_label=2, only=(5, 3)).numbers(2) == (5, 3)
    assert list(SamplingSettings().numbers(3)) == [0, 1, 2]


def test_mistakes_are_one_sentence(runs):
    assert "generator with styles" in error_of("sample", runs["audio"], "--style-mix", "fine:1")
    assert "LEVEL:SEED" in error_of("sample", runs["image"], "--style-mix", "eyes:1")
