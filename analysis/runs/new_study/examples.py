"""The worked examples from which a study can be begun: one a design, one a table of a monitor, each
with a place and an outcome whose effect is planted in the synthetic nation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import cast

from analysis.errors import ParameterError
from analysis.plans.kinds import MONITORS, kind_of
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import AnyPlan, load_plan, plan_files
from analysis.synthetic.courts.courts import planted_report_effect
from analysis.synthetic.monitors.planted_monitors import Adverse
from analysis.synthetic.planted import load_planted, planted
from analysis.synthetic.training.training import planted_test_effect
from analysis.vocabulary.regions import ALL, did_you_mean

WEST = "west_midlands"


@dataclass(frozen=True)
class Truth:
    """What is planted of one outcome in one place, and the rows of a record that must hold it.

    unit, where: in words, for the test that is written. value: in the unit that pages print.
    """

    study: str
    outcome: str
    place: str
    unit: str
    where: str
    value: Callable[[], float]


def _test_effect(study: str) -> float:
    """Points of the scenario test that an offer makes, over the arms that start."""
    plan, truth = cast(Plan, load_plan(study)), load_planted().training
    arms = [arm for arm in plan.comparison.arms if arm != plan.comparison.waiting]
    name = str(plan.data.programme)
    return fmean(planted_test_effect(truth, name, WEST, arm) for arm in arms)


def _alike(outcome: Adverse, group: str, opposite: bool = False) -> float:
    """The rate of a group beside that of White people, among people alike; `opposite`: of those
    without what is planted."""
    factor = outcome.group[group]
    return (1 - outcome.base * factor) / (1 - outcome.base) if opposite else factor


def _monitors():
    return load_planted().monitors


TRUTHS = (
    Truth(
        "ethnic_matching",
        "recalled",
        WEST,
        "in every 100",
        "supervision › outcomes › recalled › matching",
        lambda: 100 * planted(WEST, "recalled"),
    ),
    Truth(
        "gamified_training",
        "test_after",
        WEST,
        "points",
        "training › programmes › gamified › attended_effect and uptake",
        lambda: _test_effect("gamified_training"),
    ),
    Truth(
        "manager_training",
        "test_after",
        WEST,
        "points",
        "training › programmes › manager_training › attended_effect and uptake",
        lambda: _test_effect("manager_training"),
    ),
    Truth(
        "psr_quality",
        "on_adjournment",
        ALL,
        "in every 100",
        "courts › reports › on_adjournment_added",
        lambda: 100 * planted_report_effect(load_planted().courts, "on_adjournment"),
    ),
    Truth(
        "outreach_recruitment",
        "minority_applied",
        ALL,
        "in every 100",
        "nothing: no region has more applicants than before",
        lambda: 0.0,
    ),
    Truth(
        "supervision",
        "recall",
        WEST,
        "times",
        "monitors › caseload › outcomes › recalls",
        lambda: _alike(_monitors().caseload.outcomes["recalls"], "Black"),
    ),
    Truth(
        "incentives",
        "basic",
        WEST,
        "times",
        "monitors › prisons › outcomes › on_basic",
        lambda: _alike(_monitors().prisons.outcomes["on_basic"], "Black"),
    ),
    Truth(
        "release",
        "granted",
        WEST,
        "times",
        "monitors › prisons › outcomes › not_granted",
        lambda: _alike(_monitors().prisons.outcomes["not_granted"], "Black", opposite=True),
    ),
    Truth(
        "workforce",
        "shortlisted",
        WEST,
        "times",
        "monitors › staff › outcomes › not_shortlisted",
        lambda: _alike(_monitors().staff.outcomes["not_shortlisted"], "Black", opposite=True),
    ),
    Truth(
        "court_reports",
        "report",
        WEST,
        "times",
        "nothing: reports are written whatever the ethnic group",
        lambda: 1.0,
    ),
)


@dataclass(frozen=True)
class Example:
    """A worked example: its plan, the text of its file, and what is planted of it."""

    plan: AnyPlan
    text: str
    truth: Truth

    @property
    def place(self) -> str:
        """A place of its own to run first."""
        return WEST

    @property
    def folder(self) -> str:
        """The folder of params/ in which plans of its kind stand."""
        return kind_of(self.plan).folder


def designs_offered() -> Mapping[str, Example]:
    """The worked example of each design that can be begun from."""
    found = (one for one in _examples() if one.folder != MONITORS)
    return {cast(Plan, one.plan).comparison.design: one for one in found}


def tables_offered() -> Mapping[str, Example]:
    """The worked example of each table that a new monitor can count in."""
    return {cast(Monitor, one.plan).table: one for one in _examples() if one.folder == MONITORS}


def example_of(word: str, offered: Mapping[str, Example], what: str) -> Example:
    """The worked example of a design or a table. ParameterError E283 names those that there
    are."""
    if word not in offered:
        text = f"no new study can be begun from this {what}."
        valid = f"Valid: {', '.join(offered)}."
        near = did_you_mean(word, offered)
        raise ParameterError("E283", text, remedy=near if near == valid else f"{near} {valid}")
    return offered[word]


def _examples() -> tuple[Example, ...]:
    """Those whose plans stand in params/."""
    files = plan_files()
    there = (truth for truth in TRUTHS if truth.study in files)
    return tuple(
        Example(load_plan(t.study), files[t.study].read_text(encoding="utf-8"), t) for t in there
    )
