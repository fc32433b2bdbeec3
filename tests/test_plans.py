"""Plans are read strictly: what YAML would guess, and what a plan may not leave open, is an error
with file and line."""

import pytest
import yaml

from analysis.errors import ParameterError, PlanError
from analysis.paths import PARAMS
from analysis.plans.action_plan import ActionPlan
from analysis.plans.asks import check_asks
from analysis.plans.explain import sentences
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import check_parameters, list_plans, load_plan, parse_source, read_plan
from analysis.plans.study_plan import Band

MATCHING = (PARAMS / "pilots" / "ethnic_matching.yml").read_text(encoding="utf-8")


def faulty(tmp_path, old: str, new: str):
    assert old in MATCHING
    path = tmp_path / "ethnic_matching.yml"
    path.write_text(MATCHING.replace(old, new, 1), encoding="utf-8")
    return path


FAULTS = [
    ("E201", "state: planned", "state:\tplanned: x"),
    ("E202", "state: planned", "state: planned\nstate: closed"),
    ("E203", "state: planned", "state: NO"),
    ("E203", "survey: true", "survey: yes"),
    ("E204", "follow_up_months: 12", "follow_up_months: 012"),
    ("E204", 'from: "2024-04-01"', "from: 2024-04-01"),
    ("E205", "state: planned", "state: &anchor planned"),
    ("E205", "state: planned", "state: !!str planned"),
    ("E206", "state: planned", "stat: planned\nstate: planned"),
    (
        "E206",
        "    better: higher\n    matters: 0.2",
        "    bettr: higher\n    better: higher\n    matters: 0.2",
    ),
    ("E206", "    opposite: missed more", "    adverse: missed more"),
    ("E209", "    event: were recalled to prison", "    event: were not recalled to prison"),
    ("E209", "    opposite: missed more than", "    opposite: did not keep"),
    ("E209", "    event: had a first practitioner", "    event: never had a first practitioner"),
    ("E209", "    noun: recalls", "    noun: recalls\n    short: recalls to a prison"),
    (
        "E209",
        "    better: higher\n    matters: 0.2",
        "    opposite: did badly on it\n    better: higher\n    matters: 0.2",
    ),
    (
        "E207",
        (
            "question: Do people on probation do better when their first practitioner is from the"
            " same broad ethnic group?\n"
        ),
        "",
    ),
    ("E208", "alpha: 0.05", "alpha: 5"),
    ("E208", "people: 60", 'people: "sixty"'),
    ("E208", "matters: 0.2", "matters: small"),
    ("E209", "matters: 0.2", "matters: -0.2"),
    ("E209", "    matters: 0.2\n", ""),
    ("E209", "leading: recalled", "leading: recall"),
    ("E209", "    event: had a first practitioner from the same broad ethnic group\n", ""),
    ("E209", 'from: "2024-04-01"', 'from: "2025-04-01"'),
    ("E209", "reference: White", "reference: Whyte"),
    (
        "E209",
        (
            "    better: lower\n    matters: 2\n    source: illustrative, to be set by the steering"
            " group\n    role: primary"
        ),
        "    matters: 2\n    source: x to be set\n    role: primary",
    ),
    ("E209", "  how_chosen: by_need\n", "  how_chosen: by_need\n  weights: people\n"),
    ("E208", "  how_chosen: by_need\n", "  how_chosen: by_need\n  weights: cells\n"),
    (
        "E209",
        "outcomes: [relationship, appointments_kept, recalled]",
        "outcomes: [relationship, appointments_kept]",
    ),
]


@pytest.mark.parametrize(("code", "old", "new"), FAULTS)
def test_a_faulty_plan_is_refused_with_file_and_line(tmp_path, code, old, new):
    with pytest.raises(PlanError) as error:
        read_plan(faulty(tmp_path, old, new))
    assert error.value.code == code
    assert "ethnic_matching.yml, line " in str(error.value)


def test_a_fault_in_an_outcome_names_the_line_of_that_outcome(tmp_path):
    path = faulty(tmp_path, "    matters: 0.2\n", "")
    with pytest.raises(PlanError) as error:
        read_plan(path)
    line = int(str(error.value).split("line ")[1].split(":")[0])
    assert "level: reaction" in path.read_text().splitlines()[line - 1]
    assert "`matters` is missing" in str(error.value) and "would change the decision" in str(
        error.value
    )


def test_an_unknown_key_is_met_with_the_nearest_one(tmp_path):
    with pytest.raises(PlanError, match="Did you mean `question`"):
        read_plan(faulty(tmp_path, "question:", "questoin:"))


