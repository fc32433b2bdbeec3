"""The tables of a monitor's notebook, each made from counts as they may be shown, and saying so underneath."""

from dataclasses import dataclass

import pandas as pd

from analysis.disclosure.rules import PUBLISHED_NOTE, load_rules
from analysis.disparity.chain import Stage, decision_chain
from analysis.display.amounts import interval, is_drawn
from analysis.extracts.counts import NOT_KNOWN
from analysis.judgement.explanations import day_words
from analysis.judgement.figures_in_words import capital, number
from analysis.plans.monitor import Measure
from analysis.results import Estimate, Table, significant
from analysis.studies import monitor_cells as shown
from analysis.studies.monitor import MonitorStudy, RoundResult
from analysis.studies.monitor_units import Units
from analysis.studies.monitor_words import VERDICT_WORDS, place_words
from analysis.vocabulary.regions import ALL, place_set

WITHHELD, NOT_HERE = "[c]", "[z]"
STATE_WORDS = {
    "due": "due",
    "received": "received",
    "accepted": "received, accepted",
    "not_accepted": "not accepted",
    "reform_due": "reform due",
}


def of_counts(study: MonitorStudy, title: str, rows: list[dict], *notes: str) -> Table:
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
        cells = shown.cells(measure, counts, tuple(groups), public=study.already_public)
        row = {"Measure": capital(_with_rounds(study, measure)), "Counted among": measure.at_risk}
        named = [g for g in groups if g != NOT_KNOWN or NOT_KNOWN in counts.index]
        rows.append(row | {capital(g): _count(cells[g].people) for g in named})
    frame = [row | {capital(g): row.get(capital(g), NOT_HERE) for g in groups} for row in rows]
    if all(row[capital(NOT_KNOWN)] == NOT_HERE for row in frame):
        frame = [{k: v for k, v in row.items() if k != capital(NOT_KNOWN)} for row in frame]
    return of_counts(study, f"Who is counted, {period_words(study)}", frame)


def _with_rounds(study: MonitorStudy, measure: Measure) -> str:
    """The measure, and which rounds are added up where several are."""
    rounds = study.counts.rounds_of(measure)
    return f"{measure.noun} ({rounds[0]} to {rounds[-1]} added up)" if measure.pool_rounds else measure.noun


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
        rules, row = load_rules(), {"Measure": capital(measure.noun)}
        small = {g: int(own.get(g, 0)) < rules.threshold for g in study.groups}
        rows.append(row | {g: WITHHELD if small[g] else _count(5 * round(int(own[g]) / 5)) for g in study.groups})
    return of_counts(study, "Outcome not recorded", rows) if rows else None


def period_words(study: MonitorStudy) -> str:
    """The newest round in words; a year of published counts ends in March."""
    newest = study.counts.rounds[-1]
    return f"year to March {newest}" if study.already_public else newest


def verdict_table(study: MonitorStudy) -> Table:
    """Every comparison of the page: both rates, the ratio with its interval, the verdict, the smallest ratio that could be shown."""
    rows = []
    for row in study.rows:
        if row["family"] != "page":
            continue
        measure, group = study.plan.measure(row["outcome"]), row["group"].split(" to ")[0]
        drawn = is_drawn(row)
        rows.append(
            {
                "Measure": capital(_with_rounds(study, measure)), "Ethnic group": group + ("*" if group in measure.marks else ""), "People": _count(row["n_treated"]),
                f"Rate in every {measure.per_words}" if len(study.plan.measures) == 1 else "Rate": rate_words(measure, row["group_value"]) if drawn else WITHHELD,
                study.plan.groups.reference: rate_words(measure, row["comparison_value"]) if drawn else WITHHELD,
                "Times as often": number(row["value"], 2) if drawn else WITHHELD,
                "95% confidence interval": interval(row["conf_low"], row["conf_high"], "times") if drawn else WITHHELD,
                "Verdict": VERDICT_WORDS.get(row["result_class"], row["result_class"]),
                "Smallest ratio shown": "[z]" if row["mde"] is None else number(row["mde"], 2),
            }
        )  # fmt: skip
    title = f"Every comparison with {study.plan.groups.reference} people, {period_words(study)}"
    notes = [f"* {words}." for words in dict.fromkeys(w for m in study.plan.measures for w in m.marks.values())]
    notes += list(dict.fromkeys(m.caution for m in study.plan.measures if m.caution))
    per = "; ".join(f"{m.noun}: in every {m.per_words}" for m in study.plan.measures)
    return of_counts(study, title, rows, f"Rates. {capital(per)}.", *notes)


