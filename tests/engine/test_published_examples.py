"""Results that others have published, each with its source."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

import attribution as engine
from tests.engine.builders import DAY, journey, path, shares, touch


def google_journey() -> engine.Journey:
    """
    Return the example of Google's help: an ad, a week later a social network, then an email, and direct that day.

    Source: Google Analytics help, "About the default MCF attribution models" (answer 1665189).
    """
    return journey(
        touch("ad", 10 * DAY, "Paid Search"),
        touch("social", 3 * DAY, "Organic Social", engine.TouchKind.VISIT),
        touch("email", timedelta(hours=5), "Email", engine.TouchKind.VISIT),
        touch("direct", timedelta(0), "Direct", engine.TouchKind.VISIT),
    )


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("last_touch", {"direct": 1.0}),
        ("last_non_direct", {"email": 1.0}),
        ("last_paid_click", {"ad": 1.0}),
        ("first_touch", {"ad": 1.0}),
        ("linear", {"ad": 0.25, "social": 0.25, "email": 0.25, "direct": 0.25}),
        ("position_based", {"ad": 0.4, "social": 0.1, "email": 0.1, "direct": 0.4}),
    ],
)
def test_google_example_is_credited_as_published(method: str, expected: dict[str, float]) -> None:
    credits_given = engine.credit(engine.METHODS[method].spec, google_journey())

    earned = {one.touchpoint.id: one.share for one in credits_given if one.touchpoint and one.share}
    assert earned == pytest.approx(expected)


def test_time_decay_halves_every_seven_days_as_published() -> None:
    """Google Analytics help, answer 1665189: 7 days before earn half, 14 days a quarter of the day of conversion."""
    spec = engine.METHODS["time_decay"].spec

    found = shares(spec, journey(touch("a", 14 * DAY), touch("b", 7 * DAY), touch("c")))

    assert found == pytest.approx([1 / 7, 2 / 7, 4 / 7])


def test_w_shaped_gives_thirty_each_and_ten_to_the_rest() -> None:
    """Adobe Marketo Measure documentation, "Attribution models": W-shaped 30 / 30 / 30, 10 % to those between."""
    spec = engine.METHODS["w_shaped"].spec
    found = path("Display", "Email", "Paid Search", "Referral", "Direct")
    milestone_at = found.touchpoints[2].touched_at + timedelta(minutes=1)

    reached = engine.Journey(found.conversion, found.touchpoints, milestone_at=milestone_at)

    assert shares(spec, reached) == pytest.approx([0.3, 0.05, 0.3, 0.05, 0.3])


@pytest.mark.parametrize("channels", ["ABC", "AAB", "ABABC", "ABBBCD", "A"])
def test_linear_distinct_is_the_shapley_value_of_the_sum_game(channels: str) -> None:
    """Zhao, Mahboobi and Bagheri (2018), arXiv:1804.05327: a journey's Shapley value is 1 / distinct channels."""
    players = sorted(set(channels))

    def worth(coalition: set[str]) -> int:
        return int(set(channels) <= coalition)

    orders = list(permutations(players))
    shapley = {
        player: sum(
            worth(set(order[: order.index(player) + 1])) - worth(set(order[: order.index(player)])) for order in orders
        )
        / len(orders)
        for player in players
    }
    found = engine.credit(engine.METHODS["linear_distinct"].spec, path(*channels))

    earned = {player: sum(one.share for one in found if one.channel == player) for player in players}
    assert earned == pytest.approx(shapley)


def test_largest_remainder_gives_the_published_seats() -> None:
    """The Hare quota example of the textbooks: 100,000 votes, 10 seats, remainders .7, .6, .59, .2, .6, .31."""
    votes = [47_000, 16_000, 15_900, 12_000, 6_000, 3_100]

    seats = engine.split_money(Decimal(10), [vote / 100_000 for vote in votes], "JPY")

    assert [int(seat) for seat in seats] == [5, 2, 1, 1, 1, 0]
