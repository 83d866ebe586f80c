"""Who is behind a key, for those who look for somebody's events."""

from apps.attribution.domain.results import PersonInfo
from apps.shared import clickhouse

_MOST_KEYS = 1_000


def person_of(property_id: int, key: int) -> PersonInfo:
    """Return the person behind a key of an id, or behind the number of a person itself, with all keys of them.

    An id that nothing is joined with yet is a person of its own.
    """
    owner = "SELECT person_id FROM persons FINAL WHERE property_id = {property_id:UInt64} AND key = {key:UInt64}"
    found = clickhouse.select(owner, int, property_id=property_id, key=key)
    person_id = next(iter(found), key)
    theirs = f"""
        SELECT key FROM persons FINAL
        WHERE property_id = {{property_id:UInt64}} AND person_id = {{person_id:UInt64}} LIMIT {_MOST_KEYS}
    """
    keys = clickhouse.select(theirs, int, property_id=property_id, person_id=person_id)
    return PersonInfo(person_id, tuple(dict.fromkeys((person_id, key, *keys))))
