"""Were the two sides of a comparison alike before it? Standardised mean differences and the
randomisation check."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.inference.absorbed.effects import absorb, independent_columns
from analysis.inference.assignments import permuted_labels_test
from analysis.inference.coding import zero_one
from analysis.inference.columns import DyadColumns
from analysis.results import CheckResult
from analysis.said.numbers import cleared_p, planned, tally
from analysis.said.texts import say

GREEN, AMBER = 5.0, 10.0  # percent; Justice Data Lab method statement (METHODS section 2 row 2)
ALPHA = 0.05


@dataclass(frozen=True, eq=False)
class Balance:
    """Standardised mean differences, one row a covariate (or level of one), and what the checks
    say.

    Columns: covariate, mean_treated, mean_comparison (unit of the covariate), difference_before and
    difference_after (percent of the treated people's standard deviation before; after: within
    cells, or matched), light (of the difference after: green to 5, amber to 10, red above). checks:
    "balance".
    """

    checks: tuple[CheckResult, ...]
    _frame: pd.DataFrame = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_frame", self._frame.copy())

    def to_frame(self) -> pd.DataFrame:
        return self._frame.copy()

    def summary(self) -> str:
        return " ".join(check.text for check in self.checks)


def covariate_matrix(frame: pd.DataFrame, covariates: list[str]) -> pd.DataFrame:
    """Covariates as numbers: numeric columns as they are; each level of the others but the most
    frequent as 0 or 1.

    A missing level is a level of its own. Columns are named `covariate` or `covariate: level`.
    Missing numbers stay.
    """
    columns = _covariate_columns(frame, covariates)
    return pd.DataFrame(columns, index=frame.index)


def covariate_array(frame: pd.DataFrame, covariates: list[str]) -> np.ndarray:
    """The numbers of `covariate_matrix` without their names (rows x columns)."""
    columns = list(_covariate_columns(frame, covariates).values())
    return np.column_stack(columns) if columns else np.zeros((len(frame), 0))


def _covariate_columns(frame: pd.DataFrame, covariates: list[str]) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    for name in covariates:
        values = frame[name]
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            columns[name] = values.to_numpy(dtype=float, na_value=np.nan)
            continue
        codes, levels = pd.factorize(values, use_na_sentinel=False, sort=False)
        sizes = np.bincount(codes, minlength=len(levels))
        order = sorted(range(len(levels)), key=lambda i: (-sizes[i], str(levels[i])))
        for level in order[1:]:
            label = "missing" if pd.isna(levels[level]) else levels[level]
            columns[f"{name}: {label}"] = (codes == level).astype(float)
    return columns


def combined_codes(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Integer codes, from 0 without gaps, of the combinations of `columns` that occur."""
    codes = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        own = pd.factorize(frame[column], use_na_sentinel=False)[0]
        codes = pd.factorize(codes * (int(own.max(initial=0)) + 1) + own)[0]
    return codes


def treated_spread(values: np.ndarray, treated: np.ndarray) -> float:
    """Standard deviation among the treated: sqrt(p (1 - p)) for 0 and 1, else that of the
    sample."""
    own = values[treated]
    share = own.mean()
    binary = bool(np.isin(values, (0.0, 1.0)).all())
    spread = np.sqrt(share * (1 - share)) if binary else (own.std(ddof=1) if len(own) > 1 else 0.0)
    return float(spread)


def standardised_difference(difference: float, spread: float) -> float | None:
    """100 x difference / spread (percent); 0 where there is neither, None where the treated do not
    vary."""
    if spread > 0:
        return float(100 * difference / spread)
    return 0.0 if abs(difference) < 1e-12 else None


def light(difference: float | None) -> str:
    """green up to 5 percent either way, amber up to 10, red above or where the treated do not
    vary."""
    if difference is None or abs(difference) > AMBER:
        return "red"
    return "green" if abs(difference) <= GREEN else "amber"


def balance_check(lights: list[str]) -> CheckResult:
    """The worst light in words; passed unless one is red."""
    red, amber = lights.count("red"), lights.count("amber")
    text = say(
        "Of {all} characteristics compared, {red} differ by more than {most} percent of a standard"
        " deviation and {amber} by {least} to {most} percent.",
        all=tally(len(lights), "characteristics"),
        red=tally(red, "characteristics"),
        amber=tally(amber, "characteristics"),
        least=planned(GREEN),
        most=planned(AMBER),
    )
    return CheckResult(
        "balance",
        red == 0 if lights else None,
        text,
        value=float(red),
        threshold=0.0,
        bears_on="claim",
    )


