"""Rules of consent as values and pure functions."""
