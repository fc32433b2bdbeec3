"""Claims follow from the design, the way of choosing, and named checks that ran and passed; never
from a plan's own words."""

import itertools
from dataclasses import replace

import pytest
import yaml
from avoided_words import faults
from changed_records import some_record

from analysis.clearing.judged_rows import judged_rows
from analysis.designs.cohorts.balance import balance_check
from analysis.errors import PlanError, RunError
from analysis.judgement.claims import claim
from analysis.judgement.finding import Finding
from analysis.judgement.pools.pooling import pool_results
from analysis.judgement.wording.statements import can_say
from analysis.paths import PARAMS, ROOT
from analysis.plans.designs import CHECKS, CLAIMS, HOW_CHOSEN, Design, Ground
from analysis.plans.explain import sentences
from analysis.plans.kinds import designs, kind_named, kind_of
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan, read_plan
from analysis.record import store
from analysis.record.record import Record, RecordedCheck
from analysis.record.row import Row
from analysis.results import EVERYONE, Estimate
from analysis.sections.checks_table import checks_table
from analysis.study.claim_checks import as_listed, in_place, listed_in, over_places
from analysis.study.words import in_plan_words, slots, unmet
from analysis.vocabulary.regions import ALL

DESIGNS = designs()
PILOTS = [plan for plan in list_plans() if isinstance(plan, Plan)]
COMPARED = [(plan, outcome) for plan in PILOTS for outcome in plan.compared]
NAMES = [f"{plan.study}-{outcome.id}" for plan, outcome in COMPARED]
GROUNDS = [
    (key, how, ground) for key, design in DESIGNS.items() for how, ground in design.by.items()
]
# Checks of courts chosen by need that a run may not make yet: while they are missing, they lower
# the claim.
OF_COURTS_CHOSEN_BY_NEED = {
    "placebo_start",
    "same_starting_level",
    "regression_to_the_mean",
    "bases_agree",
}


def committed(study: str) -> dict[str, Record]:
    folder = ROOT / "tests" / "guards" / "records" / study
    return {path.stem: store.load(path) for path in folder.glob("*.json")}


def claimed(plan: Plan, ran: dict, *, named: bool = True, estimand: str = "average_effect") -> str:
    ground = plan.comparison.ground
    return claim(ground, ran.values(), assumption_named=named, estimand=estimand)


def below(weaker: str, stronger: str) -> bool:
    return CLAIMS.index(weaker) < CLAIMS.index(stronger)


# -- the rule --------------------------------------------------------------------------------------
STATES = (True, False, None)


@pytest.mark.parametrize(
    ("design", "how", "ground"), GROUNDS, ids=[f"{d}-{h}" for d, h, _ in GROUNDS]
)
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("estimand", ["matching_effect", "own_group_gap", "gap_difference"])
def test_the_grid_of_designs_and_states_of_checks(design, how, ground, named, estimand):
    """Every combination of passed, not passed and not run of at most three checks, the others
    passed."""
    most = (
        "linked"
        if estimand != "matching_effect" or (ground.strongest == "likely" and not named)
        else "caused"
    )
    best = min(ground.strongest, most, key=CLAIMS.index)
    inside = len(ground.checks)
    for states in itertools.product(STATES, repeat=min(inside, 3)):
        ran = [*states, *[True] * (inside - len(states))]
        found = claim(ground, ran, assumption_named=named, estimand=estimand)
        failing = sum(state is not True for state in ran)
        if not failing:
            assert found == best
        elif best == "described":
            assert found == "described"
        else:
            assert below(found, best)
        if found == "caused":
            assert how == "by_lot" and not failing
        if found == "likely":
            assert named and failing == (1 if how == "by_lot" else 0) and failing < len(ran)
        # one that was not run counts as one that was not passed
        same = [False if state is None else state for state in ran]
        assert found == claim(ground, same, assumption_named=named, estimand=estimand)


@pytest.mark.parametrize("key", DESIGNS)
@pytest.mark.parametrize("named", [True, False])
def test_where_everyone_takes_part_nothing_is_more_than_described(key, named):
    ground = DESIGNS[key].ground("everyone")
    assert ground.checks == ()
    assert claim(ground, (), assumption_named=named, estimand="average_effect") == "described"


@pytest.mark.parametrize(
    ("key", "how"), [(key, how) for key, how, ground in GROUNDS if how != "everyone"]
)
def test_a_comparison_rests_on_checks_at_every_outcome(key, how):
    """No design is sure of itself: for every plan's outcome there is something that can lower the
    claim."""
    ground = DESIGNS[key].ground(how)
    checks = [ground.check(name) for name in ground.checks]
    assert any(check.survey is None and not check.not_of for check in checks)


