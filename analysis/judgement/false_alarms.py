"""How often an entry of harm watch is a false alarm: measured over simulated nations, read from
params/harm_watch.yml.

`make calibrate-harm` measures and writes that file; docs/harm_watch.md says how. Nothing here is
typed in by hand.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analysis.errors import PlanError
from analysis.paths import PARAMS
from analysis.said.texts import sentence, worded
from analysis.said.told import told
from analysis.vocabulary.yaml_file import load_yaml

FILE = PARAMS / "harm_watch.yml"
ENOUGH_MADE = 200  # made nations from which their rate is the one that pages print
FEWEST_ENTRIES = 50  # fewer: a share in every 100 would say more than was measured
MEASURED_OF = ("ethnic_matching",)  # studies whose nations `make calibrate-harm` draws and makes
OF_EVERY_100 = worded("Of every 100")
NOT_MEASURED = "How often such an entry is a false alarm is not measured for this kind of study."
TOO_FEW = "How often such an entry is a false alarm has not been measured."


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Entries(_Strict):
    """Entries of one grade, and how many of them are rows whose planted truth is not on the worse
    side."""

    entries: Annotated[int, Field(ge=0)]
    false: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _false_are_among_them(self) -> Self:
        if self.false > self.entries:
            raise ValueError("more false entries than entries")
        return self


class Nations(_Strict):
    """Nations of one kind, and the entries in all of them together."""

    nations: Annotated[int, Field(ge=0)]
    worse: Entries
    may_be_worse: Entries


class FalseAlarms(_Strict):
    """probability: the plan-named level at which `may_be_worse` was measured. drawn, made: the two
    ways of measuring."""

    probability: Annotated[float, Field(ge=0.5, lt=1)]
    drawn: Nations
    made: Nations

    @sentence
    def sentence(self, grade: str, probability: float, *, study: str) -> str:
        """How often an entry of this grade is a false alarm; `probability`, `study`: of the plan
        that prints it."""
        if study not in MEASURED_OF:
            return NOT_MEASURED
        of_made = self.made.nations >= ENOUGH_MADE
        measured = self.made if of_made else self.drawn
        found: Entries = getattr(measured, grade)
        if found.entries < FEWEST_ENTRIES or (
            grade == "may_be_worse" and probability != self.probability
        ):
            return TOO_FEW
        false = round(100 * found.false / found.entries)
        nations = "made-up nations" if of_made else "nations of simulated estimates"
        return (
            f"{OF_EVERY_100} such entries, {told(false)} were false alarms, over"
            f" {told(measured.nations)} {nations} in which the truth is known (ethnic"
            " matching, primary outcomes). Where harm is rarer than there, more are."
        )


@cache
def load_false_alarms(path: Path = FILE) -> FalseAlarms:
    """The measured rates, read strictly. PlanError E208 with the line of the first fault."""
    file = load_yaml(path)
    try:
        return FalseAlarms.model_validate(file.content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where, line = " › ".join(map(str, fault["loc"])), file.line(tuple(fault["loc"]))
        raise PlanError(
            "E208",
            f"{path.name}, line {line}: {where}: {fault['msg']}.",
            remedy="Run `make calibrate-harm`.",
        ) from None
