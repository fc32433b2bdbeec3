"""Words of pilots: over every plan, class, claim, kind and sign the headings and sentences say what
happened, truly."""

import itertools
import re
import statistics
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from avoided_words import faults
from changed_records import some_row, with_row, with_rows
from chosen import spread

from analysis.clearing import asked, headed
from analysis.judgement.classes import HARM, INCONCLUSIVE, result_class
from analysis.judgement.finding import WITHOUT_NUMBER, Finding
from analysis.judgement.wording import lines
from analysis.judgement.wording.headlines import MOST_WORDS, headline, national_headline
from analysis.judgement.wording.statements import can_say, cannot_say
from analysis.plans.designs import CLAIMS
from analysis.plans.kinds import kind_of
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans, load_plan
from analysis.plans.study_plan import NEGATED
from analysis.record import store
from analysis.record.record import Record
from analysis.record.row import Row
from analysis.sections.page.answer import answer_block
from analysis.sections.page.drawing import LadderDrawing, answer_drawing
from analysis.study.allowed_for import allowed_for
from analysis.study.words import lead_row, national_statement, slots
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

RECORDS = Path(__file__).parent / "guards" / "records"
PILOTS = [plan for plan in list_plans() if isinstance(plan, Plan)]
OUTCOMES = spread([(plan, outcome) for plan in PILOTS for outcome in plan.compared], 20)
LONGEST_SENTENCE, LONGEST_MEDIAN = 40, 18
DIRECTION = re.compile(r"\b(fewer|more|lower|higher|better|worse)\b")
COUNT = re.compile(r"\d")
# States of knowledge, which are not events: what is known of a difference, and not what happened to
# people.
STATES = re.compile(
    r"but not once|neither better nor worse|not compared|could not be compared|not certain"
    r"|not known|not reliable"
)
GROUPS = ("", "White people", "people of minority ethnic groups")


def records_of(study: str) -> dict[str, dict]:
    return {path.stem: store.load(path) for path in sorted((RECORDS / study).glob("*.json"))}


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!]) +(?=[A-Z0-9])", text) if part]


def findings(outcome):
    """Intervals on either side of every mark of the outcome, with the classes that the rule gives,
    and the rest."""
    size, ratio = outcome.matters, outcome.kind == "rate"
    triples = [
        (1.5, 1, 2),
        (1.5, 0.5, 2.5),
        (0.3, 0.1, 0.5),
        (0.1, -0.5, 0.7),
        (0.2, -2, 2.4),
        (1.4, -0.5, 2.3),
        (0, -1, 1),
    ]
    triples += [(-v, -h, -low) for v, low, h in triples]
    levels = {"comparison_value": 30.0, "group_value": 31.4}
    for (v, low, h), p, claim in itertools.product(triples, (0.01, 0.4), CLAIMS):
        at = [size**x if ratio else size * x for x in (v, low, h)]
        key = result_class(
            *at, matters=size, better=outcome.better, ratio=ratio, p_adjusted=p, alpha=0.05
        )
        for told in (levels, {}, {"comparison_estimated": 30.5}):
            yield Finding(outcome.kind, key, claim, outcome.better, size, *at, **told)
        yield Finding(outcome.kind, key, claim, outcome.better, size, *at, harm_watch="worse")
        yield Finding(outcome.kind, "unreliable", claim, outcome.better, size, *at)
        yield Finding(
            outcome.kind,
            "inconclusive",
            claim,
            outcome.better,
            size,
            *at,
            reason="too few answered",
        )
    for key in sorted(WITHOUT_NUMBER):
        yield Finding(
            outcome.kind, key, "described", outcome.better, size, reason="low_declaration", n=25
        )


def all_headings(plan, outcome, finding):
    """Headings of the shortest and the longest name of a place, for everyone and for groups, and of
    the nation."""
    names = sorted(map(place_set(plan.data.places).name, place_set(plan.data.places).ids), key=len)
    words = slots(plan, outcome, place_set(plan.data.places).ids[0])
    groups = (
        GROUPS if finding.leans_worse else GROUPS[:1]
    )  # a group heads a page only where it is worse
    for place, group in itertools.product((names[0], names[-1]), groups):
        yield headline(finding, replace(words, place=place, among=group))
    for alike in (True, False):
        yield national_headline(
            finding, words, regions_alike=alike, places_pooled=9, groups_unclear=1
        )


