"""What a kind of study can write into a record: words and policy of every estimand, method, check
and reason to leave people out.

A kind declares its own; what all kinds share stands here. What is neither is an error when a record
is made (study/declared.py): nothing on a page is an id that nobody put into words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

# What an estimate allowed for, by rule (study/allowed_for.py turns each into a plan's own words).
AllowsFor = Literal[
    "nothing",
    "held_alike",
    "outside",
    "everything",
    "recorded",
    "by_quarter",
    "units_alike",
    "before",
    "alike_and_before",
    "practitioner",
    "as_in_places",
]


@dataclass(frozen=True)
class Method:
    """One way to work something out. words: beside its number in a table. allows_for: the rule that
    says what it allowed for; of a row over places, what the rows of its places did.

    attenuated: where differences found in this way are closer to nothing than the true ones, the
    clause that says why. Its interval then rules out nothing: no page says of such a number that a
    difference is small or unlikely. attenuated_but: outcomes of which that is not so.
    """

    words: str
    allows_for: AllowsFor = "nothing"
    attenuated: str = ""
    attenuated_but: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estimand:
    """One quantity. words: in a table. of_arms: what its methods are, where each carries the names
    of arms."""

    words: str
    of_arms: Method | None = None


@dataclass(frozen=True)
class Tells:
    """A check that tells something and lowers no claim. words: its name on a page.

    of: the whole study (its id in a record is `id`), each outcome or fact (`id_OUTCOME`), each
    measure and group (`id_MEASURE_GROUP`), or each time that it is found (`id_1`, `id_2`).
    """

    words: str
    of: Literal["study", "outcome", "measure", "time"] = "study"


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "crude_means": Method("naive: nothing held alike"),
        "score": Method("rates set beside each other"),
        "count": Method("count"),
        "empirical_bayes": Method("drawn towards the other places", "as_in_places"),
        "random_effects_reml": Method("places put together", "as_in_places"),
    }
)
ESTIMANDS: Mapping[str, Estimand] = MappingProxyType(
    {
        "share": Estimand("Share"),
        "mean": Estimand("Mean"),
        "money": Estimand("Cost"),
        "relative_rate_index": Estimand("Relative rate"),
        "group_effect": Estimand("Within the group"),
        "gap_difference": Estimand("Difference between two groups"),
        "naive_difference": Estimand("Matched less others, nothing held alike"),
    }
)
NOT_IN = "not_in_these_numbers"  # of the nation: it says which places are withheld whole
TELLS: Mapping[str, Tells] = MappingProxyType(
    {
        "like_the_others": Tells("the place is in line with the others", "outcome"),
        "response": Tells("how many answered", "outcome"),
        NOT_IN: Tells("places that are in no number of all together"),
    }
)
