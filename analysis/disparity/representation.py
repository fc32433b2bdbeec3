"""A group's share of a workforce: against a benchmark, among those who declared, and what
non-declaration leaves open.

Shares are of people with a declared ethnic group unless said otherwise; counts are people in post
at one date.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from analysis.inference.columns import Quantity
from analysis.inference.missing import Bounds, declared_share_bounds
from analysis.results import Estimate, NotEstimable, Support

DECLARATION_FLOOR = 0.60  # race equality action plan: share of staff to have declared at the least
DECLARATION_STRETCH = 0.80  # race equality action plan: share aimed at (73 % reported)
IMPUTATIONS = 20  # Graham, Olchowski and Gilreath 2007
ALPHA = 0.05


@dataclass(frozen=True)
class Declaration:
    """Share of staff who declared an ethnic group (0 to 1), against the floor and the stretch
    target."""

    share: float
    meets_floor: bool
    meets_stretch: bool


@dataclass(frozen=True)
class Recorded:
    """Counts at one date: members of the group among `declared`, who are among all `staff`."""

    members: int
    declared: int
    staff: int

    def __post_init__(self) -> None:
        if not 0 <= self.members <= self.declared <= self.staff:
            raise ValueError("members are among those who declared, and these among the staff")


@dataclass(frozen=True)
class RecordedChange:
    """Change of the share recorded as members among all staff (points): declaration + composition.

    declaration: what comes of more, or fewer, staff declaring, the group's share among them
    unchanged; composition: of a changed share among those who declared. Only the second can be a
    change of who works there, and only if those who came to declare are like the others.
    """

    change: float
    declaration: float
    composition: float

    def __post_init__(self) -> None:
        assert abs(self.change - self.declaration - self.composition) < 1e-9, (
            "the parts add up to the change"
        )


def share_of_declared(members: int, declared: int) -> Estimate | NotEstimable:
    """The group's share of those who declared (in every 100), with the score interval of Wilson
    1927."""
    return _against(members, declared, Quantity("share_of_declared", "in_every_100"))


def representation_index(
    members: int, declared: int, *, benchmark: float
) -> Estimate | NotEstimable:
    """The group's share divided by its share of the benchmark population (times); 1: as many as
    there.

    `benchmark` (0 to 1) is taken as known: where it is itself a sample the interval is too short.
    Interval: Wilson's, divided by it; the p-value is of the score test that it inverts.
    """
    return _against(
        members,
        declared,
        Quantity("representation_index", "times"),
        benchmark,
        factor=1 / _checked(benchmark),
    )


def declaration(declared: int, staff: int) -> Declaration | None:
    """Share of staff who declared, against both targets (a target met exactly is met). None: no
    staff."""
    Recorded(0, declared, staff)
    if not staff:
        return None
    share = declared / staff
    return Declaration(share, share >= DECLARATION_FLOOR, share >= DECLARATION_STRETCH)


def true_share_bounds(recorded: Recorded) -> Bounds | None:
    """Lowest and highest share of all staff (0 to 1) if those who did not declare could be anyone
    (Manski 1989)."""
    if not recorded.declared:
        return Bounds(0.0, 1.0) if recorded.staff else None
    return declared_share_bounds(
        recorded.declared / recorded.staff, recorded.members / recorded.declared
    )


def imputed_share(
    members: np.ndarray,
    declared: np.ndarray,
    staff: np.ndarray,
    *,
    seed: int,
    delta: float = 0.0,
    imputations: int = IMPUTATIONS,
) -> Estimate | NotEstimable:
    """The group's share of all staff (in every 100), those who did not declare imputed from their
    stratum.

    Counts by stratum (grade x region). delta (log-odds): how much likelier members are among those
    who did not declare than among those who did, in the same stratum; 0: missing at random; see how
    far the result moves over a range. Each imputation draws a stratum's share by Bayesian bootstrap
    (Dirichlet; one person more, at the share of all, so that strata in which no one or everyone is
    a member stay open), then people from it. Rubin's rules on the log-odds, with the variance of a
    sample, as in `share_of_declared`. Not `reliable` where fewer declared than the floor. Sources:
    Rubin 1981 and 1987; delta: Carpenter and Kenward 2013.
    """
    members, declared, staff = (np.asarray(x, dtype=int) for x in (members, declared, staff))
    if not ((members >= 0) & (members <= declared) & (declared <= staff)).all() or imputations < 2:
        raise ValueError(
            "members are among those who declared, and these among the staff; two imputations or"
            " more"
        )
    what, total = ("imputed_share", "multiple_imputation", "in_every_100"), int(staff.sum())
    support = Support(
        n=total, persons=total, smallest_cell=int(min(members.sum(), (declared - members).sum()))
    )
    if not declared.sum():
        return NotEstimable(*what, "ethnicity_missing", support)
    if not 0 < members.sum() < declared.sum():
        return NotEstimable(*what, "constant_outcome", support)
    rng, overall = np.random.default_rng(seed), members.sum() / declared.sum()
    shares = rng.beta(
        members + overall, declared - members + 1 - overall, (imputations, len(staff))
    )
    hidden = rng.binomial(staff - declared, special.expit(special.logit(shares) + delta))
    centre, error, df = _rubin((members.sum() + hidden.sum(axis=1)) / total, total)
    reach = float(stats.norm.isf(ALPHA / 2) if df is None else stats.t.isf(ALPHA / 2, df)) * error
    value, low, high = (
        100 * float(special.expit(x)) for x in (centre, centre - reach, centre + reach)
    )
    enough = declared.sum() / total >= DECLARATION_FLOOR
    reason = None if enough else "fewer declared than the floor"
    return Estimate(
        *what,
        value,
        low,
        high,
        df=df,
        group_value=value,
        support=support,
        reliable=bool(enough),
        reason=reason,
        seed=seed,
    )


def recorded_change(before: Recorded, after: Recorded) -> RecordedChange | None:
    """Splits the change of the recorded share between two dates (points). None: no one declared at
    one of them.

    Recorded share = declared share x share among declared. Each factor's change is taken at the
    mean of the other (Shapley value of two factors; Kitagawa 1955), so that order does not matter
    and nothing is left over.
    """
    if not (before.declared and after.declared):
        return None
    (d0, c0), (d1, c1) = ((x.declared / x.staff, x.members / x.declared) for x in (before, after))
    return RecordedChange(
        100 * (d1 * c1 - d0 * c0), 100 * (d1 - d0) * (c0 + c1) / 2, 100 * (c1 - c0) * (d0 + d1) / 2
    )


def relative_rate_from_shares(share_in: float, share_out: float) -> float | None:
    """Relative rate index of an outcome (times) from the group's share of those who entered and of
    those who had it.

    Applicants and hires, say: [out / in] / [(1 - out) / (1 - in)], the group's rate over that of
    all others, whatever the numbers. No interval: shares alone do not say how many people there
    were. None: the group, or the others, are none of those who entered, or no one else had the
    outcome.
    """
    if not (0 <= share_in <= 1 and 0 <= share_out <= 1):
        raise ValueError("shares lie between 0 and 1")
    if share_in in (0, 1) or share_out == 1:
        return None
    return (share_out / share_in) / ((1 - share_out) / (1 - share_in))


def _checked(benchmark: float) -> float:
    if not 0 < benchmark < 1:
        raise ValueError("the benchmark is a share between 0 and 1")
    return benchmark


def _against(
    members: int,
    declared: int,
    quantity: Quantity,
    benchmark: float | None = None,
    factor: float = 100.0,
) -> Estimate | NotEstimable:
    """Share and Wilson's limits, times `factor`; the p-value is that of the benchmark."""
    Recorded(members, declared, declared)
    support = Support(n=declared, persons=declared, smallest_cell=min(members, declared - members))
    if not declared:
        return NotEstimable(quantity.estimand, "score", quantity.unit, "ethnicity_missing", support)
    share, p_value, level = members / declared, None, None
    low, high = proportion_confint(members, declared, alpha=ALPHA, method="wilson")
    if benchmark is not None:
        p_value = float(
            proportions_ztest(members, declared, value=benchmark, prop_var=benchmark)[1]
        )
        level = factor * benchmark
    value, low, high = (float(factor * end) for end in (share, min(low, share), max(high, share)))
    return Estimate(
        quantity.estimand,
        "score",
        quantity.unit,
        value,
        low,
        high,
        p_value=p_value,
        comparison_value=level,
        group_value=factor * share,
        support=support,
    )


def _rubin(shares: np.ndarray, people: int) -> tuple[float, float, float | None]:
    """(log-odds, standard error, degrees of freedom; None: no variance between imputations).
    Source: Rubin 1987."""
    within = (1 / (people * shares * (1 - shares))).mean()
    log_odds = special.logit(shares)
    between = (1 + 1 / len(shares)) * log_odds.var(ddof=1)
    df = (len(shares) - 1) * (1 + within / between) ** 2 if between > 1e-12 * within else None
    return float(log_odds.mean()), math.sqrt(within + between), None if df is None else float(df)