def test_a_lot_alone_is_a_cause_and_an_assumption_is_not_enough():
    assert {how for _, how, ground in GROUNDS if ground.strongest == "caused"} == {"by_lot"}
    likely = [ground for _, _, ground in GROUNDS if ground.strongest == "likely"]
    assert likely and all(
        claim(g, [False] * len(g.checks), assumption_named=True, estimand="x")
        in ("linked", "described")
        for g in likely
    )


@pytest.mark.parametrize("state", [False, None])
def test_an_assumption_does_not_stand_in_for_the_only_check(state):
    """An outcome counted from records at sites that a lot let start: the order of start is its one
    check."""
    ground = DESIGNS["staggered_sites"].ground("by_lot")
    assert claim(ground, [state], assumption_named=True, estimand="average_effect") == "linked"
    assert (
        claim(ground, [state, True], assumption_named=True, estimand="average_effect") == "likely"
    )
    assert claim(ground, [True], assumption_named=True, estimand="average_effect") == "caused"


def test_unknown_checks_claims_and_ways_of_choosing_are_refused_with_the_valid_ones():
    with pytest.raises(ValueError, match="valid: randomisation, declaration"):
        Ground("caused", ("pretrend",))
    with pytest.raises(ValueError, match="valid: described, linked"):
        Ground("proved")
    with pytest.raises(ValueError, match="valid: by_lot, by_choice"):
        Design("a design", ("site",), {"by_magic": Ground("caused")})
    with pytest.raises(ValueError, match="by_lot, everyone, and not by_need"):
        DESIGNS["wait_list_trial"].ground("by_need")


# -- plans -----------------------------------------------------------------------------------------
def plan_file(tmp_path, study: str, **changed):
    """The file of a plan with its comparison changed."""
    content = yaml.safe_load((PARAMS / "pilots" / f"{study}.yml").read_text(encoding="utf-8"))
    content["comparison"] |= changed
    if content["comparison"]["how_chosen"] != "by_need":  # months of need belong to it alone
        content["comparison"].pop("need_seen_months", None)
    path = tmp_path / f"{study}.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("study", "changed", "valid"),
    [
        ("psr_quality", {"design": "my_invented_design"}, DESIGNS),
        ("psr_quality", {"how_chosen": "by_fate"}, HOW_CHOSEN),
        ("psr_quality", {"assigned": "person"}, ("site", "prison")),
        ("manager_training", {"how_chosen": "by_need"}, ("by_lot", "everyone")),
        (
            "psr_quality",
            {"design": "three_arm_trial", "how_chosen": "by_lot"},
            ("staggered_sites",),
        ),
        (
            "manager_training",
            {"arms": {"cascade": "cascade", "later": "later sites"}},
            ("3 `arms`",),
        ),
        (
            "ethnic_matching",
            {"design": "matched_comparison", "assigned": "person"},
            ("assignment_of_practitioners",),
        ),
    ],
)
def test_invented_designs_and_combinations_are_refused_with_file_line_and_the_valid_ones(
    tmp_path, study, changed, valid
):
    path = plan_file(tmp_path, study, **changed)
    with pytest.raises(PlanError) as error:
        read_plan(path)
    said = str(error.value)
    assert all(name in said for name in valid), said
    line = path.read_text(encoding="utf-8").splitlines()[
        int(said.split(", line ")[1].split(":")[0]) - 1
    ]
    key = next(iter(changed))
    assert line.strip().startswith(f"{key}:") or "comparison:" in said


OF_ONES_OWN = "notebook: my_own\nkind: matching"


@pytest.mark.parametrize("design", DESIGNS)
def test_a_notebook_of_ones_own_may_name_only_designs_that_its_study_works_out(tmp_path, design):
    how, assigned = next(iter(DESIGNS[design].by)), DESIGNS[design].assigned[0]
    path = plan_file(tmp_path, "ethnic_matching", design=design, how_chosen=how, assigned=assigned)
    text = path.read_text(encoding="utf-8").replace("notebook: ethnic_matching", OF_ONES_OWN)
    path.write_text(text, "utf-8")
    if design in kind_named("matching").designs:
        assert kind_of(read_plan(path)) == kind_named("matching")
    else:
        with pytest.raises(
            PlanError, match=r"`my_own` does not work out .*valid: assignment_of_practitioners"
        ):
            read_plan(path)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "notebook: my_own",
            "no kind of study runs `my_own`; valid: .*ethnic_matching.*add `kind:`",
        ),
        ("notebook: my_own\nkind: matchin", "no kind of study `matchin`.*`matching`"),
        ("notebook: ethnic_matching\nkind: trial", "runs `matching`, and not `trial`"),
        ("notebook: disparity", "runs the kind `disparity`, whose plans stand in params/monitors"),
    ],
)
def test_a_notebook_runs_the_kind_that_names_it_or_the_one_that_its_plan_names(
    tmp_path, written, said
):
    path = plan_file(tmp_path, "ethnic_matching")
    text = path.read_text(encoding="utf-8").replace("notebook: ethnic_matching", written)
    path.write_text(text, "utf-8")
    with pytest.raises(PlanError, match=said):
        read_plan(path)


