"""Data quality: what a property expects of its events, what became of those that fail, and how the days went."""
