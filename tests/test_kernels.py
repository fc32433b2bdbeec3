"""Instant kernels: to a notebook they look like ordinary ones, to each other like strangers, and
none is left behind."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from analysis.forking import fork_possible, forked_pool
from analysis.runs import kernel_client, kernels
from analysis.runs.kernel_client import ForkedProcess, runtime_folder, server_socket
from analysis.runs.kernels import PROVISIONER

pytestmark = pytest.mark.skipif(not fork_possible(), reason="kernels can be forked on Linux only")
GONE_WITHIN = 2.0  # seconds after the starter's death (the promise of issue and README)


class Kernel:
    """One kernel and its client, for the length of a test."""

    def __init__(self, **start):
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(**start)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def value(self, expression: str, before: str = ""):
        """The value of an expression in the kernel, by JSON."""
        code = f"{before}\nimport json as _json\nprint('>>>' + _json.dumps({expression}))"
        return json.loads("".join(self.printed(code)).rsplit(">>>", 1)[1])

    def printed(self, code: str) -> list[str]:
        return [m["content"]["text"] for m in self.messages(code) if m["msg_type"] == "stream"]

    def messages(self, code: str) -> list[dict]:
        found = []
        self.client.execute_interactive(code, timeout=60, output_hook=found.append)
        return found

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def choose(monkeypatch):
    """Chooses jupyter_client's default provisioner from here on."""

    def provisioner(name: str) -> None:
        monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", name)
        monkeypatch.setattr(
            "jupyter_client.provisioning.factory.KernelProvisionerFactory._instance", None
        )

    return provisioner


@pytest.fixture
def start(choose):
    """Starts kernels, instant ones unless told otherwise, and ends them with the test."""
    opened = []

    def one(provisioner: str = PROVISIONER, **arguments) -> Kernel:
        choose(provisioner)
        opened.append(Kernel(**arguments))
        return opened[-1]

    yield one
    for kernel in opened:
        with contextlib.suppress(Exception):
            kernel.close()


