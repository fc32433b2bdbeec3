"""The output guard: one planted violation a rule, and a clean notebook that passes."""

import base64
import itertools
import json
import struct
import zlib
from copy import deepcopy

import nbformat
import pytest

from analysis.disclosure.guard.metadata import reduce_metadata
from analysis.disclosure.guard.output_guard import RECORD, check_notebook
from analysis.disclosure.guard.png import SIGNATURE
from analysis.disclosure.guard.registration import register, registration_id, registrations

IDS = itertools.count()


def chunk(name, body=b""):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*extra, after=b""):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    image = (
        SIGNATURE
        + head
        + b"".join(extra)
        + chunk(b"IDAT", zlib.compress(b"\x00\x00"))
        + chunk(b"IEND")
        + after
    )
    return base64.b64encode(image).decode("ascii")


TABLE = {
    "text/plain": "Recalls\n\ngroup  people\nBlack     120",
    "text/html": (
        '<div class="wb-table" role="region" tabindex="0"'
        ' aria-label="Recalls"><table><caption>Recalls</caption><thead><tr><th'
        ' scope="col">group</th></tr></thead><tbody><tr><th'
        ' scope="row">Black</th></tr></tbody></table></div>'
    ),
}
FIGURE = {"image/png": png(), "text/plain": "Two bars of nearly equal length."}


def bundle(data, **more):
    metadata = {"workbook": {"registration": registration_id(data)}} | more
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def code(*outputs, source="study.answer()", **metadata):
    return {
        "cell_type": "code",
        "id": f"c{next(IDS)}",
        "metadata": metadata,
        "source": source,
        "execution_count": 1,
        "outputs": list(outputs),
    }


def notebook(*cells, also=()):
    """A notebook with these cells and its record, whose list holds every output of them."""
    outputs = [o for cell in cells for o in cell.get("outputs", ()) if "data" in o]
    listed = sorted(
        {
            o["metadata"]["workbook"]["registration"]
            for o in outputs
            if "registration" in o.get("metadata", {}).get("workbook", {})
        }
        | set(also)
    )
    record = {
        "output_type": "display_data",
        "data": {RECORD: {"study": "x"}, "text/plain": "Record"},
        "metadata": {"workbook": {"registrations": listed}},
    }
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    return {
        "cells": [*cells, code(record, source="study.record()")],
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def clean():
    words = {
        "cell_type": "markdown",
        "id": "m1",
        "metadata": {},
        "source": "# Title\n\nSee [the source](https://www.gov.uk/).",
    }
    figure = bundle(FIGURE, **{"image/png": {"alt": FIGURE["text/plain"], "width": 640}})
    figure["metadata"]["workbook"]["alt"] = FIGURE["text/plain"]
    return notebook(words, code(bundle(TABLE)), code(figure, tags=["parameters"]))


def rules(nb):
    return {finding.rule.split(":")[0] for finding in check_notebook(nb)}


def test_a_clean_notebook_passes_from_memory_from_a_file_and_after_saving(tmp_path):
    assert check_notebook(clean()) == ()
    path = tmp_path / "clean.ipynb"
    nbformat.write(nbformat.from_dict(clean()), path)
    assert check_notebook(path) == ()
    assert check_notebook(nbformat.read(path, as_version=4)) == ()


def with_content(mime, content):
    return notebook(code(bundle({"text/plain": "x", mime: content})))


HTML_FAULTS = {
    "G07": [
        "<p>https://example.org/x</p>",
        "<p>data:text/plain;base64,AAAA</p>",
        "<p>//example.org/a.js</p>",
    ],
    "G08": ["<p>a<!-- 12 people --></p>", "<!DOCTYPE html><p>a</p>", "<p>a<!-- not closed"],
    "G09": [
        '<p style="display:none">12</p>',
        '<p style="font-size:0">12</p>',
        '<p style="visibility: hidden">12</p>',
        "<p hidden>12</p>",
        '<p style="opacity: 0;">12</p>',
        '<p style="left:-9999px">12</p>',
        "<script>x()</script>",
        "<img alt=x>",
        '<p onclick="x()">a</p>',
        '<p data-n="12">a</p>',
        "<svg></svg>",
        "<iframe></iframe>",
        "<style>.a{display:none}</style>",
        "<style>.a::after{content:'12'}</style>",
        "<style>.a{/* 12 people */}</style>",
        '<p style="dis/**/play:none">12</p>',
        '<p style="\\64isplay:none">12</p>',
        "<textarea>12</textarea>",
    ],
    "G17": ["<p>see /home/someone/data.csv</p>", "<p>C:\\data</p>", "<p>&#47;home&#47;x</p>"],
}


@pytest.mark.parametrize(
    ("rule", "html"), [(rule, html) for rule, texts in HTML_FAULTS.items() for html in texts]
)
def test_html_that_hides_or_loads_is_found(rule, html):
    assert rule in rules(with_content("text/html", html))


def test_ordinary_styles_are_not_found():
    html = (
        '<style>.a{width: 0.5em; opacity: 0.8; font-size: 0.9rem}</style><p class="a"'
        ' style="text-align:right">12 &lt; 20</p>'
    )
    assert rules(with_content("text/html", html)) == set()


@pytest.mark.parametrize(
    "mime",
    [
        "image/svg+xml",
        "application/json",
        "application/javascript",
        "application/vnd.jupyter.widget-view+json",
        "text/latex",
        "image/jpeg",
    ],
)
def test_other_kinds_of_output_are_found(mime):
    assert "G01" in rules(with_content(mime, "x"))


def test_outputs_that_are_not_registered_are_found():
    assert rules(
        notebook(
            code(
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "data": {"text/plain": "0.1234"},
                    "metadata": {},
                }
            )
        )
    ) == {"G02"}