@cache
def headed_findings(of: tuple[str, str]) -> list[tuple[Finding, tuple[str, ...]]]:
    """Each finding of a study's outcome with its headings, made once for all tests."""
    plan = load_plan(of[0])
    outcome = plan.outcome(of[1])
    return [(one, tuple(all_headings(plan, outcome, one))) for one in set(findings(outcome))]


def worse_and_better(outcome) -> tuple[str, str]:
    below, above = ("lower", "higher") if outcome.kind == "scale" else ("fewer", "more")
    return (below, above) if outcome.better == "higher" else (above, below)


@pytest.mark.parametrize(
    ("plan", "outcome"), OUTCOMES, ids=lambda x: getattr(x, "study", None) or x.id
)
def test_headings_say_who_what_and_a_direction_or_a_count(plan, outcome):
    for finding, headings in headed_findings((plan.study, outcome.id)):
        for text in headings:
            assert not faults(text), text
            text = text.lower()
            assert not re.search(
                r"(to tell|worked out|withheld|compared)$", text
            ) or outcome_is_named(outcome, text), text
            assert not NEGATED.search(STATES.sub("", text)), text
            if finding.has_number:
                assert DIRECTION.search(text) or COUNT.search(text), text
            assert outcome_is_named(outcome, text) or finding.result_class == "described", text


def outcome_is_named(outcome, text: str) -> bool:
    return any(noun in text.lower() for noun in (outcome.noun, outcome.short or outcome.noun))


@pytest.mark.parametrize(
    ("plan", "outcome"), OUTCOMES, ids=lambda x: getattr(x, "study", None) or x.id
)
def test_headings_have_at_most_14_words(plan, outcome):
    for _, headings in headed_findings((plan.study, outcome.id)):
        for text in headings:
            assert len(text.split()) <= MOST_WORDS, text


@pytest.mark.parametrize(
    ("plan", "outcome"), OUTCOMES, ids=lambda x: getattr(x, "study", None) or x.id
)
def test_a_finding_that_leans_worse_is_headed_by_that_direction_in_every_class(plan, outcome):
    worse, better = worse_and_better(outcome)
    seen = set()
    for finding, headings in headed_findings((plan.study, outcome.id)):
        if not finding.leans_worse:
            continue
        seen.add(finding.result_class)
        for text in headings:
            text = text.lower()
            assert re.search(rf"\b{worse}\b", text) and not re.search(rf"\b{better}\b", text), text
            if finding.result_class in INCONCLUSIVE:
                assert not text.startswith("too few") and ": too few" not in text, text
            if finding.result_class in HARM:
                assert "worse" in text, text
    if outcome.better is None:  # neither way is called worse
        assert not seen
        return
    assert {"harm_matters", "inconclusive", "unreliable", "only_before_adjustment"} <= seen


@pytest.mark.parametrize(
    ("plan", "outcome"), OUTCOMES, ids=lambda x: getattr(x, "study", None) or x.id
)
def test_a_hope_is_headed_only_where_the_estimate_is_on_the_better_side(plan, outcome):
    _, better = worse_and_better(outcome)
    for finding in set(findings(outcome)):
        if finding.result_class in INCONCLUSIVE:
            text = headline(
                finding, slots(plan, outcome, place_set(plan.data.places).ids[0])
            ).lower()
            alone = re.search(rf"\b{better}\b", text) and " or " not in text
            assert bool(alone) == bool(finding.is_better), text


@pytest.mark.parametrize(
    ("plan", "outcome"), OUTCOMES, ids=lambda x: getattr(x, "study", None) or x.id
)
def test_no_sentence_is_longer_than_40_words_and_half_are_under_18(plan, outcome):
    lengths = []
    place = max(
        place_set(plan.data.places).ids, key=lambda key: len(place_set(plan.data.places).name(key))
    )
    row = lead_row_like(plan, outcome)
    words = slots(plan, outcome, place, row=row)
    for finding in set(findings(outcome)):
        texts = [
            can_say(finding, words),
            cannot_say(finding, words),
            lines.own_line(finding, words),
        ]
        texts.append(lines.national_line(finding, words, places_pooled=10, stands="in_line_differ"))
        if finding.has_number:
            texts.append(
                lines.settle_line(
                    finding, words, minimum_detectable=outcome.matters * 3, n=1000, sites=20
                )
            )
        for sentence in (s for text in texts for s in sentences(text)):
            lengths.append(len(sentence.split()))
            assert lengths[-1] <= LONGEST_SENTENCE, sentence
    assert statistics.median(lengths) < LONGEST_MEDIAN


