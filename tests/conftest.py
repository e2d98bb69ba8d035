"""Settings of all tests."""

import os
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from hypothesis import settings

# No deadline: a slow machine is no fault.  The gate draws the same examples each time; elsewhere new ones.
settings.register_profile("calm", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("calm")


@pytest.fixture(scope="module")
def in_this_process() -> Iterator[None]:
    """Faults are planted in this process, so cases are judged here; `test_engine` has the others."""
    from oracle.campaign import engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "processes", lambda jobs: nullcontext(engine.here()))
        yield
