"""Mixes of emotions: how they are written and named, their conditions, files and rows, and the centre of truncation."""

import csv

import pytest
import torch
from torch import nn

from multigan.blends import blend_name, in_words, place_of, shares_at, shares_of
from multigan.emotions import EMOTIONS
from multigan.errors import ConfigError
from multigan.sampling import condition_for, file_stem, generate, latents
from multigan.sampling_settings import SamplingSettings, TruncatedSampling
from recipes.asked import asked_for, told
from tests.multigan.test_sampling import trained

LABELS = ("joy", "fear", "surprise")


@pytest.mark.parametrize(
    ("emotion", "shares", "name"),
    [
        ("joy", {"joy": 1.0}, "joy"),
        ("joy:0.7,surprise:0.3", {"joy": 0.7, "surprise": 0.3}, "joy:0.7,surprise:0.3"),
        (" surprise : 3 , joy : 7", {"joy": 0.7, "surprise": 0.3}, "joy:0.7,surprise:0.3"),
        ("joy:1,fear:1,surprise:1", dict.fromkeys(LABELS, 0.3333), "joy:0.3333,fear:0.3333,surprise:0.3333"),
        ("joy:0.3333,fear:0.3333,surprise:0.3333", dict.fromkeys(LABELS, 0.3333), None),
        ("fear:0.2", {"fear": 1.0}, "fear"),
        ("fear:0,joy:5", {"joy": 1.0}, "joy"),
        ("fear:1e-9,joy:5", {"joy": 1.0}, "joy"),
    ],
)
def test_only_the_proportion_of_weights_counts(emotion, shares, name):
    found = shares_of(LABELS, emotion)
    assert found == shares
    assert list(found) == [label for label in LABELS if label in found]
    assert blend_name(found) == (name or emotion)
    assert shares_of(LABELS, blend_name(found)) == found


def test_a_mix_in_words():
    assert in_words({"joy": 0.7, "surprise": 0.3}) == "70% joy, 30% surprise"
    assert in_words({"joy": 1.0}) == "joy"


def test_the_condition_of_a_mix_is_the_weighted_sum_of_one_hots_times_the_intensity():
    found = condition_for(LABELS, "joy:0.7,surprise:0.3", 0.5)
    torch.testing.assert_close(found, torch.tensor([0.35, 0.0, 0.15]))
    assert condition_for(LABELS, "fear", 0.5).tolist() == [0.0, 0.5, 0.0]


def test_labels_that_hold_colons_and_commas_are_labels():
    labels = ("a:1", "a:1,b:1", "a", "c,d")
    for label in labels:
        assert shares_of(labels, label) == {label: 1.0}
    assert shares_of(labels, "c,d:1,a:3") == {"a": 0.75, "c,d": 0.25}
    assert shares_of(labels, "a:1,b:1:1,a:1:3") == {"a:1": 0.75, "a:1,b:1": 0.25}


@pytest.mark.parametrize(
    ("emotion", "sentence"),
    [
        ("joy:0.7,supprise:0.3", "no emotion in this run named 'supprise'. Did you mean 'surprise'?"),
        ("joy,fear", "named 'joy,fear'.* A mix has weights, such as joy:0.7,surprise:0.3."),
        ("jy", "named 'jy'. Did you mean 'joy'\\? Known: fear, joy, surprise.$"),
        ("joy:0.7,fear", "the weight of 'fear' is a number from 0 to 1,000, found none"),
        ("joy:x,fear:1", "the weight of 'joy' is a number from 0 to 1,000, found 'x'"),
        ("joy:-1,fear:2", "the weight of 'joy' is a number from 0 to 1,000, found -1"),
        ("joy:nan", "found nan"),
        ("joy:1e9", "found 1e9"),
        ("joy:1,fear:1,joy:1", "names 'joy' twice"),
        ("joy:0,fear:0", "has no weight above 0"),
    ],
)
def test_what_does_not_fit_is_one_sentence(emotion, sentence):
    with pytest.raises(ConfigError, match=sentence):
        shares_of(LABELS, emotion)


