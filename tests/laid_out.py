"""A figure with all that it holds in its place, for tests of where its words stand."""

from matplotlib.figure import Figure

from analysis.display import style


def laid_out(figure: Figure) -> Figure:
    """The figure after its layout, in the style of the house. `figure.canvas.draw()` does nothing
    to a figure that pyplot does not know, and each text that is asked for its extent after that
    makes a bitmap of its own."""
    with style.house_style():
        figure.draw_without_rendering()
    return figure
