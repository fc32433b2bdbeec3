"""What the claim of repeated audits rests on, and whether a change of instrument can be told."""

from collections.abc import Iterator
from dataclasses import replace

from analysis.designs.series.interrupted import Interrupted, interrupted_series
from analysis.designs.series.repeated import BESIDE, DIFFERENCE, series_of
from analysis.disclosure.rules import is_unreliable, load_rules
from analysis.extracts.tables.pilots.assessment_tables import TOUCHED as TOUCHED_ITEMS
from analysis.inference.columns import Quantity, SeriesColumns
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.plan import Outcome
from analysis.results import CheckResult, Estimate
from analysis.said.numbers import cleared_estimate, planned
from analysis.said.texts import named, say
from analysis.studies.repeated_audits.kind import AGREEMENT, KIND, STILL
from analysis.studies.repeated_audits.ratings import LEAST_ALPHA, Twice
from analysis.studies.repeated_audits.series import AuditSeries
from analysis.study.moved import moved
from analysis.vocabulary.regions import ALL


def all_checks(study: AuditSeries) -> tuple[CheckResult, ...]:
    """The checks of one place."""
    instrument = tuple(_instrument(study))
    return (*instrument, *_of_claim(study)) if study.place == ALL else instrument


def _of_claim(study: AuditSeries) -> Iterator[CheckResult]:
    for outcome in study.plan.compared:
        yield _before(study, outcome)
        yield _made_up(study, outcome)
    yield _still(study)
    yield _agreement(study)


def _before(study: AuditSeries, outcome: Outcome) -> CheckResult:
    """Before the change the touched items moved as the untouched ones did: over the whole time
    before it, in every 100."""
    found = study.interrupted(outcome)
    trend = found.trend
    if isinstance(trend, Estimate):
        span = study.rounds.start - (study.rounds.instrument or 0)
        trend = _times(trend, span)
    passed, text = moved(trend)
    return CheckResult(
        f"pre_trend_{outcome.id}",
        passed,
        say(
            "{noun}, beside the other items, over the time before the change: {text}",
            noun=named(capital(outcome.noun)),
            text=text,
        ),
        bears_on="claim",
    )


def _times(trend: Estimate, rounds: int) -> Estimate:
    return replace(
        trend,
        value=trend.value * rounds,
        conf_low=trend.conf_low * rounds,
        conf_high=trend.conf_high * rounds,
        std_error=None,
    )


def made_up_start(study: AuditSeries, outcome: Outcome) -> Interrupted | None:
    """The same design in the middle of the time of the old instrument, when nothing changed; None
    without such a time."""
    rows = study.with_the_old.dropna(subset=[outcome.id])
    if rows.empty:
        return None
    points = series_of(rows, study.columns(outcome))
    middle = float(points["time"].median())
    what = Quantity(KIND.estimand, outcome.unit)
    asked = SeriesColumns(time="time", outcome=DIFFERENCE)
    return interrupted_series(points, asked, what, start=middle)


def _made_up(study: AuditSeries, outcome: Outcome) -> CheckResult:
    found = made_up_start(study, outcome)
    passed, text = moved(None if found is None else found.step)
    return CheckResult(
        f"placebo_start_{outcome.id}",
        passed,
        say(
            "{noun}, at a made-up start in the middle of the time of the old instrument: {text}",
            noun=named(capital(outcome.noun)),
            text=text,
        ),
        bears_on="claim",
    )


def _still(study: AuditSeries) -> CheckResult:
    leading = study.plan.outcome(study.plan.leading)
    passed, text = moved(study.interrupted(leading, of=BESIDE).step)
    return CheckResult(
        STILL,
        passed,
        say("The items that were left alone, at the same date: {text}", text=text),
        bears_on="claim",
    )


def _agreement(study: AuditSeries) -> CheckResult:
    """The lowest agreement on a touched item beside what ratings are relied on from."""
    twice = Twice(study)
    alphas = [twice.coefficients(item)["Krippendorff alpha"] for item in TOUCHED_ITEMS]
    known = [one for one in alphas if isinstance(one, Estimate)]
    few = not twice.enough or len(known) < len(alphas)
    if few or any(is_unreliable(one.support.n, load_rules()) for one in known):
        text = "Too few audits were rated twice to say how far auditors agree."
        return CheckResult(AGREEMENT, None, text, bears_on="claim")
    least = float(min(one.value for one in known))
    shown = cleared_estimate(least, decimals=2)
    text = say(
        "On the item on which two auditors agree least, Krippendorff's alpha is {shown}; from"
        " {least} on ratings carry a conclusion (1: full agreement).",
        shown=shown,
        least=planned(LEAST_ALPHA),
    )
    passed = least >= LEAST_ALPHA
    return CheckResult(AGREEMENT, passed, text, least, LEAST_ALPHA, bears_on="claim", shown=shown)


def _instrument(study: AuditSeries) -> Iterator[CheckResult]:
    """That the measure itself changed, and what follows."""
    event = study.plan.comparison.event("instrument")
    if event is None:
        return
    leading = study.plan.outcome(study.plan.leading)
    found = study.instrument_change(leading)
    if isinstance(found, Estimate):
        _, amount = moved(found)
        text = say(
            "{event}: equated by a bridging sample (mean equating), the step is {amount}",
            event=named(capital(event.words)),
            amount=amount,
        )
    else:
        text = say(
            "{event}: the measure itself changed, and nobody was rated with both. It cannot be said"
            " whether assessments were better or worse from then on.",
            event=named(capital(event.words)),
        )
    yield CheckResult("instrument_change", None, text, bears_on="nothing")
