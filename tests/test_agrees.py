"""Every name of a plan is one that its data and its kind have: a misspelt one is refused before a
kernel starts.

The walk takes every single word of every plan and misspells it. Words that are nobody else's name
(what a page calls something) are listed with the key under which they stand; all others must be
refused with file, line and remedy.
"""

import re
from pathlib import Path

import pytest
import yaml
from chosen import spread

from analysis.errors import DataError, PlanError
from analysis.extracts.counts.count_tables import read_count_table
from analysis.extracts.frames import dyads
from analysis.extracts.tables.pilots import training_tables
from analysis.paths import ROOT
from analysis.plans.registry import list_plans, load_plan, notebook_path, plan_files, read_plan
from analysis.runs.planning import plan_runs
from analysis.studies.matching import offers as of_matching
from analysis.studies.rollout import offers as of_rollout
from analysis.studies.rollout import study as psr_quality
from analysis.studies.trial import measures as trial_measures
from analysis.studies.trial import offers as of_trial
from analysis.study.offers import check_agrees, offered_counts

ONE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# What a page calls something, and ids that are made up in the plan itself.
FREE = {
    "title",
    "plain",
    "noun",
    "short",
    "one",
    "one_word",
    "many",
    "person",
    "people",
    "practitioner",
    "practitioners",
    "programme_name",
    "cell",
    "cells",
    "held_alike",
    "assigned_units",
    "name",
    "vintage",
    "question",
    "group_words",
    "contact",
    "per",
    "at_risk",
    "events",
    "lead",
    "assurer",
    "decides",
    "measured_on",
    "times",
}
# (first key, key): an id that only the plan itself uses, or a word of a page.
FREE_THERE = {
    ("words", "programme"),
    ("words", "group"),
    ("outcomes", "group"),
}


