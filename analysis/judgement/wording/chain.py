"""The sentence under the ladder: how far up the chain from learning to results holds, worked out
from result classes.

A chain breaks only where something above it was measured well enough to say that it is no better:
too few people to tell is a gap in what is known and not a break. Source of the order of levels:
Kirkpatrick 1959, Kaufman 1992.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.judgement.classes import BENEFIT, HARM
from analysis.judgement.wording.figures_in_words import listed
from analysis.said.texts import joined, sentence

BROKEN = HARM | {"no_meaningful_difference", "detectable_but_small"}


@dataclass(frozen=True)
class Link:
    """One compared rung: its outcome as a noun ("behaviour", "staff leaving") and its class (None:
    not set yet)."""

    name: str
    result_class: str | None

    @property
    def holds(self) -> bool:
        return self.result_class in BENEFIT

    @property
    def breaks(self) -> bool:
        return self.result_class in BROKEN


@sentence
def chain_sentence(links: Sequence[Link]) -> str:
    """How far the chain holds, bottom up: "The chain holds up to behaviour. We do not know yet
    about retention."

    Empty where no rung is compared or no class is set yet. Rungs that are better above a gap are
    named as such, since without the rung below it nothing says that they came about through the
    chain.
    """
    if not links or all(link.result_class is None for link in links):
        return ""
    held = _held(links)
    above = links[held:]
    unknown = tuple(link.name for link in above if not link.holds and not link.breaks)
    parts = [_start(links, held, unknown), *_breaks(above, lowest=not held)]
    if unknown and len(unknown) < len(links):
        parts.append(f"We do not know yet about {listed(unknown)}.")
    if better := tuple(link.name for link in above if link.holds):
        where = "a gap in what is known" if unknown else "the break"
        parts.append(f"Better above {where}: {listed(better)}.")
    return joined(" ", (part for part in parts if part))


def _breaks(above: Sequence[Link], *, lowest: bool) -> list[str]:
    """A sentence for each rung that was measured well enough to say that it is no better; `above`
    starts off the chain."""
    said: list[str] = []
    for link in above:
        if link.breaks:
            first = (
                "The chain breaks at its lowest rung,"
                if lowest and link is above[0]
                else "It breaks at"
            )
            said.append(_broken(link, "It breaks again at" if said else first))
    return said


def _held(links: Sequence[Link]) -> int:
    """How many rungs from the lowest one up are better without a gap."""
    return next((i for i, link in enumerate(links) if not link.holds), len(links))


def _start(links: Sequence[Link], held: int, unknown: tuple[str, ...]) -> str:
    if held == len(links):
        return f"The chain holds up to {links[-1].name}, the highest rung that is compared."
    if held:
        return f"The chain holds up to {links[held - 1].name}."
    if len(unknown) == len(links):
        return (
            "We do not know yet whether the chain holds: there is too little information about"
            f" {listed(unknown)}."
        )
    return "" if links[0].breaks else "The chain cannot be followed from its lowest rung."


def _broken(link: Link, where: str) -> str:
    if link.result_class in HARM:
        return f"{where} {link.name}: outcomes there are worse."
    return (
        f"{where} {link.name}: any difference there is very likely smaller than the size that"
        " matters."
    )
