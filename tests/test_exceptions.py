"""What is published against a default names who approved it and why, or it is refused."""

import json
import re
import shutil

import pytest
from test_site import ROUND, seal, write_run
from test_site_pages import committed

from analysis.errors import PlanError
from analysis.paths import PARAMS
from analysis.plans import registry
from analysis.plans.registry import Source, list_plans, load_plan, plan_files
from analysis.site.build import build_site
from analysis.study.exceptions import exceptions_of
from analysis.study.public_counts import source_is_public
from analysis.vocabulary.regions import NATIONAL

PUBLIC = [
    plan.study
    for plan in list_plans()
    if any(source_is_public(plan, Source(name)) for name in plan.data.sources)
]


def test_the_plans_of_numbers_that_were_published_before_are_known():
    assert sorted(PUBLIC) == [
        "action_plan",
        "berkeley_admissions",
        "star_teacher_matching",
        "toronto_arrests",
        "youth_cascade",
    ]


@pytest.mark.parametrize("study", sorted(plan_files()))
def test_each_public_source_has_its_exception_and_no_other_source_has_one(study):
    plan = load_plan(study)
    for name in plan.data.sources:
        found = exceptions_of(plan, Source(name))
        assert bool(found) == source_is_public(plan, Source(name))
        for one in found:
            assert one["rule"] == "S0" and one["approved_by"] and len(one["reason"]) >= 10
            assert "http" in one["what"] and one["licence"]


@pytest.fixture
def other_params(tmp_path, monkeypatch):
    """A copy of the plans, which may be changed."""
    folder = tmp_path / "params"
    shutil.copytree(PARAMS, folder)
    monkeypatch.setattr(registry, "PARAMS", folder)
    load_plan.cache_clear()
    yield folder
    load_plan.cache_clear()


@pytest.mark.parametrize("study", PUBLIC)
@pytest.mark.parametrize(
    "key", ["publisher", "url", "licence", "published", "approved_by", "reason"]
)
def test_a_public_source_without_approver_reason_or_origin_is_refused_with_its_line(
    other_params, study, key
):
    path = next(other_params.rglob(f"{study}.yml"))
    text = path.read_text()
    start = text.index("already_public:" if "already_public:" in text else "  public:")
    line = re.compile(rf"^ +{key}: .*\n", re.MULTILINE).search(text, start)
    path.write_text(text[: line.start()] + text[line.end() :])
    with pytest.raises(PlanError, match=rf"{study}\.yml, line \d+: .*{key}"):
        load_plan(study)


@pytest.mark.parametrize("study", ["star_teacher_matching", "youth_cascade", "action_plan"])
def test_a_public_source_without_any_declaration_is_refused(other_params, study):
    path = next(other_params.rglob(f"{study}.yml"))
    path.write_text(re.sub(r"  already_public:.*\n(    .*\n)+", "", path.read_text()))
    with pytest.raises(PlanError, match=rf"{study}\.yml, line \d+: .*already_public"):
        load_plan(study)


def test_a_declaration_for_a_source_that_is_not_public_is_refused(other_params):
    star = next(other_params.rglob("star_teacher_matching.yml")).read_text()
    block = re.search(r"  already_public:.*\n(    .*\n)+", star)[0]
    path = next(other_params.rglob("ethnic_matching.yml"))
    path.write_text(
        path.read_text().replace(
            "  places: probation_regions\n", f"  places: probation_regions\n{block}", 1
        )
    )
    with pytest.raises(PlanError, match=r"ethnic_matching\.yml, line \d+: .*already_public"):
        load_plan("ethnic_matching")


def test_a_page_names_exceptions_and_for_whom_it_is(tmp_path):
    plan = load_plan("youth_cascade")
    folder = write_run(tmp_path, committed("youth_cascade", NATIONAL))
    file = folder / "provenance.json"
    made = json.loads(file.read_text())
    (one,) = exceptions_of(plan, Source("published"))
    file.write_text(json.dumps(made | {"exceptions": [one]}))
    seal(folder)
    page = build_site(tmp_path, round_id=ROUND) / "published" / ROUND / "youth_cascade" / NATIONAL
    said = (page / "index.html").read_text()
    assert "not to be passed on" in said and "Approved by: Senior Statistician." in said
    assert "after disclosure control of their own" in said
