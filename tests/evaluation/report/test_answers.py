"""The sentences at the top of a report: each rule at its thresholds, on figures by hand."""

import json

import pytest

from evaluation.figures import GENERATED, HELD_OUT, ClosestPair, Difference, Figure, Report
from evaluation.kinds.image import IMAGE
from evaluation.report import rules
from evaluation.report.answers import MOST, answers, first_shown
from evaluation.report.json import to_json
from evaluation.report.leading import leading
from evaluation.report.rules import percent

OWN = IMAGE.classifier.name


def figure(name, value, half=0.01, subject=GENERATED, n=1000, features="f"):
    return Figure(name, value, value - half, value + half, n, 0, True, features, "", subject)


def both(name, fake, real, half=0.01, n=1000, n_real=1000):
    return [figure(name, fake, half, n=n), figure(name, real, half, HELD_OUT, n_real)]


def report(figures, subjects=(GENERATED,), **more):
    given = {"differences": (), "labels": (), "confusions": {}, "closest": (), "warnings": (), **more}
    return Report(IMAGE, tuple(figures), subjects=subjects, **given)


def told(figures, **more):
    return {answer.about: (answer.verdict, answer.sentence) for answer in answers(report(figures, **more))}


def only(figures, **more):
    ((_, found),) = told(figures, **more).items()
    return found


def labels(value, half=0.02, real=0.9):
    accuracy, ceiling = both("emotion accuracy", value, real, half)
    return [accuracy, ceiling, figure("chance accuracy", 0.1, 0, n=0)]


def test_little_recall_reads_as_little_variety():
    verdict, sentence = only(both("recall[f]", 0.018, 0.959))
    assert verdict == "bad"
    assert sentence == (
        "They are far less varied than real ones (recall 0.018 beside 0.959 of fresh real ones)."
    )


@pytest.mark.parametrize(
    ("value", "half", "verdict", "words"),
    [
        (0.44, 0.01, "bad", "are far less varied than"),  # under half of 0.9
        (0.46, 0.01, "fair", "show only a part of the variety of"),
        (0.82, 0.01, "fair", "show nearly all of the variety of"),  # 0.91 of it
        (0.88, 0.015, "good", "are as varied as"),  # the intervals meet
        (0.8, 0.12, "good", "are as varied as"),  # 0.68, the low end, is over 0.75 x 0.9
        (0.8, 0.13, "unclear", "it cannot be told whether they are as varied as"),
    ],
)
def test_variety(value, half, verdict, words):
    found = only(both("recall[f]", value, 0.9, half))
    assert found[0] == verdict
    assert words in found[1]


@pytest.mark.parametrize(
    ("value", "half", "verdict", "words"),
    [
        (0.11, 0.02, "bad", "no better than guessing would"),
        (0.25, 0.02, "bad", "hardly at all"),  # 0.15 of the 0.8 from guessing to real ones
        (0.45, 0.02, "bad", "far less clearly"),
        (0.7, 0.02, "fair", "less clearly"),
        (0.84, 0.02, "fair", "nearly as clearly"),
        (0.88, 0.02, "good", "as clearly as real ones do"),
        (0.95, 0.02, "good", "more clearly than"),
        (0.6, 0.4, "unclear", "whether the label asked for comes through"),
    ],
)
def test_labels(value, half, verdict, words):
    found = only(labels(value, half))
    assert found[0] == verdict
    assert words in found[1]
    if verdict != "unclear":
        assert f"reads it in {percent(value)}, in 90% of real ones, and by guessing in 10%" in found[1]


def test_a_classifier_that_reads_no_real_sample_tells_nothing():
    assert told(labels(0.1, 0.02, real=0.11)) == {}


@pytest.mark.parametrize(
    ("value", "half", "verdict"),
    [
        (0.5, 0.03, "good"),
        (0.56, 0.03, "good"),
        (0.5, 0.2, "unclear"),
        (0.7, 0.05, "fair"),
        (0.95, 0.01, "bad"),
    ],
)
def test_told_apart_by_a_classifier(value, half, verdict):
    found = only([figure("C2ST[f]", value, half)])
    assert found[0] == verdict
    assert "told" in found[1]


