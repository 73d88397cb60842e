"""Training settings of multigan 0.1.0 in today's form: wholes, saved recipes, and parts laid on others."""

import pytest

from multigan.config import load, merge, parse_overrides, to_dict
from multigan.errors import ConfigError
from multigan.image.modality import IMAGE
from multigan.text.modality import TEXT
from multigan.training.assemble import whole_training
from multigan.training.former import in_new_form
from multigan.training.settings import TrainingSettings

# emotive-text's, as multigan 0.1.0 had it
TEXTS = {
    "batch": 64,
    "likelihood": {"samples": "400k", "lr": 0.004, "decay": True},
    "discriminator_samples": "32k",
    "samples": "16k",
    "discriminator_repeat": 4,
    "objective": {"name": "policy_gradient", "n_rollouts": 4, "lag": 0.8, "likelihood": 20.0},
    "classification": 0.1,
    "generator_lr": 0.0003,
    "discriminator_lr": 0.001,
    "clip_generator_gradient": 5.0,
    "beta1": 0.9,
    "beta2": 0.95,
    "ema_half_life_samples": "4k",
    "log_every": 6400,
}
TEXTS_NOW = {
    "batch": 64,
    "samples": "16k",
    "classification": 0.1,
    "log_every": 6400,
    "schedule": {
        "name": "sequence",
        "likelihood_samples": "400k",
        "discriminator_samples": "32k",
        "discriminator_repeat": 4,
        "objective": {"name": "policy_gradient", "n_rollouts": 4, "lag": 0.8},
        "likelihood_weight": 20.0,
    },
    "optimisers": {
        "generator": {"lr": 0.0003, "betas": [0.9, 0.95], "clip_gradient": 5.0},
        "discriminator": {"lr": 0.001, "betas": [0.9, 0.95]},
        "likelihood": {"lr": {"start": 0.004, "end": 0.0}, "betas": [0.9, 0.95], "clip_gradient": 5.0},
    },
    "ema": {"half_life_samples": "4k"},
}


def whole(modality, training):
    return whole_training(modality, load(TrainingSettings, training, "test"))


def test_a_whole_recipe_of_texts():
    new, notes = in_new_form(TEXTS)
    assert new == TEXTS_NOW
    assert notes == [
        "training.generator_lr is now training.optimisers.generator.lr.",
        "training.discriminator_lr is now training.optimisers.discriminator.lr.",
        "training.discriminator_repeat is now training.schedule.discriminator_repeat.",
        "training.discriminator_samples is now training.schedule.discriminator_samples.",
        "training.ema_half_life_samples is now training.ema.half_life_samples.",
        "training.objective is now training.schedule.objective.",
        "training.objective.likelihood is now training.schedule.likelihood_weight.",
        "training.likelihood.samples is now training.schedule.likelihood_samples.",
        "training.likelihood.lr is now training.optimisers.likelihood.lr.",
        "training.beta1 and training.beta2 are now training.optimisers.generator.betas, "
        "training.optimisers.likelihood.betas and training.optimisers.discriminator.betas.",
        "training.clip_generator_gradient is now training.optimisers.generator.clip_gradient and "
        "training.optimisers.likelihood.clip_gradient.",
    ]
    assert whole(TEXT, new)["optimisers"]["likelihood"]["lr"]["start"] == 0.004


def test_todays_settings_stay_as_they_are():
    assert in_new_form(TEXTS_NOW) == (TEXTS_NOW, [])
    assert in_new_form({}) == ({}, [])
    assert in_new_form(TEXTS_NOW)[0] is not TEXTS_NOW
    adaptive = {"augmentation": {"name": "ada", "p": {"target": 0.5}}}
    assert in_new_form(adaptive) == (adaptive, [])


SAVED = {
    "samples": 640,
    "likelihood": {"samples": 0, "lr": 0.01, "decay": False},
    "discriminator_samples": 0,
    "objective": {
        "name": "pathwise", "n_rollouts": 16, "lag": 0.8, "baseline": "leave_one_out", "temperature": 1.0,
        "likelihood": 0.0,
    },
    "batch": 8,
    "loss": "relativistic",
    "generator_lr": 0.0025,
    "discriminator_lr": 0.002,
    "beta1": 0.0,
    "beta2": 0.99,
    "discriminator_repeat": 1,
    "regularisers": [{"name": "r1", "weight": 0.1, "every": 1}, {"name": "r2", "weight": 0.1, "every": 1}],
    "clip_discriminator": None,
    "clip_generator_gradient": None,
    "augmentation": {"name": "none", "target": 0.6, "interval": 4, "speed_samples": 500_000},
    "ema_half_life_samples": 10_000,
    "ema_ramp_up": 0.05,
}  # fmt: skip


