"""The tables of a quality audit, each cleared: cases by when they were reported, detection beside
the panel's code, and how far coders agree. No row is of one investigator or coder (S12)."""

import pandas as pd

from analysis.designs.audits.detection import FEWEST_UNITS, clustered_share
from analysis.disclosure.named.names import PEOPLE
from analysis.disclosure.named.tables import BY, TableNames, counted_table
from analysis.disclosure.rules import is_unreliable, load_rules, share_is_protected
from analysis.disclosure.suppression import UNRELIABLE, WITHHELD
from analysis.results import Estimate, NotEstimable, Table
from analysis.said.numbers import cleared_estimate
from analysis.said.texts import worded
from analysis.sections.tables import INTERVAL, worded_table
from analysis.studies.quality_audit.kind import DETECTED, SEEN_WITHOUT
from analysis.studies.quality_audit.study import AuditStudy
from analysis.vocabulary.regions import ALL

WHEN, WHO = "Reported", "Investigators"
BEFORE_WORDS, SINCE_WORDS = "before the training", "since the training"
CASES, READ, HOLD = "Cases", "Put to the panel", "Panel marked"
COUNTS = {CASES: PEOPLE, READ: "read", HOLD: "holds"}
NAMES = {"cohen_kappa": "Cohen kappa", "gwet_ac1": "Gwet AC1"}
UNWEIGHTED = (
    "More of the cases whose complaint names race were put to the panel: the numbers are those of"
    " the sample, and no share of all cases."
)
SENSITIVITY = "Recognised where it is, in every 100"
SPECIFICITY = "Rightly not seen where there is none, in every 100"
WEIGHTED = worded(
    "Weighted by how cases were put to the panel, as the first coders read the reports. Intervals:"
    " Wilson's, with cases of one investigator taken as alike."
)
DRIFTS = (
    "Coders drift: a difference between two times in this table is no change in reports. What"
    " training adds is the difference between the two sides in how far they moved."
)


def _within(study: AuditStudy) -> pd.DataFrame:
    """Cases of the period, those of the month of the training apart, with when and whose."""
    rows = study.everyone
    left_out = ("outside_the_period", "month_of_training", "no_investigator", "trained_between")
    rows = rows[~rows["excluded"].isin(left_out)]
    since = rows["reported_on"] >= study.start
    trained = rows["first"].notna()
    return rows.assign(
        **{
            WHEN: since.map({False: BEFORE_WORDS, True: SINCE_WORDS}),
            WHO: trained.map({True: "trained first", False: "waiting"}),
        }
    )


def _by(study: AuditStudy) -> list[str]:
    """Of all places, each side by itself; in a region a side is of too few investigators."""
    return [WHO, WHEN] if study.place == ALL else [WHEN]


def cases_table(study: AuditStudy) -> Table:
    """Cases by when they were reported, and what the panel read and found."""
    by, rows = _by(study), _within(study)
    counts = rows.groupby(by).agg(
        **{CASES: ("case_id", "size"), READ: ("panel_code", "count"), HOLD: ("panel_code", "sum")}
    )
    labels = {WHEN: "period", WHO: BY}
    table = counted_table(
        "Investigated cases, and what the panel read",
        counts.astype("int64").reset_index(),
        names=TableNames(study.place, "cases", {name: labels[name] for name in by}, COUNTS),
        clearance=study.clearance,
    )
    return Table(table.title, table.to_frame(), table.cleared_by, (UNWEIGHTED, *table.notes))


def detection_table(study: AuditStudy) -> Table:
    """Sensitivity and specificity of reports beside the panel's code, each with its interval."""
    rows, by = _within(study), _by(study)
    cells = []
    for labels, own in rows.groupby(by):
        there, none = own.dropna(subset=[DETECTED]), own.dropna(subset=[SEEN_WITHOUT])
        seen = none.assign(**{SEEN_WITHOUT: 1 - none[SEEN_WITHOUT]})
        cells.append(
            dict(zip(by, labels, strict=True))
            | _share(there, DETECTED, SENSITIVITY)
            | _share(seen, SEEN_WITHOUT, SPECIFICITY)
        )
    title = "Detection beside the panel's code"
    frame = pd.DataFrame(cells)
    notes = (WEIGHTED, DRIFTS)
    return worded_table(study.plan, title, frame, notes=notes, clearance=study.clearance)


def _share(rows: pd.DataFrame, column: str, heading: str) -> dict[str, str]:
    """A share and its interval, withheld where cases or investigators are few (S1, S12)."""
    names = heading, f"{INTERVAL}: {heading[:1].lower()}{heading[1:]}"
    rules, hits = load_rules(), int(rows[column].sum())
    few = rows["investigator_id"].nunique() < FEWEST_UNITS
    if few or share_is_protected(hits, len(rows), rules):
        return dict.fromkeys(names, WITHHELD)
    found = clustered_share(
        rows[column].to_numpy(dtype=float),
        rows["weight"].to_numpy(dtype=float),
        rows["investigator_id"].to_numpy(),
    )
    if found is None or is_unreliable(len(rows), rules):
        return dict.fromkeys(names, UNRELIABLE)
    value, low, high = (cleared_estimate(x, decimals=0).text for x in found)
    return {names[0]: value, names[1]: f"{low} to {high}"}


def agreement_table(study: AuditStudy) -> Table:
    """How far two coders of one case agree, before and since."""
    when = {"before": BEFORE_WORDS, "since": SINCE_WORDS}
    rows = [
        {WHEN: when[period], "Coefficient": NAMES[name]} | _coefficient(found)
        for period, both in study.agreement.items()
        for name, found in both.items()
    ]
    notes = (
        worded("1: full agreement; 0: what chance would give."),
        "The first coder read a report when it was finished, the second at the end and in mixed"
        " order: where the first drift, the two agree less since. Intervals leave out one"
        " investigator at a time.",
    )
    frame = pd.DataFrame(rows)
    title = "Do coders agree?"
    return worded_table(study.plan, title, frame, notes=notes, clearance=study.clearance)


def _coefficient(found: Estimate | NotEstimable) -> dict[str, str]:
    if not isinstance(found, Estimate):
        return {"Value": "[z]", INTERVAL: "[z]"}
    if is_unreliable(found.support.n, load_rules()):
        return {"Value": UNRELIABLE, INTERVAL: UNRELIABLE}
    value, low, high = (
        cleared_estimate(x, decimals=2).text.replace("-", "−")
        for x in (found.value, found.conf_low, found.conf_high)
    )
    return {"Value": value, INTERVAL: f"{low} to {high}"}
