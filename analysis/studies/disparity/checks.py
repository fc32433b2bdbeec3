"""What is checked of a monitor: how long a disparity has held, where its explanation stands,
whether years agree, what chance does."""

from datetime import timedelta

from analysis.judgement.explanations import (
    chance_line,
    explanation_line,
    to_be_asked_line,
    waiting_line,
)
from analysis.judgement.wording.figures_in_words import capital, listed
from analysis.judgement.wording.periods import provisional_words, round_words
from analysis.plans.explanations import ACCEPTED, NOT_ACCEPTED, NOT_ASKED, Standing
from analysis.plans.monitor import Measure
from analysis.results import CheckResult
from analysis.said.numbers import cleared_estimate, cleared_p, tally
from analysis.said.texts import joined, named, say
from analysis.studies.disparity.answers import MonitorAnswers
from analysis.studies.disparity.chance import chance_alone
from analysis.studies.disparity.counted.calendar import DELIVERY
from analysis.studies.disparity.counted.holes import hole_checks
from analysis.studies.disparity.counted.recodes import recode_checks
from analysis.studies.disparity.shown.given_words import given_checks
from analysis.studies.disparity.shown.series_words import series_check

ONE_DAY = timedelta(days=1)


def checks_of(study: MonitorAnswers) -> tuple[CheckResult, ...]:
    """All checks of one place, in the order of the page."""
    found = [*_held(study), *_explained(study), *_years(study), *_by_chance(study)]
    found += [*given_checks(study), *_of_the_rows(study), *_monthly(study)]
    if study.provisional:
        found.append(CheckResult("provisional", None, provisional_line(study), bears_on="nothing"))
    if lines := delivery_lines(study):
        found.append(CheckResult(DELIVERY, None, joined(" ", lines), bears_on="nothing"))
    return tuple(found)


def delivery_lines(study: MonitorAnswers) -> tuple[str, ...]:
    """Rounds that were not delivered, or not whole, or in part; none where all were, and where
    counts were published."""
    calendar = study.counts.calendar
    return () if calendar is None else tuple(named(capital(line)) for line in calendar.lines())


def _of_the_rows(study: MonitorAnswers) -> tuple[CheckResult, ...]:
    """What is told of the rows themselves, where it happens: recodes between rounds, and quarters
    that are missing."""
    return (*recode_checks(study), *hole_checks(study))


def _monthly(study: MonitorAnswers) -> tuple[CheckResult, ...]:
    """What a monthly series shows, over all places; clears the months of each place too."""
    if study.series is None:
        return ()
    assert study.series.months, "a series has months"
    found = series_check(study.series)
    return () if found is None else (found,)


def provisional_line(study: MonitorAnswers) -> str:
    """Until when the last round is provisional, or nothing.

    "Provisional until January 2027: cases of July to September 2026 are still being entered."
    """
    until = provisional_words(
        study.counts.ends[-1] - ONE_DAY, study.plan.round.provisional_until_months
    )
    rounds = listed(tuple(map(round_words, study.provisional)))
    return say(
        "{until}: cases of {rounds} are still being entered.",
        until=named(capital(until)),
        rounds=named(rounds),
    )


def _held(study):
    for measure, group in study.disparities:
        held = study.persistence(measure, group)
        if held is not None:
            same, of, unbroken = (
                tally(rounds, "rounds") for rounds in (held.same, held.of, held.unbroken)
            )
            text = say(
                "{noun}, {group}: the same verdict in {same} of the last {of} rounds, {unbroken}"
                " running.",
                noun=named(measure.noun),
                group=named(group),
                same=same,
                of=of,
                unbroken=unbroken,
            )
            yield CheckResult(
                f"persistent_{measure.id}_{group}",
                None,
                text,
                float(held.unbroken),
                float(held.of),
                bears_on="nothing",
                shown=unbroken,
            )


def _explained(study):
    """Where each explanation stands: accepted has passed, not accepted has failed, all others are
    open."""
    for measure, group in study.disparities:
        found = study.explanation(measure, group)
        if found is not None:
            text = say(
                "{noun}, {group}: {line}",
                noun=named(measure.noun),
                group=named(group),
                line=standing_line(study, measure, group, found),
            )
            passed = {ACCEPTED: True, NOT_ACCEPTED: False}.get(found.state)
            yield CheckResult(f"explanation_{measure.id}_{group}", passed, text, bears_on="nothing")


def standing_line(study: MonitorAnswers, measure: Measure, group: str, found: Standing) -> str:
    """The state of an explanation in words; of one that nobody was asked for, why, and whether it
    is to be."""
    if found.state != NOT_ASKED:
        return explanation_line(
            found.state, found.entry, shown_on=study.shown_on, reform=found.reform
        )
    rule = study.plan.explain_or_reform
    if not found.asked:
        often = study.seen(measure, group)
        return waiting_line(often.rounds, often.of, asked_after=rule.asked_after.words)
    return to_be_asked_line(
        rule.asked_of, ended_on=found.entry.accepted_until if found.ended else None
    )


def _years(study):
    """Whether the ratio is the same in every round that was added up, adjusted over the comparisons
    of the page."""
    for (measure_id, group), found in study.agreements.items():
        agree, noun = found.p_adjusted > study.plan.alpha, study.plan.measure(measure_id).noun
        verb = "could not be told apart" if agree else "do not agree"
        p = cleared_p(found.p_adjusted, public=study.already_public)
        text = say(
            "{noun}, {group}: the ratios of the {years} years {verb} ({p}, adjusted over the"
            " page).",
            noun=named(noun),
            group=named(group),
            years=tally(found.test.df + 1, "years"),
            verb=verb,
            p=p,
        )
        yield CheckResult(
            f"years_{measure_id}_{group}",
            agree,
            text,
            found.p_adjusted,
            bears_on="nothing",
            shown=p,
        )


def _by_chance(study):
    """How often a page like this one shows a disparity where nothing differs (value: in 100
    pages)."""
    found = chance_alone(study)
    if found is not None:
        text = chance_line(
            found.page,
            found.year,
            rounds_a_year=found.rounds_a_year,
            asked_at_most=found.asked_at_most,
        )
        shown = cleared_estimate(100 * found.page, decimals=0)
        yield CheckResult(
            "chance_alone", None, text, 100 * found.page, bears_on="nothing", shown=shown
        )
