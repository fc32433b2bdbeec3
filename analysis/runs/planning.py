"""What a batch is to do: every run checked, what it would be made from, and whether that is what is
there already.

Everything is planned and checked before the first kernel starts, and nothing heavy is imported for
it.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.disclosure.attack.protection import (
    Decision,
    decision_file,
    read_decision,
    whole_place,
    whole_places,
)
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
from analysis.rounds.frozen import round_to_run
from analysis.rounds.withheld import withheld_now
from analysis.runs.limits import Limits
from analysis.runs.publishing import link_path, provenance_of, up_to_date
from analysis.study.data_version import data_hash
from analysis.study.offers import check_agrees
from analysis.synthetic.planted import own_file
from analysis.versions import code_version
from analysis.vocabulary.round_ids import FIRST, rerun_number, round_before

SYNTHETIC = "synthetic"  # what is blind where no source is named
PROTECTION = "protection"  # in `made_from`: the place's part of the joint decision
WITHHELD = "withheld"  # in `made_from`: places that the disclosure checker withholds whole


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
    runs = _as_signed(runs, force=force)
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


def _as_signed(runs: tuple[Run, ...], *, force: bool) -> tuple[Run, ...]:
    """The same, with those of a signed study as runs of its rerun; where no rerun is begun and
    nothing has changed since it was signed, they stay what is there."""
    found: list[Run] = []
    for study in dict.fromkeys((run.study, run.source, run.round_id) for run in runs):
        own = [run for run in runs if (run.study, run.source, run.round_id) == study]
        again = round_to_run(own[0].source.folder, own[0].study, own[0].round_id)
        rerun = [replace(run, round_id=again) for run in own]
        signed = [replace(run, round_id=round_before(again)) for run in own]
        begun = rerun[0].link.parent.exists() or rerun_number(again) == FIRST
        found += rerun if force or begun or not _all_stand(signed) else signed
    return tuple(found)


def _all_stand(runs: list[Run]) -> bool:
    """Whether neither the places nor the nation of a signed study would come out differently."""
    first = runs[0]
    data = data_hash(*_data_of(first))
    nation = replace(first, region=NATIONAL)
    try:
        made = provenance_of(nation.link)["made_from"]
        same = made["national_code"] == code_version(NATIONAL_NOTEBOOK)
    except (OSError, ValueError, KeyError):
        return False
    return same and all(up_to_date(run.link, task_of(run, data).made_from_dict) for run in runs)


def _data_of(run: Run) -> tuple[Source, str]:
    """The source of a run, and the study whose own synthetic data it is, or what is published for
    it, or how its outcomes are permuted; "" where it is that of all."""
    own = own_file(run.study) or run.source.name == "published" or run.source.blind
    return run.source, run.study if own else ""


def task_of(run: Run, data: str) -> Task:
    """The task of a run under the joint decision as it stands. A notebook of this checkout is named
    as any other checkout would name it. `data`: the hash of the data."""
    notebook = run.notebook.relative_to(ROOT) if run.notebook.is_relative_to(ROOT) else run.notebook
    decision = decision_of(run, data)
    inputs = made_from(run, data) | protected_by(decision, run.region) | withheld_in(decision)
    return Task(
        replace(run, notebook=notebook),
        tuple(sorted(inputs.items())),
        hidden=tuple(sorted(decision.hidden)),
    )


def decision_of(run: Run, data: str) -> Decision:
    """The joint decision under which a place of a study is run: what the attack wants withheld, and
    the places that the disclosure checker withholds whole. RunError E327 where it cannot be read;
    E329."""
    withheld = withheld_now(run.key[:3])
    names = frozenset(map(whole_place, withheld))
    own = kept_decision(run, data)
    return own.with_(dict.fromkeys(places_to_run(load_plan(run.study)), names)) if names else own


def kept_decision(run: Run, data: str) -> Decision:
    """What the attack wants withheld of a study and a source, as it stands. RunError E327 where it
    cannot be read."""
    file = file_of_decision(run, data)
    try:
        return read_decision(file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        text = f"the joint decision on {run.study} cannot be read."
        remedy = f"Remove {file.name} from the state folder; the next run decides again."
        raise RunError("E327", text, remedy=remedy) from None


def file_of_decision(run: Run, data: str) -> Path:
    """Where that is kept."""
    made_from, withheld = (data, plan_hash(run.study)), withheld_now(run.key[:3])
    return decision_file(run.study, run.source.folder, *made_from, withheld)


def protected_by(decision: Decision, place: str) -> dict[str, str]:
    """What a run of `place` is made from besides: the hash of its part of the decision, where it
    has one."""
    part = decision.part_hash(place)
    return {PROTECTION: part} if part else {}


def withheld_in(decision: Decision) -> dict[str, str]:
    """What every run of a study is made from besides where places are withheld whole: which."""
    places = whole_places(decision.hidden)
    return {WITHHELD: ",".join(places)} if places else {}


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