@pytest.mark.parametrize(
    ("old", "new", "valid"),
    [
        (
            "    scale: [1, 5]\n",
            "    scale: [1, 5]\n    only_groups: [Blakc]\n",
            "White, Mixed, Asian, Black, Other",
        ),
        (
            "recorded_by_practitioner: [appointments_kept,",
            "recorded_by_practitioner: [nonsense,",
            "relationship, appointments_kept",
        ),
        ("  group: any\n", "  group: Blak\n", "any, White, Mixed, Asian, Black, Other"),
        ("left_out: [Mixed,", "left_out: [Mixt,", "White, Mixed, Asian, Black, Other"),
    ],
)
def test_groups_and_outcomes_that_there_are_not_are_refused_with_the_valid_ones(
    tmp_path, old, new, valid
):
    with pytest.raises(PlanError) as error:
        read_plan(faulty(tmp_path, old, new))
    assert error.value.code == "E209" and valid in str(error.value)


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        ("[effect, gap_closes]", "there is no `gap_closes`; valid: effect, gap_narrows"),
        ("[gap_narrows, effect]", "`effect` comes first"),
        ("[]", "`effect` comes first"),
        ("[effect, effect]", "stands twice"),
        ("[effect, gap_narrows]", None),
    ],
)
def test_questions_of_a_plan_are_typed_and_the_effect_comes_first(tmp_path, asks, said):
    path = faulty(tmp_path, "asks: [effect]", f"asks: {asks}")
    if said is None:
        assert read_plan(path).asks == ("effect", "gap_narrows")
        return
    with pytest.raises(PlanError) as error:
        read_plan(path)
    assert error.value.code == "E209" and said in str(error.value)


def test_a_plan_whose_question_is_about_the_gap_answers_it():
    assert load_plan("psr_quality").asks == ("effect", "gap_narrows")
    with pytest.raises(ValueError, match="add `gap_narrows`"):
        check_asks(("effect",), gaps=True, question="Does the gap between groups narrow?")
    with pytest.raises(
        ValueError, match="needs a study that estimates differences between ethnic groups"
    ):
        check_asks(("effect", "gap_narrows"), gaps=False, question="Do people do better?")


@pytest.mark.parametrize("level", ["0.4", "1", "often"])
def test_the_level_of_harm_watch_is_a_probability(tmp_path, level):
    assert load_plan("ethnic_matching").harm_watch.probability == 0.8
    assert load_plan("psr_quality").harm_watch.probability == 0.8, "the default of the page rules"
    with pytest.raises(PlanError, match="probability"):
        read_plan(faulty(tmp_path, "  probability: 0.8", f"  probability: {level}"))


def test_a_key_of_earlier_plans_is_met_with_what_to_write(tmp_path):
    with pytest.raises(PlanError) as error:
        read_plan(faulty(tmp_path, "    opposite: missed more", "    adverse: missed more"))
    said = str(error.value)
    assert "adverse: this key is not known" in said and "`opposite`" in said and "`better`" in said
    line = int(said.split("line ")[1].split(":")[0])
    assert (
        "adverse: missed" in (tmp_path / "ethnic_matching.yml").read_text().splitlines()[line - 1]
    )


def test_the_strict_reader_agrees_with_yaml_where_nothing_is_guessed():
    from analysis.vocabulary.yaml_file import load_yaml

    for path in (PARAMS / "pilots").glob("*.yml"):
        assert load_yaml(path).content == yaml.safe_load(path.read_text(encoding="utf-8"))


def test_every_plan_is_explained_in_ten_sentences():
    for plan in list_plans():
        said = sentences(plan)
        assert len(said) == (
            4 if isinstance(plan, ActionPlan) else 10
        )  # a list of commitments fixes less
        assert all(
            sentence.endswith((".", "?")) and "{" not in sentence and "None" not in sentence
            for sentence in said
        )
        if isinstance(plan, Plan):
            assert all(f"{outcome.matters:g}" in said[6] for outcome in plan.compared)
        if isinstance(plan, Monitor):
            assert all(
                measure.at_risk in said[2] and measure.plain in said[2] for measure in plan.measures
            )


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        (("ethnic_matchin", "wales", "synthetic"), "E210"),
        (("ethnic_matching", "../wales", "synthetic"), "E212"),
        (("ethnic_matching", "{x}", "synthetic"), "E212"),
        (("ethnic_matching", "CON", "synthetic"), "E212"),
        (("ethnic_matching", "w" * 300, "synthetic"), "E212"),
        (("ethnic_matching", "national", "synthetic"), "E212"),
        (("ethnic_matching", "wales", "star"), "E213"),
        (("ethnic_matching", "wales", "sinthetic"), "E213"),
        (("ethnic_matching", "wales", "synthetic:huge"), "E213"),
        (("ethnic_matching", 7, "synthetic"), "E215"),
    ],
)
def test_parameters_are_checked_before_anything_is_read(parameters, code):
    with pytest.raises(ParameterError) as error:
        check_parameters(*parameters)
    assert error.value.code == code


def test_sources_have_folders_of_their_own():
    folders = {
        parse_source(text).folder
        for text in ("synthetic", "synthetic:x0.1", "star", "extracts", "extracts:a", "extracts:b")
    }
    assert len(folders) == 6
    assert parse_source("synthetic:x0.1").scale == 0.1


