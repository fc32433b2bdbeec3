"""Two waves of a survey: how many experienced discrimination, and how many incidents are reported
for each of them.

Shares are weighted by the inverse of the response of wave and ethnic group (a share answered of
those asked), so that groups who answer less do not count less. Prisons were drawn, so that errors
are those of prisons: each adds to both waves.

Incidents for each person who experienced discrimination, after beside before: the ratio of two
rates of incidents, each over the twelve months of which a wave asks, over the ratio of two shares.
Its interval is by the delta method on the logarithm: the variances of both logarithms add up, since
who answered and what a month adds to reports are not drawn together; degrees of freedom by
Satterthwaite (1946). tests/test_experience.py measures how often it holds what is true.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.designs.series.counts import log_error
from analysis.extracts.tables.pilots.reporting_tables import AFTER, BEFORE
from analysis.inference.clusters import t_interval
from analysis.inference.columns import Quantity
from analysis.results import Estimate, NotEstimable, Result, Support

FEWEST_ANSWERED = 10  # of a wave and group: of fewer, the group is weighted as everyone is
MOST_WEIGHT = 5.0  # times the mean weight; larger ones are cut (METHODS section 0 rule 10)
FEWEST_SITES = 4  # below it the scatter of prisons is no measure of error
RATIO = Quantity("reports_for_experience", "times")
DIFFERENCE = Quantity("wave_difference", "in_every_100")


@dataclass(frozen=True, eq=False)
class Wave:
    """One wave: rows of those who answered, with `weight`. share: of 1, weighted."""

    rows: pd.DataFrame
    column: str

    @classmethod
    def of(cls, asked: pd.DataFrame, wave: str, column: str) -> "Wave":
        """Everyone asked in one wave, as `people held` answered."""
        own = asked[asked["wave"] == wave]
        answers = own.groupby("ethnic_group", observed=True)["answered"].agg(["sum", "size"])
        few = answers["sum"] < FEWEST_ANSWERED
        rate = (answers["sum"] / answers["size"]).where(~few, own["answered"].mean())
        rows = own[own["answered"]].dropna(subset=[column])
        weight = 1 / rows["ethnic_group"].astype(str).map(rate.rename(index=str)).astype(float)
        weight = weight.clip(upper=MOST_WEIGHT * weight.mean()) if len(rows) else weight
        return cls(rows.assign(weight=weight), column)

    @property
    def n(self) -> int:
        return len(self.rows)

    @property
    def events(self) -> int:
        return int(self.rows[self.column].sum())

    @property
    def share(self) -> float:
        return float(np.average(self.rows[self.column], weights=self.rows["weight"]))

    @property
    def by_site(self) -> pd.Series:
        """What each prison adds to the share beyond its part of it (linearised, Hajek)."""
        weight = self.rows["weight"]
        scores = weight * (self.rows[self.column] - self.share) / weight.sum()
        return scores.groupby(self.rows["site_id"]).sum()


def waves_of(asked: pd.DataFrame, column: str) -> tuple[Wave, Wave]:
    """The first wave and the second."""
    return Wave.of(asked, BEFORE, column), Wave.of(asked, AFTER, column)


def _support(first: Wave, second: Wave) -> Support:
    n = first.n + second.n
    cells = [part for wave in (first, second) for part in (wave.events, wave.n - wave.events)]
    sites = [wave.rows["site_id"].nunique() for wave in (second, first)]
    return Support(
        n=n,
        n_identifying=n,
        persons=n,
        n_treated=second.n,
        clusters_treated=sites[0],
        clusters_comparison=sites[1],
        smallest_cell=min(cells),
        residual_df=max(n - 2, 0),
    )


def _refused(first: Wave, second: Wave) -> str | None:
    if min(first.n, second.n) == 0:
        return "no_comparison"
    if min(first.events, second.events) == 0:
        return "zero_events"
    sites = {*first.rows["site_id"]} | {*second.rows["site_id"]}
    return "too_few_sites" if len(sites) < FEWEST_SITES else None


def _error(first: Wave, second: Wave, *, log: bool) -> tuple[float, float]:
    """Standard error of the difference of two shares, or of the logarithm of their ratio, and its
    degrees of freedom: prisons less one."""
    per = (first.share, second.share) if log else (1.0, 1.0)
    apart = (second.by_site / per[1]).sub(first.by_site / per[0], fill_value=0.0)
    sites = len(apart)
    return math.sqrt(sites / (sites - 1) * float((apart**2).sum())), sites - 1.0


def wave_difference(first: Wave, second: Wave) -> Result:
    """The share of the second wave less that of the first, in every 100."""
    support, reason = _support(first, second), _refused(first, second)
    what = (DIFFERENCE.estimand, "two_waves", DIFFERENCE.unit)
    if reason:
        return NotEstimable(*what, reason, support)
    error, df = _error(first, second, log=False)
    value, error = 100 * (second.share - first.share), 100 * error
    if error == 0:
        return NotEstimable(*what, "constant_outcome", support)
    return Estimate(*what, value, *t_interval(value, error, df), error, df=df, support=support)


def for_each_experience(rates: Result, first: Wave, second: Wave) -> Result:
    """Incidents reported for each person who experienced discrimination, after over before (times).

    rates: the incidents of the months of the second wave over those of the first, over people held
    (a ratio). NotEstimable where either is.
    """
    own = _support(first, second)
    cells = (own.smallest_cell, rates.support.smallest_cell)
    support = replace(own, smallest_cell=min(cells))
    what = (RATIO.estimand, "delta_method", RATIO.unit)
    reason = _refused(first, second)
    if not isinstance(rates, Estimate) or reason:
        why = rates.reason if isinstance(rates, NotEstimable) else reason
        return NotEstimable(*what, why or "no_comparison", support)
    error, df = _error(first, second, log=True)
    parts = [(log_error(rates) ** 2, rates.df or math.inf), (error**2, df)]
    variance = sum(part for part, _ in parts)
    both = variance**2 / sum(part**2 / df for part, df in parts)
    value = math.log(rates.value) - math.log(second.share / first.share)
    ends = t_interval(value, math.sqrt(variance), both)
    shown = (math.exp(end) for end in (value, *ends))
    reason = "delta method on the logarithm, Satterthwaite (1946)"
    return Estimate(*what, *shown, df=both, support=support, reason=reason)
