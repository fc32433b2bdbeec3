"""Sentences: every class, kind, claim, direction and sign; true signs and sides; no slot left open,
no avoided word."""

import itertools
import math
import re
from dataclasses import replace

import pytest
from avoided_words import faults
from chosen import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inference.planned.power import design_effect, minimum_detectable_effect
from analysis.judgement.classes import FROM_INTERVAL, RESULT_CLASSES, result_class
from analysis.judgement.finding import (
    KINDS,
    WITHOUT_NUMBER,
    Finding,
    Slots,
    slots_from,
)
from analysis.judgement.wording import lines
from analysis.judgement.wording.figures_in_words import number, printed
from analysis.judgement.wording.headlines import MOST_WORDS, headline, national_headline
from analysis.judgement.wording.statements import (
    can_say,
    cannot_say,
    cause,
    class_can_say,
    kind_not,
    size,
)
from analysis.plans.designs import CLAIMS
from analysis.plans.plan import Plan, StopForHarm
from analysis.plans.registry import list_plans, load_plan
from analysis.said.texts import named
from analysis.vocabulary.regions import place_set

SIZES = {"share": 2.0, "rate": 1.25, "scale": 0.2, "time_to_event": 2.0}
CROSS_PLACES = ("London", "Kent, Surrey and Sussex")  # the shortest and the longest name
FOR_CAUSE = re.compile("for the (better|worse)")

plain = Slots(
    place="West Midlands",
    programme="matching",
    group="people who were matched",
    comparison="people who were not matched",
    units="people on probation",
    noun="recalls",
    measure="the relationship scale",
    event="were recalled to prison",
    months=12,
)
full = replace(
    plain,
    place="Yorkshire and the Humber",
    programme="a teacher of the same race",
    noun="people who keep their appointments",
    short="kept appointments",
    scale=(1, 5),
    covariates=("age", "sex"),
    assumption="the two sides would otherwise have fared alike",
    check_text="the balance check found no sign of it",
    rivals=("the new sentencing guideline",),
    why="fewer is not always better",
    comparisons_made=3,
    harm_rule=StopForHarm(group="any", outcome="recalled", worse_by=1.1, who="the board"),
    scale_check_passed=True,
)


def intervals(kind):
    """(value, low, high) on either side of each mark, mirrored; additive kinds in units of S,
    ratios its powers."""
    in_sizes = [
        (1.5, 1, 2),
        (1.5, 0.5, 2.5),
        (0.3, 0.1, 0.5),
        (0.1, -0.5, 0.7),
        (0.2, -2, 2.4),
        (0.9, -0.5, 2.3),
        (0, -1, 1),
        (0.5, 0, 1.5),
        (0.001, 0.0001, 1.7),
    ]
    for triple in in_sizes + [(-v, -h, -low) for v, low, h in in_sizes]:
        yield tuple(SIZES[kind] ** x if kind == "rate" else SIZES[kind] * x for x in triple)


def findings():
    """Every valid finding: classes from the interval by the rule itself, the others as they
    stand."""
    for kind, claim, better in itertools.product(KINDS, CLAIMS, ("higher", "lower", None)):
        levels = {"comparison_value": 10.0, "group_value": 12.0}
        told = (levels, {}, levels | {"comparison_estimated": 11.0}, {"comparison_estimated": 11.0})
        for (value, low, high), p, known in itertools.product(
            intervals(kind), (0.01, 0.4, None), told
        ):
            key = result_class(
                value,
                low,
                high,
                matters=SIZES[kind],
                better=better,
                ratio=kind == "rate",
                p_adjusted=p,
                alpha=0.05,
            )
            yield Finding(kind, key, claim, better, SIZES[kind], value, low, high, **known)
            if key in FROM_INTERVAL:
                yield Finding(
                    kind,
                    "inconclusive",
                    claim,
                    better,
                    SIZES[kind],
                    value,
                    low,
                    high,
                    reason=named("fewer than 50 in every 100 of those asked answered"),
                )
            yield Finding(kind, "unreliable", claim, better, SIZES[kind], value, low, high)
        for key in WITHOUT_NUMBER:
            yield Finding(
                kind,
                key,
                claim,
                better,
                SIZES[kind],
                reason="too_few_people",
                n=23,
                rank=1,
                places=12,
            )
            yield Finding(kind, key, claim, better, SIZES[kind])
        yield Finding(kind, "rank_only", claim, better, SIZES[kind], rank=12, places=12)
        yield Finding(kind, "not_estimable", claim, better, SIZES[kind], reason="zero_events")
        yield Finding(kind, "no_base", claim, better, SIZES[kind], **levels)


