"""Who is one person."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import attribution as engine
from tests.engine.builders import DAY, NOON

_TIMES = st.integers(0, 3).map(lambda day: NOON + day * DAY)
_USERS = st.sampled_from([f"u:{name}" for name in "abcdef"])
_BROWSERS = st.sampled_from([f"a:{number}" for number in range(4)])
_LINKS = st.lists(st.builds(engine.Link, _BROWSERS, _USERS, _TIMES), max_size=12)
_ALIASES = st.lists(st.builds(engine.Alias, _USERS, _USERS), max_size=8)


def test_anonymous_id_belongs_to_the_earliest_user() -> None:
    links = [engine.Link("a:1", "u:late", NOON + DAY), engine.Link("a:1", "u:early", NOON)]

    assert engine.resolve_persons(links) == {"a:1": "u:early"}


def test_at_equal_times_the_smaller_user_id_owns_it() -> None:
    links = [engine.Link("a:1", "u:b", NOON), engine.Link("a:1", "u:a", NOON)]

    assert engine.resolve_persons(links) == {"a:1": "u:a"}


def test_users_of_one_device_stay_two_persons() -> None:
    links = [engine.Link("a:1", "u:ann", NOON), engine.Link("a:1", "u:bob", NOON + DAY)]

    assert "u:bob" not in engine.resolve_persons(links)


def test_aliases_join_users_through_each_other() -> None:
    aliases = [engine.Alias("u:d", "u:c"), engine.Alias("u:b", "u:a"), engine.Alias("u:c", "u:b")]

    assert engine.resolve_persons([], aliases) == {"u:b": "u:a", "u:c": "u:a", "u:d": "u:a"}


def test_hashed_ids_resolve_like_texts() -> None:
    assert engine.resolve_persons([engine.Link(7, 30, NOON)], [engine.Alias(30, 20)]) == {7: 20, 30: 20}


def test_ring_of_aliases_ends() -> None:
    aliases = [engine.Alias("u:a", "u:b"), engine.Alias("u:b", "u:a"), engine.Alias("u:a", "u:a")]

    assert engine.resolve_persons([], aliases) == {"u:b": "u:a"}


def test_a_chain_of_many_aliases_is_joined() -> None:
    aliases = [engine.Alias(number + 1, number) for number in range(50_000)]

    assert set(engine.resolve_persons([], aliases).values()) == {0}


@given(_LINKS, _ALIASES, st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_persons(
    links: list[engine.Link[str]], aliases: list[engine.Alias[str]], chance: Random
) -> None:
    """R7."""
    expected = engine.resolve_persons(links, aliases)
    links, aliases = [*links, *links], [*aliases, *aliases]
    chance.shuffle(links)
    chance.shuffle(aliases)

    assert engine.resolve_persons(links, aliases) == expected


@given(_LINKS, _ALIASES)
def test_persons_are_final_and_users_join_by_aliases_alone(
    links: list[engine.Link[str]], aliases: list[engine.Alias[str]]
) -> None:
    persons = engine.resolve_persons(links, aliases)

    assert not set(persons.values()) & persons.keys()
    assert {key: person for key, person in persons.items() if key.startswith("u:")} == engine.resolve_persons(
        [], aliases
    )
    neighbours = {alias.user: alias.previous for alias in aliases}
    assert all(persons.get(one, one) == persons.get(other, other) for one, other in neighbours.items())


def identified(name: str, kind: str, after: timedelta = timedelta(0), **ids: str) -> engine.Event:
    """Return an event with these ids."""
    return engine.Event(name, kind, NOON + after, NOON + after, **ids)  # type: ignore[arg-type]


@pytest.mark.parametrize("names_bob", [True, False])
def test_alias_of_a_known_user_joins_users_else_it_links(names_bob: bool) -> None:
    events = [identified("1", "alias", user_id="ann", previous_id="bob")]
    if names_bob:
        events.append(identified("2", "track", user_id="bob"))

    persons = engine.persons_of_events(events).ids

    expected = {"a:bob": "u:ann", "u:bob": "u:ann"} if names_bob else {"a:bob": "u:ann"}
    assert persons == expected


def test_an_anonymous_previous_id_never_joins_two_users() -> None:
    events = [
        identified("1", "alias", user_id="ann", previous_id="shared"),
        identified("2", "alias", DAY, user_id="bob", previous_id="shared"),
    ]

    assert engine.persons_of_events(events).ids == {"a:shared": "u:ann"}
