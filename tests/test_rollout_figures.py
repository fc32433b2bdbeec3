"""Figures of a roll-out in steps say what the numbers say: which side is better, which months are
the base, every number in words."""

import io

import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from analysis.display import style
from analysis.display.figures.rollout import (
    event_study_figure,
    event_study_figure_alt,
    starts_figure,
    starts_figure_alt,
)
from analysis.results import Table

EFFECTS = Table(
    "Effect by month since the start",
    pd.DataFrame(
        {
            "Months since the start": ["-2", "-1", "0", "1"],
            "In every 100": ["0.2", "−0.1", "−1.4", "−2.6"],
            "95% interval": ["−1.00 to 1.40", "−1.00 to 0.80", "−3.0 to 0.2", "−4.5 to −0.7"],
        }
    ),
    "model",
)
STARTS = Table(
    "When pilot courts started",
    pd.DataFrame(
        {
            "Pilot court": ["Wales 1", "Wales 2"],
            "Started": ["July 2023", "January 2024"],
            "Months before": [6, 12],
            "Months with the pilot": [18, 12],
        }
    ),
    "rounded",
)


def words_of(figure):
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def event_study(better="lower"):
    return event_study_figure(EFFECTS, title="Effect on custody", base=2, better=better)


@pytest.mark.parametrize(
    ("better", "words"), [("lower", "down is better"), ("higher", "up is better")]
)
def test_it_says_which_way_is_better(better, words):
    assert any(words in text for text in words_of(event_study(better)))


def test_it_calls_no_way_better_where_the_plan_does_not():
    assert not any("is better" in text for text in words_of(event_study(None)))


def test_months_before_the_start_are_hollow_and_every_month_is_drawn():
    (dots,) = [c for c in event_study().axes[0].collections if isinstance(c, PathCollection)]
    assert [tuple(at) for at in dots.get_offsets()] == [(-2, 0.2), (-1, -0.1), (0, -1.4), (1, -2.6)]
    faces = [to_hex(face) for face in dots.get_facecolor()]
    assert faces == ["#ffffff", "#ffffff", style.NAVY.lower(), style.NAVY.lower()]


def test_the_axis_says_fewer_and_more_and_no_minus_signs():
    figure = event_study()
    figure.savefig(io.BytesIO())
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert any("fewer" in label for label in labels)
    assert not any("-" in label or "\u2212" in label for label in labels)


def test_every_number_stands_in_the_words_beside_it():
    alt = event_study_figure_alt(EFFECTS, base=2)
    assert "the 2 months before it" in alt
    for words in (
        "Month -2: 0.2 (-1.0 to 1.4)",
        "Month 0: -1.4 (-3.0 to 0.2)",
        "Month 1: -2.6 (-4.5 to -0.7)",
    ):
        assert words in alt


def test_a_court_is_empty_before_its_start_and_full_from_then_on():
    figure = starts_figure(STARTS, words=["January 2023", "December 2024"], title="Starts")
    bars = [bar for bar in figure.axes[0].patches if round(bar.get_y() + bar.get_height() / 2) == 1]
    spans = {to_hex(bar.get_facecolor()): (bar.get_x(), bar.get_width()) for bar in bars}
    assert spans == {"#ffffff": (0, 12), style.NAVY.lower(): (12, 12)}
    said = starts_figure_alt(STARTS)
    assert said.startswith("Pilot courts and when they started. Wales 1, July 2023.")
