"""From the rows of a monitor's record to the chart of one measure: every group, all places, the
value drawn towards them."""

from dataclasses import dataclass

from analysis.display.amounts import is_drawn
from analysis.display.figures.ratio_lines import ChartWords
from analysis.display.group_ratios import GroupRatio
from analysis.plans.monitor import Measure, Monitor
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.results import NOT_ESTIMABLE_REASONS
from analysis.studies.disparity.pooled import BESIDE, REGIONS, alike, fewest
from analysis.studies.disparity.shown import words
from analysis.studies.disparity.shown.years_words import START, of_which_round
from analysis.studies.disparity.study import TREND
from analysis.vocabulary.ethnicity import of_group
from analysis.vocabulary.regions import ALL, NATIONAL, place_set


@dataclass(frozen=True)
class ChartOf:
    """Rows and words of one chart."""

    lines: tuple[GroupRatio, ...]
    words: ChartWords

    @property
    def has_rates(self) -> bool:
        return any(line.row.group_value is not None for line in self.lines)


def chart_of(
    plan: Monitor, record: Record, measure: Measure, *, national: Record | None = None
) -> ChartOf:
    """The chart of `measure` in the place of `record`. `national`: the record of all places, for a
    place's page."""
    is_whole = record.region in (ALL, NATIONAL)
    beside = None if is_whole else national
    lines = tuple(_line(plan, record, measure, group, beside) for group in plan.compared_groups)
    return ChartOf(lines, _words(plan, record.region, measure))


def _line(
    plan: Monitor, record: Record, measure: Measure, group: str, national: Record | None
) -> GroupRatio:
    row = words.drawn_row(plan, record, measure, group)
    whole = words.drawn_row(plan, national, measure, group) if national is not None else None
    shrunken = words.beside_row(plan, record, measure, group, BESIDE)
    return GroupRatio(
        name=group + of_which_round(row),
        people=of_group(group, measure.people) + of_which_round(row),
        verdict=words.VERDICT_WORDS.get(row.result_class, ""),
        row=row,
        national=whole,
        shrunken=shrunken,
        rounds=rounds_of(record, row),
        no_shrunken=_no_shrunken(plan, record.region, shrunken) if whole is not None else "",
    )


def rounds_of(record: Record, row: Row) -> tuple[tuple[str, float | None], ...]:
    """Label and ratio of each round in the record, oldest first; None where it is withheld or too
    few for a verdict."""
    own = [one for one in record.rows if (one.outcome, one.group) == (row.outcome, row.group)]
    for start in (TREND, START):
        found = [one for one in own if str(one.note).startswith(start)]
        if found:
            return tuple((one.note.removeprefix(start), _ratio_of(one)) for one in found)
    return ()


def _ratio_of(row: Row) -> float | None:
    return row.value if is_drawn(row) and row.result_class != "insufficient_data" else None


def _no_shrunken(plan: Monitor, place: str, shrunken: Row | None) -> str:
    """Why there is no value drawn towards the others; empty where there is one."""
    if place not in alike(plan):
        return "no shrunken value: only regions are drawn towards each other"
    if shrunken is None:
        return "no shrunken value: this ratio has no standard error"
    if shrunken.status == "estimated":
        return ""
    if shrunken.reason == "too_few_places":
        least, of = fewest(plan), len(alike(plan))
        return f"no shrunken value: fewer than {least} of {of} {_many(plan)} shown"
    return f"no shrunken value: {NOT_ESTIMABLE_REASONS[shrunken.reason]}"


def _many(plan: Monitor) -> str:
    """Those that are drawn towards each other, in a word: "regions"."""
    kind = place_set(plan.data.places)
    return place_set(REGIONS).many if len(alike(plan)) < len(kind.ids) else kind.many


def _words(plan: Monitor, place: str, measure: Measure) -> ChartWords:
    kind, reference = place_set(plan.data.places), plan.groups.reference
    return ChartWords(
        place=words.place_words(plan, place),
        whole=kind.together,
        others=f"the other {_many(plan)}",
        reference=reference,
        reference_people=of_group(reference, measure.people),
        event=measure.plain,
        per=measure.per_words,
        is_rate=measure.kind == "rate",
        counts=measure.good_or_bad,
        band=(plan.band.low, plan.band.high),
        characteristic=plan.characteristic,
    )
