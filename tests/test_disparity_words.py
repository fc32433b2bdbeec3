"""Sentences of a relative rate: counts first, then the ratio of the event that decides, then what
the verdict says."""

import re
from dataclasses import replace

import pytest
from avoided_words import faults

from analysis.judgement.disparities import (
    ASKED,
    TO_BE_ASKED,
    WAITS,
    Disparity,
    rri_can_say,
    rri_cannot_say,
    rri_size,
    rri_verdict,
)
from analysis.judgement.finding import Slots
from analysis.judgement.wording.disparity_headings import ShortGroup, rri_heading
from analysis.judgement.wording.rates_in_words import (
    more_less_or_as,
    rate_texts,
    rates_of_a_heading,
    ratio_texts,
    times,
)
from analysis.said.texts import named

SHARE = Slots(
    place="Wales",
    programme="",
    group="Black applicants",
    comparison="White applicants",
    units="",
    noun="shortlisting",
    measure="",
    event="were shortlisted",
    people="applicants",
    per=named("100 applicants"),
)
RATE = replace(
    SHARE,
    group="Black people on licence",
    comparison="White people on licence",
    noun="recall",
    events="recalls",
    event="were recalled to prison",
    per=named("1,000 licence-months"),
)
SHORT = ShortGroup("Black people", "White people", "White", "Black people")
ALIKE = Disparity("disparity", 0.6, 0.52, 0.69, 24.04, 40.1, counts="good", worse_off="group")


def test_counts_stand_first_and_the_ratio_after_them():
    assert (
        rri_size(ALIKE, SHARE)
        == "24.0 in every 100 Black applicants were shortlisted; 40.1 in every 100 White"
        " applicants. "
        "That is 0.60 times as often (95% confidence interval 0.52 to 0.69)."
    )


def test_events_over_time_are_counted_over_time():
    found = Disparity("disparity", 1.64, 1.5, 1.79, 30.3, 18.5, counts="bad", worse_off="group")
    assert (
        rri_size(found, RATE)
        == "30.3 recalls in every 1,000 licence-months among Black people on licence; 18.5 among"
        " White people on licence. That is 1.64 times as often (95% confidence interval 1.50 to"
        " 1.79)."
    )


OTHERS = {"opposite": (1.9, 1.7, 2.2), "decided_by": "opposite", "without": "left homeless"}


def test_where_the_others_decide_what_happened_to_them_is_said():
    found = Disparity(
        "disparity", 0.95, 0.93, 0.97, 90, 94.7, counts="good", worse_off="group", **OTHERS
    )
    said = rri_can_say(found, SHARE)
    assert said.startswith(
        "10.0 in every 100 Black applicants left homeless; 5.3 in every 100 White applicants. "
        "That is 1.90 times as often (95% confidence interval 1.70 to 2.20)."
    )
    assert "were shortlisted" not in said and "0.95" not in said
    assert "This is worse for Black applicants." in said


def test_where_the_others_decide_the_adjusted_ratio_names_its_event():
    found = Disparity(
        "disparity",
        0.95,
        0.93,
        0.97,
        90,
        94.7,
        adjusted=(0.96, 0.94, 0.99),
        outside=("age",),
        **OTHERS,
    )
    assert (
        "After allowing for age, Black applicants were shortlisted 0.96 times as often (0.94 to"
        " 0.99)." in rri_can_say(found, SHARE)
    )
    plain = replace(found, decided_by="event")
    assert "After allowing for age: 0.96 (0.94 to 0.99)." in rri_can_say(plain, SHARE)


@pytest.mark.parametrize(("decided_by", "times_said"), [("event", 2), ("opposite", 1)])
def test_an_interval_of_the_others_that_alone_leaves_the_band_is_printed(decided_by, times_said):
    numbers = {"opposite": (0.85, 0.6, 1.2), "without": "left homeless", "decided_by": decided_by}
    said = rri_can_say(
        Disparity("no_disparity_shown", 1.03, 0.96, 1.1, 93, 90, counts="good", **numbers), SHARE
    )
    assert said.count("That is 0.85 times as often (95% confidence interval 0.60 to 1.20).") == 1
    assert said.count("That is ") == times_said and faults(said) == []


