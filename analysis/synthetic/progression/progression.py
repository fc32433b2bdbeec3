"""Synthetic eligible staff of one region: who joins a progression scheme, and who is promoted.

Planted (params/synthetic.yml, `progression`): from the day of joining on, a scheme multiplies the
chance of promotion a month (exp of `effect`, times the factor of the region: nil in two, harm in
one; half as much for Black members), lowers leaving a little, and brings coaching and deputising.
These two change nothing themselves, so that "coached, hence promoted" would be wrong.

The trap: nobody joins who is promoted already, so that members have all been waiting a while. Who
counts from eligibility on, members beside all who never joined, counts that wait as time in the
scheme: promotions within 24 months come out NAIVE_FROM_ELIGIBILITY in every 100 (members less
others, all regions), where the schemes truly add TRUE_DIFFERENCE from the day of joining on. Better
rated staff join rather and are promoted rather: without matching, from the day of joining on, the
difference comes out too large.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.extracts.tables.pilots.progression_tables import ELIGIBLE_STAFF
from analysis.synthetic.monitors.quarters import ids, initials
from analysis.synthetic.planted import Planted
from analysis.synthetic.progression.planted_progression import Progression, Step
from analysis.synthetic.supervision.supervision import choice
from analysis.synthetic.training.training import people_at
from analysis.vocabulary.ethnicity import GROUPS

MONTH_DAYS = 365.25 / 12
HORIZON = 24  # months from joining within which promotions count
TABLE = "eligible_staff"
MANY = 5.0  # times the staff of a region: some thousand members
# In every 100, members less others, mean over the regions by their members; tests hold them true.
NAIVE_FROM_ELIGIBILITY, TRUE_DIFFERENCE = -3.6, 9.1
EVENTS = ("applied", "coached", "deputised", "promoted", "left")


@dataclass(frozen=True, eq=False)
class Staff:
    """Eligible staff with what the released table hides. Times in months from the first month of
    eligibility; hazards a month, of promotion and of leaving, without and with a scheme."""

    table: pd.DataFrame  # recorded characteristics
    eligible: np.ndarray
    joined: np.ndarray  # infinite: never
    promotion: tuple[np.ndarray, np.ndarray]
    leaving: tuple[np.ndarray, np.ndarray]

    @property
    def member(self) -> np.ndarray:
        return np.isfinite(self.joined)


def make_progression(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """The table of one region. `part`: people as a share of full scale."""
    return {TABLE: _made(rng[TABLE], truth, region, part)[1]}


def planted_differences(
    rng: np.random.Generator, truth: Planted, region: str, *, part: float = 1.0
) -> dict[str, float]:
    """True differences within HORIZON months of joining, in every 100 members of the region: of
    those with the scheme less of the same people had they never joined. promoted: with leaving as
    the competing exit; left: whether promoted before or not. `rng`: as the table is drawn by."""
    staff = _made(rng, truth, region, part)[0]
    (p0, p1), (l0, l1) = staff.promotion, staff.leaving
    members = staff.member
    promoted = (_incidence(p1, l1) - _incidence(p0, l0))[members]
    left = (np.exp(-HORIZON * l0) - np.exp(-HORIZON * l1))[members]
    return {"promoted": 100 * float(promoted.mean()), "left": 100 * float(left.mean())}


def planted_effect(truth: Planted, region: str) -> float:
    """The same difference in promotions (in every 100) of members of whom there are many: what a
    region of any draw has on average."""
    rng = np.random.default_rng(truth.seed)
    return planted_differences(rng, truth, region, part=MANY)["promoted"]


def _incidence(promotion: np.ndarray, leaving: np.ndarray) -> np.ndarray:
    """Share promoted within HORIZON months where both hazards are constant and compete."""
    both = promotion + leaving
    return promotion / both * (1 - np.exp(-both * HORIZON))


def _made(
    rng: np.random.Generator, truth: Planted, region: str, part: float
) -> tuple[Staff, pd.DataFrame]:
    own = truth.progression
    n = max(round(own.people * part), 20)
    ends = _months(own, truth.extract_date)
    drawn = _people(rng, truth, region, n)
    ends_at = np.where(
        rng.random(n) < own.cut_short, rng.uniform(drawn["eligible"], ends), ends - 1 / MONTH_DAYS
    )
    staff = _joining(rng, own, region, drawn, ends_at)
    times = _events(rng, own, staff)
    return staff, _released(rng, own, region, staff, times, ends_at)


def _months(own: Progression, day: str) -> float:
    """Months from the first month to a day."""
    return (pd.Timestamp(day) - pd.Timestamp(own.first_month)).days / MONTH_DAYS


def _people(rng: np.random.Generator, truth: Planted, region: str, n: int) -> dict:
    """Recorded characteristics, the true group (number in GROUPS), and ambition, which nobody
    records."""
    own = truth.progression
    group, codes, personal = people_at(rng, truth, region, n)
    table = pd.DataFrame(
        {
            "staff_id": ids(initials(region), "E", n),
            "region": region,
            "grade": choice(rng, own.grades, n),
            "ethnicity": codes,
            **personal,
            "performance": choice(rng, own.performance, n),
        }
    )
    eligible = rng.uniform(0, own.eligible_months, n)
    return {"table": table, "group": group, "eligible": eligible, "ambition": rng.normal(size=n)}


def _times(table: pd.DataFrame, column: str, factors: Mapping[str, float]) -> np.ndarray:
    return table[column].map(factors).to_numpy(dtype=float)


def _joining(
    rng: np.random.Generator, own: Progression, region: str, drawn: dict, ends_at: np.ndarray
) -> Staff:
    """When each person joins, and their hazards; the last time without a scheme bars joining."""
    table, group, eligible = drawn["table"], drawn["group"], drawn["eligible"]
    pushed = np.exp(own.promotion.ambition * drawn["ambition"])
    minority, n = group > 0, len(table)
    join = own.joining.a_month * _times(table, "performance", own.joining.performance)
    join = join * np.where(minority, own.joining.minority, 1.0) * pushed
    scheme = np.where(
        minority,
        choice(rng, own.joining.scheme_minority, n),
        choice(rng, own.joining.scheme_white, n),
    )
    opens = _months(own, own.joining.first_month)
    begins = np.maximum(eligible, opens)
    joined = begins + rng.exponential(1.0, n) / join
    promotion, leaving = _hazards(own, region, drawn, scheme, pushed)
    waits = rng.exponential(1.0, (2, n))
    bars = eligible + np.minimum(waits[0] / promotion[0], waits[1] / leaving[0])
    last = np.minimum(np.minimum(bars, ends_at), opens + own.joining.months)
    joined = np.where(joined < last - 2 / MONTH_DAYS, joined, np.inf)
    table = table.assign(
        scheme=pd.Series(scheme).where(np.isfinite(joined), None),
        promoted=_at(waits[0], eligible, joined, promotion),
        left=_at(waits[1], eligible, joined, leaving),
    )
    return Staff(table, eligible, joined, promotion, leaving)


def _hazards(
    own: Progression, region: str, drawn: dict, scheme: np.ndarray, pushed: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Hazards a month, of promotion and of leaving, without and with the scheme."""
    table, truth, n = drawn["table"], own.promotion, len(scheme)
    without = truth.a_month * _times(table, "grade", truth.grade) * pushed
    without = without * _times(table, "performance", truth.performance)
    without = without * np.array([truth.group[name] for name in GROUPS])[drawn["group"]]
    effect = pd.Series(scheme).map(truth.effect).to_numpy() * truth.effect_factor.get(region, 1.0)
    effect = effect * np.array([truth.effect_group[name] for name in GROUPS])[drawn["group"]]
    leaving = np.full(n, own.leaving.a_month)
    return (without, without * np.exp(effect)), (leaving, leaving * own.leaving.member)


