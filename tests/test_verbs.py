"""The verbs: what each returns, what a wrong call says, and that what departs from a plan is in no
record."""

from functools import cache

import pandas as pd
import pytest
from chosen import quick_where
from every_verb import calls
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from analysis.display.section import Chart, Section
from analysis.display.tables import WITHHELD, cleared_bundle, install_formatters
from analysis.errors import ParameterError
from analysis.notebook import open_study
from analysis.paths import NOTEBOOKS
from analysis.plans.registry import list_plans
from analysis.record.row import Row
from analysis.said.carried import CARRIED
from analysis.sections.comparison import Comparison
from analysis.workbench.names import Names

SMALL = "synthetic:x0.1"
# One real place of every study; the small nation where the whole one would take minutes.
PLACES = {
    "ethnic_matching": ("west_midlands", SMALL),
    "star_teacher_matching": ("inner", "star"),
    "psr_quality": ("wales", SMALL),
    "gamified_training": ("west_midlands", "synthetic"),
    "manager_training": ("west_midlands", "synthetic"),
    "outreach_recruitment": ("east_of_england", "synthetic"),
    "london_inclusive_leadership": ("london", "synthetic"),
    "commissioning_grants": ("all", "synthetic"),
    "performance_management_adopters": ("all", "synthetic"),
    "assessment_quality": ("west_midlands", "synthetic"),
    "discrimination_reporting": ("west_midlands", "synthetic"),
    "accredited_programmes": ("west_midlands", "synthetic"),
    "progression_schemes": ("west_midlands", "synthetic"),
    "race_allyship": ("west_midlands", "synthetic"),
    "hate_crime_resource_pack": ("wales", "synthetic"),
    "culture_events": ("all", "synthetic"),
    "prison_culture": ("london", SMALL),
    "use_of_force_governance": ("london", SMALL),
    "senior_operational_support": ("london", SMALL),
    "culturally_informed_services": ("london", SMALL),
    "investigator_training": ("west_midlands", "synthetic"),
    "action_plan": ("all", "published"),
    "supervision": ("wales", SMALL),
    "workforce": ("wales", SMALL),
    "youth_cascade": ("all", "published"),
    "berkeley_admissions": ("all", "counts"),
    "toronto_arrests": ("all", "counts"),
    "activities": ("wales", SMALL),
    "complaints": ("wales", SMALL),
    "court_reports": ("wales", SMALL),
    "ethnicity_recording": ("wales", SMALL),
    "incentives": ("wales", SMALL),
    "release": ("wales", SMALL),
    "use_of_force": ("wales", SMALL),
    "assessment_centre_webinars": ("all", SMALL),
    "lived_experience_recruitment": ("yorkshire_and_the_humber", "synthetic"),
    "everyday_inclusion": ("west_midlands", "synthetic"),
    "safe_spaces": ("london", "synthetic"),
    "reverse_mentoring": ("wales", "synthetic"),
    "mentoring": ("west_midlands", "synthetic"),
    "reflective_supervision": ("greater_manchester", "synthetic"),
}
MATCHING, TRIAL, ROLLOUT = "ethnic_matching", "gamified_training", "psr_quality"
MONITOR, PROMISES = "supervision", "action_plan"
# Every kind of study and every way of its data: the others walk the same verbs.
QUICK = (
    *(MATCHING, TRIAL, ROLLOUT, MONITOR, PROMISES),
    *("accredited_programmes", "outreach_recruitment", "toronto_arrests"),
    "assessment_centre_webinars",
    "prison_culture",
    "everyday_inclusion",
)
EVERY = quick_where(PLACES, QUICK.__contains__)


@cache
def opened(study_id: str):
    return open_study(study_id, *PLACES[study_id])


@cache
def sections(study_id: str) -> list[tuple[str, Section]]:
    """What every call gives, by the words of the call."""
    return [(words, call()) for words, call in calls(opened(study_id))]


def test_every_study_has_a_place_here():
    assert set(PLACES) == {plan.study for plan in list_plans()}


def seen(section: Section) -> list:
    """What a section says, in words and numbers: equal for equal sections."""
    return [
        (part.name, part.alt, part.table.to_frame().to_csv())
        if isinstance(part, Chart)
        else cleared_bundle(part)[0]["text/plain"]
        for part in section.parts
    ]