def test_a_saved_recipe_of_images_in_which_every_default_was_written_out():
    new, notes = in_new_form(SAVED)
    assert whole(IMAGE, new) == whole(
        IMAGE,
        {
            "samples": 640,
            "batch": 8,
            "loss": "relativistic",
            "optimisers": {"generator": {"lr": 0.0025}},
            "penalties": [{"name": "r1", "weight": 0.1}, {"name": "r2", "weight": 0.1}],
        },
    )
    assert new["schedule"]["name"] == "adversarial"
    assert "likelihood" not in new["optimisers"]
    assert "training.regularisers is now training.penalties." in notes
    assert "training.objective is now training.schedule.name." in notes
    assert not any("augmentation" in note for note in notes)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("policy_gradient", {"n_rollouts": 16, "lag": 0.8, "baseline": "leave_one_out"}),
        ("importance", {}),
        ("relaxed", {"temperature": 1.0}),
    ],
)
def test_an_objective_keeps_its_own_settings_of_those_that_were_written_out(objective, expected):
    new, _ = in_new_form(
        {**SAVED, "regularisers": [], "objective": {**SAVED["objective"], "name": objective}}
    )
    assert new["schedule"]["name"] == "sequence"
    assert new["schedule"]["objective"] == {"name": objective, **expected}
    assert whole(TEXT, new)["schedule"]["objective"] == {"name": objective, **expected}


def test_a_run_of_likelihood_alone_is_one_of_sequences():
    for objective in ({}, {"objective": {"name": "pathwise"}}):
        new, _ = in_new_form({"samples": 0, "likelihood": {"samples": "2k"}, **objective})
        assert new == {"samples": 0, "schedule": {"name": "sequence", "likelihood_samples": "2k"}}


def test_settings_of_the_discriminator():
    """WGAN's, which had no objective named."""
    raw = {"discriminator_repeat": 5, "discriminator_samples": 100, "clip_discriminator": 0.01, "beta1": 0.5}
    new, notes = in_new_form(raw)
    assert new == {
        "schedule": {"discriminator_repeat": 5, "discriminator_samples": 100},
        "optimisers": {
            "discriminator": {"clip_weights": 0.01, "betas": [0.5, 0.99]},
            "generator": {"betas": [0.5, 0.99]},
        },
    }
    assert len(notes) == 4
    settings = whole(IMAGE, new)
    assert settings["schedule"] == {
        "name": "adversarial", "discriminator_repeat": 5, "discriminator_samples": 100,
    }  # fmt: skip


@pytest.mark.parametrize(("raw", "betas"), [({"beta1": 0.5}, [0.5, 0.99]), ({"beta2": 0.9}, [0.0, 0.9])])
def test_one_beta_without_the_other_takes_the_older_default(raw, betas):
    assert in_new_form(raw)[0]["optimisers"]["generator"]["betas"] == betas


def test_ema_and_the_probability_of_an_augmentation():
    raw = {
        "ema_ramp_up": None,
        "augmentation": {"name": "ada", "target": 0.5, "interval": 4, "speed_samples": "100k"},
    }
    new, notes = in_new_form(raw)
    assert new == {
        "ema": {"ramp_up": None},
        "augmentation": {"name": "ada", "p": {"target": 0.5, "interval": 4, "speed_samples": "100k"}},
    }
    assert "training.augmentation.target is now training.augmentation.p.target." in notes
    read = load(TrainingSettings, new, "test")
    assert to_dict(read)["augmentation"]["p"] == {"target": 0.5, "interval": 4, "speed_samples": 100_000}
    part = in_new_form({"augmentation": {"target": 0.6}})[0]
    assert part == {"augmentation": {"p": {"target": 0.6}}}


@pytest.mark.parametrize("name", ["none", "diffaugment"])
def test_what_was_written_out_where_nothing_adapts_is_left_out(name):
    old = {"augmentation": {"name": name, "target": 0.6, "interval": 4, "speed_samples": 500_000}}
    assert in_new_form(old) == ({"augmentation": {"name": name}}, [])


