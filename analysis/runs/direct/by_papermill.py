"""Executes one notebook by papermill in an instant kernel: where the direct way is not to be had.

What papermill and nbclient do beside running cells is kept small: the notebook is written once, at
the end; the client does not listen for other owners' messages; the kernel is killed when its last
cell is done, since its record is out.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import papermill
from jupyter_client.asynchronous import AsyncKernelClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from analysis.errors import RunError
from analysis.runs.kernel_client import KERNEL
from analysis.runs.limits import Limits

ENGINE = "workbook"


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
        cls,
        nb_man,
        kernel_name,
        *,
        limits: Limits,
        environment: dict[str, str],
        kinds: list[str],
        **_,
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
            on_cell_error=_keeps_kind(kinds),
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


def _keeps_kind(kinds: list[str]) -> Callable[..., None]:
    """Keeps the kind of each error with which a cell ended."""

    def keep(*, execute_reply: dict[str, Any], **_: Any) -> None:
        kinds.append(execute_reply["content"].get("ename", ""))

    return keep


def run_by_papermill(
    notebook: Path,
    folder: Path,
    parameters: dict[str, str],
    limits: Limits,
    environment: dict[str, str],
) -> dict[str, Any]:
    """The executed notebook; where it fails it stands in `folder`/private/executed.ipynb.

    Whatever papermill and nbclient raise, and RunError E321 for too much output.
    """
    executed = folder / "private" / "executed.ipynb"
    kinds: list[str] = []
    try:
        content = papermill.execute_notebook(
            str(notebook),
            str(executed),
            parameters=parameters,
            kernel_name=KERNEL,
            progress_bar=False,
            log_output=False,
            engine_name=ENGINE,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            limits=limits,
            environment=environment,
            kinds=kinds,
        )
    except papermill.PapermillExecutionError as error:
        if error.ename == CellExecutionError.__name__ and kinds:
            error.ename = kinds[-1]  # a cell that showed no error, which papermill cannot name
        raise
    executed.unlink()
    return content
