"""How often the leading test of a trial rejects a true "no effect", and finds a planted one (make
calibrate-lot).

Sites 6 to 40; people at them equal, unequal, very unequal (one holds most); blocks of six or none;
arms of equal spread or the treated twice as spread out; intraclass correlation .02 and .1. A site
is its mean, its size and its block, which is all that the coefficient, CR2 and the permutation need
without a pre-test: worked out for thousands of trials at once, and in every cell held against the
functions themselves on a trial of people. Arguments: trials a cell, draws of the lot.
"""

import sys

import numpy as np
from scipy import stats

from analysis.designs.trials.trial_lot import FEWEST_DF, LARGEST_SITE
from analysis.inference.clusters import RELIABLE_DF, cr2
from analysis.inference.coefficient_permutation import AssignedRows, coefficient_permutation
from analysis.inference.unit_permutation import ALPHA, attainable_size

SITES = (6, 8, 12, 20, 40)
KINDS = ("equal", "unequal", "very unequal")
PEOPLE = 40  # a site, on average


def sizes(kind: str, sites: int) -> np.ndarray:
    """People at each site; "very unequal": the largest holds three to eight times the mean."""
    if kind == "equal":
        return np.full(sites, PEOPLE)
    if kind == "unequal":
        return np.round(np.linspace(0.4, 1.6, sites) * PEOPLE).astype(int)
    spread = np.exp(1.2 * stats.norm.ppf((np.arange(sites) + 0.5) / sites))
    return np.maximum(np.round(spread / spread.mean() * PEOPLE), 5).astype(int)


def drawn(random, trials: int, block: np.ndarray, share: float) -> np.ndarray:
    """Lots (trials x sites): the same share of each block is treated."""
    side = np.zeros((trials, len(block)), dtype=bool)
    for b in np.unique(block):
        members = np.flatnonzero(block == b)
        order = np.argsort(random.random((trials, len(members))), axis=1)
        side[:, members] = order < max(1, round(share * len(members)))
    return side


