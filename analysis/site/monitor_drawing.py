"""The one figure above the fold of a monitor's page, from the cleared record."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.display import comparisons
from analysis.plans.monitor import Monitor
from analysis.studies import monitor_words as words
from analysis.studies.monitor_years_words import of_which_round


@dataclass(frozen=True)
class DumbbellDrawing:
    """Both rates of each group under the measure that leads, the verdict at the end of the line."""

    plan: Monitor
    record: dict

    @property
    def _measure(self):
        return words.leading(self.plan, self.record)[0]

    def _parts(self) -> tuple[list[dict], list[str], list[str]]:
        groups = list(self.plan.compared_groups)
        rows = [words.drawn_row(self.plan, self.record, self._measure, group) for group in groups]
        groups = [group + of_which_round(row) for group, row in zip(groups, rows, strict=True)]
        return rows, groups, [words.VERDICT_WORDS.get(row["result_class"], "") for row in rows]

    def _said(self) -> dict:
        return {"reference": self.plan.groups.reference, "per": f"in every {self._measure.per_words}"}

    def figure(self) -> Figure:
        return comparisons.rate_dumbbell(*self._parts(), **self._said())

    def alt(self) -> str:
        return comparisons.rate_dumbbell_alt(*self._parts(), **self._said())

    def table_rows(self) -> list[dict]:
        """The numbers of the figure, one row a line of it."""
        rows, groups, verdicts = self._parts()
        columns = {
            "status": "status",
            "group_value": "rate",
            "comparison_value": "reference rate",
            "value": "times as often",
            "conf_low": "low",
            "conf_high": "high",
            "counts": "the event is",
            "decided_by": "decided by",
            "worse_off": "worse off",
            "opposite_value": "opposite ratio",
            "opposite_low": "opposite low",
            "opposite_high": "opposite high",
        }
        return [
            {"group": g, "verdict": v} | {name: row[key] for key, name in columns.items()}
            for row, g, v in zip(rows, groups, verdicts, strict=True)
        ]


def monitor_drawing(plan: Monitor, record: dict, *_) -> DumbbellDrawing | None:
    """The figure of a page; None where no rate can be shown."""
    drawing = DumbbellDrawing(plan, record)
    return drawing if any(row["group_value"] is not None for row in drawing._parts()[0]) else None
