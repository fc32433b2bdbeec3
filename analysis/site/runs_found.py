"""Which runs of a round there are, and what each folder holds that may be published."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from analysis.disclosure.guard.signature import unbelieved
from analysis.errors import ParameterError
from analysis.places.known import is_cleared
from analysis.plans.registry import AnyPlan, load_plan
from analysis.record import store
from analysis.record.record import Record
from analysis.site.state import run_links
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

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
        return f"{self.source}/{self.study}/{self.place}"

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
    """All runs of one study on one source in one round, in the order of its places."""

    plan: AnyPlan
    source: str
    runs: tuple[FoundRun, ...]

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
    reports: Path, round_id: str, checked: frozenset[str] = frozenset()
) -> tuple[FoundStudy, ...]:
    """Every study that has runs in the round, by source and study; a run whose files are not as it
    left them is none (`altered_runs`). Records are checked, but for those in `checked` (names of
    runs whose page was made from the same record before); RunError E310 or E311."""
    found: dict[tuple[str, str], list[FoundRun]] = {}
    for link in run_links(reports, round_id):
        if unbelieved(link):
            continue
        source, _, study, place = link.relative_to(reports).parts
        run = FoundRun(
            source, round_id, study, place, link.resolve(), store.load(link / "results.json")
        )
        found.setdefault((source, study), []).append(run)
        if run.name not in checked:
            store.validate(run.record)
    studies = ((_plan(study), source, runs) for (source, study), runs in sorted(found.items()))
    return tuple(
        FoundStudy(plan, source, _in_order(plan, runs)) for plan, source, runs in studies if plan
    )


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
