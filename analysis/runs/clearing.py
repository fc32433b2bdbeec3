"""Sets the places of a study beside each other: disclosure, pooling, classes and claims, in one
joint step.

The decision itself is a pure function (clearing/joint.py); the national notebook runs it over the
private records of one round and emits the national record. Here the inputs are gathered and the
results published.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import WorkbookError
from analysis.plans.registry import (
    NATIONAL,
    NATIONAL_NOTEBOOK,
    AnyPlan,
    Source,
    places_to_run,
    plan_hash,
)
from analysis.record import store
from analysis.record.sealed import altered_file
from analysis.runs.planning import Run, Task
from analysis.runs.publishing import link_path, publish, replace_record
from analysis.runs.runner import Outcome, not_written, receive
from analysis.versions import code_version

SAME_IN_ALL = ("data_hash", "plan_hash", "code_version")
MOST_NAMED = 12


@dataclass(frozen=True)
class Gathered:
    """Private records of one study, source and round: where each place's run stands, and what is
    missing or was altered."""

    folders: dict[str, Path]
    missing: tuple[str, ...]
    unlike: tuple[str, ...]  # hashes in which the records differ
    altered: tuple[str, ...] = ()  # files that are not as their run left them, with the place

    @property
    def complete(self) -> bool:
        return not self.missing and not self.unlike and not self.altered


def gather(plan: AnyPlan, source: Source, round_id: str, without: tuple[str, ...] = ()) -> Gathered:
    """Find the private record of each place that a full run has, but for those that are left out on
    purpose."""
    wanted = tuple(place for place in places_to_run(plan) if place not in without)
    links = {place: link_path(source.folder, round_id, plan.study, place) for place in wanted}
    found = {
        place: link.resolve()
        for place, link in links.items()
        if (link / "private" / "record.json").exists()
    }
    exact = [provenance_in(folder) for folder in found.values()]
    unlike = tuple(name for name in SAME_IN_ALL if len({made.get(name) for made in exact}) > 1)
    altered = tuple(f"{p}: {name}" for p, f in found.items() if (name := altered_file(f)))
    return Gathered(found, tuple(p for p in wanted if p not in found), unlike, altered)


def provenance_in(folder: Path) -> dict:
    """What the run in a folder was made from. RunError E311."""
    return store.load_json(folder / "provenance.json").get("made_from", {})


def joint_run(study: str, source: Source, round_id: str) -> Run:
    return Run(study, NATIONAL, source, round_id, NATIONAL_NOTEBOOK)


def joint_task(
    run: Run, gathered: Gathered, without: tuple[str, ...] = (), hidden: tuple[str, ...] = ()
) -> Task:
    """The national notebook of a study; what it is made from is the plan, the code and which runs
    it sets beside."""
    places = "\n".join(
        f"{place} {folder.name}" for place, folder in sorted(gathered.folders.items())
    )
    made_from = {
        "plan_hash": plan_hash(run.study),
        "national_code": code_version(run.notebook),
        "notebook": run.notebook.name,
        "places": hashlib.sha256(places.encode()).hexdigest(),
    }
    return Task(run, tuple(sorted(made_from.items())), without=without, hidden=hidden)


def not_cleared(run: Run, gathered: Gathered, failed: Sequence[str] = ()) -> Outcome:
    """Why the places of a study are not set beside each other: some failed, some are missing, or
    they are unlike."""
    if failed:
        text = f"not all places succeeded: {_named(failed)}."
    elif gathered.missing:
        text = (
            f"no private record of {_named(gathered.missing)}: places are set beside each other"
            " only when all are there"
        )
    elif gathered.altered:
        text = f"not as their runs left them: {_named(gathered.altered)}: run these again"
        return Outcome(run, "not_cleared", code="E326", text=text)
    else:
        text = f"the places were run on different {', '.join(gathered.unlike)}: run them again"
    return Outcome(run, "not_cleared", code="E331", text=text)


def _named(places: Sequence[str]) -> str:
    """Places by name; of a long list as many as a region study has."""
    rest = len(places) - MOST_NAMED
    return ", ".join(places[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def publish_joint(outcome: Outcome, gathered: Gathered) -> Outcome:
    """Cleared records of the places first, the national link last: a reader never sees a nation
    without its places."""
    try:
        received = receive(outcome)
        if received.state == "published":
            private = received.run_folder / "private" / "cleared"
            cleared = {place: private / f"{place}.json" for place in gathered.folders}
            for path in cleared.values():
                store.validate_dict(store.load_json(path))
            for place, path in cleared.items():
                replace_record(gathered.folders[place], path)
            publish(received.run_folder, received.run.link)
        return received
    except (WorkbookError, OSError) as error:
        return not_written(outcome, error)


__all__ = ["Gathered", "gather", "joint_run", "joint_task", "not_cleared", "publish_joint"]
