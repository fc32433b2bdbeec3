"""The bench on which faults are injected: one for all tests of a process, and fresh ones for what
changes its files."""

import pytest

from .bench import Bench
from .faulty import FAULTS


@pytest.fixture(scope="session")
def bench(tmp_path_factory):
    """A bench with every study of faulty.py, whose kernel server is held between the tests."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    for study, (cells, more) in FAULTS.items():
        bench.add(study, *cells, **more)
    bench.hold_server()
    yield bench
    bench.close()


@pytest.fixture
def own_bench(tmp_path):
    """A bench for a test that changes plans or notebooks, or that watches the server come and
    go."""
    bench = Bench(tmp_path / "bench")
    yield bench
    bench.close()


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"