def faulty_monitor(tmp_path, old: str, new: str, study: str = "supervision"):
    text = (PARAMS / "monitors" / f"{study}.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "monitors").mkdir()
    path = tmp_path / "monitors" / f"{study}.yml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("study", "old", "new", "names"),
    [
        (
            "youth_cascade",
            "      Asian: ",
            "      Asain: ",
            ("Asain", "Mixed, Asian, Black, Other"),
        ),
        (
            "youth_cascade",
            "      Asian: ",
            "      White: ",
            ("White", "Mixed, Asian, Black, Other"),
        ),
        (
            "supervision",
            "second_reference: W1",
            "second_reference: Q9",
            ("Q9", "W1, W2, W3, W4, W9, M1"),
        ),
        (
            "supervision",
            "second_reference: W1",
            "second_reference: White",
            ("White", "W1, W2, W3, W4, W9, M1"),
        ),
        ("supervision", "[W3, W4]", "[W3, Q4]", ("Q4", "W1, W2, W3, W4, W9, M1")),
        (
            "supervision",
            "[W3, W4]",
            '["ons_2021_19+1"]',
            ("ons_2021_19+1", "W1, W2, W3, W4, W9, M1"),
        ),
        (
            "supervision",
            'national_only_words: "Gypsy, Irish Traveller and Roma"\n',
            "\n",
            ("national_only_words",),
        ),
        ("supervision", "ons_2021_5+1", "ons_2011_5+1", ("`W4`", "W1, W2, W3, W9, M1")),
    ],
)
def test_a_group_or_code_that_no_data_hold_is_refused_in_a_monitor(
    tmp_path, study, old, new, names
):
    with pytest.raises(PlanError) as fault:
        read_plan(faulty_monitor(tmp_path, old, new, study))
    assert all(name in str(fault.value) for name in names)


@pytest.mark.parametrize(
    ("new", "names"),
    [
        ('["ons_2021_91+1"]', ("ons_2021_91+1", "ons_2011_18+1, ons_2021_19+1")),
        ("[W3]", ("W3", "ons_2011_18+1, ons_2021_19+1")),
        ('["ons_2001_16+1"]', ("ons_2001_16+1", "ons_2011_18+1, ons_2021_19+1")),
        ('["ons_2021_19+1"]\n  second_reference: Q9', ("Q9", "W1, W2")),
    ],
)
def test_a_coding_that_is_none_is_refused_in_a_pilot(tmp_path, new, names):
    with pytest.raises(PlanError) as fault:
        read_plan(
            faulty(
                tmp_path, "  reference: White\n", f"  reference: White\n  national_only: {new}\n"
            )
        )
    assert all(name in str(fault.value) for name in names)


@pytest.mark.parametrize(
    ("low", "high", "stands"),
    [
        (0.8, 1.25, True),
        (0.67, 1.5, True),
        (0.33, 3.0, True),
        (0.8, 3.0, False),
        (0.5, 1.25, False),
        (0.8, 1.3, False),
    ],
)
def test_a_band_is_as_wide_one_way_as_the_other(low, high, stands):
    numbers = {"low": low, "high": high, "source": "a source"}
    if stands:
        assert Band(**numbers).limits == (low, high)
        return
    with pytest.raises(ValueError, match=f"write `high: {1 / low:.4g}`"):
        Band(**numbers)


@pytest.mark.parametrize("study", ["psr_quality", "gamified_training", "manager_training"])
@pytest.mark.parametrize("kind", ["outside", "service_decided"])
def test_a_study_that_allows_for_nothing_may_not_say_that_it_does(tmp_path, study, kind):
    text = (PARAMS / "pilots" / f"{study}.yml").read_text(encoding="utf-8")
    path = tmp_path / f"{study}.yml"
    assert text.count(f"  {kind}: []") == 1
    path.write_text(text.replace(f"  {kind}: []", f"  {kind}: [shoe_size]"), encoding="utf-8")
    with pytest.raises(
        PlanError, match=r"`shoe_size` stands there; valid: none, .* assignment_of_practitioners"
    ):
        read_plan(path)


@pytest.mark.parametrize("kind", ["outside", "service_decided"])
def test_a_characteristic_that_the_data_do_not_have_is_refused_where_the_study_is_opened(kind):
    from analysis.study.opening import open_exact

    plan = load_plan("star_teacher_matching")
    wrong = plan.model_copy(
        update={"adjust_for": plan.adjust_for.model_copy(update={kind: ("shoe_size",)})}
    )
    with pytest.raises(PlanError, match="shoe_size") as error:
        open_exact(wrong, "inner", parse_source("star"))
    assert error.value.code == "E209" and "sex, free_lunch, birth_quarter" in str(error.value)
    assert open_exact(plan, "inner", parse_source("star"))


def test_a_plan_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        load_plan("ethnic_matching").title = "other"


@pytest.mark.parametrize(
    ("weights", "words"),
    [("people", "the effect is that on people"), ("courts", "count alike whatever their size")],
)
def test_a_roll_out_says_whose_average_it_is(tmp_path, weights, words):
    text = (PARAMS / "pilots" / "psr_quality.yml").read_text(encoding="utf-8")
    path = tmp_path / "psr_quality.yml"
    path.write_text(text.replace("weights: people", f"weights: {weights}"), encoding="utf-8")
    assert words in sentences(read_plan(path))[2]
