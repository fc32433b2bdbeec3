"""Every key of every plan is read by something: a key that nothing reads promises what is not done.

A read is an attribute taken from something that is known to be of the model: the field that holds
it, or a variable that goes by its name. What a model does in its own validators does not count, and
what is only printed for those who sign a plan (`explain-plan`) counts for words alone.
"""

import ast
import typing
from functools import cache

import pytest
from pydantic import BaseModel
from syntax import parsed

from analysis.errors import PlanError
from analysis.paths import PARAMS, ROOT
from analysis.plans.action_plan import ActionPlan
from analysis.plans.counts import DIMENSIONS, VALUES
from analysis.plans.explanations import Explanation
from analysis.plans.monitor import Break, Monitor
from analysis.plans.plan import Comparison, Plan
from analysis.plans.registry import read_plan

ROOTS = (Plan, Monitor, ActionPlan, Explanation)
PLANS = ROOT / "analysis" / "plans"
PRINTED = {PLANS / "explain.py", PLANS / "explain_monitor.py"}
# Under which other names instances of a model go in the code.
ALSO = {
    "Plan": {"plan", "_plan"},
    "Monitor": {"plan", "_plan"},
    "ActionPlan": {"plan", "_plan"},
    "Explanation": {"entry", "e"},
    "Outcome": {"outcome", "o"},
    "Measure": {"measure", "m"},
    "Comparison": {"c"},
    "Event": {"event"},
    "Series": {"asked"},
    "AskedToExplain": {"rule"},
    "Counts": {"own_table"},
    "Exposure": {"e"},
    "Family": {"family", "f"},
    "PageFamily": {"page_family"},
    "Answer": {"a"},
    "Benchmark": {"b", "benchmark"},
    "PublishedShares": {"shares"},
    "Break": {"b", "one"},
    "ExplainOrReform": {"rule"},
    "AskedAfter": {"after"},
    "AdjustFor": {"adjust", "allowed"},
    "PageWords": {"own"},
    "Representation": {"targets"},
    "StopForHarm": {"stop", "rule"},
    "MonitorSmallest": {"smallest"},
    "WideColumn": {"one", "column"},
}
# A mark that another key is left out on purpose, to which its own validator holds it; and what
# those who sign a plan state of it, which is printed for them (a lock that follows from it is to
# come). Of a table of counts: read by the names of its dimensions and numbers (getattr over
# DIMENSIONS and VALUES in extracts/counts/count_tables.py), and which of two sections says the
# columns; tests/test_count_tables.py reads each of them.
BY_NAME = {
    f"{model}.{name}"
    for model in ("CountColumns", "WideColumn", "Fixed", "LabelsOf")
    for name in DIMENSIONS
}
BY_NAME |= {f"CountColumns.{name}" for name in VALUES} | {"Counts.layout"}
MARKS = {"Outcome.direction", "Plan.state", "Monitor.state", "ActionPlan.state"}


@cache
def models() -> tuple[type[BaseModel], ...]:
    """Every model of a plan, from the roots down."""
    found: dict[type[BaseModel], None] = {}

    def walk(annotation) -> None:
        is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
        if is_model and annotation not in found:
            found[annotation] = None
            for field in annotation.model_fields.values():
                walk(field.annotation)
        for part in typing.get_args(annotation):
            walk(part)

    for root in ROOTS:
        walk(root)
    return tuple(found)


def holders(model: type[BaseModel], all_models) -> set[str]:
    """Names under which an instance of the model is held: fields of this type, and what else it
    goes by."""
    held = {
        name
        for one in all_models
        for name, field in one.model_fields.items()
        if model
        in (
            field.annotation,
            *typing.get_args(field.annotation),
            *_inner(field.annotation),
        )
    }
    return held | ALSO.get(model.__name__, set())


def _inner(annotation):
    return [p for part in typing.get_args(annotation) for p in (part, *typing.get_args(part))]


