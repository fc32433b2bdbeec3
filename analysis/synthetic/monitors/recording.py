"""Synthetic records of the ethnic group of people in custody and on probation in one region: what
each said at reception, and what another system holds.

Planted (params/synthetic.yml, `monitors`, `recording`): Black people declare less often, except in
one region, and refuse more often; declaration rises each quarter; the two sources differ most for
Mixed and Other people; half of those who are Gypsy, Irish Traveller or Roma declare it, more each
quarter, while their true share stays.

What a naive method shows: the share recorded as Gypsy, Irish Traveller or Roma rises although
nobody came or left (IDENTIFIED_RISE); and people known in neither source stand in no group.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.synthetic.monitors.planted_monitors import Monitors, Recording
from analysis.synthetic.monitors.quarters import (
    MISSING_KINDS,
    Stays,
    ids,
    initials,
    make_people,
    minority_shares,
    quarter_starts,
    stays,
)
from analysis.synthetic.planted import GROUPS, Planted
from analysis.synthetic.supervision.supervision import choice, draw_rows, ethnicity_codes

TRAVELLER = ("W3", "W4")
HELD_AS = "W9"  # what the other system has of most Gypsies, Irish Travellers and Roma


def make_recording(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """The table ethnicity_records of one region. `part`: people as a share of full scale."""
    draw, own = rng["ethnicity_records"], truth.monitors.recording
    stock = max(round(own.people * part), 20)
    stay = stays(draw, truth.monitors, stock=stock, mean_quarters=own.mean_quarters)
    n = int(stay.person.max()) + 1
    people, group, unit = make_people(
        draw, truth, region, own, people=n, minority=minority_shares(truth, region)
    )
    code = _codes(draw, own, group)
    traveller = np.isin(code, TRAVELLER)
    hides = traveller & ~_says_so(draw, own, stay, traveller)
    said = np.where(hides, HELD_AS, code)
    elsewhere = _elsewhere(draw, own, group, code, traveller)
    since = _declares(draw, own, group, region, people["setting"].to_numpy())
    kind = _kinds(draw, own, group)
    units = np.array([f"{initials(region)}-E-{k + 1:02d}" for k in range(own.units)])
    who = people.drop(columns="ethnicity").assign(
        person_id=ids(initials(region), "I", n), region=region, unit_id=units[unit]
    )
    rows = who.iloc[stay.person].reset_index(drop=True)
    rows["quarter"] = quarter_starts(truth.monitors)[stay.quarter].astype("datetime64[us]")
    at = stay.person
    declared = since[at] <= stay.quarter
    return {
        "ethnicity_records": pd.concat(
            [rows, _table(declared, said[at], elsewhere[at], kind[at])], axis=1
        )
    }


def planted_declaration(monitors: Monitors, group: str, place: str = "") -> float:
    """Who declared, beside White people, among those known from either source in the newest quarter
    (times): of those who did not declare, the others are seen in no group."""
    own = monitors.recording
    custody = own.custody_more * own.shares["setting"]["custody"]

    def share(name: str) -> float:
        start = own.declared[name] + own.places.get(place, {}).get(name, 0.0)
        declared = start + custody + own.declared_a_quarter * (monitors.quarters - 1)
        return declared / (declared + (1 - declared) * own.held_elsewhere)

    return share(group) / share("White")


def _codes(rng: np.random.Generator, own: Recording, group: np.ndarray) -> np.ndarray:
    """The true code of each person; so many of the White people as planted are travellers."""
    code = ethnicity_codes(rng, group, np.zeros(len(group), dtype=bool), MISSING_KINDS)
    white = group == 0
    code = np.where(white & np.isin(code, TRAVELLER), "W1", code)
    chosen = white & (rng.random(len(group)) < own.traveller)
    return np.where(chosen, choice(rng, {"W3": 0.8, "W4": 0.2}, len(group)), code)


def _says_so(
    rng: np.random.Generator, own: Recording, stay: Stays, traveller: np.ndarray
) -> np.ndarray:
    """Who says so at reception: likelier, the later the first quarter in which they are seen."""
    first = np.full(len(traveller), stay.quarter.max())
    np.minimum.at(first, stay.person, stay.quarter)
    share = own.traveller_declares + own.traveller_declares_a_quarter * first
    return rng.random(len(traveller)) < share


def _elsewhere(
    rng: np.random.Generator,
    own: Recording,
    group: np.ndarray,
    code: np.ndarray,
    traveller: np.ndarray,
) -> np.ndarray:
    """The code that another system holds; empty where it holds none."""
    n = len(group)
    other = (group + rng.integers(1, len(GROUPS), n)) % len(GROUPS)
    wrong = ethnicity_codes(rng, other, np.zeros(n, dtype=bool), MISSING_KINDS)
    wrong = np.where(np.isin(wrong, TRAVELLER), "W1", wrong)
    differs = rng.random(n) < np.array([own.differs[name] for name in GROUPS])[group]
    held = np.where(differs, wrong, code)
    unseen = traveller & (rng.random(n) >= own.traveller_elsewhere)
    held = np.where(unseen & ~differs, HELD_AS, held)
    return np.where(rng.random(n) < own.held_elsewhere, held, "")


def _declares(
    rng: np.random.Generator, own: Recording, group: np.ndarray, region: str, setting: np.ndarray
) -> np.ndarray:
    """The quarter from which each person has declared: a threshold that a rising rate passes."""
    more = own.places.get(region, {})
    start = np.array([own.declared[name] + more.get(name, 0.0) for name in GROUPS])[group]
    start = start + own.custody_more * (setting == "custody")
    return np.ceil((rng.random(len(group)) - start) / own.declared_a_quarter)


def _kinds(rng: np.random.Generator, own: Recording, group: np.ndarray) -> np.ndarray:
    """Why nothing was declared, of each person."""
    names = np.array(list(MISSING_KINDS))
    weights = np.array([[own.kinds[name][kind] for kind in names] for name in GROUPS])
    return names[draw_rows(rng, weights[group])]


def _table(
    declared: np.ndarray, said: np.ndarray, elsewhere: np.ndarray, kind: np.ndarray
) -> pd.DataFrame:
    """What is counted of each row; the recorded code is what was said, else what is held."""
    held = elsewhere != ""
    both = declared & held
    code = np.where(declared, said, np.where(held, elsewhere, kind))
    broad_said, broad_held = (np.array([str(c)[:1] for c in part]) for part in (said, elsewhere))
    here = {name: ~declared & (kind == name) for name in MISSING_KINDS}
    said_so, held_so = declared & np.isin(said, TRAVELLER), held & np.isin(elsewhere, TRAVELLER)
    flags = {
        "people": np.ones(len(code), dtype=bool),
        "declared": declared,
        **here,
        "known": declared | held,
        "in_both": both,
        "differs": both & (broad_said != broad_held),
        "traveller_declared": said_so,
        "traveller_held": said_so | held_so,
    }
    table = pd.DataFrame(flags).astype("int64")
    table.insert(0, "ethnicity", code)
    return table
