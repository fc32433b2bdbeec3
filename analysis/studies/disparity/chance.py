"""What chance alone does on a page: rounds simulated with the page's own people, where nothing
differs between groups.

Every event happens in each group as often as in the whole measure. Verdicts are those of the page:
p-values over all of its comparisons, the rule of `cells.verdict_on`, the rule of
`asked.seen_in`. Rounds are independent, and people and person-time stay as they are in the
newest round (or sum of rounds).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from analysis.disclosure.rules import load_rules
from analysis.disparity.many_rounds import (
    p_values_of_inflated_rates,
    p_values_of_rates,
    p_values_of_shares,
)
from analysis.disparity.relative_rate import Verdict
from analysis.inference.multiplicity import ADJUSTMENTS_BY_ROW
from analysis.inference.randomisation import seed_for
from analysis.plans.monitor import AskedAfter, Measure, Monitor
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.asked import DISPARITY, seen_in, with_direction
from analysis.studies.disparity.figures import MonitorFigures

ROUNDS = 2_000  # Monte Carlo error of a rate of 5 in 100: 0.5 in 100
ROUNDS_A_YEAR = {"quarter": 4, "year": 1}
Key = tuple[str, str]  # measure and group


@dataclass(frozen=True)
class PageCells:
    """One page as it may be shown: by measure, the reference and the groups beside it. `public`:
    counts are not rounded."""

    plan: Monitor
    cells: Mapping[str, Mapping[str, shown.Cell]]
    public: bool = False

    @property
    def keys(self) -> list[Key]:
        """Comparisons of the page that can be made."""
        return [
            (measure.id, group)
            for measure, group in shown.compared(self.plan)
            if self.cells[measure.id][self.plan.groups.reference].is_shown
            and self.cells[measure.id][group].is_shown
        ]


@dataclass(frozen=True)
class ChanceAlone:
    """Of rounds, and of years, in which nothing differs: the share with a disparity, or with an
    explanation asked for.

    page, year: at least one disparity. asked: at least one explanation asked for in a year, and
    asked_at_most its upper 95 % limit (Clopper and Pearson 1934), since few simulated years have
    one; None where nobody is asked.
    *_error: Monte Carlo standard errors.
    """

    page: float
    year: float
    asked: float | None
    asked_at_most: float | None
    rounds: int
    rounds_a_year: int
    page_error: float
    year_error: float


def chance_alone(study: MonitorFigures, *, rounds: int = ROUNDS) -> ChanceAlone | None:
    """For one page; None where no comparison can be made."""
    page = page_cells(study)
    if not page.keys:
        return None
    rng = np.random.default_rng(seed_for(study.plan.study, study.place, "chance_alone"))
    found = simulated(page, rounds=rounds, rng=rng)
    rule, a_year = study.plan.explain_or_reform, ROUNDS_A_YEAR[study.plan.round.length]
    return rates_of(found, rule and rule.asked_after, rounds_a_year=a_year)


def page_cells(study: MonitorFigures) -> PageCells:
    """The cells that the answers of a page rest on."""
    return PageCells(
        study.plan, {m.id: study.cells(m) for m in study.plan.measures}, study.already_public
    )


def rates_of(found: np.ndarray, rule: AskedAfter | None, *, rounds_a_year: int) -> ChanceAlone:
    """Shares of rounds and of years. `found`: -1, 0 or 1 (a disparity, and its direction) by round
    and comparison."""
    any_found = (found != 0).any(axis=1)
    page, year = float(any_found.mean()), float(_by_year(any_found, rounds_a_year).mean())
    years = len(found) // rounds_a_year
    asked = (
        None
        if rule is None
        else int(_by_year(asked_in(found, rule).any(axis=1), rounds_a_year).sum())
    )
    share, most = (
        (None, None)
        if asked is None
        else (asked / years, float(stats.beta.ppf(0.975, asked + 1, years - asked)))
    )
    errors = (_error(page, len(found)), _error(year, years))
    return ChanceAlone(page, year, share, most, len(found), rounds_a_year, *errors)


def _by_year(rounds: np.ndarray, size: int) -> np.ndarray:
    """Whether any round of a year is true; rounds of an unfinished last year are left out."""
    whole = len(rounds) // size * size
    return rounds[:whole].reshape(-1, size).any(axis=1)


def _error(share: float, n: int) -> float:
    return math.sqrt(share * (1 - share) / n)


def simulated(
    page: PageCells,
    *,
    rounds: int,
    rng: np.random.Generator,
    ratios: Mapping[Key, float] | None = None,
) -> np.ndarray:
    """Rounds of a page, as -1, 0 or 1 (a disparity of less, none, of more) by round and comparison
    of `page.keys`.

    `ratios`: comparisons whose group has the event so many times as often (times; 1 elsewhere).
    """
    drawn = {m.id: _drawn(page, m, rounds, rng, ratios or {}) for m in page.plan.measures}
    p_values = np.column_stack([_p_values(page, key, drawn) for key in page.keys])
    found = np.zeros(p_values.shape, dtype=np.int8)
    adjusted = ADJUSTMENTS_BY_ROW[page.plan.page_family.method](p_values)
    for i, k in zip(*np.nonzero(adjusted <= page.plan.alpha), strict=True):
        found[i, k] = _direction(page, page.keys[k], drawn, i, float(adjusted[i, k]))
    return found


def _drawn(page: PageCells, measure: Measure, rounds: int, rng, ratios) -> dict[str, np.ndarray]:
    """Events of the reference and of every group that is shown, round by round, in fives unless
    they are public."""
    cells = {group: cell for group, cell in page.cells[measure.id].items() if cell.is_shown}
    base = sum(cell.base for cell in cells.values())
    rate = sum(cell.events for cell in cells.values()) / base if base else 0.0
    step = 1 if page.public else load_rules().rounding_base.value
    found = {}
    for group, cell in cells.items():
        own = rate * ratios.get((measure.id, group), 1.0)
        if measure.kind == "share":
            events = rng.binomial(int(cell.base), min(own, 1.0), rounds)
        # events of people who come back: the mean of a Poisson law, and its variance times the
        # inflation
        else:
            events = np.rint(
                cell.inflation * rng.poisson(own * cell.base / cell.inflation, rounds)
            ).astype(int)
        found[group] = (events + step // 2) // step * step
    return found


def _p_values(
    page: PageCells, key: Key, drawn: Mapping[str, Mapping[str, np.ndarray]]
) -> np.ndarray:
    """p-values of one comparison; NaN where it would be withheld, or has no ratio."""
    measure, cell, reference, a, b = _sides(page, key, drawn)
    if measure.kind == "share":
        p = p_values_of_shares(a, int(cell.base), b, int(reference.base))
    elif measure.repeats == "person":
        inflation = (cell.inflation, reference.inflation)
        p = p_values_of_inflated_rates(a, cell.base, b, reference.base, inflation)
    else:
        p = p_values_of_rates(a, cell.base, b, reference.base)
    return (
        p
        if page.public
        else np.where(_small(measure, cell, a) | _small(measure, reference, b), np.nan, p)
    )


def _small(measure: Measure, cell: shown.Cell, events: np.ndarray) -> np.ndarray:
    """Rounds in which a count would be withheld (rules S1 to S3)."""
    threshold = load_rules().threshold
    few = events < threshold
    return few | (cell.base - events < threshold) if measure.kind == "share" else few


def _direction(page: PageCells, key: Key, drawn, i: int, p_adjusted: float) -> int:
    """-1 or 1 where round `i` shows a disparity of the comparison, by the rule of the page; else
    0."""
    measure, cell, reference, a, b = _sides(page, key, drawn)
    pair = (replace(cell, events=int(a[i])), replace(reference, events=int(b[i])))
    verdict = shown.verdict_on(page.plan, measure, *pair, p_adjusted=p_adjusted)
    if verdict.name != DISPARITY:
        return 0
    return 1 if verdict.direction == "higher" else -1


def _sides(page: PageCells, key: Key, drawn):
    """Measure, cell of the group and of the reference, and the events of both by round."""
    measure, reference = page.plan.measure(key[0]), page.plan.groups.reference
    cells, events = page.cells[measure.id], drawn[measure.id]
    return measure, cells[key[1]], cells[reference], events[key[1]], events[reference]


def asked_in(found: np.ndarray, rule: AskedAfter) -> np.ndarray:
    """By round and comparison: an explanation is asked for, with the rounds of `found` before
    it."""
    names = {
        sign: with_direction(Verdict(DISPARITY, side))
        for sign, side in ((1, "higher"), (-1, "lower"))
    }
    asked = np.zeros(found.shape, dtype=bool)
    for i, k in zip(*np.nonzero(found), strict=True):
        last = found[max(i + 1 - rule.of_last, 0) : i + 1, k]
        asked[i, k] = seen_in([names.get(int(sign), "none") for sign in last], rule).asked
    return asked
