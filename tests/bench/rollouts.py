"""Roll-outs whose courts start because they are bad, simulated through the public functions; writes
docs/rollouts.md.

python tests/bench/rollouts.py [--runs N] [--to FILE]

Each cell has a seed of its own by name, so that any one can be made again alone.
"""

import argparse
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analysis.designs.rollouts import block_rollout
from analysis.designs.rollouts.imputation import imputation_effect
from analysis.inference.columns import BlockColumns, Quantity, WeightedColumns
from analysis.inference.sequential import Draws
from analysis.judgement.claims import claim
from analysis.plans.kinds import designs
from analysis.plans.registry import load_plan
from analysis.results import Estimate
from analysis.study.rollouts.effects import BASE
from analysis.study.rollouts.need import NeedOf
from analysis.study.rollouts.panels import MONTHLY_LEADS as LEADS
from analysis.study.rollouts.panels import PANEL
from analysis.synthetic.courts.chosen_by_need import Spells, courts_by_need

ROOT = Path(__file__).resolve().parents[2]
OUTCOME = next(o for o in load_plan("psr_quality").outcomes if o.id == "custody")
SEEN = 3  # months that the plan names as those in which need was seen
DRAWS = 199
WHAT = ("average_effect", "simulated", "in_every_100")
CALL = PANEL | {"unit": "court_id", "outcome": "custody"}

LATE = Spells()
EARLY = Spells(months=24, starts=(7, 10, 13, 16))
NULL = {
    "24 months, spells of memory .8": EARLY,
    "36 months, no spells: noise and level": replace(LATE, memory=0.0, spell_spread=0.0),
    "36 months, spells of memory .8": LATE,
    "36 months, spells of memory .95": replace(LATE, memory=0.95),
    "36 months, twice the spells, memory .9": replace(LATE, memory=0.9, spell_spread=0.04),
    "36 months, one court of six": replace(LATE, chosen=1),
    "36 months, chosen by 12 months (the plan says 3)": replace(LATE, looked_at=12),
    "36 months, chosen by the truth behind the figures": replace(
        LATE, by="truth", spell_spread=0.04
    ),
    "24 months, chosen by the truth, memory .95": replace(
        EARLY, by="truth", memory=0.95, spell_spread=0.05
    ),
    "36 months, drawn by lot": replace(LATE, by="lot"),
}
EFFECT = {
    "36 months, drawn by lot, 4 fewer": replace(LATE, by="lot", effect=-0.04),
    "36 months, twice the levels, noise only, 4 fewer": replace(
        LATE, level_spread=0.03, spell_spread=0.0, memory=0.0, looked_at=12, effect=-0.04
    ),
    "36 months, one court of six, 4 fewer": replace(LATE, chosen=1, effect=-0.04),
    "36 months, spells of memory .8, 4 fewer": replace(LATE, effect=-0.04),
    "24 months, drawn by lot, 4 fewer": replace(EARLY, by="lot", effect=-0.04),
}


@dataclass(frozen=True)
class Seen:
    """One simulated roll-out: does each way find fewer, what do the checks say, and how far the
    main answer is off."""

    fewer: dict[str, bool]
    checks: dict[str, bool | None]
    value: float


def one(frame) -> Seen | None:
    """None where nothing can be estimated (an interval without an end)."""
    columns, draw = (
        WeightedColumns(**CALL, weight="weight", scale=100.0),
        Draws(seed=1, draws=DRAWS),
    )
    main = imputation_effect(frame, columns, WHAT, draw, need=SEEN).result
    ways = {"all months": imputation_effect(frame, columns, WHAT, draw).result, "main": main}
    ways |= {f"{base} months": _based(frame, base) for base in (BASE, 12)}
    if not isinstance(main, Estimate):
        return None
    own = NeedOf(frame, columns, OUTCOME, months=1, seen=SEEN)
    checks = own.checks(main, own.same_level(WHAT), {"group_time": ways[f"{BASE} months"]})
    checks = {check.id.removesuffix("_custody"): check.passed for check in checks}
    lead = block_rollout.lead_check(
        frame, BlockColumns(**CALL), draw, since=block_rollout.Since(LEADS, BASE)
    )
    fewer = {name: isinstance(r, Estimate) and r.conf_high < 0 for name, r in ways.items()}
    return Seen(fewer, checks | {"pre_trend": lead.passed}, main.value)


def _based(frame, base: int):
    return block_rollout.block_effect(
        frame,
        BlockColumns(**CALL, scale=100.0),
        Quantity("e", "in_every_100"),
        block_rollout.StartLot(seed=1, draws=DRAWS, randomised=False),
        since=block_rollout.Since(base=base),
    ).result


def simulated(name: str, planted: Spells, runs: int) -> list[Seen]:
    seed = zlib.crc32(name.encode())
    found = [
        one(courts_by_need(np.random.default_rng([seed, run]), planted)) for run in range(runs)
    ]
    return [seen for seen in found if seen is not None]


