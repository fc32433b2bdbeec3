"""The worked examples from which a study can be begun: one a design, one a table of a monitor, each
with a place and an outcome whose effect is planted in synthetic data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import cast

from analysis.errors import ParameterError
from analysis.plans.kinds import MONITORS, kind_of
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import AnyPlan, load_plan, plan_files
from analysis.synthetic.assessments.assessments import planted_step
from analysis.synthetic.coded_cases.coded_cases import planted_detection
from analysis.synthetic.courts.courts import planted_report_effect
from analysis.synthetic.inclusion.inclusion import planted_of_all
from analysis.synthetic.monitors.planted_monitors import Adverse
from analysis.synthetic.monitors.recording import planted_declaration
from analysis.synthetic.planted import Planted
from analysis.synthetic.prison_culture.prison_programmes import planted_average
from analysis.synthetic.programmes.programmes import planted_programme_effect
from analysis.synthetic.progression.progression import planted_effect
from analysis.synthetic.reporting.reporting import planted_step as planted_reporting_step
from analysis.synthetic.selection.selection import planted_effect_of_all
from analysis.synthetic.training.training import planted_test_effect
from analysis.vocabulary.regions import ALL, did_you_mean

WEST = "west_midlands"


@dataclass(frozen=True)
class Truth:
    """What is planted of one outcome in one place, and the rows of a record that must hold it.

    unit: in words, for the test that is written. key: where it stands in params/synthetic.yml; a
    new study gets a file of its own with what stands there, or with `own` where nothing does.
    value: of what is planted, in the unit that pages print.
    """

    study: str
    outcome: str
    place: str
    unit: str
    key: tuple[str, ...]
    value: Callable[[Planted], float]
    own: Mapping[str, float] | None = None

    @property
    def where(self) -> str:
        return " › ".join(self.key)


def truth_of(example: str) -> Truth:
    """The truth of a worked example, by its study."""
    return next(truth for truth in TRUTHS if truth.study == example)


def _test_effect(truth: Planted, study: str) -> float:
    """Points of the scenario test that an offer makes, over the arms that start."""
    plan = cast(Plan, load_plan(study))
    arms = [arm for arm in plan.comparison.arms if arm != plan.comparison.waiting]
    name = str(plan.data.programme)
    return fmean(planted_test_effect(truth.training, name, WEST, arm) for arm in arms)


def _alike(outcome: Adverse, group: str, opposite: bool = False) -> float:
    """The rate of a group beside that of White people, among people alike; `opposite`: of those
    without what is planted."""
    factor = outcome.group[group]
    return (1 - outcome.base * factor) / (1 - outcome.base) if opposite else factor


def _adverse(
    study: str,
    measure: str,
    service: str,
    column: str,
    *,
    opposite: bool = False,
    own: Mapping[str, float] | None = None,
) -> Truth:
    """The truth of a monitor: the factor of one group in one adverse outcome of a service."""

    def value(truth: Planted) -> float:
        outcomes = getattr(truth.monitors, service).outcomes
        return _alike(outcomes[column], "Black", opposite)

    key = ("monitors", service, "outcomes", column, "group")
    return Truth(study, measure, WEST, "times", key, value, own)


def _programme(study: str, name: str) -> Truth:
    """The truth of a training trial."""
    key = ("training", "programmes", name, "attended_effect")
    return Truth(study, "test_after", WEST, "points", key, lambda t: _test_effect(t, study))


def _initiative(study: str, outcome: str, table: str, *, path: str = "") -> Truth:
    """The truth of few regions or sites: the mean of what is planted in those that are named. path:
    its key, where it is not the outcome's."""
    measure = path or outcome
    key = ("initiatives", table, "paths", measure, "effect")

    def value(truth: Planted) -> float:
        effect = getattr(truth.initiatives, table).paths[measure].effect
        return 100 * fmean(effect.values())

    return Truth(study, outcome, ALL, "in every 100", key, value)


# Decisions on release are alike for Black people in the nation: a new study has an effect to find.
NOT_GRANTED = {"White": 1.0, "Mixed": 1.0, "Asian": 0.95, "Black": 1.12, "Other": 1.0}
TRUTHS = (
    Truth(
        "ethnic_matching",
        "recalled",
        WEST,
        "in every 100",
        ("supervision", "outcomes", "recalled", "matching"),
        lambda truth: 100 * truth.supervision.outcomes["recalled"].matching[WEST],
    ),
    _programme("gamified_training", "gamified"),
    _programme("manager_training", "manager_training"),
    Truth(
        "psr_quality",
        "on_adjournment",
        ALL,
        "in every 100",
        ("courts", "reports", "on_adjournment_added"),
        lambda truth: 100 * planted_report_effect(truth.courts, "on_adjournment"),
    ),
    _initiative("outreach_recruitment", "minority_applied", "recruitment", path="applied"),
    _initiative("commissioning_grants", "referred", "support"),
    _initiative("performance_management_adopters", "held", "conversations"),
    Truth(
        "accredited_programmes",
        "reoffended",
        WEST,
        "in every 100",
        ("programmes", "region_factor"),
        lambda truth: 100 * planted_programme_effect(truth, WEST),
    ),
    Truth(
        "assessment_centre_webinars",
        "passed",
        ALL,
        "in every 100",
        ("selection", "centre", "effect"),
        lambda truth: 100 * planted_effect_of_all(truth),
    ),
    Truth(
        "assessment_quality",
        "good_touched",
        ALL,
        "in every 100",
        ("assessments", "help_text"),
        planted_step,
    ),
    Truth(
        "discrimination_reporting",
        "incidents",
        ALL,
        "times",
        ("reporting", "step"),
        planted_reporting_step,
    ),
    Truth(
        "progression_schemes",
        "promoted",
        WEST,
        "in every 100",
        ("progression", "promotion", "effect"),
        lambda truth: planted_effect(truth, WEST),
    ),
    Truth(
        "investigator_training",
        "detected",
        ALL,
        "in every 100",
        ("coded_cases", "recognised", "effect"),
        planted_detection,
    ),
    Truth(
        "everyday_inclusion",
        "inclusion",
        ALL,
        "points",
        ("inclusion", "programmes", "everyday_inclusion", "effect"),
        lambda truth: planted_of_all(truth, "everyday_inclusion", "inclusion"),
    ),
    Truth(
        "prison_culture",
        "force_used",
        ALL,
        "in every 100",
        ("prison_culture", "measures", "force", "effect"),
        lambda truth: 100 * planted_average(truth.prison_culture, "force"),
    ),
    _adverse("supervision", "recall", "caseload", "recalls"),
    _adverse("incentives", "basic", "prisons", "on_basic"),
    _adverse("release", "granted", "prisons", "not_granted", opposite=True, own=NOT_GRANTED),
    _adverse("complaints", "upheld", "complaints", "upheld"),
    Truth(
        "ethnicity_recording",
        "declared",
        WEST,
        "times",
        ("monitors", "recording", "declared"),
        lambda truth: planted_declaration(truth.monitors, "Black"),
    ),
    _adverse("workforce", "shortlisted", "staff", "not_shortlisted", opposite=True),
    Truth(
        "court_reports",
        "report",
        WEST,
        "times",
        ("courts", "reports", "group"),
        lambda truth: truth.courts.reports.group.get("Black", 1.0),
        own={"Black": 0.85},
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
