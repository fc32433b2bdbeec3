"""Audited reports: ordinal models by domain, whether effects are the same at every cut, and whether
auditors agree."""

from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from analysis.designs.audits.auditors import AuditorModel, random_auditor
from analysis.designs.audits.brant import brant_test
from analysis.designs.audits.ratings import RatingModel, proportional_odds
from analysis.extracts.tables.pilots.court_tables import DOMAINS
from analysis.inference.columns import RatingColumns
from analysis.measurement.agreement import cohen_kappa, gwet_ac, krippendorff_alpha
from analysis.results import CheckResult, Estimate, NotEstimable

SCALE = [1, 2, 3, 4]
STARTED, IN_REFERENCE, PILOT = "started", "in_reference", "pilot"
COVARIATES = [STARTED, IN_REFERENCE, PILOT]
COLUMNS = RatingColumns(
    rating="rating",
    covariates=tuple(COVARIATES),
    scale=tuple(SCALE),
    weights="sampling_weight",
    cluster="court_id",
)
BRANT_ALPHA = 0.05
SMALLEST_REPORTS = 100  # fewer audited reports carry no model of three characteristics
SMALLEST_DOUBLE = 30


@dataclass(frozen=True, eq=False)
class Audits:
    """Ratings with `started`, `pilot`, `ethnic_group`, `sampling_weight`; one row a rating.
    reference: the group that others are compared with."""

    ratings: pd.DataFrame
    reference: str

    @cached_property
    def _rows(self) -> pd.DataFrame:
        known = self.ratings[self.ratings["ethnic_group"].notna()]
        return known.assign(
            started=known["started"].astype(float),
            pilot=known["pilot"].astype(float),
            in_reference=(known["ethnic_group"] == self.reference).astype(float),
        )

    @property
    def enough(self) -> bool:
        """Enough audited reports on either side for a model."""
        by = self._rows.groupby("started")["case_id"].nunique()
        return len(by) == 2 and by.min() >= SMALLEST_REPORTS / 2 and by.sum() >= SMALLEST_REPORTS

    def domain(self, name: str) -> pd.DataFrame:
        return self._rows[self._rows["domain"] == name]

    def model(
        self, name: str, *, not_proportional: tuple[str, ...] = ()
    ) -> RatingModel | NotEstimable:
        """Log odds of a higher rating, weighted by the design and clustered on court."""
        return proportional_odds(
            self.domain(name), replace(COLUMNS, not_proportional=not_proportional)
        )

    def with_auditors(self, name: str) -> AuditorModel | NotEstimable:
        """The same within auditors, whose severity varies at random."""
        return random_auditor(
            self.domain(name),
            rating="rating",
            covariates=COVARIATES,
            auditor="auditor_id",
            scale=SCALE,
        )

    def alike_at_every_cut(self, name: str) -> CheckResult:
        """Brant's test of the effect of the pilot."""
        checks = brant_test(self.domain(name), COLUMNS)
        return next((check for check in checks if STARTED in check.id), checks[0])

    @cached_property
    def double_rated(self) -> pd.DataFrame:
        """Reports rated by two auditors, who are called first and second."""
        rows = self._rows.sort_values(["case_id", "domain", "auditor_id"])
        order = rows.groupby(["case_id", "domain"]).cumcount()
        both = rows.groupby(["case_id", "domain"])["auditor_id"].transform("size") == 2
        return rows.assign(rater=order.map({0: "first", 1: "second"}))[both]

    def agreement(self, name: str) -> dict[str, Estimate | NotEstimable]:
        """Coefficients of agreement in one domain, 1 for full agreement and 0 for what chance would
        give."""
        rows = self.double_rated[self.double_rated["domain"] == name]
        call = {"item": "case_id", "rater": "rater", "rating": "rating"}
        return {
            "Weighted kappa": cohen_kappa(rows, **call, weights="quadratic", scale=SCALE),
            "Gwet AC1": gwet_ac(rows, **call, scale=SCALE),
            "Gwet AC2": gwet_ac(rows, **call, weights="quadratic", scale=SCALE),
            "Krippendorff alpha": krippendorff_alpha(rows, **call, metric="ordinal", scale=SCALE),
        }

    @property
    def enough_double(self) -> bool:
        return self.double_rated["case_id"].nunique() >= SMALLEST_DOUBLE


def of_started(estimates: tuple[Estimate, ...]) -> list[Estimate]:
    """The estimates that belong to the pilot: one, or one a cut."""
    return [estimate for estimate in estimates if STARTED in estimate.estimand]


__all__ = ["DOMAINS", "Audits", "of_started"]
