"""Every sentence and heading that a monitor could print: all plans, measures, groups, verdicts and
sides, made-up numbers."""

import itertools
import re
import statistics
from dataclasses import dataclass
from functools import cache

import pytest
from avoided_words import faults
from changed_records import some_record, some_row
from chosen import spread

from analysis.judgement.disparities import VERDICTS
from analysis.judgement.explanations import explanation_line, to_be_asked_line, waiting_line
from analysis.judgement.wording.periods import month_after, months_before, period_words, round_words
from analysis.plans.explanations import ACCEPTED, ASKED, NOT_ACCEPTED, RECEIVED, Explanation
from analysis.plans.monitor import Measure, Monitor
from analysis.plans.plan import Plan
from analysis.plans.registry import list_plans
from analysis.record.record import Record, RecordedCheck
from analysis.record.row import Row
from analysis.said.texts import released
from analysis.studies.disparity.page.answer import monitor_block, monitor_sections
from analysis.studies.disparity.shown import words
from analysis.vocabulary.ethnicity import CODINGS, HEADS, MISSING, of_group
from analysis.vocabulary.regions import ALL, place_set

PLANS = [plan for plan in list_plans() if isinstance(plan, Monitor)]
MEASURES = [(plan, measure) for plan in PLANS for measure in plan.measures]
NEGATED = re.compile(
    r"\b(did not|do not|does not|were not|was not|are not|had not|have not|not been"
    r" (?!asked)|never|"
    r"not (more|less|as) often|no more often|of whom this is not so)\b",
    re.IGNORECASE,
)
OF_A_GROUP = re.compile(
    r"from the \w+ ethnic group|including White minority|the Mixed group|the Other group"
)
MOST, MEDIAN, IN_A_HEADING = 40, 18, 14
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")

# Ratio and interval of the event that decides, above 1; below it the reciprocals are taken.
NUMBERS = {
    "disparity": (1.6, 1.4, 1.83),
    "small_not_chance": (1.12, 1.03, 1.21),
    "practical_only": (1.6, 0.83, 2.41),
    "within_band": (1.04, 0.91, 1.17),
    "no_disparity_shown": (1.12, 0.71, 1.83),
}
VALUES = ("value", "conf_low", "conf_high")
OPPOSITES = ("opposite_value", "opposite_low", "opposite_high")


def triple(verdict: str, up: bool) -> tuple[float, float, float]:
    ratio, low, high = NUMBERS[verdict]
    return (ratio, low, high) if up else (1 / ratio, 1 / high, 1 / low)


def answer(
    plan, measure, group, verdict, *, up=True, decided_by="event", worse_off=None, withheld=False
) -> Row:
    """The row of a record that answers one comparison."""
    row = some_row(
        outcome=measure.id,
        group=f"{group} to {plan.groups.reference}",
        estimand=words.MAIN,
        unit="times",
        family="page",
        result_class=verdict,
        counts=measure.counts,
        n_treated=145,
        p_adjusted=0.01,
    )
    if withheld:
        return row.with_(status="withheld", result_class="withheld")
    if verdict == "insufficient_data":
        return row
    deciding = triple(verdict, up)
    reference = 90.0 if decided_by == "opposite" else 20.0
    sides = (
        (100 - (100 - reference) * deciding[0], reference)
        if decided_by == "opposite"
        else (reference * deciding[0], reference)
    )
    event = (
        deciding
        if decided_by == "event"
        else tuple(sorted(x / reference for x in (sides[0], sides[0] - 1, sides[0] + 1)))
    )
    if decided_by == "opposite":
        event = (event[1], event[0], event[2])
    row = row.with_(**dict(zip(VALUES, event, strict=True)))
    row = row.with_(group_value=sides[0], comparison_value=sides[1])
    if measure.kind == "share":
        others = (
            deciding if decided_by == "opposite" else tuple(sorted(1 / x**0.2 for x in deciding))
        )
        others = others if decided_by == "opposite" else (others[1], others[0], others[2])
        row = row.with_(**dict(zip(OPPOSITES, others, strict=True)))
    return row.with_(decided_by=decided_by, worse_off=worse_off, mde=1.6)


def beside(row: Row, note: str) -> Row:
    return row.with_(note=note, family=None, result_class=None)


