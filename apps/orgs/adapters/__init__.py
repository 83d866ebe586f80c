"""Letters to people."""
