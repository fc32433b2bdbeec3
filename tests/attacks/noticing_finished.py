"""What must notice that a rule on the finished site is gone: its pages, the files beside them, its
list of files; and on what the joint step has made."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from attacked_tables import count
from test_spreadsheet_guard import FAULTS, IDS
from test_spreadsheets import example

from analysis.disclosure.attack.known import Known, total
from analysis.disclosure.attack.printed import SUMMED, coverage
from analysis.disclosure.guard.pages import DOCTYPE, METAS, SKIP, Reader
from analysis.disclosure.guard.signature import signed
from analysis.disclosure.guard.spreadsheet import ods_faults
from analysis.errors import RunError
from analysis.paths import EXAMPLE_RECORDS
from analysis.plans.registry import load_plan
from analysis.record import store
from analysis.record.sealed import hash_of
from analysis.rounds.runs_found import FoundRun, FoundStudy, page_path
from analysis.runs import batch
from analysis.runs.checking import outside
from analysis.site import build, finished, state
from analysis.vocabulary.regions import NATIONAL
from attacks.noticing import Check
from attacks.noticing_files import HASHED, PERSON
from attacks.planted import ROW

CSS, POLICY = "p { color: black }", "default-src 'none'"
HEAD = (
    *METAS,
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY.replace(chr(39), "&#39;")}">',
    f"<style>{CSS}</style>",
)
BARE = (
    f'{DOCTYPE}<html lang="en">\n<head>{"".join(HEAD)}</head>\n<body>{SKIP}\n{{}}\n</body></html>'
)
PAGE = "synthetic/draft/release/wales/index.html"


# -- a page ----------------------------------------------------------------------------------------
def _faults(words: str, bare: str = BARE) -> set[str]:
    return Reader(CSS, POLICY).faults(PAGE, bare.replace("{}", words), HASHED)


def on_a_page(said: str, words: str, bare: str = BARE) -> Check:
    """A page of plain words has no fault, and this one has one that says so."""
    clean = '<p class="small">120 people, <a href="../national/index.html#a">the nation</a></p>'
    return lambda: (
        not _faults(clean) and any(fault.startswith(said) for fault in _faults(words, bare))
    )


other_policy = on_a_page("G09: a head", "", BARE.replace("default-src", "img-src"))
second_style = on_a_page("G09: hidden", "<style>p { opacity: 0 }</style>")
off_the_screen = on_a_page("G09: hidden", '<p class="skip">told</p>')
comment = on_a_page("G08", f"<!-- {ROW} -->")
script = on_a_page("G09", "<script>row</script>")
attribute = on_a_page("G09", '<p data-n="75438219">told</p>')
elsewhere = on_a_page("G07", '<a href="https://example.org/n">there</a>')
out_of_the_site = on_a_page("G07", '<a href="../../../../../private/record.json">there</a>')
address = on_a_page("G07", "<p>https://example.org/?n=75</p>")
unseen = on_a_page("G09: characters", "<p>to\u200bld</p>")
identifier = on_a_page("G16", "<p>A1234BC</p>")
identifier_in_base64 = on_a_page("G16", "<p>cHJpc29uIG51bWJlciBBMTIzNEJD</p>")
identifier_in_parts = on_a_page("G16", "<p>A12<b>34BC</b></p>")
id_on_a_page = on_a_page("G31", f"<p>{PERSON}</p>")


def id_over_lines() -> bool:
    """A line that was read before, and one that is new, hold an id together."""
    reader = Reader(CSS, POLICY)
    first = reader.faults(PAGE, BARE.replace("{}", "<p>WMS-P-</p>\n<p>read</p>"), HASHED)
    second = reader.faults(PAGE, BARE.replace("{}", "<p>WMS-P-</p>\n<p>000471</p>"), HASHED)
    return not first and "G31" in " ".join(second)


# -- a site ----------------------------------------------------------------------------------------
@contextmanager
def _site() -> Iterator[tuple[Path, finished.Finished]]:
    """A site of one page, bare but clean, and the run that it was made of."""
    record = store.load(EXAMPLE_RECORDS / "psr_quality" / f"{NATIONAL}.json")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        own, site = home / "run", home / "site"
        run = FoundRun("synthetic", "draft", "psr_quality", NATIONAL, own, record)
        page = (site / page_path(run)).parent
        for folder in (own / "figures", page / "figures"):
            folder.mkdir(parents=True)
            (folder / "bars.csv").write_text("group,n\nBlack,120\n")
        (own / "provenance.json").write_text(
            json.dumps({"files": {"figures/bars.csv": hash_of(own / "figures" / "bars.csv")}})
        )
        (page / "figures" / "answer.csv").write_text("group,n\nBlack,120\n")
        for file in (site / "index.html", page / "index.html", page / "code.html"):
            file.write_text(BARE.replace("{}", "<p>120 people</p>"))
        store.write(record, page / "results.json")
        (page / "tables.ods").write_bytes(example())
        HASHED.write(home / "ids")
        study = FoundStudy(load_plan("psr_quality"), "synthetic", (run,))
        with patch.object(finished, "kept_ids", lambda *_: home / "ids"):
            yield page, finished.Finished(site, (study,), frozenset(), _readers())


def _readers() -> finished.Readers:
    return finished.Readers(Reader(CSS, POLICY), Reader(CSS, POLICY))


def in_a_site(rule: str, plant: Callable[[Path], object]) -> Check:
    """A clean site has no finding; one in which this is planted has one of the rule, and is put
    aside."""

    def found() -> bool:
        with _site() as (page, site):
            assert not list(site.findings())
            plant(page)
            rules = {finding.rule for finding in site.findings()}
            try:
                replace(site, readers=_readers()).check()
            except RunError as error:
                aside = site.folder.with_name(finished.WITHHELD)
                told = error.code == "E345" and aside.is_dir() and not site.folder.exists()
                return told and any(each.startswith(rule) for each in rules)
        return False

    return found


def _write(name: str, text: str) -> Callable[[Path], object]:
    return lambda page: (page / name).write_text(text)


def _record(page: Path) -> None:
    record = store.load_json(page / "results.json")
    (page / "results.json").write_text(json.dumps(record | {"n_used": 5}))


def _front(page: Path) -> None:
    (page.parents[3] / "index.html").write_text(BARE.replace("{}", f"<p>{PERSON}</p>"))


stray = in_a_site("G32", _write("people.csv", "1"))
stray_figure = in_a_site("G32", _write("figures/cells_1.png", "1"))
program = in_a_site("G26", lambda page: (page / "index.html").chmod(0o755))
other_content = in_a_site("G31", _write("figures/bars.csv", PERSON))
other_record = in_a_site("G33", _record)
front_page = in_a_site("G31", _front)
page_of_a_run = in_a_site("G31", _write("code.html", BARE.replace("{}", f"<p>{PERSON}</p>")))
picture = in_a_site("G10", _write("figures/answer.png", "1"))
drawing = in_a_site("G29", _write("figures/answer.svg", "<svg><text>row</text></svg>"))
numbers = in_a_site("G31", _write("figures/answer.csv", PERSON))
spreadsheet = in_a_site("G34", _write("tables.ods", "1"))


def in_a_spreadsheet(planted: str) -> Check:
    """A spreadsheet of ours has no fault; one in which this is planted has that of its rule."""
    rule, change = FAULTS[planted]

    def found() -> bool:
        faults = list(ods_faults(change(example()), IDS))
        return not list(ods_faults(example(), IDS)) and any(f.startswith(rule) for f in faults)

    return found


def ids_not_kept() -> bool:
    with _site() as (_, site), patch.object(finished, "kept_ids", lambda *_: Path("/none")):
        return {finding.rule.split(":")[0] for finding in site.findings()} == {"G31"}


def guard_ends_with_three() -> bool:
    return batch.code_of(RunError("E345", "found")) == 3


# -- what was put there ----------------------------------------------------------------------------
@contextmanager
def _kept_site(**more: object) -> Iterator[Path]:
    """Reports with a site of one file, and its signed list."""
    with tempfile.TemporaryDirectory() as name:
        reports = Path(name)
        (reports / "site").mkdir()
        (reports / "site" / "index.html").write_text("as it was made")
        state.keep_state(reports, {"index": "a"})
        yield reports


def added_to_the_site() -> bool:
    with _kept_site() as reports:
        clean = not state.altered_pages(reports)
        (reports / "site" / "people.csv").write_text(ROW)
        return clean and state.altered_pages(reports) == ("people.csv",)


def edited_in_the_site() -> bool:
    with _kept_site() as reports:
        (reports / "site" / "index.html").write_text("as somebody else made it")
        return state.altered_pages(reports) == ("index.html",)


def list_of_another() -> bool:
    with _kept_site() as reports:
        file = reports / state.STATE_FILE
        forged = signed(json.loads(file.read_text())) | {"signature": "0"}
        file.write_text(json.dumps(forged))
        return state.kept_files(reports) == {}


def altered_page_is_not_taken_over() -> bool:
    run = SimpleNamespace(source="s", round_id="draft", study="x", place="wales")
    way = Path(page_path(run))  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as name:
        old, fresh = Path(name) / "old", Path(name) / "fresh"
        (old / way.parent).mkdir(parents=True)
        (old / way).write_text("as it was made")
        read = {way.as_posix(): hash_of(old / way)}
        taken = build._keep_page(old, Path(name) / "first", SimpleNamespace(), run, read)
        (old / way).write_text(ROW)
        return taken and not build._keep_page(old, fresh, SimpleNamespace(), run, read)


# -- the joint step --------------------------------------------------------------------------------
def _joint(change: Callable[[Path], object], shown: int = 360) -> set[str]:
    """Where a record of the joint step is found that does not come out again, after a change of
    those of the places; `shown`: what the notebook says of the nation."""
    with tempfile.TemporaryDirectory() as name:
        made, private = Path(name) / "made", Path(name) / "private"
        (private / "cleared").mkdir(parents=True)
        made.mkdir()
        for folder in (made, private / "cleared"):
            (folder / "wales.json").write_text('{"n": 120}')
        (made / f"{NATIONAL}.json").write_text('{"n": 360}')
        (made / "counts.json").write_text("{}")
        change(private / "cleared")
        notebook = {"cells": [{"outputs": [{"data": {store.MIME: {"n": shown}}}]}]}
        found = outside.joint_findings(made, notebook, private)
        places = {finding.file for finding in found if finding.rule.startswith("G30")}
        return places if (private / "counts.json").is_file() else {"no counts"}


def _of_the_joint_step(where: str, name: str, text: str) -> bool:
    return not _joint(lambda folder: None) and where in _joint(
        lambda folder: (folder / name).write_text(text)
    )


cleared_record = partial(
    _of_the_joint_step, "the cleared record of wales", "wales.json", '{"n": 125}'
)
added_record = partial(_of_the_joint_step, "a cleared record", "people.json", "{}")


def national_record() -> bool:
    return not _joint(lambda folder: None) and _joint(lambda folder: None, 365) == {"results.json"}


def unknown_is_told() -> bool:
    """A count of the nation that is a sum of those of its places is known, and another is not."""
    known = Known.of([count("a", 120), count("b", 85)], [total("whole", ("a", "b"), SUMMED)])
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "results.json"
        file.write_text(json.dumps({"n_in": 205}))
        summed = coverage(Path(name), known)
        file.write_text(json.dumps({"n_in": 210}))
        return not summed.unknown and len(coverage(Path(name), known).unknown) == 1
