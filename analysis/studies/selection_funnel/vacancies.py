"""Vacancies opened to people with lived experience, in one place or in all: counted, and compared
with nothing. Exact and private."""

from collections.abc import Iterator
from functools import cached_property

import pandas as pd

from analysis.designs.selection.exact_share import METHOD, exact_share
from analysis.disclosure.rules import is_small, load_rules, round_to_base
from analysis.plans.plan import Outcome
from analysis.record.row import Row
from analysis.results import EVERYONE, CheckResult, Estimate, Fact, Support, significant
from analysis.said.numbers import planned
from analysis.said.texts import named, say
from analysis.studies.selection_funnel.kind import KIND
from analysis.studies.selection_funnel.webinars import share_row
from analysis.study.frame_study import FrameStudy
from analysis.vocabulary.regions import ALL, place_set

STILL_OPEN = "exact_open_counted"


class VacancyStudy(FrameStudy):
    """One plan in one place; `everyone` holds vacancies of all regions that were asked for."""

    @property
    def takes_part(self) -> bool:
        """The place is all regions, or one of those that the plan names."""
        return self.place == ALL or self.place in self.plan.comparison.arms

    @cached_property
    def opened(self) -> pd.DataFrame:
        """Opened vacancies whose recruitment has ended; read only."""
        return self.everyone[self.everyone["excluded"] == ""]

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Of a region without opened vacancies, that it did not take part."""
        if self.takes_part:
            return ()
        text = say(
            "{place} did not take part: its vacancies were not opened to people with lived"
            " experience.",
            place=named(place_set(self.plan.data.places).name(self.place)),
        )
        none = planned(0.0)  # the plan names the regions that take part
        return (CheckResult("own_sites", None, text, 0.0, bears_on="nothing", shown=none),)

    def _rows_of(self, outcome: Outcome) -> Iterator[Row]:
        yield self.row(outcome, EVERYONE, Fact(KIND.estimand, KIND.method, outcome.unit))
        if not self.takes_part:
            return
        yield self._exact(outcome, self.opened, METHOD)
        also_open = self.everyone[self.everyone["excluded"].isin(("", "still_open"))]
        yield self._exact(outcome, also_open, STILL_OPEN).with_(note="second_opinion")

    def _exact(self, outcome: Outcome, rows: pd.DataFrame, method: str) -> Row:
        """The share of vacancies that were filled so; its exact interval from counts in fives
        (rule S6)."""
        events, base = int(rows[outcome.id].sum()), len(rows)
        smallest = min(events, base - events)
        support = Support(n=base, persons=base, smallest_cell=smallest, residual_df=base)
        value = 100 * events / base if base else None
        fact = Fact("share", method, outcome.unit, value, support)
        row = self.row(outcome, EVERYONE, fact, n_treated=events)
        step = load_rules().rounding_base.value
        found = exact_share(round_to_base(events, step), round_to_base(base, step))
        if is_small(smallest, load_rules()) or not isinstance(found, Estimate):
            return row
        low, high = significant(found.conf_low), significant(found.conf_high)
        return row.with_(conf_low=low, conf_high=high)

    def _fact_rows(self, outcome: Outcome) -> Iterator[Row]:
        """Of vacancies in regions that take part, those that were opened; of opened ones, those
        with an applicant, or with someone on the shortlist."""
        if not self.takes_part:  # nothing to count, and nothing to withhold
            yield self.row(outcome, EVERYONE, Fact(KIND.estimand, KIND.method, outcome.unit))
            return
        if outcome.id == "opened":
            inside = self.everyone["excluded"] != "advertised_earlier_or_later"
            regions = self.everyone["region"].isin(tuple(self.plan.comparison.arms))
            rows = self.everyone[inside & regions]
        else:
            rows = self.opened
        yield share_row(self, outcome, int((rows[outcome.id] > 0).sum()), len(rows))