def rate_words(measure: Measure, value: float | None) -> str:
    return WITHHELD if value is None else f"{significant(value):g}"


def finer_table(study: MonitorStudy) -> Table | None:
    """Nationally: each group beside the second reference, and groups of the fine coding beside the first; no verdicts."""
    plan, counts = study.plan, study.counts.finer
    if counts.empty or study.place != ALL:
        return None
    rows = []
    for measure in plan.measures:
        own = counts[counts["measure"] == measure.id].set_index("group")
        fine = shown.cells(measure, own, tuple(own.index), public=study.already_public)
        broad = study.cells(measure)
        second, together = fine.get(plan.groups.second_reference), fine.get(plan.groups.national_only_words or "")
        row = {"Measure": capital(measure.noun)}
        if second is not None:
            row |= {
                f"{g} beside White British": _ratio_words(shown.relative_rate(measure, broad[g], second))
                for g in plan.compared_groups
            }
        if together is not None:
            name = f"{plan.groups.national_only_words} beside {plan.groups.reference}"
            row[name] = _ratio_words(shown.relative_rate(measure, together, broad[plan.groups.reference]))
        rows.append(row)
    note = f"{plan.groups.reference} includes {plan.groups.national_only_words} people. No verdict rests on this table."
    return of_counts(study, "A second reference, and groups inside White: times as often", rows, note)


def sources_table(study: MonitorStudy) -> Table | None:
    """Where published counts come from, what they count over what, and how each side codes ethnic groups; None for others."""
    if study.counts.published.empty:
        return None
    rows = study.counts.published.drop_duplicates(["measure", "unit", "source"])
    lines = [
        {
            "Measure": capital(study.plan.measure(row.measure).noun), "What is counted": row.unit, "Coding of events": row.numerator_coding.replace("_", " "),
            "Coding of the base": row.denominator_coding.replace("_", " "), "Source": row.source,
        }
        for row in rows.itertuples()
    ]  # fmt: skip
    return of_counts(study, "Where the counts come from", lines)


def beside_table(study: MonitorStudy) -> Table:
    """The ratio of those WITHOUT the adverse outcome, and the gap between the rates: no verdict rests on them."""
    rows = []
    for measure, group in shown.compared(study.plan):
        own = [r for r in study.rows if r["outcome"] == measure.id and r["group"].startswith(f"{group} to ")]
        gap = next(r for r in own if r["estimand"] == shown.GAP)
        turned = next((r for r in own if r["estimand"] == shown.OPPOSITE), None)
        rows.append(
            {
                "Measure": capital(measure.noun), "Ethnic group": group,
                "Gap": _gap_words(measure, gap), "95% confidence interval of the gap": _gap_interval(gap),
                "Opposite ratio": NOT_HERE if turned is None else number(turned["value"], 2) if is_drawn(turned) else WITHHELD,
                "95% confidence interval": NOT_HERE if turned is None else interval(turned["conf_low"], turned["conf_high"], "times") if is_drawn(turned) else WITHHELD,
            }
        )  # fmt: skip
    return of_counts(study, "The same the other way round: gaps and opposite ratios, without a verdict", rows)


def _gap_words(measure: Measure, row: dict) -> str:
    if not is_drawn(row):
        return WITHHELD
    size = f"{significant(abs(row['value'])):g} {'more' if row['value'] > 0 else 'fewer'}"
    return f"{size} in every {measure.per_words}"


def _gap_interval(row: dict) -> str:
    if not is_drawn(row):
        return WITHHELD
    return f"{significant(row['conf_low']):g} to {significant(row['conf_high']):g}"


def adjusted_table(study: MonitorStudy) -> Table | None:
    """Crude, after allowing for what lies outside the service, and for what it decides too; None where nothing is allowed for."""
    allowed = study.plan.adjust_for
    if not allowed.outside:
        return None
    names = {
        "outside": _listed(allowed.outside),
        "both": f"{_listed(allowed.outside)}, {_listed(allowed.service_decided)}",
    }
    rows = []
    for measure, group in shown.compared(study.plan):
        crude = study.page()[measure.id, group].result
        row = {"Measure": capital(measure.noun), "Ethnic group": group, "Crude": _ratio_words(crude)}
        for which, words in names.items():
            if which == "both" and not allowed.service_decided:
                continue
            found = study.adjusted(measure, which).get(group)
            row[f"Allowing for {words}"] = NOT_HERE if found is None else _ratio_words(found)
        rows.append(row)
    note = (
        f"What goes along with {_listed(allowed.service_decided)} is decided within the service: it is shown apart and counts as no reason."
        if allowed.service_decided
        else ""
    )
    return of_counts(
        study, "Times as often: crude, and after allowing for what is recorded", rows, *([note] if note else [])
    )


