"""What is about to be committed: the commit hook calls `python -m analysis.runs.checking.staged`.

Notebooks hold what the gate showed and nothing else, and what stands in the folders of extracts,
state, runs and an evaluator's own work is not committed at all.
"""

import json
import subprocess
import sys
from collections.abc import Iterator

from analysis.disclosure.guard.metadata import reduce_metadata
from analysis.disclosure.guard.output_guard import check_notebook
from analysis.disclosure.guard.private_call import is_private

NEVER = ("data/extracts/", "data/state/", "data/synthetic/", "reports/", "workspace/")
OF_A_RUN = ("G04", "G14")  # asked of what is published: the list of the record, and the record
REMEDY = "Restart the kernel, run all cells and save; or clear the outputs."


def faults_of(path: str, content: bytes) -> Iterator[str]:
    """Why a file may not be committed; no line repeats what stands in it."""
    if path.startswith(NEVER):
        yield f"{path}: this folder holds what stays on this machine. git restore --staged {path}"
    elif path.endswith(".ipynb"):
        yield from _notebook_faults(path, content)


def _notebook_faults(path: str, content: bytes) -> Iterator[str]:
    try:
        notebook = json.loads(content)
    except ValueError:
        yield f"{path}: this is no notebook that can be read."
        return
    if is_private(notebook):
        yield f"{path}: it opens a private session, and belongs in workspace/ (docs/private.md)."
        return
    for found in check_notebook(reduce_metadata(notebook)):
        if not found.rule.startswith(OF_A_RUN):
            yield f"{path}: {found} {REMEDY}"


def staged() -> Iterator[tuple[str, bytes]]:
    """The files that the next commit of the repository here adds or changes, as they stand in the
    index."""
    listed = _git("diff", "--cached", "--name-only", "--diff-filter=ACMR", "-z").decode()
    for path in filter(None, listed.split("\0")):
        yield path, _git("show", f":{path}")


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], check=True, capture_output=True).stdout


def main() -> int:
    """The lines of what may not be committed on standard error; 1 where there is one."""
    found = [line for path, content in staged() for line in faults_of(path, content)]
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