def test_a_distance_is_told_by_intervals_and_likeness_only_by_narrow_ones():
    assert only(both("KD[f]", 0.05, 0.001, 0.01)) == (
        "fair", "They can be told from real ones as a whole (KD 0.050 beside 0.001 of fresh real ones).",
    )  # fmt: skip
    assert only(both("KD[f]", 0.01, 0.001, 0.01))[0] == "good"
    wide = [figure("KD[f]", 0.01, 0.05), figure("KD[f]", 0.0, 0.01, HELD_OUT)]
    assert only(wide)[0] == "unclear"
    # blur lies among real samples, and is told as a whole: the worse of the two is said
    assert told(both("precision[f]", 0.9, 0.9) + both("KD[f]", 0.05, 0.0))["likeness"][0] == "fair"


def test_the_metrics_that_hold_come_before_those_that_hold_less():
    old, new = both("recall[f]", 0.1, 0.9), both("clipped coverage[f]", 0.9, 0.9)
    assert "clipped coverage" in only(old + new)[1]
    assert "MIND" in only(both("KD[f]", 0.1, 0.1) + both("MIND[f]", 0.1, 0.1))[1]


def test_of_several_features_the_worst_is_said_and_those_of_labels_last():
    both_good = both("recall[own]", 0.9, 0.9) + both("recall[f]", 0.89, 0.9)
    own = [Figure(**{**vars(f), "features": OWN}) if "own" in f.name else f for f in both_good]
    assert "recall 0.890" in only(own)[1]
    assert only(both("recall[g]", 0.9, 0.9) + both("recall[f]", 0.1, 0.9))[0] == "bad"


def test_real_samples_at_a_far_smaller_n_are_no_scale():
    assert told(both("recall[f]", 0.1, 0.9, n=1000, n_real=399)) == {}
    assert told(both("recall[f]", 0.1, 0.9, n=1000, n_real=400))
    assert told([figure("recall[f]", 0.1)]) == {}


@pytest.mark.parametrize(
    ("figures", "verdict", "words"),
    [
        (both("copies[f]", 0.3, 0.0), "bad", "They have more copies of training samples than"),
        (both("copies[f]", 0.05, 0.0), "fair", "(5% of them, and 0% of fresh real ones)"),
        (both("copies[f]", 0.01, 0.01), "good", "They are not copied from the training samples"),
        (both("copies[f]", 0.1, 0.1, 0.2), "good", "They are not copied"),  # no more than real ones may be
        (both("copies[f]", 1.0, 1.0), "unclear", "whether they are copies of training samples"),
        ([figure("copies[f]", 0.05, 0.04)], "fair", "(5% of them)"),
        ([figure("copies[f]", 0.02, 0.04)], "unclear", "whether they are copies of training samples"),
        (both("exact copies", 0.3, 0.0), "bad", "word for word"),
        (
            [figure("nearest distance ratio[f]", 0.1, 0.05)],
            "bad",
            "copies of training samples, or nearly (10% of",
        ),
        ([figure("nearest distance ratio[f]", 0.7, 0.1)], "fair", "lie nearer to training samples"),
        ([figure("nearest distance ratio[f]", 1.1, 0.1)], "good", "lie no nearer to training samples"),
        ([figure("nearest distance ratio[f]", 0.9, 0.3)], "unclear", "whether they are copies"),
        (both("authenticity[f]", 0.2, 0.6), "bad", "copies of training samples, or nearly"),
    ],
)
def test_copies(figures, verdict, words):
    found = only(figures)
    assert found[0] == verdict
    assert words in found[1]


def test_a_few_samples_at_no_distance_are_told_beside_a_median_that_does_not_see_them():
    ratio = [figure("nearest distance ratio[f]", 1.0, 0.05)]
    pairs = [ClosestPair(i, i, float(i > 2)) for i in range(16)]
    assert only(ratio, closest=pairs) == (
        "fair", "They have copies of training samples (3 at no distance from one).",
    )  # fmt: skip
    every = [ClosestPair(i, i, 0.0) for i in range(16)]
    assert "at least 16 at no distance" in only(ratio, closest=every)[1]
    # where the share itself is measured, it decides
    assert only(both("copies[f]", 0.01, 0.01), closest=pairs)[0] == "good"


