"""A training trial in one place, as its notebook shows it: sentences, tables and figures, cleared,
each computed once."""

from IPython.display import display

from analysis.designs.cohorts.balance import balance
from analysis.display import figures
from analysis.display.amounts import is_drawn
from analysis.display.figures.ladder import NARROW, ladder_figure, ladder_figure_alt
from analysis.display.rungs import ladder_table as rungs_table
from analysis.display.style import png, svg
from analysis.display.tables import Prose, save, show
from analysis.extracts.frames.trial_people import EXCLUSION_REASONS
from analysis.paths import figures_folder
from analysis.record.row import Row
from analysis.results import EVERYONE
from analysis.sections import tables
from analysis.sections.intersections import intersections_table
from analysis.sections.rungs import rungs_from
from analysis.sections.showing import PlaceView
from analysis.studies.trial import tables as trial_tables
from analysis.studies.trial.checks import COVARIATES
from analysis.studies.trial.measures import BLOCK, SIDE

GROUP_ROWS = ("group_effect", "gap_difference")
SAME_QUANTITY = ("intention_to_treat", "naive_difference")
ALL_AT_ONCE = (
    "Here every site started at once, or too few were drawn by lot: no one was left to compare"
    " with. What follows is who was reached, how they found it and their own figures; none of it"
    " says what the programme did."
)
SIZE_ONLY = (
    "How large each difference is. Whether it counts as better or worse is said once all places"
    " stand beside each other."
)

TOGETHER = (
    "The ways of training are put together here, against the sites that wait; arm by arm they stand"
    " further down."
)
CONFOUNDED = (
    "Each way of training has providers of its own here, so that a way and its provider cannot be"
    " told apart."
)
OWN_LOT = (
    "With so few sites, an interval holds every difference that stays credible when the lot of this"
    " place is drawn anew, within its blocks, in every way it could have fallen."
)
NO_COST = (
    "What one unit of outcome cost is worked out in the analysis of all places, where there is"
    " something to compare with."
)
NO_SIZE = (
    "Nothing is compared in this place: the rungs hold its own figures, or say why there is"
    " nothing."
)
BESIDE = (
    "The outcome is about some groups only; {reference} people stand in the table to be compared"
    " with."
)