def balance(
    dyads: pd.DataFrame, *, covariates: list[str], treated: str, cells: list[str]
) -> Balance:
    """Standardised mean differences (percent) between people with and without the exposure, raw and
    within cells.

    `treated` is a column of True and False. Within cells: the slope of the covariate on the
    exposure, so that each cell counts by the information it holds. Rows with a missing covariate
    number or exposure are left out.
    """
    dyads = dyads.assign(**{treated: zero_one(dyads[treated], treated)})
    matrix = covariate_matrix(dyads, covariates)
    used = matrix.notna().all(axis=1).to_numpy() & dyads[treated].notna().to_numpy()
    rows, values = dyads.loc[used], matrix.loc[used].to_numpy()
    exposure = rows[treated].to_numpy(dtype=float)
    codes, side = combined_codes(rows, cells), exposure == 1
    within = (
        absorb(np.column_stack([exposure, values]), [codes])
        if len(rows)
        else np.zeros((0, 1 + values.shape[1]))
    )
    information = float((within[:, 0] ** 2).sum())
    table = [
        _row(name, values[:, j], side, float(within[:, 0] @ within[:, j + 1]), information)
        for j, name in enumerate(matrix.columns)
        if side.any() and not side.all()
    ]
    checks = (balance_check([row["light"] for row in table]),)
    columns = [
        "covariate",
        "mean_treated",
        "mean_comparison",
        "difference_before",
        "difference_after",
        "light",
    ]
    return Balance(checks, pd.DataFrame(table, columns=columns))


def _row(
    name: str, values: np.ndarray, side: np.ndarray, shared: float, information: float
) -> dict:
    spread, treated, comparison = (
        treated_spread(values, side),
        values[side].mean(),
        values[~side].mean(),
    )
    after = standardised_difference(shared / information, spread) if information > 1e-9 else None
    return {
        "covariate": name,
        "mean_treated": float(treated),
        "mean_comparison": float(comparison),
        "difference_before": standardised_difference(treated - comparison, spread),
        "difference_after": after,
        "light": light(after),
    }


def randomisation_check(
    dyads: pd.DataFrame,
    columns: DyadColumns,
    *,
    cells: list[str],
    blocks: list[str],
    seed: int,
    draws: int | None = None,
) -> CheckResult:
    """Do recorded characteristics predict who is matched, within cells? What was assigned is
    shuffled where it was drawn.

    The ethnicity of practitioners is permuted among those of the same block (office and period);
    the statistic is the share of the exposure that the covariates account for within cells x
    person-ethnicity. A joint Wald test clustered on practitioner will not do: with the two dozen
    characteristics of Project STAR it rejects a true lot in a quarter of shuffles. Not run where a
    practitioner works in two blocks or nothing can be shuffled.
    """
    practitioner, own = columns.practitioner, columns.person_group
    theirs, covariates = columns.practitioner_group, list(columns.covariates)
    units = dyads[[practitioner, theirs, *blocks]].drop_duplicates(ignore_index=True)
    found = None
    if len(units) and units[practitioner].is_unique:
        unit = units.set_index(practitioner).index.get_indexer(dyads[practitioner])
        kinds, groups = pd.factorize(units[theirs])[::-1]
        share = _share_explained(
            dyads, covariates, [*cells, own], kinds.get_indexer(dyads[own]), unit
        )
        found = permuted_labels_test(
            groups, share, seed=seed, blocks=combined_codes(units, blocks), draws=draws
        )
    if found is None:
        return CheckResult(
            "randomisation",
            None,
            "Whether the lot was kept could not be tested.",
            threshold=ALPHA,
            bears_on="claim",
        )
    p = found.p_value[0]
    verb = "do not predict" if p > ALPHA else "predict"
    text = say(
        "Recorded characteristics {verb} who was matched, within office and period ({p}, beside"
        " other ways to assign practitioners).",
        verb=verb,
        p=cleared_p(p),
    )
    return CheckResult(
        "randomisation", p > ALPHA, text, p, ALPHA, bears_on="claim", shown=cleared_p(p)
    )


def _share_explained(
    dyads: pd.DataFrame, covariates: list[str], cells: list[str], own: np.ndarray, unit: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """For assignments of ethnicity to practitioners (rows, as codes): the share of the exposure
    within cells that covariates explain. `own`: each person's group by the same codes (-1:
    nobody's); `unit`: position of the practitioner.

    A row is exposed where its practitioner's code is its own, so that sums over rows are sums over
    practitioners of tables by code: no row of people is touched in a draw.
    """
    codes = combined_codes(dyads, cells)
    values = covariate_array(dyads, covariates)
    within = absorb(values, [codes])
    basis, _ = np.linalg.qr(within[:, independent_columns(within, values)])
    size, kinds, known = np.bincount(codes), int(own.max(initial=0)) + 1, own >= 0
    place = (own * (unit.max() + 1) + unit)[known]  # one place a code and practitioner

    def table(columns, width: int) -> sparse.csr_matrix:
        shape = (kinds * (unit.max() + 1), len(dyads))
        rows = sparse.csr_matrix(
            (np.ones(known.sum()), (place, np.flatnonzero(known))), shape=shape
        )
        return rows @ columns

    by_basis = table(basis, basis.shape[1])
    in_cell = sparse.csr_matrix((1 / np.sqrt(size[codes]), (np.arange(len(codes)), codes)))
    by_cell, count = table(in_cell, len(size)), table(np.ones(len(dyads)), 1)

    def share(groups: np.ndarray) -> np.ndarray:
        exposed = np.concatenate([groups == kind for kind in range(kinds)], axis=1).astype(float)
        in_cells = (sparse.csr_matrix(exposed) @ by_cell).power(2).sum(axis=1)
        total = exposed @ count - np.asarray(in_cells).ravel()
        explained = ((exposed @ by_basis) ** 2).sum(axis=1)
        return np.divide(explained, total, out=np.zeros(len(groups)), where=total > 1e-9)

    return share
