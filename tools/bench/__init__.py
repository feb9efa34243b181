"""The benchmark: `nox -s bench`. docs/performance.md says how to read what it prints."""
