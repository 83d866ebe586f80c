"""What people agreed to, and what was done.

Owns consent and the record; refuses to know what an event is for.
"""
