"""Corrections: the page that was signed stays, says so on top and leads to the one that replaces
it; that one says what it replaces."""

from collections.abc import Mapping

from analysis.clearing.ruled import ruled_words
from analysis.errors import RunError
from analysis.paths import reports
from analysis.plans.registry import NATIONAL, AnyPlan
from analysis.record.record import Record
from analysis.rounds.first_published import changed_rows, changed_words, records_before
from analysis.rounds.frozen import altered_places, signed_rounds
from analysis.rounds.log import CORRECTION, WITHOUT_RERUN, Entry, add, entries
from analysis.rounds.looks import looks_of
from analysis.runs.release.releases import releases
from analysis.runs.rounds.own_words import check_words
from analysis.runs.rounds.signing import Signing, check_name
from analysis.vocabulary.round_ids import rerun_name, rerun_number


def correct(signing: Signing, kind: str, reason: str, by: str) -> Entry:
    """Correct a signed study by its signed rerun, or its wording; returns the entry of the log.
    RunError E326, E334, E389, E399, E329."""
    name = check_name(by)
    signed = signed_rounds()
    if signing.key not in signed:
        text = f"{signing.plan.study} is not signed in the round {signing.round_id}."
        raise RunError("E389", text, remedy="What is not signed is run again, and not corrected.")
    text = check_words(signing, reason, "--reason")
    source, round_id, study = signing.key
    newer = (source, rerun_name(round_id, rerun_number(round_id) + 1), study)
    by_rerun = kind not in WITHOUT_RERUN
    if by_rerun and newer not in signed:
        said = f"a correction of {kind} needs a signed rerun, and {newer[1]} is not signed."
        remedy = f"Run {study} --round {round_id} again and sign {newer[1]}, then correct."
        raise RunError("E389", said, remedy=remedy)
    if by_rerun:
        _check_released(signing.key, newer)
    made = Entry(
        *(round_id, source, study, CORRECTION),
        by=name,
        role=str(signing.plan.people.lead),
        records=signed[signing.key].records,
        text=text,
        kind=kind,
        replaced_by=newer[1] if by_rerun else "",
        changed=_changed(signing.plan, signed[signing.key], signed[newer]) if by_rerun else (),
    )
    return add(made, lambda log: _once(made, log))


def _once(made: Entry, log: tuple[Entry, ...]) -> None:
    """RunError E389 where the same rerun corrects the same study already."""
    for one in log:
        same = (one.step, one.key, one.replaced_by) == (made.step, made.key, made.replaced_by)
        if same and (made.replaced_by or one.kind == made.kind):
            text = f"{made.study} in {made.round_id} was corrected so already, on {one.day}."
            raise RunError("E389", text, remedy="See workbook list --rounds.")


def _check_released(old: tuple[str, str, str], new: tuple[str, str, str]) -> None:
    """RunError E334 where the old one was released, and the new one is not released in its
    place."""
    numbers = {(one.source, one.round_id, one.study): one for one in releases()}
    if old not in numbers:
        return
    number = numbers[old].number
    if new not in numbers or numbers[new].replaces != number:
        command = f"workbook release {new[2]} --round {new[1]} --replaces {number}"
        raise RunError("E334", f"{new[1]} replaces release {number}.", remedy=f"First: {command}.")


def _changed(plan: AnyPlan, old: Entry, new: Entry) -> tuple[str, ...]:
    """Places and rows of which a class, verdict, decision or harm watch is another. RunError E326
    where a record is not the signed one."""
    for entry in (old, new):
        if gone := altered_places(reports().joinpath(*entry.key), entry.records):
            text = f"{', '.join(gone)}: not the records that were signed in {entry.round_id}."
            raise RunError("E326", text, remedy="Restore them from a copy of the reports.")
    was, is_now = (records_before(reports(), entry).records for entry in (old, new))
    found = changed_words(plan, changed_rows(was, is_now))
    decision = [_rule(plan, key, one) for key, one in ((old.key, was), (new.key, is_now))]
    return (
        *found,
        *(["where the rule for decisions points"] if decision[0] != decision[1] else []),
    )


def _rule(plan: AnyPlan, key: tuple[str, str, str], records: Mapping[str, Record]) -> str:
    """Where the rule written before points, after the looks before the round."""
    return ruled_words(plan, records[NATIONAL], looks_of(plan, key, entries(), reports()))[0]