def last_name(node) -> str:
    """The last name of what an attribute is taken from: `plan.outcome(x).id` is taken from
    `outcome`."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Call():
            return last_name(node.func)
        case ast.Subscript():
            return last_name(node.value)
    return ""


def is_validator(function) -> bool:
    return any("validator" in ast.unparse(one) for one in function.decorator_list)


def reads_in(tree, *, of_models: bool) -> set[tuple[str, str]]:
    """(last name, attribute) of every read. In a module of models `self` is the class, and
    validators do not count."""
    found = set()

    def walk(node, inside: str | None):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                walk(child, child.name)
                continue
            if of_models and inside and isinstance(child, ast.FunctionDef):
                checks = child.name.startswith("_") or is_validator(child)
                if checks:
                    continue
            if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Load):
                owner = last_name(child.value)
                found.add(
                    (f"self:{inside}" if of_models and owner == "self" else owner, child.attr)
                )
            walk(child, inside)

    walk(tree, None)
    return found


@cache
def sources() -> dict[str, set[tuple[str, str]]]:
    """Reads by kind of source: `code`, and what is printed for those who sign."""
    found: dict[str, set] = {"code": set(), "printed": set()}
    defined = {"plan.py", "monitor.py", "study_plan.py", "action_plan.py", "explanations.py"}
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        of_models = path.parent == PLANS and path.name in defined
        reads = reads_in(parsed(path), of_models=of_models)
        found["printed" if path in PRINTED else "code"] |= reads
    return found


def is_prose(field) -> bool:
    """Words for a reader, and no name or number that decides anything."""
    args = typing.get_args(field.annotation)
    text = field.annotation is str or str in args or any(str in typing.get_args(a) for a in args)
    ids = any("pattern" in repr(meta) for meta in field.metadata) or "pattern" in repr(
        field.annotation
    )
    return text and not ids


def unread(all_models, reads: dict[str, set[tuple[str, str]]]) -> list[str]:
    """`Model.key` of every key that nothing reads."""
    found = []
    for model in all_models:
        names = holders(model, all_models)
        own = {
            f"self:{one.__name__}" for one in (model, *model.__mro__) if hasattr(one, "__name__")
        }
        for key, field in model.model_fields.items():
            where = reads["code"] | (
                reads["printed"] if is_prose(field) or _holds_models(field) else set()
            )
            if not any(attribute == key and owner in names | own for owner, attribute in where):
                found.append(f"{model.__name__}.{key}")
    return found


def _holds_models(field) -> bool:
    parts = (field.annotation, *_inner(field.annotation), *typing.get_args(field.annotation))
    return any(isinstance(part, type) and issubclass(part, BaseModel) for part in parts)


def test_every_key_of_every_plan_is_read():
    assert set(unread(models(), sources())) - MARKS - BY_NAME == set()


def test_a_key_that_nothing_reads_is_found():
    """The test has teeth: a new key of a model is missed by nobody, also one whose name others
    use."""

    class WithMore(Comparison):
        colour: str | None = None
        rounds: int = 3

    others = tuple(model for model in models() if model is not Comparison)
    found = unread((*others, WithMore), sources())
    assert {"WithMore.colour", "WithMore.rounds"} <= set(found)


@pytest.mark.parametrize(
    "key",
    ["Break.date", "Trend.breaks", "Family.method", "Outcome.competing", "Comparison.assigned"],
)
def test_a_key_whose_reader_is_taken_away_is_found(key):
    model, name = key.split(".")
    names = holders(next(m for m in models() if m.__name__ == model), models())
    less = {
        kind: {r for r in reads if not (r[1] == name and r[0] in names)}
        for kind, reads in sources().items()
    }
    assert key in unread(models(), less)


RETIRED = [
    (
        "pilots",
        "psr_quality",
        "  how_chosen: by_need\n",
        "  how_chosen: by_need\n  regional_run: describe\n",
        "regional_run",
    ),
    (
        "pilots",
        "psr_quality",
        "  how_chosen: by_need\n",
        "  how_chosen: by_need\n  if_no_comparison: describe\n",
        "nobody",
    ),
    (
        "pilots",
        "psr_quality",
        "leading: custody\n",
        'leading: custody\nlooks: ["2026-10-01"]\n',
        "interim looks",
    ),
    (
        "monitors",
        "supervision",
        "round: {length: quarter,",
        "round: {length: quarter, counting: closed_periods,",
        "closed",
    ),
    (
        "monitors",
        "supervision",
        "{name: page,",
        "{name: page, over: measures x groups,",
        "measures by its groups",
    ),
    (
        "monitors",
        "supervision",
        "    unknown_column:",
        "    unknown: shown\n    unknown_column:",
        "always shown",
    ),
]


@pytest.mark.parametrize(("folder", "study", "old", "new", "said"), RETIRED)
def test_a_retired_key_is_refused_with_what_to_do(tmp_path, folder, study, old, new, said):
    text = (PARAMS / folder / f"{study}.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / folder).mkdir()
    path = tmp_path / folder / f"{study}.yml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError, match="E206") as error:
        read_plan(path)
    assert said in str(error.value) and "line" in str(error.value)


# -- keys that had no consequence ------------------------------------------------------------------
def test_the_method_of_a_family_is_the_one_that_adjusts():
    from analysis.clearing.judged_rows import judged_rows
    from analysis.plans.kinds import kind_of
    from analysis.plans.registry import load_plan
    from analysis.record.row import Row
    from analysis.results import EVERYONE, Estimate
    from analysis.study.claim_checks import in_place

    plan = load_plan("manager_training")
    kind, rows = kind_of(plan), []
    for outcome, p in zip(plan.compared, (0.01, 0.02, 0.03), strict=True):
        result = Estimate(kind.estimand, kind.method, outcome.unit, 1.0, 0.5, 1.5, 0.2, p)
        named = {
            "level": outcome.level,
            "outcome": outcome.id,
            "group": EVERYONE,
            "direction": "higher",
        }
        rows.append(Row.of(result, **named))

    def adjusted(method: str) -> list[float]:
        family = plan.families[0].model_copy(update={"method": method})
        other = plan.model_copy(update={"families": (family,)})
        return [
            row.p_adjusted for row in judged_rows(other, rows, in_place(other, []), national=True)
        ]

    assert adjusted("holm") == pytest.approx([0.03, 0.04, 0.04])
    assert adjusted("benjamini_hochberg") == pytest.approx([0.03, 0.03, 0.03])


def test_ways_to_leave_that_compete_are_not_the_event():
    import pandas as pd

    from analysis.plans.registry import load_plan
    from analysis.studies.trial.measures import is_event

    outcome = load_plan("gamified_training").outcome("leaving")
    staff = pd.DataFrame({"exit": ["resigned", "retirement", "transfer", None]})
    assert is_event(staff, outcome).tolist() == [True, False, False, False]
    other = outcome.model_copy(update={"competing": ("resigned", "retirement")})
    assert is_event(staff, other).tolist() == [False, False, True, False]


def test_a_break_within_the_rounds_shown_is_said():
    import pandas as pd

    from analysis.plans.registry import load_plan
    from analysis.studies.disparity.shown.words import break_lines

    plan = load_plan("supervision")
    broken = (
        Break(date="2021-06-26", text="Probation Service unified"),
        Break(date="2024-01-01", text="later form"),
    )
    plan = plan.model_copy(update={"trend": plan.trend.model_copy(update={"breaks": broken})})
    said = break_lines(plan, pd.Timestamp("2021-04-01"), pd.Timestamp("2022-04-01"))
    assert said == (
        "From 26 June 2021 (Probation Service unified) figures are not made as before.",
    )


def test_the_register_holds_to_the_days_that_the_plan_gives(tmp_path, monkeypatch):
    from analysis.plans import explanations

    text = (PARAMS / "explanations" / "supervision.yml").read_text(encoding="utf-8")
    (tmp_path / "supervision.yml").write_text(
        text.replace('due: "2026-03-21"', 'due: "2026-03-22"'), encoding="utf-8"
    )
    monkeypatch.setattr(explanations, "FOLDER", tmp_path)
    explanations.load_register.cache_clear()
    with pytest.raises(PlanError, match=r"E209.*line \d+: due: the plan gives 60 days"):
        explanations.load_register("supervision")
    explanations.load_register.cache_clear()


@pytest.mark.parametrize(
    ("study", "where", "value", "said"),
    [
        ("ethnic_matching", ("comparison", "assigned"), "class", "errors follow the dyad"),
        ("psr_quality", ("comparison", "assigned"), "prison", "errors follow the site"),
        ("ethnic_matching", ("exposure", "left_out"), ["Mixed"], "`Other` is neither"),
        (
            "ethnic_matching",
            ("exposure", "left_out"),
            ["Mixed", "Other", "Asian"],
            "`Asian` is matched and",
        ),
        (
            "psr_quality",
            ("words", "held_alike"),
            ["court", "region and month", "judge"],
            "2 are held alike",
        ),
        ("ethnic_matching", ("words", "held_alike"), ["office", "quarter"], "3 are held alike"),
        ("psr_quality", ("groups", "national_only"), ["ons_2021_19+1"], "by broad groups"),
    ],
)
def test_a_pilot_that_says_more_than_is_worked_out_is_refused(tmp_path, study, where, value, said):
    import yaml

    from analysis.study.offers import check_agrees

    content = yaml.safe_load((PARAMS / "pilots" / f"{study}.yml").read_text(encoding="utf-8"))
    content[where[0]][where[1]] = value
    path = tmp_path / f"{study}.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    with pytest.raises(PlanError, match="E241") as error:
        check_agrees(read_plan(path))
    assert said in str(error.value)
