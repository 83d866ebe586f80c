"""Chooses the real adapters from the settings."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial, wraps
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.core.cache import close_caches
from django.core.exceptions import ObjectDoesNotExist
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
    reset_queries,
)
from django.utils import timezone

import attribution as engine
from apps.compliance.api import DEFAULT_RULES, Consent, ConsentRules
from apps.ingestion import queries
from apps.ingestion.adapters.bounded import Bounded
from apps.ingestion.adapters.clickhouse_events import ClickhouseEvents
from apps.ingestion.adapters.insert_turns import InTurn
from apps.ingestion.adapters.remembered import Remembered
from apps.ingestion.adapters.valkey_answers import ValkeyAnswers
from apps.ingestion.adapters.valkey_buckets import ValkeyBuckets
from apps.ingestion.adapters.valkey_log import ValkeyLog
from apps.ingestion.adapters.valkey_marks import ValkeyMarks
from apps.ingestion.adapters.valkey_notes import ValkeyNotes
from apps.ingestion.domain import native
from apps.ingestion.domain.app_files import AppFiles
from apps.ingestion.domain.deliveries import Delivery
from apps.ingestion.domain.events import SENDABLE_KINDS, Surroundings
from apps.ingestion.domain.limits import Limit
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.domain.ports import ConsentMemory, EventLog, EventLogReader, EventStore
from apps.ingestion.services import (
    Answer,
    ForeignProperty,
    Heard,
    Kept,
    PropertyGone,
    Records,
    Replayed,
    RequestMemory,
    Sender,
    accept,
    keep_consents,
    replay_events,
)
from apps.orgs import api as orgs
from apps.shared import regions
from apps.shared.health import stores as health

if TYPE_CHECKING:
    from apps.ingestion.adapters.kafka_log import KafkaLog

# How long a new key, a closed stream or a changed rule may go unnoticed at the door.
_SECONDS = 5.0
# How long PostgreSQL may take to answer the door.
_PATIENCE = 1.5
Key = TypeVar("Key")
Value = TypeVar("Value")
SOURCE_DOWN = (DatabaseError, InterfaceError)


@cache
def event_log(region: str = "") -> EventLog:
    """Return the event log of a region. Raises what `regions.stores` raises."""
    url = regions.stores(region).event_log_url
    return _kafka_log(url) if _is_kafka(url) else ValkeyLog(url)


def event_log_reader(region: str = "") -> EventLogReader:
    """Return a reader of a region's event log, for a process that writes."""
    url = regions.stores(region).event_log_url
    return _kafka_log(url) if _is_kafka(url) else ValkeyLog(url, is_reader=True)


def watch_kafka() -> None:
    """Let `/ready` ask a cluster, where it would ask Valkey."""
    for region in regions.served():
        url = regions.stores(region).event_log_url
        if _is_kafka(url):
            from apps.ingestion.adapters.kafka_log import KafkaLog  # megabytes that a log on Valkey has no use for

            health.STORES[health.named("event_log", region)] = KafkaLog(url, timeout=1.5).ask


def _is_kafka(url: str) -> bool:
    return url.startswith("kafka://")


def _kafka_log(url: str) -> "KafkaLog":
    from apps.ingestion.adapters.kafka_log import KafkaLog

    return KafkaLog(url)


@cache
def event_store(region: str = "") -> ClickhouseEvents:
    """Return the store of a region's events."""
    return ClickhouseEvents(region)


def writers_store(region: str = "") -> EventStore:
    """Return the store as a writer fills it: where there may be several, they insert in turn."""
    store = event_store(region)
    return InTurn(store, region) if _is_kafka(regions.stores(region).event_log_url) else store


@cache
def stream_of() -> "Remembered[str, orgs.StreamInfo | None]":
    """Return the lookup from a write key to its stream."""
    return Remembered(_afresh(_opened), seconds=_SECONDS, failures=SOURCE_DOWN)


def _opened(write_key: str) -> orgs.StreamInfo | None:
    """Look a write key up, and note that it was used; a note that cannot be made closes no door."""
    stream = orgs.stream_by_write_key(write_key)
    if stream is not None:
        with suppress(*SOURCE_DOWN):
            orgs.note_use(write_key, now=timezone.now())
    return stream


@cache
def public_key_of() -> "Remembered[str, orgs.PublicKeyInfo | None]":
    """Return the lookup from the name of a public key to the key."""
    return Remembered(_afresh(orgs.public_key_by_id), seconds=_SECONDS, failures=SOURCE_DOWN)


def note_public_key(key_id: str) -> None:
    """Note that a key got a token; a note that cannot be made keeps nobody from it."""
    with suppress(*SOURCE_DOWN):
        _within_bounds(partial(orgs.note_public_key, now=timezone.now()), key_id)


