"""Pages of one's own account beside allauth's, single sign-on, and an organization's sign-in settings."""
