"""Roll-outs whose units start because they are bad: what stands between their improvement and the
programme.

A unit that starts in a bad spell gets better by itself (regression to the mean; Ashenfelter's dip,
1978), and a check of leads alone sees little of it. Five checks, each of which can fail and none of
which passes without the power to fail: an earlier, made-up start, a comparison with units of the
same starting level, the most that a return from a bad spell could give, whether a longer base gives
the same answer, and (`block_rollout.lead_check`) the leads. Conditioning on the starting level errs
towards no improvement where units are bad for good, and a comparison of changes errs towards
improvement where they are bad for a while: the truth lies between (Ding and Li 2019), so a claim
needs both.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.designs.rollouts.imputation import WeightedPanel
from analysis.designs.rollouts.starting_level import StartRows, difference
from analysis.inference.clusters import RELIABLE_DF, CoefficientTest
from analysis.results import CheckResult, Estimate, NotEstimable, Result, Support
from analysis.said.numbers import ClearedNumber, cleared_estimate, cleared_p
from analysis.said.texts import named, say

SHORTEST_BASE = 3  # periods before a made-up start, at least
OVERLAP = 0.5  # share of what started that must have units of its starting level that did not
MEMORY = np.linspace(0.0, 0.98, 50)  # how much of a bad spell is left a period later


@dataclass(frozen=True)
class Worded:
    """The words of a plan in what a check says: what starts, in which periods, and the unit of its
    numbers."""

    units: str = "courts"
    periods: str = "months"
    per: str = "in every 100"

    def say(self, text: str, **numbers: Any) -> str:
        """`text` with these words and numbers in it."""
        capital = self.units[:1].upper() + self.units[1:]
        return say(
            text,
            units=named(self.units),
            Units=named(capital),
            periods=named(self.periods),
            per=named(self.per),
            **numbers,
        )


COURTS = Worded()


# -- an earlier, made-up start ---------------------------------------------------------------------
def placebo_start(rows: StartRows, *, year: int) -> CoefficientTest | None:
    """Change at a start made up `year` periods earlier, or as early as leaves a base, from
    untreated periods only."""
    made_up = np.maximum(rows.start - year, SHORTEST_BASE)
    change = rows.mean(made_up, rows.start) - rows.mean(0, made_up)
    return difference(rows, np.where(made_up < rows.start, change, np.nan))


def placebo_check(
    found: CoefficientTest | None, *, matters: float, words: Worded = COURTS
) -> CheckResult:
    """Passed: nothing is told from nil at the made-up start, and an effect of the size that matters
    would have been."""
    name = "placebo_start"
    if found is None or found.df < RELIABLE_DF:
        return CheckResult(
            name,
            None,
            words.say("Too few {periods} lie before the starts to make up an earlier one."),
            bears_on="claim",
        )
    low, high = found.interval()
    wide = (high - low) / 2
    if found.p_value <= 0.05:
        text = (
            "{Units} that start had already changed against the others of their region before"
            " they did"
        )
    elif wide > matters:
        text = (
            "At a start made up earlier nothing is seen, with too few figures to have seen a change"
            " that matters"
        )
    else:
        text = (
            "At a start made up earlier nothing is seen, and a change that matters would have been"
        )
    passed = found.p_value > 0.05 and wide <= matters
    return CheckResult(
        name,
        passed,
        words.say(f"{text} ({{numbers}}).", numbers=_numbers(words, found.value, low, high)),
        found.value,
        matters,
        bears_on="claim",
        shown=cleared_estimate(found.value),
    )


# -- units of the same starting level --------------------------------------------------------------
def same_starting_level(rows: StartRows, *, need: int, what: tuple[str, str, str]) -> Result:
    """Level since the start of started units less that of others with the same level in the `need`
    periods before it, and the same level before these (where all have one)."""
    seen, earlier = rows.mean(rows.start - need, rows.start), rows.mean(0, rows.start - need)
    alike = [seen, earlier] if np.isfinite(earlier).all() else [seen]
    found = difference(rows, rows.mean(rows.start, rows.panel.values.shape[1]), *alike)
    units = [len(np.unique(rows.unit[side])) for side in (rows.started, ~rows.started)]
    support = Support(clusters_treated=units[0], clusters_comparison=units[1])
    if found is None or found.df < RELIABLE_DF:
        return NotEstimable(*what, "too_few_sites", support)
    if overlap(rows, seen) < OVERLAP:
        return NotEstimable(*what, "no_such_level", support)
    low, high = found.interval()
    return Estimate(
        *what,
        found.value,
        low,
        high,
        found.std_error,
        found.p_value,
        found.df,
        support=support,
        reason=found.reason,
    )


def overlap(rows: StartRows, level: np.ndarray) -> float:
    """Share of started units (by weight) for whose level, against their cell, some unit that never
    starts is as bad.

    0 where one of these units has no level: how far theirs reach cannot be told then.
    """
    others = ~rows.started
    size = np.bincount(rows.cell, others * rows.weight)
    total = np.bincount(rows.cell, np.where(others, rows.weight * level, 0.0))
    own = level - np.divide(total, size, out=np.full_like(total, np.nan), where=size > 0)[rows.cell]
    if not np.isfinite(own[others]).all():
        return 0.0
    inside = (own >= own[others].min()) & (own <= own[others].max())
    return float(np.average(inside[rows.started], weights=rows.weight[rows.started]))


def same_level_check(main: Result, found: Result, words: Worded = COURTS) -> CheckResult:
    """Passed: both on one side, and where the main answer is told from nil this one is too."""
    name = "same_starting_level"
    if not (isinstance(main, Estimate) and isinstance(found, Estimate)):
        return CheckResult(
            name,
            None,
            words.say("Too few {units} that did not start were at the same level to compare with."),
            bears_on="claim",
        )
    alike = main.value * found.value > 0
    told = found.conf_low > 0 or found.conf_high < 0
    passed = alike and (told or main.conf_low <= 0 <= main.conf_high)
    agree = (
        "give the same answer"
        if passed
        else (
            "do not give the same answer"
            if not alike
            else "point the same way, and could also be no different"
        )
    )
    text = words.say(
        "Beside {units} that had the same level before, {units} that started {agree} ({numbers}).",
        agree=agree,
        numbers=_numbers(words, found.value, found.conf_low, found.conf_high),
    )
    shown = cleared_estimate(found.value)
    return CheckResult(name, passed, text, found.value, bears_on="claim", shown=shown)


# -- what a return from a bad spell could give -----------------------------------------------------
@dataclass(frozen=True)
class Return:
    """What a bad spell before the start would give by going away (outcome's unit, negative: a
    fall). spell: how much higher started units were in the need window than before it; expected: at
    the memory seen between units; most: at the memory, and the end of the interval of the spell,
    that give most in the direction of the effect.
    """

    spell: CoefficientTest
    memory: float
    expected: float
    most: float


def expected_return(rows: StartRows, *, need: int, main: Result) -> Return | None:
    """By how much started units would return, towards the side of the `main` answer, if they
    started in a bad spell that fades. None without an answer, or without months before the need was
    seen.

    A spell at the start that keeps a share r of itself each period has the profile r^distance on
    both sides of the window in which it was seen. The rise from the base to the window measures it;
    the base keeps some of it, the time since the start less: the difference is what a comparison of
    changes mistakes for an effect. No use is made of how units were chosen, so a need that the
    outcome shows only in part is covered as well.
    """
    spell = difference(
        rows, rows.mean(rows.start - need, rows.start) - rows.mean(0, rows.start - need)
    )
    if spell is None or spell.df < RELIABLE_DF or not isinstance(main, Estimate):
        return None
    low, high = spell.interval()
    shares = np.array([_kept(rows, need, r) for r in MEMORY])
    memory = memory_between_periods(rows.panel)
    towards = max(high, 0.0) if main.value < 0 else min(low, 0.0)
    return Return(
        spell, memory, -_kept(rows, need, memory) * spell.value, -float(shares.max()) * towards
    )


def spell_check(found: Return | None, words: Worded = COURTS) -> CheckResult:
    """How far started units stood from their own past when they were chosen, beside the others of
    their cell: the most that before and after alone would mistake for an effect."""
    name = "spell_before"
    if found is None:
        text = "How {units} stood just before their start could not be worked out."
        return CheckResult(name, None, words.say(text), bears_on="nothing")
    low, high = found.spell.interval()
    text = words.say(
        "Just before their start, {units} that start stood {value} {per} from their past, beside"
        " the others of their region (95% interval {low} to {high}). Before and after alone would"
        " take a return to usual, of about so much, for an effect.",
        value=_signed(found.spell.value),
        low=_signed(low),
        high=_signed(high),
    )
    shown = cleared_estimate(found.spell.value)
    return CheckResult(name, None, text, found.spell.value, bears_on="nothing", shown=shown)


def _kept(rows: StartRows, need: int, r: float) -> float:
    """The return as a share of the rise from base to window, where a spell keeps the share r of
    itself each period."""
    own = np.flatnonzero(rows.started)
    periods = np.arange(rows.panel.values.shape[1])
    start, weights = rows.start[own][:, None], rows.panel.weights[rows.unit[own]]
    distance = np.abs(periods - start[:, :, None] + 1 + np.arange(need)[:, None])
    profile = (r**distance).mean(axis=1)
    parts = (
        periods < start - need,
        (periods >= start - need) & (periods < start),
        periods >= start,
    )
    sums = [
        (weights * profile * part).sum(axis=1) / np.maximum((weights * part).sum(axis=1), 1e-300)
        for part in parts
    ]
    base, window, after = (float(np.average(level, weights=rows.weight[own])) for level in sums)
    return max(base - after, 0.0) / max(window - base, 1e-12)


def memory_between_periods(panel: WeightedPanel) -> float:
    """Share of a court's departure from its own level that is left a period later, from units that
    never start.

    Half the mean squared change over h periods is noise + spread (1 - r^h): least squares over h, r
    on a grid.
    """
    never, weights = ~panel.started, panel.weights
    seen = np.where(weights > 0, panel.values, np.nan)[never]
    block = panel.block[never]
    for code in np.unique(block):
        seen[block == code] -= _known_mean(seen[block == code], axis=0)
    lags = np.arange(1, max(panel.values.shape[1] // 2, 3))
    half = np.array([_known_mean((seen[:, h:] - seen[:, :-h]) ** 2) / 2 for h in lags])
    lags, half = lags[np.isfinite(half)], half[np.isfinite(half)]
    if not len(half):
        return float(MEMORY[1])
    fits = [(_misfit(half, 1 - r**lags), r) for r in MEMORY[1:]]
    return float(min(fits)[1])


def _known_mean(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Mean over values that are there; NaN where none is."""
    there = np.isfinite(values)
    total, count = np.where(there, values, 0.0).sum(axis=axis), there.sum(axis=axis)
    return np.divide(
        total, count, out=np.full_like(np.asarray(total, dtype=float), np.nan), where=count > 0
    )


