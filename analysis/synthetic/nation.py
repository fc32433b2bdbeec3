"""The synthetic nation: 12 regions, about 240,000 people on probation and 9,000 practitioners, made when first asked for.

Each region draws from its own seed, SeedSequence([seed, table number, region number]), so that a region made alone
equals the same region of the whole nation. What is planted: supervision.py and params/synthetic.yml.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.extracts.normal_form import MADE_HERE, SEALS, seal
from analysis.paths import SYNTHETIC
from analysis.synthetic.caseload import make_caseload
from analysis.synthetic.courts import make_courts
from analysis.synthetic.outcomes import make_outcomes, make_survey
from analysis.synthetic.planted import Planted, load_planted, planted
from analysis.synthetic.planted_courts import MONTHS
from analysis.synthetic.planted_training import Training
from analysis.synthetic.prisons import make_prisons
from analysis.synthetic.stamp import stamp
from analysis.synthetic.supervision import make_cohort, make_setting
from analysis.synthetic.training import make_training
from analysis.synthetic.workforce import make_workforce
from analysis.vocabulary.regions import check_place

SUPERVISION = "supervision"

__all__ = ["ensure_nation", "ensure_region", "make_region", "planted", "stamp", "write_demo"]

# Numbers in the seed; never reused, so that a new service leaves the tables of the others as they are.
TABLE_NUMBERS = {
    "practitioners": 1, "people_on_probation": 2, "supervision_outcomes": 3, "relationship_survey": 4,
    "courts": 11, "sentenced_cases": 12, "audited_reports": 13, "report_training": 14,
    "training_sites": 21, "managers": 22, "staff_ratings": 23, "staff_in_post": 24,
    "supervision_quarters": 31, "prisons": 32, "prison_quarters": 33, "release_decisions": 34,
    "staff_quarters": 35, "applications": 36,
}  # fmt: skip
# Tables that each service makes: all of them together, for one region.
TABLES = {
    SUPERVISION: ("practitioners", "people_on_probation", "supervision_outcomes", "relationship_survey"),
    "courts": ("courts", "sentenced_cases", "audited_reports", "report_training"),
    "training": ("training_sites", "managers", "staff_ratings", "staff_in_post"),
    "caseload": ("supervision_quarters",),
    "prisons": ("prisons", "prison_quarters", "release_decisions"),
    "workforce": ("staff_quarters", "applications"),
}


def _generator(truth: Planted, table: str, region: str) -> np.random.Generator:
    return np.random.default_rng(
        np.random.SeedSequence([truth.seed, TABLE_NUMBERS[table], list(truth.regions).index(region)])
    )


def _generators(truth: Planted, service: str, region: str) -> dict[str, np.random.Generator]:
    return {table: _generator(truth, table, region) for table in TABLES[service]}


def make_region(
    region: str, *, scale: float = 1.0, people: int | None = None, service: str = SUPERVISION
) -> dict[str, pd.DataFrame]:
    """The tables of one service in one region; `people` sets the exact number of people instead of `scale`."""
    check_place("probation_regions", region)
    tables = MAKERS[service](region, scale=scale, people=people)
    return {table: _with_text(frame) for table, frame in tables.items()}


def _make_supervision(region: str, *, scale: float, people: int | None) -> dict[str, pd.DataFrame]:
    truth = load_planted()
    size = truth.regions[region]
    n = people if people is not None else max(round(size.people * scale), 1)
    part = n / size.people
    draw = _generators(truth, SUPERVISION, region)
    offices, practitioners = max(round(size.offices * part), 3), max(round(size.practitioners * part), 6)
    setting = make_setting(draw["practitioners"], truth, region, practitioners=practitioners, offices=offices)
    cohort = make_cohort(draw["people_on_probation"], truth, region, setting, people=n)
    return {
        "people_on_probation": cohort.people,
        "practitioners": setting.practitioners,
        "supervision_outcomes": make_outcomes(draw["supervision_outcomes"], truth, region, setting, cohort),
        "relationship_survey": make_survey(draw["relationship_survey"], truth, region, setting, cohort),
    }


def _make_training(region: str, *, scale: float, people: int | None) -> dict[str, pd.DataFrame]:
    """`people`: about so many staff in post, both pilots together."""
    truth = load_planted()
    part = scale if people is None else people / _staff_in_full(truth.training)
    return make_training(_generators(truth, "training", region), truth, region, part=min(part, scale * 20))


def _staff_in_full(training: Training) -> int:
    """Staff of both pilots in one region at full scale."""
    sites = [one.site for one in training.programmes.values()]
    return sum((s.prisons + s.probation_units) * s.managers_a_site * s.staff_a_manager for s in sites)


def _make_courts(region: str, *, scale: float, people: int | None) -> dict[str, pd.DataFrame]:
    """`people`: about so many sentenced cases."""
    truth = load_planted()
    sites = truth.courts.others_a_region + len(truth.courts.pilot.get(region, ()))
    full = sites * MONTHS * sum(truth.courts.cases_a_month) / 2
    return make_courts(
        _generators(truth, "courts", region), truth, region, part=scale if people is None else people / full
    )


def _make_caseload(region: str, *, scale: float, people: int | None) -> dict[str, pd.DataFrame]:
    """`people`: about so many at any time."""
    truth = load_planted()
    part = scale if people is None else people / truth.regions[region].people
    return make_caseload(_generators(truth, "caseload", region), truth, region, part=part)


def _make_prisons(region: str, *, scale: float, people: int | None) -> dict[str, pd.DataFrame]:
    """`people`: about so many held at any time."""
    truth = load_planted()
    part = scale if people is None else people / truth.monitors.prisons.people
    return make_prisons(_generators(truth, "prisons", region), truth, region, part=part)


def _make_workforce(region: str, *, scale: float, people: int | None) -> dict[str, pd.DataFrame]:
    """`people`: about so many in post at any time."""
    truth = load_planted()
    part = scale if people is None else people / truth.monitors.staff.people
    return make_workforce(_generators(truth, "workforce", region), truth, region, part=part)


MAKERS: dict[str, Callable[..., dict[str, pd.DataFrame]]] = {
    SUPERVISION: _make_supervision,
    "courts": _make_courts,
    "training": _make_training,
    "caseload": _make_caseload,
    "prisons": _make_prisons,
    "workforce": _make_workforce,
}


def _with_text(frame: pd.DataFrame) -> pd.DataFrame:
    texts = [name for name in frame.columns if frame[name].dtype == object]
    return frame.astype(dict.fromkeys(texts, "str"))


def ensure_region(region: str, *, scale: float = 1.0, folder: Path | None = None, service: str = SUPERVISION) -> Path:
    """Folder <folder>/<stamp> that holds a service's tables of the region; made if it is missing, under a lock, so that runs can ask at once."""
    check_place("probation_regions", region)
    nation = (folder or SYNTHETIC) / stamp(scale)
    if not _is_made(nation, region, service):
        nation.mkdir(parents=True, exist_ok=True)
        with _locked(nation / f".{region}.lock"):
            if not _is_made(nation, region, service):
                _write_region(nation, region, scale, service)
    return nation


