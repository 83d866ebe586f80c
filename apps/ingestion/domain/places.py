"""The country of a network address, from the registries' own table. The address goes no further than here."""

from functools import lru_cache

from iptocc import country_code


@lru_cache(maxsize=16_384)
def country_of(address: str) -> str:
    """Return the two letters of the country that *address* was given to, empty when unknown or private."""
    if not address or len(address) > 45:
        return ""
    return country_code(address.removeprefix("::ffff:")) or ""
