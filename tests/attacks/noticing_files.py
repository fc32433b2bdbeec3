"""What must notice that a rule on the files of a run is gone: its folder, its drawings, the record
beside its parameters, ids of the data in whatever writing."""

import base64
import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from test_output_guard import code

from analysis.disclosure.guard.folder import folder_findings
from analysis.disclosure.guard.ids import EveryData, Hashed
from analysis.disclosure.guard.output_guard import RECORD
from analysis.disclosure.guard.registration import record_line
from analysis.disclosure.guard.told import (
    check_run,
    input_findings,
    line_findings,
    order_findings,
    parameter_findings,
)
from analysis.disclosure.guard.vector import svg_faults
from analysis.plans.registry import NATIONAL
from attacks.noticing import Check, _edited, _record
from attacks.planted import ROW

# -- the folder of a run ---------------------------------------------------------------------------
ALT, PICTURE = "Two bars: 120 and 85 people.", b"\x89PNG of two bars"
NUMBERS = "group,people\r\nBlack,120\r\nWhite,85\r\n"
TABLE = {"title": "Bars", "cleared_by": "S1", "notes": [], "columns": ["group", "people"]}
TABLE |= {"rows": [["Black", 120], ["White", 85]]}
RECIPE = {"draw": "bars", "alt": ALT, "words": {"title": "Bars"}, "table": TABLE}
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{}</svg>'
Change = Callable[[Path], object]


def _left_by(change: Change) -> set[tuple[str, str]]:
    """(rule, where) of what is found in a folder with one figure, after a change."""
    shown = {"image/png": base64.b64encode(PICTURE).decode(), "text/plain": ALT}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("notebook.ipynb", "results.json", "provenance.json"):
            (folder / file).write_text("{}")
        figures = folder / "figures"
        figures.mkdir()
        (figures / "bars.png").write_bytes(PICTURE)
        (figures / "bars.csv").write_text(NUMBERS, newline="")
        (figures / "bars.json").write_text(json.dumps(RECIPE))
        (figures / "bars.svg").write_text(DRAWING.format(""))
        change(figures)
        nb = {"cells": [{"outputs": [{"data": shown}]}]}
        return {(finding.rule, finding.file) for finding in folder_findings(folder, nb)}


def left(words: str, change: Change, where: str = "") -> Check:
    """A clean folder has no finding, and what is left in it has one with these words."""
    return lambda: (
        not _left_by(lambda figures: None)
        and any(words in rule and where in place for rule, place in _left_by(change))
    )


def _write(name: str, text: str) -> Change:
    return lambda figures: (figures / name).write_text(text)


def _recipe(**more) -> Change:
    return _write("bars.json", json.dumps(RECIPE | more))


def _program(figures: Path) -> None:
    (figures / "bars.csv").chmod(0o755)


def _both(figures: Path, text: str) -> None:
    """A label that stands in the numbers and in the recipe alike."""
    (figures / "bars.csv").write_text(NUMBERS.replace("Black", text), newline="")
    table = TABLE | {"rows": [[text, 120], ["White", 85]]}
    (figures / "bars.json").write_text(json.dumps(RECIPE | {"table": table}))


stray_file = left("no run has", _write("../people.csv", ROW))
stray_figure = left("no file of a figure", _write("WMS-P-000471.csv", ROW))
link = left("a link or a program", lambda f: (f / "more.csv").symlink_to("/etc/hostname"))
program = left("a link or a program", _program)
other_picture = left("does not show", _write("bars.png", "another"))
numbers_gone = left("without its numbers", lambda figures: (figures / "bars.csv").unlink())
id_in_numbers = left("G16", partial(_both, text="A1234BC"), "the numbers")
id_in_recipe = left("G16", partial(_both, text="A1234BC"), "the recipe")
unseen = left("G09", partial(_both, text="Bl\u200back"))
drawn_words = left("G29", _write("bars.svg", DRAWING.format(f"<desc>{ROW}</desc>")))
recipe_key = left("more than a figure needs", _recipe(note=ROW))
recipe_alt = left("words that are not", _recipe(alt="No bars."))
recipe_number = left("a number in words", _recipe(words={"title": "75.438219"}))
recipe_rows = left(
    "numbers that are not", _recipe(table=TABLE | {"rows": [["Black", 121], ["White", 85]]})
)


