"""The tab key in a notebook: outcomes, designs, columns and their values, by the very lists against
which the verbs check their arguments. What is offered is accepted; nothing else is offered there.
"""

from functools import cache

import pytest
from chosen import quick_where

from analysis.errors import ParameterError
from analysis.exploring.asked import asked as asked_of_rows
from analysis.notebook import open_study
from analysis.plans.registry import list_plans, load_plan, places_to_run, plan_files
from analysis.runs.kernel_client import CHOOSE
from analysis.vocabulary.regions import ALL
from analysis.workbench.asked import asked, chosen
from analysis.workbench.completion import OFFERS, install_completion, offered
from analysis.workbench.study import Study
from analysis.workbench.typed_call import TypedCall, typed_call

# One study of each kind, quick; all others in `make test-deep`.
QUICK = ("ethnic_matching", "gamified_training", "supervision", "action_plan")
STUDIES = [plan.study for plan in list_plans()]
CASES = quick_where(STUDIES, lambda study: study in QUICK)


@cache
def opened(study: str) -> Study:
    plan = load_plan(study)
    first = plan.data.sources[0]
    source = "synthetic:x0.05" if first == "synthetic" else first
    return open_study(study, (*places_to_run(plan), ALL)[0], source)


@pytest.fixture
def study(request) -> Study:
    return opened(request.param)


def at(study: Study, typed: str) -> tuple[str, ...]:
    """What is offered where `typed` ends, as in `compare("`."""
    call = typed_call(f"study.{typed}")
    assert call is not None
    return offered(getattr(study, call.called.partition(".")[2]), call)


def accepted(study: Study, cell: str) -> None:
    """Run one call of a verb up to the check of its arguments."""
    explored, opened, shows = study._explored, study._opened, study._shows

    def compare(outcome=None, by=None, design=None, adjust=None, where=None, reference=None):
        given = {"adjust": adjust, "where": where, "reference": reference}
        asked(opened, shows, outcome, by, design, **given)

    def table(by=(), count=None, share=None, mean=None, where=None):
        asked_of_rows(explored, by, count=count, share=share, mean=mean, where=where)

    names = {"compare": compare, "table": table, "study": study, "chosen": chosen}
    exec(cell, names)


# -- what is offered is accepted -------------------------------------------------------------------
@pytest.mark.parametrize("study", CASES, indirect=True)
@pytest.mark.parametrize(
    ("typed", "rest"),
    [
        ('compare("', '")'),
        ('compare(by="', '")'),
        ('compare(design="', '")'),
        ('compare(by="ethnic_group", design="', '")'),
        ('compare(adjust=["', '"])'),
        ('compare(by="ethnic_group", reference="', '")'),
        ('table(by=["', '"])'),
        ('table("', '")'),
        ('table(share="', '")'),
        ('table(mean=["', '"])'),
        ('table(by=["sex", "', '"])'),
        ('table(by=["ethnic_group"], share="', '")'),
        ('table(by=["ethnic_group"], share=["', '"])'),
        ('table(count="', '")'),
    ],
)
def test_each_name_that_is_offered_is_taken(study, typed, rest):
    for name in at(study, typed):
        accepted(study, f"{typed}{name}{rest}")


@pytest.mark.parametrize("study", CASES, indirect=True)
@pytest.mark.parametrize(
    ("verb", "more"), [("compare", ""), ("table", "count=True, "), ("table", 'by=["sex"], ')]
)
def test_each_column_and_value_that_chooses_people_is_taken(study, verb, more):
    for column in at(study, f'{verb}({more}where={{"'):
        one = f'{verb}({more}where={{"{column}": "'
        values = at(study, one)
        assert values, column
        for value in values:
            accepted(study, f'{one}{value}"}})')
        several = f'{verb}({more}where={{"{column}": ["{values[0]}", "'
        assert at(study, several) == values[1:]


@pytest.mark.parametrize("study", CASES, indirect=True)
def test_each_check_measure_grouping_and_range_is_one_of_its_kind(study):
    assert at(study, 'check("') == tuple(study.checks)
    assert set(at(study, 'rates("')) >= {*study.outcomes} - {
        o.id for o in getattr(study._opened.plan, "outcomes", ()) if not o.compared
    }
    assert at(study, 'rates(over="') == tuple(study._shows.over)
    for grouping in study._shows.groupings:
        *before, last = grouping.split(", ")
        listed = "".join(f'"{name}", ' for name in before)
        assert last in at(study, f'rates(by=[{listed}"')


@pytest.mark.parametrize("study", CASES, indirect=True)
def test_what_an_error_calls_valid_is_what_is_offered(study):
    """An outcome that is none: the error and the tab key name the same."""
    if not study.designs:
        assert at(study, 'compare("') == ()
        return
    with pytest.raises(ParameterError, match="E245") as error:
        accepted(study, 'compare("zzz")')
    valid = ", ".join(at(study, 'compare("'))
    assert error.value.remedy == f"Valid: {valid}."


@pytest.mark.parametrize("study", CASES, indirect=True)
def test_no_more_columns_are_offered_than_a_table_can_have(study):
    columns = at(study, 'table(by=["')
    if len(columns) < 4:
        return
    three = ", ".join(f'"{name}"' for name in columns[:3])
    assert at(study, f'table(by=[{three}, "') == ()
    kept = at(study, f'table(by=[{three}], where={{"')
    for column in kept:
        value = at(study, f'table(by=[{three}], where={{"{column}": "')[0]
        accepted(study, f'table(by=[{three}], where={{"{column}": "{value}"}})')