def scalars(node, path=()):
    """Every text of a plan that is one word, with its key path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from scalars(value, (*path, key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from scalars(value, (*path, number))
    elif isinstance(node, str) and ONE_WORD.fullmatch(node):
        yield path, node


def is_free(path) -> bool:
    keys = [key for key in path if isinstance(key, str)]
    words_of_an_arm = keys[-2:-1] == ["arms"]
    return words_of_an_arm or keys[-1] in FREE or (keys[0], keys[-1]) in FREE_THERE


def names_of(study: str):
    content = yaml.safe_load(plan_files()[study].read_text(encoding="utf-8"))
    return [(path, word) for path, word in scalars(content) if not is_free(path)]


# A user's own table of counts is held against its plan when the table is given, and not before.
HELD = [
    study for study in plan_files() if set(load_plan(study).data.sources) - {"counts", "example"}
]
WALK = spread(
    (
        pytest.param(study, path, word, id=f"{study}:{'.'.join(map(str, path))}")
        for study in HELD
        for path, word in names_of(study)
    ),
    100,
)


def changed(study: str, change) -> object:
    content = yaml.safe_load(plan_files()[study].read_text(encoding="utf-8"))
    return change(content)


def written(tmp_path, study: str, content) -> Path:
    """The plan under its own name, in a folder of the same kind."""
    folder = tmp_path / plan_files()[study].parent.name
    folder.mkdir(exist_ok=True)
    path = folder / f"{study}.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def read_and_checked(path) -> None:
    plan = read_plan(path)
    notebook_path(plan)
    check_agrees(plan)
    if getattr(
        plan, "has_own_table", False
    ):  # its columns are those of the file, which is read before a kernel starts
        read_count_table(plan, ROOT / plan.counts.file)


def put(content, path, value):
    for key in path[:-1]:
        content = content[key]
    content[path[-1]] = value


def everywhere(node, old, new):
    """The content with one word replaced wherever it is a whole text: the plan stays of one
    mind."""
    if isinstance(node, dict):
        return {k: everywhere(v, old, new) for k, v in node.items()}
    if isinstance(node, list):
        return [everywhere(v, old, new) for v in node]
    return new if node == old else node


@pytest.mark.parametrize(("study", "path", "word"), WALK)
def test_a_misspelt_name_is_refused(tmp_path, study, path, word):
    content = changed(study, lambda c: c)
    put(content, path, f"{word}x")
    if (
        path[0] == "measures"
        and path[-1] == "id"
        and load_plan(study).table in offered_counts().tables
    ):
        return  # the id of a measure is made up in the plan: its columns are `count` and `of`
    own_table = getattr(load_plan(study), "has_own_table", False)
    if own_table and path == ("table",):
        return  # a name of the plan's own: its numbers stand in the file that `counts` names
    with pytest.raises((PlanError, DataError)) as error:
        read_and_checked(written(tmp_path, study, content))
    assert f"{study}.yml" in str(error.value) or (own_table and f"{study}.csv" in str(error.value))


OUTCOMES = [(p.study, o.id) for p in list_plans() for o in getattr(p, "outcomes", ()) if o.id]


@pytest.mark.parametrize(("study", "outcome"), OUTCOMES)
def test_an_outcome_that_is_misspelt_everywhere_is_refused_with_its_line(tmp_path, study, outcome):
    wrong = f"{outcome[:-1]}_{outcome[-1]}"
    content = changed(study, lambda c: everywhere(c, outcome, wrong))
    path = written(tmp_path, study, content)
    with pytest.raises(PlanError) as error:
        read_and_checked(path)
    assert error.value.code in ("E237", "E239") and "line" in str(error.value)
    assert error.value.remedy


@pytest.mark.parametrize("plan", list_plans(), ids=lambda plan: plan.study)
def test_every_committed_plan_agrees(plan):
    check_agrees(plan)


def test_a_dry_run_refuses_what_no_data_have(tmp_path, monkeypatch):
    from analysis.plans import registry

    content = changed("ethnic_matching", lambda c: c)
    content["adjust_for"]["outside"] = ["age_bnd", "sex", "sentence_type"]
    path = written(tmp_path, "ethnic_matching", content)
    monkeypatch.setattr("analysis.runs.planning.load_plan", lambda study: read_plan(path))
    monkeypatch.setattr(registry, "plan_files", lambda: {"ethnic_matching": path})
    with pytest.raises(PlanError, match=r"E209.*age_bnd.*Did you mean `age_band`"):
        plan_runs(("ethnic_matching",), ("wales",), None, "draft")


def pilot_changed(tmp_path, study, path, value):
    content = changed(study, lambda c: c)
    put(content, path, value)
    return written(tmp_path, study, content)


def index_of(study: str, outcome: str) -> int:
    return next(n for n, o in enumerate(load_plan(study).outcomes) if o.id == outcome)


WRONG_KINDS = [
    (
        "E238",
        "ethnic_matching",
        lambda: ("outcomes", index_of("ethnic_matching", "relationship"), "scale"),
        [1, 7],
    ),
    (
        "E238",
        "ethnic_matching",
        lambda: ("outcomes", index_of("ethnic_matching", "relationship"), "survey"),
        False,
    ),
    (
        "E238",
        "ethnic_matching",
        lambda: ("outcomes", index_of("ethnic_matching", "recalled"), "survey"),
        True,
    ),
    (
        "E241",
        "psr_quality",
        lambda: ("outcomes", index_of("psr_quality", "custody"), "only_groups"),
        ["Black"],
    ),
    (
        "E238",
        "gamified_training",
        lambda: ("outcomes", index_of("gamified_training", "test_after"), "scale"),
        [0, 100],
    ),
    (
        "E241",
        "gamified_training",
        lambda: ("outcomes", index_of("gamified_training", "leaving"), "competing"),
        ["transfer"],
    ),
    (
        "E241",
        "manager_training",
        lambda: ("outcomes", index_of("manager_training", "climate_after"), "before"),
        True,
    ),
    ("E241", "ethnic_matching", lambda: ("exposure", "stratum"), "the tier of risk"),
    ("E238", "supervision", lambda: ("measures", 2, "count"), "recalls"),
    ("E238", "supervision", lambda: ("measures", 0, "of_days"), False),
    ("E238", "supervision", lambda: ("measures", 0, "count"), "quarter"),
    ("E238", "supervision", lambda: ("measures", 2, "count"), "orders_ended"),
    ("E237", "supervision", lambda: ("units", "column"), "sex"),
    ("E209", "supervision", lambda: ("adjust_for", "outside"), ["region"]),
    ("E240", "workforce", lambda: ("measures", 0, "table"), "sentenced_cases"),
    ("E240", "supervision", lambda: ("table",), "prisons"),
    ("E241", "youth_cascade", lambda: ("adjust_for",), {"outside": ["age_band"]}),
]


@pytest.mark.parametrize(("code", "study", "where", "value"), WRONG_KINDS)
def test_a_name_of_the_wrong_kind_is_refused(tmp_path, code, study, where, value):
    with pytest.raises(PlanError) as error:
        read_and_checked(pilot_changed(tmp_path, study, where(), value))
    assert error.value.code == code


@pytest.mark.parametrize("kind", ["scale", "rate"])
def test_an_outcome_of_another_kind_is_refused(tmp_path, kind):
    content = changed("ethnic_matching", lambda c: c)
    own = content["outcomes"][index_of("ethnic_matching", "breached")]
    own |= {"kind": kind, "scale": [0, 1]}
    with pytest.raises(PlanError, match=r"E238.*worked out as share"):
        read_and_checked(written(tmp_path, "ethnic_matching", content))


# -- what is offered is what the frames hold -------------------------------------------------------
def test_offers_of_matching_are_the_columns_of_its_frame():
    offered, star = of_matching.offers("synthetic"), of_matching.offers("star")
    assert set(offered.outcomes) == set(dyads.OUTCOMES)
    assert set(offered.covariates) == set(dyads.COVARIATES)
    assert (set(star.outcomes), set(star.covariates)) == (
        set(dyads.STAR_OUTCOMES),
        set(dyads.STAR_COVARIATES),
    )


def test_offers_of_trials_are_what_is_measured_before_and_what_is_counted():
    offered = of_trial.offers("synthetic")
    before = {name for name, outcome in offered.outcomes.items() if outcome.before}
    assert before == set(trial_measures.BEFORE)
    assert set(offered.facts) == set(trial_measures.FACTS)


def test_offers_of_courts_are_the_facts_that_are_worked_out():
    assert set(of_rollout.offers("synthetic").facts) == set(psr_quality.FACTS)


def test_the_event_of_leaving_is_none_of_the_other_ways():
    offered = of_trial.offers("synthetic").outcomes["leaving"]
    assert set(offered.other_ways) | {training_tables.RESIGNED} == set(training_tables.EXIT_REASONS)
