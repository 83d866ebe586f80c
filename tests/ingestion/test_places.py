"""The country of an address, in whatever form proxies and clients write it."""

import pytest
from django.test import RequestFactory, override_settings

from apps.ingestion.domain import places
from apps.ingestion.rest import senders

GERMAN, SIX = "5.1.83.46", "2a02:8109::1"


@pytest.mark.parametrize(
    "said",
    [
        GERMAN,
        f" {GERMAN} ",
        f"{GERMAN}:51234",
        f"::ffff:{GERMAN}",
        f"::FFFF:{GERMAN}",
        "::ffff:501:532e",
        f"0:0:0:0:0:ffff:{GERMAN}",
        f"[::ffff:{GERMAN}]:443",
        SIX,
        SIX.upper(),
        f"{SIX}%eth0",
        f"[{SIX}]",
        f"[{SIX}]:443",
    ],
)
def test_every_form_of_an_address_is_in_the_same_country(said: str) -> None:
    assert places.country_of(said) == "DE"


@pytest.mark.parametrize(
    "said", ["", "unknown", "10.0.0.1", "::1", f"{GERMAN}:x", "[]", "[", f"{GERMAN}/24", "9" * 500, "é"]
)
def test_what_names_no_place_is_in_no_country(said: str) -> None:
    assert places.country_of(said) == ""


@pytest.mark.parametrize("named", [f"{GERMAN}:51234", f"1.2.3.4, {GERMAN}:51234"])
@override_settings(INGESTION_TRUSTED_PROXIES=1)
def test_proxy_that_names_a_port_names_the_same_machine_each_time(named: str) -> None:
    """Gateways write the port of each connection, and two clicks of one machine came from two."""
    assert senders.address(RequestFactory().get("/", HTTP_X_FORWARDED_FOR=named)) == GERMAN
