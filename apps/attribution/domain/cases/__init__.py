"""Executable attribution cases: what happened, under which settings, and what must come out (docs/cases.md)."""

from apps.attribution.domain.cases.comparing import compare_conversions
from apps.attribution.domain.cases.reading import PRODUCT_SETTINGS, read_cases
from apps.attribution.domain.cases.running import (
    credit_events,
    decide_openings,
    first_received,
    run_case,
    sent_properties,
)
from apps.attribution.domain.cases.values import (
    BadCases,
    Case,
    CaseEvent,
    CaseSettings,
    Difference,
    FoundConversion,
    FoundTouch,
)

__all__ = [
    "PRODUCT_SETTINGS",
    "BadCases",
    "Case",
    "CaseEvent",
    "CaseSettings",
    "Difference",
    "FoundConversion",
    "FoundTouch",
    "compare_conversions",
    "credit_events",
    "decide_openings",
    "first_received",
    "read_cases",
    "run_case",
    "sent_properties",
]
