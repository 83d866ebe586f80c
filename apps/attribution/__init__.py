"""Goals, persons, journeys and credit: owns what turns accepted events into who deserves what.

Refuses to hold a formula of its own: the engine (`import attribution as engine`) is the definition, and what is
pushed into SQL for speed is compared with it by parity tests.
"""