ALL = tuple(dict.fromkeys(findings()))


def test_every_class_kind_claim_and_direction_is_reached():
    reached = {(f.result_class, f.kind, f.claim, f.better) for f in ALL}
    with_direction = set(RESULT_CLASSES) - {"direction_undefined"}
    assert {r for r in reached if r[3]} == set(
        itertools.product(with_direction, KINDS, CLAIMS, ("higher", "lower"))
    )
    assert {r[0] for r in reached if not r[3]} >= {"direction_undefined", *WITHOUT_NUMBER}


@pytest.mark.parametrize("slots", [plain, full], ids=["plain", "full"])
def test_every_sentence_is_whole_and_holds_no_avoided_word(slots):
    for finding in ALL:
        for text in (can_say(finding, slots), cannot_say(finding, slots)):
            assert not faults(text), (faults(text), text)
            assert (
                text.endswith(".")
                and not text.endswith("..")
                and (text[0].isupper() or text[0].isdigit())
            ), text
            assert "after allowing for" not in text.lower() or slots.covariates


@pytest.mark.parametrize("place", CROSS_PLACES)
@pytest.mark.parametrize("slots", [plain, full], ids=["plain", "full"])
def test_headlines_fit_and_hold_no_avoided_word(slots, place):
    slots = replace(slots, place=place)
    for finding in ALL:
        national = [
            national_headline(finding, slots, regions_alike=a, places_pooled=k, groups_unclear=g)
            for a, k, g in ((True, 10, 1), (False, 10, 0), (True, 2, 2))
        ]
        for text in (headline(finding, slots), *national):
            assert len(text.split()) <= MOST_WORDS, text
            assert not faults(text), (faults(text), text)
            assert text[0].isupper() and not text.endswith("."), text
            assert not re.fullmatch(r"[^a-z]*\d[^a-z]*", text)


def test_only_claims_of_cause_say_for_the_better_or_for_the_worse():
    said = set()
    for finding in ALL:
        texts = (
            can_say(finding, full),
            headline(finding, full),
            national_headline(finding, full, regions_alike=True, places_pooled=9),
        )
        if any(FOR_CAUSE.search(text) for text in texts):
            said.add(finding.claim)
        if finding.claim not in ("caused", "likely"):
            assert not any(
                re.search(r"\bled to|leads to|put this down to|this is down to", text)
                for text in texts
            )
    assert said == {"caused", "likely"}


def test_class_better_and_worse_follow_the_oriented_sign():
    for finding in ALL:
        text = class_can_say(finding, plain)
        if finding.result_class.startswith("benefit"):
            assert "better" in text and "worse" not in text
            assert (finding.value > finding.centre) == (finding.better == "higher")
        if finding.result_class.startswith("harm"):
            assert "worse" in text and "better" not in text
            assert (finding.value < finding.centre) == (finding.better == "higher")
        if finding.result_class in ("detectable_but_small", "only_before_adjustment"):
            assert ("better" in text) == finding.is_better


