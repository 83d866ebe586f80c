"""Doors to the network outside: guarded HTTP, DNS."""
