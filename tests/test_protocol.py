"""The protocol of every pilot with a comparison: each verb answers, each assumption has a source,
nothing hangs on an outcome, and a study that compares nobody is refused."""

from dataclasses import replace
from itertools import product

import pandas as pd
import pytest
from avoided_words import faults
from click.testing import CliRunner

from analysis.cli import workbook
from analysis.disclosure.rules import load_rules
from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.errors import ParameterError, PlanError
from analysis.notebook import open_protocol
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.kinds import designs, kind_of, named
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan, parse_source
from analysis.protocol import planned
from analysis.protocol.assumptions import GRID, HEADINGS, WORDS, assumed
from analysis.protocol.counted import counted_sample, sizes_of
from analysis.protocol.findings import Planning, combined
from analysis.protocol.formulas import WAYS, Sizes, detectable
from analysis.protocol.limits import cells
from analysis.protocol.needed import needed_of, needed_sizes
from analysis.protocol.plan_sample import Options, plan_sample
from analysis.protocol.planned import is_pooled, planned_of, with_protocol
from analysis.protocol.protocol import Protocol
from analysis.protocol.sample import example_sample, given_sample, primaries, sample_of
from analysis.record import store
from analysis.results import Table

PLANS = with_protocol()
IDS = [plan.study for plan in PLANS]
VERBS = ("question", "theory", "sample", "power", "groups", "disclosure", "looks", "fixed")
GOOD = planned.FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def protocols() -> dict[str, Protocol]:
    return {plan.study: open_protocol(plan.study, "example") for plan in PLANS}


@pytest.fixture(scope="module")
def shown(protocols) -> dict[tuple[str, str], Section]:
    """Every verb of every protocol, once."""
    return {(study, verb): getattr(protocols[study], verb)() for study, verb in product(IDS, VERBS)}


def texts(section: Section) -> list[str]:
    """Everything that a reader sees."""
    found = [part.text for part in section if isinstance(part, Prose)]
    for table in section.tables:
        frame = table.to_frame()
        found += [table.title, *table.notes, *map(str, frame.columns)]
        found += [str(cell) for row in frame.itertuples(index=False) for cell in row]
    return found + [chart.alt for chart in section.charts]


