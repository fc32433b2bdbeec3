"""Where everything stands. Every path in the project starts here, so that no notebook or kernel
depends on its folder; and who may look into a folder with rows of people."""

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A body that keeps its own plans and notebooks outside the checkout names the folders.
PARAMS = Path(os.environ.get("WORKBOOK_PARAMS") or ROOT / "params").resolve()
DECISION_RULES = PARAMS / "decisions.yml"
PLANNED = PARAMS / "planned.yml"
AGREEMENTS = PARAMS / "agreements.yml"
NOTEBOOKS = Path(os.environ.get("WORKBOOK_NOTEBOOKS") or ROOT / "notebooks").resolve()
EXPLORE = NOTEBOOKS / "explore.ipynb"
DATA = ROOT / "data"
REFERENCE = DATA / "reference"
SYNTHETIC = DATA / "synthetic"
EXTRACTS = DATA / "extracts"
FIGURES = ROOT / "figures"
GLOSSARY = ROOT / "GLOSSARY.md"
EXAMPLE_RECORDS = ROOT / "tests" / "guards" / "records"


def tracked_notebooks() -> list[Path]:
    """Every notebook of the project, in the order of the file browser, without JupyterLab's own
    checkpoints."""
    found = sorted(NOTEBOOKS.rglob("*.ipynb"))
    return [path for path in found if ".ipynb_checkpoints" not in path.parts]


def reports() -> Path:
    """Folder of everything that a batch makes; `WORKBOOK_REPORTS` names another one (tests, a
    mounted disk)."""
    return Path(os.environ.get("WORKBOOK_REPORTS") or ROOT / "reports").resolve()


def workspace() -> Path:
    """Folder of an evaluator's own copies of notebooks, never tracked; `WORKBOOK_WORKSPACE` names
    another one."""
    return Path(os.environ.get("WORKBOOK_WORKSPACE") or ROOT / "workspace").resolve()


def state_home() -> Path:
    """Folder of what must outlive a checkout; `WORKBOOK_STATE` names another one. `make clean`
    never touches it."""
    return Path(os.environ.get("WORKBOOK_STATE") or DATA / "state").resolve()


def snapshots() -> Path:
    """Folder of the snapshots that `workbook pull` froze, one folder a round."""
    return state_home() / "snapshots"


def readings() -> Path:
    """Folder of the extracts in normal form, one folder an extract: rows of people, so it is open
    to its owner only."""
    return state_home() / "readings"


def statements() -> Path:
    """Folder of SQL that was compiled once (extracts/reading/statements.py), open to its owner
    only."""
    return state_home() / "statements"


def file_hashes() -> Path:
    """File that keeps the hashes of data files with their size and time of change."""
    return reports() / "data_hashes.json"


def round_named() -> str | None:
    """Round that the command line runs; None outside it, where a notebook is opened by hand."""
    return os.environ.get("WORKBOOK_ROUND") or None


def private_folder() -> Path | None:
    """Folder that the runner named for the exact record of this run; None outside a batch."""
    named = os.environ.get("WORKBOOK_PRIVATE")
    return Path(named) if named else None


def decision_named() -> Path | None:
    """File with the joint decision that the runner has this run made under; None outside a
    batch."""
    named = os.environ.get("WORKBOOK_DECISION")
    return Path(named) if named else None


def closed_folder(folder: Path) -> Path:
    """The folder, made where it is not there, which only its owner can open."""
    make_own(folder).chmod(0o700)
    return folder


def figures_folder() -> Path | None:
    """Folder that the runner named for the figure files of this run; None outside a batch."""
    named = os.environ.get("WORKBOOK_FIGURES")
    return Path(named) if named else None


def lab_saves_no_private_output() -> bool:
    """Whether this kernel belongs to the JupyterLab of `make lab`, whose server takes the outputs
    out of private notebooks before it saves them."""
    return os.environ.get("WORKBOOK_LAB") == "saves-no-private-output"


def places_left_out() -> tuple[str, ...]:
    """Places that whoever clears a round leaves out of it (`workbook clear --without`); the runner
    names them."""
    return tuple(filter(None, os.environ.get("WORKBOOK_WITHOUT", "").split(",")))


OTHERS = stat.S_IRWXG | stat.S_IRWXO  # users that are not the owner
NOT_THROUGH_LINKS = getattr(os, "O_NOFOLLOW", 0)
AS_BYTES = getattr(os, "O_BINARY", 0)  # of Windows, which else translates line ends


def rights_are_modes() -> bool:
    """Whether the mode of a file tells who may look into it; on Windows lists of access tell, which
    the workbook does not read."""
    return os.name == "posix"


def is_owners_alone(found: os.stat_result) -> bool:
    """Whether this user owns a file and no other may look into it, where modes tell."""
    if not rights_are_modes():
        return True
    return found.st_uid == os.getuid() and not found.st_mode & OTHERS


def opened(path: str | Path) -> int:
    """Descriptor of a file that is read, and is no link. OSError."""
    if not NOT_THROUGH_LINKS and os.path.islink(path):
        raise OSError(errno.ELOOP, "a link")
    return os.open(path, os.O_RDONLY | NOT_THROUGH_LINKS | AS_BYTES)


def make_own(folder: Path) -> Path:
    """`folder`, and every folder above it that is missing, open to its owner only (0700). Those
    that are there stay as they are."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
    return folder


def open_to_others(folders: Iterable[Path]) -> tuple[str, ...]:
    """A line with the remedy for each of these folders that others than its owner can read, write
    or enter."""
    found = dict.fromkeys(folder for folder in folders if _is_open(folder))
    return tuple(
        f"{folder} is open to other users of this machine and may hold rows of people. Close it:"
        f" chmod 700 {folder}"
        for folder in found
    )


def _is_open(folder: Path) -> bool:
    try:
        state = os.stat(folder)
    except OSError:
        return False
    return rights_are_modes() and stat.S_ISDIR(state.st_mode) and bool(state.st_mode & OTHERS)
