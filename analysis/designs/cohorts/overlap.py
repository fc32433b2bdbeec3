"""Who was compared with whom: overlap of the two sides, who was lost, and how alike their spread
is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.cohorts.matching import Matched, MatchedSample

# Ratios of variances outside these are too far apart (Rubin 2001: half to twice).
NARROWEST, WIDEST = 0.5, 2.0
BANDS = 10  # of the chance of being treated, in tenths


@dataclass(frozen=True)
class Overlap:
    """People of the treated side: all, those whose propensity lies within the range of the others
    in their stratum, and those who were matched. effective: comparison people, (sum w)^2 / sum w^2.
    """

    treated: int
    inside: int
    matched: int
    effective: float

    @property
    def lost(self) -> int:
        """Treated people with nobody like them."""
        return self.treated - self.matched


def overlap(matched: Matched) -> Overlap | None:
    """How far the two sides cover each other; None where no propensity could be worked out."""
    sample = matched.sample
    if sample is None:
        return None
    inside = 0
    for stratum in np.unique(sample.strata[sample.side]):
        here = sample.strata == stratum
        others = sample.logit[here & ~sample.side]
        own = sample.logit[here & sample.side]
        others = others[np.isfinite(others)]
        if len(others):
            inside += int(((own >= others.min()) & (own <= others.max())).sum())
    return Overlap(int(sample.side.sum()), inside, matched.n_matched, matched.effective_comparison)


def variance_ratios(matched: Matched) -> dict[str, float]:
    """Variance of each covariate that is no 0 and 1 among the matched over that among those like
    them (times); none where nobody was matched.

    A shift in the mean is seen in the balance; two sides with the same mean can still lie apart.
    Source: Rubin 2001.
    """
    sample, names = matched.sample, matched.balance.to_frame()["covariate"]
    found: dict[str, float] = {}
    if sample is None or not (sample.weights > 0).any():
        return found
    for name, column in zip(names, sample.values.T, strict=True):
        if np.isin(column, (0.0, 1.0)).all():
            continue
        own, others = (_variance(column, sample, part) for part in (sample.side, ~sample.side))
        if own > 0 and others > 0:
            found[str(name)] = own / others
    return found


def _variance(column: np.ndarray, sample: MatchedSample, part: np.ndarray) -> float:
    weights, values = sample.weights[part], column[part]
    if not weights.sum() > 0:
        return 0.0
    mean = np.average(values, weights=weights)
    return float(np.average((values - mean) ** 2, weights=weights))


def chance_bands(matched: Matched) -> pd.DataFrame:
    """People by their chance of being treated, in tenths: band (0 to 9), treated, comparison
    (counts). People off common support stand in none."""
    sample = matched.sample
    if sample is None:
        return pd.DataFrame({"band": [], "treated": [], "comparison": []}).astype(int)
    there = np.isfinite(sample.logit)
    chance = 1 / (1 + np.exp(-sample.logit[there]))
    band = np.minimum((chance * BANDS).astype(int), BANDS - 1)
    sides = {"treated": sample.side[there], "comparison": ~sample.side[there]}
    counts = {name: np.bincount(band[side], minlength=BANDS) for name, side in sides.items()}
    return pd.DataFrame({"band": np.arange(BANDS), **counts})
