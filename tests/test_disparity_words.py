"""Verdict sentences: six verdicts, more and less often, which way of counting decides, persistence, adjustment."""

import itertools
from dataclasses import replace

import pytest

from analysis.judgement.avoided_words import faults
from analysis.judgement.disparities import VERDICTS, Disparity, rri_can_say, rri_cannot_say, rri_headline
from analysis.judgement.finding import Slots
from analysis.judgement.headlines import MOST_WORDS

slots = Slots(
    place="West Midlands", programme="monitoring", group="people from the Black ethnic group", comparison="White people",
    units="people on licence", noun="recalls", measure="", event="were recalled", per="1,000 months", covariates=("age",),
)  # fmt: skip

NUMBERS = {
    "disparity": (1.4, 1.2, 1.6),
    "small_not_chance": (1.1, 1.02, 1.2),
    "practical_only": (1.4, 0.9, 2.1),
    "within_band": (1.05, 0.9, 1.2),
    "no_disparity_shown": (1.1, 0.7, 1.8),
}


def disparities():
    for verdict, less, extra in itertools.product(VERDICTS, (False, True), (False, True)):
        more = {}
        if verdict in NUMBERS:
            ratio, low, high = NUMBERS[verdict]
            triple = (1 / ratio, 1 / high, 1 / low) if less else (ratio, low, high)
            more = dict(zip(("ratio", "conf_low", "conf_high"), triple, strict=True)) | {
                "group_rate": 10 * triple[0],
                "reference_rate": 10.0,
            }
        if extra:
            more |= {
                "mde": 1.6,
                "rounds": (4, 4),
                "adjusted": (1.2, 1.0, 1.4),
                "outside": ("age", "sex"),
                "service_decided": ("risk tier",),
                "pooled_rounds": 4,
            }
            if verdict in NUMBERS:
                more |= {"opposite": (0.7, 0.6, 0.79), "decided_by": "opposite", "worse_off": "group", "counts": "good"}
        yield Disparity(verdict, **more), less


@pytest.mark.parametrize(("disparity", "less"), list(disparities()))
@pytest.mark.parametrize("place", ["West Midlands", "Kent, Surrey and Sussex"])
def test_verdicts_are_whole_sentences_in_both_directions(disparity, less, place):
    here = replace(slots, place=place)
    said, not_said, heading = (
        rri_can_say(disparity, here),
        rri_cannot_say(disparity, here),
        rri_headline(disparity, here),
    )
    for text in (said, not_said, heading):
        assert not faults(text), (faults(text), text)
    assert said.endswith(".") and not_said.endswith(".") and len(heading.split()) <= MOST_WORDS
    if disparity.verdict in ("disparity", "small_not_chance"):
        assert ("less often" in said) is less and ("more often" in said) is not less


def test_a_disparity_reads_as_on_the_mock_up():
    found = Disparity(
        "disparity", 1.3, 1.1, 1.5, 13, 10, rounds=(4, 4), adjusted=(1.2, 1.0, 1.4), outside=("age", "sex")
    )
    said = rri_can_say(found, slots)
    assert said.startswith(
        "People from the Black ethnic group were recalled 1.30 times as often as White people. "
        "The 95% confidence interval is 1.10 to 1.50 times. That is 13 compared with 10 in every 1,000 months."
    )
    assert (
        "The same verdict in 4 of the last 4 rounds. After allowing for age and sex, the ratio is 1.2 (1 to 1.4)."
        in said
    )


OTHER_WAY = {"opposite": (1.9, 1.7, 2.2), "decided_by": "opposite", "without": "left without a home"}


def test_where_the_opposite_decides_the_sentence_says_so_and_gives_its_ratio():
    found = Disparity("disparity", 0.95, 0.93, 0.97, 90, 95, counts="good", worse_off="group", **OTHER_WAY)
    said, heading = rri_can_say(found, slots), rri_headline(found, slots)
    assert "0.95 times as often" in said
    assert (
        "Counted the other way round (left without a home), the ratio is 1.9 times (95% confidence interval 1.7 to 2.2 times)."
        in said
    )
    assert "the ratio counted the other way round is outside the band (0.8 to 1.25)" in said
    assert "This is worse for people from the Black ethnic group." in said
    assert "0.95" not in heading and "less often" in heading


def test_where_the_event_decides_the_other_way_is_not_told():
    found = Disparity("disparity", 0.7, 0.6, 0.79, 7, 10, counts="good", worse_off="group", opposite=(1.04, 1.02, 1.06))
    said = rri_can_say(found, slots)
    assert "other way round" not in said and "; the ratio is outside the band" in said


@pytest.mark.parametrize("decided_by", ["event", "opposite"])
def test_an_interval_that_leaves_the_band_the_other_way_only_is_printed(decided_by):
    numbers = {"opposite": (0.85, 0.6, 1.2), "without": "left without a home", "decided_by": decided_by}
    said = rri_can_say(Disparity("no_disparity_shown", 1.03, 0.96, 1.1, 93, 90, counts="good", **numbers), slots)
    other = "Counted the other way round (left without a home), the ratio is 0.85 times"
    assert said.count(f"{other} (95% confidence interval 0.6 to 1.2 times).") == 1
    assert "but the interval counted the other way round is too wide" in said and faults(said) == []


def test_an_interval_of_the_event_that_leaves_the_band_speaks_for_itself():
    found = Disparity("no_disparity_shown", 1.1, 0.7, 1.8, 11, 10, counts="good", opposite=(0.98, 0.9, 1.05))
    said = rri_can_say(found, slots)
    assert "but the interval is too wide" in said and "other way round" not in said


def test_nobody_to_divide_by_is_said_in_words():
    found = Disparity("disparity", 0.9, 0.8, 0.95, 90, 100, worse_off="group", decided_by="opposite")
    assert "without end" in rri_can_say(found, slots)


@pytest.mark.parametrize(
    ("worse", "who"), [("group", "people from the Black ethnic group"), ("reference", "White people")]
)
def test_who_is_worse_off_is_said_where_the_verdict_speaks_of_a_side(worse, who):
    numbers = {"worse_off": worse, "counts": "bad"}
    assert f"This is worse for {who}." in rri_can_say(Disparity("disparity", 1.4, 1.2, 1.6, 14, 10, **numbers), slots)
    said = rri_can_say(Disparity("practical_only", 1.4, 0.9, 2.1, 14, 10, **numbers), slots)
    assert f"The best estimate is worse for {who}." in said
    assert "worse" not in rri_can_say(Disparity("within_band", 1.05, 0.9, 1.2, 10.5, 10), slots)


def test_too_few_to_tell_asks_in_the_direction_of_harm():
    for counts, often in (("good", "less often"), ("bad", "more often")):
        found = Disparity("no_disparity_shown", 1.1, 0.7, 1.8, 11, 10, counts=counts)
        assert f"were recalled {often}" in rri_headline(found, replace(slots, place="Wales", group="Black people"))


def test_a_verdict_needs_its_numbers():
    with pytest.raises(ValueError, match="ratio"):
        Disparity("disparity")
