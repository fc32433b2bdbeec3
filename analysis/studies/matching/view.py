"""Ethnic matching in one place, as its notebook shows it: sentences, tables and figures, cleared,
each computed once."""

from IPython.display import display

from analysis.display import figures
from analysis.display.amounts import is_drawn
from analysis.display.tables import Prose, show
from analysis.extracts.frames.quality import EXCLUSION_REASONS
from analysis.results import EVERYONE, Table
from analysis.sections import tables
from analysis.sections.showing import PlaceView
from analysis.studies.matching import tables as matching_tables
from analysis.studies.matching.study import MAIN
from analysis.study.words import in_plan_words, unrecorded_cause

GAPS = ("own_group_gap", "gap_difference")


class Study(PlaceView):
    """Ethnic matching in one place, for a notebook."""

    def answer(self) -> Prose:
        """The place's own estimate of the leading outcome, as a sentence."""
        return self._shown.answer()

    # -- who is in the data, and is the comparison fair --------------------------------------------
    def people(self) -> Table:
        """Who is in the data, by ethnic group."""
        return matching_tables.people_table(self._study)

    def excluded(self) -> Table:
        """Who is not in the comparison, and why."""
        public = self._shown.public
        followed = matching_tables.followed_notes(self._study)
        return tables.excluded_table(
            self._plan,
            self._released.excluded,
            EXCLUSION_REASONS,
            already_public=public,
            notes=followed,
        )

    def declared(self) -> Table:
        """What is known about ethnic group, of people and of practitioners."""
        return matching_tables.declaration_table(self._study)

    def response(self) -> Table | Prose:
        """Who answered the survey, by exposure and ethnic group; printed before anything that rests
        on the answers."""
        if not any(outcome.survey for outcome in self._plan.compared):
            return Prose("No outcome of this study comes from a survey.")
        return matching_tables.response_table(self._study)

    def fairness(self) -> None:
        """How alike matched people and others are: the checks in words, a table and its figure."""
        self._shown.checks()
        if self._study.balance is None:
            display(Prose("How alike the two sides are cannot be shown: nothing is compared here."))
            return
        table = matching_tables.balance_table(self._study)
        display(table)
        after = in_plan_words(self._plan, "within office and period")
        figure = figures.balance_figure(table, after=after)
        show(figure, alt=figures.balance_figure_alt(table), table=table, name="balance")

    # -- outcomes, by group, how fragile, limits ---------------------------------------------------
    def level(self, key: str) -> None:
        """What was found at one outcome level: a table and a figure, or why there is nothing."""
        self._shown.level(key, with_rows=("own_group_gap",))

    def by_group(self) -> None:
        """Does the leading outcome differ by ethnic group: gaps within offices, and rates beside
        the reference group."""
        shown, plan = self._shown, self._plan
        rows, outcome = shown.rows(plan.leading), plan.outcome(plan.leading)
        gaps = [row for row in rows if row.note in (None, "not_reliable") and row.estimand in GAPS]
        table = tables.estimates_table("By ethnic group", gaps, plan, already_public=shown.public)
        display(
            Prose(
                "A group differs from another only where the difference between two gaps says so;"
                " the national page tests it."
            )
        )
        display(table)
        own = [row for row in gaps if row.estimand == "own_group_gap"]
        labels = [row.group for row in own]
        shown.figure(
            own, labels, table=table, name="by_group", title=f"{shown.place_name}: by ethnic group"
        )
        if outcome.kind == "share":
            for each in plan.compared:
                if each.kind == "share":
                    counts = self._study.event_counts(each.id)
                    display(
                        tables.rates_table(
                            plan,
                            each,
                            counts,
                            shown.rows(each.id),
                            self._study.groups,
                            already_public=shown.public,
                        )
                    )

    def fragility(self) -> None:
        """Other ways to work out the leading outcome, beside the main one."""
        shown, plan = self._shown, self._plan
        rows = shown.rows(plan.leading)
        effects = [
            r
            for r in rows
            if r.group == EVERYONE and (r.note == "second_opinion" or r.method == MAIN)
        ]
        others = [r for r in rows if r.group != EVERYONE and r.note in ("second_opinion", "bounds")]
        table = tables.estimates_table(
            "How fragile is it?",
            effects + others,
            plan,
            by_method=True,
            already_public=shown.public,
        )
        display(table)
        if plan.comparison.how_chosen != "by_lot":
            display(shown.say(unrecorded_cause(next(r for r in effects if r.method == MAIN))))
        if any(row.method == "radius_matching" and is_drawn(row) for row in others):
            display(matching_tables.matching_table(self._study, plan.outcome(plan.leading)))
        labels = [tables.method_words(plan, row) for row in effects]
        title = f"{shown.place_name}: other ways to work it out"
        shown.figure(effects, labels, table=table, name="fragility", title=title)

    def published(self) -> Table:
        """What was published about the same question beside what we get (Project STAR only)."""
        rows = [
            row
            for outcome in self._plan.compared
            for row in self._shown.rows(outcome.id)
            if row.estimand == "own_group_gap"
        ]
        return matching_tables.published_table(rows, self._plan)

    def limits(self) -> Prose:
        """What this kind of comparison can say here, and what it cannot."""
        return self._shown.limits()

    def record(self) -> None:
        """Emit the record as it may leave; write the exact one only where the runner named a
        private folder."""
        self._shown.record()
