"""How often harm watch is wrong, over nations whose truth is planted; writes docs/harm_watch.md and
params/harm_watch.yml.

python tests/bench/calibrate_harm.py [--drawn N] [--made N] [--write]

Drawn nations: estimates around what params/synthetic.yml plants, with the standard errors and
degrees of freedom of a committed run. Made nations: people, practitioners and outcomes of other
seeds, through the study of every region and the step that sets the regions beside each other. Each
nation (of drawn ones, each hundred) leaves one small file in data/synthetic/harm_watch, so that a
run that was stopped goes on where it was and loses one at most.
"""

import argparse
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from unittest import mock

import numpy as np
from harm_page import page, result_file
from scipy import stats

from analysis.clearing.harm_watch import is_watched
from analysis.clearing.joint import set_beside
from analysis.extracts.frames.dyads import people_and_practitioners
from analysis.judgement import classes
from analysis.judgement.pools.place_posterior import place_posterior
from analysis.judgement.pools.pooling import SMALLEST_POOL
from analysis.paths import EXAMPLE_RECORDS, PARAMS, ROOT, SYNTHETIC
from analysis.plans.plan import Plan
from analysis.plans.registry import load_plan
from analysis.record import store
from analysis.results import EVERYONE
from analysis.studies.matching.study import MatchingStudy
from analysis.study.place_record import exact_record
from analysis.synthetic import nation
from analysis.synthetic.planted import load_planted

KEPT = SYNTHETIC / "harm_watch"
PAGE, RESULT = ROOT / "docs" / "harm_watch.md", PARAMS / "harm_watch.yml"
STUDY = "ethnic_matching"
CHUNK = 100  # drawn nations a file
FIRST_SEED = 50_001  # of made nations; no other part of the workbook uses seeds from here on
AS_PLANTED, NO_EFFECT, ONE_HARMED = (
    "as_planted",
    "no_effect",
    "one_harmed",
)  # what is true in drawn nations
TWICE = 2.0  # the planted harm of `one_harmed`, in sizes that matter
ALL_GRADES = (*classes.HARM_GRADES, None)


@dataclass(frozen=True)
class Row:
    """One watched row. harm: planted truth, in sizes that matter, + worse. error: standard error,
    likewise.

    beyond: the estimate is worse than the size that matters (what the first rule watched).
    probability: posterior, of harm beyond that size, None where it was not needed or not kept.
    """

    outcome: str
    group: str
    place: str
    harm: float
    error: float
    beyond: bool
    grade: str | None
    probability: float | None = None

    @property
    def harm_of_matching(self) -> float:
        """What the effect of matching alone harms, in sizes that matter; of a row as planted."""
        return planted_harm(self.outcome, EVERYONE, self.place)


# -- what is planted -------------------------------------------------------------------------------
@cache
def planted_harm(outcome_id: str, group: str, place: str) -> float:
    """What is planted in a row, in sizes that matter, + worse.

    Within a group the gap also holds that practitioners of that group do a little better or worse
    with everybody: what is planted on them, less the same for those of the other groups by their
    share in the region.
    """
    truth, outcome = load_planted(), plan().outcome(outcome_id)
    planted = truth.supervision.outcomes[outcome_id]
    effect = planted.matching[place]
    if group != EVERYONE:
        shares = dict(truth.regions[place].practitioners_share)
        shares["White"] = 1 - sum(shares.values())
        others = [name for name in plan().exposure.matched_groups if name != group]
        weight = sum(shares[name] for name in others)
        effect += planted.practitioner_group[group]
        effect -= sum(shares[name] * planted.practitioner_group[name] for name in others) / weight
    effect *= 100 if outcome.kind == "share" else 1
    return round((effect if outcome.better == "lower" else -effect) / outcome.matters, 9)


@cache
def plan() -> Plan:
    return load_plan(STUDY)


