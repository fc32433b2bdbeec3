"""The page of a place as plain data: what is known of it in one round, in the order in which it is
read. A pure function of cleared records; the notebook and the site show the same view."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from analysis.clearing.harm_watch import stand_out
from analysis.places import sentences
from analysis.places.journey import load_journey
from analysis.places.known import SYNTHETIC, Known, KnownStudy, check_known_place
from analysis.plans.registry import AnyPlan
from analysis.record.record import Record
from analysis.sections.page.at_place import Difference, Explanation, PilotHere
from analysis.sections.page.block import page_of

# What stands in full: with more the page would pass 900 words and two sides of A4 (measured).
MOST_SHOWN, MOST_PILOTS, MOST_TITLES = 10, 4, 10
MOST_ASKED = 6  # questions to the team
MOST_WORSE = 8


@dataclass(frozen=True, eq=False)
class MonitorAt:
    """One monitor in the place: its stage on the way, its period, and its comparisons."""

    plan: AnyPlan
    stage: str
    record: Record
    differences: tuple[Difference, ...]

    @property
    def period(self) -> str:
        return page_of(self.plan).period(self.plan, self.record)


@dataclass(frozen=True, eq=False)
class PilotAt:
    """One pilot in the place."""

    plan: AnyPlan
    record: Record
    here: PilotHere

    @property
    def period(self) -> str:
        return page_of(self.plan).period(self.plan, self.record)

    @property
    def stands_in_full(self) -> bool:
        """It has an answer for the place alone, or something is worse here."""
        return self.here.has_own or bool(self.here.worse)


@dataclass(frozen=True, eq=False)
class PlaceView:
    """All that is known of one place."""

    place: str
    name: str
    source: str
    round_id: str
    sort: str
    monitors: tuple[MonitorAt, ...]
    pilots: tuple[PilotAt, ...]

    @property
    def is_synthetic(self) -> bool:
        return self.sort == SYNTHETIC

    @cached_property
    def differences(self) -> tuple[tuple[MonitorAt, Difference], ...]:
        """Every comparison of every monitor, in the order of the way."""
        return tuple((one, found) for one in self.monitors for found in one.differences)

    @cached_property
    def to_do(self) -> tuple[tuple[MonitorAt, Difference], ...]:
        """Comparisons of which an explanation is still owed."""
        return tuple(pair for pair in self.differences if pair[1].explanation is not None)

    @cached_property
    def in_full(self) -> tuple[tuple[MonitorAt, Difference], ...]:
        """Those that stand in full: that ask for an explanation and, as far as there is room, that
        lead their monitor. In the order of the way, whichever they are."""
        leads = [p for p in self.differences if p[1].leads and p[1].explanation is None]
        chosen = [*self.to_do, *leads][:MOST_SHOWN]
        return tuple(pair for pair in self.differences if pair in chosen)

    @property
    def left_over(self) -> str:
        """That more ask for an explanation than stand in full; empty where none does."""
        asking = [pair for pair in self.in_full if pair[1].explanation is not None]
        return sentences.most_line(len(asking), len(self.to_do))

    @cached_property
    def pilots_in_full(self) -> tuple[PilotAt, ...]:
        """Pilots in which something is worse here first of all, and those with an answer for the
        place alone, as far as there is room; in the order of the plans."""
        known = sorted((p for p in self.pilots if p.stands_in_full), key=lambda p: not p.here.worse)
        return tuple(one for one in self.pilots if one in known[:MOST_PILOTS])

    @cached_property
    def pilots_by_title(self) -> tuple[PilotAt, ...]:
        """The others, of which the title leads to their page."""
        return tuple(one for one in self.pilots if one not in self.pilots_in_full)

    @cached_property
    def worse(self) -> tuple[tuple[PilotAt, str], ...]:
        """What is worse here (grade *worse* alone), in the order of the pilots."""
        return tuple((one, what) for one in self.pilots for what in one.here.worse)

    @cached_property
    def watched(self) -> int:
        """How many comparisons of pilots are watched for harm here."""
        return sum(len(one.here.watched) for one in self.pilots)

    @cached_property
    def stand_out(self) -> tuple[PilotAt, ...]:
        """Pilots with something worse here that stands out among all that is watched here (Holm):
        of so many comparisons chance alone makes one or two look worse in almost every place."""
        found = stand_out([one.here.watched for one in self.pilots])
        pairs = zip(self.pilots, found, strict=True)
        return tuple(one for one, stands_out in pairs if one.here.worse and stands_out)

    @property
    def heading(self) -> str:
        found = len(self.stand_out), len(self.pilots)
        return sentences.heading(self.name, len(self.to_do), *found)

    @cached_property
    def owed_by(self) -> dict[Explanation, tuple[str, ...]]:
        """What is owed by whom, until when and in which state: the comparisons of each, in short
        words."""
        found: dict[Explanation, list[str]] = {}
        for _, one in self.to_do:
            if one.explanation is not None:
                found.setdefault(one.explanation, []).append(sentences.owed_words(one))
        return {owed: tuple(named) for owed, named in found.items()}

    @property
    def worse_by_chance(self) -> str:
        """How many comparisons of pilots are worse here, beside what chance alone would give."""
        return sentences.worse_by_chance_line(
            self.name,
            sum(one.here.worse_rows for one in self.pilots),
            self.watched,
            stand_out=bool(self.stand_out),
        )

    @property
    def worse_left_over(self) -> str:
        """That more is worse than is named; empty where all is."""
        return sentences.most_line(min(len(self.worse), MOST_WORSE), len(self.worse))

    @property
    def counted(self) -> str:
        """How many comparisons ask for an explanation, of how many that could be made."""
        return sentences.comparisons_line(self.name, [found for _, found in self.differences])

    @property
    def owed(self) -> str:
        """Where the explanations stand."""
        return sentences.explanations_line([found for _, found in self.differences])

    @property
    def sentences(self) -> tuple[str, str, str]:
        """The three that come first; what stands out as worse stands before anything else."""
        if self.stand_out:
            titles = [one.plan.title for one in self.stand_out]
            first = sentences.worse_first_line(self.name, titles, len(self.pilots))
            return first, self.counted, self.owed
        if self.worse:
            return self.counted, self.owed, self.worse_by_chance
        own = sum(one.here.has_own for one in self.pilots)
        return self.counted, self.owed, sentences.pilots_line(self.name, len(self.pilots), own)

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """One line a cause, with what would lift it."""
        found: list[str] = []
        for cause in sentences.CAUSES:
            count = sum(self._count(one, cause) for one in self.monitors)
            found += [sentences.cannot_tell_line(cause, count)] if count else []
        return tuple(found)

    @staticmethod
    def _count(monitor: MonitorAt, cause: str) -> int:
        if cause == "unsure":
            return sum(one.missing is None and one.unsure for one in monitor.differences)
        return sum(one.missing == cause for one in monitor.differences)

    @property
    def ask(self) -> tuple[str, ...]:
        """Questions of the plans to the place, six at most: first of monitors in which an
        explanation is owed, then of pilots that run here, then of the others."""
        owed = [one for one in self.monitors if any(d.explanation for d in one.differences)]
        plans: list[AnyPlan] = [one.plan for one in owed]
        plans += [one.plan for one in self.pilots if one.stands_in_full]
        plans += [one.plan for one in self.monitors] + [one.plan for one in self.pilots]
        firsts = [plan.ask_the_region[0] for plan in plans if plan.ask_the_region]
        return tuple(dict.fromkeys(firsts))[:MOST_ASKED]

    @property
    def chosen(self) -> str:
        """How many comparisons stand in full, and how they were chosen."""
        return sentences.not_shown_line(len(self.in_full), len(self.differences))


def place_view(known: Known, place: str) -> PlaceView:
    """All that is known of `place`. ParameterError E212 for a place without a page in this round;
    RunError E347 where real and synthetic records would meet."""
    check_known_place(known, place)
    studies = known.of_place(place)
    found = {study.plan.study: _here(study, place) for study in studies}
    return PlaceView(
        place=place,
        name=known.places()[place],
        source=known.source,
        round_id=known.round_id,
        sort=studies[0].sort,
        monitors=_on_the_way(found),
        pilots=tuple(one for one in found.values() if isinstance(one, PilotAt)),
    )


def _here(study: KnownStudy, place: str) -> MonitorAt | PilotAt:
    record, show = study.places[place], page_of(study.plan).here
    if show is None:
        raise ValueError(f"{study.plan.study} has nothing for the page of a place")
    here = show(study.plan, record, study.national, study.places)
    if here.pilot is not None:
        return PilotAt(study.plan, record, here.pilot)
    return MonitorAt(study.plan, "", record, here.differences)


def _on_the_way(found: Mapping[str, MonitorAt | PilotAt]) -> tuple[MonitorAt, ...]:
    """The monitors in the fixed order of the way."""
    ordered = []
    for stage in load_journey():
        for study in stage.monitors:
            one = found.get(study)
            if isinstance(one, MonitorAt):
                ordered.append(MonitorAt(one.plan, stage.title, one.record, one.differences))
    return tuple(ordered)
