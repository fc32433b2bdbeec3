"""Rules between the rows of a table of counts: nothing stands twice, nothing is missing in silence,
parts fit wholes."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from analysis.errors import Problem
from analysis.extracts.counts.tidy_counts import TOTAL, CountTable
from analysis.extracts.tables.codes import problem
from analysis.plans.counts import NOT_MAPPED
from analysis.plans.monitor import Monitor
from analysis.vocabulary.regions import place_set

MOST_UNMAPPED = 0.5  # of the people of a measure


@dataclass(frozen=True)
class TotalsSeen:
    """Rows that add others up, held against the sum of their parts: how many agree, differ, and
    cannot be compared."""

    agree: int
    differ: int
    not_compared: int

    @property
    def all(self) -> int:
        return self.agree + self.differ + self.not_compared


def check_rows(plan: Monitor, table: CountTable) -> tuple[Problem, ...]:
    """Every broken rule (E158, E262, E264)."""
    found = (
        *_events_above_base(plan, table),
        *_missing_rows(plan, table),
        *_missing_places(plan, table),
    )
    return (*found, *_mostly_unmapped(table))


def _events_above_base(plan: Monitor, table: CountTable) -> Iterator[Problem]:
    """Of a share; events over residents may be more than residents."""
    shares = [m.id for m in plan.measures if m.kind == "share"]
    for rows in (table.rows, table.totals):
        counted = rows[
            rows["measure"].isin(shares) & rows["percent"].isna() & rows["base_low"].notna()
        ]
        wrong = counted[counted["events_low"] > counted["base_high"]]
        if len(wrong):
            yield problem("E262", table.file, row=int(wrong["line"].iloc[0]), count=len(wrong))


def _missing_rows(plan: Monitor, table: CountTable) -> Iterator[Problem]:
    """In one measure and period every label of a group stands in every place and stratum in which
    any does."""
    where = ["place", *plan.own_table.strata]
    for (measure, _), rows in table.rows.groupby(["measure", "period"], sort=False):
        labels = set(zip(rows["group"], rows["label"], strict=True))
        if plan.groups.reference not in {group for group, _ in labels}:
            hint = f"In {measure}: {plan.groups.reference}, the reference."
            yield problem("E158", table.file, row=int(rows["line"].iloc[0]), hint=hint)
        for _, part in rows.groupby(where, sort=False):
            missing = labels - set(zip(part["group"], part["label"], strict=True))
            if missing:
                hint = f"In {measure}: {', '.join(sorted({group for group, _ in missing}))}."
                yield problem(
                    "E158", table.file, row=int(part["line"].iloc[0]), count=len(missing), hint=hint
                )
                break


def _missing_places(plan: Monitor, table: CountTable) -> Iterator[Problem]:
    """All places together are all places of the plan, for each measure in each period."""
    wanted = set(place_set(plan.data.places).ids)
    for (measure, _), rows in table.rows.groupby(["measure", "period"], sort=False):
        missing = sorted(wanted - set(rows["place"]))
        if missing:
            hint = f"In {measure}: {', '.join(missing)}."
            yield problem(
                "E158", table.file, row=int(rows["line"].iloc[0]), count=len(missing), hint=hint
            )
            return


def _mostly_unmapped(table: CountTable) -> Iterator[Problem]:
    """E264 where more than half of the people of a measure are in groups that the plan does not
    map."""
    for _, rows in table.rows.groupby("measure", sort=False):
        people = rows["base_low"].astype("float64")
        outside = rows["group"] == NOT_MAPPED
        share = people[outside].sum() / people.sum() if people.sum() else float(outside.mean())
        if outside.any() and share > MOST_UNMAPPED:
            yield problem(
                "E264",
                table.file,
                row=int(rows.loc[outside, "line"].iloc[0]),
                count=int(outside.sum()),
            )


def totals_seen(plan: Monitor, table: CountTable) -> TotalsSeen:
    """Each total against the sum of its parts, as far as suppressed parts leave it open."""
    found = [_agrees(plan, table.rows, row) for _, row in table.totals.iterrows()]
    return TotalsSeen(found.count(True), found.count(False), found.count(None))


def _agrees(plan: Monitor, rows: pd.DataFrame, total: pd.Series) -> bool | None:
    """None where there are no parts, or percentages only."""
    parts = rows
    for name in ("measure", "place", "period", "group", *plan.own_table.strata):
        if total[name] != TOTAL:
            parts = parts[parts[name] == total[name]]
    limits = ("events", "base")
    if parts.empty or parts["base_low"].isna().any() or pd.isna(total["base_low"]):
        return None
    return all(
        parts[f"{name}_low"].sum() <= total[f"{name}_high"]
        and total[f"{name}_low"] <= parts[f"{name}_high"].sum()
        for name in limits
    )