def test_an_interval_of_the_event_that_leaves_the_band_speaks_for_itself():
    found = Disparity(
        "no_disparity_shown", 1.1, 0.7, 1.8, 11, 10, counts="good", opposite=(0.98, 0.9, 1.05)
    )
    assert rri_can_say(found, SHARE).count("That is ") == 1


def test_nobody_to_divide_by_is_said_in_words():
    numbers = {"worse_off": "group", "decided_by": "opposite", "without": "left homeless"}
    said = rri_can_say(Disparity("disparity", 0.9, 0.8, 0.95, 90, 100, **numbers), SHARE)
    assert said.startswith(
        "10.0 in every 100 Black applicants left homeless; 0.0 in every 100 White applicants. A"
        " ratio"
    )
    assert "That is" not in said


@pytest.mark.parametrize(
    ("worse", "who"), [("group", "Black applicants"), ("reference", "White applicants")]
)
def test_who_is_worse_off_is_said_where_the_verdict_speaks_of_a_side(worse, who):
    numbers = {"worse_off": worse, "counts": "bad"}
    assert f"This is worse for {who}." in rri_can_say(
        Disparity("disparity", 1.4, 1.2, 1.6, 14, 10, **numbers), SHARE
    )
    said = rri_can_say(Disparity("practical_only", 1.4, 0.9, 2.1, 14, 10, **numbers), SHARE)
    assert f"The best estimate is worse for {who}." in said
    assert "worse" not in rri_can_say(Disparity("within_band", 1.05, 0.9, 1.2, 10.5, 10), SHARE)


def test_whether_an_explanation_is_asked_for_is_said_of_a_disparity_alone():
    def said(asked):
        return rri_verdict(replace(ALIKE, asked=asked, asked_if=named("2 of 3 rounds")), SHARE)

    assert said(ASKED).endswith("An explanation is asked for.")
    assert said(TO_BE_ASKED).endswith("An explanation is to be asked for.")
    assert said(WAITS).endswith("An explanation is to be asked for if it is seen in 2 of 3 rounds.")
    assert "explanation" not in said(None)
    watched = Disparity("practical_only", 1.4, 0.9, 2.1, 14, 10)
    assert "We keep watching; an explanation may be asked for." in rri_verdict(watched, SHARE)
    assert rri_verdict(replace(watched, asked=None), SHARE).endswith("We keep watching.")
    with pytest.raises(ValueError, match="asked is None or one of"):
        replace(ALIKE, asked="perhaps")


def test_too_few_are_counted_where_their_number_may_be_said():
    few = Disparity("insufficient_data", people=30)
    assert rri_can_say(few, RATE).startswith(
        "Too few people or events among 30 Black people on licence"
    )
    assert rri_can_say(replace(few, people=None), RATE).startswith(
        "Too few people or events among Black people on"
    )
    assert (
        rri_cannot_say(few, RATE)
        == "Anything about Black people on licence, good or bad. This is not a pass."
    )


def test_a_verdict_needs_its_numbers():
    with pytest.raises(ValueError, match="ratio"):
        Disparity("disparity")


# -- headings --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("found", "slots", "says"),
    [
        (
            ALIKE,
            SHARE,
            (
                "Wales: 24 in every 100 Black applicants were shortlisted; 40 in every 100 White"
                " applicants"
            ),
        ),
        (
            Disparity("disparity", 1.64, 1.5, 1.79, 30.3, 18.5),
            RATE,
            "Wales: 30 recalls per 1,000 licence-months among Black people; 19 among White people",
        ),
        (
            Disparity("practical_only", 1.5, 0.9, 2.4, 9.3, 6.2),
            replace(SHARE, noun="basic level", group="Black people in prison"),
            (
                "Wales: 9.3 in 100 Black people were shortlisted; 6.2 in 100 White people; perhaps"
                " chance"
            ),
        ),
        (
            Disparity("no_disparity_shown", 1.1, 0.7, 1.8, 11, 10),
            replace(SHARE, place="Kent, Surrey and Sussex", noun="starting an activity"),
            (
                "Kent, Surrey and Sussex: 11 in 100 Black applicants were shortlisted; 10 in 100"
                " White applicants; uncertain"
            ),
        ),
        (
            Disparity("insufficient_data", people=30),
            RATE,
            "Wales, recalls: 30 Black people on licence, too few to compare",
        ),
        (
            Disparity("insufficient_data", people=145, withheld=True),
            RATE,
            "Wales, recalls: figures for Black people on licence are withheld to protect people",
        ),
    ],
)
def test_a_heading_names_who_what_and_a_count_or_a_direction(found, slots, says):
    assert rri_heading(found, slots, SHORT) == says