def lead_row_like(plan, outcome) -> Row:
    kind = kind_of(plan)
    return some_row(outcome=outcome.id, estimand=kind.estimand, method=kind.method)


# -- what was allowed for --------------------------------------------------------------------------
def test_every_method_of_the_records_says_what_it_allowed_for():
    seen = {}
    for plan in PILOTS:
        for record in records_of(plan.study).values():
            for row in record.rows:
                allowed_for(plan, row)
                found = kind_of(plan).method_named(row.method, row.estimand)
                seen[row.method] = found.allows_for
    pooled = {method for method, rule in seen.items() if rule == "as_in_places"}
    assert pooled == {"random_effects_reml", "empirical_bayes"}, "they allow for what was pooled"
    assert len(seen) > 20


def test_an_unknown_method_is_an_error_that_names_the_known_ones():
    with pytest.raises(ValueError, match=r"valid: .*crude_means"):
        allowed_for(
            load_plan("ethnic_matching"),
            some_row(outcome="recalled", estimand="matching_effect", method="made_up"),
        )


def test_a_crude_row_is_never_said_to_have_allowed_for_anything():
    plan = load_plan("ethnic_matching")
    row = some_row(outcome="recalled", estimand="naive_difference", method="crude_means")
    assert slots(plan, plan.outcome("recalled"), "london", row=row).covariates == ()
    main = row.with_(estimand="matching_effect", method="cells_by_person_group")
    pooled = main.with_(method="random_effects_reml")
    without = main.with_(method="cells_by_person_group_nothing_allowed_for")
    assert allowed_for(plan, pooled) == allowed_for(plan, main) and "risk tier" in allowed_for(
        plan, main
    )
    assert allowed_for(plan, without) == plan.words.held_alike
    assert slots(plan, plan.outcome("recalled"), "london").covariates == ()


# -- what heads a page -----------------------------------------------------------------------------
def remade(study: str) -> tuple[Plan, dict[str, Record]]:
    """The committed records of a study with the statements of now."""
    plan, found = load_plan(study), records_of(study)
    return plan, {
        place: record.with_(
            statement=national_statement(plan, record)
            if place == NATIONAL
            else headed.place_statement(plan, place, record, places_compared=9)
        )
        for place, record in found.items()
    }


def row_of(record, **named):
    return next(
        row
        for row in record.rows
        if all(getattr(row, key) == value for key, value in named.items())
    )


def statement_of(plan, place, record):
    return headed.place_statement(plan, place, record, places_compared=9)


def test_a_place_whose_leading_outcome_is_withheld_and_whose_other_is_worse_says_so():
    plan, found = remade("gamified_training")
    record = found["kent_surrey_and_sussex"]
    assert lead_row(plan, record).status == "withheld"
    assert (
        statement_of(plan, "kent_surrey_and_sussex", record).headline
        == "Kent, Surrey and Sussex: lower scenario test scores with the module; on harm watch"
    )
    block = answer_block(plan, record, found[NATIONAL])
    drawing = answer_drawing(plan, record, found[NATIONAL])
    assert isinstance(drawing, LadderDrawing) and drawing.record is record, (
        "its own figures, not the nation's"
    )
    assert any("2.5 points lower" in line for line in block.lines) and "withheld" in " ".join(
        block.can_say
    )


