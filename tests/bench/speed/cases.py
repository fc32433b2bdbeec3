"""What is run: the project's own notebooks in places of the synthetic nation, and a typical one.

`real`: four studies that stand for the kinds of work (regressions, counts, a trial, permutations),
each in the same six regions. The regions are never all of a plan's places, so that the joint step
never starts and every way does the same work: places only. `typical`: an invented notebook with two
models, two figures, a table and a record; its plan has 1,201 places.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml
from bench.speed.trees import Tree

PLACES = 1201  # one more than is ever run
TYPICAL = Path(__file__).with_name("typical.ipynb")
REGIONS = ("west_midlands", "wales", "south_west", "north_east", "london", "greater_manchester")
REAL = ("ethnic_matching", "supervision", "gamified_training", "psr_quality")
NOTEBOOKS = {
    "ethnic_matching": "pilots/ethnic_matching",
    "supervision": "monitors/disparity",
    "gamified_training": "pilots/training_trial",
    "psr_quality": "pilots/psr_quality",
    "typical": "pilots/typical",
}


@dataclass(frozen=True)
class Case:
    """One study and the places in which it is run."""

    study: str
    places: tuple[str, ...]
    source: str = "synthetic"

    @property
    def notebook(self) -> str:
        """The notebook inside the folder of notebooks."""
        return f"{NOTEBOOKS[self.study]}.ipynb"

    def parameters(self, place: str) -> dict[str, str]:
        return {"study_id": self.study, "region_id": place, "data_source": self.source}


def real_cases(number: int = len(REGIONS)) -> tuple[Case, ...]:
    return tuple(Case(study, REGIONS[:number]) for study in REAL)


def typical_case(number: int) -> Case:
    return Case("typical", tuple(f"p{place:04}" for place in range(1, number + 1)))


def add_typical(tree: Tree) -> None:
    """Put the typical notebook and its plan into a tree: the plan of ethnic matching under another
    name, with places of its own."""
    shutil.copyfile(TYPICAL, tree.folder / "notebooks" / "pilots" / "typical.ipynb")
    params = tree.folder / "params"
    plan = _read(params / "pilots" / "ethnic_matching.yml")
    data = plan["data"] | {"sources": ["synthetic"], "places": "bench", "also_all": False}
    typical = plan | {"study": "typical", "notebook": "typical", "kind": "matching"}
    typical |= {"data": data}
    _write(params / "pilots" / "typical.yml", typical)
    places = {f"p{number:04}": f"Place {number}" for number in range(1, PLACES + 1)}
    bench = {"title": "Places to measure with", "one": "place", "many": "places"}
    bench |= {"source": "invented", "places": places}
    regions = params / "regions.yml"
    _write(regions, _read(regions) | {"bench": bench})


def _read(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _write(path: Path, content: dict) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
