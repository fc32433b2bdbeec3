"""On whom each outcome of a training trial is measured, and what is counted without a comparison. Exact and private."""

from dataclasses import dataclass, replace

import pandas as pd

from analysis.plans.plan import Outcome
from analysis.results import Support

SITE, BLOCK, SIDE = "site_id", "block", "offered"
SHARES = ("share", "time_to_event")
DAYS_IN_MONTH = 365.25 / 12
NO_CROSSOVER = 10**6  # days: no waiting site ever starts, so that nothing cuts the follow-up off
RELEVANCE = "relevance"  # the one question that is asked of managers who took part
RELEVANT_FROM = 4  # of 5 on the contract's scale: "relevant" or "very relevant"
BEFORE = {"test_after": "test_before"}  # what was measured before; ratings by staff: rating_before


@dataclass(frozen=True, eq=False)
class Measured:
    """One compared outcome: the people it is measured on at sites drawn by lot, late ones left out; read only.

    column: its values (NaN: not measured), before the scale. pre: what was measured before. exposure: share of what the
    offer led to, from 0 to 1. horizon: days up to which an exit counts, the cross-over at the latest.
    """

    outcome: Outcome
    people: pd.DataFrame
    column: str
    pre: tuple[str, ...] = ()
    exposure: str = "attended"
    horizon: float | None = None

    @property
    def scale(self) -> float:
        return 100.0 if self.outcome.kind in SHARES else 1.0

    @property
    def known(self) -> pd.DataFrame:
        """Rows with an outcome; people without a measure before stay (missing indicator)."""
        return self.people.dropna(subset=[self.column])

    def arguments(self, **more) -> dict:
        """What every design of a trial asks for."""
        named = {"outcome": self.column, "unit": self.outcome.unit, "scale": self.scale, "pre": list(self.pre)}
        return named | {"cluster": SITE, "blocks": [BLOCK]} | more

    def among(self, rows: pd.Series) -> "Measured":
        """The same outcome among some of the people."""
        return replace(self, people=self.people[rows])


def score(frame: pd.DataFrame, outcome: Outcome, *, groups: tuple[str, ...] = ()) -> Measured:
    """A test or a rating: people at compared sites, those measured after the cross-over left out. No `groups`: everyone."""
    rows = _among(frame[(frame["excluded"] == "") & ~frame["late"]], groups)
    pre = (BEFORE.get(outcome.id, "rating_before"),) if outcome.before else ()
    return Measured(outcome, rows.reset_index(drop=True), outcome.id, pre)


def leaving(staff: pd.DataFrame, managers: pd.DataFrame, outcome: Outcome, *, groups: tuple[str, ...] = ()) -> Measured:
    """Staff in post at the start, followed to the horizon or the cross-over, whichever comes first.

    exposure: the share of the site's managers who took part. `managers`: those of compared sites.
    """
    rows = _among(staff[(staff["excluded"] == "") & staff["days"].notna()], groups)
    whole = (rows["crossover_on"] - rows["in_post_from"]).dt.days.min()
    cut = NO_CROSSOVER if pd.isna(whole) else int(whole)
    horizon = min(round(outcome.horizon_months * DAYS_IN_MONTH), cut)
    event = ((rows["exit"] == "resigned") & (rows["days"] <= horizon)).astype(float)
    share = managers.groupby(SITE)["attended"].mean()
    rows = rows.assign(resigned=event, attended=rows[SITE].map(share)).reset_index(drop=True)
    return Measured(outcome, rows, "resigned", horizon=float(horizon))


def _among(rows: pd.DataFrame, groups: tuple[str, ...]) -> pd.DataFrame:
    return rows[rows["ethnic_group"].isin(groups)] if groups else rows


def fact(managers: pd.DataFrame, outcome: Outcome) -> tuple[float | None, int, Support]:
    """A share (in every 100) or a mean (pounds) among managers whose site had the programme, how many it holds, support.

    By lot or not: nothing is compared. Reaction: asked of those who took part.
    """
    offered = managers[managers[SIDE] == 1]
    reaction, is_share = outcome.level == "reaction", outcome.kind == "share"
    column = RELEVANCE if reaction else "attended" if is_share else "cost_pounds"
    values = offered.loc[offered["attended"] == 1 if reaction else offered[SIDE].notna(), column].dropna()
    n = len(values)
    hits = int((values >= (RELEVANT_FROM if reaction else 1)).sum()) if is_share else n
    support = Support(n=n, persons=n, smallest_cell=min(hits, n - hits) if is_share else n, residual_df=n)
    return None if n == 0 else 100 * hits / n if is_share else float(values.mean()), hits, support
