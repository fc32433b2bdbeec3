"""JupyterLab as `workbook lab` starts it, and a real Chromium that opens what it prints."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from command_line import WORKBOOK

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab/tree/\S+\?token=\w+")
STARTS_WITHIN = 180  # seconds, of a machine that does much else
# Messages of level error that say nothing of the workbook, each with its reason.
ALLOWED: dict[str, str] = {}


@dataclass
class Lab:
    """A JupyterLab that runs: its process, the address that it printed, and its folders."""

    process: subprocess.Popen
    address: str
    home: Path

    @property
    def own(self) -> Path:
        return self.home / "workspace"


@dataclass
class Seen:
    """A page of the browser, and what its console said of level error."""

    page: Any
    errors: list[str] = field(default_factory=list)

    def unexplained(self) -> list[str]:
        return [text for text in self.errors if not any(known in text for known in ALLOWED)]


@pytest.fixture
def start_lab(tmp_path) -> Iterator:
    """Starts `workbook lab --no-browser` with folders of the test's own, and ends it."""
    running = []

    def start(*arguments: str, port: int = 8961) -> Lab:
        names = ("workspace", "runtime", "config", "data", "state", "ipython")
        folders = {name: tmp_path / name for name in names}
        own = {
            "WORKBOOK_WORKSPACE": folders["workspace"],
            "WORKBOOK_STATE": folders["state"],
            "JUPYTER_RUNTIME_DIR": folders["runtime"],
            "JUPYTER_CONFIG_DIR": folders["config"],
            "JUPYTERLAB_SETTINGS_DIR": folders["config"] / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": folders["config"] / "workspaces",
            "JUPYTER_DATA_DIR": folders["data"],
            "IPYTHONDIR": folders["ipython"],
        }
        log = tmp_path / "lab.log"
        command = [str(WORKBOOK), "lab", *arguments, "--no-browser", "--port", str(port)]
        with log.open("w") as out:
            process = subprocess.Popen(
                command,
                stdout=out,
                stderr=out,
                env=os.environ | {name: str(folder) for name, folder in own.items()},
            )
        running.append(process)
        deadline = time.monotonic() + STARTS_WITHIN
        while not (found := ADDRESS.search(log.read_text())):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        return Lab(process, found[0], tmp_path)

    yield start
    for process in running:
        process.terminate()
        process.wait(60)


@pytest.fixture
def browser() -> Iterator:
    """Debian's Chromium; none is ever downloaded."""
    chromium = shutil.which("chromium")
    assert chromium, "apt-get install chromium"
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if root else []
        )
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser) -> Iterator:
    """Opens an address, and listens to the console from the start."""

    def open_one(address: str) -> Seen:
        context = browser.new_context(
            viewport={"width": 1400, "height": 1000},
            permissions=["clipboard-read", "clipboard-write"],
        )
        seen = Seen(context.new_page())
        seen.page.set_default_timeout(1000 * STARTS_WITHIN)
        seen.page.on(
            "console",
            lambda said: seen.errors.append(said.text) if said.type == "error" else None,
        )
        seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
        seen.page.goto(address, wait_until="domcontentloaded")
        return seen

    yield open_one
