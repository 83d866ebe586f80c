"""`manage.py check_cases`: a customer's own cases against their own settings."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.attribution import services
from apps.attribution.models import ChannelRulesVersion
from apps.orgs import services as orgs

pytestmark = pytest.mark.django_db
AD = "{id: ad, kind: click, ago: 8d, source: google, medium: cpc}"
ORDER = "{id: order, kind: track, name: Order Completed, value: 10}"


def check(folder: Path) -> str:
    out = StringIO()
    call_command("check_cases", str(folder), "--property", "engines/shop", stdout=out, no_color=True)
    return out.getvalue()


def write(folder: Path, expect: str, settings: str = "{}") -> Path:
    text = (
        f"cases:\n  - name: An ad earns\n    settings: {settings}\n    events: [{AD}, {ORDER}]\n    expect: {expect}\n"
    )
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def shop(property_id: int) -> int:
    """A shop with a goal."""
    services.create_goal(property_id=property_id, made_by=None, name="Purchase", event_name="Order Completed")
    return property_id


def test_cases_that_agree_end_well(shop: int, tmp_path: Path) -> None:
    said = check(write(tmp_path, "{order: {credit: {ad: 1}}}", "{goal: Purchase}"))

    assert "engines/shop: settings version 1, goals Purchase, method last_non_direct" in said
    assert "1 cases in" in said
    assert "1 agree, 0 differ" in said


def test_a_property_s_own_lookback_shows_as_a_difference(shop: int, tmp_path: Path) -> None:
    orgs.change_settings(property_id=shop, made_by=None, click_lookback=timedelta(days=7))
    out = StringIO()

    with pytest.raises(CommandError, match="0 agree, 1 differ") as raised:
        call_command(
            "check_cases", str(write(tmp_path, "{order: {credit: {ad: 1}}}")), "--property", "engines/shop",
            stdout=out, no_color=True,
        )  # fmt: skip

    assert raised.value.returncode == 1
    assert "DIFF  own.yaml:2  An ad earns" in out.getvalue()
    assert "order: credit of ad  - 1" in out.getvalue()
    assert "+ 0 (outside_click_lookback)" in out.getvalue()


def test_a_property_s_own_channel_rules_hold(shop: int, tmp_path: Path) -> None:
    rules = [{"channel": "Search Ads", "when": [["source", "is", "google"]]}]
    ChannelRulesVersion.objects.create(property_id=shop, version=1, rules=rules)

    assert "1 agree" in check(write(tmp_path, "{order: {channels: {ad: Search Ads}}}"))


@pytest.mark.parametrize(
    ("text", "said"),
    [("cases: [", "own.yaml:1: "), ("cases:\n  - {name: x, expect: {}}", "own.yaml:2: cases.0: 'events' is")],
)
def test_a_file_that_cannot_be_read_ends_with_two(shop: int, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "own.yaml").write_text(text)

    with pytest.raises(CommandError) as raised:
        check(tmp_path)

    assert raised.value.returncode == 2
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(("name", "said"), [("nowhere", "no folder"), (".", "no .yaml file")])
def test_nothing_to_check_is_an_error(shop: int, tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        check(tmp_path / name)


def test_unknown_property_is_an_error(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no property engines/shop"):
        check(write(tmp_path, "{}"))
