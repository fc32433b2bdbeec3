"""The disclosure checker withholds a place whole, or gives back one that was withheld so.

The checker sees what the machine has cleared and may withhold more, never less. What is noted here
is carried out by the next run: the rows of the place are in no number of the others, and nothing
that was found in it leaves its own notebook (decision 165).
"""

from collections.abc import Iterable, Iterator

from analysis.errors import ParameterError, RunError
from analysis.plans.kinds import kind_of
from analysis.plans.registry import OF_PERSONS
from analysis.record import store
from analysis.rounds.frozen import RESULTS, hashes_now
from analysis.rounds.log import ASSURER, DISCLOSURE, GIVEN_BACK, WITHHELD, Entry, add, entries
from analysis.rounds.steps import Standing
from analysis.rounds.withheld import withheld_by
from analysis.runs.release.releases import releases
from analysis.runs.rounds.own_words import check_words
from analysis.runs.rounds.signing import Signing, check_name, role_of
from analysis.study.opening import PUBLISHED, service_of
from analysis.vocabulary.regions import did_you_mean

FEWEST_LEFT = 2  # places: of one alone all together would be that one


def withhold(signing: Signing, place: str, by: str, reason: str, *, undo: bool = False) -> Entry:
    """Note that a place is withheld, or given back. ParameterError E212, E349; RunError E395, E396,
    E399, E401 to E404, E329."""
    name, now = check_name(by), signing.standing()
    if place not in now.regions:
        valid = did_you_mean(place[:60], now.regions)
        raise ParameterError("E212", "this place has no page that is withheld.", remedy=valid)
    _check_open(now, undo=undo)
    check_can_withhold(signing)
    text = check_words(signing, reason, "--reason")
    made = Entry(
        *(signing.round_id, signing.source, signing.plan.study, GIVEN_BACK if undo else WITHHELD),
        by=name,
        role=role_of(signing.plan, DISCLOSURE),
        records=hashes_now(signing.folder),
        text=text,
        region=place,
    )

    def check(log: tuple[Entry, ...]) -> None:
        now = signing.standing(log)
        _check_open(now, undo=undo)
        _check_place(withheld_by(log, signing.key), place, now.regions, undo=undo)

    check(entries())
    return add(made, check)


def _check_open(now: Standing, *, undo: bool) -> None:
    """RunError where it is not the checker's turn: after the assurer, before the lead. A place is
    given back also where records have changed: the run without it may have failed."""
    if now.signed:
        text = f"{now.signed.study} is signed in the round {now.signed.round_id}: it stands still."
        remedy = "Say it to the lead: workbook correct, with a rerun or as a withdrawal."
        raise RunError("E403", text, remedy=remedy)
    if now.changed and not undo:
        text = "the records are not those that were signed last."
        raise RunError("E396", text, remedy="Take the steps again, from --step analyst on.")
    if now.step(ASSURER) is None:
        remedy = f"Next is: sign-off --step {now.next_step}."
        raise RunError("E395", "the disclosure checker comes after the assurer.", remedy=remedy)


def _check_place(
    withheld: Iterable[str], place: str, regions: tuple[str, ...], *, undo: bool
) -> None:
    found = set(withheld)
    if undo and place not in found:
        remedy = f"Withheld so: {', '.join(sorted(found)) or 'none'}."
        raise RunError("E401", f"the checker does not withhold {place}.", remedy=remedy)
    if not undo and place in found:
        remedy = "Give it back with --undo."
        raise RunError("E401", f"the checker withholds {place} already.", remedy=remedy)
    if not undo and len(set(regions) - found) <= FEWEST_LEFT:
        text = f"fewer than {FEWEST_LEFT} places would be left, and all together would be one."
        raise RunError("E404", text, remedy="Sign nothing, and say it to the lead.")


def check_can_withhold(signing: Signing) -> None:
    """RunError E402 where a place of this study cannot be withheld whole."""
    why = next(_against(signing), "")
    if why:
        text = f"{signing.plan.study}: no place of it can be withheld by itself: {why}."
        raise RunError("E402", text, remedy="Sign nothing, and say it to the lead.")


def _against(signing: Signing) -> Iterator[str]:
    plan = signing.plan
    if signing.source.split("-")[0] not in OF_PERSONS or service_of(plan) == PUBLISHED:
        yield "its counts are read from a table of all places, or were published before"
    if kind_of(plan).placebos:
        yield "its places are compared with each other, and each answer rests on all"
    data = {store.load(path).data_hash for path in signing.folder.glob(f"[!.]*/{RESULTS}")}
    if any(one.study == plan.study and one.data_hash in data for one in releases()):
        yield "figures of the same data were released, and cannot be taken back"
