"""Rates by ethnic group: the event is counted, good or bad, small counts leave nothing behind, and
ratios come from counts in fives."""

import pandas as pd
import pytest

from analysis.disclosure.attack.protection import NOTHING
from analysis.disclosure.rules import Clearance
from analysis.disparity.relative_rate import relative_rate_index
from analysis.plans.registry import load_plan
from analysis.results import Estimate, Withheld
from analysis.study.group_rates import event_counts, relative_rates

PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=NOTHING)
PUBLISHED = Clearance(public=True, clusters_are_people=False, hidden=NOTHING)
GROUPS = ("Asian", "Black", "White")
COUNTS = {"Asian": (12, 60), "Black": (41, 123), "White": (93, 407)}  # with the event, people


def people(counts=COUNTS):
    rows = [(g, float(i < events)) for g, (events, n) in counts.items() for i in range(n)]
    return pd.DataFrame(rows, columns=["ethnic_group", "outcome"])


def outcome(better):
    share = next(o for o in load_plan("ethnic_matching").compared if o.kind == "share")
    return share.model_copy(update={"id": "outcome", "better": better})


def counts_of(frame, *, better="lower", clearance=PRIVATE):
    return event_counts(
        frame,
        outcome(better),
        group="ethnic_group",
        groups=GROUPS,
        place="wales",
        clearance=clearance,
    )


def test_published_counts_stay_as_they_are():
    found = counts_of(people(), clearance=PUBLISHED)
    assert {g: (row.events, row.people) for g, row in found.iterrows()} == COUNTS


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_the_event_is_counted_whichever_way_is_better(better):
    found = counts_of(people(), better=better, clearance=PUBLISHED)
    assert found.loc["Black", "events"] == 41


def test_counts_leave_in_fives():
    found = counts_of(people())
    assert (found.loc["Black", "people"], found.loc["Black", "events"]) == (125, 40)
    assert not (found % 5).any().any()


@pytest.mark.parametrize("events", [9, 51])  # 9 with the event; 9 without it
def test_a_small_count_on_either_side_leaves_nothing(events):
    found = counts_of(people(COUNTS | {"Asian": (events, 60)}))
    assert "Asian" not in found.index
    results = {
        g: (result, numbers) for g, result, numbers in relative_rates(found, GROUPS, "White")
    }
    assert isinstance(results["Asian"][0], Withheld)
    assert results["Asian"][1] == []


def test_nothing_is_compared_with_a_reference_that_is_withheld():
    found = counts_of(people(COUNTS | {"White": (4, 60)}))
    assert all(
        isinstance(result, Withheld) for _, result, _ in relative_rates(found, GROUPS, "White")
    )


def test_the_ratio_is_that_of_the_counts_shown():
    found = {g: result for g, result, _ in relative_rates(counts_of(people()), GROUPS, "White")}
    shown = relative_rate_index(40, 125, 95, 405)
    assert isinstance(found["Black"], Estimate)
    assert (found["Black"].value, found["Black"].conf_low) == (shown.value, shown.conf_low)
    assert found["Black"].group_value == pytest.approx(32.0)
    assert found["Black"].comparison_value == pytest.approx(100 * 95 / 405)


def test_people_without_a_known_outcome_are_not_at_risk():
    frame = people()
    frame.loc[frame.index[:5], "outcome"] = float("nan")
    assert counts_of(frame, clearance=PUBLISHED).loc["Asian", "people"] == 55
