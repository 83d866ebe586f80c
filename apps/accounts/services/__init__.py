"""Changes to how an organization signs in, and who comes in that way."""
