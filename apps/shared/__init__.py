"""Plumbing that at least two apps use. Owns no tenant data and knows no other app."""