@pytest.fixture
def shell(monkeypatch):
    own = InteractiveShell()
    install_formatters(own)
    monkeypatch.setattr(InteractiveShell, "_instance", own)
    return own


@pytest.mark.parametrize("study_id", EVERY)
def test_every_verb_returns_a_section_that_the_gate_renders(study_id, shell):
    for words, section in sections(study_id):
        assert isinstance(section, Section) and section.parts, words
        with capture_output() as output:
            assert shell.display_formatter.format(section) == ({}, {})
        shown = [bundle.data for bundle in output.outputs]
        assert len(shown) == len(section.parts), words
        assert not [b for b in shown if b["text/plain"] in (WITHHELD, "")], words
        assert not [text for b in shown for text in b.values() if CARRIED.search(text)], words


@pytest.mark.parametrize("study_id", (MATCHING, TRIAL, MONITOR))
def test_the_same_call_twice_gives_the_same_section(study_id):
    for (words, one), (_, again) in zip(sections(study_id), calls(opened(study_id)), strict=True):
        assert seen(one) == seen(again()), words


# -- defaults are the record -----------------------------------------------------------------------
@pytest.mark.parametrize("study_id", EVERY)
def test_what_is_compared_by_default_is_what_the_record_holds(study_id):
    study = opened(study_id)
    if not study._shows.designs:
        return
    held = study._opened.released.rows
    for outcome in study.outcomes:
        compared = study.compare(outcome)
        assert isinstance(compared, Comparison) and not compared.exploratory
        for line in compared.estimates.to_frame().to_dict("records"):
            group = "all" if line["group"] == "everyone" else line["group"]
            of = (line["outcome"], line["estimand"], line["method"], group, line["status"])
            values = [r.value for r in held if key(r) == of]
            if pd.isna(line["value"]):
                assert None in values
            else:
                assert any(v == pytest.approx(line["value"], rel=5e-3) for v in values)


def key(row: Row) -> tuple:
    return tuple(
        getattr(row, name) for name in ("outcome", "estimand", "method", "group", "status")
    )


def test_columns_of_the_plan_given_as_an_argument_depart_from_nothing():
    study = opened(MATCHING)
    adjust = ["age_band", "sex", "sentence_type", "risk_tier"]
    given = study.compare("recalled", adjust=adjust)
    everyone = study.compare("recalled", where={"sex": ["female", "male"]})
    assert seen(given) == seen(study.compare("recalled")) == seen(everyone)


def test_a_comparison_says_who_is_compared_with_whom_by_which_design():
    sides, design, *_ = opened(MATCHING).compare("recalled").text.split("\n")
    assert sides.startswith("People whose first practitioner was from the same broad ethnic group")
    assert "compared with people whose first practitioner was from another group." in sides
    assert "Held alike: office, quarter and ethnic group. Allowed for: age" in sides
    assert design.startswith("Design: assignment of people to practitioners; ")
    crude = opened(MATCHING).compare("recalled", design="crude").text.split("\n")[0]
    assert "Nothing is held alike." in crude and "Allowed for" not in crude


def test_beside_another_group_the_same_gap_stands_the_other_way_round():
    study = open_study(MATCHING, "west_midlands", "synthetic")

    def gaps(reference: str) -> dict[str, dict]:
        found = study.compare("recalled", by="ethnic_group", reference=reference)
        lines = found.estimates.to_frame().to_dict("records")
        return {line["group"]: line for line in lines if line["estimand"] == "gap_difference"}

    white, black = gaps("White"), gaps("Black")
    one, other = white["Black less White"], black["White less Black"]
    assert "Asian less Black" in black and "Black less White" not in black
    assert one["value"] == -other["value"] and one["conf_low"] == -other["conf_high"]


# -- exploratory -----------------------------------------------------------------------------------
DEPARTURES = [
    (MATCHING, {"outcome": "recalled", "adjust": []}),
    (MATCHING, {"outcome": "recalled", "adjust": ["sex"], "design": "crude"}),
    (MATCHING, {"outcome": "recalled", "where": {"sex": "male"}}),
    (MATCHING, {"outcome": "recalled", "by": "ethnic_group", "reference": "Black"}),
    (MATCHING, {"outcome": "recalled", "where": {"person_group": ["White", "Black"]}}),
    (MATCHING, {"outcome": "recalled", "by": "ethnic_group", "where": {"sex": "male"}}),
    (MATCHING, {"outcome": "breached", "design": "practitioner_effects"}),
    (TRIAL, {"outcome": "test_after", "adjust": ["sex"]}),
    (TRIAL, {"outcome": "leaving", "where": {"sex": "male"}}),
    (TRIAL, {"outcome": "learning", "where": {"sex": "male"}, "adjust": ["ethnic_group"]}),
]


