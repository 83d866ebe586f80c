"""What other apps receive from this one: frozen values without Django."""