class Lots:
    """What a set of lots (m x sites) makes of site means: coefficient, error by CR2 and for the
    permutation, df."""

    def __init__(self, side: np.ndarray, n: np.ndarray, block: np.ndarray):
        self.n, self.member = n.astype(float), (block[:, None] == np.unique(block)).astype(float)
        self.left = self.within(side.astype(float))
        self.information = (self.n * self.left**2).sum(axis=-1)
        self.share = self.n * self.left**2 / self.information[:, None]
        base = (self.member / (self.n @ self.member)) @ self.member.T
        rest = 1 - self.share - self.n * np.diag(base)
        self.adjust = np.where(rest > 1e-9, 1 / np.sqrt(np.maximum(rest, 1e-9)), 0.0)
        slope = self.adjust * self.left * self.n
        across = (
            self.left[:, :, None] * self.left[:, None, :] / self.information[:, None, None] + base
        )
        form = -slope[:, :, None] * slope[:, None, :] * across
        at = np.arange(len(n))
        form[:, at, at] += slope**2 / self.n
        self.df = np.trace(form, axis1=1, axis2=2) ** 2 / (form**2).sum(axis=(1, 2))

    def within(self, columns: np.ndarray) -> np.ndarray:
        return columns - ((columns * self.n) @ self.member / (self.n @ self.member)) @ self.member.T

    def tests(self, means: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coefficient, its CR2 error, and the statistic of the permutation (means: broadcast
        against the lots)."""
        y = self.within(means)
        value = (self.n * self.left * y).sum(axis=-1) / self.information
        score = self.n * self.left * (y - value[..., None] * self.left)
        error = np.sqrt(((score * self.adjust) ** 2).sum(axis=-1)) / self.information
        by_lot = np.sqrt((score**2 / (1 - self.share)).sum(axis=-1)) / self.information
        return value, error, np.abs(value) / by_lot


def p_values(side, means, n, block, others: Lots) -> tuple[np.ndarray, ...]:
    """CR2's p, its degrees of freedom, and p by the lot drawn anew, of each trial."""
    own = Lots(side, n, block)
    value, error, statistic = own.tests(means)
    reached = [
        (others.tests(y)[2] >= t * (1 - 1e-9)).sum() for y, t in zip(means, statistic, strict=True)
    ]
    by_lot = (1 + np.array(reached)) / (1 + len(others.left))
    return 2 * stats.t.sf(np.abs(value) / error, own.df), own.df, by_lot, value


def leading(p_cr2, df, p_lot, n, can_reject: bool) -> np.ndarray:
    """The p-value that leads; 1 where CR2 stays for want of a lot and sets no class, or has too few
    df."""
    lot = (df < FEWEST_DF) | (n.max() > LARGEST_SITE * n.mean())
    unsure = 1.0 if not can_reject else p_lot
    return np.where(lot, unsure, np.where(df < RELIABLE_DF, 1.0, p_cr2))


def held_against_the_functions(side, n, block, random, lots: np.ndarray) -> None:
    """One trial of people: the arithmetic above is that of `cr2` and `coefficient_permutation`."""
    unit = np.repeat(np.arange(len(n)), n)
    y = random.normal(size=len(unit)) + random.normal(size=len(n))[unit]
    means = np.bincount(unit, y) / n
    p, df, _, value = p_values(side[:1], means[None, :], n, block, Lots(lots[:2], n, block))
    found = cr2(
        y, side[0][unit][:, None].astype(float), target=0, effect=block[unit], clusters=unit
    )
    rows = AssignedRows(y, side[0][unit], unit, block[unit], block[unit], np.zeros((len(unit), 0)))
    lot = coefficient_permutation(rows, seed=1, draws=19)
    np.testing.assert_allclose(
        (value[0], df[0], lot.statistic),
        (found.value, found.df, Lots(side[:1], n, block).tests(means)[2][0]),
    )
    np.testing.assert_allclose(lot.difference, found.value)
    assert (
        np.ptp(n) > 0 or abs(p[0] - found.p_value) < 1e-9
    )  # within a site CR2 has more than the mean to go by


def cell(
    sites: int,
    kind: str,
    blocks: bool,
    spread: float,
    icc: float,
    share: float,
    trials: int,
    draws: int,
):
    """Rejections of CR2, of the lot and of what leads under no effect; of CR2 and what leads under
    a planted one."""
    names = [sites, KINDS.index(kind), blocks, int(spread), int(100 * icc), int(100 * share)]
    random = np.random.default_rng(np.random.SeedSequence(names))
    n, block = (
        random.permutation(sizes(kind, sites)),
        np.arange(sites) // 6 if blocks and sites > 6 else np.arange(sites) % (1 + blocks),
    )
    block = np.minimum(block, max(sites // 6 - 1, 0)) if blocks and sites > 8 else block
    side, others = (
        drawn(random, trials, block, share),
        Lots(drawn(random, draws, block, share), n, block),
    )
    held_against_the_functions(side, n, block, random, others.left > 0)
    between, people = (random.normal(size=side.shape) for _ in range(2))
    means = np.where(side, spread, 1.0) * (np.sqrt(icc) * between + np.sqrt((1 - icc) / n) * people)
    can = attainable_size(side[0], block)[1] is not None
    p, df, lot, value = p_values(side, means, n, block, others)
    effect = 2.8 * value.std()
    p_true, df_true, lot_true, _ = p_values(side, means + effect * side, n, block, others)
    shares = [
        p,
        lot,
        leading(p, df, lot, n, can),
        p_true,
        leading(p_true, df_true, lot_true, n, can),
    ]
    return (
        [100 * (each <= ALPHA).mean() for each in shares],
        float(np.median(df)),
        n.max() / n.mean(),
    )


def main(trials: int = 2000, draws: int = 299) -> None:
    print(
        "| sites | people | blocks | spread | ICC | arms | df | largest / mean | CR2 | lot | leads"
        " | power CR2 | power leads |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    grid = [
        (s, k, b, v, i, 0.5)
        for s in SITES
        for k in KINDS
        for b in (False, True)
        for v in (1.0, 2.0)
        for i in (0.02, 0.1)
    ]
    grid += [(s, k, False, v, 0.1, 1 / 3) for s in SITES[1:] for k in KINDS for v in (1.0, 2.0)]
    for sites, kind, blocks, spread, icc, share in grid:
        found, df, ratio = cell(sites, kind, blocks, spread, icc, share, trials, draws)
        numbers = " | ".join(f"{x:.1f}" for x in found)
        arms = "halves" if share == 0.5 else "a third treated"
        print(
            f"| {sites} | {kind} | {'yes' if blocks else 'no'} | {spread:g} | {icc:g} | {arms} |"
            f" {df:.1f} | {ratio:.1f} | {numbers} |",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
