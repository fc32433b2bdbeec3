"""What a batch is to do: every run checked, what it would be made from, and whether that is what is
there already.

Everything is planned and checked before the first kernel starts, and nothing heavy is imported for
it.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.disclosure.attack.protection import Decision, decision_file, read_decision
from analysis.errors import ParameterError, RunError
from analysis.paths import NOTEBOOKS, ROOT
from analysis.plans.locks.standing import require_lock
from analysis.plans.registry import (
    NATIONAL,
    NATIONAL_NOTEBOOK,
    NATIONAL_PARAMETERS,
    STUDY_PARAMETERS,
    Source,
    blinded,
    check_notebook,
    check_parameters,
    check_round,
    load_plan,
    notebook_path,
    parse_source,
    places_to_run,
    plan_files,
    plan_hash,
)
from analysis.runs.limits import Limits
from analysis.runs.publishing import link_path, up_to_date
from analysis.study.data_version import data_hash
from analysis.study.offers import check_agrees
from analysis.synthetic.planted import own_file
from analysis.versions import code_version

SYNTHETIC = "synthetic"  # what is blind where no source is named
PROTECTION = "protection"  # in `made_from`: the place's part of the joint decision


@dataclass(frozen=True)
class Run:
    """One notebook to execute. `region` may be `all`, or `national` for all places together."""

    study: str
    region: str
    source: Source
    round_id: str
    notebook: Path

    @property
    def parameters(self) -> dict[str, str]:
        if self.region == NATIONAL:
            return {
                "study_id": self.study,
                "data_source": str(self.source),
                "round_id": self.round_id,
            }
        return {"study_id": self.study, "region_id": self.region, "data_source": str(self.source)}

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Source, round, study and place: what the ledger and the links know a run by."""
        return (self.source.folder, self.round_id, self.study, self.region)

    @property
    def link(self) -> Path:
        return link_path(*self.key)


@dataclass(frozen=True)
class Task:
    """A run as a worker gets it. `made_from`: name and hash of what it must find there (plan, data,
    code, notebook), in order; `without`: places that the joint step leaves out on purpose;
    `hidden`: counts that the joint decision withholds, by name."""

    run: Run
    made_from: tuple[tuple[str, str], ...] = ()
    limits: Limits = field(default_factory=Limits.from_environment)
    without: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def made_from_dict(self) -> dict[str, str]:
        return dict(self.made_from)


@dataclass(frozen=True)
class Request:
    """What a batch is asked for, in the words of the command line. `resume` goes on with what the
    last one was asked."""

    studies: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    source: str | None = None
    round_id: str = "draft"

    @property
    def clears(self) -> bool:
        """All places are run, so that they are set beside each other; blind ones never are."""
        return not self.regions and not (self.source and parse_source(self.source).blind)

    def blind(self) -> "Request":
        """The same on permuted outcomes. ParameterError E213, E293."""
        return replace(self, source=str(blinded(parse_source(self.source or SYNTHETIC))))

    @classmethod
    def from_ledger(cls, kept: dict) -> "Request":
        return cls(tuple(kept["studies"]), tuple(kept["regions"]), kept["source"], kept["round_id"])

    def to_ledger(self) -> dict:
        return {
            "studies": self.studies,
            "regions": self.regions,
            "source": self.source,
            "round_id": self.round_id,
        }


@dataclass(frozen=True)
class Planned:
    """All tasks of a request, and which of them have nothing to do."""

    tasks: tuple[Task, ...]
    unchanged: frozenset[Task]

    @property
    def to_run(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task not in self.unchanged)


def plan_batch(request: Request, *, force: bool = False) -> Planned:
    """Every run of `request`, checked, and whether what is published was made from the same plan,
    data and code."""
    runs = plan_runs(request.studies, request.regions, request.source, request.round_id)
    data: dict[tuple[Source, str], str] = {}
    for run in runs:
        if (asked := _data_of(run)) not in data:
            data[asked] = data_hash(*asked)
    tasks = tuple(task_of(run, data[_data_of(run)]) for run in runs)
    same = (
        frozenset()
        if force
        else frozenset(task for task in tasks if up_to_date(task.run.link, task.made_from_dict))
    )
    return Planned(tasks, same)


def _data_of(run: Run) -> tuple[Source, str]:
    """The source of a run, and the study whose own synthetic data it is, or what is published for
    it, or how its outcomes are permuted; "" where it is that of all."""
    own = own_file(run.study) or run.source.name == "published" or run.source.blind
    return run.source, run.study if own else ""


def task_of(run: Run, data: str) -> Task:
    """The task of a run under the joint decision as it stands. A notebook of this checkout is named
    as any other checkout would name it. `data`: the hash of the data."""
    notebook = run.notebook.relative_to(ROOT) if run.notebook.is_relative_to(ROOT) else run.notebook
    decision = decision_of(run.study, run.source, data)
    inputs = made_from(run, data) | protected_by(decision, run.region)
    return Task(
        replace(run, notebook=notebook),
        tuple(sorted(inputs.items())),
        hidden=tuple(sorted(decision.hidden)),
    )


def decision_of(study: str, source: Source, data: str) -> Decision:
    """The joint decision on a study and a source as it stands. RunError E327 where it cannot be
    read."""
    file = decision_file(study, source.folder, data, plan_hash(study))
    try:
        return read_decision(file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        text = f"the joint decision on {study} cannot be read."
        remedy = f"Remove {file.name} from the state folder; the next run decides again."
        raise RunError("E327", text, remedy=remedy) from None


def protected_by(decision: Decision, place: str) -> dict[str, str]:
    """What a run of `place` is made from besides: the hash of its part of the decision, where it
    has one."""
    part = decision.part_hash(place)
    return {PROTECTION: part} if part else {}


def plan_runs(
    studies: tuple[str, ...], regions: tuple[str, ...], source: str | None, round_id: str
) -> tuple[Run, ...]:
    """Every run that was asked for, checked. Without a study: every plan. ParameterError or
    PlanError before any kernel."""
    check_round(round_id)
    wanted = studies or tuple(plan_files())
    if not wanted:
        raise ParameterError("E210", "there is no plan in params/.")
    plans = [load_plan(study) for study in wanted]
    runs = []
    for plan in plans:
        check_agrees(plan)
        chosen = parse_source(source) if source else Source(plan.data.sources[0])
        for region in regions or places_to_run(plan):
            check_parameters(plan.study, region, str(chosen))
            require_lock(plan, chosen)
            runs.append(Run(plan.study, region, chosen, round_id, notebook_path(plan)))
    for notebook in dict.fromkeys(run.notebook for run in runs):
        check_notebook(notebook, STUDY_PARAMETERS)
    check_notebook(NATIONAL_NOTEBOOK, NATIONAL_PARAMETERS)
    return tuple(dict.fromkeys(runs))


def made_from(run: Run, data: str | None = None) -> dict[str, str]:
    """What the result of a place depends on: hashes of its plan, its data (`data` where known), the
    code, and which notebook."""
    return {
        "plan_hash": plan_hash(run.study),
        "data_hash": data or data_hash(run.source, run.study),
        "code_version": code_version(run.notebook),
        "notebook": notebook_name(run.notebook),
    }


def notebook_name(notebook: Path) -> str:
    """A notebook as provenance names it: its path inside the notebooks folder, or its name."""
    return (
        notebook.relative_to(NOTEBOOKS).as_posix()
        if notebook.is_relative_to(NOTEBOOKS)
        else notebook.name
    )
