"""Releases a cleared round: checks it against everything that has left before, writes it into the
ledger, and marks its records and pages.

Until then a record is internal: a draft for those who made it, not to be passed on.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from analysis.disclosure.attack.known import COUNTS, Count, Known, read_known
from analysis.disclosure.codings import coding_of
from analysis.errors import RunError
from analysis.forking import forked_pool
from analysis.plans.registry import NATIONAL, AnyPlan, Source, load_plan, refuse_blind
from analysis.record import store
from analysis.record.record import Record
from analysis.record.sealed import altered_file
from analysis.runs.clearing import gather, joint_run
from analysis.runs.joint.attacking import staged_folders
from analysis.runs.joint.protecting import is_exempt
from analysis.runs.joint.verdict import Attack, attack_places
from analysis.runs.publishing import RESULTS, link_path, replace_record
from analysis.runs.release.differencing import check_against
from analysis.runs.release.releases import Interval, Release, add, releases
from analysis.runs.runner import Outcome
from analysis.study.exceptions import exceptions_of

COUNTED = "people"


def release(study: str, source: Source, round_id: str, *, replaces: int | None = None) -> Release:
    """Release all places of a study and the nation; returns the entry of the ledger.

    Released twice, it is one release. RunError E326, E329, E332 to E336; ParameterError E294.
    """
    plan = load_plan(study)
    refuse_blind(source)
    earlier = releases()
    if replaces is not None and not any(r.number == replaces and r.study == study for r in earlier):
        text = f"the release ledger has no release {replaces} of {study}."
        raise RunError("E335", text, remedy="See workbook list --releases.")
    folders = _cleared_folders(plan, source, round_id)
    exempt = is_exempt(study, source)
    new = _entry(plan, source, round_id, folders, replaces, counted=not exempt)
    made = next((old for old in earlier if old.says_what(new)), None)
    if made is None:
        if not exempt:
            _attack(plan, source, round_id)
            check_against(new, earlier)
        made = add(new)
    _mark(folders, made)
    return made


def _cleared_folders(plan: AnyPlan, source: Source, round_id: str) -> dict[str, Path]:
    """The folder of each place and the nation. RunError E333 where one is not cleared, E326 where a
    file of one is not as its run left it."""
    gathered = gather(plan, source, round_id)
    nation = link_path(source.folder, round_id, plan.study, NATIONAL)
    if gathered.missing or gathered.unlike or not (nation / RESULTS).exists():
        raise _not_cleared(plan.study, round_id)
    folders = {**gathered.folders, NATIONAL: nation.resolve()}
    for place, folder in folders.items():
        if name := altered_file(folder):
            text = f"{place}: {name} is not as the run left it."
            raise RunError("E326", text, remedy="Run the study again.")
        record = store.load(folder / RESULTS)
        if not record.cleared or record.statement is None:
            raise _not_cleared(plan.study, round_id)
    return folders


def _not_cleared(study: str, round_id: str) -> RunError:
    text = f"{study} is not cleared in all its places in the round {round_id}."
    return RunError("E333", text, remedy=f"First: workbook run {study} --round {round_id}.")


def _entry(
    plan: AnyPlan,
    source: Source,
    round_id: str,
    folders: dict[str, Path],
    replaces: int | None,
    *,
    counted: bool,
) -> Release:
    known = list(_counts(plan, source, round_id)) if counted else []
    nation: Record = store.load(folders[NATIONAL] / RESULTS)
    place = store.load(next(iter(folders.values())) / RESULTS)
    return Release(
        number=0,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        study=plan.study,
        source=source.folder,
        round_id=round_id,
        plan_hash=nation.plan_hash,
        data_hash=place.data_hash,
        code_version=place.code_version,
        period_from=place.period_from,
        period_to=place.period_to,
        extract_date=place.extract_date,
        counts=_printed(c for c in known if c.unit == COUNTED),
        other_counts=_printed(c for c in known if c.unit != COUNTED),
        exceptions=exceptions_of(plan, source),
        replaces=replaces,
        coding=coding_of(plan),
    )


def _counts(plan: AnyPlan, source: Source, round_id: str) -> Iterable[Count]:
    """Every count that the pages of the study print or withhold. RunError E383."""
    folders = staged_folders(plan, source, round_id)
    places = [read_known(folder / "private" / COUNTS) for folder in folders.values()]
    return Known.of(c for one in places for c in one.counts.values()).counts.values()


def _printed(counts: Iterable[Count]) -> dict[str, Interval]:
    return {
        c.key: (c.low, c.high) for c in sorted(counts, key=lambda c: c.key) if not c.is_withheld
    }


def _attack(plan: AnyPlan, source: Source, round_id: str) -> None:
    """RunError E332 where small counts can be told from this release and the earlier ones."""
    staged = staged_folders(plan, source, round_id)
    attack = Attack(joint_run(plan.study, source, round_id), tuple(sorted(staged.items())))
    with forked_pool(1) as pool:
        found = pool.submit(attack_places, attack).result()
    if isinstance(found, Outcome):
        raise RunError(found.code, found.text)
    if not found.knows_all:
        kinds = "; ".join(found.covered.kinds)
        text = f"printed and noted by nobody: {kinds}."
        raise RunError("E346", text, remedy="Note it where it is cleared.")
    if not found.holds:
        text = f"beside what was released before, {found.line}: {'; '.join(found.helps)}."
        raise RunError("E332", text, remedy="Release another cut of the data.")


def _mark(folders: dict[str, Path], made: Release) -> None:
    """Say in each record and its provenance that it was released: the nation last."""
    says = {"number": made.number, "time": made.time, "replaces": made.replaces}
    for folder in folders.values():
        record = store.load(folder / RESULTS)
        if record.audience != "release":
            newer = store.write(
                record.with_(audience="release"), folder / "private" / ".released.json"
            )
            replace_record(folder, newer, release=says)