def alive(pid: int) -> bool:
    """Whether a process exists and is more than the note of its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def all_gone(*pids: int, within: float = GONE_WITHIN) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


class TestToANotebook:
    SEEN = (
        "dict(path=sys.path, argv=sys.argv[0], cwd=os.getcwd(), name=__name__, umask=os.umask(18),"
        " flags=list(sys.flags), home=os.environ['HOME'], backend=os.environ['MPLBACKEND'],"
        " main=sys.modules['__main__'].__name__, interrupt=str(signal.getsignal(signal.SIGINT)),"
        " shell=type(get_ipython()).__name__, precision=np.get_printoptions()['precision'],"
        " rows=pd.get_option('display.max_rows'),"
        " colours=matplotlib.rcParams['axes.prop_cycle'].by_key()['color'],"
        " size=matplotlib.rcParams['figure.figsize'], sink=sys.stdout.encoding, zone=time.tzname)"
    )
    BEFORE = "import os, sys, signal, time, numpy as np, pandas as pd, matplotlib"

    def test_it_looks_like_an_ordinary_kernel(self, start):
        instant, plain = (
            start(p).value(self.SEEN, self.BEFORE) for p in (PROVISIONER, "local-provisioner")
        )
        instant["argv"], plain["argv"] = Path(instant["argv"]).stem, Path(plain["argv"]).stem
        assert instant == plain

    def test_a_figure_at_the_end_of_a_cell_is_shown(self, start):
        messages = start().messages("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])")
        assert any("image/png" in m["content"].get("data", {}) for m in messages)

    def test_environment_folder_zone_and_file_mode_are_the_owners(self, start, tmp_path):
        before = "import os, time"
        own = os.environ | {"OWN": "yes", "TZ": "Pacific/Auckland"}
        kernel = start(env=own, cwd=str(tmp_path))
        seen = kernel.value("[os.environ['OWN'], os.getcwd(), time.tzname[0], os.umask(0)]", before)
        mask = os.umask(0)
        os.umask(mask)
        assert seen == ["yes", str(tmp_path), "NZST", mask]

    def test_it_can_be_interrupted_and_restarted(self, start):
        kernel = start()
        kernel.client.execute("import time\ntime.sleep(60)")
        time.sleep(0.3)
        kernel.manager.interrupt_kernel()
        assert kernel.client.get_shell_msg(timeout=10)["content"]["ename"] == "KeyboardInterrupt"
        time.sleep(0.3)  # a kernel throws away what came in while it was being interrupted
        assert kernel.value("1 + 1") == 2
        kernel.value("1", "left = 1")
        first = kernel.manager.provisioner.pid
        kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=60)
        assert (
            kernel.value("'left' in globals()") is False and kernel.manager.provisioner.pid != first
        )

    def test_memory_is_held_below_the_named_limit(self, start):
        kernel = start(env=os.environ | {"WORKBOOK_KERNEL_BYTES": str(1_500_000_000)})
        tried = (
            "try:\n    x = np.ones(400_000_000)\n    got = True\nexcept MemoryError:\n    got ="
            " False"
        )
        assert kernel.value("got", f"import numpy as np\n{tried}") is False

    def test_one_blas_thread(self, start):
        assert start().value("os.environ['OPENBLAS_NUM_THREADS']", "import os") == "1"


class TestToEachOther:
    def test_nothing_that_one_sets_is_seen_by_the_next(self, start):
        before = (
            "import os, sys, builtins, pandas, numpy as np, matplotlib, warnings\nleft ="
            " 1\npandas.left = 1\nbuiltins.left2 = 1\nos.environ['LEFT'] ="
            " '1'\nos.chdir('/')\nmatplotlib.rcParams['lines.linewidth'] ="
            " 9\nsys.path.append('/left')\npandas.set_option('display.max_rows',"
            " 7)\nnp.seterr(all='ignore')"
        )
        start().value("1", before)
        seen = start().value(
            "['left' in globals(), hasattr(pandas, 'left'), hasattr(builtins, 'left2'), 'LEFT' in"
            " os.environ, os.getcwd() == '/', matplotlib.rcParams['lines.linewidth'] == 9, '/left'"
            " in sys.path, pandas.get_option('display.max_rows') == 7, np.geterr()['divide'] =="
            " 'ignore']",
            "import os, sys, builtins, pandas, numpy as np, matplotlib",
        )
        assert seen == [False] * 9

    def test_each_has_random_numbers_of_its_own(self, start):
        drawn = [
            start().value(
                "[random.random(), float(np.random.rand())]", "import random, numpy as np"
            )
            for _ in range(2)
        ]
        assert drawn[0][0] != drawn[1][0] and drawn[0][1] != drawn[1][1]

    def test_the_gate_of_a_study_is_closed_in_the_kernel_that_imports_it_and_in_no_other(
        self, start
    ):
        frame = "import pandas as pd\npd.DataFrame({'person': [4711]})"
        shown = [
            m["content"]["data"]
            for m in start().messages(f"import analysis.notebook\n{frame}")
            if "data" in m["content"]
        ]
        assert shown and "4711" not in str(shown)
        shown = [m["content"]["data"] for m in start().messages(frame) if "data" in m["content"]]
        assert "4711" in str(shown)

    def test_sockets_stand_in_a_folder_of_this_user_alone(self, start):
        kernel = start()
        folder = Path(kernel.manager.provisioner.sockets)
        assert kernel.manager.transport == "ipc"
        assert (
            stat.S_IMODE(folder.stat().st_mode) == 0o700
            and stat.S_IMODE(runtime_folder().stat().st_mode) == 0o700
        )
        kernel.close()
        assert not folder.exists()


class TestTheServer:
    def server_of(self, kernel: Kernel) -> int:
        return kernel.value("os.getppid()", "import os")

    def test_has_one_thread_beside_those_of_arrow(self, start):
        tasks = Path(f"/proc/{self.server_of(start())}/task").glob("*/comm")
        names = sorted(path.read_text().strip() for path in tasks)
        assert names[-1].startswith("python") and len(names) <= 2
        assert all(
            "jemalloc" in name or "mimalloc" in name or "arrow" in name.lower()
            for name in names[:-1]
        ), names

    def test_serves_all_kernels_of_a_user(self, start):
        assert self.server_of(start()) == self.server_of(start())

    def test_ends_its_kernels_when_it_is_killed(self, start, monkeypatch):
        # a server of this test alone: the shared one holds kernels of tests that run beside it
        monkeypatch.setenv("PYTHONPATH", f"{os.environ.get('PYTHONPATH', '')}:/nowhere-either")
        kernel = start()
        server, own = self.server_of(kernel), kernel.manager.provisioner.pid
        assert len(children(server)) == 1  # nobody else's kernel is ended
        os.kill(server, signal.SIGKILL)
        assert all_gone(server, own)
        assert kernel.manager.provisioner.process.wait(1) == -9

    def test_is_another_one_for_other_code(self, monkeypatch, tmp_path):
        (tmp_path / "analysis").mkdir()
        (tmp_path / "analysis" / "a.py").write_text("x = 1")
        (tmp_path / "requirements.lock").write_text("")
        monkeypatch.setattr(kernel_client, "ROOT", tmp_path)
        before = server_socket()
        assert server_socket() == before
        (tmp_path / "analysis" / "a.py").write_text("x = 20")
        assert server_socket() != before


HOLDS = """
import sys, time
from analysis.runs import kernel_client
kernel_client.lease()
print(len(kernel_client._started), flush=True)
time.sleep(600)
"""
STARTS_AND_ENDS = """
import subprocess, sys, time
from analysis.runs import kernel_client
kernel_client.lease()
holder = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
assert len(kernel_client._started) == 1 and holder.stdout.readline() == "0\\n"
server = kernel_client._started[0]
kernel_client.end_leases()
print(server.poll() is None, flush=True)
holder.kill(), holder.wait()
print(server.wait(10), flush=True)
"""


def test_whoever_started_the_server_does_not_wait_for_those_who_hold_it_too(tmp_path):
    own = os.environ | {
        "PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}:/{tmp_path.name}"
    }  # a server of its own
    done = subprocess.run(
        [sys.executable, "-c", STARTS_AND_ENDS, HOLDS],
        capture_output=True,
        text=True,
        env=own,
        timeout=60,
    )
    assert done.stdout.split() == ["True", "0"], done.stderr


STARTER = """
import os, sys, time
os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "workbook-instant"
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
child = "import subprocess; child = subprocess.Popen(['sleep', '600'])"
client.execute(child, reply=True, timeout=60)
print(manager.provisioner.pid, type(manager.provisioner.process).__name__, flush=True)
time.sleep(600)
"""


def starter(**environment: str) -> tuple[subprocess.Popen, int]:
    """A process of its own that has started a kernel; the kernel's pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    pid, kind = process.stdout.readline().split()
    assert kind == "ForkedProcess"
    return process, int(pid)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def children(pid: int) -> list[int]:
    return [
        int(c)
        for path in Path(f"/proc/{pid}/task").glob("*/children")
        for c in path.read_text().split()
    ]


