"""Where a touch came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import attribution as engine

PAGE = "https://www.shop.example/shoes"


@pytest.mark.parametrize(
    ("url", "referrer", "source", "medium"),
    [
        (PAGE, "", "(direct)", "(none)"),
        ("", "", "(direct)", "(none)"),
        (PAGE + "?utm_source=News&utm_medium=email", "https://www.google.com/", "News", "email"),
        (PAGE + "?UTM_Source=News", "", "News", "(not set)"),
        (PAGE + "?utm_source=%00Ne%00ws&utm_medium=%00", "", "News", "(not set)"),
        (PAGE + "?utm_campaign=spring", "", "(not set)", "(not set)"),
        (PAGE + "?gclid=x", "https://www.google.com/", "google", "cpc"),
        (PAGE + "?utm_source=partner&gclid=x", "", "partner", "cpc"),
        (PAGE + "?fbclid=x", "", "facebook", "social"),
        (PAGE + "?yclid=5", "https://yandex.ru/", "yandex", "cpc"),
        (PAGE + "?gclid=&utm_source=", "", "(direct)", "(none)"),
        (PAGE + "#utm_source=app&utm_medium=push", "", "app", "push"),
        (PAGE + "?utm_term=shoes", "", "(direct)", "(none)"),
        (PAGE, "https://www.google.de/", "google", "organic"),
        (PAGE, "https://yandex.ru/search?text=x", "yandex", "organic"),
        (PAGE, "https://ya.ru/", "yandex", "organic"),
        (PAGE, "https://go.mail.ru/search", "mail.ru", "organic"),
        (PAGE, "android-app://com.google.android.googlequicksearchbox/", "google", "organic"),
        (PAGE, "https://l.facebook.com/l.php", "facebook", "social"),
        (PAGE, "https://away.vk.com/away.php", "vk", "social"),
        (PAGE, "https://t.co/abc", "twitter", "social"),
        (PAGE, "https://www.youtube.com/watch", "youtube.com", "referral"),
        (PAGE, "https://Blog.Example:8080/post", "blog.example", "referral"),
        (PAGE, "https://docs.google.com/document", "docs.google.com", "referral"),
        (PAGE, "https://google.com.evil.example/", "google.com.evil.example", "referral"),
        (PAGE, "https://notfacebook.com/", "notfacebook.com", "referral"),
        (PAGE, "https://facebook.com@evil.example/", "evil.example", "referral"),
    ],
)
def test_source_by_utm_then_click_id_then_referrer(url: str, referrer: str, source: str, medium: str) -> None:
    found = engine.traffic_source(url=url, referrer=referrer)

    assert (found.source, found.medium) == (source, medium)
    assert found.has_source == (source != "(direct)")


@pytest.mark.parametrize(
    "referrer",
    [
        "https://www.paypal.com/checkout",
        "https://checkout.stripe.com/pay",
        "https://accounts.google.com/o/oauth2",
        "https://login.microsoftonline.com/",
        "https://yookassa.ru/payments",
        "https://oauth.yandex.ru/",
        "https://shop.example/basket",
        "https://help.own.example/",
        "about:blank",
        "not an address at all",
        "https://",
    ],
)
def test_payment_login_and_own_pages_never_become_a_source(referrer: str) -> None:
    found = engine.traffic_source(url=PAGE, referrer=referrer, own_domains=frozenset({"own.example"}))

    assert found == engine.DIRECT


@pytest.mark.parametrize(
    ("page", "referrer", "has_source"),
    [
        ("https://www.shop.example/", "https://m.shop.example/", False),
        ("https://shop.example/", "https://pay.shop.example:8443/", False),
        ("https://pay.shop.example/", "https://shop.example/", False),
        ("https://a.pages.example/", "https://b.pages.example/", True),
        ("https://myshop.example/", "https://shop.example/", True),
        ("https://shop.example/", "https://myshop.example/", True),
        ("https://sites.google.com/view/x", "https://www.google.com/", True),
        ("/cart", "https://shop.example/", True),
        ("https:///cart", "https://shop.example/", True),
    ],
)
def test_hosts_below_and_above_the_page_are_its_own(page: str, referrer: str, has_source: bool) -> None:
    assert engine.traffic_source(url=page, referrer=referrer).has_source == has_source


def test_another_exclusion_list_replaces_the_default() -> None:
    found = engine.traffic_source(referrer="https://paypal.com/", referrer_exclusions=frozenset({"bank.example"}))

    assert (found.source, found.medium) == ("paypal.com", "referral")


def test_all_parts_are_decoded_and_kept() -> None:
    query = "utm_source=a&utm_medium=b&utm_campaign=Brand%20%C3%A9t%C3%A9+1&utm_term=t&utm_content=c&gclid=G-1"

    found = engine.traffic_source(url=f"{PAGE}?x=1&{query}", referrer="https://www.google.com/")

    assert found == ("a", "b", "Brand été 1", "t", "c", "gclid", "G-1", "www.google.com", True)


def test_of_several_click_ids_the_most_telling_is_kept() -> None:
    found = engine.traffic_source(url=PAGE + "?fbclid=f&gclid=g")

    assert (found.click_id_kind, found.click_id) == ("gclid", "g")


def test_what_the_client_states_wins_field_by_field() -> None:
    stated = {"name": "launch", "source": "partner"}

    found = engine.traffic_source(url=PAGE + "?utm_source=x&utm_medium=email", stated=stated)

    assert (found.source, found.medium, found.campaign) == ("partner", "email", "launch")


@given(st.text(), st.text(), st.dictionaries(st.sampled_from(["source", "name", "x"]), st.text()))
def test_no_text_raises_and_every_answer_has_a_channel(url: str, referrer: str, stated: dict[str, str]) -> None:
    """R11."""
    for address in (url, f"{PAGE}?{url}", f"{PAGE}?utm_source={url}&gclid={referrer}"):
        found = engine.traffic_source(url=address, referrer=referrer, stated=stated)

        assert found.source
        assert found.medium
        assert engine.classify_channel(source=found.source, medium=found.medium, campaign=found.campaign) in set(
            engine.Channel
        )


@pytest.mark.parametrize("text", ["&" * 1_000_000, "=" * 1_000_000, "@" * 1_000_000, "a." * 500_000, "/?#" * 300_000])
def test_absurd_lengths_are_read_to_their_limit(text: str) -> None:
    found = engine.traffic_source(url=f"https://a.example/?{text}", referrer=f"https://{text}")

    assert found.medium in {"(none)", "referral"}


def test_own_click_id_speaks_before_the_table_and_in_the_place_of_its_line() -> None:
    own = (("netclid", "adnet", "cpc"), ("fbclid", "meta", "paid"))

    both = engine.traffic_source(url="https://a.example/?gclid=g&NETCLID=n", own_click_ids=own)
    line = engine.traffic_source(url="https://a.example/?fbclid=f", own_click_ids=own)
    tagged = engine.traffic_source(url="https://a.example/?netclid=n&utm_source=news", own_click_ids=own)

    assert (both.source, both.medium, both.click_id_kind, both.click_id) == ("adnet", "cpc", "netclid", "n")
    assert (line.source, line.medium) == ("meta", "paid")
    assert (tagged.source, tagged.medium) == ("news", "cpc")
    assert not engine.traffic_source(url="https://a.example/?netclid=n").has_source


@pytest.mark.parametrize(
    "own",
    [{"utm_x": ("a", "b")}, {"a b": ("a", "b")}, {"x": ("a", "b")}, {"clid": ("", "b")}, {"clid": ("a" * 61, "b")}],
)
def test_click_ids_that_make_no_sense_are_refused(own: dict[str, tuple[str, str]]) -> None:
    """R11."""
    with pytest.raises(engine.BadClickIdError):
        engine.checked_click_ids(own)
