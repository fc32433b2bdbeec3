"""The leaks: each a name and how it is planted. What each of them carries would be published, if
nothing looked at it."""

import base64
import io
import zipfile
from pathlib import Path

from attacks.planted import (
    EXACT,
    ROW,
    a_figure,
    added,
    as_json,
    bundle,
    code_cells,
    edited,
    html,
    in_a_cell,
    other_picture,
    output_with,
    parameter,
    picture,
    plain,
    record,
    record_output,
    said,
    shown,
    with_chunk,
    written,
)

ENCODED = base64.b64encode(ROW.encode()).decode()

# What an author writes into a notebook, before any kernel is started.
AUTHORED = {
    "scatter in show()": written(
        "from analysis.notebook import show\nimport matplotlib.pyplot as plt\n"
        "show(plt.scatter(study.rows.age, study.rows.n))"
    ),
    "base64 in prose": written(f'from analysis.notebook import Prose\nshow(Prose("{ENCODED}"))'),
    "prose of a row": written("from analysis.notebook import Prose\nProse(str(study.people()))"),
    "Table by hand": written('from analysis.results import Table\nTable("t", study.people(), ())'),
    "clear_table of free text": written(
        "from analysis.clearing.tables import clear_table\nclear_table(study.rows)"
    ),
    "caption": written('study.table(by=["ethnic_group"], title=str(study.rows))'),
    "notes": written('study.table(by=["ethnic_group"], notes=[str(study.rows)])'),
    "gate replaced": written("get_ipython().display_formatter = None"),
    "gate reached by name": written("__import__('IPython').get_ipython().display_formatter = 1"),
    "cleared_bundle replaced": written(
        "import analysis.display.tables as t\nt.cleared_bundle = lambda x: x"
    ),
    "file written into figures": written(
        "import os\nopen(os.environ['WORKBOOK_FIGURES'] + '/a.csv', 'w').write(str(study.rows))"
    ),
    "self-registered bundle": written(
        "from analysis.disclosure.guard.registration import register\nregister({'text/plain': 'x'})"
    ),
    "check text": written("study.checks[0].text = str(study.rows)"),
    "comment": written(f"study.people()  # {ROW}"),
    "comment of a number": written(f"# {EXACT}\nstudy.people()"),
    "text of code": written(f'"{ROW}"'),
    "printed": written("print(study.rows)"),
    "shell": written("!cat data/extracts/people.csv"),
    "cell magic": written("%%bash\ncat data/extracts/people.csv"),
    "eval": written("eval('study.rows')"),
    "attribute of a class": written("study.__class__.__mro__"),
    "getattr": written("getattr(study, 'rows')"),
    "f-string": written("f'{study.rows}'"),
    "function": written("def leak():\n    return study.rows\nleak()"),
    "lambda": written("(lambda: study.rows)()"),
    "comprehension": written("[row for row in study.rows]"),
    "raised": written("raise ValueError(study.rows)"),
    "pandas": written("import pandas as pd\npd.read_parquet('data/synthetic/x.parquet')"),
    "display": written("from IPython.display import HTML, display\ndisplay(HTML(str(study.rows)))"),
    "walrus": written("study.table(by=[(x := study.rows)])"),
    "starred": written("study.table(*study.rows)"),
    "private session": written(
        "from analysis.private import open_private\nopen_private('release', 'wales', 'synthetic')"
    ),
    "environment": written("import os\nos.environ['WORKBOOK_PRIVATE']"),
    "markdown cell": said(f"Among them {ROW}."),
    "markdown of a number": said("Of these 75.438219 in every 100."),
    "markdown of digits apart": said("Of these 7 5 . 4 3 8 2 1 9."),
    "raw cell": said(ROW, kind="raw"),
    "comment in markdown": said(f"<!-- {ROW} -->"),
    "zero-width in markdown": said("Wal\u200bes W\u200bM\u200bS"),
    "attachment": said("![a](attachment:a.png)", attachments={"a.png": {"image/png": ENCODED}}),
    "address with a value": said(f"[more](https://example.org/?q={ENCODED})"),
    "data address": said(f"![x](data:image/png;base64,{ENCODED})"),
    "base64 in markdown": said(ENCODED),
    "tag": said("The answer", tags=[ROW]),
    "tag of a code cell": lambda nb: code_cells(nb)[0]["metadata"].update(tags=["n75438219"]),
    "parameters cell with code": lambda nb: nb["cells"][1].update(
        source='study_id = "release"\nregion_id = open("/etc/hostname").read()\ndata_source = "x"'
    ),
}

