"""The servers of one machine, from wheels."""
