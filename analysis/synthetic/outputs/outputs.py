"""Synthetic outputs of one region: each member of staff with what they took up, and each site's
events by month.

Planted (params/synthetic.yml, `outputs`): the share of staff in post who stand in a register
(`planted_registered`), by kind of site, ethnic group and region; half as many in Wales, hardly
anybody in the South West. Of staff who had left, more stand in it than of those in post, and some
stand in it twice: a register is never cleaned. Those who come to one event come to several.
Nothing that happens to anybody follows from any of it: outputs are all there is.

What naive counting shows: entries in the register over staff in post are NAIVE_REGISTER times the
share of staff in post who stand in it. Attendances over staff in post at the ombudsman's office,
and openings of the pack over staff in post, are more than 100 in every 100, while many never came
or opened it. Ethnicity is missing by group alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.synthetic.monitors.quarters import MISSING_KINDS, ids, initials
from analysis.synthetic.outputs.planted_outputs import Action
from analysis.synthetic.planted import GROUPS, MINORITIES, Planted
from analysis.synthetic.supervision.supervision import draw_rows, ethnicity_codes

# Entries over people, both in every 100 in post; tests/test_synthetic_outputs.py holds it true.
NAIVE_REGISTER = 1.36
MOST = 0.97  # no probability is larger
BRIEFED = 8.0  # mean number of staff at a briefing about a pack


def make_outputs(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """Tables output_staff and output_events of one region. `part`: as a share of full scale."""
    made = [
        _Made(rng, truth, region, name, action, part).tables()
        for name, action in truth.outputs.actions.items()
        if not action.regions or region in action.regions
    ]
    return {
        table: pd.concat([tables[at] for tables in made], ignore_index=True)
        for at, table in enumerate(("output_staff", "output_events"))
    }


def planted_registered(truth: Planted, action: str, region: str, group: str = "") -> float:
    """Share of staff in post who stand in the register: of one ethnic group, or of the region."""
    own = truth.outputs.actions[action]
    shares = _group_shares(truth, region)
    many = np.array([*own.sites.values()], dtype=float)
    cells = _registered(own, region)
    by_group = np.average(cells, axis=0, weights=many)
    return float(by_group[GROUPS.index(group)] if group else by_group @ shares)


def _group_shares(truth: Planted, region: str) -> np.ndarray:
    share = truth.regions[region].practitioners_share
    minority = [share[name] for name in MINORITIES]
    return np.array([1 - sum(minority), *minority])


def _registered(own: Action, region: str) -> np.ndarray:
    """Probability of each kind of site (rows) and ethnic group (columns)."""
    kinds = np.array([*own.registered_kind.values()])[:, None]
    groups = np.array([*own.registered_group.values()])[None, :]
    factor = own.region_factor.get(region, 1.0)
    return np.clip((own.registered + kinds + groups) * factor, 0.0, MOST)


@dataclass(frozen=True, eq=False)
class _Made:
    """The tables of one action in one region."""

    rng: Mapping[str, np.random.Generator]
    truth: Planted
    region: str
    name: str
    action: Action
    part: float

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        code = f"{initials(self.region)}{self.name[0].upper()}"
        kinds = np.repeat([*self.action.sites], [*self.action.sites.values()])
        sites = pd.DataFrame({"site_id": ids(code, "S", len(kinds)), "site_kind": kinds})
        events = self._events(sites)
        held = events.groupby("site_id")["held"].sum().reindex(sites["site_id"]).to_numpy()
        staff = self._staff(code, sites, held)
        came = staff.groupby("site_id")["uses"].sum()
        return staff, self._attended(events, came)

    def _events(self, sites: pd.DataFrame) -> pd.DataFrame:
        rng, first = self.rng["output_events"], pd.Timestamp(self.truth.outputs.first_month)
        found = []
        for occasion, own in self.action.occasions.items():
            for month in own.months:
                held = (rng.random(len(sites)) < own.held).astype("int64")
                at = first + pd.DateOffset(months=month)
                found.append(sites.assign(month=at, occasion=occasion, planned=1, held=held))
        events = pd.concat(found, ignore_index=True)
        events["month"] = events["month"].astype("datetime64[us]")
        return events.assign(action=self.name, region=self.region)

    def _staff(self, code: str, sites: pd.DataFrame, held: np.ndarray) -> pd.DataFrame:
        rng, own = self.rng["output_staff"], self.action
        each = max(round(own.staff_a_site * self.part), 2)
        n = each * len(sites)
        site = np.repeat(np.arange(len(sites)), each)
        shares = _group_shares(self.truth, self.region)
        group = draw_rows(rng, np.tile(shares, (n, 1)))
        missing = rng.random(n) < np.array([*own.ethnicity_missing.values()])[group]
        in_post = rng.random(n) >= own.left
        kind = np.array([[*own.sites].index(k) for k in sites["site_kind"]])[site]
        chance = np.where(in_post, _registered(own, self.region)[kind, group], own.registered_left)
        entries = (rng.random(n) < chance).astype(int)
        entries += entries * (rng.random(n) < own.twice)
        comes = np.clip(own.comes + own.comes_registered * (entries > 0), 0.0, MOST)
        able = held[site] > 0 if own.uses_are == "attendances" else np.ones(n, dtype=bool)
        uses = ((rng.random(n) < comes) & able) * (1 + rng.poisson(own.again, n))
        if own.uses_are == "attendances":  # nobody comes to more events than were held
            uses = np.minimum(uses, held[site])
        used = (uses > 0) & (rng.random(n) < own.used)
        return pd.DataFrame(
            {
                "action": self.name,
                "person_id": ids(code, "P", n),
                "region": self.region,
                "site_id": sites["site_id"].to_numpy()[site],
                "site_kind": sites["site_kind"].to_numpy()[site],
                "ethnicity": ethnicity_codes(rng, group, missing, MISSING_KINDS),
                "in_post": in_post.astype("int64"),
                "entries": entries.astype("int64"),
                "uses": uses.astype("int64"),
                "used": used.astype("int64"),
            }
        )

    def _attended(self, events: pd.DataFrame, came: pd.Series) -> pd.DataFrame:
        """Attendances of each event: those of the site's staff, shared out over the events held;
        of a pack, who came to a briefing."""
        rng = self.rng["output_events"]
        if self.action.uses_are == "openings":
            attendances = rng.poisson(BRIEFED, len(events)) * events["held"]
            return events.assign(attendances=attendances.astype("int64"))
        attendances = pd.Series(0, index=events.index, dtype="int64")
        for site_id, own in events[events["held"] == 1].groupby("site_id", sort=False):
            shares = np.full(len(own), 1 / len(own))
            attendances[own.index] = rng.multinomial(int(came.get(site_id, 0)), shares)
        return events.assign(attendances=attendances)
