"""How much of the effect on force goes along with fair treatment a quarter earlier, for the
analyst's private record only: never on a page, and never in an answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.designs.rollouts.mediated import Mediated, MediationColumns, mediated
from analysis.disclosure.release import ANALYST
from analysis.inference.randomisation import seed_for
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, Fact, Support
from analysis.studies.prison_culture.kind import FAIR
from analysis.study.rollouts.cells import UNIT
from analysis.study.rollouts.panels import QUARTER

if TYPE_CHECKING:
    from analysis.studies.prison_culture.study import PrisonStudy

COLUMNS = MediationColumns(
    unit=UNIT,
    block="region",
    period="month",
    ever="ever",
    exposure="exposed",
    mediator=FAIR,
    outcome="outcome",
)


def through_fair_treatment(study: "PrisonStudy", outcome: Outcome) -> Mediated | None:
    """Fair treatment of a quarter between the exposure in that quarter and the outcome of the next;
    the quarter of the start itself is left out, since nothing came before it, and so are those in
    which the need was seen that prisons were chosen by."""
    own = study.panel(outcome.id, months=QUARTER).rename(columns={outcome.id: "outcome"})
    before = study.panel(FAIR, months=QUARTER)[[UNIT, "month", FAIR]]
    rows = own.merge(before.assign(month=before["month"] + 1), on=[UNIT, "month"])
    since = rows["month"] - rows["start"]
    rows = rows[~since.between(-(study.need_seen // QUARTER), 0)]
    rows = rows.assign(
        outcome=study.scale_of(outcome.id) * rows["outcome"],
        exposed=(rows["month"] > rows["start"]).astype(float),
        ever=rows["start"].notna(),
    )
    return mediated(rows, COLUMNS, seed=seed_for(study.plan.study, study.place, FAIR))


def mediation_rows(study: "PrisonStudy", outcome: Outcome) -> Iterator[Row]:
    """One row a number: the part through fair treatment, the rest, and the correlations of what
    moves both at which that part, and the nearest end of its interval, are nil."""
    found = through_fair_treatment(study, outcome)
    if found is None:
        return
    numbers = {
        "through_fair_treatment": (found.through, outcome.unit),
        "beside_fair_treatment": (found.direct, outcome.unit),
        "correlation_at_nil": (found.rho_nil, "points"),
        "correlation_at_interval": (found.rho_interval, "points"),
    }
    people = study.people(FAIR)
    support = Support(n=found.cells, persons=study.persons(people))
    for method, (value, unit) in numbers.items():
        row = study.row(outcome, EVERYONE, Fact("mediated", method, unit, value, support))
        row = row.with_(note=ANALYST, direction="undefined", sesoi=None)
        if method.startswith("through"):
            row = row.with_(conf_low=found.low, conf_high=found.high)
        yield row
