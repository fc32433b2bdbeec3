"""Forms and incidents: a new form that is filed twice doubles the forms, and nothing that
happened.

Forms about one incident carry its number, so that each can be counted once: that is the bridge
between two versions of a form. It holds as long as forms have numbers, and as long as copies do not
get numbers of their own. Of the latter a trace is left: the same person, in the same prison, on the
same day, under two numbers.
"""

from dataclasses import dataclass

import pandas as pd

from analysis.studies.interrupted_reporting.months import Months

# Of forms without the number of an incident, in every 100: as many as of lost rows (chosen; rows
# that cannot be joined could move a count by as much).
MOST_WITHOUT_NUMBER = 2.0
# By how many in every 100 more numbers may stand beside another one of the same person and day
# since the start, or with another form: a rise in counts by that much could be copies alone
# (chosen: half the smallest step that any plan calls one that matters).
MOST_MORE_TWINS = 5.0
MUCH_MORE = 1.1  # times as many forms an incident: the forms themselves are another measure
DAY = ["site_id", "reporter_id", "reported_on"]


@dataclass(frozen=True)
class Copies:
    """forms_per_incident: by version of the form, then before and since the start. without_number,
    twins: the largest share of forms without a number, and by how many more numbers stand beside
    another one of the same person and day, in every 100."""

    forms_per_incident: dict[str, float]
    before: float
    since: float
    without_number: float
    more_twins: float

    @classmethod
    def of(cls, forms: pd.DataFrame, months: Months) -> "Copies":
        """Of all forms of the period (`number`, `incident_id`, `form`, `month`)."""
        since = forms["month"] >= months.start
        sides = forms.groupby([forms["form"], since])
        missing = 100 * sides["incident_id"].agg(lambda ids: ids.isna().mean())
        first = forms.drop_duplicates("number")
        twins = first.assign(twin=first.duplicated(DAY, keep=False))
        shares = 100 * twins.groupby(["form", twins["month"] >= months.start])["twin"].mean()
        each = forms.groupby("form")["number"].agg(["size", "nunique"])
        return cls(
            (each["size"] / each["nunique"]).to_dict(),
            _per_incident(forms[~since]),
            _per_incident(forms[since]),
            float(missing.max()),
            float(shares.max() - shares.min()),
        )

    @property
    def are_told(self) -> bool:
        """Each incident can be counted once, with every version of the form."""
        return self.without_number <= MOST_WITHOUT_NUMBER and self.more_twins <= MOST_MORE_TWINS

    @property
    def form_is_another(self) -> bool:
        """Since the start many more, or many fewer, forms come in for each incident."""
        return not 1 / MUCH_MORE < self.since / self.before < MUCH_MORE


def _per_incident(forms: pd.DataFrame) -> float:
    """Forms for each number; 1 where there are none."""
    return len(forms) / forms["number"].nunique() if len(forms) else 1.0
