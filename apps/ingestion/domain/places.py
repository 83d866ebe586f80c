"""The country of a network address, from the registries' own table. The address goes no further than here."""

import ipaddress
import re
from functools import lru_cache

from iptocc import country_code

_WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](?::\d+)?|(?P<four>[\d.]+):\d+")
_LONGEST = 80  # with a port and a zone


def country_said(location: object) -> str:
    """Return the country that a client states, as two letters; names of countries say nothing here."""
    if not isinstance(location, dict):
        return ""
    said = location.get("country_id") or location.get("country")
    return said.upper() if isinstance(said, str) and len(said) == 2 and said.isascii() and said.isalpha() else ""


@lru_cache(maxsize=16_384)
def is_address(said: str) -> bool:
    """Tell whether *said* is a network address, and not a word that stands in its place."""
    try:
        ipaddress.ip_address(said)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=16_384)
def country_of(address: str) -> str:
    """Return the two letters of the country that *address* was given to, empty when unknown or private."""
    if not address or len(address) > _LONGEST:
        return ""
    try:
        found = ipaddress.ip_address(bare_address(address))
    except ValueError:
        return ""
    return country_code(str(getattr(found, "ipv4_mapped", None) or found)) or ""


def bare_address(said: str) -> str:
    """Return an address without what proxies put around it: a port, brackets, the zone of a link."""
    said = said.strip()
    found = _WITH_PORT.fullmatch(said)
    return ((found["six"] or found["four"] or "") if found else said).partition("%")[0]
