"""Takes a step over a study in a round: a signature, a fact check of a region, a correction.

What is signed is what stands there: every record cleared, every file as its run left it. The lead's
step makes the run folders read-only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analysis.errors import ParameterError, RunError
from analysis.paths import reports
from analysis.places.known import is_cleared
from analysis.plans.registry import (
    DRAFT,
    NATIONAL,
    AnyPlan,
    Source,
    list_plans,
    load_plan,
    parse_source,
)
from analysis.record import store
from analysis.record.sealed import altered_file
from analysis.rounds.frozen import RESULTS, hashes_now
from analysis.rounds.log import (
    ANALYST,
    ASSURER,
    DISCLOSURE,
    LEAD,
    Entry,
    add,
    entries,
)
from analysis.rounds.marks import regions_of
from analysis.rounds.steps import Standing, check_step, standing
from analysis.runs.ledger import UNFINISHED, Ledger
from analysis.runs.rounds.freezing import freeze
from analysis.runs.rounds.withheld_runs import check_withheld
from analysis.vocabulary.regions import did_you_mean

LONGEST_NAME = 100


@dataclass(frozen=True)
class Signing:
    """A study on a source in a round, as a command names it: source is the folder's name."""

    plan: AnyPlan
    source: str
    round_id: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.source, self.round_id, self.plan.study

    @property
    def folder(self) -> Path:
        """Where the links of its places stand."""
        return reports().joinpath(*self.key)

    @property
    def own(self) -> tuple[Entry, ...]:
        """Its entries of the log."""
        return self.among(entries())

    def among(self, log: Iterable[Entry]) -> tuple[Entry, ...]:
        return tuple(one for one in log if one.key == self.key)

    def standing(self, log: Iterable[Entry] | None = None) -> Standing:
        """Where it stands, of the log as it is or as it is given."""
        records = hashes_now(self.folder)
        own = self.own if log is None else self.among(log)
        return standing(own, records, regions_of(self.plan, records))


def signing_of(study: str, source: str | None, round_id: str) -> Signing:
    """What a command names. RunError E394 for a round or source that nobody signs."""
    plan = load_plan(study)
    chosen = parse_source(source) if source else Source(plan.data.sources[0])
    if chosen.name not in plan.data.sources:
        valid = did_you_mean(chosen.name, plan.data.sources)
        raise ParameterError("E213", f"{study} does not list this source.", remedy=valid)
    if round_id == DRAFT:
        text = "the draft round is never signed: it is overwritten."
        raise RunError("E394", text, remedy="Run the study with --round, such as 2026Q3.")
    if chosen.blind:
        text = "permuted outcomes are never signed."
        raise RunError("E394", text, remedy="Lock the plan, and run it on the data themselves.")
    return Signing(plan, chosen.folder, round_id)


def check_name(by: str) -> str:
    """The name without spaces around it. ParameterError E349."""
    name = by.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        text = f"--by takes a name of 1 to {LONGEST_NAME} characters."
        raise ParameterError("E349", text, remedy="It stays in the log; pages print the role.")
    return name


def sign(signing: Signing, step: str, by: str) -> Entry:
    """Take a step; returns the entry of the log. RunError E326, E333, E379, E394 to E398, E400,
    E329."""
    name = check_name(by)
    folders = _cleared(signing)
    _refuse_while_running(signing)
    today = datetime.now(UTC).date()
    made = Entry(
        *(signing.round_id, signing.source, signing.plan.study, step),
        by=name,
        role=role_of(signing.plan, step),
        records=hashes_now(signing.folder),
        folders={place: folder.name for place, folder in folders.items()} if step == LEAD else {},
    )

    def check(log: tuple[Entry, ...]) -> None:
        check_step(signing.standing(log), step, name, today)
        if step in (DISCLOSURE, LEAD):
            check_withheld(signing.folder, signing.key, log)

    # asked again while nobody else can add to the log, so that of two leads one signs
    entry = add(made, check)
    if step == LEAD:
        for folder in folders.values():
            freeze(folder)
    return entry


def role_of(plan: AnyPlan, step: str) -> str:
    """What pages print of whoever takes a step."""
    people = plan.people
    roles = {ANALYST: "analyst", DISCLOSURE: "disclosure checker"}
    return {**roles, ASSURER: str(people.assurer), LEAD: str(people.lead)}[step]


def _cleared(signing: Signing) -> dict[str, Path]:
    """The run folder of each place and of the nation. RunError E333 where one is not cleared, E326
    where a file of one is not as its run left it."""
    found = {link.name: link.resolve() for link in _links(signing)}
    if NATIONAL not in found:
        raise _not_cleared(signing)
    for place, folder in found.items():
        if name := altered_file(folder):
            text = f"{place}: {name} is not as the run left it."
            raise RunError("E326", text, remedy="Run the study again.")
        if not is_cleared(store.load(folder / RESULTS)):
            raise _not_cleared(signing)
    return found


def _links(signing: Signing) -> list[Path]:
    return [path.parent for path in sorted(signing.folder.glob(f"[!.]*/{RESULTS}"))]


def _not_cleared(signing: Signing) -> RunError:
    study, round_id = signing.plan.study, signing.round_id
    text = f"{study} is not cleared in all its places in the round {round_id}."
    return RunError("E333", text, remedy=f"First: workbook run {study} --round {round_id}.")


def _refuse_while_running(signing: Signing) -> None:
    """RunError E323 while a batch is at the study: what is signed would change under the pen."""
    ledger = Ledger()
    try:
        runs = [run for run in ledger.runs() if run["state"] in UNFINISHED]
    finally:
        ledger.close()
    key = signing.key
    if any((run["source"], run["round"], run["study"]) == key for run in runs):
        text = f"a batch is running {signing.plan.study} in this round."
        raise RunError("E323", text, remedy="Wait until it has ended.")


def whose_turn(step: str, source: str | None, round_id: str) -> list[Signing]:
    """Every study of the round for which this is the next step. RunError E395 where there is
    none."""
    found = []
    for plan in list_plans():
        chosen = parse_source(source) if source else Source(plan.data.sources[0])
        if chosen.name in plan.data.sources:
            one = signing_of(plan.study, source, round_id)
            here = (one.folder / NATIONAL / RESULTS).exists()
            if here and one.standing().next_step == step:
                found.append(one)
    if not found:
        text = f"no study of the round {round_id} waits for the step `{step}`."
        raise RunError("E395", text, remedy="See workbook list --rounds.")
    return found
