"""Date ranges, the state of a page, charts and rows for export: pure values without Django."""
