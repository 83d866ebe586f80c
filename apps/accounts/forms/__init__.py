"""Forms of sign-in and of an organization's sign-in settings."""