@pytest.mark.parametrize("study", CASES, indirect=True)
def test_nothing_is_offered_that_the_plan_and_the_dictionary_do_not_hold(study):
    """No column that names one person, and no value that the data alone hold."""
    ids = {f.name for rows in _tables(study) for f in rows.fields if not f.uses}
    for use in ("by", "share", "mean"):
        assert not ids & {*at(study, f'table({use}="')}
    assert not ids & {*at(study, 'table(where={"')}


def _tables(study: Study) -> tuple:
    try:
        return study._explored.tables
    except ParameterError:
        return ()


def test_the_arguments_that_are_offered_are_those_of_the_verbs():
    from inspect import signature

    for verb, arguments in OFFERS.items():
        assert {*arguments} <= {*signature(getattr(Study, verb)).parameters}, verb


@pytest.mark.parametrize("study_id", STUDIES)
def test_a_study_to_open_is_offered_its_own_places_and_sources(study_id):
    plan = load_plan(study_id)
    call = f'open_study("{study_id}", "'
    assert study_id in offered(open_study, typed_call('open_study("'))
    assert {*places_to_run(plan)} <= {*offered(open_study, typed_call(call))}
    sources = offered(open_study, typed_call(f'{call}all", "'))
    assert sources == tuple(plan.data.sources)
    begun = offered(open_study, typed_call(f'open_study(data_source="", study_id="{study_id}'))
    assert {*begun} == {one for one in plan_files() if one.startswith(study_id)}


# -- the call at the cursor ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "argument", "begun"),
    [
        ('study.compare("', 0, ""),
        ("study.compare('rec", 0, "rec"),
        ('x = 1  # it\'s "\nstudy.table(by=["sex", "eth', "by", "eth"),
        ('show(study.compare("a", design="', "design", ""),
        ('study.table(by=("', "by", ""),
        ('study.table(\n    by=["sex"],\n    share="', "share", ""),
        ('(\n  study\n  .compare("', 0, ""),
        ('%time study.compare("', 0, ""),
        ("study?\nstudy.compare('", 0, ""),
        ('said = "it isn\'t"\nstudy.check("', 0, ""),
        ('slip = "open\nstudy.check("', 0, ""),
        ('"""\na "quoted" line\n"""\nstudies["wales"].table(mean="', "mean", ""),
    ],
)
def test_the_call_is_found(text, argument, begun):
    call = typed_call(text)
    assert call is not None and (call.argument, call.begun) == (argument, begun)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "study.compare(",
        'study.compare("recalled"',
        'study.compare("recalled")',
        '"study.compare(',
        '# study.compare("',
        'study["',
        '["',
        'study.compare(by "',
        'f(x)("',
    ],
)
def test_where_no_text_of_a_call_is_typed_nothing_is_found(text):
    assert typed_call(text) is None


def test_keys_values_and_lists_of_a_mapping_are_told_apart():
    assert typed_call('f(where={"') == TypedCall("f", "where", "", None, (), {"where": ()})
    second = typed_call('f(by=["a"], where={"sex": "female", "a')
    assert second == TypedCall("f", "where", "a", None, ("sex",), {"by": ("a",), "where": ("sex",)})
    value = typed_call('f(where={"sex": ["female", "')
    assert (value.key, value.beside, value.named) == ("sex", ("female",), {"where": ("sex",)})


# -- in a kernel -----------------------------------------------------------------------------------
def test_the_matcher_is_there_once(ipython):
    for _ in range(3):
        install_completion(ipython)
    names = [getattr(m, "matcher_identifier", "") for m in ipython.Completer.custom_matchers]
    assert names.count("workbook") == 1


OPENED = (
    "from analysis.notebook import open_study\n"
    'study = open_study("ethnic_matching", "wales", "synthetic:x0.05")\n'
    'studies = {"wales": study}'
)
IN_A_KERNEL = {
    'study.compare("rec': ["recalled"],
    'study.compare("recalled", design="cl': ["clustered_sandwich"],
    'study.table(by=["ethnic_group", "s': ["sex", "sentence_type"],
    'study.table(where={"sex": "': ["female", "male"],
    'table = study.table(\n    by=["sex"],\n    where={"risk_t': ["risk_tier"],
    'studies["wales"].check("bal': ["balance"],
    'open_study("ethnic_m': ["ethnic_matching"],
}


@pytest.mark.parametrize("provisioner", ["ordinary", "instant"])
def test_a_kernel_answers_the_tab_key(provisioner, monkeypatch):
    """By the messages that JupyterLab sends, to both kernels of the workbook."""
    from jupyter_client.manager import start_new_kernel

    for name, value in CHOOSE.items():
        if provisioner == "instant":
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)
    factory = "jupyter_client.provisioning.factory.KernelProvisionerFactory._instance"
    monkeypatch.setattr(factory, None)
    manager, client = start_new_kernel()
    try:
        client.execute_interactive(OPENED, timeout=120)
        for cell, names in IN_A_KERNEL.items():
            told = client.complete(cell, len(cell), reply=True, timeout=60)["content"]
            assert told["matches"] == names, cell
            begun = cell[told["cursor_start"] : told["cursor_end"]]
            assert all(name.startswith(begun) for name in names), cell
        verbs = client.complete("study.", 6, reply=True, timeout=60)["content"]["matches"]
        public = {name for name in dir(Study) if not name.startswith("_")}
        assert {*verbs} == public
        files = client.complete('open("READ', 10, reply=True, timeout=60)["content"]["matches"]
        assert all("compare" not in name for name in files)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
