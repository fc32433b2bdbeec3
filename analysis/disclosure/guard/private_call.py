"""Whether a notebook opens a private session, and the notebook without what it showed.

Such a notebook is never cleared or published, and its outputs are never written: JupyterLab, as
`make lab` starts it, saves what `unwritten` leaves of it.
"""

import re
from collections.abc import Mapping
from typing import Any

# Deny by default: a comment that names it is one too many.
_CALL = re.compile(
    r"open_private|analysis\s*\.\s*private|from\s+analysis\s+import[^\n]*\bprivate\b"
)
HOOK = "analysis.disclosure.guard.private_call.unwritten"  # the setting of JupyterLab's server


def opens_private(source: str | list[str]) -> bool:
    """The text of a cell names the room of private sessions, or its call."""
    return bool(_CALL.search(source if isinstance(source, str) else "".join(source)))


def is_private(nb: Mapping[str, Any]) -> bool:
    """A cell of the notebook opens a private session."""
    return any(opens_private(cell.get("source", "")) for cell in nb.get("cells", ()))


def unwritten(model: dict[str, Any], **_: object) -> None:
    """Take the outputs out of a private notebook before it is saved (jupyter_server's
    `pre_save_hook`). Changes `model["content"]`, as that hook has to; other files pass."""
    content = model.get("content")
    if model.get("type") != "notebook" or not isinstance(content, dict) or not is_private(content):
        return
    for cell in content.get("cells", ()):
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
    content.get("metadata", {}).pop("widgets", None)
