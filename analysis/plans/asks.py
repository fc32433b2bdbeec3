"""Which questions the pages of a pilot answer, in order (plan key `asks`): each gets an answer line
of its own."""

from collections.abc import Mapping
from types import MappingProxyType

EFFECT, GAP_NARROWS = "effect", "gap_narrows"
ASKS: Mapping[str, str] = MappingProxyType(
    {
        EFFECT: "What changes for the people it is for?",
        GAP_NARROWS: "Does the gap between ethnic groups narrow?",
    }
)
# Notebooks whose studies estimate differences in effect between ethnic groups.
ESTIMATE_GAPS = frozenset({"ethnic_matching", "psr_quality", "training_trial"})


def check_asks(asks: tuple[str, ...], *, runs: str, question: str) -> None:
    """Raise ValueError where `asks` cannot be answered. `runs`: the notebook whose study the plan
    runs."""
    for name in asks:
        if name not in ASKS:
            raise ValueError(f"asks: there is no `{name}`; valid: {', '.join(ASKS)}")
    if len(set(asks)) != len(asks):
        raise ValueError("asks: a question stands twice")
    if not asks or asks[0] != EFFECT:
        raise ValueError(f"asks: `{EFFECT}` comes first; valid: {', '.join(ASKS)}")
    if GAP_NARROWS in asks and runs not in ESTIMATE_GAPS:
        raise ValueError(
            f"asks: `{GAP_NARROWS}` needs a study that estimates differences between ethnic groups;"
            f" valid: {', '.join(sorted(ESTIMATE_GAPS))}"
        )
    if GAP_NARROWS not in asks and "gap" in question.lower().split():
        raise ValueError(f"asks: the question asks about the gap; add `{GAP_NARROWS}`")
