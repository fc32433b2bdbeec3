"""nbval in several processes (`pytest --nbval -n 4 notebooks`): cells of a notebook stay together.

Without this each cell would go to the process that is free, and find nothing of those before it.
"""

import pytest

SCATTERS = ("load", "worksteal")  # ways of pytest-xdist that hand out cells one by one


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """The scheduler that keeps a file together, where another would scatter its cells."""
    if config.getoption("dist") in SCATTERS:
        from xdist.scheduler import LoadFileScheduling

        return LoadFileScheduling(config, log)
    return None
