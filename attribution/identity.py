"""Which ids are one person: a pure function of the events, whatever their order of arrival."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from attribution.events import Event

Key = TypeVar("Key", int, str)


class Link(NamedTuple, Generic[Key]):
    """An event that carried an anonymous id and a user id together."""

    anonymous: Key
    user: Key
    linked_at: datetime


class Alias(NamedTuple, Generic[Key]):
    """Two user ids that are declared to be one person."""

    previous: Key
    user: Key


def resolve_persons(links: Iterable[Link[Key]], aliases: Iterable[Alias[Key]] = ()) -> dict[Key, Key]:
    """
    Return the person of every id whose person is another id.

    Users joined by aliases become the smallest of their ids. An anonymous
    id belongs to the user of the earliest link (at equal times to the smaller
    user id). Two users never become one through a shared anonymous id: two
    people may share a device.

    Parameters
    ----------
    links : iterable of Link
        Ids are texts (``a:...``, ``u:...``) or their hashes; anonymous ids and
        user ids must not overlap. Times must be comparable with each other.
    aliases : iterable of Alias
        Between users only. An ``alias`` event whose previous id is anonymous
        is a `Link`.

    Returns
    -------
    dict
        Id to person id; ids that are their own person are left out.

    Notes
    -----
    Union-find: time O(n log n) at worst, memory O(ids). Any permutation and
    any repetition of the input gives the same result.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> resolve_persons([Link("a:1", "u:ann", noon)], [Alias("u:ann", "u:abe")])
    {'u:ann': 'u:abe', 'a:1': 'u:abe'}
    """
    users = _components(aliases)
    owners: dict[Key, tuple[datetime, Key]] = {}
    for link in links:
        claim = (link.linked_at, link.user)
        if link.anonymous not in owners or claim < owners[link.anonymous]:
            owners[link.anonymous] = claim
    persons = {user: person for user, person in users.items() if user != person}
    persons.update((anonymous, users.get(user, user)) for anonymous, (_, user) in owners.items())
    return persons


def persons_of_events(events: Iterable[Event]) -> dict[str, str]:
    """
    Return the person of every id in the events whose person is another id.

    An ``alias`` event links its previous id as an anonymous one, and joins it
    as a user where any event names it as a user.

    Parameters
    ----------
    events : iterable of Event
        In any order, repetitions allowed.

    Returns
    -------
    dict
        Id (``a:...`` or ``u:...``) to person id, as of `resolve_persons`.
    """
    known = list(events)
    users = {event.user_id for event in known if event.user_id}
    links, aliases = [], []
    for event in known:
        if event.user_id and event.anonymous_id:
            links.append(Link(f"a:{event.anonymous_id}", event.user_key, event.occurred_at))
        if event.kind == "alias" and event.user_id and event.previous_id:
            links.append(Link(f"a:{event.previous_id}", event.user_key, event.occurred_at))
            if event.previous_id in users:
                aliases.append(Alias(f"u:{event.previous_id}", event.user_key))
    return resolve_persons(links, aliases)


def person_of(event: Event, persons: Mapping[str, str]) -> str | None:
    """
    Return the person an event belongs to, or None when it names no id.

    Notes
    -----
    An event that names a user is that user's, whoever else used the device.
    """
    return persons.get(event.own_key, event.own_key) or None


def _components(aliases: Iterable[Alias[Key]]) -> dict[Key, Key]:
    """Return the smallest id of every aliased user's component."""
    parents: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        parents.setdefault(key, key)
        while parents[key] != key:
            parents[key] = parents[parents[key]]  # halve the path
            key = parents[key]
        return key

    for alias in aliases:
        left, right = root(alias.previous), root(alias.user)
        parents[max(left, right)] = min(left, right)
    return {key: root(key) for key in sorted(parents)}
