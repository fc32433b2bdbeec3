"""Announces when pages of a round are released, and which roles see them before."""

from datetime import UTC, datetime

from analysis.errors import RunError
from analysis.plans.locks.roles import check_role
from analysis.plans.registry import NATIONAL, Source, list_plans, parse_source
from analysis.rounds.announced import (
    OFFICIAL,
    Announced,
    check_is_announced_at_all,
)
from analysis.rounds.frozen import RESULTS
from analysis.rounds.log import ANNOUNCEMENT, Entry, add
from analysis.runs.rounds.signing import Signing, check_name, signing_of


def announce(signing: Signing, made: Announced, by: str) -> Entry:
    """Announce a study of a round; returns the entry of the log. ParameterError E291, E349;
    RunError E407, E329."""
    check_is_announced_at_all(signing.plan)
    roles = (check_role(signing.plan, role, "--to") for role in made.shown_to)
    entry = Entry(
        *(signing.round_id, signing.source, signing.plan.study, ANNOUNCEMENT),
        by=check_name(by),
        role=str(signing.plan.people.lead),
        records={},
        release_at=_iso(made.release_at),
        shown_from=_iso(made.shown_from) if made.shown_from else "",
        shown_to=tuple(dict.fromkeys(roles)),
    )
    return add(entry)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def to_be_announced(source: str | None, round_id: str) -> list[Signing]:
    """Every study of the round that is official statistics and was run. RunError E408 where there
    is none."""
    found = []
    for plan in list_plans():
        chosen = parse_source(source) if source else Source(plan.data.sources[0])
        if plan.release == OFFICIAL and chosen.name in plan.data.sources:
            one = signing_of(plan.study, source, round_id)
            if (one.folder / NATIONAL / RESULTS).exists():
                found.append(one)
    if not found:
        text = f"no official statistics stand in the round {round_id}."
        raise RunError("E408", text, remedy="Name the studies, or run them first.")
    return found
