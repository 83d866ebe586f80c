"""Who is who: which ids are one person, by which evidence, and under which rules of a property."""

from attribution.identity.log import Join, JoinOutcome, joins_of
from attribution.identity.persons import (
    Alias,
    Link,
    Persons,
    aliases_of_events,
    links_of_events,
    persons_of_events,
    resolve_persons,
    roots_of,
)
from attribution.identity.rules import (
    DEFAULT_IGNORED_IDS,
    FEWEST_USERS,
    LONGEST_ID,
    MOST_APART,
    MOST_IGNORED_IDS,
    MOST_USERS,
    BadIdentityRulesError,
    IdentityRules,
    with_known_ids,
)

__all__ = [
    "DEFAULT_IGNORED_IDS",
    "FEWEST_USERS",
    "LONGEST_ID",
    "MOST_APART",
    "MOST_IGNORED_IDS",
    "MOST_USERS",
    "Alias",
    "BadIdentityRulesError",
    "IdentityRules",
    "Join",
    "JoinOutcome",
    "Link",
    "Persons",
    "aliases_of_events",
    "joins_of",
    "links_of_events",
    "persons_of_events",
    "resolve_persons",
    "roots_of",
    "with_known_ids",
]
