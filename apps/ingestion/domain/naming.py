"""How an organization names its campaigns, and what in a name goes against it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

NAMED = ("source", "medium", "campaign", "term", "content")


class OddPattern(ValueError):
    """Braces that hold no word, which would stand for themselves, and no name would follow."""


class Fault(StrEnum):
    """What is wrong with a name."""

    CASE = "case"
    BLANK = "blank"
    UNKNOWN = "unknown"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class NamingRules:
    """What names must look like; by default anything goes. *joint* stands where words meet, instead of a blank."""

    is_lower: bool = False
    joint: str = ""
    sources: tuple[str, ...] = ()
    mediums: tuple[str, ...] = ()
    campaign_pattern: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one name, and the name that would do, where there is one."""

    field: str
    value: str
    fault: Fault
    better: str


def check_pattern(pattern: str) -> None:
    """Raise ValueError unless *pattern* has `*` (anything) and `{word}` (letters, digits) in plain text.

    OddPattern, which is one, where braces hold anything else.
    """
    if re.search(r"[{}]", re.sub(r"\{[a-z]+\}", "", pattern)):
        raise OddPattern(pattern)
    _compiled(pattern)


def findings(names: Mapping[str, str], rules: NamingRules) -> list[Finding]:
    """Return what is wrong with *names* (by field), in the order of the fields; empty names are not looked at."""
    return [found for field in NAMED if names.get(field) for found in _of_field(field, names[field], rules)]


def better(value: str, rules: NamingRules) -> str:
    """Return *value* in the case and with the joint that the rules ask for."""
    fixed = value.strip().lower() if rules.is_lower else value.strip()
    return re.sub(r"\s+", rules.joint, fixed) if rules.joint else fixed


def _of_field(field: str, value: str, rules: NamingRules) -> Iterator[Finding]:
    fixed = better(value, rules)
    if rules.is_lower and value != value.lower():
        yield Finding(field, value, Fault.CASE, fixed)
    if rules.joint and re.search(r"\s", value):
        yield Finding(field, value, Fault.BLANK, fixed)
    allowed = {"source": rules.sources, "medium": rules.mediums}.get(field, ())
    if allowed and fixed not in allowed:
        near = next((one for one in allowed if one.lower() == fixed.lower()), "")
        yield Finding(field, value, Fault.UNKNOWN, near)
    if field == "campaign" and rules.campaign_pattern and not _compiled(rules.campaign_pattern).fullmatch(fixed):
        yield Finding(field, value, Fault.PATTERN, "")


def _compiled(pattern: str) -> "re.Pattern[str]":
    """Return *pattern* as an expression that cannot take long: no choice is nested in another."""
    if len(pattern) > 120 or pattern.count("*") > 5 or pattern.count("{") > 8:
        raise ValueError("The pattern is too long.")
    parts = re.split(r"(\*|\{[a-z]+\})", pattern)
    written = ("[^\\n]*" if part == "*" else r"[^\W_]+" if part.startswith("{") else re.escape(part) for part in parts)
    return re.compile("".join(written))