def _misfit(half: np.ndarray, shape: np.ndarray) -> float:
    """Squares left by noise + spread x shape, neither below nil."""
    centred = shape - shape.mean()
    spread = max(float(centred @ half) / max(float(centred @ centred), 1e-12), 0.0)
    noise = max(float((half - spread * shape).mean()), 0.0)
    return round(float(((half - noise - spread * shape) ** 2).sum()), 15)


def return_check(main: Result, found: Return | None, words: Worded = COURTS) -> CheckResult:
    """Passed: the most that a return could give is less than the effect, and what is expected
    leaves it told from nil."""
    name = "regression_to_the_mean"
    if found is None or not isinstance(main, Estimate):
        return CheckResult(
            name,
            None,
            "How much a return from a bad spell could give could not be worked out.",
            bears_on="claim",
        )
    side = np.sign(main.value)
    near = (main.conf_low if side > 0 else main.conf_high) * side
    passed = side * main.value > side * found.most and near > max(side * found.expected, 0.0)
    reaches = side * main.value <= side * found.most
    share = (
        "it cannot be all of the difference found ({value})"
        if passed
        else "it may be all of the difference found ({value})"
        if reaches
        else "with that taken off, the difference found ({value}) could be nil"
    )
    text = words.say(
        "A bad spell at the start that fades as it came would give {expected} {per}, at most"
        f" {{most}}: {share}.",
        expected=_signed(found.expected),
        most=_signed(found.most),
        value=_signed(main.value),
    )
    shown = cleared_estimate(found.most)
    return CheckResult(name, bool(passed), text, found.most, bears_on="claim", shown=shown)


