"""Ratings of 1 to 4 by item: an ordinal model of the step, and how far two auditors agree."""

from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from analysis.designs.audits.brant import brant_test
from analysis.designs.audits.ratings import difference_at_or_above, proportional_odds
from analysis.extracts.tables.pilots.assessment_tables import GOOD, HIGHEST, ITEMS, LOWEST
from analysis.inference.columns import RatingColumns
from analysis.measurement.agreement import cohen_kappa, gwet_ac, krippendorff_alpha
from analysis.measurement.intraclass import intraclass_correlation
from analysis.plans.plan import Outcome
from analysis.results import CheckResult, Estimate, NotEstimable, Result
from analysis.studies.repeated_audits.kind import KIND
from analysis.studies.repeated_audits.series import AuditSeries, rating_of

SCALE = tuple(range(LOWEST, HIGHEST + 1))
AFTER, SINCE, SINCE_AFTER = "after", "since", "since_after"
SMALLEST_DOUBLE = 30  # audits rated twice; fewer show no agreement
# Krippendorff (2004, page 241): below it no conclusion rests on the ratings, from 0.8 on they are
# relied on.
LEAST_ALPHA = 0.667


def _columns(item: str) -> RatingColumns:
    """A step at the change beside a trend before and after it, weighted by the sample; fortnights
    are what was drawn, and share what moves them."""
    return RatingColumns(
        rating=rating_of(item),
        covariates=(SINCE, SINCE_AFTER),
        scale=SCALE,
        weights="weight",
        cluster="round",
    )


def rated_rows(study: AuditSeries) -> pd.DataFrame:
    """The audits that are compared, with the time since the change (in rounds)."""
    rows = study.everyone[study.everyone["excluded"] == ""]
    since = (rows["round"] - study.rounds.start).astype(float)
    after = (since >= 0).astype(float)
    return rows.assign(**{AFTER: after, SINCE: since, SINCE_AFTER: since * after})


def ordinal_step(study: AuditSeries, outcome: Outcome) -> Result:
    """How many more in every 100 are rated good enough on one item at the change, by proportional
    odds: the trend before and after it is in the model, the untouched items are not."""
    found = difference_at_or_above(
        rated_rows(study), _columns(outcome.id), at_least=GOOD, exposure=AFTER
    )
    named = replace(found, estimand=KIND.estimand, method="ordinal_ratings")
    if not isinstance(named, Estimate):
        return named
    return replace(named, allowed_for=("trend",), comparison_estimated=None, group_estimated=None)


def odds_of_step(study: AuditSeries, item: str) -> tuple[Estimate | NotEstimable, CheckResult]:
    """Log odds of a higher rating at the change, and whether they are alike at every cut."""
    columns = _columns(item)
    columns = replace(columns, covariates=(AFTER, *columns.covariates))
    rows = rated_rows(study)
    model = proportional_odds(rows, columns)
    checks = brant_test(rows, columns)
    check = next((one for one in checks if one.id == f"brant: {AFTER}"), checks[0])
    if isinstance(model, NotEstimable):
        return model, check
    return next(e for e in model.estimates if e.estimand == AFTER), check


@dataclass(frozen=True, eq=False)
class Twice:
    """Audits of the new instrument that two auditors rated apart from each other."""

    study: AuditSeries

    @cached_property
    def rows(self) -> pd.DataFrame:
        """One row an audit and auditor, called first and second."""
        study = self.study
        kept = ["audit_id", *(rating_of(item) for item in ITEMS)]
        used = study.everyone[study.everyone["excluded"] == ""]
        first = used.loc[used["audit_id"].isin(study.second["audit_id"]), kept]
        second = study.second.loc[study.second["audit_id"].isin(first["audit_id"]), kept]
        both = {"first": first, "second": second}
        return pd.concat([part.assign(rater=name) for name, part in both.items()])

    @property
    def enough(self) -> bool:
        return self.rows["audit_id"].nunique() >= SMALLEST_DOUBLE

    def coefficients(self, item: str) -> dict[str, Estimate | NotEstimable]:
        """Agreement on one item: 1 in full, 0 for what chance would give."""
        rating = rating_of(item)
        call = {"item": "audit_id", "rater": "rater", "rating": rating}
        scale = list(SCALE)
        return {
            "Krippendorff alpha": krippendorff_alpha(self.rows, **call, scale=scale),
            "Weighted kappa": cohen_kappa(self.rows, **call, weights="quadratic", scale=scale),
            "Gwet AC2": gwet_ac(self.rows, **call, weights="quadratic", scale=scale),
            "Intraclass correlation": intraclass_correlation(
                self.rows, **call, kind="1,1", limits=(LOWEST, HIGHEST)
            ),
        }
