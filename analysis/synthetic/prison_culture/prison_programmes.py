"""Synthetic prisons of one region whose programme starts in steps: people in each quarter, and
staff who were trained.

Planted (params/synthetic.yml, `prison_culture`; a programme has its own in params/planted): an
effect from the start on, larger where more staff were trained, larger for minority ethnic people
where it says so; nil in some regions, harm in one. Part of the effect on force comes a quarter
later through fair treatment (`through`).

What a naive method shows: where prisons were chosen by need they had force used on many people in
the quarters just before, much of it chance or a spell that fades, so that before and after of these
prisons takes their return for an effect (tests/test_synthetic_prison_culture.py). Few people have
many incidents (`frailty`, `again`), so that incidents taken as independent give an interval that is
too narrow. Regions move by themselves in each quarter: comparisons hold only within a region.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.synthetic.monitors.quarters import MISSING_KINDS, ids, initials, minority_shares
from analysis.synthetic.planted import GROUPS, Planted
from analysis.synthetic.prison_culture.planted_programmes import Measured, PrisonProgramme
from analysis.synthetic.supervision.supervision import draw_rows, ethnicity_codes, group_shares

STAYS, STAFF = "prison_stays", "prison_programme_staff"
FULL, PART = 91, (10, 80)  # custody days of a whole quarter, and of a part of it
NEVER = np.iinfo(np.int64).max
SHARES = ("review", "complaint", "reported", "enhanced", "felt_well", "took_up")


def make_prison_programme(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """Tables prison_stays and prison_programme_staff of one region. `part`: people as a share of
    full scale."""
    draw, own = rng[STAYS], truth.prison_culture
    people = _people(draw, truth, region, part)
    levels = {name: _levels(draw, own, one) for name, one in own.measures.items()}
    luck = draw.random(len(people))
    fair = levels["fair_treatment"]
    never = (np.full(own.prisons, NEVER), np.zeros(own.prisons))
    without = _of_group(own.measures["force"], people) + _through(own, region, people, fair, *never)
    share = luck < _force(people, levels["force"], without)
    start = _starts(draw, own, region, people, share)
    staff = _staff(rng[STAFF], truth, region, start)
    dose = _dose(own, staff["number"].to_numpy(), start)
    added = {
        name: _added(own, one, region, people, start, dose) for name, one in own.measures.items()
    }
    through = _through(own, region, people, fair, start, dose)
    used = luck < _force(people, levels["force"], added["force"] + through)
    shares = {
        name: (draw.random(len(people)) < _chance(people, levels[name], added[name])).astype(float)
        for name in SHARES
    }
    score = _chance(people, fair, added["fair_treatment"], low=1, high=5)
    score = np.clip(score + draw.normal(0, own.person_spread, len(people)), 1, 5).round(2)
    table = _table(draw, truth, region, people, start)
    measured = _measured(draw, own, people, used, shares, score)
    return {STAYS: pd.concat([table, measured], axis=1), STAFF: staff.drop(columns="number")}


def planted_effect(own: PrisonProgramme, region: str, measure: str, *, since: int) -> float:
    """What is planted on White people of a region so many quarters since the start (0: that of the
    start), at the mean number of staff, in the measure's own unit."""
    factor = own.factor.get(region, 1.0)
    effect = own.measures[measure].effect * factor
    later = own.through * own.measures["fair_treatment"].effect * factor * (since > 0)
    return effect + later * (measure == "force")


def planted_average(own: PrisonProgramme, measure: str, *, minority: float = 0.26) -> float:
    """The mean of what is planted over the prisons that start and their quarters since, alike, at
    the mean number of staff; `minority`: share of minority ethnic people."""
    return float(
        np.mean(
            [
                planted_effect(own, region, measure, since=quarter)
                + minority * own.measures[measure].minority * own.factor.get(region, 1.0)
                for region, starts in own.starts.items()
                for start in starts
                for quarter in range(own.quarters - start + 1)
            ]
        )
    )


