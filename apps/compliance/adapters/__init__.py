"""Doors to the network outside."""
