"""Every kind of study declares itself, and all that it can write into a record has words and a
policy."""

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from changed_records import some_row
from syntax import nodes_of

from analysis.errors import RunError
from analysis.paths import EXAMPLE_RECORDS, NOTEBOOKS, ROOT
from analysis.plans import kinds as declared
from analysis.plans.emitted import Estimand, Method
from analysis.plans.kinds import designs, kind_named, kind_of, kinds, named
from analysis.plans.registry import list_plans, load_plan
from analysis.record import store
from analysis.record.record import Record
from analysis.results import NOT_ESTIMABLE_REASONS
from analysis.study.allowed_for import RULES
from analysis.study.declared import check_emitted, check_words, known_checks, refuse_unknown_check
from analysis.vocabulary.regions import NATIONAL

STUDIES = ROOT / "analysis" / "studies"
KINDS = tuple(kinds().values())
NAMES = [kind.id for kind in KINDS]
NAMED = ("plan", "agrees", "opens", "study", "beside", "national", "offers")
each_kind = pytest.mark.parametrize("kind", KINDS, ids=NAMES)


def records_of(study: str) -> list[Record]:
    found = sorted((EXAMPLE_RECORDS / study).glob("*.json"))
    return [store.load(path) for path in found]


# -- declarations ----------------------------------------------------------------------------------
def test_every_folder_of_studies_is_a_kind():
    assert sorted(path.parent.name for path in STUDIES.glob("*/kind.py")) == NAMES
    assert {path.name for path in STUDIES.iterdir() if (path / "__init__.py").exists()} == {*NAMES}