# -- drawn nations ---------------------------------------------------------------------------------
@cache
def precisions() -> dict[tuple[str, str], list[tuple[str, float, float]]]:
    """(place, standard error, degrees of freedom) of each primary outcome and group, of a committed
    run."""
    found: dict[tuple[str, str], list] = {}
    primary = {o.id for o in plan().compared if o.role == "primary"}
    for path in sorted(EXAMPLE_RECORDS.joinpath(STUDY).glob("*.json")):
        record = store.load(path)
        rows = () if path.stem == "national" else record.rows
        for row in (r for r in rows if r.outcome in primary and r.status == "estimated"):
            if is_watched(plan(), row) and row.note != "not_reliable":
                found.setdefault((row.outcome, row.group), []).append(
                    (path.stem, row.std_error, row.df)
                )
    return found


def drawn_nation(rng: np.random.Generator, true: str) -> list[Row]:
    """All watched rows of one drawn nation. `true`: AS_PLANTED, NO_EFFECT, or one place of each
    pool harmed as well."""
    rows = []
    for (outcome, group), places in precisions().items():
        names, errors, dfs = zip(*places, strict=True)
        harm = np.array(
            [0.0 if true == NO_EFFECT else planted_harm(outcome, group, name) for name in names]
        )
        if true == ONE_HARMED:
            harm[odd := int(rng.integers(len(names)))] = TWICE
        drawn = drawn_pool(rng, outcome, harm, np.array(errors), np.array(dfs))
        found = [
            Row(outcome, group, name, float(h), *cells)
            for name, h, cells in zip(names, harm, drawn, strict=True)
        ]
        rows += [found[odd]] if true == ONE_HARMED else found
    return rows


def drawn_pool(
    rng, outcome_id: str, harm: np.ndarray, errors: np.ndarray, dfs: np.ndarray
) -> Iterator[tuple]:
    """Error, beyond, grade and probability of each place of one pool, drawn around its planted
    `harm`."""
    matters = plan().outcome(outcome_id).matters
    value = rng.normal(harm * matters, errors)
    seen = errors * np.sqrt(rng.chisquare(dfs) / dfs)
    posterior = (
        place_posterior(value, seen**2, dfs)
        if len(harm) >= SMALLEST_POOL and (value > matters).any()
        else None
    )
    for i, half in enumerate(stats.t.ppf(0.975, dfs) * seen):
        beyond = bool(value[i] > matters)
        probability = (
            1 - posterior.place_below(i, matters) if posterior is not None and beyond else None
        )
        grade = classes.harm_watch(
            value[i],
            value[i] - half,
            value[i] + half,
            matters=matters,
            better="lower",
            ratio=False,
            probability=probability,
            level=plan().harm_watch.probability,
        )
        yield (
            float(errors[i] / matters),
            beyond,
            grade,
            None if probability is None else round(probability, 4),
        )


def drawn_chunk(true: str, number: int) -> list[Row]:
    rng = np.random.default_rng([2026, (AS_PLANTED, NO_EFFECT, ONE_HARMED).index(true), number])
    return [row for _ in range(CHUNK) for row in drawn_nation(rng, true)]


# -- made nations ----------------------------------------------------------------------------------
def made_nation(seed: int) -> list[Row]:
    """All watched rows of the primary outcomes of a nation made with another seed, as a cleared
    round shows them."""
    truth = load_planted().model_copy(update={"seed": seed})
    with mock.patch.object(nation, "load_planted", lambda: truth):
        exact = {place: _exact(place) for place in truth.regions}
    joint = set_beside(plan(), exact, round_id="draft")
    found = []
    for place, record in joint.places.items():
        for row in record.rows:
            if row.status == "estimated" and is_watched(plan(), row):
                found.append(_made_row(place, row))
    return found


