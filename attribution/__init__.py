"""The attribution engine: every formula as values and functions, without framework, input or output."""

from attribution.array_credit import credit_arrays
from attribution.arrays import BadArraysError, JourneyArrays
from attribution.building import GoalRule, build_journeys
from attribution.channel_rules import (
    CHANNEL_RULE_FIELDS,
    CHANNEL_RULE_OPERATORS,
    LONGEST_CHANNEL,
    LONGEST_TEXT,
    MOST_CHANNEL_RULES,
    BadChannelRuleError,
    ChannelCondition,
    ChannelRule,
    ChannelRules,
    ruled_channel,
    with_ruled_channels,
)
from attribution.channels import PAID_CHANNELS, Channel, classify_channel
from attribution.click_ids import CLICK_IDS
from attribution.credit import BASELINE, Credit, CreditNotConservedError, check_conserved, credit
from attribution.decision_values import (
    DECISION_SENTENCES,
    BadDecisionRulesError,
    Contender,
    Decision,
    DecisionRules,
    Evidence,
    Judged,
    Opening,
    decision_text,
)
from attribution.decisions import CreditedRow, credited_rows, decide
from attribution.events import Event
from attribution.explain import SENTENCES, Explanation, TouchExplanation, explain
from attribution.feature_blocks import feature_block
from attribution.fits import CannotTellError, ChannelFit, Fit
from attribution.histories import BadHistoryError, History, paths_of
from attribution.history_arrays import HistoryArrays
from attribution.identity import Alias, Link, persons_of_events, resolve_persons
from attribution.intervals import REPLICATES
from attribution.journeys import (
    WIDEST_LOOKBACK,
    BadLookbackError,
    Conversion,
    Journey,
    LookbackOverride,
    Lookbacks,
    NaiveInstantError,
    TouchKind,
    Touchpoint,
    UnknownTouchKindError,
    age_ms,
    in_touch_order,
    milliseconds,
)
from attribution.methods import LEARNED, METHODS, LearnedMethod, Method
from attribution.methods.incremental import fit_incremental
from attribution.methods.markov import fit_markov
from attribution.methods.shapley import fit_shapley
from attribution.money import BadAmountError, BadSharesError, minor_digits, split_money
from attribution.moves import UNATTRIBUTED, moved_shares, shares_by_channel
from attribution.paths import GROUPS, Path, PathArrays, group_of
from attribution.pausing import interrupted_by
from attribution.reasons import UnattributedReason, unattributed_reason
from attribution.referrer_exclusions import DEFAULT_REFERRER_EXCLUSIONS
from attribution.sources import DIRECT, TrafficSource, traffic_source
from attribution.spec import (
    NON_DIRECT,
    PAID_CLICK,
    REPEATS,
    BadSpecError,
    Custom,
    Decay,
    Effect,
    Equal,
    Intensity,
    Learned,
    MethodSpec,
    Preference,
    Repeats,
    Shares,
)
from attribution.statistics import KERNELS, CoalitionCounts, Family, FeatureBlock, Kernel, Tally, TransitionCounts
from attribution.visits import ACTIVITY_KINDS, OPENING_KINDS, VISIT_GAP, touchpoints_of

__all__ = [
    "ACTIVITY_KINDS",
    "BASELINE",
    "CHANNEL_RULE_FIELDS",
    "CHANNEL_RULE_OPERATORS",
    "CLICK_IDS",
    "DECISION_SENTENCES",
    "DEFAULT_REFERRER_EXCLUSIONS",
    "DIRECT",
    "GROUPS",
    "KERNELS",
    "LEARNED",
    "LONGEST_CHANNEL",
    "LONGEST_TEXT",
    "METHODS",
    "MOST_CHANNEL_RULES",
    "NON_DIRECT",
    "OPENING_KINDS",
    "PAID_CHANNELS",
    "PAID_CLICK",
    "REPEATS",
    "REPLICATES",
    "SENTENCES",
    "UNATTRIBUTED",
    "VISIT_GAP",
    "WIDEST_LOOKBACK",
    "Alias",
    "BadAmountError",
    "BadArraysError",
    "BadChannelRuleError",
    "BadDecisionRulesError",
    "BadHistoryError",
    "BadLookbackError",
    "BadSharesError",
    "BadSpecError",
    "CannotTellError",
    "Channel",
    "ChannelCondition",
    "ChannelFit",
    "ChannelRule",
    "ChannelRules",
    "CoalitionCounts",
    "Contender",
    "Conversion",
    "Credit",
    "CreditNotConservedError",
    "CreditedRow",
    "Custom",
    "Decay",
    "Decision",
    "DecisionRules",
    "Effect",
    "Equal",
    "Event",
    "Evidence",
    "Explanation",
    "Family",
    "FeatureBlock",
    "Fit",
    "GoalRule",
    "History",
    "HistoryArrays",
    "Intensity",
    "Journey",
    "JourneyArrays",
    "Judged",
    "Kernel",
    "Learned",
    "LearnedMethod",
    "Link",
    "LookbackOverride",
    "Lookbacks",
    "Method",
    "MethodSpec",
    "NaiveInstantError",
    "Opening",
    "Path",
    "PathArrays",
    "Preference",
    "Repeats",
    "Shares",
    "Tally",
    "TouchExplanation",
    "TouchKind",
    "Touchpoint",
    "TrafficSource",
    "TransitionCounts",
    "UnattributedReason",
    "UnknownTouchKindError",
    "age_ms",
    "build_journeys",
    "check_conserved",
    "classify_channel",
    "credit",
    "credit_arrays",
    "credited_rows",
    "decide",
    "decision_text",
    "explain",
    "feature_block",
    "fit_incremental",
    "fit_markov",
    "fit_shapley",
    "group_of",
    "in_touch_order",
    "interrupted_by",
    "milliseconds",
    "minor_digits",
    "moved_shares",
    "paths_of",
    "persons_of_events",
    "resolve_persons",
    "ruled_channel",
    "shares_by_channel",
    "split_money",
    "touchpoints_of",
    "traffic_source",
    "unattributed_reason",
    "with_ruled_channels",
]
