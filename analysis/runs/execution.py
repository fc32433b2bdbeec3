"""Executes one notebook by papermill in an instant kernel, and says in words what ended it.

What papermill and nbclient do beside running cells is kept small: the notebook is written once, at
the end; the client does not listen for other owners' messages; the kernel is killed when its last
cell is done, since its record is out.
"""

import asyncio
import os
from pathlib import Path
from queue import Empty

from jupyter_client.asynchronous import AsyncKernelClient
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from analysis.errors import RunError
from analysis.runs.kernel_client import ONE_THREAD
from analysis.runs.kernels import CHOOSE
from analysis.runs.limits import MEMORY_VARIABLE, Limits

ENGINE = "workbook"
OURS = ("ParameterError", "PlanError", "DataError", "RunError", "WorkbookError")


class QuickClient(AsyncKernelClient):
    """A client that is ready when the kernel has answered and its output channel is open.

    The base class then listens for a fifth of a second for messages that another client may have
    caused; a kernel of ours has one client.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        deadline = asyncio.get_running_loop().time() + (timeout or float("inf"))
        while asyncio.get_running_loop().time() < deadline:
            self.kernel_info()
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
                await self.iopub_channel.get_msg(timeout=0.2)
            except Empty:
                if not await self._async_is_alive():
                    raise DeadKernelError("Kernel died before it was ready") from None
                continue
            self._handle_kernel_info_reply(reply)
            return
        raise DeadKernelError(f"Kernel was not ready in {timeout} seconds")


class CappedClient(PapermillNotebookClient):
    """Ends a notebook whose output grows beyond `output_bytes`, and keeps none of what came
    after."""

    output_bytes = Limits.output_bytes
    seen = 0

    def output(self, outs, msg, display_id, cell_index):
        content = msg["content"]
        data = content.get("data") or {"text": content.get("text", "")}
        self.seen += sum(len(value) for value in data.values() if isinstance(value, str))
        if self.seen <= self.output_bytes:
            return super().output(outs, msg, display_id, cell_index)
        if not self.too_much:
            self.ending = asyncio.ensure_future(self.km.shutdown_kernel(now=True))
        return None

    @property
    def too_much(self) -> bool:
        return self.seen > self.output_bytes and hasattr(self, "ending")


class Engine(NBClientEngine):
    """papermill's own engine with our client and with an environment for the kernel alone."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, *, limits: Limits, environment: dict[str, str], **_
    ):
        config = Config(
            KernelManager={"client_class": f"{QuickClient.__module__}.{QuickClient.__name__}"}
        )
        client = CappedClient(
            nb_man,
            kernel_name=kernel_name,
            timeout=limits.cell_seconds,
            startup_timeout=limits.start_seconds,
            shutdown_kernel="immediate",
            config=config,
        )
        client.output_bytes = limits.output_bytes
        try:
            return client.execute(env=environment)
        except Exception:
            if client.too_much:
                raise RunError(
                    "E321", f"the notebook printed more than {limits.output_bytes:,} bytes."
                ) from None
            raise


papermill_engines.register(ENGINE, Engine)


def execute_notebook(
    notebook: Path,
    folder: Path,
    parameters: dict[str, str],
    limits: Limits,
    environment: dict[str, str],
) -> None:
    """Run `notebook` into `folder`/private/executed.ipynb; RunError E321 says what kind of fault
    ended it."""
    import papermill

    os.environ.update(CHOOSE)
    named = {
        "WORKBOOK_PRIVATE": str(folder / "private"),
        "WORKBOOK_FIGURES": str(folder / "figures"),
    }
    memory = {MEMORY_VARIABLE: str(limits.memory_bytes or "")}
    try:
        papermill.execute_notebook(
            str(notebook),
            str(folder / "private" / "executed.ipynb"),
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            engine_name=ENGINE,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            limits=limits,
            environment=dict(os.environ) | ONE_THREAD | named | memory | environment,
        )
    except Exception as error:
        (folder / "private" / "fault.txt").write_text(str(error), encoding="utf-8")
        raise (
            error
            if isinstance(error, RunError)
            else RunError("E321", fault_in_words(error, limits))
        ) from None


def fault_in_words(error: Exception, limits: Limits) -> str:
    """The kind of fault, and our own error's code and text; never a value from a traceback of other
    code."""
    kind, value = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", "")
    if kind == "DeadKernelError":
        what = "the kernel ended before the notebook did"
    elif kind == "CellTimeoutError":
        what = f"a cell took longer than {limits.cell_seconds} seconds"
    else:
        what = f"a cell failed ({kind}){': ' + value if kind in OURS else ''}"
    return f"{what}; the whole text is in the run's private folder"