@pytest.mark.parametrize(
    ("value", "half", "verdict", "words"),
    [
        (4.0, 0.5, "bad", "They are far noisier than real ones (+4.0 dB"),
        (1.5, 0.4, "fair", "They are noisier than"),
        (0.9, 0.2, "good", "neither noisier nor softer"),  # too little to notice
        (-1.5, 0.4, "fair", "They have less fine detail"),
        (-9.0, 0.4, "bad", "They have far less fine detail"),
        (0.0, 3.5, "unclear", "noisy, soft or broken"),
    ],
)
def test_noise_and_blur(value, half, verdict, words):
    found = only([figure("high-frequency energy", value, half)])
    assert found[0] == verdict
    assert words in found[1]


def test_what_the_classifier_of_labels_has_learnt_does_not_tell_fakes():
    learnt, fixed = figure("C2ST[own]", 0.6, 0.04, features=OWN), figure("C2ST[f]", 0.5, 0.04)
    assert only([learnt, fixed])[0] == "good"
    assert only([learnt])[0] == "fair"


@pytest.mark.parametrize(
    ("detail", "noise", "verdict", "words"),
    [
        (5.0, 6.0, "bad", "They are far noisier than real ones (+6.0 dB of noise beside real ones)"),
        (-4.0, 0.0, "bad", "They have far less fine detail than real ones (-4.0 dB of fine detail"),
        (-1.5, -2.0, "fair", "They have less fine detail"),
        (2.0, 0.2, "good", "neither noisier nor softer"),  # more edges are no noise
        (-1.5, 4.0, "bad", "far noisier"),  # the worst of both
    ],
)
def test_noise_and_blur_of_images(detail, noise, verdict, words):
    found = only([figure("fine detail", detail, 0.3), figure("noise level", noise, 0.3)])
    assert found[0] == verdict
    assert words in found[1]


def test_all_defects_that_are_as_bad_are_said():
    noise, silence = [figure("high-frequency energy", 6.0, 0.1)], both("silent clips", 0.3, 0.0)
    verdict, sentence = only(noise + silence + both("clipped clips", 0.0, 0.0))
    assert verdict == "bad"
    assert sentence == (
        "They are far noisier than real ones and are silent more often than real ones "
        "(+6.0 dB of energy at high frequencies beside real ones; silent: 30%, real ones 0%)."
    )
    assert only(both("silent clips", 0.03, 0.0))[0] == "fair"
    assert only(both("silent clips", 0.015, 0.0, 0.001))[0] == "good"  # too few to matter


def test_repetition_is_said_and_its_absence_alone_is_no_variety():
    verdict, sentence = only(both("self-BLEU-4", 0.9, 0.2))
    assert (verdict, "repeat each other's words far more" in sentence) == ("bad", True)
    assert only(both("self-BLEU-4", 0.3, 0.2))[0] == "fair"
    assert told(both("self-BLEU-4", 0.2, 0.2)) == {}
    assert told(both("self-BLEU-4", 0.9, 0.2) + both("recall[f]", 0.9, 0.9))["variety"][0] == "bad"


def test_a_figure_that_is_not_there_leads_to_no_sentence():
    assert answers(report([figure("FD[f]", 3.0)])) == ()
    assert answers(report([])) == ()


# ---- several sets ----


def sets(name, values, half=0.01, real=0.95):
    figures = [figure(name, value, half, subject) for subject, value in values.items()]
    return [*figures, figure(name, real, half, HELD_OUT)]


def test_sets_of_which_the_same_is_said_stand_together():
    figures = sets("recall[f]", {"A": 0.94, "B": 0.02, "C": 0.95})
    (answer,) = answers(report(figures, ("A", "B", "C")))
    assert answer.verdict == "mixed"
    assert answer.sentence == (
        "A and C are as varied as real ones (recall 0.940 and 0.950 beside 0.950 of fresh real ones); "
        "B is far less varied than real ones (recall 0.020 beside 0.950 of fresh real ones)."
    )
    assert answer.figures == ("recall[f]",)


def test_what_cannot_be_told_of_one_set_says_of_which():
    figures = [figure("recall[f]", 0.9, half, s) for s, half in (("A", 0.5), ("B", 0.01))]
    found = told([*figures, figure("recall[f]", 0.9, 0.01, HELD_OUT)], subjects=("A", "B"))
    assert found["unclear"][1].startswith(
        "With 1,000 samples it cannot be told whether they are as varied as real ones (A)"
    )
    assert found["variety"][1].startswith("B is as varied")