class TrialView(PlaceView):
    """A training trial in one place, for a notebook."""

    @property
    def _describes(self) -> bool:
        return self._study.mode == "describe"

    def _rows(self, outcome_id: str, *estimands: str) -> list[Row]:
        return [
            row
            for row in self._shown.rows(outcome_id)
            if not estimands or row.estimand in estimands
        ]

    # -- the answer --------------------------------------------------------------------------------
    def answer(self) -> Prose:
        """The place's own estimate of the leading outcome, as a sentence, or why there is none."""
        if self._describes:
            return self._shown.answer(ALL_AT_ONCE)
        return self._shown.answer(*((TOGETHER,) if self._study.sites["arm"].nunique() > 2 else ()))

    def ladder(self) -> None:
        """Every outcome on one axis, as a multiple of the size that matters: figure and table."""
        rungs = rungs_from(self._plan, self._released)
        table, title = (
            trial_tables.ladder_table(self._study, rungs),
            f"{self._shown.place_name}: the ladder of outcomes",
        )
        drawn = rungs_table(rungs, beside=table)
        alt = ladder_figure_alt(drawn)
        display(Prose(SIZE_ONLY if any(rung.is_drawn for rung in rungs) else NO_SIZE))
        if (folder := figures_folder()) is not None:
            narrow = ladder_figure(drawn, width=NARROW, title=title)
            save(folder, "ladder_narrow", png=png(narrow), svg=svg(narrow, alt=alt), table=drawn)
        show(ladder_figure(drawn, title=title), alt=alt, table=drawn, name="ladder")
        display(table)

    # -- who is in the data, and is the comparison fair --------------------------------------------
    def people(self) -> None:
        """Sites and managers by arm, who is in the data, and who is not compared."""
        display(trial_tables.sites_table(self._study))
        display(trial_tables.people_table(self._study))
        display(
            tables.excluded_table(
                self._plan,
                self._released.excluded,
                EXCLUSION_REASONS,
                who="Managers",
                already_public=self._shown.public,
            )
        )

    def fairness(self) -> None:
        """The checks in words, and how alike managers at the two kinds of site are."""
        own_lot = (OWN_LOT,) if self._study.mode == "permute" else ()
        self._shown.checks(*own_lot)
        managers = self._study.compared_managers
        if self._describes or managers[SIDE].nunique() < 2:
            display(Prose("How alike the two sides are cannot be shown: nothing is compared here."))
            return
        sides = managers.assign(**{SIDE: managers[SIDE] == 1})
        found = balance(sides, covariates=list(COVARIATES), treated=SIDE, cells=[BLOCK]).to_frame()
        rows = found[
            found["difference_before"].notna() & found["difference_after"].notna()
        ].to_dict("records")
        if not rows:
            return
        table = trial_tables.balance_table(self._study, rows)
        display(table)
        figure = figures.balance_figure(
            table, after="within blocks of the lot", among="those with it"
        )
        show(figure, alt=figures.balance_figure_alt(table), table=table, name="balance")

    # -- outcomes, level by level ------------------------------------------------------------------
    def level(self, key: str) -> None:
        """What was found at one level; before any survey result, who answered; own figures where
        nothing is compared."""
        for outcome in self._plan.compared:
            if (
                outcome.level == key
                and not self._describes
                and self._study.measured(outcome).horizon is None
            ):
                words = trial_tables.response_table if outcome.survey else trial_tables.losses_table
                display(words(self._study, outcome))
        for outcome in self._plan.outcomes:
            if outcome.level == key and outcome.survey and not outcome.compared:
                display(trial_tables.reaction_table(self._study, outcome))
        self._shown.level(key)
        if key == "learning" and self._describes:
            display(trial_tables.before_after_table(self._study))

    def arms(self) -> None:
        """Arm by arm, outcome by outcome: differences, equivalence, and the tiers of a cascade."""
        told = [outcome for outcome in self._plan.compared if self._study.pairs(outcome)]
        if not told:
            display(
                Prose(
                    "Arms are not set against each other here: fewer than three stand in one"
                    " clustered analysis."
                )
            )
        elif self._study.providers_apart:
            display(Prose(CONFOUNDED))
        for outcome in told:
            rows = self._rows(outcome.id, "arm_difference")
            display(trial_tables.arms_table(self._study, outcome, rows))
            trend = self._rows(outcome.id, "dose_trend")
            if trend:
                title = f"Further down the cascade: {tables.outcome_words(outcome)}"
                display(trial_tables.other_ways_table(self._study, trend, title=title))

    def cost(self) -> None:
        """What one unit of each outcome cost."""
        found = [
            row
            for outcome in self._plan.compared
            for row in self._rows(outcome.id, "cost_per_unit")
        ]
        if not found:
            display(Prose(NO_COST))
            return
        display(trial_tables.cost_table(self._study, found))

    # -- by group, how fragile, limits -------------------------------------------------------------
    def by_group(self) -> None:
        """Does the leading outcome differ by ethnic group; then ethnic group, sex and age
        together."""
        shown, leading = self._shown, self._plan.outcome(self._plan.leading)
        rows = self._rows(leading.id, *GROUP_ROWS)
        if rows:
            lines = [
                "Groups differ from each other only where the difference between two of them"
                " says so."
            ]
            reference = self._plan.groups.reference
            if leading.only_groups and reference not in leading.only_groups:
                lines.append(BESIDE.format(reference=reference))
            display(self._shown.say(*lines))
            table = tables.estimates_table(
                "By ethnic group", rows, self._plan, already_public=shown.public
            )
            display(table)
            own = [row for row in rows if row.estimand == "group_effect"]
            labels = [row.group for row in own]
            shown.figure(
                own,
                labels,
                table=table,
                name="by_group",
                title=f"{shown.place_name}: by ethnic group",
            )
        else:
            display(
                Prose(
                    "Groups are not compared in this place; the analysis of all places together"
                    " does it."
                )
            )
        for outcome in self._plan.compared:
            self._crossings(outcome)

    def _crossings(self, outcome) -> None:
        """Ethnic group by sex by age of one outcome, where numbers allow."""
        measured = self._study.measured(outcome)
        if measured.people.empty:
            return
        share = outcome.unit == "in_every_100"
        groups = outcome.only_groups or self._study.groups
        words = outcome.event if share else tables.outcome_words(outcome)
        display(
            intersections_table(
                measured.people, outcome=measured.column, words=words, is_share=share, groups=groups
            )
        )

    def fragility(self) -> None:
        """Other ways to work out each outcome, and the effect on those who took part."""
        if not self._rows(self._plan.leading, "complier_effect"):
            display(Prose("Other ways to work it out need the sites of all places together."))
            return
        for outcome in self._plan.compared:
            rows = [r for r in self._rows(outcome.id, *SAME_QUANTITY) if r.group == EVERYONE]
            title = f"Other ways to work it out: {tables.outcome_words(outcome)}"
            table = trial_tables.other_ways_table(self._study, rows, title=title)
            display(table)
            if outcome.id == self._plan.leading:
                drawn = [row for row in rows if is_drawn(row)]
                labels = [tables.method_words(self._plan, row) for row in drawn]
                name = f"{self._shown.place_name}: other ways to work it out"
                self._shown.figure(drawn, labels, table=table, name="fragility", title=name)
            took = self._rows(outcome.id, "complier_effect")
            title = f"Effect on those whom the offer brought to it: {tables.outcome_words(outcome)}"
            display(trial_tables.other_ways_table(self._study, took, title=title))

    def limits(self) -> Prose:
        """What this kind of comparison can say here, and what it cannot."""
        return self._shown.limits()

    def record(self) -> None:
        """Emit the record as it may leave; write the exact one only where the runner named a
        private folder."""
        self._shown.record()
