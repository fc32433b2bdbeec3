"""The clearance of a study: were its numbers published already (rule S0)? Asked of its record, of
its plan, or of the source that it is opened from.

A table of counts is public only where its plan names publisher, address, licence and date, and only
the file that the plan names: a plan that is reused for a file of one's own makes nothing public.
"""

import hashlib
from pathlib import Path

from analysis.disclosure.attack.protection import NOTHING, hidden_keys
from analysis.disclosure.rules import Clearance
from analysis.errors import ParameterError
from analysis.paths import ROOT
from analysis.plans.kinds import kind_of
from analysis.plans.monitor import Monitor
from analysis.plans.registry import Source
from analysis.plans.study_plan import PUBLISHED, StudyPlan
from analysis.record.record import Record

COUNTS = "counts"


def count_file(plan: Monitor, source: Source) -> Path:
    """The file that is read: the one that the run names, else the plan's. ParameterError E213 where
    neither names one."""
    if source.argument:
        return Path(source.argument)
    if plan.counts is None or plan.counts.file is None:
        raise ParameterError(
            "E213", "`counts` needs the path of a table.", remedy="Write counts:PATH."
        )
    return ROOT / plan.counts.file


def file_hash(path: Path) -> str:
    """sha256 of the bytes of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def clearance_of(plan: StudyPlan, *, public: bool, hidden: frozenset[str]) -> Clearance:
    """The clearance of numbers of `plan`, of which it is known whether they were published and what
    the joint decision withholds (`hidden`)."""
    return Clearance(public, kind_of(plan).clusters_are_people, hidden)


def clearance_of_plan(plan: StudyPlan) -> Clearance:
    """The clearance of numbers of several places, each of which is cleared already: published where
    every source of the plan was."""
    public = set(plan.data.sources) <= set(PUBLISHED)
    return clearance_of(plan, public=public, hidden=NOTHING)


def clearance_of_record(plan: StudyPlan, record: Record) -> Clearance:
    """The clearance of the numbers of one record, under the decision on its data and plan."""
    return clearance_of(plan, public=record_is_public(plan, record), hidden=hidden_of(record))


def hidden_of(record: Record) -> frozenset[str]:
    """Counts that the joint decision on the data and the plan of a record withholds, by name."""
    return hidden_keys(record.study, record.data_source, record.data_hash, record.plan_hash)


def source_is_public(plan: StudyPlan, source: Source) -> bool:
    """Is what `source` holds for `plan` published already?"""
    if source.name != COUNTS:
        return source.name in PUBLISHED
    return _is_of_the_plan(
        plan, None if source.argument is None else file_hash(Path(source.argument))
    )


def record_is_public(plan: StudyPlan, record: Record) -> bool:
    """The same of a record, by its source and the hash of its data."""
    source = record.data_source
    if source == COUNTS:
        return _is_of_the_plan(plan, None)
    if not source.startswith(f"{COUNTS}-"):
        return source in PUBLISHED
    return _is_of_the_plan(plan, record.data_hash)


def _is_of_the_plan(plan: StudyPlan, digest: str | None) -> bool:
    """The plan calls its table public, and the data (None: the plan's own file) are those of that
    table."""
    counts = getattr(plan, "counts", None)  # a monitor alone may name a table of counts
    if counts is None or counts.public is None or counts.file is None:
        return False
    path = ROOT / counts.file
    return digest is None or (path.is_file() and file_hash(path) == digest)