def test_outputs_that_were_altered_are_found_in_each_representation():
    for mime in TABLE:
        nb = clean()
        nb["cells"][1]["outputs"][0]["data"][mime] = TABLE[mime].replace("Black", "Blank")
        assert rules(nb) == {"G03"}


def test_outputs_that_are_not_on_the_records_list_are_found():
    nb = clean()
    nb["cells"][-1]["outputs"][0]["metadata"]["workbook"]["registrations"] = [
        registration_id(FIGURE)
    ]
    assert rules(nb) == {"G04"}


def test_streams_and_errors_are_found():
    stream = {"output_type": "stream", "name": "stdout", "text": "12 people"}
    error = {"output_type": "error", "ename": "E", "evalue": "12", "traceback": ["12"]}
    assert rules(notebook(code(stream))) == {"G05"}
    assert rules(notebook(code(error))) == {"G06"}
    assert rules(
        notebook(code({"output_type": "update_display_data", "data": {}, "metadata": {}}))
    ) == {"G01"}


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"prVt"])
def test_png_chunks_beside_the_pixels_are_found(name):
    assert rules(
        notebook(code(bundle({"text/plain": "x", "image/png": png(chunk(name, b"12 people"))})))
    ) == {"G10"}


@pytest.mark.parametrize(
    "image",
    [
        png(after=b"12 people"),
        png()[:40],
        base64.b64encode(b"not a png").decode(),
        "%%%",
        base64.b64encode(SIGNATURE).decode(),
    ],
)
def test_damaged_or_longer_pngs_are_found(image):
    assert rules(notebook(code(bundle({"text/plain": "x", "image/png": image})))) == {"G10"}


def test_a_real_figure_without_metadata_passes():
    import io

    from matplotlib.figure import Figure

    buffer = io.BytesIO()
    Figure(figsize=(1, 1)).savefig(buffer, format="png", metadata={"Software": None})
    data = {"text/plain": "x", "image/png": base64.b64encode(buffer.getvalue()).decode("ascii")}
    assert rules(notebook(code(bundle(data)))) == set()


def test_attachments_widgets_and_metadata_are_found_and_reduced():
    nb = clean()
    nb["cells"][0]["attachments"] = {"a.png": {"image/png": png()}}
    nb["cells"][1]["metadata"] = {
        "papermill": {"duration": 1.2},
        "execution": {"iopub.status.idle": "2026"},
        "tags": ["x"],
    }
    nb["metadata"] |= {
        "widgets": {"state": {}},
        "papermill": {"parameters": {"data_source": "extracts:/home/a"}},
    }
    nb["metadata"]["language_info"]["version"] = "3.11.9"
    nb["cells"][2]["outputs"][0]["metadata"]["collapsed"] = True
    before = deepcopy(nb)
    assert rules(nb) == {"G11", "G12", "G13"}
    reduced = reduce_metadata(nb)
    assert check_notebook(reduced) == ()
    assert nb == before
    assert reduced["metadata"] == clean()["metadata"] and reduced["cells"][1]["metadata"] == {
        "tags": ["x"]
    }
    assert "/home" not in json.dumps(reduced)


def test_reducing_keeps_the_type_that_nbformat_writes(tmp_path):
    reduced = reduce_metadata(nbformat.from_dict(clean()))
    nbformat.write(reduced, tmp_path / "a.ipynb")
    assert check_notebook(tmp_path / "a.ipynb") == ()


