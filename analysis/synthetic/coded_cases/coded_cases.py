"""Synthetic cases of an ombudsman in one region: investigators half of whom are trained, their
reports as coders read them, and what a panel finds in a sample of the cases.

Planted (params/synthetic.yml, `coded_cases`): trained investigators recognise subtle racism more
often in most regions, in two not at all; in one they also see it where it is not.

What a naive method shows. Coders drift: from month to month they say yes more readily, so that
coded detection rises in everybody's cases and false alarms seem to spread, with nothing true
(NAIVE_RISE beside TRUE_EFFECT). The panel reads more of the cases whose complaint names race, in
which racism is recognised more often: shares without the weights of the sample are too high.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.synthetic.coded_cases.planted_cases import NAMED, NOT_NAMED, CodedCases, Coder
from analysis.synthetic.planted import GROUPS, Planted
from analysis.synthetic.supervision.supervision import draw_rows, ethnicity_codes, group_shares

CASES, INVESTIGATORS, ANCHORS = "coded_cases", "investigators", "anchor_cases"
HOLDS, OTHERS = "holds", "others"
READ = "read"
# Reports of cases that hold subtle racism, as the first coders read them (in every 100): what
# training adds, and what since less before shows in cases of investigators who wait, of which the
# trend is true (2.2) and the rest is the coders' drift. Tests hold them true in samples many times
# as large.
TRUE_EFFECT, NAIVE_RISE = 19.0, 8.6
BEFORE, SINCE = 5.5, 18.5  # mean month of reports before the training, and since


@dataclass(frozen=True, eq=False)
class _Staff:
    """Of each investigator: id, whether trained first, and how much more they recognise."""

    id: np.ndarray
    trained: np.ndarray
    skill: np.ndarray


@dataclass(frozen=True, eq=False)
class _Cases:
    """Of each case: number of its investigator, month, group (a number of GROUPS), whether it
    holds subtle racism, names race, and has a report that recognises it."""

    investigator: np.ndarray
    month: np.ndarray
    group: np.ndarray
    holds: np.ndarray
    named: np.ndarray
    recognised: np.ndarray


def make_coded_cases(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """The tables of one region; that of anchor cases where some are planted. `part`: cases as a
    share of full scale; investigators are always as many."""
    planted = truth.coded_cases
    staff = _staff(rng[INVESTIGATORS], planted, region)
    found = _cases(rng[CASES], truth, region, staff, part)
    cases = _table(rng[CASES], truth, region, staff, found)
    tables = {CASES: cases, INVESTIGATORS: _investigators(rng[INVESTIGATORS], truth, region, staff)}
    if planted.anchors == 0:
        return tables
    return tables | {ANCHORS: _anchors(rng[ANCHORS], planted, found, cases)}


def planted_detection(truth: Planted) -> float:
    """What training adds to the share of reports that recognise subtle racism where it is, as the
    first coders read them (in every 100): regions count by the cases that hold it."""
    return _as_coded(truth, truth.coded_cases.recognised.effect, holds=True)


def planted_false_alarms(truth: Planted) -> float:
    """The same where there is none."""
    return _as_coded(truth, truth.coded_cases.recognised.false_alarm, holds=False)


def planted_drift(truth: Planted, recognised: float) -> float:
    """What the drift of the first coders adds from before the training to since, in every 100,
    among cases of which `recognised` (a share) are recognised throughout."""
    planted = truth.coded_cases
    before, since = (_chances(planted.first, planted, np.array(at)) for at in (BEFORE, SINCE))
    moved = [float(late - early) for early, late in zip(before, since, strict=True)]
    return 100 * (recognised * moved[0] + (1 - recognised) * moved[1])


def _as_coded(truth: Planted, effect: Mapping[str, float], *, holds: bool) -> float:
    planted = truth.coded_cases
    yes, false = _chances(planted.first, planted, np.array(SINCE))
    chance = np.array([planted.holds[name] for name in GROUPS])
    cases = {
        region: float(group_shares(one.people_share, np.zeros(1))[0] @ chance)
        for region, one in truth.regions.items()
    }
    weights = [cases[region] if holds else 1 - cases[region] for region in effect]
    return 100 * float(np.average(list(effect.values()), weights=weights)) * float(yes - false)


def _chances(coder: Coder, planted: CodedCases, month) -> tuple[np.ndarray, np.ndarray]:
    """Chance of a yes where the report recognises racism, and where it does not."""
    passed = month / (planted.months - 1)
    yes = coder.sensitivity + coder.sensitivity_drift * passed
    return yes, coder.false_yes + coder.false_yes_drift * passed


def _read(rng: np.random.Generator, coder: Coder, planted: CodedCases, recognised, month):
    yes, false = _chances(coder, planted, month)
    return rng.random(len(recognised)) < np.where(recognised, yes, false)


def _months(planted: CodedCases) -> np.ndarray:
    return np.datetime64(planted.first_month, "M") + np.arange(planted.months)


def _code(region: str) -> str:
    return "".join(word[0] for word in region.split("_")).upper() + region[-1].upper()


def _staff(rng: np.random.Generator, planted: CodedCases, region: str) -> _Staff:
    """Half of the investigators, drawn by lot, are trained first."""
    n, spread = planted.investigators, planted.recognised.investigator_spread
    trained = rng.permutation(n) < n // 2
    ids = np.array([f"{_code(region)}-I-{k:02d}" for k in range(1, n + 1)], dtype=object)
    return _Staff(ids, trained, rng.uniform(-spread, spread, n))


def _cases(
    rng: np.random.Generator, truth: Planted, region: str, staff: _Staff, part: float
) -> _Cases:
    planted, own = truth.coded_cases, truth.coded_cases.recognised
    each = max(round(planted.cases_a_year * planted.months / 12 * part), 4)
    who = np.repeat(np.arange(planted.investigators), each)
    n = len(who)
    month = rng.integers(0, planted.months, n)
    shares = group_shares(truth.regions[region].people_share, np.zeros(1))[0]
    group = draw_rows(rng, np.repeat(shares[None, :], n, axis=0))
    holds = rng.random(n) < np.array([planted.holds[name] for name in GROUPS])[group]
    names = np.where(holds, planted.race_named[HOLDS], planted.race_named[OTHERS])
    named = rng.random(n) < names
    since = _months(planted)[month] > np.datetime64(planted.trained, "M")
    with_it = since & staff.trained[who]
    there = own.base + own.named * named + staff.skill[who] + own.trend * since
    there = there + own.effect[region] * with_it
    none = own.where_none + own.false_alarm[region] * with_it
    recognised = rng.random(n) < np.where(holds, there, none)
    return _Cases(who, month, group, holds, named, recognised)


def _table(
    rng: np.random.Generator, truth: Planted, region: str, staff: _Staff, found: _Cases
) -> pd.DataFrame:
    planted, missing = truth.coded_cases, truth.supervision.ethnicity_missing
    n = len(found.month)
    unknown = rng.random(n) < np.array([missing.person[name] for name in GROUPS])[found.group]
    share = np.where(found.named, planted.sampled[NAMED], planted.sampled[NOT_NAMED])
    read = rng.random(n) < share
    twice = rng.random(n) < np.where(read, planted.double_coded[READ], planted.double_coded[OTHERS])
    first = _read(rng, planted.first, planted, found.recognised, found.month)
    second = _read(rng, planted.second, planted, found.recognised, found.month)
    return pd.DataFrame(
        {
            "case_id": [f"{_code(region)}-F-{k:05d}" for k in range(1, n + 1)],
            "region": region,
            "investigator_id": staff.id[found.investigator],
            "reported_on": _months(planted)[found.month].astype("datetime64[us]"),
            "ethnicity": ethnicity_codes(rng, found.group, unknown, missing.person_kinds),
            "race_named": found.named,
            "blinded": rng.random(n) < planted.blinded,
            "first_code": first.astype(float),
            "second_code": np.where(twice, second.astype(float), np.nan),
            "panel_code": np.where(read, found.holds.astype(float), np.nan),
            "sampling_share": share,
        }
    )


def _investigators(
    rng: np.random.Generator, truth: Planted, region: str, staff: _Staff
) -> pd.DataFrame:
    planted, own, n = truth.coded_cases, truth.coded_cases.test, len(staff.id)
    shares = group_shares(truth.regions[region].practitioners_share, np.zeros(1))[0]
    group = draw_rows(rng, np.repeat(shares[None, :], n, axis=0))
    skill = own.mean + own.spread * rng.normal(size=n)
    before, after = (skill + own.noise * rng.normal(size=n) for _ in range(2))
    after = after + own.gain + own.effect[region] * staff.trained
    taken = rng.random(n) < own.taken
    days = [np.datetime64(day) for day in (planted.trained, planted.later)]
    kinds = truth.supervision.ethnicity_missing.practitioner_kinds
    declared = rng.random(n) < truth.regions[region].declared
    return pd.DataFrame(
        {
            "investigator_id": staff.id,
            "region": region,
            "ethnicity": ethnicity_codes(rng, group, ~declared, kinds),
            "trained_from": np.where(staff.trained, *days).astype("datetime64[us]"),
            "test_before": _points(before),
            "test_after": np.where(taken, _points(after), np.nan),
        }
    )


def _points(score: np.ndarray) -> np.ndarray:
    return np.clip(np.round(score), 0, 20)


def _anchors(
    rng: np.random.Generator, planted: CodedCases, found: _Cases, cases: pd.DataFrame
) -> pd.DataFrame:
    """Cases from before the training that the panel read, coded again in the months since it."""
    before = _months(planted)[found.month] < np.datetime64(planted.trained, "M")
    read = cases["panel_code"].notna().to_numpy()
    rows = rng.permutation(np.flatnonzero(before & read))[: planted.anchors]
    start = int((np.datetime64(planted.trained, "M") - _months(planted)[0]).astype(int)) + 1
    again = rng.integers(start, planted.months, len(rows))
    code = _read(rng, planted.first, planted, found.recognised[rows], again)
    own = cases.iloc[rows][["case_id", "region"]].reset_index(drop=True)
    return own.assign(code_again=code.astype(float))
