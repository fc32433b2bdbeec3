"""The page of one place that is not yet set beside the others: private, in the evaluator's
workspace and in no site, rounded and primarily suppressed, without class and claim."""

import shutil
from pathlib import Path

import nbformat

from analysis.disclosure.guard.signature import unbelieved
from analysis.errors import RunError
from analysis.paths import closed_folder, reports, workspace
from analysis.plans.registry import AnyPlan, load_plan
from analysis.record import store
from analysis.rounds.runs_found import FoundRun
from analysis.said.carried import read_out
from analysis.site import facts
from analysis.site.build import head, templates
from analysis.site.figure_files import link_or_copy
from analysis.site.locks import blind_words
from analysis.site.notebook_html import prepare, render
from analysis.vocabulary.regions import NATIONAL, place_set

PAGES = "pages"  # below the workspace
NOTEBOOK = "notebook.ipynb"


def write_alone(link: Path) -> tuple[Path, tuple[str, ...]]:
    """The page of the run behind `link`, and its answer in lines; only its owner can open it.

    RunError E338 where there is nothing that such a page may show: a run that is not as it was
    left, a record that is cleared (its page is the site's), or all places together.
    """
    run = _found(link)
    plan = load_plan(run.study)
    page = closed_folder(workspace() / PAGES) / run.source / run.round_id / run.study / run.place
    shutil.rmtree(page, ignore_errors=True)
    closed_folder(page)
    (page / "figures").mkdir()
    for file in run.figures:
        link_or_copy(file, page / "figures" / file.name)
    shutil.copyfile(run.folder / "results.json", page / "results.json")
    notebook = nbformat.read(run.folder / NOTEBOOK, as_version=4)
    answer = answer_of(notebook)
    for name, with_code in (("index", False), ("code", True)):
        cells = render(prepare(notebook, page), alone=True)[with_code]
        text = _page(plan, run, answer=answer, cells=cells, with_code=with_code)
        (page / f"{name}.html").write_text(read_out(text), encoding="utf-8")
    return page / "index.html", answer


def answer_of(notebook: nbformat.NotebookNode) -> tuple[str, ...]:
    """The lines with which the notebook itself answers; none where it does not ask for them."""
    outputs = [
        output
        for cell in notebook.cells
        if cell.cell_type == "code" and ".answer()" in cell.source
        for output in cell.outputs
    ]
    texts = ["".join(output.get("data", {}).get("text/plain", "")) for output in outputs]
    return tuple(line for text in texts for line in text.splitlines() if line.strip())


def _found(link: Path) -> FoundRun:
    """The run behind a link. RunError E338."""
    source, round_id, study, place = link.relative_to(reports()).parts
    none = f"{study} {place} has no page of its own"
    if unbelieved(link):
        text = f"{none}: its files are not as the run left them."
        raise RunError("E338", text, remedy="Run it again.")
    record = store.load(link / "results.json")
    run = FoundRun(source, round_id, study, place, link.resolve(), record)
    if run.cleared or place == NATIONAL:
        raise RunError("E338", f"{none}: its page is in the site, beside the others.")
    return run


def _page(
    plan: AnyPlan, run: FoundRun, *, answer: tuple[str, ...], cells: str, with_code: bool
) -> str:
    banner, strip = (facts.NOT_BESIDE.upper(), True), facts.strip(plan, run.record)
    first = len(blind_words(run.record))  # that outcomes were permuted stands before all else
    others = place_set(plan.data.places).many
    return (
        templates()
        .get_template("alone.html.j2")
        .render(
            head=head(),
            title=f"{facts.title(plan, run)} · {facts.NOT_BESIDE}",
            strip=(*strip[:first], banner, *strip[first:]),
            study=plan.title,
            place=facts.place_name(plan, run.place),
            round=facts.round_words(run.round_id),
            cohort=facts.cohort_line(plan, run.record),
            said=facts.alone_lines(others),
            answer=answer,
            cells=cells,
            with_code=with_code,
            provenance=facts.provenance(run),
            packages=facts.packages(run),
        )
    )