# Arguments by which a verb would show what is not cleared, if it took them.
WITHOUT_EFFECT = ("title", "caption", "notes", "model", "already_public", "clearance", "rules")

# What stands in a notebook that has been run, changed by hand and registered as well as one can.
SHOWN = {
    "a cell of a table": html(lambda text: text.replace("</td>", "7</td>", 1)),
    "an exact share in a table": in_a_cell(EXACT),
    "caption of a table": html(lambda text: text.replace("<caption>", f"<caption>{ROW} ", 1)),
    "label of a table": html(lambda text: text.replace('aria-label="', f'aria-label="{EXACT} ', 1)),
    "note under a table": html(lambda text: text.replace("</div>", f"<p>{ROW}</p></div>", 1)),
    "plain text behind html": plain(lambda text: f"{text}\n{ROW}"),
    "alt text": plain(lambda text: f"{text} {EXACT}", mime="image/png"),
    "alt text in metadata": lambda nb: output_with(nb, "image/png")["metadata"].update(alt=ROW),
    "comment in html": in_a_cell(f"<!-- {ROW} -->"),
    "white text": in_a_cell(f'<span style="color:#fff">{ROW}</span>'),
    "white text of a class": in_a_cell(f'<span class="white">{ROW}</span>'),
    "one pixel": in_a_cell(f'<span style="font-size:1px">{ROW}</span>'),
    "off screen": in_a_cell(f'<span style="position:absolute;left:-9999px">{ROW}</span>'),
    "hidden": in_a_cell(f"<span hidden>{ROW}</span>"),
    "attribute": in_a_cell(f'<span data-n="{EXACT}"></span>'),
    "title of an element": in_a_cell(f'<span title="{ROW}"></span>'),
    "script": in_a_cell(f"<script>{ROW}</script>"),
    "svg in html": in_a_cell(f"<svg><desc>{ROW}</desc></svg>"),
    "zero-width split id": in_a_cell("A\u200b1\u200b2\u200b3\u200b4\u200bB\u200bC"),
    "id split by markup": in_a_cell("<b>A12</b><i>34BC</i>"),
    "id in small letters": in_a_cell("a1234bc"),
    "postcode without space": in_a_cell("sw1a1aa"),
    "ISO date of birth": in_a_cell("born 1987-03-14"),
    "health number": in_a_cell("943 476 5919"),
    "e-mail": in_a_cell("jo.bloggs@example.org"),
    "base64 in a table": in_a_cell(ENCODED),
    "letters of other scripts": in_a_cell("Ａ１２３４ＢＣ"),
    "PNG text chunk": picture(lambda image: with_chunk(image, b"tEXt", f"n\0{ROW}".encode())),
    "PNG bytes behind its end": picture(lambda image: image + ROW.encode()),
    "PNG of a row": picture(other_picture),
    "PNG last bits": picture(lambda image: image[:-20] + bytes([image[-20] ^ 1]) + image[-19:]),
    "a further table": shown(bundle(text__plain=ROW)),
    "svg output": shown(bundle(image__svg_xml=f"<svg><desc>{ROW}</desc></svg>")),
    "javascript": shown(bundle(application__javascript=f"alert('{ROW}')")),
    "json output": shown(bundle(application__json={"row": ROW})),
    "stream": shown({"output_type": "stream", "name": "stdout", "text": ROW}),
    "traceback": shown({"output_type": "error", "ename": ROW, "evalue": ROW, "traceback": [ROW]}),
    "output order": lambda nb: (
        code_cells(nb)[-1]["outputs"].reverse() or code_cells(nb)[2]["outputs"].reverse()
    ),
    "output of another cell": lambda nb: code_cells(nb)[0].update(
        outputs=code_cells(nb)[1]["outputs"]
    ),
    "output left out": lambda nb: code_cells(nb)[2]["outputs"].pop(),
    "execution count": lambda nb: code_cells(nb)[0].update(execution_count=75438219),
    "cell id": lambda nb: code_cells(nb)[0].update(id="n75-438219"),
    "widget state": lambda nb: nb["metadata"].update(widgets={"state": ROW}),
    "name of the kernel": lambda nb: nb["metadata"]["kernelspec"].update(display_name=ROW),
    "title of the notebook": lambda nb: nb["metadata"].update(title=ROW),
    "timing": lambda nb: code_cells(nb)[0]["metadata"].update(execution={"iopub": ROW}),
    "metadata of an output": lambda nb: output_with(nb, "text/html")["metadata"].update(x=ROW),
    "list of the record": lambda nb: record_output(nb)["metadata"]["workbook"][
        "registrations"
    ].append(ROW),
    "line beside the record": lambda nb: record_output(nb)["data"].update({"text/plain": ROW}),
    "statement of the record": record(lambda r: r.update(claim=ROW)),
    "check text of the record": record(lambda r: r["checks"][0].update(text=EXACT)),
    "count of the record": record(lambda r: r["estimates"][0].update(n=4711)),
    "a further key of the record": record(lambda r: r.update(note=ROW)),
    "reason for exclusion": record(lambda r: r["excluded"].update({ROW: 7})),
    "region edited by hand": parameter("region_id", "london"),
    "study edited by hand": parameter("study_id", "supervision"),
    "source edited by hand": parameter("data_source", "synthetic:x0.3"),
    "misspelt parameter": lambda nb: nb["cells"][2].update(
        source='# Parameters\nstudy_id = "release"\nregionid = "wales"\ndata_source = "synthetic"\n'
    ),
    "record of another place": record(lambda r: r.update(region="london")),
    "record of another round": record(lambda r: r.update(round="2026q3")),
    "record of other data": record(lambda r: r.update(data_hash="0" * 64)),
    "record of another plan": record(lambda r: r.update(plan_hash="0" * 64)),
}


