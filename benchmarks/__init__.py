"""Measurements, not tests: `make bench` runs each module's `run()` and writes docs/benchmarks.md."""
