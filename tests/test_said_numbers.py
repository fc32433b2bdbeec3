"""Prose is no second way out: a number enters a text cleared, or not at all."""

import ast
import re
from copy import deepcopy
from json import dumps, loads
from pathlib import Path

import pandas as pd
import pytest
from chosen import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from syntax import nodes_of

from analysis.disclosure.attack.noted import forget, noted
from analysis.disclosure.people_said import (
    Asked,
    cleared_count,
    cleared_mean,
    cleared_share,
    decided,
    difference,
)
from analysis.disclosure.rules import Clearance, load_rules
from analysis.errors import RunError
from analysis.paths import ROOT
from analysis.record.record import RecordedCheck
from analysis.record.store import from_dict
from analysis.results import CheckResult
from analysis.said.numbers import (
    P_LINE,
    P_STEPS,
    ClearedNumber,
    cleared_df,
    cleared_estimate,
    cleared_p,
    cleared_units,
    planned,
    tally,
)
from analysis.said.texts import ClearedText, capital, joined, named, say, small
from analysis.studies.trial import checks
from analysis.studies.trial.measures import BLOCK, SIDE, SITE
from analysis.study.losses.response import response_check

ANALYSIS = ROOT / "analysis"
MODULES = sorted(ANALYSIS.rglob("*.py"))
PRIVATE = Clearance(public=False, clusters_are_people=False, hidden=frozenset())
ASKED = Asked("wales", "test", PRIVATE)
ENOUGH = load_rules().threshold  # values that a small count must be left


@pytest.fixture(autouse=True)
def own_list():
    forget()
    yield
    forget()


# -- the door --------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [57.5, 7, True, None, 1e-9])
def test_a_number_enters_no_text_by_itself(number):
    with pytest.raises(RunError, match="E353"):
        say("{share}% of managers took part", share=number)


@pytest.mark.parametrize("text", ["57.5%", "7", f"{0.5:.1f}", "p = 0.0357"])
def test_a_text_with_a_figure_enters_only_cleared(text):
    with pytest.raises(RunError, match="E353"):
        say("{said}", said=text)
    with pytest.raises(RunError, match="E353"):
        joined("; ", ["a", text])
    for made in (CheckResult, RecordedCheck):
        more = {"bears_on": "nothing"} if made is CheckResult else {}
        with pytest.raises(RunError, match="E353"):
            made("declaration", True, text, **more)


def test_neither_number_nor_text_is_made_by_hand():
    with pytest.raises(RunError, match="E353"):
        ClearedNumber(57.5, "57.5", "plan")
    with pytest.raises(RunError, match="E353"):
        ClearedText("57.5% of managers")


def test_nothing_is_worked_out_from_a_cleared_number():
    number = planned(60)
    for wrong in (
        lambda: number + 1,
        lambda: float(number),
        lambda: round(number),
        lambda: f"{number:.3f}",
        lambda: str(number),
        lambda: number < 3,
        lambda: say("{n:.3f}", n=number),
        lambda: say("{n.number}", n=number),
    ):
        with pytest.raises((TypeError, RunError)):
            wrong()


def test_what_puts_a_figure_into_a_cleared_text_loses_its_clearance():
    """What cuts or joins it keeps the clearance: tests/test_said_carried.py."""
    text = say("{n} of {m} places passed.", n=tally(11, "places"), m=tally(12, "places"))
    assert text == "11 of 12 places passed." and isinstance(text, str)
    other = str.maketrans("1", "2")
    for changed in (
        text + "5",
        "5" + text,
        text.replace("1", "2"),
        text.translate(other),
        text * 2,
    ):
        assert not isinstance(changed, ClearedText)
        with pytest.raises(RunError, match="E353"):
            say("{text}", text=changed)
    for kept in (capital(text), small(text), deepcopy(text), joined(" ", [text, "yes"])):
        assert isinstance(kept, ClearedText)


