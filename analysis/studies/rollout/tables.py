"""The tables of the notebook on pre-sentence reports, each cleared: rounded, suppressed, and saying
so underneath."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.disclosure.attack.known import key
from analysis.disclosure.attack.noted import note, note_relations
from analysis.disclosure.named.names import PEOPLE, WITH, WITHOUT, sum_of
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.disclosure.rules import is_small, is_unreliable, load_rules, round_to_base
from analysis.disclosure.series import Months, finest
from analysis.disclosure.suppression import UNRELIABLE, rate_of
from analysis.extracts.frames.sentencing import month_words
from analysis.judgement.wording.figures_in_words import capital
from analysis.results import Estimate, Table
from analysis.said.numbers import cleared_estimate
from analysis.said.texts import worded
from analysis.said.told import told
from analysis.sections.tables import worded_table
from analysis.studies.rollout.audits import DOMAINS, Audits, of_started
from analysis.studies.rollout.study import BEFORE, UNDER, PsrStudy
from analysis.vocabulary.ethnicity import MISSING, of_group
from analysis.vocabulary.regions import place_set

EXCLUSION_REASONS = {
    "court_not_linked": "the court is not in the list of courts",
    "outside_the_period": "sentenced outside the period of the plan",
}
MARKERS = {
    "Women": ("sex", "female"),
    "Aged 18 to 24": ("age_band", "18-24"),
    "High risk of custody": ("custody_risk", "high"),
}


def courts_table(study: PsrStudy) -> Table:
    """Pilot courts and others by region, when the pilot courts started, and how many staff were
    trained."""
    names, courts = place_set(study.plan.data.places), study.courts
    rows = []
    for region, own in courts.groupby("region", sort=False):
        starts = sorted(own["start"].dropna())
        rows.append(
            {
                "Region": names.name(region),
                "Pilot courts": str(int(own["pilot"].sum())),
                "Other courts": str(int((~own["pilot"]).sum())),
                "Started": ", ".join(dict.fromkeys(month_words(s) for s in starts)) or "none",
                "With the second-proposal tool": str(int(own["tool"].sum())),
                "Staff trained": int(own["staff_trained"].sum()),
            }
        )
    frame = pd.DataFrame(rows).sort_values("Region", ignore_index=True)
    structural = ["Staff trained"] if (frame["Staff trained"] == 0).any() else []
    names = TableNames(study.place, "staff", {"Region": "unit"}, {"Staff trained": "trained"})
    return counted_table(
        "Courts of the pilot, and the others",
        frame,
        names=names,
        structural=structural,
        clearance=study.clearance,
    )


def starts_table(
    courts: Sequence[str], starts: Sequence[float], months: tuple[float, float]
) -> Table:
    """Each pilot court: the month in which it started, and for how many of the months it was
    without and with the pilot. Courts are no people; when they started was announced."""
    first, last = months
    rows = [
        {
            "Pilot court": court,
            "Started": month_words(start),
            "Months before": int(start - first),
            "Months with the pilot": int(last + 1 - start),
        }
        for court, start in zip(courts, starts, strict=True)
    ]
    return Table("When pilot courts started", pd.DataFrame(rows), "rounded")


def people_table(study: PsrStudy) -> Table:
    """Who was sentenced, by ethnic group, with what is known about it, and how many had a
    report."""
    cases = study.cases
    kinds = [*study.groups, *(kind for kind in MISSING if (cases["ethnic_group"] == kind).any())]
    rows = []
    for kind in kinds:
        own = cases[cases["ethnic_group"] == kind]
        rows.append(
            {
                study.plan.group_heading: kind.replace("_", " "),
                "Sentenced": len(own),
                "With a report": int(own["report_written"].sum()),
            }
        )
    counts = {"Sentenced": PEOPLE, "With a report": WITH}
    return counted_table(
        "Who was sentenced",
        pd.DataFrame(rows),
        names=TableNames(
            study.place, "who was sentenced", {study.plan.group_heading: "group"}, counts
        ),
        rates={"With a report, in every 100": ("With a report", "Sentenced")},
        clearance=study.clearance,
    )


def periods_table(study: PsrStudy) -> Table:
    """Counts by half-year, pilot courts and others apart: the place's own figures, without a
    comparison. By year where a half-year would tell of few, and of the whole time where a year
    would (S19)."""
    cases = study.cases

    def of_cells(months: Months) -> Iterator[tuple[int, int]]:
        for row in _periods(study, PERIODS[months].of(cases["sentenced_on"])):
            yield from ((row[event], row["Sentenced"]) for event in (REPORT, "Custody"))

    months = 6 if study.clearance.public else finest(of_cells, from_months=6)
    period = PERIODS[months] if months is not None else WHOLE_TIME
    labels = {"Courts": "arm", period.column: "period"}
    counts = {"Sentenced": PEOPLE, REPORT: WITH, "Custody": "custody"}
    frame = pd.DataFrame(_periods(study, period.of(cases["sentenced_on"])))
    return counted_table(
        f"Sentences {period.words}: own figures",
        frame.rename(columns={"Period": period.column}),
        names=TableNames(study.place, period.name, labels, counts),
        rates={
            f"{REPORT}, in every 100": (REPORT, "Sentenced"),
            "Custody, in every 100": ("Custody", "Sentenced"),
        },
        clearance=study.clearance,
    )


@dataclass(frozen=True)
class _Period:
    """Periods of one length: the head of their column, words for a title, the name of the table,
    and the label of each day."""

    column: str
    words: str
    name: str
    of: Callable[[pd.Series], pd.Series]


def _half_years(days: pd.Series) -> pd.Series:
    return days.dt.year.astype(str) + " H" + ((days.dt.month > 6) + 1).astype(str)


REPORT = "With a report"
PERIODS: Mapping[Months, _Period] = {
    6: _Period("Half-year", "by half-year", "half-years", _half_years),
    12: _Period("Year", "by year", "years", lambda days: days.dt.year.astype(str)),
}
WHOLE_TIME = _Period(
    "Time", "of the whole time", "whole time", lambda days: pd.Series("all", index=days.index)
)


def _periods(study: PsrStudy, period: pd.Series) -> list[dict[str, Any]]:
    """Exact counts, a row for courts of one kind in one period."""
    cases = study.cases
    kind = np.where(cases["pilot"], "pilot courts", "other courts")
    return [
        {
            "Courts": courts,
            "Period": when,
            "Sentenced": len(own),
            REPORT: int(own["report_written"].sum()),
            "Custody": int(own["custody"].sum()),
        }
        for (courts, when), own in cases.groupby([kind, period])
    ]


def composition(study: PsrStudy) -> pd.DataFrame:
    """In every 100 of all sentenced and of those with a report, without the pilot and under it;
    None of too few. From counts in fives."""
    cases = study.cases.assign(started=study.cases["started"].astype(bool))
    marks = MARKERS | {
        capital(of_group(group)): ("ethnic_group", group) for group in study.minorities
    }
    rows = []
    for name, (column, value) in marks.items():
        row = {"Who": name}
        for whom, people in (
            ("all sentenced", cases),
            ("with a report", cases[cases["report_written"] == 1]),
        ):
            for when, part in (
                (BEFORE, people[~people["started"]]),
                (UNDER, people[people["started"]]),
            ):
                events, n = int((part[column] == value).sum()), len(part)
                row[f"{whom}, {when}"] = _mix(study, events, n, who=name, whom=whom, when=when)
        rows.append(row)
    return pd.DataFrame(rows)


def _mix(study: PsrStudy, events: int, n: int, *, who: str, whom: str, when: str) -> float | None:
    """How many of every 100 are of a kind, noted as the counts that it gives away; None of too
    few."""
    own, part = {"place": study.place, "group": when}, f"mix, {whom}"
    whole, with_it = key(**own, by=part, count=PEOPLE), key(**own, by=f"{part}, {who}", count=WITH)
    without, rules = key(**own, by=f"{part}, {who}", count=WITHOUT), load_rules()
    small = is_small(events, rules) or is_small(n - events, rules)
    shown = not small and with_it not in study.clearance.hidden
    if not study.already_public:
        where, step = "table For whom reports are written", rules.rounding_base.value
        note(whole, n, None, where=where)
        note(with_it, events, round_to_base(events, step) if shown else None, where=where)
        note(without, n - events, None, where=where)
        note_relations([sum_of(whole, [with_it, without], "with and without are all people")])
    return rate_of(events, n) if shown else None


def composition_table(study: PsrStudy) -> Table:
    """The mix of people, among all sentenced and among those with a report."""
    shown = composition(study)
    cells = shown.map(
        lambda cell: (
            "[c]"
            if cell is None or cell != cell
            else cell
            if isinstance(cell, str)
            else f"{cell:.1f}"
        )
    )
    cells.columns = [name if name == "Who" else f"In every 100 {name}" for name in cells.columns]
    title = "For whom reports are written"
    return worded_table(
        study.plan,
        title,
        cells,
        notes=("Worked out from counts in fives.",),
        clearance=study.clearance,
    )


def composition_words(study: PsrStudy) -> str:
    """How the mix of people with a report moved, beside that of all sentenced."""
    shown = composition(study).set_index("Who")
    row = shown.loc["High risk of custody"]
    if row.isna().any():
        return "Whether the mix of people with a report has changed cannot be told here."
    before, after = row[f"with a report, {BEFORE}"], row[f"with a report, {UNDER}"]
    all_before, all_after = row[f"all sentenced, {BEFORE}"], row[f"all sentenced, {UNDER}"]
    return (
        f"Of every {told(100)} people with a report, {told(before, 1)} were at high risk of custody"
        f" {BEFORE}, and {told(after, 1)} {UNDER}; of every {told(100)} sentenced,"
        f" {told(all_before, 1)} and {told(all_after, 1)}."
        " The pilot itself changes for whom reports are written, so what is found among reports is"
        " not about the same people."
    )


def ratings_table(study: PsrStudy) -> Table:
    """Audited reports by domain, rated good or better, without the pilot and under it (each rating
    of an auditor counts)."""
    rows = []
    for domain in DOMAINS:
        for when, started in ((BEFORE, False), (UNDER, True)):
            own = study.audits[
                (study.audits["domain"] == domain)
                & (study.audits["started"].astype(bool) == started)
            ]
            rows.append(
                {
                    "Domain": domain,
                    "Reports": when,
                    "Rated": len(own),
                    "Good or better": int(own["good"].sum()),
                }
            )
    labels = {"Domain": BY, "Reports": "group"}
    counts = {"Rated": PEOPLE, "Good or better": WITH}
    return counted_table(
        "Audited reports: own figures",
        pd.DataFrame(rows),
        names=TableNames(study.place, "audited reports", labels, counts),
        rates={"Good or better, in every 100": ("Good or better", "Rated")},
        clearance=study.clearance,
    )


def models_table(study: PsrStudy, audits: Audits) -> Table:
    """Odds of a higher rating under the pilot, by domain: one number where effects are alike at
    every cut, else one a cut."""
    rows = []
    for domain in DOMAINS:
        check = audits.alike_at_every_cut(domain)
        model = audits.model(domain, not_proportional=() if check.passed else ("started",))
        for estimate in of_started(getattr(model, "estimates", ())):
            cut = estimate.estimand.partition("at or above ")[2]
            rows.append(
                {
                    "Domain": domain,
                    "Rating": f"{cut} or higher" if cut else "one step higher",
                    "Times the odds": odds_words(estimate),
                    "95% confidence interval": odds_interval(estimate),
                    "Effects alike at every cut": "yes" if check.passed else "no",
                }
            )
        within = of_started(getattr(audits.with_auditors(domain), "estimates", ()))
        rows += [
            {
                "Domain": domain,
                "Rating": "one step higher, within an auditor",
                "Times the odds": odds_words(e),
                "95% confidence interval": odds_interval(e),
                "Effects alike at every cut": "[z]",
            }
            for e in within
        ]
    title = (
        "Ratings under the pilot beside those without it, White people's reports and pilot courts"
        " allowed for"
    )
    notes = (
        (
            "Weighted by the design of the sample (stratified by ethnic group), errors clustered on"
            " court. Within an auditor: auditors differ in severity at random, without weights."
        ),
        worded(
            "Effects alike at every cut: Brant's test at 5 in 100. These odds rest on reports"
            " written, which the pilot selects."
        ),
    )
    return worded_table(
        study.plan, title, pd.DataFrame(rows), notes=notes, clearance=study.clearance
    )


def odds_words(estimate: Estimate) -> str:
    return f"{math.exp(estimate.value):.2f}"


def odds_interval(estimate: Estimate) -> str:
    return f"{math.exp(estimate.conf_low):.2f} to {math.exp(estimate.conf_high):.2f}"


def _agreement(found: Estimate, number: float) -> str:
    """A coefficient to two decimals; not reliable where fewer reports were rated twice than a rate
    needs (S16)."""
    few = is_unreliable(found.support.n, load_rules())
    return UNRELIABLE if few else cleared_estimate(number, decimals=2).text.replace("-", "−")


def agreement_table(study: PsrStudy, audits: Audits) -> Table:
    """How far two auditors of the same report agree, by domain."""
    rows = []
    for domain in DOMAINS:
        for name, found in audits.agreement(domain).items():
            known = isinstance(found, Estimate)
            rows.append(
                {
                    "Domain": domain,
                    "Coefficient": name,
                    "Value": _agreement(found, found.value) if known else "[z]",
                    "95% confidence interval": (
                        f"{_agreement(found, found.conf_low)} to"
                        f" {_agreement(found, found.conf_high)}"
                        if known
                        else "[z]"
                    ),
                }
            )
    notes = (
        worded(
            "1: full agreement; 0: what chance would give. Reports that two auditors rated apart"
            " from each other."
        ),
    )
    return worded_table(
        study.plan, "Do auditors agree?", pd.DataFrame(rows), notes=notes, clearance=study.clearance
    )