def words_of(value) -> list[str]:
    """Every text of a plan, the longest first: what it says is not this room's to word."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in words_of(one)]
    return [t for one in value for t in words_of(one)] if isinstance(value, list | tuple) else []


def without_the_plan(text: str, plan: Plan) -> str:
    said = [
        *words_of(plan.model_dump()),
        *(check.words for o in plan.compared for check in plan.checks_of(o).values()),
    ]
    for words in sorted(set(said), key=len, reverse=True):
        for form in (words, words[:1].upper() + words[1:]):
            text = text.replace(form, "x") if len(words) > 5 else text
    return text


def test_there_are_protocols_for_every_pilot_that_compares():
    pilots = [p for p in list_plans() if isinstance(p, Plan) and p.comparison.compares]
    assert [p.study for p in pilots if kind_of(p).compares] == IDS and len(IDS) >= 20


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
class TestEveryProtocol:
    def test_every_verb_answers_in_words_and_tables(self, shown, plan):
        for verb in VERBS:
            assert any(shown[plan.study, verb].parts), verb
            assert texts(shown[plan.study, verb])

    def test_no_sentence_holds_a_word_that_is_avoided(self, shown, plan):
        for verb in VERBS:
            for text in texts(shown[plan.study, verb]):
                assert not faults(without_the_plan(text, plan)), text

    def test_every_assumption_stands_with_its_source(self, shown, plan):
        tables = [
            table.to_frame()
            for table in shown[plan.study, "power"].tables
            if "Assumption" in table.to_frame()
        ]
        assert len(tables) == len(primaries(plan))
        for frame in tables:
            assert list(frame) == ["Assumption", "Value", "Source"]
            for row in frame.itertuples(index=False):
                missing = row.Value == "not written down"
                assert (row.Source == "none") == missing and row.Source.strip()

    def test_no_value_is_taken_for_what_nobody_wrote_down(self, plan):
        written = planned.load_planned().get(plan.study)
        for outcome in primaries(plan):
            found = assumed(plan, outcome)
            own = written.outcomes.get(outcome.id) if written else None
            assert set(found.values) <= set(own.given if own else ())
            needed = WAYS[planned_of(plan)].needed_of(outcome, pooled=is_pooled(plan))
            assert set(found.missing) == set(needed) - set(found.values)

    def test_six_levels_stand_in_order_and_say_why_not(self, shown, plan):
        frame = shown[plan.study, "theory"].table.to_frame()
        assert list(dict.fromkeys(frame["Level"])) == [
            "Input",
            "Reaction",
            "Learning",
            "Behaviour",
            "Organisation",
            "Society",
        ]
        why = frame["Measured"].str.startswith("not measured: ")
        assert (frame["When"] == "[z]").tolist() == why.tolist()

    def test_every_outcome_is_said_to_be_found_or_not(self, shown, plan):
        said = shown[plan.study, "power"].text
        for outcome in primaries(plan):
            assert said.lower().count(outcome.noun.lower()) >= 1

    def test_nothing_of_it_hangs_on_an_outcome(self, plan):
        """Every value of the records another one: the same people, and so the same protocol."""
        folder = EXAMPLE_RECORDS / plan.study
        records = {path.stem: store.load(path) for path in folder.glob("*.json")}
        other = {
            place: replace(
                record,
                rows=tuple(
                    row.with_(value=None, conf_low=None, conf_high=None, p_value=None, mde=None)
                    for row in record.rows
                ),
            )
            for place, record in records.items()
        }
        ours, theirs = sample_of(plan, records), sample_of(plan, other)
        for name in ("nation", "places", "groups", "place_groups", "there"):
            assert getattr(ours, name) == getattr(theirs, name), name

    def test_what_is_needed_finds_what_matters_and_hardly_less_does(self, protocols, plan):
        sample = protocols[plan.study].sample_
        for outcome in primaries(plan):
            found = assumed(plan, outcome)
            if not found.is_complete or outcome.id not in sample.nation:
                continue
            planning = Planning(sample, outcome, found.values)
            needed = needed_sizes(planning, sample.nation[outcome.id], planning.primaries)
            if needed is None:
                continue
            grows = WAYS[planned_of(plan)].grows and needed.clusters > 0
            asked = planning.situation(needed, planning.primaries)
            assert planning.is_enough(detectable(asked))
            fewer = replace(asked, sizes=needed.times(0.9, clusters=grows))
            assert not planning.is_enough(detectable(fewer))

    def test_a_figure_is_drawn_from_a_table_that_is_shown(self, shown, plan):
        charts = shown[plan.study, "power"].charts
        assert len(charts) <= 1
        for chart in charts:
            assert chart.table in shown[plan.study, "power"].tables
            assert all(str(name) in chart.alt for name in chart.table.to_frame()["Where"])


def test_every_design_says_how_its_power_is_worked_out():
    for key, design in designs().items():
        compares = set(design.by) - {"everyone"}
        assert (design.planned in WAYS) == bool(compares), key


def test_a_design_without_a_formula_says_so(monkeypatch, protocols):
    monkeypatch.setattr("analysis.protocol.protocol.planned_of", lambda plan: "")
    for verb in ("power", "groups"):
        section = getattr(protocols["psr_quality"], verb)()
        assert "no formula" in section.text and not section.tables


def test_every_assumption_has_words_and_every_missing_one_values():
    assert set(planned.PlannedOutcome.model_fields) == set(WORDS)
    needed = {name for way in WAYS.values() for name in way.needs}
    assert needed | {"base", "between_places"} == set(GRID)
    assert {*GRID, "spread"} == set(HEADINGS)


# -- what is said of some of them ------------------------------------------------------------------
def test_one_region_among_twelve_gives_no_number(shown):
    section = shown["london_inclusive_leadership", "power"]
    assert "cannot call any difference" in section.text and "rank" in section.text
    assert all("Smallest difference found" not in table.to_frame() for table in section.tables)


def test_regions_of_a_lot_of_few_sites_cannot_answer_alone(shown):
    frame = shown["gamified_training", "power"].tables[0].to_frame()
    assert frame["Enough?"].iloc[0] == "yes"
    assert not (frame["Enough?"].iloc[1:] == "yes").any()
    assert "None of the 12 regions" in shown["gamified_training", "power"].text


def test_the_lot_of_three_regions_says_what_it_reaches(shown):
    assert "220 ways" in shown["commissioning_grants", "power"].text


def test_a_small_group_is_told_before_that_it_cannot_tell(shown):
    text = shown["gamified_training", "groups"].text
    assert "must be expected for Asian, Black, Mixed and Other" in text


def test_a_rule_that_does_not_fit_the_people_is_seen(shown):
    assert "do not agree" in shown["gamified_training", "looks"].text
    assert "No rule for decisions" in shown["mentoring", "looks"].text


def test_two_differences_lie_further_apart_than_either():
    scale = load_plan("gamified_training").outcome("test_after")
    assert combined(scale, 3.0, 4.0) == 5.0 and combined(scale, None, 4.0) is None
    rate = load_plan("discrimination_reporting").outcome("incidents")
    assert combined(rate, 1.2, 1.2) == pytest.approx(1.2 ** (2**0.5))


def test_cells_below_the_rules_are_told_before():
    """At each edge: 10 people a side, 10 with the event, 30 for a rate."""
    plan, rules = load_plan("accredited_programmes"), load_rules()
    outcome = plan.outcome("reoffended")
    base = replace(example_sample(plan), there={}, place_groups={})

    def shown_at(people: float, share: float | None) -> str:
        groups = {outcome.id: {"Black": Sizes(2 * people, people)}}
        return next(cells(replace(base, groups=groups), outcome, share, rules)).shown

    assert [shown_at(n, None) for n in (5, 9, 10, 29, 30)] == [
        "withheld",
        "withheld",
        "not_reliable",
        "not_reliable",
        "shown",
    ]
    assert [shown_at(100, share) for share in (5, 9, 10, 90, 95, None)] == [
        "withheld",
        "withheld",
        "shown",
        "shown",
        "withheld",
        "shown",
    ]


# -- who has no protocol, and what is refused ------------------------------------------------------
@pytest.mark.parametrize("study", ["supervision", "culture_events", "lived_experience_recruitment"])
def test_a_study_that_compares_nobody_is_refused_by_name(study):
    with pytest.raises(ParameterError, match="gamified_training") as error:
        open_protocol(study, "example")
    assert error.value.code == "E286"


@pytest.mark.parametrize(
    ("study", "source", "code"),
    [("nowhere", "example", "E210"), ("psr_quality", "star", "E213"), (3, "example", "E215")],
)
def test_parameters_are_checked(study, source, code):
    with pytest.raises(ParameterError) as error:
        open_protocol(study, source)
    assert error.value.code == code


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a file of assumptions and reads it."""

    def read(text: str):
        path = tmp_path / "planned.yml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(planned, "FILE", path)
        planned.load_planned.cache_clear()
        try:
            return planned.load_planned()
        finally:
            planned.load_planned.cache_clear()

    return read


