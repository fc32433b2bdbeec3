"""The tables of a monitor's notebook, each made from counts as they may be shown, and saying so
underneath."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.disclosure.rules import PUBLISHED_NOTE, load_rules
from analysis.display.amounts import is_drawn
from analysis.extracts.counts.counts import NOT_KNOWN
from analysis.judgement.finding import characteristics
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.rates_in_words import RATE, interval_text, rate_texts, times
from analysis.plans.agreement.group_checks import fine_coding
from analysis.plans.explanations import ACCEPTED, ASKED, NOT_ACCEPTED, NOT_ASKED, RECEIVED
from analysis.plans.monitor import Measure, Monitor
from analysis.record.row import Row
from analysis.results import Estimate, Table, Withheld, significant
from analysis.said.texts import joined, named, worded
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.figures import NOT_DELIVERED
from analysis.studies.disparity.protected.names import At, column, follower
from analysis.studies.disparity.shown.given_words import is_not_given
from analysis.studies.disparity.shown.words import NOT_HERE, verdict_words, worse_words
from analysis.studies.disparity.shown.years_words import of_which_round
from analysis.studies.disparity.study import MonitorStudy
from analysis.vocabulary.ethnicity import of_group
from analysis.vocabulary.regions import ALL, place_set

WITHHELD, UNRELIABLE, NOT_GIVEN = "[c]", "[u]", "not given"
# As official statistics call "English, Welsh, Scottish, Northern Irish or British" (census, England
# and Wales).
FINER = "a second reference, and groups of the fine coding"
SHORT_NAMES = {"W1": "White British"}
BOTH_WAYS = (
    (
        "A share is looked at twice: by those who had the event, and by the others. The ratio"
        " further outside the band decides."
    ),
    worded(
        "The smallest ratio shown is the one nearest to 1 that these numbers would show four times"
        " in five. It is taken on the side where the group is worse off."
    ),
)
WITHIN_NOTES = (
    (
        "Crude ratios and their intervals do not allow for units. Where groups are unevenly spread"
        " over units that differ, chance alone gives a wide crude gap."
    ),
    "{units}: people of one unit beside each other, newest round (Mantel and Haenszel).",
    (
        "It is a mean over these units and holds for no others. A difference between units may"
        " itself need an explanation."
    ),
)
STATE_WORDS = {
    NOT_ASKED: "not asked yet",
    ASKED: "asked",
    RECEIVED: "received, not decided",
    ACCEPTED: "accepted",
    NOT_ACCEPTED: "not accepted",
}


def of_counts(study: MonitorStudy, title: str, rows: Sequence[Mapping], *notes: str) -> Table:
    """A table of words and cleared numbers, with the rules for counts under it."""
    frame = pd.DataFrame(rows).astype("str")
    if study.already_public:
        return Table(title, frame, "published", (*notes, PUBLISHED_NOTE))
    return Table(title, frame, "rounded", (*notes, *load_rules().notes()))


def counted_table(study: MonitorStudy) -> Table:
    """People at risk of each measure by ethnic group, those whose group is not known among them."""
    groups, rows = [*study.groups, NOT_KNOWN], []
    for measure in study.plan.measures:
        counts = study.counts.newest(measure)
        cells = {NOT_KNOWN: study.not_known(measure)} | study.cells(measure)
        row = {"Measure": capital(_with_rounds(study, measure)), "Counted among": measure.at_risk}
        named = [g for g in groups if g != NOT_KNOWN or NOT_KNOWN in counts.index]
        rows.append(row | {capital(g): _people_words(cells[g]) for g in named})
    frame = [row | {capital(g): row.get(capital(g), NOT_HERE) for g in groups} for row in rows]
    if all(row[capital(NOT_KNOWN)] == NOT_HERE for row in frame):
        frame = [{k: v for k, v in row.items() if k != capital(NOT_KNOWN)} for row in frame]
    return of_counts(study, f"Who is counted, {period_words(study)}", frame)


def groups_word(study: MonitorStudy) -> str:
    """The heading of a column of groups: "Ethnic group", "Sex"."""
    return capital(study.plan.characteristic)


def _with_rounds(study: MonitorStudy, measure: Measure) -> str:
    """The measure, and which rounds are added up where several are."""
    rounds = study.counts.rounds_of(measure)
    return (
        f"{measure.noun} ({rounds[0]} to {rounds[-1]} added up)"
        if measure.pool_rounds
        else measure.noun
    )


def _of_row(study: MonitorStudy, measure: Measure, row: Row) -> str:
    """The measure, and which rounds this row of it counts."""
    return (
        (measure.noun + of_which_round(row))
        if of_which_round(row)
        else _with_rounds(study, measure)
    )


def unknown_table(study: MonitorStudy) -> Table | None:
    """People at risk whose outcome is not recorded; None where no measure shows them."""
    found = study.counts.unknown
    if found.empty:
        return None
    rows = []
    for measure in study.plan.measures:
        own = found[found["measure"] == measure.id].set_index("group")["rows"]
        if own.empty:
            continue
        row = {"Measure": capital(measure.noun)}
        numbers = {g: _unknown_people(study, measure, g, int(own.get(g, 0))) for g in study.groups}
        rows.append(row | {g: count_words(n) for g, n in numbers.items()})
    return of_counts(study, "Outcome not recorded", rows) if rows else None


def _unknown_people(study: MonitorStudy, measure: Measure, group: str, exact: int) -> int | None:
    """People of a group whose outcome is not recorded, as they may be shown."""
    at = At(study.place, study.counts.rounds[-1])
    name = at.name(column(measure, str(measure.unknown_column)), group)
    return study.clearing.people(name, exact, where="outcome not recorded")


def period_words(study: MonitorStudy) -> str:
    """The newest round in words."""
    return named(study.counts.round_words(study.counts.rounds[-1]))


def verdict_table(study: MonitorStudy, measures: Sequence[Measure] = ()) -> Table:
    """Every comparison of the page: both rates, the ratio with its interval, the verdict, the
    smallest ratio that could be shown. `measures`: those alone; none named: all."""
    rows, named = [], {m.id for m in measures or study.plan.measures}
    for row in study.rows:
        if row.family != study.plan.page_family.name or row.outcome not in named:
            continue
        measure, group = study.plan.measure(row.outcome), row.group.split(" to ")[0]
        few = row.result_class == "insufficient_data"
        drawn, mark = is_drawn(row) and not few, UNRELIABLE if few else mark_of(row)
        rows.append(
            {
                "Measure": capital(_of_row(study, measure, row)),
                groups_word(study): group + ("*" if group in measure.marks else ""),
                "People": (
                    NOT_GIVEN
                    if is_not_given(row) and row.n_treated is None
                    else count_words(row.n_treated)
                ),
                f"Rate in every {measure.per_words}" if len(named) == 1 else "Rate": (
                    sides_words(row)[0] if drawn else mark
                ),
                study.plan.groups.reference: sides_words(row)[1] if drawn else mark,
                "Times as often": times(row.value) if drawn else mark,
                "95% confidence interval": interval_words(row) if drawn else mark,
                "Verdict": verdict_words(row, measure),
                "Worse off": worse_words(study.plan, row),
                "Smallest ratio shown": "[z]" if row.mde is None else times(row.mde),
            }
        )
    title = f"Every comparison with {of_group(study.plan.groups.reference)}, {period_words(study)}"
    said = [m for m in study.plan.measures if m.id in named]
    notes = [f"* {words}." for words in dict.fromkeys(w for m in said for w in m.marks.values())]
    notes += list(dict.fromkeys(m.caution for m in said if m.caution))
    per = joined(" ", (f"{capital(m.noun)}: in every {m.per_words}." for m in said))
    return of_counts(study, title, rows, f"Rates. {per}", *BOTH_WAYS, *notes)


def mark_of(row: Row) -> str:
    """What stands in the place of a number: withheld here, or not given by the table that was
    read."""
    return NOT_GIVEN if is_not_given(row) else WITHHELD


def sides_words(row: Row) -> tuple[str, str]:
    """Both rates of a row as its sentence prints them; [c] where they are not shown."""
    sides = (row.group_value, row.comparison_value)
    return (WITHHELD, WITHHELD) if None in sides else rate_texts(*sides)


def interval_words(row: Row) -> str:
    """ "0.52 to 0.69": the interval of a ratio."""
    return interval_text(times(row.conf_low), times(row.conf_high), row.conf_high)


def finer_table(study: MonitorStudy) -> Table | None:
    """Nationally: each group beside the second reference, and groups of the fine coding beside the
    first; no verdicts."""
    plan, counts = study.plan, study.counts.finer
    if counts.empty or study.place != ALL:
        return None
    rows = []
    for measure in plan.measures:
        fine, broad = _fine_cells(study, measure, counts), study.cells(measure)
        second, together = (
            fine.get(plan.groups.second_reference),
            fine.get(plan.groups.national_only_words or ""),
        )
        row = {"Measure": capital(measure.noun)}
        if second is not None:
            row |= {
                f"{g} beside {_second_words(plan)}": ratio_words(
                    shown.relative_rate(measure, broad[g], second)
                )
                for g in plan.compared_groups
            }
        if together is not None:
            name = f"{plan.groups.national_only_words} beside {plan.groups.reference}"
            row[name] = ratio_words(
                shown.relative_rate(measure, together, broad[plan.groups.reference])
            )
        rows.append(row)
    note = "No verdict rests on this table."
    return of_counts(
        study, "A second reference, and groups inside White: times as often", rows, note
    )


def _fine_cells(
    study: MonitorStudy, measure: Measure, counts: pd.DataFrame
) -> dict[str, shown.Cell]:
    """The groups of the fine coding that the plan names, of the newest round."""
    groups, after = study.plan.groups, follower(study.plan, measure)
    own, then = (
        None if one is None else counts[counts["measure"] == one.id].set_index("group")
        for one in (measure, after)
    )
    named = [g for g in (groups.second_reference, groups.national_only_words) if g in own.index]
    return study.clearing.cells(
        measure,
        own,
        named,
        At(study.place, study.counts.rounds[-1], where=FINER),
        after=then,
        apart=(),
    )


def _second_words(plan: Monitor) -> str:
    """The second reference as a column names it; W1 by the short name that everybody uses."""
    code = plan.groups.second_reference
    return SHORT_NAMES.get(code) or fine_coding(plan.groups.coding).label(code)


def sources_table(study: MonitorStudy) -> Table | None:
    """Where published counts come from, what they count over what, and how each side codes ethnic
    groups; None for others."""
    if study.counts.published.empty:
        return None
    rows = study.counts.published.drop_duplicates(["measure", "unit", "source"])
    lines = [
        {
            "Measure": capital(study.plan.measure(row.measure).noun),
            "What is counted": row.unit,
            "Coding of events": row.numerator_coding.replace("_", " "),
            "Coding of the base": row.denominator_coding.replace("_", " "),
            "Source": row.source,
        }
        for row in rows.itertuples()
    ]
    return of_counts(study, "Where the counts come from", lines)


def _compared(study: MonitorStudy, measures: Sequence[Measure]) -> list[tuple[Measure, str]]:
    """Comparisons of the page, or of `measures` alone where some are named."""
    named = {m.id for m in measures or study.plan.measures}
    return [(m, group) for m, group in shown.compared(study.plan) if m.id in named]


def beside_table(study: MonitorStudy, measures: Sequence[Measure] = ()) -> Table:
    """The gap between the rates, and the ratio of what happened to the others: where it decides,
    the verdict says so."""
    rows = []
    for measure, group in _compared(study, measures):
        own = [
            r for r in study.rows if r.outcome == measure.id and r.group.startswith(f"{group} to ")
        ]
        answer = next(r for r in own if r.family == study.plan.page_family.name)
        gap = next(r for r in own if r.estimand == shown.GAP)
        turned = next((r for r in own if r.estimand == shown.OPPOSITE), None)
        rows.append(
            {
                "Measure": capital(_of_row(study, measure, answer)),
                groups_word(study): group,
                "Gap": _gap_words(measure, gap),
                "95% confidence interval of the gap": _gap_interval(gap),
                "The others": measure.opposite or NOT_HERE,
                "Times as often": (
                    NOT_HERE
                    if turned is None
                    else times(turned.value)
                    if is_drawn(turned)
                    else mark_of(turned)
                ),
                "95% confidence interval": (
                    NOT_HERE
                    if turned is None
                    else interval_words(turned)
                    if is_drawn(turned)
                    else mark_of(turned)
                ),
            }
        )
    return of_counts(study, "Gaps, and what happened to the others", rows)


def _gap_words(measure: Measure, row: Row) -> str:
    if not is_drawn(row):
        return mark_of(row)
    size = f"{abs(row.value):,.{RATE}f} {'more' if row.value > 0 else 'fewer'}"
    return f"{size} in every {measure.per_words}"


def _gap_interval(row: Row) -> str:
    if not is_drawn(row):
        return mark_of(row)
    low, high = (f"{abs(getattr(row, key)):,.{RATE}f}" for key in ("conf_low", "conf_high"))
    below, above = row.conf_low < 0, row.conf_high > 0
    if below and above:
        return f"{low} fewer to {high} more"
    return f"{high} to {low} fewer" if below else f"{low} to {high} more"


def adjusted_table(study: MonitorStudy, measures: Sequence[Measure] = ()) -> Table | None:
    """Crude, after allowing for what lies outside the service and for what it decides too, and
    within units; None: neither."""
    allowed, units = study.plan.adjust_for, _within_words(study)
    names = {"outside": _listed(allowed.outside)} if allowed.outside else {}
    if allowed.service_decided:
        names["both"] = f"{_listed(allowed.outside)}, {_listed(allowed.service_decided)}"
    if not names and not units:
        return None
    rows = []
    for measure, group in _compared(study, measures):
        row = {"Measure": capital(measure.noun), groups_word(study): group}
        row["Crude"] = ratio_words(study.lead(measure, group).result)
        for which, words in names.items():
            found = study.adjusted(measure, which).get(group)
            row[f"Allowing for {words}"] = NOT_HERE if found is None else ratio_words(found)
        if units:
            found = study.within_units(measure, group)
            row[units] = NOT_HERE if found is None else ratio_words(found)
        rows.append(row)
    decided = (
        f"What goes along with {_listed(allowed.service_decided)} is decided within the service. It"
        " is shown apart and is no reason."
    )
    notes = [decided] if allowed.service_decided else []
    notes += [note.format(units=units) for note in WITHIN_NOTES] if units else []
    return of_counts(
        study, "Times as often: crude, and after allowing for what is recorded", rows, *notes
    )


def _within_words(study: MonitorStudy) -> str:
    """ "Within delivery units"; empty where no units are counted."""
    if all(
        study.within_units(measure, group) is None for measure, group in shown.compared(study.plan)
    ):
        return ""
    return f"Within {unit_names(study)[1]}"


def unit_names(study: MonitorStudy) -> tuple[str, str]:
    """What a unit is called, and many of them: delivery units, prisons, or places where all of them
    are counted."""
    kind = place_set(study.plan.data.places)
    if study.place == ALL and kind.places:
        return kind.one, kind.many
    return study.plan.units.one, study.plan.units.many


def _listed(ids) -> str:
    return ", ".join(characteristics(tuple(ids)))


def ratio_words(result) -> str:
    """A ratio with its interval, [c], or that it was not worked out."""
    if not isinstance(result, Estimate):
        missing = "not delivered" if result.reason == NOT_DELIVERED else "not worked out"
        return WITHHELD if isinstance(result, Withheld) else missing
    value, low, high = (significant(x) for x in (result.value, result.conf_low, result.conf_high))
    return f"{times(value)} ({interval_text(times(low), times(high), high)})"


def _people_words(cell: shown.Cell) -> str:
    return count_words(cell.people) if cell.reason is None else NOT_GIVEN


def count_words(n) -> str:
    """A count in fives, or [c]."""
    return WITHHELD if n is None else f"{int(n):,}"
