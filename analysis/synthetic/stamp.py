"""The name that tells one synthetic nation from another. Imports no pandas: planning needs it."""

import hashlib
from pathlib import Path

from analysis.synthetic.planted import FILE, own_file


def stamp(scale: float = 1.0, study: str = "") -> str:
    """Name of the folder of a nation: hash of what is planted (for `study`, where it has a file of
    its own), of the code that makes it, and the scale."""
    digest = hashlib.sha256(FILE.read_bytes())
    if own := own_file(study):
        digest.update(own.name.encode() + own.read_bytes())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return f"{digest.hexdigest()[:12]}-x{float(scale):g}"