@cache
def link_of() -> "Remembered[str, LinkInfo | None]":
    """Return the lookup from a slug to its link."""
    return Remembered(_afresh(queries.link_by_slug), seconds=_SECONDS, failures=SOURCE_DOWN)


@cache
def limit_of() -> "Remembered[int, Limit | None]":
    """Return the lookup of how much a stream may send."""
    return Remembered(_afresh(_limit_of), seconds=_SECONDS, failures=SOURCE_DOWN)


def _limit_of(stream_id: int) -> Limit | None:
    everybody = settings.INGESTION_EVENTS_PER_SECOND
    return queries.limit_of(stream_id) or (Limit(everybody, everybody) if everybody else None)


@cache
def buckets(region: str = "") -> ValkeyBuckets:
    """Return the buckets of tokens, shared by every process of the door in a region."""
    return ValkeyBuckets(regions.stores(region).redis_url, prefix=settings.CACHES["default"]["KEY_PREFIX"])


@cache
def marks(region: str = "") -> ValkeyMarks:
    """Return the marks of clicks, shared by every process of the door in a region."""
    return ValkeyMarks(regions.stores(region).redis_url, prefix=settings.CACHES["default"]["KEY_PREFIX"])


@cache
def notes(region: str = "") -> ValkeyNotes:
    """Return the notes of calls that were not taken, shared by the door and the pages of a region."""
    return ValkeyNotes(regions.stores(region).redis_url, prefix=settings.CACHES["default"]["KEY_PREFIX"])


def key_of_notes(property_id: int) -> bytes:
    """Return what digests the message ids of a property in its notes."""
    return f"{settings.SECRET_KEY}:turned-away:{property_id}".encode()


def assertions() -> ValkeyMarks:
    """Return the memory of the assertions that clients have shown: nobody's data, so it is the installation's."""
    return ValkeyMarks(settings.REDIS_URL, prefix=settings.CACHES["default"]["KEY_PREFIX"])


@cache
def app_files_of() -> "Remembered[str, AppFiles | None]":
    """Return the lookup of a domain's apps."""
    return Remembered(_afresh(queries.app_files), seconds=_SECONDS, failures=SOURCE_DOWN)


@cache
def kept_answers(region: str = "") -> ValkeyAnswers:
    """Return the first answers to requests that may be repeated."""
    return ValkeyAnswers(regions.stores(region).redis_url, prefix=settings.CACHES["default"]["KEY_PREFIX"])


@cache
def consent_rules_of() -> "Remembered[int, ConsentRules]":
    """Return the lookup of what a property asks of people."""
    return Remembered(_afresh(queries.consent_rules), seconds=_SECONDS, failures=SOURCE_DOWN)


@cache
def _remembers_consent() -> "Remembered[int, bool]":
    # Shortly: from the first refusal on, every process must look.
    return Remembered(_afresh(queries.remembers_consent), seconds=0.5, failures=SOURCE_DOWN)


def consent_memory(property_id: int, rules: ConsentRules) -> RequestMemory:
    """Return the memory of one request."""
    return RequestMemory(
        _consent_records(),
        property_id,
        is_in_use=_remembers_consent()(property_id),
        keeps_agreement=rules.asks_somewhere,
    )


@cache
def _consent_records() -> Records:
    return Records(_ask_consents, _keep_consents, settings.SECRET_KEY.encode())


def _keep_consents(property_id: int, states: Mapping[int, Consent]) -> None:
    _within_bounds(keep_consents, property_id, states)
    _remembers_consent().forget()


def _ask_consents(property_id: int, keys: set[int]) -> dict[int, Consent]:
    return _within_bounds(queries.remembered_consents, property_id, keys)


@cache
def property_of() -> "Remembered[int, orgs.PropertyInfo]":
    """Return the lookup of a property by its id."""
    return Remembered(_afresh(orgs.property_by_id), seconds=_SECONDS, failures=SOURCE_DOWN)


def own_click_ids(property_id: int) -> list[str]:
    """Return the names of a property's own click ids; none while they cannot be looked up."""
    try:
        return [name for name, _source, _medium in property_of()(property_id).rules.click_ids]
    except (*SOURCE_DOWN, ObjectDoesNotExist):
        return []


def remembered(ask: "Callable[[Key], Value]") -> "Remembered[Key, Value]":
    """Return *ask*, which asks PostgreSQL, with answers that are good for some seconds, and longer while it is down."""
    return Remembered(_afresh(ask), seconds=_SECONDS, failures=SOURCE_DOWN)