class TestWhenTheStarterIsKilled:
    def test_no_kernel_no_server_and_no_child_of_a_kernel_is_left(self):
        # a variable that decides imports gives this starter a server that nobody else holds
        process, kernel = starter(PYTHONPATH=f"{os.environ.get('PYTHONPATH', '')}:/nowhere")
        server, sleeping = parent(kernel), children(kernel)
        sockets = set(runtime_folder().glob("k*"))
        assert sleeping
        process.kill()
        process.wait()
        assert all_gone(kernel, server, *sleeping)
        assert not [path for path in sockets if path.exists() and kernel_of(path) == kernel]

    def test_the_kernels_of_others_live_on(self, start):
        process, lost = starter()
        kernel = start()
        assert kernel.value("os.getppid()", "import os") == parent(lost)
        process.kill()
        process.wait()
        assert all_gone(lost)
        time.sleep(0.5)
        assert kernel.value("1 + 1") == 2


def kernel_of(sockets: Path) -> int | None:
    """The process that listens in a folder of sockets, if any."""
    listening = Path("/proc/net/unix").read_text()
    return -1 if str(sockets) in listening else None


class TestTheOrdinaryKernelIsStarted:
    @pytest.fixture(autouse=True)
    def instant(self, choose):
        choose(PROVISIONER)

    def process(self, **changed):
        """The process that the provisioner starts when something is not as it must be for a
        fork."""
        manager = KernelManager(kernel_name="python3")
        if "argv" in changed:
            manager._kernel_spec = KernelSpec(
                argv=changed["argv"], language="python", display_name="Other"
            )
        manager.start_kernel()
        process = manager.provisioner.process
        manager.shutdown_kernel(now=True)
        return process

    def test_for_a_kernelspec_that_does_more_than_this_interpreters_own(self):
        argv = [sys.executable, "-X", "utf8", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        assert not isinstance(self.process(argv=argv), ForkedProcess)

    def test_where_a_fork_is_not_to_be_had(self, monkeypatch):
        monkeypatch.setattr(kernel_client, "fork_possible", lambda: False)
        monkeypatch.setattr(kernels, "fork_possible", lambda: False)
        assert not isinstance(self.process(), ForkedProcess)

    def test_where_the_folder_for_sockets_is_open_to_others(self, monkeypatch, tmp_path):
        monkeypatch.setattr(kernel_client, "SHORT_BASE", tmp_path)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        (tmp_path / f"workbook-{os.getuid()}").mkdir(mode=0o755)
        with pytest.raises(PermissionError):
            runtime_folder()
        assert not isinstance(self.process(), ForkedProcess)


START_METHOD = (
    "from analysis.forking import forked_pool; print(forked_pool(1)._mp_context.get_start_method())"
)


@pytest.mark.parametrize(
    ("before", "method"), [("", "fork"), ("import duckdb; c = duckdb.connect(); ", "spawn")]
)
def test_a_pool_is_forked_only_where_no_engine_may_have_threads(before, method):
    command = [sys.executable, "-c", before + START_METHOD]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == method


def test_a_pool_is_not_forked_from_a_process_with_threads():
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        with forked_pool(1) as pool:
            assert (
                pool._mp_context.get_start_method() == "spawn"
                and pool.submit(abs, -1).result() == 1
            )
    finally:
        stop.set()
        other.join()
