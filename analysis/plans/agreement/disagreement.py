"""One place where a plan and what is to be worked out from it part: where in the file, which rule,
what to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.errors import PlanError
from analysis.plans.registry import plan_files
from analysis.plans.study_plan import StudyPlan
from analysis.vocabulary.regions import did_you_mean
from analysis.vocabulary.yaml_file import load_yaml

NO_SUCH_NAME, WRONG_KIND, NO_SUCH_FACT = "E237", "E238", "E239"
NO_SUCH_TABLE, NOT_WORKED_OUT = "E240", "E241"
NO_SUCH_CHARACTERISTIC = "E209"  # the code that a characteristic without a column has always had

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Disagreement:
    """One place where a plan and the computation part: where in the file, which rule, what to
    do."""

    code: str
    where: KeyPath
    text: str
    remedy: str

    def error(self, plan: StudyPlan) -> PlanError:
        """As it is raised: file, line, key, rule and remedy."""
        path = plan_files().get(plan.study)
        line = f", line {load_yaml(path).line(self.where)}" if path else ""
        keys = " › ".join(str(part) for part in self.where)
        return PlanError(
            self.code, f"{plan.study}.yml{line}: {keys}: {self.text}", remedy=self.remedy
        )


def raise_first(plan: StudyPlan, found: Iterable[Disagreement]) -> None:
    """Raise the first of `found`, if there is one, as a PlanError."""
    first = next(iter(found), None)
    if first is not None:
        raise first.error(plan)


def unknown(
    names: Iterable[str], valid: Iterable[str], where: KeyPath, data: str
) -> Iterable[Disagreement]:
    """The names that are not valid, each with the nearest one that is."""
    valid = tuple(valid)
    for name in names:
        if name not in valid:
            remedy = did_you_mean(name, valid) if valid else "Leave it out."
            code = NO_SUCH_CHARACTERISTIC if where[0] == "adjust_for" else NO_SUCH_NAME
            yield Disagreement(code, where, f"there is no `{name}` in {data}.", remedy)


def not_worked_out(where: KeyPath, text: str) -> Disagreement:
    """What the plan asks for and nothing does."""
    return Disagreement(NOT_WORKED_OUT, where, text, "Leave it out.")
