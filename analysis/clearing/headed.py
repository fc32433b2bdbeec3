"""What heads the page of a place: the leading outcome, a harm found elsewhere in the place, or the
best that may be shown.

A harmed place says so in its heading. A place whose leading outcome has no number is headed by the
next primary outcome, then a secondary one, then how many units of the pilot lie there, then a fact;
where nothing could be worked out, by the cause (page rules, section 1a rule 4).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analysis.judgement.classes import BENEFIT, HARM_GRADES
from analysis.judgement.finding import Slots
from analysis.judgement.wording.figures_in_words import alike, fixed
from analysis.judgement.wording.headlines import MOST_WORDS, headline
from analysis.judgement.wording.statements import can_say, cannot_say, class_can_say
from analysis.plans.plan import Outcome, Plan
from analysis.record.record import Record, Statement
from analysis.record.row import Row
from analysis.results import EVERYONE
from analysis.said.phrases import EVERY_100, IN_100
from analysis.said.texts import sentence
from analysis.study.words import finding, lead_row, slots, statement, there, unmet
from analysis.vocabulary.regions import ALL, NATIONAL

WORSE = HARM_GRADES[0]
SETTLED_WELL = BENEFIT | {"no_meaningful_difference", "detectable_but_small"}
TOO_SMALL = ("no_meaningful_difference", "detectable_but_small")
OWN_SITES = "own_sites"  # the check that says how many units of the pilot lie in a place


@dataclass(frozen=True)
class Headed:
    """The row that heads a page, and its outcome. `why`: lead, harm (elsewhere in the place),
    shown, sites or fact."""

    row: Row
    outcome: Outcome
    why: str

    @property
    def is_leading(self) -> bool:
        return self.why == "lead"


def headed(plan: Plan, record: Record) -> Headed:
    """What heads this page."""
    lead, outcome = there(lead_row(plan, record)), plan.outcome(plan.leading)
    own = Headed(lead, outcome, "lead")
    found = finding(plan, lead, record)
    if found.has_number and (found.leans_worse or found.result_class in SETTLED_WELL):
        return own
    if (harm := next(_harms(plan, record), None)) is not None:
        return harm
    return own if found.has_number else next(_shown(plan, record), own)


def _harms(plan: Plan, record: Record) -> Iterator[Headed]:
    """Rows that are *worse*, in the order of the plan: the leading outcome, primaries, others;
    everyone before groups.

    One whose whole interval is smaller than the size that matters heads no page: it stands in the
    line below.
    """
    for outcome in _in_order(plan):
        rows = [row for row in record.rows_where(outcome=outcome.id) if row.harm_watch == WORSE]
        rows = [row for row in rows if row.result_class not in TOO_SMALL]
        for row in sorted(rows, key=lambda row: row.group != EVERYONE):
            yield Headed(row, outcome, "harm")


def _in_order(plan: Plan) -> list[Outcome]:
    """Compared outcomes: the leading one, the primary ones, the others, each in the order of the
    plan."""
    return sorted(plan.compared, key=lambda o: (o.id != plan.leading, o.role != "primary"))


def _shown(plan: Plan, record: Record) -> Iterator[Headed]:
    """What may be shown instead of a leading outcome without a number."""
    for outcome in _in_order(plan):
        row = lead_row(plan, record, outcome.id)
        if row is not None and finding(plan, row, record).has_number:
            yield Headed(row, outcome, "shown")
    if sites_here(record) is not None:
        yield Headed(there(lead_row(plan, record)), plan.outcome(plan.leading), "sites")
    if there(lead_row(plan, record)).status == "not_estimable":
        return  # the cause tells more than a fact
    for outcome in (o for o in plan.outcomes if o.role == "fact" and o.kind == "share"):
        row = record.find(outcome=outcome.id, group=EVERYONE)
        if row is not None and row.status == "described" and row.value is not None:
            yield Headed(row, outcome, "fact")


def sites_here(record: Record) -> int | None:
    """How many units of the pilot lie in a place where nothing can be compared; None where that is
    not said."""
    found = next((check.value for check in record.checks if check.id == OWN_SITES), None)
    return None if found is None else int(found)


def people_of(group: str, people: str = "people") -> str:
    """A broad ethnic group in a heading: "White people", "people of Mixed ethnicity"; empty for
    everyone."""
    if group == EVERYONE:
        return ""
    return {
        "Mixed": f"{people} of Mixed ethnicity",
        "Other": f"{people} of Other ethnic groups",
        "minority ethnic groups": f"{people} of minority ethnic groups",
    }.get(group, f"{group} {people}")


def headed_slots(
    plan: Plan, place: str, record: Record, head: Headed, *, places_compared: int | None = None
) -> Slots:
    """The words of what heads a page."""
    words = slots(plan, head.outcome, place, row=head.row)
    made = words.comparisons_made if place == ALL else None
    return replace(
        words,
        comparisons_made=(
            places_compared if head.is_leading and places_compared is not None else made
        ),
        unmet=unmet(plan, head.outcome, record),
        among=people_of(head.row.group, words.people),
        sites_here=sites_here(record),
    )


def place_statement(plan: Plan, place: str, record: Record, *, places_compared: int) -> Statement:
    """Headline, what can be said and what cannot, of a place's page."""
    head, compared = headed(plan, record), None if place == ALL else places_compared
    words = headed_slots(plan, place, record, head, places_compared=compared)
    fact = head.why == "fact"
    heading = (
        _fact(plan, head, words.place) if fact else headline(finding(plan, head.row, record), words)
    )
    said = said_of(plan, record)
    words = headed_slots(plan, place, record, said, places_compared=compared)
    found = finding(plan, said.row, record)
    say, cannot = can_say(found, words), cannot_say(found, words)
    if not said.is_leading:
        say = f"{say} {_of_the_leading(plan, place, record)}"
    return statement(plan, heading, say, cannot)


