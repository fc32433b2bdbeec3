"""Tables of what moves and who answers: round by round, unit by unit, the register, what
changed."""

import math

from analysis.disclosure.series import check_labels
from analysis.disparity.relative_rate import ONE_SIDED, OPPOSITE
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.periods import day_words
from analysis.judgement.wording.rates_in_words import times
from analysis.plans.explanations import Standing
from analysis.plans.monitor import Measure
from analysis.results import Estimate, Table
from analysis.said.phrases import INTERVAL_95
from analysis.said.told import told
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.checks import standing_line
from analysis.studies.disparity.figures import RoundResult
from analysis.studies.disparity.shown.tables import (
    NOT_HERE,
    STATE_WORDS,
    WITHHELD,
    count_words,
    groups_word,
    of_counts,
    ratio_words,
    unit_names,
)
from analysis.studies.disparity.shown.words import VERDICT_WORDS, people_from, place_words
from analysis.studies.disparity.study import MonitorStudy
from analysis.studies.disparity.units import Units

EARLIER = {"last_round": "Round before", "same_round_last_year": "A year before"}


def rounds_table(study: MonitorStudy, measure: Measure, group: str) -> Table:
    """One measure and group, round by round."""
    chart, rows = study.chart(measure, group), []
    check_labels(one.round for one in study.history(measure, group))
    for k, one in enumerate(study.history(measure, group)):
        limits = chart.rounds[k] if chart is not None else None
        rows.append(
            {
                "Round": (
                    capital(study.counts.round_words(one.round))
                    + (" (provisional)" if one.round in study.provisional else "")
                ),
                "Times as often (95% interval)": ratio_words(one.result),
                "Verdict": _verdict_words(measure, one),
                "99.8% limits of no change": (
                    NOT_HERE if limits is None else _exp_words(limits.low_99_8, limits.high_99_8)
                ),
            }
        )
    title = f"{capital(measure.noun)}, {people_from(group, measure.people)}: round by round"
    return of_counts(
        study,
        title,
        rows,
        "A round outside its limits differs from the rounds before it by more than chance would"
        " seldom give.",
    )


def groups_table(study: MonitorStudy, measure: Measure) -> Table:
    """The ratio of every group under one measure, round by round."""
    found = {group: study.history(measure, group) for group in study.plan.compared_groups}
    check_labels(one.round for one in next(iter(found.values())))
    rows = []
    for lines in zip(*found.values(), strict=True):
        provisional = " (provisional)" if lines[0].round in study.provisional else ""
        ratios = {group: ratio_words(one.result) for group, one in zip(found, lines, strict=True)}
        rows.append({"Round": lines[0].round + provisional} | ratios)
    title = f"{capital(measure.noun)}: times as often ({INTERVAL_95}), every group, round by round"
    return of_counts(study, title, rows)


def _verdict_words(measure: Measure, one: RoundResult) -> str:
    if not one.delivered:
        return NOT_HERE
    if not isinstance(one.result, Estimate):
        return VERDICT_WORDS["withheld"]
    word = VERDICT_WORDS[one.verdict.name]
    if one.verdict.decided_by == OPPOSITE:
        return f"{word}, by those who {measure.opposite}"
    more = {"higher": "more often", "lower": "less often"}.get(one.verdict.direction or "", "")
    return f"{word}, {more}" if more and one.verdict.name in ONE_SIDED else word


def _exp_words(low: float, high: float) -> str:
    return f"{times(math.exp(low))} to {times(math.exp(high))}"