# -- bases that disagree ---------------------------------------------------------------------------
def bases_check(
    main: Result, rows: StartRows, bases: tuple[int, ...], shown: dict[str, Result]
) -> CheckResult:
    """Passed: the answer from each base (periods before the start), and each one `shown` on a page,
    on the side of the main one; and no base further from all periods before the start than chance
    (95 % for all bases together, CR2).
    """
    since, whole = rows.mean(rows.start, rows.panel.values.shape[1]), rows.mean(0, rows.start)
    levels = [rows.mean(rows.start - base, rows.start) for base in bases]
    tried = [difference(rows, since - level) for level in levels]
    answers = [found for found in tried if found is not None]
    whole_less = [difference(rows, whole - level) for level in levels]
    apart = [found for found in whole_less if found is not None]
    known = [found for found in shown.values() if isinstance(found, Estimate)]
    if (
        not isinstance(main, Estimate)
        or len(answers) < len(levels)
        or len(apart) < len(levels)
        or len(known) < len(shown)
    ):
        text = "Whether a shorter and a longer time before the start agree could not be seen."
        return CheckResult("bases_agree", None, text, bears_on="claim")
    values = [*(found.value for found in answers), *(found.value for found in known)]
    alike = all(value * main.value > 0 for value in values)
    p = min(
        1.0, len(bases) * min(found.p_value for found in apart)
    )  # Bonferroni: chance alone fails 5 in 100
    words = "give the same answer" if alike and p > 0.05 else "do not give the same answer"
    text = say(
        "Measured from a shorter and from a longer time before the start, the figures {words}"
        " ({p}).",
        words=words,
        p=cleared_p(p),
    )
    passed = bool(alike and p > 0.05)
    return CheckResult("bases_agree", passed, text, p, 0.05, bears_on="claim", shown=cleared_p(p))


def _signed(value: float) -> ClearedNumber:
    return cleared_estimate(value, decimals=1, signed=True)


def _numbers(words: Worded, value: float, low: float, high: float) -> str:
    return words.say(
        "{value} {per}, 95% interval {low} to {high}",
        value=_signed(value),
        low=_signed(low),
        high=_signed(high),
    )