def _at(
    wait: np.ndarray,
    eligible: np.ndarray,
    joined: np.ndarray,
    hazards: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """When an event comes, in months: `wait` is how much hazard a person lives through before."""
    before, after = hazards
    until = np.where(np.isfinite(joined), joined, eligible)
    lived = before * (until - eligible)
    late = np.isfinite(joined) & (wait > lived)
    return np.where(late, until + (wait - lived) / after, eligible + wait / before)


def _events(rng: np.random.Generator, own: Progression, staff: Staff) -> dict[str, np.ndarray]:
    """Months at which each event comes, if nothing else came before."""
    found = {name: staff.table[name].to_numpy() for name in ("promoted", "left")}
    for name, step in (("coached", own.coaching), ("deputised", own.deputising)):
        found[name] = _step(rng, step, staff)
    applied, promoted = _step(rng, own.applying, staff), found["promoted"]
    since = np.where(staff.member & (promoted > staff.joined), staff.joined, staff.eligible)
    asked = np.maximum(promoted - rng.uniform(1, 4, len(promoted)), (since + promoted) / 2)
    found["applied"] = np.minimum(applied, asked)
    return found


def _step(rng: np.random.Generator, step: Step, staff: Staff) -> np.ndarray:
    wait = rng.exponential(1.0, len(staff.eligible))
    hazard = np.full(len(wait), step.a_month)
    return _at(wait, staff.eligible, staff.joined, (hazard, hazard * step.member))


def _released(
    rng: np.random.Generator,
    own: Progression,
    region: str,
    staff: Staff,
    times: dict[str, np.ndarray],
    ends_at: np.ndarray,
) -> pd.DataFrame:
    """The table: nothing after the follow-up or leaving, nothing but leaving once promoted."""
    n, member = len(ends_at), staff.member
    left = np.where(times["left"] <= ends_at, times["left"], np.inf)
    promoted = np.where(times["promoted"] <= np.minimum(ends_at, left), times["promoted"], np.inf)
    last = np.minimum(np.minimum(ends_at, left), promoted)
    shown = {"promoted": promoted, "left": left}
    for name in ("applied", "coached", "deputised"):
        shown[name] = np.where(times[name] <= last, times[name], np.inf)
    answered = member & (rng.random(n) < own.answered)
    useful = np.where(answered, (rng.random(n) < own.useful).astype(float), np.nan)
    served = 12 * (1 + rng.gamma(2.0, 2.5, n))
    table = staff.table.drop(columns=["promoted", "left"]).assign(
        entered_on=_days(own, staff.eligible - served),
        eligible_from=_days(own, staff.eligible),
        joined_on=_days(own, staff.joined),
        found_useful=useful,
        followed_to=_days(own, ends_at),
        **{f"{name}_on": _days(own, shown[name]) for name in EVENTS},
    )
    return table[list(ELIGIBLE_STAFF.names)]


def _days(own: Progression, months: np.ndarray) -> pd.Series:
    """Days from months since the first one; missing where infinite."""
    days = np.floor(np.where(np.isfinite(months), months, np.nan) * MONTH_DAYS)
    start = pd.Timestamp(own.first_month)
    return pd.Series(start + pd.to_timedelta(days, unit="D")).astype("datetime64[us]")
