"""This file is yours: add your fixtures here. The existing fixtures are in `tests/fixtures`."""

pytest_plugins = ["tests.fixtures"]