def test_a_text_read_from_a_released_record_is_cleared_and_written_as_a_text():
    path = ROOT / "tests" / "guards" / "records" / "activities" / "all.json"
    record = from_dict(loads(path.read_text(encoding="utf-8")))
    assert all(isinstance(check.text, ClearedText) for check in record.checks)
    assert dumps([check.text for check in record.checks])


# -- people ----------------------------------------------------------------------------------------
@settings(max_examples=examples(300), deadline=None)
@given(base=st.integers(0, 400), data=st.data())
def test_a_share_is_told_of_enough_people_only_and_from_counts_in_fives(base, data):
    event = data.draw(st.integers(0, base))
    share = cleared_share(event, base, ASKED)
    if min(event, base - event) < ENOUGH or base < load_rules().smallest_reliable.value:
        assert share.is_withheld and share.text == "[c]"
        return
    assert share.number is not None
    near = [e for e in range(base + 1) if cleared_share(e, base, ASKED).number == share.number]
    assert len(near) == 5 or base - event < ENOUGH + 5 or event < ENOUGH + 5
    assert not re.fullmatch(r".*\d\.\d{3,}", share.text)


def test_every_share_and_count_is_noted_with_what_is_public_of_it():
    cleared_share(55, 100, ASKED.of(arm="matched"), count="answered")
    cleared_share(4, 65, ASKED.of(arm="waiting"), count="took part")
    cleared_count(7, ASKED, count="recoded")
    known = noted().counts
    told = known["place=wales;arm=matched;count=answered"]
    assert (told.exact, told.low, told.high, told.is_withheld) == (55, 53, 57, False)
    for name in ("place=wales;arm=waiting;count=took part", "place=wales;count=recoded"):
        assert known[name].is_withheld and known[name].protected
    assert len(noted().relations) == 2


def test_what_the_joint_decision_hides_is_withheld():
    hidden = Clearance(False, False, frozenset({"place=wales;count=without answered"}))
    asked = Asked("wales", "test", hidden)
    assert cleared_share(50, 100, asked, count="answered").is_withheld
    assert not cleared_share(50, 100, ASKED, count="answered").is_withheld


@settings(max_examples=examples(400), deadline=None)
@given(base=st.integers(1, 300), limit=st.sampled_from([5.0, 10.0, 60.0]), data=st.data())
def test_whether_a_withheld_share_passed_tells_no_more_than_that_it_is_small(base, limit, data):
    """Ten managers of 65 who took part early: "passed" at ten percent would leave 0 to 6."""
    event = data.draw(st.integers(0, base))
    if not cleared_share(event, base, ASKED).is_withheld:
        return

    def told(count):
        return decided(count, base, lambda percent: percent <= limit)

    rest = base - event
    for count, of in ((event, lambda c: c), (rest, lambda c: base - c)):
        if count < ENOUGH and base >= 2 * ENOUGH:
            left = [c for c in range(ENOUGH) if told(of(c)) == told(event)]
            assert len(left) == ENOUGH


@settings(max_examples=examples(200), deadline=None)
@given(
    sides=st.tuples(st.integers(10, 120), st.integers(10, 120)),
    data=st.data(),
)
def test_a_check_of_answers_gives_no_small_count_back(sides, data):
    answered = [data.draw(st.integers(0, n)) for n in sides]
    found = response_check(
        "response_x",
        list(zip(answered, sides, strict=True)),
        ASKED,
        floor=50.0,
        of=("of matched people", "of others"),
    )
    small_ones = [c for a, n in zip(answered, sides, strict=True) for c in (a, n - a)]
    if min(small_ones) < ENOUGH:
        assert found.shown is None or found.shown.is_withheld
        assert not set(re.findall(r"[\d.]*\d", found.text)) - {"50", "10"}


def test_a_difference_is_one_of_shares_that_are_told():
    one, other = cleared_share(50, 100, ASKED), cleared_share(3, 65, ASKED.of(arm="b"))
    assert difference(one, other).is_withheld
    assert difference(one, cleared_share(40, 100, ASKED.of(arm="c"))).text == "10"


