"""Numbers as a sentence prints them: rounded so that sign, side of the centre and side of the size
that matters stay true."""

from dataclasses import dataclass

from analysis.judgement.finding import Finding
from analysis.said.texts import capital as capital
from analysis.said.texts import settled, together
from analysis.said.told import told

MOST_DECIMALS = 9  # beyond this two numbers are printed as equal


def number(value: float, decimals: int) -> str:
    """`value` with at most so many decimals, no trailing zeros, thousands with commas, never
    "-0"."""
    text = told(value, decimals)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return told(0) if text in ("-0", "") else text


def fixed(value: float, decimals: int) -> str:
    """`value` with exactly so many decimals, thousands with commas, never "-0.0"."""
    text = told(value, decimals)
    return text.removeprefix("-") if not text.strip("-0.,") else text


def alike(texts: list[str]) -> list[str]:
    """Numbers that stand together: whole ones lose their zeros only where all of them are whole."""
    whole = all("." not in text or not text.split(".")[1].strip("0") for text in texts)
    return [text.split(".")[0] for text in texts] if whole else texts


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def decimals_that_tell_apart(
    values: tuple[float, ...], marks: tuple[float, ...], fewest: int
) -> int:
    """The fewest decimals at which every value, printed, stands on the true side of every mark,
    printed alike.

    So -0.04 is not printed as 0, and a limit of 1.98 is not printed as 2 where 2 is the size that
    matters.
    """
    for decimals in range(fewest, MOST_DECIMALS):
        if all(
            _sign(round(v, decimals) - round(m, decimals)) == _sign(v - m)
            for v in values
            for m in marks
        ):
            return decimals
    return MOST_DECIMALS


@dataclass(frozen=True)
class Printed:
    """The numbers of one finding as text. Magnitudes for differences; `value`, `low`, `high` as
    they are for ratios."""

    value: str
    low: str
    high: str
    near: str  # the limit nearer to the centre, as a magnitude
    far: str
    matters: str
    matters_inverse: str  # 1/S, ratios only
    comparison: str | None
    group: str | None
    estimated: str | None = (
        None  # the level of the group without the programme, as a model gives it
    )


def printed(finding: Finding) -> Printed:
    """The numbers of a finding: one decimal for points and rates, two for ratios, more where a side
    would be lost."""
    return _printed_ratio(finding) if finding.kind == "rate" else _printed_difference(finding)


def _printed_difference(finding: Finding) -> Printed:
    size = finding.matters
    marks = (0.0,) if size is None else (0.0, size, -size)
    fewest = 2 if finding.kind == "scale" and (size or 1) < 1 else 1
    raw = [x or 0.0 for x in (finding.value, finding.conf_low, finding.conf_high)]
    value, low, high = alike(
        [fixed(abs(x), decimals_that_tell_apart((x,), marks, fewest)) for x in raw]
    )
    ends = sorted([(abs(raw[1]), low), (abs(raw[2]), high)])
    levels = _levels(finding, fewest)
    return Printed(
        value,
        low,
        high,
        near=ends[0][1],
        far=ends[1][1],
        matters=told(size) if size is not None else "",
        matters_inverse="",
        comparison=levels[0],
        group=levels[1],
        estimated=levels[2],
    )


def _printed_ratio(finding: Finding) -> Printed:
    size = finding.matters
    marks = (1.0,) if size is None else (1.0, size, 1 / size)
    # A lower limit of exactly 0 times is printed as 0; any other must not be.
    value, low, high = (
        fixed(x, decimals_that_tell_apart((x,), (*marks, 0.0), 2)) if x else told(0)
        for x in (finding.value, finding.conf_low, finding.conf_high)
    )
    matters, inverse = (fixed(size, 2), fixed(1 / size, 2)) if size else ("", "")
    return Printed(value, low, high, low, high, matters, inverse, *_levels(finding, 1))


def _levels(finding: Finding, fewest: int) -> tuple[str | None, str | None, str | None]:
    """Levels observed among the comparison people and the group, and the estimated one, in this
    order.

    Two different levels never look equal, and none looks like 0.
    """
    levels = (finding.comparison_value, finding.group_value, finding.comparison_estimated)
    known = tuple(x for x in levels if x is not None)
    beside = known
    if finding.kind != "rate" and finding.comparison_estimated is not None:
        # The group's own level is in no sentence with the estimated one.
        both = (finding.comparison_value, finding.comparison_estimated)
        beside = tuple(x for x in both if x is not None)
    marks = (0.0, *beside) if finding.kind != "scale" else beside
    decimals = min(decimals_that_tell_apart(beside, marks, fewest), fewest + 3) if known else fewest
    texts = [fixed(x, decimals) for x in known]
    # Only the levels of a ratio stand beside each other in one sentence.
    shown = iter(alike(texts) if finding.kind == "rate" else [alike([text])[0] for text in texts])
    comparison, group, estimated = (None if x is None else next(shown) for x in levels)
    return comparison, group, estimated


def fewer_or_more(finding: Finding, value: float) -> str:
    """The word for a raw sign: fewer or more (shares), lower or higher (scales), less or more often
    (ratios)."""
    below, above = {"scale": ("lower", "higher"), "rate": ("less often", "more often")}.get(
        finding.kind, ("fewer", "more")
    )
    return below if value < finding.centre else above


def listed(words: tuple[str, ...]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return words[0] if words else ""
    return settled(f"{together(', ', words[:-1])} and {words[-1]}")
