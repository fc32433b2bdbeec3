"""The front page: real data, worked examples and synthetic data apart, pilots and monitors apart,
each counting only its own."""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.judgement import classes
from analysis.judgement.wording.figures_in_words import listed
from analysis.plans.action_plan import ActionPlan
from analysis.plans.monitor import Monitor
from analysis.plans.plan import Plan
from analysis.site.answers.harm_found import HarmList, harm_lists
from analysis.site.index import IndexStudy, index_study, is_synthetic
from analysis.site.runs_found import FoundStudy
from analysis.studies.disparity.shown.words import page_rows
from analysis.study.words import lead_row

# What the sentence about pilots counts, in this order; a study stands in exactly one.
FOUND = {
    "better": classes.BENEFIT,
    "worse": classes.HARM,
    "no meaningful difference": frozenset({"no_meaningful_difference", "detectable_but_small"}),
    "neither better nor worse by the plan": frozenset({"direction_undefined"}),
    "cannot tell yet": classes.INCONCLUSIVE | {"only_before_adjustment", "unreliable"},
}
# Sorts of data, in the order of the page, with their headings.
PARTS = {
    "real": "Real data",
    "examples": "Worked examples: published tables of other bodies",
    "synthetic": "Synthetic data: not real people",
}
NO_COMPARISON, NOT_CLEARED = "no comparison possible", "not yet cleared"


@dataclass(frozen=True)
class FrontKind:
    """Studies of one kind: what they found in one sentence, and each of them."""

    title: str
    sentence: str
    studies: tuple[IndexStudy, ...]


@dataclass(frozen=True)
class FrontPart:
    """All that rests on data of one sort. `harm`: what is worse; empty where no pilot rests on such
    data."""

    id: str
    title: str
    kinds: tuple[FrontKind, ...]
    harm: tuple[HarmList, ...]


def front_parts(studies: tuple[FoundStudy, ...]) -> tuple[FrontPart, ...]:
    """Real data first, then worked examples, then synthetic data; a part without a study is left
    out."""
    found: dict[str, list[FoundStudy]] = {}
    for study in studies:
        found.setdefault(_sort_of_data(study), []).append(study)
    return tuple(
        _part(key, title, tuple(getattr(found, key)))
        for key, title in PARTS.items()
        if key in found
    )


def _sort_of_data(study: FoundStudy) -> str:
    """The part of the page in which a study stands: an example never counts among what is known of
    the service."""
    if is_synthetic(study):
        return "synthetic"
    return "examples" if study.plan.worked_example else "real"


def _part(key: str, title: str, studies: tuple[FoundStudy, ...]) -> FrontPart:
    kinds = []
    for kind, (name, say) in KINDS.items():
        found = [study for study in studies if isinstance(study.plan, kind)]
        if found:
            kinds.append(FrontKind(name, say(found), tuple(index_study(study) for study in found)))
    compares = any(isinstance(study.plan, Plan) for study in studies)
    return FrontPart(key, title, tuple(kinds), harm_lists(studies) if compares else ())


def found(study: FoundStudy) -> str:
    """What the study found over all places, in the words of the sentence about pilots."""
    if study.national is None:
        return NOT_CLEARED
    row = lead_row(study.plan, study.national.record)
    return next((words for words, keys in FOUND.items() if row.result_class in keys), NO_COMPARISON)


def pilots_sentence(pilots: list[FoundStudy]) -> str:
    """ "2 pilots: 1 better and 1 cannot tell yet." """
    each = [found(study) for study in pilots]
    counts = [
        f"{each.count(words)} {words}"
        for words in (*FOUND, NO_COMPARISON, NOT_CLEARED)
        if words in each
    ]
    return f"{_counted(len(each), 'pilot', 'pilots')}: {listed(tuple(counts))}."


def monitors_sentence(monitors: list[FoundStudy]) -> str:
    """How many comparisons over all places show a disparity; monitors not yet cleared are counted
    apart."""
    cleared = [
        (study.plan, study.national.record) for study in monitors if study.national is not None
    ]
    rows = [row for plan, national in cleared for _, _, row in page_rows(plan, national)]
    shown = sum(row.result_class == "disparity" for row in rows)
    open_ = len(monitors) - len(cleared)
    parts = [f"{shown} of {len(rows)} comparisons over all places show a disparity"] if rows else []
    parts += [f"{open_} {NOT_CLEARED}"] if open_ else []
    return f"{_counted(len(monitors), 'monitor', 'monitors')}: {listed(tuple(parts))}."


def lists_sentence(lists: list[FoundStudy]) -> str:
    return f"{_counted(len(lists), 'list', 'lists')} of commitments."


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


# By kind of plan, in the order of the page: its heading and its sentence.
KINDS: dict[type, tuple[str, Callable[[list[FoundStudy]], str]]] = {
    Plan: ("Pilots", pilots_sentence),
    Monitor: ("Standing differences", monitors_sentence),
    ActionPlan: ("What was promised", lists_sentence),
}