def row(name, verdict, first="A", second="B"):
    return Difference(name, first, second, 0.1, 0.05, 0.15, 500, verdict)


UNDECIDED = "no difference can be told at this n"


@pytest.mark.parametrize(
    ("differences", "sentence"),
    [
        ([row("emotion accuracy", "A is better"), row("KD[f]", UNDECIDED)],
         "A is better than B in the label asked for (emotion accuracy); "
         "in likeness to real ones (KD) no difference can be told."),
        ([row("emotion accuracy", "B is better"), row("KD[f]", "B is better")],
         "B is better than A in the label asked for (emotion accuracy) and likeness to real ones (KD)."),
        ([row("KD[f]", "A is better"), row("recall[f]", "B is better")],
         "A is better in likeness to real ones (KD), B in variety (recall)."),
        ([row("KD[f]", UNDECIDED)], "No difference between A and B can be told at n = 500, in likeness to real ones (KD)."),
        ([row("recall[f, k=3]", UNDECIDED), row("recall[g, k=3]", "A is better"), row("emotion accuracy", UNDECIDED)],
         "A is better than B in variety (recall in features of g); "
         "in the label asked for (emotion accuracy) no difference can be told."),
        ([row("recall[f]", "A is better"), row("recall[g]", "A is better")], "A is better than B in variety (recall)."),
        ([row("KD[f]", "A is better"), row("KD[g]", "B is better")],  # features that contradict each other
         "No difference between A and B can be told at n = 500, in likeness to real ones (KD)."),
    ],
)  # fmt: skip
def test_a_or_b(differences, sentence):
    (answer,) = answers(
        report([figure("x", 1, subject=s) for s in "AB"], ("A", "B"), differences=tuple(differences))
    )
    assert (answer.about, answer.verdict, answer.sentence) == ("comparison", "compared", sentence)


def test_the_best_of_several_sets():
    def sentence(*verdicts):
        rows = [row("KD[f]", v, *pair) for v, pair in zip(verdicts, ("AB", "AC", "BC"), strict=True)]
        (answer,) = answers(report([], ("A", "B", "C"), differences=tuple(rows)))
        return answer.sentence

    assert sentence("A is better", "A is better", UNDECIDED) == "A is better than every other set."
    assert sentence("A is better", UNDECIDED, UNDECIDED) == "A and C are behind no other set; B is."
    assert sentence(UNDECIDED, UNDECIDED, UNDECIDED) == "No set is clearly better than another in what leads."
    assert sentence("A is better", "C is better", "C is better") == "C is better than every other set."
    assert sentence("A is better", UNDECIDED, "B is better") == "A is behind no other set."


def test_sets_of_copies_are_never_called_better():
    """A copy scores best in everything else."""
    ratio = figure("nearest distance ratio[f]", 0.0, subject="A")
    rows = tuple(row("KD[f]", "A is better", "A", other) for other in "BC")
    two = answers(report([ratio], ("A", "B"), differences=rows[:1]))
    assert two[0].sentence == (
        "A and B are not ranked. A is made of copies of training samples, which score well in all else."
    )
    rows = (*rows, row("KD[f]", "C is better", "B", "C"))
    three = answers(report([ratio], ("A", "B", "C"), differences=rows))
    assert three[0].sentence == (
        "C is better than every other set. A is left out: copies of training samples score well in all of this."
    )


def test_at_most_six_sentences_the_least_bad_left_out():
    figures = [
        *labels(0.2), *both("recall[f]", 0.02, 0.9), *both("KD[f]", 0.0, 0.0), *both("copies[f]", 0.3, 0),
        *both("silent clips", 0.0, 0.0),
    ]  # fmt: skip
    assert list(told(figures)) == ["label", "likeness", "variety", "copies", "defects"]
    figures = [
        f for one in figures for f in (one, Figure(**{**vars(one), "subject": "B"})) if f.subject != GENERATED
    ] + [Figure(**{**vars(f), "subject": "A"}) for f in figures if f.subject == GENERATED]
    figures = list({(f.name, f.subject): f for f in figures}.values())
    wide = [Figure(**{**vars(f), "low": f.value - 9, "high": f.value + 9}) if f.name == "KD[f]" and f.subject == "B" else f
            for f in figures]  # fmt: skip
    found = answers(report(wide, ("A", "B"), differences=(row("KD[f]", UNDECIDED),)))
    assert len(found) == MOST
    assert "defects" not in [answer.about for answer in found]
    assert [found[0].about, found[-1].about] == ["comparison", "unclear"]