def test_a_mean_of_few_people_is_withheld():
    assert cleared_mean(21.73333, 12, PRIVATE).is_withheld
    assert cleared_mean(21.73333, 120, PRIVATE).text == "21.7"


def managers_of(early: int) -> pd.DataFrame:
    """Sixty-five managers a side at 13 sites, of whom 49 took part where it was offered, and so
    many at waiting sites."""
    sides = [
        (side, k, float(k < took)) for side, took in ((1.0, 49), (0.0, early)) for k in range(65)
    ]
    return pd.DataFrame(
        {
            SIDE: [side for side, _, _ in sides],
            SITE: [f"{side:g}-{k % 13}" for side, k, _ in sides],
            BLOCK: "one",
            "attended": [took for _, _, took in sides],
        }
    )


def test_what_a_trial_says_of_taking_part_leaves_ten_values_to_a_withheld_count():
    """A difference of shares and "passed" left 2 to 7 of 10 values in 20 of 20 places."""
    said = set()
    for early in range(ENOUGH):
        managers = managers_of(early)
        found = (checks.uptake(managers, ASKED), checks.contamination(managers, ASKED))
        said.add(tuple((check.text, check.passed, check.shown) for check in found))
        forget()
    assert len(said) == 1
    told = checks.contamination(managers_of(20), ASKED)
    assert told.text.startswith("30.8% of managers") and told.passed is False


# -- p-values, degrees of freedom, units ----------------------------------------------------------
@settings(max_examples=examples(300), deadline=None)
@given(ways=st.integers(2, 400), data=st.data())
def test_a_printed_p_value_bounds_the_number_of_assignments_from_below_only(ways, data):
    """Whatever is printed of k in N, the same is printed of some k in every larger N: nothing says
    that there were few units."""
    said = cleared_p(data.draw(st.integers(1, ways)) / ways).text
    for more in range(max(ways, 101), 401, 37):
        assert said in {cleared_p(k / more).text for k in range(1, more + 1)} or said == (
            f"p at most {P_STEPS[0]:g}"
        )


def test_steps_of_a_p_value():
    said = {0.0004: "0.001", 0.0357: "0.05", 0.06: f"above 0.05, at most {P_LINE}", 0.377: "0.4"}
    assert all(words in cleared_p(p).text for p, words in said.items())
    assert cleared_p(0.113, public=True).text == "p = 0.113"
    assert all((p <= 0.05) == (cleared_p(p).number <= 0.05) for p in (0.049, 0.05, 0.0501, 0.09))


def test_degrees_of_freedom_stand_in_fives_where_clusters_are_people():
    assert cleared_df(47.0, in_fives=True).number == 45
    assert cleared_df(47.31, in_fives=False).number == 47.3
    assert cleared_df(1.2, in_fives=True).number == 5


def test_other_numbers():
    assert cleared_estimate(-0.04, decimals=1, signed=True).text == "0.0"
    assert cleared_estimate(-1.27, decimals=1, signed=True).text == "−1.3"
    assert cleared_units(3).text == "fewer than 5" and cleared_units(12).text == "10"
    with pytest.raises(ValueError, match="characteristics"):
        tally(12, "sites")
    assert named("July to September 2026") == "July to September 2026"