@pytest.mark.parametrize(("study_id", "call"), DEPARTURES)
def test_what_departs_from_the_plan_says_so_and_is_in_no_record(study_id, call):
    study = opened(study_id)
    before = study._exact
    section = study.compare(**call)
    assert section.exploratory and section.text.startswith("Exploratory: ")
    assert all(table.title.endswith("(exploratory)") for table in section.tables)
    assert all(chart.table.title.endswith("(exploratory)") for chart in section.charts)
    assert study._exact is before
    assert not study.compare(call.get("outcome")).exploratory


@pytest.mark.parametrize("study_id", (MATCHING, TRIAL))
def test_a_study_opened_after_all_departures_has_the_same_record(study_id):
    study = opened(study_id)
    for call in [call for of, call in DEPARTURES if of == study_id]:
        assert study.compare(**call).exploratory
    assert open_study(study_id, *PLACES[study_id])._exact.rows == study._exact.rows


def test_a_choice_of_people_is_worked_out_on_them_alone():
    study = opened(MATCHING)
    people = [
        study.compare("reoffended", where=where).estimates.to_frame()["people"].iloc[0]
        for where in (None, {"risk_tier": ["low", "medium"]})
    ]
    assert 0 < people[1] < people[0]


def test_another_column_allowed_for_moves_the_estimate():
    study = opened(TRIAL)
    one, other = (study.compare("test_after", adjust=a).estimates for a in (None, ["sex"]))
    assert one.to_frame()["value"].iloc[0] != other.to_frame()["value"].iloc[0]


def test_a_choice_beside_which_another_would_tell_of_a_few_people_is_refused():
    """All groups less all but one would be one person."""
    study = opened(TRIAL)
    assert (study._study.compared_managers["ethnic_group"] == "Other").sum() in range(1, 10)
    for groups in (["White", "Asian", "Black", "Mixed"], ["White"]):
        with pytest.raises(ParameterError) as raised:
            study.compare("test_after", where={"ethnic_group": groups})
        assert raised.value.code == "E247" and not any(c.isdigit() for c in raised.value.text)