def test_answers_are_in_json():
    content = json.loads(json.dumps(to_json(report(both("recall[f]", 0.018, 0.959))), allow_nan=False))
    (answer,) = content["answers"]
    assert answer["about"] == "variety"
    assert answer["verdict"] == "bad"
    assert answer["sentence"].startswith("They are far less varied than real ones")
    assert answer["figures"] == ["recall[f]"]


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0%"),
        (0.0004, "under 0.1%"),
        (0.004, "0.4%"),
        (0.018, "2%"),
        (0.995, "99.5%"),
        (1.0, "100%"),
        (1.57, "157%"),
    ],
)
def test_shares_in_words(share, shown):
    assert percent(share) == shown


def test_every_threshold_is_ordered():
    assert 0 < rules.HARDLY < rules.FAR < rules.ROOM < rules.LITTLE < 1
    assert rules.GUESSING < rules.HARD < rules.EASY < 1


# ---- the figures that lead ----


def test_few_figures_lead_in_their_order():
    names = ["recall[f]", "FD[f]", "KD[f]", "precision[f]", "emotion accuracy", "Vendi score[f]"]
    assert leading(report([figure(n, 1) for n in names])) == (
        "emotion accuracy", "KD[f]", "precision[f]", "recall[f]",
    )  # fmt: skip
    better = [*names, "MIND[f]", "clipped coverage[f]", "clipped density[f]", "C2ST[f]", "copies[f]"]
    assert leading(report([figure(n, 1) for n in better])) == (
        "emotion accuracy", "C2ST[f]", "MIND[f]", "clipped density[f]", "clipped coverage[f]", "copies[f]",
    )  # fmt: skip


def test_features_of_labels_do_not_lead_where_there_are_others():
    both_features = [figure("KD[own]", 1, features=OWN), figure("KD[f]", 1)]
    assert leading(report(both_features)) == ("KD[f]",)
    assert leading(report(both_features[:1])) == ("KD[own]",)


def test_what_a_sentence_rests_on_is_shown_with_what_leads():
    pair = both("recall[own]", 0.1, 0.9) + both("recall[f]", 0.9, 0.9)
    own = [Figure(**{**vars(f), "features": OWN}) if "own" in f.name else f for f in pair]
    assert leading(report(own)) == ("recall[f]",)
    assert first_shown(report(own)) == ("recall[f]", "recall[own]")


def test_where_nothing_leads_all_figures_do():
    assert leading(report([figure("FD[f]", 1), figure("MS-SSIM", 1)])) == ("FD[f]", "MS-SSIM")


@pytest.mark.parametrize(
    ("value", "half", "verdict", "words"),
    [
        (2.4, 0.1, "bad", "flicker far more than real ones (change from frame to frame 2.40 beside 1.000 of"),
        (1.3, 0.1, "fair", "flicker more than real ones"),
        (
            1.05,
            0.02,
            "good",
            "move from frame to frame as much as real ones",
        ),  # certainly more, and by little
        (0.95, 0.1, "good", "move from frame to frame as much as real ones"),
        (0.95, 0.4, "unclear", "it cannot be told whether they move as real ones do"),
        (0.8, 0.1, "fair", "move less than real ones"),
        (0.45, 0.1, "bad", "move far less than real ones"),
    ],
)
def test_motion_from_frame_to_frame(value, half, verdict, words):
    found = only([figure("flicker", value, half), figure("flicker", 1.0, 0.01, HELD_OUT)])
    assert found[0] == verdict
    assert words in found[1]


@pytest.mark.parametrize(
    ("value", "verdict", "words"),
    [(0.3, "bad", "far less closely"), (0.6, "fair", "less closely"), (0.83, "fair", "nearly as closely"),
     (0.885, "good", "as closely")],
)  # fmt: skip
def test_intensity_over_time(value, verdict, words):
    found = only(both("curve agreement", value, 0.9))
    assert found[0] == verdict
    assert f"They follow the intensity asked for over time {words} " in found[1]
    assert told(both("curve agreement", value, 0.0)) == {}