def _exact(place: str) -> dict:
    """The exact record of one region: of each primary outcome the row that answers and those within
    groups."""
    people = people_and_practitioners(nation.make_region(place))
    study = _LeadingRows(plan(), place, people, False)
    dates = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))
    hashes = dict.fromkeys(("plan_hash", "data_hash", "code_version"), "")
    return exact_record(
        study,
        plan=plan(),
        place=place,
        data_source="synthetic",
        round_id="draft",
        dates=dates,
        hashes=hashes,
    )


class _LeadingRows(MatchingStudy):
    """The study without its second opinions: they come after the rows that answer, and are not
    asked for."""

    checks = ()  # a claim rests on them, and no grade of harm watch does

    def _rows_of(self, outcome):
        if outcome.role == "primary":
            yield from islice(super()._rows_of(outcome), 1 + len(self.plan.exposure.matched_groups))


def _made_row(place: str, row: dict) -> Row:
    outcome = plan().outcome(row.outcome)
    value = row.value if outcome.better == "lower" else -row.value
    harm = planted_harm(outcome.id, row.group, place)
    error = row.std_error / outcome.matters
    return Row(outcome.id, row.group, place, harm, error, value > outcome.matters, row.harm_watch)


# -- keeping ---------------------------------------------------------------------------------------
@cache
def folder() -> Path:
    """Where files are kept: named by what is planted and by what the plan asks, so that none
    outlives a change of it.

    After a change of a method (pooling, standard errors) empty data/synthetic/harm_watch.
    """
    asked = [plan().exposure, plan().adjust_for, plan().smallest, plan().harm_watch]
    parts = [
        part.model_dump_json()
        for part in (*asked, load_planted().supervision, *load_planted().regions.values())
    ]
    parts += [repr((o.id, o.role, o.better, o.matters)) for o in plan().compared] + [
        repr(precisions())
    ]
    return KEPT / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def kept(name: str, make: Callable[[], list[Row]]) -> list[Row]:
    """Rows from the file of this name, or made now and kept; the file appears whole or not at
    all."""
    path = folder() / f"{name}.json"
    if not path.exists():
        began, rows = time.process_time(), [astuple(row) for row in make()]
        content = {"cpu_seconds": round(time.process_time() - began, 2), "rows": rows}
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(content), encoding="utf-8")
        temporary.replace(path)
    return read(path)


def read(path: Path) -> list[Row]:
    return [Row(*cells) for cells in json.loads(path.read_text(encoding="utf-8"))["rows"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--drawn", type=int, default=2000, help="drawn nations of each kind, in hundreds"
    )
    parser.add_argument(
        "--made", type=int, default=200, help="made nations; those that are there already are kept"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="write the page and the result file from all that is there",
    )
    asked = parser.parse_args()
    drawn = {true: [] for true in (AS_PLANTED, NO_EFFECT, ONE_HARMED)}
    for true, rows in drawn.items():
        for number in range(asked.drawn // CHUNK):
            rows += kept(f"{true}_{number:03d}", lambda t=true, n=number: drawn_chunk(t, n))
    for seed in range(FIRST_SEED, FIRST_SEED + asked.made):
        found = kept(f"made/{seed}", lambda s=seed: made_nation(s))
        print(
            seed,
            {grade: sum(row.grade == grade for row in found) for grade in ALL_GRADES},
            flush=True,
        )
    if asked.write:
        write(drawn, asked.drawn)


def write(drawn: dict[str, list[Row]], nations: int) -> None:
    """The page and the result file, from the drawn nations and all made ones that are there."""
    files = sorted((folder() / "made").glob("*.json"))
    made = [row for path in files for row in read(path)]
    seconds = [json.loads(path.read_text(encoding="utf-8"))["cpu_seconds"] for path in files]
    level = plan().harm_watch.probability
    PAGE.write_text(page(drawn, nations, made, seconds, level), encoding="utf-8")
    RESULT.write_text(
        result_file(drawn[AS_PLANTED], nations, made, len(files), level), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
