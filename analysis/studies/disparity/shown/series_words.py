"""What a monthly series says, in sentences: a step and what it rests on, or why there is none."""

from analysis.judgement.wording.rates_in_words import ratio_texts
from analysis.plans.monitor import Series
from analysis.results import NOT_ESTIMABLE_REASONS, CheckResult, Estimate, Result
from analysis.said.phrases import CI_95
from analysis.said.texts import joined, sentence
from analysis.said.told import told
from analysis.studies.disparity.counted.monthly import MonthlySeries

CHECK = "monthly_series"
NO_CAUSE = (
    "Whatever else changed in that month stands in the step as well: no other country or service is"
    " set beside it."
)
ONE_PLACE = (
    "One place has too few in a month to tell a step from chance, so that its counts are shown and"
    " nothing is worked out. All places together have a step."
)
ERRORS = (
    "Counts are allowed to vary more than at random, and months to resemble each other over {lags}"
    " months (quasi-Poisson; Newey and West)."
)


def series_check(series: MonthlySeries) -> CheckResult | None:
    """The sentences for the record; None of a single place."""
    if not series.is_whole:
        return None
    return CheckResult(CHECK, None, joined(" ", series_lines(series)), bears_on="nothing")


@sentence
def series_lines(series: MonthlySeries) -> tuple[str, ...]:
    """What is worked out, and what it is not, one sentence each."""
    asked = series.series
    neither = f"More of them is neither better nor worse: {asked.why}."
    if series.found is None:
        return (ONE_PLACE, neither)
    return (
        _step_line(asked, series.found.step),
        _second_line(series.second),
        _slope_line(series.found.slope),
        ERRORS.format(lags=told(series.found.lags)),
        NO_CAUSE,
        neither,
    )


@sentence
def _step_line(asked: Series, step: Result) -> str:
    if not isinstance(step, Estimate):
        return f"No step is worked out: {_why(step)}."
    r, low, high = ratio_texts(step.value, step.conf_low, step.conf_high)
    said = (
        f"Just after {asked.event}, {asked.noun} stood at {r} times what the months before would"
        f" lead one to expect ({CI_95} {low} to {high})."
    )
    chance = "" if step.conf_low > 1 or step.conf_high < 1 else " Chance alone could give this."
    return f"{said}{chance} A straight trend and the season are allowed for."


@sentence
def _second_line(second: Result | None) -> str:
    if not isinstance(second, Estimate):
        return "Without a straight trend, no step is worked out."
    r, low, high = ratio_texts(second.value, second.conf_low, second.conf_high)
    return f"Without a straight trend, the step is {r} times ({low} to {high})."


@sentence
def _slope_line(slope: Result | None) -> str:
    if not isinstance(slope, Estimate):
        return "No change of the trend is worked out."
    r, low, high = ratio_texts(slope.value, slope.conf_low, slope.conf_high)
    return f"From then on, growth over a year was {r} times that before ({low} to {high})."


def _why(result: Result) -> str:
    reason = getattr(result, "reason", None)
    return NOT_ESTIMABLE_REASONS.get(str(reason), "it is withheld to protect people")