def replay(info: orgs.PropertyInfo, kept: Sequence[Kept], *, stream_kinds: Mapping[int, str]) -> list[Replayed]:
    """Send what was kept back through the door again. Raises LogUnavailable, or an error of PostgreSQL."""
    consent = consent_rules_of()(info.id)
    memory = Heard(consent_memory(info.id, consent))
    return replay_events(
        kept,
        surroundings_of=lambda one: surroundings(
            info,
            one.stream_id,
            stream_kinds.get(one.stream_id, "web"),
            user_agent=one.user_agent,
            country=one.country,
            consent=consent,
            memory=memory,
        ),
        memory=memory,
        log=event_log(),
    )


def take_in(info: orgs.PropertyInfo, events: Sequence[bytes], *, stream_id: int, stream_kind: str) -> list[Answer]:
    """Take *events* as the door takes them, clicks and impressions among them. Raises as `accept` does."""
    consent = consent_rules_of()(info.id)
    memory = consent_memory(info.id, consent)
    about = surroundings(info, stream_id, stream_kind, consent=consent, memory=memory)
    return accept(
        events,
        kind="",
        sender=Sender(about, time.time_ns() // 1_000_000, region=info.region),
        batch_sent_at=None,
        largest=settings.INGESTION_MAX_EVENT_BYTES,
        new_id=lambda: str(uuid.uuid4()),
        log=event_log(info.region),
        kinds=SENDABLE_KINDS | native.KINDS,
    )


def leave_requests_alone() -> None:
    """Stop looking after connections before and after every request: `collect` seldom asks, and looks then."""
    for signal, listener in (
        (request_started, reset_queries),
        (request_started, close_old_connections),
        (request_finished, close_old_connections),
        (request_finished, close_caches),
        (request_finished, reset_urlconf),
    ):
        signal.disconnect(listener)


def _afresh(ask: Callable[[Key], Value]) -> Callable[[Key], Value]:
    """Return *ask* within bounds, for a lookup."""
    return wraps(ask)(partial(_within_bounds, ask))


@cache
def _bounded() -> Bounded:
    return Bounded(OperationalError, seconds=_PATIENCE)


def _within_bounds(ask: Callable[..., Value], *arguments: object) -> Value:
    """Ask PostgreSQL, which may hang; inside a transaction, on its own connection, where only tests are."""
    if connection.in_atomic_block:
        return ask(*arguments)
    return _bounded()(_on_a_good_connection, ask, *arguments)


def _on_a_good_connection(ask: Callable[..., Value], *arguments: object) -> Value:
    for one in connections.all(initialized_only=True):  # beside the installation's, a region may have its own
        one.close_if_unusable_or_obsolete()
    return ask(*arguments)


def rules_of(delivery: Delivery, *, region: str = "") -> Surroundings:
    """Return what the steps of the writer of *region* need to know about *delivery*.

    Raises PropertyGone or ForeignProperty.
    """
    try:
        info = property_of()(delivery.property_id)
    except ObjectDoesNotExist:
        raise PropertyGone(f"The property {delivery.property_id} does not exist.") from None
    if info.region != region:
        raise ForeignProperty(f"The property {info.id} belongs to the region {info.region}, this log to {region}.")
    return surroundings(info, delivery.stream_id, delivery.stream_kind, user_agent=delivery.user_agent)


def importer(info: orgs.PropertyInfo, stream_id: int) -> Sender:
    """Return who sends the events of a file."""
    about = surroundings(info, stream_id, "server", consent=consent_rules_of()(info.id))
    largest = settings.INGESTION_MAX_EVENT_BYTES
    return Sender(about, time.time_ns() // 1_000_000, region=info.region, largest=largest)


def surroundings(
    info: orgs.PropertyInfo,
    stream_id: int,
    stream_kind: str,
    *,
    user_agent: str = "",
    country: str = "",
    consent: ConsentRules = DEFAULT_RULES,
    sends_signal: bool = False,
    memory: ConsentMemory | None = None,
) -> Surroundings:
    """Return what the steps know beside an event of *info*."""
    return Surroundings(
        property_id=info.id,
        stream_id=stream_id,
        stream_kind=stream_kind,
        currency=info.currency,
        own_domains=_domains(info.rules.own_domains),
        referrer_exclusions=_exclusions(info.rules.referrer_exclusions),
        click_ids=info.rules.click_ids,
        user_agent=user_agent,
        country=country,
        time_zone=info.time_zone,
        consent=consent,
        sends_signal=sends_signal,
        memory=memory,
        asks_nobody=not consent.asks_somewhere and not (sends_signal and consent.hears_signal),
    )


# Remembered, so that steps which remember by these sets meet the same object again, not an equal one to compare.
@cache
def _exclusions(names: tuple[str, ...]) -> frozenset[str]:
    return engine.DEFAULT_REFERRER_EXCLUSIONS | _domains(names)


@cache
def _domains(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in names)
