"""How a difference between cells of people changes from one date on: the triple difference, where
two sides are set against each other before and after.

In each period the contrast is worked out from that period alone (one side: mean of those with it
less mean of the others; two sides: difference of these differences). The estimate is the mean
contrast of the periods from the start on less that of the periods before, each period weighted by
what its contrast rests on: one over the sum of the inverse sizes of its cells. It is the same
number as that of the linear probability model with effects of each side in each period and of both
sides together (`tests/test_change_of_gap.py`).

Everybody is offered the same from one date on, so that all people of a period share what happened
then: errors come from the scatter of contrasts between periods, t with so many periods less two
degrees of freedom (Donald and Lang 2007). Errors clustered on persons (`change_by_persons`) take
periods as bringing nothing of their own; they stand beside it as a second opinion.

What it rests on: without the offer the contrast would have stayed as it was. A drift before the
start (`drift_before`) or a change at a made-up start (`changes_at_made_up_starts`) speaks against.
Before and after alone, and those who took the offer up beside those who did not, are wrong where
pass rates of all change, or where the abler come (planted in the tests).
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import statsmodels.api as sm

from analysis.inference.clusters import RELIABLE_DF
from analysis.inference.columns import ContrastColumns, Quantity
from analysis.results import Estimate, NotEstimable, Support

METHOD, ALPHA = "periods_apart", 0.05
FEWEST_PERIODS = 2  # on a side: of one period alone nobody knows how far contrasts scatter
FEWEST_CLUSTERS = 10  # persons on a side (method statement, section 0 rule 3)
REASON = "t over periods: everybody of a period shares what happened in it"


def contrasts(frame: pd.DataFrame, columns: ContrastColumns) -> pd.DataFrame:
    """By period: `contrast` (the outcome times `scale`), `weight` (one over the sum of the inverse
    cell sizes) and `n` (rows).

    A period in which a cell is empty is left out.
    """
    held = frame.dropna(subset=[columns.outcome])
    cells = held.groupby([columns.period, *columns.sides])[columns.outcome].agg(["mean", "size"])
    means = cells["mean"].unstack(list(columns.sides))
    sizes = cells["size"].unstack(list(columns.sides))
    whole = means.notna().all(axis=1) & (means.shape[1] == 2 ** len(columns.sides))
    sign = np.array([_sign(cell) for cell in means.columns])
    return pd.DataFrame(
        {
            "contrast": columns.scale * (means[whole] * sign).sum(axis=1),
            "weight": 1 / (1 / sizes[whole]).sum(axis=1),
            "n": sizes[whole].sum(axis=1).astype("int64"),
        }
    )


def _sign(cell: object) -> int:
    """1 for the cell with all sides, and -1 for each side that is missing."""
    sides = cell if isinstance(cell, tuple) else (cell,)
    return (-1) ** sum(not side for side in sides)


def change_of_contrast(
    frame: pd.DataFrame,
    columns: ContrastColumns,
    what: Quantity,
    *,
    start,
    alike: bool = False,
) -> Estimate | NotEstimable:
    """The contrast from `start` on less the contrast before (`what.unit`), from one row a case.

    alike: every period counts the same, however many people stand in it. NotEstimable where fewer
    than FEWEST_PERIODS lie on a side: on nobody, since which people are left would tell of cells.
    """
    found = contrasts(frame, columns)
    after = np.asarray(found.index >= start, dtype=bool)
    named = what.estimand, METHOD, what.unit
    if min(after.sum(), (~after).sum()) < FEWEST_PERIODS:
        reason = "treated_from_start" if (~after).sum() < after.sum() else "incomplete_periods"
        return NotEstimable(*named, reason)
    weight = np.ones(len(found)) if alike else found["weight"].to_numpy()
    fit = sm.WLS(found["contrast"].to_numpy(), sm.add_constant(after.astype(float)), weight).fit()
    if not fit.bse[1] > 0:
        return NotEstimable(*named, "constant_outcome")
    low, high = fit.conf_int(ALPHA)[1]
    return Estimate(
        *named,
        float(fit.params[1]),
        float(low),
        float(high),
        std_error=float(fit.bse[1]),
        p_value=float(fit.pvalues[1]),
        df=float(fit.df_resid),
        support=_support(frame, columns, found, start),
        reliable=fit.df_resid >= RELIABLE_DF,
        reason=REASON,
        allowed_for=(columns.period, *columns.sides),
    )


def _support(frame: pd.DataFrame, columns: ContrastColumns, found: pd.DataFrame, start) -> Support:
    """What the comparison rests on: rows in periods with every cell. The smallest cell: each cell
    before and after, with and without the event."""
    held = frame.dropna(subset=[columns.outcome])
    used = held[held[columns.period].isin(found.index)]
    after = used[columns.period] >= start
    treated = after & used[list(columns.sides)].astype(bool).all(axis=1)
    people = used[columns.person]
    cells = used.groupby([*(used[side] for side in columns.sides), after, used[columns.outcome]])
    sizes = cells[columns.person].nunique()
    whole = len(sizes) == 2 ** (len(columns.sides) + 2)
    return Support(
        n=len(used),
        n_identifying=len(used),
        cells_identifying=len(found),
        n_treated=int(treated.sum()),
        clusters_treated=people[treated].nunique(),
        clusters_comparison=people[~treated].nunique(),
        persons=people.nunique(),
        smallest_cell=int(sizes.min()) if whole else 0,
        residual_df=max(len(used) - len(found) * 2 ** len(columns.sides), 0),
    )


# -- a second opinion ------------------------------------------------------------------------------
def change_by_persons(
    frame: pd.DataFrame,
    columns: ContrastColumns,
    what: Quantity,
    *,
    start,
    covariates: tuple[str, ...] = (),
) -> Estimate | NotEstimable:
    """The same from the linear probability model of persons, errors clustered on the person.

    Effects of each side in each period, and of all sides together; `covariates` (categories) are
    allowed for beside them. It takes periods as bringing nothing of their own to one cell alone.
    """
    kept = contrasts(frame, columns).index
    held = frame.dropna(subset=[columns.outcome])
    used = held[held[columns.period].isin(kept)]
    base = change_of_contrast(frame, columns, what, start=start)
    if isinstance(base, NotEstimable):
        return base
    support = base.support
    if min(support.clusters_treated, support.clusters_comparison) < FEWEST_CLUSTERS:
        return NotEstimable(what.estimand, "clustered", what.unit, "too_few_people")
    design = np.column_stack(list(_effects(used, columns, start, covariates)))
    people = pd.factorize(used[columns.person])[0]
    fit = sm.OLS(columns.scale * used[columns.outcome].to_numpy(dtype=float), design).fit(
        cov_type="cluster", cov_kwds={"groups": people}, use_t=True
    )
    low, high = fit.conf_int(ALPHA)[0]
    return replace(
        base,
        method="clustered",
        value=float(fit.params[0]),
        conf_low=float(low),
        conf_high=float(high),
        std_error=float(fit.bse[0]),
        p_value=float(fit.pvalues[0]),
        df=float(people.max()),
        reliable=True,
        reason="errors clustered on persons",
        allowed_for=(columns.period, *columns.sides, *covariates),
    )


def _effects(
    used: pd.DataFrame, columns: ContrastColumns, start, covariates: tuple[str, ...]
) -> Iterator[np.ndarray]:
    """Columns of the model, that of the estimate first."""
    sides = [used[side].to_numpy(dtype=float) for side in columns.sides]
    both = np.prod(sides, axis=0)
    yield both * (used[columns.period] >= start).to_numpy(dtype=float)
    yield both
    period = pd.get_dummies(used[columns.period], dtype=float).to_numpy()
    yield period
    if len(sides) > 1:
        for side in sides:
            yield side[:, None] * period
    for name in covariates:
        yield pd.get_dummies(used[name], drop_first=True, dtype=float).to_numpy()


# -- what speaks against ---------------------------------------------------------------------------
def drift_before(
    frame: pd.DataFrame, columns: ContrastColumns, what: Quantity, *, start
) -> Estimate | NotEstimable:
    """Change of the contrast a period before the start (`what.unit`), a straight line through the
    periods before it."""
    found = contrasts(frame, columns)
    before = found[found.index < start]
    if len(before) < FEWEST_PERIODS + 2:
        return NotEstimable(what.estimand, "line", what.unit, "treated_from_start")
    time = np.arange(len(before), dtype=float)
    fit = sm.WLS(before["contrast"].to_numpy(), sm.add_constant(time), before["weight"]).fit()
    low, high = fit.conf_int(ALPHA)[1]
    return Estimate(
        what.estimand,
        "line",
        what.unit,
        float(fit.params[1]),
        float(low),
        float(high),
        std_error=float(fit.bse[1]),
        p_value=float(fit.pvalues[1]),
        df=float(fit.df_resid),
        reason=REASON,
    )


def changes_at_made_up_starts(
    frame: pd.DataFrame, columns: ContrastColumns, what: Quantity, *, start
) -> tuple[Estimate, ...]:
    """What the same method finds at each start that could be made up within the time before the
    real one, with FEWEST_PERIODS or more on either side."""
    before = frame[frame[columns.period] < start]
    periods = contrasts(before, columns).index
    starts = periods[FEWEST_PERIODS : len(periods) - FEWEST_PERIODS + 1]
    found = (change_of_contrast(before, columns, what, start=made_up) for made_up in starts)
    return tuple(one for one in found if isinstance(one, Estimate))