def record_of(plan, measure, group, row, *, state="", place=None) -> Record:
    rows = [row]
    if row.value is not None:
        notes = (
            "outside",
            "last_round",
            *(("same_round_last_year",) if plan.round.length == "quarter" else ()),
        )
        rows += [beside(row, note) for note in notes]
    checks = [
        RecordedCheck(
            id=f"persistent_{measure.id}_{group}",
            text=released("x: the same verdict in 4 of the last 8 rounds."),
            passed=None,
        )
    ]
    if state and row.result_class == "disparity":
        checks.append(
            RecordedCheck(
                id=f"explanation_{measure.id}_{group}",
                text=released(f"{measure.noun}, {group}: {state}"),
                passed=None,
            )
        )
    length = {"quarter": "2026-07-01", "year": "2025-10-01"}[plan.round.length]
    return some_record(
        region=place or longest(plan),
        checks=tuple(checks),
        rows=tuple(rows),
        period_from=length,
        period_to="2026-09-30",
        data_source=plan.data.sources[0],
    )


def longest(plan) -> str:
    places = place_set(plan.data.places).places
    return max(places, key=lambda place: len(place.name.split())).id if places else ALL


ENTRY = Explanation(
    place="wales",
    measure="recall",
    group="Black",
    asked_on="2026-01-10",
    asked_of="Regional Director",
    due="2026-03-11",
    received_on="2026-03-01",
    text="Two offices.",
    decided_by="Panel",
    decided_on="2026-04-01",
)
UNTIL = ENTRY.model_copy(update={"accepted_until": "2027-03-31"})
STATES = (
    *(
        explanation_line(state, UNTIL, shown_on="2026-10-03", reform=False)
        for state in (ASKED, RECEIVED, ACCEPTED, NOT_ACCEPTED)
    ),
    waiting_line(1, 3, asked_after="2 of 3 rounds"),
    to_be_asked_line("Regional Director"),
    "",
)


def cases(plan, measure):
    """Everything that one measure could show."""
    sides = ("event", "opposite") if measure.kind == "share" else ("event",)
    for group, verdict in itertools.product(plan.compared_groups, VERDICTS):
        if verdict == "insufficient_data":
            yield group, answer(plan, measure, group, verdict), ""
            yield group, answer(plan, measure, group, verdict).with_(n_treated=None), ""
            yield group, answer(plan, measure, group, verdict, withheld=True), ""
            continue
        for up, decided_by, worse in itertools.product(
            (True, False), sides, ("group", "reference", None)
        ):
            row = answer(
                plan, measure, group, verdict, up=up, decided_by=decided_by, worse_off=worse
            )
            for state in STATES if verdict == "disparity" else ("",):
                yield group, row, state


def said_of(plan, measure, group, record) -> list[str]:
    found = [
        words.can_say(plan, record, measure, group),
        words.cannot_say(plan, record, measure, group),
        words.verdict_line(plan, record, measure, group),
        words.since_line(plan, record, measure, group),
        words.adjusted_line(plan, record, measure, group),
    ]
    return [text for text in found if text]


def others_of(plan, measure, group) -> list[Row]:
    """Every other comparison of the page: too few, or withheld."""
    return [
        answer(plan, m, g, "insufficient_data", withheld=g == "Other")
        for m in plan.measures
        for g in plan.compared_groups
        if (m.id, g) != (measure.id, group)
    ]


def sentences(text: str) -> list[str]:
    return [part for part in SENTENCE.split(text) if part]


@dataclass(frozen=True, eq=False)
class Shown:
    """One thing that a measure could show: its row, and what the page says of it."""

    group: str
    row: Row
    state: str
    record: Record
    said: list[str]


EVERY = (pytest.param(pair, id=f"{pair[0].study}-{pair[1].id}") for pair in MEASURES)


@pytest.fixture(scope="module", params=spread(EVERY, 12))
def shown(request) -> tuple[Monitor, Measure, list[Shown]]:
    """A measure with everything that it could show, made once for all tests of it."""
    plan, measure = request.param
    found = []
    for group, row, state in cases(plan, measure):
        record = record_of(plan, measure, group, row, state=state)
        found.append(Shown(group, row, state, record, said_of(plan, measure, group, record)))
    return plan, measure, found


@cache
def lengths_of(text: str) -> tuple[int, ...]:
    """Words in each sentence of a text that says what happened; many cases say the same text."""
    assert not NEGATED.search(text), text
    assert not OF_A_GROUP.search(text), text
    assert not faults(text), (faults(text), text)
    return tuple(len(part.split()) for part in sentences(text))


def test_every_sentence_says_what_happened_in_few_words(shown):
    lengths = [n for one in shown[2] for text in one.said for n in lengths_of(text)]
    assert max(lengths) <= MOST and statistics.median(lengths) < MEDIAN


