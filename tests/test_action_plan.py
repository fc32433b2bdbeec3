"""The page about promises: states as the documents give them, slippage in months, and no effect
where there is none."""

from dataclasses import astuple

import pytest
from avoided_words import faults
from every_verb import parts_shown

from analysis.notebook import clear_together
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.registry import load_plan, parse_source
from analysis.record.store import load
from analysis.results import Table
from analysis.studies.promises import words
from analysis.studies.promises.bearing import COMPARED, LISTED, MONITORED, NONE, OUTPUTS, best
from analysis.studies.promises.page import promise_block
from analysis.studies.promises.study import EVERY_DOCUMENT, open_action_plan
from analysis.studies.promises.view import SHOWS
from analysis.vocabulary.regions import ALL, NATIONAL
from analysis.workbench.study import Study

HASHES = dict.fromkeys(("plan_hash", "data_hash", "code_version"), "0" * 64)
DATES = dict.fromkeys(("period_from", "period_to", "extract_date", "follow_up_complete_to"))


@pytest.fixture(scope="module")
def study():
    return open_action_plan(load_plan("action_plan"), ALL)


def view_of(study):
    opened = SHOWS.opened(study.plan, ALL, parse_source("published"), study, DATES, HASHES)
    return Study(opened, SHOWS)


def test_documents_add_up_to_all_of_them(study):
    whole, parts = (
        study.states(EVERY_DOCUMENT),
        [study.states(document) for document in study.documents],
    )
    assert whole == {state: sum(part[state] for part in parts) for state in whole}
    assert sum(whole.values()) == len(study.items)


def test_slippage_is_counted_in_months_from_the_first_date_to_the_revised_one(study):
    row = study.slippage.set_index("id").loc["probation_race_01"]
    assert (str(row["target_first"].date()), str(row["target_revised"].date())) == (
        "2022-03-31",
        "2022-06-30",
    )
    assert row["months"] == pytest.approx(3.0, abs=0.05)
    assert (study.slippage["months"] >= 0).all()


def test_a_commitment_has_evidence_only_where_a_study_of_the_workbook_compares(study):
    found = dict(zip(study.items["id"], study.evidence, strict=True))
    assert found["probation_race_10"] == COMPARED
    assert found["probation_race_02"] == MONITORED
    assert found["programme_2"] == OUTPUTS  # outputs are no evidence of an effect
    assert found["prison_commitment_10"] == LISTED
    assert found["programme_3"] == NONE


def test_of_several_studies_the_one_that_can_show_most_counts():
    assert best("workforce; progression_schemes") == COMPARED
    assert best("accredited_programmes; hate_crime_resource_pack") == COMPARED
    assert best("race_allyship; a_study_without_a_plan") == OUTPUTS
    assert best("") == NONE


def test_each_study_of_a_commitment_stands_in_a_row_with_its_last_result(study):
    (table,) = [t for t in view_of(study).check("studies").tables]
    frame = table.to_frame()
    pairs = sum(len(cell.split("; ")) for cell in study.items["studies"] if cell)
    assert len(frame) == pairs
    psr = frame[frame["Study"] == "psr quality"].iloc[0]
    record = load(EXAMPLE_RECORDS / "psr_quality" / "national.json")
    assert record.synthetic
    assert psr["Last result"] == f"On synthetic data, not real people: {record.sentences.headline}"
    lived = frame[frame["Study"] == "lived experience recruitment"].iloc[0]
    assert lived["What it can show"] == "counted, with nobody to compare with"
    assert (frame.loc[frame["What it can show"] == "none", "Last result"] == "no plan yet").all()


def test_complete_is_never_called_effective(study):
    said = words.statement(study)
    assert "none has evidence of an effect" in said.say
    assert "changed an outcome" in said.cannot_say
    assert [fault for text in astuple(said) for fault in faults(text)] == []


def test_the_record_holds_shares_as_facts(study):
    rows = study.rows
    assert rows[0].group == EVERY_DOCUMENT
    assert rows[0].n == sum(row.n for row in rows[1:]) == len(study.items)
    assert {row.status for row in rows} == {"described"}


def test_the_page_is_made_from_the_cleared_record(study):
    joint = clear_together(study.plan, {ALL: view_of(study)._exact})
    assert joint.national.region == NATIONAL
    block = promise_block(study.plan, joint.national)
    assert block.headline == words.headline(study)
    assert len(block.headline.split()) <= 14


def test_every_verb_shows_published_facts(study):
    tables = [x for x in parts_shown(view_of(study)) if isinstance(x, Table)]
    of_others = [table for table in tables if "Last result" in table.to_frame()]
    assert of_others and {table.cleared_by for table in of_others} == {"rounded"}  # as they leave
    assert {t.cleared_by for t in tables if t not in of_others} == {"published"}
    tables = view_of(study).people().tables
    everything = [table for table in tables if "What was promised" in table.to_frame()]
    assert sum(len(table.to_frame()) for table in everything) == len(study.items)
