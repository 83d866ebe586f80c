"""The record for programs: entries, receivers, deliveries."""
