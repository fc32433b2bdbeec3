"""Other ways to the answer of a training trial, and the effect on those who took part. Exact and
private."""

from collections.abc import Iterator
from dataclasses import replace

from analysis.designs.trials.uptake import ComplierEffect
from analysis.results import Estimate, Result
from analysis.studies.trial import levels
from analysis.studies.trial.measures import Measured


def second_opinions(
    measured: Measured, took_part: ComplierEffect, *, seed: int
) -> Iterator[Result]:
    """The same quantity by permutation, without the measure before and naively; then the effect of
    taking part."""
    yield levels.permuted_difference(measured, seed=seed, method="permutation_of_sites")
    if measured.pre:
        without = levels.main_difference(replace(measured, pre=()))
        yield replace(without, method="clustered_without_the_measure_before")
    if measured.horizon is None:
        yield levels.naive_difference(measured)
    yield took_part.result
    yield from _anderson_rubin(took_part)
    if measured.horizon is None:
        completed = levels.of_those_who_took_part(measured, "completed")
        yield replace(completed.result, method="two_stage_least_squares_completion")


def _anderson_rubin(found: ComplierEffect) -> Iterator[Estimate]:
    """The same estimate with the interval that is right however weak the offer, where it has two
    ends."""
    limits, result = found.anderson_rubin, found.result
    if limits is None or limits.shape != "interval" or not isinstance(result, Estimate):
        return
    if limits.low <= result.value <= limits.high:
        changed = {
            "conf_low": limits.low,
            "conf_high": limits.high,
            "std_error": None,
            "p_value": None,
        }
        yield replace(
            result,
            method="anderson_rubin",
            reason="the test of Anderson and Rubin, inverted",
            **changed,
        )
