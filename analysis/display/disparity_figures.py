"""Figures of a monitor: the ratio round by round with control limits, units in a funnel, stages
side by side. From cleared numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from analysis.display import marks, style
from analysis.display.amounts import each_said

TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)
WIDEST = 20.0  # an interval end beyond this, and beyond every ratio, is an arrow with its number


@dataclass(frozen=True)
class RoundPoint:
    """One round: the ratio with its interval (times; None: not shown), its control limits, whether
    it is provisional."""

    label: str
    value: float | None
    conf_low: float | None = None
    conf_high: float | None = None
    limits: tuple[float, float] | None = None  # 99.8 %
    provisional: bool = False
    outside: bool = False
    delivered: bool = True


@dataclass(frozen=True)
class UnitPoint:
    """One unit of a funnel: expected events, O/E (times), its limits and where it lies."""

    name: str
    expected: float
    ratio: float
    low_95: float
    high_95: float
    low_99_8: float
    high_99_8: float
    position: str


def trend_figure(
    points: Sequence[RoundPoint], *, centre: float | None, band: tuple[float, float], title: str
) -> Figure:
    """The ratio in each round on a log axis, its interval, and where a round without change would
    lie (99.8%)."""
    with style.house_style():
        figure = style.blank(3.9)
        axes = marks.area(
            figure, left=0.75, right=marks.MARGIN, top=marks.heading_height(title) + 0.1, bottom=1.2
        )
        xs = range(len(points))
        ends = [
            v for p in points for v in (p.conf_low, p.conf_high, *(p.limits or ())) if v is not None
        ]
        low, high = _log_axis(axes, [p.value for p in points if p.value is not None], ends)
        axes.axhspan(*band, color=style.BAND, linewidth=0, zorder=0)
        axes.axhline(1, color=style.INK, linewidth=1, zorder=1)
        if centre is not None:
            axes.axhline(centre, color=style.GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        for x, point in zip(xs, points, strict=True):
            if point.limits:
                for end in (end for end in point.limits if low <= end <= high):
                    axes.plot(
                        [x - 0.4, x + 0.4], [end, end], color=style.GREY, linewidth=1.2, zorder=2
                    )
            if point.value is None:
                continue
            face = "white" if point.provisional else style.NAVY
            _interval(axes, x, point, low, high)
            shape = "D" if point.outside else "o"
            axes.plot(
                [x],
                [max(point.value, low)],
                shape,
                color=style.NAVY,
                markerfacecolor=face,
                markersize=8,
                markeredgewidth=1.8,
                zorder=4,
            )
        axes.set_xlim(-0.6, len(points) - 0.4)
        axes.set_xticks(
            list(xs),
            labels=[point.label.replace(" ", "\n") for point in points],
            fontsize=style.SMALL,
        )
        axes.tick_params(left=True, labelleft=True)
        axes.set_ylabel("times as often", fontsize=style.SMALL)
        used = ["● ratio with 95% interval"]
        used += ["○ provisional"] if any(p.provisional for p in points) else []
        used += ["◆ outside its limits"] if any(p.outside for p in points) else []
        used += ["dashed: together"] if centre is not None else []
        limits = (
            ["grey ticks: 99.8% limits of a round without change"]
            if any(p.limits for p in points)
            else []
        )
        key = ["   ".join(used), "   ".join([*limits, "grey band: the plan's band"])]
        marks.small_print(figure, key)
        marks.heading(figure, title)
    return figure


def trend_alt(points: Sequence[RoundPoint]) -> str:
    """Each round in words."""
    said = []
    for point in points:
        if point.value is None:
            said.append(f"{point.label}: {'not shown' if point.delivered else 'not delivered'}")
            continue
        words = f"{point.label}: {point.value:.2f} ({point.conf_low:.2f} to {point.conf_high:.2f})"
        said.append(
            words
            + (", provisional" if point.provisional else "")
            + (", outside its limits" if point.outside else "")
        )
    return f"Times as often, round by round, with 95% intervals. {each_said(said)}"


def funnel_figure(points: Sequence[UnitPoint], *, target: float, units: str, title: str) -> Figure:
    """Each unit's O/E against the number of events expected, with limits of chance (95 and 99.8%)
    around the place's own."""
    with style.house_style():
        figure = style.blank(4.0)
        axes = marks.area(
            figure,
            left=0.75,
            right=marks.MARGIN,
            top=marks.heading_height(title) + 0.1,
            bottom=1.25,
        )
        ordered = sorted(points, key=lambda point: point.expected)
        xs = [point.expected for point in ordered]
        axes.axhline(target, color=style.GREY, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        for names, width in ((("low_95", "high_95"), 1.0), (("low_99_8", "high_99_8"), 1.6)):
            for name in names:
                axes.plot(
                    xs,
                    [getattr(point, name) for point in ordered],
                    color=style.GREY,
                    linewidth=width,
                    zorder=1,
                )
        for point in ordered:
            inside = point.position == "inside"
            face = {"inside": "white", "outside_95": style.BAND}.get(point.position, style.NAVY)
            axes.plot(
                [point.expected],
                [point.ratio],
                "o" if inside else "D",
                color=style.NAVY,
                markerfacecolor=face,
                markersize=7.5,
                zorder=3,
            )
            if not inside:
                axes.annotate(
                    point.name,
                    (point.expected, point.ratio),
                    xytext=(6, 5),
                    textcoords="offset points",
                    fontsize=style.KEY,
                )
        limits = min(max(p.high_99_8 for p in ordered), WIDEST)
        axes.set_ylim(0, max([limits, target * 1.5, *(p.ratio for p in ordered)]) * 1.08)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.set_xlim(0, max(xs) * 1.12)
        axes.tick_params(left=True, labelleft=True)
        axes.set_ylabel("times as often", fontsize=style.SMALL)
        axes.set_xlabel("Events that the reference group's rate would give", fontsize=style.SMALL)
        key = [
            (
                f"○ inside   ◆ outside the limits, named, of {len(points)} looked at   dashed: all"
                f" {units} together"
            ),
            "lines: 95% and 99.8% of units would lie inside by chance",
        ]
        marks.small_print(figure, key)
        marks.heading(figure, title)
    return figure


def funnel_alt(points: Sequence[UnitPoint], *, target: float, units: str) -> str:
    """The units outside the limits by name, and how many lie inside."""
    outside = [point for point in points if point.position != "inside"]
    inside = len(points) - len(outside)
    named = each_said(
        f"{p.name}: {p.ratio:.2f} times, outside the"
        f" {'99.8' if p.position == 'outside_99_8' else '95'}% limits"
        for p in outside
    )
    return (
        f"All {units} together: {target:.2f} times. {inside} of {len(points)} lie inside the"
        f" limits. {named}".strip()
    )


def _interval(axes: Axes, x: int, point: RoundPoint, low: float, high: float) -> None:
    """The interval of one round; an end beyond the axis is an arrow with its number."""
    bottom, top = max(point.conf_low, low), min(point.conf_high, high)
    axes.vlines(x, bottom, top, color=style.NAVY, linewidth=2, zorder=3)
    for end, edge, arrow, side in (
        (point.conf_low, bottom, "v", "bottom"),
        (point.conf_high, top, "^", "top"),
    ):
        if end != edge:
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
