"""The studies of the bench: by name, the cells that hold the fault, and what their plan has
otherwise."""

from .bench import in_faulty_place

DEAF = (
    "import signal\nfor number in (signal.SIGINT, signal.SIGTERM):\n    signal.signal(number,"
    " signal.SIG_IGN)\n"
)
KILL_SELF = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
# the name of a scratch folder begins with the worker's process
KILL_WORKER = (
    "import os, signal\nos.kill(int(private_folder().parent.name.split('-')[0]), signal.SIGKILL)"
)
ONCE = "mark = reports() / 'was_here'\nif not mark.exists():\n    mark.touch()\n"
AGAIN = (
    "emit(as_named('rural.json', notebook_path(load_plan(study_id)), region=region_id,"
    " statement=None))"
)

# What the faulty place does, the code of its failure, and words that say what happened.
STOPS = {
    "sys_exit": ("import sys\nsys.exit(0)", "E322", "emitted 0 records"),
    "os_exit": ("import os\nos._exit(0)", "E321", "the kernel ended"),
    "memory_bomb": (
        "rows = []\nwhile True:\n    rows.append(bytes(50_000_000))",
        "E321",
        "MemoryError",
    ),
    "hangs": (DEAF + "while True:\n    pass", "E321", "longer than 5 seconds"),
    "raises": ("raise KeyError('X1234567')", "E321", "a cell failed (KeyError)"),
    "wrong_place": ("region_id = 'p01'", "E322", "another study, place or source"),
    "wrong_type": ("region_id = 2", "E310", "region breaks the schema"),
    "two_records": (AGAIN, "E322", "emitted 2 records"),
    "segfault": ("import ctypes\nctypes.string_at(0)", "E321", "the kernel ended"),
    "quits": ("get_ipython().ask_exit()", "E321", "the kernel ended"),
    "closes_files": ("import os\nos.closerange(3, 256)", "E321", "the kernel ended"),
    "asks": ("input('name?')", "E321", "a cell failed (StdinNotImplementedError)"),
    "hangs_in_c": ("sum(iter(int, 1))", "E321", "longer than 5 seconds"),
    "floods": (
        "import os\nwhile True:\n    os.write(1, bytes(65536))",
        "E321",
        "printed more than 50,000,000 bytes",
    ),
    "one_long_text": ("print('x' * 60_000_000)", "E321", "printed more than 50,000,000 bytes"),
}
# What the faulty place does besides, and is published all the same.
HARMLESS = {
    "forks": "import os\nos.fork()",
    "leaves_a_child": "import subprocess\nsubprocess.Popen(['sleep', '600'])\nNone",
    "leaves_a_thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()"
    ),
}
KILLED_AT = range(4)


def killed_at(cell: int) -> tuple[str, ...]:
    """Four cells, one of which ends its own kernel."""
    return tuple(in_faulty_place(KILL_SELF if number == cell else "pass") for number in KILLED_AT)


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


FAULTS: dict[str, tuple[tuple[str, ...], dict]] = {
    "steady": ((), {}),
    "slow": (("import time\ntime.sleep(0.4)",), {}),
    "long": (("import time\ntime.sleep(20)",), {}),
    "crowd": (("import time\ntime.sleep(0.5)",), {"places": "crowd"}),
    "prints": ((in_faulty_place("print('a person')"),), {}),
    "million_lines": (
        (in_faulty_place("for number in range(1_000_000):\n    print('x' * 60)"),),
        {},
    ),
    "kills_worker": ((in_faulty_place(KILL_WORKER),), {}),
    "kills_worker_once": ((in_faulty_place(ONCE + indented(KILL_WORKER)),), {}),
    **{name: ((in_faulty_place(fault),), {}) for name, (fault, _, _) in STOPS.items()},
    **{name: ((in_faulty_place(cell),), {}) for name, cell in HARMLESS.items()},
    **{f"killed_at_{cell}": (killed_at(cell), {}) for cell in KILLED_AT},
}
