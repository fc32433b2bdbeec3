"""What the verbs show of the workforce monitor in one place: who is in post first, then every
comparison."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.judgement.wording.figures_in_words import capital, number
from analysis.plans.monitor import Measure
from analysis.results import Table
from analysis.said.texts import named, worded
from analysis.said.told import told
from analysis.studies.disparity.counted.counts import label
from analysis.studies.disparity.shown import view as monitor
from analysis.studies.disparity.shown.tables import WITHHELD, of_counts
from analysis.studies.disparity.shown.view import Counted
from analysis.studies.workforce.study import (
    EVERY_GRADE,
    Workforce,
    interval_words,
    open_regions,
    open_workforce,
    ratio_from_shares,
)
from analysis.vocabulary.regions import ALL, place_set

TOO_FEW_DECLARED = worded("Fewer than {floor}% declared: no share of this grade is given (S16).")
WHO = (
    "Minority ethnic: everybody who declared a group other than {reference}; a benchmark counts the"
    " same people."
)
SHARES_ALONE = (
    "From shares alone: the number of people was not published, so there is no margin of error."
)
KNOWN = (
    "A benchmark is taken as known; people who work here need not live in England and Wales alike"
    " by age."
)


@dataclass(frozen=True, eq=False)
class Staff(Counted):
    """The workforce monitor in one place."""

    @cached_property
    def workforce(self) -> Workforce:
        return open_workforce(self.study)


def declaration(staff: Staff) -> Section:
    """How many declared, round by round, against the floor and the stretch of the plan."""
    targets, rows = staff.plan.representation, []
    for quarter, line in staff.workforce.declared_by_round():
        shown = line.declared is not None
        share = 100 * line.declared / line.staff if shown else None
        rows.append(
            {
                "Round": label(quarter),
                "Staff": _count(line.staff),
                "Declared": _count(line.declared),
                "Declared in every 100": number(share, 1) if shown else WITHHELD,
                f"Floor of {targets.floor_percent:g}": _met(share, targets.floor_percent),
                f"Stretch of {targets.stretch_percent:g}": _met(share, targets.stretch_percent),
            }
        )
    source = f"Source of floor and stretch: {targets.source}."
    return Section.of(of_counts(staff.study, "Who has declared an ethnic group", rows, source))


def over_benchmarks(staff: Staff, measures: Sequence[Measure]) -> Section:
    """Minority ethnic staff by grade against each benchmark; single groups; what
    non-declaration leaves open."""
    return Section.of(
        _index_table(staff),
        _region_table(staff) if staff.place == ALL else None,
        _group_table(staff),
        _open_table(staff),
    )


def _index_table(staff: Staff) -> Table:
    work, plan, rows = staff.workforce, staff.plan, []
    for grade in work.grades:
        line, row = work.line(grade), {"Grade": _grade(grade)}
        row |= {
            "Staff": _count(line.staff),
            "Declared": _count(line.declared),
            "Minority ethnic": _count(line.members),
        }
        for benchmark in plan.representation.benchmarks:
            name = f"Share over {told(benchmark.percent)}% ({benchmark.vintage})"
            row[name] = interval_words(work.index(grade, benchmark), " times")
        rows.append(row)
    notes = [WHO.format(reference=plan.groups.reference), KNOWN]
    notes += [
        f"{capital(b.plain)}, {b.vintage}: {told(b.percent)}%. Source: {b.source}."
        for b in plan.representation.benchmarks
    ]
    notes += [TOO_FEW_DECLARED.format(floor=told(plan.representation.floor_percent))]
    return of_counts(staff.study, "Representation by grade", rows, *notes)


def _region_table(staff: Staff) -> Table:
    """All grades, region by region, where all of them are counted at once."""
    kind, rows = place_set(staff.plan.data.places), []
    for region, work in open_regions(staff.study).items():
        line, row = work.line(EVERY_GRADE), {"Region": kind.name(region)}
        row |= {
            "Staff": _count(line.staff),
            "Declared": _count(line.declared),
            "Minority ethnic": _count(line.members),
        }
        for benchmark in staff.plan.representation.benchmarks:
            name = f"Share over {told(benchmark.percent)}% ({benchmark.vintage})"
            row[name] = interval_words(work.index(EVERY_GRADE, benchmark), " times")
        rows.append(row)
    note = (
        "A national benchmark beside a region says nothing of who lives there: its own working"
        " population is the better one."
    )
    return of_counts(staff.study, "Representation by region", rows, note)


def _group_table(staff: Staff) -> Table:
    work, rows = staff.workforce, []
    for grade in work.grades:
        found = (
            work.group_shares(grade)
            if work.enough_declared(grade)
            else dict.fromkeys(staff.study.groups)
        )
        rows.append(
            {"Grade": _grade(grade)}
            | {group: interval_words(result) for group, result in found.items()}
        )
    return of_counts(staff.study, worded("Each group in every 100 who declared, by grade"), rows)


def _open_table(staff: Staff) -> Table:
    work, rows = staff.workforce, []
    for grade in work.grades:
        bounds = work.bounds(grade)
        ends = "[c]" if bounds is None else f"{100 * bounds.low:.1f} to {100 * bounds.high:.1f}"
        rows.append(
            {
                "What is taken for those who did not declare": (
                    f"anything ({_grade(grade).lower()})"
                ),
                "Minority ethnic in every 100 of all staff": ends,
            }
        )
    words = {
        0.0: "as those who declared, grade by grade",
        0.5: "rather minority ethnic (odds 1.6 times)",
        -0.5: "rather White (odds 0.6 times)",
    }
    for delta, result in work.imputed.items():
        rows.append(
            {
                "What is taken for those who did not declare": words[delta],
                "Minority ethnic in every 100 of all staff": interval_words(result),
            }
        )
    return of_counts(
        staff.study,
        "What those who did not declare leave open",
        rows,
        worded(
            "First what is certain whoever they are; then 20 imputations by grade, put together by"
            " Rubin's rules."
        ),
    )


def composition(staff: Staff) -> Section:
    """How far the recorded share moved because more declared, and how far because others work
    here."""
    found = staff.workforce.change()
    if found is None:
        return Section.of(Prose("What changed since the first round cannot be shown."))
    first, change = found
    total, declared, who = (
        _points(x) for x in (change.change, change.declaration, change.composition)
    )
    said = (
        f"Since {named(label(first))} the share recorded as minority ethnic among ALL staff moved"
        f" by {total} points: {declared} because a different share declared, {who} because the"
        " share among those who declared changed. Only the second can be a change of who works"
        " here."
    )
    return Section.of(Prose(said))


def over_stages(staff: Staff, measures: Sequence[Measure]) -> Section:
    """From application to appointment, stage by stage; and what shares alone would say."""
    rows = []
    for shares in staff.plan.published_shares:
        ratio = ratio_from_shares(shares.applicants_percent, shares.hires_percent)
        who, percent = (
            f"{shares.group}, {shares.plain}",
            (
                shares.applicants_percent,
                shares.hires_percent,
            ),
        )
        rows.append(_shares_row(who, *percent, ratio, shares.source))
    rows += _own_shares(staff)
    title = "From shares of applicants and of those appointed alone"
    return Section.of(
        monitor.over_stages(staff, measures),
        of_counts(staff.study, title, rows, SHARES_ALONE) if rows else None,
    )


def _own_shares(staff: Staff) -> list[dict]:
    """The same from this place's own counts, as they would stand if only shares had been
    published."""
    first, last = (
        staff.plan.measure(key)
        for key in (staff.plan.stages.measures[0], staff.plan.stages.measures[-1])
    )
    entered, left = staff.study.cells(first), staff.study.cells(last)
    if not all(cell.is_shown for cell in (*entered.values(), *left.values())):
        return []
    rows, total_in, total_out = (
        [],
        sum(c.base for c in entered.values()),
        sum(c.events for c in left.values()),
    )
    for group in staff.plan.compared_groups:
        shares = (100 * entered[group].base / total_in, 100 * left[group].events / total_out)
        rows.append(
            _shares_row(group, *shares, ratio_from_shares(*shares), "this place's own counts")
        )
    return rows


def _shares_row(
    group: str, applicants: float, hires: float, ratio: float | None, source: str
) -> dict:
    return {
        "Ethnic group": group,
        "In every 100 applications": number(applicants, 1),
        "In every 100 appointed": number(hires, 1),
        "Appointed, times as often as all others": "[z]" if ratio is None else number(ratio, 2),
        "Source": source,
    }


def _grade(grade: str) -> str:
    return capital(grade.replace("_", " "))


def _met(share: float | None, target: float) -> str:
    return WITHHELD if share is None else "reached" if share >= target else "not reached"


def _points(value: float) -> str:
    sign = "+" if value >= 0 else "−"
    return f"{sign}{told(abs(value), 2)}"


def _count(n: int | None) -> str:
    return WITHHELD if n is None else f"{n:,}"


def check(staff: Staff) -> Section:
    """Who has declared, what a change rests on, and what explanations are asked for."""
    return Section.of(declaration(staff), composition(staff), monitor.check(staff))


SHOWS = replace(
    monitor.SHOWS,
    opened=Staff,
    check=check,
    checks=monitor.SHOWS.checks | {"declaration": declaration, "composition": composition},
    over=monitor.OVER | {"benchmark": over_benchmarks, "stage": over_stages},
)
