"""Where the true values of places lie, given all of them: the joint posterior of mean and spread,
on a grid.

Model. The true value of place i is drawn from Normal(mu, tau squared); its estimate lies around it
with a standard error that was itself estimated: (estimate - true) / error follows t with the
place's degrees of freedom (normal where there are none). mu is flat. tau has density proportional
to 1 / (s + tau) with s twice the median standard error of the places: flat in tau while tau is
small beside the errors, flat in log tau beyond, where it is the only one that depends on no unit
(Jeffreys; Gelman 2006, Bayesian Analysis 1(3), on improper priors of tau). The scale comes from the
data. Half-normals were tried first: with tau at 2 and more typical errors, intervals held 80 to 92
%; the twice was chosen over 1 and 4 by calibration (docs/pooling.md).

Nothing here is drawn: the t is a finite mixture of normals (even steps of the log of the
precision), mu and tau run over a grid.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from analysis.judgement.pools.spread import weighted_mean

# of the mixture of normals that stands for a t: its density within 1 % up to 8 errors (2 % from 30
# degrees on)
NODES = 12
RARE = (
    1e-6  # precisions of the mixture are left out where so little of their distribution lies beyond
)
NORMAL_DF = 300.0  # from here on a t is taken as normal
TAUS, MEANS = 30, 29
REACH = 7.0  # the mean is looked at so many of its standard errors to each side
KERNEL = 0.4  # width of one node of the mean, in steps: smooth between nodes (Liu and West 2001)
NEGLIGIBLE = 1e-7
PRIOR_SCALE = 2.0  # median standard errors; chosen by calibration over 36 cases (docs/pooling.md)
FARTHEST, SEARCHED = (
    1e3,
    400,
)  # tau is looked for up to so many times the range of the estimates, at so many points


@lru_cache(maxsize=256)
def _mixture(df: float) -> tuple[np.ndarray, np.ndarray]:
    """Precisions and weights of normals that add up to a t with `df` degrees of freedom and scale
    1."""
    if not math.isfinite(df) or df >= NORMAL_DF:
        return np.ones(NODES), np.eye(NODES)[0]  # as many nodes as the others, one of them used
    ends = np.log(special.gammaincinv(df / 2, [RARE, 1 - RARE]) / (df / 2))
    precision = np.exp(np.linspace(ends[0], ends[1], NODES))
    weights = np.exp(
        df / 2 * (np.log(precision) - precision + 1)
    )  # density of the log of the precision
    return precision, weights / weights.sum()


@dataclass(frozen=True, eq=False)
class PlacePosterior:
    """Posterior of the mean and the spread of places; arrays over place, component, tau and mean as
    named.

    weight: posterior of (tau, mean), adds up to 1.
    """

    y: np.ndarray
    variance: np.ndarray  # (place, component)
    share: np.ndarray  # (place, component)
    tau: np.ndarray  # (tau,)
    mean: np.ndarray  # (tau, mean)
    kernel: np.ndarray  # (tau,): variance of one node of the mean
    weight: np.ndarray  # (tau, mean)

    def place_below(self, i: int, x: float) -> float:
        """Probability that the true value of place `i` lies below `x`."""
        weight, centre, spread = self._place(i)
        return float(weight @ special.ndtr((x - centre) / spread))

    def place_quantiles(self, i: int, levels: tuple[float, ...]) -> tuple[float, ...]:
        weight, centre, spread = self._place(i)
        return _quantiles(weight, centre, spread, levels)

    def new_place_quantiles(self, levels: tuple[float, ...]) -> tuple[float, ...]:
        spread = np.sqrt(self.tau**2 + self.kernel)[:, None] + 0 * self.mean
        return _quantiles(self.weight.ravel(), self.mean.ravel(), spread.ravel(), levels)

    def other_place_p(self, y: float, v: float, df: float) -> float:
        """Two-sided p of an estimate `y`, with squared error `v`, of a place that is not among
        these."""
        below = 0.0
        for precision, share in zip(*_mixture(df), strict=True):
            if share == 0:
                continue
            spread = np.sqrt(self.tau**2 + self.kernel + v / precision)[:, None]
            below += share * float((self.weight * special.ndtr((y - self.mean) / spread)).sum())
        return min(1.0, 2 * min(below, 1 - below))

    def _place(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The posterior of one place as a mixture of normals: weights, centres, standard
        deviations."""
        shares = self.share[i] > 0
        v, share = self.variance[i][shares][:, None, None], self.share[i][shares][:, None, None]
        total = self.tau[:, None] ** 2 + v
        component = share * np.exp(-0.5 * (self.y[i] - self.mean) ** 2 / total) / np.sqrt(total)
        weight = self.weight / component.sum(axis=0) * component
        trust = self.tau[:, None] ** 2 / total
        centre = self.mean + trust * (self.y[i] - self.mean)
        spread = np.sqrt(trust * v + (1 - trust) ** 2 * self.kernel[:, None]) + 0 * centre
        keep = weight > NEGLIGIBLE * weight.max()
        weight = weight[keep] / weight[keep].sum()
        return weight, centre[keep], spread[keep]


