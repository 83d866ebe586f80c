"""The log of joins: every pair of ids that came together, by which event and rule, and what came of it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Generic, NamedTuple

from attribution.identity.persons import Alias, Key, Link, owners_of, roots_apart, roots_of
from attribution.identity.rules import IdentityRules


class JoinOutcome(StrEnum):
    """What came of two ids that came together."""

    JOINED = "joined"
    SHARED = "shared"
    CROWD = "crowd"
    APART = "apart"


class Join(NamedTuple, Generic[Key]):
    """
    Two ids that came together.

    Parameters
    ----------
    id : str or int
        An anonymous id, or a user id that an alias declares to be another's.
    user : str or int
        The user it came with.
    rule : str
        ``login`` (one event carried both) or ``alias``.
    joined_at : datetime
        When the earliest such event happened.
    message_id : str
        That event's.
    outcome : JoinOutcome
        ``joined``: one person. ``shared``: the device is another user's by
        an earlier link, and what happened while this user was signed in is
        theirs. ``crowd``: the device came with too many. ``apart``: a standing
        rule keeps them apart.
    """

    id: Key
    user: Key
    rule: str
    joined_at: datetime
    message_id: str
    outcome: JoinOutcome


def joins_of(
    links: Iterable[Link[Key]],
    aliases: Iterable[Alias[Key]] = (),
    *,
    apart: Collection[tuple[Key, Key]] = (),
    most_users: int = IdentityRules().most_users,
    roots: Mapping[Key, Key] | None = None,
) -> list[Join[Key]]:
    """
    Return every pair of ids that came together, in order of time.

    Parameters
    ----------
    links, aliases, apart, most_users
        As of `resolve_persons`, whose result the outcomes explain. Every link
        of an anonymous id must be among the links.
    roots : mapping, optional
        As of `roots_of` for all aliases there are, where only some are given.

    Returns
    -------
    list of Join
        One for each pair and rule, with its earliest event.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> [(one.rule, one.outcome.value) for one in joins_of([Link("a:1", "u:ann", noon, "m1")])]
    [('login', 'joined')]
    """
    links, aliases = list(links), list(aliases)
    roots = roots_of(aliases, apart=apart) if roots is None else roots
    persons = owners_of(links, roots, apart=apart, most_users=most_users)
    parted = roots_apart(apart, roots)
    found: dict[tuple[Key, Key, str], Join[Key]] = {}
    for link in links:
        root = roots.get(link.user, link.user)
        if (link.anonymous, root) in parted:
            outcome = JoinOutcome.APART
        elif link.anonymous not in persons:
            outcome = JoinOutcome.CROWD
        else:
            outcome = JoinOutcome.JOINED if persons[link.anonymous] == root else JoinOutcome.SHARED
        rule = "alias" if link.by_alias else "login"
        _keep(found, Join(link.anonymous, link.user, rule, link.linked_at, link.message_id, outcome))
    for alias in aliases:
        is_one = roots.get(alias.previous, alias.previous) == roots.get(alias.user, alias.user)
        outcome = JoinOutcome.JOINED if is_one else JoinOutcome.APART
        _keep(found, Join(alias.previous, alias.user, "alias", alias.aliased_at, alias.message_id, outcome))
    return sorted(found.values(), key=lambda one: (one.joined_at, one.message_id, one.id, one.user))


def _keep(found: dict[tuple[Key, Key, str], Join[Key]], one: Join[Key]) -> None:
    pair = (one.id, one.user, one.rule)
    if pair not in found or one[3:5] < found[pair][3:5]:
        found[pair] = one
