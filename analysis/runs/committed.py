"""Refreshes what is committed: `python -m analysis.runs.committed` runs the notebooks, `--records`
copies cleared records, with ids of studies after it those of these alone."""

import os
import shutil
import sys
from collections.abc import Sequence

from analysis.paths import EXAMPLE_RECORDS, EXPLORE, NOTEBOOKS, reports, tracked_notebooks
from analysis.plans.kinds import kind_of
from analysis.plans.registry import DRAFT, NATIONAL, Source, list_plans, load_plan, places_to_run
from analysis.plans.study_plan import StudyPlan
from analysis.record.schema import import_jsonschema
from analysis.runs.kernel_client import CHOOSE
from analysis.runs.publishing import link_path

WITHOUT_DECISIONS = ".without-decisions"  # a folder of reports/ in which no batch runs


def refresh_notebooks() -> None:
    """Run every committed notebook in its own folder and keep its outputs, without timing
    metadata. What a batch of this machine decided to withhold stays out of them: another clone has
    no such decision."""
    os.environ["WORKBOOK_STATE"] = str(reports() / WITHOUT_DECISIONS)
    import_jsonschema()
    import nbformat
    from nbclient import NotebookClient

    for path in tracked_notebooks():
        if path == EXPLORE:
            continue  # it is for JupyterLab: pickers have no outputs to keep
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(path.parent)}},
        ).execute()
        notebook.metadata = nbformat.from_dict(
            {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
        )
        nbformat.write(notebook, path)
        print(f"{path.relative_to(NOTEBOOKS.parent)}: done")


def committed_places(plan: StudyPlan) -> tuple[str, ...]:
    """Places whose records are committed: all of a pilot; of a monitor, which has many rows, one
    region and all at once."""
    found, kept = places_to_run(plan), kind_of(plan).commits
    return tuple(place for place in found if not kept or place in kept)


def copy_records(studies: Sequence[str] = ()) -> None:
    """Copy the cleared records of the draft round to tests/guards/records: what the guards compare
    with. `studies`: of these alone; empty: of all."""
    for plan in [load_plan(study) for study in studies] or list_plans():
        source = Source(plan.data.sources[0])
        (EXAMPLE_RECORDS / plan.study).mkdir(parents=True, exist_ok=True)
        for place in (*committed_places(plan), NATIONAL):
            record = link_path(source.folder, DRAFT, plan.study, place) / "results.json"
            shutil.copyfile(record, EXAMPLE_RECORDS / plan.study / f"{place}.json")
            print(f"{plan.study} {place}: copied")


if __name__ == "__main__":
    os.environ.update(CHOOSE)
    asked = sys.argv[1:]
    copy_records(asked[1:]) if asked[:1] == ["--records"] else refresh_notebooks()
