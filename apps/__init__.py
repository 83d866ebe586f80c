"""The Django apps. Imports between them point one way; see docs/architecture.md."""
