"""The attribution engine: every formula as values and functions, without framework, input or output."""

from attribution.channels import PAID_CHANNELS, Channel, classify_channel
from attribution.click_ids import CLICK_IDS
from attribution.identity import Alias, Link, resolve_persons
from attribution.journeys import (
    WIDEST_LOOKBACK,
    Conversion,
    Journey,
    Lookbacks,
    TouchKind,
    Touchpoint,
    age_ms,
    in_touch_order,
    milliseconds,
)
from attribution.methods import METHODS, Method
from attribution.money import minor_digits, split_money
from attribution.referrer_exclusions import DEFAULT_REFERRER_EXCLUSIONS
from attribution.sources import DIRECT, TrafficSource, traffic_source
from attribution.spec import NON_DIRECT, PAID_CLICK, Custom, Decay, Equal, MethodSpec, Preference, Shares

__all__ = [
    "CLICK_IDS",
    "DEFAULT_REFERRER_EXCLUSIONS",
    "DIRECT",
    "METHODS",
    "NON_DIRECT",
    "PAID_CHANNELS",
    "PAID_CLICK",
    "WIDEST_LOOKBACK",
    "Alias",
    "Channel",
    "Conversion",
    "Custom",
    "Decay",
    "Equal",
    "Journey",
    "Link",
    "Lookbacks",
    "Method",
    "MethodSpec",
    "Preference",
    "Shares",
    "TouchKind",
    "Touchpoint",
    "TrafficSource",
    "age_ms",
    "classify_channel",
    "in_touch_order",
    "milliseconds",
    "minor_digits",
    "resolve_persons",
    "split_money",
    "traffic_source",
]
