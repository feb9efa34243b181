"""The benchmark: `nox -s bench`. docs/performance.md explains its output."""
