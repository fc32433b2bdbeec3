"""Renders environment.yml from pyproject.toml: `python -m analysis.environment >
environment.yml`."""

import tomllib

from analysis.paths import ROOT

HEADER = """\
# Rendered from pyproject.toml by `make environment`; do not edit. conda brings Python and pip, pip
# brings the rest, so that no name has to be translated between the two.
"""


def requirements() -> list[str]:
    """The run-time requirements of pyproject.toml and those of the extras that the lock holds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *extras["validation"], *extras["cluster"], *extras["dev"]]


def render() -> str:
    """The text of environment.yml."""
    lines = [
        "name: pilot-evaluation-workbook",
        "channels: [conda-forge]",
        "dependencies:",
        "  - python=3.11",
        "  - pip",
        "  - pip:",
    ]
    return (
        HEADER
        + "\n".join([*lines, *(f'      - "{r}"' for r in requirements()), '      - "-e ."'])
        + "\n"
    )


if __name__ == "__main__":
    print(render(), end="")