@pytest.mark.parametrize(
    ("was", "now", "code", "words"),
    [
        ("study: gamified_training", "study: gamified_trainin", "E209", "gamified_training"),
        ("study: manager_training", "study: gamified_training", "E209", "twice"),
        ("study: psr_quality", "study: supervision", "E209", "no such pilot"),
        ("      leaving:", "      leavin:", "E209", "leaving"),
        ("value: 0.05", "value: 1.5", "E208", "intraclass_correlation"),
        ("value: 6", "value: 0", "E208", "spread"),
        ("spread:", "sd:", "E208", "sd"),
        ("          source: illustrative\n", "", "E208", "source"),
        ("value: 3\n", "value: 3.5\n", "E208", "steps"),
    ],
)
def test_a_faulty_assumption_is_refused_with_its_line(written, was, now, code, words):
    assert was in GOOD
    with pytest.raises(PlanError, match=words) as error:
        written(GOOD.replace(was, now, 1))
    assert error.value.code == code and "line" in str(error.value)


def test_the_file_as_it_stands_is_read_and_may_be_missing(written, monkeypatch, tmp_path):
    assert set(written(GOOD)) <= set(IDS)
    monkeypatch.setattr(planned, "FILE", tmp_path / "none.yml")
    planned.load_planned.cache_clear()
    assert planned.load_planned() == {}
    planned.load_planned.cache_clear()


# -- people counted in tables without outcomes -----------------------------------------------------
COUNTED = {kind_of(plan).id: plan for plan in PLANS if kind_of(plan).sampled}


@pytest.mark.parametrize("kind", COUNTED)
def test_people_are_counted_in_tables_without_outcomes(kind):
    """In fives, both sides; regions and groups are no more than the nation; nobody is lost yet."""
    plan = COUNTED[kind]
    sample = counted_sample(plan, parse_source("synthetic:x0.1"))
    assert sample.lost and set(sample.nation) == {o.id for o in primaries(plan)}
    for outcome in primaries(plan):
        whole = sample.nation[outcome.id]
        assert whole.people % 5 == whole.people_with % 5 == 0 < whole.people_with < whole.people
        parts = [of[outcome.id].people for of in sample.places.values() if outcome.id in of]
        assert sum(parts) <= whole.people + 2.5 * len(parts) + 2.5
        groups = [one.people for one in sample.groups[outcome.id].values() if one]
        assert groups and sum(groups) <= whole.people + 2.5 * len(groups) + 2.5
    protocol = Protocol(plan, "synthetic", sample)
    for verb in VERBS:
        assert any(getattr(protocol, verb)().parts)