def ensure_nation(*, scale: float = 1.0, folder: Path | None = None, service: str = SUPERVISION) -> Path:
    """As ensure_region, for all regions."""
    for region in load_planted().regions:
        nation = ensure_region(region, scale=scale, folder=folder, service=service)
    return nation


def _region_file(nation: Path, table: str, region: str) -> Path:
    return nation / table / f"region={region}.parquet"


def _is_made(nation: Path, region: str, service: str) -> bool:
    sealed = nation / SEALS / f"{service}.{region}.json"
    return sealed.exists() and all(_region_file(nation, table, region).exists() for table in TABLES[service])


def _write_region(nation: Path, region: str, scale: float, service: str) -> None:
    for table, frame in make_region(region, scale=scale, service=service).items():
        _write_parquet(frame, _region_file(nation, table, region))
    if not (extract := nation / "extract.parquet").exists():
        _write_parquet(_extract(), extract)
    files = [extract, *(_region_file(nation, table, region) for table in TABLES[service])]
    seal(nation, files, f"{service}.{region}", code=MADE_HERE)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write to a temporary name in the same folder, then rename: a reader sees all of the file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    frame.to_parquet(temporary, index=False, compression="zstd")
    os.replace(temporary, path)


def _extract() -> pd.DataFrame:
    return pd.DataFrame({"extract_date": pd.to_datetime([load_planted().extract_date]).astype("datetime64[us]")})


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Exclusive lock on a file; the kernel drops it when the process ends, however it ends."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write_demo(
    folder: Path, *, region: str, people: int = 2000, fmt: str = "csv", service: str = SUPERVISION
) -> tuple[Path, ...]:
    """Write a valid extract of made-up people to start from (`workbook demo-data`); returns the files.

    `fmt`: csv or parquet. Files that stand in the folder are never overwritten: FileExistsError.
    """
    if fmt not in ("csv", "parquet"):
        raise ValueError("fmt is csv or parquet")
    folder.mkdir(parents=True, exist_ok=True)
    tables = make_region(region, people=people, service=service) | {"extract": _extract()}
    files = {table: folder / f"{table}.{fmt}" for table in tables}
    if any(path.exists() for path in files.values()):
        raise FileExistsError(f"{folder} already holds an extract")
    for table, frame in tables.items():
        _write_csv(frame, files[table]) if fmt == "csv" else _write_parquet(frame, files[table])
    return tuple(files.values())


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """As the data dictionary has it: dates YYYY-MM-DD, true and false, whole numbers without a point."""
    text = frame.copy()
    for name in frame.columns:
        if frame[name].dtype == bool:
            text[name] = frame[name].map({True: "true", False: "false"})
        elif frame[name].dtype == "float64" and (frame[name].dropna() % 1 == 0).all():
            text[name] = frame[name].astype("Int64")
    text.to_csv(path, index=False, date_format="%Y-%m-%d", lineterminator="\n")
