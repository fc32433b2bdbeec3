"""Checks of a training trial: was the lot kept, did the offer lead to uptake, did waiting sites
wait, who answered.

Texts hold numbers from counts in fives (rule S6), since checks leave with the record.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.designs.cohorts.balance import combined_codes, covariate_matrix
from analysis.designs.trials import trial
from analysis.designs.trials.uptake import SMALLEST_F
from analysis.disclosure.rules import is_small, load_rules
from analysis.disclosure.suppression import rate_of
from analysis.inference.assignments import permuted_labels_test
from analysis.inference.clusters import independent_columns
from analysis.inference.columns import Pair, Quantity, TrialColumns
from analysis.judgement.classes import DIFFERENTIAL_RESPONSE_POINTS
from analysis.plans.plan import Outcome
from analysis.results import CheckResult, Estimate, significant
from analysis.sections.intersections import NOT_RELIABLE_BELOW
from analysis.studies.trial.measures import BLOCK, RELEVANCE, SIDE, SITE, Measured
from analysis.vocabulary.ethnicity import MISSING

ALPHA = 0.05
COVARIATES = ("test_before", "length_of_service_years", "sex", "age_band", "grade")
MOST_CONTAMINATED = (
    10.0  # points: as much as the largest difference in response (METHODS section 0 rule 10)
)


def checks_of(
    managers: pd.DataFrame,
    measured: Sequence[Measured],
    *,
    smallest: float,
    reference: str,
    seed: int,
) -> tuple[CheckResult, ...]:
    """All checks of one place; `passed` None where nothing is compared there. `smallest`: response
    needed, percent.

    `managers`: those of compared sites. `reference`: the ethnic group beside which all others
    together are minority ethnic.
    """
    first = (lot_kept(managers, seed=seed), uptake(managers), contamination(managers))
    answers = [
        (
            response(each, smallest=smallest, reference=reference)
            if each.outcome.survey
            else losses(each)
        )
        for each in measured
        if each.horizon is None
    ]
    return (*first, *answers)


def lot_kept(managers: pd.DataFrame, *, seed: int) -> CheckResult:
    """Do recorded characteristics of sites predict which were drawn? Sites are shuffled within the
    blocks of the lot."""
    rows = managers.dropna(subset=list(COVARIATES))
    if rows.empty or rows[SIDE].nunique() < 2:
        return CheckResult(
            "randomisation",
            None,
            "Whether the lot was kept could not be tested.",
            threshold=ALPHA,
            bears_on="claim",
        )
    matrix = covariate_matrix(rows, list(COVARIATES)).astype(float)
    means = matrix.groupby(rows[SITE].to_numpy()).mean()
    sites = rows.drop_duplicates(SITE).set_index(SITE).loc[means.index]
    blocks = combined_codes(sites, [BLOCK])
    predicted = _predicted(means.to_numpy(), blocks)
    found = permuted_labels_test(
        sites[SIDE].to_numpy().astype(int), predicted, seed=seed, blocks=blocks
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
    text = (
        f"Recorded characteristics of managers {verb} which sites were drawn, within blocks of the"
        f" lot (p = {significant(p):g}, {found.compared:,} ways to draw the sites)."
    )
    return CheckResult("randomisation", p > ALPHA, text, significant(p), ALPHA, bears_on="claim")


def _predicted(values: np.ndarray, blocks: np.ndarray):
    """For assignments (rows): the part of each, within blocks, that the characteristics of sites
    account for (sum of squares). The basis lies within blocks, so that means of blocks need not be
    taken out of an assignment.
    """
    size = np.bincount(blocks)

    def within(columns: np.ndarray) -> np.ndarray:
        means = np.column_stack([np.bincount(blocks, column) / size for column in columns.T])
        return columns - means[blocks]

    centred = within(values)
    basis, _ = np.linalg.qr(centred[:, independent_columns(centred, values)])

    def share(sides: np.ndarray) -> np.ndarray:
        return ((sides.astype(float) @ basis) ** 2).sum(axis=1)

    return share


def uptake(managers: pd.DataFrame) -> CheckResult:
    """Did the offer lead managers to take part? F of the first stage, clustered by site."""
    found = None
    if managers[SIDE].nunique() == 2:
        found = trial.intention_to_treat(
            managers,
            TrialColumns(arm=SIDE, outcome="attended", cluster=SITE, blocks=(BLOCK,), scale=100.0),
            Quantity("uptake", "in_every_100"),
            Pair(1.0, 0.0),
        )
    if not isinstance(found, Estimate):
        return CheckResult(
            "uptake",
            None,
            "How far the offer led to taking part is not compared.",
            threshold=SMALLEST_F,
            bears_on="claim",
        )
    f = significant((found.value / found.std_error) ** 2)
    text = (
        f"{significant(found.value):g} more in every 100 managers took part where the programme was"
        f" offered (F of the first stage {f:,g}; at least {SMALLEST_F:g} is needed)."
    )
    return CheckResult("uptake", f >= SMALLEST_F, text, f, SMALLEST_F, bears_on="claim")


def contamination(managers: pd.DataFrame) -> CheckResult:
    """Managers of waiting sites who took part before the cross-over (percent)."""
    waiting = managers[managers[SIDE] == 0]
    early, n = int(waiting["attended"].sum()), len(waiting)
    if is_small(n, load_rules()):
        return CheckResult(
            "contamination",
            None,
            "Waiting sites are not compared here.",
            threshold=MOST_CONTAMINATED,
            bears_on="claim",
        )
    passed = bool(100 * early / n <= MOST_CONTAMINATED)
    if is_small(early, load_rules()):
        text = "Hardly any manager of a waiting site took part before the cross-over."
        return CheckResult(
            "contamination", passed, text, threshold=MOST_CONTAMINATED, bears_on="claim"
        )
    rate = rate_of(early, n)
    text = (
        f"{rate:g}% of managers at waiting sites took part before the cross-over; at most"
        f" {MOST_CONTAMINATED:g}% is allowed for."
    )
    return CheckResult(
        "contamination", rate <= MOST_CONTAMINATED, text, rate, MOST_CONTAMINATED, bears_on="claim"
    )


def response(measured: Measured, *, smallest: float, reference: str) -> CheckResult:
    """Did enough staff answer, and about as many on either side, minority ethnic staff too?
    (percentage points)

    value: the larger of the two gaps. Answers after the cross-over do not count.
    """
    name = f"response_{measured.outcome.id}"
    rates = _known_rates(measured)
    if rates is None:
        return CheckResult(
            name,
            None,
            "Response could not be compared.",
            threshold=DIFFERENTIAL_RESPONSE_POINTS,
            bears_on="claim",
        )
    offered, waiting, whole = rates
    gap, minority = abs(offered - waiting), _minority_rates(measured, reference)
    text = (
        f"{whole:.3g}% answered the survey; {offered:.3g}% at sites with the programme and"
        f" {waiting:.3g}% at waiting sites"
    )
    if minority is not None:
        gap = max(gap, abs(minority[0] - minority[1]))
        text += f"; of minority ethnic staff {minority[0]:.3g}% and {minority[1]:.3g}%"
    text += (
        f". At least {smallest:.0f}% and at most {DIFFERENTIAL_RESPONSE_POINTS:.0f} points apart"
        " are needed."
    )
    passed = gap <= DIFFERENTIAL_RESPONSE_POINTS and whole >= smallest
    return CheckResult(
        name, passed, text, round(gap, 1), DIFFERENTIAL_RESPONSE_POINTS, bears_on="claim"
    )


def reaction_response(managers: pd.DataFrame, outcome: Outcome, *, smallest: float) -> CheckResult:
    """Of managers who took part where the programme was offered, how many answered (value and
    threshold in percent)."""
    name = f"response_{outcome.id}"
    took_part = managers[(managers[SIDE] == 1) & (managers["attended"] == 1)]
    asked, answered = len(took_part), int(took_part[RELEVANCE].notna().sum())
    if any(is_small(n, load_rules()) for n in (asked, answered, asked - answered)):
        return CheckResult(
            name,
            None,
            "Too few managers were asked to say how many answered.",
            threshold=smallest,
            bears_on="nothing",
        )
    rate = rate_of(answered, asked)
    text = (
        f"{rate:.3g}% of managers who took part answered whether they {outcome.event}; at least"
        f" {smallest:.0f}% are needed."
    )
    return CheckResult(name, rate >= smallest, text, rate, smallest, bears_on="nothing")


def _minority_rates(measured: Measured, reference: str) -> tuple[float, float, float] | None:
    """Response of minority ethnic staff; None where either side has too few of them for a rate
    (rule S16)."""
    group = measured.people["ethnic_group"]
    own = measured.among(~group.isin([reference, *MISSING]))
    if own.people.groupby(SIDE).size().reindex([0.0, 1.0], fill_value=0).min() < NOT_RELIABLE_BELOW:
        return None
    return _known_rates(own)


def losses(measured: Measured) -> CheckResult:
    """People without an outcome, by side (percent): at most 10 points apart."""
    name = f"attrition_{measured.outcome.id}"
    rates = _known_rates(measured)
    if rates is None:
        return CheckResult(
            name,
            None,
            "Losses could not be compared.",
            threshold=DIFFERENTIAL_RESPONSE_POINTS,
            bears_on="claim",
        )
    offered, waiting, _ = (100 - rate for rate in rates)
    gap = abs(offered - waiting)
    text = (
        f"The measure is missing for {offered:.3g}% at sites with the programme and {waiting:.3g}%"
        f" at waiting sites; at most {DIFFERENTIAL_RESPONSE_POINTS:.0f} points apart are needed."
    )
    return CheckResult(
        name,
        gap <= DIFFERENTIAL_RESPONSE_POINTS,
        text,
        round(gap, 1),
        DIFFERENTIAL_RESPONSE_POINTS,
        bears_on="claim",
    )


def _known_rates(measured: Measured) -> tuple[float, float, float] | None:
    """Percent with an outcome at offered sites, at waiting ones, and in all; from counts in fives.
    None: too few."""
    known, side = measured.people[measured.column].notna(), measured.people[SIDE]
    parts = [side == 1, side == 0, side.notna()]
    if any(is_small(int(part.sum()), load_rules()) for part in parts):
        return None
    return tuple(rate_of(int(known[part].sum()), int(part.sum())) for part in parts)
