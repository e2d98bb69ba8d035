"""Settings of all tests."""

import os

from hypothesis import settings

# No deadline: a slow machine is no fault.  The gate draws the same examples each time; elsewhere new ones.
settings.register_profile("calm", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("calm")