def test_a_plan_without_anyone_to_compare_with_describes(tmp_path):
    """What was published as "probably led to": everyone chosen, an assumption named, no check at
    all."""
    plan = read_plan(plan_file(tmp_path, "psr_quality", how_chosen="everyone"))
    rows = committed("psr_quality")["all"].rows
    found = judged_rows(plan, rows, in_place(plan, []), national=True)
    assert {row.claim for row in found} == {None, "described"}


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_an_explained_plan_says_which_checks_the_claim_rests_on(plan):
    said = " ".join(sentences(plan))
    named = {check.words for outcome in plan.compared for check in plan.checks_of(outcome).values()}
    others = {check.words for check in CHECKS.values()} - named
    assert all(words in said for words in named) and not any(words in said for words in others)


# -- checks that studies really make ---------------------------------------------------------------
@pytest.mark.parametrize(("plan", "outcome"), COMPARED, ids=NAMES)
def test_every_named_check_is_one_that_a_run_makes_or_it_lowers_the_claim(plan, outcome):
    made = {
        check.id
        for place, r in committed(plan.study).items()
        if place != "national"
        for check in r.checks
    }
    everywhere = {
        check.id for o in plan.compared for name, check in plan.checks_of(o).items() if name in made
    }
    missing = {name: check for name, check in plan.checks_of(outcome).items() if name not in made}
    assert {check.id for check in missing.values()} - everywhere <= OF_COURTS_CHOSEN_BY_NEED
    if missing:
        ran = dict.fromkeys(plan.checks_of(outcome), True)
        assert below(claimed(plan, ran | dict.fromkeys(missing)), claimed(plan, ran))


def test_the_made_up_start_is_not_called_a_year_earlier():
    """With a first start in the tenth month it is seven months earlier
    (designs/rollouts/chosen_by_need.py)."""
    assert (
        "year" not in CHECKS["placebo_start"].words and "earlier" in CHECKS["placebo_start"].words
    )


@pytest.mark.parametrize("how", ["by_choice", "by_need"])
def test_a_matched_comparison_rests_on_balance_overlap_and_who_was_lost(how):
    made = balance_check(["green"]).id
    assert {*DESIGNS["matched_comparison"].by[how].checks} == {
        made,
        "overlap",
        "not_matched",
        "response",
    }


def made_check(name: str, passed: bool | None) -> RecordedCheck:
    return RecordedCheck(name, passed, "")


@pytest.mark.parametrize(("plan", "outcome"), COMPARED, ids=NAMES)
def test_any_one_named_check_that_fails_or_is_missing_lowers_the_claim(plan, outcome):
    """Through the whole way from a record's checks to its rows."""
    kind, made = kind_of(plan), [made_check(name, True) for name in plan.checks_of(outcome)]
    row = Row.of(
        Estimate(kind.estimand, kind.method, outcome.unit, 1.0, 0.9, 1.1, 0.05, 0.001),
        level=outcome.level,
        outcome=outcome.id,
        group=EVERYONE,
        direction="lower",
        sesoi=outcome.matters,
    )

    def claim_with(checks):
        return judged_rows(plan, [row], in_place(plan, checks), national=False)[0].claim

    best = claim_with(made)
    for i, check in enumerate(made):
        rest = made[:i] + made[i + 1 :]
        for faulty in (
            rest,
            [*rest, made_check(check.id, False)],
            [*rest, made_check(check.id, None)],
        ):
            # Nothing is weaker than what is only described.
            assert below(claim_with(faulty), best) or best == CLAIMS[0], check.id
    tells = [name for name, check in kind.tells.items() if check.of == "study"]
    beside = [made_check(name, False) for name in (f"like_the_others_{outcome.id}", *tells)]
    assert claim_with([*made, *beside]) == best
    with pytest.raises(RunError, match="E242"):
        claim_with([*made, made_check("response_elsewhere", False)])


