"""Addresses made from names."""

from itertools import count

from django.utils.text import slugify


def free_slug(name: str, taken: set[str], fallback: str) -> str:
    """Return *name* as an address that is not taken; a name without Latin letters gets *fallback*."""
    base = slugify(name)[:50].strip("-") or fallback
    numbered = (f"{base}-{number}" for number in count(2))
    return base if base not in taken else next(slug for slug in numbered if slug not in taken)