def test_every_heading_has_a_group_an_event_and_a_count_or_a_direction(shown):
    plan, measure, found = shown
    events = [text for text in (measure.noun, measure.events, measure.plain) if text]
    for one in found:
        for place in (longest(plan), ALL):
            group, record = one.group, one.record.with_(region=place)
            heading = words.heading_of(plan, record, measure, group)
            name = words.place_words(plan, place)
            assert len(heading.removeprefix(name).lstrip(":, ").split()) <= IN_A_HEADING, heading
            named = (
                group,
                of_group(group, words.people_word(measure)),
            )  # women are no "Women applicants"
            assert any(text in heading for text in named), heading
            assert any(event in heading for event in events), heading
            assert re.search(r"\d|(more|less|as) often|withheld|too few", heading), heading
            assert (
                not NEGATED.search(heading)
                and not OF_A_GROUP.search(heading)
                and not faults(heading)
            ), heading


def test_a_heading_says_no_more_than_its_interval(shown):
    """More or less often only with the ratio's sign, and without "perhaps" only where the interval
    leaves 1 out."""
    plan, measure, found = shown
    for one in found:
        row, heading = one.row, words.heading_of(plan, one.record, measure, one.group)
        for word, sign in (("more often", 1), ("less often", -1)):
            if word in heading:
                assert (row.value - 1) * sign > 0, heading
                assert "perhaps" in heading or row.result_class in (
                    "disparity",
                    "small_not_chance",
                ), heading
        if row.result_class in ("practical_only", "no_disparity_shown"):
            assert re.search("chance|perhaps|too few|uncertain", heading), heading


def test_rates_have_one_decimal_ratios_two_and_words_their_sign(shown):
    for one in shown[2]:
        for text in one.said:
            for ratio in re.findall(r"(\d[\d.,]*) times as often", text):
                assert re.fullmatch(r"\d+\.\d\d", ratio), text
            for low, high in re.findall(r"interval (\S+) to (\S+?)\)", text):
                assert re.fullmatch(r"\d+\.\d\d", low) and re.fullmatch(r"\d+\.\d\d", high), text
            for rate in re.findall(r"(\d[\d.,]*) in every 100 ", text):
                assert re.fullmatch(r"[\d,]+\.\d", rate), text
            for ratio, words_after in re.findall(
                r"That is (\S+) times as often \S+ \S+ interval [^)]*\)\. ([^.]*)", text
            ):
                if "more often" in words_after:
                    assert float(ratio) > 1, text
                if "less often" in words_after:
                    assert float(ratio) < 1, text


def test_where_the_others_decide_the_sentence_speaks_of_them(shown):
    plan, measure, found = shown
    for one in found:
        row = one.row
        if row.decided_by == "opposite":
            said = words.can_say(plan, one.record, measure, one.group)
            assert measure.opposite in said and f"{row.opposite_value:.2f} times as often" in said
            assert f"That is {row.value:.2f} times" not in said


@pytest.mark.parametrize("plan", spread(PLANS, 4), ids=lambda plan: plan.study)
def test_every_page_names_its_period_and_shows_no_empty_part(plan):
    measure, group = plan.measure(plan.leads.measure), plan.leads.group
    period = {"quarter": "July to September 2026: ", "year": "Year to September 2026: "}[
        plan.round.length
    ]
    for case_group, row, state in cases(plan, measure):
        if case_group != group:
            continue
        record = record_of(plan, measure, group, row, state=state)
        record = record.with_(rows=(*record.rows, *others_of(plan, measure, group)))
        record = record.with_(statement=words.statement(plan, record))
        block = monitor_block(plan, record, record)
        first = block.lines[1] if plan.say_first else block.lines[0]
        assert max(len(part.split()) for line in block.lines for part in sentences(line)) <= MOST
        assert first.startswith(period) and record.statement.say.startswith(period)
        assert all((*block.lines, *block.can_say, *block.cannot_say, *block.cautions))
        note = "White includes Gypsy, Irish Traveller and Roma people."
        everything = " ".join(
            (*block.lines, *block.can_say, *block.cannot_say, *block.cautions, block.by_group)
        )
        of_ons = plan.groups.coding in CODINGS  # elsewhere White is what the table calls White
        assert everything.count(note) == int(of_ons) and "including White" not in everything
        causes = ("Too few people or events: ", "Withheld to protect people: ")
        several = bool(
            others_of(plan, measure, group)
        )  # of one comparison in all, no other is too few
        assert all(cause in block.by_group for cause in causes) or not several
        for section in monitor_sections(plan, record):
            assert all(line.say and line.cannot_say for line in section.lines)


