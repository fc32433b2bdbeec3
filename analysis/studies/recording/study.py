"""How the ethnic group of people is recorded in one place, round by round: everybody, those whose
group nobody knows among them.

Counts are cleared first; every share rests on them. All parts of a line are withheld where one of
them is small, since they add up to the people of the line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from analysis.disclosure.attack.known import total
from analysis.disclosure.attack.noted import note_relations
from analysis.disclosure.rules import is_small, load_rules
from analysis.extracts.counts.counts import Counted, counts_by_group
from analysis.extracts.reading.sources import engine_errors
from analysis.extracts.tables.recording_tables import SETTINGS
from analysis.judgement.wording.periods import quarter_label
from analysis.plans.monitor import Monitor
from analysis.plans.registry import Source
from analysis.studies.disparity.opening import open_counts
from analysis.studies.disparity.protected.names import At
from analysis.studies.disparity.study import MonitorStudy

ANSWERS = ("declared", "refused", "not_stated", "not_recorded")  # everybody has one of them
TRAVELLERS = ("traveller_declared", "traveller_held")
# What is counted, and over what.
OVER = (
    {name: "people" for name in ANSWERS}
    | {"known": "people", "in_both": "declared", "differs": "in_both"}
    | {"traveller_declared": "declared", "traveller_held": "known"}
)
WHERE = "how ethnicity is recorded"
EVERYBODY = "everybody has one answer"


@dataclass(frozen=True)
class Line:
    """Counts of one quarter and setting ("": all) in fives; None: withheld."""

    quarter: pd.Timestamp
    setting: str
    people: int | None
    counts: Mapping[str, int | None]

    def in_every_100(self, name: str, of: str | None = None) -> float | None:
        """A share from the counts as shown; None where one of them is withheld."""
        base = self.people if of is None else self.counts[of]
        count = self.counts[name]
        return None if count is None or not base else 100 * min(count, base) / base


@dataclass(frozen=True, eq=False)
class RecordingStudy(MonitorStudy):
    """The monitor in one place, and where its data come from: the tables of other monitors are
    read from there too."""

    source: Source = field(kw_only=True, repr=False)

    @cached_property
    def _exact(self) -> pd.DataFrame:
        """By quarter and setting: people and everything that is counted, all groups together."""
        table, measures = (
            self.counts.tables[self.plan.table],
            [Counted("people", "people", "people")],
        )
        measures += [Counted(name, name, "people") for name in OVER]
        with engine_errors(self.plan.table):
            found = counts_by_group(
                table, measures, by=["quarter", "setting"], quarters=self.counts.quarters
            )
        return found.pivot_table(
            index=["quarter", "setting"], columns="measure", values="events", aggfunc="sum"
        )

    @cached_property
    def rounds(self) -> tuple[Line, ...]:
        """Every round, everybody together, oldest first."""
        whole = self._exact.groupby("quarter").sum()
        return tuple(self._line(quarter, "", row) for quarter, row in whole.iterrows())

    @cached_property
    def settings(self) -> tuple[Line, ...]:
        """The newest round by setting."""
        newest = self.counts.last_quarter
        rows = self._exact.loc[newest] if newest in self._exact.index else self._exact.iloc[:0]
        few = any(self._few(rows.loc[s]) for s in rows.index)
        return tuple(
            self._line(newest, s, rows.loc[s], apart=few) for s in SETTINGS if s in rows.index
        )

    def _line(
        self, quarter: pd.Timestamp, setting: str, sums: pd.Series, *, apart: bool = False
    ) -> Line:
        by = f"setting={setting}" if setting else ""
        at = At(self.place, quarter_label(quarter), by=by)
        name = at.name("people", "")
        few, people = apart or self._few(sums), int(sums["people"])
        shown = self.clearing.people(name, people, where=WHERE)
        counts = {c: self._part(at, c, int(sums[c]), few) for c in self.counted}
        parts = [self._name(at, c) for c in ANSWERS]
        note_relations([total(name, parts, EVERYBODY)])
        if any(counts[c] is None for c in ANSWERS):
            counts |= dict.fromkeys(ANSWERS)
        return Line(quarter, setting, shown, counts)

    @property
    def counted(self) -> Sequence[str]:
        """What is counted here: Gypsies, Irish Travellers and Roma over all places alone (S14)."""
        return tuple(c for c in OVER if c not in TRAVELLERS or self.counts.by_places)

    def _few(self, sums: pd.Series) -> bool:
        """One of the answers, or the people known nowhere, are few."""
        rules = load_rules()
        parts = [int(sums[c]) for c in ANSWERS] + [int(sums["people"] - sums["known"])]
        return any(n > 0 and is_small(n, rules) for n in parts)

    def _part(self, at: At, column: str, exact: int, few: bool) -> int | None:
        return self.clearing.people(
            self._name(at, column), exact, where=WHERE, needs=at.name("people", ""), apart=few
        )

    @staticmethod
    def _name(at: At, column: str) -> str:
        return at.name(f"{column} of {OVER[column]}", "", "with")


def open_recording(plan: Monitor, place: str, source: Source) -> tuple:
    """The exact study of one place, the dates of its record, and the hash of the data."""
    study, dates, hashed = open_counts(plan, place, source)
    own = RecordingStudy(
        study.plan,
        study.place,
        study.counts,
        study.shown_on,
        hidden=study.hidden,
        source=source,
    )
    return own, dates, hashed
