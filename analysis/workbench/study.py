"""One study in one place, in the verbs of an evaluation: the same for every pilot and monitor.

Each verb returns a section of cleared sentences, tables and charts, which the kernel shows when it
ends a cell and which can be taken in hand (`.table`, `.charts`, `.text`). The plan fills every
default; an argument that departs from it makes a result exploratory: shown with that mark, and in
no record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, cast

from analysis.display.prose import Prose
from analysis.display.section import Section
from analysis.errors import ParameterError
from analysis.exploring.crossing import cross_tabulation
from analysis.exploring.dictionary import columns_of
from analysis.exploring.drawing import PlotKind, plot_of
from analysis.exploring.rows import Explorable
from analysis.plans.explain import Explained, sentences
from analysis.plans.kinds import kind_of
from analysis.record.record import Record
from analysis.results import Table
from analysis.said.texts import joined
from analysis.sections.comparison import Comparison
from analysis.sections.opened import Opened
from analysis.sections.showing import Shown
from analysis.sections.shows import ETHNIC_GROUP, EVERY, Shows
from analysis.workbench import comparing
from analysis.workbench.asked import asked, chosen, measured_events, outcome_words
from analysis.workbench.names import Names

Level = Literal["input", "reaction", "learning", "behaviour", "organisation", "society"]
NO_LADDER = (
    "There is no ladder here: this study counts what happened, and sets no outcomes of a programme"
    " level by level."
)


@dataclass(frozen=True, eq=False)
class Study:
    """One study in one place.

    >>> study = open_study("ethnic_matching", "west_midlands", "synthetic")
    >>> study.compare("recalled", by="ethnic_group")
    """

    _opened: Opened = field(repr=False)
    _shows: Shows = field(repr=False)

    @property
    def place(self) -> str:
        return self._opened.place

    # -- names that the verbs take, for completion -------------------------------------------------
    @cached_property
    def outcomes(self) -> Names:
        """What the plan measures: `study.compare(study.outcomes.recalled)`."""
        return Names("Outcomes", outcome_words(self._opened))

    @cached_property
    def designs(self) -> Names:
        """Designs of `compare`, the first leads: `study.compare(design=study.designs.crude)`."""
        words = {key: way.words for key, way in self._shows.designs.items()}
        return Names("Designs", words | ({EVERY: "all of them side by side"} if words else {}))

    @cached_property
    def checks(self) -> Names:
        """Names of `check`: `study.check(study.checks.balance)`."""
        words = {
            name: " ".join((made.__doc__ or name).split())
            for name, made in self._shows.checks.items()
        }
        return Names("Checks", words)

    # -- verbs -------------------------------------------------------------------------------------
    def answer(self) -> Section:
        """The place's own answer to the question of the plan, not yet set beside the others."""
        return Section.of(self._shows.answer(self._opened))

    def plan(self) -> Section:
        """What the plan fixes, as sentences: question, data, comparison, outcomes, sizes, rules."""
        plan = cast(Explained, self._opened.plan)  # a plan is one of these
        return Section.of(Prose(joined("\n", sentences(plan))))

    def people(self) -> Section:
        """Who is in the data, what is not known of them, and who is left out, by reason."""
        return self._shows.people(self._opened)

    def check(self, name: str | None = None) -> Section:
        """Is the comparison fair: the checks that the claim rests on, or one by its name.

        >>> study.check()
        >>> study.check("balance")

        ParameterError E245 names the checks of this study (`study.checks`).
        """
        if name is None:
            return self._shows.check(self._opened)
        return self._shows.checks[chosen("check", name, self._shows.checks)](self._opened)

    def compare(
        self,
        outcome: str | Level | None = None,
        by: Literal["ethnic_group", "arm"] | None = None,
        design: str | None = None,
        adjust: Iterable[str] | None = None,
        where: Mapping[str, str | Iterable[str]] | None = None,
        reference: str | None = None,
    ) -> Comparison:
        """The difference with its interval: who is compared with whom, sentence, table, figure.

        outcome: of the plan, a level, or "all"; None: the outcome that leads. by: how far groups
        (or arms) differ. design: another way to the same question (`study.designs`), or "all" of
        them side by side. adjust: columns to allow for in place of those of the plan. where: only
        people with these values. reference: another group that the others stand beside.

        >>> study.compare("recalled")
        >>> study.compare("recalled", by="ethnic_group")
        >>> study.compare("recalled", by="ethnic_group", reference="Black")
        >>> study.compare("society", design="crude")
        >>> study.compare("recalled", where={"sex": "female"}, adjust=["age_band"])

        Arguments of the plan show the rows of the record. Others are worked out anew by the same
        estimator and marked exploratory. ParameterError E245: a name that is none; E246, E247: no
        columns or values to allow for or to choose by; E248: what this kind does not work out.
        """
        question = asked(
            self._opened,
            self._shows,
            outcome,
            by,
            design,
            adjust=adjust,
            where=where,
            reference=reference,
        )
        if self._shows.compare is not None:
            return self._shows.compare(self._opened, question)
        shown = cast(Shown, self._opened)  # a kind that is no pilot has a compare of its own
        return comparing.compare(shown, self._shows, question)

    def rates(
        self,
        measure: str | None = None,
        by: str | Iterable[str] = ETHNIC_GROUP,
        over: str | None = None,
    ) -> Section:
        """Rates and ratios of groups beside the reference, with verdicts where the plan asks for
        them.

        measure: of the plan, or "all"; None: all measures of a monitor, the leading outcome of a
        pilot. by: columns that cross. over: rounds ("round"), units ("unit"), stages ("stage") and
        what else this kind of study has.

        >>> study.rates()
        >>> study.rates("custody", by=["ethnic_group", "sex", "age_band"])
        >>> study.rates(over="round")

        ParameterError E245 names what is valid.
        """
        events = measured_events(self._opened, measure)
        if over is not None:
            return self._shows.over[chosen("over", over, self._shows.over)](self._opened, events)
        names = (
            by if isinstance(by, str) or not isinstance(by, Iterable) else ", ".join(map(str, by))
        )
        leads = self._shows.groupings[0]
        names = leads if names == ETHNIC_GROUP else chosen("by", names, self._shows.groupings)
        if not events and kind_of(self._opened.plan).compares:
            text = "measure: nothing is counted at this level that has a rate."
            remedy = f"Valid: {', '.join((*self.outcomes, EVERY))}."
            raise ParameterError("E248", text, remedy=remedy)
        return self._shows.rates(self._opened, events, names)

    def table(
        self,
        by: str | Iterable[str] = (),
        count: bool | str | None = None,
        share: str | Iterable[str] | None = None,
        mean: str | Iterable[str] | None = None,
        where: Mapping[str, object] | None = None,
    ) -> Section:
        """Any cleared cross-tabulation of the people of this study: up to three columns (`by`),
        counts, shares of yes-and-no columns, means of numbers. `study.columns()` lists them.

        >>> study.table(by=["ethnic_group"], share="recalled")

        ParameterError E270 to E280 name what can be asked.
        """
        return Section.of(
            cross_tabulation(
                self._explored, by=by, count=count, share=share, mean=mean, where=where
            )
        )

    def plot(self, table: Table | Section, kind: PlotKind | None = None) -> Section:
        """The figure of a cleared table, and the table beside it.

        >>> study.plot(study.table(by=["ethnic_group"], share="recalled"), kind="points")

        ParameterError E278, E279.
        """
        return plot_of(table, kind)

    def columns(self) -> Section:
        """The data dictionary of what is there, and how each column can be used."""
        return columns_of(self._explored)

    @cached_property
    def _explored(self) -> Explorable:
        opened = self._opened
        return Explorable(opened.plan, opened.place, opened.source, opened.study)

    def ladder(self) -> Section:
        """Outcomes level by level on one axis, each as a multiple of the size that matters."""
        made = self._shows.ladder
        return Section.of(Prose(NO_LADDER)) if made is None else made(self._opened)

    def limits(self) -> Section:
        """What this kind of comparison can say here, and what it cannot."""
        return self._shows.limits(self._opened)

    def record(self) -> None:
        """Emit the record of what the plan asks; exploratory results are never in it."""
        self._opened.record()

    # -- for the runner and the guards -------------------------------------------------------------
    @property
    def _study(self):
        return self._opened.study

    @property
    def _exact(self) -> Record:
        return self._opened.exact