def test_headlines_never_contradict_the_class():
    for finding in ALL:
        text = headline(finding, plain)
        if (
            finding.result_class.startswith("benefit")
            or finding.result_class == "detectable_but_small"
        ):
            assert ("fewer" in text or "lower" in text) == (finding.value < finding.centre), text
        if finding.result_class.startswith("inconclusive"):
            assert "too few" in text and "better" not in text and "worse" not in text
        if finding.result_class.startswith("harm"):
            assert all(
                "worse" in headline(finding, replace(slots, place=place))
                for slots in (plain, full)
                for place in CROSS_PLACES
            )


def test_cause_follows_a_difference_only():
    for finding in ALL:
        said = cause(finding, plain)
        assert bool(said) == (
            finding.result_class
            in (
                "benefit_matters",
                "benefit_size_uncertain",
                "harm_matters",
                "harm_size_uncertain",
                "detectable_but_small",
            )
        )


def test_withheld_shows_no_number_and_covers_reasons_that_tell():
    for finding in ALL:
        telling = finding.result_class == "not_estimable" and finding.reason == "zero_events"
        if finding.result_class == "withheld" or telling:
            assert can_say(finding, full) == "Withheld to protect people."
            assert not re.search(r"\d", headline(finding, full))
            assert "withheld" in headline(finding, full)


def test_kind_not_is_always_added():
    for finding in ALL:
        said = cannot_say(finding, full).lower()
        assert all(part.lower() in said for part in kind_not(finding, full).split("; "))


def test_regions_look_alike_only_beside_a_settled_answer_with_three_or_more_places():
    for finding, k, alike in itertools.product(ALL[::2], (2, 3), (True, False, None)):
        text = national_headline(finding, plain, regions_alike=alike, places_pooled=k)
        settled = finding.result_class.startswith(
            ("benefit", "harm", "detectable", "no_meaningful")
        )
        if "look alike" in text:
            assert alike is True and k >= 3 and settled
        if "regions differ" in text:
            assert alike is False and k >= 3


def as_printed(text):
    """Signed numbers of an interval in a sentence, from the words that stand beside them."""
    below = ("fewer", "lower", "less often")
    both = re.search(
        r"runs from (neither \w+ nor \w+|[\d.,]+(?: points?)? \w+) (?:points )?to (neither \w+ nor"
        r" \w+|[\d.,]+(?: points?)? \w+)",
        text,
    )
    if both:
        return tuple(
            (
                0.0
                if g.startswith("neither")
                else (-1 if g.endswith(below) else 1) * float(g.split()[0].replace(",", ""))
            )
            for g in both.groups()
        )
    one = re.search(
        r"interval is ([\d.,]+) to ([\d.,]+) (?:points )?(fewer|more|lower|higher)\.", text
    )
    near, far = (float(x.replace(",", "")) for x in one.groups()[:2])
    return (-far, -near) if one.group(3) in below else (near, far)


numbers = st.floats(-60, 60).filter(lambda x: x == 0 or abs(x) > 1e-6)


@settings(max_examples=examples(400), deadline=None)
@given(
    kind=st.sampled_from(["share", "scale", "time_to_event"]),
    three=st.tuples(numbers, numbers, numbers),
    matters=st.sampled_from([0.2, 1, 2, 2.5]),
    p=st.sampled_from([0.001, 0.9]),
    slots=st.sampled_from([plain, full]),
    level=st.sampled_from([None, 30.0]),
    estimated=st.sampled_from([None, 40.0]),
)
def test_printed_differences_agree_with_the_numbers_and_with_the_class(
    kind, three, matters, p, slots, level, estimated
):
    low, value, high = sorted(three)
    key = result_class(
        value, low, high, matters=matters, better="higher", ratio=False, p_adjusted=p, alpha=0.05
    )
    levels = {"comparison_value": level, "comparison_estimated": estimated}
    text = size(Finding(kind, key, "linked", "higher", matters, value, low, high, **levels), slots)
    shown_low, shown_high = as_printed(text)
    for shown, raw in ((shown_low, low), (shown_high, high)):
        assert abs(shown - raw) <= 0.05 + 1e-9
        for mark in (0, matters, -matters):
            if abs(raw - mark) > 1e-8:
                assert (shown > mark, shown < mark) == (raw > mark, raw < mark), text
    again = result_class(
        min(max(value, shown_low), shown_high),
        shown_low,
        shown_high,
        matters=matters,
        better="higher",
        ratio=False,
        p_adjusted=p,
        alpha=0.05,
    )
    if all(abs(raw - mark) > 1e-8 for raw in (low, high) for mark in (0, matters, -matters)):
        assert again == key, (
            "a reader who applies the rule to the printed numbers finds the printed class"
        )


