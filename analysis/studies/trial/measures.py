"""On whom each outcome of a training trial is measured, and what is counted without a comparison.
Exact and private."""

from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from analysis.disclosure.dominance import people_behind
from analysis.errors import PlanError
from analysis.inference.columns import Quantity, TrialColumns
from analysis.plans.plan import Outcome
from analysis.results import Support
from analysis.vocabulary.regions import did_you_mean

SITE, BLOCK, SIDE = "site_id", "block", "offered"
SHARES = ("share", "time_to_event")
DAYS_IN_MONTH = 365.25 / 12
NO_CROSSOVER = 10**6  # days: no waiting site ever starts, so that nothing cuts the follow-up off
RELEVANCE = "relevance"  # the one question that is asked of managers who took part
RELEVANT_FROM = 4  # of 5 on the contract's scale: "relevant" or "very relevant"
# Outcomes that were measured before the start as well, and in which column.
BEFORE = {"test_after": "test_before", "rating_after": "rating_before"}


@dataclass(frozen=True)
class FactOf:
    """The column of a fact. reached: from which value on a manager counts (None: the mean of all
    values).

    took_part: asked of managers who took part, and of nobody else.
    """

    column: str
    reached: float | None = 1
    took_part: bool = False


# Every fact of a trial by its id in a plan, each from a column of its own.
FACTS = MappingProxyType(
    {
        "cost": FactOf("cost_pounds", reached=None),
        "took_part": FactOf("attended"),
        "completed": FactOf("completed"),
        RELEVANCE: FactOf(RELEVANCE, reached=RELEVANT_FROM, took_part=True),
    }
)


@dataclass(frozen=True, eq=False)
class Measured:
    """One compared outcome: the people it is measured on at sites drawn by lot, late ones left out;
    read only.

    column: its values (NaN: not measured), before the scale. pre: what was measured before.
    exposure: share of what the offer led to, from 0 to 1. horizon: days up to which an exit counts,
    the cross-over at the latest.
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

    def columns(self, arm: str) -> TrialColumns:
        """What every design of a trial asks for, the arms being those of the column `arm`."""
        return TrialColumns(
            arm=arm,
            outcome=self.column,
            pre=self.pre,
            cluster=SITE,
            blocks=(BLOCK,),
            scale=self.scale,
        )

    def quantity(self, estimand: str) -> Quantity:
        return Quantity(estimand, self.outcome.unit)

    def among(self, rows: pd.Series) -> "Measured":
        """The same outcome among some of the people."""
        return replace(self, people=self.people[rows])


def score(frame: pd.DataFrame, outcome: Outcome, *, groups: tuple[str, ...] = ()) -> Measured:
    """A test or a rating: people at compared sites, those measured after the cross-over left out.
    No `groups`: everyone."""
    rows = _among(frame[(frame["excluded"] == "") & ~frame["late"]], groups)
    pre = (BEFORE[outcome.id],) if outcome.before else ()
    return Measured(outcome, rows.reset_index(drop=True), outcome.id, pre)


def leaving(
    staff: pd.DataFrame, managers: pd.DataFrame, outcome: Outcome, *, groups: tuple[str, ...] = ()
) -> Measured:
    """Staff in post at the start, followed to the horizon or the cross-over, whichever comes first.

    exposure: the share of the site's managers who took part. `managers`: those of compared sites.
    """
    rows = _among(staff[(staff["excluded"] == "") & staff["days"].notna()], groups)
    whole = (rows["crossover_on"] - rows["in_post_from"]).dt.days.min()
    cut = NO_CROSSOVER if pd.isna(whole) else int(whole)
    horizon = min(round(outcome.horizon_months * DAYS_IN_MONTH), cut)
    gone = is_event(rows, outcome) & (rows["days"] <= horizon)
    share = managers.groupby(SITE)["attended"].mean()
    rows = rows.assign(resigned=gone.astype(float), attended=rows[SITE].map(share)).reset_index(
        drop=True
    )
    return Measured(outcome, rows, "resigned", horizon=float(horizon))


def with_characteristics(measured: Measured, columns: tuple[str, ...]) -> Measured:
    """The same outcome with characteristics of the people beside what was measured before: one
    column (0 or 1) a value of each, but for the first."""
    people, pre = measured.people, measured.pre
    for column in columns:
        for value in sorted(people[column].dropna().unique())[1:]:
            name = f"{column}: {value}"
            people = people.assign(**{name: (people[column] == value).astype(float)})
            pre = (*pre, name)
    return replace(measured, people=people, pre=pre)


def is_event(staff: pd.DataFrame, outcome: Outcome) -> pd.Series:
    """Who left in the way that the outcome is about: in none of the ways that compete with it."""
    return staff["exit"].notna() & ~staff["exit"].isin(outcome.competing)


def _among(rows: pd.DataFrame, groups: tuple[str, ...]) -> pd.DataFrame:
    return rows[rows["ethnic_group"].isin(groups)] if groups else rows


def fact(managers: pd.DataFrame, outcome: Outcome) -> tuple[float | None, int, Support]:
    """A share (in every 100) or a mean (pounds) among managers whose site had the programme, how
    many it holds, support.

    By lot or not: nothing is compared. PlanError E239 for a fact that FACTS does not name.
    """
    own, offered = fact_of(outcome), managers[managers[SIDE] == 1]
    asked = offered["attended"] == 1 if own.took_part else offered[SIDE].notna()
    values = offered.loc[asked, own.column].dropna()
    n, is_share = len(values), own.reached is not None
    hits = int((values >= own.reached).sum()) if is_share else n
    smallest = min(hits, n - hits) if is_share else people_behind(values.to_numpy())
    support = Support(n=n, persons=n, smallest_cell=smallest, residual_df=n)
    if n == 0:
        return None, hits, support
    return 100 * hits / n if is_share else float(values.mean()), hits, support


def fact_of(outcome: Outcome) -> FactOf:
    """How a fact is worked out; PlanError E239 names those that are."""
    if outcome.id not in FACTS:
        text = f"outcomes › {outcome.id}: no such fact can be worked out of a training trial."
        raise PlanError("E239", text, remedy=did_you_mean(str(outcome.id), FACTS))
    return FACTS[outcome.id]
