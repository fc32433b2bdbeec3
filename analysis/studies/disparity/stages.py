"""Measures that are steps of one way, stage by stage: side by side, and multiplied only where they
may be."""

from dataclasses import dataclass

from analysis.disparity.chain import Stage, decision_chain
from analysis.judgement.wording.figures_in_words import capital
from analysis.judgement.wording.rates_in_words import times
from analysis.plans.monitor import Measure
from analysis.record.row import Row
from analysis.results import Estimate, Table
from analysis.said.texts import sentence, together
from analysis.said.told import told
from analysis.studies.disparity import cells as shown
from analysis.studies.disparity.shown.tables import WITHHELD, of_counts, ratio_words
from analysis.studies.disparity.study import MonitorStudy
from analysis.studies.disparity.years import round_of


@dataclass(frozen=True, eq=False)
class StageLines:
    """Stages of one group: the table, the rows of its figure, and what the stages make up together
    in a sentence."""

    table: Table
    rows: tuple[Row, ...]
    together: str


def stages_of(study: MonitorStudy, group: str) -> StageLines:
    """Stage by stage for one group, as each is counted: those who went on, beside the reference
    group."""
    plan = study.plan
    measures = [plan.measure(key) for key in plan.stages.measures]
    lines, rows, stages = [], [], []
    for measure in measures:
        lead = study.lead(measure, group)  # of several years that disagree, the one that answers
        cell, reference = lead.pair
        year = round_of(lead.note)
        if cell.is_shown and reference.is_shown:
            stages.append(
                Stage(
                    measure.id, cell.events, int(cell.base), reference.events, int(reference.base)
                )
            )
        result, exact = (
            shown.relative_rate(measure, cell, reference),
            shown.exact_relative_rate(measure, cell, reference),
        )
        rows.append(study.row_of(measure, group, result))
        lines.append(
            {
                "Stage": capital(measure.plain) + (f" ({year} alone)" if year else ""),
                "Counted among": measure.at_risk,
                "Kind": "rate of events" if measure.kind == "rate" else "share of people",
                group: _of(cell),
                plan.groups.reference: _of(reference),
                "Times as often (95% interval)": ratio_words(result),
                **({"Exact interval": _ends(exact)} if study.already_public else {}),
            }
        )
    title = f"Stage by stage: {group} beside {plan.groups.reference}"
    return StageLines(
        of_counts(study, title, lines), tuple(rows), _stages_words(study, stages, measures, group)
    )


def _ends(result) -> str:
    if not isinstance(result, Estimate):
        return WITHHELD
    return f"{times(result.conf_low)} to {times(result.conf_high)}"


def _of(cell: shown.Cell) -> str:
    return f"{cell.events:,} of {cell.base:,.0f}" if cell.is_shown else WITHHELD


@sentence
def _stages_words(
    study: MonitorStudy, stages: list[Stage], measures: list[Measure], group: str
) -> str:
    plan = study.plan
    if plan.stages.not_multiplied_because:
        return (
            "The stages are set side by side and not multiplied."
            f" {capital(plan.stages.not_multiplied_because)}."
        )
    if len(stages) < len(measures):
        return "Not all stages can be shown, so that they are not multiplied."
    found = decision_chain(stages, closed=study.follows(measures, group))
    many = told(len(stages))
    most = (
        f" Of the {many} stages looked at, the ratio furthest from {told(1)} is that of those who"
        f" {plan.measure(found.adds_most).plain}: its interval stands apart from the others."
        if found.adds_most
        else (
            f" None of the {many} stages looked at stands apart from the others as the one"
            " that adds most."
        )
    )
    if found.product is None:
        return (
            "The stages are set side by side and not multiplied. Those at risk at a stage are"
            f" others than those who went on from the one before, or some are withheld.{most}"
        )
    steps = together(" × ", (times(stage.ratio.value) for stage in found.stages))
    return f"From the first stage to the last: {steps} = {times(found.product)} times.{most}"
