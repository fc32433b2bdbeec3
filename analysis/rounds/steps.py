"""The steps by which a study is signed in a round, in their order, as a pure function of the log.

analyst -> assurer (another person) -> fact check of the regions -> disclosure checker -> lead. Each
step is over the records as they are: where one has changed since, the steps are taken again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from analysis.errors import RunError
from analysis.rounds.log import (
    ANALYST,
    ASSURER,
    DISCLOSURE,
    FACT_CHECK,
    LEAD,
    ORDER,
    Entry,
)
from analysis.rounds.working_days import after_working_days

FACT_CHECK_DAYS = 5  # working days
WHO = {ANALYST: "the analyst", ASSURER: "the assurer", DISCLOSURE: "the disclosure checker"}
WHO |= {LEAD: "the lead"}


@dataclass(frozen=True)
class Standing:
    """Where a study stands in a round.

    taken: steps that were taken one after the other, the first of them the analyst's. answers: the
    last fact check of each region, of its record as it is. regions: those that are asked. changed:
    a record is not the one of the last step.
    """

    taken: tuple[Entry, ...]
    answers: Mapping[str, Entry]
    regions: tuple[str, ...]
    changed: bool

    def step(self, name: str) -> Entry | None:
        """The entry of a step; None where it was not taken."""
        return next((entry for entry in self.taken if entry.step == name), None)

    @property
    def signed(self) -> Entry | None:
        """The lead's step, with which the study is frozen in this round."""
        return self.step(LEAD)

    @property
    def next_step(self) -> str | None:
        """The step that comes next; None where all are taken."""
        if self.changed and not self.signed:
            return ANALYST
        return None if self.signed else ORDER[len(self.taken)]

    @property
    def fact_check_until(self) -> date | None:
        """The last day of the regions; None before the assurer has signed."""
        assured = self.step(ASSURER)
        return after_working_days(assured.day, FACT_CHECK_DAYS) if assured else None

    def fact_check_is_over(self, today: date) -> bool:
        """Every region has answered, or the days have passed."""
        until = self.fact_check_until
        answered = set(self.regions) <= set(self.answers)
        return until is not None and (answered or today > until)


def standing(
    own: Iterable[Entry], records: Mapping[str, str], regions: tuple[str, ...]
) -> Standing:
    """Where a study stands. own: its entries in this round; records: sha256 of its records now."""
    taken: list[Entry] = []
    answers: dict[str, Entry] = {}
    for entry in own:
        if entry.step == ANALYST:
            taken = [entry]
        elif entry.step in ORDER:
            taken.append(entry)
        elif entry.step == FACT_CHECK and entry.records == _of(records, entry.region):
            answers[entry.region] = entry
    changed = bool(taken) and dict(taken[-1].records) != dict(records)
    return Standing(tuple(taken), answers, regions, changed)


def _of(records: Mapping[str, str], place: str) -> dict[str, str]:
    return {place: records[place]} if place in records else {}


def check_step(now: Standing, step: str, by: str, today: date) -> None:
    """RunError E379 where the study is signed, E395 a step out of its order, E396 records that have
    changed since, E397 one person for two, E398 a fact check that is not over."""
    if now.signed:
        raise signed_already(now.signed)
    if step == ANALYST and (now.changed or not now.taken):
        return
    if now.changed:
        who = WHO[now.taken[-1].step]
        text = f"the records are not those that {who} signed on {now.taken[-1].day}."
        raise RunError("E396", text, remedy="Take the steps again, from --step analyst on.")
    if step != now.next_step:
        remedy = f"Next is: --step {now.next_step}."
        raise RunError("E395", f"it is not the turn of {WHO[step]}.", remedy=remedy)
    if step == ASSURER and same_person(by, now.taken[0].by):
        text = "whoever signs as the analyst cannot sign as the assurer."
        raise RunError("E397", text, remedy="Another person assures.")
    if step == DISCLOSURE and not now.fact_check_is_over(today):
        open_ = [region for region in now.regions if region not in now.answers]
        text = (
            f"the fact check is open until {now.fact_check_until}; to answer: {', '.join(open_)}."
        )
        raise RunError("E398", text, remedy="Wait, or let each region answer.")


def signed_already(entry: Entry) -> RunError:
    """E379 of a study that is frozen in its round."""
    text = f"{entry.study} is signed in the round {entry.round_id} since {entry.day}."
    return RunError("E379", text, remedy="Run it again: it goes on as a rerun (r2).")


def same_person(one: str, other: str) -> bool:
    """Whether two names are one, however they are spaced or written."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
