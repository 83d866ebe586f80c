"""Data quality for programs."""
