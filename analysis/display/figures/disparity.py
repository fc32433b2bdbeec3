"""Figures of a monitor: the ratio round by round with control limits, and units in a funnel. From
cleared tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from analysis.display import style
from analysis.display.amounts import each_said
from analysis.display.figures import marks
from analysis.display.figures.columns import Columns, cells, number
from analysis.display.figures.points import Look, Points, draw_dots, draw_points
from analysis.display.recipes import drawn_from_table, said_from_table
from analysis.results import Table

TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)
WIDEST = 20.0  # an interval end beyond this, and beyond every ratio, is an arrow with its number
TOGETHER = "together"  # the line of all rounds, or all units, in a table of them
PROVISIONAL, OUTSIDE, NOT_DELIVERED = "provisional", "outside its limits", "not delivered"
SAID = (PROVISIONAL, OUTSIDE, NOT_DELIVERED)  # in this order in its words
INSIDE, OUTSIDE_95, OUTSIDE_99_8 = "inside", "outside_95", "outside_99_8"


@dataclass(frozen=True)
class TrendColumns(Columns):
    """Of a table of rounds: label, ratio with its interval, 99.8% limits of a round without change,
    and in words what is to be known of the round. The line "together" holds the ratio of all."""

    label: str = "round"
    value: str = "times as often"
    low: str = "low"
    high: str = "high"
    limit_low: str = "limit, low"
    limit_high: str = "limit, high"
    marks: str = "marks"


@dataclass(frozen=True)
class FunnelColumns(Columns):
    """Of a table of units: name, events expected, observed over expected with its limits of chance,
    and where it lies. The line "together" holds the ratio of all."""

    label: str = "unit"
    expected: str = "expected"
    ratio: str = "times as often"
    low_95: str = "low, 95%"
    high_95: str = "high, 95%"
    low_99_8: str = "low, 99.8%"
    high_99_8: str = "high, 99.8%"
    position: str = "position"


@dataclass(frozen=True)
class _Round:
    label: str
    value: float | None
    low: float | None
    high: float | None
    limits: tuple[float, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True)
class _Unit:
    name: str
    expected: float
    ratio: float
    limits: dict[str, float]
    position: str


def _rounds(table: Table, columns: TrendColumns) -> tuple[list[_Round], float | None]:
    """The rounds, and the ratio of all of them together (None: not shown)."""
    named, found, centre = columns, [], None
    wanted = (named.value, named.low, named.high, named.limit_low, named.limit_high)
    for row in cells(table, named.label, *wanted, named.marks):
        value, low, high, *limits = (number(row[name]) for name in wanted)
        if row[named.label] == TOGETHER:
            centre = value
            continue
        words = tuple(word for word in str(row[named.marks]).split(", ") if word in SAID)
        both = tuple(limits) if None not in limits else ()
        found.append(_Round(str(row[named.label]), value, low, high, both, words))
    return found, centre


@drawn_from_table
def trend_figure(
    table: Table,
    *,
    band: tuple[float, float],
    title: str,
    columns: TrendColumns = TrendColumns(),
) -> Figure:
    """The ratio in each round on a log axis, its interval, and where a round without change would
    lie (99.8%)."""
    rounds, centre = _rounds(table, columns)
    with style.house_style():
        figure = style.blank(3.9)
        top = marks.heading_height(title) + 0.1
        axes = marks.area(figure, left=0.75, right=marks.MARGIN, top=top, bottom=1.2)
        ends = [v for r in rounds for v in (r.low, r.high, *r.limits) if v is not None]
        low, high = _log_axis(axes, [r.value for r in rounds if r.value is not None], ends)
        axes.set_xlim(-0.6, len(rounds) - 0.4)
        axes.axhspan(*band, color=style.BAND, linewidth=0, zorder=0)
        axes.axhline(1, color=style.INK, linewidth=1, zorder=1)
        if centre is not None:
            axes.axhline(centre, color=style.GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        _limits(axes, rounds)
        shown = [(x, one) for x, one in enumerate(rounds) if one.value is not None]
        draw_points(
            axes,
            Points(
                y=[x for x, _ in shown],
                value=[max(one.value, low) for _, one in shown],
                low=[max(one.low, low) for _, one in shown],
                high=[min(one.high, high) for _, one in shown],
                look=[_look(one) for _, one in shown],
            ),
            upright=True,
        )
        for x, one in shown:
            _cut_ends(axes, x, one, (low, high))
        labels = [one.label.replace(" ", "\n") for one in rounds]
        axes.set_xticks(range(len(rounds)), labels=labels, fontsize=style.SMALL)
        axes.tick_params(left=True, labelleft=True)
        axes.set_ylabel("times as often", fontsize=style.SMALL)
        marks.small_print(figure, _trend_key(rounds, centre))
        marks.heading(figure, title)
    return figure


def _look(one: _Round) -> Look:
    shape = "D" if OUTSIDE in one.marks else "o"
    return Look(style.NAVY, shape, solid=PROVISIONAL not in one.marks)


def _trend_key(rounds: Sequence[_Round], centre: float | None) -> list[str]:
    """What the marks are that stand in the figure."""
    said = {word for one in rounds for word in one.marks}
    used = ["● ratio with 95% interval"]
    used += ["○ provisional"] if PROVISIONAL in said else []
    used += ["◆ outside its limits"] if OUTSIDE in said else []
    used += ["dashed: together"] if centre is not None else []
    has_limits = any(one.limits for one in rounds)
    limits = ["grey ticks: 99.8% limits of a round without change"] if has_limits else []
    return ["   ".join(used), "   ".join([*limits, "grey band: the plan's band"])]


def _limits(axes: Axes, rounds: Sequence[_Round]) -> None:
    """Limits of a round without change, where they lie on the axis."""
    least, most = axes.get_ylim()
    for x, one in enumerate(rounds):
        ends = [end for end in one.limits if least <= end <= most]
        look = {"colors": style.GREY, "linewidth": 1.2, "capstyle": "projecting", "zorder": 2}
        axes.hlines(ends, x - 0.4, x + 0.4, **look)


@said_from_table
def trend_figure_alt(
    table: Table,
    *,
    columns: TrendColumns = TrendColumns(),
) -> str:
    """Each round in words."""
    said = []
    for one in _rounds(table, columns)[0]:
        if one.value is None:
            missing = NOT_DELIVERED if NOT_DELIVERED in one.marks else "not shown"
            said.append(f"{one.label}: {missing}")
            continue
        words = f"{one.label}: {one.value:.2f} ({one.low:.2f} to {one.high:.2f})"
        said.append(", ".join((words, *one.marks)))
    return f"Times as often, round by round, with 95% intervals. {each_said(said)}"


def _units(table: Table, columns: FunnelColumns) -> tuple[list[_Unit], float]:
    """The units by events expected, and the ratio of all of them together."""
    named, found, target = columns, [], None
    limits = ("low_95", "high_95", "low_99_8", "high_99_8")
    wanted = (named.expected, named.ratio, *(getattr(named, name) for name in limits))
    for row in cells(table, named.label, *wanted, named.position):
        expected, ratio, *ends = (number(row[name]) for name in wanted)
        if row[named.label] == TOGETHER:
            target = ratio
        elif expected is not None and ratio is not None and None not in ends:
            both = dict(zip(limits, ends, strict=True))
            unit = _Unit(str(row[named.label]), expected, ratio, both, str(row[named.position]))
            found.append(unit)
    if target is None:
        raise ValueError(f"a funnel has a line {TOGETHER!r} with the ratio of all units")
    return sorted(found, key=lambda unit: unit.expected), target


@drawn_from_table
def funnel_figure(
    table: Table,
    *,
    units: str,
    title: str,
    columns: FunnelColumns = FunnelColumns(),
) -> Figure:
    """Each unit's O/E against the number of events expected, with limits of chance (95 and 99.8%)
    around the place's own."""
    ordered, target = _units(table, columns)
    with style.house_style():
        figure = style.blank(4.0)
        top = marks.heading_height(title) + 0.1
        key = marks.wrapped(_funnel_key(ordered, units), style.WIDTH)
        bottom = 0.85 + marks.STEP * len(key)
        axes = marks.area(figure, left=0.75, right=marks.MARGIN, top=top, bottom=bottom)
        most = min(max(unit.limits["high_99_8"] for unit in ordered), WIDEST)
        axes.set_ylim(0, max([most, target * 1.5, *(unit.ratio for unit in ordered)]) * 1.08)
        axes.set_xlim(0, max(unit.expected for unit in ordered) * 1.12)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.axhline(target, color=style.GREY, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        _chance(axes, ordered)
        _dots(axes, ordered)
        axes.tick_params(left=True, labelleft=True)
        axes.set_ylabel("times as often", fontsize=style.SMALL)
        axes.set_xlabel("Events that the reference group's rate would give", fontsize=style.SMALL)
        marks.small_print(figure, key)
        marks.heading(figure, title)
    return figure


def _funnel_key(ordered: Sequence[_Unit], units: str) -> list[str]:
    """What the marks and lines are."""
    return [
        (
            f"○ inside   ◆ outside the limits, named, of {len(ordered)} looked at   dashed: all"
            f" {units} together"
        ),
        "lines: 95% and 99.8% of units would lie inside by chance",
    ]


def _chance(axes: Axes, ordered: Sequence[_Unit]) -> None:
    """The four limits of chance, each a line over all units."""
    expected = [unit.expected for unit in ordered]
    for width, names in ((1.0, ("low_95", "high_95")), (1.6, ("low_99_8", "high_99_8"))):
        for name in names:
            ends = [unit.limits[name] for unit in ordered]
            axes.plot(expected, ends, color=style.GREY, linewidth=width, zorder=1)


def _dots(axes: Axes, ordered: Sequence[_Unit]) -> None:
    """The units, those outside with their names."""
    looks = {
        INSIDE: Look(style.NAVY, "o", solid=False),
        OUTSIDE_95: Look(style.NAVY, "D", solid=False, fill=style.BAND),
        OUTSIDE_99_8: Look(style.NAVY, "D"),
    }
    draw_dots(
        axes,
        [unit.expected for unit in ordered],
        [unit.ratio for unit in ordered],
        [looks[unit.position] for unit in ordered],
        size=7.5,
        edge=1.0,
        zorder=3,
    )
    for unit in (unit for unit in ordered if unit.position != INSIDE):
        place = {"xytext": (6, 5), "textcoords": "offset points", "fontsize": style.KEY}
        axes.annotate(unit.name, (unit.expected, unit.ratio), **place)


@said_from_table
def funnel_figure_alt(
    table: Table,
    *,
    units: str,
    columns: FunnelColumns = FunnelColumns(),
) -> str:
    """The units outside the limits by name, and how many lie inside."""
    ordered, target = _units(table, columns)
    order = [str(row[columns.label]) for row in cells(table, columns.label)]
    ordered.sort(key=lambda unit: order.index(unit.name))
    outside = [unit for unit in ordered if unit.position != INSIDE]
    named = each_said(
        f"{unit.name}: {unit.ratio:.2f} times, outside the"
        f" {'99.8' if unit.position == OUTSIDE_99_8 else '95'}% limits"
        for unit in outside
    )
    return (
        f"All {units} together: {target:.2f} times. {len(ordered) - len(outside)} of {len(ordered)}"
        f" lie inside the limits. {named}".strip()
    )


def _cut_ends(axes: Axes, x: int, one: _Round, reach: tuple[float, float]) -> None:
    """An end of an interval beyond the axis is an arrow with its number."""
    low, high = reach
    for end, is_cut, edge, arrow, side in (
        (one.low, one.low < low, low, "v", "bottom"),
        (one.high, one.high > high, high, "^", "top"),
    ):
        if is_cut:
            axes.plot([x], [edge], arrow, color=style.NAVY, markersize=8, zorder=3, clip_on=False)
            axes.text(x + 0.12, edge, f"{end:,.2f}", va=side, fontsize=style.KEY)


def _log_axis(axes: Axes, marks: Sequence[float], ends: Sequence[float]) -> tuple[float, float]:
    """A log axis that holds every ratio above 0, and every interval end as far as WIDEST; its
    lowest and highest value."""
    near = [min(max(end, 1 / WIDEST), WIDEST) for end in ends]
    values = [*(mark for mark in marks if mark > 0), *near]
    low, high = min([*values, 0.75]) * 0.9, max([*values, 1.35]) * 1.1
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(
        FixedLocator(ticks if len(ticks) > 2 else sorted({*ticks, 0.75, 1.5}))
    )
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    return low, high
