"""Synthetic audits of assessments in one region: a fortnightly sample, rated by item.

Planted (params/synthetic.yml, `assessments`): the help text of February 2022 raises the three items
that it is about, in most regions, in two not at all, and in one it lowers them; more for Black
people's assessments. The other three items do not change then.

What a naive method shows. First, the instrument of July 2021 rates about half a point higher with
no true change, so that a mean of both years beside each other looks like an improvement. Second,
practice improves a little in every fortnight, in all items alike: the mean after February 2022 less
that before it takes this trend for an effect (NAIVE_RISE beside TRUE_STEP, in every 100). Third,
fortnights that follow each other resemble each other (`round_memory`), so that plain standard
errors are too small. The shock of a fortnight is of the whole nation, which is audited by one
team's rules: twelve regions are not twelve times as much to know.

The sample draws three times as many assessments of minority ethnic people: means without the
weights are not those of all assessments.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.extracts.tables.pilots.assessment_tables import (
    ITEMS,
    MINORITY,
    NEW,
    OLD,
    OTHERS,
    TOUCHED,
)
from analysis.synthetic.assessments.planted_assessments import Assessments, Ratings
from analysis.synthetic.planted import GROUPS, Planted
from analysis.synthetic.supervision.supervision import (
    draw_rows,
    ethnicity_codes,
    group_shares,
)

DAYS_A_ROUND = 14
NODES = 41  # of the quadrature
NATION = 99  # in the seed of what all regions share
# Rated good enough on all three items of the help text, all regions together (in every 100): the
# true step at the end of February 2022, and what the mean after less the mean before shows with the
# new instrument; and what the new instrument shows in its first 15 fortnights beside the last 15 of
# the old one, of which next to nothing is true. From samples thirty times as large;
# tests/test_synthetic_assessments.py holds them true.
TRUE_STEP, NAIVE_RISE, NEW_INSTRUMENT = 8.9, 16.8, 27.0
IS_TOUCHED = np.array([name in TOUCHED for name in ITEMS])


@dataclass(frozen=True, eq=False)
class _Audited:
    """Of each audited assessment: its round, the true group (a number of GROUPS), whether recorded
    as minority ethnic, its ethnicity code, its auditor, and its true latent quality by item."""

    round: np.ndarray
    group: np.ndarray
    minority: np.ndarray
    code: np.ndarray
    auditor: np.ndarray
    quality: np.ndarray


def make_assessments(
    rng: Mapping[str, np.random.Generator], truth: Planted, region: str, *, part: float
) -> dict[str, pd.DataFrame]:
    """The tables of one region, with that of a bridging sample where one is planted. `part`: audits
    a round, as a share of full scale."""
    planted = truth.assessments
    first, second = rng["audited_assessments"], rng["second_ratings"]
    severity = first.normal(size=planted.auditors) * planted.ratings.auditor_spread
    audited = _audited(first, truth, region, part)
    ratings = _rated(first, planted, audited.quality, severity[audited.auditor], _is_new(planted))
    table = _table(planted, region, audited, ratings(audited.round))
    tables = {
        "audited_assessments": table,
        "second_ratings": _second(second, planted, audited, severity, table),
    }
    if planted.bridging == 0:
        return tables
    bridge = _bridging(rng["bridging_ratings"], planted, audited, severity, table)
    return tables | {"bridging_ratings": bridge}


def round_days(planted: Assessments) -> np.ndarray:
    """First day of each round."""
    start = np.datetime64(planted.first_round, "D")
    return start + DAYS_A_ROUND * np.arange(planted.rounds)


def _is_new(planted: Assessments) -> np.ndarray:
    return round_days(planted) >= np.datetime64(planted.instrument_from)


def help_text_known(planted: Assessments) -> np.ndarray:
    """Of each round, the share of the effect of the help text that is there: none before its
    month, half in it, all after it."""
    days = round_days(planted)
    last = days + DAYS_A_ROUND - 1
    begun = last >= np.datetime64(planted.help_text_from)
    return 0.5 * begun + 0.5 * (days > np.datetime64(planted.help_text_until))


def planted_step(truth: Planted) -> float:
    """What the help text adds to the share of assessments that are good enough on every item that
    it touches (in every 100), when it is known: over the assessments from which audits are
    drawn."""
    planted, own = truth.assessments, truth.assessments.ratings
    at = int(np.flatnonzero(help_text_known(planted) == 1)[0])
    level = planted.trend_a_round * (at - planted.rounds / 2) + own.touched
    level += planted.instrument_added - own.cuts[1]
    drawn = np.array([planted.sampled[OTHERS], *[planted.sampled[MINORITY]] * (len(GROUPS) - 1)])
    steps, sizes = [], []
    for region, one in truth.regions.items():
        shares = one.people_share
        weights = np.array([1 - sum(shares.values()), *(shares[name] for name in GROUPS[1:])])
        without = level + _of_group(own.group)
        effect = planted.help_text[region] + _of_group(planted.help_text_group)
        gained = _all_good(own, without + effect) - _all_good(own, without)
        steps.append(float(weights @ gained))
        sizes.append(1 / float(weights @ drawn))  # about as many audits in each region
    return 100 * float(np.average(steps, weights=sizes))


def _all_good(own: Ratings, level: np.ndarray) -> np.ndarray:
    """Chance that every touched item passes the middle cut, which lies `level` below their mean:
    what items of an assessment share is integrated out (Gauss and Hermite)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    shared = np.hypot(own.case_spread, own.auditor_spread) * nodes
    alone = np.hypot(own.item_spread, own.noise)
    each = stats.norm.cdf((level[:, None] + shared) / alone) ** int(IS_TOUCHED.sum())
    return each @ (weights / weights.sum())


