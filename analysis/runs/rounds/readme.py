"""What stands in the README of a published round: what it is, whose figures, of when, and under
which licence."""

from collections.abc import Iterable, Iterator

from analysis.places.known import SORTS
from analysis.rounds.announced import announced, said
from analysis.rounds.log import CORRECTION, Entry
from analysis.rounds.marks import front_notice
from analysis.rounds.runs_found import FoundStudy
from analysis.said.carried import read_out
from analysis.sections.page.block import page_of
from analysis.site.facts import RELEASE as FOR_WHOM
from analysis.site.front.index import sort_of_study
from analysis.site.signed import SignedState
from analysis.vocabulary.round_ids import base_round

README = "README.txt"
# The statement that the licence asks for: nationalarchives.gov.uk/doc/open-government-licence
OGL = "Contains public sector information licensed under the Open Government Licence v3.0."
INTERNAL = "None: internal to those on the circulation list; not to be passed on."
# A plan whose figures are not to be shared outside the service says so (`release`): no licence is
# claimed for it.
NOT_YET = "None yet: a plan here is management information. Once none is, this statement holds:"
LICENCE = {"internal": INTERNAL, "release": OGL}
WHAT = {
    "internal": "Signed pages of a reporting round, for the circulation list alone.",
    "release": "Released pages of a reporting round.",
}


def readme(
    round_id: str,
    audience: str,
    studies: Iterable[FoundStudy],
    signed: SignedState,
    log: tuple[Entry, ...],
) -> str:
    """The whole text. log: of rounds, for what was announced."""
    own = tuple(studies)
    lines = [
        "PILOT EVALUATION WORKBOOK",
        "",
        WHAT[audience],
        f"Round: {base_round(round_id)}",
        f"Audience: {audience}",
        f"Licence: {licence_of(audience, own)}",
        "",
        "Begin with pages/index.html. Nothing on the pages is loaded from a network.",
        "SHA256SUMS holds the sha256 of every file: sha256sum --check SHA256SUMS",
        "",
        "STUDIES",
        *(line for study in own for line in _of_study(study, signed)),
        *(_circulation(own) if audience == "internal" else ()),
        *_seen_before(own, log),
        *_corrections(own, signed),
    ]
    return read_out("\n".join(lines) + "\n")


def licence_of(audience: str, studies: tuple[FoundStudy, ...]) -> str:
    """The statement of the licence, and that it does not hold yet where a plan says otherwise."""
    shared = all(study.plan.release != "management_information" for study in studies)
    if audience == "internal" or shared:
        return LICENCE[audience]
    return f"{NOT_YET} {LICENCE[audience]}"


def _of_study(study: FoundStudy, signed: SignedState) -> Iterator[str]:
    if study.national is None:
        raise ValueError(f"{study.plan.study} has no national record")
    record = study.national.record
    state = ", ".join(signed.marks(study.key).words(record.audience))
    yield f"- {study.plan.title} ({study.plan.study}), round {study.round_id}"
    yield f"  Data: {SORTS[sort_of_study(study)]}"
    yield f"  Period: {page_of(study.plan).period(study.plan, record)}"
    yield f"  State: {state}"
    yield f"  For: {FOR_WHOM[study.plan.release]}"


def _circulation(studies: tuple[FoundStudy, ...]) -> Iterator[str]:
    """Who is on the circulation list: the roles that each plan names, never a person."""
    yield from ("", "CIRCULATION LIST (roles that the plans name)")
    for plan in {study.plan.study: study.plan for study in studies}.values():
        people = plan.people
        roles = dict.fromkeys(map(str, (people.lead, people.assurer, people.decides)))
        yield f"- {plan.title}: {', '.join(roles)}"


def _seen_before(studies: tuple[FoundStudy, ...], log: tuple[Entry, ...]) -> Iterator[str]:
    """When what was announced is released, and which roles see it before."""
    plans = {study.plan.study: (study.plan, announced(log, study.key)) for study in studies}
    found = [(plan, made) for plan, made in plans.values() if made]
    if found:
        yield from ("", "RELEASE AND PRE-RELEASE ACCESS (times in England)")
    for plan, made in found:
        yield f"- {plan.title}: release on {said(made.release_at)}"
        if made.shown_from:
            yield f"  Seen before, from {said(made.shown_from)}: {', '.join(made.shown_to)}"
        else:
            yield "  Seen before by nobody but those who made it"


def _corrections(studies: tuple[FoundStudy, ...], signed: SignedState) -> Iterator[str]:
    titles = {study.key: study.plan.title for study in studies}
    found = [one for one in signed.log if one.step == CORRECTION and one.key in titles]
    if found:
        yield from ("", "CORRECTIONS")
    for one in found:
        yield f"- {front_notice(titles[one.key], one)}"