def test_the_claim_of_courts_chosen_by_need_is_a_link_until_all_their_checks_are_passed():
    plan = load_plan("psr_quality")
    custody = plan.outcome("custody")
    ran = dict.fromkeys(plan.checks_of(custody), True)
    assert len(ran) == 7 and claimed(plan, ran) == "likely"
    for name in ran:
        assert claimed(plan, ran | {name: None}) == "linked"
    # of another outcome the breakdown of trends is not worked out: it is named, and not run
    assert in_place(plan, [made_check("parallel_trends_breakdown", True)])[
        "on_adjournment"
    ] == dict.fromkeys(plan.checks_of(plan.outcome("on_adjournment")))


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
@pytest.mark.parametrize(
    ("state", "words"), [(False, "not borne out"), (None, "not run"), (True, None)]
)
def test_the_sentence_of_the_cause_names_each_check_that_lowers_the_claim(plan, state, words):
    outcome = plan.outcome(plan.leading)
    for name, check in plan.checks_of(outcome).items():
        ran = dict.fromkeys(plan.checks_of(outcome), True) | {name: state}
        named = unmet(
            plan,
            outcome,
            some_record(claim_rests_on=as_listed({outcome.id: ran, "another": {name: False}})),
        )
        found = Finding(
            outcome.kind, "harm_size_uncertain", claimed(plan, ran), "lower", 2, 3.0, 2.0, 4.0
        )
        said = can_say(found, replace(slots(plan, outcome, ALL), unmet=named))
        assert (f"{words}: {check.words}" in said.lower()) == (words is not None)
        assert ("A stronger claim would need" in said) == (words is not None) and not faults(said)


# -- places put together ---------------------------------------------------------------------------
PLAN = load_plan("ethnic_matching")
KEY = ("recalled", "matching_effect", EVERYONE, "cells_by_person_group")


def places(passed: dict[str, bool | None], errors: dict[str, float]):
    """Records with one check, and the pool of their estimates; a place without an entry in `passed`
    lacks the check."""
    results = {
        place: Estimate(KEY[1], KEY[3], "in_every_100", 1.0, 1 - 2 * e, 1 + 2 * e, e, 0.5)
        for place, e in errors.items()
    }
    shown = {
        place: some_record(
            checks=(made_check("balance", passed[place]),) if place in passed else ()
        )
        for place in (*errors, "wales")
    }
    return shown, {KEY: pool_results(results, estimand=KEY[1], unit="in_every_100")}


ALIKE = dict.fromkeys(("north_east", "london", "south_west", "north_west"), 1.0)


@pytest.mark.parametrize(
    ("passed", "errors", "expected"),
    [
        (dict.fromkeys(ALIKE, True), ALIKE, True),
        ({**dict.fromkeys(ALIKE, True), "wales": False}, ALIKE, True),  # Wales is not in the answer
        ({"north_east": True, "london": True}, ALIKE, False),  # two places without the check
        (
            {"north_east": True, "london": True, "south_west": None, "north_west": None},
            ALIKE,
            False,
        ),
        ({"north_east": True, "london": True, "south_west": True}, ALIKE, True),
        (
            {"london": True},
            ALIKE | {"london": 0.1},
            True,
        ),  # one place carries nearly all of the answer
        (dict.fromkeys(ALIKE, True) | {"london": False}, ALIKE | {"london": 0.1}, False),
        ({}, ALIKE, None),
    ],
)
def test_places_together_pass_where_those_that_carry_the_answer_passed(passed, errors, expected):
    shown, pools = places(passed, errors)
    assert over_places(PLAN, shown, pools)["recalled"]["balance"] is expected


def test_an_answer_that_no_place_carries_has_passed_nothing():
    shown, _ = places(dict.fromkeys(ALIKE, True), ALIKE)
    assert set(over_places(PLAN, shown, {})["recalled"].values()) == {None}


# -- the page --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "plan", [plan for plan in PILOTS if plan.comparison.compares], ids=lambda plan: plan.study
)
def test_a_page_lists_exactly_the_checks_that_the_design_names(plan):
    place = ALL if plan.data.also_all else "west_midlands"
    checks = committed(plan.study)[place].checks
    ran = in_place(plan, checks)
    assert listed_in(some_record(claim_rests_on=as_listed(ran))) == ran
    frame, with_text = checks_table(plan, ran, checks).to_frame(), {check.id for check in checks}
    named = {
        (
            in_plan_words(plan, check.words),
            {
                True: "passed",
                False: "not passed",
                None: "could not tell" if name in with_text else "not run",
            }[ran[o.id][name]],
        )
        for o in plan.compared
        for name, check in plan.checks_of(o).items()
    }
    assert {(row.Check, row.Result) for row in frame.itertuples()} == named
    assert frame.iloc[0]["About"].startswith((plan.outcome(plan.leading).noun, "every outcome"))
