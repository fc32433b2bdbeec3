"""Every recommendation and action of the source documents names its study, or says why none can
bear on it; and every plan names the recommendation that it answers. Both ways."""

import csv

import pytest

from analysis.errors import PlanError
from analysis.plans.registry import list_plans, plan_files, read_plan
from analysis.studies.promises.bearing import studies_of
from analysis.vocabulary.commitments import NO_DOCUMENT, TABLE, commitment, documents, items

# Studies of which no document asks: examples of a method, and published tables of other bodies.
OF_NO_DOCUMENT = {
    "star_teacher_matching",
    "berkeley_admissions",
    "toronto_arrests",
    "youth_cascade",
}

with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = {row["id"]: row for row in csv.DictReader(file)}
NAMED = {(row_id, s) for row_id, row in ROWS.items() for s in studies_of(row["studies"])}
ANSWERED = {
    (answer.commitment, plan.study)
    for plan in list_plans()
    for answer in plan.answers
    if answer.commitment
}


@pytest.mark.parametrize("row_id", ROWS)
def test_a_commitment_names_its_studies_or_says_why_it_has_none(row_id):
    row = ROWS[row_id]
    studies = studies_of(row["studies"])
    assert bool(studies) != bool(row["why_no_study"])
    assert set(studies) <= set(plan_files())
    assert len(studies) == len(set(studies))


def test_every_commitment_that_a_plan_answers_names_the_plan():
    assert set() == ANSWERED - NAMED


def test_every_study_that_a_commitment_names_says_that_it_answers_it():
    assert set() == NAMED - ANSWERED


def test_every_plan_answers_something_or_says_that_no_document_asks_for_it():
    answering = {study for _, study in ANSWERED}
    asked_by_nobody = {
        plan.study for plan in list_plans() if {a.document for a in plan.answers} == {NO_DOCUMENT}
    }
    assert asked_by_nobody == OF_NO_DOCUMENT
    assert answering | asked_by_nobody == set(plan_files())


def test_no_plan_answers_one_item_twice():
    for plan in list_plans():
        named = [a.commitment for a in plan.answers if a.commitment]
        assert len(named) == len(set(named)), plan.study


def test_documents_are_those_of_the_table_in_words():
    assert list(items()) == list(documents())
    assert sum(map(len, items().values())) == len(ROWS)  # no two rows share a short item


def faulty(tmp_path, answer: str):
    text = plan_files()["psr_quality"].read_text(encoding="utf-8")
    own = "answers:\n  - document: probation_race_equality\n    item: recommendation 12\n"
    assert own in text
    (tmp_path / "psr_quality.yml").write_text(text.replace(own, f"answers:\n{answer}"))
    return read_plan(tmp_path / "psr_quality.yml")


@pytest.mark.parametrize(
    "answer, told",
    [
        ("  - document: race equality\n    item: recommendation 12\n", "probation_race_equality"),
        (
            "  - document: probation_race_equality\n    item: recommendation 16\n",
            "recommendation 15",
        ),
        ("  - item: recommendation 12\n", "either `document` or `report`"),
        ("  - document: none\n    item: an example\n    part: one of two\n", "no `part`"),
    ],
)
def test_a_document_or_an_item_that_is_not_there_is_refused_and_the_valid_ones_told(
    tmp_path, answer, told
):
    with pytest.raises(PlanError) as refused:
        faulty(tmp_path, answer)
    assert refused.value.code == "E209"
    assert told in str(refused.value)


def test_a_report_of_anybody_else_is_named_as_it_is(tmp_path):
    plan = faulty(tmp_path, "  - report: a report of 2027\n    item: recommendation 3\n")
    assert plan.answered == "recommendation 3 (a report of 2027)"


def test_a_commitment_is_found_by_its_document_and_item():
    assert commitment("prison_response", "commitment 4") == "prison_commitment_04"