def test_lines_under_the_size_stand_in_one_order():
    plan = next(plan for plan in PLANS if plan.study == "supervision")
    measure, group = plan.measure("recall"), "Black"
    row = answer(plan, measure, group, "disparity", worse_off="group")
    record = record_of(plan, measure, group, row, state=STATES[0])
    provisional = RecordedCheck(
        "provisional", None, released("Provisional until April 2027: cases.")
    )
    record = record.with_(
        rows=(*record.rows, *others_of(plan, measure, group)), checks=(*record.checks, provisional)
    )
    record = record.with_(statement=words.statement(plan, record))
    lines = monitor_block(plan, record, record).lines
    starts = (
        "July to September 2026: ",
        f"{place_set(plan.data.places).together}: ",
        "Explanation: asked on",
        "After allowing for",
        "April to June 2026: was",
        "Provisional",
    )
    assert len(lines) == len(starts) and all(
        line.startswith(start) for line, start in zip(lines, starts, strict=True)
    )
    assert (
        lines[4]
        == "April to June 2026: was 1.60 (1.40 to 1.83); July to September 2025: was 1.60 (1.40 to"
        " 1.83), the same measure and group."
    )


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (STATES[0], "An explanation is asked for."),
        (STATES[4], "An explanation is to be asked for if it is seen in 2 of 3 rounds."),
        (STATES[5], "An explanation is to be asked for."),
        ("", None),
    ],
)
def test_a_disparity_says_what_its_register_says(state, says):
    plan = next(plan for plan in PLANS if plan.study == "supervision")
    measure = plan.measure("recall")
    row = answer(plan, measure, "Black", "disparity", worse_off="group")
    said = words.can_say(
        plan, record_of(plan, measure, "Black", row, state=state), measure, "Black"
    )
    assert says in said if says else "explanation" not in said


# -- groups and nouns ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("group", "noun", "says"),
    [
        ("Black", "people on licence", "Black people on licence"),
        ("White", "shortlisted applicants", "White shortlisted applicants"),
        ("Mixed", "people on licence", "people of Mixed ethnicity on licence"),
        (
            "Other",
            "staff below the highest grade",
            "staff of Other ethnic groups below the highest grade",
        ),
        ("Mixed", "residents", "residents of Mixed ethnicity"),
        ("not_stated", "people on licence", "people on licence whose ethnic group is not stated"),
    ],
)
def test_a_group_stands_before_its_noun_and_several_never_as_one(group, noun, says):
    assert of_group(group, noun) == says


@pytest.mark.parametrize(
    ("plan", "measure"), MEASURES, ids=[f"{p.study}-{m.id}" for p, m in MEASURES]
)
def test_the_noun_of_every_measure_takes_a_group(plan, measure):
    assert sum(word in HEADS for word in measure.people.split()) == 1
    for group in (*plan.compared_groups, plan.groups.reference, *MISSING):
        assert OF_A_GROUP.search(words.people_from(group, measure.people)) is None


def test_no_plan_says_of_the_others_what_did_not_happen():
    pilots = [plan for plan in list_plans() if isinstance(plan, Plan)]
    said = [outcome.opposite for plan in pilots for outcome in plan.compared if outcome.opposite]
    said += [measure.opposite for _, measure in MEASURES if measure.opposite]
    assert len(said) > len(pilots) and not [
        text for text in said if re.search(r"\b(not|no|never|none)\b", text)
    ]


BASE = {
    "id": "one",
    "plain": "were promoted",
    "opposite": "stayed in their grade",
    "noun": "promotion",
    "kind": "share",
    "at_risk": "staff",
    "counts": "good",
    "count": "promoted",
    "of": "eligible",
    "people": "staff",
}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"people": "people who applied"}, "`who`"),
        ({"people": "people whose order ended"}, "`whose`"),
        ({"people": "those on licence"}, "names those at risk with one of people"),
        ({"opposite": None}, "`opposite` is missing"),
        ({"opposite": "were not promoted"}, "without `not`"),
        (
            {"kind": "rate", "opposite": None, "per": "months", "repeats": "person"},
            "`events` is missing",
        ),
        ({"events": "promotions"}, "`events` is for a rate"),
    ],
)
def test_words_that_do_not_fit_their_slot_are_refused_with_a_remedy(changed, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        Measure(**(BASE | changed))
    Measure(**BASE)


# -- periods ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("2026 Q3", "July to September 2026"),
        ("year to 2026 Q1", "year to March 2026"),
        ("2025", "year to March 2025"),
    ],
)
def test_rounds_are_named_in_words(label, says):
    assert round_words(label) == says


def test_periods_and_those_before_them_are_named_in_words():
    assert period_words("2026-01-01", "2026-03-31") == "January to March 2026"
    assert period_words("2025-10-01", "2026-09-30") == "October 2025 to September 2026"
    assert months_before("2026-01-01", 3, length=3) == ("2025-10-01", "2025-12-31")
    assert months_before("2026-01-01", 12, length=3) == ("2025-01-01", "2025-03-31")
    assert (
        month_after("2026-09-30", 3) == "January 2027"
        and month_after("2026-12-31", 0) == "January 2027"
    )
