"""Yours. The fixtures that the tests begin with stand in `tests/fixtures`."""

pytest_plugins = ["tests.fixtures"]