def test_a_heading_tells_the_event_of_the_plan_whatever_decides():
    found = Disparity(
        "disparity", 0.95, 0.93, 0.97, 90, 94.7, counts="good", worse_off="group", **OTHERS
    )
    assert rri_heading(found, SHARE, SHORT).startswith(
        "Wales: 90 in every 100 Black applicants were shortlisted; 95 in every 100"
    )


def test_a_heading_never_calls_alike_what_the_others_set_apart():
    found = Disparity(
        "disparity",
        0.996,
        0.994,
        0.998,
        decided_by="opposite",
        opposite=(4.0, 2.1, 7.5),
        without="left",
    )
    assert rri_heading(found, SHARE, SHORT) == "Wales: shortlisting less often among Black people"


@pytest.mark.parametrize(
    ("ratio", "words"), [(1.4, "more often"), (0.7, "less often"), (1.002, "about as often")]
)
def test_a_heading_without_rates_keeps_the_direction_of_the_ratio(ratio, words):
    found = Disparity("small_not_chance", ratio, ratio * 0.9, ratio * 1.1)
    assert rri_heading(found, SHARE, SHORT) == f"Wales: shortlisting {words} among Black people"


# -- numbers ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sides", "printed"),
    [
        ((24.0, 40.1), ("24.0", "40.1")),
        ((0.04, 0.06), ("0.04", "0.06")),  # neither is printed as 0
        ((0.12, 0.14), ("0.12", "0.14")),  # nor as the other
        ((0.0, 0.3), ("0.0", "0.3")),
        ((68.84, 68.86), ("68.8", "68.9")),
        ((4.97, 4.96), ("5.0", "5.0")),  # their ratio prints as 1.00
        ((1234.5, 1.0), ("1,234.5", "1.0")),
    ],
)
def test_rates_have_one_decimal_and_never_hide_a_difference_or_an_event(sides, printed):
    assert rate_texts(*sides) == printed


@pytest.mark.parametrize(
    ("sides", "printed"),
    [
        ((23.5, 40.1), ("24", "40")),
        ((18.5, 30.3), ("19", "30")),
        ((8.1, 5.5), ("8.1", "5.5")),
        ((33.3, 33.2), ("33.3", "33.2")),
        ((99.6, 99.2), ("99.6", "99.2")),
        ((100, 97), ("100", "97")),
    ],
)
def test_a_heading_counts_whole_people_where_that_tells_the_two_apart(sides, printed):
    assert rates_of_a_heading(*sides) == printed


def test_ratios_have_two_decimals():
    assert ratio_texts(0.8, 0.7, 1.0) == ("0.80", "0.70", "1.00")
    assert (times(12.0), times(1.2549)) == ("12.00", "1.25")


@pytest.mark.parametrize("verdict", ["disparity", "practical_only"])
@pytest.mark.parametrize(
    ("ratio", "where"),
    [(1.25, "just outside"), (1.252, "just outside"), (0.798, "just outside"), (1.3, "outside")],
)
def test_a_ratio_that_prints_as_the_edge_of_the_band_is_just_outside(verdict, ratio, where):
    event = Disparity(verdict, ratio, 0.9 * ratio, 1.1 * ratio, 10 * ratio, 10)
    others = Disparity(
        verdict,
        0.97,
        0.95,
        0.99,
        90,
        92,
        opposite=(ratio, 0.9 * ratio, 1.1 * ratio),
        decided_by="opposite",
    )
    for found in (event, others):
        assert f"The ratio is {where} the band (0.80 to 1.25)." in rri_can_say(found, SHARE)


@pytest.mark.parametrize(
    ("ratio", "word"), [(1.01, "more"), (0.99, "less"), (1.004, "about as"), (1, "about as")]
)
def test_a_word_says_no_more_than_its_number(ratio, word):
    assert more_less_or_as(ratio) == word


def test_an_interval_without_an_end_says_so():
    found = Disparity("practical_only", 3.0, 0.8, float("inf"), 3, 1)
    said = rri_size(found, SHARE)
    assert "(95% confidence interval 0.80 and above)" in said and not re.search(r"\binf\b", said)
