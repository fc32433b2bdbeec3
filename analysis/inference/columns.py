"""Which column holds what, told once: a design takes its frame and one of these, never a list of
names.

Each type names columns of a frame of one shape; `scale` multiplies the outcome (100: a share in
every 100). They are frozen: `dataclasses.replace` gives the same columns with another outcome.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """What a result says it is: its estimand, and the unit in which it is given."""

    estimand: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class DyadColumns:
    """One row a person (or person and period) with the practitioner first allocated to them.

    person_group, practitioner_group: the ethnic group on either side. covariates: what is allowed
    for beside the groups.
    """

    person: str = "person"
    practitioner: str = "practitioner"
    person_group: str = "person_group"
    practitioner_group: str = "practitioner_group"
    covariates: tuple[str, ...] = ()

    @property
    def sides(self) -> list[str]:
        """Person, practitioner, and the group of each."""
        return [self.person, self.practitioner, self.person_group, self.practitioner_group]


@dataclass(frozen=True, kw_only=True)
class DyadOutcome(DyadColumns):
    """Dyads with an outcome; results are in `unit`."""

    outcome: str
    unit: str
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class MatchColumns:
    """One row a person, treated (1) or not (0), with an outcome.

    exact: within which people are matched. site: what errors are clustered on, else the person.
    """

    treated: str
    outcome: str
    covariates: tuple[str, ...]
    exact: tuple[str, ...] = ()
    person: str | None = None
    site: str | None = None
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class PanelColumns:
    """One row a unit and period. first_treated: the period in which its unit started, missing where
    it never did. cluster: what errors are clustered on, else the unit. block: within which start
    dates were dealt out."""

    unit: str
    period: str
    first_treated: str
    outcome: str
    cluster: str | None = None
    block: str | None = None
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class ChangeColumns:
    """One row a person or case of a unit in a period; all units are looked at before and after one
    date."""

    unit: str
    period: str
    outcome: str
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class SeriesColumns:
    """One row a point in time, in order. time: its number, equally spaced. covariates: further
    columns of the model (months of the year, prices). slope: the trend may change at the start
    too. scale: times the outcome."""

    time: str
    outcome: str
    covariates: tuple[str, ...] = ()
    slope: bool = True
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class CountColumns(SeriesColumns):
    """A series whose outcome is a count; over: its exposure (people, person-time). `scale` is not
    used."""

    over: str


@dataclass(frozen=True, kw_only=True)
class RepeatedColumns:
    """One row a case, in repeated samples. point: the number of its sample in time. outcome: of
    what the programme touches; beside: the same of what it does not touch, in the same case.
    weights: inverse sampling probabilities."""

    point: str
    outcome: str
    beside: str | None = None
    weights: str | None = None
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class CodedColumns:
    """One row a coded case of a unit in a period; `first` is filled where its unit started first.
    block: within which the lot was drawn. weight: inverse sampling share."""

    unit: str
    period: str
    first: str
    block: str
    outcome: str
    weight: str
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class ContrastColumns:
    """One row a case of a person in a period. sides: columns of 0 and 1 whose cells are set against
    each other in every period: one side makes a difference, two a difference of differences."""

    period: str
    sides: tuple[str, ...]
    outcome: str
    person: str
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class BlockColumns:
    """A panel (see PanelColumns) whose units lie in blocks and are compared within them."""

    unit: str
    period: str
    first_treated: str
    block: str
    outcome: str
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class WeightedColumns(BlockColumns):
    """A panel in blocks whose cells count by `weight` (people)."""

    weight: str


@dataclass(frozen=True, kw_only=True)
class WaveColumns(BlockColumns):
    """One row a person asked in a wave (`period`) of a site (`unit`), the outcome missing where
    they did not answer. response: what answering may hang on."""

    response: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RolloutColumns:
    """One row a unit (`assigned`) and period. start: first treated period; missing, inf or after
    the last: never.
    """

    assigned: str
    period: str
    start: str
    outcomes: tuple[str, ...]
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class TrialColumns:
    """One row a person in the arm to which they, or their site, were assigned.

    arm: name of the arm; of a dose, its number; of two sides, 1 or 0. pre: measured before.
    cluster: what was assigned, else the person. blocks: within which the arms were drawn.
    """

    arm: str
    outcome: str
    pre: tuple[str, ...] = ()
    cluster: str | None = None
    blocks: tuple[str, ...] = ()
    scale: float = 1.0

    @property
    def held(self) -> tuple[str, ...]:
        """What the comparison of arms allows for."""
        return (*self.blocks, *self.pre)


@dataclass(frozen=True)
class Pair:
    """Two arms of a trial: `treated` is compared with `comparison`."""

    treated: str | float
    comparison: str | float


@dataclass(frozen=True, kw_only=True)
class ExitColumns:
    """One row a person, treated (1) or not (0): `time` followed, and the `exit` that ended it
    (missing: follow-up ended). site: what errors are clustered on, else the person."""

    time: str
    exit: str
    treated: str
    site: str | None = None


@dataclass(frozen=True, kw_only=True)
class RiskColumns:
    """One row a person who could join: at risk of joining from `since` (a day) to before `until`;
    `joined`: the day (missing: never). exact: within which joiners are set beside others."""

    since: str
    until: str
    joined: str
    exact: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SetColumns:
    """One row a person in a risk set (`risk_set`): the one who joined (`treated` 1) or one who
    could have (0), with `covariates` as they were on that day. person: who may stand in many sets.
    held: within what sets are made."""

    risk_set: str
    treated: str
    person: str
    covariates: tuple[str, ...]
    held: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RatingColumns:
    """One row a rating. covariates: what it is explained by; those also named in not_proportional
    have an effect of their own at each cut.

    auditor: adds a fixed effect for each. weights: inverse sampling probabilities. scale: the
    ordered categories, without which words are refused (numbers are taken by size).
    """

    rating: str
    covariates: tuple[str, ...] = ()
    scale: tuple | None = None
    not_proportional: tuple[str, ...] = ()
    auditor: str | None = None
    weights: str | None = None
    cluster: str | None = None