# -- drawings --------------------------------------------------------------------------------------
def drawn(body: str) -> Check:
    """A drawing of a part that figures have passes, and this one does not."""
    return lambda: (
        not svg_faults(DRAWING.format('<g id="figure_1"><path d="M 0 0"/></g>'), alt=ALT)
        and bool(svg_faults(DRAWING.format(body), alt=ALT))
    )


def without_canvas() -> bool:
    return bool(svg_faults('<svg xmlns="http://www.w3.org/2000/svg"/>'))


def _letters(place: str, **style: str) -> str:
    said = "".join(f' {name}="{value}"' for name, value in style.items())
    return f'<g transform="translate({place})"{said}/>'


comment = drawn(f"<!-- {ROW} -->")
element = drawn("<text/>")
attribute = drawn('<g data-n="75438219"/>')
part_name = drawn('<g id="WMS-P-000471"/>')
way_out = drawn('<use href="https://example.org/n75438219"/>')
style = drawn('<g style="font-family: n75438219"/>')
style_address = drawn('<g style="fill: url(n75438219)"/>')
faint = drawn('<g style="opacity: 0.01"/>')
words_inside = drawn(f"<metadata>{ROW}</metadata>")
words_behind = drawn(f"<g/>{ROW}")
tiny = drawn(_letters("10 10) scale(0.001"))
off_canvas = drawn(_letters("-900 10) scale(0.1"))
white = drawn(_letters("10 10) scale(0.1", style="fill: #ffffff"))


# -- the record beside the parameters --------------------------------------------------------------
PARAMETERS = 'study_id = "{study}"\nregion_id = "{region}"\ndata_source = "{data_source}"\n'
OURS = {"study": "release", "region": "wales", "data_source": "synthetic", "round": "draft"}


def _told(more: str = "", injected: str = "", **record: str) -> dict:
    """A notebook that was told `OURS`, and whose record says so but for `record`."""
    cells = [{"cell_type": "code", "source": PARAMETERS.format(**OURS) + more, "outputs": []}]
    cells[0] |= {"metadata": {"tags": ["parameters"]}}
    if injected:
        cells.append(cells[0] | {"source": injected})
        cells[1] |= {"metadata": {"tags": ["injected-parameters"]}}
    cells.append({"cell_type": "code", "outputs": [{"data": {RECORD: OURS | record}}]})
    return {"cells": cells}


def _differs(words: str, nb: dict) -> bool:
    found = [finding.rule for finding in parameter_findings(nb)]
    return not list(parameter_findings(_told())) and any(words in rule for rule in found)


def other(key: str, more: str = "") -> Check:
    """The record is of another study, region, source or round than the parameters say."""
    return lambda: _differs(f"the {key} of", _told(more, **{key: "another"}))


other_injected = partial(_differs, "the region of", _told(injected='region_id = "london"'))


def no_parameters() -> bool:
    nb = _told()
    del nb["cells"][0]
    return any("no parameters cell" in finding.rule for finding in parameter_findings(nb))


def of_the_nation() -> bool:
    nb = _told(region=NATIONAL)
    nb["cells"][0]["source"] = 'study_id = "release"\ndata_source = "synthetic"'
    return not list(parameter_findings(nb))


def other_inputs() -> bool:
    nb = _told(plan_hash="a")
    return bool(list(input_findings(nb, {"plan_hash": "b"})))