def place_posterior(y: np.ndarray, v: np.ndarray, dfs: np.ndarray) -> PlacePosterior:
    """Posterior for estimates `y` with squared errors `v` and degrees of freedom `dfs` (infinite:
    normal)."""
    scale = PRIOR_SCALE * float(np.median(np.sqrt(v)))
    precision, share = np.array([_mixture(float(df)) for df in dfs]).transpose(1, 0, 2)
    used = share.any(axis=0)
    variance, share = (v[:, None] / precision)[:, used], share[:, used]
    tau, width = _taus(y, v, scale)
    mean, step = _means(y, v, tau, 1 if len(variance[0]) == 1 else MEANS)
    total = tau[:, None] ** 2 + variance[:, :, None, None]
    normal = np.exp(-0.5 * (y[:, None, None, None] - mean) ** 2 / total) / np.sqrt(total)
    density = np.maximum((share[:, :, None, None] * normal).sum(axis=1), 1e-300)
    log = np.log(density).sum(axis=0) + np.log(width * step[:, 0] * _prior(tau, scale))[:, None]
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean, kernel = _smoothed(mean, weight, step if mean.shape[1] == 1 else KERNEL * step)
    return PlacePosterior(y, variance, share, tau, mean, kernel, weight)


def _prior(tau: np.ndarray, scale: float) -> np.ndarray:
    """Density of the spread up to a constant: it adds up with any three places, since the
    likelihood falls faster."""
    return 1 / (scale + tau)


def _taus(y: np.ndarray, v: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of tau and their widths: midpoints, even on log(1 + tau / scale), as far as anything
    weighs there."""
    far = math.log1p(FARTHEST * (np.ptp(y) + math.sqrt(v.max())) / scale)
    rough = np.linspace(0, far, SEARCHED)
    tau = scale * np.expm1(rough)
    _, whole, q = weighted_mean(y, v, tau**2)
    log = -0.5 * (np.log(v + tau[:, None] ** 2).sum(axis=1) + np.log(whole) + q)
    log += np.log(_prior(tau, scale) * (scale + tau))
    held = np.flatnonzero(log > log.max() + math.log(NEGLIGIBLE))
    edges = np.linspace(
        rough[max(held[0] - 1, 0)], rough[min(held[-1] + 1, SEARCHED - 1)], TAUS + 1
    )
    nodes = scale * np.expm1((edges[1:] + edges[:-1]) / 2)
    return nodes, (edges[1] - edges[0]) * (scale + nodes)


def _means(
    y: np.ndarray, v: np.ndarray, tau: np.ndarray, nodes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of the mean for each tau, evenly to both sides of the weighted mean, and their step.

    With known standard errors the mean is exactly normal: one node, one error wide.
    """
    centre, whole, _ = weighted_mean(y, v, tau**2)
    error = 1 / np.sqrt(whole)
    if nodes == 1:
        return centre[:, None], error[:, None]
    at = np.linspace(-REACH, REACH, nodes)
    return centre[:, None] + error[:, None] * at, error[:, None] * (at[1] - at[0])


def _smoothed(
    mean: np.ndarray, weight: np.ndarray, width: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of the mean drawn to their middle, so that a kernel of `width` around each keeps mean
    and variance."""
    if mean.shape[1] == 1:
        return mean, width[:, 0] ** 2
    whole = np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    middle = (weight * mean).sum(axis=1, keepdims=True) / whole
    variance = (weight * (mean - middle) ** 2).sum(axis=1, keepdims=True) / whole
    kernel = np.minimum(width**2, variance)
    drawn = np.sqrt(1 - kernel / np.maximum(variance, 1e-300))
    return middle + drawn * (mean - middle), kernel[:, 0]


def _quantiles(
    weight: np.ndarray, centre: np.ndarray, spread: np.ndarray, levels: tuple[float, ...]
) -> tuple[float, ...]:
    """Quantiles of a mixture of normals, by bisection kept inside its support and sped up by
    Newton's step."""
    low, high = float((centre - 9 * spread).min()), float((centre + 9 * spread).max())
    return tuple(_quantile(weight, centre, spread, level, low, high) for level in levels)


def _quantile(
    weight: np.ndarray,
    centre: np.ndarray,
    spread: np.ndarray,
    level: float,
    low: float,
    high: float,
) -> float:
    middle = float(weight @ centre)
    whole = math.sqrt(float(weight @ (spread**2 + (centre - middle) ** 2)))
    x = min(max(middle + whole * float(special.ndtri(level)), low), high)
    for _ in range(60):
        z = (x - centre) / spread
        miss = float(weight @ special.ndtr(z)) - level
        if abs(miss) < 1e-7:
            break
        low, high = (x, high) if miss < 0 else (low, x)
        slope = float(weight @ (np.exp(-0.5 * z**2) / spread)) / math.sqrt(2 * math.pi)
        x = x - miss / slope if slope > 0 else low
        x = x if low < x < high else (low + high) / 2
    return x
