"""What a design is, and how strong a claim each can carry.

A design says for itself and each way of choosing: the strongest claim, and the checks that it
rests on. A check that did not run counts as one that was not passed (judgement/claims.py). Designs
are declared by the kind of study that works them out (studies/<kind>/kind.py). Source of the order
of claims: page rules, section 2; of the checks: method statement, sections 0 and 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

CLAIMS = ("described", "linked", "likely", "caused")  # weakest first
CAUSAL = ("caused", "likely")  # what was found may be put down to the programme
# How power is worked out before outcomes are seen (analysis/protocol/formulas.py): as of people on
# two sides; people within cells, held by practitioners; clusters by lot; units that start in steps;
# a series; a gap before and after; few units; or not at all, since one unit has a rank alone. "":
# nobody has written how.
Planned = Literal["people", "dyads", "clusters", "steps", "series", "gap", "few_units", "rank", ""]
HOW_CHOSEN = ("by_lot", "by_choice", "by_need", "everyone")


class Asked(Protocol):
    """What is to be known of an outcome of a plan (plans/plan.py) before a check is asked of it."""

    @property
    def id(self) -> str: ...

    @property
    def kind(self) -> str | None: ...

    @property
    def survey(self) -> bool: ...


@dataclass(frozen=True)
class Check:
    """A check that a claim can rest on; `words` name it on a page.

    of: the whole study (its id in the record is `id`), each outcome (`id_OUTCOME`), or the leading
    outcome alone (`id`; for any other outcome `id_OUTCOME`, which is not run). survey: asked of
    survey outcomes only, of the others only, or of all (None). not_of: kinds of outcome of which it
    cannot be asked.
    """

    id: str
    words: str
    of: Literal["study", "outcome", "leading"] = "study"
    survey: bool | None = None
    not_of: tuple[str, ...] = ()

    def asked_of(self, outcome: Asked) -> bool:
        """The check is asked of this outcome."""
        return self.survey in (None, outcome.survey) and outcome.kind not in self.not_of

    def id_for(self, outcome_id: str, leading: str) -> str:
        """The id that the check of this outcome has in a record."""
        whole = self.of == "study" or (self.of == "leading" and outcome_id == leading)
        return self.id if whole else f"{self.id}_{outcome_id}"


CHECKS: Mapping[str, Check] = {
    check.id: check
    for check in (
        Check("randomisation", "the lot was kept"),
        Check("declaration", "enough practitioners have declared their ethnic group"),
        Check(
            "lost_rows", "hardly any row was lost between tables, and about as many on either side"
        ),
        Check("balance", "the two sides were alike, or their differences are allowed for"),
        Check("uptake", "the offer led people to take part"),
        Check("contamination", "those who waited did wait"),
        Check(
            "response",
            "enough people answered, and about as many on either side",
            "outcome",
            survey=True,
        ),
        # People in post are followed to their exit, so that nobody's time is missing.
        Check(
            "attrition",
            "about as many were lost on either side",
            "outcome",
            survey=False,
            not_of=("time_to_event",),
        ),
        Check("pre_trend", "both sides moved alike before the start", "outcome"),
        Check(
            "parallel_trends_breakdown",
            "the answer holds if the two sides drifted apart as much as ever before",
            "leading",
        ),
        Check("placebo_start", "nothing is seen at an earlier, made-up start", "outcome"),
        Check(
            "same_starting_level",
            "sites that started at the same level give the same answer",
            "outcome",
        ),
        Check(
            "regression_to_the_mean", "a return from a bad spell does not account for it", "outcome"
        ),
        Check("bases_agree", "a longer time before the start gives the same answer", "outcome"),
    )
}


@dataclass(frozen=True)
class Ground:
    """What one way of choosing carries: the strongest claim, and the ids of the checks that it
    rests on. own: checks of the design itself, beside those that several designs share."""

    strongest: str
    checks: tuple[str, ...] = ()
    own: tuple[Check, ...] = ()

    def __post_init__(self) -> None:
        if self.strongest not in CLAIMS:
            raise ValueError(f"no such claim {self.strongest!r}; valid: {', '.join(CLAIMS)}")
        for name in self.checks:
            self.check(name)

    def check(self, name: str) -> Check:
        """The check with this id. ValueError names the valid ones."""
        valid = {**CHECKS, **{check.id: check for check in self.own}}
        if name not in valid:
            raise ValueError(f"no such check {name!r}; valid: {', '.join(valid)}")
        return valid[name]


NOBODY_TO_COMPARE = Ground("described")  # where everyone takes part at once


@dataclass(frozen=True)
class Design:
    """One design: in words, what may be assigned, and what each way of choosing carries.

    exposure, arms: what else the plan must say (how many arms).
    adjusts: the study allows for the characteristics of the plan's `adjust_for`; the others never
    read it. leads: the method of the row that answers, where it is not that of the kind.
    planned: how its power is worked out before outcomes are seen; "": it is not.
    """

    title: str
    assigned: tuple[str, ...]
    by: Mapping[str, Ground] = field(hash=False)
    exposure: bool = False
    arms: int | None = None
    adjusts: bool = False
    leads: str = ""
    planned: Planned = ""

    def __post_init__(self) -> None:
        for how in self.by:
            if how not in HOW_CHOSEN:
                raise ValueError(f"no such way of choosing {how!r}; valid: {', '.join(HOW_CHOSEN)}")
        object.__setattr__(self, "by", {**self.by, "everyone": NOBODY_TO_COMPARE})

    def ground(self, how_chosen: str) -> Ground:
        """What this way of choosing carries; ValueError names the valid ones."""
        if how_chosen not in self.by:
            raise ValueError(
                f"{self.title} can be chosen {', '.join(self.by)}, and not {how_chosen}"
            )
        return self.by[how_chosen]


def checks_of(ground: Ground, outcome: Asked, leading: str) -> dict[str, Check]:
    """The checks that the claim about one outcome rests on, by their id in a record."""
    named = [ground.check(name) for name in ground.checks]
    return {check.id_for(outcome.id, leading): check for check in named if check.asked_of(outcome)}