# -- people and prisons ----------------------------------------------------------------------------
def _people(draw: np.random.Generator, truth: Planted, region: str, part: float) -> pd.DataFrame:
    """One row a person and quarter: person, prison, quarter (numbers), group, frailty, days."""
    own = truth.prison_culture
    stock = max(round(own.people * part), 3) * own.prisons
    lead = round(4 * own.mean_quarters)
    n = max(round(stock * (own.quarters + lead) / own.mean_quarters), 1)
    begin = draw.integers(-lead, own.quarters, n)
    length = draw.geometric(1 / own.mean_quarters, n)
    first, last = np.maximum(begin, 0), np.minimum(begin + length, own.quarters)
    seen = np.maximum(last - first, 0)
    person = np.repeat(np.arange(n), seen)
    quarter = np.arange(len(person)) - np.repeat(np.cumsum(seen) - seen, seen) + first[person]
    minority = {name: own.more_over * s for name, s in minority_shares(truth, region).items()}
    prison = draw.integers(0, own.prisons, n)
    group = draw_rows(draw, group_shares(minority, np.zeros(own.prisons))[prison])
    frailty = draw.gamma(1 / own.frailty, own.frailty, n)
    whole = draw.random(len(person)) >= own.in_part
    days = np.where(whole, FULL, draw.integers(*PART, len(person)))
    return pd.DataFrame(
        {
            "person": person,
            "prison": prison[person],
            "quarter": quarter,
            "group": group[person],
            "frailty": frailty[person],
            "days": days,
        }
    )


def _levels(draw: np.random.Generator, own: PrisonProgramme, one: Measured) -> np.ndarray:
    """The measure of White people in each prison and quarter without the programme (prisons x
    quarters)."""
    shape = (own.prisons, own.quarters)
    spells = draw.normal(0, one.spells, shape)
    for quarter in range(1, own.quarters):
        fresh = np.sqrt(1 - own.memory**2) * spells[:, quarter]
        spells[:, quarter] = own.memory * spells[:, quarter - 1] + fresh
    lasting = draw.uniform(-1, 1, (own.prisons, 1)) * one.prisons
    region = draw.uniform(-1, 1, (1, own.quarters)) * own.regions * (one.prisons > 0)
    return one.level + lasting + spells + region


def _starts(
    draw: np.random.Generator,
    own: PrisonProgramme,
    region: str,
    people: pd.DataFrame,
    used: pd.Series,
) -> np.ndarray:
    """The quarter (number, from 0) in which each prison starts: of those left, the one with the
    most force used (without the programme) in the quarters before, or any."""
    share = used.groupby([people["prison"], people["quarter"]]).mean().unstack().to_numpy()
    start = np.full(own.prisons, NEVER)
    for quarter in sorted(own.starts.get(region, ())):
        free = np.flatnonzero(start == NEVER)
        spell = share[free, quarter - 1 - own.need_quarters : quarter - 1]
        held = np.maximum((~np.isnan(spell)).sum(axis=1), 1)  # in a small sample nobody may be
        before = np.nansum(spell, axis=1) / held
        drawn = draw.integers(len(free))
        chosen = np.argmax(before) if own.chosen == "by_need" else drawn
        start[free[chosen]] = quarter - 1
    return start


def _of_group(one: Measured, people: pd.DataFrame) -> np.ndarray:
    return np.array([one.group.get(name, 0.0) for name in GROUPS])[people["group"]]


def _dose(own: PrisonProgramme, staff: np.ndarray, start: np.ndarray) -> np.ndarray:
    """What multiplies the effect of each prison for the number of its staff, 1 at the mean."""
    low, high = own.trained.staff
    mean = (low + high) / 2
    number = np.bincount(staff, minlength=len(start))
    return np.where(start == NEVER, 0.0, 1 + own.trained.by_dose * (number / mean - 1))


def _added(
    own: PrisonProgramme,
    one: Measured,
    region: str,
    people: pd.DataFrame,
    start: np.ndarray,
    dose: np.ndarray,
) -> np.ndarray:
    """What the ethnic group adds, and from the start on the programme."""
    prison, quarter = (people[name].to_numpy() for name in ("prison", "quarter"))
    minority = (people["group"] > 0).to_numpy()
    effect = (one.effect + one.minority * minority) * own.factor.get(region, 1.0)
    return _of_group(one, people) + effect * dose[prison] * (quarter >= start[prison])


def _through(
    own: PrisonProgramme,
    region: str,
    people: pd.DataFrame,
    fair: np.ndarray,
    start: np.ndarray,
    dose: np.ndarray,
) -> np.ndarray:
    """What fair treatment in the quarter before adds to the chance of force."""
    one = own.measures["fair_treatment"]
    effect = one.effect * own.factor.get(region, 1.0) * dose[:, None]
    after = np.arange(own.quarters) >= start[:, None]
    away = fair - one.level + effect * after
    before = np.concatenate([np.zeros((own.prisons, 1)), away[:, :-1]], axis=1)
    return own.through * before[people["prison"], people["quarter"]]


def _force(people: pd.DataFrame, level: np.ndarray, added: np.ndarray) -> pd.Series:
    """The chance of force of each person, who keeps a factor of their own."""
    return (_chance(people, level, added) * people["frailty"]).clip(0, 0.95)


