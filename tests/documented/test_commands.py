"""Every command that README and the documentation show is one that there is, and is run: here, in a
copy of the repository, or by the test that stands in elsewhere.py."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from documented.elsewhere import ELSEWHERE, elsewhere
from documented.shown import Shown, in_blocks, inline, quoted

from analysis.cli import workbook
from analysis.paths import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
BLOCKS, INLINE = in_blocks(), inline()
RUN_HERE = [shown for shown in BLOCKS if elsewhere(shown) is None]
PAGES = list(dict.fromkeys(shown.page for shown in RUN_HERE))


# -- there is such a command -----------------------------------------------------------------------
def parsed(words: list[str], *, whole: bool) -> None:
    """click.UsageError where the command line knows no such command or option; where the command
    stands `whole`, also where something is missing or no valid value."""
    command: click.Command = workbook
    context = click.Context(command, info_name="workbook")
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        if found is None:
            raise click.UsageError(f"no such command: {words[0]}")
        context = click.Context(found, info_name=words[0], parent=context)
        command, words = found, words[1:]
    if "--help" in words or isinstance(command, click.Group):
        return
    if not whole:
        command.make_parser(context).parse_args(list(words))
        return
    try:
        command.make_context(command.name, list(words))
    except click.BadParameter as error:
        if "does not exist" not in error.message:  # a file that an earlier command makes
            raise


def workbook_words(shown: Shown) -> list[str] | None:
    """What stands behind `workbook`; None for other programs."""
    words = shown.words
    return words[1:] if words and Path(words[0]).name == "workbook" else None


@pytest.mark.parametrize("shown", BLOCKS, ids=str)
def test_a_command_to_type_is_one_that_there_is(shown):
    words = shown.words
    if (asked := workbook_words(shown)) is not None:
        parsed(asked, whole=True)
    elif words[0] == "make":
        assert_targets(words[1:])
    elif words[0].startswith(".venv/bin/"):
        assert Path(words[0]).name in ("papermill", "pytest", "python")


@pytest.mark.parametrize("shown", INLINE, ids=str)
def test_a_command_in_prose_is_one_that_there_is(shown):
    if (asked := workbook_words(shown)) is not None:
        parsed([word.replace("...", "some") for word in asked], whole=False)
    else:
        assert_targets(shown.words[1:])


def assert_targets(words: list[str]) -> None:
    for word in (one for one in words if "=" not in one):
        assert re.search(rf"^{re.escape(word)}:", MAKEFILE, re.M), f"make {word}"


def test_a_renamed_option_is_found():
    for words in (["run", "--regions", "wales"], ["demo-date", "--to", "x"], ["demo-data"]):
        with pytest.raises(click.UsageError):
            parsed(words, whole=True)


def test_commands_are_collected():
    pages = {shown.page for shown in BLOCKS}
    assert {"README.md", "docs/running.md", "docs/tutorial/first-hour.md"} <= pages
    assert len(BLOCKS) > 80 and len(INLINE) > 80


# -- it is run -------------------------------------------------------------------------------------
@pytest.mark.parametrize("one", ELSEWHERE, ids=lambda one: one.command)
def test_what_runs_a_command_elsewhere_is_there(one):
    path, _, rest = one.where.partition(": " if ": " in one.where else "::")
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".py"):
        for name in rest.split("::"):
            assert re.search(rf"^ *(?:def|class) {name}\b", text, re.M), one.where
    else:
        assert rest in text, one.where


@pytest.mark.parametrize("one", ELSEWHERE, ids=lambda one: one.command)
def test_nothing_is_said_of_a_command_that_no_page_shows(one):
    assert any(elsewhere(shown) is one for shown in BLOCKS)


@pytest.mark.parametrize("shown", RUN_HERE, ids=str)
def test_a_command_that_is_run_here_is_quick_and_names_no_placeholder(shown):
    """Else it belongs into elsewhere.py, beside the test that runs it."""
    assert shown.words[0] != "make", f"{shown}: say in elsewhere.py which test runs it"
    assert not re.search(r"\b(PATH|FILE|STUDY|VARIABLE|FOLDER)\b", " ".join(shown.words)), (
        f"{shown}: say in elsewhere.py which test runs it"
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The files of the repository, where a command may write; packages and the made-up nation are
    those of the checkout."""
    folder = tmp_path_factory.mktemp("copy")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def script(commands: list[Shown]) -> str:
    """What bash reads: each command, after a line that says which it is; the first that ends
    otherwise than its page says ends them all."""
    lines = ["set -uo pipefail"]
    for shown in commands:
        lines += [
            f"echo '::: {shown.page}, line {shown.line}' >&2",
            shown.text,
            f"ended=$?; [ $ended -eq {shown.exit_code} ] || exit 99",
        ]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_in_their_order(page, copy):
    """And print what the page quotes."""
    commands = [shown for shown in RUN_HERE if shown.page == page]
    if quoted(page):  # what is printed depends on what was run before
        for made in ("reports", "workspace"):
            shutil.rmtree(copy / made, ignore_errors=True)
    own = {"PYTHONPATH": str(copy), "PATH": f"{copy / '.venv' / 'bin'}:{os.environ['PATH']}"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKBOOK_")}
    done = subprocess.run(
        ["bash", "-c", script(commands)],
        cwd=copy,
        env=kept | own,
        capture_output=True,
        text=True,
        timeout=3600,
    )
    last = done.stderr[done.stderr.rfind(":::") :]
    assert done.returncode == 0, f"{last[:2000]}\n{done.stdout[-2000:]}"
    said = " ".join(f"{done.stdout} {done.stderr}".split())
    assert [piece for piece in quoted(page) if piece not in said] == []
