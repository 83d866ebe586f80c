"""The attribution engine: every formula as values and functions, without framework, input or output."""

from attribution.array_credit import credit_arrays
from attribution.arrays import BadArraysError, JourneyArrays
from attribution.building import GoalRule, build_journeys
from attribution.channels import PAID_CHANNELS, Channel, classify_channel
from attribution.click_ids import CLICK_IDS
from attribution.credit import Credit, CreditNotConservedError, check_conserved, credit
from attribution.events import Event
from attribution.explain import SENTENCES, Explanation, TouchExplanation, explain
from attribution.identity import Alias, Link, persons_of_events, resolve_persons
from attribution.journeys import (
    WIDEST_LOOKBACK,
    BadLookbackError,
    Conversion,
    Journey,
    Lookbacks,
    NaiveInstantError,
    TouchKind,
    Touchpoint,
    UnknownTouchKindError,
    age_ms,
    in_touch_order,
    milliseconds,
)
from attribution.methods import METHODS, Method
from attribution.money import BadAmountError, BadSharesError, minor_digits, split_money
from attribution.reasons import UnattributedReason, unattributed_reason
from attribution.referrer_exclusions import DEFAULT_REFERRER_EXCLUSIONS
from attribution.sources import DIRECT, TrafficSource, traffic_source
from attribution.spec import NON_DIRECT, PAID_CLICK, BadSpecError, Custom, Decay, Equal, MethodSpec, Preference, Shares
from attribution.visits import ACTIVITY_KINDS, OPENING_KINDS, VISIT_GAP, touchpoints_of

__all__ = [
    "ACTIVITY_KINDS",
    "CLICK_IDS",
    "DEFAULT_REFERRER_EXCLUSIONS",
    "DIRECT",
    "METHODS",
    "NON_DIRECT",
    "OPENING_KINDS",
    "PAID_CHANNELS",
    "PAID_CLICK",
    "SENTENCES",
    "VISIT_GAP",
    "WIDEST_LOOKBACK",
    "Alias",
    "BadAmountError",
    "BadArraysError",
    "BadLookbackError",
    "BadSharesError",
    "BadSpecError",
    "Channel",
    "Conversion",
    "Credit",
    "CreditNotConservedError",
    "Custom",
    "Decay",
    "Equal",
    "Event",
    "Explanation",
    "GoalRule",
    "Journey",
    "JourneyArrays",
    "Link",
    "Lookbacks",
    "Method",
    "MethodSpec",
    "NaiveInstantError",
    "Preference",
    "Shares",
    "TouchExplanation",
    "TouchKind",
    "Touchpoint",
    "TrafficSource",
    "UnattributedReason",
    "UnknownTouchKindError",
    "age_ms",
    "build_journeys",
    "check_conserved",
    "classify_channel",
    "credit",
    "credit_arrays",
    "explain",
    "in_touch_order",
    "milliseconds",
    "minor_digits",
    "persons_of_events",
    "resolve_persons",
    "split_money",
    "touchpoints_of",
    "traffic_source",
    "unattributed_reason",
]