def _chance(
    people: pd.DataFrame, level: np.ndarray, added: np.ndarray, *, low=0.002, high=0.998
) -> np.ndarray:
    return np.clip(level[people["prison"], people["quarter"]] + added, low, high)


# -- tables ----------------------------------------------------------------------------------------
def _table(
    draw: np.random.Generator,
    truth: Planted,
    region: str,
    people: pd.DataFrame,
    start: np.ndarray,
) -> pd.DataFrame:
    own, code = truth.prison_culture, initials(region)
    days = pd.date_range(own.first_quarter, periods=own.quarters, freq="QS")
    starts = pd.Series(pd.NaT, index=range(own.prisons), dtype="datetime64[us]")
    starts[start != NEVER] = days[start[start != NEVER]].astype("datetime64[us]")
    n = int(people["person"].max()) + 1
    group = np.zeros(n, dtype=int)
    group[people["person"]] = people["group"]
    share = np.array([own.missing[name] for name in GROUPS])[group]
    ethnicity = ethnicity_codes(draw, group, draw.random(n) < share, MISSING_KINDS)
    sex = np.where(draw.random(n) < own.female, "female", "male")
    names = _prisons(code, own.prisons)
    return pd.DataFrame(
        {
            "stay_id": ids(code, "Y", len(people)),
            "person_id": ids(code, "V", n)[people["person"]],
            "region": region,
            "prison_id": names[people["prison"]],
            "held_from": days[people["quarter"]].astype("datetime64[us]"),
            "started_on": starts.to_numpy()[people["prison"]],
            "ethnicity": ethnicity[people["person"]],
            "sex": sex[people["person"]],
            "custody_days": people["days"].to_numpy(dtype="int64"),
        }
    )


def _prisons(code: str, n: int) -> np.ndarray:
    return np.array([f"{code}-H-{number + 1:02d}" for number in range(n)])


def _measured(
    draw: np.random.Generator,
    own: PrisonProgramme,
    people: pd.DataFrame,
    used: np.ndarray,
    shares: dict[str, np.ndarray],
    score: np.ndarray,
) -> pd.DataFrame:
    """What was counted of each person in the quarter; what was not asked or read is missing."""
    n = len(people)
    used = np.asarray(used) & (draw.random(n) < people["days"].to_numpy() / FULL)
    incidents = np.where(used, 1 + draw.poisson(own.again, n), 0)
    asked, in_need = draw.random(n) < own.asked, draw.random(n) < own.in_need
    answered = asked & (draw.random(n) < own.answered)
    read = {"review": used & (draw.random(n) < own.reviewed)}
    read["complaint"] = draw.random(n) < own.complaints
    whole = (people["days"] == FULL).to_numpy()
    return pd.DataFrame(
        {
            "force_incidents": incidents.astype("int64"),
            "force_used": used,
            "review_good": np.where(read["review"], shares["review"], np.nan),
            "complaint_good": np.where(read["complaint"], shares["complaint"], np.nan),
            "reported": shares["reported"] == 1,
            "enhanced": np.where(whole, shares["enhanced"], np.nan),
            "asked": asked,
            "fair_treatment": np.where(answered, score, np.nan),
            "felt_well": np.where(answered, shares["felt_well"], np.nan),
            "in_need": in_need,
            "took_up": np.where(in_need, shares["took_up"], np.nan),
        }
    )


def _staff(
    draw: np.random.Generator, truth: Planted, region: str, start: np.ndarray
) -> pd.DataFrame:
    """Staff of the prisons that start; `number`: of the prison."""
    own, code = truth.prison_culture, initials(region)
    trained, began = own.trained, np.flatnonzero(start != NEVER)
    many = draw.integers(trained.staff[0], trained.staff[1] + 1, len(began))
    number = np.repeat(began, many)
    n = len(number)
    minority = {
        name: share for name, share in minority_shares(truth, region).items()
    }  # of the region
    group = draw_rows(draw, np.repeat(group_shares(minority, np.zeros(1)), n, axis=0))
    missing = draw.random(n) < np.array([own.missing[name] for name in GROUPS])[group]
    before = np.clip(draw.normal(trained.score_before, 2.5, n), 0, 20).round(1)
    after = np.clip(before + draw.normal(trained.gain, 2.0, n), 0, 20).round(1)
    useful = (draw.random(n) < trained.useful).astype(float)
    answered = draw.random(n) < trained.answered
    return pd.DataFrame(
        {
            "staff_id": ids(code, "U", n),
            "region": region,
            "prison_id": _prisons(code, own.prisons)[number],
            "ethnicity": ethnicity_codes(draw, group, missing, MISSING_KINDS),
            "found_useful": np.where(answered, useful, np.nan),
            "score_before": before,
            "score_after": after,
            "number": number,
        }
    )