def test_a_run_without_labels_has_no_mixes():
    with pytest.raises(ConfigError, match="trained without labels, so it cannot make 'joy:1'"):
        shares_of((), "joy:1")


def test_files_and_rows_name_the_mix(tmp_path):
    run = trained(labels=LABELS)
    options = SamplingSettings(per_label=2, intensity=0.5)
    written = run.sampling.write(run, options, ("joy:0.7,surprise:0.3", "fear"), 3, tmp_path)
    assert [path.name for path in written.paths] == [
        *(f"joy-70%+surprise-30%-intensity=0.5-3-0000{index}.txt" for index in (0, 1)),
        *(f"fear-intensity=0.5-3-0000{index}.txt" for index in (0, 1)),
    ]
    rows = list(csv.DictReader((tmp_path / "labels.csv").read_text().splitlines()))
    assert [row["emotion"] for row in rows] == ["joy:0.7,surprise:0.3"] * 2 + ["fear"] * 2
    assert [row["file"] for row in rows] == [path.name for path in written.paths]
    condition = torch.tensor([[0.35, 0.0, 0.15]]).expand(2, -1)
    points = generate(run.network, latents(run.network, 3, range(2)), condition)
    assert [path.read_text() for path in written.paths[:2]] == [
        " ".join(map(str, row)) for row in points.tolist()
    ]


def test_no_label_has_the_file_name_of_a_mix():
    labels = ("joy", "fear", "joy-50%+fear-50%")
    stems = [file_stem(labels, one, SamplingSettings()) for one in (*labels, "joy:1,fear:1")]
    assert stems == ["joy", "fear", "joy-50%25+fear-50%25", "joy-50%+fear-50%"]
    long = tuple(f"{letter * 120}" for letter in "abc")
    mixes = [",".join(f"{label}:{i + j}" for i, label in enumerate(long, 1)) for j in (0, 1)]
    stems = [file_stem(long, mix, SamplingSettings()) for mix in mixes]
    assert len(set(stems)) == 2
    assert max(len(stem) for stem in stems) <= 160