def said_of(plan: Plan, record: Record) -> Headed:
    """What the sentences below the heading are about: the leading outcome, or what heads the page
    in its place."""
    lead, head = there(lead_row(plan, record)), headed(plan, record)
    if (
        head.is_leading
        or finding(plan, lead, record).has_number
        or not finding_has_number(plan, head, record)
    ):
        return Headed(lead, plan.outcome(plan.leading), "lead")
    return head


def finding_has_number(plan: Plan, head: Headed, record: Record) -> bool:
    """An estimate with an interval stands behind what heads the page (a fact has none)."""
    return head.why not in ("fact", "sites") and finding(plan, head.row, record).has_number


@sentence
def _of_the_leading(plan: Plan, place: str, record: Record) -> str:
    """Why the leading outcome itself has no number: "Recalls: withheld to protect people."."""
    outcome, row = plan.outcome(plan.leading), there(lead_row(plan, record))
    reason = class_can_say(finding(plan, row, record), slots(plan, outcome, place))
    return f"The leading outcome, {outcome.noun}: {reason[:1].lower()}{reason[1:]}"


@sentence
def _fact(plan: Plan, head: Headed, place: str) -> str:
    """A fact as a heading: "North East: 77 in every 100 managers took part in any of it"."""
    share = head.row.value
    if share is None:
        raise ValueError(f"the fact {head.outcome.id} heads a page without its number")
    value = alike([fixed(share, 1)])[0]
    who = head.outcome.group or plan.words.person.split()[0]
    said = f"{value} {EVERY_100} {who} {head.outcome.event}"
    short = f"{value} {IN_100} {who} {head.outcome.event}"
    return f"{place}: {said if len(said.split()) <= MOST_WORDS else short}"


@sentence
def worse_line(plan: Plan, record: Record) -> str:
    """What is worse in the place and does not head its page, in one line under the heading; else
    nothing.

    The heading of the nation is always that of the leading outcome.
    """
    nation = record.region == NATIONAL
    head = (
        Headed(there(lead_row(plan, record)), plan.outcome(plan.leading), "lead")
        if nation
        else headed(plan, record)
    )
    rows = [row for row in record.rows if row.harm_watch == WORSE]
    names = head.why == "harm" or (head.is_leading and finding(plan, head.row, record).leans_worse)
    named = [head.row] if names else []
    if all(row in named for row in rows):
        return ""
    found: dict[str, list[str]] = {}
    for outcome in _in_order(plan):
        for row in (row for row in rows if row.outcome == outcome.id):
            group = "everyone compared" if row.group == EVERYONE else people_of(row.group)
            found.setdefault(f"{worse_direction(outcome)} {outcome.noun}", []).append(group)
    said = "; ".join(f"{what} ({', '.join(groups)})" for what, groups in found.items())
    return f"Worse {'in all together' if nation else 'here'}: {said}."


@sentence
def among_first(said: str, among: str) -> str:
    """The sentences of one ethnic group: "Among White people: on the relationship scale ..."."""
    return f"Among {among}: {said[:1].lower()}{said[1:]}" if among else said


def worse_direction(outcome: Outcome) -> str:
    """The word for the worse side before a plural noun."""
    below, above = ("lower", "higher") if outcome.kind == "scale" else ("fewer", "more")
    return below if outcome.better == "higher" else above