def units_table(
    study: MonitorStudy, measure: Measure, group: str, units: Units, names: dict[str, str]
) -> Table:
    """Units by name: counts, the ratio raw and drawn towards the others, and where it lies in the
    funnel."""
    words = {"inside": "inside", "outside_95": "outside 95%", "outside_99_8": "outside 99.8%"}
    rows = []
    for line in units.lines:
        rows.append(
            {
                capital(unit_names(study)[0]): names.get(line.name, line.name),
                "People": count_words(line.people),
                "Events": count_words(line.events),
                "Expected": WITHHELD if line.expected is None else f"{line.expected:.3g}",
                "Times as often": WITHHELD if line.ratio is None else times(line.ratio),
                "Drawn towards the others": (
                    WITHHELD
                    if line.shrunken is None
                    else "{} ({} to {})".format(*(times(x) for x in line.shrunken))
                ),
                "In the funnel": NOT_HERE if line.position is None else words[line.position],
            }
        )
    k = study.counts.unit_rounds
    together = "newest round" if k == 1 else f"last {told(k)} rounds together"
    title = (
        f"{capital(measure.noun)}, {people_from(group, measure.people)}: {unit_names(study)[1]},"
        f" {together}"
    )
    return of_counts(
        study,
        title,
        rows,
        f"All {told(len(units.lines))} {unit_names(study)[1]} are looked at and stand in the order"
        " of their names.",
        f"Expected: what the rate of {people_from(study.plan.groups.reference, measure.people)} in"
        f" {place_words(study.plan, study.place)} would give.",
        "Limits allow for more than chance where there are ten units or more, and for chance alone"
        " where there are fewer.",
    )


def register_table(study: MonitorStudy) -> Table | None:
    """Explanations asked for in this place: of whom, until when, what came and what became of
    it."""
    rows = []
    for measure, group in study.disparities:
        found = study.explanation(measure, group)
        if found is None:
            continue
        entry = found.entry
        rows.append(
            {
                "Measure": capital(measure.noun),
                groups_word(study): group,
                "State": STATE_WORDS[found.state],
                "Asked of": entry.asked_of if entry else NOT_HERE,
                "Asked on": _day(entry and entry.asked_on),
                "Due": _day(entry and entry.due),
                "Accepted until": _day(entry and entry.accepted_until),
                "Reform": _reform(found),
                "Explanation": entry.text if entry and entry.text else NOT_HERE,
                "Evidence": entry.evidence if entry and entry.evidence else NOT_HERE,
                "Decided by": entry.decided_by if entry and entry.decided_by else NOT_HERE,
                "In words": capital(standing_line(study, measure, group, found)),
            }
        )
    return of_counts(study, "Explain or reform", rows) if rows else None


def _day(iso: str | None) -> str:
    return NOT_HERE if iso is None else day_words(iso)


def _reform(found: Standing) -> str:
    """By when, where a day is entered; due, where it is and none is; [z] where it is not."""
    if found.entry is not None and found.entry.reform_by is not None:
        return f"by {day_words(found.entry.reform_by)}"
    return "due" if found.reform else NOT_HERE


def changes_table(study: MonitorStudy) -> Table | None:
    """The ratio now, in the last round and in the same one a year before; None where there is but
    one round."""
    rows = []
    for measure, group in shown.compared(study.plan):
        now, then = study.page()[measure.id, group].result, study.earlier(measure, group)
        if measure.pool_rounds or not then:
            continue
        cells = {
            "Measure": capital(measure.noun),
            groups_word(study): group,
            "Now": ratio_words(now),
        }
        for name in EARLIER if study.plan.round.length == "quarter" else ("last_round",):
            cells[EARLIER[name]] = _then(study, then.get(name))
        rows.append(cells | {"Moved": _moved(now, then.get("last_round"))})
    if not rows:
        return None
    return of_counts(
        study,
        "What changed, of the same measure and group",
        rows,
        "Moved: the ratio now lies outside the interval of the round before.",
    )


def _then(study: MonitorStudy, one: RoundResult | None) -> str:
    """The ratio of an earlier round and which one it is."""
    if one is None:
        return NOT_HERE
    words = study.counts.round_words(one.round)
    return (
        f"{ratio_words(one.result)}, {words}"
        if isinstance(one.result, Estimate)
        else ratio_words(one.result)
    )


def _moved(now, last: RoundResult | None) -> str:
    if last is None or not (isinstance(now, Estimate) and isinstance(last.result, Estimate)):
        return NOT_HERE
    if last.result.conf_low <= now.value <= last.result.conf_high:
        return "no"
    return "up" if now.value > last.result.value else "down"
