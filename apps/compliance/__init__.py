"""What people agreed to, and the record of what was done. Owns consent and the record; refuses to know what an event is for."""