def spreadsheet() -> bytes:
    """A workbook with a hidden sheet."""
    import openpyxl

    book, buffer = openpyxl.Workbook(), io.BytesIO()
    hidden = book.create_sheet("hidden")
    hidden.sheet_state = "hidden"
    hidden.append([ROW])
    book.save(buffer)
    return buffer.getvalue()


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("row.txt", ROW)
    return buffer.getvalue()


def svg(body: str, **attributes: str):
    """The first figure drawn as SVG with something in it."""

    def plant(folder: Path) -> None:
        more = "".join(f' {name}="{value}"' for name, value in attributes.items())
        text = f'<svg xmlns="http://www.w3.org/2000/svg"{more}>{body}</svg>'
        a_figure(folder, ".json").with_suffix(".svg").write_text(text)

    return plant


def linked(folder: Path) -> None:
    (folder / "figures" / "people.csv").symlink_to("/etc/hostname")


def further_column(text: str) -> str:
    first, *rest = text.splitlines()
    return "\r\n".join([f"{first},exact", *(f"{line},{EXACT}" for line in rest)]) + "\r\n"


# What code in a kernel could leave in the folder of its run.
LEFT = {
    "file in figures": added("figures/people.csv"),
    "file name": added("figures/wms_p_000471_black.png", b""),
    "file name in capitals": added("figures/WMS-P-000471.csv"),
    "hidden file": added("figures/.people"),
    "spreadsheet with a hidden sheet": added("figures/answer.xlsx", spreadsheet()),
    "archive": added("figures/answer.zip", archive()),
    "file of the run": added("people.csv"),
    "page": added("figures/answer.html", f"<p>{ROW}</p>"),
    "folder": added("figures/more/people.csv"),
    "folder of the run": added("cleared/people.csv"),
    "link": linked,
    "figure that is not shown": lambda folder: a_figure(folder, ".png").write_bytes(
        other_picture(a_figure(folder, ".png").read_bytes())
    ),
    "text chunk of a figure": lambda folder: a_figure(folder, ".png").write_bytes(
        with_chunk(a_figure(folder, ".png").read_bytes(), b"tEXt", ROW.encode())
    ),
    "further column of numbers": edited(".csv", further_column),
    "further row of numbers": edited(".csv", lambda text: f"{text}{ROW}\r\n"),
    "exact number": edited(".csv", lambda text: text.rstrip() + f"{EXACT}\r\n"),
    "numbers gone": lambda folder: a_figure(folder, ".csv").unlink(),
    "words of a recipe": as_json(".json", lambda recipe: recipe["words"].update(more=ROW)),
    "title of a recipe": as_json(".json", lambda recipe: recipe["words"].update(title=EXACT)),
    "alt of a recipe": as_json(".json", lambda recipe: recipe.update(alt=EXACT)),
    "further key of a recipe": as_json(".json", lambda recipe: recipe.update(note=ROW)),
    "notes of a recipe": as_json(".json", lambda recipe: recipe["table"]["notes"].append(EXACT)),
    "rows of a recipe": as_json(".json", lambda recipe: recipe["table"]["rows"].append([ROW])),
    "svg desc": svg(f"<desc>{ROW}</desc>"),
    "svg script": svg(f"<script>{ROW}</script>"),
    "svg gid": svg(f'<g id="{ROW}"></g>'),
    "svg metadata": svg(f"<metadata>{ROW}</metadata>"),
    "svg text": svg(f"<text>{EXACT}</text>"),
    "svg white text": svg(f'<text fill="#fff">{ROW}</text>'),
    "svg off screen": svg(f'<text x="-9999">{ROW}</text>'),
    "svg comment": svg(f"<!-- {ROW} -->"),
    "svg exact place": svg('<circle cx="75.438219" cy="1.2345678" r="1"></circle>'),
    "svg picture": svg(f'<image href="data:image/png;base64,{ENCODED}"></image>'),
    "svg style": svg(f"<style>/* {ROW} */</style>"),
}

