"""The door of events."""
