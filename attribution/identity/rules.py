"""A property's rules about ids: which never join anybody, how many users a device may have, who must stay apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from attribution.events import Event

# Words that programs put where an id is missing, and advertising ids that a system hands out to everybody. Facts only.
_PLACEHOLDERS: Final = """
null nil none undefined unknown anonymous guest nobody default empty missing n/a na nan not_set unset false true
0 -1 userid user_id anonymousid anonymous_id deviceid device_id {{user_id}} %user_id% ${user_id} [userid] (null) (none)
(empty) <null>
"""
_SPACED: Final = ("not set", "(not set)", "[object Object]", "[object object]")
_ZEROED: Final = """
00000000-0000-0000-0000-000000000000 00000000000000000000000000000000 ffffffff-ffff-ffff-ffff-ffffffffffff
ffffffffffffffffffffffffffffffff 0000000000000000 000000000000000 9774d56d682e549c 02:00:00:00:00:00
"""
DEFAULT_IGNORED_IDS: Final[frozenset[str]] = frozenset({*_PLACEHOLDERS.split(), *_ZEROED.split(), *_SPACED})
MOST_IGNORED_IDS: Final = 500
MOST_APART: Final = 5_000
FEWEST_USERS: Final = 2
MOST_USERS: Final = 1_000
LONGEST_ID: Final = 512
_KINDS: Final = ("a:", "u:")


class BadIdentityRulesError(ValueError):
    """Rules about ids that make no sense."""


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """
    Which ids join whom.

    Parameters
    ----------
    ignored_ids : frozenset of str
        Ids that are nobody's, beside `DEFAULT_IGNORED_IDS`, at most 500. As
        written, in lower case, in capitals and with a capital first.
    most_users : int
        2 to 1,000. An anonymous id that came with more users joins nobody.
    apart : frozenset of (str, str)
        Pairs of ids (``a:...``, ``u:...``), the smaller first, of which one
        at least is a user: they are never one person, whatever else says so.

    Raises
    ------
    BadIdentityRulesError
        If one of them is out of its range.
    """

    ignored_ids: frozenset[str] = frozenset()
    most_users: int = 10
    apart: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        if len(self.ignored_ids) > MOST_IGNORED_IDS or len(self.apart) > MOST_APART:
            raise BadIdentityRulesError(f"at most {MOST_IGNORED_IDS} ignored ids and {MOST_APART} pairs")
        if not FEWEST_USERS <= self.most_users <= MOST_USERS:
            raise BadIdentityRulesError(f"a device has {FEWEST_USERS} to {MOST_USERS} users")
        if not all(one.strip() and len(one) <= LONGEST_ID and "\x00" not in one for one in self.ignored_ids):
            raise BadIdentityRulesError(f"an id has 1 to {LONGEST_ID} characters")
        for pair in self.apart:
            _check_pair(pair)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "IdentityRules":
        """
        Return the rules that JSON holds; what is left out is as by default.

        Raises
        ------
        BadIdentityRulesError
            If it is anything else.
        """
        try:
            return cls(
                ignored_ids=frozenset(map(str, stored.get("ignored_ids", ()))),
                most_users=int(stored.get("most_users", cls().most_users)),
                apart=frozenset(_ordered(*pair) for pair in stored.get("apart", ())),
            )
        except (TypeError, AttributeError) as error:
            raise BadIdentityRulesError(f"not rules about ids: {error}") from error

    def stored(self) -> dict[str, Any]:
        """Return the rules as values that JSON can hold."""
        return {
            "ignored_ids": sorted(self.ignored_ids),
            "most_users": self.most_users,
            "apart": [list(pair) for pair in sorted(self.apart)],
        }

    def with_apart(self, pairs: Iterable[tuple[str, str]]) -> "IdentityRules":
        """Return the rules with more pairs that stay apart."""
        return replace(self, apart=self.apart | {_ordered(*pair) for pair in pairs})

    def without_apart(self, pairs: Iterable[tuple[str, str]]) -> "IdentityRules":
        """Return the rules without some pairs."""
        return replace(self, apart=self.apart - {_ordered(*pair) for pair in pairs})

    def ignored(self) -> frozenset[str]:
        """Return every text that is no id, in all its spellings."""
        return _spellings(self.ignored_ids)


def with_known_ids(events: Iterable[Event], rules: IdentityRules | None = None) -> list[Event]:
    """
    Return events without the ids that are nobody's.

    Parameters
    ----------
    events : iterable of Event
    rules : IdentityRules, optional

    Returns
    -------
    list of Event
        In the order given. An event whose user id is nobody's belongs to its
        device; one whose device is nobody's to its user; with neither, to
        nobody.
    """
    ignored = (rules or IdentityRules()).ignored()
    return [_known(event, ignored) for event in events]


def _known(event: Event, ignored: frozenset[str]) -> Event:
    ids = {"anonymous_id": event.anonymous_id, "user_id": event.user_id, "previous_id": event.previous_id}
    gone = {name: "" for name, one in ids.items() if one in ignored}
    return replace(event, **gone) if gone else event  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def _spellings(own: frozenset[str]) -> frozenset[str]:
    listed = DEFAULT_IGNORED_IDS | own
    return frozenset(way(one) for one in listed for way in (str, str.lower, str.upper, str.capitalize))


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def _check_pair(pair: tuple[str, str]) -> None:
    one, other = pair
    if not all(key[:2] in _KINDS and 2 < len(key) <= LONGEST_ID + 2 and "\x00" not in key for key in pair):
        raise BadIdentityRulesError(f"{one!r} and {other!r}: an id begins with a: or u:")
    if one >= other or not other.startswith("u:"):
        raise BadIdentityRulesError(f"{one!r} and {other!r}: two ids in order, one of them a user")
