"""Overload, hanging parts, full disks, damage and hostile clients, each with its figure. `make faults`."""
