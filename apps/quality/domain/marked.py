"""Sentences that are said where nobody knows the reader's language: marked here, and translated by the page."""


def _(text: str) -> str:
    """Mark *text* for translation."""
    return text