def _listed(ids) -> str:
    from analysis.judgement.finding import characteristics

    return ", ".join(characteristics(tuple(ids)))


def _ratio_words(result) -> str:
    if not isinstance(result, Estimate):
        return WITHHELD if type(result).__name__ == "Withheld" else "not worked out"
    value, low, high = (significant(x) for x in (result.value, result.conf_low, result.conf_high))
    return f"{number(value, 2)} ({number(low, 2)} to {number(high, 2)})"


@dataclass(frozen=True, eq=False)
class StageLines:
    """Stages of one group: the table, the rows of its figure, and what the stages make up together in a sentence."""

    table: Table
    rows: tuple[dict, ...]
    together: str


def stages_of(study: MonitorStudy, group: str) -> StageLines:
    """Stage by stage for one group, as each is counted: those who went on, beside the reference group."""
    plan = study.plan
    measures = [plan.measure(key) for key in plan.stages.measures]
    lines, rows, stages = [], [], []
    for measure in measures:
        cells = study.stage(measure)
        cell, reference = cells[group], cells[plan.groups.reference]
        if cell.is_shown and reference.is_shown:
            stages.append(Stage(measure.id, cell.events, int(cell.base), reference.events, int(reference.base)))
        result, exact = (
            shown.relative_rate(measure, cell, reference),
            shown.exact_relative_rate(measure, cell, reference),
        )
        rows.append(study.row_of(measure, group, result))
        lines.append(
            {
                "Stage": capital(measure.plain), "Counted among": measure.at_risk, "Kind": "rate of events" if measure.kind == "rate" else "share of people",
                group: _of(cell), plan.groups.reference: _of(reference), "Times as often (95% interval)": _ratio_words(result),
                **({"Exact interval": _ends(exact)} if study.already_public else {}),
            }
        )  # fmt: skip
    title = f"Stage by stage: {group} beside {plan.groups.reference}"
    return StageLines(of_counts(study, title, lines), tuple(rows), _stages_words(study, stages, measures))


def _ends(result) -> str:
    if not isinstance(result, Estimate):
        return WITHHELD
    return f"{number(result.conf_low, 2)} to {number(result.conf_high, 2)}"


def _of(cell: shown.Cell) -> str:
    return f"{cell.events:,} of {cell.base:,.0f}" if cell.is_shown else WITHHELD


def _stages_words(study: MonitorStudy, stages: list[Stage], measures: list[Measure]) -> str:
    plan = study.plan
    if plan.stages.not_multiplied_because:
        return f"The stages are set side by side and not multiplied: {plan.stages.not_multiplied_because}."
    if len(stages) < len(measures):
        return "Not all stages can be shown, so that they are not multiplied."
    found = decision_chain(stages, closed=True)
    most = (
        f" {capital(plan.measure(found.adds_most).plain)} adds most: its interval stands apart from the others."
        if found.adds_most
        else " No stage stands apart from the others as the one that adds most."
    )
    if found.product is None:
        return f"The stages are set side by side and not multiplied: the people at risk at a stage are not exactly those of the stage before (counts are in fives, or some are not shown).{most}"
    steps = " × ".join(number(stage.ratio.value, 2) for stage in found.stages)
    return f"From the first stage to the last: {steps} = {number(found.product, 2)} times.{most}"


def rounds_table(study: MonitorStudy, measure: Measure, group: str) -> Table:
    """One measure and group, round by round."""
    chart, rows = study.chart(measure, group), []
    for k, one in enumerate(study.history(measure, group)):
        limits = chart.rounds[k] if chart is not None else None
        rows.append(
            {
                "Round": one.round + (" (provisional)" if one.round in study.provisional else ""),
                "Times as often (95% interval)": _ratio_words(one.result), "Verdict": _verdict_words(one),
                "99.8% limits of no change": NOT_HERE if limits is None else _exp_words(limits.low_99_8, limits.high_99_8),
            }
        )  # fmt: skip
    title = f"{capital(measure.noun)}, {group}: round by round"
    return of_counts(
        study,
        title,
        rows,
        "A round outside its limits differs from the rounds before it by more than chance would seldom give.",
    )


