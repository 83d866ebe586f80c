"""
One ClickHouse engine, served on loopback with ClickHouse's native protocol.

The engine comes from the `chdb` wheel. This package owns its data folder and
lets unmodified drivers talk to it. It knows nothing of Django and refuses any
address but loopback: a machine that needs more runs a ClickHouse server.
"""
