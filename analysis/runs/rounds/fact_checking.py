"""The fact check of a region: it confirms its page, or comments on it. It edits no figure."""

from analysis.errors import ParameterError, RunError
from analysis.rounds.frozen import hashes_now
from analysis.rounds.log import ASSURER, DISCLOSURE, FACT_CHECK, Entry, add
from analysis.rounds.steps import Standing, signed_already
from analysis.runs.rounds.own_words import check_words
from analysis.runs.rounds.signing import Signing, check_name
from analysis.vocabulary.regions import did_you_mean

REGION = "regional fact check"  # its role, as pages print it


def fact_check(signing: Signing, region: str, by: str, comment: str = "") -> Entry:
    """A region has looked at its page: it confirms it, or comments. RunError E379, E395, E396,
    E399, E329; ParameterError E212."""
    name = check_name(by)
    now = signing.standing()
    if region not in now.regions:
        valid = did_you_mean(region[:60], now.regions)
        raise ParameterError("E212", "this place has no page to check.", remedy=valid)
    text = check_words(signing, comment, "--comment") if comment else ""
    records = hashes_now(signing.folder)
    made = Entry(
        *(signing.round_id, signing.source, signing.plan.study, FACT_CHECK),
        by=name,
        role=REGION,
        records={region: records[region]},
        text=text,
        region=region,
    )
    return add(made, lambda log: _check_open(signing.standing(log)))


def _check_open(now: Standing) -> None:
    """RunError where the regions are not asked, or no longer."""
    if now.signed:
        raise signed_already(now.signed)
    if now.changed:
        text = "the records are not those that were signed last."
        raise RunError("E396", text, remedy="Take the steps again, from --step analyst on.")
    if now.step(ASSURER) is None:
        remedy = f"Next is: sign-off --step {now.next_step}."
        raise RunError("E395", "the regions are asked after the assurer.", remedy=remedy)
    if now.step(DISCLOSURE) is not None:
        text = "the fact check is closed: the disclosure checker has signed."
        raise RunError("E399", text, remedy="Say it to the lead, before the study is signed.")