class Styled(nn.Module):
    """Styles are the latent and the condition side by side; a sample is its style."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def latent(self, n, random=None):
        return torch.randn(n, 2, generator=random)

    def mapping(self, latent, condition):
        return torch.cat([latent * condition.sum(1, keepdim=True), condition.square()], 1)[:, None]

    def synthesis(self, styles):
        return styles[:, 0]

    def forward(self, latent, condition):
        return self.synthesis(self.mapping(latent, condition))


def test_truncation_draws_towards_the_mean_of_the_mix():
    network, shared = Styled(), latents(Styled(), 0, range(3))
    mix = condition_for(LABELS, "joy:0.7,surprise:0.3", 1.0).expand(3, -1)
    centre = network.latent(512, torch.Generator().manual_seed(0)).mean(0)
    expected = torch.cat([centre, torch.tensor([0.49, 0.0, 0.09])]).expand(3, -1)
    torch.testing.assert_close(generate(network, shared, mix, 0.0), expected)
    whole = generate(network, shared, mix, 1.0)
    torch.testing.assert_close(generate(network, shared, mix, 0.5), (whole + expected) / 2)
    assert file_stem(LABELS, "joy:7,surprise:3", TruncatedSampling(truncation=0.5)) == (
        "joy-70%+surprise-30%-truncation=0.5"
    )


# ---- a point of the plane ----

ALL = tuple(emotion.name for emotion in EMOTIONS)
PLACES = {emotion.name: (emotion.valence, emotion.arousal) for emotion in EMOTIONS}


@pytest.mark.parametrize("labels", [ALL, ("joy", "fear", "calm", "sadness", "another"), ALL[::-1]])
def test_the_place_of_a_label_is_that_label_alone(labels):
    for label in set(labels) & set(ALL):
        assert shares_at(labels, *PLACES[label]) == {label: 1.0}


def test_shares_are_barycentric_weights_within_a_triangle():
    labels = ("joy", "calm", "neutral", "x")
    third = tuple(sum(PLACES[label][axis] for label in labels[:3]) / 3 for axis in (0, 1))
    assert shares_at(labels, *third) == dict.fromkeys(labels[:3], 0.3333)
    middle = tuple((PLACES["joy"][axis] + PLACES["calm"][axis]) / 2 for axis in (0, 1))
    assert shares_at(labels, *middle) == {"joy": 0.5, "calm": 0.5}
    # (0.144, 0.002) = (joy + calm) / 10 + neutral * 8 / 10
    assert shares_at(labels, 0.144, 0.002) == {"joy": 0.1, "calm": 0.1, "neutral": 0.8}


def test_the_origin_without_neutral_is_a_mix_whose_place_it_is():
    shares = shares_at(tuple(label for label in ALL if label != "neutral"), 0.0, 0.0)
    assert len(shares) == 3
    assert place_of(shares) == pytest.approx((0.0, 0.0), abs=1e-3)


def test_beyond_the_hull_a_point_is_taken_to_the_nearest_of_it():
    assert shares_at(ALL, 1.0, -1.0) == {"calm": 1.0}
    assert shares_at(ALL, 1.0, 0.5) == {"joy": 1.0}
    # from joy to surprise is (-0.36, 0.19), from joy to the point (0.24, 0.52): 0.0124 / 0.1657 of the way
    assert shares_at(ALL, 1.0, 1.0) == {"joy": 0.9252, "surprise": 0.0748}
    # between joy and calm, whose line has the direction (-0.08, -0.94): to its right, at right angles to its middle
    shares = shares_at(ALL, 0.72 + 0.188, 0.01 - 0.016)
    assert shares == {"joy": 0.5, "calm": 0.5}
    assert place_of(shares) == pytest.approx((0.72, 0.01))


def test_the_mix_of_every_point_within_lies_where_the_point_is_and_never_jumps():
    n, last = 80, {}
    for row in range(n + 1):
        valence, arousal = -0.6 + 1.2 * row / n, -0.2 + 0.6 * row / n
        shares = shares_at(ALL, valence, arousal)
        assert place_of(shares) == pytest.approx((valence, arousal), abs=2e-4)
        if last:
            assert max(abs(shares.get(label, 0) - last.get(label, 0)) for label in ALL) < 0.1
        last = shares


def test_the_triangle_is_the_one_whose_circle_holds_no_other_label():
    """Of four labels the angles at calm (61 degrees) and surprise (93) are under 180 together, those at neutral and joy
    above: neutral and joy are joined, and calm and surprise are not."""
    assert set(shares_at(("joy", "surprise", "calm", "neutral"), 0.45, 0.2)) == {"joy", "calm", "neutral"}
    assert set(shares_at(("joy", "surprise", "calm", "neutral"), 0.45, 0.3)) == {"joy", "surprise", "neutral"}


@pytest.mark.parametrize(
    ("labels", "found"),
    [((), "none of them"), (("a", "b", "c"), "none of them"), (("joy", "calm", "c"), "joy and calm")],
)
def test_a_run_with_too_few_places_is_refused(labels, found):
    with pytest.raises(
        ConfigError, match=f"three labels or more .* this run has {found}: name a mix by --emotion"
    ):
        shares_at(labels, 0.0, 0.0)


def test_what_a_person_asks_for_is_named_once():
    assert asked_for(LABELS, ("joy:2", "fear", "joy", "surprise:1,joy:1"), None, None) == (
        *("joy", "fear", "joy:0.5,surprise:0.5"),
    )
    assert asked_for(LABELS, (), None, None) == LABELS
    assert asked_for(ALL, (), 0.0, 0.0) == ("neutral",)
    for more, sentence in (
        (((), 0.5, None), "add --arousal"),
        (((), None, 0.5), "add --valence"),
        ((("joy",), 0.5, 0.5), "leave --emotion or the two others out"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            asked_for(ALL, *more)
    assert told(ALL, "neutral", 0.0, 0.0) == "Valence 0 and arousal 0: neutral."
    assert told(ALL, "calm", 1.0, -1.0) == (
        "Valence 1 and arousal -1: calm, the nearest that the run's emotions reach (valence 0.68, arousal -0.46)."
    )