def test_no_place_is_headed_withheld_while_anything_may_be_shown():
    for study in ("gamified_training", "manager_training", "ethnic_matching"):
        plan, found = remade(study)
        for place, record in found.items():
            shown = any(
                (row := lead_row(plan, record, o.id)) and row.status == "estimated"
                for o in plan.compared
            )
            if place != NATIONAL and shown:
                assert "withheld" not in record.statement.headline


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_a_harm_of_any_row_stands_in_the_heading_or_right_under_it(plan):
    """Each watched row in turn is made worse: the page names its direction before anything else."""
    _, found = remade(plan.study)
    for place, record in found.items():
        if place == NATIONAL:
            continue
        for row in record.rows:
            if (
                row.status != "estimated"
                or row.result_class is None
                or not plan.outcome(row.outcome).compared
            ):
                continue
            if row.estimand not in (
                "matching_effect",
                "own_group_gap",
                "intention_to_treat",
                "group_effect",
            ):
                continue
            if row.note is not None:
                continue
            outcome = plan.outcome(row.outcome)
            worse, _ = worse_and_better(outcome)
            sign = -1 if outcome.better == "higher" else 1
            low, high = sorted((sign * outcome.matters, sign * 5 * outcome.matters))
            harmed = with_row(
                record,
                row,
                value=sign * 3 * outcome.matters,
                conf_low=low,
                conf_high=high,
                harm_watch="worse",
                result_class="only_before_adjustment",
            )
            harmed = harmed.with_(statement=statement_of(plan, place, harmed))
            block = answer_block(plan, harmed, found[NATIONAL])
            said = f"{block.headline} {' '.join(block.lines[: 2 if plan.say_first else 1])}"
            named = "|".join(
                re.escape(noun) for noun in (outcome.noun, outcome.short or outcome.noun)
            )
            assert re.search(rf"\b{worse} (?:{named})", said), said


def test_a_harm_smaller_than_what_matters_stands_below_the_heading_and_not_in_it():
    plan, found = remade("ethnic_matching")
    record = found["east_midlands"]
    watched = [row for row in record.rows if row.harm_watch == "worse"]
    assert [row.result_class for row in watched] == ["no_meaningful_difference"]
    block = answer_block(plan, record, found[NATIONAL])
    assert "scores" not in record.statement.headline and "recalls" in record.statement.headline
    assert block.lines[0] == "Worse here: lower relationship scores (White people)."


def test_a_harm_of_a_group_in_all_places_together_stands_first_on_the_page_of_the_nation():
    plan, found = remade("psr_quality")
    national = found[NATIONAL]
    assert "Worse in all together" not in " ".join(answer_block(plan, national, national).lines)
    row = row_of(national, outcome="custody", estimand="group_effect", group="Black")
    national = with_row(national, row, harm_watch="worse")
    lines_said = answer_block(plan, national, national).lines
    assert lines_said[1] == "Worse in all together: more custodial sentences (Black people)."


def test_a_place_without_own_figures_shows_none_of_the_nation():
    plan, found = remade("psr_quality")
    assert answer_drawing(plan, found["london"], found[NATIONAL]) is None
    assert found["london"].statement.headline.startswith("London: 3 courts of the pilot")
    assert answer_drawing(plan, found[NATIONAL], found[NATIONAL]) is not None


# -- does the gap narrow, do groups differ ---------------------------------------------------------
@pytest.mark.parametrize("place", [NATIONAL, ALL, "london"])
def test_the_second_answer_of_the_courts_is_whether_the_gap_narrows(place):
    plan, found = remade("psr_quality")
    said = answer_block(plan, found[place], found[NATIONAL]).lines
    narrows = [line for line in said if "whether the gap narrows" in line]
    assert len(narrows) == 1 and COUNT.search(narrows[0]) and "confidence interval" in narrows[0]
    assert any(line.startswith("The largest of 4 groups looked at") for line in said)


@pytest.mark.parametrize("level", [10.0, 30.0])
@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize("change", [-5.0, 5.0])
def test_a_gap_narrows_when_the_difference_moves_towards_none_whatever_is_better(
    level, better, change
):
    """White people at 20: a group at 30 comes nearer by fewer, one at 10 by more, for a good event
    as for a bad one."""
    plan = load_plan("psr_quality")
    plan = plan.model_copy(
        update={
            "outcomes": tuple(
                o.model_copy(update={"better": better}) if o.id == "custody" else o
                for o in plan.outcomes
            )
        }
    )
    national = records_of("psr_quality")[NATIONAL]
    group = asked.TOGETHER
    own = {"outcome": "custody", "estimand": "group_effect"}
    for name, seen in ((group, level), ("White", 20.0)):
        row = row_of(national, group=name, **own)
        national = with_row(national, row, comparison_value=seen)
    gap = {"outcome": "custody", "estimand": "gap_difference", "group": f"{group} less White"}
    national = with_row(
        national,
        row_of(national, **gap),
        value=change,
        conf_low=change - 2,
        conf_high=change + 2,
        p_adjusted=0.001,
    )
    line = asked.gap_lines(plan, national)[0]
    comes_nearer = (level > 20) == (change < 0)
    assert line.startswith("The gap is narrower" if comes_nearer else "The gap is wider"), line
    ends = {"conf_low": change - 9, "conf_high": change + 9}
    national = with_row(national, row_of(national, **gap), p_adjusted=0.4, **ends)
    line = asked.gap_lines(plan, national)[0]
    assert line.startswith(
        "Too few people to tell whether the gap narrows" if comes_nearer else "The gap may be wider"
    ), line


