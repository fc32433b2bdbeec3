"""What several rounds of a monitor do: false disparities and false asks a year, and how long a true
one waits to be asked.

`make monitor-rounds` simulates pages with the people of synthetic regions (about 3 minutes) and
writes the two tables of docs/monitors.md. Verdicts, the adjustment over a page and the rule of
asking are those that pages use.
"""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.disclosure.attack.protection import NOTHING
from analysis.inference.randomisation import seed_for
from analysis.paths import ROOT
from analysis.plans.monitor import AskedAfter
from analysis.plans.registry import load_plan
from analysis.studies.disparity.chance import (
    ROUNDS_A_YEAR,
    PageCells,
    asked_in,
    page_cells,
    rates_of,
    simulated,
)
from analysis.studies.disparity.counted.counts import counted_rows
from analysis.studies.disparity.study import open_monitor
from analysis.synthetic.nation import ensure_region

DOCS = ROOT / "docs" / "monitors.md"
BEGIN, END = (
    "<!-- made by make monitor-rounds: begin -->",
    "<!-- made by make monitor-rounds: end -->",
)
# Large, middling and small: study, service of its tables, place, and the comparisons that get a
# planted ratio.
PAGES = (
    ("supervision", "caseload", "london", (("recall", "Black"), ("completion", "Mixed"))),
    ("supervision", "caseload", "west_midlands", (("recall", "Black"), ("completion", "Asian"))),
    ("supervision", "caseload", "wales", (("recall", "Mixed"), ("completion", "Black"))),
)
RULES = (AskedAfter(rounds=1, of_last=1), AskedAfter(), AskedAfter(rounds=3, of_last=4))
RATIOS = (1.5, 2.0)  # times as often, of a bad event; of a good one, its inverse
NULL_ROUNDS = 40_000
REPEATS, LENGTH = 400, 12  # of a planted ratio: series, rounds in each
SOON = (4, 8)  # rounds within which a true disparity should be asked about


@dataclass(frozen=True)
class Waiting:
    """One planted comparison under the default rule. found: share of rounds with its disparity.
    within: asked by then."""

    found: float
    first_seen: float
    median: float
    within: tuple[float, ...]


def page_of(study: str, service: str, place: str, folder: Path) -> PageCells:
    """The page of one synthetic region."""
    plan = load_plan(study)
    tables = ensure_region(place, service=service, folder=folder)
    return page_cells(
        open_monitor(
            plan,
            place,
            counted_rows(plan, place, "synthetic", tables),
            shown_on="2026-10-03",
            hidden=NOTHING,
        )
    )


def shares(p: float, n: int) -> str:
    """A share in 100 with its Monte Carlo error."""
    return f"{100 * p:.2f} ({100 * math.sqrt(p * (1 - p) / n):.2f})"


def null_line(name: str, page: PageCells) -> str:
    """One page on which nothing differs: disparities a round and a year, asks a year under each
    rule."""
    rng = np.random.default_rng(seed_for("several_rounds", name))
    found, size = (
        simulated(page, rounds=NULL_ROUNDS, rng=rng),
        ROUNDS_A_YEAR[page.plan.round.length],
    )
    rates = [rates_of(found, rule, rounds_a_year=size) for rule in RULES]
    years = NULL_ROUNDS // size
    eight = (found[: NULL_ROUNDS // 8 * 8] != 0).any(axis=1).reshape(-1, 8).any(axis=1)
    cells = [
        shares(rates[0].page, NULL_ROUNDS),
        shares(rates[0].year, years),
        shares(float(eight.mean()), len(eight)),
    ]
    return " | ".join(
        [name, str(len(page.keys)), *cells, *(shares(one.asked, years) for one in rates[1:])]
    )


def waiting(page: PageCells, key: tuple[str, str], ratio: float, rule: AskedAfter) -> Waiting:
    """How long a ratio that stands in every round waits to be asked about (rounds, the asking one
    included)."""
    rng = np.random.default_rng(seed_for("several_rounds", page.plan.study, *key, str(ratio)))
    found = simulated(page, rounds=REPEATS * LENGTH, rng=rng, ratios={key: ratio})[
        :, [page.keys.index(key)]
    ]
    series = found.reshape(REPEATS, LENGTH, 1)
    asked = np.array([asked_in(one, rule)[:, 0] for one in series])
    first = np.where(asked.any(axis=1), asked.argmax(axis=1) + 1.0, math.inf)
    seen = series[:, :, 0] != 0
    first_seen = np.where(seen.any(axis=1), seen.argmax(axis=1) + 1.0, math.inf)
    within = tuple(float((first <= n).mean()) for n in SOON)
    return Waiting(
        float(seen.mean()), float(np.median(first_seen)), float(np.median(first)), within
    )


def planted_lines(name: str, page: PageCells, keys) -> list[str]:
    lines = []
    for key in keys:
        measure, cell = page.plan.measure(key[0]), page.cells[key[0]][key[1]]
        for ratio in RATIOS:
            planted = ratio if measure.counts == "bad" else 1 / ratio
            one = waiting(page, key, planted, AskedAfter())
            counts = f"{cell.people:,} people, {cell.events:,} events"
            rounds = [
                f"more than {LENGTH}" if math.isinf(x) else f"{x:g}"
                for x in (one.first_seen, one.median)
            ]
            asked = [shares(p, REPEATS) for p in one.within]
            row = [name, f"{measure.noun}, {key[1]} ({counts})", f"{planted:.2g}"]
            lines.append(" | ".join([*row, shares(one.found, REPEATS * LENGTH), *rounds, *asked]))
    return lines


def tables(folder: Path) -> str:
    pages = {
        f"{place} ({study})": (page_of(study, service, place, folder), keys)
        for study, service, place, keys in PAGES
    }
    null = [null_line(name, page) for name, (page, _) in pages.items()]
    planted = [
        line for name, (page, keys) in pages.items() for line in planted_lines(name, page, keys)
    ]
    heads = (
        (
            "page | comparisons | a disparity, in 100 rounds | in 100 years | in 100 runs of 8"
            " rounds | asked after 2 of 3, in 100 years | asked after 3 of 4"
        ),
        (
            "page | comparison | true ratio | found, in 100 rounds | first seen: median round |"
            f" asked after 2 of 3: median round | asked within {SOON[0]} rounds, in 100 | within"
            f" {SOON[1]}"
        ),
    )
    return "\n\n".join(
        _table(head, rows) for head, rows in zip(heads, (null, planted), strict=True)
    )


def _table(head: str, rows: list[str]) -> str:
    return "\n".join(
        f"| {line} |" for line in (head, " | ".join("---" for _ in head.split(" | ")), *rows)
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = tables(Path(folder))
    before, rest = DOCS.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    DOCS.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main()
