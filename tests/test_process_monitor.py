"""A process monitor counts people once, over people in post; speaks of nothing that came of it; and
refuses whatever would."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from avoided_words import faults
from every_verb import parts_shown

from analysis.clearing.joint import Joint
from analysis.disclosure.attack.protection import NOTHING
from analysis.errors import PlanError
from analysis.notebook import clear_together
from analysis.plans.explain import sentences
from analysis.plans.outputs_plan import OutputsPlan
from analysis.plans.registry import list_plans, load_plan, parse_source, plan_files, read_plan
from analysis.results import EVERYONE, Table
from analysis.studies.process_monitor import page, words
from analysis.studies.process_monitor.opening import open_outputs
from analysis.studies.process_monitor.view import SHOWS
from analysis.synthetic.nation import make_region
from analysis.synthetic.outputs.outputs import planted_registered
from analysis.synthetic.planted import load_planted
from analysis.vocabulary.regions import ALL
from analysis.workbench.study import NO_LADDER, Study

PLANS = tuple(plan for plan in list_plans() if isinstance(plan, OutputsPlan))
HASHES = dict.fromkeys(("plan_hash", "data_hash", "code_version"), "0" * 64)
PLACES = ("wales", "london", "south_west")
# Words about what came of something; the fixed sentences that say that nothing of it is meant are
# struck out before.
CAME_OF_IT = re.compile(
    r"\b(outcomes?|effects?|effective|impacts?|improv\w*|better|worse\w*|benefit\w*|harm\w*"
    r"|work(s|ed)(?! out)|success\w*|achiev\w*|led to|leads? to|result(s|ed)? in|because of it"
    r"|thanks to"
    r"|rais(es|ed)|reduc\w*|increas\w*|chang\w*|target met|met its|on target"
    r"|significant\w*)\b",
    re.IGNORECASE,
)
DISCLAIMED = (*words.DISCLAIMERS, page.BADGE, "Outputs, and no outcomes")


def opened(study_id: str, place: str):
    plan = load_plan(study_id)
    regions = tuple(load_planted().regions) if place == ALL else (place,)
    parts = [make_region(region, service="outputs") for region in regions]
    tables = {name: pd.concat([p[name] for p in parts], ignore_index=True) for name in parts[0]}
    return open_outputs(plan, place, tables, hidden=NOTHING)[0]


@pytest.fixture(scope="module")
def studies() -> dict:
    found = {
        (study, place): opened(study, place)
        for study in ("race_allyship", "hate_crime_resource_pack")
        for place in (*PLACES, ALL)
    }
    return found | {("culture_events", ALL): opened("culture_events", ALL)}


def shown(study) -> Study:
    dates = {"period_from": study.plan.data.from_, "period_to": study.plan.data.to}
    dates |= {"extract_date": "2026-10-03", "follow_up_complete_to": None}
    source = parse_source("synthetic")
    return Study(SHOWS.opened(study.plan, study.place, source, study, dates, HASHES), SHOWS)


@pytest.fixture(scope="module")
def joints(studies) -> dict[str, Joint]:
    found = {}
    for plan in PLANS:
        own = {place: s for (study, place), s in studies.items() if study == plan.study}
        found[plan.study] = clear_together(plan, {p: shown(s)._exact for p, s in own.items()})
    return found


# -- counting --------------------------------------------------------------------------------------
def toy(plan: OutputsPlan):
    """Ten in post and two who left: three in the register (one twice), one of those who left."""
    staff = pd.DataFrame(
        {
            "action": plan.action,
            "person_id": [f"P{n}" for n in range(12)],
            "region": "wales",
            "site_id": "S1",
            "site_kind": "office",
            "ethnicity": ["W1"] * 6 + ["B1"] * 4 + ["W1", "not_stated"],
            "in_post": [1] * 10 + [0] * 2,
            "entries": [2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0],
            "uses": [5, 4, 3, 0, 0, 0, 2, 0, 0, 0, 6, 0],
            "used": [0] * 12,
        }
    )
    events = pd.DataFrame(
        {
            "action": plan.action,
            "site_id": "S1",
            "region": "wales",
            "site_kind": "office",
            "month": pd.to_datetime(["2025-11-01", "2026-01-01", "2027-01-01"]),
            "occasion": "allyship_session",
            "planned": [1, 1, 1],
            "held": [1, 0, 1],
            "attendances": [20, 0, 9],
        }
    )
    return open_outputs(
        plan, "wales", {"output_staff": staff, "output_events": events}, hidden=NOTHING
    )[0]


def test_reach_is_distinct_people_in_post_over_people_in_post():
    study = toy(load_plan("race_allyship"))
    reach = {(r.outcome, r.group): (r.n_treated, r.n) for r in study.rows}
    assert reach[("registered", EVERYONE)] == (3, 10)  # not five entries, and not him who left
    assert reach[("reached", EVERYONE)] == (4, 10)
    assert reach[("registered", "Black")] == (1, 4)
    assert study.excluded == {"left": 2}


def test_counting_without_looking_reaches_more_people_than_there_are():
    study = toy(load_plan("race_allyship"))
    naive = 100 * study.everyone["uses"].sum() / study.n_used
    ours = next(r.value for r in study.rows if (r.outcome, r.group) == ("reached", EVERYONE))
    assert naive == 200 and ours == 40


def test_groups_and_those_without_one_are_all_staff(studies):
    for study in studies.values():
        for output in study.plan.outputs:
            rows = [r for r in study.rows if r.outcome == output.id]
            whole = next(r for r in rows if r.group == EVERYONE)
            parts = [r for r in rows if r.group != EVERYONE]
            assert sum(r.n for r in parts) == whole.n
            assert sum(r.n_treated for r in parts) == whole.n_treated


def test_only_events_of_the_period_are_counted():
    text = next(c.text for c in toy(load_plan("race_allyship")).checks if c.id == "held")
    assert text == "Of 2 events planned, 1 were held."


def test_reach_is_what_is_planted_and_the_register_is_not(studies):
    for place in PLACES:
        study = studies[("race_allyship", place)]
        truth = 100 * planted_registered(load_planted(), "race_allyship", place)
        row = next(r for r in study.rows if (r.outcome, r.group) == ("registered", EVERYONE))
        error = 100 * (truth / 100 * (1 - truth / 100) / row.n) ** 0.5
        assert abs(row.value - truth) < 3 * error
        naive = 100 * study.everyone["entries"].sum() / study.n_used
        assert naive > row.value + 1


def test_the_page_says_both_numbers_and_which_is_none(studies):
    study = studies[("culture_events", ALL)]
    twice = study.twice(study.plan.output("reached"))
    assert twice.naive.number > 100 > twice.people.number
    text = next(c.text for c in study.checks if c.id.startswith("counted_twice"))
    assert twice.times.text in text and twice.people.text in text and "no reach" in text


# -- what a page may say ---------------------------------------------------------------------------
def said_on_pages(joint: Joint, plan: OutputsPlan) -> list[str]:
    found = list(plan.cautions)
    for record in (*joint.places.values(), joint.national):
        block = page.block(plan, record, joint.national)
        found += [block.headline, *block.lines, *block.can_say, *block.cannot_say]
        found += [block.harm_watch, block.by_group, *block.settle, block.badge, *block.ask]
        for section in page.sections(plan, record):
            found += [section.title]
            found += [text for line in section.lines for text in (line.say, line.cannot_say)]
        found += [page.place(plan, record).finding, page.found([(plan, joint.national)])]
    return found


def texts_of(study: Study) -> list[str]:
    found = []
    for part in parts_shown(study):
        if isinstance(part, Table):
            cells = part.to_frame().astype(str)
            found += [part.title, *cells.columns, *cells.to_numpy().ravel(), *part.notes]
        elif part.text != NO_LADDER:  # the words of the verb itself, the same for every kind
            found += part.text.splitlines()
    return found


def struck(text: str) -> str:
    for words_of_ours in DISCLAIMED:
        text = text.replace(words_of_ours, "")
    return text


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.study)
def test_no_sentence_of_any_page_speaks_of_what_came_of_it(plan, joints, studies):
    texts = said_on_pages(joints[plan.study], plan)
    for (study, _), own in studies.items():
        texts += texts_of(shown(own)) if study == plan.study else []
    found = {text: CAME_OF_IT.findall(struck(text)) for text in texts}
    assert {text: words_found for text, words_found in found.items() if words_found} == {}
    assert len(texts) > 50


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.study)
def test_every_heading_and_every_list_says_that_an_output_is_no_outcome(plan, joints):
    joint = joints[plan.study]
    for record in (*joint.places.values(), joint.national):
        block = page.block(plan, record, joint.national)
        assert words.NOT_AN_OUTCOME in block.headline and len(block.headline.split()) <= 14
        assert words.NOT_OUTCOMES in block.can_say[0]
        assert block.cannot_say[0] == words.WHAT_FOLLOWED
        assert [fault for text in block.lines for fault in faults(text)] == []


def test_no_row_has_a_class_a_claim_or_an_interval(joints):
    for joint in joints.values():
        for record in (*joint.places.values(), joint.national):
            for row in record.rows:
                assert row.status in ("described", "withheld")
                assert (row.result_class, row.claim, row.conf_low, row.p_value) == (None,) * 4


def test_levels_above_the_outputs_are_not_measured_because(joints):
    for plan in PLANS:
        said = words.not_measured(plan)
        assert len(said) == len(plan.not_measured) >= 4
        assert all(": not measured, because " in text for text in said)


def test_a_published_figure_stands_with_its_base_or_that_there_is_none():
    plan = load_plan("race_allyship")
    count, growth = (words.published_words(figure) for figure in plan.published)
    assert "more than 1,500 race allies" in count and words.NO_BASE in count
    assert "more than 10% more" in growth and "From how many to how many" in growth
    assert words.stated(plan)[-1] == words.NO_TARGET
    with_base = replace_figure(plan.published[0], base="41,000 staff in post")
    assert words.NO_BASE not in words.published_words(with_base)
    assert "of 41,000 staff in post" in words.published_words(with_base)


def replace_figure(figure, **changed):
    return type(figure)(**{**figure.model_dump(), **changed})


def test_a_target_is_told_beside_what_was_held_and_never_called_met(joints):
    plan = load_plan("culture_events")
    block = page.block(plan, joints["culture_events"].national, joints["culture_events"].national)
    said = " ".join((*block.lines, *block.can_say))
    assert "Aimed at: 1 Culture Day a year" in said and "culture day 1 of 1" in said
    assert not re.search(r"\b(met|reached its|achieved|passed)\b", said)


# -- what is refused -------------------------------------------------------------------------------
def with_change(tmp_path, old: str, new: str):
    text = plan_files()["race_allyship"].read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "race_allyship.yml").write_text(text.replace(old, new, 1))
    return read_plan(tmp_path / "race_allyship.yml")


@pytest.mark.parametrize(
    "old, new, code, remedy",
    [
        ("outputs:\n", "outcomes: []\noutputs:\n", "E206", "outputs are not outcomes"),
        ("    noun: race allies\n", "    noun: allies\n    matters: 5\n", "E206", "sets no class"),
        ("    noun: race allies\n", "    noun: allies\n    better: higher\n", "E206", "no class"),
        ("groups:\n", "comparison: {design: one_region}\ngroups:\n", "E206", "sets no class"),
        (
            "  - id: registered\n    level: input",
            "  - id: registered\n    level: behaviour",
            "E208",
            "reaction",
        ),
        ("  learning: nothing is tested\n", "", "E209", "learning"),
        ("leading: registered", "leading: joined", "E209", "registered"),
        ("    short: signed up\n", "    short: have all signed up\n", "E209", "two words"),
    ],
)
def test_a_plan_that_would_set_a_class_is_refused_with_a_remedy(tmp_path, old, new, code, remedy):
    with pytest.raises(PlanError) as refused:
        with_change(tmp_path, old, new)
    assert refused.value.code == code
    assert remedy in str(refused.value).replace("2 words", "two words")


def test_an_output_that_no_table_holds_is_refused():
    from analysis.study.offers import check_agrees

    plan = load_plan("race_allyship")
    output = plan.outputs[0].model_copy(update={"id": "smiles"})
    changed = plan.model_copy(update={"outputs": (output, *plan.outputs[1:])})
    with pytest.raises(PlanError) as refused:
        check_agrees(changed)
    assert refused.value.code == "E237" and "registered" in str(refused.value)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.study)
def test_the_plan_is_explained_in_ten_sentences(plan):
    said = sentences(plan)
    assert len(said) == 10 and "Outputs are not outcomes" in " ".join(said)


def test_small_counts_of_one_place_are_withheld_and_said_so(joints):
    record = joints["race_allyship"].places["wales"]
    rows = [r for r in record.rows if r.status == "withheld"]
    assert rows, "Wales has few staff of some ethnic groups"
    said = page.sections(load_plan("race_allyship"), record)
    lines = [line for section in said for line in section.lines]
    assert any("withheld to protect people" in line.say for line in lines)


def test_frozen_study_is_private(studies):
    study = studies[("culture_events", ALL)]
    assert "everyone" not in repr(study) and replace(study, place=ALL).n_in == study.n_in