def test_alt_text_that_was_not_registered_is_metadata_like_any_other():
    nb = clean()
    nb["cells"][2]["outputs"][0]["metadata"]["workbook"]["alt"] = "12 people"
    assert rules(nb) == {"G13"}
    assert "12 people" not in json.dumps(reduce_metadata(nb))


def test_the_path_of_an_extract_is_shortened_in_the_injected_parameters():
    nb = notebook(
        code(
            source='study_id = "a"\ndata_source = "extracts:/home/a person/x"',
            tags=["injected-parameters"],
        )
    )
    assert rules(nb) == {"G17"}
    assert reduce_metadata(nb)["cells"][0]["source"] == 'study_id = "a"\ndata_source = "extracts"'
    assert check_notebook(reduce_metadata(nb)) == ()


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_record_is_needed(count):
    nb = clean()
    nb["cells"] = nb["cells"][:-1] + [nb["cells"][-1]] * count
    assert "G14" in rules(nb)


def test_a_record_with_a_second_form_is_found():
    nb = clean()
    nb["cells"][-1]["outputs"][0]["data"]["text/html"] = "<p>12</p>"
    assert rules(nb) == {"G01"}


IDENTIFIERS = [
    "AB12 3DE",
    "a.person@example.gov.uk",
    "X123456",
    "A1234BC",
    "2012/1234567D",
    "01/02/1990",
    "943 476 5919",
    "ab123de",
    "AB123DE",
    "a1234bc",
    "x123456",
    "1984-03-21",
    "born on 21 March 1984",
    "March 21, 1984",
    "AB12\u200b 3DE",
    "a.per&#115;on@example.gov.uk",
]


@pytest.mark.parametrize("text", IDENTIFIERS)
def test_identifiers_are_found_in_outputs_record_and_source_and_never_repeated(text):
    placed = [
        notebook(code(bundle({"text/plain": f"it was {text} here"}))),
        notebook(code(source=f"# {text}")),
        clean(),
    ]
    placed[2]["cells"][-1]["outputs"][0]["data"][RECORD] = {"study": text}
    for nb in placed:
        assert rules(nb) == {"G16"}
        assert all(text not in str(finding) for finding in check_notebook(nb))


@pytest.mark.parametrize(
    "text",
    [
        "1,234,567,890",
        "2024-04-01",
        "10 of 12",
        "0.1234567890",
        "Q3 2026",
        "p 0.012",
        "943 476 5918",
        "sha 3f2a1b",
    ],
)
def test_ordinary_numbers_are_no_identifiers(text):
    assert rules(notebook(code(bundle({"text/plain": text})))) == set()


@pytest.mark.parametrize(
    "source",
    [
        "![x](https://example.org/a.png)",
        "<script>x</script>",
        "a <!-- hidden --> b",
        '<img src="x">',
        "[a](data:text/plain,x)",
        "[a](javascript:x)",
    ],
)
def test_markdown_cells_embed_nothing(source):
    assert rules(
        notebook({"cell_type": "markdown", "id": "m", "metadata": {}, "source": source})
    ) & {"G07", "G09"}


def test_findings_name_cell_rule_and_remedy():
    (found,) = check_notebook(
        notebook(
            code(bundle(TABLE)), code({"output_type": "stream", "name": "stdout", "text": "secret"})
        )
    )
    assert found.cell == 2
    assert (
        str(found).startswith("cell 2: G05: printed text")
        and str(found).endswith(".")
        and "secret" not in str(found)
    )


def test_raw_cells_and_unknown_parts_are_found():
    assert "G13" in rules(notebook({"cell_type": "raw", "id": "r", "metadata": {}, "source": "12"}))
    assert "G13" in rules(clean() | {"extra": 1})


def test_registration_is_the_same_however_a_notebook_is_stored():
    data = {"text/plain": "a\nb\n", "image/png": png()}
    stored = {"image/png": data["image/png"] + "\n", "text/plain": ["a\n", "b\n"]}
    assert register(data) == registration_id(stored)
    assert registration_id(data) in registrations() and list(registrations()) == sorted(
        registrations()
    )
    assert registration_id(data | {"text/html": ""}) != registration_id(data)


def test_a_hash_that_holds_ten_digits_is_no_identifier_and_a_number_beside_it_is():
    from analysis.disclosure.guard.identifiers import identifier_kinds

    digits = "9434765919"  # a valid number of the NHS Data Dictionary's own examples
    assert identifier_kinds(digits) == ("an NHS number",)
    hashed = "a" + digits + "b" * 53
    assert identifier_kinds(hashed) == ()
    assert identifier_kinds(f"{hashed} {digits}") == ("an NHS number",)
    assert identifier_kinds(hashed[:-1]) == ("an NHS number",)
