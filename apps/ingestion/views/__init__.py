"""The pages of ingestion: links, and what a property collects."""
