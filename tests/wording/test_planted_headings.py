"""Headings of twelve synthetic nations beside what is planted in them (slow: `make test-seeds`; it
prints how many)."""

from collections import Counter

import pytest

from analysis.plans.registry import load_plan
from wording.planted import (
    CONTRADICTS,
    FOUND_NOTHING,
    HIDDEN,
    HOPEFUL,
    LEANS,
    Heading,
    judged,
    matching_headings,
    trial_headings,
)

SEEDS = tuple(range(101, 113))
# A heading that asserts rests on an interval that leaves 0 out: on the wrong side of a planted 0 in
# 5 of 100 at most.
ALLOWED = {FOUND_NOTHING: 0.05}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "headings"),
    [("gamified_training", trial_headings), ("ethnic_matching", matching_headings)],
)
def test_no_heading_contradicts_the_planted_truth_or_hides_a_planted_harm(study, headings, capsys):
    plan = load_plan(study)
    made = [heading for seed in SEEDS for heading in headings(seed)]
    found = [(judged(plan, heading), heading) for heading in made]
    counts = Counter(what for what, _ in found if what)
    with capsys.disabled():
        print(
            f"\n{study}: {len(made)} headings of {len(SEEDS)} nations:"
            f" {dict(counts) or 'nothing wrong'}"
        )
    wrong = [
        (what, one.seed, one.text) for what, one in found if what in (CONTRADICTS, HIDDEN, HOPEFUL)
    ]
    assert wrong == []
    assert counts[FOUND_NOTHING] <= ALLOWED[FOUND_NOTHING] * len(made)


JUDGED = {
    "Wales: more recalls with matching: worse": CONTRADICTS,
    "Wales: more recalls among matched people; too few to be sure": LEANS,
    "Wales: matching goes with fewer recalls: better": None,
    "Wales: the figure for recalls is withheld to protect people": None,
}
HARMED = {
    "Wales: the figure for recalls is withheld to protect people": HIDDEN,
    "Wales: too few people to tell whether matching goes with fewer recalls": HOPEFUL,
    "Wales: more recalls among matched people; too few to be sure": None,
}


@pytest.mark.parametrize(("effect", "texts"), [(-1.0, JUDGED), (2.0, HARMED)])
def test_a_heading_is_judged_by_the_planted_truth(effect, texts):
    plan = load_plan("ethnic_matching")
    found = {text: judged(plan, Heading(1, "wales", text, {"recalled": effect})) for text in texts}
    assert found == texts
