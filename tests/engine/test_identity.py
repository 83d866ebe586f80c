"""Who is one person."""

from dataclasses import replace
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
_LINKS = st.lists(
    st.builds(engine.Link, _BROWSERS, _USERS, _TIMES, st.just(""), by_alias=st.just(value=False)), max_size=12
)
_ALIASES = st.lists(st.builds(engine.Alias, _USERS, _USERS, _TIMES, st.just("")), max_size=8)


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


def identified(name: str, kind: str, after: timedelta = timedelta(0), /, **ids: object) -> engine.Event:
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


_PAIRS = st.frozensets(
    st.tuples(st.one_of(_BROWSERS, _USERS), _USERS).filter(lambda pair: pair[0] < pair[1]), max_size=4
)


@given(_LINKS, _ALIASES, _PAIRS, st.integers(2, 4), st.randoms(use_true_random=False))
def test_whoever_stays_apart_is_never_one_person_in_any_order(
    links: list[engine.Link[str]],
    aliases: list[engine.Alias[str]],
    apart: frozenset[tuple[str, str]],
    most: int,
    chance: Random,
) -> None:
    """R7: a standing rule holds against all evidence, and the order of arrival is of no account."""
    dated = [alias._replace(message_id=str(number)) for number, alias in enumerate(aliases)]
    persons = engine.resolve_persons(links, dated, apart=apart, most_users=most)
    again, mixed = [*links, *links], [*dated, *dated]
    chance.shuffle(again)
    chance.shuffle(mixed)

    assert engine.resolve_persons(again, mixed, apart=apart, most_users=most) == persons
    assert all(persons.get(one, one) != persons.get(other, other) for one, other in apart)


@given(_LINKS, _ALIASES, _PAIRS, st.integers(2, 4))
def test_log_names_one_cause_at_least_for_every_joined_id(
    links: list[engine.Link[str]], aliases: list[engine.Alias[str]], apart: frozenset[tuple[str, str]], most: int
) -> None:
    """R6: whoever is another's is so by a line of the log, and each line says what is."""
    persons = engine.resolve_persons(links, aliases, apart=apart, most_users=most)
    log = engine.joins_of(links, aliases, apart=apart, most_users=most)
    joined = [one for one in log if one.outcome is engine.JoinOutcome.JOINED]

    assert all(persons.get(one.id, one.id) == persons.get(one.user, one.user) for one in joined)
    assert {key for key in persons if key.startswith("a:")} == {one.id for one in joined if one.id.startswith("a:")}
    assert {key for key in persons if key.startswith("u:")} <= {key for one in joined for key in (one.id, one.user)}
    assert len(log) == len({(one.anonymous, one.user) for one in links} | {(one.previous, one.user) for one in aliases})


def test_earlier_alias_holds_where_two_cannot() -> None:
    aliases = [
        engine.Alias("u:b", "u:c", NOON + DAY, "2"),
        engine.Alias("u:a", "u:b", NOON, "1"),
    ]

    assert engine.resolve_persons([], aliases, apart={("u:a", "u:c")}) == {"u:b": "u:a"}


def test_separated_device_goes_to_the_next_user_and_a_crowd_to_nobody() -> None:
    links = [engine.Link("a:1", f"u:{name}", NOON + number * DAY) for number, name in enumerate("abc")]

    assert engine.resolve_persons(links, apart={("a:1", "u:a")}) == {"a:1": "u:b"}
    assert engine.resolve_persons(links, most_users=2) == {}


def test_device_with_several_users_is_whoevers_who_was_signed_in_last() -> None:
    events = [
        identified("ann", "identify", DAY, anonymous_id="tablet", user_id="ann"),
        identified("bob", "identify", 2 * DAY, anonymous_id="tablet", user_id="bob"),
        identified("ann-again", "track", 4 * DAY, anonymous_id="tablet", user_id="ann"),
    ]
    asked = [identified(str(day), "page", day * DAY, anonymous_id="tablet") for day in (0, 1, 3, 5)]

    persons = engine.persons_of_events([*events, *asked])

    assert [persons.of(one) for one in asked] == ["u:ann", "u:ann", "u:bob", "u:ann"]
    parted = engine.IdentityRules(apart=frozenset({("a:tablet", "u:bob")}))
    assert engine.persons_of_events([*events, *asked], parted).of(asked[2]) == "u:ann"


@pytest.mark.parametrize("nobody", ["null", "NULL", "Unknown", "00000000-0000-0000-0000-000000000000", "kiosk-7"])
def test_ids_that_are_nobodys_join_nobody(nobody: str) -> None:
    rules = engine.IdentityRules(ignored_ids=frozenset({"kiosk-7"}))
    events = [
        identified("1", "identify", anonymous_id="phone", user_id=nobody),
        identified("2", "identify", anonymous_id="laptop", user_id=nobody),
        identified("3", "identify", anonymous_id=nobody, user_id="ann"),
        identified("4", "identify", anonymous_id=nobody, user_id="bob"),
        identified("5", "alias", user_id="bob", previous_id=nobody),
        identified("6", "page", anonymous_id=nobody),
    ]

    persons = engine.persons_of_events(events, rules)
    whose = [persons.of(one) for one in engine.with_known_ids(events, rules)]

    assert persons.ids == {}
    assert whose == ["a:phone", "a:laptop", "u:ann", "u:bob", "u:bob", None]


@pytest.mark.parametrize(
    "stored",
    [
        {"apart": [["a:1", "a:2"]]}, {"apart": [["x", "u:1"]]}, {"apart": [["u:1"]]}, {"apart": 5},
        {"most_users": 1}, {"most_users": 1001}, {"ignored_ids": [""]}, {"ignored_ids": ["x" * 513]},
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused(stored: dict[str, object]) -> None:
    """R11."""
    with pytest.raises(engine.BadIdentityRulesError):
        engine.IdentityRules.of(stored)


def test_rules_are_stored_and_read_again() -> None:
    rules = engine.IdentityRules(frozenset({"x"}), 5).with_apart([("u:b", "a:1"), ("u:a", "u:b")])

    assert engine.IdentityRules.of(rules.stored()) == rules
    assert rules.without_apart([("a:1", "u:b")]).apart == {("u:a", "u:b")}


_STORY = [
    identified("ad", "click", anonymous_id="phone", channel="Paid Search", source="google", has_source=True),
    identified("mail", "click", DAY, anonymous_id="tablet", channel="Email", source="news", has_source=True),
    identified("old", "identify", 2 * DAY, anonymous_id="phone", user_id="old"),
    identified("bob", "identify", 3 * DAY, anonymous_id="tablet", user_id="bob"),
    identified("sale", "track", 4 * DAY, user_id="ann", name="Order"),
    identified("late", "identify", 9 * DAY, anonymous_id="tablet", user_id="ann"),
    identified("alias", "alias", 10 * DAY, user_id="ann", previous_id="old"),
]


@given(st.permutations(_STORY), st.sampled_from([frozenset(), frozenset({("u:ann", "u:old")})]))
def test_any_order_of_arrival_gives_the_same_journeys(
    events: list[engine.Event], apart: frozenset[tuple[str, str]]
) -> None:
    """R7: an identify days after the order, or before the events that it explains, changes nothing."""
    goal = engine.GoalRule(is_conversion=lambda event: event.name == "Order")
    rules = engine.IdentityRules(apart=apart)
    late = [replace(event, received_at=NOON + number * DAY) for number, event in enumerate(events)]

    (journey,) = engine.build_journeys(late, goal, identity=rules)

    assert [touch.id for touch in journey.touchpoints] == ([] if apart else ["ad"])
