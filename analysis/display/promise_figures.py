"""Figures about promises: how many are in which state, document by document, and how far target
dates moved."""

from collections.abc import Mapping, Sequence

from matplotlib.dates import DateFormatter, YearLocator
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.display import marks, style
from analysis.display.amounts import each_said

# States are told apart by shade and by their number; nothing hangs on a colour.
SHADES = {
    "complete": style.NAVY,
    "ongoing": "#8CA8C4",
    "not_started": style.BAND,
    "unknown": "white",
}
LINE = 0.42  # inches a document
ITEM = 0.30  # inches a commitment


def states_figure(
    counts: Mapping[str, Mapping[str, int]],
    *,
    words: Mapping[str, str],
    title: str,
    width: float = style.WIDTH,
) -> Figure:
    """One bar a document, its parts the states in a fixed order, each with its number."""
    with style.house_style():
        top, foot = marks.heading_height(title) + 0.1, 0.55
        figure = style.blank(top + foot + LINE * 2 * len(counts), width=width)
        axes = marks.area(figure, left=marks.MARGIN, right=marks.MARGIN, top=top, bottom=foot)
        for i, (name, states) in enumerate(counts.items()):
            axes.text(0, i - 0.32, name, ha="left", va="center", fontsize=style.SMALL)
            start, total = 0.0, sum(states.values())
            for state, n in states.items():
                if not n:
                    continue
                axes.barh(
                    i + 0.08,
                    n / total,
                    left=start,
                    height=0.36,
                    facecolor=SHADES[state],
                    edgecolor=style.GREY,
                    linewidth=1,
                )
                ink = "white" if state == "complete" else style.INK
                axes.text(
                    start + n / total / 2,
                    i + 0.08,
                    str(n),
                    ha="center",
                    va="center",
                    fontsize=style.SMALL,
                    color=ink,
                )
                start += n / total
        axes.set_ylim(len(counts) - 0.5, -0.6)
        axes.set_xlim(0, 1)
        axes.set_axis_off()
        seen = [state for state in SHADES if any(states.get(state) for states in counts.values())]
        swatches = [
            Patch(facecolor=SHADES[state], edgecolor=style.GREY, label=words[state])
            for state in seen
        ]
        figure.legend(
            handles=swatches,
            loc="lower center",
            ncols=len(seen) if width > style.TELEPHONE else 2,
            frameon=False,
            fontsize=style.KEY,
        )
        marks.heading(figure, title)
    return figure


def states_alt(counts: Mapping[str, Mapping[str, int]], *, words: Mapping[str, str]) -> str:
    """Every number in words."""
    said = each_said(
        f"{name}: " + ", ".join(f"{n} {words[state]}" for state, n in states.items() if n)
        for name, states in counts.items()
    )
    return f"Commitments by state, document by document. {said}"


def slippage_figure(items: Sequence[tuple[str, object, object]], *, title: str) -> Figure:
    """One line a commitment from its first target date (hollow) to the revised one (solid).
    `items`: name and two days."""
    with style.house_style():
        top, foot = marks.heading_height(title) + 0.1, 0.75
        figure = style.blank(top + foot + ITEM * max(len(items), 1))
        axes = marks.area(figure, left=2.6, right=0.3, top=top, bottom=foot)
        for i, (name, first, revised) in enumerate(items):
            axes.plot([first, revised], [i, i], color=style.NAVY, linewidth=2, zorder=2)
            axes.plot(
                [first],
                [i],
                "o",
                color=style.NAVY,
                markerfacecolor="white",
                markersize=7,
                markeredgewidth=1.6,
                zorder=3,
            )
            axes.plot([revised], [i], "o", color=style.NAVY, markersize=7, zorder=3)
            marks.edge_words(axes, i, name)
        axes.set_ylim(len(items) - 0.4, -0.6)
        axes.xaxis.set_major_locator(YearLocator())
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))
        marks.small_print(figure, ["○ first target date   ● revised target date"])
        marks.heading(figure, title)
    return figure


def slippage_alt(items: Sequence[tuple[str, object, object]]) -> str:
    """Every commitment with both dates."""
    said = each_said(
        f"{name}: from {first:%B %Y} to {revised:%B %Y}" for name, first, revised in items
    )
    return f"Target dates as first set and as revised. {said}"
