"""Profiles by kind of work: of single notebooks, before and now, and of everything."""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from bench.speed.cases import Case
from bench.speed.limit import DATA, PROFILE
from bench.speed.measure import measure
from bench.speed.trees import Tree
from bench.speed.ways import empty, job_of, run_cells

REGION = "west_midlands"
TENFOLD = "synthetic:x10"
COMPARED = (
    Case("ethnic_matching", (REGION,)),
    Case("supervision", (REGION,)),
    Case("gamified_training", (REGION,)),
    Case("psr_quality", ("all",)),
    Case("ethnic_matching", (REGION,), TENFOLD),
)
NATIONAL = ("ethnic_matching", "supervision", "psr_quality")
WHOLE_PLACE = "all"


def national_job(study: str, source: str, tree: Tree) -> dict:
    """The notebook of all places together; it reads the records of the reports that it is run
    with."""
    return {
        "notebook": str(tree.folder / "notebooks" / "national.ipynb"),
        "parameters": {"study_id": study, "data_source": source, "round_id": "draft"},
        "name": f"{study}/national",
    }


def profiled(jobs: list[dict], tree: Tree, folder: Path, reports: Path | None) -> dict[str, Any]:
    """What each job took, by name, with its kinds of work; data are made before."""
    places = [job for job in jobs if "region_id" in job["parameters"]]
    run_cells(places, tree, empty(folder), how=DATA)
    measured = run_cells(jobs, tree, empty(folder), how=PROFILE, reports=reports)
    return {one["name"]: one for one in measured}


def profile_before_and_now(
    now: Tree, before: Tree, folder: Path, reports: Path | None, *, tenfold: bool
) -> dict[str, list[dict[str, Any]]]:
    """By case: what the cells took by the earlier commit and now, in this order. National notebooks
    are among them where `reports` hold the records of a whole run; tenfold: and a region ten times
    as large, which takes the earlier commit minutes and gigabytes."""
    taken = []
    if not before.data.exists():
        now.data.mkdir(parents=True, exist_ok=True)
        before.data.symlink_to(now.data)  # what both make alike is made once
    for tree in (before, now):
        jobs = [
            _named(job_of(case, place, tree))
            for case in COMPARED
            for place in case.places
            if tenfold or case.source != TENFOLD
        ]
        jobs += [
            national_job(study, "synthetic", tree)
            for study in NATIONAL
            if reports and (reports / "synthetic" / "draft" / study / "national").exists()
        ]
        taken.append(profiled(jobs, tree, folder, reports))
    return {name: [one[name] for one in taken] for name in taken[-1]}


def _named(job: dict) -> dict:
    """The job under a name that tells its size."""
    _, _, size = job["parameters"]["data_source"].partition(":")
    return job | {"name": f"{job['name']} {size}".strip()}


def profile_whole(
    tree: Tree, whole: Mapping[str, Any], folder: Path, reports: Path
) -> dict[str, float]:
    """Processor seconds of everything by kind of work: cells of one place of each study stand for
    its other places, `all` and the nation for themselves; pages as they were measured; engine,
    start and the making of data are what is left."""
    weights = _weights(whole["runs"])
    jobs = [_job(tree, *key) for key in weights]
    measured = profiled(jobs, tree, folder, reports)
    kinds: Counter[str] = Counter()
    for job, weight in zip(jobs, weights.values(), strict=True):
        for kind, seconds in measured[job["name"]]["kinds"].items():
            kinds[kind] += weight * seconds
    kinds["pages"] = whole["site"]["cpu"]
    kinds["engine, start, data made"] = max(whole["cpu"] - sum(kinds.values()), 0.0)
    return dict(kinds)


def profile_pages(tree: Tree, reports: Path) -> dict[str, float]:
    """Processor seconds of the pages from nothing by kind of work."""
    shutil.rmtree(reports / "site")
    command = [sys.executable, "-P", "-m", "bench.speed.work"]
    return json.loads(measure(command, tree.environment(reports)).output.splitlines()[-1])


def _weights(runs: list[Mapping[str, Any]]) -> dict[tuple[str, str, str], int]:
    """Source, study and place of each notebook that is profiled, and for how many it stands."""
    weights: Counter[tuple[str, str, str]] = Counter()
    standing: dict[tuple[str, str], str] = {}
    for ran in sorted(runs, key=lambda ran: ran["place"] != REGION):
        study, place = (ran["source"], ran["study"]), ran["place"]
        alone = place in (WHOLE_PLACE, "national")
        weights[*study, place if alone else standing.setdefault(study, place)] += 1
    return dict(weights)


def _job(tree: Tree, source: str, study: str, place: str) -> dict:
    if place == "national":
        return national_job(study, source, tree)
    named = yaml.safe_load(_one_of(tree.folder / "params", f"{study}.yml").read_text("utf-8"))
    notebook = _one_of(tree.folder / "notebooks", f"{named['notebook']}.ipynb")
    parameters = {"study_id": study, "region_id": place, "data_source": source}
    return {"notebook": str(notebook), "parameters": parameters, "name": f"{study}/{place}"}


def _one_of(folder: Path, name: str) -> Path:
    """The file of a study: beside pilots and monitors stand others by the same name."""
    (found,) = (path for kind in ("pilots", "monitors") for path in folder.glob(f"{kind}/{name}"))
    return found
