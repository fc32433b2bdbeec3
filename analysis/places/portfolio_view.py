"""The portfolio as plain data: every study in one row, grouped by what is known, never ranked or
scored; real and synthetic data, and pilots and monitors, each counted by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from analysis.clearing.joint import Joint
from analysis.clearing.ruled import ruled_words
from analysis.display.section import Section
from analysis.places.known import SORTS, KnownStudy
from analysis.plans.kinds import kind_of, named
from analysis.plans.registry import AnyPlan, Source
from analysis.said.texts import capital, sentence
from analysis.said.told import told
from analysis.sections.page.at_place import Listed
from analysis.sections.page.block import Page, page_of
from analysis.vocabulary.regions import place_set


@dataclass(frozen=True, eq=False)
class PortfolioRow:
    """One study."""

    study: KnownStudy
    listed: Listed

    @property
    def shown(self) -> str:
        """Places with a cleared record, of all: "12 of 12 regions"."""
        kind = place_set(self.study.plan.data.places)
        if not kind.ids:
            return "one place"
        return shown_of(len(self.study.regions), len(kind.ids), kind.many)

    @property
    def period(self) -> str:
        """The period of the nation's page."""
        return capital(page_of(self.study.plan).period(self.study.plan, self.study.national))

    @cached_property
    def ruled(self) -> tuple[str, str]:
        """Where the rule for decisions points, and the decision taken."""
        return ruled_words(self.study.plan, self.study.national, self.study.looks)

    @property
    def answers(self) -> tuple[str, ...]:
        """The recommendations that it answers: document, then its items."""
        return answered(self.study.plan)


@sentence
def answered(plan: AnyPlan) -> tuple[str, ...]:
    """The recommendations that a plan answers, each with its document."""
    return tuple(answer.words for answer in plan.answers)


@sentence
def shown_of(shown: int, of: int, many: str) -> str:
    """ "12 of 12 regions"."""
    return f"{told(shown)} of {told(of)} {many}"


@dataclass(frozen=True, eq=False)
class PortfolioKind:
    """Studies of one kind on data of one sort: what they found in one sentence, then by what is
    known of them."""

    title: str
    sentence: str
    groups: Mapping[str, tuple[PortfolioRow, ...]]

    @property
    def rows(self) -> tuple[PortfolioRow, ...]:
        return tuple(row for rows in self.groups.values() for row in rows)


@dataclass(frozen=True, eq=False)
class PortfolioPart:
    """All that rests on data of one sort. `promises`: what was promised, where the round holds a
    list of commitments."""

    id: str
    title: str
    kinds: tuple[PortfolioKind, ...]
    promises: Section | None


@dataclass(frozen=True, eq=False)
class PortfolioView:
    """Every study of a round."""

    studies: tuple[KnownStudy, ...]

    @cached_property
    def parts(self) -> tuple[PortfolioPart, ...]:
        """Real data first, then worked examples, then synthetic data; a part without a study is
        left out."""
        found: dict[str, list[KnownStudy]] = {}
        for study in self.studies:
            found.setdefault(study.sort, []).append(study)
        return tuple(_part(key, title, found[key]) for key, title in SORTS.items() if key in found)


def _part(key: str, title: str, studies: list[KnownStudy]) -> PortfolioPart:
    pages = {page.order: page for page in (page_of(study.plan) for study in studies)}
    kinds = [_kind(pages[order], studies) for order in sorted(pages) if pages[order].listed]
    return PortfolioPart(key, title, tuple(kinds), _promises(studies))


def _kind(page: Page, studies: list[KnownStudy]) -> PortfolioKind:
    own = [study for study in studies if page_of(study.plan).heading == page.heading]
    rows = [_row(study) for study in own]
    groups: dict[str, list[PortfolioRow]] = {known: [] for known in page.known}
    for row in rows:
        groups.setdefault(row.listed.known, []).append(row)
    nations = [(study.plan, study.national) for study in own]
    kept = {known: tuple(found) for known, found in groups.items() if found}
    return PortfolioKind(page.heading, page.found(nations), kept)


def _row(study: KnownStudy) -> PortfolioRow:
    listed = page_of(study.plan).listed
    if listed is None:
        raise ValueError(f"{study.plan.study} has no row in the portfolio")
    return PortfolioRow(study, listed(study.plan, study.national, study.places))


def _promises(studies: list[KnownStudy]) -> Section | None:
    """The lists of commitments by state, and what is known of their effects, as their own verbs
    show them; None where the round holds none."""
    found = [_of_list(study) for study in studies if study.plan.shows_other_studies]
    return Section.of(*found) if found else None


def _of_list(study: KnownStudy) -> Section:
    joint = Joint(dict(study.places), study.national)
    nation = named(kind_of(study.plan).national)(study.plan, Source(study.source), joint)
    states, evidence = nation.places(), nation.harm_watch()
    said = [part for part in evidence.parts if part not in evidence.tables]
    return Section.of(*said, *states.tables)
