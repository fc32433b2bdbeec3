"""What the step rests on: that each incident is counted once, that a made-up start shows nothing,
and how many answered the survey."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.designs.series.counts import interrupted_counts
from analysis.designs.series.interrupted import interrupted_series
from analysis.disclosure.people_said import cleared_share, may_be_told
from analysis.extracts.tables.pilots.reporting_tables import FORMS, WAVES
from analysis.inference.columns import Quantity
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome
from analysis.results import CheckResult, Estimate, Result
from analysis.said.numbers import cleared_estimate
from analysis.said.texts import named, say
from analysis.studies.interrupted_reporting.kind import COPIES, FORM, KIND, ONCE
from analysis.studies.interrupted_reporting.series import (
    COLUMNS,
    MONTH,
    SHARES,
    harmonics,
)
from analysis.vocabulary.regions import ALL

if TYPE_CHECKING:
    from analysis.studies.interrupted_reporting.study import ReportingStudy

ALPHA = 0.05
ANSWERED = "answered"
TOLD = "Forms about one incident carry its number, so that each incident is counted once."
UNTOLD = (
    "Forms about one incident cannot be told apart: a new form alone could make more reports of the"
    " same incidents."
)
WAVE_WORDS = dict(zip(WAVES, ("the first wave", "the second wave"), strict=True))


def all_checks(study: "ReportingStudy") -> tuple[CheckResult, ...]:
    """The checks of one place."""
    shared = (_copies(study), *_form(study), *_responses(study))
    if study.place != ALL:
        return shared
    made_up = (_made_up(study, outcome) for outcome in study.plan.compared)
    return (_once(study), *made_up, *shared)


def _once(study: "ReportingStudy") -> CheckResult:
    told = study.copies.are_told
    return CheckResult(ONCE, told, TOLD if told else UNTOLD, bears_on="claim")


def _copies(study: "ReportingStudy") -> CheckResult:
    """How many forms there are for each incident before and since, and by version of the form."""
    copies = study.copies
    text = say(
        "For each incident {before} forms came in before the start, and {since} since.",
        before=cleared_estimate(copies.before, decimals=2),
        since=cleared_estimate(copies.since, decimals=2),
    )
    found = copies.forms_per_incident
    if all(form in found for form in FORMS):
        text = say(
            "{text} With the old form it is {old}, with the new form {new}: {what}",
            text=text,
            old=cleared_estimate(found[FORMS[0]], decimals=2),
            new=cleared_estimate(found[FORMS[1]], decimals=2),
            what="more forms, and not more incidents."
            if copies.form_is_another
            else "about as many.",
        )
    return CheckResult(COPIES, None, text, bears_on="nothing")


def _form(study: "ReportingStudy") -> Iterator[CheckResult]:
    """That the form itself changed, and what follows."""
    event = study.plan.comparison.event("instrument")
    if event is None:
        return
    text = say(
        "{event}: forms from then on are not set beside forms before it. {bridge}",
        event=named(capital(event.words)),
        bridge="Incidents, each counted once, answer in their place."
        if study.copies.are_told
        else "Nothing can tell a change in reporting from the change of the form.",
    )
    yield CheckResult(FORM, None, text, bears_on="nothing")


def _made_up(study: "ReportingStudy", outcome: Outcome) -> CheckResult:
    """The same design in the middle of the months before the start, when nothing changed."""
    passed, text = _moved(outcome, _made_up_step(study, outcome))
    return CheckResult(
        f"placebo_start_{outcome.id}",
        passed,
        say(
            "{noun}, at a made-up start in the middle of the months before: {text}",
            noun=named(capital(outcome.noun)),
            text=text,
        ),
        bears_on="claim",
    )


def _made_up_step(study: "ReportingStudy", outcome: Outcome) -> Result | None:
    rows = study.people(outcome)
    rows = rows[rows[MONTH] < study.months.start]
    if rows.empty or (outcome.unit == "times" and not study.copies.are_told):
        return None
    middle = float(rows[MONTH].drop_duplicates().median())
    what = Quantity(KIND.estimand, outcome.unit)
    if outcome.unit == "times":
        points = study.monthly(study.incidents)
        points = points[points[MONTH] < study.months.start]
        return interrupted_counts(points, COLUMNS, what, start=middle).step
    points = rows.groupby(MONTH)[outcome.id].mean().rename("share").reset_index()
    points = points.join(harmonics(points[MONTH] % 12 + 1))
    return interrupted_series(points, SHARES, what, start=middle).step


def _moved(outcome: Outcome, result: Result | None) -> tuple[bool | None, str]:
    """Whether nothing was found, and what was, in words."""
    if not isinstance(result, Estimate) or result.p_value is None:
        return None, "it could not be worked out."
    ends = (result.value, result.conf_low, result.conf_high)
    if outcome.unit == "times":
        value, low, high = (cleared_estimate(end, decimals=2) for end in ends)
        text = say(
            "{value} times (95% confidence interval {low} to {high}).",
            value=value,
            low=low,
            high=high,
        )
    else:
        value, low, high = (cleared_estimate(end, decimals=1, signed=True) for end in ends)
        text = say(
            "{value} in every 100 (95% confidence interval {low} to {high}).",
            value=value,
            low=low,
            high=high,
        )
    return bool(result.p_value > ALPHA), text


def _responses(study: "ReportingStudy") -> Iterator[CheckResult]:
    """Of those asked, how many answered in each wave; printed before what they said."""
    for outcome in study.plan.outcomes:
        if outcome.role == "fact" and outcome.survey:
            yield _response(study, outcome)


def _response(study: "ReportingStudy", outcome: Outcome) -> CheckResult:
    name = f"response_{outcome.id}"
    asked = study.asked_of(name)
    counts = [_answers(study, wave) for wave in WAVES]
    sides = [asked.of(period=WAVE_WORDS[wave]) for wave in WAVES]
    may = all(
        may_be_told(*own, side, count=ANSWERED) for own, side in zip(counts, sides, strict=True)
    )
    first, second = (
        cleared_share(*own, side, count=ANSWERED, beside=may)
        for own, side in zip(counts, sides, strict=True)
    )
    text = say(
        "Of every 100 people asked, {first} answered in the first wave and {second} in the"
        " second. What is worked out of the two waves is weighted by how many of each ethnic group"
        " answered.",
        first=first,
        second=second,
    )
    if not may:
        text = say("Too few people were asked to tell how many answered.")
    return CheckResult(name, None, text, bears_on="nothing", shown=second)


def _answers(study: "ReportingStudy", wave: str) -> tuple[int, int]:
    own = study.survey[study.survey["wave"] == wave]
    return int(own["answered"].sum()), len(own)
