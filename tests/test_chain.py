"""The sentence under the ladder: holds, does not know yet, breaks; and never a break where too few
could be told."""

import itertools

import pytest
from avoided_words import faults

from analysis.judgement.classes import BENEFIT, RESULT_CLASSES
from analysis.judgement.wording.chain import BROKEN, Link, chain_sentence

NAMES = ("learning", "behaviour", "retention")
BETTER, UNKNOWN, ALIKE, WORSE = (
    "benefit_matters",
    "inconclusive",
    "no_meaningful_difference",
    "harm_size_uncertain",
)


def said(*found):
    return chain_sentence([Link(name, one) for name, one in zip(NAMES, found, strict=True)])


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            (BETTER, BETTER, UNKNOWN),
            "The chain holds up to behaviour. We do not know yet about retention.",
        ),
        (
            (BETTER, BETTER, BETTER),
            "The chain holds up to retention, the highest rung that is compared.",
        ),
        (
            (BETTER, ALIKE, UNKNOWN),
            (
                "The chain holds up to learning. It breaks at behaviour: any difference there is"
                " very likely smaller than the size that matters. We do not know yet about"
                " retention."
            ),
        ),
        (
            (BETTER, WORSE, BETTER),
            (
                "The chain holds up to learning. It breaks at behaviour: outcomes there are worse."
                " Better above the break: retention."
            ),
        ),
        (
            (UNKNOWN, UNKNOWN, UNKNOWN),
            (
                "We do not know yet whether the chain holds: there is too little information about"
                " learning, behaviour and retention."
            ),
        ),
        (
            (UNKNOWN, BETTER, UNKNOWN),
            (
                "The chain cannot be followed from its lowest rung. We do not know yet about"
                " learning and retention. Better above a gap in what is known: behaviour."
            ),
        ),
        (
            (ALIKE, BETTER, WORSE),
            (
                "The chain breaks at its lowest rung, learning: any difference there is very likely"
                " smaller than the size that matters. It breaks again at retention: outcomes there"
                " are worse. Better above the break: behaviour."
            ),
        ),
        ((None, None, None), ""),
    ],
)
def test_the_sentence(found, sentence):
    assert said(*found) == sentence


def test_every_combination_is_one_clean_text_that_breaks_only_on_what_was_measured():
    for found in itertools.product(RESULT_CLASSES, repeat=3):
        text = said(*found)
        assert text and not faults(text)
        assert ("breaks" in text) == bool(set(found) & BROKEN)
        assert ("holds up to" in text) == (found[0] in BENEFIT)


def test_without_a_compared_rung_nothing_is_said():
    assert chain_sentence([]) == ""
