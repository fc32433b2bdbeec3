"""The record of one place: exact for the private folder, and as it may leave."""

from collections.abc import Collection
from typing import cast

from IPython.display import display

from analysis.disclosure.attack.protection import whole_place
from analysis.disclosure.guard.registration import (
    record_line,
    registration_is_closed,
    registrations,
)
from analysis.disclosure.named.flow import released_flow
from analysis.disclosure.release import released_rows, withheld_whole
from analysis.disclosure.rules import Clearance
from analysis.errors import RunError
from analysis.plans.kinds import kind_of
from analysis.plans.locks.standing import OF_REAL_PEOPLE, standing_of
from analysis.plans.plan import Plan
from analysis.plans.registry import BLIND
from analysis.plans.study_plan import StudyPlan
from analysis.record import store
from analysis.record.record import Leads, Record, RecordedCheck, RecordedLock
from analysis.results import CheckResult
from analysis.study.allowed_for import check_allowed_for
from analysis.study.claim_checks import check_declared
from analysis.study.declared import check_emitted


def exact_record(
    study,
    *,
    plan: StudyPlan,
    place: str,
    data_source: str,
    round_id: str,
    dates: dict,
    hashes: dict,
) -> Record:
    """Everything that was found in one place, exact: for the private folder and for pooling only.

    `dates`: period_from, period_to, extract_date, follow_up_complete_to. `hashes`: plan_hash,
    data_hash, code_version.
    """
    assert study.n_in == study.n_used + sum(study.excluded.values()), (
        "every row in is used or excluded by reason"
    )
    check_emitted(plan, study)
    if kind_of(plan).compares:
        pilot = cast(Plan, plan)  # plans with a design are those of pilots
        check_declared(pilot, study.checks)
        for row in study.rows:
            check_allowed_for(pilot, row)
    return Record(
        study=plan.study,
        region=place,
        data_source=data_source,
        round=round_id,
        leads=leading_row(plan),
        synthetic=data_source.removeprefix(f"{BLIND}-").startswith("synthetic"),
        n_in=study.n_in,
        n_used=study.n_used,
        excluded=dict(study.excluded),
        checks=tuple(_recorded(check) for check in study.checks),
        rows=tuple(study.rows),
        lock=recorded_lock(plan.study, data_source),
        **dates,
        **hashes,
    )


def recorded_lock(study: str, data_source: str) -> RecordedLock | None:
    """How the plan stands to its locks, for a record of real people. RunError E329."""
    if data_source.split("-")[0] not in OF_REAL_PEOPLE:
        return None
    standing = standing_of(study)
    if not standing.is_locked:
        return None
    amended = (key for lock in standing.amendments for key in lock.changed)
    first, last = standing.locks[0], standing.locks[-1]
    return RecordedLock(first.day, last.sha256, standing.changed, tuple(dict.fromkeys(amended)))


def _recorded(check: CheckResult) -> RecordedCheck:
    """A check as a record carries it: its text, and its number where that was cleared. What it
    bears on follows from its id and the plan's design."""
    shown = None if check.shown is None else check.shown.number
    return RecordedCheck(check.id, check.passed, check.text, shown, check.threshold)


def leading_row(plan: StudyPlan) -> Leads | None:
    """Outcome and group of the row that the plan lets lead in every place and round; None where
    nothing is compared."""
    found = plan.leading_row
    return None if found is None else Leads(**found)


def released_record(exact: Record, *, clearance: Clearance) -> Record:
    """The record as it may leave before the places are set beside each other: no class, no claim,
    no statement."""
    if is_withheld(exact.region, clearance.hidden):
        return withheld_record(exact)
    rows = released_rows(exact.rows, place=exact.region, clearance=clearance)
    released = exact.with_(rows=rows, cleared=clearance.public)
    if clearance.public:
        return released
    excluded = {reason: n for reason, n in exact.excluded.items() if n is not None}
    if exact.n_in is None or exact.n_used is None or len(excluded) < len(exact.excluded):
        raise ValueError("a record that hides its flow of people is released already")
    flow = released_flow(
        exact.n_in, exact.n_used, excluded, place=exact.region, clearance=clearance
    )
    return released.with_(**flow)


def is_withheld(place: str, hidden: Collection[str]) -> bool:
    """Whether all that a place has of its own is withheld, by the names that are."""
    return whole_place(place) in hidden


def withheld_record(record: Record) -> Record:
    """The record of a place that is withheld whole: what was asked, and nothing that was found. It
    is the private record too, so that nothing that is made from it can hold a figure of its own."""
    rows = withheld_whole(record.rows)
    return record.with_(rows=rows, checks=(), n_in=None, n_used=None, excluded={}, cleared=False)


def emit(record: Record) -> None:
    """Show a record as the one output by which a run is known to have succeeded, with the list of
    what was shown. RunError E352 in a private session."""
    if registration_is_closed():
        raise RunError(
            "E352",
            "a private session makes no record.",
            remedy="Run the study's own notebook, without the private room.",
        )
    said = record_line(record.study, record.region, len(record.rows))
    metadata = {"workbook": {"registrations": list(registrations())}}
    display({store.MIME: store.as_dict(record), "text/plain": said}, metadata=metadata, raw=True)