def percent(hits: list[bool]) -> str:
    """Share in every 100 with its Monte Carlo error; of none or all, what three in so many would
    be."""
    n, share = len(hits), float(np.mean(hits)) if hits else np.nan
    if not hits:
        return "none"
    error = np.sqrt(share * (1 - share) / n) if 0 < share < 1 else min(3 / n, 1.0)
    return f"{100 * share:.1f} ({100 * error:.1f})"


BY_NEED = designs()["staggered_sites"].ground("by_need")
NOT_SIMULATED = (
    "parallel_trends_breakdown",
    "response",
)  # taken as passed: the least that a claim could be lowered
CHECKS = tuple(name for name in BY_NEED.checks if name not in NOT_SIMULATED)


def claimed(seen: Seen) -> str:
    """What the page may claim, with an assumption named; a check of the design that was not run
    lowers it."""
    ran = {
        name: True if name in NOT_SIMULATED else seen.checks.get(name) for name in BY_NEED.checks
    }
    return claim(BY_NEED, ran.values(), assumption_named=True, estimand=WHAT[0])


WAYS = ("3 months", "12 months", "all months", "main")


def row(name: str, found: list[Seen]) -> list[str]:
    fewer = [seen for seen in found if seen.fewer["main"]]
    leads = [seen for seen in found if seen.fewer["3 months"]]
    likely = [seen.fewer["main"] and claimed(seen) == "likely" for seen in found]
    return [
        name,
        *(percent([seen.fewer[way] for seen in found]) for way in WAYS),
        f"{np.mean([s.value for s in found]):+.2f}",
        percent([seen.checks["pre_trend"] is not True for seen in leads]),
        percent(likely),
        *(percent([seen.checks[check] is True for seen in fewer]) for check in CHECKS),
    ]


HEAD = [
    "roll-out",
    "base 3 months",
    "base 12 months",
    "all months before",
    "need months left out (leads)",
    "mean",
    "leads object, of base 3",
    "likely fewer",
    *CHECKS,
]
PAGE = """# Roll-outs chosen by need

This page is made by `make calibrate-rollouts` (tests/bench/rollouts.py, {runs} simulated
roll-outs a row, {minutes:.0f} minutes).

Where courts start because they are bad, they get better by themselves. 54 courts in 9 regions, 60
to 115 people a court and month, each court with a level of its own (spread 1.5 in 100) and spells
that fade (spread 2 in 100); two courts of six in each region start, each the worst of its region
in the three months before (analysis/synthetic/courts/chosen_by_need.py). The plan says that need
was seen in {seen} months, and that a difference of {matters:g} in 100 matters.

Each cell: in every 100 roll-outs, the Monte Carlo error in brackets (of 0 and 100: three in so
many roll-outs, the end of a 95 % interval). "Fewer": the whole 95 % interval is below nil, so 2.5
in 100 is what chance gives without an effect.

- base 3, base 12, all months before: how often "fewer" is found with these months before the
  start as the base;
- need months left out: the row that leads where `how_chosen: by_need`, imputation from all months
  before those in which need was seen; mean: of its estimates, in every 100 people;
- leads object: of roll-outs that base 3 calls fewer, how often the check of leads objects;
- likely fewer: "fewer" by the leading row and every one of the five checks ran and passed
  (`judgement/claims.py`);
- the five checks: of roll-outs that the leading row calls fewer, how often each passes (none: no
  such roll-out).

## Nothing planted

{null}

## Four in every 100 fewer planted

{effect}

A roll-out chosen by a spell (a dip before the start) reads *linked* whatever the pilot did:
figures from before the start cannot tell the two apart, and the leads and the bases see the dip.
What reads *likely* is a roll-out whose courts were bad for good, or chosen for another reason,
with enough months before it. With 24 months and a first start in the seventh a made-up start has
too few months to have seen a change that matters, so that most roll-outs read *linked* there.

Where the plan names fewer months of need than were looked at, the leading row is off and four of
the checks see little of it; the comparison at the same starting level, which also holds the level
before those months alike, then carries the rule.
"""


def table(rows: list[list[str]]) -> str:
    lines = [HEAD, ["---"] * len(HEAD), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "rollouts.md")
    given, began, tables = parser.parse_args(), time.perf_counter(), []
    with ProcessPoolExecutor(2) as pool:
        for group in (NULL, EFFECT):
            found = pool.map(simulated, group, group.values(), [given.runs] * len(group))
            rows = []
            for name, seen in zip(group, found, strict=True):
                rows.append(row(name, seen))
                print(" | ".join(rows[-1]), flush=True)
            tables.append(table(rows))
    minutes = (time.perf_counter() - began) / 60
    words = {"runs": given.runs, "minutes": minutes, "seen": SEEN, "matters": OUTCOME.matters}
    given.to.write_text(PAGE.format(**words, null=tables[0], effect=tables[1]), encoding="utf-8")


if __name__ == "__main__":
    main()
