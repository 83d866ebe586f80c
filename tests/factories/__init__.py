"""Makers of rows that tests need."""