def test_a_gap_whose_side_is_not_shown_is_called_neither():
    plan, national = load_plan("psr_quality"), records_of("psr_quality")[NATIONAL]
    row = row_of(national, outcome="custody", estimand="group_effect", group="White")
    national = with_row(national, row, comparison_value=None)
    for line in asked.gap_lines(plan, national):
        assert "not shown" in line and "wider" not in line and "narrower" not in line


def test_a_withheld_gap_says_why():
    plan, national = load_plan("psr_quality"), records_of("psr_quality")[NATIONAL]
    national = with_rows(
        national, lambda row: row.estimand == "gap_difference", status="withheld", value=None
    )
    assert asked.gap_lines(plan, national) == (
        "Whether the gap narrows: withheld to protect people.",
    )


@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_groups_are_never_said_to_be_alike_without_the_size_that_is_ruled_out(plan):
    found = records_of(plan.study)
    for record in found.values():
        said = asked.group_line(plan, record, found[NATIONAL])
        for part in sentences(said):
            assert len(part.split()) <= LONGEST_SENTENCE
        if "no sign" in said.lower():
            assert "ruled out" in said and COUNT.search(said)
        else:
            known = ("are possible", "not the same", "could be compared", "smaller than they are")
            assert any(words in said for words in known), said


@pytest.mark.parametrize(
    ("bound", "starts"),
    [
        (1.9, "No sign that groups differ: differences above 1.9"),
        (2.1, "Whether groups differ could not be told"),
    ],
)
def test_no_sign_needs_every_interval_inside_the_size_that_matters(bound, starts):
    plan, national = load_plan("psr_quality"), records_of("psr_quality")[NATIONAL]
    numbers = {"value": 0.1, "conf_low": -bound, "conf_high": 1.0, "p_adjusted": 0.8}
    national = with_rows(national, lambda row: row.estimand == "gap_difference", **numbers)
    assert asked.groups_differ(plan, national).startswith(starts)
    gap = national.find(estimand="gap_difference", outcome="custody")
    sure = {"value": 4.0, "conf_low": 3.0, "conf_high": 5.0, "p_adjusted": 0.01}
    national = with_row(national, gap, **sure)
    assert asked.groups_differ(plan, national).startswith(
        "The difference is not the same in all groups"
    )


# -- whole pages -----------------------------------------------------------------------------------
@pytest.mark.parametrize("plan", PILOTS, ids=lambda plan: plan.study)
def test_sentences_of_first_screens_are_short_whole_and_say_no_avoided_word(plan):
    _, found = remade(plan.study)
    places = {key: record for key, record in found.items() if key != NATIONAL}
    lengths = []
    for record in found.values():
        block = answer_block(plan, record, found[NATIONAL], places)
        carried = {check.text for check in record.checks}  # written when the study ran, and not now
        said = (*block.lines, *block.can_say, *block.cannot_say, block.by_group, *block.settle)
        for text in (text for text in said if text not in carried):
            assert not faults(text), (faults(text), text)
            lengths += [len(part.split()) for part in sentences(text)]
    assert max(lengths) <= LONGEST_SENTENCE and statistics.median(lengths) < LONGEST_MEDIAN


def test_regions_that_differ_and_none_that_stands_apart_are_reconciled():
    plan, found = remade("ethnic_matching")
    assert "The regions differ taken together; London alone was not told apart" in " ".join(
        answer_block(plan, found["london"], found[NATIONAL]).lines
    )
    places = {key: record for key, record in found.items() if key != NATIONAL}
    national = " ".join(answer_block(plan, found[NATIONAL], found[NATIONAL], places).lines)
    assert "no single one can be named" in national
