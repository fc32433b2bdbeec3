"""What the pooling of places holds, over samples whose truth is known; writes docs/pooling.md.

python tests/bench/calibrate_pooling.py [--samples N] [--part I/N] [--write]

Each case keeps its counts in reports/calibration/pooling, so that a run that was stopped goes on
where it was; the seed of a case is its name. --part I/N works out every N-th case; --write makes
the page from all that is there.
"""

import argparse
import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from pooling_page import page

from analysis.inference.columns import Quantity
from analysis.inference.multiplicity import holm
from analysis.judgement.pools.pooling import pool
from analysis.paths import ROOT
from analysis.record import store

KEPT = ROOT / "reports" / "calibration" / "pooling"
PAGE = ROOT / "docs" / "pooling.md"
RECORDS = ROOT / "tests" / "guards" / "records" / "ethnic_matching"
RATIOS = {
    "equal": 1.0,
    "unequal": 10.0,
    "very unequal": 100.0,
}  # largest variance of a place over the smallest
SPREADS = (0.0, 0.5, 1.0, 2.0)  # tau, in median standard errors
KNOWN = 1e9  # degrees of freedom of a standard error that is known
SHIFT = 4.0  # one place so many of its own standard errors off
ALPHA = 0.05


@dataclass(frozen=True)
class Case:
    """Places with true standard errors `errors`, estimated on `dfs`; spread `tau`; `shift` of one
    place."""

    label: str
    errors: tuple[float, ...]
    dfs: tuple[float, ...]
    tau: float
    spread: float  # tau as the page names it
    shift: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.label}, spread {self.spread:g}, shift {self.shift:g}"


@dataclass(frozen=True)
class Counts:
    """Over the samples of a case, each a share of 0 to 1 a sample: number, sum and sum of
    squares."""

    samples: int
    sums: dict[str, float]
    squares: dict[str, float]

    def percent(self, what: str) -> tuple[float, float]:
        """Mean and Monte Carlo standard error, in percent."""
        mean = self.sums[what] / self.samples
        return 100 * mean, 100 * math.sqrt(
            max(self.squares[what] / self.samples - mean**2, 0) / self.samples
        )


def cases() -> Iterator[Case]:
    for k in (4, 8, 12):
        for precision, ratio in RATIOS.items():
            errors = np.sqrt(np.geomspace(1, ratio, k))
            for df in (8.0, 30.0, KNOWN):
                label = f"{k} places, {precision}, df {'known' if df == KNOWN else f'{df:g}'}"
                for spread in SPREADS:
                    tau = spread * float(np.median(errors))
                    yield Case(label, tuple(errors), (df,) * k, tau, spread)
                yield Case(label, tuple(errors), (df,) * k, 0.0, 0.0, SHIFT)
    for outcome in ("recalled", "appointments_kept"):
        errors, dfs = real_precisions(outcome)
        for tau in (0.0, 1.0, 2.0, 4.0):
            yield Case(f"real: {outcome}", errors, dfs, tau, tau)
        yield Case(f"real: {outcome}", errors, dfs, 0.0, 0.0, SHIFT)


def real_precisions(outcome: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Standard errors and degrees of freedom of a committed run, of the places that a pool takes
    in."""
    found = []
    for path in sorted(RECORDS.glob("*.json")):
        for row in store.load(path).rows:
            at = (row.outcome, row.estimand, row.group, row.method, row.status)
            if (
                at == (outcome, "matching_effect", "all", "cells_by_person_group", "estimated")
                and row.df >= 4
            ):
                found.append((row.std_error, row.df))
    return tuple(e for e, _ in found), tuple(d for _, d in found)


def one_sample(case: Case, rng: np.random.Generator) -> dict[str, float]:
    """What the public function gets right about one sample: 1 right, 0 wrong, shares where it is
    about all places."""
    errors, dfs, k = np.array(case.errors), np.array(case.dfs), len(case.errors)
    true = rng.normal(0, case.tau, k) if case.tau else np.zeros(k)
    odd = int(rng.integers(k))
    true[odd] += case.shift * errors[odd]
    new, y = rng.normal(0, 1) * case.tau, true + rng.normal(0, errors)
    seen = np.where(
        dfs == KNOWN,
        errors,
        errors * np.sqrt(rng.chisquare(np.minimum(dfs, 1e6)) / np.minimum(dfs, 1e6)),
    )
    names = [f"place {i}" for i in range(k)]
    given = [None if df == KNOWN else float(df) for df in dfs]
    found = pool(y.tolist(), seen.tolist(), Quantity("x", "points"), places=names, dfs=given)
    apart = [p is not None and p <= ALPHA for p in holm([place.p_apart for place in found.places])]
    if case.shift:
        return {"told": float(apart[odd]), "tested": float(found.places[0].p_apart is not None)}
    held = [p.shrunken_low <= t <= p.shrunken_high for p, t in zip(found.places, true, strict=True)]
    right = {
        "mean": float(found.mean.conf_low <= 0 <= found.mean.conf_high),
        "places": float(np.mean(held)),
    }
    if found.prediction_low is not None:
        right["prediction"] = float(found.prediction_low <= new <= found.prediction_high)
    if found.places[0].p_apart is not None:
        right["false"] = float(any(apart))
    return right


def measure(case: Case, samples: int) -> Counts:
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    sums: dict[str, float] = {}
    squares: dict[str, float] = {}
    for _ in range(samples):
        for what, value in one_sample(case, rng).items():
            sums[what] = sums.get(what, 0.0) + value
            squares[what] = squares.get(what, 0.0) + value**2
    return Counts(samples, sums, squares)


def kept(case: Case, samples: int) -> Counts:
    path = KEPT / f"{zlib.crc32(case.name.encode()):08x}.json"
    if path.exists():
        found = Counts(**json.loads(path.read_text(encoding="utf-8")))
        if found.samples >= samples:
            return found
    found = measure(case, samples)
    KEPT.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    part, parts = (int(n) for n in asked.part.split("/"))
    found = {}
    for case in list(cases())[part - 1 :: parts]:
        found[case] = kept(case, asked.samples)
        print(
            case.name,
            {what: f"{found[case].percent(what)[0]:.1f}" for what in found[case].sums},
            flush=True,
        )
    if asked.write:
        PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
