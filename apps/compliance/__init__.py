"""What people agreed to. Owns the rules of consent; refuses to know what an event is for."""
