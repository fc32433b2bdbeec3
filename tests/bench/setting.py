"""A folder to measure in: plans, places and notebooks of its own, so that nothing of the checkout
is touched.

The plan of the typical notebook is the plan of Project STAR under another name, with 1,201 places.
One place more than is ever run, so that the joint step never starts and every way does the same
work: places only. For the same reason the plan of ethnic matching asks for the whole extract as
well, and it is not run.
"""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PLACES = 1201
TYPICAL = Path(__file__).with_name("typical.ipynb")
# Set by the machine that measures for itself, these would change what is measured.
NOT_HANDED_ON = (
    "PYTHONDONTWRITEBYTECODE",
    "JUPYTER_DEFAULT_PROVISIONER_NAME",
    "WORKBOOK_KERNEL_BYTES",
)


# For every way: two kernels with two BLAS threads each on two cores take many times as long,
# papermill's above all.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Case:
    """One notebook and the places in which it is run."""

    study: str
    source: str
    places: tuple[str, ...]

    def first(self, number: int) -> "Case":
        return Case(self.study, self.source, self.places[:number])

    def parameters(self, place: str) -> dict[str, str]:
        return {"study_id": self.study, "region_id": place, "data_source": self.source}


@dataclass(frozen=True)
class Setting:
    """Where everything of one benchmark stands."""

    folder: Path

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def notebook(self, case: Case) -> Path:
        return self.folder / "notebooks" / "pilots" / f"{case.study}.ipynb"

    def environment(self, reports: Path | None = None) -> dict[str, str]:
        """The environment of every command that is measured."""
        own = {
            "WORKBOOK_PARAMS": self.folder / "params",
            "WORKBOOK_NOTEBOOKS": self.folder / "notebooks",
            "WORKBOOK_REPORTS": reports or self.reports,
        }
        kept = {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON}
        return kept | ONE_THREAD | {name: str(path) for name, path in own.items()}


def make_setting(folder: Path) -> Setting:
    """Copy plans and notebooks into `folder` and add the typical ones."""
    shutil.copytree(ROOT / "params", folder / "params")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copyfile(TYPICAL, folder / "notebooks" / "pilots" / "typical.ipynb")
    pilots = folder / "params" / "pilots"
    star = _plan(pilots / "star_teacher_matching.yml")
    data = star["data"] | {"sources": ["synthetic"], "places": "bench", "also_all": False}
    _write(pilots / "typical.yml", star | {"study": "typical", "notebook": "typical", "data": data})
    matching = _plan(pilots / "ethnic_matching.yml")
    _write(
        pilots / "ethnic_matching.yml", matching | {"data": matching["data"] | {"also_all": True}}
    )
    regions = _plan(folder / "params" / "regions.yml")
    places = {f"p{number:04}": f"Place {number}" for number in range(1, PLACES + 1)}
    words = {
        "title": "Places to measure with",
        "one": "place",
        "many": "places",
        "source": "invented",
    }
    _write(folder / "params" / "regions.yml", regions | {"bench": words | {"places": places}})
    return Setting(folder)


def typical_case(number: int) -> Case:
    """The typical notebook in `number` places."""
    return Case("typical", "synthetic", tuple(f"p{place:04}" for place in range(1, number + 1)))


def matching_case() -> Case:
    """The notebook of ethnic matching in its 12 regions, whose synthetic data are made here, before
    anything is measured."""
    from analysis.synthetic.nation import ensure_region
    from analysis.vocabulary.regions import place_set

    regions = place_set("probation_regions").ids
    for region in regions:
        ensure_region(region, scale=1.0)
    return Case("ethnic_matching", "synthetic", regions)


def _plan(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _write(path: Path, content: dict) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