ratios = (
    st.floats(-6, 6).map(lambda x: 2.718281828**x).filter(lambda x: x == 1 or abs(x - 1) > 1e-6)
)


@settings(max_examples=examples(300), deadline=None)
@given(
    three=st.tuples(ratios, ratios, ratios),
    p=st.sampled_from([0.001, 0.9]),
    slots=st.sampled_from([plain, full]),
)
def test_printed_ratios_agree_with_the_numbers_and_with_the_class(three, p, slots):
    low, value, high = sorted(three)
    key = result_class(
        value, low, high, matters=1.25, better="lower", ratio=True, p_adjusted=p, alpha=0.05
    )
    finding = Finding(
        "rate",
        key,
        "linked",
        "lower",
        1.25,
        value,
        low,
        high,
        comparison_value=10,
        group_value=10 * value,
    )
    figures, text = printed(finding), size(finding, slots)
    for shown, raw in zip(
        (figures.low, figures.value, figures.high), (low, value, high), strict=True
    ):
        shown_value = float(shown.replace(",", ""))
        assert (shown_value > 1, shown_value < 1) == (raw > 1, raw < 1)
        assert shown in text or shown == "1.00"
        assert shown == "0" or re.fullmatch(r"[\d,]+\.\d\d+", shown), (
            "two decimals at least, 0.80 and not 0.8"
        )
        assert shown_value > 0
    assert ("less often" in text) == (not finding.one_side and low < 1)


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (
            Finding("share", "benefit_size_uncertain", "linked", "lower", 2, -1.8, -3.2, -0.4),
            "The 95% confidence interval is 0.4 to 3.2 fewer.",
        ),
        (
            Finding("share", "no_meaningful_difference", "linked", "lower", 2, -0.04, -1.98, 1.2),
            "is that 0.04 fewer in every 100",
        ),
        (
            Finding("share", "no_meaningful_difference", "linked", "lower", 2, -0.04, -1.98, 1.2),
            "runs from 1.98 fewer to 1.2 more",
        ),
        (
            Finding("share", "benefit_size_uncertain", "linked", "lower", 2, -1.8, -3.2, -0.004),
            "interval is 0.004 to 3.2 fewer",
        ),
        (
            Finding("share", "inconclusive", "linked", "lower", 2, 0, -3, 3),
            "the same number in every 100",
        ),
        (
            Finding("scale", "harm_matters", "linked", "higher", 1, -1, -2, -1),
            "scored 1 point lower than",
        ),
        (
            Finding("rate", "inconclusive", "linked", "lower", 1.25, 1, 0.5, 2),
            "recalled to prison just as often.",
        ),
        (
            Finding("rate", "harm_matters", "linked", "lower", 1.25, 1.5, 1.3, 0.8 + 1.2),
            "1.50 times as often as",
        ),
        (
            Finding("rate", "harm_matters", "linked", "lower", 1.25, 1.5, 1.251, 2),
            "interval is 1.251 to 2.00 times",
        ),
        (
            Finding("share", "inconclusive", "linked", "lower", 2, 2, -1, 5.06),
            "is that 2.0 more in every 100",
        ),
        (
            Finding("share", "inconclusive", "linked", "lower", 2, 2, -1, 5),
            "is that 2 more in every 100",
        ),
    ],
)
def test_sizes_in_words(finding, expected):
    assert expected in size(finding, plain)


