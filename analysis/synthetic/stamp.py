"""The name that tells one synthetic nation from another. Imports no pandas: planning needs it."""

import hashlib
from pathlib import Path

from analysis.synthetic.planted import FILE


def stamp(scale: float = 1.0) -> str:
    """Name of the folder of a nation: hash of what is planted, of the code that makes it, and the
    scale."""
    digest = hashlib.sha256(FILE.read_bytes())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return f"{digest.hexdigest()[:12]}-x{float(scale):g}"
