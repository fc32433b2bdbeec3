"""Who executes tasks: processes of this machine, or a Dask cluster; both by `concurrent.futures`.

Local workers are forked from the planner once its imports are done, and die with it. With a
cluster, places are sent to it; the joint steps stay here, where the private records of all places
are.
"""

import multiprocessing
import os
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from analysis.errors import ParameterError
from analysis.forking import forked_pool
from analysis.plans.registry import NATIONAL
from analysis.runs.clusters.addresses import (
    NO_CERTIFICATES,
    OF_TLS,
    Certificates,
    Cluster,
    checked_address,
    no_dask,
)
from analysis.runs.joint.verdict import Attack, attack_places
from analysis.runs.planning import Task
from analysis.runs.runner import execute, execute_elsewhere


class Workers:
    """Executors for places and for joint steps. `at_once`: how many tasks it makes sense to hand
    out at a time."""

    def __init__(self, jobs: int, cluster: Cluster | None = None):
        self.jobs = jobs
        self._local: Executor | None = None
        self._client: Any = None  # of Dask, which is imported where a cluster is asked for
        self._remote: Any = None
        if cluster:
            self._here().submit(
                os.getpid
            ).result()  # forked now: the client of a cluster has threads
            self._client = connect(cluster.address, cluster.certificates)
            self._remote = self._client.get_executor(pure=False)

    @property
    def at_once(self) -> int:
        if self._client:
            return max(self.jobs, sum(self._client.nthreads().values()))
        return self.jobs + 1  # the next is there while what came back is published

    def keeps(self, task: Task | Attack) -> bool:
        """Whether a task is for this machine: a joint step always is."""
        return self._remote is None or task.run.region == NATIONAL

    def submit(self, task: Task | Attack) -> Future:
        """Start a task where it belongs."""
        if not self.keeps(task):
            return self._remote.submit(execute_elsewhere, task)
        work: Any = attack_places if isinstance(task, Attack) else execute
        try:
            return self._here().submit(work, task)
        except BrokenProcessPool:  # a worker died while it had nothing to do
            self.renew()
            return self._here().submit(work, task)

    def _here(self) -> Executor:
        if self._local is None:
            from analysis.record.schema import validator

            validator()
            # once here, not once in each worker
            import analysis.disclosure.guard.told
            import analysis.runs.execution  # noqa: F401

            self._local = forked_pool(self.jobs)
        return self._local

    def renew(self) -> None:
        """Put new local workers in the place of those of which one has died."""
        if self._local is not None:
            self._local.shutdown(wait=True, cancel_futures=True)
            self._local = None

    def stop(self, *, at_once: bool) -> None:
        """Let the workers go; `at_once` ends what they are doing. Their kernels end with them."""
        if at_once:
            for process in multiprocessing.active_children():
                process.kill()
        if self._local is not None:
            self._local.shutdown(wait=True, cancel_futures=True)
        if self._client is not None:
            self._remote.shutdown(wait=not at_once)  # not to wait is to cancel
            self._client.close()


def connect(address: str, certificates: Certificates = NO_CERTIFICATES):
    """A client of the Dask scheduler at `address`. ParameterError E220 where the extra is missing
    or nobody answers, E390 where exact records would travel unencrypted, E391."""
    checked_address(address)
    try:
        from distributed import Client
    except ImportError:
        raise no_dask() from None
    encrypted = address.startswith(f"{OF_TLS}://")
    how = {"security": certificates.security()} if encrypted else {}
    try:
        return Client(address, timeout="10s", set_as_default=False, **how)
    except (OSError, ValueError, TimeoutError):
        text = "no Dask scheduler answers at the address of --cluster."
        raise ParameterError(
            "E220", text, remedy="Write for instance tcp://127.0.0.1:8786."
        ) from None