# What somebody changes in a run that was published, its hashes worked out anew.
AFTERWARDS = {
    "field of the provenance": as_json("provenance.json", lambda p: p.update(note=ROW)),
    "commit of the provenance": as_json("provenance.json", lambda p: p.update(commit=EXACT)),
    "package of the provenance": as_json("provenance.json", lambda p: p["packages"].update(x=ROW)),
    "signature taken away": as_json("provenance.json", lambda p: p.pop("signature", None)),
    "signature of another": as_json("provenance.json", lambda p: p.update(signature="0" * 64)),
    "statement of results.json": as_json("results.json", lambda r: r.update(claim=ROW)),
    "check of results.json": as_json("results.json", lambda r: r["checks"][0].update(text=EXACT)),
    "estimate of results.json": as_json("results.json", lambda r: r["estimates"][0].update(n=7)),
    "results.json cut off": edited("results.json", lambda text: text[: len(text) // 2]),
    "results.json of another place": as_json("results.json", lambda r: r.update(region="london")),
    "notebook edited": edited("notebook.ipynb", lambda text: text.replace("group", "gr0up", 1)),
    "private counts edited": edited("private/counts.json", lambda text: text + " "),
    "numbers edited": edited(".csv", lambda text: text + ROW),
    "file left out": lambda folder: a_figure(folder, ".png").unlink(),
    "file put in": added("figures/more.csv"),
}