def test_numbers_have_no_trailing_zeros_and_no_negative_zero():
    assert [number(x, 2) for x in (1.50, 100, -0.0001, 0, 1234.5)] == [
        "1.5",
        "100",
        "0",
        "0",
        "1,234.5",
    ]


@pytest.mark.parametrize(
    ("kind", "better", "value", "worse_by", "applies"),
    [
        ("share", "lower", 4.1, 4, True),
        ("share", "lower", 3.9, 4, False),
        ("share", "lower", 4, 4, False),
        ("share", "lower", -4.1, 4, False),
        ("share", "higher", -4.1, 4, True),
        ("scale", "higher", -0.4, 0.3, True),
        ("scale", "higher", -0.2, 0.3, False),
        ("time_to_event", "lower", 5, 4, True),
        ("rate", "lower", 1.3, 1.25, True),
        ("rate", "lower", 1.2, 1.25, False),
        ("rate", "higher", 0.79, 1.25, True),
        ("rate", "higher", 0.81, 1.25, False),
    ],
)
@pytest.mark.parametrize(
    ("group", "row_group", "covered"),
    [
        ("any", "all", True),
        ("any", "Black", True),
        ("Black", "Black", True),
        ("Black", "all", False),
        ("Black", "Asian", False),
    ],
)
@pytest.mark.parametrize("claim", CLAIMS)
def test_the_harm_rule_applies_only_to_its_groups_beyond_its_size(
    kind, better, value, worse_by, applies, group, row_group, covered, claim
):
    rule = StopForHarm(group=group, outcome="recalled", worse_by=worse_by, who="the board")
    found = Finding(
        kind, "harm_size_uncertain", claim, better, 2, value, value, value, group=row_group
    )
    said = can_say(found, replace(plain, harm_rule=rule))
    assert ("harm rule applies" in said) == (applies and covered)
    assert "harm rule" not in can_say(found, plain)


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize("grade", [None, "worse", "may_be_worse"])
def test_only_what_has_the_grade_worse_is_said_to_be_on_harm_watch(better, grade):
    for value in (-3.0, 3.0):
        found = Finding(
            "share",
            "only_before_adjustment",
            "linked",
            better,
            2,
            value,
            value - 1,
            value + 1,
            harm_watch=grade,
        )
        assert ("on harm watch" in can_say(found, plain)) == (grade == "worse")


def test_slots_come_from_the_plan_and_the_place():
    for plan in (plan for plan in list_plans() if isinstance(plan, Plan)):
        for outcome in plan.compared:
            for place in place_set(plan.data.places).ids:
                slots = slots_from(plan, outcome, place)
                for finding in ALL[::97]:
                    if finding.kind != outcome.kind:
                        continue
                    for text in (
                        can_say(finding, slots),
                        cannot_say(finding, slots),
                        headline(finding, slots),
                    ):
                        assert not faults(text), text
    slots = slots_from(
        load_plan("ethnic_matching"),
        load_plan("ethnic_matching").outcome("recalled"),
        "west_midlands",
    )
    assert slots.covariates == (), "what was allowed for comes from the estimate, and none is given"


# --- single lines ---
def test_lines_are_whole_sentences_without_avoided_words():
    stands_in_turn = itertools.cycle((None, *lines.STANDS))
    for finding, stands in zip(ALL, stands_in_turn, strict=False):
        texts = [
            lines.national_line(finding, full, places_pooled=10, stands=stands),
            lines.own_line(finding, full),
        ]
        if finding.has_number:
            low, high = finding.conf_low, finding.conf_high
            texts.append(
                lines.prediction_line(finding, plain, low=low, high=high, places_pooled=10)
            )
            texts.append(
                lines.settle_line(
                    finding, plain, minimum_detectable=SIZES[finding.kind] ** 2 + 0.5, n=1234
                )
            )
        for text in texts:
            assert not faults(text), (faults(text), text)
            assert text.endswith(".") and text[0].isupper(), text


