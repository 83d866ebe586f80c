"""Which ids are one person: a pure function of the events and the rules, whatever their order of arrival."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Generic, NamedTuple, TypeVar

from attribution.events import Event, first_received
from attribution.identity.components import Components
from attribution.identity.rules import IdentityRules, with_known_ids
from attribution.journeys import milliseconds

Key = TypeVar("Key", int, str)
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_MOST_USERS: Final = IdentityRules().most_users


class Link(NamedTuple, Generic[Key]):
    """An event that carried an anonymous id and a user id together; `by_alias` when it named the first as an alias."""

    anonymous: Key
    user: Key
    linked_at: datetime
    message_id: str = ""
    by_alias: bool = False


class Alias(NamedTuple, Generic[Key]):
    """Two user ids that an event declares to be one person."""

    previous: Key
    user: Key
    aliased_at: datetime = _EVER
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Persons:
    """
    The person of every event.

    Parameters
    ----------
    ids : mapping
        Id to person id, as of `resolve_persons`.
    signed_in : mapping
        Of every anonymous id that several users came with: the instants (in
        milliseconds) at which an event named one, in order, and the users.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    signed_in: Mapping[str, tuple[list[int], list[str]]] = field(default_factory=dict)

    def of(self, event: Event) -> str | None:
        """
        Return the person an event belongs to, or None when it names no id.

        Notes
        -----
        An event that names a user is that user's, whoever else used the
        device. One that names none is the user's who was last signed in on
        the device, and before the first sign-in the first user's.
        """
        key = event.own_key
        if not event.user_id and key in self.signed_in:
            instants, users = self.signed_in[key]
            place = bisect_right(instants, milliseconds(event.occurred_at))
            key = users[place - 1] if place else key
        return self.ids.get(key, key) or None


def resolve_persons(
    links: Iterable[Link[Key]],
    aliases: Iterable[Alias[Key]] = (),
    *,
    apart: Collection[tuple[Key, Key]] = (),
    most_users: int = _MOST_USERS,
) -> dict[Key, Key]:
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
    apart : collection of pairs
        Ids that are never one person; one of each pair at least is a user.
        An alias that would join such a pair joins nothing, the earliest alias
        first; a link to such a user does not count.
    most_users : int
        An anonymous id with links to more persons than these joins nobody.

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
    >>> resolve_persons([Link("a:1", "u:ann", noon)], apart={("a:1", "u:ann")})
    {}
    """
    users = roots_of(aliases, apart=apart)
    persons = {user: person for user, person in users.items() if user != person}
    return persons | owners_of(links, users, apart=apart, most_users=most_users)


def owners_of(
    links: Iterable[Link[Key]], users: Mapping[Key, Key], *, apart: Collection[tuple[Key, Key]], most_users: int
) -> dict[Key, Key]:
    """
    Return the person of every anonymous id that belongs to one.

    Parameters
    ----------
    links, apart, most_users
        As of `resolve_persons`; every link of an anonymous id must be among
        the links.
    users : mapping
        The person of users that aliases name, as of `roots_of`.
    """
    parted = roots_apart(apart, users)
    owners: dict[Key, tuple[datetime, Key]] = {}
    crowds: dict[Key, set[Key]] = defaultdict(set)
    for link in links:
        root = users.get(link.user, link.user)
        crowds[link.anonymous].add(root)
        claim = (link.linked_at, link.user)
        is_first = link.anonymous not in owners or claim < owners[link.anonymous]
        if is_first and (link.anonymous, root) not in parted:
            owners[link.anonymous] = claim
    return {
        anonymous: users.get(user, user)
        for anonymous, (_, user) in owners.items()
        if len(crowds[anonymous]) <= most_users
    }


def roots_of(aliases: Iterable[Alias[Key]], *, apart: Collection[tuple[Key, Key]] = ()) -> dict[Key, Key]:
    """
    Return the person of every user that an alias names, also of those that are their own.

    Parameters
    ----------
    aliases : iterable of Alias
        In any order, repetitions allowed.
    apart : collection of pairs
        As of `resolve_persons`.

    Returns
    -------
    dict
        The smallest id of every aliased user's component.
    """
    components: Components[Key] = Components(apart)
    # Without pairs that stay apart the order is of no account, and sorting costs more than joining.
    for alias in sorted(aliases, key=lambda one: one[2:]) if apart else aliases:
        components.join(alias.previous, alias.user)
    return components.roots()


def roots_apart(apart: Collection[tuple[Key, Key]], users: Mapping[Key, Key]) -> set[tuple[Key, Key]]:
    """Return which ids stay apart from which persons, both ways round."""
    return {(one, users.get(other, other)) for pair in apart for one, other in (pair, pair[::-1])}


def links_of_events(events: Iterable[Event]) -> list[Link[str]]:
    """Return every link among events: ids that came together, and previous ids of aliases as anonymous ones."""
    found = []
    for event in events:
        if event.user_id and event.anonymous_id:
            found.append(Link(f"a:{event.anonymous_id}", event.user_key, event.occurred_at, event.id))
        if event.kind == "alias" and event.user_id and event.previous_id:
            found.append(Link(f"a:{event.previous_id}", event.user_key, event.occurred_at, event.id, by_alias=True))
    return found


def aliases_of_events(events: Iterable[Event]) -> list[Alias[str]]:
    """Return every alias among events: those whose previous id some event names as a user."""
    known = list(events)
    users = {event.user_id for event in known if event.user_id}
    return [
        Alias(f"u:{event.previous_id}", event.user_key, event.occurred_at, event.id)
        for event in known
        if event.kind == "alias" and event.user_id and event.previous_id in users
    ]


def persons_of_events(events: Iterable[Event], rules: IdentityRules | None = None) -> Persons:
    """
    Return who is who among events.

    An ``alias`` event links its previous id as an anonymous one, and joins it
    as a user where any event names it as a user.

    Parameters
    ----------
    events : iterable of Event
        In any order, repetitions allowed.
    rules : IdentityRules, optional

    Returns
    -------
    Persons
        Of events with the ids that `with_known_ids` leaves them.
    """
    rules = rules or IdentityRules()
    known = first_received(with_known_ids(events, rules))
    links, aliases = links_of_events(known), aliases_of_events(known)
    ids = resolve_persons(links, aliases, apart=rules.apart, most_users=rules.most_users)
    return Persons(ids, _signed_in(known, links, roots_of(aliases, apart=rules.apart), rules))


def _signed_in(
    events: Iterable[Event], links: Iterable[Link[str]], users: Mapping[str, str], rules: IdentityRules
) -> dict[str, tuple[list[int], list[str]]]:
    """Return who was named when on every device with several users, without those whom it stays apart from."""
    named: dict[str, set[str]] = defaultdict(set)
    for link in links:
        named[link.anonymous].add(link.user)
    shared = {
        device
        for device, those in named.items()
        if len(those) > 1 and len({users.get(one, one) for one in those}) <= rules.most_users
    }
    parted = roots_apart(rules.apart, users)
    moments: dict[str, dict[int, tuple[int, str]]] = defaultdict(dict)
    # Of several at one instant the last received speaks, then the smaller message id: it comes last here.
    for event in sorted(events, key=lambda one: one.id, reverse=True):
        device, user = event.device_key, event.user_key
        if user and device != user and device in shared and (device, users.get(user, user)) not in parted:
            at, heard = milliseconds(event.occurred_at), milliseconds(event.received_at)
            if heard >= moments[device].get(at, (heard, ""))[0]:
                moments[device][at] = (heard, user)
    return {device: (sorted(found), [found[at][1] for at in sorted(found)]) for device, found in moments.items()}
