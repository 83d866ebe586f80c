"""Lengths of time in English words."""

from collections.abc import Mapping


def spans_in_words(parameters: Mapping[str, str | int | float]) -> dict[str, str]:
    """
    Return the lengths of time among a sentence's parameters (``age_ms``) as words, by their names without ``_ms``.

    Examples
    --------
    >>> spans_in_words({"age_ms": 86_400_001, "lookback_ms": 86_400_000, "channel": "Email"})
    {'age': 'just over 1 day', 'lookback': '1 day'}
    """
    spans = {
        name.removesuffix("_ms"): span_words(int(value)) for name, value in parameters.items() if name.endswith("_ms")
    }
    if spans.get("age") == spans.get("lookback") and "age" in spans:  # both ends count, so a hair decides
        spans["age"] = f"just over {spans['age']}"
    return spans


def span_words(milliseconds: int) -> str:
    """
    Return a length of time in its two largest units.

    Examples
    --------
    >>> span_words(90_000_000)
    '1 day 1 hour'
    >>> span_words(999)
    'less than a second'
    """
    parts = []
    for unit, length in (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000)):
        count, milliseconds = divmod(milliseconds, length)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(parts[:2]) or "less than a second"
