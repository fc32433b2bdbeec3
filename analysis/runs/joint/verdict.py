"""The attack on a study before its places are set beside each other: can a small count be told from
everything that its pages would show (rule S4)?

It reads the private counts of all places, in a process of its own, and says which further counts
are to be withheld. What it read stays there.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.disclosure.attack.known import COUNTS, Known, read_known
from analysis.disclosure.attack.printed import NOTHING_PRINTED, Coverage, coverage
from analysis.errors import RunError, WorkbookError
from analysis.plans.registry import load_plan
from analysis.runs.clearing import provenance_in
from analysis.runs.planning import Run
from analysis.runs.release.releases import beside_released
from analysis.runs.runner import Outcome

NOTHING_PROTECTS = "E384"
MOST_KINDS = 3  # of printed counts that are not known
MOST_HELPS = 3  # printed counts that are named to the checker


@dataclass(frozen=True)
class Attack:
    """What is to be attacked: the joint run of a study, and the folder of each place's run.

    hidden: how many counts the joint decision withholds as it stands.
    """

    run: Run
    folders: tuple[tuple[str, Path], ...]
    hidden: int = 0


@dataclass(frozen=True)
class Verdict:
    """How an attack ended: numbers of counts, never their values.

    covered: how many of the counts that the places print were attacked.
    withheld: counts that no page shows. hidden: of them, those that only the joint decision
    withholds. recovered: small ones that could be told. further: names of counts to withhold
    besides, by the place whose run prints them. helps: what helped the attacker most.
    """

    withheld: int
    hidden: int
    recovered: int
    further: Mapping[str, frozenset[str]]
    helps: tuple[str, ...]
    seconds: float
    covered: Coverage = NOTHING_PRINTED

    @property
    def holds(self) -> bool:
        """Nothing small can be told of what is known."""
        return not self.recovered

    @property
    def knows_all(self) -> bool:
        """Every printed count was attacked."""
        return not self.covered.unknown

    @property
    def line(self) -> str:
        more = f", {self.hidden} of them to protect others" if self.hidden else ""
        found = "nothing recovered" if self.holds else f"{self.recovered} recovered"
        line = f"attack: {self.withheld} counts withheld{more}, {found}, {self.covered.line}"
        unknown = "; ".join(self.covered.kinds[:MOST_KINDS])
        return f"{line}{f' (not: {unknown})' if unknown else ''}, {self.seconds:.1f} s"


def attack_places(attack: Attack) -> Verdict | Outcome:
    """On a worker: attack all places of a study together. A failed run where their counts cannot
    be read or contradict each other; never raises for a fault of theirs."""
    try:
        return _attacked(attack)
    except WorkbookError as error:
        return Outcome(attack.run, "failed", code=error.code, text=error.text)


def _attacked(attack: Attack) -> Verdict:
    from analysis.disclosure.attack.helping import with_helps
    from analysis.disclosure.attack.narrowest import attack as narrowest

    begun = time.monotonic()
    places = {place: _counts_of(place, folder) for place, folder in attack.folders}
    data = provenance_in(attack.folders[0][1])["data_hash"]
    known = beside_released(_together(attack), attack.run.study, data)
    if not known.counts:
        text = "no place has noted a count, so that nothing can be protected."
        raise RunError("E327", text, remedy="A notebook notes what it prints by its verbs.")
    found = narrowest(known, exact=False)
    chosen: frozenset[str] = frozenset()
    if found.recovered:
        found, chosen = with_helps(known, found), _to_withhold(known)
    return Verdict(
        withheld=found.withheld,
        hidden=attack.hidden,
        recovered=len(found.recovered),
        further={p: part for p, one in places.items() if (part := chosen & one.counts.keys())},
        helps=tuple(f"{help.key} ({help.where})" for help in found.helps[:MOST_HELPS]),
        seconds=time.monotonic() - begun,
        covered=_covered(places, dict(attack.folders)),
    )


def _to_withhold(known: Known) -> frozenset[str]:
    """The further counts that protect at the least loss; none where nothing does, as what was
    released before cannot be withheld any more."""
    from analysis.disclosure.attack.cheapest import cheapest

    try:
        return cheapest(known).hidden
    except RunError as error:
        if error.code != NOTHING_PROTECTS:
            raise
        return frozenset()


def _covered(places: Mapping[str, Known], folders: Mapping[str, Path]) -> Coverage:
    """What the places print, and what of it they have noted. Files are as they were signed."""
    found = (coverage(folders[place], known) for place, known in places.items())
    return sum(found, NOTHING_PRINTED)


def _counts_of(place: str, folder: Path) -> Known:
    """The private counts of a run. RunError E327 where it has noted none."""
    file = folder / "private" / COUNTS
    if not file.is_file():
        text = f"the run of {place} has no list of its counts, so that none can be protected."
        raise RunError("E327", text, remedy="Run the study again.")
    return read_known(file)


def _together(attack: Attack) -> Known:
    """Everything that is public of the study. RunError E327 where one count has two numbers."""
    from analysis.runs.joint.attacking import known_of_study

    try:
        return known_of_study(load_plan(attack.run.study), dict(attack.folders))
    except ValueError as error:
        text = f"two runs have noted one count with two numbers ({error})."
        raise RunError("E327", text, remedy="Run the study again in all its places.") from None
