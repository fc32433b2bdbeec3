"""Better pre-sentence reports in one place, or in all courts, as its notebook shows it: cleared,
each computed once."""

from functools import cached_property

import pandas as pd
from IPython.display import display

from analysis.display.figures import rollout as rollout_figures
from analysis.display.tables import Prose, show
from analysis.extracts.frames.sentencing import month_words
from analysis.judgement.wording.figures_in_words import capital
from analysis.plans.explain import weights_words
from analysis.results import Table
from analysis.sections import tables
from analysis.sections.intersections import intersections_table
from analysis.sections.showing import PlaceView
from analysis.studies.rollout import tables as psr_tables
from analysis.studies.rollout.audits import Audits
from analysis.studies.rollout.study import BASE
from analysis.vocabulary.regions import ALL, place_set

ONLY_ALL = (
    "The analysis of all courts together shows this; in {place} alone there are too few courts"
    " for it."
)


class PsrView(PlaceView):
    """Pre-sentence reports in one place, for a notebook."""

    @property
    def _all(self) -> bool:
        return self._shown.place == ALL

    def _only_all(self) -> Prose:
        return self._shown.say(ONLY_ALL.format(place=self._shown.place_name))

    def answer(self) -> Prose:
        """That training and tool cannot be told apart; then the estimate, or why there is none."""
        own = next((check.text for check in self._study.checks if check.id == "own_sites"), "")
        return self._shown.answer(own)

    # -- who and where -----------------------------------------------------------------------------
    def courts(self) -> None:
        """Which courts took part, and when they started."""
        study = self._study
        display(psr_tables.courts_table(study))
        pilot = study.courts[study.courts["pilot"]].sort_values(["start", "region", "court_id"])
        if pilot.empty:
            display(self._shown.say("No pilot court lies here."))
            return
        names, ends = place_set(self._shown.plan.data.places), study.months_seen
        numbered = pilot.groupby("region").cumcount() + 1
        labels = [
            f"{names.name(region)} {k}" for region, k in zip(pilot["region"], numbered, strict=True)
        ]
        starts = psr_tables.starts_table(labels, pilot["start"], ends)
        figure = rollout_figures.starts_figure(
            starts,
            words=[month_words(end) for end in ends],
            title=f"{self._shown.place_name}: when pilot courts started",
        )
        show(figure, alt=rollout_figures.starts_figure_alt(starts), table=starts, name="starts")

    def people(self) -> Table:
        """Who was sentenced, by ethnic group."""
        return psr_tables.people_table(self._study)

    def excluded(self) -> Table:
        """Who is not in the analysis, and why."""
        return tables.excluded_table(
            self._shown.plan,
            self._released.excluded,
            psr_tables.EXCLUSION_REASONS,
            already_public=False,
        )

    def own_figures(self) -> Table:
        """The place's own counts by half-year."""
        return psr_tables.half_year_table(self._study)

    # -- is it fair --------------------------------------------------------------------------------
    def fairness(self) -> None:
        """Did courts move alike before the start, what else happened at the same time, and who is
        in each comparison."""
        if not self._all:
            display(self._only_all())
            return
        rivals = "; ".join(self._shown.plan.comparison.rivals)
        self._shown.checks(
            f"Other events at the same time that could account for a change: {rivals}.",
            f"{capital(weights_words(self._shown.plan))}.",
        )
        display(psr_tables.flow_table(self._study, self._released.rows))

    def composition(self) -> None:
        """For whom reports are written: the pilot raises their number, so the mix of people with a
        report changes."""
        if self._study.courts["pilot"].any():
            display(self._shown.say(psr_tables.composition_words(self._study)))
        display(psr_tables.composition_table(self._study))

    # -- outcomes ----------------------------------------------------------------------------------
    def level(self, key: str) -> None:
        """What was found at one outcome level; among all sentenced people first, then among
        reports."""
        self._shown.level(key)

    def event_study(self) -> None:
        """The effect on the leading outcome by month since the start, with the months before it."""
        if not self._all:
            display(self._only_all())
            return
        plan, effects = self._shown.plan, self._events
        outcome, table = plan.outcome(plan.leading), psr_tables.event_table(self._study, effects)
        figure = rollout_figures.event_study_figure(
            table,
            title=f"Effect on {outcome.noun} by month since the start",
            base=BASE,
            better=outcome.better,
        )
        show(
            figure,
            alt=rollout_figures.event_study_figure_alt(table, base=BASE),
            table=table,
            name="event_study",
        )
        display(table)

    @cached_property
    def _events(self) -> pd.DataFrame:
        return self._study.event_study(self._shown.plan.leading)

    def audits(self) -> None:
        """How audited reports were rated, whether effects are alike at every cut, and whether
        auditors agree."""
        study, audits = self._study, Audits(self._study.audits)
        display(psr_tables.ratings_table(study))
        if self._all and audits.enough:
            display(psr_tables.models_table(study, audits))
        if audits.enough_double:
            display(psr_tables.agreement_table(study, audits))
        else:
            display(
                self._shown.say("Too few reports were rated twice to say how far auditors agree.")
            )

    def by_group(self) -> None:
        """Does the effect differ by ethnic group, rates by group, and where numbers allow, by sex
        and age as well."""
        plan, study, shown = self._shown.plan, self._study, self._shown
        rows = shown.rows(plan.leading)
        if self._all:
            kinds = ("group_effect", "gap_difference")
            gaps = [
                row for row in rows if row.estimand in kinds and row.note in (None, "not_reliable")
            ]
            table = tables.estimates_table("By ethnic group", gaps, plan, already_public=False)
            display(
                shown.say(
                    "Groups differ only where a difference between two groups says so, after"
                    " allowing for the number of comparisons."
                )
            )
            display(table)
            inside = [row for row in gaps if row.estimand == "group_effect"]
            shown.figure(
                inside,
                [row.group for row in inside],
                table=table,
                name="by_group",
                title=f"{shown.place_name}: by ethnic group",
            )
        outcome = plan.outcome(plan.leading)
        display(
            tables.rates_table(
                plan, outcome, study.counts(outcome), rows, study.groups, already_public=False
            )
        )
        display(
            intersections_table(
                study.cases,
                outcome=plan.leading,
                words="sentenced to custody",
                is_share=True,
                groups=study.groups,
            )
        )

    def fragility(self) -> None:
        """Other ways to work out the leading outcome."""
        if not self._all:
            display(self._only_all())
            return
        self._shown.fragility()

    def limits(self) -> Prose:
        """What this kind of comparison can say here, and what it cannot."""
        return self._shown.limits()

    def record(self) -> None:
        """Emit the record as it may leave; write the exact one only where the runner named a
        private folder."""
        self._shown.record()
