"""The disclosure rules as numbers with their sources (params/disclosure.yml), and the few tests
that each of them is.

S0: a source declared already public is exempt (suppression.py). S1 smallest count, S2 zeros, S3
group disclosure, S5 rounding, S6 significant figures, S9 residual degrees of freedom, S10 smallest
unit, S15 figures, S16 reliability, S18 free text, S20 reasons that tell
(results.REVEALING_REASONS).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analysis.errors import PlanError
from analysis.paths import PARAMS
from analysis.said.numbers import planned
from analysis.said.texts import named, say, worded
from analysis.vocabulary.yaml_file import load_yaml

DEFAULT_SMALLEST_COUNT = 10  # S1; params/disclosure.yml gives its source
LOWEST_SMALLEST_COUNT = 5  # S1: no approver can go below

Source = Annotated[str, Field(min_length=10)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SmallestCount(_Strict):
    """S1. Below 10 only with the name of who approved it and why."""

    value: Annotated[int, Field(ge=LOWEST_SMALLEST_COUNT)]
    unit: Literal["people"]
    source: Source
    approved_by: Annotated[str, Field(min_length=3)] | None = None
    reason: Annotated[str, Field(min_length=10)] | None = None

    @model_validator(mode="after")
    def _lower_is_approved(self) -> Self:
        if self.value < DEFAULT_SMALLEST_COUNT and not (self.approved_by and self.reason):
            raise ValueError(
                f"a smallest count below {DEFAULT_SMALLEST_COUNT} needs `approved_by` and `reason`"
            )
        return self


class Switch(_Strict):
    value: bool
    source: Source


class Number(_Strict):
    value: Annotated[int, Field(ge=1)]
    unit: str
    source: Source


class Figures(_Strict):
    allowed: Annotated[tuple[Literal["image/png"], ...], Field(strict=False, min_length=1)]
    source: Source


class Rules(_Strict):
    """All disclosure rules that are numbers or switches."""

    smallest_count: SmallestCount
    zero_is_small: Switch
    rounding_base: Number
    significant_figures: Number
    smallest_residual_df: Number
    smallest_unit: Number
    smallest_reliable: Number
    figures: Figures
    free_text_leaves: Literal[False]

    @property
    def threshold(self) -> int:
        return self.smallest_count.value

    def notes(self) -> tuple[str, ...]:
        """What stands under a table of rounded counts."""
        base, lower = self.rounding_base.value, self.smallest_count
        notes = [
            say(
                "Counts are rounded to {base} (S5); fewer than {least} people are withheld [c]"
                " (S1, S2, S3).",
                base=planned(base),
                least=planned(lower.value),
            ),
            say("Rates and gaps are worked out from the rounded counts (S6)."),
            say(
                "[u] fewer than {least} people: not reliable (S16). [z] does not apply.",
                least=planned(self.smallest_reliable.value),
            ),
        ]
        if lower.approved_by:
            notes.append(
                say(
                    "The smallest count of {least} was approved by {who}: {reason}",
                    least=planned(lower.value),
                    who=named(lower.approved_by),
                    reason=named(str(lower.reason)),
                )
            )
        return tuple(notes)


# Of a number worked out from published counts (S0): more than any page prints, and the same on
# every machine.
PUBLIC_FIGURES = 6
# Estimands that are worked out from counts in fives; no standard error leaves (S6).
CRUDE = ("naive_difference", "relative_rate_index")


@dataclass(frozen=True)
class Clearance:
    """What the release of a study's numbers hangs on: said once by the study, handed to whatever
    clears. No part has a default, so that nothing is released because it was not said.

    public: all numbers were published before, and pass unchanged (S0). clusters_are_people: the
    clusters are practitioners, officers or raters, who are people too, so that each side needs the
    threshold of them as well (S1, S12). hidden: names of the counts that the joint decision over
    all places withholds beside the small ones (attack/protection.py; S4).
    """

    public: bool
    clusters_are_people: bool
    hidden: frozenset[str]


def released_figures(clearance: Clearance) -> int:
    """Significant figures of a number that leaves: those of S6, or six where the counts were
    published before (S0)."""
    return PUBLIC_FIGURES if clearance.public else load_rules().significant_figures.value


PUBLISHED_NOTE = worded("Published counts, no further disclosure control (S0).")


@cache
def load_rules(path: Path = PARAMS / "disclosure.yml") -> Rules:
    """The rules of a file, read strictly. PlanError E208 with the line of the first fault."""
    file = load_yaml(path)
    try:
        return Rules.model_validate(file.content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where, line = " › ".join(map(str, fault["loc"])), file.line(tuple(fault["loc"]))
        text = fault["msg"].removeprefix("Value error, ")
        raise PlanError(
            "E208", f"{path.name}, line {line}: {where}: {text}.", remedy="See docs/trust.md."
        ) from None


def is_small(persons: int, rules: Rules, *, structural: bool = False) -> bool:
    """S1 and S2: fewer distinct people than the threshold; a zero too, unless it is declared
    structural."""
    if persons == 0 and (structural or not rules.zero_is_small.value):
        return False
    return persons < rules.threshold


def share_is_protected(event: int, base: int, rules: Rules, *, structural: bool = False) -> bool:
    """S1 to S3: people with the event, people without it, or the base are too few (so 0 % and 100 %
    are protected).

    `structural`: the event cannot happen to these people by definition, so that its zero tells
    nothing.
    """
    if not 0 <= event <= base:
        raise ValueError("people with the event are a part of the base")
    if structural and event == 0:
        return is_small(base, rules)
    return any(is_small(persons, rules) for persons in (event, base - event, base))


def is_unreliable(base: int, rules: Rules) -> bool:
    """S16: enough to be counted, too few for a rate to be relied on."""
    return base < rules.smallest_reliable.value


def regression_is_protected(residual_df: int, rules: Rules) -> bool:
    """S9: too few residual degrees of freedom."""
    return residual_df < rules.smallest_residual_df.value


def unit_effect_is_protected(persons: int, rules: Rules) -> bool:
    """S10: an effect, fixed, random or shrunken, of a unit with too few people; of a person
    always.
    """
    return persons < rules.smallest_unit.value


def round_to_base(count: int, base: int = 5) -> int:
    """A count to the nearest multiple of `base` (S5). An odd base has no ties, so nothing leans up
    or down."""
    if count < 0:
        raise ValueError("a count is not negative")
    return (int(count) + base // 2) // base * base