def test_the_lines_of_the_mock_up():
    national = Finding("share", "benefit_size_uncertain", "linked", "lower", 2, -1.8, -3.2, -0.4)
    assert (
        lines.national_line(national, plain, places_pooled=10, stands="in_line")
        == "In the 10 regions shown together: we compare people who were matched with people who"
        " were not matched. 1.8 fewer in every 100 of the first were recalled to prison. The 95%"
        " confidence interval is 0.4 to 3.2 fewer. West Midlands was not told apart from them."
    )
    own = Finding("share", "inconclusive_harm_unlikely", "linked", "lower", 2, -2.1, -5.6, 1.4)
    assert (
        lines.own_line(own, plain)
        == "In West Midlands alone: 2.1 fewer in every 100; 95% confidence interval from 5.6 fewer"
        " to 1.4 more."
    )
    assert (
        lines.prediction_line(national, plain, low=-3.9, high=0.3, places_pooled=5)
        == "A new region would most likely see from 3.9 fewer to 0.3 more in every 100."
    )
    assert lines.prediction_line(national, plain, low=-3.9, high=0.3, places_pooled=4) == ""
    assert lines.harm_line((), "") == "Harm watch: none."
    said = lines.harm_line(
        ("North East, Asian group",), named("Of every 100 such entries, 7 were false alarms.")
    )
    assert said.startswith("Harm watch: worse: North East, Asian group") and said.endswith(
        "7 were false alarms."
    )
    assert lines.maybe_worse_line((), 0.8, "-") == ""
    assert "above 75 in 100" in lines.maybe_worse_line(("North East",), 0.75, "-")


def test_what_would_settle_it_grows_with_the_square():
    own = Finding("share", "inconclusive", "linked", "lower", 2, -2.1, -5.6, 2.4)
    assert "about 4 times as many people as now (about 4,000)" in lines.settle_line(
        own, plain, minimum_detectable=4, n=1000
    )
    assert "enough people now" in lines.settle_line(own, plain, minimum_detectable=2, n=1000)
    ratio = Finding("rate", "inconclusive", "linked", "lower", 1.25, 1.1, 0.7, 1.8)
    assert "about 4 times" in lines.settle_line(ratio, plain, minimum_detectable=1.25**2, n=None)


def test_where_sites_were_assigned_the_sites_are_counted_as_the_design_effect_asks():
    """20 sites of 40 people, ICC .1: four times the sites see the size that matters, four times the
    people do not."""

    def detectable(sites, people, icc=0.1, sd=10.0):
        variance = 4 * sd**2 * design_effect(people, icc) / (sites * people)
        return minimum_detectable_effect(math.sqrt(variance), sites - 2)

    now, smallest = detectable(20, 40), detectable(20, 40) / 2
    own = Finding("scale", "inconclusive", "linked", "higher", smallest, 1.0, -2.0, 4.0)
    line = lines.settle_line(own, plain, minimum_detectable=now, n=800, sites=20)
    assert (
        "about 4 times as many sites as now (about 80). That is with as many people at each" in line
    )
    assert "More people at the same sites would help less" in line
    assert detectable(80, 40) <= smallest
    assert detectable(20, 10**9) > smallest
    assert "times as many sites as now" in lines.settle_line(
        own, plain, minimum_detectable=100 * smallest, sites=20
    )


def test_quality_lines_are_whole():
    texts = [
        lines.practitioner_records_line(
            replace(plain, recorded_by_practitioner=("recalls", "breaches"))
        ),
        lines.pooled_of_line(plain, pooled=10, of=12),
        lines.pooled_of_line(plain, pooled=12, of=12),
    ]
    for text in texts:
        assert text.endswith(".") and not faults(text), text
