"""Who is in post, by grade: declared shares against benchmarks, what non-declaration leaves open,
and what changed.

Counts are rounded and suppressed first; everything shown rests on them. "Minority ethnic" is
everybody who declared a group other than the plan's reference: a benchmark counts the same people.
Single groups stand beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.disclosure.attack.known import total
from analysis.disclosure.attack.noted import note, note_relations
from analysis.disclosure.geography import shown_units
from analysis.disclosure.rules import is_small, load_rules, round_to_base
from analysis.disparity.representation import (
    Recorded,
    RecordedChange,
    imputed_share,
    recorded_change,
    relative_rate_from_shares,
    representation_index,
    share_of_declared,
    true_share_bounds,
)
from analysis.extracts.counts.counts import NOT_KNOWN, Counted, counts_by_group
from analysis.extracts.reading.sources import engine_errors
from analysis.inference.missing import Bounds
from analysis.inference.randomisation import seed_for
from analysis.judgement.wording.periods import quarter_label
from analysis.plans.study_plan import Benchmark
from analysis.results import Estimate, NotEstimable, Result, significant
from analysis.studies.disparity.protected.names import At
from analysis.studies.disparity.study import MonitorStudy
from analysis.vocabulary.regions import ALL

EVERY_GRADE = "all grades"
DECLARED, MINORITY = "declared", "minority ethnic"  # groups of staff, in names of counts
IN_A_GROUP = "whoever declared stands in one group"
WHERE = "who has declared; representation by grade and region"
IN_POST = Counted("in_post", "people", "people")
DELTAS = (
    0.0,
    0.5,
    -0.5,
)  # log odds: members likelier, or less likely, among those who did not declare


@dataclass(frozen=True)
class GradeLine:
    """One grade at one date, in fives (None: withheld): staff, declared, members of minority ethnic
    groups."""

    grade: str
    staff: int | None
    declared: int | None
    members: int | None

    @property
    def recorded(self) -> Recorded | None:
        if None in (self.staff, self.declared, self.members):
            return None
        return Recorded(self.members, min(self.declared, self.staff), self.staff)


@dataclass(frozen=True, eq=False)
class Workforce:
    """Staff in post of one place. `counts`: exact, columns quarter, grade, group, persons; read
    only. region: where it is not the place of the study."""

    study: MonitorStudy
    counts: pd.DataFrame
    region: str | None = None

    @property
    def newest(self) -> pd.Timestamp:
        return self.study.counts.last_quarter

    @property
    def grades(self) -> tuple[str, ...]:
        return (EVERY_GRADE, *sorted(self.counts["grade"].unique()))

    def line(self, grade: str, quarter: pd.Timestamp | None = None) -> GradeLine:
        """Counts of one grade as they may be shown, beside those of the other grades and of all of
        them, and under the joint decision."""
        key = (grade, quarter or self.newest)
        if key not in self._lines:
            self._lines[key] = self._cleared_line(*key)
        return self._lines[key]

    @cached_property
    def _lines(self) -> dict[tuple[str, pd.Timestamp], GradeLine]:
        return {}

    def _cleared_line(self, grade: str, quarter: pd.Timestamp) -> GradeLine:
        exact = self._exact(grade, quarter)
        found = _line(grade, *exact)
        if grade not in self._stand(quarter):
            found = replace(found, declared=None, members=None)
        names = self._names(grade, quarter)
        found = _less(found, names, self.study.hidden)
        _note_line(found, names, exact)
        return found

    def _names(self, grade: str, quarter: pd.Timestamp) -> "_Names":
        groups = ("", DECLARED, NOT_KNOWN, MINORITY, self.study.plan.groups.reference)
        return _Names(*(self._name(grade, quarter, group) for group in groups))

    def _name(self, grade: str, quarter: pd.Timestamp, group: str) -> str:
        """The name of a number of staff in post: as that of people counted over the same column."""
        by = "" if grade == EVERY_GRADE else f"grade={grade}"
        at = At(self.region or self.study.place, quarter_label(quarter), by=by)
        return at.name(IN_POST.of, group)

    def _stand(self, quarter: pd.Timestamp | None) -> frozenset[str]:
        """Grades whose parts give no small count of another grade back (S4); all grades together
        always stand."""
        exact = {grade: self._exact(grade, quarter) for grade in self.grades[1:]}
        parts = [
            {grade: part(*counts) for grade, counts in exact.items()}
            for part in (lambda s, d, m: m, lambda s, d, m: d - m, lambda s, d, m: s - d)
        ]
        return frozenset.intersection(*map(shown_units, parts)) | {EVERY_GRADE}

    def _exact(self, grade: str, quarter: pd.Timestamp | None = None) -> tuple[int, int, int]:
        """(staff, declared, members) of one grade."""
        rows = self.counts[self.counts["quarter"] == (quarter or self.newest)]
        rows = rows if grade == EVERY_GRADE else rows[rows["grade"] == grade]
        by_group = rows.groupby("group")["persons"].sum()
        staff, unknown = int(by_group.sum()), int(by_group.get(NOT_KNOWN, 0))
        reference = int(by_group.get(self.study.plan.groups.reference, 0))
        return staff, staff - unknown, staff - unknown - reference

    def group_shares(self, grade: str) -> dict[str, Result | None]:
        """Share of each broad group among those who declared (in every 100), from counts in fives;
        None: withheld."""
        rows, line, found = self.counts[self.counts["quarter"] == self.newest], self.line(grade), {}
        for group in self.study.groups:
            by_grade = rows[rows["group"] == group].groupby("grade")["persons"].sum()
            counts = {name: int(by_grade.get(name, 0)) for name in self.grades[1:]}
            n = sum(counts.values()) if grade == EVERY_GRADE else counts[grade]
            apart = grade != EVERY_GRADE and grade not in shown_units(counts)
            shown = self.study.clearing.people(
                self._name(grade, self.newest, group),
                n,
                where="each group in every 100 who declared",
                apart=apart or line.declared is None,
            )
            found[group] = (
                None
                if shown is None or line.declared is None
                else share_of_declared(min(shown, line.declared), line.declared)
            )
        self._note_groups(grade)
        return found

    def _note_groups(self, grade: str) -> None:
        """Everybody who declared another group than the reference is one of these groups."""
        others = [g for g in self.study.groups if g != self.study.plan.groups.reference]
        parts = [self._name(grade, self.newest, group) for group in others]
        note_relations([total(self._name(grade, self.newest, MINORITY), parts, IN_A_GROUP)])

    def index(self, grade: str, benchmark: Benchmark) -> Result | None:
        """Minority ethnic share of those who declared, divided by the benchmark (times); None:
        withheld, or too few declared."""
        recorded = self.line(grade).recorded
        if recorded is None or not self.enough_declared(grade):
            return None
        return representation_index(
            recorded.members, recorded.declared, benchmark=benchmark.percent / 100
        )

    def enough_declared(self, grade: str = EVERY_GRADE) -> bool:
        """The floor of the plan is met: below it no share is given (rule S16)."""
        recorded = self.line(grade).recorded
        return (
            recorded is not None
            and recorded.declared / recorded.staff
            >= self.study.plan.representation.floor_percent / 100
        )

    def bounds(self, grade: str = EVERY_GRADE) -> Bounds | None:
        """Lowest and highest true share, whoever those who did not declare are (0 to 1)."""
        recorded = self.line(grade).recorded
        return None if recorded is None else true_share_bounds(recorded)

    @cached_property
    def imputed(self) -> dict[float, Result]:
        """Share of all staff with those who did not declare imputed by grade, for each departure in
        DELTAS (in every 100).

        Worked out from counts in fives, so that nothing else leaves; empty where a grade is
        withheld.
        """
        lines = [self.line(grade).recorded for grade in self.grades[1:]]
        if None in lines or not lines:
            return {}
        members, declared, staff = (
            np.array([getattr(x, name) for x in lines]) for name in ("members", "declared", "staff")
        )
        seed = seed_for(self.study.plan.study, self.study.place, "imputation")
        return {d: imputed_share(members, declared, staff, seed=seed, delta=d) for d in DELTAS}

    def change(self) -> tuple[pd.Timestamp, RecordedChange] | None:
        """Since the first round: change of the recorded share of all staff, split; None:
        withheld."""
        first = self.study.counts.starts[0]
        before, after = self.line(EVERY_GRADE, first).recorded, self.line(EVERY_GRADE).recorded
        if before is None or after is None or first == self.newest:
            return None
        found = recorded_change(before, after)
        return None if found is None else (first, found)

    def declared_by_round(self) -> list[tuple[pd.Timestamp, GradeLine]]:
        return [
            (quarter, self.line(EVERY_GRADE, quarter))
            for quarter in sorted(self.counts["quarter"].unique())
        ]


def open_regions(study: MonitorStudy) -> dict[str, Workforce]:
    """Each region's staff of the newest quarter, where all regions are counted at once; empty
    elsewhere."""
    if study.place != ALL:
        return {}
    table = study.counts.tables[study.plan.table]
    with engine_errors(study.plan.table):
        counts = counts_by_group(
            table,
            [IN_POST],
            by=["quarter", "region", "grade"],
            quarters=[study.counts.last_quarter],
        )
    return {
        region: Workforce(study, part, region=str(region))
        for region, part in counts.groupby("region")
    }


@dataclass(frozen=True)
class _Names:
    """Names of the numbers of one grade."""

    staff: str
    declared: str
    not_known: str
    members: str
    reference: str


def _less(line: GradeLine, names: _Names, hidden: frozenset[str]) -> GradeLine:
    """The line less what the joint decision withholds, and what is told of it alone."""
    if names.staff in hidden:
        return GradeLine(line.grade, None, None, None)
    if {names.declared, names.not_known} & hidden:
        return replace(line, declared=None, members=None)
    return replace(line, members=None) if {names.members, names.reference} & hidden else line


def _note_line(line: GradeLine, names: _Names, exact: tuple[int, int, int]) -> None:
    staff, declared, members = exact
    note(names.staff, staff, line.staff, where=WHERE)
    note(names.declared, declared, line.declared, needs=names.staff, where=WHERE)
    # everybody may have declared: only few who did not are protected
    note(names.not_known, staff - declared, None, structural=True, where=WHERE)
    note(names.members, members, line.members, needs=names.declared, where=WHERE)
    note(names.reference, declared - members, None, where=WHERE)
    note_relations(
        [
            total(names.staff, (names.declared, names.not_known), "staff declared or did not"),
            total(names.declared, (names.members, names.reference), IN_A_GROUP),
        ]
    )


def _line(grade: str, staff: int, declared: int, members: int) -> GradeLine:
    """In fives; members are withheld where they, or those of the reference group, are few; all
    where undeclared are few."""
    rules = load_rules()
    if any(is_small(n, rules) for n in (staff, declared)) or 0 < staff - declared < rules.threshold:
        return GradeLine(grade, None if is_small(staff, rules) else _five(staff), None, None)
    few = is_small(members, rules) or is_small(declared - members, rules)
    return GradeLine(grade, _five(staff), _five(declared), None if few else _five(members))


def _five(n: int) -> int:
    return round_to_base(n, load_rules().rounding_base.value)


def open_workforce(study: MonitorStudy) -> Workforce:
    """Staff in post by quarter, grade and group, counted by the engine."""
    table = study.counts.tables[study.plan.table]
    with engine_errors(study.plan.table):
        counts = counts_by_group(
            table, [IN_POST], by=["quarter", "grade"], quarters=study.counts.quarters
        )
    return Workforce(study, counts)


def ratio_from_shares(applicants_percent: float, hires_percent: float) -> float | None:
    """Relative rate index from published shares alone (times); no margin of error, since nobody
    knows of how many."""
    found = relative_rate_from_shares(applicants_percent / 100, hires_percent / 100)
    return None if found is None else significant(found)


def interval_words(result: Result | None, unit: str = "") -> str:
    """ "12.4 (11.8 to 13)", [c] where withheld."""
    if result is None:
        return "[c]"
    if isinstance(result, NotEstimable) or not isinstance(result, Estimate):
        return "not worked out"
    value, low, high = (
        f"{significant(x):g}" for x in (result.value, result.conf_low, result.conf_high)
    )
    return f"{value}{unit} ({low} to {high})"


__all__: Sequence[str] = (
    "EVERY_GRADE",
    "GradeLine",
    "Workforce",
    "interval_words",
    "open_workforce",
    "ratio_from_shares",
)
