"""Sets the places of a study beside each other: disclosure, pooling, classes and claims, in one joint step.

The decision itself is a pure function (studies/joint.py); the national notebook runs it over the private records of
one round and emits the national record. Here the inputs are gathered and the results published.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analysis import record as records
from analysis.errors import RunError
from analysis.plans.plan import Plan
from analysis.plans.registry import NATIONAL, NATIONAL_NOTEBOOK, Source, load_plan, places_to_run
from analysis.runs.publishing import link_path, new_run_folder, publish, replace_record
from analysis.runs.runner import Outcome, Run, execute_notebook, finish

SAME_IN_ALL = ("data_hash", "plan_hash", "code_version")


@dataclass(frozen=True)
class Gathered:
    """Private records of one study, source and round: where each place's run stands, and what is missing."""

    folders: dict[str, Path]
    missing: tuple[str, ...]
    unlike: tuple[str, ...]  # hashes in which the records differ

    @property
    def complete(self) -> bool:
        return not self.missing and not self.unlike


def gather(plan: Plan, source: Source, round_id: str) -> Gathered:
    """Find the private record of each place that a full run has."""
    wanted = places_to_run(plan)
    links = {place: link_path(source.folder, round_id, plan.study, place) for place in wanted}
    found = {place: link.resolve() for place, link in links.items() if (link / "private" / "record.json").exists()}
    exact = [records.load(folder / "private" / "record.json") for folder in found.values()]
    unlike = tuple(name for name in SAME_IN_ALL if len({record[name] for record in exact}) > 1)
    return Gathered(found, tuple(place for place in wanted if place not in found), unlike)


def clear(study: str, source: Source, round_id: str) -> Outcome:
    """Run the national notebook over all places and publish the cleared records; refuses an incomplete or mixed set."""
    plan, started = load_plan(study), datetime.now(UTC)
    run = Run(study, NATIONAL, source, round_id, NATIONAL_NOTEBOOK)
    gathered = gather(plan, source, round_id)
    if not gathered.complete:
        return Outcome(run, "not_cleared", code="E331", text=_why_not(gathered))
    folder = new_run_folder(study, NATIONAL)
    parameters = {"study_id": study, "data_source": str(source), "round_id": round_id}
    try:
        execute_notebook(NATIONAL_NOTEBOOK, folder, parameters)
        findings = finish(NATIONAL_NOTEBOOK, folder, started)
        if findings:
            text = "the output guard found something that must not leave"
            return Outcome(run, "withheld", folder, "E341", text, findings)
        _publish(folder, gathered, run)
    except RunError as error:
        return Outcome(run, "failed", folder, error.code, error.text)
    return Outcome(run, "published", folder, seconds=(datetime.now(UTC) - started).total_seconds())


def _publish(folder: Path, gathered: Gathered, run: Run) -> None:
    """Cleared records of the places first, the national link last: a reader never sees a nation without its places."""
    cleared = {place: records.load(folder / "private" / "cleared" / f"{place}.json") for place in gathered.folders}
    for place, record in cleared.items():
        replace_record(gathered.folders[place], record)
    publish(folder, link_path(run.source.folder, run.round_id, run.study, NATIONAL))


def _why_not(gathered: Gathered) -> str:
    if gathered.missing:
        return f"no private record of {', '.join(gathered.missing)}: places are set beside each other only when all are there"
    return f"the places were run on different {', '.join(gathered.unlike)}: run them again"
