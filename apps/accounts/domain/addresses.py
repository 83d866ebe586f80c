"""Mail addresses and the domains they belong to."""

import re

_NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]").fullmatch


def domain_of(email: str) -> str:
    """Return the domain of *email* as it is compared: in lower case, in its ASCII form; "" when there is none."""
    return ascii_domain(email.rpartition("@")[2]) if "@" in email else ""


def ascii_domain(name: str) -> str:
    """Return *name* in lower case and in its ASCII form, or "" for what is no domain.

    >>> ascii_domain("Bücher.Example"), ascii_domain("localhost"), ascii_domain("a b.example")
    ('xn--bcher-kva.example', '', '')
    """
    try:
        plain = name.strip().rstrip(".").lower().encode("idna").decode()
    except UnicodeError:
        return ""
    return plain if _NAME(plain) else ""
