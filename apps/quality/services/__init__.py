"""What people and the clock do about the quality of data."""

from apps.quality.services.breaches import note_breaches, read_breaches, see_breach, tell_breaches
from apps.quality.services.comparing import compare_expectations
from apps.quality.services.deleting import delete_property
from apps.quality.services.expectations import (
    archive_expectation,
    change_expectation,
    create_expectation,
    exchange_expectations,
    restore_expectation,
)
from apps.quality.services.fixing import add_fix, change_fix, remove_fix, switch_fix
from apps.quality.services.learning import KINDS as LEARNED_KINDS
from apps.quality.services.learning import accept_schema, learn_schemas
from apps.quality.services.releasing import (
    NothingWaits,
    ReleaseOver,
    ask_release,
    end_lost_releases,
    pretty,
    preview_fix,
    run_release,
    take_back,
)
from apps.quality.services.watching import watch_streams

__all__ = [
    "LEARNED_KINDS",
    "NothingWaits",
    "ReleaseOver",
    "accept_schema",
    "add_fix",
    "archive_expectation",
    "ask_release",
    "change_expectation",
    "change_fix",
    "compare_expectations",
    "create_expectation",
    "delete_property",
    "end_lost_releases",
    "exchange_expectations",
    "learn_schemas",
    "note_breaches",
    "pretty",
    "preview_fix",
    "read_breaches",
    "remove_fix",
    "restore_expectation",
    "run_release",
    "see_breach",
    "switch_fix",
    "take_back",
    "tell_breaches",
    "watch_streams",
]
