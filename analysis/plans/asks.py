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


def check_asks(asks: tuple[str, ...], *, gaps: bool, question: str) -> None:
    """Raise ValueError where `asks` cannot be answered. `gaps`: the kind of study estimates
    differences in effect between ethnic groups."""
    for name in asks:
        if name not in ASKS:
            raise ValueError(f"asks: there is no `{name}`; valid: {', '.join(ASKS)}")
    if len(set(asks)) != len(asks):
        raise ValueError("asks: a question stands twice")
    if not asks or asks[0] != EFFECT:
        raise ValueError(f"asks: `{EFFECT}` comes first; valid: {', '.join(ASKS)}")
    if GAP_NARROWS in asks and not gaps:
        raise ValueError(
            f"asks: `{GAP_NARROWS}` needs a study that estimates differences between ethnic groups;"
            f" valid here: {EFFECT}"
        )
    if GAP_NARROWS not in asks and "gap" in question.lower().split():
        raise ValueError(f"asks: the question asks about the gap; add `{GAP_NARROWS}`")
