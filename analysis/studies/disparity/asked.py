"""When an explanation is asked for: a disparity in several of the last rounds, of one measure,
group and direction.

A page is right in all but a few rounds where nothing differs; many rounds are looked at, and so
many pages show a disparity once. A chance disparity seldom comes back in the same measure, group
and direction (docs/monitors.md). Where rounds are added up, the verdict rests on all of them and an
explanation is asked for at once; where one of rounds that disagree answers, its verdict must have
been there before, as elsewhere. With fewer rounds counted than the plan asks for, nobody is asked
yet; a round that was not delivered begins the count anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.disparity.control_chart import persistent
from analysis.disparity.relative_rate import Verdict
from analysis.plans.monitor import AskedAfter

DISPARITY = "disparity"


@dataclass(frozen=True)
class Seen:
    """In how many of the last rounds the verdict of the newest stood, and whether an explanation is
    asked for."""

    rounds: int
    of: int
    asked: bool


def with_direction(verdict: Verdict) -> str | None:
    """The name of a verdict with its direction: a disparity that has turned round has not held.
    None: too few."""
    return None if verdict.name == "insufficient_data" else f"{verdict.name}_{verdict.direction}"


def seen_in(verdicts: Sequence[str | None], rule: AskedAfter) -> Seen:
    """`verdicts`: with their direction, oldest first. Asked for where the newest is a disparity,
    and seen often enough."""
    held = persistent(verdicts, last=rule.of_last)
    if held is None:
        return Seen(0, min(len(verdicts), rule.of_last), False)
    disparity = verdicts[-1].startswith(f"{DISPARITY}_")
    return Seen(held.same, held.of, disparity and held.same >= rule.rounds)
