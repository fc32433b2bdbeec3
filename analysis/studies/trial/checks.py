"""Checks of a training trial: was the lot kept, did the offer lead to uptake, did waiting sites
wait, who answered.

Texts leave with the record: their numbers are cleared (disclosure/people_said.py).
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.designs.cohorts.balance import combined_codes, covariate_matrix
from analysis.designs.trials import trial
from analysis.designs.trials.uptake import SMALLEST_F
from analysis.disclosure.people_said import Asked, cleared_share, decided, difference
from analysis.disclosure.rules import is_small, load_rules
from analysis.disclosure.suppression import rate_of
from analysis.inference.absorbed.effects import independent_columns
from analysis.inference.assignments import permuted_labels_test
from analysis.inference.columns import Pair, Quantity, TrialColumns
from analysis.judgement.classes import DIFFERENTIAL_RESPONSE_POINTS
from analysis.plans.plan import Outcome
from analysis.results import CheckResult, Estimate
from analysis.said.numbers import ClearedNumber, cleared_p, planned
from analysis.said.texts import named, say
from analysis.sections.intersections import NOT_RELIABLE_BELOW
from analysis.studies.trial.measures import BLOCK, RELEVANCE, SIDE, SITE, Measured
from analysis.study.losses.response import (
    ANSWERED,
    Counts,
    deciding_rates,
    response_check,
    side_shares,
)
from analysis.vocabulary.ethnicity import MISSING

ALPHA = 0.05
SIDES, TOOK_PART = ("at sites with the programme", "at waiting sites"), "took part"
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
    asked: Asked,
) -> tuple[CheckResult, ...]:
    """All checks of one place; `passed` None where nothing is compared there. `smallest`: response
    needed, percent.

    `managers`: those of compared sites. `reference`: the ethnic group beside which all others
    together are minority ethnic. `asked`: the place and its clearance.
    """
    about = asked.of(unit="managers")
    first = (lot_kept(managers, seed=seed), uptake(managers, about), contamination(managers, about))
    answers = [
        (
            response(each, asked, smallest=smallest, reference=reference)
            if each.outcome.survey
            else losses(each, asked)
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
    text = say(
        "Recorded characteristics of managers {verb} which sites were drawn, within blocks of the"
        " lot ({p}, beside other ways to draw the sites).",
        verb="do not predict" if p > ALPHA else "predict",
        p=cleared_p(p),
    )
    return CheckResult(
        "randomisation", p > ALPHA, text, p, ALPHA, bears_on="claim", shown=cleared_p(p)
    )


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


def _took_part(managers: pd.DataFrame) -> tuple[tuple[int, int], tuple[int, int]]:
    """Managers who took part, and all, where the programme was offered and at waiting sites."""
    sides = [managers.loc[managers[SIDE] == side, "attended"] for side in (1, 0)]
    offered, waiting = ((int(side.sum()), len(side)) for side in sides)
    return offered, waiting


def uptake(managers: pd.DataFrame, asked: Asked) -> CheckResult:
    """Did the offer lead managers to take part? F of the first stage, clustered by site.

    The text tells the shares only where that of either side may be told: one of them, or their
    difference, gives a withheld one back.
    """
    found = None
    if managers[SIDE].nunique() == 2:
        found = trial.intention_to_treat(
            managers,
            TrialColumns(arm=SIDE, outcome="attended", cluster=SITE, blocks=(BLOCK,), scale=100.0),
            Quantity("uptake", "in_every_100"),
            Pair(1.0, 0.0),
        )
    offered, waiting = _took_part(managers)
    if isinstance(found, Estimate):
        f, more = float((found.value / found.std_error) ** 2), found.value > 0
    elif offered[0] and waiting[1] and not waiting[0]:
        f, more = math.inf, True  # said as of a few, or it would tell that there was nobody (S20)
    else:
        return CheckResult(
            "uptake",
            None,
            "How far the offer led to taking part is not compared.",
            threshold=SMALLEST_F,
            bears_on="claim",
        )
    shares = side_shares(_took_part(managers), asked, count=TOOK_PART, arms=SIDES)
    if shares is None:
        many = "More" if more else "No more"
        told = say("{many} managers took part where the programme was offered", many=many)
    else:
        told = say(
            "{offered} in every 100 managers took part where the programme was offered, and"
            " {waiting} in every 100 at waiting sites",
            offered=shares[0],
            waiting=shares[1],
        )
    text = say(
        "{told} (F of the first stage is {side} the {least} that is needed).",
        told=told,
        side="at least" if f >= SMALLEST_F else "below",
        least=planned(SMALLEST_F),
    )
    return CheckResult("uptake", f >= SMALLEST_F, text, f, SMALLEST_F, bears_on="claim")


def contamination(managers: pd.DataFrame, asked: Asked) -> CheckResult:
    """Managers of waiting sites who took part before the cross-over (percent)."""
    early, n = _took_part(managers)[1]
    if is_small(n, load_rules()):
        return CheckResult(
            "contamination",
            None,
            "Waiting sites are not compared here.",
            threshold=MOST_CONTAMINATED,
            bears_on="claim",
        )
    share = cleared_share(early, n, asked.of(arm=SIDES[1]), count=TOOK_PART)
    most = planned(MOST_CONTAMINATED)
    if share.is_withheld:
        passed = decided(early, n, lambda percent: percent <= MOST_CONTAMINATED)
        text = _untold_contamination(passed, most)
        return CheckResult(
            "contamination", passed, text, threshold=MOST_CONTAMINATED, bears_on="claim"
        )
    rate = rate_of(early, n)
    text = say(
        "{share}% of managers at waiting sites took part before the cross-over; at most {most}% is"
        " allowed for.",
        share=share,
        most=most,
    )
    return CheckResult(
        "contamination",
        rate <= MOST_CONTAMINATED,
        text,
        rate,
        MOST_CONTAMINATED,
        bears_on="claim",
        shown=share,
    )


def _untold_contamination(passed: bool | None, most: ClearedNumber) -> str:
    """Of a share that is withheld: on which side of the limit, where that tells no more."""
    if passed is None:
        return say(
            "Too few managers at waiting sites for the share that took part before the cross-over"
            " to be told; at most {most}% is allowed for.",
            most=most,
        )
    return say(
        "{side} {most}% of managers at waiting sites took part before the cross-over; at most"
        " {most}% is allowed for.",
        side="At most" if passed else "More than",
        most=most,
    )


def response(measured: Measured, asked: Asked, *, smallest: float, reference: str) -> CheckResult:
    """Did enough staff answer, and about as many on either side, minority ethnic staff too?
    (percentage points)

    Answers after the cross-over do not count.
    """
    name = f"response_{measured.outcome.id}"
    return response_check(
        name,
        _known(measured),
        asked.of(outcome=measured.outcome.id, where=f"check: {name}"),
        floor=smallest,
        of=SIDES,
        minority=_minority(measured, reference),
    )


def reaction_response(
    managers: pd.DataFrame, outcome: Outcome, asked: Asked, *, smallest: float
) -> CheckResult:
    """Of managers who took part where the programme was offered, how many answered (value and
    threshold in percent)."""
    name = f"response_{outcome.id}"
    took_part = managers[(managers[SIDE] == 1) & (managers["attended"] == 1)]
    answered = int(took_part[RELEVANCE].notna().sum())
    about = asked.of(unit="managers", by="took part", where=f"check: {name}")
    share = cleared_share(answered, len(took_part), about, count=ANSWERED)
    if share.is_withheld:
        return CheckResult(
            name,
            None,
            "Too few managers were asked to say how many answered.",
            threshold=smallest,
            bears_on="nothing",
        )
    rate = rate_of(answered, len(took_part))
    text = say(
        "{share}% of managers who took part answered whether they {event}; at least {least}% are"
        " needed.",
        share=share,
        event=named(outcome.event),
        least=planned(smallest),
    )
    return CheckResult(
        name, rate >= smallest, text, rate, smallest, bears_on="nothing", shown=share
    )


def _minority(measured: Measured, reference: str) -> Counts | None:
    """Answers of minority ethnic staff; None where either side has too few of them for a rate (rule
    S16)."""
    group = measured.people["ethnic_group"]
    own = measured.among(~group.isin([reference, *MISSING]))
    if own.people.groupby(SIDE).size().reindex([0.0, 1.0], fill_value=0).min() < NOT_RELIABLE_BELOW:
        return None
    return _known(own)


def losses(measured: Measured, asked: Asked) -> CheckResult:
    """People without an outcome, by side (percent): at most 10 points apart."""
    name, most = f"attrition_{measured.outcome.id}", planned(DIFFERENTIAL_RESPONSE_POINTS)
    about = asked.of(outcome=measured.outcome.id, where=f"check: {name}")
    counts = [(n - known, n) for known, n in _known(measured)]
    rates = deciding_rates([(n - lost, n) for lost, n in counts], about)
    if rates is None:
        return CheckResult(
            name,
            None,
            "Losses could not be compared.",
            threshold=DIFFERENTIAL_RESPONSE_POINTS,
            bears_on="claim",
        )
    gap, shares = abs(rates[0] - rates[1]), side_shares(counts, about, count="missing", arms=SIDES)
    passed = gap <= DIFFERENTIAL_RESPONSE_POINTS
    if shares is None:
        text = say(
            "The shares of the two sides that lack the measure lie {near} {most} points apart that"
            " are allowed for.",
            near="within the" if passed else "beyond the",
            most=most,
        )
    else:
        text = say(
            "The measure is missing for {offered}% {at_offered} and {waiting}% {at_waiting}; at"
            " most {most} points apart are needed.",
            offered=shares[0],
            at_offered=SIDES[0],
            waiting=shares[1],
            at_waiting=SIDES[1],
            most=most,
        )
    return CheckResult(
        name,
        passed,
        text,
        gap,
        DIFFERENTIAL_RESPONSE_POINTS,
        bears_on="claim",
        shown=None if shares is None else difference(shares[0], shares[1]),
    )


def _known(measured: Measured) -> Counts:
    """People with an outcome, and all, at offered sites and at waiting ones (exact)."""
    known, side = measured.people[measured.column].notna(), measured.people[SIDE]
    return [(int(known[side == arm].sum()), int((side == arm).sum())) for arm in (1, 0)]
