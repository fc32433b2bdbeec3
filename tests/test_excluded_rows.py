"""Rows that are not in a study, and the order of rows, change no number of it: every pilot and
every monitor."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chosen import spread

from analysis.disclosure.attack.protection import NOTHING
from analysis.extracts.reading.sources import open_tables
from analysis.extracts.tables.contracts import CONTRACTS, tables_of
from analysis.extracts.tables.pilots.assessment_tables import ITEMS
from analysis.extracts.tables.pilots.inclusion_tables import INCLUSION, WELLBEING
from analysis.plans.kinds import kind_of, named
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan
from analysis.studies.disparity.counted.counts import counted_rows
from analysis.studies.disparity.study import open_monitor
from analysis.studies.regional_initiative.measures import table_of
from analysis.study.opening import service_of
from analysis.synthetic.nation import ensure_nation, ensure_region
from analysis.vocabulary.regions import ALL

CLOSE = 1e-9
NUMBERS = (
    "value",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "mde",
    "n",
    "n_treated",
    "group_value",
)
SAID = ("outcome", "group", "estimand", "method", "status", "reason", "result_class", "note")
PILOTS = [p.study for p in list_plans() if isinstance(p, Plan) and "synthetic" in p.data.sources]
MONITORS = [
    p.study for p in list_plans() if isinstance(p, Monitor) and "synthetic" in p.data.sources
]


def numbers_of(study, outcomes=None) -> list[tuple]:
    """Words and numbers of every row of a study (or of some outcomes of a pilot), and of every
    check."""
    rows = (
        study.rows
        if outcomes is None
        else [row for name in outcomes for row in study.outcome_rows(name)]
    )
    found = [
        (tuple(getattr(row, k) for k in SAID), tuple(getattr(row, k) for k in NUMBERS))
        for row in rows
    ]
    return found + [
        ((check.id, check.passed), (check.value,))
        for check in study.checks
        if check.id != "delivery"
    ]


def assert_same(one: list[tuple], other: list[tuple]) -> None:
    assert [words for words, _ in one] == [words for words, _ in other]
    for (words, mine), (_, theirs) in zip(one, other, strict=True):
        for a, b in zip(mine, theirs, strict=True):
            assert (a is None) == (b is None), words
            assert a is None or np.isclose(a, b, rtol=CLOSE, atol=CLOSE, equal_nan=True), (
                words,
                a,
                b,
            )


def shuffled(tables: dict[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    return {
        name: table.sample(frac=1, random_state=seed, ignore_index=True)
        for name, table in tables.items()
    }


def copies(rows: pd.DataFrame, n: int, **changes) -> pd.DataFrame:
    """The first rows again, with other ids and what `changes` says."""
    return rows.head(n).assign(**changes)


# -- rows that are not in a pilot ------------------------------------------------------------------
def more_cases(tables, plan):
    """Cases before and after the study and of a court that is not listed, with audits of bad
    reports."""
    cases, found = tables["sentenced_cases"], []
    days = {"early": "2021-02-03", "just": "2023-12-31", "late": "2026-08-09"}
    for name, day in days.items():
        ids = [f"ZZ{name}{k}" for k in range(40)]
        found.append(copies(cases, 40, case_id=ids, sentenced_on=pd.Timestamp(day), custody=1))
    found.append(
        copies(cases, 40, case_id=[f"ZZno{k}" for k in range(40)], court_id="ZZ-nowhere", custody=1)
    )
    audits = tables["audited_reports"]
    audited = copies(
        audits,
        40,
        case_id=found[0]["case_id"].to_numpy(),
        sentenced_on=pd.Timestamp("2021-02-03"),
        rating=1.0,
    )
    return tables | {
        "sentenced_cases": pd.concat([*found, cases], ignore_index=True),
        "audited_reports": pd.concat([audits, audited], ignore_index=True),
    }


def more_people(tables, plan):
    """People first allocated before and after the study, with practitioners whose group is not
    known."""
    people, outcomes, staff = (
        tables[n] for n in ("people_on_probation", "supervision_outcomes", "practitioners")
    )
    found, followed, who = [], [], []
    for name, day in {"early": "2019-05-06", "late": "2026-07-08"}.items():
        ids, officers = [f"ZZ{name}{k}" for k in range(60)], [f"ZZp{name}{k}" for k in range(60)]
        day = pd.Timestamp(day)
        found.append(
            copies(
                people, 60, person_id=ids, first_practitioner_id=officers, first_allocated_on=day
            )
        )
        followed.append(
            copies(
                outcomes, 60, person_id=ids, followed_to=day + pd.Timedelta(days=20), recalled=1.0
            )
        )
        who.append(copies(staff, 60, practitioner_id=officers, ethnicity="not_recorded"))
    return tables | {
        "people_on_probation": pd.concat([*found, people], ignore_index=True),
        "supervision_outcomes": pd.concat([*followed, outcomes], ignore_index=True),
        "practitioners": pd.concat([*who, staff], ignore_index=True),
    }


def more_sites(tables, plan):
    """Staff in post at a site that is not listed, raters of a manager who is not, and managers of
    another programme."""
    managers, ratings, staff = (tables[n] for n in ("managers", "staff_ratings", "staff_in_post"))
    other = copies(
        managers, 30, manager_id=[f"ZZo{k}" for k in range(30)], programme="another_programme"
    )
    gone = copies(staff, 30, staff_id=[f"ZZs{k}" for k in range(30)], site_id="ZZ-nowhere")
    lost = copies(
        ratings,
        30,
        staff_id=[f"ZZr{k}" for k in range(30)],
        manager_id="ZZ-nobody",
        site_id="ZZ-nowhere",
    )
    return tables | {
        "managers": pd.concat([other, managers], ignore_index=True),
        "staff_in_post": pd.concat([gone, staff], ignore_index=True),
        "staff_ratings": pd.concat([lost, ratings], ignore_index=True),
    }


def more_months(tables, plan):
    """Rows before and after the time that is compared, all of them with every event."""
    table = table_of(plan)
    rows, key, found = tables[table.name], CONTRACTS[table.name].key[0], []
    flags = [c.name for c in CONTRACTS[table.name].columns if c.kind in ("flag", "truth")]
    best = {name: True if rows[name].dtype == bool else 1.0 for name in flags}
    for name, day in {"early": "2019-04-01", "late": "2026-10-01"}.items():
        ids = [f"ZZ{name}{k}" for k in range(60)]
        found.append(copies(rows, 60, **{key: ids, table.day: pd.Timestamp(day)}, **best))
    return tables | {table.name: pd.concat([*found, rows], ignore_index=True)}


def more_audits(tables, plan):
    """Audits before and after the period, and in the month in which the help text was changed, all
    of them outstanding; second ratings of audits that are not there."""
    rows, second, found = tables["audited_assessments"], tables["second_ratings"], []
    best = dict.fromkeys(ITEMS, 4)
    days = {"early": "2019-04-01", "just": "2022-02-14", "late": "2023-02-27"}
    for name, day in days.items():
        ids = [f"ZZ{name}{k}" for k in range(60)]
        found.append(copies(rows, 60, audit_id=ids, round_from=pd.Timestamp(day), **best))
    gone = copies(second, 30, audit_id=[f"ZZs{k}" for k in range(30)], **best)
    return tables | {
        "audited_assessments": pd.concat([*found, rows], ignore_index=True),
        "second_ratings": pd.concat([gone, second], ignore_index=True),
    }


def more_suitable(tables, plan):
    """People whose index date lies before and after the period, each with a proven offence, and
    offences of nobody in the cohort."""
    people, offences, found, done = tables["programme_cohort"], tables["offences"], [], []
    for name, day in {"early": "2019-05-06", "late": "2025-01-08"}.items():
        ids, start = [f"ZZ{name}{k}" for k in range(60)], pd.Timestamp(day)
        found.append(copies(people, 60, person_id=ids, indexed_on=start, started=True))
        made = {"offence_id": [f"ZZo{name}{k}" for k in range(60)], "person_id": ids}
        told = {"proven_by": "conviction", "is_breach": False}
        days = {"offended_on": start, "proven_on": start + pd.Timedelta(days=9)}
        done.append(copies(offences, 60, **made, **days, **told))
    nobody = {"offence_id": [f"ZZn{k}" for k in range(60)], "person_id": "ZZ-nobody"}
    return tables | {
        "programme_cohort": pd.concat([*found, people], ignore_index=True),
        "offences": pd.concat([*done, copies(offences, 60, **nobody), offences], ignore_index=True),
    }


def more_staff(tables, plan):
    """Staff who could be promoted once nobody joined any more, all of them promoted."""
    rows = tables["eligible_staff"]
    made = {"staff_id": [f"ZZ{k}" for k in range(60)], "eligible_from": pd.Timestamp("2026-01-05")}
    never = dict.fromkeys(("joined_on", "left_on"), pd.NaT) | {"scheme": None}
    made |= {"promoted_on": pd.Timestamp("2026-02-02"), "found_useful": float("nan")}
    found = copies(rows, 60, **made, **never, followed_to=rows["followed_to"].max())
    return tables | {"eligible_staff": pd.concat([found, rows], ignore_index=True)}


def more_coded(tables, plan):
    """Cases before and after the period and in the month of the training, of somebody in no list
    and of an investigator trained at another time, all of them recognised and coded twice."""
    cases, staff, found = tables["coded_cases"], tables["investigators"], []
    best = dict.fromkeys(("first_code", "second_code", "panel_code"), 1.0)
    on = {"early": "2019-04-01", "during": "2025-07-01", "late": "2026-09-01"}
    for name, day in on.items():
        ids = [f"ZZ{name}{k}" for k in range(60)]
        found.append(copies(cases, 60, case_id=ids, reported_on=pd.Timestamp(day), **best))
    for who in ("ZZ-nobody", "ZZ-between"):
        ids, day = [f"{who}{k}" for k in range(60)], pd.Timestamp("2026-02-01")
        own = {"case_id": ids, "investigator_id": who, "reported_on": day}
        found.append(copies(cases, 60, **own, **best))
    between = {"investigator_id": "ZZ-between", "trained_from": pd.Timestamp("2026-01-05")}
    tested = {"test_before": 0.0, "test_after": 20.0}
    return tables | {
        "coded_cases": pd.concat([*found, cases], ignore_index=True),
        "investigators": pd.concat([copies(staff, 1, **between, **tested), staff]),
    }


def more_answers(tables, plan):
    """Waves before and after the time that is compared, all of them with the best answers."""
    rows, found = tables["inclusion_waves"], []
    own = rows[rows["programme"] == plan.study]
    best = dict.fromkeys((*INCLUSION, *WELLBEING), 5.0) | {"answered": True, "left_on": pd.NaT}
    for name, day in {"early": "2019-04-01", "late": "2026-08-01"}.items():
        ids, day = [f"ZZ{name}{k}" for k in range(60)], pd.Timestamp(day)
        days = {"asked_on": day, "followed_to": day + pd.Timedelta(days=20)}
        found.append(copies(own, 60, asked_id=ids, intends_to_leave=0.0, **days, **best))
    return tables | {"inclusion_waves": pd.concat([*found, rows], ignore_index=True)}


def more_candidates(tables, plan):
    """Candidates and vacancies of other quarters, all of them successful."""
    candidates, vacancies, found, others = tables["candidates"], tables["vacancies"], [], []
    best = {c.name: 1 for c in CONTRACTS["candidates"].columns if c.kind == "whole"}
    filled = dict.fromkeys(("opened", "ended", "lived_appointed"), 1)
    for name, day in {"early": "2019-04-01", "late": "2027-01-01"}.items():
        at = {"quarter": pd.Timestamp(day)}
        ids = [f"ZZ{name}{k}" for k in range(60)]
        keys = [c for c in candidates.columns if c.endswith("_id")]
        found.append(copies(candidates, 60, **dict.fromkeys(keys, ids), **at, **best))
        others.append(copies(vacancies, 60, vacancy_id=ids, **at, **filled))
    return tables | {
        "candidates": pd.concat([*found, candidates], ignore_index=True),
        "vacancies": pd.concat([*others, vacancies], ignore_index=True),
    }


def more_reports(tables, plan):
    """Forms before and after the period and while the change came, all of them upheld; people held
    in months that nobody asks for, and a survey of nobody else."""
    forms, held, found = tables["discrimination_reports"], tables["people_held"], []
    days = {
        "early": "2019-04-01",
        "just": "2023-07-14",
        "late": "2026-01-05",
    }
    for name, day in days.items():
        ids = [f"ZZ{name}{k}" for k in range(60)]
        keys = dict.fromkeys(("report_id", "incident_id", "reporter_id"), ids)
        best = {"reported_on": pd.Timestamp(day), "answered_in_time": 1.0, "upheld": 1.0}
        found.append(copies(forms, 60, **keys, **best, form="old"))
    gone = copies(held, 1, month=pd.Timestamp("2019-04-01"), people=9000)
    return tables | {
        "discrimination_reports": pd.concat([*found, forms], ignore_index=True),
        "people_held": pd.concat([gone, held], ignore_index=True),
    }


def more_held(tables, plan):
    """People held before and after the period, on all of whom force was used. (Those held for a
    part of a quarter within it are in the count of incidents, and in nothing else.)"""
    stays, found = tables["prison_stays"], []
    worst = {"force_used": True, "force_incidents": 3, "reported": True, "custody_days": 91}
    for name, day in {"early": "2019-01-01", "late": "2026-07-01"}.items():
        ids = [f"ZZ{name}{k}" for k in range(60)]
        at = {"held_from": pd.Timestamp(day)}
        found.append(copies(stays, 60, stay_id=ids, person_id=ids, **worst, **at))
    return tables | {"prison_stays": pd.concat([*found, stays], ignore_index=True)}


MORE = {
    "interrupted_reporting": more_reports,
    "selection_funnel": more_candidates,
    "assessment_quality": more_audits,
    "accredited_programmes": more_suitable,
    "psr_quality": more_cases,
    "ethnic_matching": more_people,
    "training_trial": more_sites,
    "regional_initiative": more_months,
    "progression": more_staff,
    "prison_culture": more_held,
    "quality_audit": more_coded,
    "staff_inclusion": more_answers,
}
SCALE = {
    "interrupted_reporting": 0.5,
    "selection_funnel": 0.3,
    "assessment_quality": 0.5,
    "accredited_programmes": 0.3,
    "psr_quality": 0.3,
    "ethnic_matching": 0.1,
    "training_trial": 1.0,
    "regional_initiative": 0.3,
    "progression": 0.3,
    "prison_culture": 0.3,
    "quality_audit": 0.5,
    "staff_inclusion": 0.5,
}


@pytest.fixture(scope="module")
def pilots(tmp_path_factory):
    """Tables of the nation, by service; read once."""
    home, held = tmp_path_factory.mktemp("pilots"), {}

    def of(plan: Plan) -> dict[str, pd.DataFrame]:
        service = service_of(plan)
        if service not in held:
            folder = ensure_nation(
                scale=SCALE[plan.notebook], service=service, folder=home / service
            )
            held[service] = open_tables("synthetic", folder=folder, tables=list(tables_of(service)))
        return held[service]

    return of


@pytest.mark.parametrize("study", spread(PILOTS, 9))
def test_rows_that_are_not_in_a_pilot_and_the_order_of_rows_change_nothing(pilots, study):
    plan = load_plan(study)
    tables, outcomes = (
        pilots(plan),
        [
            plan.leading,
            *(o.id for o in plan.compared if o.id == "good_rating"),
        ],
    )
    more = shuffled(MORE[plan.notebook](tables, plan), seed=3)
    opened = named(kind_of(plan).study)
    plain, followed = opened(plan, ALL, tables, hidden=NOTHING)
    other, followed_too = opened(plan, ALL, more, hidden=NOTHING)
    assert other.n_used == plain.n_used and followed == followed_too
    assert plan.notebook == "training_trial" or other.n_in > plain.n_in
    assert_same(numbers_of(other, outcomes), numbers_of(plain, outcomes))


# -- rows that are not in a round of a monitor -----------------------------------------------------
DAYS = ("order_days", "licence_days", "custody_days", "days_in_post")
SHORTEST = 90  # days of the shortest quarter


BY_YEAR = ("workforce", "complaints")


def with_other_quarters(rows: pd.DataFrame, *, by_year: bool) -> pd.DataFrame:
    """Rows of other people from before the rounds that are shown and after the extract, in another
    order.

    Of tables that are counted by the year, from the quarter before the first: none between may be
    missing.
    """
    column = next((name for name in ("quarter", "sentenced_on") if name in rows), None)
    if column is None or "auditor_id" in rows:  # audits belong to cases that are there
        return rows.sample(frac=1, random_state=5, ignore_index=True)
    newest = rows[rows[column] == rows[column].max()]
    days = {name: newest[name].clip(upper=SHORTEST) for name in DAYS if name in newest}
    ids = [name for name in ("person_id", "case_id", "application_id") if name in newest]
    first = rows[column].min() - pd.DateOffset(months=3) if by_year else pd.Timestamp("2019-01-01")
    found = [rows]
    for mark, day in (("Y", pd.Timestamp("2026-10-01")), ("ZZ", first)):
        own = {name: mark + newest[name] for name in ids}
        found.append(
            newest.assign(**days, **own, **{column: day}).astype({column: rows[column].dtype})
        )
    return pd.concat(found, ignore_index=True).sample(frac=1, random_state=5, ignore_index=True)


def copied(folder: Path, to: Path, change) -> Path:
    """Every table of a folder as one file, changed."""
    to.mkdir()
    names = {
        path.relative_to(folder).parts[0].removesuffix(".parquet")
        for path in folder.glob("**/*.parquet")
    }
    for name in names:
        files = sorted((folder / name).glob("*.parquet")) or [folder / f"{name}.parquet"]
        change(pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)).to_parquet(
            to / f"{name}.parquet", index=False
        )
    return to


@pytest.mark.parametrize("study", spread(MONITORS, 4))
def test_other_quarters_and_the_order_of_rows_change_no_number_of_a_monitor(study, tmp_path):
    plan = load_plan(study)
    service = service_of(plan)
    whole = service == "prisons"
    make = ensure_nation if whole else (lambda **more: ensure_region("wales", **more))
    folder = make(scale=0.1 if whole else 0.5, service=service, folder=tmp_path / "made")
    plain, more = (
        copied(folder, tmp_path / "plain", lambda t: t),
        copied(folder, tmp_path / "more", partial(with_other_quarters, by_year=service in BY_YEAR)),
    )
    studies = [
        open_monitor(
            plan,
            "wales",
            counted_rows(plan, "wales", "extracts", home),
            shown_on="2026-10-03",
            hidden=NOTHING,
        )
        for home in (plain, more)
    ]
    assert studies[0].counts.rounds == studies[1].counts.rounds
    assert_same(*map(numbers_of, studies))
