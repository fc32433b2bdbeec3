"""Whether units that got more of a programme changed more: a slope among those that started.

Nobody drew the dose by lot, so that it is never more than a link. Each started unit's change since
its start is set beside that of the units of its block that never start; the slope is over started
units, weighted alike, with errors that allow for unequal spread (HC3, MacKinnon and White 1985).
"""

import numpy as np
import pandas as pd

from analysis.designs.rollouts.starting_level import StartRows
from analysis.inference.clusters import CoefficientTest
from analysis.results import Estimate, NotEstimable, Support, What

FEWEST = 10  # started units (METHODS section 0 rule 3: clusters below which nothing is set)


def dose_slope(
    rows: StartRows, dose: pd.Series, *, need: int, what: What
) -> Estimate | NotEstimable:
    """Change of a started unit for one more of the dose, in the outcome's unit. dose: by unit;
    need: periods before a start that serve neither side."""
    import statsmodels.api as sm

    base = rows.mean(0, rows.start - need)
    change = rows.mean(rows.start, rows.panel.values.shape[1]) - base
    names = np.array(rows.panel.units, dtype=object)[rows.unit]
    given = pd.Series(names).map(dose).to_numpy(dtype=float)
    own = rows.started & np.isfinite(change) & np.isfinite(given)
    others = ~rows.started & np.isfinite(change)
    cells = int(rows.cell.max(initial=-1)) + 1
    size = np.bincount(rows.cell, others * rows.weight, minlength=cells)
    total = np.bincount(rows.cell, np.where(others, rows.weight * change, 0.0), minlength=cells)
    level = np.divide(total, size, out=np.full(cells, np.nan), where=size > 0)[rows.cell]
    own &= np.isfinite(level)
    support = Support(clusters_treated=int(own.sum()), clusters_comparison=int(others.sum()))
    if own.sum() < FEWEST:
        return NotEstimable(*what, "too_few_sites", support)
    if np.ptp(given[own]) == 0:
        return NotEstimable(*what, "constant_outcome", support)
    fit = sm.OLS((change - level)[own], sm.add_constant(given[own])).fit(cov_type="HC3")
    df = float(own.sum() - 2)
    test = CoefficientTest(float(fit.params[1]), float(fit.bse[1]), df)
    low, high = test.interval()
    value = float(fit.params[1])
    return Estimate(*what, value, low, high, test.std_error, test.p_value, df, support=support)
