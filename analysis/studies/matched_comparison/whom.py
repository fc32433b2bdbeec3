"""Whom a matched comparison is made of, and how."""

from dataclasses import dataclass

from analysis.designs.cohorts.matching import CALIPER
from analysis.results import EVERYONE

SIDE = "started"


@dataclass(frozen=True)
class Whom:
    """Who is matched, and how: one ethnic group or everyone, one programme or each, by which
    characteristics (None: those of the plan), and within which distance."""

    group: str = EVERYONE
    programme: str = ""
    side: str = SIDE
    covariates: tuple[str, ...] | None = None
    caliper: float = CALIPER
