"""Adapters for tests; tests/ports runs the suite of each port on the fake and on the real one, so they cannot drift."""