def nation_shocks(truth: Planted) -> np.ndarray:
    """What each fortnight adds to all items (latent), the same in every region: first-order
    autoregression with standard deviation `round_spread`."""
    planted = truth.assessments
    rng = np.random.default_rng(np.random.SeedSequence([truth.seed, 71, NATION]))
    memory, shocks = planted.round_memory, rng.normal(size=planted.rounds)
    for at in range(1, planted.rounds):
        shocks[at] = memory * shocks[at - 1] + np.sqrt(1 - memory**2) * shocks[at]
    return planted.round_spread * shocks


def _audited(rng: np.random.Generator, truth: Planted, region: str, part: float) -> _Audited:
    """Assessments drawn for audit: candidates of every round, each drawn by its stratum."""
    planted, missing = truth.assessments, truth.supervision.ethnicity_missing
    shares = group_shares(truth.regions[region].people_share, np.zeros(1))[0]
    drawn = np.array([planted.sampled[OTHERS], *[planted.sampled[MINORITY]] * (len(GROUPS) - 1)])
    most = max(planted.sampled.values())
    candidates = max(round(planted.audits_a_round * part / float(shares @ drawn) * most), 3)
    n = candidates * planted.rounds
    group = draw_rows(rng, np.repeat(shares[None, :], n, axis=0))
    unknown = rng.random(n) < np.array([missing.person[name] for name in GROUPS])[group]
    minority = (group > 0) & ~unknown
    share = np.where(minority, planted.sampled[MINORITY], planted.sampled[OTHERS])
    kept = rng.random(n) < share / most
    group, unknown, minority = group[kept], unknown[kept], minority[kept]
    at = np.repeat(np.arange(planted.rounds), candidates)[kept]
    return _Audited(
        at,
        group,
        minority,
        ethnicity_codes(rng, group, unknown, missing.person_kinds),
        rng.integers(0, planted.auditors, len(at)),
        _quality(rng, truth, region, at, group),
    )


def _quality(
    rng: np.random.Generator, truth: Planted, region: str, at: np.ndarray, group: np.ndarray
) -> np.ndarray:
    """True latent quality of each assessment and item (assessments x items)."""
    planted, n = truth.assessments, len(at)
    own = planted.ratings
    shared = rng.normal(size=n) * own.case_spread
    shared += planted.trend_a_round * (at - planted.rounds / 2) + nation_shocks(truth)[at]
    effect = planted.help_text[region] + _of_group(planted.help_text_group)[group]
    touched = own.touched + _of_group(own.group)[group] + effect * help_text_known(planted)[at]
    item = rng.normal(size=(n, len(ITEMS))) * own.item_spread
    return shared[:, None] + item + touched[:, None] * IS_TOUCHED


