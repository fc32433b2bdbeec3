"""Figures of a roll-out in steps say what the numbers say: which side is better, which months are
the base, every number in words."""

import io

import pandas as pd
import pytest

from analysis.display.rollout_figures import (
    event_study_alt,
    event_study_figure,
    starts_alt,
    starts_figure,
)

EFFECTS = pd.DataFrame(
    {
        "event_time": [-2, -1, 0, 1],
        "value": [0.2, -0.1, -1.4, -2.6],
        "conf_low": [-1, -1, -3, -4.5],
        "conf_high": [1.4, 0.8, 0.2, -0.7],
    }
)
STARTS = [("Wales 1", 6.0), ("Wales 2", 12.0)]


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
    before, after = event_study().axes[0].lines[-2:]
    assert (before.get_markerfacecolor(), list(before.get_xdata())) == ("white", [-2, -1])
    assert after.get_markerfacecolor() != "white"
    assert list(after.get_ydata()) == [-1.4, -2.6]


def test_the_axis_says_fewer_and_more_and_no_minus_signs():
    figure = event_study()
    figure.savefig(io.BytesIO())
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert any("fewer" in label for label in labels)
    assert not any("-" in label or "\u2212" in label for label in labels)


def test_every_number_stands_in_the_words_beside_it():
    alt = event_study_alt(EFFECTS, base=2)
    assert "the 2 months before it" in alt
    for row in EFFECTS.itertuples():
        assert (
            f"Month {row.event_time}: {row.value:.1f} ({row.conf_low:.1f} to {row.conf_high:.1f})"
            in alt
        )


def test_a_court_is_empty_before_its_start_and_full_from_then_on():
    figure = starts_figure(
        STARTS, first=0, last=23, words=["January 2023", "December 2024"], title="Starts"
    )
    whole, full = figure.axes[0].patches[2:4]
    assert (whole.get_x(), whole.get_width()) == (0, 24)
    assert (full.get_x(), full.get_width()) == (12, 12)
    assert (
        starts_alt([("Wales 1", "July 2023")])
        == "Pilot courts and when they started. Wales 1, July 2023."
    )
