"""Which runs of a round there are, and what each folder holds that may be published."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from analysis.errors import ParameterError
from analysis.places.known import is_cleared
from analysis.plans.registry import AnyPlan, load_plan
from analysis.record import store
from analysis.record.record import Record
from analysis.rounds.run_links import altered_runs, run_links, run_name
from analysis.vocabulary.regions import ALL, NATIONAL, place_set
from analysis.vocabulary.round_ids import rerun_number

FIGURE_FILES = (".png", ".svg", ".csv")


@dataclass(frozen=True, eq=False)
class FoundRun:
    """One published run: where it stands and its released record."""

    source: str  # folder of the data source
    round_id: str
    study: str
    place: str
    folder: Path
    record: Record

    @property
    def name(self) -> str:
        """Source, study and place: what the state of the site knows it by."""
        return run_name(self.source, self.round_id, self.study, self.place)

    @cached_property
    def cleared(self) -> bool:
        """Set beside the other places: it has a statement, and nothing exact is left in it."""
        return is_cleared(self.record)

    @property
    def provenance(self) -> dict:
        """What made the run; empty where the run folder does not say."""
        path = self.folder / "provenance.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def figures(self) -> tuple[Path, ...]:
        """Figure files that may be published."""
        return tuple(path for path in self._figure_files if path.suffix in FIGURE_FILES)

    @property
    def recipes(self) -> tuple[Path, ...]:
        """Recipes of figures, which stay with the run."""
        return tuple(path for path in self._figure_files if path.suffix == ".json")

    @property
    def _figure_files(self) -> list[Path]:
        folder = self.folder / "figures"
        return sorted(folder.iterdir()) if folder.is_dir() else []


@dataclass(frozen=True, eq=False)
class FoundStudy:
    """All runs of one study on one source in one round or rerun, in the order of its places."""

    plan: AnyPlan
    source: str
    runs: tuple[FoundRun, ...]

    @property
    def round_id(self) -> str:
        return self.runs[0].round_id

    @property
    def key(self) -> tuple[str, str, str]:
        """Source, round and study."""
        return self.source, self.round_id, self.plan.study

    @cached_property
    def national(self) -> FoundRun | None:
        return next((run for run in self.runs if run.place == NATIONAL and run.cleared), None)

    @property
    def pages(self) -> tuple[FoundRun, ...]:
        """Runs that get a page: cleared ones, and none without the national record that they were
        cleared with. The analysis of all places at once has none of its own: it stands on the
        nation's."""
        return tuple(run for run in self._cleared if run.place != ALL)

    @property
    def whole(self) -> FoundRun | None:
        """The analysis of all places at once, where the plan has one."""
        return next((run for run in self._cleared if run.place == ALL), None)

    @cached_property
    def _cleared(self) -> tuple[FoundRun, ...]:
        return tuple(run for run in self.runs if run.cleared) if self.national else ()

    @property
    def places(self) -> dict[str, Record]:
        """Cleared records of the places by their id."""
        return {run.place: run.record for run in self._cleared if run.place != NATIONAL}


def page_path(run: FoundRun) -> str:
    """Where the page of a run stands in the site."""
    return f"{run.source}/{run.round_id}/{run.study}/{run.place}/index.html"


def find_studies(
    reports: Path,
    round_id: str,
    checked: frozenset[str] = frozenset(),
    *,
    source: str | None = None,
) -> tuple[FoundStudy, ...]:
    """Every study that has runs in the round or a rerun of it, by source, study and round; a run
    whose files are not as it left them, or as they were signed, is none (`altered_runs`). Records
    are checked, but for those in `checked` (names of runs whose page was made from the same record
    before); RunError E310 or E311. source: the folder of one source; None for all of them."""
    found: dict[tuple[str, str, str], list[FoundRun]] = {}
    altered = altered_runs(reports, round_id, source)
    for link in run_links(reports, round_id, source):
        folder, its_round, study, place = link.relative_to(reports).parts
        if run_name(folder, its_round, study, place) in altered:
            continue
        run = FoundRun(
            folder, its_round, study, place, link.resolve(), store.load(link / "results.json")
        )
        found.setdefault((folder, study, its_round), []).append(run)
        if run.name not in checked:
            store.validate(run.record)
    every = sorted(found.items(), key=lambda one: (*one[0][:2], rerun_number(one[0][2])))
    studies = ((_plan(study), folder, runs) for (folder, study, _), runs in every)
    ordered = ((plan, folder, _in_order(plan, runs)) for plan, folder, runs in studies if plan)
    return tuple(FoundStudy(plan, folder, runs) for plan, folder, runs in ordered if runs)


def newest(studies: Iterable[FoundStudy]) -> tuple[FoundStudy, ...]:
    """Of each study on each source the last rerun that is cleared, or the round itself: what pages
    of places, the portfolio and the front page are made from."""
    found: dict[tuple[str, str], FoundStudy] = {}
    for study in studies:
        key = (study.source, study.plan.study)
        if key not in found or study.national is not None:
            found[key] = study
    return tuple(found.values())


def _plan(study: str) -> AnyPlan | None:
    """The plan of a study; None for runs of a plan that has been taken away."""
    try:
        return load_plan(study)
    except ParameterError:
        return None


def _in_order(plan: AnyPlan, runs: list[FoundRun]) -> tuple[FoundRun, ...]:
    order = (NATIONAL, ALL, *place_set(plan.data.places).ids)
    return tuple(
        sorted((run for run in runs if run.place in order), key=lambda run: order.index(run.place))
    )