def _of_group(effects: Mapping[str, float]) -> np.ndarray:
    return np.array([effects[name] for name in GROUPS])


def _rated(rng: np.random.Generator, planted: Assessments, quality, severity, is_new: np.ndarray):
    """A function that rates with the instrument of each round (a mask over rounds)."""
    own = planted.ratings
    read = quality - severity[:, None] + rng.normal(size=quality.shape) * own.noise

    def of(at: np.ndarray) -> np.ndarray:
        seen = read + planted.instrument_added * is_new[at][:, None]
        return 1 + (seen[:, :, None] > np.array(own.cuts)).sum(axis=2)

    return of


def _items(ratings: np.ndarray) -> dict[str, np.ndarray]:
    return {name: ratings[:, k].astype("int64") for k, name in enumerate(ITEMS)}


def _code(region: str) -> str:
    return "".join(word[0] for word in region.split("_")).upper() + region[-1].upper()


def _table(
    planted: Assessments, region: str, audited: _Audited, ratings: np.ndarray
) -> pd.DataFrame:
    n, code = len(audited.round), _code(region)
    stratum = np.where(audited.minority, MINORITY, OTHERS)
    return pd.DataFrame(
        {
            "audit_id": [f"{code}-Q-{k:06d}" for k in range(1, n + 1)],
            "region": region,
            "round_from": round_days(planted)[audited.round].astype("datetime64[us]"),
            "auditor_id": [f"{code}-R-{k + 1:02d}" for k in audited.auditor],
            "ethnicity": audited.code,
            "sampling_stratum": stratum,
            "sampling_share": pd.Series(stratum).map(planted.sampled).to_numpy(dtype=float),
            "instrument": np.where(_is_new(planted)[audited.round], NEW, OLD),
            **_items(ratings),
        }
    )


def _second(
    rng: np.random.Generator,
    planted: Assessments,
    audited: _Audited,
    severity: np.ndarray,
    table: pd.DataFrame,
) -> pd.DataFrame:
    """The same assessments read again by another auditor of the region."""
    n = len(table)
    rows = np.flatnonzero(rng.random(n) < planted.double_rated)
    other = (audited.auditor[rows] + rng.integers(1, planted.auditors, len(rows))) % len(severity)
    ratings = _rated(rng, planted, audited.quality[rows], severity[other], _is_new(planted))
    code = table["audit_id"].iloc[0].split("-")[0] if n else ""
    return pd.DataFrame(
        {
            "audit_id": table["audit_id"].to_numpy()[rows],
            "region": table["region"].to_numpy()[rows],
            "auditor_id": np.array([f"{code}-R-{k + 1:02d}" for k in other], dtype=object),
            **_items(ratings(audited.round[rows])),
        }
    ).astype({"audit_id": object, "region": object})


def _bridging(
    rng: np.random.Generator,
    planted: Assessments,
    audited: _Audited,
    severity: np.ndarray,
    table: pd.DataFrame,
) -> pd.DataFrame:
    """Assessments of the last rounds of the old instrument, rated once with each."""
    days = round_days(planted)
    last = np.flatnonzero(days < np.datetime64(planted.instrument_from))[-4:]
    rows = rng.permutation(np.flatnonzero(np.isin(audited.round, last)))[: planted.bridging]
    parts = []
    for name, is_new in ((OLD, False), (NEW, True)):
        instrument = np.full(planted.rounds, is_new)
        rated = _rated(
            rng, planted, audited.quality[rows], severity[audited.auditor[rows]], instrument
        )
        own = table.iloc[rows][["audit_id", "region", "round_from", "sampling_share"]]
        items = _items(rated(audited.round[rows]))
        parts.append(own.assign(instrument=name, **items).reset_index(drop=True))
    return pd.concat(parts, ignore_index=True)
