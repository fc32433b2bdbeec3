"""How `make docs` makes pages of the Markdown of this repository. Nothing is fetched: no address of
another server stands in a page, but for links that a reader may follow."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # from_code

project = "Pilot evaluation workbook"
author = "The maintainers of the pilot evaluation workbook"
copyright = "the maintainers, MIT licence"
extensions = ["myst_nb", "from_code"]

# The source is the repository, so that links between its papers hold in both.
root_doc = "docs/index"
include_patterns = ["docs/**", "*.md", "data/README.md", "notebooks/**"]
exclude_patterns = ["docs/from_code", "**/.ipynb_checkpoints"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # committed notebooks are shown with the outputs that they hold
suppress_warnings = ["mystnb.unknown_mime_type"]  # the record of a study is for the runner
nb_ipywidgets_js: dict[str, str] = {}  # they would be loaded from elsewhere

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["pages.css"]
html_css_files = ["pages.css"]
highlight_language = "text"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_toc_level": 2,
}