# ---- parts, as of a preset or --set, on a recipe of today ----


def laid(*sets):
    part, _ = in_new_form(parse_overrides(sets), TEXTS_NOW)
    return whole(TEXT, merge(TEXTS_NOW, part))


def test_a_part_changes_what_it_names_and_nothing_else():
    before = whole(TEXT, TEXTS_NOW)
    after = laid(
        "generator_lr=0.01", "objective.n_rollouts=2", "likelihood.samples=120k", "discriminator_repeat=1"
    )
    expected = merge(
        before,
        {
            "schedule": {
                "objective": {"n_rollouts": 2}, "likelihood_samples": 120_000, "discriminator_repeat": 1,
            },
            "optimisers": {"generator": {"lr": 0.01}},
        },
    )  # fmt: skip
    assert after == expected


def test_half_of_a_pair_is_completed_by_what_it_is_laid_on():
    betas = {name: own["betas"] for name, own in laid("beta1=0.5")["optimisers"].items()}
    assert set(betas) == {"generator", "discriminator", "likelihood"}
    assert all(own == [0.5, 0.95] for own in betas.values())
    rate = laid("likelihood.lr=0.02")["optimisers"]["likelihood"]["lr"]
    assert (rate["start"], rate["end"]) == (0.02, 0.0)  # it falls as before
    assert laid("likelihood.decay=false")["optimisers"]["likelihood"]["lr"] == 0.004
    clipped = laid("clip_generator_gradient=1.5")["optimisers"]
    assert [clipped[name]["clip_gradient"] for name in ("generator", "likelihood")] == [1.5, 1.5]


def test_another_objective_takes_the_place_of_the_one_below():
    assert laid("objective.name=importance")["schedule"]["objective"] == {"name": "importance"}
    part, _ = in_new_form({"objective": {"name": "pathwise"}}, TEXTS_NOW)
    assert whole(IMAGE, merge(TEXTS_NOW, part))["schedule"]["name"] == "adversarial"
    assert laid("likelihood.samples=0")["schedule"]["likelihood_samples"] == 0


# ---- mistakes ----


@pytest.mark.parametrize(
    ("sets", "old", "new"),
    [
        (["generator_lr=1", "optimisers.generator.lr=1"], "generator_lr", "optimisers.generator.lr"),
        (["beta2=0.9", "optimisers.discriminator.betas=[0,0.9]"], "beta2", "optimisers.discriminator.betas"),
        (["regularisers=[]", "penalties=[]"], "regularisers", "penalties"),
        (["objective.name=relaxed", "schedule.name=sequence"], "objective", "schedule.name"),
        (["objective.lag=0", "schedule.objective.lag=0"], "objective", "schedule.objective"),
        (["likelihood.lr=1", "optimisers.likelihood.lr=1"], "likelihood.lr", "optimisers.likelihood.lr"),
        (["ema_ramp_up=1", "ema.ramp_up=1"], "ema_ramp_up", "ema.ramp_up"),
        (
            ["augmentation.target=0", "augmentation.p.target=0"],
            "augmentation.target",
            "augmentation.p.target",
        ),
    ],
)
def test_an_older_name_beside_the_new_one_is_one_sentence(sets, old, new):
    with pytest.raises(ConfigError) as caught:
        in_new_form(parse_overrides(sets))
    assert str(caught.value) == (
        f"training.{old} is the older name of training.{new}, and training.{new} is given too; leave the older one out."
    )


def test_a_number_where_the_new_name_has_settings_is_in_the_way_too():
    with pytest.raises(ConfigError, match=r"training\.augmentation\.p is given too"):
        in_new_form({"augmentation": {"name": "ada", "p": 0.3, "target": 0.5}})


def test_other_mistakes_are_one_sentence():
    with pytest.raises(ConfigError, match=r"Did you mean 'likelihood\.samples'"):
        in_new_form({"likelihood": {"sample": 5}})
    with pytest.raises(ConfigError, match=r"training\.likelihood is 5 where a mapping"):
        in_new_form({"likelihood": 5})
    unknown, _ = in_new_form({"objective": {"name": "policy_gradient", "n_rollout": 2}})
    with pytest.raises(ConfigError, match="Did you mean 'n_rollouts'"):
        whole(TEXT, unknown)
