"""From what a result was made: a hash of the code, the commit and the packages."""

import hashlib
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

from analysis.paths import ROOT

PACKAGES = ("pandas", "statsmodels", "linearmodels", "papermill", "numpy", "scipy", "duckdb")


@cache
def package_hash() -> str:
    """sha256 over all files of analysis/ that decide what comes out, and requirements.lock."""
    digest = hashlib.sha256()
    kinds = {".py", ".json", ".j2", ".css"}
    for path in sorted(p for p in (ROOT / "analysis").rglob("*") if p.suffix in kinds):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    digest.update((ROOT / "requirements.lock").read_bytes())
    return digest.hexdigest()


@cache
def code_version(notebook: Path) -> str:
    """sha256 over analysis/, one notebook's sources and requirements.lock; the git commit is
    provenance only.

    Of the notebook only the cells' sources count: outputs change when it is run.
    """
    return hashlib.sha256(package_hash().encode() + cell_sources(notebook)).hexdigest()


def cell_sources(notebook: Path) -> bytes:
    """The sources of all cells of a notebook, one after the other."""
    import json

    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\0".join("".join(cell["source"]) for cell in cells).encode()


@cache
def git_commit() -> str:
    """The commit that is checked out, with + where files differ from it; "unknown" outside git."""
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=10,
        )
        dirty = subprocess.run(
            ["git", "status", "--porcelain", "-uno"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return (
        commit.stdout.strip() + ("+" if dirty.stdout.strip() else "")
        if commit.returncode == 0
        else "unknown"
    )


@cache
def package_versions() -> dict[str, str]:
    """Versions of the packages that the numbers rest on."""
    return {name: version(name) for name in PACKAGES}