# -- wrong calls -----------------------------------------------------------------------------------
BY_GROUP = {"by": "ethnic_group"}
WRONG = [
    (MATCHING, "compare", ("recal",), {}, "E245", "Did you mean `recalled`?"),
    (MATCHING, "compare", ("recal",), {}, "E245", "appointments_kept"),
    (MATCHING, "compare", (3,), {}, "E245", "recalled"),
    (MATCHING, "compare", (["recalled"],), {}, "E245", "recalled"),
    (MATCHING, "compare", ("A1234BC 12/3",), {}, "E245", "that was given"),
    (MATCHING, "compare", ("socety",), {}, "E245", "Did you mean `society`?"),
    (MATCHING, "compare", (), {"by": "sex"}, "E245", "ethnic_group"),
    (MATCHING, "compare", (), {"by": "arm"}, "E245", "ethnic_group"),
    (MATCHING, "compare", (), {"design": "radius"}, "E245", "radius_matching"),
    (MATCHING, "compare", (), {"design": "event_study"}, "E245", "practitioner_effects"),
    (MATCHING, "compare", (), {"design": "crude", "by": "ethnic_group"}, "E248", "radius_matching"),
    (MATCHING, "compare", (), {"design": "all", "by": "ethnic_group"}, "E248", "office_and_period"),
    (MATCHING, "compare", (), {"adjust": ["agge_band"]}, "E245", "Did you mean `age_band`?"),
    (MATCHING, "compare", (), {"adjust": "age_band"}, "E246", "age_band"),
    (MATCHING, "compare", (), {"adjust": 7}, "E246", "age_band"),
    (MATCHING, "compare", (), {"adjust": ["recalled"]}, "E245", "risk_tier"),
    (MATCHING, "compare", (), {**BY_GROUP, "reference": "Blak"}, "E245", "Did you mean `Black`?"),
    (MATCHING, "compare", (), {"reference": "Black"}, "E248", 'by="ethnic_group"'),
    (ROLLOUT, "compare", (), {**BY_GROUP, "reference": "Black"}, "E248", "event_study"),
    (MATCHING, "compare", (), {"where": {"sexx": "female"}}, "E245", "Did you mean `sex`?"),
    (MATCHING, "compare", (), {"where": {"sex": "f"}}, "E247", "female"),
    (MATCHING, "compare", (), {"where": {"sex": []}}, "E247", "female"),
    (MATCHING, "compare", (), {"where": {"person_id": "P1"}}, "E245", "person_group"),
    (MATCHING, "compare", (), {"where": "female"}, "E247", "sex"),
    (MATCHING, "compare", (), {"where": {}}, "E247", "sex"),
    (MATCHING, "check", ("balanc",), {}, "E245", "Did you mean `balance`?"),
    (MATCHING, "check", ("trends",), {}, "E245", "declaration"),
    (MATCHING, "rates", (), {"over": "round"}, "E245", "There are none."),
    (MATCHING, "rates", (), {"by": "sex"}, "E245", "ethnic_group"),
    (MATCHING, "rates", ("input",), {}, "E248", "recalled"),
    (TRIAL, "compare", (), {"by": "arms"}, "E245", "Did you mean `arm`?"),
    (TRIAL, "compare", (), {"by": "arm", "design": "cost"}, "E248", "as_drawn"),
    (TRIAL, "compare", (), {"adjust": ["test_before"]}, "E245", "age_band"),
    (TRIAL, "check", (5,), {}, "E245", "uptake"),
    (ROLLOUT, "compare", (), {"adjust": ["sex"]}, "E248", "event_study"),
    (ROLLOUT, "compare", (), {"where": {"sex": "female"}}, "E248", "sun_abraham"),
    (ROLLOUT, "rates", (), {"over": "half_yeer"}, "E245", "Did you mean `half_year`?"),
    (MONITOR, "compare", ("recal",), {}, "E245", "Did you mean `recall`?"),
    (MONITOR, "compare", (), {"design": "adjust"}, "E245", "Did you mean `adjusted`?"),
    (MONITOR, "compare", (), {"where": {"sex": "female"}}, "E248", "opposite"),
    (MONITOR, "rates", (), {"over": "rounds"}, "E245", "Did you mean `round`?"),
    (MONITOR, "rates", (), {"by": ["sex"]}, "E245", "ethnic_group"),
    (PROMISES, "compare", (), {}, "E248", "rates()"),
]


@pytest.mark.parametrize(("study_id", "verb", "given", "named", "code", "words"), WRONG)
def test_a_wrong_call_has_a_code_and_names_what_is_valid(study_id, verb, given, named, code, words):
    with pytest.raises(ParameterError) as raised:
        getattr(opened(study_id), verb)(*given, **named)
    assert raised.value.code == code and words in str(raised.value)
    assert "A1234BC" not in str(raised.value)


# -- names that complete ---------------------------------------------------------------------------
@pytest.mark.parametrize("study_id", EVERY)
def test_names_complete_as_attributes_and_as_keys(study_id):
    study = opened(study_id)
    for names in (study.outcomes, study.designs, study.checks):
        assert isinstance(names, Names)
        assert dir(names) == sorted(names) == sorted(names._ipython_key_completions_())
        for name in names:
            assert getattr(names, name) == names[name] == name and name in names
    with pytest.raises(KeyError):
        study.outcomes["nothing"]
    with pytest.raises(AttributeError):
        _ = study.outcomes.nothing


def test_no_verb_prints_by_itself():
    """Nothing but the gate and the record of a run calls `display`; in the lab also the pickers,
    which show what a verb gave, and the fold below an error; and what a blind study says first."""
    analysis = NOTEBOOKS.parent / "analysis"
    calling = {
        str(path.relative_to(analysis))
        for path in analysis.rglob("*.py")
        if "display(" in path.read_text(encoding="utf-8").replace("_ipython_display_", "")
    }
    in_the_lab = {"display/in_lab.py", "workbench/pickers.py", "notebook.py"}
    assert calling <= {"display/tables.py", "study/place_record.py"} | in_the_lab
