"""Until when the figures of a monitor may still change."""

from analysis.judgement.wording.periods import provisional_words
from analysis.plans.monitor import Monitor
from analysis.record.record import Record


def provisional(plan: Monitor, record: Record) -> str:
    """ "provisional until April 2027"; empty once the plan's months had passed when the data were
    drawn, and where the record has no dates."""
    if record.period_to is None or record.check("provisional") is None:
        return ""
    return provisional_words(record.period_to, plan.round.provisional_until_months)