def _run_in_order(*counts: int | None, shown: int | None = None) -> dict:
    cells = [code() | {"execution_count": count} for count in counts]
    cells[0]["outputs"] = [{"output_type": "execute_result", "execution_count": shown, "data": {}}]
    return {"cells": cells}


def ran_in_order() -> bool:
    return not list(order_findings(_run_in_order(1, 2, shown=1)))


def ran_twice() -> bool:
    return ran_in_order() and bool(list(order_findings(_run_in_order(1, 4))))


def shown_of_another_run() -> bool:
    return ran_in_order() and bool(list(order_findings(_run_in_order(1, 2, shown=7))))


def _lines(listed: list[str], said: str) -> set[str]:
    record = {"study": "release", "region": "wales", "estimates": []}
    output = {"data": {RECORD: record, "text/plain": said}}
    output["metadata"] = {"workbook": {"registrations": listed}}
    found = line_findings({"cells": [{"outputs": [output]}]})
    return {finding.rule.split(":")[0] for finding in found}


LINE = record_line("release", "wales", 0)


def list_of_fingerprints() -> bool:
    return not _lines([], LINE) and "G04" in _lines([ROW], LINE)


def line_of_the_record() -> bool:
    return "G23" in _lines([], ROW)


def whole_check(rule: str, plant: Callable[[dict], object]) -> Check:
    """`check_run` asks each of its parts: what only one of them finds is found."""

    def found() -> bool:
        rules = {finding.rule.split(":")[0] for finding in check_run(_edited(plant))}
        return rule in rules

    return found


def _count(nb: dict) -> None:
    nb["cells"][1]["execution_count"] = 40


def _line(nb: dict) -> None:
    nb["cells"][-1]["outputs"][0]["data"]["text/plain"] = "another line"


def _author(nb: dict) -> None:
    nb["cells"][1]["source"] = "print(study.rows)"


checks_outputs = whole_check("G16", lambda nb: _record(nb).update(study="A1234BC"))
checks_sources = whole_check("G20", _author)
checks_parameters = whole_check("G18", lambda nb: _record(nb).update(region="london"))
checks_order = whole_check("G22", _count)
checks_line = whole_check("G23", _line)


# -- ids of the data -------------------------------------------------------------------------------
PERSON = "WMS-P-000471"
HASHED = Hashed.of([PERSON], [75.438219])


def hidden_in(text: str) -> Check:
    """An id of the data is found in a text, and in words that hold none nothing is."""
    return lambda: HASHED.is_in(text) and not HASHED.is_in("group 120, MSE 000471 people")


def _base64(text: str, before: str = "") -> str:
    return before + base64.urlsafe_b64encode(text.encode()).decode()


as_it_is = hidden_in(f"it is {PERSON}")
split_by_markup = hidden_in("<b>WMS-P</b><i>-0004</i>71")
split_by_signs = hidden_in("WMS\u200b P - 0\u200b0.0 4_7 1")
in_small_letters = hidden_in(PERSON.lower())
in_wide_letters = hidden_in("".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in PERSON))
in_escapes = hidden_in(r"\u0057\u004dS-P-\u0030\u00300471")
in_an_address = hidden_in("%57MS-P-%30%300471")
in_entities = hidden_in("&#87;MS-P-&#48;&#48;0471")
in_base64 = hidden_in(_base64(PERSON))
in_base64_behind = hidden_in(_base64(PERSON + "!!", before="x1"))
in_base64_of_addresses = hidden_in(_base64(f"??>{PERSON}"))
in_hex = hidden_in(PERSON.encode().hex())


def id_of_another_set() -> bool:
    """Beside several sets of data an id of the last one is found, and in other words nothing is."""
    every = EveryData((Hashed.of(["NWS-P-000001"], []), HASHED))
    return every.is_in(f"it is {PERSON}") and not every.is_in("group 120, MSE 000471 people")


exact_value = hidden_in("mean 75.438219")
exact_value_in_thousands = hidden_in("mean 75.4382190")