# -- the code --------------------------------------------------------------------------------------
# Modules whose f-strings give a number a format of its own, and why no exact number of people comes
# out of them. A module that is not here may not: it says numbers by `say`.
OWN_FORMAT = {
    "said/numbers.py": "the door",
    "said/told.py": "the door for numbers of released rows and cleared tables",
    "said/texts.py": "widths of a cleared text, which put no number in",
    "disclosure/people_said.py": "the door for people",
    "disclosure/attack/printed.py": "counts that were printed, told to the checker",
    "results.py": "summaries of exact results, for the analyst's private session",
    "cli.py": "told to the operator alone",
    "runs/": "told to the operator alone",
    "extracts/": "findings of check-data for whoever holds the data; axis of a reading",
    "synthetic/": "ids of people who do not exist",
    "plans/": "faults and explanations of a plan, told to whoever wrote it",
    "vocabulary/yaml_file.py": "faults of a file of the plan, told to whoever wrote it",
    "inference/": "summaries and reasons: sizes of tests and numbers of draws",
    "measurement/": "ends of a scale",
    "designs/": "summaries of exact results, for the analyst; no text of a check",
    "judgement/wording/lines.py": "a number of people needed, rounded up; printed by `told`",
    "display/figures/": "labels of figures and their words, drawn from cleared tables alone",
    "display/layout.py": "cells of cleared tables",
    "display/rungs.py": "cells of cleared tables",
    "display/style.py": "coordinates of a drawing",
    "exploring/crossing.py": "limits of the rules, told to whoever asks",
    "sections/national_tables.py": "cells of cleared tables",
    "sections/rollouts.py": "cells of cleared tables",
    "sections/rungs.py": "ends of a scale of the plan",
    "sections/tables.py": "cells of cleared tables",
    "studies/disparity/shown/": "cells of cleared tables",
    "studies/disparity/stages.py": "cells of cleared tables: counts in fives",
    "studies/progression/": "cells of cleared tables",
    "studies/promises/view.py": "cells of published commitments (S0): no people",
    "studies/staff_inclusion/tables.py": "numbers of waves, which the plan sets",
    "studies/rollout/tables.py": "cells of cleared tables; odds that a model gives",
    "studies/trial/tables.py": "cells of cleared tables",
    "studies/workforce/": "cells of cleared tables",
}


def gives_a_format(node: ast.AST) -> bool:
    if isinstance(node, ast.FormattedValue):
        return node.format_spec is not None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "format"
    )


def where(path: Path) -> str:
    return str(path.relative_to(ANALYSIS))


def faults_of(tree_nodes, name: str) -> list[str]:
    """Lines where a module puts a number into a text past the door."""
    found, own, inside = [], _own_names(tree_nodes), _inside_functions(tree_nodes)
    for node in tree_nodes:
        if gives_a_format(node) and not name.startswith(tuple(OWN_FORMAT)):
            found.append(f"{name}:{node.lineno} formats a number")
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        first = node.args[0] if node.args else None
        if node.func.id == "say" and "say" not in own and not _is_constant(first):
            found.append(f"{name}:{node.lineno} `say` takes a constant")
        if node.func.id == "named" and _holds_a_number(first):
            found.append(f"{name}:{node.lineno} `named` takes a name")
        if node.func.id == "worded" and not _is_constant(first) and id(node) in inside:
            found.append(f"{name}:{node.lineno} `worded` takes a constant")
        for text in _texts_of_check(node):
            if isinstance(text, ast.JoinedStr) and any(map(gives_a_format, ast.walk(text))):
                found.append(f"{name}:{node.lineno} a check formats a number")
    return found


def _inside_functions(tree_nodes) -> set[int]:
    """What is not done yet when a module is imported, and no table is open."""
    bodies = [one for one in tree_nodes if isinstance(one, ast.FunctionDef | ast.Lambda)]
    return {id(inner) for body in bodies for inner in ast.walk(body)}


def _own_names(tree_nodes) -> set[str]:
    """Functions and arguments of the module itself, which are other things of the same name."""
    functions = {node.name for node in tree_nodes if isinstance(node, ast.FunctionDef)}
    return functions | {node.arg for node in tree_nodes if isinstance(node, ast.arg)}


def _is_constant(node: ast.AST | None) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_constant(node.body) and _is_constant(node.orelse)
    return isinstance(node, ast.Constant)


def _holds_a_number(node: ast.AST | None) -> bool:
    """A format, a rounding or arithmetic inside what is called a name."""
    return node is None or any(
        gives_a_format(inner)
        or (isinstance(inner, ast.BinOp) and not isinstance(inner.op, ast.BitOr))
        or (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Name)
            and inner.func.id in ("round", "len", "sum", "int", "float", "significant", "rate_of")
        )
        for inner in ast.walk(node)
    )


