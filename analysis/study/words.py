"""From rows of a record to the sentences of its page: which finding leads, and which slots it
fills."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from analysis.inference.sensitivity import e_value
from analysis.judgement import classes
from analysis.judgement.finding import Finding, Slots, slots_from
from analysis.judgement.pools.pooling import METHOD as POOLED_METHOD
from analysis.judgement.wording.figures_in_words import listed
from analysis.judgement.wording.headlines import national_headline
from analysis.judgement.wording.statements import can_say, cannot_say
from analysis.plans.kinds import kind_of, lead_method
from analysis.plans.plan import Outcome, Plan
from analysis.record.record import Record, Statement, rows_where
from analysis.record.row import Row
from analysis.results import EVERYONE
from analysis.said.texts import reworded, sentence, together, worded
from analysis.said.told import told
from analysis.study.allowed_for import allowed_for
from analysis.vocabulary.regions import ALL, NATIONAL, place_set

# Of places put together, where the two reasons stand side by side.
TOO_FEW_ANSWERED = (
    "in most of the places together, too few people answered, or too unequally many on the two"
    " sides"
)

# What became of a check that a claim rests on, in a sentence ("passed" is no word of a sentence).
UNMET_WORDS = {False: "not borne out", None: "not run"}


def slots(
    plan: Plan,
    outcome: Outcome,
    place: str,
    *,
    row: Row | None = None,
    places_compared: int | None = None,
) -> Slots:
    """Words of the plan for one outcome in one place.

    `row`: the estimate that the sentence is about; what was allowed for is what IT allowed for, and
    nothing without it.
    `places_compared`: places whose p-values are adjusted together, for the page of a place.
    """
    words = slots_from(
        plan, outcome, place, covariates=() if row is None else allowed_for(plan, row)
    )
    if row is not None and row.status == "ranked" and place in (ALL, NATIONAL):
        words = replace(words, place=_those_with_it(plan))
    return words if places_compared is None else replace(words, comparisons_made=places_compared)


def _those_with_it(plan: Plan) -> str:
    """The places that the plan names as its arms, by which a rank over all places is said."""
    kind = place_set(plan.data.places)
    return listed(tuple(kind.name(place) for place in plan.comparison.arms))


def in_plan_words(plan: Plan, text: str) -> str:
    """`text` with the plan's own words for practitioners, offices and periods (a school has
    teachers and grades)."""
    own = plan.words
    pairs = {
        "offices and periods": own.cells,
        "office and period": own.cell,
        "practitioners": own.practitioners,
        "practitioner": own.practitioner,
    }
    return reworded(text, "|".join(pairs), pairs)


def lead_row(plan: Plan, record: Record, outcome_id: str | None = None) -> Row | None:
    """The row that answers for an outcome (the plan's leading one): all places at once, pooled, or
    the place's own."""
    return lead_of(plan, record.rows, record.region, outcome_id or plan.leading)


def there(row: Row | None) -> Row:
    """The row itself. ValueError where there is none, though the plan says that there must be."""
    if row is None:
        raise ValueError("the record has no row where its plan asks for one")
    return row


def lead_of(plan: Plan, rows: Iterable[Row], place: str, outcome_id: str) -> Row | None:
    """The same of rows that are in no record yet."""
    kind = kind_of(plan)
    method = POOLED_METHOD if place == NATIONAL and not plan.data.also_all else lead_method(plan)
    wanted = {"estimand": kind.estimand, "group": EVERYONE, "method": method}
    return next(iter(rows_where(rows, outcome=outcome_id, **wanted)), None)


def pooled_row(plan: Plan, national: Record, outcome_id: str | None = None) -> Row | None:
    """The row in which the places are put together; None where they are not, and one analysis of
    all leads."""
    return national.find(
        outcome=outcome_id or plan.leading,
        estimand=kind_of(plan).estimand,
        group=EVERYONE,
        method=POOLED_METHOD,
    )


def finding(plan: Plan, row: Row, record: Record | None) -> Finding:
    """The row as sentences see it. A class that is not set yet counts as described. `record`: None
    before there is one."""
    outcome = plan.outcome(row.outcome)
    has_number = row.status == "estimated"
    key = row.result_class or ("described" if not has_number else None)
    if row.status in ("withheld", "not_estimable"):
        key = row.status
    names = ("value", "conf_low", "conf_high", "comparison_value", "group_value")
    numbers = {name: getattr(row, name) for name in names} if has_number else {}
    numbers |= {"comparison_estimated": row.comparison_estimated} if has_number else {}
    reason = row.reason if not has_number else capped_reason(plan, outcome, record)
    if row.status == "ranked":
        reason = None  # why there is no p-value is no reason why there is no number
        numbers |= {"value": row.value, "rank": row.rank, "places": row.places}
        key = row.result_class or "rank_only"
    return Finding(
        kind=outcome.kind or "",
        result_class=key or "",
        claim=row.claim or "described",
        better=outcome.better,
        matters=outcome.matters,
        reason=reason,
        n=row.n,
        harm_watch=row.harm_watch,
        group=row.group,
        attenuated=kind_of(plan).attenuated(row) if has_number else "",
        **numbers,
    )


def capped_reason(plan: Plan, outcome: Outcome, record: Record | None) -> str | None:
    """Why the class of a survey outcome was capped; None where it was not. A response that is not
    known counts as too low."""
    name = f"response_{outcome.id}"
    passed = {
        r.check: r.passed
        for r in (record and record.claim_rests_on) or ()
        if r.outcome == outcome.id
    }.get(name)
    if not outcome.survey or passed:
        return None
    nation = record is not None and record.region == NATIONAL
    if passed is False and nation and not plan.data.also_all:
        return TOO_FEW_ANSWERED
    told = record.check(name) if record is not None and passed is False else None
    gap = None if told is None else told.value
    low = gap is not None and gap <= classes.DIFFERENTIAL_RESPONSE_POINTS
    response = None if gap is None else 0.0 if low else 100.0
    return classes.cap_at_inconclusive(
        "inconclusive", response_percent=response, differential_points=gap
    ).reason


@sentence
def unmet(plan: Plan, outcome: Outcome, record: Record) -> tuple[str, ...]:
    """The checks that lower the claim about an outcome, in words: "not run: the lot was kept"."""
    named = plan.checks_of(outcome)
    ran = [entry for entry in record.claim_rests_on or () if entry.outcome == outcome.id]
    return tuple(
        f"{UNMET_WORDS[entry.passed]}: {named[entry.check].words}"
        for entry in ran
        if entry.passed is not True
    )


def statement(plan: Plan, heading: str, say: str, cannot: str) -> Statement:
    """The sentences of a page in the plan's own words."""
    return Statement(*(in_plan_words(plan, text) for text in (heading, say, cannot)))


def national_statement(plan: Plan, national: Record) -> Statement:
    """Headline, what can be said and what cannot, of the national page."""
    outcome, row = plan.outcome(plan.leading), lead_row(plan, national)
    words = replace(slots(plan, outcome, NATIONAL, row=row), unmet=unmet(plan, outcome, national))
    found = finding(plan, there(row), national)
    pooled = pooled_row(plan, national)
    heading = national_headline(
        found,
        words,
        regions_alike=places_alike(pooled),
        places_pooled=(pooled and pooled.k) or 0,
        groups_unclear=len(unclear_groups(plan, national)),
    )
    return statement(plan, heading, can_say(found, words), cannot_say(found, words))


def places_alike(pooled: Row | None) -> bool | None:
    """No sign that places differ (True), a sign (False), or not tested (None)."""
    return (
        None if pooled is None or pooled.status != "estimated" else pooled.note != "places_differ"
    )


def unclear_groups(plan: Plan, national: Record) -> list[str]:
    """Matched groups about which the nation cannot tell."""
    if plan.exposure is None:
        return []
    method = "within_cells" if plan.data.also_all else POOLED_METHOD
    unclear = []
    for group in plan.exposure.matched_groups:
        row = national.find(
            outcome=plan.leading, estimand="own_group_gap", group=group, method=method
        )
        if row is None or row.status != "estimated" or row.result_class in classes.INCONCLUSIVE:
            unclear.append(group)
    return unclear


@sentence
def unrecorded_cause(row: Row, *, exposure: str = "matching") -> str:
    """How strongly an unrecorded characteristic would have to be linked to both sides to account
    for a difference in shares. exposure: what one side had, in words.

    The difference is read as a ratio of shares, from the numbers that are shown. Source:
    VanderWeele and Ding 2017.
    """
    base = row.comparison_value or row.comparison_estimated
    unknown = (
        "How strong an unrecorded characteristic would have to be is not worked out for this"
        " outcome."
    )
    if row.status != "estimated" or row.unit != "in_every_100" or not base:
        return unknown
    at = row.estimate
    ratio, low, high = ((base + end) / base for end in at)
    if at.low <= 0 <= at.high:
        return worded(
            "The interval holds 0, so no unrecorded characteristic is needed to account for the"
            " difference."
        )
    if low <= 0:
        return unknown
    found = e_value(ratio, low, high)
    return (
        "Beyond what is allowed for, an unrecorded characteristic would account for the difference"
        f" only if it went along with {exposure} and with the outcome by"
        f" {told(found.point, 1)} times each; {told(found.limit, 1)} times would let the interval"
        f" reach {told(0)}."
    )


def stands(plan: Plan, place: str, record: Record, national: Record) -> str:
    """How a place stands to the others: a key of judgement.lines.STANDS."""
    check = next((c for c in record.checks if c.id == f"like_the_others_{plan.leading}"), None)
    if check is None:
        return "not_in_pool"
    if check.passed is not False:
        return "in_line" if check.passed else "not_tested"
    outcome = plan.outcome(plan.leading)
    own, pooled = there(lead_row(plan, record)), there(pooled_row(plan, national))
    if outcome.better is None:
        return "differs"
    higher = own.estimate.value > pooled.estimate.value
    return "better" if higher == (outcome.better == "higher") else "worse"


@sentence
def on_watch(
    plan: Plan, places: Mapping[str, Record], grade: str, *, leading: bool | None = None
) -> tuple[str, ...]:
    """Places and outcomes on harm watch with this grade and their groups, in words: the leading
    outcome first.

    `leading`: that outcome alone, or the others. As "North East: recalls (everyone compared;
    Asian)".
    """
    if grade not in classes.HARM_GRADES:
        raise ValueError(f"a grade of harm watch is one of {', '.join(classes.HARM_GRADES)}")
    found: dict[tuple, list[str]] = {}
    for place, record in places.items():
        for row in record.rows:
            leads = row.outcome == plan.leading
            if row.harm_watch == grade and leading in (None, leads):
                name = slots(plan, plan.outcome(row.outcome), place).place
                group = "everyone compared" if row.group == EVERYONE else row.group
                found.setdefault((not leads, name, plan.outcome(row.outcome).noun), []).append(
                    group
                )
    pairs = sorted(found.items(), key=lambda pair: pair[0][0])
    return tuple(
        f"{name}: {noun} ({together(', ', dict.fromkeys(groups))})"
        for (_, name, noun), groups in pairs
    )
