"""The plan of a process monitor: which outputs of an action are counted, of whom, and why nothing
above them is measured.

An output is what an action puts out and whom it reaches. It is no outcome: the type has no place
for a comparison, for a size that matters or for a direction that is better, so that no class can
follow from it.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from analysis.plans.agreement.group_checks import check_known
from analysis.plans.study_plan import (
    NEGATED,
    Evidence,
    Groups,
    Key,
    Strict,
    StudyPlan,
    Words,
)
from analysis.results import EVERYONE
from analysis.said.texts import named
from analysis.vocabulary.ethnicity import groups_of
from analysis.vocabulary.levels import LEVEL_KEYS

COUNTED_AT = LEVEL_KEYS[:2]  # input and reaction: above them stand outcomes
NO_CLASS = (
    "Leave it out: an output sets no class. What follows from it is asked by a pilot of a design"
    " that compares (docs/new-study.md)."
)
MOST_WORDS_SHORT = 2  # of `short`: so many fit a heading beside the longest name of a place


class Output(Strict):
    """One output: the share of staff in post whom it reached."""

    retired: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("better", "matters", "direction", "why", "role", "opposite", "follow_up_months"), NO_CLASS
    )

    id: Key
    level: Literal["input", "reaction"]
    plain: Words  # "signed up as race allies, of staff in post"
    event: Words  # as it happened: "had signed up as race allies"
    short: Words  # the same in at most two words, for headings: "signed up"
    noun: Words  # "race allies"
    times: Words | None = None  # what is counted once for each time: "attendances"

    @model_validator(mode="after")
    def _says_what_happened(self) -> Self:
        for name in ("event", "short", "noun"):
            if found := NEGATED.search(getattr(self, name)):
                raise ValueError(
                    f"outputs › {self.id}: `{name}`: say what happened, without `{found[0]}`"
                )
        if len(self.short.split()) > MOST_WORDS_SHORT:
            raise ValueError(f"outputs › {self.id}: `short` has at most {MOST_WORDS_SHORT} words")
        return self


class PublishedFigure(Strict):
    """A figure that was published of the same action, as it stands there.

    sort: what was counted, how much more it became, or a target that the document sets itself.
    """

    sort: Literal["count", "growth", "target"]
    plain: Words  # "race allies"
    number: Annotated[float, Field(gt=0, strict=False)]  # growth: in every 100
    more_than: bool = False
    base: Words | None = None  # of how many; None: it was not published with it
    source: Words


class OutputsPlan(StudyPlan):
    """One action whose outputs are counted."""

    retired: ClassVar[Mapping[str, str]] = {
        "outcomes": (
            "This kind counts `outputs` and has no outcomes: outputs are not outcomes. An outcome"
            " is asked for by a pilot of a design that compares (docs/new-study.md)."
        ),
        **dict.fromkeys(("comparison", "families", "stop_for_harm", "adjust_for"), NO_CLASS),
    }

    who: Words  # whom the outputs are counted among: "staff in post"
    one_word: Words  # the same in one word, for headings: "staff"
    whole: Words | None = None  # how all places together are called, where it is one office
    groups: Groups
    leading: Key  # the output that heads every page
    outputs: Annotated[tuple[Output, ...], Field(strict=False, min_length=1)]
    not_measured: dict[Key, Words]  # by level: why nothing is counted there
    published: Annotated[tuple[PublishedFigure, ...], Field(strict=False)] = ()

    @property
    def measures(self) -> tuple[Output, ...]:
        """What the verbs can be asked for."""
        return self.outputs

    @property
    def can_show(self) -> Evidence:
        """Outputs, which are not outcomes."""
        return "outputs"

    @property
    def action(self) -> str:
        """Which rows of the tables are those of this action."""
        return self.data.programme or self.study

    @property
    def leading_row(self) -> dict[str, str]:
        """The leading output, on everyone in post."""
        return {"outcome": self.leading, "group": EVERYONE}

    def output(self, output_id: str) -> Output:
        """The output with this id."""
        return {o.id: o for o in self.outputs}[output_id]

    @model_validator(mode="after")
    def _compares_with_a_group(self) -> Self:
        valid = groups_of(self.groups.coding)
        check_known("groups › reference", [self.groups.reference], valid)
        return self

    @model_validator(mode="after")
    def _every_level_once(self) -> Self:
        ids = [o.id for o in self.outputs]
        if len(ids) != len(set(ids)):
            raise ValueError("outputs: an `id` stands twice")
        if self.leading not in ids:
            raise ValueError(f"leading: there is no `{self.leading}`; valid: {', '.join(ids)}")
        counted = {o.level for o in self.outputs}
        wanted = [key for key in LEVEL_KEYS if key not in counted]
        if [*self.not_measured] != wanted:
            raise ValueError(
                f"not_measured: write why, for each of {', '.join(wanted)}, in this order"
            )
        return self


def outputs_sentences(plan: OutputsPlan) -> tuple[str, ...]:
    """A process monitor in sentences, for those who sign it."""
    counted = _listed([o.plain for o in plan.outputs])
    why = "; ".join(f"{level} ({text})" for level, text in plan.not_measured.items())
    stated = [_stated(figure) for figure in plan.published]
    return (
        f"{plan.title} asks: {plan.question} It answers {plan.answered}.",
        f"It counts {plan.data.cohort}.",
        f"Counted are {counted}; the page leads with {plan.output(plan.leading).plain}.",
        "Each person is counted once, and among those in post on the last day of the period.",
        "Outputs are not outcomes: nothing is compared, and no result has a class.",
        f"Above what is counted, nothing is measured: {why}.",
        f"Set beside it is what was published: {'; '.join(stated)}."
        if stated
        else "Nothing was published of it that could be set beside it.",
        "Counts are given in fives, and withheld where they are small.",
        f"{plan.people.lead} leads it, {plan.people.assurer} assures it, and"
        f" {plan.people.decides} decides.",
        f"It is published as {plan.release.replace('_', ' ')}.",
    )


def _stated(figure: PublishedFigure) -> str:
    more = "more than " if figure.more_than else ""
    number = f"{figure.number:g}% more" if figure.sort == "growth" else f"{figure.number:,g}"
    return named(f"{more}{number} {figure.plain} ({figure.sort}, {figure.source})")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