def texts_in(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def asks(node: ast.AST) -> bool:
    """Something is compared with a notebook, or with a kind."""
    parts = [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    return bool({"notebook", "kind"} & {*parts})


def test_nothing_outside_its_folder_names_a_kind_or_its_notebook():
    """What a kind is stands in its folder: no other module compares a notebook or a kind with a
    name."""
    names = {*NAMES, *(notebook for kind in KINDS for notebook in kind.notebooks)}
    found = []
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        if STUDIES in path.parents:
            continue
        for node in nodes_of(path):
            if isinstance(node, ast.Compare) and names & {*texts_in(node)} and asks(node):
                found.append(f"{path.name}: {ast.unparse(node)}")
    assert not found


@each_kind
def test_everything_that_a_kind_names_is_there(kind):
    for key in (*NAMED, "shows", "page", "excluded"):
        if isinstance(what := getattr(kind, key), str) and what:
            assert callable(named(what)) or key in ("shows", "page", "excluded"), what
    for notebook in kind.notebooks:
        assert (NOTEBOOKS / kind.folder / f"{notebook}.ipynb").exists()


@each_kind
def test_a_declaration_imports_nothing_heavy(kind):
    spec = importlib.util.find_spec(f"analysis.studies.{kind.id}.kind")
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    light = ("analysis.plans.", "analysis.vocabulary.", "analysis.studies", "dataclasses")
    assert all(module.startswith(light) for module in modules), modules


def test_two_kinds_cannot_run_one_notebook(monkeypatch):
    twice = replace(kind_named("trial"), notebooks=("psr_quality",))
    real = declared.import_module

    def imported(name):
        return SimpleNamespace(KIND=twice) if name == "analysis.studies.trial.kind" else real(name)

    monkeypatch.setattr(declared, "import_module", imported)
    with pytest.raises(ValueError, match="`psr_quality` is run by rollout and by trial"):
        declared.kinds.__wrapped__()


def test_an_unknown_kind_names_the_valid_ones():
    with pytest.raises(ValueError, match=f"there is no kind of study `x`.*{', '.join(NAMES)}"):
        kind_named("x")


# -- words and policies ----------------------------------------------------------------------------
@each_kind
def test_every_method_has_words_and_a_rule_of_what_it_allowed_for(kind):
    for method in kind.methods.values():
        assert method.words and method.allows_for in RULES
    assert all(estimand.words for estimand in kind.estimands.values())
    assert all(tells.words for tells in kind.tells.values())


@each_kind
def test_the_rows_that_answer_are_declared(kind):
    pairs = [*kind.pooled, *([kind.by_group] if kind.by_group else [])]
    if kind.method != "page":  # of a monitor: each measure has the method of its own kind
        pairs.append((kind.estimand, kind.method))
    for estimand, method in pairs:
        assert kind.estimand_named(estimand) and kind.method_named(method)


@pytest.mark.parametrize("plan", list_plans(), ids=lambda plan: plan.study)
def test_everything_in_a_committed_record_has_words(plan):
    kind, rows = kind_of(plan), 0
    for record in records_of(plan.study):
        for row in record.rows:
            assert kind.estimand_named(row.estimand).words
            assert kind.method_named(row.method, row.estimand).words
            if row.status == "not_estimable":
                assert row.reason in NOT_ESTIMABLE_REASONS
            rows += 1
        for check in record.checks:
            refuse_unknown_check(plan, check.id)
        for reason in record.excluded:
            assert reason == "other reasons" or kind.excluded_words(plan, reason)
    assert rows, "a study without records was not looked at"


def calls_of(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in nodes_of(path):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def calls_in(folder: Path) -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(folder.rglob("*.py")):
        yield from calls_of(path)


def constants(call: ast.Call, *wanted: int | str) -> list[str | None]:
    """Text constants of a call by position or keyword; None for what is no constant."""
    starred = any(isinstance(arg, ast.Starred) for arg in call.args)
    found: dict = {} if starred else dict(enumerate(call.args))
    found |= {key.arg: key.value for key in call.keywords}
    values = [getattr(found.get(key), "value", None) for key in wanted]
    return [value if isinstance(value, str) else None for value in values]


RESULTS = ("Estimate", "NotEstimable", "Withheld", "hidden")


def undeclared(kind, name: str, call: ast.Call) -> Iterator[str]:
    """Constants of one call that are an estimand, a method, a reason or a check that nobody
    declared."""
    if name in RESULTS:
        estimand, method = constants(call, 0, 1)
        if estimand and not _is_known(kind.estimand_named, estimand):
            yield estimand
        elif method and not _is_known(kind.method_named, method, estimand or ""):
            yield method
    if name == "NotEstimable":
        (reason,) = constants(call, 3)
        if reason and reason not in NOT_ESTIMABLE_REASONS:
            yield reason
    if name == "CheckResult":
        (check,) = constants(call, 0)
        plan = next(plan for plan in list_plans() if kind_of(plan).id == kind.id)
        if check and check not in known_checks(plan):
            yield check


@each_kind
def test_every_constant_that_its_modules_emit_is_declared(kind):
    """By the syntax tree: also what no committed record happens to hold."""
    found = [text for call in calls_in(STUDIES / kind.id) for text in undeclared(kind, *call)]
    assert not found


def _is_known(look_up, *names: str) -> bool:
    try:
        return bool(look_up(*names))
    except ValueError:
        return False


# -- what is not declared makes no record ----------------------------------------------------------
PLAN = load_plan("psr_quality")
ROW = some_row(estimand="average_effect", method="imputation_permutation")


def emitted(rows=(ROW,), checks=(), excluded=()):
    named_checks = [SimpleNamespace(id=name) for name in checks]
    return SimpleNamespace(rows=rows, checks=named_checks, excluded=dict.fromkeys(excluded, 1))


@pytest.mark.parametrize(
    ("study", "code", "said"),
    [
        (emitted([ROW.with_(estimand="x")]), "E245", "no estimand `x`; valid: .*average_effect"),
        (emitted([ROW.with_(method="x")]), "E245", "no method `x`; valid: .*imputation_quarters"),
        (emitted(excluded=["x"]), "E245", "no reason to leave people out `x`; valid: court_not"),
        (emitted(checks=["x"]), "E242", "no check `x`"),
    ],
)
def test_what_a_kind_does_not_declare_makes_no_record(study, code, said):
    check_emitted(PLAN, emitted())
    with pytest.raises(RunError, match=said) as error:
        check_emitted(PLAN, study)
    assert error.value.code == code


def test_methods_of_one_kind_are_not_those_of_another():
    with pytest.raises(ValueError, match="trial: there is no method `radius_matching`"):
        kind_named("trial").method_named("radius_matching")


def test_methods_with_names_of_arms_are_those_of_their_estimand():
    trial = kind_named("trial")
    assert isinstance(trial.method_named("a_less_b", "arm_difference"), Method)
    with pytest.raises(ValueError, match="no method `a_less_b`"):
        trial.method_named("a_less_b", "intention_to_treat")


@pytest.mark.parametrize("study", ["supervision", "workforce", "release"])
def test_no_check_of_a_monitor_is_shown_by_its_id(study):
    plan = load_plan(study)
    records = [record for record in records_of(study) if record.region == NATIONAL]
    ids = [check.id for record in records for check in record.checks]
    assert ids
    for check_id in ids:
        said = check_words(plan, check_id)
        assert said and "_" not in said and said != check_id.replace("_", " ")


def test_designs_are_those_of_the_kinds():
    assert {key for kind in KINDS for key in kind.designs} == {*designs()}
    assert all(isinstance(e, Estimand) for kind in KINDS for e in kind.estimands.values())


def test_no_room_but_plans_asks_of_what_type_a_plan_is():
    """The kind answers; what differs between types of plan stands in the kind or its page."""
    types = {"Plan", "Monitor", "ActionPlan", "StudyPlan"}
    found = []
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        if path.parent.name == "plans":
            continue
        for name, call in calls_of(path):
            asked = {ast.unparse(part) for part in ast.walk(call)}
            if name == "isinstance" and types & asked:
                found.append(f"{path.name}: {ast.unparse(call)}")
    assert not found
