"""Tests of the way in: door, log, writer, links, files."""
