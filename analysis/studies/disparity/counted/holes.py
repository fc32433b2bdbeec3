"""Rows that a monitor may have lost, by ethnic group: quarters in which people have no row between
two in which they stand. Told only where it happens; it never decides about a verdict, since people
may have left and come back.
"""

from analysis.disclosure.people_said import Asked, cleared_share
from analysis.extracts.reading.sources import engine_errors
from analysis.extracts.rules.holes import person_holes
from analysis.extracts.rules.recodes import PERSON, QUARTER
from analysis.extracts.tables.contracts import CONTRACTS
from analysis.results import CheckResult
from analysis.said.texts import capital, joined, named, say
from analysis.studies.disparity.figures import MonitorFigures
from analysis.study.losses.lost_rows import APART, CHECK

WHY = "rows were lost, or people left and came back"


def hole_checks(study: MonitorFigures) -> tuple[CheckResult, ...]:
    """One check where people are missing between two of their quarters: as many of each group? None
    elsewhere.

    value: points between the reference and the group that lies furthest from it.
    """
    name = study.plan.table
    table = study.counts.tables.get(name) if name in CONTRACTS else None
    if table is None or not {PERSON, QUARTER} <= {*table.columns}:
        return ()
    with engine_errors(name):
        found = person_holes(table).set_index("group")
    if not found["missing"].sum():
        return ()
    shares = 100 * found["missing"] / (found["rows"] + found["missing"])
    named = shares.reindex(study.groups).dropna()
    reference = study.plan.groups.reference
    apart = float((named - named.get(reference, 0.0)).abs().max()) if len(named) else 0.0
    return (
        CheckResult(
            CHECK,
            apart <= APART,
            _text(found, study.groups, Asked(study.place, "check: lost rows", study.clearance)),
            threshold=APART,
            bears_on="nothing",
        ),
    )


def _text(found, groups, asked: Asked) -> str:
    """ "Of the quarters in which people should stand, 3.2% of White people's ... are missing: ...";
    small ones untold."""
    parts: list[str] = []
    for group in groups:
        if group in found.index and found.loc[group, "missing"]:
            missing, rows = (int(found.loc[group, column]) for column in ("missing", "rows"))
            about = asked.of(group=group, by="quarters of people")
            share = cleared_share(missing, rows + missing, about, count="missing")
            told = "hardly any" if share.is_withheld else say("{share}%", share=share)
            parts.append(say("{group} {told}", group=named(group), told=told))
    return say(
        "Quarters missing between two in which a person stands: {listed}. {why}.",
        listed=joined("; ", parts) or "hardly any",
        why=capital(WHY),
    )
