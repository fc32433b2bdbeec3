"""Figures of a roll-out in steps: when each court started, and the effect by time since the start.
From cleared numbers."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.display import marks, style
from analysis.display.amounts import each_said

ROW = 0.30  # inches a line of the timeline


def event_study_figure(
    effects: pd.DataFrame, *, title: str, base: int, better: str | None
) -> Figure:
    """Effect in every 100 at each month since the start, with pointwise 95% intervals; the base
    months are shaded.

    `effects`: event_time, value, conf_low, conf_high as in `designs.block_rollout.event_times`.
    """
    with style.house_style():
        figure = style.blank(3.9)
        axes = marks.area(
            figure,
            left=0.95,
            right=marks.MARGIN,
            top=marks.heading_height(title) + 0.1,
            bottom=1.12,
        )
        axes.axhline(0, color=style.INK, linewidth=1)
        axes.axvspan(-base - 0.5, -0.5, color=style.GREY, alpha=0.18, linewidth=0)
        axes.axvline(-0.5, color=style.GREY, linewidth=1, linestyle="--")
        before = effects["event_time"] < 0
        for part, filled in ((effects[before], False), (effects[~before], True)):
            axes.vlines(
                part["event_time"],
                part["conf_low"],
                part["conf_high"],
                color=style.NAVY,
                linewidth=2,
            )
            face = style.NAVY if filled else "white"
            axes.plot(
                part["event_time"],
                part["value"],
                "o",
                color=style.NAVY,
                markerfacecolor=face,
                markersize=6,
                linestyle="none",
            )
        axes.set_xlabel(
            "In every 100, by month since the start (0: its first month)", fontsize=style.SMALL
        )
        axes.tick_params(labelsize=style.SMALL, left=True, labelleft=True)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.set_major_formatter(
            lambda value, _: f"{abs(value):g} {'fewer' if value < 0 else 'more'}" if value else "0"
        )
        side = {"higher": "up is better", "lower": "down is better"}.get(better or "", "")
        key = [
            "● after the start   ○ before it   — 95% interval of each month",
            "grey: the months that it is measured from",
        ]
        marks.small_print(figure, [*([side] if side else []), *key])
        marks.heading(figure, title)
    return figure


def event_study_alt(effects: pd.DataFrame, *, base: int) -> str:
    """The figure in words."""
    said = each_said(
        f"month {int(row.event_time)}: {row.value:.1f} ({row.conf_low:.1f} to {row.conf_high:.1f})"
        for row in effects.itertuples()
    )
    return (
        f"Effect in every 100 by month since the start, measured from the mean of the {base} months"
        f" before it, with the 95% interval of each month. {said}"
    )


def starts_figure(
    starts: Sequence[tuple[str, float]],
    *,
    first: float,
    last: float,
    words: Sequence[str],
    title: str,
) -> Figure:
    """One line a pilot court: empty until its start, full from then on. `starts`: name and counted
    month, in order.

    `words`: what the first and the last month are called.
    """
    with style.house_style():
        top, bottom = marks.heading_height(title) + 0.1, 0.62
        figure = style.blank(top + bottom + ROW * max(len(starts), 1))
        axes = marks.area(figure, left=2.3, right=marks.MARGIN, top=top, bottom=bottom)
        for i, (name, start) in enumerate(starts):
            axes.barh(
                i,
                last + 1 - first,
                left=0,
                height=0.5,
                facecolor="white",
                edgecolor=style.GREY,
                linewidth=1,
            )
            axes.barh(
                i,
                last + 1 - start,
                left=start - first,
                height=0.5,
                facecolor=style.NAVY,
                edgecolor=style.NAVY,
            )
            axes.text(-0.2, i, name, ha="right", va="center", fontsize=style.SMALL)
        axes.set_ylim(len(starts) - 0.4, -0.6)
        axes.set_xlim(0, last + 1 - first)
        axes.set_yticks([])
        axes.set_xticks([0, last + 1 - first], labels=list(words), fontsize=style.SMALL)
        axes.get_xticklabels()[0].set_ha("left"), axes.get_xticklabels()[1].set_ha("right")
        marks.small_print(figure, ["empty: before the start   full: with the pilot"])
        marks.heading(figure, title)
    return figure


def starts_alt(starts: Sequence[tuple[str, str]]) -> str:
    """Each pilot court with its month of start, in words."""
    return "Pilot courts and when they started. " + each_said(
        f"{name}, {month}" for name, month in starts
    )
