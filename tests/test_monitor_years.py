"""Rounds that are added up: what answers where they disagree, and that a comparison with enough
numbers has a verdict."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from avoided_words import faults
from changed_records import some_record
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure.attack.protection import NOTHING
from analysis.disparity.equality_of_years import YearCounts, equality_of_years
from analysis.disparity.relative_rate import VERDICTS, Verdict
from analysis.extracts.counts.counts import SUMS
from analysis.plans.registry import load_plan
from analysis.record.record import RecordedCheck
from analysis.studies.disparity import years
from analysis.studies.disparity.counted.counts import published_counts
from analysis.studies.disparity.shown import words
from analysis.studies.disparity.study import open_monitor
from analysis.vocabulary.regions import ALL

YOUTH = load_plan("youth_cascade")
CUSTODY = YOUTH.measure("custody")
ONE_MEASURE = YOUTH.model_copy(update={"measures": (CUSTODY,), "stages": None})
PUBLISHED = published_counts(YOUTH)
LABELS = PUBLISHED.rounds
PAGES = 150


def study_of(counts: dict[str, dict[str, tuple[int, int]]]):
    """Custody alone. `counts`: by group, in each year (events, base)."""
    rows = [
        {"measure": "custody", "round": label, "group": group, "events": events, "base": base}
        for group, by_year in counts.items()
        for label, (events, base) in by_year.items()
    ]
    frame = pd.DataFrame(rows)
    frame = frame.assign(
        rows=frame["base"], persons=frame["base"], persons_with_event=frame["events"]
    )
    frame = frame.assign(**{name: 0 for name in SUMS if name not in frame})
    return open_monitor(
        ONE_MEASURE,
        ALL,
        replace(PUBLISHED, plan=ONE_MEASURE, by_round=frame),
        shown_on=None,
        hidden=NOTHING,
    )


def black_beside_white(ratios, *, base=600, reference=(200, 4000), others=False):
    """Black children at so many times the White rate in each year; the other groups alike where
    wanted."""
    rate = reference[0] / reference[1]
    found = {
        "White": dict.fromkeys(LABELS, reference),
        "Black": {
            label: (round(base * rate * r), base) for label, r in zip(LABELS, ratios, strict=True)
        },
    }
    for group in ("Mixed", "Asian", "Other"):
        found[group] = (
            dict.fromkeys(LABELS, (round(base * rate), base))
            if others
            else dict.fromkeys(LABELS, (0, 10))
        )
    return study_of(found)


def answer_of(study, group="Black"):
    return next(r for r in study.rows if r.family == "page" and r.group == f"{group} to White")


# -- agreement in direction, disagreement in size --------------------------------------------------
@pytest.mark.parametrize(
    "ratios", [(1.6, 2.2, 3.0), (3.0, 2.2, 1.6), (1.7, 3.2, 2.0), (0.3, 0.5, 0.75)]
)
def test_years_on_one_side_are_a_disparity_of_the_size_of_the_newest(ratios):
    study = black_beside_white(ratios, base=3000)
    row, whole = answer_of(study), next(r for r in study.rows if r.note == years.ADDED_UP)
    assert study.agreements["custody", "Black"].p_adjusted <= YOUTH.alpha
    assert (row.result_class, row.note) == ("disparity", f"{years.ONE_SIDE}2025")
    assert (
        row.value == pytest.approx(ratios[-1], rel=0.02)
        and row.conf_low <= row.value <= row.conf_high
    )
    assert row.n_treated == 3000  # people of the newest year, and not of all years
    assert (whole.family, whole.result_class) == (None, None)
    assert min(ratios) < whole.value < max(ratios)


def test_a_newest_year_that_chance_could_give_is_a_disparity_with_the_years_on_its_side():
    """3.0, 2.4 and 1.3: the newest alone does not set chance aside, all of them together do."""
    study = black_beside_white((3.0, 2.4, 1.3))
    newest = study.history(CUSTODY, "Black")[-1]
    assert newest.verdict.name == "practical_only"
    row = answer_of(study)
    assert (row.result_class, row.note) == ("disparity", f"{years.ONE_SIDE}2025")
    assert row.p_adjusted <= YOUTH.alpha and row.conf_low < 1 < row.conf_high
    assert row.worse_off == "group"


def test_years_on_two_sides_leave_the_newest_with_its_own_verdict():
    study = black_beside_white((2.6, 1.5, 0.5), base=2000)
    row, newest = answer_of(study), study.history(CUSTODY, "Black")[-1]
    assert (row.result_class, row.note) == (newest.verdict.name, f"{years.DIFFER}2025")
    assert (
        row.result_class == "disparity" and row.value < 1
    )  # though the years added up lie above 1
    assert next(r for r in study.rows if r.note == years.ADDED_UP).value > 1.25


def test_a_newest_year_inside_the_band_is_never_called_a_disparity_for_the_years_before_it():
    row = answer_of(black_beside_white((1.5, 2.6, 1.0), base=2000))
    assert row.note == f"{years.DIFFER}2025" and row.result_class not in (
        "disparity",
        "practical_only",
    )


def test_a_newest_year_with_too_few_people_leaves_the_year_before_it():
    counts = {
        label: (round(1000 * 0.05 * r), 1000) for label, r in zip(LABELS, (1.4, 3.0), strict=False)
    }
    white = dict.fromkeys(LABELS, (200, 4000))
    few = {group: dict.fromkeys(LABELS, (0, 10)) for group in ("Mixed", "Asian", "Other")}
    study = study_of({"White": white, "Black": counts | {"2025": (12, 25)}} | few)
    assert years.round_of(answer_of(study).note) == "2024"


def test_years_that_are_all_too_small_leave_their_sum():
    """25 children a year, none in custody and then all of them: no year has a verdict, the three
    together have."""
    white = dict.fromkeys(LABELS, (1000, 4000))
    few = {group: dict.fromkeys(LABELS, (0, 10)) for group in ("Mixed", "Asian", "Other")}
    black = {"2023": (0, 25), "2024": (3, 25), "2025": (25, 25)}
    row = answer_of(study_of({"White": white, "Black": black} | few))
    assert row.note == years.SUM and row.result_class in set(VERDICTS) - {"insufficient_data"}
    assert row.value == pytest.approx((28 / 75) / 0.25, abs=0.01)
    assert years.round_of(row.note) is None


def test_years_that_agree_answer_by_their_sum():
    study = black_beside_white((1.6, 1.5, 1.6))
    row = answer_of(study)
    assert (row.note, row.result_class) == (None, "disparity")
    assert row.n_treated == 1800 and all(r.note != years.ADDED_UP for r in study.rows)


def test_one_side_needs_two_years_outside_in_one_direction():
    up, down = Verdict("disparity", "higher"), Verdict("practical_only", "lower")
    assert years.on_one_side([up, replace(up, name="practical_only")])
    assert not years.on_one_side([up]) and not years.on_one_side([up, down])
    assert not years.on_one_side([up, Verdict("small_not_chance", "higher")])


@pytest.mark.parametrize(
    ("ratios", "says", "not_said"),
    [
        (
            (3.0, 2.4, 1.3),
            (
                "on the same side: the years differ in size. All years added up set chance aside;"
                " 2025 alone does not. The newest"
            ),
            "No single year",
        ),
        ((2.6, 1.5, 0.5), "The newest year with enough numbers, 2025: ", "on the same side"),
        ((1.6, 1.5, 1.6), "The years 2023 to 2025 added up: ", "do not agree"),
    ],
)
def test_the_page_says_which_year_is_meant_and_what_the_years_have_in_common(
    ratios, says, not_said
):
    study = black_beside_white(ratios, base=600 if ratios[0] == 3.0 else 2000)
    checks = [RecordedCheck(c.id, c.passed, c.text) for c in study.checks]
    record = some_record(rows=tuple(study.rows), checks=tuple(checks), region=ALL)
    said = words.can_say(ONE_MEASURE, record, CUSTODY, "Black")
    assert says in said and not_said not in said and faults(said) == []
    other = "one ratio holds for all years" in words.cannot_say(
        ONE_MEASURE, record, CUSTODY, "Black"
    )
    assert other is ("do not agree" in said)


CHANCE = "chance alone would seldom produce"


def said_of(study) -> str:
    checks = [RecordedCheck(c.id, c.passed, c.text) for c in study.checks]
    record = some_record(rows=tuple(study.rows), checks=tuple(checks), region=ALL)
    return words.can_say(ONE_MEASURE, record, CUSTODY, "Black")


def test_no_page_sets_chance_aside_for_a_year_that_does_not():
    """3.0, 2.4 and 1.3: the interval that is printed holds 1, and the words name what sets chance
    aside."""
    said = said_of(black_beside_white((3.0, 2.4, 1.3)))
    assert CHANCE not in said.lower() and "chance alone could" not in said and faults(said) == []
    assert (
        "In 2025 the ratio (more often) is outside the band (0.80 to 1.25), and all years added up"
        in said
    )
    assert (
        CHANCE in said_of(black_beside_white((1.6, 2.2, 3.0), base=3000)).lower()
    )  # the newest year does it itself


# -- whatever the years ----------------------------------------------------------------------------
year = st.integers(10, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=40, deadline=None)
@given(black=st.tuples(year, year, year), white=st.tuples(year, year, year))
def test_a_comparison_with_enough_numbers_always_has_a_verdict(black, white):
    study = study_of(
        {
            "White": dict(zip(LABELS, white, strict=True)),
            "Black": dict(zip(LABELS, black, strict=True)),
        }
    )
    whole = study.page()["custody", "Black"]
    rows = list(study._rows_of(CUSTODY, "Black"))
    row = rows[0]
    if row.status != "estimated":
        assert sum(events for events, _ in white) == 0  # no ratio can be printed of any sum
        return
    assert row.result_class in VERDICTS
    assert (row.result_class == "insufficient_data") == (whole.verdict.name == "insufficient_data")
    if row.note is not None:
        assert [r.note for r in rows].count(years.ADDED_UP) == 1
        year_of_row = years.round_of(row.note)
        if year_of_row:
            one = next(o for o in study.history(CUSTODY, "Black") if o.round == year_of_row)
            assert math.isclose(row.value, one.result.value, rel_tol=0.01, abs_tol=1e-9)
    if row.result_class == "disparity":
        assert row.p_adjusted <= YOUTH.alpha
        assert not (CHANCE in said_of(study).lower() and row.conf_low < 1 < row.conf_high)


# -- how often alike years are called unlike -------------------------------------------------------
@pytest.mark.slow
def test_alike_years_are_called_unlike_on_at_most_5_pages_in_100():
    """Four groups of one ratio each: tests one by one call years unlike on 12 to 19 pages in 100,
    adjusted on 5 or fewer."""
    rng, adjusted, one_by_one = np.random.default_rng(11), 0, 0
    sizes, ratios = {"Mixed": 300, "Asian": 350, "Black": 700, "Other": 150}, (1.2, 1.4, 1.6, 1.0)
    for _ in range(PAGES):
        white = {label: (int(rng.binomial(3700, 0.06)), 3700) for label in LABELS}
        groups = {
            group: {label: (int(rng.binomial(n, 0.06 * ratio)), n) for label in LABELS}
            for (group, n), ratio in zip(sizes.items(), ratios, strict=True)
        }
        found = study_of({"White": white} | groups).agreements.values()
        adjusted += any(one.p_adjusted <= YOUTH.alpha for one in found)
        one_by_one += any(one.test.p_value <= YOUTH.alpha for one in found)
    error = math.sqrt(0.05 * 0.95 / PAGES)
    assert adjusted / PAGES <= 0.05 + 3 * error < one_by_one / PAGES


def test_the_family_of_the_test_is_every_measure_and_group_that_is_added_up():
    study = open_monitor(YOUTH, ALL, PUBLISHED, shown_on=None, hidden=NOTHING)
    assert set(study.agreements) == {("custody", group) for group in YOUTH.compared_groups}
    (black,) = (found for key, found in study.agreements.items() if key == ("custody", "Black"))
    counts = [
        YearCounts(label, cell.events, cell.base, white.events, white.base)
        for label in LABELS
        for cell, white in [study.pair(CUSTODY, "Black", label)]
    ]
    alone = equality_of_years(counts, kind="share").p_value
    assert black.p_adjusted == pytest.approx(4 * alone)  # the smallest of four
