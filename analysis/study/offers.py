"""What the contracts and the kinds of study offer a plan (plans/agreement/offered.py), and the
check that a plan keeps to it.

Outcomes that are columns come from the contracts; those that a frame makes of several columns are
named here once, with the module that makes them. Nothing heavy is imported: planning asks this
before any kernel starts.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache

from analysis.extracts.tables.contract import ETHNICITY_CODING, Column, Contract
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.extracts.tables.training_tables import ARMS, EXIT_REASONS, PROGRAMMES, RESIGNED
from analysis.paths import REFERENCE
from analysis.plans.action_plan import ActionPlan
from analysis.plans.agreement.agrees import check_pilot
from analysis.plans.agreement.agrees_counts import check_action_plan, check_monitor
from analysis.plans.agreement.offered import (
    OfferedColumn,
    OfferedCounts,
    OfferedOutcome,
    OfferedPilot,
)
from analysis.plans.designs import notebook_run
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.study_plan import StudyPlan
from analysis.vocabulary.ethnicity import CODINGS

BROAD = CODINGS[ETHNICITY_CODING].broad
SHARE, MONEY = OfferedOutcome("share"), OfferedOutcome("money")
ANSWERED = OfferedOutcome("share", survey=True)
NO_COVARIATE = ("region", "ethnicity")
OWN_DATA = ("published", "example", "counts")  # sources that hold no tables of the contracts
# Made of the sentenced cases by extracts/counts/counts.sentenced_cases_by_quarter.
OF_CASES = ("cases", "with_report", "adjourned")
COMMITMENT_HEAD = ("id", "document", "commitment", "state")
PUBLISHED_HEAD = ("measure", "period", "group", "events", "base")


def check_agrees(plan: StudyPlan) -> None:
    """Raise where a plan names what none of its data have. PlanError E209, E237 to E241, with file
    and line."""
    if isinstance(plan, ActionPlan):
        check_action_plan(plan, offered_promises())
        return
    sources = [source for source in plan.data.sources if source not in OWN_DATA]
    if isinstance(plan, Monitor):
        if sources or "published" in plan.data.sources:
            check_monitor(plan, offered_counts())
        return
    for kind in dict.fromkeys(
        "star" if s == "star" else notebook_run(plan.notebook) for s in sources
    ):
        check_pilot(plan, offered_pilot(kind))


def offered_covariates(plan: Plan) -> tuple[str, ...]:
    """Characteristics of the people of a pilot that its data hold, in their order."""
    star = "star" in plan.data.sources
    return offered_pilot("star" if star else notebook_run(plan.notebook)).covariates


@cache
def offered_pilot(kind: str) -> OfferedPilot:
    """What a kind of study offers: its notebook, or `star` for the public experiment. KeyError."""
    return {
        "ethnic_matching": _supervision,
        "star": _star,
        "psr_quality": _courts,
        "training_trial": _training,
    }[kind]()


def _supervision() -> OfferedPilot:
    """People with their first practitioner (extracts/frames/dyads.people_and_practitioners)."""
    flags = _of_kind("supervision_outcomes", "flag")
    items = CONTRACTS["relationship_survey"].column("treated_with_respect")
    made = {
        "relationship": OfferedOutcome("scale", _ends(items), survey=True),
        "appointments_kept": SHARE,
    }
    return OfferedPilot(
        "the tables of supervision",
        made | dict.fromkeys(flags, SHARE),
        {"matched": SHARE},
        BROAD,
        ("dyad",),
        ("office", "quarter", "ethnic group"),
        covariates=tuple(
            c for c in _of_kind("people_on_probation", "category") if c not in NO_COVARIATE
        ),
    )


def _star() -> OfferedPilot:
    """Pupils with their class teacher (extracts/frames/dyads.star_dyads)."""
    rank = OfferedOutcome("scale", (0, 100))
    return OfferedPilot(
        "the data of Project STAR",
        {"maths": rank, "reading": rank},
        {"matched": SHARE},
        BROAD,
        ("class",),
        ("school", "entry grade", "grade", "race"),
        covariates=("sex", "free_lunch", "birth_quarter"),
        stratum=True,
    )


def _courts() -> OfferedPilot:
    """Sentenced cases and audited reports (extracts/frames/sentencing.sentencing,
    studies/rollout/study.people)."""
    flags = dict.fromkeys(_of_kind("sentenced_cases", "flag"), SHARE)
    score = CONTRACTS["report_training"].column("score_after")
    facts = {
        "report_written": SHARE,
        "relevance": ANSWERED,
        "score_gain": OfferedOutcome("scale", _ends(score)),
    }
    rated = {"good_rating": SHARE}
    return OfferedPilot(
        "the tables of courts",
        flags | rated,
        facts,
        BROAD,
        ("site",),
        ("court", "region and month"),
    )


def _training() -> OfferedPilot:
    """Managers, staff who rate them and staff in post (extracts/frames/trial_people.py)."""
    scores = {}
    for table in ("managers", "staff_ratings"):
        contract = CONTRACTS[table]
        for column in contract.columns:
            if column.name.endswith("_after"):
                before = column.name.removesuffix("_after") + "_before" in contract.names
                asked = table == "staff_ratings"
                own = OfferedOutcome("scale", _ends(column), before, survey=asked, groups=True)
                scores[column.name] = own
    others = tuple(reason for reason in EXIT_REASONS if reason != RESIGNED)
    leaving = {"leaving": OfferedOutcome("time_to_event", groups=True, other_ways=others)}
    facts = {"cost": MONEY, "took_part": SHARE, "completed": SHARE, "relevance": ANSWERED}
    own = {"programmes": PROGRAMMES, "arms": ARMS, "held_alike": ("block of the lot",)}
    return OfferedPilot("the tables of training", scores | leaving, facts, BROAD, ("site",), **own)


@cache
def offered_counts() -> OfferedCounts:
    """What monitors can count: tables with an ethnic group and closed quarters, and published
    counts."""
    countable = {n: c for n, c in CONTRACTS.items() if {"quarter", "ethnicity"} <= set(c.names)}
    tables = {name: _columns(contract) for name, contract in countable.items()}
    cases = CONTRACTS["sentenced_cases"]
    made = dict.fromkeys(OF_CASES, OfferedColumn("whole", low=0, high=1))
    tables |= {cases.table: _columns(cases) | made}
    services = {name: CONTRACTS[name].service for name in tables}
    return OfferedCounts(tables, services, BROAD, _published())


def _columns(contract: Contract) -> Mapping[str, OfferedColumn]:
    """Every column but the ethnic group and the place, by which all monitors count anyway."""
    return {
        c.name: OfferedColumn(c.kind, c.unit, c.low, c.high, c.name in contract.key)
        for c in contract.columns
        if c.name not in NO_COVARIATE
    }


@cache
def offered_promises() -> Mapping[str, tuple[str, ...]]:
    """Documents of each table of data/reference that holds commitments."""
    return _values_in_tables(COMMITMENT_HEAD, "document")


def _published() -> Mapping[str, tuple[str, ...]]:
    """Measures of each table of data/reference that holds counts."""
    return _values_in_tables(PUBLISHED_HEAD, "measure")


def _values_in_tables(head: Sequence[str], column: str) -> Mapping[str, tuple[str, ...]]:
    """The values of one column in each reference table that has the columns of `head`."""
    found = {}
    for path in sorted(REFERENCE.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if set(head) <= set(rows.fieldnames or ()):
                found[path.stem] = tuple(dict.fromkeys(row[column] for row in rows))
    return found


def _of_kind(table: str, kind: str) -> tuple[str, ...]:
    return tuple(column.name for column in CONTRACTS[table].columns if column.kind == kind)


def _ends(column: Column) -> tuple[float, float]:
    return column.low, column.high
