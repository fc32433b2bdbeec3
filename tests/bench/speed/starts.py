"""How long a kernel takes until it is ready, until its first result, and until a notebook's imports
are done.

python -m bench.speed.starts KIND TIMES: prints the seconds as JSON. KIND: ordinary
(jupyter_client's own), cold (ours, the server not running) or warm (ours, the server there).
jupyter_client alone: no papermill and no notebook.
"""

import asyncio
import json
import os
import sys
import time

from jupyter_client.manager import AsyncKernelManager

from analysis.runs.kernel_client import end_leases, lease
from analysis.runs.kernels import CHOOSE

KINDS = {
    "ordinary": "ordinary kernel",
    "cold": "instant kernel, server not running",
    "warm": "instant kernel, server there",
}
IMPORTS = "import pandas, seaborn, statsmodels.api, linearmodels, analysis.notebook"
LONGEST = 60.0  # seconds


async def one_start() -> tuple[float, ...]:
    """Seconds from the call until the kernel is ready, until it has worked something out, until the
    imports are done."""
    started = time.perf_counter()
    manager = AsyncKernelManager(kernel_name="python3")
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    marks = []
    for ask in (client.kernel_info, lambda: client.execute("6 * 7"), lambda: _imports(client)):
        ask()
        reply = await client.get_shell_msg(timeout=LONGEST)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"])
        marks.append(time.perf_counter() - started)
    client.stop_channels()
    await manager.shutdown_kernel(now=True)
    return tuple(marks)


def _imports(client) -> None:
    client.execute(IMPORTS)


def starts(kind: str, times: int) -> list[tuple[float, ...]]:
    """All starts of one kind, one after the other, with a moment of rest between them."""
    if kind != "ordinary":
        os.environ.update(CHOOSE)
    if kind == "warm":
        lease()
        asyncio.run(one_start())  # answers when the server's imports are done
    found = []
    for _ in range(times):
        found.append(asyncio.run(one_start()))
        if kind == "cold":
            end_leases()
        time.sleep(0.1)
    end_leases()
    return found


if __name__ == "__main__":
    print(json.dumps(starts(sys.argv[1], int(sys.argv[2]))))