def _texts_of_check(node: ast.Call):
    if node.func.id in ("CheckResult", "RecordedCheck"):  # type: ignore[attr-defined]
        yield from (keyword.value for keyword in node.keywords if keyword.arg == "text")
        yield from node.args[2:3]


def test_no_module_puts_a_number_into_a_text_past_the_door():
    assert not [fault for path in MODULES for fault in faults_of(nodes_of(path), where(path))]


def test_every_exception_is_needed():
    used = {where(path) for path in MODULES if any(map(gives_a_format, nodes_of(path)))}
    assert not [name for name in OWN_FORMAT if not any(one.startswith(name) for one in used)]


# Who may take a door by its name. `told` prints what it is given: where it is taken, there are
# released rows, cleared tables, numbers of the plan or published ones, and nothing exact.
DOORS = {
    "made": ("numbers", {"said/numbers.py", "disclosure/people_said.py"}),
    "released": (
        "texts",
        {"record/store.py", "display/recipes.py", "display/spreadsheet/printed.py"},
    ),
    "public_names": (
        "texts",
        {"vocabulary/codings.py", "vocabulary/group_sets.py", "vocabulary/regions.py"},
    ),
    "carried": ("carried", {"said/texts.py", "said/numbers.py", "said/told.py"}),
    "told": (
        "told",
        {
            "judgement/",
            "clearing/asked.py",
            "display/",
            "places/",
            "plans/monitor.py",
            "sections/",
            "study/words.py",
            "studies/disparity/counted/calendar.py",
            "studies/disparity/national.py",
            "studies/disparity/page/",
            "studies/disparity/shown/",
            "studies/disparity/stages.py",
            "studies/process_monitor/beside.py",
            "studies/process_monitor/view.py",
            "studies/process_monitor/words.py",
            "studies/promises/words.py",
            "studies/recording/view.py",
            "studies/rollout/tables.py",
            "studies/selection_funnel/page.py",
            "studies/selection_funnel/tables.py",
            "studies/workforce/view.py",
        },
    ),
}


def importing(name: str, module: str) -> set[str]:
    return {
        where(path)
        for path in MODULES
        for node in nodes_of(path)
        if isinstance(node, ast.ImportFrom)
        and node.module == f"analysis.said.{module}"
        and name in {alias.name for alias in node.names}
    }


@pytest.mark.parametrize("name", DOORS)
def test_only_those_take_a_door_that_have_nothing_exact(name):
    module, allowed = DOORS[name]
    taking = importing(name, module)
    assert not [one for one in taking if not one.startswith(tuple(allowed))]
    needed = {one for one in allowed for taker in taking if taker.startswith(one)}
    assert allowed - {f"said/{module}.py"} == needed - {f"said/{module}.py"}


# -- an exact share put back into a check is seen --------------------------------------------------
LEAKS = {
    "f-string with a format": 'text = f"{rates[2]:.1f}% answered"',
    "name with a format": 'text = say("{s}% answered", s=named(f"{rates[2]:.1f}"))',
    "name of a rounded number": 'text = say("{s}% answered", s=named(str(round(rates[2]))))',
    "template by hand": 'text = say(f"{rates[2]}% answered")',
    "percent sign": 'text = "%.1f answered" % rates[2]',
    "words of a number": 'def f(n):\n    return worded(f"{n} answered")',
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_the_lint_sees_an_exact_share_that_is_put_back(leak):
    assert faults_of(tuple(ast.walk(ast.parse(leak))), "study/response.py")


@pytest.mark.parametrize(
    "leak",
    [
        "f'{rate}% answered'",
        "str(rate) + '% answered'",
        "'{}% answered'.format(rate)",
        "f'{counts[0]} answered'",
        "say('{rate}% answered', rate=rate)",
        "say('{n} answered', n=counts[0])",
        "say('{n} answered', n=str(counts[0]))",
    ],
)
def test_the_run_refuses_an_exact_share_that_is_put_back(leak):
    known = {"rate": 53.846153, "counts": [7, 13], "say": say}
    with pytest.raises(RunError, match="E353"):
        CheckResult("declaration", True, eval(leak, known), bears_on="nothing")
