"""Pure decisions about signing in."""
