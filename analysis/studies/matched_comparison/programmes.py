"""The effect of each programme, and of all of them put together by random effects."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.disclosure.parts import ARMS
from analysis.extracts.tables.pilots.programme_tables import PROGRAMMES
from analysis.inference.columns import Quantity
from analysis.judgement.pools.pooling import Pooled, pool_results
from analysis.plans.plan import Outcome
from analysis.record.row import Role, Row
from analysis.results import EVERYONE, Estimate, NotEstimable, Result
from analysis.studies.matched_comparison.kind import ONE, OVER, TOGETHER
from analysis.studies.matched_comparison.whom import Whom

if TYPE_CHECKING:
    from analysis.studies.matched_comparison.study import MatchedStudy


def effects(study: "MatchedStudy", outcome: Outcome) -> dict[str, Result]:
    """The effect of each programme on those who started it, each matched within itself."""
    return {name: study.effect(outcome, Whom(programme=name)) for name in PROGRAMMES}


def rows(study: "MatchedStudy", outcome: Outcome) -> Iterator[Row]:
    """One row a programme, and the one that puts them together."""
    found = effects(study, outcome)
    for name, result in found.items():
        own = replace(result, estimand=ONE, method=name)
        row = study.made(outcome, EVERYONE, own, note="second_opinion")
        yield row.with_(role=Role(part_of=ARMS, name=name))
    row = study.made(outcome, EVERYONE, together(found, outcome), note="second_opinion")
    yield row.with_(role=Role())


def together(found: dict[str, Result], outcome: Outcome) -> Estimate | NotEstimable:
    """The mean over programmes (random effects, REML): what one programme like them would do."""
    what = Quantity(OVER, outcome.unit)
    pooled = pool_results(found, estimand=what.estimand, unit=what.unit)
    if not isinstance(pooled, Pooled):
        return replace(pooled, method=TOGETHER)
    supports = [found[place.place].support for place in pooled.places]
    names = ("n", "n_identifying", "n_treated", "persons", "clusters_treated")
    sums = {name: sum(getattr(s, name) for s in supports) for name in names}
    support = replace(supports[0], **sums, smallest_cell=min(s.smallest_cell for s in supports))
    allowed = next(r.allowed_for for r in found.values() if isinstance(r, Estimate))
    return replace(pooled.mean, method=TOGETHER, support=support, allowed_for=allowed)