def _verdict_words(one: RoundResult) -> str:
    if not isinstance(one.result, Estimate):
        return VERDICT_WORDS["withheld"]
    word = VERDICT_WORDS[one.verdict.name]
    more = {"higher": "more often", "lower": "less often"}.get(one.verdict.direction or "", "")
    return (
        f"{word}, {more}" if more and one.verdict.name in ("disparity", "statistical_only", "practical_only") else word
    )


def _exp_words(low: float, high: float) -> str:
    import math

    return f"{number(math.exp(low), 2)} to {number(math.exp(high), 2)}"


def units_table(study: MonitorStudy, measure: Measure, group: str, units: Units, names: dict[str, str]) -> Table:
    """Units by name: counts, the ratio raw and drawn towards the others, and where it lies in the funnel."""
    words = {"inside": "inside", "outside_95": "outside 95%", "outside_99_8": "outside 99.8%"}
    rows = []
    for line in units.lines:
        rows.append(
            {
                capital(unit_words(study)[0]): names.get(line.name, line.name),
                "People": _count(line.people), "Events": _count(line.events),
                "Expected": WITHHELD if line.expected is None else f"{line.expected:.3g}",
                "Times as often": WITHHELD if line.ratio is None else number(line.ratio, 2),
                "Drawn towards the others": WITHHELD if line.shrunken is None else "{} ({} to {})".format(*(number(x, 2) for x in line.shrunken)),
                "In the funnel": NOT_HERE if line.position is None else words[line.position],
            }
        )  # fmt: skip
    k = study.counts.unit_rounds
    title = f"{capital(measure.noun)}, {group}: {unit_words(study)[1]}, last {k} rounds together"
    return of_counts(
        study, title, rows,
        f"Expected: what the rate of {study.plan.groups.reference} people in {place_words(study.plan, study.place)} would give.",
        "Limits allow for more than chance where there are ten units or more, and for chance alone where there are fewer.",
    )  # fmt: skip


def unit_words(study: MonitorStudy) -> tuple[str, str]:
    """What a unit is called, and many of them."""
    if study.place == ALL:
        kind = place_set(study.plan.data.places)
        return kind.one, kind.many
    return study.plan.units.one, study.plan.units.many


def register_table(study: MonitorStudy) -> Table | None:
    """Explanations asked for in this place: of whom, until when, what came and what became of it."""
    rows = []
    for measure, group in study.disparities:
        found = study.explanation(measure, group)
        if found is None:
            continue
        state, entry, due = found
        rows.append(
            {
                "Measure": capital(measure.noun), "Ethnic group": group,
                "Asked of": entry.asked_of if entry else study.plan.explain_or_reform.asked_of, "Due": day_words(due),
                "State": STATE_WORDS[state], "Explanation": (entry.text if entry and entry.text else "none received"),
                "Evidence": (entry.evidence if entry and entry.evidence else NOT_HERE),
                "Decided by": (entry.decided_by if entry and entry.decided_by else NOT_HERE),
            }
        )  # fmt: skip
    return of_counts(study, "Explain or reform", rows) if rows else None


def changes_table(study: MonitorStudy) -> Table | None:
    """The ratio now, in the last round and in the same one a year before; None where there is but one round."""
    rows = []
    for measure, group in shown.compared(study.plan):
        now, then = study.page()[measure.id, group].result, study.earlier(measure, group)
        if measure.pool_rounds or not then:
            continue
        cells = {"Measure": capital(measure.noun), "Ethnic group": group, "Now": _ratio_words(now)}
        for name, words in (("last_round", "Last round"), ("same_round_last_year", "Same round last year")):
            cells[words] = _ratio_words(then[name].result) if name in then else NOT_HERE
        rows.append(cells | {"Moved": _moved(now, then.get("last_round"))})
    if not rows:
        return None
    return of_counts(study, "What changed", rows, "Moved: the ratio now lies outside the interval of the last round.")


def _moved(now, last: RoundResult | None) -> str:
    if last is None or not (isinstance(now, Estimate) and isinstance(last.result, Estimate)):
        return NOT_HERE
    if last.result.conf_low <= now.value <= last.result.conf_high:
        return "no"
    return "up" if now.value > last.result.value else "down"


def _count(n) -> str:
    return WITHHELD if n is None else f"{int(n):,}"
