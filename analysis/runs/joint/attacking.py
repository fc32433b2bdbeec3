"""The attack on a study as it is staged: what is known of its counts from all places together."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from analysis.disclosure.attack.cheapest import Cheapest, cheapest
from analysis.disclosure.attack.helping import with_helps
from analysis.disclosure.attack.known import COUNTS, Known, read_known
from analysis.disclosure.attack.narrowest import Attacked, attack
from analysis.disclosure.attack.printed import NOTHING_PRINTED, Coverage, coverage
from analysis.disclosure.codings import check_levels, coding_of, held_together
from analysis.disclosure.series import check_periods, held_in_time
from analysis.errors import RunError
from analysis.plans.kinds import kind_of, named
from analysis.plans.registry import NATIONAL, AnyPlan, Source, refuse_blind
from analysis.runs.clearing import gather, provenance_in
from analysis.runs.publishing import link_path
from analysis.runs.release.releases import beside_released
from analysis.study.public_counts import source_is_public

MOST_SHOWN = 40


def staged_folders(plan: AnyPlan, source: Source, round_id: str) -> dict[str, Path]:
    """The folder of the current run of each place of a study, and of the nation where there is one.

    RunError E383 where a place has not been run, or was run before counts were noted.
    """
    gathered = gather(plan, source, round_id)
    national = link_path(source.folder, round_id, plan.study, NATIONAL)
    folders = dict(gathered.folders)
    if (national / "private" / COUNTS).exists():
        folders[NATIONAL] = national.resolve()
    without = [p for p, folder in folders.items() if not (folder / "private" / COUNTS).exists()]
    lacking = [*gathered.missing, *without]
    if lacking:
        raise RunError(
            "E383",
            f"{plan.study}: no list of counts of {', '.join(lacking)}.",
            remedy=f"Run `workbook run {plan.study}` again, with --force if it says unchanged.",
        )
    return folders


def known_of_study(plan: AnyPlan, folders: Mapping[str, Path]) -> Known:
    """Everything that is public of a study: the counts of each place with how they hang together,
    and what ties the places to each other, levels and periods. RunError E311, E336 (S14), E337
    (S19)."""
    read = {place: read_known(folder / "private" / COUNTS) for place, folder in folders.items()}
    # a place that is withheld whole has noted nothing, and is in no sum of the others
    places = {place: one for place, one in read.items() if one.counts}
    known = Known.of(
        (count for one in places.values() for count in one.counts.values()),
        (relation for one in places.values() for relation in one.relations),
    )
    hangs_together = kind_of(plan).hangs_together
    if hangs_together:
        known += Known.of((), named(hangs_together)(plan, places))
    return with_levels_and_periods(known, coding_of(plan))


def with_levels_and_periods(known: Known, coding: str) -> Known:
    """The same, and what names alone tell: levels of a coding, periods within each other. RunError
    E336 (S14), E337 (S19) where that is not enough."""
    tied = known + Known.of((), (*held_together(known, coding), *held_in_time(known)))
    check_levels(tied, coding)
    check_periods(tied)
    return tied


def attack_study(plan: AnyPlan, source: Source, round_id: str) -> Attacked:
    """Attack the current runs of a study: every protected count with its narrowest interval.

    RunError E311, E380 to E383.
    """
    return attack(_beside_earlier(plan, staged_folders(plan, source, round_id)))


def _beside_earlier(plan: AnyPlan, folders: Mapping[str, Path]) -> Known:
    """What is known of the staged runs, and of what was released before."""
    data = provenance_in(next(iter(folders.values())))["data_hash"]
    return beside_released(known_of_study(plan, folders), plan.study, data)


def protect_study(plan: AnyPlan, source: Source, round_id: str) -> Cheapest:
    """The cheapest further counts to withhold so that the attack on the current runs of a study
    fails.

    RunError E311, E380 to E384.
    """
    return cheapest(_beside_earlier(plan, staged_folders(plan, source, round_id)))


def coverage_of_study(plan: AnyPlan, source: Source, round_id: str) -> Coverage:
    """The counts that the current runs of a study print, and those of which the attack knows
    nothing. Those of the nation may be counts of a place."""
    folders = staged_folders(plan, source, round_id)
    everything = known_of_study(plan, folders)
    found = NOTHING_PRINTED
    for place, folder in folders.items():
        own = everything if place == NATIONAL else read_known(folder / "private" / COUNTS)
        one, of = coverage(folder, own), "national" if place == NATIONAL else "a place"
        unknown = (replace(each, file=f"{of}, {each.file}") for each in one.unknown)
        found += Coverage(one.printed, tuple(unknown))
    return found


def told(plan: AnyPlan, source: Source, round_id: str) -> tuple[bool, list[str]]:
    """Whether nothing is recovered and everything printed is known, and what the checker is told.
    No exact value stands in it. ParameterError E294."""
    refuse_blind(source)
    attacked = attack_study(plan, source, round_id)
    public = source_is_public(plan, source)
    covered = NOTHING_PRINTED if public else coverage_of_study(plan, source, round_id)
    unknown, said = covered.unknown, _found(attacked)
    if not public:
        said.append(f"{covered.line}.")
    if unknown:
        said.append("Not known, since nobody noted them, and therefore not attacked:")
        said += _first(list(covered.kinds))
    if not attacked.recovered:
        return not unknown, said
    known = _beside_earlier(plan, staged_folders(plan, source, round_id))
    said += _helps(with_helps(known, attacked))
    return False, said + _withhold(attacked, protect_study(plan, source, round_id))


def _found(attacked: Attacked) -> list[str]:
    found = attacked.recovered
    said = [
        f"{attacked.printed:,} counts are printed, {attacked.withheld:,} withheld,"
        f" {len(attacked.cells):,} protected.",
        f"{len(found):,} protected counts can be told within fewer than {attacked.enough} values.",
    ]
    if attacked.undecided:
        said.append(
            f"{attacked.undecided:,} ends of intervals were decided in fractions, not in whole"
            " numbers, which would have taken too long."
        )
    return said + _first(
        [f"{c.key}: {c.low:.6g} to {c.high:.6g} ({c.values} values)" for c in found]
    )


def _helps(attacked: Attacked) -> list[str]:
    return [
        "What helps most (values by which the intervals would widen, for a person of doubt):",
        *_first(
            [f"{h.worth:.3g} in {h.cells} of them: {h.key} ({h.where})" for h in attacked.helps]
        ),
    ]


def _withhold(attacked: Attacked, found: Cheapest) -> list[str]:
    how = "the cheapest set" if found.proven else "not proven to be the cheapest set"
    return [
        f"To be withheld so that nothing is recovered: {len(found.hidden):,} of"
        f" {attacked.printed:,} printed counts, information lost {found.loss:.4g} of"
        f" {found.whole:.4g} ({how}).",
        *_first(sorted(found.hidden)),
    ]


def _first(entries: list[str]) -> list[str]:
    more = len(entries) - MOST_SHOWN
    return [f"  {entry}" for entry in entries[:MOST_SHOWN]] + (
        [f"  and {more:,} more"] if more > 0 else []
    )