def test_a_kind_that_has_not_said_how_is_refused():
    with pytest.raises(ParameterError, match="trial") as error:
        open_protocol("commissioning_grants", "synthetic:x0.1")
    assert error.value.code == "E288"


def test_a_small_side_is_withheld():
    plan = load_plan("accredited_programmes")
    cohort = pd.DataFrame(
        {"region": "wales", "started": [True] * 9 + [False] * 40, "ethnicity": "A1"}
    )
    outcome = plan.outcome("reoffended")
    people = named(kind_of(plan).sampled)(plan, outcome, {"programme_cohort": cohort})
    assert sizes_of(plan, people, load_rules()) is None
    more = pd.concat([people, people.head(1)])
    assert sizes_of(plan, more, load_rules()) == Sizes(50.0, 10.0)


# -- workbook plan-sample --------------------------------------------------------------------------
def run(*arguments):
    return CliRunner().invoke(workbook, ["plan-sample", *arguments])


@pytest.mark.parametrize("study", IDS)
def test_plan_sample_answers_for_every_protocol(study):
    found = plan_sample(study, None, Options())
    assert len(found) == len(primaries(load_plan(study)))
    for one in found:
        assert isinstance(one.needed, Table) and any(one.lines)


def test_plan_sample_prints_each_assumption_with_its_source():
    said = run("psr_quality", "--outcome", "on_adjournment", "--icc", "0.03")
    assert said.exit_code == 0
    assert "Correlation of people in one cluster: 0.03 (the command line)" in said.output
    assert "without the programme: 12 (illustrative)" in said.output
    assert "needed" in said.output


def test_people_a_side_are_taken_in_the_place_of_those_there_are():
    few = run("accredited_programmes", "--people", "400").output
    assert "there 400 and 400 people" in few and "may well be missed" in few
    many = run("accredited_programmes", "--people", "40000").output
    assert "that is enough" in many


def test_what_is_said_to_be_needed_is_enough_when_it_is_asked_for():
    plan = load_plan("accredited_programmes")
    sample = given_sample(example_sample(plan), 400, None)
    outcome = plan.outcome("reoffended")
    planning = Planning(sample, outcome, assumed(plan, outcome).values)
    needed = next(needed_of(planning)).needed
    enough = given_sample(sample, round(needed.people_with) + 1, None)
    assert replace(planning, sample=enough).nation().state == "answers"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gamified_training", "--icc", "3"], "less than 1"),
        (["gamified_training", "--icc", "nan"], "intraclass"),
        (["gamified_training", "--outcome", "x"], "test_after"),
        (["gamified_training", "--matters", "2"], "--outcome"),
        (["gamified_training", "--outcome", "leaving", "--matters", "0"], "above nothing"),
        (["gamified_training", "--outcome", "leaving", "--matters", "inf"], "above nothing"),
        (["gamified_training", "--assume", "foo=3"], "intraclass_correlation"),
        (["gamified_training", "--assume", "spread"], "NAME=VALUE"),
        (["gamified_training", "--icc", "0.1", "--assume", "intraclass_correlation=0"], "twice"),
        (["gamified_training", "--people", "30"], "belong together"),
        (["accredited_programmes", "--people", "30", "--clusters", "3"], "by themselves"),
        (["accredited_programmes", "--people", "0"], "at least 1"),
        (["gamified_training", "--power", "4"], "50 to 99"),
        (["psr_quality", "--assume", "steps=2.5"], "steps"),
    ],
)
def test_an_option_that_does_not_go_with_the_study_is_refused(arguments, words):
    said = run(*arguments)
    assert said.exit_code != 0 and isinstance(said.exception, ParameterError)
    assert said.exception.code == "E287" and words in str(said.exception)


def test_the_file_is_safe_to_open_and_holds_every_assumption(tmp_path):
    file = tmp_path / "sample.csv"
    assert run("psr_quality", "--to", str(file)).exit_code == 0
    frame = pd.read_csv(file, dtype=str)
    assert set(frame["Outcome"]) == {o.id for o in primaries(load_plan("psr_quality"))}
    assert frame["Assumed"].str.len().min() > 10
    assert not frame.map(lambda cell: str(cell)[:1] in "=+-@").any().any()
