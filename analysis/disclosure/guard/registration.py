"""Registration of what a notebook may show: the fingerprint of an output, and the list of
fingerprints of this kernel.

The display layer registers every bundle that it makes from cleared content; the record output
carries the list; the output guard refuses what is not on it. A bundle that was altered afterwards
no longer has its fingerprint.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping

# Half of a sha256 in hex digits is more than a chance collision needs; an id is read by people in
# findings.
ID_LENGTH = 16
FINGERPRINT = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}")

_registered: set[str] = set()
_closed: list[bool] = []  # not empty: this kernel has shown persons


def registration_id(data: Mapping[str, object]) -> str:
    """Fingerprint of all representations of one output bundle (MIME type to content): 16 hex
    digits.

    It is the same before and after a notebook is saved: nbformat stores text as a list of lines and
    PNG as base64 with line breaks, so both are brought to one form first.
    """
    canonical = json.dumps(
        _one_form(data), sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:ID_LENGTH]


def _one_form(data: Mapping[str, object]) -> dict[str, object]:
    return {str(mime): _one_content(str(mime), content) for mime, content in data.items()}


def _one_content(mime: str, content: object) -> object:
    if isinstance(content, bytes):
        content = base64.b64encode(content).decode("ascii")
    if (
        isinstance(content, list)
        and content
        and all(isinstance(line, str) for line in content)
        and not _is_json(mime)
    ):
        content = "".join(content)
    if mime.startswith("image/") and isinstance(content, str) and mime != "image/svg+xml":
        return "".join(content.split())
    return content


def _is_json(mime: str) -> bool:
    return mime == "application/json" or mime.endswith("+json")


def register(data: Mapping[str, object]) -> str:
    """Put the fingerprint of a bundle made from cleared content on the list of this kernel, and
    return it."""
    fingerprint = registration_id(data)
    _registered.add(fingerprint)
    return fingerprint


def registrations() -> tuple[str, ...]:
    """All fingerprints registered in this kernel, sorted: what the record output carries in its
    metadata."""
    return () if _closed else tuple(sorted(_registered))


def close_registration() -> None:
    """From now on this kernel attests nothing: it may show persons (private.py)."""
    _closed.append(True)


def registration_is_closed() -> bool:
    return bool(_closed)


def record_line(study: object, place: object, rows: int) -> str:
    """The one line of text that stands for a record in an output."""
    return f"{study}, {place}: {rows} rows"
